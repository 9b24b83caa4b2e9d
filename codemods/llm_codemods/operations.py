"""What a fix does, as data: a closed vocabulary of changes to one expression.

A rule says *what* should change with these values; ``transform`` carries them out with LibCST. So rules load no parser,
fixes can be stored and compared, and two fixes on one expression compose in rule order.
"""

from __future__ import annotations

from dataclasses import dataclass

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
class RemoveArgument:
    """Take keyword ``name`` out of the call."""

    name: str


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
    """Put ``entries`` (key -> Python source) into the ``extra_body`` dictionary of the call; entries there stay."""

    entries: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class RenameFunction:
    """Replace the last name of what is called: ``openai.AzureOpenAI(...)`` becomes ``openai.OpenAI(...)``."""

    to: str


@dataclass(frozen=True, slots=True)
class Replace:
    """Replace the whole expression by ``code`` (Python source)."""

    code: str


@dataclass(frozen=True, slots=True)
class ReplaceString:
    """Replace the value of a string literal; its prefix and quotes stay."""

    value: str


@dataclass(frozen=True, slots=True)
class InsertAfter:
    """Put statements on lines of their own after the statement at the span, with its indentation.

    ``past_imports``: after the import statements that follow it, too, and below a blank line.
    """

    statements: tuple[str, ...]
    past_imports: bool = False


Operation = (
    SetArgument
    | FallBack
    | RemoveArgument
    | RenameArgument
    | MoveToBody
    | ExtendBody
    | RenameFunction
    | Replace
    | ReplaceString
    | InsertAfter
)


@dataclass(frozen=True, slots=True)
class Change:
    """Operations on the one expression that stands at ``span``."""

    span: Span
    operations: tuple[Operation, ...]


@dataclass(frozen=True, slots=True)
class Import:
    """``import module`` (name None) or ``from module import name``, to be there after the fix."""

    module: str
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Fix:
    """All-or-nothing: every change is made, or none. ``title`` tells a person what it does."""

    title: Text
    changes: tuple[Change, ...]
    imports: tuple[Import, ...] = ()
