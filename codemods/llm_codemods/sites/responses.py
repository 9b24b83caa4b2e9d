"""What code reads out of the answers of the API, and out of its errors."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import replace

from llm_codemods import openai_api, responses
from llm_codemods.edits import Span
from llm_codemods.facts import Access, Code, Facts
from llm_codemods.libraries import is_other_vendors, sdk_name
from llm_codemods.sites.clients import Clients
from llm_codemods.sites.kinds.clients import CallSite
from llm_codemods.sites.kinds.points import Destination, Points, nearest
from llm_codemods.sites.kinds.responses import ErrorCodeSite, ResponseSite, TurnSite
from llm_codemods.terms import Attr, Call, Either, Entries, Item, Items, Literal, Term, last_name
from llm_codemods.values import Constant, Display, External, Foreign, Object, Response, Value

Step = Attr | Item | Call
TEXTS = (("message", "content"), (responses.ELEMENT, "text"))
"""What holds the model's words."""
FORMER = "openai_object."
ADDS = frozenset({"append", "extend", "insert"})
"""Methods that put something into a list."""


class Responses:
    """Finds the sites of responses and of errors."""

    def __init__(self, clients: Clients) -> None:
        """Take the clients and calls of the project."""
        self.project = clients.project
        self.calls = {(s.path, s.span): s for s in clients.every() if isinstance(s, CallSite)}

    def sites(self, facts: Facts) -> Iterator[ResponseSite | TurnSite | ErrorCodeSite]:
        """Yield the sites of one file."""
        if not self.calls:
            return
        found: dict[tuple[int, bool], tuple[ResponseSite, int]] = {}
        for access in facts.accesses:
            site = self._access(facts.path, access)
            if site is not None:
                # Of a chain, the whole of it.
                key = site.span.start, bool(site.against)
                if key not in found or found[key][0].span.end < site.span.end:
                    found[key] = site, access.scope
        seen: set[Hashable] = set()
        for site, scope in sorted(found.values(), key=lambda row: row[0].span):
            place = scope, site.loop, site.api, site.chunk
            repeated = site.first and not site.guarded and place in seen
            if site.first:
                seen.add(place)
            yield replace(site, repeated=repeated)
        for call in facts.calls:
            if last_name(call.func) == "loads" and (parsed := self._parsed(facts.path, call)) is not None:
                yield parsed
            if last_name(call.func) in ADDS:
                yield from self._turns(facts.path, call)
        for code in facts.codes:
            if (caught := self._code(facts.path, code)) is not None:
                yield caught

    def _access(self, path: str, access: Access) -> ResponseSite | None:
        written: list[str] = []
        keys: list[Span] = []
        lookups: list[Span] = []
        mixed = False
        known: list[Response] = []
        first = False
        for step in _steps(access.term):
            values = self.project.values(path, _base(step))
            bases = [v for v in values if isinstance(v, Response)]
            key = _key(step)
            parts = [p for base in bases if (p := _part(base, step)) is not None]
            if bases and not parts and key is not None:
                return None  # no response has this: it is something else
            if not parts:
                continue
            first = first or (key is None and isinstance(step, Item))
            one = len({base.at for base in bases}) == 1  # where several meet, something else may come along unseen
            if key is not None and one and not access.typed and not any(map(_may_be_dictionary, values)):
                keys.append(key.span)
            if key is not None and any(_is_legacy(base) and not base.plain for base in bases):
                if not any(map(_is_own_dictionary, values)):
                    lookups.append(step.span)  # type: ignore[union-attr]
                read = isinstance(step, Item) and key.span.start > step.span.start and not access.guarded  # no ``in``
                mixed = mixed or not all(_is_no_dictionary(v) or (read and _is_empty(v)) for v in values)
            written.append(_written(step))
            known = parts
        if not known and access.against:
            known = [v for v in self.project.values(path, access.term) if isinstance(v, Response)]
        if not known:
            return None
        site = self._site(path, access.span, known)
        return replace(
            site,
            written="".join(written),
            keys=tuple(keys),
            lookups=tuple(lookups),
            mixed=mixed,
            first=first,
            guarded=access.guarded,
            against=tuple(literal.value for literal in access.against),
            loop=access.first,
            statement=access.statement,
            skip=access.skip,
            comparison=access.comparison,
        )

    def _parsed(self, path: str, call: Call) -> ResponseSite | None:
        """Return the site of JSON that is parsed from the text of a response."""
        functions = self.project.values(path, call.func)
        if not call.arguments or not any(isinstance(f, External) and f.dotted == "json.loads" for f in functions):
            return None
        values = self.project.values(path, call.arguments[0].value)
        known = [v for v in values if isinstance(v, Response) and v.at[-2:] in TEXTS]
        if not known:
            return None
        return replace(self._site(path, call.span, known), parsed=True, text=call.arguments[0].span)

    def _turns(self, path: str, call: Call) -> Iterator[TurnSite]:
        """Yield the turns of the assistant with calls of tools that a call adds to a list, as dictionaries."""
        given = [t for a in call.arguments for t in (a.value.values if isinstance(a.value, Items) else (a.value,))]
        for entries in (term for term in given if isinstance(term, Entries)):
            found = {str(key.value): term for key, term in entries.items if isinstance(key, Literal)}
            role = found.get("role")
            if not (isinstance(role, Literal) and role.value == "assistant" and "tool_calls" in found):
                continue
            if "reasoning_content" in found or None in (key for key, _ in entries.items):
                continue
            content = found.get("content", role)
            values = self.project.values(path, content)
            known = [v for v in values if isinstance(v, Response) and v.at[-2:] == ("message", "content")]
            made = next((c for v in known if (c := self._call(v)) is not None), None)
            offers = (s for (file, _), s in self.calls.items() if file == path and "tools" in s.given)
            of = made or next(offers, None)
            if of is not None:
                read = content.options[0] if isinstance(content, Either) and content.fallback else content
                whole = made is not None and isinstance(read, Attr) and not known[0].plain
                yield TurnSite(path, entries.span, of, whole)

    def _site(self, path: str, span: Span, known: list[Response]) -> ResponseSite:
        response = known[0]
        points, host = self._endpoint(known)
        return ResponseSite(
            path,
            span,
            response.at,
            response.api,
            points,
            host,
            legacy=any(map(_is_legacy, known)),
            chunk=any(map(_is_piece, known)),
            plain=response.plain,
            made=tuple(dict.fromkeys((r.made[0], r.made[1].span) for r in known if r.made is not None)),
            call=self._call(response),
        )

    def _call(self, response: Response) -> CallSite | None:
        return self.calls.get((response.made[0], response.made[1].span)) if response.made is not None else None

    def _endpoint(self, known: list[Response]) -> Destination:
        """Where the clients point that gave these: to OpenAI if any of them may."""
        calls = [self._call(r) for r in known]
        found = {c.points: c.host for c in calls if c is not None} or {Points.UNKNOWN: None}
        points = nearest(found)
        return points, found[points]

    def _code(self, path: str, code: Code) -> ErrorCodeSite | None:
        value = code.literal.value
        if not isinstance(value, str | int) or isinstance(value, bool):
            return None
        values = self.project.values(path, code.base) if code.base is not None else ()
        caught = any(_is_error(v.dotted) for v in values if isinstance(v, Foreign | External))
        telling = isinstance(value, str) and responses.ERROR_CODE.search(value) is not None
        if not telling and not (caught and (isinstance(value, str) or value >= 400)):
            return None
        return ErrorCodeSite(path, code.span, value, caught, code.literal.span, code.literal.plain)


def _steps(term: Term) -> list[Step]:
    """Return the look-ups that a term is made of, innermost first."""
    found: list[Step] = []
    while isinstance(term, Attr | Item) or (isinstance(term, Call) and _key(term) is not None):
        found.append(term)
        term = _base(term)
    return found[::-1]


def _base(step: Step) -> Term:
    if isinstance(step, Call):
        assert isinstance(step.func, Attr)
        return step.func.base
    return step.base


def _key(step: Step) -> Literal | None:
    """Return the key of a look-up as in a dictionary: ``["key"]``, ``.get("key")``."""
    match step:
        case Item(key=Literal(value=str()) as key):
            return key
        case Call(func=Attr(name="get"), arguments=[argument, *_]) if isinstance(argument.value, Literal):
            return argument.value if isinstance(argument.value.value, str) else None
    return None


def _part(base: Response, step: Step) -> Response | None:
    key = _key(step)
    if key is not None:
        return responses.part(base, str(key.value))
    if isinstance(step, Attr):
        return responses.part(base, step.name)
    return responses.element(base)


def _written(step: Step) -> str:
    match step:
        case Attr(name=name):
            return f".{name}"
        case Item(key=Literal(value=str() as key)):
            return f'["{key}"]'
        case Item(key=Literal(value=number)):
            return f"[{number}]"
        case Call() if (given := _key(step)) is not None:
            return f'.get("{given.value}")'
    return "[…]"


def _may_be_dictionary(value: Value) -> bool:
    """Whether keys may be right for a value: it is one of several, and not all of them are objects of the SDK."""
    if isinstance(value, Response):
        return value.plain or _is_legacy(value)
    return isinstance(value, Display | Object) or (isinstance(value, Foreign) and is_other_vendors(value.dotted))


def _is_own_dictionary(value: Value) -> bool:
    """Whether a value has keys, and is no response of the 0.28 API; an empty dictionary only stands in for one."""
    if isinstance(value, Display):
        return isinstance(value.term, Entries) and not _is_empty(value)
    return (isinstance(value, Foreign | Object) and not is_former(value)) or (
        isinstance(value, Response) and (value.plain or not _is_legacy(value))
    )


def _is_empty(value: Value) -> bool:
    """Whether a value is a dictionary without keys, out of which nothing can be read."""
    return isinstance(value, Display) and isinstance(value.term, Entries) and not value.term.items


def _is_no_dictionary(value: Value) -> bool:
    """Whether a value is a response of the 0.28 API, or what has no keys anyway."""
    if isinstance(value, Display):
        return not isinstance(value.term, Entries)
    if isinstance(value, Response):
        return not value.plain and _is_legacy(value)
    return isinstance(value, Constant) or is_former(value)


def is_former(value: Value) -> bool:
    """Whether a value is the class that the responses of 0.28 have, or is said to be of it."""
    return isinstance(value, External | Foreign) and (sdk_name(value.dotted) or "").startswith(FORMER)


def _is_legacy(response: Response) -> bool:
    return openai_api.v0_method(response.api)


def _is_piece(response: Response) -> bool:
    """Whether this is (of) a piece of a stream: the call says so, or the part is one that only pieces have."""
    of_one = response.at[:1] == (responses.ELEMENT,)
    return of_one and (responses.streams(response) is True or "delta" in response.at)


def _is_error(dotted: str) -> bool:
    """Whether a dotted name is an exception of the SDK, of whatever major."""
    return (sdk_name(dotted) or "").removeprefix("error.") in openai_api.exception_names()
