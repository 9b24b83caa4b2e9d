"""The JSON Schemas (draft 2020-12) of what the program prints and reads; ``scripts/schemas.py`` writes them."""

from __future__ import annotations

import json
from importlib import resources
from typing import Any


def names() -> list[str]:
    """Return the names of all, sorted."""
    files = resources.files(__name__).iterdir()
    return sorted(file.name.removesuffix(".json") for file in files if file.name.endswith(".json"))


def source(name: str) -> str:
    """Return the text of one."""
    return resources.files(__name__).joinpath(f"{name}.json").read_text("utf-8")


def load(name: str) -> dict[str, Any]:
    """Return one as data."""
    schema: dict[str, Any] = json.loads(source(name))
    return schema
