"""The documentation is true: every command in it is run, and says what the page says that it says.

A page is read from top to bottom, in an empty folder. A block with a ``title`` is a file, which is written there. Each
line of a ``sh`` block is a command. A ``text`` or ``diff`` block right behind it is what the last one writes, standard
output before standard error; a line ``…`` in it stands for any lines. ``pytest --bless`` writes such blocks, but those
with ``…``.

A comment of HTML in the line before a block may say more: ``exits 1 0`` (the exit codes of its commands; without it
they are 0), ``in the background`` (it runs to the end of the page; what it writes first is awaited), ``not run: …``
(why not).
"""

from __future__ import annotations

import os
import re
import shlex
import socket
import subprocess
import sysconfig
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest
import tomli

from llm_codemods import profile
from llm_migrate.live.emulator import running
from terminal import IDENTITY, called

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
GENERATED = ("reference/", "zh/reference/", "providers/", "zh/providers/", "gotchas.md", "zh/gotchas.md")
PAGES = sorted(file for file in DOCS.rglob("*.md") if not file.relative_to(DOCS).as_posix().startswith(GENERATED))
READMES = [ROOT / "README.md", ROOT / "README.zh-CN.md"]
MOST_NOT_RUN = 16
"""Commands in both languages that may be left out, each with its reason."""

_BLOCK = re.compile(
    r"(?:^<!-- (?P<comment>[^\n]*) -->\n)?^```(?P<kind>[\w-]+)(?: title=\"(?P<title>[^\"]+)\")?\n(?P<body>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)
_LINK = re.compile(r"(?<!!)\[[^\]\n]*\]\(([^()\s]+)\)")
_SPECIAL = re.compile(r"[|&;<>$`*…]|\A(?!llm-migrate )")


@dataclass(frozen=True)
class Block:
    """A fenced block, and where it stands in its page."""

    comment: str
    kind: str
    title: str | None
    body: str
    start: int
    """Where its body begins."""
    fence: int
    """Where it begins."""
    end: int

    @property
    def commands(self) -> list[str]:
        return [line.partition("  #")[0].strip() for line in self.body.splitlines() if line.strip()]

    @property
    def exits(self) -> list[int]:
        said = self.comment.removeprefix("exits ").split() if self.comment.startswith("exits ") else []
        return [int(code) for code in said] or [0] * len(self.commands)


def blocks(page: str) -> list[Block]:
    return [
        Block(m["comment"] or "", m["kind"], m["title"], m["body"], m.start("body"), m.start(), m.end())
        for m in _BLOCK.finditer(page)
    ]


def language(file: Path) -> str:
    return "zh" if "zh" in re.split(r"[/.-]", file.relative_to(ROOT).as_posix()) else "en"


class Reader:
    """Somebody who follows a page in a folder of his own."""

    def __init__(self, folder: Path, language: str, ended: ExitStack) -> None:
        self.folder = folder
        self.ended = ended
        self.urls: dict[str, str] = {}
        with socket.socket() as any_port:
            any_port.bind(("127.0.0.1", 0))
            self.port = str(any_port.getsockname()[1])
        """It takes the place of 8100, which is somebody's."""
        scripts = sysconfig.get_path("scripts")
        self.environment = {
            "LLM_MIGRATE_LANG": language,
            "COLUMNS": "100",
            "PATH": f"{scripts}{os.pathsep}{os.environ['PATH']}",
            "NO_PROXY": "127.0.0.1,localhost",
        }

    def does(self, command: str) -> tuple[int, str]:
        """Run a command and return its exit code and what it writes."""
        exported = re.fullmatch(r"export (\w+)=(\S+)", command)
        if exported:
            self.environment[exported[1]] = exported[2]
            return 0, ""
        moved = re.fullmatch(r"cd (\S+)", command)
        if moved:
            self.folder = self.folder / moved[1]
            return 0, ""
        command = command.replace("8100", self.port)
        assert not re.match(r"llm-migrate emulate (?!--list)", command), "it does not end: say `in the background`"
        asked = re.search(r"\bcheck --to (\w+)", command)
        if asked and not re.search(r"--(list|base-url|emulator)\b", command):
            command += f" --base-url {self.url(asked[1])}"
        if _SPECIAL.search(command):
            done = subprocess.run(
                ["bash", "-c", command],
                cwd=self.folder,
                env={**os.environ, **IDENTITY, **self.environment},
                stdin=subprocess.DEVNULL,
                capture_output=True,
                check=False,
            )
            return done.returncode, self.told((done.stdout + done.stderr).decode())
        ended = called(self.folder, *shlex.split(command)[1:], env=self.environment)
        return ended.code, self.told(ended.out + ended.err)

    def url(self, to: str) -> str:
        """Return the address of an emulator that stands in for a provider."""
        if to not in self.urls:
            self.urls[to] = self.ended.enter_context(running(profile.bundled_profile(to)))
        return self.urls[to]

    def told(self, output: str) -> str:
        """Return an output as a page has it: with the provider's address in the place of the emulator's."""
        for id, url in self.urls.items():
            region = next(iter(profile.bundled_profile(id).regions.values()))
            output = output.replace(url, region.base_url)
        return re.sub(r"127\.0\.0\.1:\d+", "127.0.0.1:8100", output)

    def begins(self, command: str) -> None:
        """Start a command that runs until the page is read; return when it has written a line."""
        process = subprocess.Popen(
            ["bash", "-c", f"exec {command.replace('8100', self.port)}"],
            cwd=self.folder,
            env={**os.environ, **self.environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        self.ended.callback(process.communicate)
        self.ended.callback(process.terminate)
        assert process.stdout is not None
        assert process.stdout.readline(), command


def outputs(page: str) -> list[tuple[Block, Block]]:
    """Return the blocks of commands whose output the next block shows, each with that."""
    found = blocks(page)
    return [
        (block, following)
        for block, following in pairwise(found)
        if block.kind == "sh"
        and block.title is None
        and following.kind in ("text", "diff")
        and following.title is None
        and not page[block.end : following.fence].strip()
    ]


def is_run(file: Path) -> bool:
    """Whether a page is run: not a twin that shows no output of its own, since its commands are those of the other."""
    return file.relative_to(ROOT).parts[:2] != ("docs", "zh") or bool(outputs(file.read_text("utf-8")))


def matches(wanted: str, said: str) -> bool:
    """Whether an output is the one that a page shows, in which a line ``…`` stands for any."""
    parts = re.split(r"^…\n", wanted.rstrip() + "\n", flags=re.MULTILINE)
    return re.fullmatch(r"(?:.*\n)*".join(map(re.escape, parts)), said.rstrip() + "\n") is not None


RUN = [file for file in [*PAGES, *READMES] if is_run(file)]


@pytest.mark.parametrize("file", RUN, ids=lambda file: file.relative_to(ROOT).as_posix())
def test_a_reader_gets_what_the_page_says(file: Path, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    page = file.read_text("utf-8")
    shows = {block.start: following for block, following in outputs(page)}
    shown: list[tuple[Block, str]] = []
    with ExitStack() as ended:
        reader = Reader(tmp_path, language(file), ended)
        for block in blocks(page):
            if block.title is not None:
                target = reader.folder / block.title
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_text(block.body, "utf-8")
            elif block.kind == "sh" and block.comment == "in the background":
                for command in block.commands:
                    reader.begins(command)
            elif block.kind == "sh" and not block.comment.startswith("not run: "):
                said = ""
                for command, code in zip(block.commands, block.exits, strict=True):
                    ended_with, said = reader.does(command)
                    assert ended_with == code, f"{command}\n{said}"
                if block.start in shows:
                    shown.append((shows[block.start], said))
    if request.config.getoption("--bless"):
        for block, said in reversed(shown):
            if "…\n" not in block.body:
                page = page[: block.start] + said.rstrip() + "\n" + page[block.start + len(block.body) :]
        file.write_text(page, "utf-8", newline="\n")
        return
    for block, said in shown:
        assert matches(block.body, said), said


# What can be said of a page without running it

EVERY = [*sorted(DOCS.rglob("*.md")), *READMES, ROOT / "CONTRIBUTING.md"]


def test_few_commands_are_not_run() -> None:
    left = [
        block for file in [*PAGES, *READMES] for block in blocks(file.read_text("utf-8")) if "not run" in block.comment
    ]
    assert all(re.fullmatch(r"not run: .{5,}", block.comment) for block in left)
    assert sum(len(block.commands) for block in left) <= MOST_NOT_RUN


@pytest.mark.parametrize("file", EVERY, ids=lambda file: file.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(file: Path) -> None:
    for link in _LINK.findall(_BLOCK.sub("", file.read_text("utf-8"))):
        if link.startswith(("http:", "https:", "mailto:")):
            assert re.fullmatch(r"https?://[\w.-]+\.\w+(:\d+)?(/\S*)?", link), link
            continue
        path, _, anchor = link.partition("#")
        target = (file.parent / path).resolve() if path else file
        assert target.exists(), link
        if anchor:
            assert anchor in anchors(target), link


@cache
def anchors(file: Path) -> set[str]:
    """Return what may stand behind ``#``: what a page names so, and its headings."""
    page = file.read_text("utf-8")
    headings = re.findall(r"^#+ (.*)$", _BLOCK.sub("", page), re.MULTILINE)
    slugs = {re.sub(r"[^\w\s-]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}
    return slugs | set(re.findall(r'<a id="([^"]+)">', page))


ENGLISH = [file for file in sorted(DOCS.rglob("*.md")) if file.relative_to(DOCS).parts[0] != "zh"]


def test_every_page_is_there_in_both_languages() -> None:
    chinese = {file.relative_to(DOCS / "zh") for file in (DOCS / "zh").rglob("*.md")}
    assert {file.relative_to(DOCS) for file in ENGLISH} == chinese


@pytest.mark.parametrize("file", ENGLISH, ids=lambda file: file.relative_to(DOCS).as_posix())
def test_a_page_and_its_twin_show_the_same(file: Path) -> None:
    twin = DOCS / "zh" / file.relative_to(DOCS)
    assert in_both(file) == in_both(twin)
    for one, other in ((file, twin), (twin, file)):
        links = {(one.parent / link).resolve() for link in _LINK.findall(one.read_text("utf-8"))}
        assert other.resolve() in links, f"{one} does not lead to {other}"


def in_both(file: Path) -> list[tuple[str, str | None, str]]:
    """Return what the blocks of a page say, but for outputs and comments, which are in a language."""
    return [
        (block.kind, block.title, re.sub(r" +# .*", "", block.body) if block.kind not in ("text", "diff") else "")
        for block in blocks(file.read_text("utf-8"))
    ]


def test_the_site_leads_to_every_page() -> None:
    site = tomli.loads((ROOT / "zensical.toml").read_text("utf-8"))["project"]
    listed = sorted(re.findall(r"'([^']+\.md)'", str(site["nav"])))
    pages = {file.relative_to(DOCS).as_posix() for file in DOCS.rglob("*.md")}
    by_overview = {page for page in pages if re.match(r"(zh/)?providers/(?!README)", page)}
    assert listed == sorted(pages - by_overview)


def test_the_generator_speaks_the_language_of_the_page(tmp_path: Path) -> None:
    pytest.importorskip("zensical", reason="`make docs` installs it")
    settings = tomli.loads((ROOT / "zensical.toml").read_text("utf-8"))["project"]["theme"]
    words = ROOT / settings["custom_dir"]
    for name in ("docs/README.md", "docs/guides/a.md", "docs/zh/README.md", "docs/zh/guides/a.md"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("# x\n", "utf-8")
    (tmp_path / "zensical.toml").write_text(
        '[project]\nsite_name = "x"\nuse_directory_urls = false\n'
        f'[project.theme]\nlanguage = "{settings["language"]}"\ncustom_dir = "{words.as_posix()}"\n',
        "utf-8",
    )
    subprocess.run(
        [f"{sysconfig.get_path('scripts')}/zensical", "build", "--strict"],
        cwd=tmp_path,
        check=True,
        capture_output=True,
    )
    for file in (tmp_path / "site").rglob("*.html"):
        is_chinese = file.relative_to(tmp_path / "site").parts[0] == "zh"
        page = file.read_text("utf-8")
        assert f'<html lang="{"zh" if is_chinese else "en"}"' in page
        assert ("跳转至" in page, "Skip to content" in page) == (is_chinese, not is_chinese)
        assert ("无法复制到剪贴板" in page) == is_chinese
