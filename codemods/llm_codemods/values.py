"""Values: what terms turn out to be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from llm_codemods.terms import Call, Entries, Item, Items, Joined, Literal, Occurrence


@dataclass(frozen=True, slots=True)
class External:
    """A dotted name outside the project: ``openai``, ``os.environ.get``, ``builtins.getattr``."""

    dotted: str


@dataclass(frozen=True, slots=True)
class Client:
    """An OpenAI client."""

    kind: str
    """``OpenAI``, ``AsyncOpenAI``, ``AzureOpenAI``, ``AsyncAzureOpenAI``, …"""
    made: tuple[str, Call] | None
    """The call that decides where it points, with its file: its constructor's, or that of ``with_options``. None where
    only an annotation says what it is."""


@dataclass(frozen=True, slots=True)
class Member:
    """A resource or method reached from a client: ``chat.completions.create``."""

    client: Client | None
    """None: the module-level client."""
    path: str
    bound: tuple[tuple[str, Call], ...] = ()
    """``functools.partial`` calls around it, innermost first, with their files."""


@dataclass(frozen=True, slots=True)
class Foreign:
    """Something that somebody else's class or function gave, or what was reached from there."""

    dotted: str


@dataclass(frozen=True, slots=True)
class Module:
    """A module of the project."""

    path: str


@dataclass(frozen=True, slots=True)
class Class:
    """A class of the project."""

    path: str
    index: int


@dataclass(frozen=True, slots=True)
class Object:
    """An instance of a class of the project."""

    path: str
    index: int


@dataclass(frozen=True, slots=True)
class Super:
    """``super()`` inside a class of the project."""

    path: str
    index: int


@dataclass(frozen=True, slots=True)
class Function:
    """A function of the project; ``bound`` is how many leading parameters are taken: 1 for a method of an object."""

    path: str
    index: int
    bound: int = 0


@dataclass(frozen=True, slots=True)
class Constant:
    """A literal, and the file in which it stands."""

    path: str
    literal: Literal

    def __hash__(self) -> int:
        """Values are put into sets by the million: a literal is known by its identity."""
        return hash(self.literal)


@dataclass(frozen=True, slots=True)
class Environment:
    """The value of an environment variable, and the read, in the file ``path``."""

    name: str
    path: str
    term: Call | Item
    store: str | None = None
    """What is read instead of the environment under such a name: a store of secrets, or its method."""


@dataclass(frozen=True, slots=True)
class Display:
    """A dictionary, list or tuple written out."""

    path: str
    term: Entries | Items

    def __hash__(self) -> int:
        """As of ``Constant``."""
        return hash(self.term)


@dataclass(frozen=True, slots=True)
class Composed:
    """A text put together of parts."""

    path: str
    term: Joined


@dataclass(frozen=True, slots=True)
class Response:
    """What a method of the SDK returned, or a part of it."""

    api: str
    made: tuple[str, Call] | None = None
    """The call, with its file; None where the method is called by others: ``asyncio.to_thread(create, …)``."""
    at: tuple[str, ...] = ()
    """The names that lead to the part, see ``responses``."""
    plain: bool = False
    """It has been turned into dictionaries and lists."""


Value = (
    External
    | Client
    | Member
    | Foreign
    | Module
    | Class
    | Object
    | Super
    | Function
    | Constant
    | Environment
    | Display
    | Composed
    | Response
)
Values = tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Unseen:
    """Something may come from where we cannot look."""


UNSEEN: Final = Unseen()
UNREAD: Final = Foreign("(unread)")
"""The project's own, in a file that has nothing to do with the SDK."""
Step = Occurrence | Value | Unseen
"""Where one step leads from a term: to another one, or to what it is."""
