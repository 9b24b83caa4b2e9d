"""Changes as a unified diff that ``git apply`` takes, byte for byte."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping

from llm_codemods import masking
from llm_migrate import console

STYLES = {b"@": "code", b"+": "added", b"-": "removed"}
"""How a line of a hunk begins -> its style."""
NO_NEWLINE = b"\\ No newline at end of file\n"


def unified(path: str, before: bytes | None, after: bytes) -> Iterator[bytes]:
    """Yield the diff of one file, keys as they are; ``before`` None: it is new."""
    old, new = _lines(before or b""), _lines(after)
    names = (f"a/{path}".encode(), f"b/{path}".encode())
    yield b"diff --git %s %s\n" % names
    if before is None:
        yield b"new file mode 100644\n"
        names = (b"/dev/null", names[1])
    for line in difflib.diff_bytes(difflib.unified_diff, old, new, *names, b"", b"", 3, b"\n"):
        yield line if line.endswith(b"\n") else line + b"\n" + NO_NEWLINE


def of_changes(before: Mapping[str, bytes], after: Mapping[str, bytes], *, secrets: bool = False) -> bytes:
    """Return the diff of all files, in the order of their paths; where it hides ``secrets``, it cannot be applied."""
    if not secrets:
        before, after = ({path: masked(data) for path, data in files.items()} for files in (before, after))
    return b"".join(part for path in sorted(after) for part in unified(path, before.get(path), after[path]))


def colored(diff: bytes) -> bytes:
    """Return a diff with its lines coloured, if standard output is to be."""
    return b"".join(_colored(diff)) if console.colored() else diff


def _colored(diff: bytes) -> Iterator[bytes]:
    head = True
    for line in _lines(diff):
        sign = line[:1]
        head = sign == b"d" or (head and sign != b"@")
        name = "bold" if head else STYLES.get(sign)
        content = line.rstrip(b"\r\n")
        start, end = ("", "") if name is None else console.style("\0", name).split("\0")
        yield start.encode() + content + end.encode() + line[len(content) :]


def masked(data: bytes) -> bytes:
    """Return a whole file without its secrets: what says that a value is one may stand outside of the diff."""
    return masking.masked(data.decode("latin-1")).encode("latin-1")


def _lines(data: bytes) -> list[bytes]:
    """Split after line feeds only, as git does."""
    return re.findall(rb"[^\n]*\n|[^\n]+", data)
