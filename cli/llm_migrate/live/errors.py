"""What can stop a live run before it has anything to report."""

from __future__ import annotations

from llm_migrate.errors import UserError


class LiveError(UserError):
    """A run cannot start or go on."""


class UnreachableError(LiveError):
    """No HTTP answer at all: name, connection, TLS or time."""


class MissingExtraError(LiveError):
    """The emulator's packages are not installed."""
