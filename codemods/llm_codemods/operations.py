"""What a fix does, as data: a closed vocabulary of changes to one expression.

A rule says *what* should change with these values; ``transform`` carries them out with LibCST. So rules load no parser,
fixes can be stored and compared, and two fixes on one expression compose in rule order.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from llm_codemods.edits import Span
from llm_codemods.text import Text


@dataclass(frozen=True, slots=True)
class SetArgument:
    """Give keyword ``name`` the value ``code`` (Python source); add the keyword where it is missing."""

    name: str
    code: str


@dataclass(frozen=True, slots=True)
class FallBack:
    """Give keyword ``name`` the value ``code`` (Python source) where its own is empty: ``value or code``."""

    name: str
    code: str


@dataclass(frozen=True, slots=True)
class JoinArguments:
    """Take keyword ``name`` out of the call; its value holds where that of ``to`` is empty: ``value or other``."""

    name: str
    to: str


@dataclass(frozen=True, slots=True)
class RemoveArgument:
    """Take keyword ``name`` out of the call."""

    name: str


@dataclass(frozen=True, slots=True)
class DefaultArgument:
    """Give keyword ``name`` the value ``code`` (Python source) where the ``**mapping`` of the call does not have it:
    ``**mapping`` becomes ``**{name: code, **mapping}``."""

    name: str
    code: str


@dataclass(frozen=True, slots=True)
class DefaultBody:
    """Put ``entries`` (key -> Python source) into an ``extra_body`` that holds where the ``**mapping`` of the call has
    none: ``**mapping`` becomes ``**{"extra_body": {…}, **mapping}``."""

    entries: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class PassThrough:
    """Pass the ``**mapping`` of the call through ``function``, with an argument (Python source), if any, behind it:
    ``**mapping`` becomes ``**function(mapping, argument)``; where it is passed through already, that is added."""

    function: str
    argument: str = ""


@dataclass(frozen=True, slots=True)
class RenameArgument:
    """Call keyword ``name`` by another name; its value stays."""

    name: str
    to: str


@dataclass(frozen=True, slots=True)
class MoveToBody:
    """Take keyword ``name`` out of the call and put its value into ``extra_body`` under ``to``."""

    name: str
    to: str


@dataclass(frozen=True, slots=True)
class ExtendBody:
    """Put ``entries`` (key -> Python source) into the ``extra_body`` dictionary of the call; entries there stay.

    One that is not written out here keeps the last word: ``{"key": value, **(body or {})}``.
    """

    entries: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class ShrinkBody:
    """Take the entries ``names`` out of the ``extra_body`` dictionary of the call; one that is empty then goes."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RenameFunction:
    """Replace the last name of what is called: ``openai.AzureOpenAI(...)`` becomes ``openai.OpenAI(...)``."""

    to: str


@dataclass(frozen=True, slots=True)
class ReplaceFunction:
    """Replace what is called by ``code`` (Python source)."""

    code: str


@dataclass(frozen=True, slots=True)
class RenameClient:
    """Have the method ``path``, which is called or named, belong to the client ``to`` beside its own:
    ``self.client.embeddings.create(…)`` becomes ``self.second.embeddings.create(…)``."""

    path: str
    to: str


@dataclass(frozen=True, slots=True)
class DeriveClient:
    """Have the method ``path``, which is called or named, belong to a client that its own makes with other options
    (name -> Python source): ``client.with_options(…).embeddings.create(…)``."""

    path: str
    options: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class CallThrough:
    """Have ``function`` make the call, unless it does: ``create(a=b)`` becomes ``function(create, a=b)``."""

    function: str


@dataclass(frozen=True, slots=True)
class CopyBeside:
    """Below the statement that gives the call's value to a name or an attribute, give a second one, called ``name``,
    the value of the same call after ``operations``."""

    name: str
    operations: tuple[SetArgument | RemoveArgument, ...]


@dataclass(frozen=True, slots=True)
class Replace:
    """Replace the whole expression by ``code`` (Python source)."""

    code: str


@dataclass(frozen=True, slots=True)
class ReplaceString:
    """Replace the value of a string literal; its prefix and quotes stay."""

    value: str


@dataclass(frozen=True, slots=True)
class ReplaceText:
    """Replace ``old``, which stands once in a string of any form, also in the text of an f-string, by ``new``."""

    old: str
    new: str


@dataclass(frozen=True, slots=True)
class InsertAfter:
    """Put statements on lines of their own after the statement at the span, with its indentation.

    ``past_imports``: after the import statements that follow it, too, and below a blank line.
    """

    statements: tuple[str, ...]
    past_imports: bool = False


@dataclass(frozen=True, slots=True)
class Wrap:
    """Put ``before`` and ``after`` (Python source) around the expression, unless they are there already."""

    before: str
    after: str


@dataclass(frozen=True, slots=True)
class ReplaceTail:
    """Replace what is taken out of a value: the last steps ``old`` (``.output_text``) by ``new``; the value stays.

    This alone may stand in an f-string. Nothing is done where the steps are ``new`` already.
    """

    old: str
    new: str


@dataclass(frozen=True, slots=True)
class ReplaceCallee:
    """Replace the last names of what is called: ``responses.create`` by ``chat.completions.create``."""

    old: str
    new: str


@dataclass(frozen=True, slots=True)
class RemoveEntry:
    """Take the entry under ``key`` out of a dictionary that is written out."""

    key: str


@dataclass(frozen=True, slots=True)
class RenameEntry:
    """Put what stands under ``key`` in a dictionary that is written out under ``to``."""

    key: str
    to: str


@dataclass(frozen=True, slots=True)
class SetEntry:
    """Give ``key`` of a dictionary that is written out the value ``code`` (Python source)."""

    key: str
    code: str


@dataclass(frozen=True, slots=True)
class WrapEntry:
    """Put ``before`` and ``after`` (Python source) around what stands under ``key`` in a dictionary."""

    key: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class TakeEntry:
    """Give keyword ``to`` the value that stands under ``keys`` (one inside the other) in the dictionary ``name``."""

    name: str
    keys: tuple[str, ...]
    to: str


@dataclass(frozen=True, slots=True)
class ToMessages:
    """Turn keyword ``name`` into ``messages``: a text becomes what the user says, a list stays one.

    Before it goes what the system says: the value of keyword ``instructions``, or ``system`` (Python source); behind it
    what the user says at last: ``user`` (Python source). ``joined``: what the system says goes into the first message
    of the list.
    """

    name: str
    is_list: bool
    instructions: str | None = None
    system: str | None = None
    user: str | None = None
    joined: bool = False


@dataclass(frozen=True, slots=True)
class NamePositional:
    """Give the first positional arguments these names."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReadAttribute:
    """Replace a look-up by its key by the attribute of that name.

    ``x["a"]`` and ``x.get("a")`` become ``x.a``, ``x.get("a", b)`` becomes ``(x.a or b)``; ``"a" in x`` and
    ``hasattr(x, "a")`` become ``x.a is not None``.
    """


@dataclass(frozen=True, slots=True)
class CallMethod:
    """Call the method ``name`` of the expression; ``argument`` is the source of the one argument, if any."""

    name: str
    argument: str = ""


@dataclass(frozen=True, slots=True)
class ReplaceStatement:
    """Put other statements in the place of the one at the span; none: it goes, with its line.

    ``pass`` is left where the block would be empty. Other changes inside of the statement are not made.
    """

    statements: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class InsertBefore:
    """Put the lines of statements before the statement at the span, with its indentation; a tab at the beginning of a
    line is one level more, as deep as the levels of the file."""

    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Filter:
    """Let a comprehension pass only those values of its variable ``name`` for which ``condition`` (Python source)
    holds; what it asks already is asked after that."""

    name: str
    condition: str


@dataclass(frozen=True, slots=True)
class AskTruth:
    """Ask whether something is there by its truth: ``x is not None`` becomes ``x``, ``x is None`` becomes ``not x``."""


@dataclass(frozen=True, slots=True)
class GuardAttribute:
    """Read an attribute only where there is one: ``x.y.z`` becomes ``getattr(x.y, "z", default)``."""

    default: str


@dataclass(frozen=True, slots=True)
class KeepBehind:
    """Keep of a text what stands behind the last ``mark``, all of it where there is none."""

    mark: str


@dataclass(frozen=True, slots=True)
class WholeObject:
    """Replace a dictionary by the object whose attribute ``key`` stands under the same name in it:
    ``{"content": x.content, …}`` becomes ``x``."""

    key: str


@dataclass(frozen=True, slots=True)
class JoinEntries:
    """In a list of dictionaries add what stands under ``key`` in the member ``second`` to that of the member ``first``,
    with a text between them, and take the second member out."""

    first: int
    second: int
    key: str
    between: str


Operation = (
    SetArgument
    | FallBack
    | JoinArguments
    | RemoveArgument
    | DefaultArgument
    | DefaultBody
    | PassThrough
    | RenameArgument
    | MoveToBody
    | ExtendBody
    | ShrinkBody
    | RenameFunction
    | ReplaceFunction
    | RenameClient
    | DeriveClient
    | CallThrough
    | CopyBeside
    | Replace
    | ReplaceString
    | ReplaceText
    | InsertAfter
    | Wrap
    | ReplaceTail
    | ReplaceCallee
    | RemoveEntry
    | RenameEntry
    | SetEntry
    | WrapEntry
    | TakeEntry
    | ToMessages
    | NamePositional
    | ReadAttribute
    | CallMethod
    | ReplaceStatement
    | InsertBefore
    | Filter
    | AskTruth
    | GuardAttribute
    | KeepBehind
    | WholeObject
    | JoinEntries
)


@dataclass(frozen=True, slots=True)
class Switch:
    """Both sides of a call's change are kept: ``module.choose`` and ``module.only`` take OpenAI's or the provider's."""

    module: str
    provider: str


@dataclass(frozen=True, slots=True)
class Change:
    """Operations on the one expression that stands at ``span``; with ``switch`` its old arguments stay for OpenAI."""

    span: Span
    operations: tuple[Operation, ...]
    switch: Switch | None = None


@dataclass(frozen=True, slots=True)
class Import:
    """``import module`` (name None) or ``from module import name``, to be there after the fix."""

    module: str
    name: str | None = None
    also: tuple[str, ...] = field(default=(), compare=False)
    """Other modules whose ``name`` will do where the file has it from there already."""

    @property
    def bound(self) -> str:
        """The name that it binds: ``import a.b`` binds ``a``."""
        return self.name or self.module.partition(".")[0]


@dataclass(frozen=True, slots=True)
class Definition:
    """A function ``name`` of the module, ``code`` as it is written, to be there after the fix, once."""

    name: str
    code: str


@dataclass(frozen=True, slots=True)
class Fix:
    """All-or-nothing: every change is made, or none. ``title`` tells a person what it does."""

    title: Text
    changes: tuple[Change, ...]
    imports: tuple[Import, ...] = ()
    definitions: tuple[Definition, ...] = ()
