"""What a site is: one resolved use of OpenAI in one file, of a kind that rules look at.

A site has everything that the project knows about the use: which client a call goes through and where that client
points, what its arguments may be, which calls a model name reaches.
"""

from __future__ import annotations

from typing import Protocol

from llm_codemods.edits import Span


class Site(Protocol):
    """What every site has: the file, relative to the root, and the span in its text."""

    @property
    def path(self) -> str: ...  # noqa: D102
    @property
    def span(self) -> Span: ...  # noqa: D102
