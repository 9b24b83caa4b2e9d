"""What breaks when code leaves OpenAI: the catalogue ``gotchas.toml``, and the rules that cover each entry.

A rule names what it covers in the section ``Source:`` of its page; nothing else says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources

import tomli

from llm_codemods import pages
from llm_codemods.profile import ProfileError, build
from llm_codemods.report import Verdict
from llm_codemods.rule import Rule
from llm_codemods.text import Note, text

ID = re.compile(r"\bG\d\d\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class Gotcha:
    """One thing that breaks, or may."""

    id: str
    tier: int
    """1: on the first call, or a key leaks; 2: once the feature is used; 3: rare, quiet, or only to be said."""
    advised: tuple[Verdict, ...]
    """What should be done about it, the most usual first."""
    title: Note
    covered: Note | None = None
    """What covers it where no rule does."""


def parse(toml: str, where: str) -> tuple[Gotcha, ...]:
    """Read a catalogue from TOML text; ``where`` names it in errors.

    Raises:
        ProfileError: not TOML, an unknown key, a missing or ill-typed value.
    """
    try:
        raw = tomli.loads(toml)
    except tomli.TOMLDecodeError as error:
        raise ProfileError(text("{where}: not valid TOML: {reason}", where=where, reason=str(error))) from None
    return tuple(build(Gotcha, {"id": id, **values}, f"{where}: {id}") for id, values in raw.items())


@cache
def catalogue() -> tuple[Gotcha, ...]:
    """Return the catalogue that comes with the program."""
    name = "gotchas.toml"
    return parse(resources.files("llm_codemods").joinpath(name).read_text("utf-8"), name)


def named_by(rule: Rule) -> frozenset[str]:
    """Return the gotchas that a rule's page names as its source."""
    return frozenset(_named(pages.of_rule(rule)))


def covering(gotcha: Gotcha, rules: Iterable[Rule]) -> tuple[Rule, ...]:
    """Return the rules that cover a gotcha, by their codes."""
    return tuple(sorted((rule for rule in rules if gotcha.id in named_by(rule)), key=lambda rule: rule.code))


def _named(page: pages.Page) -> Iterator[str]:
    for section, paragraph in page.sections:
        if section == "source":
            yield from ID.findall(paragraph.template)
