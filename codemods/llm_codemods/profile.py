"""What is true of one provider: the contract that rules, check and emulator all read.

A profile is a TOML file, ``providers/<id>.toml``; every row says where it comes from (``source``: a key of
``[sources]``), when that was looked at (``checked``) and how sure it is (``confidence``). What nobody knows is
``unknown``.
"""

from __future__ import annotations

import datetime
import difflib
import types
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields, is_dataclass, replace
from enum import Enum
from fnmatch import fnmatchcase
from functools import cache
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints
from urllib.parse import urlsplit

import tomli

from llm_codemods.providers import bundled as bundled
from llm_codemods.providers import bundled_text as bundled_text
from llm_codemods.text import Note as Note
from llm_codemods.text import Text, TextError, text

T = TypeVar("T")
HOME = "openai"
"""The profile of what code uses that says nothing else."""


class ProfileError(TextError):
    """A profile cannot be read. ``message`` says where and why, ``hint`` what to do."""


class Status(str, Enum):
    """How the provider treats a thing that OpenAI has."""

    SAME = "same"
    IGNORED = "ignored"
    REJECTED = "rejected"
    RENAMED = "renamed"
    LIMITED = "limited"
    UNKNOWN = "unknown"


class Action(str, Enum):
    """What the rewriter does about it; the closed set."""

    KEEP = "keep"
    REMOVE = "remove"
    RENAME = "rename"
    CLAMP = "clamp"
    """Move a literal number into the range; ask a person about anything that is no literal."""
    REPLACE = "replace"
    """Replace literal values by the table ``replace``; ask a person about anything else outside ``values``."""
    BODY = "body"
    """Send it in ``extra_body`` under the name ``to``."""
    ADD = "add"
    """Give it explicitly with the value ``default`` where the code leaves it out; in ``extra_body`` if there is a
    ``to``, its name there."""
    REPEAT = "repeat"
    """Ask as often as it takes, for at most ``maximum`` a call; for ``n``. What stays one call comes down to that where
    the status is ``limited``, and goes without it elsewhere."""
    TELL = "tell"
    """Say in the words of the prompt, too, what it asks for; for ``response_format``."""
    REVIEW = "review"
    """Leave it and have a person look."""
    MANUAL = "manual"
    """There is no equivalent."""


class Confidence(str, Enum):
    """Where a row comes from."""

    DOCUMENTED = "documented"
    """The provider's own documentation."""
    SOURCE = "source"
    """The source code of a published SDK or client."""
    REPORTED = "reported"
    """Somebody's report of a real call."""
    INFERRED = "inferred"
    """Our own inference; nobody says so."""
    OBSERVED = "observed"
    """A live check saw it."""


class Thinking(str, Enum):
    """Whether a model reasons before it answers."""

    NONE = "none"
    OFF = "off"
    """It can, but only when asked."""
    ON = "on"
    """It does unless told not to."""
    ALWAYS = "always"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """Where a statement comes from."""

    source: str
    checked: datetime.date
    confidence: Confidence
    note: Note | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A document that rows name by its key."""

    title: str
    url: str | None = None
    date: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Region(Row):
    """An endpoint: ``base_url`` without a final slash, and the variable that holds its key."""

    base_url: str
    key_env: str
    name: Note


@dataclass(frozen=True, slots=True, kw_only=True)
class Model(Row):
    """One model. ``context`` and ``output`` in tokens, prices per million tokens in ``currency``."""

    kind: str
    context: int | None = None
    output: int | None = None
    vision: bool | None = None
    tools: bool | None = None
    json_schema: bool | None = None
    thinking: Thinking | None = None
    dimensions: tuple[int, ...] = ()
    """Sizes of an embedding that can be asked for; the first is the default. One entry: fixed."""
    batch: int | None = None
    """Most texts in one embeddings request."""
    price_in: float | None = None
    price_out: float | None = None
    currency: str | None = None
    retired: datetime.date | None = None
    replaced_by: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelMapping(Row):
    """OpenAI model names (globs) and what stands in for them; the first match counts."""

    openai: tuple[str, ...]
    model: str | None = None
    """None: there is no equivalent."""
    vision: str | None = None
    """The model to take where images are sent, if ``model`` cannot see."""
    dimensions: int | None = None
    """Embedding size to ask for, where it keeps the size of the old vectors or comes nearest."""
    thinking: str | None = None
    """``off`` or ``on``: what to ask for explicitly, when it is not the model's default."""
    reason: Note


@dataclass(frozen=True, slots=True, kw_only=True)
class Instructed(Row):
    """Models (globs) that are made to follow instructions: what they are asked by a prompt, chat answers likewise.
    Others go on with a text."""

    models: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter(Row):
    """One request parameter of one endpoint."""

    status: Status
    action: Action
    to: str | None = None
    minimum: float | None = None
    maximum: float | None = None
    exclusive_minimum: bool = False
    exclusive_maximum: bool = False
    low: float | None = None
    """What a literal below the range becomes (default: ``minimum``; needed where that is exclusive)."""
    high: float | None = None
    """What a literal above the range becomes."""
    values: tuple[str, ...] = ()
    """Literal strings that are accepted; empty: any."""
    replace: Mapping[str, str] = field(default_factory=dict)
    default: str | None = None
    """Python source of the value that ``add`` gives."""
    models: tuple[str, ...] = ()
    """Globs of the models this row speaks of; empty: all. With ``repeat`` others give one a call."""
    beside: str | None = None
    """``add`` holds only for calls that have this parameter, too; with it ``repeat`` asks for one a call."""
    most: int | None = None
    """It must be a list, of so many items at most."""
    review: bool = False
    """The change loses behaviour: a person must look at it."""

    def once(self, most: int) -> Parameter:
        """Return what the row says of a single call, where it has others repeated and a call gives ``most``."""
        action = Action.CLAMP if self.status is Status.LIMITED else Action.REMOVE
        return replace(self, action=action, maximum=float(most), review=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Role(Row):
    """A message role that is not taken as it is."""

    status: Status
    action: Action
    to: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint(Row):
    """One part of OpenAI's API, by dotted prefix (``chat.completions``, ``images``)."""

    status: Status
    path: str | None = None
    """Relative to the base URL."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Feature(Row):
    """A behaviour that a probe can test; the key is the probe's name."""

    status: Status
    thinking: str | None = None
    """``off``: only while the model does not think."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseField(Row):
    """One field of chat responses. ``rejected``: it is absent or null; ``limited``: it differs, see ``note``."""

    status: Status
    values: tuple[str, ...] = ()
    """The texts that come; empty: any."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorShape(Row):
    """How a kind of failure looks on the wire: HTTP status and JSON body."""

    status: int
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """Everything known about one provider. The first region is the default."""

    id: str
    name: Note
    aliases: tuple[str, ...] = ()
    extends: str | None = None
    """The id of the bundled profile that a user's own one builds on."""
    partial: bool = False
    hosts: tuple[str, ...] = ()
    """Host names (globs) by which code that already talks to this provider is known."""
    sdks: tuple[str, ...] = ()
    """Packages, or modules of them, that are the provider's own SDKs with a protocol of their own."""
    sources: Mapping[str, Source]
    regions: Mapping[str, Region]
    models: Mapping[str, Model] = field(default_factory=dict)
    mapping: tuple[ModelMapping, ...] = ()
    instructed: tuple[Instructed, ...] = ()
    parameters: Mapping[str, Mapping[str, Parameter]] = field(default_factory=dict)
    """Endpoint prefix (``chat.completions``, ``embeddings``) -> parameter name -> row."""
    roles: Mapping[str, Role] = field(default_factory=dict)
    endpoints: Mapping[str, Endpoint] = field(default_factory=dict)
    features: Mapping[str, Feature] = field(default_factory=dict)
    response: Mapping[str, ResponseField] = field(default_factory=dict)
    """Name of a field -> row; ``tool_calls.id`` and ``tool_calls.name`` are those of a stream's pieces."""
    errors: Mapping[str, ErrorShape] = field(default_factory=dict)
    thinking: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """``off`` / ``on`` -> entries of the request body that switch it."""

    def endpoint(self, api: str) -> Endpoint | None:
        """Return the row for a dotted method path, by its longest known prefix; None when nothing is known. What goes
        over a connection goes as ``connect`` does, which opens it."""
        parts = ["connect" if part == "connection" else part for part in api.split(".")]
        for size in range(len(parts), 0, -1):
            row = self.endpoints.get(".".join(parts[:size]))
            if row is not None:
                return row
        return None

    def map_model(self, name: str) -> ModelMapping | None:
        """Return the mapping row for an OpenAI model name, or None when no row speaks of it."""
        return next((row for row in self.mapping if any(fnmatchcase(name, glob) for glob in row.openai)), None)

    def is_instructed(self, name: str) -> bool:
        """Whether a model of the provider is known to follow instructions."""
        return any(fnmatchcase(name, glob) for row in self.instructed for glob in row.models)

    def parameter(self, api: str, name: str, model: str | None = None) -> Parameter | None:
        """Return the row for a parameter of a dotted method path, or None when the tables are silent or speak of other
        models. ``images.edit`` may have a table beside that of ``images``: the longest prefix with this name counts."""
        parts = api.split(".")
        tables = (self.parameters.get(".".join(parts[:size]), {}) for size in range(len(parts), 0, -1))
        row = next((table[name] for table in tables if name in table), None)
        if row is None or not row.models or model is None or any(fnmatchcase(model, glob) for glob in row.models):
            return row
        return replace(row, maximum=1.0) if row.action is Action.REPEAT else None

    def row_of(self, api: str, name: str, model: str | None = None) -> Parameter | Endpoint | None:
        """Return the row that speaks for a parameter of a dotted method path: that of the endpoint where the provider
        has none of it, or nobody says so, otherwise the parameter's own; None when nothing is known."""
        endpoint = self.endpoint(api)
        if endpoint is not None and endpoint.status in (Status.REJECTED, Status.UNKNOWN):
            return endpoint
        return self.parameter(api, name, model)


def nearest(word: str, known: list[str]) -> str | None:
    """Return the known word most like ``word``, or None if none is close."""
    return next(iter(difflib.get_close_matches(word, known, n=1, cutoff=0.6)), None)


@cache
def bundled_profile(id: str) -> Profile:
    """Load a bundled profile by id."""
    return parse(bundled_text(id), f"{id}.toml")


@cache
def origins() -> tuple[tuple[str, str], ...]:
    """Return the hosts (globs) of all bundled profiles, each with the profile's id."""
    profiles = [bundled_profile(id) for id in bundled()]
    own = [(urlsplit(r.base_url).hostname or "", p.id) for p in profiles for r in p.regions.values()]
    return tuple(dict.fromkeys((*((host, p.id) for p in profiles for host in p.hosts), *own)))


def origin(host: str) -> str | None:
    """Return the id of the bundled profile whose provider has this host, or None."""
    return next((id for glob, id in origins() if fnmatchcase(host, glob)), None)


def find(name: str) -> Profile:
    """Return the bundled profile with this id or alias.

    Raises:
        ProfileError: no such provider; the hint offers the nearest name.
    """
    if name.lower() in bundled():
        return bundled_profile(name.lower())
    known: dict[str, str] = {}
    for id in bundled():
        known[id] = id
        known.update(dict.fromkeys(bundled_profile(id).aliases, id))
    if name.lower() in known:
        return bundled_profile(known[name.lower()])
    close = nearest(name.lower(), list(known))
    raise ProfileError(
        text("unknown provider '{name}'", name=name),
        text("did you mean '{name}'?", name=close)
        if close
        else text("known providers: {names}", names=", ".join(bundled())),
    )


def parse(toml: str, where: str) -> Profile:
    """Read a profile from TOML text; ``where`` names it in errors.

    Raises:
        ProfileError: not TOML, an unknown key (with the nearest known one), a missing or ill-typed value, or a row
            whose source is not listed.
    """
    try:
        table = tomli.loads(toml)
    except tomli.TOMLDecodeError as error:
        raise ProfileError(text("{where}: not valid TOML: {reason}", where=where, reason=str(error))) from None
    profile, problems = read(table)
    if profile is None or problems:
        raise problems[0].error(where)
    return profile


Keys = tuple["str | int", ...]
"""The way to a value through tables and arrays, from the top of a file."""


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a value, and where it stands."""

    keys: Keys
    message: Text
    hint: Text | None = None
    on_key: bool = False
    """It is the key that is wrong, not the value."""
    place: str = ""
    """The same as ``keys``, in words: ``regions.cn: base_url``."""

    def error(self, where: str) -> ProfileError:
        """Return it as an error about the file ``where``."""
        place = f"{where}: {self.place}" if self.place else where
        return ProfileError(text("{where}: {problem}", where=place, problem=self.message), self.hint)


def read(table: Mapping[str, Any], defaults: Mapping[str, Any] | None = None) -> tuple[Profile | None, list[Problem]]:
    """Turn plain TOML data into a profile; return it, if it could be built, and all that is wrong with it.

    ``defaults`` are what rows say of their source where they say nothing.
    """
    builder = _Builder(defaults or {})
    profile: Profile | None = builder.build(Profile, table, (), "")
    listed = table.get("sources")
    if isinstance(listed, Mapping):
        for keys, place, source in builder.named:
            if source not in listed:
                message = text("source '{source}' is not listed in [sources]", source=source)
                builder.problems.append(Problem((*keys, "source"), message, _offer(source, list(listed)), place=place))
    return (None if builder.problems else profile), builder.problems


def build(kind: Any, value: Any, where: str) -> Any:
    """Turn plain TOML data into the annotated type ``kind``; ``where`` names it in errors.

    Raises:
        ProfileError: an unknown key (with the nearest known one), a missing or an ill-typed value.
    """
    builder = _Builder({})
    built = builder.build(kind, value, (), "")
    if builder.problems:
        raise builder.problems[0].error(where)
    return built


@cache
def _hints(cls: type) -> dict[str, Any]:
    return get_type_hints(cls)


def _offer(word: str, known: list[str]) -> Text | None:
    close = nearest(word, known)
    return text("did you mean '{name}'?", name=close) if close else None


class _Builder:
    """Builds typed values and goes on after what is wrong; what could not be built is None."""

    def __init__(self, defaults: Mapping[str, Any]) -> None:
        self.defaults = defaults
        self.problems: list[Problem] = []
        self.named: list[tuple[Keys, str, str]] = []
        """Rows, by their keys and place, and the source that each names."""

    def build(self, kind: Any, value: Any, keys: Keys, place: str) -> Any:
        origin = get_origin(kind)
        if origin in (Union, types.UnionType):
            return self.build(next(a for a in get_args(kind) if a is not type(None)), value, keys, place)
        if kind is Any:
            return value
        if origin is tuple:
            if not isinstance(value, list):
                return self._ill_typed(keys, place, "array", value)
            inner = get_args(kind)[0]
            return tuple(self.build(inner, v, (*keys, i), f"{place}[{i}]") for i, v in enumerate(value))
        if origin is not None and issubclass(origin, Mapping):
            if not isinstance(value, dict):
                return self._ill_typed(keys, place, "table", value)
            inner = get_args(kind)[1]
            return {k: self.build(inner, v, (*keys, k), f"{place}.{k}") for k, v in value.items()}
        if is_dataclass(kind):
            return self._dataclass(kind, value, keys, place)
        if issubclass(kind, Enum):
            return self._enum(kind, value, keys, place)
        if kind is float and type(value) is int:
            return float(value)
        if type(value) is not kind:
            return self._ill_typed(keys, place, kind.__name__, value)
        return value

    def _enum(self, kind: type[Enum], value: Any, keys: Keys, place: str) -> Any:
        try:
            return kind(value)
        except ValueError:
            names = [str(member.value) for member in kind]
            hint = _offer(str(value), names) or text("one of: {names}", names=", ".join(names))
            self._problem(Problem(keys, text("unknown value '{value}'", value=str(value)), hint, place=place))
            return None

    def _dataclass(self, kind: Any, value: Any, keys: Keys, place: str) -> Any:
        if kind is Note and isinstance(value, str) and self.defaults:
            return Note(en=value, zh=value)
        if not isinstance(value, dict):
            return self._ill_typed(keys, place, "table", value)
        row = issubclass(kind, Row)
        if row:
            value = {**self.defaults, **value}
        known = {f.name: f for f in fields(kind)}
        before = len(self.problems)
        for key in value:
            if key not in known:
                hint = _offer(key, list(known)) or text("known keys: {names}", names=", ".join(known))
                message = text("unknown key '{key}'", key=key)
                self._problem(Problem((*keys, key), message, hint, on_key=True, place=place))
        for name, f in known.items():
            if name not in value and f.default is MISSING and f.default_factory is MISSING:
                self._problem(Problem(keys, text("key '{key}' is missing", key=name), on_key=True, place=place))
        hints = _hints(kind)
        built = {
            key: self.build(hints[key], v, (*keys, key), f"{place}: {key}" if place else key)
            for key, v in value.items()
            if key in known
        }
        if row and isinstance(built.get("source"), str):
            self.named.append((keys, place, built["source"]))
        return kind(**built) if len(self.problems) == before else None

    def _ill_typed(self, keys: Keys, place: str, wanted: str, value: object) -> None:
        said = text("expected {wanted}, found {found}", wanted=wanted, found=type(value).__name__)
        self._problem(Problem(keys, said, place=place))

    def _problem(self, problem: Problem) -> None:
        self.problems.append(problem)
