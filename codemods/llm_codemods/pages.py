"""The documentation page of a rule: the docstring of its module, cut into its sections.

Every paragraph is a text for people: the message catalogue has its Chinese.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from importlib import import_module

from llm_codemods.rule import Rule
from llm_codemods.text import Text

SECTIONS = ("why", "fix", "safety", "source")
"""In the order of a page."""

_SECTION = re.compile(r"(Why|Fix|Safety|Source): ")


@dataclass(frozen=True, slots=True)
class Page:
    """A rule's page: its title, and its paragraphs with the section that each belongs to."""

    title: Text
    sections: tuple[tuple[str, Text], ...]


def of_rule(rule: Rule) -> Page:
    """Return the page of a rule; its module is called as the rule is."""
    module = import_module(f"llm_codemods.rules.{rule.name.replace('-', '_')}")
    return of_docstring(module.__doc__ or rule.name)


def of_docstring(docstring: str) -> Page:
    """Cut a docstring into its page. A paragraph without a section's word goes on with the section before it."""
    title, *rest = (" ".join(paragraph.split()) for paragraph in re.split(r"\n[ \t]*\n", docstring.strip()))
    sections: list[tuple[str, Text]] = []
    for paragraph in rest:
        found = _SECTION.match(paragraph)
        name = found[1].lower() if found else sections[-1][0] if sections else SECTIONS[0]
        sections.append((name, _literal(paragraph[found.end() :] if found else paragraph)))
    return Page(_literal(title), tuple(sections))


def _literal(paragraph: str) -> Text:
    """Return a text that says the paragraph as it is: its braces are no places."""
    return Text(paragraph.replace("{", "{{").replace("}", "}}"))
