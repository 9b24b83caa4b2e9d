"""What breaks: the catalogue, its pages, and the rules with cases that cover it."""

from __future__ import annotations

import importlib.util
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import cases
from llm_codemods import gotchas
from llm_codemods.gotchas import Gotcha
from llm_codemods.profile import ProfileError
from llm_codemods.rule import Rule
from llm_codemods.rules import RULES
from llm_migrate import language
from terminal import called, in_both_languages

SCRIPT = Path(__file__).parent.parent / "scripts" / "gotcha_pages.py"
CATALOGUE = gotchas.catalogue()


def load() -> ModuleType:
    spec = importlib.util.spec_from_file_location("gotcha_pages", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


gotcha_pages = load()


@pytest.fixture(scope="module")
def counted() -> dict[str, Any]:
    """Rule -> how many cases report it, and in how many it must keep still or change nothing."""
    found: dict[str, list[int]] = {rule.name: [0, 0] for rule in RULES}
    codes = {rule.name: rule.code for rule in RULES}
    for case in cases.every():
        if case.rule in found:
            reports = any(code == codes[case.rule] for _, code in case.marks)
            found[case.rule][0] += reports
            found[case.rule][1] += not case.after or not reports
    return found


def test_numbers_are_in_order_without_a_gap() -> None:
    assert [gotcha.id for gotcha in CATALOGUE] == [f"G{number:02}" for number in range(1, len(CATALOGUE) + 1)]
    assert [gotcha.tier for gotcha in CATALOGUE] == sorted(gotcha.tier for gotcha in CATALOGUE)


@pytest.mark.parametrize("gotcha", CATALOGUE, ids=lambda gotcha: gotcha.id)
def test_every_gotcha_is_covered(gotcha: Gotcha, counted: dict[str, list[int]]) -> None:
    rules = gotchas.covering(gotcha, RULES)
    assert rules or gotcha.covered is not None, "no rule's page names it, and no sentence says what covers it"
    if rules and gotcha.covered is None:
        assert any(counted[rule.name][0] for rule in rules), "no case reports it"
        assert any(counted[rule.name][1] for rule in rules), "no case shows what must not change"


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_rules_name_only_gotchas_that_there_are(rule: Rule) -> None:
    assert gotchas.named_by(rule) <= {gotcha.id for gotcha in CATALOGUE}


@pytest.mark.parametrize("gotcha", CATALOGUE, ids=lambda gotcha: gotcha.id)
def test_both_languages_are_there(gotcha: Gotcha) -> None:
    for note in (gotcha.title, gotcha.covered):
        if note is not None:
            assert note.en
            assert re.search(r"[一-鿿]", note.zh)


@pytest.mark.parametrize(
    ("toml", "said"),
    [
        ("[G01", "not valid TOML"),
        ('[G01]\ntier = 1\nadvised = ["fix"]\ntitle = { en = "a", zh = "b" }\nrules = 1', "rules"),
        ('[G01]\ntier = 1\nadvised = ["fox"]\ntitle = { en = "a", zh = "b" }', "fox"),
    ],
)
def test_mistakes_in_the_catalogue_are_refused(toml: str, said: str) -> None:
    with pytest.raises(ProfileError, match=said):
        gotchas.parse(toml, "gotchas.toml")


# Pages


@pytest.fixture(params=gotcha_pages.EDITIONS, ids=lambda edition: edition.language)
def edition(request: pytest.FixtureRequest) -> Iterator[Any]:
    language.use(request.param.language)
    yield request.param
    language.use(None)


def test_a_page_has_a_row_for_each_with_links_that_lead_somewhere(edition: Any) -> None:
    lines = list(gotcha_pages.page(edition))
    assert re.findall(r'<a id="(G\d\d)">', "\n".join(lines)) == [gotcha.id for gotcha in CATALOGUE]
    for link in re.findall(r"\]\(([^)]*)\)", "\n".join(lines)):
        assert (edition.file.parent / link.partition("#")[0]).exists(), link
    assert {line.count("|") for line in lines if line.startswith("|")} == {6}


def test_cases_are_counted_as_the_marks_say(counted: dict[str, list[int]]) -> None:
    for rule in RULES:
        found = gotcha_pages.cases(rule)
        assert found.reported == counted[rule.name][0], rule.name
        assert found.changed <= found.reported


def test_check_writes_nothing_and_fails_where_writing_mends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "docs" / "gotchas.md"
    monkeypatch.setattr(gotcha_pages, "ROOT", tmp_path)
    monkeypatch.setattr(gotcha_pages, "wanted", lambda: {file: "new\n"})
    monkeypatch.setattr(sys, "argv", ["gotcha_pages.py", "--check"])
    assert gotcha_pages.main() == 1
    assert "stale: docs/gotchas.md" in capsys.readouterr().out.replace("\\", "/")
    assert not file.exists()
    monkeypatch.setattr(sys, "argv", ["gotcha_pages.py"])
    assert gotcha_pages.main() == 0
    assert file.read_bytes() == b"new\n"
    monkeypatch.setattr(sys, "argv", ["gotcha_pages.py", "--check"])
    assert gotcha_pages.main() == 0


# llm-migrate explain


@pytest.mark.parametrize("word", ["G19", "g19"])
def test_explain_says_what_a_number_stands_for(word: str, tmp_path: Path) -> None:
    ended = in_both_languages(tmp_path, "explain", word)
    lines = ended.out.splitlines()
    assert (ended.code, ended.err) == (0, "")
    assert lines[0].startswith("G19: tiktoken")
    rules = gotchas.covering(CATALOGUE[18], RULES)
    assert [line.split()[:2] for line in lines if line.startswith("LM")] == [[rule.code, rule.name] for rule in rules]


def test_explain_says_what_covers_it_otherwise(tmp_path: Path) -> None:
    assert "Covered otherwise: `--region` chooses" in in_both_languages(tmp_path, "explain", "G07").out


def test_explain_lists_numbers_that_begin_so(tmp_path: Path) -> None:
    lines = in_both_languages(tmp_path, "explain", "G").out.splitlines()
    assert [line.split()[0] for line in lines] == [gotcha.id for gotcha in CATALOGUE]
    assert [line.split()[0] for line in called(tmp_path, "explain", "g6").out.splitlines()] == [
        gotcha.id for gotcha in CATALOGUE if gotcha.id.startswith("G6")
    ]


def test_explain_gives_json(tmp_path: Path) -> None:
    document = called(tmp_path, "explain", "G19", "--format", "json").json
    (row,) = document["gotchas"]
    assert document["schema"] == 1
    assert (row["id"], row["tier"], row["advised"], row["covered"]) == ("G19", 1, ["fix", "review"], None)
    assert row["rules"] == [rule.code for rule in gotchas.covering(CATALOGUE[18], RULES)]


def test_explain_refuses_numbers_that_there_are_not(tmp_path: Path) -> None:
    ended = in_both_languages(tmp_path, "explain", "G99")
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.splitlines()[0] == "error: no gotcha has the number 'G99'"
    assert ended.err.splitlines()[1].startswith("hint: did you mean 'G")
