"""Write the documentation pages of the providers from their profiles.

``python scripts/provider_pages.py`` writes ``docs/providers/<id>.md`` in English and ``docs/zh/providers/<id>.md`` in
Chinese, with an overview beside them, and deletes pages of providers that are gone. ``--check`` writes nothing and
fails when a page is not what its profile says.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from llm_codemods import profile as profiles
from llm_codemods.profile import Profile, Row, Source
from llm_migrate import language
from llm_migrate.language import say
from llm_migrate.render.contract import CONFIDENCES, STATUSES, Compared, Line, Section, comparison, sections, switches

ROOT = Path(__file__).resolve().parent.parent
OVERVIEW = "README.md"
COMPARED = ("chat.completions", "embeddings", "features", "endpoints")
"""What the overview puts side by side."""


@dataclass(frozen=True, slots=True)
class Edition:
    """The pages in one language: where they lie, and what they say that no command says."""

    language: language.Language
    folder: Path
    other: str
    """The way to the same page in the other language, from the folder."""
    other_name: str
    generated: str
    title: str
    overview: str
    compared: str


EDITIONS = (
    Edition(
        "en",
        ROOT / "docs" / "providers",
        "../zh/providers",
        "中文",
        "Generated from `{file}` by `make provider-pages`; change that file instead.",
        "Providers",
        "What is known of each provider, row by row with its source: a page each. `llm-migrate providers show ID` says "
        "the same in the terminal, `llm-migrate providers compare ID ID…` puts some side by side.",
        "≠ marks rows in which the Chinese providers are not all alike; – means that the provider has no such "
        "endpoint; an empty cell, that its profile does not say.",
    ),
    Edition(
        "zh",
        ROOT / "docs" / "zh" / "providers",
        "../../providers",
        "English",
        "由 `make provider-pages` 根据 `{file}` 生成；请修改该文件。",
        "服务商",
        "每个服务商一页，逐行列出已知内容及其出处。`llm-migrate providers show ID` 在终端显示同样的内容，"
        "`llm-migrate providers compare ID ID…` 将多个服务商并排对比。",
        "≠ 表示各家中国服务商并不一致；– 表示该服务商没有此接口；空格表示服务商档案未说明。",
    ),
)


def pages(edition: Edition, known: Sequence[Profile]) -> Iterator[tuple[Path, str]]:
    """Yield every page of an edition with its text; the language must be in use."""
    for profile in known:
        yield edition.folder / f"{profile.id}.md", "\n".join(provider_page(edition, profile)) + "\n"
    yield edition.folder / OVERVIEW, "\n".join(overview(edition, known)) + "\n"


def provider_page(edition: Edition, profile: Profile) -> Iterator[str]:
    """Yield the lines of one provider's page."""
    file = f"codemods/llm_codemods/providers/{profile.id}.toml"
    yield f"# {say(profile.name)} (`{profile.id}`)"
    yield ""
    yield f"{edition.generated.format(file=file)} [{edition.other_name}]({edition.other}/{profile.id}.md)"
    if profile.partial:
        yield ""
        yield say("This profile is partial: it says what is known.")
    for first, switch in enumerate(switches(profile)):
        if first == 0:
            yield ""
        named = switch[: switch.index("{")]  # the colon has no blank behind it in every language
        yield f"- {named}`{switch.removeprefix(named)}`"
    for section in sections(profile):
        yield ""
        yield f"## {section.title}"
        yield ""
        yield from table(section)
    yield ""
    yield f"## {say('Sources')}"
    yield ""
    for key, source in profile.sources.items():
        yield f'- <a id="{anchor(key)}"></a>**{key}**: {described(source)}'


def table(section: Section) -> Iterator[str]:
    """Yield the lines of a section's table."""
    names = [*section.columns, say("notes"), say("source")]
    yield row(names)
    yield row(["---"] * len(names))
    for line in section.lines:
        yield row([*cells(line), escaped(line.note), origin(line.row)])


def cells(line: Line) -> Iterator[str]:
    """Yield the cells of a line: its first is a name, or several, as code."""
    name, *rest = line.cells
    yield ", ".join(f"`{each}`" for each in name.split(", "))
    yield from map(escaped, rest)


def origin(stated: Row) -> str:
    """Return where a row comes from, with a link to the source."""
    said = say(CONFIDENCES[stated.confidence])
    return f"[{stated.source}](#{anchor(stated.source)}), {stated.checked}, {said}"


def overview(edition: Edition, known: Sequence[Profile]) -> Iterator[str]:
    """Yield the lines of the page that leads to all others, with the most asked put side by side."""
    yield f"# {edition.title}"
    yield ""
    yield f"{edition.overview} [{edition.other_name}]({edition.other}/{OVERVIEW})"
    yield ""
    for profile in known:
        yield f"- [{say(profile.name)}]({profile.id}.md): `{profile.id}`"
    yield ""
    yield edition.compared
    found = comparison(known)
    titles = {"features": say("Features"), "endpoints": say("Endpoints")}
    for key in COMPARED:
        yield ""
        yield f"## {titles.get(key) or say('Parameters of {endpoint}', endpoint=key)}"
        yield ""
        yield row(["", say("name"), *(profile.id for profile in known)])
        yield row(["---"] * (len(known) + 2))
        for line in found[key]:
            yield row([mark(line, known), f"`{line.name}`", *statuses(line)])


def mark(line: Compared, known: Sequence[Profile]) -> str:
    """Return ``≠`` where the providers, OpenAI left aside, are not all alike."""
    own = {status for status, profile in zip(line.statuses, known, strict=True) if profile.id != "openai"}
    return "≠" if len(own) > 1 else ""


def statuses(line: Compared) -> Iterator[str]:
    """Yield the cells of a compared row."""
    for index, status in enumerate(line.statuses):
        if status is None:
            yield ""
        else:
            yield "–" if line.lacking and line.lacking[index] else say(STATUSES[status])


def row(parts: Sequence[str]) -> str:
    """Return a line of a table."""
    return f"| {' | '.join(parts)} |"


def escaped(words: str) -> str:
    """Return words that mean themselves in a table's cell."""
    return re.sub(r"([|\\`*_<>\[\]])", r"\\\1", words)


def anchor(key: str) -> str:
    """Return the name by which a source is linked to."""
    return "source-" + re.sub(r"[^a-z0-9]+", "-", key.lower())


def described(source: Source) -> str:
    """Return what a source is, its title leading there if it has an address."""
    url = source.url
    if url is not None and "://" not in url:
        url = f"https://{url}"
    title = f"[{escaped(source.title)}]({url})" if url else escaped(source.title)
    return f"{title}, {source.date}" if source.date else title


def wanted() -> Mapping[Path, str]:
    """Return every page there should be, with its text."""
    known = [profiles.bundled_profile(id) for id in profiles.bundled()]
    found: dict[Path, str] = {}
    for edition in EDITIONS:
        language.use(edition.language)
        found.update(pages(edition, known))
    language.use(None)
    return found


def stale(texts: Mapping[Path, str]) -> list[Path]:
    """Return the pages that are missing, say something else or should be gone."""
    there = {file for edition in EDITIONS for file in edition.folder.glob("*.md")}
    changed = {file for file, said in texts.items() if not file.is_file() or file.read_text("utf-8") != said}
    return sorted(changed | (there - texts.keys()))


def main() -> int:
    """Write the pages, or say which are stale; return 1 if any is."""
    parser = argparse.ArgumentParser(description="Write the providers' pages.")
    parser.add_argument("--check", action="store_true", help="write nothing; fail if a page is stale")
    check: bool = parser.parse_args().check
    texts = wanted()
    for file in stale(texts):
        if check:
            print(f"stale: {file.relative_to(ROOT)}; run `make provider-pages`")
        elif file in texts:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(texts[file], "utf-8", newline="\n")
        else:
            file.unlink()
    return int(check and bool(stale(texts)))


if __name__ == "__main__":
    sys.exit(main())
