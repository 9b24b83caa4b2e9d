"""What strings name: models, variables, keys, URLs, deployments, roles."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from llm_codemods.edits import Span
from llm_codemods.retirement import Retirement
from llm_codemods.sites.kinds.clients import CallSite
from llm_codemods.sites.kinds.frameworks import FrameworkSite
from llm_codemods.sites.kinds.points import Group, Reach
from llm_codemods.sites.kinds.requests import RequestSite


class Flow(str, Enum):
    """Where a model name goes."""

    REACHES = "reaches"
    """A call through a client that points to OpenAI."""
    ELSEWHERE = "elsewhere"
    """Only calls through clients that point elsewhere."""
    BY_HAND = "by-hand"
    """Only requests that are made by hand, to OpenAI or nobody knows where."""
    LIKELY = "likely"
    """No call that we can follow, but its name says that it is a model in use."""
    FRAMEWORK = "framework"
    """An object of a framework."""
    TOLD = "told"
    """A table, a comparison or a look-up that is reported as a whole."""
    MENTIONED = "mentioned"
    """A table, a comparison, a list, a call that cannot be followed: a person must say what it is for."""


@dataclass(frozen=True, slots=True, eq=False)
class ModelSite:
    """A model of OpenAI is named."""

    path: str
    span: Span
    name: str
    role: str
    plain: bool
    flow: Flow
    vision: bool
    framed: Framed | None = None
    """How objects of frameworks take it that move by themselves; None: they do not, or differ."""
    groups: tuple[Group, ...] = ()
    """The requests made by hand that ask for it."""
    hosts: frozenset[str | None] = frozenset()
    """Where it goes if that is elsewhere; None: that is not seen."""
    members: tuple[str, ...] = ()
    """What the members of the enumeration or the list say, in order, of which it is one."""
    reaches: tuple[Reach, ...] = ()
    """Where the calls and objects of frameworks go that are seen to ask for it."""


@dataclass(frozen=True, slots=True)
class Framed:
    """A model's name as an object of a framework takes it."""

    name: str
    """Without the provider before it."""
    prefix: str
    """What stands before it at other endpoints."""
    objects: tuple[FrameworkSite, ...] = field(default=(), compare=False)
    """Those that it goes to."""


@dataclass(frozen=True, slots=True, eq=False)
class EnvironmentSite:
    """A variable of OpenAI is named.

    ``read`` spans the whole read when its value reaches a client, ``reaches`` says which.
    """

    path: str
    span: Span
    name: str
    role: str
    read: Span | None
    shared: bool
    """A framework that reads the variable by itself is imported somewhere in the project, or a client is left where it
    is."""
    reaches: tuple[Reach, ...] = ()
    others: tuple[Reach, ...] = ()
    """Who else takes OpenAI's key from the environment and cannot be moved, anywhere in the project."""
    may_fail: bool = True
    """The read does not raise, and may: it is made where the client is. On import, others may need the module without
    the key."""
    default: bool = False
    """The read has a default that is not empty."""
    store: bool = False
    """A store of secrets is read."""
    writes_unseen: bool = False
    """The variable is set to something that cannot be followed."""
    message: str | None = None
    """The text that names the variable among other words."""
    header: Span | None = None
    """The f-string ``f"Bearer {…}"`` in which it is read."""
    loose: bool = False
    """No client is seen that gets it, and URLs are read from variables that no client gets, either."""
    handed: bool = False
    """It goes to something that is not seen, and to no client."""


@dataclass(frozen=True, slots=True, eq=False)
class SecretSite:
    """A key stands in the code."""

    path: str
    span: Span
    role: str
    reaches: tuple[Reach, ...]
    """The clients that it goes to."""
    openais: bool
    """It is nothing but a key whose form, or the name that it gets, says that it is OpenAI's."""
    bearer: bool = False
    """``Bearer`` stands before it."""
    real: bool = True
    """A digit stands in it, as in every key that is given out; else it is a placeholder."""


@dataclass(frozen=True, slots=True, eq=False)
class UrlSite:
    """A URL of OpenAI or of a relay stands in the code; or a request goes there whose URL stands nowhere in it."""

    path: str
    span: Span
    url: str
    to_client: bool
    requests: tuple[RequestSite, ...] = ()
    """The requests made by hand that go there."""
    beside: tuple[EnvironmentSite | SecretSite | ModelSite, ...] = ()
    """What these take their keys and models from in the same file."""


@dataclass(frozen=True, slots=True, eq=False)
class DeploymentSite:
    """A deployment of Azure is named, or the variable that names it."""

    path: str
    span: Span
    name: str
    plain: bool
    """It is a single string literal."""
    variable: bool
    chats: bool
    """All that is seen to ask it is chat."""
    images: bool
    """It is shown images."""


@dataclass(frozen=True, slots=True, eq=False)
class RoleSite:
    """A message has the role ``developer`` or ``function``."""

    path: str
    span: Span
    role: str
    flow: Flow
    answers: CallSite | None = None
    """The call with functions whose answer, the call of one, this message answers in turn."""


@dataclass(frozen=True, slots=True, eq=False)
class TableSite:
    """A dictionary has names of models as its keys; ``span`` is that of the first of them."""

    path: str
    span: Span
    names: tuple[str, ...]
    table: Span
    """The whole dictionary, and"""
    of: str
    """what it is called; "" where it has no name."""
    entries: Mapping[str, str | int | float | bool | None]
    """What stands under each of its names, as far as that is a literal; None stands for all else."""


@dataclass(frozen=True, slots=True, eq=False)
class BranchSite:
    """The name of a model decides what the code does."""

    path: str
    span: Span
    names: tuple[str, ...]
    whole: bool
    """The name is compared as a whole, not by its beginning or a part."""


@dataclass(frozen=True, slots=True, eq=False)
class RetiredSite:
    """A model that has ended, or soon will have, is named where it is in use."""

    path: str
    span: Span
    """Of the string; in a file that is no Python, of the name itself."""
    name: str
    ends: tuple[Retirement, ...]
    plain: bool = True
    """It is a single string literal."""
    reaches: bool = False
    """A call is made with it."""
    python: bool = True


@dataclass(frozen=True, slots=True, eq=False)
class PersonaSite:
    """Texts of a file name OpenAI's model as the one who speaks; ``span`` is that of the first."""

    path: str
    span: Span
    count: int
