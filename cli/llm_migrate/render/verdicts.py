"""The words in which every report of a check speaks: outcomes, verdicts, reasons, names of requirements and places."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from llm_codemods.call_shape import CallShape, Unseen, Why
from llm_codemods.check_report import (
    CheckReport,
    Conclusion,
    EndpointReport,
    SiteProof,
    SiteVerdict,
    Unlisted,
    refused_models,
)
from llm_codemods.profile import Status
from llm_codemods.proof import Outcome, Proof
from llm_codemods.requirements import Location, Requirement
from llm_codemods.text import Text, text
from llm_migrate.language import say

SYMBOLS = {
    Outcome.WORKS: "✓",
    Outcome.DIFFERS: "≠",
    Outcome.IGNORED: "○",
    Outcome.REFUSED: "✗",
    Outcome.BROKEN: "!",
    Outcome.SKIPPED: "-",
}
WORDS: dict[Outcome, Text] = {
    Outcome.WORKS: text("works"),
    Outcome.DIFFERS: text("differs"),
    Outcome.IGNORED: text("ignored"),
    Outcome.REFUSED: text("refused"),
    Outcome.BROKEN: text("broken"),
    Outcome.SKIPPED: text("skipped"),
}
CLAIMS: dict[Status, Text] = {
    Status.SAME: text("works"),
    Status.RENAMED: text("works under another name"),
    Status.LIMITED: text("works within limits"),
    Status.IGNORED: text("ignored"),
    Status.REJECTED: text("refused"),
    Status.UNKNOWN: text("unknown"),
}
SITE_SYMBOLS = {
    SiteVerdict.PROVED: "✓",
    SiteVerdict.UNPROVEN: "-",
    SiteVerdict.NOT_PROVABLE: "?",
    SiteVerdict.IGNORED: "○",
    SiteVerdict.DIFFERS: "≠",
    SiteVerdict.REFUSED: "✗",
    SiteVerdict.BROKEN: "!",
}
SITE_WORDS: dict[SiteVerdict, Text] = {
    SiteVerdict.PROVED: text("proved"),
    SiteVerdict.UNPROVEN: text("not proved"),
    SiteVerdict.NOT_PROVABLE: text("not provable"),
    SiteVerdict.IGNORED: text("ignored"),
    SiteVerdict.DIFFERS: text("differs"),
    SiteVerdict.REFUSED: text("refused"),
    SiteVerdict.BROKEN: text("broken"),
}
CONCLUSIONS: dict[Conclusion, Text] = {
    Conclusion.PROVED: text("proved"),
    Conclusion.UNPROVEN: text("could not tell"),
    Conclusion.INCOMPATIBLE: text("incompatible"),
}


def concluded(report: CheckReport) -> Text:
    """Return what a check comes to; that an emulator takes everything is no proof, so it is not called one."""
    if report.conclusion is Conclusion.PROVED and any(endpoint.emulated for endpoint in report.endpoints):
        return text("an emulator takes all of it")
    return CONCLUSIONS[report.conclusion]


def headline(report: CheckReport) -> str:
    """Return what the whole check comes to, in one line."""
    symbol = {Conclusion.PROVED: "✓", Conclusion.UNPROVEN: "?", Conclusion.INCOMPATIBLE: "✗"}[report.conclusion]
    where = say(", ").join(f"{one.provider} ({one.base_url})" for one in report.endpoints)
    return f"{symbol} {say('{conclusion}: {where}', conclusion=concluded(report), where=where)}"


def coverage(report: CheckReport) -> str:
    """Return how many sites are proved, and what the others are."""
    sites = report.sites
    counts = {verdict: sum(site.verdict is verdict for site in sites) for verdict in SiteVerdict}
    proved = counts.pop(SiteVerdict.PROVED)
    line = say("coverage: {proved} of {count:site|sites} proved", proved=proved, count=len(sites))
    rest = [say("{count} {word}", count=n, word=SITE_WORDS[verdict]) for verdict, n in counts.items() if n]
    return say(", ").join([line, *rest])


def named(need: Requirement) -> str:
    """Return what a requirement is called: its feature, and the value or the parts that make it this one."""
    if need.shape is not None:
        return f"{need.feature} ({', '.join(_parts(need.shape))})"
    if need.feature == "embeddings-dimensions" and need.dimensions is not None:
        return f"{need.feature} {need.dimensions}"
    if need.value is None:
        return need.feature
    value = str(need.value).lower() if isinstance(need.value, bool) else str(need.value)
    return f"{need.feature} {value}"


def _parts(shape: CallShape) -> Iterator[str]:
    """Yield the names of what a shape sends, as the API calls them."""
    yield from shape.roles or ("messages",)
    yield from (part for part in shape.parts if part != "text")
    if shape.stream:
        yield "stream"
    if shape.tools is not None:
        yield f"tools×{shape.tools}"
    yield from shape.tool_choice
    if shape.response_format is not None:
        yield shape.response_format
    yield from (name for name, _ in shape.parameters)


def place(location: Location) -> str:
    """Return a place as ``path:line``, with the cell of a notebook."""
    path = location.path
    if location.cell is not None:
        path = say("{path}:cell {cell}", path=path, cell=location.cell)
    return f"{path}:{location.line}"


def reason(unseen: Unseen) -> Text:
    """Say what of a site cannot be seen, and why."""
    name, detail = unseen.name, unseen.detail
    match unseen.why:
        case Why.UNPACKED:
            return text("some arguments are unpacked from what cannot be followed")
        case Why.HANDED:
            return text("the method is handed on, so its arguments cannot be seen")
        case Why.RECEIVER:
            return text("what it is called on cannot be followed: it may be somebody else's client")
        case Why.STRUCTURE:
            return text("{name} is a dictionary or a list that no probe sends", name=name)
        case Why.ENDPOINT:
            return text("no probe asks {endpoint}", endpoint=detail)
        case Why.ABSENT:
            return text("the profile says that there is no {endpoint}", endpoint=detail)
        case Why.FETCHED:
            return text("an image goes by its address: only images within the request were sent")
        case Why.PART:
            return text("no probe sends content parts of type {name}", name=name)
        case Why.UNASKED:
            return text("the endpoint was asked without {names}", names=detail)
        case Why.ENVIRONMENT if unseen.settled:
            return text("{name} may also come from the environment variable {variable}", name=name, variable=detail)
        case Why.ENVIRONMENT:
            return text("{name} comes from the environment variable {variable}", name=name, variable=detail)
    if name == "messages":
        return text("the messages cannot be seen: only plain ones were sent")
    if name == "input":
        return text("how many texts it embeds at once cannot be seen")
    if unseen.settled:
        return text("the value of {name} cannot be seen: others were sent in its place", name=name)
    return text("the value of {name} cannot be seen", name=name)


def reasons(site: SiteProof) -> Iterator[str]:
    """Yield why a site is not proved: what does not work, then what it may need, then what cannot be seen."""
    gone = refused_models(site.proofs)
    failing = [proof for proof in site.proofs if proof.outcome is not Outcome.WORKS]
    yield from told_together(p for p in failing if p.requirement.feature == "model" or p.requirement.model not in gone)
    if site.verdict is SiteVerdict.UNPROVEN and not site.proofs:
        yield say("not asked")
    for proof in site.doubts:
        if proof.outcome is not Outcome.SKIPPED:
            yield say("it may need {what}", what=told(proof))
    for one in site.hindrances:
        yield say(reason(one))


def remarks(site: SiteProof) -> Iterator[str]:
    """Yield what else of a site cannot be seen; it does not stand in the way of a proof."""
    hindrances = site.hindrances
    yield from (say(reason(one)) for one in site.site.unseen if one not in hindrances)


def told(proof: Proof) -> str:
    """Return what one proof showed: requirement, outcome, evidence."""
    need = proof.requirement
    return say(
        "{what}: {outcome}, {evidence}",
        what=named(need) if need.model is None else f"{named(need)}, {need.model}",
        outcome=WORDS[proof.outcome],
        evidence=proof.evidence,
    )


def told_together(proofs: Iterable[Proof]) -> Iterator[str]:
    """Yield what the proofs showed; those that were skipped for the same reason share a text."""
    groups: dict[object, list[Proof]] = {}
    for proof in proofs:
        groups.setdefault(str(proof.evidence) if proof.outcome is Outcome.SKIPPED else proof, []).append(proof)
    for first, *others in groups.values():
        if not others:
            yield told(first)
            continue
        names = dict.fromkeys(named(proof.requirement) for proof in (first, *others))
        what = say(", ").join(names)
        yield say("{what}: {outcome}, {evidence}", what=what, outcome=WORDS[first.outcome], evidence=first.evidence)


def absence(one: Unlisted) -> str:
    """Say that a model is not in the endpoint's list, and what is in its place."""
    said = (
        text("{model} is not in the endpoint's list of models, yet it answers", model=one.model)
        if one.served
        else text("{model} is not in the endpoint's list of models", model=one.model)
    )
    if not one.successors:
        return say(said)
    return say("{said}; listed: {names}", said=said, names=", ".join(one.successors))


def row_of(keys: tuple[str, ...]) -> str:
    """Return the way to a row of a profile."""
    return " › ".join(keys)


def notices(endpoint: EndpointReport) -> Iterator[str]:
    """Yield what must be known before an endpoint's report is believed."""
    if endpoint.emulated:
        yield say("an emulator answered: this proves nothing about {provider}", provider=endpoint.provider)
