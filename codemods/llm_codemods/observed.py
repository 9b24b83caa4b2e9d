"""Requests that were really sent: their shape, by the rules for calls in code, and which calls may have sent them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from llm_codemods import openai_api
from llm_codemods.frameworks import Kind
from llm_codemods.request import (
    DEPTH,
    FORCING,
    NESTED,
    WORD,
    WORDS,
    Request,
    ResponseFormat,
    Scalar,
    Shape,
    Tools,
    Value,
    describe,
    is_word,
    scalar,
)
from llm_codemods.requirements import Location
from llm_codemods.sites import CallSite, FrameworkSite, RequestSite, Site

_ASIDE = frozenset({"extra_body", "extra_headers", "extra_query", "timeout", "text_format", "request_timeout"})
"""Arguments of the SDK's methods that are no entries of a body."""
_ADDED = {"embeddings": ("encoding_format",), "stream": ("stream",), "parse": ("response_format", "text")}
"""What the SDK sends unasked, by a part of the method's name."""
_FRAMED = {
    Kind.CHAT: ("chat.completions", "responses"),
    Kind.COMPLETION: ("completions",),
    Kind.EMBEDDING: ("embeddings",),
    Kind.AGENT: ("chat.completions", "responses"),
    Kind.FUNCTION: ("chat.completions", "embeddings"),
}


@dataclass(frozen=True, slots=True)
class Caller:
    """A place in the code that sends requests: ``resources`` are the parts of the API that it may ask."""

    location: Location
    resources: tuple[str, ...]
    request: Request | None
    """What it sends; None for an object of a framework."""
    models: tuple[str, ...] = ()
    """Of an object of a framework; (): any."""
    added: tuple[str, ...] = ()
    """What the SDK sends unasked."""


def method_of(path: str, verb: str) -> str | None:
    """Return the SDK's method that sends this (``chat.completions.create``), or None for a path that has none."""
    api = openai_api.path_in(path)
    return openai_api.method_at(api, verb) if api is not None else None


def resource_of(method: str) -> str:
    """Return the part of the API that a method belongs to: ``chat.completions``."""
    return method.removeprefix("beta.").rpartition(".")[0]


def caller(site: Site, location: Location) -> Iterator[Caller]:
    """Yield what a site sends requests with: a call, a request made by hand, or an object of a framework."""
    if isinstance(site, CallSite | RequestSite) and site.endpoint and site.called:
        added = [name for part, names in _ADDED.items() if part in site.endpoint.split(".") for name in names]
        yield Caller(location, (resource_of(site.endpoint),), describe(site), added=tuple(added))
    if isinstance(site, FrameworkSite) and site.called and site.row.kind in _FRAMED:
        yield Caller(location, _FRAMED[site.row.kind], None, site.models)


def read(body: Mapping[str, object]) -> Request:
    """Return the shape of a JSON body: names, numbers and words of the API, of other texts only the length."""
    tools, messages, form = body.get("tools"), body.get("messages") or body.get("input"), body.get("response_format")
    model, given = body.get("model"), body.get("input")
    return Request(
        parameters={name: _value(value, name, DEPTH) for name, value in body.items() if WORD.fullmatch(name)},
        roles=tuple(dict.fromkeys(_words(_members(messages), "role"))),
        tools=_tools(tools) if isinstance(tools, list) else None,
        tool_choice=tuple(_choice(body.get("tool_choice"))),
        response_format=ResponseFormat(next(_words([form], "type"), None)) if isinstance(form, dict) else None,
        stream=body.get("stream") is True,
        models=(model,) if isinstance(model, str) and is_word(model) else (),
        batch=len(given) if isinstance(given, list) else 1 if isinstance(given, str) else None,
        dimensions=_whole(body.get("dimensions")),
        unknown=False,
    )


def outline(request: Request) -> tuple[str, ...]:
    """Return what a request holds, as words: ``temperature=0.3``, ``messages(system user)``, ``tools(2)``."""
    found = [word for name, value in sorted(request.parameters.items()) for word in _outlined(name, value)]
    told = {
        "messages": " ".join(request.roles),
        "tools": str(request.tools.number) if request.tools is not None else "",
        "tool_choice": " ".join(request.tool_choice),
        "response_format": (request.response_format.type or "") if request.response_format is not None else "",
    }
    return tuple(f"{w}({told[w]})" if told.get(w) else w for w in found if not w.startswith("model="))


def _outlined(name: str, value: Value) -> Iterator[str]:
    if not isinstance(value, Shape):
        yield f"{name}={json.dumps(value)}" if not isinstance(value, str) else f"{name}={value}"
    elif value.entries:
        for inner, one in sorted(value.entries.items()):
            yield from _outlined(f"{name}.{inner}", one)
    else:
        yield name


def senders(method: str, sent: Request, callers: Sequence[Caller]) -> tuple[Location, ...]:
    """Return the places whose requests look like this one: one is the sender, of several any may be.

    Objects of frameworks come in only where no call of the SDK fits: of what these send nothing is written out.
    """
    here = [c for c in callers if resource_of(method) in c.resources]
    fitting = [c for c in here if c.request is not None and _fits(sent, c.request, c.added)]
    if not fitting:
        fitting = [c for c in here if c.request is None and (not c.models or not set(c.models).isdisjoint(sent.models))]
    return tuple(dict.fromkeys(c.location for c in fitting))


def _fits(sent: Request, known: Request, added: Sequence[str]) -> bool:
    """Whether a call of which this is known may have sent it."""
    extra = known.parameters.get("extra_body")
    inner = extra.entries if isinstance(extra, Shape) else {}
    expected = {name: value for name, value in known.parameters.items() if name not in _ASIDE} | dict(inner)
    open_ended = known.unknown or (extra is not None and not inner)
    if not open_ended and not sent.parameters.keys() <= {*expected, *added}:
        return False
    if not all(_may_be(sent.parameters.get(name), value, name in sent.parameters) for name, value in expected.items()):
        return False
    if not set(known.roles) <= set(sent.roles):
        return False
    # where a variable decides, ``stream`` says that it may
    if not isinstance(known.parameters.get("stream"), Shape) and known.stream not in (None, sent.stream):
        return False
    return _tools_fit(sent.tools, known.tools)


def _tools_fit(sent: Tools | None, known: Tools | None) -> bool:
    if known is None or sent is None:
        return True
    return set(known.names) <= set(sent.names) and known.number in (None, sent.number)


def _may_be(sent: Value, known: Value, there: bool) -> bool:
    """Whether what was sent under a name, if anything (``there``), may be what stands in the code."""
    if known is None:
        return sent is None
    if not isinstance(known, Shape):
        return there and sent == known
    if known.type == "variable":
        return True
    if not there:
        return known.type == "class"
    if known.type == "class" or not isinstance(sent, Shape):
        return known.type == "class"
    return known.type == sent.type and known.length in (None, sent.length)


def _value(value: object, name: str, depth: int) -> Value:
    if value is None or isinstance(value, str | int | float):
        return scalar(value, name)
    if isinstance(value, list):
        members = [_value(v, name, depth - 1) for v in value] if name in WORDS and depth else []
        words: tuple[Scalar, ...] = tuple(m for m in members if not isinstance(m, Shape))
        return Shape("array", words, length=len(value))
    if not isinstance(value, dict) or name not in NESTED or not depth:
        return Shape("object")
    inner = {k: _value(v, "extra_body" if isinstance(v, dict) else k, depth - 1) for k, v in value.items()}
    return Shape("object", entries={k: v for k, v in inner.items() if WORD.fullmatch(k)})


def _members(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _words(values: Iterable[object], name: str) -> Iterator[str]:
    for value in values:
        word = value.get(name) if isinstance(value, dict) else None
        if isinstance(word, str) and is_word(word):
            yield word


def _tools(tools: Sequence[object]) -> Tools:
    inner = [tool.get("function", tool) for tool in tools if isinstance(tool, dict)]
    strict = any(isinstance(one, dict) and one.get("strict") is True for one in inner)
    return Tools(tuple(dict.fromkeys(_words(inner, "name"))), strict, len(tools))


def _choice(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        kind = value.get("type")
        yield kind if isinstance(kind, str) and kind in FORCING else "object"
    elif value in ("auto", "none", "required"):
        yield str(value)


def _whole(value: object) -> int | None:
    return value if type(value) is int else None
