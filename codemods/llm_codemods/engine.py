"""Run the rules over the sites of one file."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from llm_codemods import masking
from llm_codemods.report import Finding, Verdict
from llm_codemods.routing import target_of
from llm_codemods.rule import Rule
from llm_codemods.sites.kinds import Site
from llm_codemods.sites.kinds.points import Points
from llm_codemods.target import Target


def run(sites: Iterable[Site], rules: Iterable[Rule], target: Target | None) -> tuple[Finding, ...]:
    """Return what the rules say about the sites, in the order of place, then code.

    The order of ``rules`` makes no difference: findings, and so the fixes that compose on one expression, are sorted.
    """
    by_site: dict[type, list[Rule]] = {}
    for rule in rules:
        by_site.setdefault(rule.site, []).append(rule)
    found = [
        masking.of_finding(
            replace(_allowed(site, finding), code=rule.code, name=rule.name, moves_object=rule.moves_objects)
        )
        for site in sites
        for rule in by_site.get(type(site), ())
        for finding in rule.find(site, target_of(site, target))
    ]
    return ordered(found)


def _allowed(site: Site, finding: Finding) -> Finding:
    """Return a finding without its fix where that would change what goes on asking a relay: a person must move it
    first."""
    stays = getattr(site, "points", None) is Points.RELAY and finding.fix is not None
    return replace(finding, fix=None, verdict=Verdict.MANUAL) if stays else finding


def ordered(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return findings in the order of place, code and message; what is said twice of one place counts once."""
    found: list[Finding] = []
    for finding in sorted(findings, key=lambda f: (f.path, f.span, f.code, f.api, f.message.template)):
        if not found or found[-1] != finding:
            found.append(finding)
    return tuple(found)
