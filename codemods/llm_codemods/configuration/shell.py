"""Commands: shell scripts, Dockerfiles, Makefiles, Procfiles, and the scripts that workflows hold.

Bash's grammar reads them all. What the other three put around commands is blanked first: Docker's instructions, make's
``@`` and operators of assignments, the name of a process. No grammars of these three are kept well enough.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING

from llm_codemods.configuration import dependencies, grammar, tokens
from llm_codemods.configuration.forms import Form
from llm_codemods.configuration.meaning import REFERENCE
from llm_codemods.configuration.sites import (
    Block,
    EndpointEntrySite,
    KeyEntrySite,
    ModelEntrySite,
    Role,
    ShellRequestSite,
    VariableEntrySite,
    Word,
)
from llm_codemods.edits import Span
from llm_codemods.lines import Lines
from llm_codemods.sites.kinds import Site
from llm_codemods.vocabulary import KEY_MENTIONED, URL_VARIABLE

if TYPE_CHECKING:
    from tree_sitter import Node

_BLANKED = {
    Form.DOCKERFILE: re.compile(r"^[ \t]*(?:ONBUILD[ \t]+)?[A-Z]+(?=[ \t])(?:[ \t]+--[\w=,./-]+)*", re.MULTILINE),
    Form.MAKEFILE: re.compile(r"^\t[@+-]+|^(?:export|override)\b|[ \t]*[:?+!](?==)|(?<==)[ \t]+", re.MULTILINE),
    Form.PROCFILE: re.compile(r"^[\w-]+:", re.MULTILINE),
}
_REQUESTERS = frozenset({"curl", "http", "https", "httpie", "wget", "xh"})
_INSTALL = re.compile(r"\b(?:install|add|download|wheel)\b|--with\b|\buvx\b|\bpipx run\b")
_PACKAGE = re.compile(r"(?<![\w./@:$,\[-])[\w.-]*openai[\w.-]*|(?<![\w./,\[-])tiktoken")
_BEHIND = re.compile(r"[^\s\"'\\]*(?=([\"']?))")
"""What stands behind the name of a package up to the end of the word."""
_OPENAI_COMMAND = re.compile(r"(?<![\w./-])openai[ \t]+(?:-\w+[ \t]+\S+[ \t]+)*(?:api|tools|migrate)\b")
_SET_BEHIND = re.compile(r"[ \t]*[:?+!]?=(?!=)|[ \t\\]*(?:\r?\n|$)|[ \t]+[^\s=]+[ \t\\]*(?:\r?\n|$)")
_SET_BEFORE = re.compile(r"(?:^|[\s;&|(\"'=])(?:export\s+|-e\s*|--env[ =]|--build-arg[ =])?[\"']?$")
_ASSIGNED = re.compile(
    r"^[ \t]*(?:(?:export|ENV|ARG)[ \t]+)?([A-Za-z_]\w*)[ \t]*[:?+!]?=[ \t]*([^\s;\\]*)"
    r"|^[ \t]*ENV[ \t]+([A-Za-z_]\w*)[ \t]+([^\s;\\=]+)",
    re.MULTILINE,
)
"""Names and values; the second way is an old one of Dockerfiles."""


def _assignments(text: str) -> tuple[tuple[str, str], ...]:
    """Return the names that a script, Dockerfile or Makefile sets at the start of a line, with their values."""
    found = _ASSIGNED.findall(text)
    return tuple((name or old_name, (value or old_value).strip("\"'")) for name, value, old_name, old_value in found)


def sites(path: str, text: str, form: Form, *, start: int = 0, end: int | None = None) -> Iterator[Site]:
    """Yield the sites of commands, which stand between two offsets of a text."""
    reader = _reader(path, text, form, start, end)
    block = Block(_assignments(reader.region))
    for site in chain(reader.variables(), reader.models(), reader.endpoints()):
        yield replace(site, block=block)
    yield from reader.keys()
    yield from reader.installed()


def installed(path: str, text: str, form: Form, pattern: re.Pattern[str], part: Span) -> Iterator[Word]:
    """Yield the packages that commands in a part of a text install whose names a pattern fits; ``quote`` is the one
    behind."""
    yield from _reader(path, text, form, part.start, part.end).packages(pattern)


def _reader(path: str, text: str, form: Form, start: int, end: int | None) -> _Reader:
    region = text[start:end]
    blanked = _BLANKED.get(form)
    twin = blanked.sub(lambda m: re.sub(r"[^\n]", " ", m[0]), region) if blanked else region
    return _Reader(path, region, form, start, grammar.parse("bash", twin))


class _Reader:
    """Reads one region; offsets in it count from ``base``."""

    def __init__(self, path: str, region: str, form: Form, base: int, root: Node) -> None:
        self.path = path
        self.region = region
        self.form = form
        self.base = base
        self.root = root

    def span(self, start: int, end: int) -> Span:
        return Span(self.base + start, self.base + end)

    def is_code(self, start: int, end: int) -> bool:
        return grammar.at(self.root, start, end).type != "comment"

    def command(self, start: int, end: int) -> Node | None:
        """Return the command in which a range stands."""
        return next((n for n in grammar.above(grammar.at(self.root, start, end)) if n.type == "command"), None)

    def text(self, node: Node) -> str:
        return self.region[node.start_byte : node.end_byte]

    def variables(self) -> Iterator[VariableEntrySite]:
        lines = Lines(self.region)
        done: dict[tuple[int, str], VariableEntrySite] = {}
        for found in tokens.find_near(tokens.VARIABLE, self.region):
            if not self.is_code(*found.span()):
                continue
            before = self.region[max(0, found.start() - 40) : found.start()]
            after = self.region[found.end() : found.end() + 80]
            value = None
            if REFERENCE.search(before) or before.endswith("$("):
                role = Role.USED
            elif _SET_BEFORE.search(before) and _SET_BEHIND.match(after):
                role, value = Role.SET, self.value(found.end())
            else:
                role = Role.NAMED
            place = lines.line(found.start()), found[0]
            span = self.span(*found.span())
            if place in done:
                done[place] = replace(done[place], again=(*done[place].again, Word(found[0], span)))
            else:
                done[place] = VariableEntrySite(self.path, span, found[0], self.form, (), role, value)
        yield from done.values()

    def value(self, at: int) -> Word | None:
        """Return what is assigned behind a name that ends at ``at``."""
        found = re.compile(r"[ \t]*(?:[:?+!]?=[ \t]*|[ \t]+)(?:([\"'])(.*?)\1|([^\s\"'\\]+))").match(self.region, at)
        if found is None:
            return None
        group = 2 if found[1] else 3
        return Word(found[group], self.span(*found.span(group)), found[1] or "")

    def models(self) -> Iterator[ModelEntrySite]:
        for start, prefix, name in tokens.models_in(self.region, anywhere=True):
            end = start + len(name)
            command = self.command(start, end)
            said = command is not None and _command_name(self.text(command)) in ("echo", "printf")
            if self.is_code(start, end) and not said:
                yield ModelEntrySite(self.path, self.span(start, end), name, self.form, (), prefix)

    def endpoints(self) -> Iterator[EndpointEntrySite | ShellRequestSite]:
        for found in tokens.find_near(tokens.URL, self.region):
            if not self.is_code(*found.span()):
                continue
            url = found[0].rstrip(".\\")
            span = self.span(found.start(), found.start() + len(url))
            command = self.command(*found.span())
            name = _command_name(self.text(command)) if command is not None else ""
            if command is not None and name in _REQUESTERS:
                written = self.text(command)
                model = next((m for _, _, m in tokens.models_in(written)), None)
                key = re.search(r"\$\{?(\w*(?:KEY|TOKEN)\w*)", written)
                site = ShellRequestSite(self.path, span, name, url, model, key[1] if key else None)
                yield self.whole(site, command)
            elif not _is_set(self.region, found.start()):
                yield EndpointEntrySite(self.path, span, url, self.form, ())
        for found in _OPENAI_COMMAND.finditer(self.region):
            command = self.command(*found.span())
            if command is not None and self.text(command).startswith("openai"):
                model = next((m for _, _, m in tokens.models_in(self.text(command))), None)
                yield ShellRequestSite(self.path, self.span(*found.span()), "openai", None, model, None)

    def whole(self, site: ShellRequestSite, command: Node) -> ShellRequestSite:
        """Return the site with all that must change with its URL."""
        above = command.parent
        node = above if above is not None and above.type == "redirected_statement" else command
        written, start = self.text(node), node.start_byte
        keys = [Word(f[0], self.span(start + f.start(), start + f.end())) for f in KEY_MENTIONED.finditer(written)]
        models = [
            Word(name, self.span(start + at, start + at + len(name)))
            for at, _, name in tokens.models_in(written, anywhere=True)
        ]
        bodies = [
            Word(self.region[s:e], self.span(s, e))
            for s, e in map(_content, grammar.below(node))
            if self.region[s:e].lstrip().startswith("{")
        ]
        body = bodies[0] if len(bodies) == 1 else None
        model = site.model or (models[0].text if models else None)
        return replace(site, model=model, keys=tuple(keys), models=tuple(models), body=body)

    def keys(self) -> Iterator[KeyEntrySite]:
        for start, end in tokens.keys_in(self.region):
            yield KeyEntrySite(self.path, self.span(start, end), self.form)

    def installed(self) -> Iterator[Site]:
        for word in self.packages(_PACKAGE):
            site = dependencies.required(self.path, word)
            if site is not None:
                yield replace(site, exact=True)

    def packages(self, pattern: re.Pattern[str]) -> Iterator[Word]:
        """Yield what a command installs that begins with a pattern; the quote is the one behind it."""
        for found in pattern.finditer(self.region):
            command = self.command(*found.span())
            if command is None:
                continue
            before = self.region[command.start_byte : found.start()]
            if not _INSTALL.search(before) or _command_name(before) in ("echo", "printf"):
                continue
            end = _BEHIND.match(self.region, found.end())
            assert end is not None
            yield Word(self.region[found.start() : end.end()], self.span(found.start(), end.end()), end[1])


def _content(node: Node) -> tuple[int, int]:
    """Return where the text stands that the shell hands on as it is; an empty range for other nodes."""
    if node.type == "raw_string":
        return node.start_byte + 1, node.end_byte - 1
    plain = node.type == "heredoc_body" and not node.named_children
    return (node.start_byte, node.end_byte) if plain else (node.start_byte, node.start_byte)


def _command_name(command: str) -> str:
    found = re.match(r"\s*(?:\w+=\S*\s+)*(?:[\w./-]*/)?([\w.-]+)", command)
    return found[1] if found else ""


def _is_set(region: str, at: int) -> bool:
    """Whether the value at ``at`` is that of a variable of OpenAI, which says it already."""
    found = re.search(r"(\w+)[ \t]*[:?+!]?=[ \t]*[\"']?(?:\$\{\w+:?[-=])?$", region[max(0, at - 80) : at])
    return found is not None and URL_VARIABLE.fullmatch(found[1]) is not None
