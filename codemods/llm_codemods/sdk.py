"""What becomes of code that is written for openai before 1.0."""

from __future__ import annotations

from enum import Enum


class Sdk(str, Enum):
    """The user's choice, ``--sdk``."""

    CURRENT = "current"
    """The code moves to the current SDK."""
    KEEP = "keep"
    """It stays with the one that it has, and points elsewhere."""


class Upgraded(str, Enum):
    """Whether something of the 0.28 API can become what the current SDK has."""

    NO = "no"
    SURE = "sure"
    UNSURE = "unsure"
    """Something in the same file hangs on it that cannot be followed."""
