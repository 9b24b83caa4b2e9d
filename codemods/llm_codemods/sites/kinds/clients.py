"""Clients, and the methods of the API that are called through them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import NamedTuple

from llm_codemods import openai_api
from llm_codemods.edits import Place, Span
from llm_codemods.results import Result
from llm_codemods.sites.kinds.given import Given, Resolve, nothing_known
from llm_codemods.sites.kinds.points import Points, Reach
from llm_codemods.sites.kinds.upgrades import Upgrade
from llm_codemods.target import EMBEDDINGS
from llm_codemods.vocabulary import OPENAIS_OWN


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


class Held(NamedTuple):
    """How an object comes by its key, and where else that goes."""

    use: KeyUse
    beside: tuple[Reach, ...] = ()
    handed: bool = False
    """It may be empty in what hands it over: somebody may hand in another."""
    stored: bool = False
    """A store of secrets holds it, which is no environment."""


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
    handed: bool = False
    """Its URL is, or comes from, a parameter: somebody may hand in another one."""
    key: KeyUse = KeyUse.NONE
    beside: tuple[Reach, ...] = ()
    """Where else the same reads and literals of keys go."""
    sells: tuple[str, ...] = ()
    """The models that the relay is asked for and that are not OpenAI's."""
    methods: frozenset[str] = frozenset()
    """Those that are seen to be called through it, and "" where it is handed on."""

    @property
    def embeds(self) -> bool:
        """Whether all that is seen of it goes to embeddings."""
        return self.methods == {EMBEDDINGS}

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
    def takes_variable(self) -> bool:
        """Whether the SDK may read the key for it, from OpenAI's variable."""
        key = self.given.get("api_key")
        return self.key is KeyUse.NONE or (self.opaque and (key is None or not key.direct))

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
    supposed: bool = field(default=False, kw_only=True)
    """It was not, yet it is a parameter that nobody is seen to give a value, in a file that imports the SDK, and no
    other vendor's that has the same paths."""
    models: tuple[str, ...]
    images: bool
    """Its messages, as far as they are written out, hold image parts."""
    module_level: bool = False
    """Called on the module itself: ``openai.chat.completions.create``."""
    clients: tuple[Place, ...] = ()
    """Where the clients are made that it may go through."""
    asynchronous: bool = False
    """What it gives must be awaited."""
    unpacks: bool = False
    """All that cannot be seen of its arguments comes out of one ``**mapping`` in the call."""
    old: bool = False
    """It is of the 0.28 API in a file that finds out which SDK there is, and calls the same under the current one."""
    spelled: bool = False
    """It is written out after its client: ``client.embeddings.create(…)``."""
    apart: bool = False
    """Every client that it may go through is for embeddings only, or is replaced where the method is named."""
    made: Made | None = None
    taken: Taken | None = None
    """How a call of the legacy completions comes by a part of its client that is kept by itself."""
    resolve: Resolve = nothing_known
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

    def passes(self, given: Given) -> bool:
        """Whether a function can take an argument out of what the call unpacks, or rename it there."""
        return self.unpacks and not given.direct and not given.adapted

    def defers(self, name: str) -> bool:
        """Whether what the call unpacks has the last word on an argument: it may hold it, or is all that there is."""
        alone = not any(given.direct for given in self.given.values())
        return self.unpacks and (self.opaque or name in self.given or alone)


@dataclass(frozen=True, slots=True, eq=False)
class Taken:
    """Where in the file of a call the completions are taken out of its clients, ``client.completions``; as far as is
    seen they go to calls of this file alone."""

    spans: tuple[Span, ...]
    calls: tuple[CallSite, ...]
    """The calls that go through them, this one among them: they change together."""


@dataclass(frozen=True, slots=True, eq=False)
class ClientMethodSite:
    """A method of the client itself is called, or a part for one is made: ``client.close()``, ``client.post(…)``,
    ``openai.DefaultHttpxClient(…)``."""

    path: str
    span: Span
    name: str
    points: Points
