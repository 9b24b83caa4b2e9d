"""What becomes of code that is written for openai before 1.0."""

from __future__ import annotations

from enum import Enum


class Sdk(str, Enum):
    """The user's choice, ``--sdk``."""

    CURRENT = "current"
    """The code moves to the current SDK."""
    KEEP = "keep"
    """It stays with the one that it has, and points elsewhere."""
