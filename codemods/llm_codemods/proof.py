"""What a check has to say of an endpoint: what each probe showed, and what that took."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from llm_codemods.profile import Status
from llm_codemods.requirements import Requirement
from llm_codemods.text import Text


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
