"""What a call sends, as far as the code tells: names, numbers and words of the API, never the user's texts or keys."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from llm_codemods.sites.kinds.given import Given
from llm_codemods.sites.kinds.requests import Asking
from llm_codemods.terms import Entries, Items, Literal, Term, count, last_name
from llm_codemods.values import Class, Constant, Display, Environment
from llm_codemods.vocabulary import SECRET

Scalar = str | int | float | bool | None

WORDS = frozenset(
    {
        *("background", "effort", "encoding_format", "engine", "format", "input_fidelity", "language", "modalities"),
        *("model", "moderation", "output_format", "prompt_cache_retention", "purpose", "quality", "reasoning_effort"),
        *("response_format", "search_context_size", "service_tier", "size", "style", "summary", "tool_choice"),
        *("truncation", "type", "verbosity", "voice"),
    }
)
"""Parameters whose texts are words of the API; of all other texts only the length is told."""
WORD = re.compile(r"[\w.:/+-]{1,64}", re.ASCII)
NESTED = frozenset(
    {"audio", "extra_body", "reasoning", "stream_options", "text", "thinking", "web_search_options"},
)
"""Parameters whose dictionaries hold further parameters."""
FORCING = frozenset({"required", "function", "custom", "allowed_tools", "object"})
"""Forms of ``tool_choice`` that leave the model no choice."""
DEPTH = 3


@dataclass(frozen=True, slots=True)
class Shape:
    """A value that is no single word or number. ``type``: ``variable text array object class``."""

    type: str
    values: tuple[Scalar, ...] = ()
    """What it may be, as far as is seen."""
    environment: tuple[str, ...] = ()
    """The variables that it may come from."""
    length: int | None = None
    """Of a text in characters, of an array in members."""
    entries: Mapping[str, Value] = field(default_factory=dict)
    name: str | None = None
    """Of the class."""


Value = Scalar | Shape


@dataclass(frozen=True, slots=True)
class Tools:
    """The tools that a call offers: the names that are written out, whether one is strict, how many (None: unknown)."""

    names: tuple[str, ...]
    strict: bool
    number: int | None


@dataclass(frozen=True, slots=True)
class ResponseFormat:
    """The form that is asked of an answer: ``text json_object json_schema class``, None where it cannot be seen."""

    type: str | None
    name: str | None = None
    """Of the class."""


@dataclass(frozen=True, slots=True)
class Request:
    """What is known of a request before it is sent. None: not given, or not known."""

    parameters: Mapping[str, Value]
    roles: tuple[str, ...]
    tools: Tools | None
    tool_choice: tuple[str, ...]
    """Its words; ``function`` and the like for one that is written as a dictionary."""
    response_format: ResponseFormat | None
    stream: bool | None
    models: tuple[str, ...]
    batch: int | None
    """How many texts are to be embedded."""
    dimensions: int | None
    unknown: bool
    """Some arguments cannot be seen."""
    parts: tuple[str, ...] = ()
    """Kinds of parts of contents: ``text image_url``; ``null`` for a message without content."""


def describe(site: Asking) -> Request:
    """Return what a call sends."""
    given = site.given
    return Request(
        parameters={name: _value(site, argument, name) for name, argument in given.items()},
        roles=tuple(dict.fromkeys(_roles(site))),
        tools=_tools(site, given["tools"]) if "tools" in given else None,
        tool_choice=tuple(dict.fromkeys(_choices(given.get("tool_choice")))),
        response_format=_format(given.get("response_format") or given.get("text_format")),
        stream=_streams(site),
        models=tuple(name for name in site.models if is_word(name)),
        batch=_batch(given.get("input")) if site.endpoint == "embeddings.create" else None,
        dimensions=_dimensions(given.get("dimensions")),
        unknown=site.opaque or not site.called,
        parts=tuple(dict.fromkeys(_parts(site))),
    )


def to_data(request: Request) -> dict[str, object]:
    """Return a request as JSON data."""
    tools, form = request.tools, request.response_format
    return {
        "parameters": {name: _data(value) for name, value in request.parameters.items()},
        "roles": list(request.roles),
        "tools": {"names": list(tools.names), "strict": tools.strict, "number": tools.number} if tools else None,
        "tool_choice": list(request.tool_choice),
        "response_format": {"type": form.type, "name": form.name} if form else None,
        "stream": request.stream,
        "models": list(request.models),
        "batch": request.batch,
        "dimensions": request.dimensions,
        "unknown": request.unknown,
    }


def _data(value: Value) -> object:
    if not isinstance(value, Shape):
        return value
    data: dict[str, object] = {"type": value.type}
    if value.values:
        data["values"] = list(value.values)
    if value.environment:
        data["environment"] = list(value.environment)
    if value.length is not None:
        data["length"] = value.length
    if value.entries:
        data["entries"] = {name: _data(inner) for name, inner in value.entries.items()}
    if value.name is not None:
        data["name"] = value.name
    return data


def _value(site: Asking, given: Given, name: str) -> Value:
    if any(isinstance(v, Class) for v in given.values):
        return Shape("class", name=last_name(given.term))
    return _shape(site, given.values, name, DEPTH)


def _shape(site: Asking, values: Sequence[object], name: str, depth: int) -> Value:
    """Return what a parameter of this name is that may have these values."""
    if len(values) == 1:
        (value,) = values
        if isinstance(value, Constant):
            return scalar(value.literal.value, name)
        if isinstance(value, Display):
            return _display(site, value, name, depth)
    scalars = (scalar(v.literal.value, name) for v in values if isinstance(v, Constant))
    shown = tuple(dict.fromkeys(s for s in scalars if not isinstance(s, Shape)))
    variables = tuple(dict.fromkeys(v.name for v in values if isinstance(v, Environment)))
    return Shape("variable", shown, variables)


def scalar(value: Scalar, name: str) -> Value:
    """Return what is told of the value of a parameter: of a text that is no word of the API only its length."""
    if not isinstance(value, str):
        return value
    return value if name in WORDS and is_word(value) else Shape("text", length=len(value))


def is_word(text: str) -> bool:
    """Whether a text has the form of a word of the API or of a model's name, and not that of a key."""
    return WORD.fullmatch(text) is not None and SECRET.search(text) is None


def _display(site: Asking, display: Display, name: str, depth: int) -> Value:
    term = display.term
    if isinstance(term, Items):
        members = [_inner(site, display, value, name, depth) for value in term.values] if name in WORDS else []
        words = tuple(m for m in members if not isinstance(m, Shape))
        return Shape("array", words, length=count(term))
    if name not in NESTED or not depth:
        return Shape("object")
    named = [(k.value, v) for k, v in term.items if isinstance(k, Literal) and isinstance(k.value, str)]
    inner = {k: _inner(site, display, v, k, depth, nested=True) for k, v in named if WORD.fullmatch(k)}
    return Shape("object", entries=inner)


def _inner(site: Asking, display: Display, term: Term, name: str, depth: int, *, nested: bool = False) -> Value:
    values = site.resolve(display.path, term)
    if nested and len(values) == 1 and isinstance(values[0], Display) and isinstance(values[0].term, Entries):
        return _display(site, values[0], "extra_body", depth - 1)
    return _shape(site, values, name, depth - 1)


def _dictionaries(site: Asking, given: Given | None) -> Iterator[Display]:
    """Yield the dictionaries in the lists that an argument may be."""
    for display in given.values if given is not None else ():
        if isinstance(display, Display):
            yield from _members(site, display)


def _members(site: Asking, display: Display) -> Iterator[Display]:
    """Yield the dictionaries in a list."""
    for term in display.term.values if isinstance(display.term, Items) else ():
        for value in site.resolve(display.path, term):
            if isinstance(value, Display) and isinstance(value.term, Entries):
                yield value


def _entry(site: Asking, display: Display, name: str) -> Iterator[object]:
    """Yield what stands under a name in a dictionary."""
    assert isinstance(display.term, Entries)
    for value in display.term.under(name):
        yield from site.resolve(display.path, value)


def _words(values: Iterator[object]) -> Iterator[str]:
    for value in values:
        if isinstance(value, Constant) and isinstance(value.literal.value, str) and is_word(value.literal.value):
            yield value.literal.value


def _roles(site: Asking) -> Iterator[str]:
    for name in ("messages", "input"):
        for message in _dictionaries(site, site.given.get(name)):
            yield from _words(_entry(site, message, "role"))


def _parts(site: Asking) -> Iterator[str]:
    for name in ("messages", "input"):
        for message in _dictionaries(site, site.given.get(name)):
            for content in _entry(site, message, "content"):
                if isinstance(content, Constant) and content.literal.value is None:
                    yield "null"
                elif isinstance(content, Display):
                    for part in _members(site, content):
                        yield from _words(_entry(site, part, "type"))


def _tools(site: Asking, given: Given) -> Tools:
    names: list[str] = []
    strict = False
    for tool in _dictionaries(site, given):
        inner = [v for v in _entry(site, tool, "function") if isinstance(v, Display) and isinstance(v.term, Entries)]
        for one in (tool, *inner):
            names += _words(_entry(site, one, "name"))
            strict = strict or any(
                isinstance(v, Constant) and v.literal.value is True for v in _entry(site, one, "strict")
            )
    lists = [v.term for v in given.values if isinstance(v, Display) and isinstance(v.term, Items)]
    number = count(lists[0]) if len(lists) == len(given.values) == 1 else None
    return Tools(tuple(dict.fromkeys(names)), strict, number)


def _choices(given: Given | None) -> Iterator[str]:
    for value in given.values if given is not None else ():
        if isinstance(value, Constant) and value.literal.value in ("auto", "none", "required"):
            yield str(value.literal.value)
        elif isinstance(value, Display):
            kind = _type_of(value)
            yield kind if kind in FORCING else "object"


def _format(given: Given | None) -> ResponseFormat | None:
    if given is None:
        return None
    display = given.display
    if display is not None:
        return ResponseFormat(_type_of(display))
    if any(isinstance(v, Class) for v in given.values):
        return ResponseFormat("class", last_name(given.term))
    words = [s for s in given.strings if is_word(s)]
    return ResponseFormat(words[0] if words else None)


def _type_of(display: Display) -> str | None:
    kinds = display.term.under("type") if isinstance(display.term, Entries) else ()
    return next((str(kind.value) for kind in kinds if isinstance(kind, Literal)), None)


def _streams(site: Asking) -> bool | None:
    given = site.given.get("stream")
    if site.endpoint.endswith(".stream") or (
        given is not None and any(c.literal.value is True for c in given.constants)
    ):
        return True
    seen = given is None or (bool(given.values) and len(given.constants) == len(given.values))
    return False if seen and not site.opaque else None


def _batch(given: Given | None) -> int | None:
    if given is None:
        return None
    counts = {count(v.term) if isinstance(v, Display) and isinstance(v.term, Items) else None for v in given.values}
    if given.text or (given.values and len(given.strings) == len(given.values)):
        return 1
    return counts.pop() if len(counts) == 1 else None


def _dimensions(given: Given | None) -> int | None:
    for constant in given.constants if given is not None else ():
        if type(constant.literal.value) is int:
            return constant.literal.value
    return None
