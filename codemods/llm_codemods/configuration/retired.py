"""Models that have ended, or soon will have, in files that are no Python."""

from __future__ import annotations

import re
from collections.abc import Iterator

from llm_codemods.configuration import entries, lines, tokens
from llm_codemods.configuration.forms import Form
from llm_codemods.configuration.sites import Word
from llm_codemods.retirement import Retirements
from llm_codemods.sites.kinds.texts import RetiredSite
from llm_codemods.sought import Sought, pattern
from llm_codemods.source import Source

DEFAULT = re.compile(r"\$\{\w+:?[-=](?P<model>[^}]+)\}")
"""A reference to a variable, with what stands in for it."""


def sites(source: Source, form: Form, retirements: Retirements) -> Iterator[RetiredSite]:
    """Yield the values that are the name of such a model, below a key that is about models."""
    needle = pattern(Sought(tuple(sorted(retirements.rows))))
    if needle.search(source.text) is None:
        return
    by_line = form in (Form.DOTENV, Form.INI)
    tree = Form.YAML if form is Form.COMPOSE else form
    found = lines.entries(source.text, needle) if by_line else entries.entries(tree, source.text, needle)
    for entry in found:
        word = entry.value if entry.value is None else _model(entry.value)
        if word is None or not any(tokens.ABOUT_MODELS.search(key) for key in entry.keys):
            continue
        ends = retirements.of(word.text, frozenset())
        if ends:
            yield RetiredSite(source.path, word.span, word.text, ends, python=False)


def _model(value: Word) -> Word:
    """Return what a value says, or what stands in for it: ``${MODEL:-old-one}``."""
    default = DEFAULT.fullmatch(value.text)
    if default is not None:
        return Word(default["model"], value.span.part(*default.span("model")))
    stripped = value.text.strip()
    start = value.text.index(stripped)
    return Word(stripped, value.span.part(start, start + len(stripped)))
