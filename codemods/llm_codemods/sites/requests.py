"""Requests that a project makes by hand, without the SDK: to OpenAI, to a relay, or to whom its API's paths belong."""

from __future__ import annotations

import json
from collections.abc import Container, Iterator, Sequence, Set
from dataclasses import dataclass, replace

from llm_codemods import dictionaries, keys, openai_api, profile
from llm_codemods.edits import Place, Span
from llm_codemods.libraries import DUMPS, HTTP_LIBRARIES, MOCKS, PRETENDS, SENDS, SENDS_BY, SESSIONS
from llm_codemods.origin import Origin
from llm_codemods.project import Project
from llm_codemods.sites.addresses import Address, Addresses
from llm_codemods.sites.arguments import Arguments
from llm_codemods.sites.flows import Flows
from llm_codemods.sites.kinds.clients import CallSite
from llm_codemods.sites.kinds.given import Given
from llm_codemods.sites.kinds.points import Destination, Group, Points
from llm_codemods.sites.kinds.requests import BodySite, Part, RequestSite, Written
from llm_codemods.terms import (
    Argument,
    Attr,
    Call,
    Entered,
    Entries,
    Joined,
    Literal,
    Name,
    Occurrence,
    Term,
    Typed,
    last_name,
)
from llm_codemods.values import Composed, Constant, Display, Environment, External, Foreign, Values
from llm_codemods.vocabulary import (
    MODEL,
    OPENAIS_MODELS,
    OWN_HOST,
    SECRET,
    is_openais,
)

BODIES = ("json", "data", "content", "body")
"""Arguments that hold what is sent."""
HEADERS = ("headers", "header", "additional_headers", "extra_headers")
"""Arguments that hold the headers."""
KEY_HEADERS = frozenset({"authorization", "api-key"})
DEPTH = 8
"""How many names lie at most between a request and what it sends."""


@dataclass(frozen=True, slots=True)
class _Sending:
    """The arguments of a call that sends, and the call that made the session it is sent through."""

    given: dict[str, Occurrence]
    session: dict[str, Occurrence]
    made: Call | None
    """The latter."""


@dataclass(frozen=True, slots=True)
class _Key:
    """A term that gives the key, in a file; ``header``: the f-string that it stands in."""

    path: str
    term: Term
    header: Joined | None = None


@dataclass(frozen=True, slots=True)
class _Read:
    """A request, the call that sends it, where its key comes from, and the dictionary that it sends."""

    site: RequestSite
    call: Call
    keyed: tuple[_Key, ...]
    leaves: tuple[tuple[_Key, keys.Leaf], ...]
    display: Display | None

    def shared(self) -> Iterator[object]:
        """Yield what other requests may share: literals and reads by identity, and the dictionary."""
        yield from (id(c.literal) for a in self.site.addresses for c in a.parts() if is_openais(str(c.literal.value)))
        yield from (id(c.literal) for c in _model(self.site))
        yield from map(id, self.literals())
        if self.display is not None:
            yield self.display.path, self.display.term.span

    def literals(self) -> Iterator[Literal]:
        """Yield the literals of its keys, and of the names of variables that these are read from."""
        for _, leaf in self.leaves:
            literal = keys.variable_of(leaf) if isinstance(leaf, Environment) else leaf
            if isinstance(literal, Literal):
                yield literal


class Requests:
    """All requests of a project that are made by hand; ``flows`` learns what reaches them."""

    def __init__(self, project: Project, flows: Flows, left: Container[Place] = ()) -> None:
        """Resolve every call of the project that may send; ``left``: where URLs stand that are left as they are."""
        self.left = left
        self.project = project
        self.flows = flows
        self.origin = project.origin
        self.arguments = Arguments(project)
        self.addresses = Addresses(project)
        self.headers_set = tuple(self._headers_set())
        found = [
            read
            for path, facts in project.facts.items()
            for call in facts.calls
            if (read := self._request(path, call)) is not None
        ]
        self.sites: dict[str, list[RequestSite]] = {path: [] for path in project.facts}
        self.bodies: dict[str, list[BodySite]] = {path: [] for path in project.facts}
        """Where what they send is written."""
        found = list(self._together(found))
        for read in found:
            self.sites[read.site.path].append(read.site)
            self._follow(read)
        for body in _bodies(found):
            self.bodies[body.path].append(body)

    def _request(self, path: str, call: Call) -> _Read | None:
        name = call.func.id if isinstance(call.func, Name) else call.func.name if isinstance(call.func, Attr) else ""
        if name not in SENDS or not call.arguments or _is_key(call):
            return None
        library = self._library(path, call.func)
        if library == "" or (library is None and _has_default(call)):
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
        keyed = tuple(self._keys(sending, call))
        leaves = tuple((k, leaf) for k in keyed for leaf in keys.leaves(keys.trace(self.project, k.path, k.term)))
        variables = tuple(dict.fromkeys(leaf.name for _, leaf in leaves if isinstance(leaf, Environment)))
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
            any(isinstance(leaf, Literal) and leaf.value for _, leaf in leaves),
            self.project.values,
            addresses,
        )
        return self._judged(_Read(site, call, keyed, leaves, self._display(sending)), sending)

    # -- what must change with the URL ----------------------------------------------------------------------------

    def _judged(self, read: _Read, sending: _Sending) -> _Read:
        """Say what of the request cannot be seen, and what is written in its own file for no other site to change."""
        site = read.site
        places: list[Written] = []
        unseen = self._unseen_url(site, sending, places) or self._unseen_key(read, places) or _unseen_model(site)
        model = site.given.get("model")
        if model is not None and isinstance(model.term, Literal) and not model.term.plain and not model.inline:
            places.append(Written(Part.JSON, model.span))
            unseen = unseen or (None if model.path == site.path else "model")
        places += self._accounts(sending, site.path)
        hosts = {c.path for a in site.addresses for c in a.parts() if self.origin.has(str(c.literal.value))} - {
            site.path
        }
        if hosts and any(place.part is not Part.ACCOUNT for place in places):
            unseen = unseen or "url"  # the URL is changed in another file than these
        return replace(read, site=replace(site, unseen=unseen, places=tuple(places)))

    def _unseen_url(self, site: RequestSite, sending: _Sending, places: list[Written]) -> str | None:
        if site.points is not Points.OPENAI:
            return "url"
        joined = [
            part
            for place in (sending.given["url"], *(sending.session[n] for n in ("base_url",) if n in sending.session))
            for _, term in self._back(*place)
            if isinstance(term, Joined)
            for part in term.parts
        ]
        for address in site.addresses:
            base = address.base
            if isinstance(base, Environment):
                if base.path != site.path or any(base.term is part for part in joined):
                    return "url"
                places.append(Written(Part.BASE, base.term.span))
            elif base is None:
                return "url"
        return None

    def _unseen_key(self, read: _Read, places: list[Written]) -> str | None:
        """Note what no other site stands for; return ``key`` where it cannot be seen, or cannot be changed."""
        path, seen = read.site.path, bool(read.keyed)
        for key, leaf in read.leaves:
            match leaf:
                case Environment() if (name := keys.variable_of(leaf)) is not None:
                    inside = key.header if key.term is leaf.term else None
                    if inside is not None and not _is_bearer(inside):
                        return "key"
                    if inside is not None:
                        self.flows.headers[id(name)] = inside.span
                    if not self.origin.key_variable.fullmatch(leaf.name):
                        seen = seen and leaf.path == path
                        part = Part.KEY if inside is None else Part.HEADER
                        places.append(Written(part, (inside or leaf.term).span, leaf.name))
                case Literal(value=value) if not value or SECRET.search(str(value)):
                    continue
                case Literal(value=str() as value, plain=True):
                    constants = [v for v in self.project.values(key.path, key.term) if isinstance(v, Constant)]
                    seen = seen and any(c.literal is leaf and c.path == path for c in constants)
                    places.append(Written(Part.HEADER if value.startswith("Bearer ") else Part.KEY, leaf.span))
                case _:
                    return "key"
        return None if seen else "key"

    def _accounts(self, sending: _Sending, path: str) -> Iterator[Written]:
        """Yield the headers that mean something to OpenAI only, where they are written in this file."""
        for arguments in (sending.given, sending.session):
            for place in (arguments[name] for name in HEADERS if name in arguments):
                for name, found in dictionaries.entries(self.project, *place)[0].items():
                    if name.lower().startswith("openai-") and len(found) == 1 and found[0][0].path == path:
                        entries = found[0][0].term
                        if isinstance(entries, Entries) and entries.put is not None:
                            yield Written(Part.ACCOUNT, entries.put.statement)
                        else:
                            yield Written(Part.ACCOUNT, entries.span, name)

    def _display(self, sending: _Sending) -> Display | None:
        """Return the dictionary that is sent."""
        for place in (sending.given[name] for name in BODIES if name in sending.given):
            for file, term in self._back(*self._unwritten(*place)):
                shown = [v for v in self.project.values(file, term) if isinstance(v, Display)]
                if len(shown) == 1 and isinstance(term, Entries | Call) and shown[0].term.span == term.span:
                    return shown[0]  # also ``dict(model=…)``
        return None

    def _follow(self, read: _Read) -> None:
        """Note what reaches a request."""
        site = read.site
        for key in read.keyed:
            values = self.project.values(key.path, key.term)
            self.flows.follow_key(site.path, read.call.scope, values, site.reach)
        bases = tuple(a.base for a in site.addresses if isinstance(a.base, Environment))
        self.flows.follow_key(site.path, read.call.scope, bases, site.reach)
        for literal in (v for a in site.addresses for v in a.literals if self.origin.has(str(v.value))):
            _add(self.flows.urls.setdefault(id(literal), []), site)
        for literal in read.literals():
            _add(self.flows.key_requests.setdefault(id(literal), []), site)
        for constant in _model(site):
            _add(self.flows.by_hand.setdefault(id(constant.literal), []), site)
            if site.images:
                self.flows.seen.add(id(constant.literal))
        self.flows.follow_roles(site.given, site.points if site.unseen is None else Points.UNKNOWN)

    def _together(self, found: Sequence[_Read]) -> Iterator[_Read]:
        """Yield the requests with those that share something in one group."""
        groups: dict[object, Group] = {}
        members: dict[Group, list[int]] = {}
        for i, read in enumerate(found):
            mine = Group()
            members[mine] = [i]
            for one in read.shared():
                if (other := groups.get(one)) is not None and other is not mine:
                    members[mine] += members.pop(other)
                    groups.update((key, mine) for key, group in groups.items() if group is other)
                groups[one] = mine
        done: dict[int, _Read] = {}
        for group, places in members.items():
            endangered = any(self._is_needed(literal) for i in places for literal in found[i].literals())
            endangered = endangered or any(place in self.left for i in places for place in _urls(found[i].site))
            for i in places:
                done[i] = replace(found[i], site=replace(found[i].site, group=group, endangered=endangered))
            group.requests = tuple(done[i].site for i in sorted(places))
        yield from (done[i] for i in range(len(found)))

    def _is_needed(self, literal: Literal) -> bool:
        """Whether a client that stays where it is takes a key from a literal, or from the variable that it names."""
        read = self.flows.reads.get(id(literal))
        reaches = [use.reach for use in read.uses] if read is not None else self.flows.keys.get(id(literal), [])
        return any(not reach.movable for reach in reaches)

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
        if made is None:
            return _Sending(given, {}, None)
        return _Sending(given, self._arguments(*made, ("host",)), made[1])

    def _arguments(self, path: str, call: Call, names: Sequence[str]) -> dict[str, Occurrence]:
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

    def _back(self, path: str, term: Term) -> Iterator[Occurrence]:
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
            return self.addresses.below([replace(h, start=f"https://{h.start}", bare=True) for h in hosts], found)
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

    def _unwritten(self, path: str, term: Term) -> Occurrence:
        """Return what is written as JSON and encoded to become ``term``."""
        last: Occurrence = (path, term)
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

    def _keys(self, sending: _Sending, call: Call) -> Iterator[_Key]:
        """Yield what the header with the key takes it from."""
        displays: set[Term] = set()
        for arguments in (sending.given, sending.session):
            for path, term in (arguments[name] for name in HEADERS if name in arguments):
                displays.update(v.term for v in self.project.values(path, term) if isinstance(v, Display))
                entries, _ = dictionaries.entries(self.project, path, term)
                for name, found in entries.items():
                    if name.lower() in KEY_HEADERS:
                        for display, value in found:
                            yield from self._key(display.path, value)
        for path, base, value in self.headers_set:
            if self._is_of(path, base, displays, sending.made, call):
                yield from self._key(path, value)

    def _is_of(self, path: str, base: Term, displays: Set[Term], made: Call | None, call: Call) -> bool:
        """Whether ``base`` is one of these dictionaries, or the headers of this session or request."""
        if isinstance(base, Attr) and base.name == "headers":
            owners = [one for _, one in self._back(path, base.base)]
            return any(one is call or (made is not None and one is made) for one in owners)
        return any(isinstance(v, Display) and v.term in displays for v in self.project.values(path, base))

    def _headers_set(self) -> Iterator[tuple[str, Term, Term]]:
        """Yield file, dictionary and value of each header with a key that is set after the dictionary was made."""
        for path, facts in self.project.facts.items():
            for put in facts.puts:
                if put.item and put.name.lower() in KEY_HEADERS:
                    yield path, put.base, put.value
            for call in facts.calls:
                if isinstance(call.func, Attr) and call.func.name == "add_header" and len(call.arguments) > 1:
                    name, value = (argument.value for argument in call.arguments[:2])
                    if isinstance(name, Literal) and str(name.value).lower() in KEY_HEADERS:
                        yield path, Attr(call.func.base, "headers"), value

    def _key(self, path: str, term: Term) -> Iterator[_Key]:
        """Yield the key in ``f"Bearer {key}"``."""
        if isinstance(term, Joined):
            header = term if any(isinstance(p, Literal) and not p.plain for p in term.parts) else None
            yield from (_Key(path, part, header) for part in term.parts if not isinstance(part, Literal))
        elif isinstance(term, Call) and isinstance(term.func, Attr) and term.func.name == "format":
            yield from (_Key(path, argument.value) for argument in term.arguments)
        else:
            composed = [v for v in self.project.values(path, term) if isinstance(v, Composed)]
            for value in composed:
                yield from self._key(value.path, value.term)
            if not composed:
                yield _Key(path, term)


def _urls(site: RequestSite) -> Iterator[Place]:
    """Yield where a request's URL is reported."""
    yield site.path, site.span
    yield from ((c.path, c.literal.span) for a in site.addresses for c in a.parts())


def _is_bearer(header: Joined) -> bool:
    """Whether a header is nothing but ``Bearer`` and the key."""
    first, *rest = header.parts
    return isinstance(first, Literal) and first.value == "Bearer " and len(rest) == 1


def _add(found: list[RequestSite], site: RequestSite) -> None:
    if site not in found:
        found.append(site)


def _model(site: RequestSite) -> tuple[Constant, ...]:
    return site.given["model"].constants if "model" in site.given else ()


def _unseen_model(site: RequestSite) -> str | None:
    """Return ``model`` where a request needs one and it is not seen, or is none of OpenAI's."""
    if site.method != "POST" or "model" not in openai_api.parameters(site.endpoint):
        return None
    given = site.given.get("model")
    values = given.values if given is not None else ()
    seen = all(
        isinstance(v, Environment) or (isinstance(v, Constant) and MODEL.fullmatch(str(v.literal.value)))
        for v in values
    )
    return None if values and seen else "model"


def _bodies(found: Sequence[_Read]) -> Iterator[BodySite]:
    """Yield the dictionaries that are sent, each once, unless several endpoints get it."""
    reads: dict[Place, list[_Read]] = {}
    for read in found:
        if read.display is not None and read.site.endpoint:
            reads.setdefault((read.display.path, read.display.term.span), []).append(read)
    for (path, span), those in reads.items():
        site = those[0].site
        if len({read.site.endpoint for read in those}) > 1:
            continue
        call = CallSite(
            path,
            span,
            span,
            site.endpoint,
            site.points,
            site.host,
            {name: _as_argument(given, path, span) for name, given in site.given.items()},
            site.opaque,
            called=True,
            legacy=True,
            known=True,
            models=site.models,
            images=site.images,
            resolve=site.resolve,
        )
        extends = any((given.path, given.span) in reads and given.span != span for given in site.given.values())
        yield BodySite(path, span, call, site.group, extends)


def _as_argument(given: Given, path: str, display: Span) -> Given:
    """Return an entry of a dictionary as if it were an argument of a call."""
    if not (given.entry and given.path == path and given.span == display):
        return given
    span = getattr(given.term, "span", display)
    return replace(given, direct=True, span=span)


def _is_key(call: Call) -> bool:
    """Whether the first argument is a plain word: ``options.get("model")``."""
    first = call.arguments[0]
    return (
        first.name is None
        and isinstance(first.value, Literal)
        and "/" not in str(first.value.value)
        and (len(call.arguments) < 2 or not isinstance(call.func, Attr) or call.func.name == "get")
    )


def _has_default(call: Call) -> bool:
    """Whether an entry of a dictionary is asked for: ``urls.get("https://…", None)``."""
    match call:
        case Call(func=Attr(name="get"), arguments=[Argument(name=None), Argument(name=None, value=Literal())]):
            return True
    return False


def _points(addresses: Sequence[Address], models: Sequence[str], origin: Origin) -> Destination:
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
