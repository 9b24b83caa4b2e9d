"""The one place that owns standard input, output and error.

Standard output carries data, standard error everything said to people. Nothing here interprets markup: ``list[str]`` in
somebody's source reaches the terminal as it is.
"""

from __future__ import annotations

import io
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import Enum
from typing import TextIO

from llm_codemods.text import Text
from llm_migrate.errors import UserError
from llm_migrate.language import say

STYLES = {
    "bold": "1",
    "dim": "2",
    "error": "1;31",
    "warning": "1;33",
    "hint": "36",
    "path": "1",
    "code": "36",
    "ready": "32",
    "fix": "32",
    "review": "33",
    "manual": "31",
    "added": "32",
    "removed": "31",
}
"""Name -> ANSI parameters."""


class Color(str, Enum):
    """When to colour."""

    AUTO = "auto"
    ALWAYS = "always"
    NEVER = "never"


_color = Color.AUTO


def use_color(color: Color) -> None:
    """Colour so from now on."""
    global _color
    _color = color


def prepare() -> None:
    """Show a character that a terminal's encoding does not know as an escape, instead of failing on it."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def out(text: str) -> None:
    """Write data and a line end to standard output. Silent when the reader has gone.

    Raises:
        UserError: it cannot be written, because a disk is full for instance.
    """
    _write(sys.stdout, text + "\n")


def raw(data: bytes) -> None:
    """Write bytes to standard output: no encoding, no change of line ends (a diff of a file with CRLF needs that).

    Raises:
        UserError: it cannot be written.
    """
    if sys.stdout is None:  # closed by the caller: `>&-`
        return
    try:
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
    except OSError as error:
        _failed(sys.stdout, error)


def read() -> bytes:
    """Return all of standard input, as bytes; none where it was closed by the caller.

    Raises:
        UserError: it cannot be read.
    """
    if sys.stdin is None:
        return b""
    try:
        return sys.stdin.buffer.read()
    except OSError as error:
        reason = error.strerror or str(error)
        raise UserError(say("cannot read standard input: {reason}", reason=reason)) from None


def ask(question: str) -> str | None:
    """Ask on standard error and return the line that is typed; None at the end of input.

    Raises:
        UserError: there is nobody to ask.
    """
    if not can_ask():
        raise UserError(say("there is no terminal to ask on"))
    _write(sys.stderr, question + " ")
    _flush(sys.stderr)
    return sys.stdin.readline() or None


def can_ask() -> bool:
    """Whether questions reach a person: standard input and standard error are a terminal."""
    return _is_terminal(sys.stdin) and _is_terminal(sys.stderr)


def err(text: str) -> None:
    """Write a line to standard error."""
    _write(sys.stderr, text + "\n")


def warn(message: str | Text) -> None:
    """Tell of something that does not stop the run."""
    err(f"{style(say('warning:'), 'warning', err=True)} {_said(message)}")


def error(message: str | Text, hint: str | Text | None = None) -> None:
    """Tell what went wrong (a sentence in lower case) and, on the next line, what to do."""
    err(f"{style(say('error:'), 'error', err=True)} {_said(message)}")
    if hint is not None:
        err(f"{style(say('hint:'), 'hint', err=True)} {_said(hint)}")


def style(text: str, name: str, *, err: bool = False) -> str:
    """Return ``text`` in the style ``name`` of ``STYLES``, for standard output or (``err``) standard error.

    Plain text comes back unless that stream is a terminal that wants colour, or the user asked for it.
    """
    if not colored(err=err):
        return text
    return f"\x1b[{STYLES[name]}m{text}\x1b[0m"


def colored(*, err: bool = False) -> bool:
    """Whether that stream is to be coloured: ``use_color``, then ``NO_COLOR``, then whether it is a terminal."""
    if _color is not Color.AUTO:
        return _color is Color.ALWAYS
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return False
    return _is_terminal(sys.stderr if err else sys.stdout)


def is_terminal() -> bool:
    """Whether standard output is a terminal."""
    return _is_terminal(sys.stdout)


def width() -> int:
    """Return how many columns what is written may take: ``COLUMNS``, else the terminal's, else 80."""
    return shutil.get_terminal_size().columns


@contextmanager
def progress(description: str | Text, total: int) -> Iterator[Callable[[int], None]]:
    """Show a bar on standard error while the block runs, if that is a terminal; the value given moves it some steps."""
    if not _is_terminal(sys.stderr):
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TextColumn
    from rich.text import Text as Line

    class Rate(ProgressColumn):
        def render(self, task: Task) -> Line:
            return Line(say("{count}/s", count=f"{task.finished_speed or task.speed or 0:,.0f}"))

    console = Console(stderr=True, markup=False, highlight=False, no_color=not colored(err=True))
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(), Rate())
    # Data on standard output must not be caught by the bar and sent to standard error.
    with Progress(*columns, console=console, transient=True, redirect_stdout=False) as bar:
        task = bar.add_task(_said(description), total=total)
        yield lambda steps: bar.advance(task, steps)


def finish() -> bool:
    """Flush both streams; False when standard output could not be written (that has been told)."""
    try:
        _flush(sys.stdout)
    except UserError as failure:
        error(failure.message)
        return False
    finally:
        _flush(sys.stderr)
    return True


def _said(what: str | Text) -> str:
    return say(what) if isinstance(what, Text) else what


def _is_terminal(stream: TextIO | None) -> bool:
    return stream is not None and stream.isatty()


def _write(stream: TextIO | None, text: str) -> None:
    if stream is None:
        return
    try:
        stream.write(text)
    except OSError as failure:
        _failed(stream, failure)


def _flush(stream: TextIO | None) -> None:
    if stream is None:
        return
    try:
        stream.flush()
    except OSError as failure:
        _failed(stream, failure)


def _failed(stream: TextIO, failure: OSError) -> None:
    """Send the rest to nowhere, so that the flush at exit cannot fail too; pass on what the user must know."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)
    if stream is not sys.stderr and not isinstance(failure, BrokenPipeError):
        raise UserError(say("cannot write to standard output: {reason}", reason=failure.strerror)) from None
