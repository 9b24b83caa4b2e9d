"""Pages of the rules, for people and for programs."""

from __future__ import annotations

import json
from collections.abc import Sequence

from llm_codemods import pages
from llm_codemods.rule import Rule
from llm_codemods.text import Text, text
from llm_migrate import console
from llm_migrate.language import say

HEADINGS: dict[str, Text] = {
    "why": text("Why: "),
    "fix": text("Fix: "),
    "safety": text("Safety: "),
    "source": text("Source: "),
}
SCHEMA = 1


def heading(section: str, mark: str = "") -> str:
    """Return the heading of a section, set between two marks, and what parts it from the text behind it."""
    said = say(HEADINGS[section])
    word = said.rstrip()
    return f"{mark}{word}{mark}{said[len(word) :]}"


def as_text(rule: Rule) -> str:
    """Return a rule's page; a paragraph is one line."""
    page = pages.of_rule(rule)
    parts = [f"{console.style(rule.code, 'code')} {console.style(rule.name, 'bold')}: {_plain(page.title)}"]
    last = None
    for section, paragraph in page.sections:
        head = "" if section == last else console.style(heading(section), "bold")
        parts.append(head + _plain(paragraph))
        last = section
    return "\n\n".join(parts)


def as_list(rules: Sequence[Rule]) -> str:
    """Return one line a rule: code, name, title."""
    width = max((len(rule.name) for rule in rules), default=0)
    return "\n".join(
        f"{console.style(rule.code, 'code')}  {rule.name:<{width}}  {_plain(pages.of_rule(rule).title)}"
        for rule in rules
    )


def as_json(rules: Sequence[Rule]) -> str:
    """Return the pages as a JSON document."""
    return json.dumps({"schema": SCHEMA, "rules": [_data(rule) for rule in rules]}, ensure_ascii=False, indent=2)


def _data(rule: Rule) -> dict[str, str]:
    page = pages.of_rule(rule)
    sections = {
        name: "\n\n".join(_plain(paragraph) for section, paragraph in page.sections if section == name)
        for name in pages.SECTIONS
    }
    return {"code": rule.code, "name": rule.name, "title": _plain(page.title), **sections}


def _plain(paragraph: Text) -> str:
    return say(paragraph).replace("``", "`")
