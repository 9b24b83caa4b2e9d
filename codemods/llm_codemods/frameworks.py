"""What is true of the frameworks that talk to OpenAI by themselves: the table ``frameworks.toml``, read once.

A row is one class or function: under which names it is imported, which arguments take endpoint, key and model, what it
reads from the environment, and what it does when it is told nothing.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import cache
from importlib import resources
from typing import Any

import tomli

from llm_codemods.profile import ProfileError, build
from llm_codemods.text import text


class Kind(str, Enum):
    """What a row is."""

    CHAT = "chat"
    COMPLETION = "completion"
    EMBEDDING = "embedding"
    IMAGE = "image"
    AUDIO = "audio"
    MODERATION = "moderation"
    CLIENT = "client"
    """It makes, or wraps, a client of the SDK."""
    AGENT = "agent"
    FUNCTION = "function"
    SETTINGS = "settings"
    PARSER = "parser"
    """It reads, or asks for, what OpenAI's old interface answers."""
    STRUCTURED = "structured"
    """It makes a model answer in a given shape."""
    DEPENDENCY = "dependency"
    """It makes an OpenAI object of its own where it is given none."""
    TOKENIZER = "tokenizer"
    COST = "cost"
    """It counts what OpenAI's models cost."""


class Sends(str, Enum):
    """What a row sends without being told to; all but the first are features of a profile."""

    RESPONSES = "responses"
    FORCED_TOOL = "forced-tool"
    REQUIRED_TOOL = "required-tool"
    JSON_SCHEMA = "json-schema"
    DEVELOPER_ROLE = "developer-role"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One class or function. The first of several argument names is the one to write."""

    name: str
    """The dotted path under which it is imported today."""
    also: tuple[str, ...] = ()
    """Its other paths."""
    family: str | None = None
    kind: Kind
    azure: bool = False
    endpoint: tuple[str, ...] = ()
    key: tuple[str, ...] = ()
    key_code: str = 'os.environ["{variable}"]'
    """How the key is written."""
    model: tuple[str, ...] = ()
    positional: tuple[str, ...] = ()
    """What its first arguments are called."""
    provider: tuple[str, ...] = ()
    """Arguments that name whom it talks to."""
    by_table: str | None = None
    """For a tokenizer that is looked up by a model's name: the function that looks one up by its own."""
    client: tuple[str, ...] = ()
    """Arguments that take a client of the SDK."""
    client_class: str | None = None
    config: tuple[str, ...] = ()
    """Arguments that take dictionaries with the above."""
    loads: bool = False
    """It reads such dictionaries from a file or a variable."""
    separator: str | None = None
    """What stands between a provider and its model in a model's name."""
    reads_endpoint: tuple[str, ...] = ()
    reads_key: tuple[str, ...] = ()
    default: str | None = None
    """The model that it asks for when none is given."""
    drops: tuple[str, ...] = ()
    """Arguments that it accepts and forgets."""
    sends: tuple[Sends, ...] = ()
    responses_with: tuple[str, ...] = ()
    """Arguments that make it use the Responses API."""
    off: str | None = None
    """What is written to have it send something else; ``name=value``: an argument of its own."""
    ways: Mapping[str, str] = field(default_factory=dict)
    """Ways to ask for an answer in a given shape, best first: feature of a profile -> the argument that asks so."""
    undescribed: tuple[str, ...] = ()
    """Those of them that leave it to the prompt to describe the shape."""
    token_numbers: str | None = None
    """The argument that, when false, has it send texts instead of the numbers of tokens."""
    batch: int | None = None
    """How many texts it sends at once when not told."""
    batch_argument: str | None = None
    dimensions: str | None = None
    """The argument for the size of its vectors."""
    body: str | None = None
    """The argument that takes further entries of a request's body, as Python source with ``{body}``."""
    cap: str | None = None
    """Under which name it sends ``max_tokens``, whatever it is called in the code."""
    when: tuple[str, ...] = ()
    """A dependency is there only with one of these arguments."""
    unless: tuple[str, ...] = ()
    """Arguments without which it does what its kind says."""
    sections: tuple[str, ...] = ()
    """Arguments, or parts of its dictionary, that must all be given."""
    settings: tuple[str, ...] = ()
    """Attributes of the framework's settings that take the place of ``unless``."""
    vision: bool = False
    """Its models are shown images."""
    instead: str | None = None
    """The class to use at other endpoints,"""
    alike: bool = True
    """which is asked in the same way,"""
    renames: Mapping[str, str] = field(default_factory=dict)
    """and what arguments are called there that have another name."""
    arguments: Mapping[str, str] = field(default_factory=dict)
    """What must be given as well at other endpoints, as Python source."""
    context_argument: str | None = None
    """The argument for the size of the model's context, which it does not know of other names."""
    connection: Mapping[str, str] = field(default_factory=dict)
    """Arguments that bring endpoint and key together, as Python source with ``{url} {key}``."""
    becomes: str | None = None
    """What stands for the name of its model at other endpoints: an object, as Python source with ``{model}`` (Python
    source, too), ``{name} {url} {key}`` and ``{extra}``, where further arguments may stand. The first of the imports is
    its class."""
    gives: Mapping[str, str] = field(default_factory=dict)
    """A dependency's arguments for what it would make itself, as Python source with ``{model}`` (its default's) or
    ``{model:NAME}``, ``{url} {key} {batch}``."""
    imports: tuple[str, ...] = ()
    """Dotted names that the Python source of this row needs."""
    removes: tuple[str, ...] = ()
    """Arguments that mean nothing at other endpoints."""
    requires: str | None = None
    """The distribution to install for it, where its framework does not bring it along."""
    write: str | None = None
    """What to write at other endpoints where nothing above says it: with ``{model} {url} {key} {variable}``."""
    gotchas: tuple[str, ...]
    """Numbers of the notes that say more."""
    checked: datetime.date

    @property
    def called(self) -> str:
        """Its own name: the last part of the dotted one, with the class of a method."""
        return _tail(self.name, self.kind)

    @property
    def module(self) -> str:
        """The module that it is imported from."""
        return self.name.rpartition(".")[0]


@dataclass(frozen=True, slots=True)
class Table:
    """All rows, to be asked by dotted names."""

    rows: tuple[Row, ...]
    names: frozenset[str]
    """The last parts of the names of rows: what else is called cannot be one."""
    packages: frozenset[str]
    """The packages that rows come from."""
    _index: Mapping[tuple[str, str], Row]

    @property
    def distributions(self) -> frozenset[str]:
        """The packages whose modules have rows, as package indexes write them: ``langchain-openai``."""
        return frozenset(row.module.replace("_", "-").replace(".", "-") for row in self.rows)

    def names_in(self, package: str) -> frozenset[str]:
        """Return the last parts of the names of a package's rows."""
        return frozenset(tail.rpartition(".")[2] for head, tail in self._index if head == package)

    def find(self, dotted: str) -> Row | None:
        """Return the row that a dotted name means, by its package and its last one or two parts."""
        package, _, rest = dotted.partition(".")
        owner, _, name = rest.rpartition(".")
        row = self._index.get((package, f"{owner.rpartition('.')[2]}.{name}")) if owner else None
        return row or self._index.get((package, name))


def parse(toml: str, where: str) -> Table:
    """Read a table from TOML text; ``where`` names it in errors.

    Raises:
        ProfileError: not TOML, an unknown key, a missing or ill-typed value, a family that is not there, or two rows
            for one name.
    """
    try:
        raw = tomli.loads(toml)
    except tomli.TOMLDecodeError as error:
        raise ProfileError(text("{where}: not valid TOML: {reason}", where=where, reason=str(error))) from None
    families: dict[str, dict[str, Any]] = raw.pop("families", {})
    rows = tuple(_row(name, values, families, where) for name, values in raw.items())
    return Table(rows, *_indexed(rows, where))


def _row(name: str, values: dict[str, Any], families: Mapping[str, dict[str, Any]], where: str) -> Row:
    family = values.get("family")
    if family is not None and family not in families:
        raise ProfileError(text("{where}: there is no family '{family}'", where=f"{where}: {name}", family=family))
    inherited = families[family] if family is not None else {}
    row: Row = build(Row, {"name": name, **inherited, **values}, f"{where}: {name}")
    return row


def _indexed(rows: Iterable[Row], where: str) -> tuple[frozenset[str], frozenset[str], Mapping[tuple[str, str], Row]]:
    index: dict[tuple[str, str], Row] = {}
    for row in rows:
        for dotted in (row.name, *row.also):
            key = dotted.partition(".")[0], _tail(dotted, row.kind)
            if index.setdefault(key, row) is not row:
                raise ProfileError(text("{where}: two rows for one name", where=f"{where}: {dotted}"))
    names = frozenset(tail.rpartition(".")[2] for _, tail in index)
    return names, frozenset(package for package, _ in index), index


def _tail(dotted: str, kind: Kind) -> str:
    """Return the end of a dotted name that tells it from others of its package: a method goes with its class."""
    parts = dotted.split(".")
    method = len(parts) > 2 and (parts[-2][:1].isupper() or kind is Kind.STRUCTURED)
    method = method and not parts[-1][:1].isupper()
    return ".".join(parts[-2:]) if method else parts[-1]


@cache
def table() -> Table:
    """Return the table that comes with the program."""
    name = "frameworks.toml"
    return parse(resources.files("llm_codemods").joinpath(name).read_text("utf-8"), name)
