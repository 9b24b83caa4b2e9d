"""What the code needs from the endpoint, derived from its sites.

Each site that sends something becomes shapes (see ``call_shape``), each shape becomes requirements, and equal
requirements are one, with all their places. A site's own list of them is kept: a check says of each site what was
proved.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from llm_codemods.call_shape import CallShape, Form, Seen, Sent, Unseen, Why, of_site
from llm_codemods.edits import Place
from llm_codemods.frameworks import Sends
from llm_codemods.profile import Status
from llm_codemods.request import Scalar
from llm_codemods.routing import target_of
from llm_codemods.sites import CallSite, FrameworkSite, Points, RequestSite, Site, StructuredSite
from llm_codemods.target import Target


@dataclass(frozen=True, slots=True, order=True)
class Location:
    """A place in the user's code: path relative to the root (posix), cell of a notebook (0-based), 1-based line."""

    path: str
    line: int
    cell: int | None = None


@dataclass(frozen=True, slots=True)
class Requirement:
    """One thing the code needs, and where.

    ``feature`` names a probe: with hyphens, or of one word that is no parameter, it is a feature (``chat``,
    ``forced-tool``); otherwise it is a parameter of chat completions, with ``value`` as the code sends it; None where
    that is a text of the user's or cannot be seen. ``role``, ``endpoint``, ``parallel-tools`` and ``embeddings-batch``
    are features with a value. ``request`` is the call site's own ``shape``, all of it together.

    ``model`` is the *target's* model name, None where any will do. ``locations`` is empty when the requirement comes
    from the profile and not from code.
    """

    feature: str
    model: str | None = None
    dimensions: int | None = None
    locations: tuple[Location, ...] = ()
    value: Scalar = None
    shape: CallShape | None = None

    @property
    def key(self) -> Requirement:
        """The requirement without its places: equal ones are proved once."""
        return replace(self, locations=()) if self.locations else self


@dataclass(frozen=True, slots=True)
class SiteNeeds:
    """One site that sends something, and what it needs. Requirements are ``Requirement.key``."""

    location: Location
    kind: str
    """``call request framework``: of the SDK, made by hand, made by a framework."""
    api: str
    """The method of the SDK, the URL's path or the framework's class, as the code calls it."""
    shapes: tuple[CallShape, ...] = ()
    needs: tuple[Requirement, ...] = ()
    may_need: tuple[Requirement, ...] = ()
    """What it needs, if what cannot be seen has the value that stands there."""
    unseen: tuple[Unseen, ...] = ()


@dataclass(frozen=True, slots=True)
class Needs:
    """All that code needs from one endpoint."""

    requirements: tuple[Requirement, ...] = ()
    sites: tuple[SiteNeeds, ...] = ()

    def __bool__(self) -> bool:
        """Whether there is anything to prove, or to say."""
        return bool(self.requirements or self.sites)


ALWAYS = ("models", "bad-key", "unknown-model")
"""What every move stands on, whatever the code does."""
Sender = CallSite | RequestSite | FrameworkSite
KINDS = {CallSite: "call", RequestSite: "request", FrameworkSite: "framework", StructuredSite: "framework"}

ENDPOINTS = {
    **{name: name for name in ("responses", "completions", "files", "batches", "images", "moderations")},
    **{name: name for name in ("audio.speech", "audio.transcriptions")},
}
"""Parts of the API that the probe ``endpoint`` asks, by the value that names them."""
ROLES = ("system", "developer", "tool", "function")
"""Roles that are no matter of course."""
CHOICES = {
    "none": "no-tool",
    "required": "required-tool",
    "function": "forced-tool",
    "custom": "forced-tool",
    "object": "forced-tool",
    "allowed_tools": "required-tool",
}
"""Forms of ``tool_choice`` -> what they need."""
FEATURES = {"parallel_tool_calls": "parallel-tools", "logprobs": "logprobs"}
"""Parameters whose effect is a feature of its own."""
MAY_BE: dict[str, tuple[Scalar, ...]] = {
    "temperature": (0, 2),
    "top_p": (0, 1),
    "presence_penalty": (-2, 2),
    "frequency_penalty": (-2, 2),
    "parallel_tool_calls": (True, False),
    "logprobs": (True, False),
    "reasoning_effort": ("low", "medium", "high"),
    "store": (True, False),
}
"""What an unseen parameter may be: all its values, or both ends of OpenAI's range. If all are taken, so is the one."""


def derive(sites: Iterable[Site], target: Target, location: Callable[[Site], Location]) -> Needs:
    """Return what the sites need from the target.

    Sites that ask other providers need nothing; nor do embeddings that go to another provider than the target.
    ``location`` says where a site stands.
    """
    found: list[SiteNeeds] = []
    every = tuple(sites)
    followed = {key for s in every if isinstance(s, CallSite) and s.called and not s.spelled for key in _methods(s)}
    for site in every:
        if isinstance(site, CallSite) and not site.called and not followed.isdisjoint(_methods(site)):
            continue  # it is called in another place, which is a site of its own
        if isinstance(site, StructuredSite):
            found.append(_structured(site, location(site)))
        elif isinstance(site, Sender) and _comes(site, target):
            seen = of_site(site, target)
            if seen is not None:
                found.append(_needs_of(site, seen, target, location(site)))
    return Needs(joined(found), tuple(sorted(found, key=lambda one: one.location)))


def _methods(site: CallSite) -> Iterator[tuple[str, Place]]:
    """Yield the methods that a call is of, each with where its client is made."""
    yield from ((site.endpoint, place) for place in site.clients)


def joined(sites: Iterable[SiteNeeds]) -> tuple[Requirement, ...]:
    """Return the requirements of all sites, each once, with its places; and what every move stands on."""
    places: dict[Requirement, list[Location]] = {}
    for site in sites:
        for need in (*site.needs, *site.may_need):
            places.setdefault(need, []).append(site.location)
    if not places:
        return ()
    own = [replace(need, locations=tuple(dict.fromkeys(where))) for need, where in places.items()]
    known = {need.feature for need in own}
    always = (Requirement(feature) for feature in ALWAYS if feature not in known)
    return (
        *always,
        *sorted(own, key=lambda need: (need.feature, need.model or "", need.dimensions or 0, repr(need.value))),
    )


def _comes(site: Sender, target: Target) -> bool:
    """Whether a site asks the target, now or once it has been moved."""
    if target_of(site, target) is not target:
        return False
    return site.points is not Points.ELSEWHERE or target.is_home(site.host)


def hosts_asked(sites: Iterable[Site], target: Target) -> tuple[str, ...]:
    """Return the hosts, other than the target's, that calls and requests go to and stay with."""
    senders = (site for site in sites if isinstance(site, Sender) and not _comes(site, target))
    return tuple(sorted({site.host for site in senders if site.host is not None}))


def _structured(site: StructuredSite, place: Location) -> SiteNeeds:
    needs = tuple(need for sends in site.row.sends for need in _sent(sends, None))
    unseen = Unseen("model", Why.VARIABLE, settled=True)
    return SiteNeeds(place, KINDS[StructuredSite], site.name, (), needs, unseen=(unseen,))


def _sent(sends: Sends, model: str | None) -> Iterator[Requirement]:
    """Yield what something needs that a framework sends without being told to."""
    match sends:
        case Sends.DEVELOPER_ROLE:
            yield Requirement("role", model, value="developer")
        case Sends.RESPONSES:
            yield Requirement("endpoint", model, value="responses")
        case _:
            yield Requirement(sends.value, model)


def _needs_of(site: Sender, seen: Seen, target: Target, place: Location) -> SiteNeeds:
    unseen = list(seen.unseen)
    shape = seen.shapes[0]
    needs: dict[Requirement, None] = {}
    may_need: dict[Requirement, None] = {}
    asked_fully = shape.is_chat or shape.resource == "embeddings"
    for shape in seen.shapes if asked_fully else seen.shapes[:1]:
        needs |= dict.fromkeys(needs_of(shape, target))
        if shape.is_chat:
            for name, value in seen.others:
                needs |= dict.fromkeys(_parameter(name, value, shape.model))
            may_need |= dict.fromkeys(n for one in unseen if not one.settled for n in _possible(one.name, shape))
    if isinstance(site, FrameworkSite):
        needs |= dict.fromkeys(n for s in site.row.sends for n in _sent(s, shape.model) if s is not Sends.RESPONSES)
    if any(one.why is Why.RECEIVER for one in unseen):
        needs, may_need = {}, needs | may_need
    elif not needs:
        row = target.profile.endpoint(shape.endpoint)
        absent = row is not None and row.status is Status.REJECTED
        unseen = [Unseen("", Why.ABSENT if absent else Why.ENDPOINT, detail=shape.endpoint)]
    elif not asked_fully:
        names = ", ".join(name for name, _ in shape.parameters)
        unseen = [one for one in unseen if not one.name]
        unseen += [Unseen("", Why.UNASKED, settled=True, detail=names)] if names else []
    # what may be any of a few values, all of which are asked for, does not stand in the way of a proof
    answered = {one.name for one in unseen if shape.is_chat and any(_possible(one.name, shape))}
    unseen = [replace(one, settled=True) if one.name in answered else one for one in unseen]
    return SiteNeeds(
        place,
        KINDS[type(site)],
        _called(site),
        seen.shapes,
        tuple(needs),
        tuple(need for need in may_need if need not in needs),
        tuple(sorted(set(unseen))),
    )


def _called(site: Sender) -> str:
    match site:
        case CallSite():
            return site.api
        case RequestSite():
            return f"{site.method} {site.address.api_path or site.url}"
    return site.name


def needs_of(shape: CallShape, target: Target) -> Iterator[Requirement]:
    """Yield what one shape needs."""
    model, resource = shape.model, shape.resource
    if model is not None and (shape.is_chat or resource == "embeddings"):
        yield Requirement("model", model)
    if shape.is_chat:
        yield from _chat(shape, target)
    elif resource == "embeddings":
        yield from _embeddings(shape)
    elif resource == "models":
        yield Requirement("models")
    elif resource in ENDPOINTS:
        yield Requirement("endpoint", model, value=ENDPOINTS[resource])


def _chat(shape: CallShape, target: Target) -> Iterator[Requirement]:
    model = shape.model
    yield Requirement("chat", model)
    for role in shape.roles:
        if role in ROLES:
            yield Requirement("role", model, value=role)
    if "text" in shape.parts:
        yield Requirement("content-parts", model)
    if "image_url" in shape.parts:
        yield Requirement("vision", model)
    if "null" in shape.parts:
        yield Requirement("null-content", model)
    if shape.stream:
        yield Requirement("stream", model)
    if shape.include_usage:
        yield Requirement("stream-usage", model)
    if shape.tools is not None:
        yield Requirement("tools", model)
        if shape.stream:
            yield Requirement("tools-stream", model)
        if shape.strict:
            yield Requirement("strict-tools", model)
        yield from (Requirement(CHOICES[word], model) for word in shape.tool_choice if word in CHOICES)
    if "tool" in shape.roles:
        yield Requirement("tool-loop", model)
    if shape.response_format in ("json_object", "json_schema"):
        yield Requirement(shape.response_format.replace("_", "-"), model)
    switches: set[str] = set()
    for way, feature in (("off", "thinking-off"), ("on", "thinking")):
        entries = dict(_dotted("", target.profile.thinking.get(way, {})))
        if entries and entries.items() <= dict(shape.parameters).items():
            yield Requirement(feature, model)
            switches |= entries.keys()
    for name, value in shape.parameters:
        if name not in switches:
            yield from _parameter(name, value, model)
    yield Requirement("request", model, shape=shape)


def _dotted(before: str, entries: object) -> Iterator[tuple[str, object]]:
    if isinstance(entries, dict):
        for name, value in entries.items():
            yield from _dotted(f"{before}.{name}" if before else name, value)
    else:
        yield before, entries


def _parameter(name: str, value: Sent, model: str | None) -> Iterator[Requirement]:
    """Yield what one parameter needs. One inside a dictionary is sent as part of the whole request only."""
    if "." in name or value is None:
        return
    if name in FEATURES:
        if isinstance(value, bool):
            needed = name != "logprobs" or value
            yield from [Requirement(FEATURES[name], model, value=None if name == "logprobs" else value)] * needed
        return
    if not isinstance(value, Form):
        yield Requirement(name, model, value=value)
    elif name == "stop":
        yield Requirement(name, model, value=value.length if value.type == "array" else None)
    elif name in TEXTS:
        yield Requirement(name, model, value=TEXT)
    elif value.type == "variable":
        yield Requirement(name, model)


TEXTS = frozenset({"prompt_cache_key", "safety_identifier", "user"})
"""Parameters that take any text, so that ours does as well as the user's:"""
TEXT = "llm-migrate"


def _possible(name: str, shape: CallShape) -> Iterator[Requirement]:
    """Yield what is needed if a parameter that cannot be seen has any of the values that it may have."""
    model = shape.model
    if name == "stream":
        yield Requirement("stream", model)
        if shape.tools is not None:
            yield Requirement("tools-stream", model)
    elif name == "tool_choice":
        yield from (Requirement(feature, model) for feature in ("no-tool", "required-tool", "forced-tool"))
    elif name == "response_format":
        yield from (Requirement(feature, model) for feature in ("json-object", "json-schema"))
    for value in MAY_BE.get(name, ()):
        yield from _parameter(name, value, model)


def _embeddings(shape: CallShape) -> Iterator[Requirement]:
    """Yield what embeddings need. Where the code says nothing of it, the SDK asks for base64."""
    model = shape.model
    encoding = dict(shape.parameters).get("encoding_format", "base64")
    yield Requirement("embeddings-base64" if encoding == "base64" else "embeddings", model, shape.dimensions)
    if shape.dimensions is not None:
        yield Requirement("embeddings-dimensions", model, shape.dimensions)
    if shape.batch is not None and shape.batch > 1:
        yield Requirement("embeddings-batch", model, shape.dimensions, value=shape.batch)
