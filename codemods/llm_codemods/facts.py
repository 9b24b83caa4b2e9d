"""What one file says about its names, for other files to use.

Facts are plain values without syntax nodes: they can be pickled. Expressions are *terms* (see ``terms``), which
``project`` evaluates across files. ``walk`` reads them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from llm_codemods import results
from llm_codemods.edits import Span
from llm_codemods.frozen import frozen
from llm_codemods.terms import (
    Branch,
    Call,
    Entries,
    Imported,
    Items,
    Literal,
    Term,
)

ARMS = 64
"""An arm in a ``Branch`` is the number of its statement times this, plus its own."""


@frozen
class Binding:
    """A name's (or attribute's) value from offset ``at`` on."""

    value: Term
    at: int
    branch: Branch


@frozen
class Scope:
    """A module, class, function or comprehension (``kind``) with the names bound in it."""

    kind: str
    parent: int | None
    owner: int | None
    """The index of the class, or of the function that the code in this scope belongs to."""
    names: dict[str, list[Binding]] = field(default_factory=dict)
    stars: list[Imported] = field(default_factory=list)


@frozen
class ParameterFact:
    """One parameter as declared. ``kind``: ``positional``, ``keyword``, ``*`` or ``**``."""

    name: str
    kind: str
    annotation: Term | None
    default: Term | None


@frozen
class FunctionFact:
    """A function, method or lambda. ``owner`` is the index of its class, None outside of one."""

    name: str
    scope: int
    owner: int | None
    parameters: tuple[ParameterFact, ...]
    decorators: tuple[Term, ...]
    annotation: Term | None
    returns: list[Term] = field(default_factory=list)
    yields: list[Term] = field(default_factory=list)


@frozen
class ClassFact:
    """A class: its bases, methods, and the attributes its methods set on ``self`` or ``cls``."""

    name: str
    scope: int
    bases: tuple[Term, ...]
    span: Span
    """From ``class`` to the last base."""
    methods: dict[str, int] = field(default_factory=dict)
    attributes: dict[str, list[Binding]] = field(default_factory=dict)


@frozen
class Text:
    """A string that may matter, and the place it has.

    ``role``: ``keyword`` (of the call's argument ``of``), ``argument``, ``assign`` (to the name ``of``), ``default``
    (of parameter ``of``), ``entry`` (under the dictionary key ``of``), ``key`` and ``item`` (of what is called ``of``),
    ``compare`` (with what ``of`` names, as does ``startswith``), ``return``,
    ``environment`` (``os.environ[…]``-like subscript or call; ``of`` is the variable where this is its value),
    ``message`` (who speaks in a message: ``role`` beside ``content``), ``shell`` (in a command of a notebook),
    ``formatted`` (part of an f-string, or what something is added to; ``of`` is what the whole is, where this is its
    beginning), ``other``.
    """

    literal: Literal
    role: str
    of: str | None
    scope: int


@frozen
class ImportFact:
    """An import statement's module (absolute, without the leading dots) and its span."""

    module: str
    level: int
    names: tuple[str, ...]
    alias: str | None
    """What ``import module`` binds; None for ``from`` imports."""
    span: Span
    bound: tuple[str, ...] = ()
    """What a ``from`` import calls its names here."""
    scope: int = 0
    tried: bool = False
    """It stands in a ``try`` that goes on where there is no such thing, or in an arm for some versions."""


@frozen
class Use:
    """A term that matters by itself, and where it stands."""

    term: Term
    span: Span
    opened: bool = False
    """Whether something is taken out of it: ``use.name``."""


@dataclass(frozen=True, slots=True)
class Skip:
    """How a loop can leave out an element: before the statement ``at`` of its body, or by a filter of the comprehension
    ``at``."""

    name: str
    """Of the loop's variable."""
    at: Span
    filters: bool
    """It is a comprehension."""
    usage: bool
    """What the element says of the usage is read there or behind it, and would be left out, too."""


@frozen
class Access:
    """What may be a look at a response of the SDK: ``resp["choices"]``, ``chunk.choices[0]``."""

    term: Term
    span: Span
    scope: int
    guarded: bool
    """A test around it, or before it, asks whether there is anything; or the exception is caught on the spot."""
    typed: bool = False
    """The same tests ask of what type it is, or its name says that it is a dictionary."""
    against: tuple[Literal, ...] = ()
    """It is compared with these."""
    first: Span | None = None
    """The first statement of the loop over whose elements this looks, and"""
    statement: Span | None = None
    """the statement of that loop's body that this is part of."""
    skip: Skip | None = None
    """How that loop can leave out an element without choices, where this takes them from the element itself."""
    comparison: Span | None = None
    """The whole comparison, where it asks whether this is None."""


@frozen
class Code:
    """What may be a look at the code or status of an error: ``base`` (None: any text) is asked for ``literal``."""

    base: Term | None
    literal: Literal
    span: Span


@frozen
class Store:
    """``base.name = value``, where ``base`` is not ``self``."""

    base: Term
    name: str
    value: Term
    span: Span
    """Of the target."""
    assigned: Span
    """Of the value."""
    statement: Span
    scope: int


@frozen
class Put:
    """``base["name"] = value`` (``item``), or an attribute that is set without a plain assignment: ``setattr``."""

    base: Term
    name: str
    value: Term
    item: bool


@frozen
class Write:
    """``os.environ[key] = value``, or the same through a call."""

    key: Literal
    value: Term
    statement: Span | None = None
    """Where the process itself sets it; None in a test that takes it back."""
    always: bool = False
    """On import, whatever is asked before."""


@frozen
class Facts:
    """All that one file says. Indices of scopes, functions and classes refer to this file."""

    path: str
    scopes: list[Scope] = field(default_factory=list)
    functions: list[FunctionFact] = field(default_factory=list)
    classes: list[ClassFact] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    references: list[Use] = field(default_factory=list)
    """Attributes, named without a call, that could be methods of the SDK."""
    completions: list[Use] = field(default_factory=list)
    """What may be the part of a client for the legacy completions, taken out by itself: ``client.completions``."""
    texts: list[Text] = field(default_factory=list)
    imports: list[ImportFact] = field(default_factory=list)
    handlers: list[Use] = field(default_factory=list)
    """What ``except`` names."""
    failures: list[Use] = field(default_factory=list)
    """Attributes with a name that the errors of 0.28 have, or one of what such an error tells."""
    lookups: list[Span] = field(default_factory=list)
    """What is tried where a look-up by a name that is not known does no harm."""
    awaited: set[Span] = field(default_factory=set)
    """The calls that are awaited where they stand."""
    subscripts: list[Use] = field(default_factory=list)
    """Whole subscripts with a name as key, in a file with calls of 0.28: ``resp[name]``."""
    accesses: list[Access] = field(default_factory=list)
    codes: list[Code] = field(default_factory=list)
    stores: list[Store] = field(default_factory=list)
    puts: list[Put] = field(default_factory=list)
    writes: list[Write] = field(default_factory=list)
    mentioned: set[str] = field(default_factory=set)
    """Names and attributes that are read as values: neither called nor looked into, nor in annotations."""
    alone: set[str] = field(default_factory=set)
    """Names that stand in the file twice: where they are bound, and where a call unpacks them."""
    added: set[str] = field(default_factory=set)
    """Names and attributes that something is added to by ``+=`` or the like."""
    tested: set[tuple[int | None, str]] = field(default_factory=set)
    """What a test (``if``, ``while``, ``assert``, ``a if b else c``) asks to be there: names with the test's scope,
    attributes and keys without."""
    tables: list[Entries] = field(default_factory=list)
    """Dictionaries with several keys that may be names of models."""
    lists: list[Items] = field(default_factory=list)
    """Lists, and tuples that have a name, in which texts stand that may be names of models."""
    comparisons: list[Use] = field(default_factory=list)
    """Comparisons with strings that may matter: an ``Items`` of their sides."""
    personas: list[Span] = field(default_factory=list)
    """Texts that tell a model, or a person, that OpenAI's model speaks."""
    results: list[results.Result] = field(default_factory=list)
    """Where the results of calls go that may be methods of the API whose result can change its shape."""

    def around(self, scope: int | None) -> Iterator[Scope]:
        """Yield a scope and those around it, from the inside out."""
        while scope is not None:
            own = self.scopes[scope]
            yield own
            scope = own.parent

    def function_of(self, scope: int) -> FunctionFact | None:
        """Return the function that the code in a scope belongs to; None in a class body or on top of the module."""
        own = self.scopes[scope]
        return self.functions[own.owner] if own.owner is not None and own.kind != "class" else None
