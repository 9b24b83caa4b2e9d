"""What scan and rewrite have to say of code: findings, and what was skipped."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from llm_codemods.edits import Span
from llm_codemods.operations import Fix
from llm_codemods.text import Text


class Verdict(str, Enum):
    """What a target provider means for one finding."""

    READY = "ready"
    """It works as it is."""
    FIX = "fix"
    """It can be rewritten safely."""
    REVIEW = "review"
    """It can be rewritten, but a person must look."""
    MANUAL = "manual"
    """Nobody can rewrite it blindly, or there is no equivalent: a person must decide."""


FindingKey = tuple[str, str, Span, str]
"""Path, code, span and ``api`` of a finding."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule's statement about one use of OpenAI.

    ``path`` is relative to the root, posix; ``span`` counts characters of that source's text. ``kind`` is one of
    ``call ref client client-method subclass config import except exception framework env raw-http model-literal
    dependency parameter``, of ``framework-call`` (functions and agents of frameworks, and what extends their classes),
    ``tokenizer trace table branch mock surroundings``, and of ``response error-code``. ``api`` is the dotted resource
    path of an SDK call (``chat.completions.create``), the class name of a constructor (``AsyncOpenAI``), or the name
    found (a model, a variable, a module). ``verdict`` is None in a scan without a target.
    """

    code: str
    name: str
    kind: str
    api: str
    path: str
    span: Span
    message: Text
    verdict: Verdict | None = None
    fix: Fix | None = None
    moves_object: bool = False
    """Its fix moves an object of a framework, and with it the key that the object is given."""

    @property
    def key(self) -> FindingKey:
        """What tells it from others, whatever is known of it."""
        return self.path, self.code, self.span, self.api

    @property
    def is_shared(self) -> bool:
        """Whether it is about the environment, the configuration or what is installed: others may need that, too."""
        return self.code.startswith("LM6")

    @property
    def open(self) -> bool:
        """Whether something is left to do: everything but ``ready``. A use of OpenAI in a scan without a target is."""
        return self.verdict is not Verdict.READY


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file, or part of it, that was not analysed, and why. ``by_choice``: it is none of ours to read, not broken."""

    path: str
    reason: Text
    by_choice: bool = False
