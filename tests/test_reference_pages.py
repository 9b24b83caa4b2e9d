"""The reference of the documentation has all that the program has, in both languages."""

from __future__ import annotations

import importlib.util
import re
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from llm_codemods import profile
from llm_codemods.rules import RULES
from llm_migrate import group, language

SCRIPTS = Path(__file__).parent.parent / "scripts"


def load(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, SCRIPTS / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


reference_pages = load("reference_pages")
terminal_picture = load("terminal_picture")


@pytest.fixture(params=reference_pages.EDITIONS, ids=lambda edition: edition.language)
def edition(request: pytest.FixtureRequest) -> Iterator[Any]:
    language.use(request.param.language)
    yield request.param
    language.use(None)


def test_every_rule_has_its_place_and_every_link_to_it_is_right(edition: Any) -> None:
    told: dict[str, str] = {}
    for start in reference_pages.GROUPS:
        for line in reference_pages.rules_page(edition, start):
            found = re.fullmatch(r"## (LM\d{3}) (\S+)", line)
            if found:
                told[f"{start.lower()}.md#{found[1].lower()}-{found[2]}"] = found[1]
    assert sorted(told.values()) == sorted(rule.code for rule in RULES)
    index = "\n".join(reference_pages.rules_index(edition))
    assert set(re.findall(r"\((lm\d\.md#\S+)\)", index)) == set(told)


def test_examples_are_changes_of_the_rule_without_marks() -> None:
    shown = {rule.code: reference_pages.example(rule) for rule in RULES}
    assert sum(map(bool, shown.values())) > len(RULES) / 3
    for code, lines in shown.items():
        assert len(lines) <= reference_pages.LONGEST, code
        assert "finds:" not in "".join(lines)
        assert not lines or any(line.startswith("-") for line in lines), code


def test_every_command_is_told_with_every_option(edition: Any) -> None:
    page = "\n".join(reference_pages.commands_page(edition))
    assert re.findall(r"^## (\S+)$", page, re.MULTILINE) == list(group.COMMANDS)
    every = group._group(completion=False)
    for command in group.COMMANDS:
        part = page.split(f"\n## {command}\n")[1].split("\n## ")[0]
        known = every.get_command(every.make_context("x", [], resilient_parsing=True), command)
        assert known is not None
        for parameter in known.params:
            if parameter.opts[0].startswith("--"):
                assert f"{parameter.opts[0]} " in part or f"{parameter.opts[0]}`" in part, (command, parameter.opts)


def test_every_key_of_a_profile_is_told(edition: Any) -> None:
    page = "\n".join(reference_pages.profile_page(edition))
    for key in ("base_url", "exclusive_minimum", "replaced_by", "price_in", "confidence", "path", "body"):
        assert f"- `{key}`" in page
    assert all(f"`{action.value}`" in page for action in profile.Action)


def test_a_key_that_nobody_describes_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said = reference_pages.FIELDS.read_text("utf-8").replace("\nbatch = ", "\nbathc = ")
    (tmp_path / "fields.toml").write_text(said, "utf-8")
    monkeypatch.setattr(reference_pages, "FIELDS", tmp_path / "fields.toml")
    with pytest.raises(SystemExit, match="batch, bathc"):
        list(reference_pages.keys(reference_pages.EDITIONS[0], "Model"))


def test_documents_are_those_that_the_program_writes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reference_pages, "DOCUMENTS", (("scan --to qwen --format json", "scan.json"),))
    monkeypatch.chdir(tmp_path)
    ((command, document),) = reference_pages.documents()
    assert command == "scan --to qwen --format json"
    assert [finding["code"] for finding in document["findings"]][:2] == ["LM104", "LM101"]
    assert Path.cwd() == tmp_path
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        ([1, 2], [1]),
        ([{"a": 1}, {"a": 1, "b": [2, 3]}], [{"a": 1, "b": [2]}]),
        ({"a": {"x": 1}, "b": {}, "c": {}}, {"a": {"x": 1}}),
        ({"a": {"x": [1, 2]}, "b": 2, "c": {}}, {"a": {"x": [1]}, "b": 2, "c": {}}),
    ],
)
def test_documents_are_shortened(value: object, kept: object) -> None:
    assert reference_pages.shortened(value) == kept


def test_check_writes_nothing_and_fails_where_writing_mends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file, gone = tmp_path / "reference" / "new.md", tmp_path / "reference" / "gone.md"
    gone.parent.mkdir()
    gone.write_text("old\n")
    edition = replace(reference_pages.EDITIONS[0], folder=tmp_path / "reference")
    monkeypatch.setattr(reference_pages, "ROOT", tmp_path)
    monkeypatch.setattr(reference_pages, "EDITIONS", (edition,))
    monkeypatch.setattr(reference_pages, "wanted", lambda: {file: "new\n"})
    monkeypatch.setattr(sys, "argv", ["reference_pages.py", "--check"])
    assert reference_pages.main() == 1
    assert capsys.readouterr().out.count("stale: ") == 2
    assert (file.exists(), gone.exists()) == (False, True)
    monkeypatch.setattr(sys, "argv", ["reference_pages.py"])
    assert reference_pages.main() == 0
    assert (file.read_bytes(), gone.exists()) == (b"new\n", False)
    monkeypatch.setattr(sys, "argv", ["reference_pages.py", "--check"])
    assert reference_pages.main() == 0


@pytest.mark.parametrize(("language", "words"), [("en", "talks&#160;to&#160;OpenAI"), ("zh", "连接的是")])
def test_the_picture_shows_the_program_and_asks_no_other_host(language: str, words: str) -> None:
    drawn = terminal_picture.PICTURES[language].read_text("utf-8")
    assert words in drawn
    assert "$&#160;llm-migrate&#160;rewrite&#160;--to&#160;qwen&#160;--diff" in drawn
    assert not re.search(r"url\(['\"]?https?:|href=", drawn)
