"""What programs read: JSON, and values that several of its documents hold."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from llm_codemods.requirements import Location


def dump(value: object) -> str:
    """Return JSON text, readable and in the characters as they are."""
    return json.dumps(value, ensure_ascii=False, indent=2)


def location(place: Location) -> dict[str, Any]:
    """Return a place in the code as data."""
    return {"path": place.path, "line": place.line, "cell": place.cell}
