"""What a site is: one resolved use of OpenAI in one file, of a kind that rules look at.

A site has everything that the project knows about the use: which client a call goes through and where that client
points, what its arguments may be, which calls a model name reaches.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

from llm_codemods import openai_api
from llm_codemods.edits import Span
from llm_codemods.facts import Skip
from llm_codemods.frameworks import Row
from llm_codemods.results import Result
from llm_codemods.retirement import Retirement
from llm_codemods.sites.addresses import Address, Head, relocated
from llm_codemods.terms import Assigned, Term
from llm_codemods.values import Constant, Display, Environment, Values
from llm_codemods.vocabulary import OPENAIS_OWN, is_openais

if TYPE_CHECKING:
    from llm_codemods.target import Target


class Points(str, Enum):
    """Where a client sends its requests; where it may be several, the first of them counts."""

    OPENAI = "openai"
    """To OpenAI, or to a relay that is known to pass everything on to it."""
    AZURE = "azure"
    RELAY = "relay"
    """To a host that nobody knows but that is asked for models of OpenAI's."""
    UNKNOWN = "unknown"
    ELSEWHERE = "elsewhere"


def nearest(found: Container[Points]) -> Points:
    """Return which of several places to count on: OpenAI, if any of them is."""
    order = (Points.OPENAI, Points.AZURE, Points.RELAY, Points.UNKNOWN, Points.ELSEWHERE)
    return next((points for points in order if points in found), Points.UNKNOWN)


class KeyUse(str, Enum):
    """How a client comes by its key."""

    NONE = "none"
    """It is given none; the SDK reads OpenAI's variable."""
    HERE = "here"
    """The variable is read, or a literal stands, in the call itself."""
    KEPT = "kept"
    """From elsewhere, all of which was seen and is OpenAI's variable or a key in the code."""
    EMPTY = "empty"
    """The same, but it may be empty; the SDK then reads OpenAI's variable."""
    FOREIGN = "foreign"
    """Some of where it comes from was not seen, or is no variable of OpenAI's."""


class Upgraded(str, Enum):
    """Whether something of the 0.28 API can become what the current SDK has."""

    NO = "no"
    SURE = "sure"
    UNSURE = "unsure"
    """Something in the same file hangs on it that cannot be followed."""


@dataclass(frozen=True, slots=True)
class NewClients:
    """How a file comes by clients of the current SDK for its calls of the 0.28 API: one for each kind of call."""

    clients: tuple[tuple[str, str], ...]
    """Name and class: ``client``, ``OpenAI``."""
    module: str
    """What stands before the class: ``openai.``; nothing where the class itself is imported."""
    place: Span
    """The statement behind which they are made,"""
    replaces: bool
    """or in whose place;"""
    past_imports: bool
    """behind the import statements that follow it, too."""
    imports: tuple[tuple[Span, tuple[str, ...]], ...] = ()
    """Imports of the 0.28 API, and the statements that they become."""


@dataclass(frozen=True, slots=True)
class Upgrade:
    """What a call of the 0.28 API becomes."""

    callee: Span | None
    """What is called, where that is written out here, and"""
    function: str
    """its new name: ``client.chat.completions.create``."""
    positional: tuple[str, ...]
    """The names of positional arguments; () where they may stay."""
    arguments: tuple[tuple[str, str | None], ...]
    """Arguments that are called otherwise now; None: that are gone."""
    body: tuple[str, ...]
    """Arguments that the current SDK does not know and sends in ``extra_body``."""
    keys: tuple[tuple[Span, str, str], ...]
    """Keys of dictionaries that are unpacked, with the argument's name here and today's."""
    clients: NewClients | None
    """None: the client that the module itself has."""
    sure: bool


Resolve = Callable[[str, Term], Values]


def _nothing(_path: str, _term: Term) -> Values:
    return ()


@dataclass(frozen=True, slots=True)
class Reach:
    """Where a key goes: where its client points, and whether the client can be moved."""

    points: Points
    host: str | None
    movable: bool
    group: Group | None = None
    """Of a request that is made by hand."""

    def stays(self, target: Target) -> bool:
        """Whether the client keeps its key after the move to this target."""
        moves = self.movable if self.group is None else self.group.goes(target)
        return not moves and not target.is_home(self.host)


@dataclass(slots=True, eq=False)
class Group:
    """Requests made by hand that share a URL, a key or a model: all of them move, or none."""

    requests: tuple[RequestSite, ...] = ()

    def goes(self, target: Target) -> bool:
        """Whether all of them can be moved: all that must change is seen, and the target has their endpoints."""
        return bool(self.requests) and all(request.goes(target) for request in self.requests)


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


ClientPlace = tuple[str, Span]
"""Where a client is made: file and span of the call."""
MODULE_LEVEL: ClientPlace = ("", Span(0, 0))
"""Stands for the client of the SDK's module, which is made nowhere."""


def module_level(path: str) -> ClientPlace:
    """Return what stands for the client of the SDK's module in one file, whose calls move by themselves."""
    return path, Span(0, 0)


@dataclass(frozen=True, slots=True, eq=False)
class Pieces:
    """How something is cut into pieces, all of which is seen."""

    most: tuple[Constant, ...]
    """How many the pieces hold at most, and"""
    steps: tuple[Constant, ...]
    """how far apart they begin, by ``range``; () where that is not seen."""


@dataclass(frozen=True, slots=True, eq=False)
class Given:
    """One argument as a call receives it."""

    name: str
    span: Span
    """Of the value, in ``path``."""
    path: str
    direct: bool
    """Written as a keyword of the call itself, not through ``**`` or ``functools.partial``."""
    inline: bool
    """The value is a literal right there, in the call or in the dictionary."""
    values: Values
    term: Term
    text: bool = False
    """It is annotated as a single text."""
    entry: bool = False
    """It stands in one dictionary that is unpacked, and ``span`` is that of the dictionary."""
    pieces: Pieces | None = None
    """It is a piece of something longer."""
    put: Assigned | None = None
    """It is put into one dictionary that is unpacked, by an assignment of its own in ``path``."""
    adapted: bool = False
    """A function that an earlier run put in makes it fit the endpoint."""
    alone: bool = False
    """The dictionary that it stands in is for this call alone."""
    most: int | None = None
    """As many texts it is at most; None: nobody can tell."""

    def place(self, call: Span, path: str) -> Span | None:
        """Return the expression in this file in which it can be changed: the call, or a dictionary; None if neither."""
        if self.direct:
            return call
        return self.span if self.entry and self.path == path else None

    @property
    def constants(self) -> tuple[Constant, ...]:
        """The literals it may be."""
        return tuple(v for v in self.values if isinstance(v, Constant))

    @property
    def strings(self) -> tuple[str, ...]:
        """The literal strings it may be."""
        return tuple(v.literal.value for v in self.constants if isinstance(v.literal.value, str))

    @property
    def environments(self) -> tuple[Environment, ...]:
        """The environment variables it may come from."""
        return tuple(v for v in self.values if isinstance(v, Environment))

    @property
    def display(self) -> Display | None:
        """The dictionary or list that it is, if it is written out."""
        return next((v for v in self.values if isinstance(v, Display)), None)


@dataclass(frozen=True, slots=True, eq=False)
class Made:
    """The statement of the same file that makes the client of a call, ``client = OpenAI(…)``, and nothing else does."""

    call: Span
    """The right side."""
    beside: str
    """What a second client beside it can be called; it belongs to the same object, if it does to one."""


@dataclass(frozen=True, slots=True, eq=False)
class ClientSite:
    """A client is constructed."""

    path: str
    span: Span
    callee: Span
    kind: str
    points: Points
    host: str | None
    """Where it points, if not to OpenAI itself."""
    given: Mapping[str, Given]
    opaque: bool
    """Some arguments hide in ``*`` or ``**`` that cannot be followed."""
    wrapper: str | None
    """The module that exports the SDK's class under its own name."""
    bare: bool
    """Called by a plain name: ``OpenAI(…)``, not ``openai.OpenAI(…)``."""
    derived: bool = False
    """Made from another client, by ``with_options`` or ``copy``."""
    key: KeyUse = KeyUse.NONE
    beside: tuple[Reach, ...] = ()
    """Where else the same reads and literals of keys go."""
    sells: tuple[str, ...] = ()
    """The models that the relay is asked for and that are not OpenAI's."""
    embeds: bool = False
    """All that is seen of it goes to embeddings."""

    @property
    def use(self) -> str:
        """What kind of use it is reported as."""
        return "client-method" if self.derived else "client"

    @property
    def movable(self) -> bool:
        """Whether it points to OpenAI or Azure, and all that must change is written in the call itself."""
        names = self.given if self.points is Points.AZURE else ("base_url", "api_key", *OPENAIS_OWN)
        direct = all(self.given[n].direct for n in names if n in self.given)
        return self.points in (Points.OPENAI, Points.AZURE) and not self.opaque and direct

    @property
    def reach(self) -> Reach:
        """Where its key goes."""
        return Reach(self.points, self.host, self.movable)


@dataclass(frozen=True, slots=True, eq=False)
class CallSite:
    """A method of the API is called, or named without a call (``called`` False)."""

    path: str
    span: Span
    callee: Span
    api: str
    points: Points
    host: str | None
    """Of the endpoint, where that is not OpenAI's and known."""
    given: Mapping[str, Given]
    opaque: bool
    called: bool
    legacy: bool
    """The 0.28 module-level API."""
    known: bool
    """The receiver was resolved; otherwise only its path looks like the SDK's."""
    models: tuple[str, ...]
    images: bool
    """Its messages, as far as they are written out, hold image parts."""
    module_level: bool = False
    """Called on the module itself: ``openai.chat.completions.create``."""
    clients: tuple[ClientPlace, ...] = ()
    """Where the clients are made that it may go through."""
    asynchronous: bool = False
    """What it gives must be awaited."""
    unpacks: bool = False
    """All that cannot be seen of its arguments comes out of one ``**mapping`` in the call."""
    spelled: bool = False
    """It is written out after its client: ``client.embeddings.create(…)``."""
    apart: bool = False
    """Every client that it may go through is for embeddings only, or is replaced where the method is named."""
    made: Made | None = None
    resolve: Resolve = _nothing
    """Says what a term of the call, in a file, is known to be."""
    result: Result | None = None
    """Where its result goes; None where that was not followed."""
    beside: tuple[CallSite, ...] = ()
    """Other calls whose results go to the same places."""
    upgrade: Upgrade | None = None
    """What it becomes under the current SDK, if it is of the 0.28 API."""

    @property
    def endpoint(self) -> str:
        """The current API that this calls: ``ChatCompletion.acreate`` and ``beta.chat…`` are
        ``chat.completions.create``."""
        return openai_api.current(self.api)


class Part(str, Enum):
    """What is written somewhere for a request."""

    KEY = "key"
    """A read of some variable, or a placeholder."""
    HEADER = "header"
    """A placeholder behind ``Bearer``."""
    BASE = "base"
    """A read of the variable that holds the base URL."""
    JSON = "json"
    """A body written as JSON."""
    ACCOUNT = "account"
    """Headers with an account of OpenAI's: ``name`` is that of one."""


@dataclass(frozen=True, slots=True)
class Written:
    """A part of a request, and where it is written."""

    part: Part
    span: Span
    name: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class RequestSite:
    """A request is made by hand to OpenAI, to a relay, or to a path of OpenAI's API elsewhere."""

    path: str
    span: Span
    callee: Span
    method: str
    address: Address
    """Its URL; the first that is OpenAI's where it may be several."""
    points: Points
    host: str | None
    """Where it goes, if not to OpenAI itself and known."""
    endpoint: str
    """The SDK's method that sends the same: ``chat.completions.create``; "" where the path says nothing."""
    given: Mapping[str, Given]
    """What its body holds, by name."""
    opaque: bool
    """Some of the body cannot be seen."""
    models: tuple[str, ...]
    images: bool
    key_variables: tuple[str, ...]
    """The environment variables that the key comes from."""
    key_literal: bool
    """The key stands in the code."""
    resolve: Resolve = _nothing
    """Says what a term of the body, in a file, is known to be."""
    addresses: tuple[Address, ...] = ()
    """All that its URL may be."""
    group: Group = field(default_factory=Group)
    unseen: str | None = None
    """What of ``url key model`` cannot be seen; None: all can."""
    endangered: bool = False
    """A client that stays where it is needs the same key, or its URL is to be left as it is."""
    places: tuple[Written, ...] = ()
    """What no other site stands for and that must change with the URL, in this file."""
    called: bool = True
    legacy: bool = True
    """What other providers add stands among the rest of the body, as in arguments before 1.0 of the SDK."""

    def goes(self, target: Target) -> bool:
        """Whether it can be moved, for its own part."""
        return self.unseen is None and not self.endangered and self.relocated(target) is not None

    def relocated(self, target: Target) -> tuple[Head, ...] | None:
        """Return what must change in the literals of its URL; None where it cannot be moved to this target."""
        api = self.address.api_path
        path = target.path_of(self.endpoint, api) if api is not None and not target.at_openai else None
        if path is None or self.points is not Points.OPENAI:
            return None
        heads = relocated(self.addresses, target.base_url, path)
        found = {c.path for a in self.addresses for c in a.parts() if is_openais(str(c.literal.value))}
        here = found or {self.path}
        return heads if heads is not None and all(head.constant.path in here for head in heads) else None

    @property
    def url(self) -> str:
        """The URL, with names in braces for what is not known."""
        return self.address.url

    @property
    def reach(self) -> Reach:
        """Where its key goes."""
        return Reach(self.points, self.host, movable=False, group=self.group)


@dataclass(frozen=True, slots=True, eq=False)
class BodySite:
    """The body of requests that are made by hand is written as a dictionary; ``call`` is as if that were a call."""

    path: str
    span: Span
    call: CallSite
    group: Group
    extends: bool = False
    """Another body is unpacked in it."""


Asking = CallSite | RequestSite
"""What sends a body to one endpoint of the API."""


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
    """A framework that reads the variable by itself is imported somewhere in the project."""
    reaches: tuple[Reach, ...] = ()
    others: tuple[Reach, ...] = ()
    """Who else takes OpenAI's key from the environment and cannot be moved, anywhere in the project."""
    may_fail: bool = True
    """The read may raise: it does so already, or it is made where the client is. On import, others may need the module
    without the key."""
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
class ImportSite:
    """The SDK, or a module of it, is imported."""

    path: str
    span: Span
    module: str
    alias: str
    """The name that the SDK's module has in this file."""
    configure: str | None
    """The attribute for the endpoint (``base_url`` or ``api_base``), where this file uses the module-level client and
    nothing in the project sets its key."""
    host: str | None = None
    """Where the project points the module-level client, if not to OpenAI."""
    points: Points = Points.OPENAI
    upgraded: Upgraded = Upgraded.NO
    """Whether the calls in this file can become what the current SDK has,"""
    own: bool = False
    """and get clients of their own."""
    becomes: tuple[str, ...] | None = None
    """The statements that it becomes, where it imports errors of the 0.28 API."""


@dataclass(frozen=True, slots=True, eq=False)
class HandlerSite:
    """An exception of the SDK is caught."""

    path: str
    span: Span
    name: str
    legacy: bool
    points: Points = Points.OPENAI
    host: str | None = None
    """Where the module-level client of the file points."""


@dataclass(frozen=True, slots=True, eq=False)
class RetrySite:
    """What raises this exception of the SDK is called again."""

    path: str
    span: Span
    name: str
    points: Points = Points.OPENAI
    host: str | None = None
    """Where the module-level client of the file points."""


@dataclass(frozen=True, slots=True, eq=False)
class ResponseSite:
    """Something is read out of what a call gave: ``resp["choices"]``, ``chunk.choices[0]``."""

    path: str
    span: Span
    at: tuple[str, ...]
    """What is read, from the response on, see ``responses``: ``choices [] text``."""
    api: str
    """The method that gave the response, and where its client points:"""
    points: Points
    host: str | None
    legacy: bool
    """The 0.28 API gave it: it is a dictionary."""
    chunk: bool
    """It is a piece of a stream."""
    plain: bool
    """It has been turned into dictionaries."""
    written: str = ""
    """The way from the response, or the part of it that the code had, as it is written: ``["choices"][0].text``."""
    keys: tuple[Span, ...] = ()
    """The steps that look something up as in a dictionary, on what is none: the spans of their keys."""
    first: bool = False
    """A member of a list is taken by its number: ``choices[0]``."""
    guarded: bool = False
    """The code asks first whether there is anything, or catches the failure on the spot."""
    repeated: bool = False
    """The same was taken before, in the same function and loop."""
    against: tuple[str | float | None, ...] = ()
    """What it is compared with."""
    parsed: bool = False
    """It is read as JSON."""
    loop: Span | None = None
    """The first statement in the body of the loop over the pieces, if they are looped over here, and"""
    statement: Span | None = None
    """the statement of that body that this stands in."""
    lookups: tuple[Span, ...] = ()
    """Of the 0.28 API: the steps that look something up as in a dictionary, and can be attributes."""
    mixed: bool = False
    """Of the 0.28 API: it may be a dictionary of the project's own as well."""
    made: tuple[tuple[str, Span], ...] = ()
    """The calls that gave it: path and span."""
    upgraded: Upgraded = Upgraded.NO
    skip: Skip | None = None
    """How the loop can leave out a piece without choices."""
    comparison: Span | None = None
    """The whole comparison, where it asks whether this is None."""
    text: Span | None = None
    """What is read as JSON."""
    call: CallSite | None = None
    """The call that gave the response, where that is known."""

    @property
    def endpoint(self) -> str:
        """The current API that this comes from, see ``CallSite.endpoint``."""
        return openai_api.current(self.api)


class Handed(str, Enum):
    """To what a response is handed."""

    ALONE = "alone"
    """To a function that takes dictionaries only: ``json.dumps``."""
    AMONG = "among"
    """To a list of messages that are dictionaries."""
    ASKED = "asked"
    """To ``hasattr``."""
    GOT = "got"
    """It is asked by ``get`` for what no response has."""
    LOST = "lost"
    """To something that cannot be followed."""


@dataclass(frozen=True, slots=True, eq=False)
class HandedSite:
    """A response of the 0.28 API, or an object in one, is handed to something that takes it for a dictionary."""

    path: str
    span: Span
    """Of the response; of the whole call where it is ``ASKED`` or ``GOT``."""
    api: str
    points: Points
    host: str | None
    how: Handed
    made: tuple[tuple[str, Span], ...]
    """The calls that gave it: path and span."""
    upgraded: Upgraded = Upgraded.NO


@dataclass(frozen=True, slots=True, eq=False)
class TurnSite:
    """A turn of the assistant that calls tools is put among the messages as a dictionary."""

    path: str
    span: Span
    call: CallSite
    """The call that gave the turn; where that is not seen, one of the file that offers tools."""
    whole: bool
    """Its content is read right there from the message that came, so that this can take the dictionary's place."""


@dataclass(frozen=True, slots=True, eq=False)
class ErrorCodeSite:
    """The code or the status of an error is compared with one that OpenAI sends."""

    path: str
    span: Span
    code: str | int
    caught: bool
    """What it is read from is an exception of the SDK; otherwise the code alone says whose it is."""
    literal: Span
    """The code as it is written."""
    plain: bool
    """That is a single literal."""


@dataclass(frozen=True, slots=True, eq=False)
class SettingSite:
    """``openai.api_key = …``: the module-level client is configured. ``value`` spans the right side."""

    path: str
    span: Span
    name: str
    base: str
    """The module as it is called here."""
    value: Span
    statement: Span
    legacy: bool
    """The file uses the 0.28 API."""
    complete: bool
    """The same file also sets the endpoint."""
    elsewhere: bool
    """The file points the module to a host that is not OpenAI's."""
    unknown: bool
    """The endpoint is decided where it cannot be followed."""
    host: str | None
    key: KeyUse
    """Where the value comes from, for ``api_key``."""
    texts: tuple[str, ...] = ()
    """What is set, as far as it is written out."""
    target: Span | None = None
    """The left side."""
    clients: NewClients | None = None
    """The clients of the current SDK that the calls in this file get."""
    upgraded: Upgraded = Upgraded.NO
    """Whether the calls that it is for can become what the current SDK has."""


@dataclass(frozen=True, slots=True, eq=False)
class ClientMethodSite:
    """A method of the client itself is called, or a part for one is made: ``client.close()``, ``client.post(…)``,
    ``openai.DefaultHttpxClient(…)``."""

    path: str
    span: Span
    name: str
    points: Points


@dataclass(frozen=True, slots=True, eq=False)
class ExceptionSite:
    """An exception of the SDK is made: ``openai.APIError(…)``."""

    path: str
    span: Span
    name: str
    legacy: bool


@dataclass(frozen=True, slots=True, eq=False)
class FailureSite:
    """An error of the 0.28 API is named, or asked for what only such errors tell."""

    path: str
    span: Span
    name: str
    points: Points
    host: str | None
    """Where the module-level client of the file points."""
    code: str | None
    """What it becomes; None: the current SDK has nothing of the kind."""
    module: bool
    """The new code needs ``import openai``."""
    renames: bool
    """Only the last name is another one."""
    sure: bool


@dataclass(frozen=True, slots=True, eq=False)
class SubclassSite:
    """A class extends a client, a resource or an API class of the SDK. The span ends with the last base."""

    path: str
    span: Span
    name: str
    """The SDK's class."""
    legacy: bool


@dataclass(frozen=True, slots=True, eq=False)
class Config:
    """A dictionary that holds endpoint, key and model of an object of a framework."""

    path: str
    span: Span
    given: Mapping[str, Given]
    whole: bool
    """All that it holds is written out."""


@dataclass(frozen=True, slots=True, eq=False)
class FrameworkSite:
    """A class or function of a framework that talks to OpenAI is called, or handed over (``called`` False)."""

    path: str
    span: Span
    row: Row
    dotted: str
    """The name under which it is imported here."""
    name: str
    """The end of it: ``ChatOpenAI``, ``ModelFactory.create``."""
    points: Points
    host: str | None
    given: Mapping[str, Given]
    opaque: bool
    models: tuple[str, ...]
    """What it may be given as its model, without the provider before it."""
    called: bool = True
    indirect: bool = False
    """It is called through a class of the project that extends it, or a parameter that it is given for."""
    handed: bool = False
    """What is called is a parameter: it may be something else elsewhere."""
    responses: bool = False
    """It sends its requests to the Responses API."""
    bare: bool = True
    """Called by a plain name: ``OpenAI(…)``, not ``openai.OpenAI(…)``."""
    placed: bool = False
    """It is given something by its place alone that may be the model."""
    configs: tuple[Config, ...] = ()
    """The dictionaries that name its models, where it takes such."""
    defaulted: bool = False
    """Its client is one that is set for all objects of the framework, in another place."""
    resolve: Resolve = _nothing
    """Says what a term of the call, in a file, is known to be."""

    def argument(self, names: Iterable[str]) -> Given | None:
        """Return what is given under the first of these names that is given."""
        return next((self.given[name] for name in names if name in self.given), None)

    @property
    def named(self) -> bool:
        """Whether a model is given."""
        return self.argument(self.row.model) is not None

    @property
    def carried(self) -> bool:
        """Whether endpoint and key come with an object that is given, or set for all: it moves by itself."""
        objects = [self.given[n] for n in (*self.row.client, *self.row.provider) if n in self.given]
        return self.defaulted or any(not given.strings for given in objects)

    @property
    def movable(self) -> bool:
        """Whether it points to OpenAI, and all that must change is written in the call itself."""
        row = self.row
        names = (*row.endpoint, *row.key, *row.model, *row.client, *row.provider, *row.drops, *row.removes)
        direct = all(self.given[name].direct for name in names if name in self.given)
        way = self.carried or bool(row.becomes or row.connection or (row.endpoint and row.key))
        if self.responses:
            way = way and bool(self.defaulted or row.becomes or row.instead or "=" in (row.off or ""))
        if row.instead is not None:
            way = way and self.bare
        near = self.points is Points.OPENAI or (self.points is Points.AZURE and row.azure and row.instead is not None)
        here = self.called and not self.handed and not self.opaque and not self.placed
        here = here and not (self.indirect and row.instead is not None)
        if row.config:
            own = all(config.path == self.path and config.whole for config in self.configs)
            return here and bool(self.configs) and own and self.points is Points.OPENAI
        return here and direct and near and way and row.write is None

    def holds(self, span: Span) -> bool:
        """Whether what stands at a place in its file is written in the call, or in the dictionaries that it takes."""
        return span in self.span or any(span in config.span for config in self.configs)

    @property
    def prefix(self) -> str:
        """What stands before the name of a model at other endpoints."""
        row = self.row
        return "" if row.separator is None or row.becomes or self.argument(row.provider) else f"openai{row.separator}"


@dataclass(frozen=True, slots=True, eq=False)
class StructuredSite:
    """A model is made to answer in a given shape, in the way that the framework chooses."""

    path: str
    span: Span
    row: Row
    name: str


@dataclass(frozen=True, slots=True, eq=False)
class HiddenDependencySite:
    """A framework makes an OpenAI object of its own here, for want of ``missing``."""

    path: str
    span: Span
    row: Row
    name: str
    missing: tuple[str, ...]
    settings: Config | None = None
    """The dictionary that it takes, where that is written out, and what its sections are told:"""
    sections: Mapping[str, Config] = field(default_factory=dict)
    bare: str | None = None
    """The name by which it is called, where it is given nothing."""


@dataclass(frozen=True, slots=True, eq=False)
class TokenizerSite:
    """A tokenizer of OpenAI's is looked up, or costs of its models are counted."""

    path: str
    span: Span
    row: Row
    name: str
    models: tuple[str, ...]
    argument: Given | None = None
    """What it is looked up by, as the first argument."""


@dataclass(frozen=True, slots=True, eq=False)
class TraceSite:
    """A framework is imported that uploads traces to OpenAI, by a file that runs agents."""

    path: str
    span: Span
    off: bool
    """The project switches that off."""
    module: str | None = None
    """What the framework is called here; None: its names are imported one by one."""
    after: Span | None = None
    """The statement that reads ``.env``, where it comes later than the import: what needs a key stands below."""
    client: bool = False
    """Agents take OpenAI's client, for want of another one."""
    responses: bool = False
    """Agents use the Responses API."""


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
class DoubleSite:
    """A test puts something in the place of the SDK's, or of a framework's class for OpenAI."""

    path: str
    span: Span
    name: str


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
class ProxySite:
    """The process is told to send all that it requests through a proxy."""

    path: str
    span: Span
    """Of the first statement that says so in this file."""
    names: tuple[str, ...]
    last: Span
    """Of the last such statement."""
    around: tuple[str, ...]
    """What the project says need not go through it, as far as that is written out."""


@dataclass(frozen=True, slots=True, eq=False)
class ClientProxySite:
    """An HTTP client is made that sends through a proxy, for a client of the SDK."""

    path: str
    span: Span
    name: str
    """The HTTP client's class."""
    argument: str
    points: Points
    host: str | None
    """Where the client of the SDK points, if not to OpenAI and known."""


@dataclass(frozen=True, slots=True, eq=False)
class TimeLimitSite:
    """A client, or a call, is given a number of seconds to wait at most."""

    path: str
    span: Span
    """Of the client's or the API's call."""
    seconds: float
    points: Points
    host: str | None
    calls: tuple[CallSite, ...]
    """The calls that it may hold for."""


@dataclass(frozen=True, slots=True, eq=False)
class WorkersSite:
    """Calls are made at the same time, this many at most."""

    path: str
    span: Span
    name: str
    count: int
    calls: tuple[CallSite, ...]
    """The calls of the same file."""


@dataclass(frozen=True, slots=True, eq=False)
class CacheSite:
    """Answers are kept for the next run of the program."""

    path: str
    span: Span
    name: str


@dataclass(frozen=True, slots=True, eq=False)
class PackageSite:
    """A package is imported, in a file that uses OpenAI too."""

    path: str
    span: Span
    package: str
    modules: tuple[str, ...]
    """What of it is imported; ``span`` is that of the first import."""


@dataclass(frozen=True, slots=True, eq=False)
class RedirectSite:
    """A variable is set or read that makes a framework send what is OpenAI's elsewhere."""

    path: str
    span: Span
    name: str
    framework: str


@dataclass(frozen=True, slots=True, eq=False)
class PersonaSite:
    """Texts of a file name OpenAI's model as the one who speaks; ``span`` is that of the first."""

    path: str
    span: Span
    count: int


Site = (
    ClientSite
    | CallSite
    | RequestSite
    | BodySite
    | ModelSite
    | EnvironmentSite
    | SecretSite
    | UrlSite
    | DeploymentSite
    | RoleSite
    | ImportSite
    | HandlerSite
    | RetrySite
    | ResponseSite
    | TurnSite
    | ErrorCodeSite
    | SettingSite
    | ClientMethodSite
    | ExceptionSite
    | FailureSite
    | HandedSite
    | SubclassSite
    | FrameworkSite
    | StructuredSite
    | HiddenDependencySite
    | TokenizerSite
    | TraceSite
    | TableSite
    | BranchSite
    | DoubleSite
    | RetiredSite
    | ProxySite
    | ClientProxySite
    | TimeLimitSite
    | WorkersSite
    | CacheSite
    | PackageSite
    | RedirectSite
    | PersonaSite
)
