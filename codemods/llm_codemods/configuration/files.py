"""Sites in files that are no Python, whatever their form.

A form that is keys and values gives *entries*, which ``meaning`` judges. Nothing here is loaded but what a file needs.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from llm_codemods.configuration import compose, distribution, dotenv
from llm_codemods.configuration.forms import Form, form_by_name, form_of
from llm_codemods.configuration.prefilter import REWRITTEN, is_setup
from llm_codemods.configuration.sites import (
    RECORDED,
    Block,
    DependencySite,
    EndpointEntrySite,
    KeyEntrySite,
    Line,
    ModelEntrySite,
    ModelKeySite,
    OptionEntrySite,
    Readers,
    Request,
    Role,
    ShellRequestSite,
    VariableEntrySite,
    upgraded,
)
from llm_codemods.edits import Edit, Span, merge
from llm_codemods.encodings import UTF_16
from llm_codemods.operations import Fix, Replace
from llm_codemods.origin import OPENAI, Origin
from llm_codemods.retirement import NONE, Retirements
from llm_codemods.source import Source, SourceError, decode
from llm_codemods.vocabulary import KEY_VARIABLE

if TYPE_CHECKING:
    from llm_codemods.sites.kinds import Site

REPEATED = 20
"""More places than this with the same keys above them are rows of data, or a table: the first stands for all."""
SHELL_KEYS = frozenset(
    {
        *("after_script", "args", "before_script", "cmd", "cmds", "command", "commands", "entrypoint", "install"),
        *("run", "script", "scripts"),
    }
)
"""Keys whose values are commands."""
_COMMANDS = frozenset({Form.SHELL, Form.DOCKERFILE, Form.MAKEFILE, Form.PROCFILE})
_HEAD = re.compile(r"""[ \t]*(?:-[ \t]+)?(?:(?:export|ENV|ARG)[ \t]+)?["']?""")
"""What may stand before an entry that fills its line, and what behind its value."""
_TAIL = re.compile(r"""["']?[ \t]*=?[ \t]*(?:[#;].*)?""")
_ANSWER = re.compile(r'"object"\s*:\s*"(?:chat\.completion(?:\.chunk)?|text_completion)"')
"""What stands in an answer of the API: a file with one keeps what was said, and by which model."""
_KEYED = re.compile(r"""[ \t]*(?:-[ \t]+)?["']?[\w.-]+["']?:[ \t]+["']?[\w/:]*""")
"""What stands before the name of a model in YAML."""
_REST = re.compile(r"[^;&|\\]*")
"""What may stand behind the first word of a value in a script."""
RowSite = VariableEntrySite | ModelEntrySite | EndpointEntrySite | OptionEntrySite


def read(path: str, data: bytes) -> Source:
    """Read a file that is no Python. One that is never rewritten need not be UTF-8: what we look for is ASCII.

    Raises:
        SourceError: a dotenv or compose file that is not UTF-8.
    """
    try:
        return decode(path, data)
    except SourceError:
        if form_by_name(path) in REWRITTEN:
            raise
    encoding = "utf-16" if data.startswith(UTF_16) else "latin-1"
    return Source(path, data.decode(encoding, "replace"), encoding)


def in_python(source: Source, readers: Readers) -> tuple[Site, ...]:
    """Return the sites in the commands and saved outputs of a notebook, and in what a ``setup.py`` asks for; none in
    any other file."""
    if is_setup(source.path):
        return tuple(distribution.sites(source, readers))
    if not source.cells:
        return ()
    from llm_codemods.configuration import notebooks

    return tuple(notebooks.sites(source, readers))


def commands_of(source: Source) -> tuple[Span, ...]:
    """Return where a notebook holds commands rather than Python, and a ``setup.py`` what it asks for."""
    if is_setup(source.path):
        return tuple(word.span for word in distribution.words(source))
    if not source.cells:
        return ()
    from llm_codemods.configuration import notebooks

    return tuple(notebooks.regions(source))


def sites(
    source: Source, readers: Readers, retirements: Retirements = NONE, origin: Origin = OPENAI
) -> tuple[Site, ...]:
    """Return the sites of a file that is no Python, in the order of their places.

    ``retirements``: the models that are reported because they have ended, or will soon; ``origin``: whose names are
    looked for.
    """
    form = form_of(source)
    if form is None:
        return ()
    found = tuple(_together(_sites(source, form, readers, origin)))
    placed = [
        *_in_their_file(found, source, form, readers),
        *_retired(source, form, retirements),
        *_lacking(source, form, readers),
    ]
    return tuple(sorted(placed, key=lambda site: site.span))


def _retired(source: Source, form: Form, retirements: Retirements) -> Iterator[Site]:
    if not retirements.rows or form not in (Form.DOTENV, Form.COMPOSE, Form.INI, Form.YAML, Form.TOML, Form.JSON):
        return
    from llm_codemods.configuration import retired

    yield from retired.sites(source, form, retirements)


def _lacking(source: Source, form: Form, readers: Readers) -> Iterator[Site]:
    if readers.packages:
        from llm_codemods.configuration import lacking

        yield from lacking.sites(source, form, readers, (Span(0, len(source.text)),))


def _in_their_file(found: Sequence[Site], source: Source, form: Form, readers: Readers) -> Iterator[Site]:
    """Say of every site what the file as a whole means for it."""
    keyed = any(isinstance(site, KeyEntrySite) for site in found)
    requests = tuple(Request(s.url, s.model, s.variable, keyed) for s in found if isinstance(s, ShellRequestSite))
    placed = [
        replace(site, line=_line(source, form, site)) if isinstance(site, VariableEntrySite | ModelEntrySite) else site
        for site in found
    ]
    foreign = any(isinstance(site, VariableEntrySite) and _is_foreign(site) for site in placed)
    closed = [s.block.entries for s in placed if isinstance(s, ModelEntrySite) and s.prefix and s.line is None]
    yield from upgraded([site for site in placed if isinstance(site, DependencySite)], readers)
    for site in placed:
        if isinstance(site, RowSite | ShellRequestSite):
            entries = site.block.entries
            shut = foreign or (bool(entries) and entries in closed)
            site = replace(site, block=Block(entries, requests, shut, readers))
        if not isinstance(site, DependencySite):
            yield site


def _is_foreign(site: VariableEntrySite) -> bool:
    """Whether an entry sets the key to something else, where no line can be added for the new one."""
    from llm_codemods.configuration import blocks

    sets = KEY_VARIABLE.fullmatch(site.name) and site.role is Role.SET and site.value is not None
    if not sets or blocks.is_own(site.value) or (site.value and blocks.IN_FORGE.search(site.value.text)):
        return False
    return site.line is None or site.form in (Form.DOCKERFILE, Form.MAKEFILE)


def _line(source: Source, form: Form, site: VariableEntrySite | ModelEntrySite) -> Line | None:
    """Return the line of an entry that fills it; None in forms without comments, or where it is one of several."""
    code = source.text
    start = code.rfind("\n", 0, site.span.start) + 1
    end = min((at for at in (code.find(c, site.span.end) for c in "\r\n") if at >= 0), default=len(code))
    value = site.value if isinstance(site, VariableEntrySite) else None
    behind = site.span.end if value is None else value.span.end
    head = _HEAD if isinstance(site, VariableEntrySite) else _KEYED
    above = code[:start].rstrip("\r\n")
    fills = (
        form is not Form.JSON
        and head.fullmatch(code, start, site.span.start)
        and start <= behind <= end
        and (value is None or value.quote[:1] not in tuple("|>"))
        and (_REST if form is Form.SHELL else _TAIL).fullmatch(code, behind, end)
        and not (form in _COMMANDS and above.endswith("\\"))
    )
    comment = ";" if form is Form.INI and PurePosixPath(source.path).suffix == ".ini" else "#"
    return Line(Span(start, end), code[start:end], source.newline, comment) if fills else None


def _sites(source: Source, form: Form, readers: Readers, origin: Origin) -> Iterator[Site]:
    path, code = source.path, source.text
    if not origin.is_openai:
        if form in (Form.DOTENV, Form.COMPOSE):
            yield from (dotenv if form is Form.DOTENV else compose).sites(source, readers, origin)
        else:
            yield from _of_origin(source, form, origin)
    elif form is Form.DOTENV:
        known: list[Site] = list(dotenv.sites(source, readers.of(path)))
        yield from known
        yield from _beside(known, _lines(path, code, form))
    elif form is Form.COMPOSE:
        known = list(compose.sites(source, readers))
        yield from known
        yield from _beside(known, _tree(path, code, form))
    elif form is Form.INI:
        yield from _lines(path, code, form)
    elif form in (Form.REQUIREMENTS, Form.LOCK):
        from llm_codemods.configuration import dependencies

        found = dependencies.in_lock if form is Form.LOCK else dependencies.in_requirements
        yield from found(path, code)
    elif form in (Form.YAML, Form.TOML, Form.JSON):
        yield from _tree(path, code, form)
    elif form in (Form.SHELL, Form.DOCKERFILE, Form.MAKEFILE, Form.PROCFILE):
        from llm_codemods.configuration import shell

        yield from shell.sites(path, code, form)
    elif form is Form.DOCUMENT:
        from llm_codemods.configuration import documents

        yield from documents.sites(path, code)
    elif form is Form.JAVASCRIPT:
        from llm_codemods.configuration import javascript

        yield from javascript.sites(path, code)
    elif form in (Form.POWERSHELL, Form.BICEP, Form.TERRAFORM):
        from llm_codemods.configuration import scripts

        yield from scripts.sites(path, code, form)


def _of_origin(source: Source, form: Form, origin: Origin) -> Iterator[Site]:
    if form in (Form.INI, Form.YAML, Form.TOML, Form.JSON):
        from llm_codemods.configuration import origins

        yield from origins.sites(source, form, origin)


def _lines(path: str, code: str, form: Form) -> Iterator[Site]:
    from llm_codemods.configuration import lines, meaning

    for entry in lines.entries(code):
        yield from meaning.sites_of(entry, path, form)


def _tree(path: str, code: str, form: Form) -> Iterator[Site]:
    from llm_codemods.configuration import entries, javascript, meaning, shell

    package = PurePosixPath(path).name == "package.json"
    answered = form is Form.JSON and _ANSWER.search(code) is not None
    for entry in entries.entries(Form.YAML if form is Form.COMPOSE else form, code):
        if package:
            yield from javascript.required(path, entry)
        elif entry.keys[:1] == (RECORDED,):
            first = next((s for s in meaning.sites_of(entry, path, form) if isinstance(s, EndpointEntrySite)), None)
            if first is not None:
                yield first
                return
        elif form is Form.YAML and entry.value is not None and entry.own in SHELL_KEYS:
            span = entry.value.span
            yield from shell.sites(path, code, Form.SHELL, start=span.start, end=span.end)
        else:
            found = meaning.sites_of(entry, path, form)
            yield from (s for s in found if not (answered and isinstance(s, ModelEntrySite | ModelKeySite)))


def _beside(known: Iterable[Site], more: Iterable[Site]) -> Iterator[Site]:
    """Yield of ``more`` what ``known`` lacks: no variables, and nothing in the same place."""
    taken = [site.span for site in known]
    for site in more:
        other = isinstance(
            site,
            ModelEntrySite | ModelKeySite | EndpointEntrySite | OptionEntrySite | ShellRequestSite | DependencySite,
        )
        if other and not any(span.start < site.span.end and site.span.start < span.end for span in taken):
            yield site


def _together(found: Iterable[Site]) -> Iterator[Site]:
    """Let one site stand for the rows of data or of a table; models of one table may differ."""
    rows: dict[tuple[object, ...], list[RowSite]] = {}
    tables: dict[tuple[str, ...], list[ModelKeySite]] = {}
    for site in found:
        if isinstance(site, ModelKeySite):
            tables.setdefault(site.keys, []).append(site)
        elif isinstance(site, RowSite) and site.keys:
            name = "" if isinstance(site, ModelEntrySite) else _name(site)
            rows.setdefault((type(site), site.keys, name), []).append(site)
        else:
            yield site
    for group in rows.values():
        yield from group if len(group) <= REPEATED else (replace(group[0], times=len(group)),)
    for table in tables.values():
        beside = frozenset().union(*(site.beside for site in table))
        yield replace(table[0], beside=beside, names=tuple(dict.fromkeys(site.name for site in table)))


def _name(site: RowSite) -> str:
    return site.url if isinstance(site, EndpointEntrySite) else site.name


def breaks(before: Source, after: Source) -> bool:
    """Whether a YAML, TOML or JSON file could be parsed and can be no longer."""
    form = form_of(before)
    if form not in (Form.COMPOSE, Form.YAML, Form.TOML, Form.JSON):
        return False
    from llm_codemods.configuration import entries

    return entries.is_sound(form, before.text) and not entries.is_sound(form, after.text)


def edits_of(fixes: Sequence[Fix]) -> list[Edit]:
    """Return the edits of fixes in such a file: every change replaces text as it stands, or adds to it; what several
    add in one place stands there in their order."""
    edits = dict.fromkeys(
        Edit(change.span.start, change.span.end, operation.code)
        for fix in fixes
        for change in fix.changes
        for operation in change.operations
        if isinstance(operation, Replace)
    )
    added = [edit for edit in edits if edit.start == edit.end]
    return [*(edit for edit in edits if edit not in added), *merge(added)]
