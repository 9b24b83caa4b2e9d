"""URLs that are put together: from which base, by which steps, as far as that can be read."""

from __future__ import annotations

import re
import string
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice, product
from urllib.parse import urljoin, urlsplit

from llm_codemods import openai_api
from llm_codemods.libraries import JOINS_PATHS, JOINS_URLS, KEEPS_URL
from llm_codemods.project import Project
from llm_codemods.terms import (
    Attr,
    Call,
    Either,
    Entered,
    Joined,
    Literal,
    Parameter,
    Term,
    Typed,
    last_name,
)
from llm_codemods.values import Composed, Constant, Environment, External
from llm_codemods.vocabulary import host_of, is_openais

DEPTH = 12
"""How many steps are followed back from a URL."""
MOST = 12
"""So many URLs that one thing may be are looked at."""
STRIPS = frozenset({"lstrip", "removeprefix", "removesuffix", "rstrip", "strip"})


@dataclass(frozen=True, slots=True)
class Step:
    """What is done to a text: ``add``, ``join`` (``urljoin``), ``below`` (with one slash between), or a method of
    ``STRIPS``."""

    verb: str
    text: str
    of: Address | None = None
    """What the text is, if it is put together itself."""

    def __call__(self, before: str) -> str:
        """Return the text after the step."""
        match self.verb:
            case "add":
                return before + self.text
            case "join":
                return f"{before}/{self.text.lstrip('/')}" if before.startswith("{") else urljoin(before, self.text)
            case "below":
                return self.text if "://" in self.text else f"{before.rstrip('/')}/{self.text.lstrip('/')}"
        done: str = getattr(before, self.verb)(*([self.text] if self.text else []))
        return done


@dataclass(frozen=True, slots=True)
class Address:
    """One URL that something may be. ``start`` is its base as far as it is known, else a name in braces."""

    start: str
    base: Constant | Environment | None = None
    steps: tuple[Step, ...] = ()
    literals: tuple[Literal, ...] = ()
    """All that are in it."""
    bare: bool = False
    """``base`` is the host alone, which is a setting apart."""

    @property
    def url(self) -> str:
        """The whole, with names in braces for what is not known."""
        return self.from_base(self.start)

    @property
    def host(self) -> str | None:
        """Its host; None where that is not known."""
        host = host_of(self.url)
        return None if host is None or host.startswith("{") else host

    @property
    def api_path(self) -> str | None:
        """The path of the API that it ends in: ``chat/completions``."""
        return openai_api.path_in(self.url)

    def from_base(self, base: str) -> str:
        """Return what it would be with another base."""
        for step in self.steps:
            base = step(base)
        return base

    def then(self, verb: str, other: Address) -> Address:
        """Return it with another text behind it."""
        step = Step(verb, other.url, other)
        return replace(self, steps=(*self.steps, step), literals=(*self.literals, *other.literals))

    def parts(self) -> Iterator[Constant]:
        """Yield the literals that it is put together of, each with its file."""
        if isinstance(self.base, Constant):
            yield self.base
        for step in self.steps:
            if step.of is not None:
                yield from step.of.parts()

    def changed(self, heads: Mapping[int, tuple[str, str]], base: str | None = None) -> str:
        """Return what it would be with other beginnings of its literals (``id`` -> old, new), or another base."""
        start = self.start
        if isinstance(self.base, Constant) and id(self.base.literal) in heads:
            old, new = heads[id(self.base.literal)]
            scheme = "https://" if self.bare else ""
            start = scheme + new + start.removeprefix(scheme + old) if start.startswith(scheme + old) else start
        elif base is not None and isinstance(self.base, Environment):
            start = base
        for step in self.steps:
            known = step if step.of is None else replace(step, text=step.of.changed(heads, base))
            start = known(start)
        return start


class Addresses:
    """Reads URLs; keeps nothing but the project."""

    def __init__(self, project: Project) -> None:
        """Take the project that the URLs are made in."""
        self.project = project

    def of(self, path: str, term: Term) -> tuple[Address, ...]:
        """Return the URLs that a term may be, with something that is not known in any of them at least once."""
        return self._few(self._of(path, term, DEPTH))

    def below(self, bases: Sequence[Address], rest: Sequence[Address]) -> tuple[Address, ...]:
        """Return what a client that is made for a base sends requests to."""
        if not bases:
            return tuple(rest)
        return self._few(r if "://" in r.start else base.then("below", r) for base, r in product(bases, rest))

    def _few(self, found: Iterable[Address]) -> tuple[Address, ...]:
        return tuple(dict.fromkeys(islice(found, MOST)))

    def _of(self, path: str, term: Term, depth: int) -> Iterator[Address]:
        if depth == 0:
            yield _unknown(term)
            return
        match term:
            case Literal(value=str() as value):
                yield Address(value, Constant(path, term), (), (term,))
            case Joined(parts=parts):
                yield from self._joined("add", [self._few(self._of(path, part, depth - 1)) for part in parts])
            case Either(options=options):
                for option in options:
                    yield from self._of(path, option, depth - 1)
            case Typed(value=value) if value is not None:
                yield from self._of(path, value, depth - 1)
            case Call() if (found := self._called(path, term, depth - 1)) is not None:
                yield from found
            case _:
                yield from self._followed(path, term, depth - 1)

    def _joined(self, verb: str, parts: Sequence[Sequence[Address]]) -> Iterator[Address]:
        for first, *rest in product(*parts):
            whole = first
            for part in rest:
                whole = whole.then(verb, part)
            yield whole

    def _called(self, path: str, call: Call, depth: int) -> Iterator[Address] | None:
        """Yield what a call gives that only puts texts together; None for any other."""
        given = [a.value for a in call.arguments if a.name is None]
        if isinstance(call.func, Attr) and call.func.name in (*STRIPS, "format"):
            if call.func.name == "format":
                return self._formatted(path, call.func.base, call, depth)
            texts = [str(t.value) for t in given if isinstance(t, Literal)]
            if len(texts) == len(given):
                step = Step(call.func.name, texts[0] if texts else "")
                return (replace(a, steps=(*a.steps, step)) for a in self._of(path, call.func.base, depth))
            return self._of(path, call.func.base, depth)
        if not given or last_name(call.func) not in _JOINERS:
            return None
        names = {v.dotted for v in self.project.values(path, call.func) if isinstance(v, External)}
        if not names.isdisjoint(KEEPS_URL):
            return self._of(path, given[0], depth)
        if not names.isdisjoint(JOINS_URLS | JOINS_PATHS):
            verb = "below" if names.isdisjoint(JOINS_URLS) else "join"
            return self._joined(verb, [self._few(self._of(path, term, depth)) for term in given])
        return None

    def _formatted(self, path: str, template: Term, call: Call, depth: int) -> Iterator[Address]:
        positional = [a.value for a in call.arguments if a.name is None]
        named = {a.name: a.value for a in call.arguments if a.name not in (None, "*", "**")}
        for whole in self._of(path, template, depth):
            try:
                fields = list(string.Formatter().parse(whole.url))
            except ValueError:
                continue
            parts: list[Sequence[Address]] = []
            places = iter(range(len(positional)))
            for text, field, _, _ in fields:
                parts.append((Address(text, whole.base, (), whole.literals),))
                if field is not None:
                    place = field if field else str(next(places, ""))
                    term = named.get(place) or (
                        positional[int(place)] if place.isdigit() and int(place) < len(positional) else None
                    )
                    known = self._few(self._of(path, term, depth)) if term is not None else ()
                    parts.append(known or (Address(f"{{{field}}}"),))
            yield from self._joined("add", parts)

    def _followed(self, path: str, term: Term, depth: int) -> Iterator[Address]:
        """Yield what a name, an attribute or a call of the project's stands for."""
        origins = self.project.origins(path, term)
        if origins:
            for file, origin in origins:
                yield from self._of(file, origin, depth)
            return
        known = False
        for value in self.project.values(path, term):
            match value:
                case Constant(literal=Literal(value=str())):
                    yield from self._of(value.path, value.literal, depth)
                case Environment():
                    yield Address(f"{{{value.name}}}", value)
                case Composed():
                    yield from self._of(value.path, value.term, depth)
                case _:
                    continue
            known = True
        if not known:
            yield _unknown(term)


_HEAD = re.compile(r"(?P<host>(?P<scheme>(?:https?|wss?)://)?[^/]+)(?P<version>/v1(?=/|$))?")
"""What the URL of an endpoint begins with."""
_VERSION = re.compile(r"/?v1(?=/|$)")


@dataclass(frozen=True, slots=True)
class Head:
    """The literal of a URL begins with ``old``, and will with ``new``."""

    constant: Constant
    old: str
    new: str

    @property
    def whole(self) -> str:
        """The literal as it will be."""
        return self.new + str(self.constant.literal.value).removeprefix(self.old)


def relocated(addresses: Sequence[Address], base: str, path: str) -> tuple[Head, ...] | None:
    """Return what must change in the literals of URLs so that each is that of another endpoint; None: there is no way.

    ``base``: of the endpoint, without a final slash; ``path``: the path of the API there. What follows the path stays.
    """
    for plan in _plans(addresses, base):
        heads = {id(head.constant.literal): (head.old, head.new) for head in plan}
        if all(address.changed(heads, base) == _right(address, base, path) for address in addresses):
            return tuple(plan)
    return None


def _right(address: Address, base: str, path: str) -> str | None:
    """Return the URL at the new endpoint; None where what follows the path is not known."""
    api = address.api_path
    if api is None:
        return None
    return f"{base}/{path}{address.url[address.url.rindex(api) + len(api) :]}"


def _plans(addresses: Sequence[Address], base: str) -> Iterator[list[Head]]:
    """Yield ways to change the literals, those that change least first."""
    constants = {id(c.literal): c for address in addresses for c in address.parts()}
    hosts = [(c, m) for c in constants.values() if is_openais(str(c.literal.value)) and (m := _match(c))]
    paths = [(c, m[0]) for c in constants.values() if (m := _VERSION.match(str(c.literal.value)))]
    split = urlsplit(base)
    versionless = any(not found["version"] for _, found in hosts)
    # What a host without /v1 becomes, and the /v1 that other literals begin with; None: it stays.
    ways = (base.removesuffix("/v1"), None), (base, ""), (f"{split.scheme}://{split.netloc}", split.path)
    for host, version in ways:
        plan = [Head(c, m[0], split.netloc if not m["scheme"] else base if m["version"] else host) for c, m in hosts]
        if version is not None and versionless:
            plan += [_beginning(constant, old, version) for constant, old in paths]
        yield plan


def _beginning(constant: Constant, old: str, version: str) -> Head:
    """Return the change of a path's ``/v1`` or ``v1`` to another beginning, which may be empty."""
    if old.startswith("/"):
        return Head(constant, old, version)
    return Head(constant, old if version else f"{old}/", version.lstrip("/"))


def _match(constant: Constant) -> re.Match[str] | None:
    return _HEAD.match(str(constant.literal.value))


_JOINERS = {name.rpartition(".")[2] for name in (*JOINS_URLS, *JOINS_PATHS, *KEEPS_URL)}


def _unknown(term: Term) -> Address:
    while isinstance(term, Entered):
        term = term.base
    name = term.name if isinstance(term, Parameter) else last_name(term)
    return Address(f"{{{name or '…'}}}")
