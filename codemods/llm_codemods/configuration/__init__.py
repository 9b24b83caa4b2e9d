"""Sites in files that are no Python: a module a form of file.

A form that is keys and values gives *entries*, which ``meaning`` judges. Nothing here is loaded but what a file needs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import PurePosixPath

from llm_codemods.configuration import compose, dotenv
from llm_codemods.configuration.forms import NAMES, Form, form_by_name, form_of
from llm_codemods.configuration.sites import (
    DependencySite,
    EndpointEntrySite,
    ModelEntrySite,
    OptionEntrySite,
    RequestSite,
    VariableEntrySite,
)
from llm_codemods.edits import Edit
from llm_codemods.operations import Fix, Replace
from llm_codemods.rule import Place
from llm_codemods.source import Source

__all__ = ["LARGEST", "NAMES", "edits_of", "is_configuration", "sites"]

LARGEST = 2_000_000
"""Characters; a larger file is data or was made by a program."""
REPEATED = 20
"""More places with the same key path and name are rows of data: the first stands for all."""
SHELL_KEYS = frozenset(
    {
        *("after_script", "args", "before_script", "cmd", "cmds", "command", "commands", "entrypoint", "install"),
        *("run", "script", "scripts"),
    }
)
"""Keys whose values are commands."""
RowSite = VariableEntrySite | ModelEntrySite | EndpointEntrySite | OptionEntrySite


def is_configuration(path: str) -> bool:
    """Whether a path is one of the files that this package reads, rather than Python."""
    return form_by_name(path) is not None


def sites(source: Source, *, shared: bool) -> tuple[Place, ...]:
    """Return the sites of a file that is no Python, in the order of their places.

    ``shared``: something in the project needs OpenAI's variables whatever becomes of the clients.
    """
    form = form_of(source)
    if form is None or len(source.text) > LARGEST:
        return ()
    return tuple(sorted(_together(_sites(source, form, shared=shared)), key=lambda site: site.span))


def _sites(source: Source, form: Form, *, shared: bool) -> Iterator[Place]:
    path, text = source.path, source.text
    if form is Form.DOTENV:
        known: list[Place] = list(dotenv.sites(source, shared=shared))
        yield from known
        yield from _beside(known, _lines(path, text, form))
    elif form is Form.COMPOSE:
        known = list(compose.sites(source, shared=shared))
        yield from known
        yield from _beside(known, _tree(path, text, form))
    elif form is Form.INI:
        yield from _lines(path, text, form)
    elif form in (Form.REQUIREMENTS, Form.LOCK):
        from llm_codemods.configuration import dependencies

        found = dependencies.in_lock if form is Form.LOCK else dependencies.in_requirements
        yield from found(path, text)
    elif form in (Form.YAML, Form.TOML, Form.JSON):
        yield from _tree(path, text, form)
    elif form in (Form.SHELL, Form.DOCKERFILE, Form.MAKEFILE, Form.PROCFILE):
        from llm_codemods.configuration import shell

        yield from shell.sites(path, text, form)
    elif form is Form.DOCUMENT:
        from llm_codemods.configuration import documents

        yield from documents.sites(path, text)
    elif form is Form.JAVASCRIPT:
        from llm_codemods.configuration import javascript

        yield from javascript.sites(path, text)


def _lines(path: str, text: str, form: Form) -> Iterator[Place]:
    from llm_codemods.configuration import lines, meaning

    for entry in lines.entries(text):
        yield from meaning.sites_of(entry, path, form)


def _tree(path: str, text: str, form: Form) -> Iterator[Place]:
    from llm_codemods.configuration import entries, javascript, meaning, shell

    package = PurePosixPath(path).name == "package.json"
    for entry in entries.entries(Form.YAML if form is Form.COMPOSE else form, text):
        if package:
            yield from javascript.required(path, entry)
        elif form is Form.YAML and entry.value is not None and entry.own in SHELL_KEYS:
            span = entry.value.span
            yield from shell.sites(path, text, Form.SHELL, start=span.start, end=span.end)
        else:
            yield from meaning.sites_of(entry, path, form)


def _beside(known: Iterable[Place], more: Iterable[Place]) -> Iterator[Place]:
    """Yield of ``more`` what only a look at the whole file finds: no variables and models, which ``known`` has."""
    taken = [site.span for site in known]
    for site in more:
        other = isinstance(site, EndpointEntrySite | OptionEntrySite | RequestSite | DependencySite)
        if other and not any(span.start < site.span.end and site.span.start < span.end for span in taken):
            yield site


def _together(found: Iterable[Place]) -> Iterator[Place]:
    """Let one site stand for many that say the same in rows of data."""
    rows: dict[tuple[object, ...], list[RowSite]] = {}
    for site in found:
        if isinstance(site, RowSite) and site.keys:
            name = site.url if isinstance(site, EndpointEntrySite) else site.name
            rows.setdefault((type(site), site.keys, name), []).append(site)
        else:
            yield site
    for group in rows.values():
        yield from group if len(group) <= REPEATED else (replace(group[0], times=len(group)),)


def edits_of(fixes: Sequence[Fix]) -> list[Edit]:
    """Return the edits of fixes in such a file: every change replaces text as it stands."""
    return [
        Edit(change.span.start, change.span.end, operation.code)
        for fix in fixes
        for change in fix.changes
        for operation in change.operations
        if isinstance(operation, Replace)
    ]
