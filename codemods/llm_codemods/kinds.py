"""What a file is to us, by its name or its first line."""

from __future__ import annotations

import fnmatch
import re
from enum import Enum
from functools import lru_cache

from llm_codemods.configuration.forms import NAMES, TEMPLATE, Form, form_by_name, told_by


class Kind(str, Enum):
    """What a file is to us."""

    PYTHON = "python"
    NOTEBOOK = "notebook"
    DOTENV = "dotenv"
    COMPOSE = "compose"
    OTHER = "other"
    """Configuration, scripts, requirements, documents."""


KINDS: dict[Kind, tuple[str, ...]] = {
    Kind.PYTHON: ("*.py", "*.pyi"),
    Kind.NOTEBOOK: ("*.ipynb",),
    Kind.DOTENV: NAMES[Form.DOTENV],
    Kind.COMPOSE: NAMES[Form.COMPOSE],
    Kind.OTHER: tuple(glob for globs in NAMES.values() for glob in globs),
}
"""Globs of file names; the first kind that fits counts. Without a suffix, a first line may say what it is."""

_BY_NAME = re.compile(
    "|".join(f"(?P<{kind.name}>{'|'.join(map(fnmatch.translate, globs))})" for kind, globs in KINDS.items())
)
_SHEBANG = re.compile(rb"#![^\n]*(?:(?P<PYTHON>python|pypy|\buv[ \t]+run\b)|(?P<OTHER>\b(?:ba|da|k|z)?sh\b))")
SHEBANG_LENGTH = 128


def kind_by_name(path: str) -> Kind | None:
    """Return what a path says that the file is."""
    return _by_name(told_by(path))


@lru_cache(maxsize=4096)
def _by_name(name: str) -> Kind | None:
    found = _BY_NAME.match(name)
    if found and found.lastgroup:
        return Kind[found.lastgroup]
    return Kind.OTHER if TEMPLATE.search(name) and form_by_name(name) is not None else None


def kind_by_line(data: bytes) -> Kind | None:
    """Return what the first line of a file says it is; its first ``SHEBANG_LENGTH`` bytes are enough."""
    found = _SHEBANG.match(data[:SHEBANG_LENGTH])
    return Kind[found.lastgroup] if found and found.lastgroup else None
