"""Ways of moving: where the code has its endpoint, key and models from afterwards."""

from __future__ import annotations

from enum import Enum


class Style(str, Enum):
    """How the code comes to its endpoint, key and models after the move."""

    INLINE = "inline"
    """They stand in the code, but for the key, which is read from the provider's variable."""
    ENV = "env"
    """Clients go on reading OpenAI's variables, which now hold the provider's endpoint and key."""
    SWITCH = "switch"
    """A module of the project chooses between the provider and OpenAI."""
