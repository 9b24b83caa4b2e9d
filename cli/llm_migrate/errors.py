"""How a run ends: exit codes, and the one error that people are told about."""

from __future__ import annotations

from enum import IntEnum

from llm_codemods.text import Text


class ExitCode(IntEnum):
    """What the shell is told."""

    DONE = 0
    """Nothing is left to do."""
    FINDINGS = 1
    """Findings remain, files would change, or a probe failed."""
    ERROR = 2
    """Wrong usage, configuration or input, or a bug of ours."""
    INTERRUPTED = 130
    """Stopped by Ctrl-C."""


class UserError(Exception):
    """Something the user can put right: the run stops, ``message`` says what is wrong and ``hint`` what to do."""

    def __init__(self, message: str | Text, hint: str | Text | None = None) -> None:
        """Keep both as they are; a ``Text`` is said in the user's language when it is shown."""
        super().__init__(str(message))
        self.message = message
        self.hint = hint
