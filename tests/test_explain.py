"""``llm-migrate explain``: every rule has its page."""

from __future__ import annotations

from pathlib import Path

import pytest

from llm_codemods import pages
from llm_codemods.rule import Rule
from llm_codemods.rules import RULES
from terminal import called, in_both_languages


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_every_rule_has_a_whole_page(rule: Rule) -> None:
    page = pages.of_rule(rule)
    assert str(page.title).endswith(".")
    assert list(dict.fromkeys(section for section, _ in page.sections)) == list(pages.SECTIONS)
    assert all(str(paragraph) for _, paragraph in page.sections)


def test_a_docstring_is_cut_into_paragraphs() -> None:
    page = pages.of_docstring("Title.\n\nWhy: a\n  b.\n\nMore: {x}.\n\nSource:  s.\n")
    assert str(page.title) == "Title."
    assert [(name, str(text)) for name, text in page.sections] == [
        ("why", "a b."),
        ("why", "More: {x}."),
        ("source", "s."),
    ]
    assert pages.of_docstring("").sections == ()


@pytest.mark.parametrize("word", ["LM605", "lm605", "compose-model"])
def test_a_page(word: str, tmp_path: Path) -> None:
    ended = in_both_languages(tmp_path, "explain", word)
    head, *paragraphs = ended.out.rstrip("\n").split("\n\n")
    assert (ended.code, ended.err) == (0, "")
    assert head == "LM605 compose-model: Compose file hands a model of OpenAI to a container."
    assert [paragraph.partition(" ")[0] for paragraph in paragraphs] == ["Why:", "Fix:", "Safety:", "Source:"]
    assert "`${MODEL:-gpt-4o}`" in paragraphs[0], "braces and backquotes come out as in Markdown"


def test_all_rules_are_listed(tmp_path: Path) -> None:
    lines = in_both_languages(tmp_path, "explain").out.splitlines()
    assert [line.split()[:2] for line in lines] == sorted([rule.code, rule.name] for rule in RULES)
    assert lines[0].endswith("Client talks to OpenAI's endpoint.")
    few = [line.split() for line in called(tmp_path, "explain", "LM1").out.splitlines()]
    assert few
    assert few == [line.split() for line in lines if line.startswith("LM1")]


def test_json(tmp_path: Path) -> None:
    (row,) = called(tmp_path, "explain", "model-name", "--format", "json").json["rules"]
    assert list(row) == ["code", "name", "title", "why", "fix", "safety", "source"]
    assert (row["code"], row["title"]) == ("LM201", "Model of OpenAI is named.")
    every = called(tmp_path, "explain", "--format", "json").json
    assert (every["schema"], len(every["rules"])) == (1, len(RULES))


@pytest.mark.parametrize(
    ("word", "hint"),
    [
        ("client-endpiont", "did you mean 'client-endpoint'?"),
        ("LM999", "did you mean 'LM"),
        ("zzz", "llm-migrate explain lists them"),
        ("", "llm-migrate explain lists them"),
    ],
)
def test_unknown_rules(word: str, hint: str, tmp_path: Path) -> None:
    ended = in_both_languages(tmp_path, "explain", word)
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.splitlines()[0] == f"error: no rule is called '{word}'"
    assert ended.err.splitlines()[1].startswith(f"hint: {hint}")
