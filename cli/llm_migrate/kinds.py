"""What a file on disk is to us, by its name or its first line."""

from __future__ import annotations

from pathlib import Path

from llm_codemods.kinds import SHEBANG_LENGTH, Kind, kind_by_line, kind_by_name


def kind_of(path: Path) -> Kind | None:
    """Return what the file is, by its name; one without a suffix is opened to look for a shebang."""
    kind = kind_by_name(path.as_posix())
    return kind_of_script(str(path)) if kind is None and not path.suffix else kind


def kind_of_script(path: str) -> Kind | None:
    """Return what the first line of a file says it is; None if it says nothing or cannot be read."""
    try:
        with open(path, "rb", buffering=0) as file:  # noqa: PTH123 (called for every file without a suffix)
            return kind_by_line(file.read(SHEBANG_LENGTH))
    except OSError:
        return None
