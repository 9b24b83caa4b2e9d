"""Requests that a project makes by hand, without the SDK: to OpenAI, to a relay, or to whom its API's paths belong."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from llm_codemods import keys, openai_api, profile
from llm_codemods.libraries import DUMPS, HTTP_LIBRARIES, MOCKS, PRETENDS, SENDS, SENDS_BY, SESSIONS
from llm_codemods.origin import Origin
from llm_codemods.project import Project
from llm_codemods.sites.addresses import Address, Addresses
from llm_codemods.sites.arguments import Arguments
from llm_codemods.sites.flows import Flows
from llm_codemods.sites.site import Given, Points, RequestSite
from llm_codemods.terms import Attr, Call, Entered, Joined, Literal, Name, Term, Typed, last_name
from llm_codemods.values import Composed, Constant, Environment, External, Foreign, Values
from llm_codemods.vocabulary import OPENAIS_MODELS, OWN_HOST, is_openais

BODIES = ("json", "data", "content", "body")
"""Arguments that hold what is sent."""
KEY_HEADERS = frozenset({"authorization", "api-key"})
DEPTH = 8
"""How many names lie at most between a request and what it sends."""

Place = tuple[str, Term]
"""A term and the file in which it stands."""


@dataclass(frozen=True, slots=True)
class _Sending:
    """The arguments of a call that sends, and the call that made the session it is sent through."""

    given: dict[str, Place]
    session: dict[str, Place]


class Requests:
    """All requests of a project that are made by hand; ``flows`` learns what reaches them."""

    def __init__(self, project: Project, flows: Flows) -> None:
        """Resolve every call of the project that may send."""
        self.project = project
        self.flows = flows
        self.origin = project.origin
        self.arguments = Arguments(project)
        self.addresses = Addresses(project)
        self.sites: dict[str, list[RequestSite]] = {
            path: [site for call in facts.calls if (site := self._request(path, call)) is not None]
            for path, facts in project.facts.items()
        }

    def _request(self, path: str, call: Call) -> RequestSite | None:
        name = call.func.id if isinstance(call.func, Name) else call.func.name if isinstance(call.func, Attr) else ""
        if name not in SENDS or not call.arguments or _is_key(call):
            return None
        library = self._library(path, call.func)
        if library == "":
            return None
        sending = self._sending(path, call, SENDS[SENDS_BY.get(f"{library}.{name}", name)])
        if "url" not in sending.given:
            return None
        addresses = self._addresses(sending)
        ours = [a for a in addresses if self.origin.has(a.url)]
        api = next((a.api_path for a in (*ours, *addresses) if a.api_path), None)
        if not ours and (api is None or library is None):
            return None
        verb = self._verb(name, sending)
        given, opaque = self._body(sending)
        keyed = list(self._keys(sending))
        leaves = [leaf for file, term in keyed for leaf in keys.leaves(keys.trace(self.project, file, term))]
        variables = tuple(dict.fromkeys(leaf.name for leaf in leaves if isinstance(leaf, Environment)))
        models = given["model"].strings if "model" in given else ()
        points, host = _points(ours or addresses, models, self.origin)
        if points is Points.UNKNOWN and not (
            (self.origin.is_openai and _are_openais(models)) or any(map(self.origin.key_variable.fullmatch, variables))
        ):
            return None
        site = RequestSite(
            path,
            call.span,
            call.callee,
            verb or ("POST" if given else "GET"),
            (ours or addresses)[0],
            points,
            host,
            openai_api.method_at(api, verb) if api is not None else "",
            given,
            opaque,
            models,
            self.flows.has_images(given),
            variables,
            any(isinstance(leaf, Literal) and leaf.value for leaf in leaves),
            self.project.values,
        )
        self._follow(site, call, addresses, keyed)
        return site

    def _follow(self, site: RequestSite, call: Call, addresses: Sequence[Address], keyed: Sequence[Place]) -> None:
        """Note what reaches a request."""
        for file, term in keyed:
            self.flows.follow_key(site.path, call.scope, self.project.values(file, term), site.reach)
        bases = tuple(a.base for a in addresses if isinstance(a.base, Environment))
        self.flows.follow_key(site.path, call.scope, bases, site.reach)
        for literal in (v for a in addresses for v in a.literals if self.origin.has(str(v.value))):
            found = self.flows.urls.setdefault(id(literal), [])
            if site not in found:
                found.append(site)
        for constant in site.given["model"].constants if "model" in site.given else ():
            self.flows.by_hand.setdefault(id(constant.literal), set()).add(site.points)

    def _library(self, path: str, func: Term) -> str | None:
        """Return the module that sends, None where that is not known, and "" for what sends nothing."""
        base = func.base if isinstance(func, Attr) else func
        values: Values = self.project.values(path, base)
        named = [v.dotted for v in values if isinstance(v, External | Foreign)]
        for dotted in named:
            for library in HTTP_LIBRARIES:
                if dotted == library or dotted.startswith(f"{library}."):
                    return library
        spelled = (last_name(base) or "").lower()
        pretends = any(dotted.partition(".")[0] in PRETENDS or dotted.startswith(MOCKS) for dotted in named)
        if pretends or "mock" in spelled or spelled in PRETENDS or not isinstance(func, Attr):
            return ""
        return None

    def _sending(self, path: str, call: Call, names: Sequence[str]) -> _Sending:
        given = self._arguments(path, call, names)
        if "uri" in given:
            given.setdefault("url", given["uri"])
        made = self._maker(path, call.func.base) if isinstance(call.func, Attr) else None
        return _Sending(given, self._arguments(*made, ("host",)) if made is not None else {})

    def _arguments(self, path: str, call: Call, names: Sequence[str]) -> dict[str, Place]:
        """Return the arguments of a call by name; ``names`` are those of the first positional ones."""
        named, _ = self.arguments.given((path, call))
        found = {name: (given.path, given.term) for name, given in named.items()}
        for name, argument in zip(names, call.arguments, strict=False):
            if argument.name is not None:
                break
            found.setdefault(name, (path, argument.value))
        return found

    def _maker(self, path: str, term: Term) -> tuple[str, Call] | None:
        """Return the call that made a session."""
        for file, one in self._back(path, term):
            if isinstance(one, Call) and last_name(one.func) in SESSIONS:
                return file, one
        return None

    def _back(self, path: str, term: Term) -> Iterator[Place]:
        """Yield a term and what it takes its value from, step by step, where there is one way only."""
        for _ in range(DEPTH):
            yield path, term
            if isinstance(term, Entered):
                term = term.base
                continue
            if isinstance(term, Typed) and term.value is not None:
                term = term.value
                continue
            origins = self.project.origins(path, term)
            if len(origins) != 1:
                return
            path, term = origins[0]

    def _addresses(self, sending: _Sending) -> tuple[Address, ...]:
        found = self.addresses.of(*sending.given["url"])
        if "base_url" in sending.session:
            return self.addresses.below(self.addresses.of(*sending.session["base_url"]), found)
        if "host" in sending.session:
            hosts = self.addresses.of(*sending.session["host"])
            # The host is a setting apart, so that there is no base to put another one in its place.
            joined = self.addresses.below([replace(h, start=f"https://{h.start}") for h in hosts], found)
            return tuple(Address(a.url, a.base, (), a.literals) for a in joined)
        return found

    def _verb(self, name: str, sending: _Sending) -> str | None:
        """Return the HTTP method, as far as it is known."""
        if "method" in sending.given:
            file, term = sending.given["method"]
            said = [v.literal.value for v in self.project.values(file, term) if isinstance(v, Constant)]
            return said[0].upper() if len(said) == 1 and isinstance(said[0], str) else None
        if name in ("Request", "urlopen"):
            return "POST" if "data" in sending.given else "GET"
        return {"connect": "GET", "create_connection": "GET", "WebSocketApp": "GET", "ws_connect": "GET"}.get(
            name, name.upper() if name in ("get", "post", "put", "patch", "delete", "head", "options") else None
        )

    # -- what is sent ---------------------------------------------------------------------------------------------

    def _body(self, sending: _Sending) -> tuple[dict[str, Given], bool]:
        """Return the entries of what is sent, and whether some cannot be seen."""
        places = [sending.given[name] for name in BODIES if name in sending.given]
        for place in places:
            path, term = self._unwritten(*place)
            if isinstance(term, Literal) and isinstance(term.value, str):
                return _parsed(path, term)
            found, whole = self.arguments.unpacked(path, term)
            if found:
                return found, not whole
        return {}, bool(places)

    def _unwritten(self, path: str, term: Term) -> Place:
        """Return what is written as JSON and encoded to become ``term``."""
        last: Place = (path, term)
        for file, one in self._back(path, term):
            last = file, one
            if isinstance(one, Literal):
                break
            if isinstance(one, Call) and (inner := self._inner(file, one)) is not None:
                return self._unwritten(file, inner)
        return last if isinstance(last[1], Literal) else (path, term)

    def _inner(self, path: str, call: Call) -> Term | None:
        """Return what a call writes as JSON, encodes, or takes as it is."""
        if isinstance(call.func, Attr) and call.func.name == "encode":
            return call.func.base
        if not call.arguments or call.arguments[0].name is not None:
            return None
        names = {v.dotted for v in self.project.values(path, call.func) if isinstance(v, External)}
        return call.arguments[0].value if not names.isdisjoint(DUMPS | {"builtins.bytes"}) else None

    def _keys(self, sending: _Sending) -> Iterator[Place]:
        """Yield what the header with the key takes it from."""
        for arguments in (sending.given, sending.session):
            places = [
                arguments[name] for name in ("headers", "additional_headers", "extra_headers") if name in arguments
            ]
            if "header" in arguments:
                places.append(arguments["header"])
            for path, term in places:
                entries, _ = self.project.dictionary(path, term)
                for name, found in entries.items():
                    if name.lower() in KEY_HEADERS:
                        for display, value in found:
                            yield from self._key(display.path, value)

    def _key(self, path: str, term: Term) -> Iterator[Place]:
        """Yield the key in ``f"Bearer {key}"``."""
        if isinstance(term, Joined):
            yield from ((path, part) for part in term.parts if not isinstance(part, Literal))
        elif isinstance(term, Call) and isinstance(term.func, Attr) and term.func.name == "format":
            yield from ((path, argument.value) for argument in term.arguments)
        else:
            composed = [v for v in self.project.values(path, term) if isinstance(v, Composed)]
            for value in composed:
                yield from self._key(value.path, value.term)
            if not composed:
                yield path, term


def _is_key(call: Call) -> bool:
    """Whether the first argument is a plain word: ``options.get("model")``."""
    first = call.arguments[0]
    return (
        first.name is None
        and isinstance(first.value, Literal)
        and "/" not in str(first.value.value)
        and (len(call.arguments) < 2 or not isinstance(call.func, Attr) or call.func.name == "get")
    )


def _points(addresses: Sequence[Address], models: Sequence[str], origin: Origin) -> tuple[Points, str | None]:
    """Say where a request goes, by its URLs and the models that it names; with the host, unless that is OpenAI's."""
    urls = [a.url for a in addresses]
    if origin.is_openai and any(".openai.azure.com" in url for url in urls):
        return Points.AZURE, None
    hosts = [a.host for a in addresses if a.host is not None]
    if any(map(origin.has, urls)):
        return Points.OPENAI, next((host for host in hosts if origin.relays(host)), None)
    if hosts:
        return (Points.RELAY if may_relay(hosts[0], models, origin) else Points.ELSEWHERE), hosts[0]
    variables = [a.base.name for a in addresses if isinstance(a.base, Environment)]
    ours = bool(variables) and all(map(origin.url_variable.fullmatch, variables))
    return (Points.OPENAI if ours else Points.UNKNOWN), None


def may_relay(host: str, models: Sequence[str], origin: Origin) -> bool:
    """Whether a host that nobody knows is asked for models of OpenAI's."""
    return (
        origin.is_openai
        and _are_openais(models)
        and not (is_openais(host) or OWN_HOST.fullmatch(host) or profile.origin(host))
    )


def _are_openais(models: Sequence[str]) -> bool:
    return bool(models) and all(map(OPENAIS_MODELS.match, models))


def _parsed(path: str, literal: Literal) -> tuple[dict[str, Given], bool]:
    """Return the entries of a body that is written as JSON."""
    try:
        body = json.loads(str(literal.value))
    except (ValueError, RecursionError):
        return {}, True
    if not isinstance(body, dict):
        return {}, True
    found: dict[str, Given] = {}
    for name, value in body.items():
        plain = value is None or isinstance(value, str | int | float)
        term = Literal(value if plain else None, literal.span, plain=False)
        values = (Constant(path, term),) if plain else ()
        found[name] = Given(name, literal.span, path, direct=False, inline=False, values=values, term=term)
    return found, False
