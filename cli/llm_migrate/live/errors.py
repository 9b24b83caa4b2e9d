"""What can stop a live run before it has anything to report."""

from __future__ import annotations

from llm_codemods.text import Text


class LiveError(Exception):
    """A run cannot start or go on. ``message`` says why, ``hint`` what to do."""

    def __init__(self, message: Text, hint: Text | None = None) -> None:
        """Keep both texts for the command, which knows the language."""
        super().__init__(str(message))
        self.message = message
        self.hint = hint


class UnreachableError(LiveError):
    """No HTTP answer at all: name, connection, TLS or time."""


class MissingExtraError(LiveError):
    """The emulator's packages are not installed."""
