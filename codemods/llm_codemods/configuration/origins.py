"""Models, variables and URLs of a provider other than OpenAI that code is moved from, in files that are no Python."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from llm_codemods.configuration import entries, lines, meaning, tokens
from llm_codemods.configuration.entries import Entry
from llm_codemods.configuration.forms import Form
from llm_codemods.configuration.sites import EndpointEntrySite, ModelEntrySite
from llm_codemods.origin import Origin
from llm_codemods.sites.kinds import Site
from llm_codemods.sought import pattern
from llm_codemods.source import Source


def sites(source: Source, form: Form, origin: Origin) -> Iterator[Site]:
    """Yield the sites of one file: its models below keys that are about models, its variables, its URLs."""
    needle = pattern(origin.sought)
    found = lines.entries(source.text, needle) if form is Form.INI else entries.entries(form, source.text, needle)
    for entry in found:
        yield from _of_entry(entry, source.path, form, origin)


def _of_entry(entry: Entry, path: str, form: Form, origin: Origin) -> Iterator[Site]:
    value = entry.value
    variable = meaning.variable_of(entry, value, path, form, _variables(origin), origin.setting_variable)
    if variable is not None:
        yield variable
        return
    if value is None:
        return
    name = value.text.strip()
    if origin.model.fullmatch(name) and any(tokens.ABOUT_MODELS.search(key) for key in entry.keys):
        start = value.text.index(name)
        yield ModelEntrySite(path, value.span.part(start, start + len(name)), name, form, entry.keys, "", value.quote)
    for found in _urls(origin).finditer(value.text):
        yield EndpointEntrySite(path, value.span.part(*found.span()), found[0], form, entry.keys)


@cache
def _variables(origin: Origin) -> re.Pattern[str]:
    return re.compile(rf"(?<![A-Za-z0-9_]){origin.variable.pattern}")


@cache
def _urls(origin: Origin) -> re.Pattern[str]:
    return re.compile(rf"(?:https?://)?[\w.-]*{origin.host.pattern}[^\s\"'`<>)\]|,;]*")
