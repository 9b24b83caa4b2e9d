"""The providers' pages of the documentation say what the profiles say, with the sources."""

from __future__ import annotations

import importlib.util
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from llm_codemods import profile
from llm_codemods.profile import Source
from llm_migrate import language

SCRIPT = Path(__file__).parent.parent / "scripts" / "provider_pages.py"


def load() -> ModuleType:
    spec = importlib.util.spec_from_file_location("provider_pages", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


provider_pages = load()


@pytest.fixture(params=provider_pages.EDITIONS, ids=lambda edition: edition.language)
def edition(request: pytest.FixtureRequest) -> Iterator[Any]:
    language.use(request.param.language)
    yield request.param
    language.use(None)


@pytest.mark.parametrize("id", profile.bundled())
def test_a_page_has_every_row_and_leads_to_its_sources(edition: Any, id: str) -> None:
    known = profile.bundled_profile(id)
    lines = list(provider_pages.provider_page(edition, known))
    rows = [line for line in lines if line.startswith("| `")]
    wanted = [name for table in known.parameters.values() for name in table]
    wanted += [*known.regions, *known.models, *known.roles, *known.endpoints, *known.features]
    wanted += [*known.response, *known.errors]
    told = [line.split("`")[1] for line in rows]
    assert len(rows) == len(wanted) + len(known.mapping) + len(known.instructed)
    assert not set(wanted) - set(told)
    anchors = {match for line in lines for match in re.findall(r'<a id="([^"]*)">', line)}
    links = [re.findall(r"\]\(#([^)]*)\)", line) for line in rows]
    assert all(len(link) == 1 for link in links), "each row names one source"
    assert {link for (link,) in links} == anchors
    assert len(anchors) == len(known.sources)


def test_every_row_of_a_table_has_as_many_cells_as_its_head(edition: Any) -> None:
    for text in dict(provider_pages.pages(edition, [profile.bundled_profile("qwen")])).values():
        width = 0
        for line in text.splitlines():
            cells = len(re.findall(r"(?<!\\)\|", line)) if line.startswith("|") else 0
            assert not (cells and width) or cells == width, line
            width = cells


def test_the_way_to_the_other_language_is_right(edition: Any) -> None:
    (other,) = [each for each in provider_pages.EDITIONS if each.language != edition.language]
    assert (edition.folder / edition.other).resolve() == other.folder


def test_the_overview_marks_what_differs_between_the_others(edition: Any) -> None:
    known = [profile.bundled_profile(id) for id in ("openai", "qwen", "zhipu")]
    lines = list(provider_pages.overview(edition, known))
    marks = {line.split("|")[2].strip(): line.split("|")[1].strip() for line in lines if line.startswith("| ")}
    assert marks["`model`"] == ""
    assert marks["`messages`"] == "", "only OpenAI is otherwise"
    assert marks["`n`"] == "≠"


@pytest.mark.parametrize(
    ("words", "escaped"),
    [("a | b", r"a \| b"), ("<id>", r"\<id\>"), ("qwen-*", r"qwen-\*"), ("[0, 2)", r"\[0, 2)"), ("plain", "plain")],
)
def test_words_mean_themselves(words: str, escaped: str) -> None:
    assert provider_pages.escaped(words) == escaped


@pytest.mark.parametrize(
    ("source", "described"),
    [
        (Source(title="Docs"), "Docs"),
        (Source(title="Docs", date="2026"), "Docs, 2026"),
        (Source(title="Docs", url="acme.cn/docs"), "[Docs](https://acme.cn/docs)"),
        (Source(title="Docs", url="http://acme.cn"), "[Docs](http://acme.cn)"),
    ],
)
def test_a_source_leads_to_its_address(source: Source, described: str) -> None:
    assert provider_pages.described(source) == described


def test_stale_pages_are_those_missing_changed_or_without_a_provider(
    edition: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Here:
        folder = tmp_path

    monkeypatch.setattr(provider_pages, "EDITIONS", (Here,))
    good, changed, missing, gone = (tmp_path / f"{name}.md" for name in ("good", "changed", "missing", "gone"))
    for file in (good, changed, gone):
        file.write_text("old", "utf-8")
    assert provider_pages.stale({good: "old", changed: "new", missing: "new"}) == [changed, gone, missing]


def test_check_writes_nothing_and_fails_where_writing_mends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Here:
        folder = tmp_path / "pages"

    file = Here.folder / "acme.md"
    monkeypatch.setattr(provider_pages, "EDITIONS", (Here,))
    monkeypatch.setattr(provider_pages, "ROOT", tmp_path)
    monkeypatch.setattr(provider_pages, "wanted", lambda: {file: "new\n"})
    monkeypatch.setattr(sys, "argv", ["provider_pages.py", "--check"])
    assert provider_pages.main() == 1
    assert "stale: pages/acme.md" in capsys.readouterr().out.replace("\\", "/")
    assert not file.exists()
    monkeypatch.setattr(sys, "argv", ["provider_pages.py"])
    assert provider_pages.main() == 0
    assert file.read_bytes() == b"new\n"
    monkeypatch.setattr(sys, "argv", ["provider_pages.py", "--check"])
    assert provider_pages.main() == 0
