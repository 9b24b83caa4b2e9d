"""Values: what terms turn out to be."""

from __future__ import annotations

from dataclasses import dataclass

from llm_codemods.terms import Call, Entries, Item, Items, Literal


@dataclass(frozen=True, slots=True)
class External:
    """A dotted name outside the project: ``openai``, ``os.environ.get``, ``builtins.getattr``."""

    dotted: str


@dataclass(frozen=True, slots=True)
class Client:
    """An OpenAI client."""

    kind: str
    """``OpenAI``, ``AsyncOpenAI``, ``AzureOpenAI``, ``AsyncAzureOpenAI``, …"""
    made: tuple[tuple[str, Call], ...]
    """The calls that made it, with their files: the constructor's, then those of ``with_options``. Empty where only an
    annotation says what it is."""


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
    """An instance of somebody else's class, or something reached from it."""

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
    """A function of the project; ``bound`` when its first parameter is taken: a method of an object, or of a class."""

    path: str
    index: int
    bound: bool = False


@dataclass(frozen=True, slots=True)
class Constant:
    """A literal, and the file in which it stands."""

    path: str
    literal: Literal


@dataclass(frozen=True, slots=True)
class Environment:
    """The value of an environment variable, and the read, in the file ``path``."""

    name: str
    path: str
    term: Call | Item


@dataclass(frozen=True, slots=True)
class Display:
    """A dictionary, list or tuple written out."""

    path: str
    term: Entries | Items


@dataclass(frozen=True, slots=True)
class Response:
    """What a method of the SDK returned."""

    api: str


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
    | Response
)
Values = tuple[Value, ...]
