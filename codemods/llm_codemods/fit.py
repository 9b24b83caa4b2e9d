"""How well a provider fits a code base: what uses of OpenAI come to there, what is missing, which models stand in."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from llm_codemods.edits import Span
from llm_codemods.profile import Model
from llm_codemods.report import Finding, Verdict
from llm_codemods.rules.vector_index import VECTORS
from llm_codemods.target import Target

USES = frozenset({"call", "raw-http", "framework", "framework-call"})
"""Kinds of findings that are requests, or objects that make requests."""
WORST = (Verdict.MANUAL, Verdict.REVIEW, Verdict.FIX, Verdict.READY)
MENTIONS = frozenset({"LM203", "LM612"})
"""Rules that speak of a model a second time, or of one that a document names."""


@dataclass(frozen=True, slots=True)
class Use:
    """One use of OpenAI, and the worst that is said of it or of a part of it."""

    finding: Finding
    worst: Finding

    @property
    def verdict(self) -> Verdict:
        """What the use comes to."""
        return self.worst.verdict or Verdict.READY


@dataclass(frozen=True, slots=True)
class StandIn:
    """A model that the code asks in so many places, and what stands in for it; both as far as they are known."""

    old: str
    places: int
    known: Model | None
    name: str | None
    """None: nothing stands in for it."""
    model: Model | None
    provider: str
    """The id of whose it is: for embeddings it may be another than for the rest."""

    @property
    def kind(self) -> str | None:
        """What it is for, such as ``chat``, as the old one says, or what stands in for it; None: nobody knows."""
        model = self.known or self.model
        return None if model is None else model.kind


@dataclass(frozen=True, slots=True)
class Fit:
    """What a code base comes to at one provider."""

    target: Target
    uses: Mapping[Verdict, int]
    """How many uses of OpenAI end as what."""
    missing: tuple[tuple[str, int], ...]
    """What uses are ``manual`` for, by name, the most frequent first."""
    models: tuple[StandIn, ...]

    @property
    def movable(self) -> float | None:
        """The share of the uses, 0 to 1, that work or can be rewritten; None where there are none."""
        total = sum(self.uses.values())
        return 1 - self.uses.get(Verdict.MANUAL, 0) / total if total else None


def uses(findings: Iterable[Finding], kinds: Collection[str] = USES) -> Iterator[Use]:
    """Yield the uses among the findings of an analysis with a target, file by file.

    One use counts once, however many rules speak of it.
    """
    files: dict[str, list[Finding]] = defaultdict(list)
    for finding in findings:
        if finding.verdict is not None and not _is_beside(finding):
            files[finding.path].append(finding)
    for those in files.values():
        first: dict[Span, Finding] = {}
        for finding in those:
            if finding.kind in kinds:
                first.setdefault(finding.span, finding)
        for use in first.values():
            start, end = use.span.start, use.span.end
            inside = (f for f in those if start <= f.span.start and f.span.end <= end)
            yield Use(use, min(inside, key=_badness))


def _is_beside(finding: Finding) -> bool:
    """Whether it says of the index, not of the call, that vectors must be built anew."""
    return finding.code == "LM303" or (finding.code == "LM310" and finding.api == VECTORS)


def _resource(api: str) -> str:
    """Return what is to be told of a call: of those still in beta, which have many methods, the resource."""
    first, *rest = api.split(".")
    return f"{first}.{rest[0]}" if first == "beta" and rest else api


def _badness(finding: Finding) -> int:
    return WORST.index(finding.verdict or Verdict.READY)


def fit(findings: Collection[Finding], target: Target) -> Fit:
    """Return how a provider fits the code in which an analysis for it found this."""
    found = list(uses(findings))
    missing = Counter(_resource(use.worst.api) for use in found if use.verdict is Verdict.MANUAL)
    return Fit(
        target,
        Counter(use.verdict for use in found),
        tuple(sorted(missing.items(), key=lambda row: (-row[1], row[0]))),
        tuple(_models(findings, target)),
    )


def _models(findings: Iterable[Finding], target: Target) -> Iterator[StandIn]:
    """Yield the models that code or settings ask, the most frequent first; what documents mention does not count."""
    places = Counter(f.api for f in findings if f.kind == "model-literal" and f.code not in MENTIONS)
    home = target.origin.data
    for old, count in sorted(places.items(), key=lambda row: (-row[1], row[0])):
        second = target.embeddings
        there = second if second is not None and second.embeds_with(old) else target
        name = there.model_for(old)
        if name is not None or there.mapping(old) is not None:
            yield StandIn(old, count, home.models.get(old), name, there.model(name), there.profile.id)


def cost(model: Model | None, tokens_in: float, tokens_out: float) -> float | None:
    """Return what so many tokens cost in the model's currency; None where a price is not known."""
    if (
        model is None
        or model.price_in is None
        or (tokens_out and model.price_out is None and model.kind != "embedding")
    ):
        return None
    return (tokens_in * model.price_in + tokens_out * (model.price_out or 0)) / 1_000_000


@dataclass(frozen=True, slots=True)
class Total:
    """What several models cost together."""

    amounts: Mapping[str, float]
    """By currency."""
    complete: bool
    """Every price was known, and something stands in for every model."""


def total(models: Iterable[tuple[Model | None, float]], tokens_in: float, tokens_out: float) -> Total:
    """Return what so many tokens cost that are spread over models, each with its weight."""
    weighed = tuple(models)
    whole = sum(weight for _, weight in weighed)
    amounts: dict[str, float] = defaultdict(float)
    complete = bool(weighed)
    for model, weight in weighed:
        price = cost(model, tokens_in * weight / whole, tokens_out * weight / whole)
        if price is None or model is None or model.currency is None:
            complete = False
        else:
            amounts[model.currency] += price
    return Total(dict(amounts), complete)
