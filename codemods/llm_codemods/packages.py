"""Packages that code needs once it has moved: classes that take the place of others may come from one of their own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from llm_codemods import framework_fix
from llm_codemods.configuration.sites import Needed
from llm_codemods.frameworks import table
from llm_codemods.operations import Fix
from llm_codemods.routing import target_of
from llm_codemods.rules import framework_hidden_dependency
from llm_codemods.sites import FrameworkSite, HiddenDependencySite, Site
from llm_codemods.target import Target


def needed(sites: Iterable[Site], target: Target) -> Iterator[Needed]:
    """Yield the packages that the fixes of these sites import from and that their framework does not bring along."""
    for site in sites:
        goes = target_of(site, target)
        if goes is None:
            continue
        fix, sure = None, False
        if isinstance(site, FrameworkSite):
            fix = framework_fix.move(site, goes)
            sure = fix is not None and framework_fix.moved(site, goes)[1]
        elif isinstance(site, HiddenDependencySite):
            fix = framework_hidden_dependency.pass_on(site, goes)
        known = site.dotted.rpartition(".")[0] if isinstance(site, FrameworkSite) else None
        for family, package in dict.fromkeys(_imported(fix, known)) if fix is not None else ():
            yield Needed(package, family, site.path, sure)


def _imported(fix: Fix, known: str | None) -> Iterator[tuple[str, str]]:
    """Yield framework and package of the classes that a fix imports, but from a module that is imported already."""
    for wanted in fix.imports:
        row = table().find(f"{wanted.module}.{wanted.name}") if wanted.name is not None else None
        if row is not None and row.requires is not None and row.family is not None and row.module != known:
            yield row.family, row.requires
