"""Changes as a unified diff that ``git apply`` takes, byte for byte."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping

SECRET = re.compile(
    rb"(?<![A-Za-z0-9_-])sk-((proj-|svcacct-|admin-)?[A-Za-z0-9_-]{16,}|(?=[A-Za-z_-]*[0-9])[A-Za-z0-9_-]{6,})"
)
"""What looks like a key; a diff masks short ones with a digit too, as they stand in examples."""
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


def of_changes(before: Mapping[str, bytes], after: Mapping[str, bytes]) -> bytes:
    """Return the diff of all files, in the order of their paths."""
    return b"".join(part for path in sorted(after) for part in unified(path, before.get(path), after[path]))


def masked(diff: bytes) -> bytes:
    """Return a diff without its keys: a hunk that had one must not be readable, and can no longer be applied."""
    return SECRET.sub(b"sk-...", diff)


def _lines(data: bytes) -> list[bytes]:
    """Split after line feeds only, as git does."""
    return re.findall(rb"[^\n]*\n|[^\n]+", data)
