"""What is found in files that are no Python. Every site holds exact spans, so that a rule can attach a fix."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from pathlib import PurePosixPath

from llm_codemods.configuration.forms import Form
from llm_codemods.edits import Span
from llm_codemods.sdk import Upgraded

RECORDED = "interactions"
"""At the top of files in which tests keep requests and answers: one site stands for all of it."""


@dataclass(frozen=True, slots=True)
class Word:
    """A key or value as written; ``span`` is its place without ``quote``, which may be empty."""

    text: str
    span: Span
    quote: str = ""


class Role(str, Enum):
    """What a place does with a variable."""

    SET = "set"
    """It gets a value here, or is handed on."""
    USED = "used"
    """Its value is taken."""
    SECRET = "secret"  # noqa: S105 (no password)
    """It is kept by a cluster or a forge: only a person can put another one there."""
    NAMED = "named"
    """A text names it."""


@dataclass(frozen=True, slots=True, order=True)
class Needed:
    """A package that code needs once it is moved and that its framework does not bring along."""

    package: str
    family: str
    """The framework's own: packages of it are called so, or begin with it."""
    path: str
    """Of the code."""
    sure: bool
    """No person must look at what needs it."""


@dataclass(frozen=True, slots=True)
class Readers:
    """What a project's code needs of its configuration once it is moved."""

    moving: bool = False
    """Some of it asks the target then: what configures it moves, too."""
    configured: bool = False
    """Some of it asks an endpoint that its configuration names."""
    staying: bool = False
    """Some of it needs OpenAI's variables whatever becomes of the clients."""
    upgrades: frozenset[tuple[str, Upgraded]] = frozenset()
    """Its files with calls, but those for both majors of the SDK, and whether these are, or become, today's."""
    packages: frozenset[Needed] = frozenset()
    moved: frozenset[str] = frozenset()
    """The folders that have code of a part of the project that asks the target then, anywhere below them, and"""
    still: frozenset[str] = frozenset()
    """those that have code of another part, or in another language, that reads OpenAI's variables."""

    def of(self, path: str) -> Readers:
        """Return what the code needs that a file lies beside or above: where none of it moves, nothing does."""
        folder = PurePosixPath(path).parent.as_posix()
        return replace(self, moving=False) if folder in self.still - self.moved else self


def folders(paths: Iterable[str]) -> frozenset[str]:
    """Return the folders that have one of these files anywhere below them."""
    return frozenset(folder.as_posix() for path in paths for folder in PurePosixPath(path).parents)


def serves(path: str, code: str) -> bool:
    """Whether a file configures a file of code, or asks for its packages: it is the same, or lies in its folder or in
    one above."""
    if path == code:
        return True
    folder = PurePosixPath(path).parent
    if folder.name == "requirements":
        folder = folder.parent
    return not path.endswith(".ipynb") and PurePosixPath(code).is_relative_to(folder)


@dataclass(frozen=True, slots=True)
class Request:
    """What a command asks of OpenAI; without a URL it is the ``openai`` program."""

    url: str | None
    model: str | None
    variable: str | None
    """The one that holds the key."""
    keyed: bool
    """A key stands in the file."""


@dataclass(frozen=True, slots=True)
class Block:
    """What stands around an entry, and decides with it where it belongs."""

    entries: tuple[tuple[str, str], ...] = ()
    """Key and value of all entries side by side, also its own; of commands, what the file sets."""
    requests: tuple[Request, ...] = ()
    """The requests that commands in the file make."""
    foreign: bool = False
    """The file sets OpenAI's variable to a value that does not come from it, in a place where no line can be added."""
    readers: Readers = Readers()


@dataclass(frozen=True, slots=True)
class Line:
    """A line that holds an entry and nothing else."""

    span: Span
    """Without the end of the line."""
    text: str
    newline: str
    """Of the file."""
    comment: str
    """What begins a comment in the file."""


@dataclass(frozen=True, slots=True, eq=False)
class VariableEntrySite:
    """A variable of OpenAI is named."""

    path: str
    span: Span
    name: str
    form: Form
    keys: tuple[str, ...]
    """The keys down to the place, outermost first; empty where the form has none."""
    role: Role
    value: Word | None = None
    """What it is set to here."""
    again: tuple[Word, ...] = ()
    """The variables that the same entry names besides, or once more: in ``X: ${X}``."""
    times: int = 1
    """So often the file says the same; the others have no site."""
    block: Block = Block()
    line: Line | None = None


@dataclass(frozen=True, slots=True, eq=False)
class ModelEntrySite:
    """A model of OpenAI is named where a model is meant."""

    path: str
    span: Span
    name: str
    form: Form
    keys: tuple[str, ...]
    prefix: str = ""
    """Of the provider, before the name: ``openai/``."""
    quote: str = ""
    times: int = 1
    block: Block = Block()
    line: Line | None = None


@dataclass(frozen=True, slots=True, eq=False)
class ModelKeySite:
    """Models of OpenAI are the keys of a table; the place is that of the first."""

    path: str
    span: Span
    name: str
    """Of the first."""
    keys: tuple[str, ...]
    """Those above the table."""
    beside: frozenset[str] = frozenset()
    """All keys of the table."""
    names: tuple[str, ...] = ()
    """Of all models."""


@dataclass(frozen=True, slots=True, eq=False)
class EndpointEntrySite:
    """A URL or host of OpenAI or Azure OpenAI stands in a value."""

    path: str
    span: Span
    url: str
    form: Form
    keys: tuple[str, ...]
    times: int = 1
    block: Block = Block()


@dataclass(frozen=True, slots=True, eq=False)
class OptionEntrySite:
    """A setting means OpenAI by its name (``open_ai_api_key``) or by its value (``provider: openai``)."""

    path: str
    span: Span
    name: str
    form: Form
    keys: tuple[str, ...]
    value: Word | None
    provider: bool
    """It is the value that says so."""
    times: int = 1
    block: Block = Block()


@dataclass(frozen=True, slots=True, eq=False)
class KeyEntrySite:
    """A key stands in the file. It is never shown."""

    path: str
    span: Span
    form: Form
    in_output: bool = False
    """A notebook has saved it with what a cell has shown; ``span`` is the start of that cell."""


@dataclass(frozen=True, slots=True, eq=False)
class DependencySite:
    """A package that talks to OpenAI is required, locked or installed."""

    path: str
    span: Span
    name: str
    """As package indexes write it."""
    version: str
    """What is asked of it, as written; empty for any."""
    legacy: bool
    """Of the SDK, only versions before 1.0 are let in."""
    locked: bool
    """A tool wrote it."""
    pin: Span | None = None
    """Where its version stands, if that can be another one."""
    exact: bool = False
    """Where a shell reads it: ``>`` and ``<`` are no part of it."""
    first: str | None = None
    """Of a package that calls the SDK as it was before 1.0: its first release that calls it as it is today."""
    upgraded: Upgraded = Upgraded.SURE
    """Whether code of the 0.28 API, if there is any, becomes today's."""
    waits: str | None = None
    """What still needs a version before 1.0: a file, or another package."""


def upgraded(found: Sequence[DependencySite], readers: Readers) -> Iterator[DependencySite]:
    """Yield what one file requires, each with what becomes of the calls that it is required for: those of all files
    where the files that it serves have none."""
    for site in found:
        here = {row for row in readers.upgrades if serves(site.path, row[0])} or readers.upgrades
        waits = sorted(code for code, becomes in here if becomes is not Upgraded.SURE)
        waits += [f"{other.name} {other.version}" for other in found if other.first is not None]
        none = (bool(here) or site.locked) and all(becomes is Upgraded.NO for _, becomes in here)
        held = Upgraded.UNSURE if waits else Upgraded.SURE
        yield replace(site, upgraded=Upgraded.NO if none else held, waits=next(iter(waits), None))


@dataclass(frozen=True, slots=True)
class Addition:
    """How one more package is asked for: ``before``, its name and ``behind`` are written at ``at``."""

    at: int
    before: str
    behind: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class LackingSite:
    """A framework is required, or installed, and a package is not that moved code needs beside it."""

    path: str
    span: Span
    name: str
    """Of the framework's package."""
    package: str
    sure: bool
    """No person must look at what needs it."""
    addition: Addition | None
    """None where a person must write it."""


@dataclass(frozen=True, slots=True, eq=False)
class ShellRequestSite:
    """A command asks OpenAI's endpoint: ``curl`` and its like, or the ``openai`` program."""

    path: str
    span: Span
    command: str
    url: str | None
    model: str | None
    variable: str | None
    """The one that holds the key."""
    block: Block = Block()
    keys: tuple[Word, ...] = ()
    """Where the command names OpenAI's variable."""
    models: tuple[Word, ...] = ()
    """Where it names models."""
    body: Word | None = None
    """The JSON that it sends, as it is written between single quotes or in a here-document."""


@dataclass(frozen=True, slots=True, eq=False)
class DocumentSite:
    """A document tells its readers a variable, model or host of OpenAI. ``kind`` as in ``Finding``."""

    path: str
    span: Span
    name: str
    kind: str


@dataclass(frozen=True, slots=True, eq=False)
class ScriptSite:
    """Code in another language uses OpenAI. ``kind`` as in ``Finding``."""

    path: str
    span: Span
    name: str
    kind: str
    language: str = Form.JAVASCRIPT.value
