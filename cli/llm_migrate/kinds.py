"""What a file is to us, by its name or its first line."""

from __future__ import annotations

import fnmatch
import re
from enum import Enum
from functools import lru_cache
from pathlib import Path

from llm_codemods.configuration.forms import NAMES, TEMPLATE, Form, form_by_name


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
_SHEBANG_LENGTH = 128


def kind_of(path: Path) -> Kind | None:
    """Return what the file is, by its name; one without a suffix is opened to look for a shebang."""
    kind = kind_by_name(path.name)
    return kind_of_script(str(path)) if kind is None and not path.suffix else kind


@lru_cache(maxsize=4096)
def kind_by_name(name: str) -> Kind | None:
    """Return what a file's name says it is."""
    found = _BY_NAME.match(name)
    if found and found.lastgroup:
        return Kind[found.lastgroup]
    return Kind.OTHER if TEMPLATE.search(name) and form_by_name(name) is not None else None


def kind_of_script(path: str) -> Kind | None:
    """Return what the first line of a file says it is; None if it says nothing or cannot be read."""
    try:
        with open(path, "rb", buffering=0) as file:  # noqa: PTH123 (called for every file without a suffix)
            found = _SHEBANG.match(file.read(_SHEBANG_LENGTH))
    except OSError:
        return None
    return Kind[found.lastgroup] if found and found.lastgroup else None
