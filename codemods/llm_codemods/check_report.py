"""What a check found, as one value: all that any form of its report says, and nothing of how it is said.

``CheckReport`` holds one ``EndpointReport`` for each endpoint that was asked (a second one where embeddings go to
another provider). Everything in it is plain data; ``build`` derives it from what the code needs and what was proved.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import Enum

from llm_codemods.call_shape import Unseen
from llm_codemods.profile import Profile, Status
from llm_codemods.proof import Outcome, Proof, Speed, Spent
from llm_codemods.requirements import Needs, Requirement, SiteNeeds


class SiteVerdict(str, Enum):
    """What a check says of one site. Best first."""

    PROVED = "proved"
    UNPROVEN = "unproven"
    """It was not asked for, or not answered: a limit, a refused key."""
    NOT_PROVABLE = "not-provable"
    """Something that it sends cannot be seen, or no probe asks for it."""
    IGNORED = "ignored"
    DIFFERS = "differs"
    REFUSED = "refused"
    BROKEN = "broken"

    @property
    def fails(self) -> bool:
        """Whether the endpoint is seen not to do what the site needs."""
        return self in FAILS


FAILS = (SiteVerdict.IGNORED, SiteVerdict.DIFFERS, SiteVerdict.REFUSED, SiteVerdict.BROKEN)
ORDER = tuple(SiteVerdict)


class Conclusion(str, Enum):
    """What a whole check comes to."""

    PROVED = "proved"
    UNPROVEN = "unproven"
    """Nothing is seen to fail, but not all could be asked or seen."""
    INCOMPATIBLE = "incompatible"
    """Something that is needed, or that the profile says, does not hold."""


@dataclass(frozen=True, slots=True)
class SiteProof:
    """A site and what was proved of it."""

    site: SiteNeeds
    verdict: SiteVerdict
    proofs: tuple[Proof, ...] = ()
    """Of all that it needs, in that order."""
    doubts: tuple[Proof, ...] = ()
    """Of what it may need, depending on what cannot be seen: those that do not work."""

    @property
    def hindrances(self) -> tuple[Unseen, ...]:
        """What cannot be seen and stands in the way of a proof."""
        doubted = {_name_of(proof.requirement) for proof in self.doubts}
        return tuple(one for one in self.site.unseen if not one.settled or one.name in doubted)


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A row of the profile, and what was seen instead."""

    row: tuple[str, ...]
    """The way to it in the profile: ``parameters chat.completions seed``."""
    claim: Status
    proofs: tuple[Proof, ...]
    """Those that contradict it."""


@dataclass(frozen=True, slots=True)
class Unlisted:
    """A model that is asked for, and that the endpoint's complete list does not name."""

    model: str
    served: bool
    """It answers all the same."""
    successors: tuple[str, ...] = ()
    """What the profile says takes its place, and names in the list that are like it."""


@dataclass(frozen=True, slots=True)
class EndpointReport:
    """What one endpoint showed."""

    provider: str
    """The profile's id."""
    region: str
    base_url: str
    proofs: tuple[Proof, ...]
    sites: tuple[SiteProof, ...] = ()
    disagreements: tuple[Disagreement, ...] = ()
    unlisted: tuple[Unlisted, ...] = ()
    emulated: bool = False
    """An emulator answered: this proves nothing about a provider."""
    spent: Spent | None = None
    speeds: tuple[Speed, ...] = ()
    interrupted: bool = False

    @property
    def proved(self) -> int:
        """How many sites are proved."""
        return sum(site.verdict is SiteVerdict.PROVED for site in self.sites)

    @property
    def conclusion(self) -> Conclusion:
        """What it comes to."""
        if any(map(self.fails, self.proofs)) or any(site.verdict.fails for site in self.sites):
            return Conclusion.INCOMPATIBLE
        whole = all(site.verdict is SiteVerdict.PROVED for site in self.sites)
        if whole and not any(proof.outcome is Outcome.SKIPPED for proof in self.proofs):
            return Conclusion.PROVED
        return Conclusion.UNPROVEN

    def fails(self, proof: Proof) -> bool:
        """Whether a proof shows something that does not hold.

        What code needs must work. What only the profile speaks of must be as it says, be that that a feature is
        refused; so must what code may need. Where the profile says ``unknown`` any clean answer is news.
        """
        if proof.outcome is Outcome.BROKEN:
            return True
        if proof.outcome is Outcome.SKIPPED:
            return False
        if proof.requirement.locations:
            return proof.outcome is not Outcome.WORKS
        if proof.claim is None:
            doubtful = any(proof in site.doubts for site in self.sites)
            return proof.outcome is not Outcome.WORKS and not doubtful
        return proof.disagrees


@dataclass(frozen=True, slots=True)
class CheckReport:
    """All that a check found. ``moved``: files that were checked as a rewrite would leave them."""

    endpoints: tuple[EndpointReport, ...]
    moved: int = 0

    @property
    def conclusion(self) -> Conclusion:
        """The worst of the endpoints'."""
        return max((one.conclusion for one in self.endpoints), key=tuple(Conclusion).index, default=Conclusion.PROVED)

    @property
    def sites(self) -> tuple[SiteProof, ...]:
        """The sites of all endpoints, in the order of their places."""
        return tuple(sorted((s for one in self.endpoints for s in one.sites), key=lambda s: s.site.location))

    @property
    def proofs(self) -> tuple[Proof, ...]:
        """The proofs of all endpoints."""
        return tuple(proof for one in self.endpoints for proof in one.proofs)


def build(profile: Profile, region: str, base_url: str, needs: Needs, proofs: Iterable[Proof]) -> EndpointReport:
    """Put together what one endpoint showed.

    ``proofs`` are those of ``needs.requirements``; a check that was cut short may have fewer.
    """
    proved = tuple(_about_itself(tuple(proofs)))
    by_need = {proof.requirement.key: proof for proof in proved}
    return EndpointReport(
        profile.id,
        region,
        base_url,
        proved,
        tuple(judge(site, by_need) for site in needs.sites),
        tuple(disagreements(proved)),
        tuple(unlisted(profile, proved)),
        any(proof.emulated for proof in proved),
    )


def _about_itself(proofs: tuple[Proof, ...]) -> Iterable[Proof]:
    """Yield the proofs; what a model refuses that is not served contradicts only that it is."""
    gone = refused_models(proofs)
    for proof in proofs:
        need = proof.requirement
        idle = need.model in gone and need.feature != "model" and proof.outcome is Outcome.REFUSED
        yield replace(proof, claim=None, row=()) if idle else proof


def refused_models(proofs: Iterable[Proof]) -> frozenset[str]:
    """Return the models that the endpoint does not serve."""
    refused = (p.requirement for p in proofs if p.outcome is Outcome.REFUSED and p.requirement.feature == "model")
    return frozenset(need.model for need in refused if need.model is not None)


def judge(site: SiteNeeds, proofs: Mapping[Requirement, Proof]) -> SiteProof:
    """Return what is proved of a site: the worst of its needs, else what cannot be seen, else what was not asked."""
    own = tuple(proofs[need] for need in site.needs if need in proofs)
    doubts = tuple(proofs[n] for n in site.may_need if n in proofs and proofs[n].outcome is not Outcome.WORKS)
    seen = [SiteVerdict(proof.outcome.value) for proof in own if proof.outcome.value in _FAILING]
    if seen:
        return SiteProof(site, max(seen, key=ORDER.index), own, doubts)
    skipped = len(own) < len(site.needs) or any(p.outcome is Outcome.SKIPPED for p in (*own, *doubts))
    hidden = any(not one.settled for one in site.unseen) or any(p.outcome is not Outcome.SKIPPED for p in doubts)
    verdict = SiteVerdict.NOT_PROVABLE if hidden else SiteVerdict.UNPROVEN if skipped else SiteVerdict.PROVED
    return SiteProof(site, verdict, own, doubts)


_FAILING = frozenset(verdict.value for verdict in FAILS)
_NAMES = {
    **dict.fromkeys(("no-tool", "required-tool", "forced-tool"), "tool_choice"),
    **dict.fromkeys(("json-object", "json-schema"), "response_format"),
    **dict.fromkeys(("tools-stream", "stream"), "stream"),
    "parallel-tools": "parallel_tool_calls",
}


def _name_of(need: Requirement) -> str:
    """Return the parameter that a requirement comes from."""
    return _NAMES.get(need.feature, need.feature)


def disagreements(proofs: Iterable[Proof]) -> Iterable[Disagreement]:
    """Yield the rows of the profile that were contradicted, in the order of their first proof."""
    found: dict[tuple[tuple[str, ...], Status], list[Proof]] = {}
    for proof in proofs:
        if proof.disagrees and proof.claim is not None:
            found.setdefault((proof.row, proof.claim), []).append(proof)
    for (row, claim), those in found.items():
        yield Disagreement(row, claim, tuple(those))


def unlisted(profile: Profile, proofs: Iterable[Proof]) -> Iterable[Unlisted]:
    """Yield the models that are asked for but not listed, where the profile says that the list is complete."""
    every = tuple(proofs)
    listed = next((p.listed for p in every if p.listed), None)
    feature = profile.features.get("models")
    if listed is None or feature is None or feature.status is not Status.SAME:
        return
    for proof in every:
        model = proof.requirement.model
        if proof.requirement.feature == "model" and model is not None and model not in listed:
            known = profile.models.get(model)
            named = [known.replaced_by] if known is not None and known.replaced_by is not None else []
            alike = difflib.get_close_matches(model, listed, n=2, cutoff=0.7)
            yield Unlisted(model, proof.outcome is Outcome.WORKS, tuple(dict.fromkeys((*named, *alike))))
