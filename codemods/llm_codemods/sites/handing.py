"""Where responses of the 0.28 API, which were dictionaries, are handed to what takes them for one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from llm_codemods import openai_api, responses
from llm_codemods.edits import Place, Span
from llm_codemods.libraries import DUMPS, KEEPS_NAMES
from llm_codemods.project import Project
from llm_codemods.sites.kinds.clients import CallSite
from llm_codemods.sites.kinds.points import Points
from llm_codemods.sites.kinds.responses import Handed, HandedSite
from llm_codemods.sites.responses import is_former
from llm_codemods.terms import Argument, Attr, Call, Element, Item, Items, Literal, Name, Term, last_name
from llm_codemods.values import Class, Display, External, Foreign, Function, Object, Response, Value

SHOWS = frozenset(
    {
        *("add", "append", "appendleft", "debug", "enumerate", "error", "exception", "extend", "getattr", "id", "info"),
        *("insert", "iter", "len", "list", "log", "next", "pformat", "pprint", "print", "put", "put_nowait", "repr"),
        *("reversed", "set_result", "sleep", "str", "tuple", "type", "warn", "warning", "zip", "bool", "gather"),
        *("run", "run_until_complete", "wait_for", "create_task", "ensure_future", "deepcopy", "copy", "cast"),
    }
)
"""Functions and methods to which an object is as good as a dictionary."""
DICTIONARY = frozenset({"items", "keys", "pop", "setdefault", "update", "values"})
"""Methods of dictionaries that objects of the SDK do not have."""
DICTIONARIES = frozenset({"dict", "dump", "jsonify"})
"""Functions that take dictionaries only, besides those that write JSON."""
WRITES = frozenset({"dump", "dumps", "jsonify", "safe_dump"})
WRITERS = frozenset({"flask", "json", "orjson", "simplejson", "ujson", "yaml"})
"""Packages with functions of these names that cannot write objects among dictionaries."""
COLLECTS = frozenset({"add", "append", "appendleft", "extend", "insert"})


class Handing:
    """Finds them; ``escaped`` are the calls, of those asked about, whose response goes where it cannot be followed."""

    def __init__(self, project: Project, calls: Mapping[Place, CallSite]) -> None:
        """Take the project, and its calls of the 0.28 API."""
        self._project = project
        self._calls = calls
        self.escaped: set[Place] = set()

    def sites(self, path: str) -> Iterator[HandedSite]:
        """Yield what becomes of responses that are handed to functions; note the calls whose response is lost."""
        for put in self._project.facts[path].puts:
            found = self._objects(path, put.base) if put.item else []
            self.escaped.update(_made([r for r in found if responses.part(r, put.name) is None]))
        for call in self._project.facts[path].calls:
            yield from self._argument_sites(path, call)
            if isinstance(call.func, Attr) and (name := _got(call)) is not None:
                found = self._objects(path, call.func.base)
                if found and all(responses.part(r, name) is None for r in found):
                    yield self._site(path, call.span, found, Handed.GOT)
            if isinstance(call.func, Attr) and call.func.name in DICTIONARY:
                found = self._objects(path, call.func.base)
                asked = _asked_for_keys(call)
                if found and asked is not None and len(found) == len(self._project.values(path, call.func.base)):
                    yield self._site(path, asked, found, Handed.ALONE)
                elif found:
                    self.escaped.update(_made(found))
                    yield self._site(path, call.span, found, Handed.LOST)
        for use in self._project.facts[path].subscripts:
            found = self._objects(path, use.term.base) if isinstance(use.term, Item) else []
            found = [response for response in found if responses.LISTS.isdisjoint(response.at[-1:])]
            if found:
                self.escaped.update(_made(found))
                yield self._site(path, use.span, found, Handed.LOST)

    def _argument_sites(self, path: str, call: Call) -> Iterator[HandedSite]:
        for place, argument in enumerate(call.arguments):
            if place == 0 and self._writes_json(path, call) and (kept := list(self._kept(path, argument.value))):
                self.escaped.update(_made(kept))
                yield self._site(path, argument.span, kept, Handed.LOST)
            if not isinstance(argument.value, Attr | Call | Element | Item | Name):
                continue
            found = self._objects(path, argument.value)
            if not found:
                continue
            functions = self._project.values(path, call.func)
            name = last_name(call.func) or ""
            dotted = {f.dotted for f in functions if isinstance(f, External | Foreign)}
            if any(isinstance(f, Function | Class | Response) or self._is_called(f) for f in functions):
                continue
            if argument.name not in (None, "*", "**") and dotted and dotted <= KEEPS_NAMES:
                continue  # what is taken out again is looked at there
            whole = all(r.at[-1:] in ((), (responses.ELEMENT,)) or r.at[-1] not in responses.LISTS for r in found)
            if name == "hasattr" and place == 0 and _asked(call) in responses.PARTS:
                yield self._site(path, call.span, found, Handed.ASKED)
            elif whole and (argument.name == "**" or (place == 0 and (dotted & DUMPS or name in DICTIONARIES))):
                yield self._site(path, argument.span, found, Handed.ALONE)
            elif whole and name in COLLECTS and self._beside_dictionaries(path, call, found):
                yield self._site(path, argument.span, found, Handed.AMONG)
            elif name == "isinstance" and (_names_no_dictionary(call.arguments) or self._names_former(path, call)):
                continue
            elif name not in SHOWS:
                self.escaped.update(_made(found))
                yield self._site(path, argument.span, found, Handed.LOST)

    def _writes_json(self, path: str, call: Call) -> bool:
        """Whether a call writes JSON of dictionaries, and is not told what else to do with other objects."""
        if last_name(call.func) not in WRITES or any(a.name in ("cls", "default") for a in call.arguments):
            return False
        functions = self._project.values(path, call.func)
        return any(isinstance(f, External) and f.dotted.partition(".")[0] in WRITERS for f in functions)

    def _kept(self, path: str, term: Term, depth: int = 3) -> Iterator[Response]:
        """Yield the responses that stand in a dictionary or a list."""
        for display in (v for v in self._project.values(path, term) if isinstance(v, Display)):
            whole = display.term
            for inner in whole.values if isinstance(whole, Items) else (value for _, value in whole.items):
                yield from self._objects(display.path, inner)
                if depth:
                    yield from self._kept(display.path, inner, depth - 1)

    def _names_former(self, path: str, call: Call) -> bool:
        """Whether it is asked whether something is a response of 0.28; that class has one of today in its place."""
        kinds = self._project.values(path, call.arguments[1].value) if len(call.arguments) > 1 else ()
        return bool(kinds) and all(map(is_former, kinds))

    def _is_called(self, value: Value) -> bool:
        """Whether a value is a thing of the project whose class says what happens when it is called."""
        return isinstance(value, Object) and self._project.classes.method(value, "__call__") is not None

    def _site(self, path: str, span: Span, found: Sequence[Response], how: Handed) -> HandedSite:
        made = tuple(dict.fromkeys(_made(found)))
        call = next((self._calls[place] for place in made if place in self._calls), None)
        points, host = (Points.UNKNOWN, None) if call is None else (call.points, call.host)
        return HandedSite(path, span, found[0].api, points, host, how, made)

    def _beside_dictionaries(self, path: str, call: Call, found: Sequence[Response]) -> bool:
        """Whether a message is put among messages that are dictionaries."""
        if not isinstance(call.func, Attr) or not all(r.at[-1:] == ("message",) for r in found):
            return False
        others = self._project.values(path, Element(call.func.base))
        return any(isinstance(other, Display) for other in others)

    def _objects(self, path: str, term: Term) -> list[Response]:
        """Return the responses of the 0.28 API, or parts with parts of their own, that a term may be."""
        values: Iterable[Value] = self._project.values(path, term)
        return [
            v
            for v in values
            if isinstance(v, Response) and not v.plain and openai_api.v0_method(v.api) and _has_parts(v)
        ]


def _has_parts(response: Response) -> bool:
    """Whether a part of a response is an object, or has some in it."""
    place = next((step for step in reversed(response.at) if step != responses.ELEMENT), "")
    return place in responses.INSIDE


def _made(found: Iterable[Response]) -> Iterator[Place]:
    return ((r.made[0], r.made[1].span) for r in found if r.made is not None)


def _got(call: Call) -> str | None:
    """Return the key that ``get`` asks for, perhaps with a default."""
    match call:
        case Call(func=Attr(name="get"), arguments=(Argument(name=None, value=Literal(value=str(key))), *rest)):
            plain = len(rest) < 2 and all(argument.name is None for argument in rest)
            return key if key.isidentifier() and plain else None
    return None


def _asked_for_keys(call: Call) -> Span | None:
    """Return where the name stands of what is asked for its keys, ``res.keys()``."""
    match call:
        case Call(func=Attr(name="keys", base=Name(id=name)), arguments=(), callee=callee):
            whole = callee.end - callee.start == len(f"{name}.keys")  # no line breaks between
            return Span(callee.start, callee.start + len(name)) if whole else None
    return None


def _asked(call: Call) -> str | None:
    """Return the attribute that ``hasattr`` asks for."""
    second = call.arguments[1].value if len(call.arguments) == 2 else None
    return second.value if isinstance(second, Literal) and isinstance(second.value, str) else None


def _names_no_dictionary(arguments: Sequence[Argument]) -> bool:
    return len(arguments) > 1 and last_name(arguments[1].value) in ("str", "list", "int", "float", "Exception")
