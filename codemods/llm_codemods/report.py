"""What a run has to say: findings, what was skipped, proofs. One ``Report`` for scan, rewrite and check."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from llm_codemods.edits import Span
from llm_codemods.operations import Fix
from llm_codemods.text import Text

if TYPE_CHECKING:
    from llm_codemods.profile import Status
    from llm_codemods.requirements import Requirement


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


class Outcome(str, Enum):
    """What one probe showed of an endpoint."""

    WORKS = "works"
    DIFFERS = "differs"
    """Accepted, but the answer has another shape or effect than OpenAI's."""
    IGNORED = "ignored"
    """Accepted with 200 but without effect."""
    REFUSED = "refused"
    """A clean error from the endpoint."""
    BROKEN = "broken"
    """No usable answer: time-out, HTML, a body that is not what it says."""
    SKIPPED = "skipped"
    """Not asked, because an earlier failure makes the answer meaningless or a limit was reached."""


@dataclass(frozen=True, slots=True)
class Proof:
    """A requirement, what the endpoint showed, and what the profile claims about it."""

    requirement: Requirement
    outcome: Outcome
    evidence: Text
    claim: Status | None = None
    """The profile's row for the feature; None: the profile says nothing."""
    seconds: float = 0.0
    trials: tuple[Outcome, ...] = ()
    """Of a probe that is sent several times: what each try showed."""
    row: tuple[str, ...] = ()
    """The way to the profile's row: ``features tools``; () where nobody looked for it."""
    observed: bool = False
    """The row was written by an earlier check: it must hold exactly."""
    listed: tuple[str, ...] | None = None
    """Of the requirement ``models``: the names in the list that came."""
    emulated: bool = False
    """An emulator answered, not a provider."""

    @property
    def disagrees(self) -> bool:
        """Whether profile and endpoint contradict each other; never for ``unknown`` or a skipped probe."""
        from llm_codemods.profile import Status

        if self.claim in (None, Status.UNKNOWN) or self.outcome is Outcome.SKIPPED:
            return False
        if self.observed and self.claim in (Status.IGNORED, Status.REJECTED, Status.LIMITED):
            exact = {Status.IGNORED: Outcome.IGNORED, Status.REJECTED: Outcome.REFUSED}
            return self.outcome is not exact.get(self.claim, self.outcome) or self.outcome is Outcome.BROKEN
        return (self.claim in (Status.SAME, Status.RENAMED, Status.LIMITED)) != (self.outcome is Outcome.WORKS)


@dataclass(frozen=True, slots=True)
class Spent:
    """What a check has sent. ``assumed`` are tokens of answers that gave no count: the most they can have taken."""

    requests: int = 0
    tokens: int = 0
    """As the endpoint counts them."""
    assumed: int = 0


@dataclass(frozen=True, slots=True)
class Spread:
    """How some values lie; ``median`` and ``p95`` are None where there are too few to tell."""

    count: int
    least: float
    most: float
    median: float | None
    p95: float | None


@dataclass(frozen=True, slots=True)
class Speed:
    """How fast a model streams."""

    model: str
    first: Spread
    """Seconds until the first token."""
    rate: Spread | None
    """Tokens per second; None: no stream was long enough to tell."""
