"""The profiles that come with the program, as they are written: ``<id>.toml`` beside this file."""

from __future__ import annotations

from functools import cache
from importlib import resources


@cache
def bundled() -> tuple[str, ...]:
    """Return the ids of all profiles that come with the program, sorted."""
    files = resources.files(__name__).iterdir()
    return tuple(sorted(f.name.removesuffix(".toml") for f in files if f.name.endswith(".toml")))


def bundled_text(id: str) -> str:
    """Return the TOML text of a bundled profile."""
    return resources.files(__name__).joinpath(f"{id}.toml").read_text("utf-8")
