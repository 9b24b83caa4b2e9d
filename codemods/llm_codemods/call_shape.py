"""The shape of what a site sends: all that an endpoint must take, and nothing of the user's texts.

Every kind of site that sends has one: a call of the SDK, an object or function of a framework, a request made by hand.
Two sites with equal shapes need the same of the endpoint. What cannot be seen is part of what is known of a site, too.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import Enum

from llm_codemods import openai_api
from llm_codemods.frameworks import Kind
from llm_codemods.messages import addresses, conversation
from llm_codemods.request import Request, Scalar, Shape, Value, describe
from llm_codemods.sites import Asking, CallSite, FrameworkSite, Given, RequestSite
from llm_codemods.target import Target
from llm_codemods.terms import Entries, Literal
from llm_codemods.values import Constant, Display

CHAT = "chat.completions"
EMBEDDINGS = "embeddings"
SDKS_OWN = frozenset({"extra_body", "extra_headers", "extra_query", "timeout"})
"""Arguments of every method that are no part of the body by their own names."""
STRUCTURE = frozenset(
    {
        *("input", "instructions", "messages", "model", "prompt", "response_format", "stream", "stream_options"),
        *("dimensions", "text_format", "tool_choice", "tools"),
    }
)
"""Parameters that have a field of their own in a shape, and the user's texts."""
NESTS = ("additional_kwargs", "generation_kwargs", "model_kwargs")
"""Arguments of frameworks that take further parameters of the API in a dictionary."""
SETTLED = frozenset({"max_completion_tokens", "max_tokens", "n", "seed", "stop", "top_logprobs", "user"})
"""Parameters that are proved with a value of ours where that of the code cannot be seen: any other does the same."""


PARTS = ("text", "image_url", "null")
"""Kinds of content parts that the probes send."""


class Why(str, Enum):
    """Why something of a site cannot be seen."""

    VARIABLE = "variable"
    """It comes from somewhere that cannot be followed."""
    ENVIRONMENT = "environment"
    """It comes from an environment variable."""
    UNPACKED = "unpacked"
    """Arguments hide in a ``*`` or ``**`` that cannot be followed."""
    HANDED = "handed"
    """The method is handed on; somebody else calls it."""
    RECEIVER = "receiver"
    """What the method is called on was not resolved: it may be another vendor's client."""
    STRUCTURE = "structure"
    """It is a dictionary or a list that no probe sends again."""
    ENDPOINT = "endpoint"
    """No probe asks this endpoint."""
    ABSENT = "absent"
    """The target has no such endpoint, as its profile says."""
    UNASKED = "unasked"
    """The endpoint is asked, but without these parameters."""
    FETCHED = "fetched"
    """It is the address of an image, which the endpoint would have to fetch."""
    PART = "part"
    """It is a kind of content part that no probe sends."""


@dataclass(frozen=True, slots=True, order=True)
class Unseen:
    """Something that a site sends and nobody sees. ``settled``: it does not stand in the way of a proof."""

    name: str
    why: Why
    settled: bool = False
    detail: str = ""
    """The environment variables, the endpoint, or the parameters."""


@dataclass(frozen=True, slots=True)
class Form:
    """A value that is told by its form only: ``text`` or ``array``, with its length where that is seen."""

    type: str
    length: int | None = None
    values: tuple[Scalar, ...] = ()
    """Members that are words of the API."""


Sent = Scalar | Form


@dataclass(frozen=True, slots=True)
class CallShape:
    """What one site sends, as far as is seen. Equal shapes need the same of an endpoint."""

    endpoint: str
    """The current SDK's method: ``chat.completions.create``; "" where that is not known."""
    model: str | None = None
    """The *target's* model; None: it cannot be seen."""
    parameters: tuple[tuple[str, Sent], ...] = ()
    """By name, sorted. Entries of ``extra_body`` stand among them; dots lead into dictionaries: ``thinking.type``."""
    roles: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()
    """Kinds of content parts: ``text image_url input_audio file``; ``null`` for a message without content."""
    tools: int | None = None
    """How many are offered, 1 where that cannot be seen; None: none."""
    strict: bool = False
    """One of the tools has a strict schema."""
    tool_choice: tuple[str, ...] = ()
    """Its words, and ``function`` and the like for what is written as a dictionary."""
    response_format: str | None = None
    """``text json_object json_schema``."""
    stream: bool = False
    include_usage: bool = False
    batch: int | None = None
    """Most texts that are embedded at once."""
    dimensions: int | None = None
    """Size of vectors that is asked for, or that the old model's have."""

    @property
    def resource(self) -> str:
        """The part of the API: ``chat.completions`` for all of its methods."""
        return self.endpoint.rpartition(".")[0]

    @property
    def is_chat(self) -> bool:
        """Whether it is sent to chat completions."""
        return self.resource in (CHAT, f"beta.{CHAT}")


@dataclass(frozen=True, slots=True)
class Seen:
    """What is known of one site: a shape for each model that it may ask, further values, and what is not seen."""

    shapes: tuple[CallShape, ...]
    others: tuple[tuple[str, Sent], ...] = ()
    """Parameters that may have other values than those in the shapes."""
    unseen: tuple[Unseen, ...] = ()


def of_call(site: Asking, target: Target) -> Seen:
    """Return what is known of a call of the SDK, or of a request made by hand, once it goes to the target."""
    request = describe(site)
    unseen = list(_unseen_of(site, request))
    parameters, others, hidden = _parameters(request)
    # what the profile calls otherwise is as free as under its old name: a user's id may be any text
    rows = (target.profile.parameter(CHAT, name) for name in SETTLED)
    free = {row.to for row in rows if row is not None} & {one.name for one in hidden if not one.settled}
    parameters = tuple(sorted({**dict(parameters), **{name: Form("text") for name in free if name}}.items()))
    unseen += (replace(one, settled=True) if one.name in free else one for one in hidden)
    options = request.parameters.get("stream_options")
    base = CallShape(
        site.endpoint,
        parameters=parameters,
        roles=request.roles,
        parts=request.parts if not site.images else tuple(dict.fromkeys((*request.parts, "image_url"))),
        tools=_offered(request),
        strict=request.tools is not None and request.tools.strict,
        tool_choice=request.tool_choice,
        response_format=_format(request),
        stream=bool(request.stream),
        include_usage=isinstance(options, Shape) and options.entries.get("include_usage") is True,
        batch=_texts(site, request),
    )
    home = target.is_home(site.host)
    models = tuple(dict.fromkeys(_models(site.models, target, images=site.images, home=home)))
    unseen += _unseen_model(request, models)
    return Seen(_for_models(base, request, models, target), others, tuple(sorted(set(unseen))))


def of_framework(site: FrameworkSite, target: Target) -> Seen | None:
    """Return what is known of an object or function of a framework; None for what sends nothing by itself."""
    endpoint = _endpoint(site)
    if endpoint is None:
        return None
    known = openai_api.parameters(endpoint) | {"extra_body"}
    row = site.row
    renamed = {"streaming": "stream"} | ({row.dimensions: "dimensions"} if row.dimensions else {})
    given: dict[str, Given] = {}
    unseen: list[Unseen] = []
    for name, value in site.given.items():
        if name in NESTS:
            inner = list(_nested(site, value))
            unseen += [] if inner or value.display is not None else [Unseen(name, Why.VARIABLE)]
            given |= {entry.name: entry for entry in inner if entry.name in known}
        elif renamed.get(name, name) in known and name not in row.model:
            given[renamed.get(name, name)] = value
    if site.cap is not None and "max_tokens" in given:
        given[site.cap] = given.pop("max_tokens")
    models = site.models or ((row.default,) if row.default is not None else ())
    if (model := site.argument(row.model)) is not None:
        given["model"] = model
    call = CallSite(
        site.path, site.span, site.span, endpoint, site.points, site.host, given, site.opaque,
        called=site.called, legacy=False, known=True, models=models, images=False, resolve=site.resolve,
    )  # fmt: skip
    seen = of_call(call, target)
    batch = _batch(site)
    shapes = tuple(replace(shape, batch=batch or shape.batch) for shape in seen.shapes)
    own = (u for u in seen.unseen if not (u.name == "model" and site.models == () and row.default is not None))
    return Seen(shapes, seen.others, tuple(sorted({*own, *unseen})))


# --- parts of a shape ---------------------------------------------------------------------------------------------


def _for_models(base: CallShape, request: Request, models: Iterable[str], target: Target) -> tuple[CallShape, ...]:
    """Return the shape for each model: the size of its vectors hangs on the model."""
    size = request.dimensions
    if size is None and base.resource == EMBEDDINGS:
        rows = (target.mapping(name) for name in request.models)
        size = next((row.dimensions for row in rows if row is not None), None)
    base = replace(base, dimensions=size)
    return tuple(replace(base, model=model) for model in models) or (base,)


def _models(names: Iterable[str], target: Target, *, images: bool, home: bool) -> Iterator[str]:
    """Yield the target's models; a name that is the target's, or goes to its host already, is sent as it is."""
    for name in names:
        model = target.model_for(name, vision=images) or (name if home or target.knows(name) else None)
        if model is not None:
            yield model


def _unseen_model(request: Request, models: tuple[str, ...]) -> Iterator[Unseen]:
    given = request.parameters.get("model")
    variables = given.environment if isinstance(given, Shape) else ()
    if variables:
        yield Unseen("model", Why.ENVIRONMENT, bool(models), ", ".join(variables))
    elif not models and given is not None:
        yield Unseen("model", Why.VARIABLE)


def _unseen_of(site: Asking, request: Request) -> Iterator[Unseen]:
    """Yield what of the whole call cannot be seen."""
    if not site.called:
        yield Unseen("", Why.HANDED)
    elif site.opaque:
        # of what a function passes on to embeddings, its callers show all that there is, once they show the model
        shown = site.endpoint == "embeddings.create" and "model" in site.given
        yield Unseen("", Why.UNPACKED, settled=shown and not site.given["model"].direct)
    if isinstance(site, CallSite) and not site.known:
        yield Unseen("", Why.RECEIVER)
    if site.endpoint.removeprefix("beta.").startswith(f"{CHAT}."):
        yield from (Unseen(kind, Why.PART) for kind in request.parts if kind not in PARTS)
        # a picture of ours at an address of ours would have to lie somewhere in the network, and be there
        sent = (a for message in conversation(site).messages for a in addresses(site, message))
        if any(address.startswith(("http://", "https://")) for address in sent):
            yield Unseen("image_url", Why.FETCHED)
    given = site.given
    if "messages" in given and not request.roles:
        yield Unseen("messages", Why.VARIABLE, settled=True)
    if site.endpoint == "embeddings.create" and "input" in given and _texts(site, request) is None:
        yield Unseen("input", Why.VARIABLE, settled=True)
    if request.tools is not None and request.tools.number is None:
        yield Unseen("tools", Why.VARIABLE, settled=True)
    form = request.response_format
    known = {
        "stream": request.stream is not None,
        "tool_choice": bool(request.tool_choice),
        "response_format": form is not None and form.type is not None,
        "dimensions": request.dimensions is not None,
    }
    for name, seen in known.items():
        value = request.parameters.get(name)
        if value is not None and not seen:
            yield from _hidden(name, value)


def _hidden(name: str, value: Value) -> Iterator[Unseen]:
    """Yield what is unseen of a parameter's value."""
    if isinstance(value, Shape) and value.environment:
        yield Unseen(name, Why.ENVIRONMENT, bool(value.values), ", ".join(value.environment))
    elif not (isinstance(value, Shape) and value.values):
        yield Unseen(name, Why.VARIABLE, name in SETTLED)


def _texts(site: Asking, request: Request) -> int | None:
    """Return how many texts are embedded at once: as many as there are, or as a piece of them holds at most."""
    given = site.given.get("input") if site.endpoint == "embeddings.create" else None
    if given is None or given.pieces is None:
        return request.batch
    return max((c.literal.value for c in given.pieces.most if type(c.literal.value) is int), default=request.batch)


def _offered(request: Request) -> int | None:
    if request.tools is None or request.parameters.get("tools") is None or request.tools.number == 0:
        return None
    return request.tools.number or 1


def _format(request: Request) -> str | None:
    """Return the form of answers that is asked for; the SDK turns a class into a schema."""
    if request.response_format is None:
        return None
    return "json_schema" if request.response_format.type == "class" else request.response_format.type


def _parameters(request: Request) -> tuple[tuple[tuple[str, Sent], ...], tuple[tuple[str, Sent], ...], list[Unseen]]:
    """Return the parameters with their first values, the other values that they may have, and what is not seen."""
    found: dict[str, Sent] = {}
    others: list[tuple[str, Sent]] = []
    unseen: list[Unseen] = []
    for name, value in _flat(request):
        values, hidden = _values(name, value)
        unseen += hidden
        if values:
            found[name] = values[0]
            others += [(name, other) for other in values[1:]]
        elif name in SETTLED:
            found[name] = Form("variable")
    return tuple(sorted(found.items())), tuple(others), unseen


def _flat(request: Request) -> Iterator[tuple[str, Value]]:
    """Yield the parameters of the body, with those in ``extra_body``; dotted names lead into dictionaries."""
    for name, value in request.parameters.items():
        if name == "extra_body" and isinstance(value, Shape):
            yield from _entries("", value.entries)
            if value.type == "variable":
                yield name, value
        elif name == "stream_options" or name in STRUCTURE or name in SDKS_OWN:
            continue
        elif isinstance(value, Shape) and value.entries:
            yield from _entries(f"{name}.", value.entries)
        else:
            yield name, value


def _entries(before: str, entries: Mapping[str, Value]) -> Iterator[tuple[str, Value]]:
    for name, value in entries.items():
        if isinstance(value, Shape) and value.entries:
            yield from _entries(f"{before}{name}.", value.entries)
        else:
            yield before + name, value


def _values(name: str, value: Value) -> tuple[list[Sent], list[Unseen]]:
    if not isinstance(value, Shape):
        return [value], []
    if value.type == "text":
        return [Form("text", value.length)], []
    if value.type == "array":
        return [Form("array", value.length, value.values)], []
    if value.type == "variable":
        return list(value.values), list(_hidden(name, value))
    return [], [Unseen(name, Why.STRUCTURE)]


# --- frameworks ---------------------------------------------------------------------------------------------------


def _endpoint(site: FrameworkSite) -> str | None:
    """Return the SDK's method that sends what an object of a framework sends."""
    name = site.row.called.lower()
    match site.row.kind:
        case Kind.EMBEDDING:
            return "embeddings.create"
        case Kind.IMAGE:
            return "images.generate"
        case Kind.MODERATION:
            return "moderations.create"
        case Kind.COMPLETION:
            return "completions.create"
        case Kind.FUNCTION if "embed" in name:
            return "embeddings.create"
        case Kind.FUNCTION if "image" in name:
            return "images.generate"
        case Kind.AUDIO if "whisper" in name or "transcri" in name:
            return "audio.transcriptions.create"
        case Kind.AUDIO if "image" in name:
            return "images.generate"
        case Kind.AUDIO:
            return "audio.speech.create" if "speech" in name or "tts" in name else "realtime.connect"
        case Kind.AGENT if "assistant" in name:
            return "beta.assistants.create"
        case Kind.CHAT | Kind.AGENT | Kind.FUNCTION | Kind.SETTINGS:
            return "responses.create" if site.responses or "responses" in name else "chat.completions.create"
    return None


def _nested(site: FrameworkSite, given: Given) -> Iterator[Given]:
    """Yield the parameters of the API in a dictionary that a framework takes."""
    for value in given.values:
        if isinstance(value, Display) and isinstance(value.term, Entries):
            for key, term in value.term.items:
                if isinstance(key, Literal) and isinstance(key.value, str):
                    values = site.resolve(value.path, term)
                    yield Given(
                        key.value, value.term.span, value.path, direct=False, inline=False, values=values, term=term
                    )


def _batch(site: FrameworkSite) -> int | None:
    """Return how many texts an object embeds at once."""
    row = site.row
    given = site.given.get(row.batch_argument) if row.batch_argument is not None else None
    numbers = [v.literal.value for v in given.values if isinstance(v, Constant)] if given is not None else []
    return next((n for n in numbers if type(n) is int), row.batch)


def of_site(site: CallSite | RequestSite | FrameworkSite, target: Target) -> Seen | None:
    """Return what is known of a site of any kind that sends; None for what sends nothing by itself."""
    return of_framework(site, target) if isinstance(site, FrameworkSite) else of_call(site, target)
