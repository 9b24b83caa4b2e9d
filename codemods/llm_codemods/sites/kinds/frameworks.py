"""Objects of frameworks that talk to OpenAI, and what they bring with them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from llm_codemods.edits import Place, Span
from llm_codemods.frameworks import Row
from llm_codemods.sites.kinds.clients import Held, KeyUse
from llm_codemods.sites.kinds.given import Given, Resolve, nothing_known
from llm_codemods.sites.kinds.points import Points, Reach
from llm_codemods.terms import Literal

Hold = Callable[[Given], Held]


def nothing_held(_given: Given) -> Held:
    """Say that nothing is known: for sites whose key nobody asks about."""
    return Held(KeyUse.FOREIGN)


@dataclass(frozen=True, slots=True, eq=False)
class Config:
    """A dictionary that holds endpoint, key and model of an object of a framework."""

    path: str
    span: Span
    given: Mapping[str, Given]
    whole: bool
    """All that it holds is written out."""

    def names(self, arguments: Iterable[str]) -> tuple[Literal, ...]:
        """Return the literals in it that name its model, one of these ``arguments``; () unless nothing else may."""
        named = next((self.given[name] for name in arguments if name in self.given), None)
        constants = named.constants if named is not None else ()
        here = tuple(c.literal for c in constants if c.path == self.path and c.literal.span in self.span)
        whole = named is not None and len(here) == len(named.values) == len(named.strings)
        return here if whole and all(literal.plain for literal in here) else ()


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
    resolve: Resolve = nothing_known
    """Says what a term of the call, in a file, is known to be."""
    hold: Hold = nothing_held
    """Says how it comes by a key that it is given."""

    def argument(self, names: Iterable[str]) -> Given | None:
        """Return what is given under the first of these names that is given."""
        return next((self.given[name] for name in names if name in self.given), None)

    @property
    def held(self) -> Held:
        """How it comes by its key."""
        given = None if self.carried else self.argument(self.row.key)
        return Held(KeyUse.NONE) if given is None else self.hold(given)

    @property
    def named(self) -> bool:
        """Whether a model is given."""
        return self.argument(self.row.model) is not None

    @property
    def cap(self) -> str | None:
        """Under which name it sends ``max_tokens``; what is in another package than its row's is older, and sends it
        as it is."""
        package, _, _ = self.row.name.partition(".")
        return self.row.cap if self.dotted.partition(".")[0] == package else None

    @property
    def asked(self) -> tuple[str, ...]:
        """The models that are asked for, as far as they are written out; what Azure calls one is a deployment."""
        if self.models or self.named or self.opaque or self.row.azure or self.row.default is None:
            return self.models
        return (self.row.default,)

    @property
    def carried(self) -> bool:
        """Whether endpoint and key come with an object that is given, or set for all: it moves by itself."""
        objects = [self.given[n] for n in (*self.row.client, *self.row.provider) if n in self.given]
        return self.defaulted or any(not given.strings for given in objects)

    @property
    def movable(self) -> bool:
        """Whether it points to OpenAI, and all that must change is written in the call itself."""
        row = self.row
        names = (
            *row.endpoint,
            *row.key,
            *row.model,
            *row.client,
            *row.provider,
            *row.drops,
            *row.removes,
            *row.renames,
        )
        direct = all(self.given[name].direct for name in names if name in self.given)
        way = self.carried or bool(row.becomes or row.connection or (row.endpoint and row.key))
        if self.responses:
            way = way and bool(self.defaulted or row.becomes or row.instead or "=" in (row.off or ""))
        if row.instead is not None:
            way = way and self.bare
        azure = bool(row.instead) if row.azure else self.carried
        near = self.points is Points.OPENAI or (self.points is Points.AZURE and azure)
        here = self.called and not self.handed and not self.opaque and not self.placed
        here = here and not (self.indirect and row.instead is not None)
        if row.config:
            own = all(one.path == self.path and one.whole and one.names(row.model) for one in self.configs)
            return here and bool(self.configs) and own and self.points is Points.OPENAI
        return here and direct and near and way and row.write is None

    @property
    def takes_any(self) -> bool:
        """Whether a model that comes from elsewhere can stay as it is written: what it is changes where it is set."""
        return not self.prefix and self.row.becomes is None and not self.row.azure

    @property
    def reach(self) -> Reach:
        """Where its key goes."""
        movable = self.movable and bool(self.asked or self.takes_any or self.row.config)
        return Reach(self.points, self.host, movable, models=self.asked, made=(self.path, self.span))

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
    object: Place | None = None
    """Where the object is made whose method it is, where that is seen."""
    asked: tuple[Reach, ...] = ()
    """That object; where it is not seen, all of its class."""


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
    unpacks: bool = False
    """Others may give it more, in a ``**mapping``."""


@dataclass(frozen=True, slots=True, eq=False)
class TokenizerSite:
    """A tokenizer of OpenAI's is looked up, or costs of its models are counted."""

    path: str
    span: Span
    row: Row
    name: str
    models: tuple[str, ...]
    argument: Given | None = None
    """What it is looked up by, as the first argument; None where the program is ready for a name that is not known."""


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
class RedirectSite:
    """A variable is set or read that makes a framework send what is OpenAI's elsewhere."""

    path: str
    span: Span
    name: str
    framework: str
