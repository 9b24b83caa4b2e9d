"""From the files of a project to findings: read, link, find sites, run the rules."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import PurePath
from typing import Protocol, TypeVar

from llm_codemods import grouping
from llm_codemods.configuration.sites import Readers, folders
from llm_codemods.edits import Place
from llm_codemods.report import Finding, Skipped
from llm_codemods.request import Request
from llm_codemods.requirements import Location, Needs, derive, hosts_asked
from llm_codemods.routing import target_of
from llm_codemods.sites import Site
from llm_codemods.source import Source, position
from llm_codemods.target import Target
from llm_codemods.text import Text, text
from llm_codemods.tree import Tree

T = TypeVar("T")
BATCH = 200
"""How many files are looked at in one piece of work."""


@dataclass(frozen=True)
class Analysis:
    """What was found below ``root``: findings of the asked files, and the sites of all."""

    root: PurePath
    target: Target | None
    findings: tuple[Finding, ...]
    skipped: tuple[Skipped, ...]
    sources: Mapping[str, Source]
    sites: Mapping[str, tuple[Site, ...]] = field(repr=False)
    asked: frozenset[str] = frozenset()
    """The files to report on."""
    suppressed: tuple[Finding, ...] = ()
    """Findings that a comment of the user silences."""
    known: tuple[Finding, ...] = ()
    """Findings that a baseline holds."""
    requests: Mapping[Place, Request] = field(default_factory=dict, repr=False)
    """What the calls in the asked files send, by path and span, if that was asked for."""
    kept: frozenset[Place] = frozenset()
    """The clients, and objects of frameworks, that a comment keeps where they are: what belongs to them stays, too."""
    idle: frozenset[Place] = frozenset()
    """The clients that stay since the target has nothing of what they are for."""

    @property
    def files(self) -> int:
        """How many files were looked at."""
        return len(self.asked)

    @property
    def unread(self) -> tuple[str, ...]:
        """The asked files that could not be read, or not in full: nothing is known about them."""
        return tuple(dict.fromkeys(s.path for s in self.skipped if not s.by_choice))


Watch = Callable[[Text, int], AbstractContextManager[Callable[[int], None]]]
"""Given what is done and to how many files, opens a context whose value is told how many more are done."""


@contextmanager
def _unwatched(_what: Text, _total: int) -> Iterator[Callable[[int], None]]:
    yield lambda _: None


def _watched(results: Iterable[T], sizes: Iterable[int], advance: Callable[[int], None]) -> Iterator[T]:
    for result, size in zip(results, sizes, strict=True):
        advance(size)
        yield result


Task = TypeVar("Task")


class Work(Protocol):
    """Yields ``function(tree, task)`` for all tasks, in their order, wherever it is worked out."""

    def __call__(self, function: Callable[[Tree, Task], T], tasks: Sequence[Task], /) -> Iterator[T]: ...  # noqa: D102


def analyse(
    tree: Tree,
    work: Work | None = None,
    *,
    keep: bool = True,
    watch: Watch = _unwatched,
    skipped: Iterable[Skipped] = (),
) -> Analysis:
    """Analyse a whole project for the first of its targets and report on the asked files: what a name is may be
    decided in another file. The rest as in ``analyse_each``."""
    return analyse_each(replace(tree, targets=tree.targets[:1]), work, keep=keep, watch=watch, skipped=skipped)[0]


def analyse_each(
    tree: Tree,
    work: Work | None = None,
    *,
    keep: bool = True,
    watch: Watch = _unwatched,
    skipped: Iterable[Skipped] = (),
) -> tuple[Analysis, ...]:
    """Analyse a whole project for each of its targets: facts, links and sites are found once, and judged for each.

    Args:
        tree: the project.
        work: does the pieces of work; None: one after the other, right here.
        keep: sites, and sources of files without findings, come back.
        watch: shows how far it is.
        skipped: what was not even looked for.
    """
    do: Work = partial(_in_order, tree) if work is None else work
    batches = _batches(tree.names)
    looking = do(Tree.look, batches)
    with watch(text("looking at files"), len(tree.names)) as advance:
        looked = [row for part in _watched(looking, map(len, batches), advance) for row in part]
    imports = {row.path: row.imports for row in looked if row.imports is not None}
    groups = grouping.groups(tree.modules, imports, installed=tree.installed, package=tree.package)
    embeds = any(row.embeds for row in looked)
    # the largest first, so that no process is left with it at the end
    ordered = sorted(groups, key=lambda g: (-len(g.files), g.files))
    relevance = {row.path: row.relevance for row in looked}
    tasks = [(group, tuple(relevance[path] for path in group.files)) for group in ordered]
    analysing = do(partial(Tree.analyse, keep=keep, embeds=embeds), tasks)
    with watch(text("analysing files"), sum(len(g.files) for g in ordered)) as advance:
        found = list(_watched(analysing, (len(g.files) for g in ordered), advance))
    reads_key = any(row.reads_key for row in looked)
    foreign = folders(row.path for row in looked if row.reads_key)
    parts = [folders(group.files) for group in ordered]
    readers = tuple(
        _joined(those, parts, staying=reads_key, still=foreign)
        for those in zip(*(one.readers for one in found), strict=True)
    )
    others = [row.path for row in looked if row.imports is None]
    readers = readers or (Readers(staying=reads_key),) * len(tree.targets)
    found += do(partial(Tree.analyse_others, readers=readers, embeds=embeds), _batches(others))
    left_out = dict.fromkeys((*skipped, *(s for one in found for s in one.skipped if s.path in tree.asked)))
    sources = {path: source for one in found for path, source in one.sources.items()}
    requests = {place: request for one in found for place, request in one.requests.items()}
    return tuple(
        Analysis(
            tree.root,
            target,
            _in_places(f for one in found for f in one.judged[at].findings),
            tuple(sorted(left_out, key=lambda s: s.path)),
            sources,
            {path: those for one in found if one.sites for path, those in one.sites[at].items()},
            tree.asked,
            _in_places(f for one in found for f in one.judged[at].suppressed),
            requests=requests,
            kept=frozenset().union(*(one.kept[at] for one in found if one.kept)),
            idle=frozenset().union(*(one.idle[at] for one in found if one.idle)),
        )
        for at, target in enumerate(tree.targets)
    )


def _joined(
    those: Sequence[Readers], parts: Sequence[frozenset[str]], *, staying: bool, still: frozenset[str]
) -> Readers:
    """Return what all groups together need of the configuration; ``parts``: the folders of each, ``still``: those of
    code in other languages."""
    by_part = tuple(zip(those, parts, strict=True))
    return Readers(
        moving=any(one.moving for one in those),
        configured=any(one.configured for one in those),
        staying=staying or any(one.staying for one in those),
        upgrades=frozenset().union(*(one.upgrades for one in those)),
        packages=frozenset().union(*(one.packages for one in those)),
        moved=frozenset().union(*(part for one, part in by_part if one.moving)),
        still=still.union(*(part for one, part in by_part if not one.moving)),
    )


def _in_places(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    return tuple(sorted(findings, key=operator.attrgetter("path", "span", "code", "api", "message.template")))


def _in_order(tree: Tree, function: Callable[[Tree, Task], T], tasks: Sequence[Task], /) -> Iterator[T]:
    return map(partial(function, tree), tasks)


def _batches(names: Sequence[str]) -> list[Sequence[str]]:
    return [names[start : start + BATCH] for start in range(0, len(names), BATCH)]


def needs_in(analysis: Analysis) -> Needs:
    """Return what the asked files need from the target (which must be set), but embeddings that go elsewhere."""
    assert analysis.target is not None
    return _needs(analysis, analysis.target)


def embeddings_in(analysis: Analysis) -> Needs:
    """Return what the embeddings of the asked files need from the provider they go to; nothing if it is the target."""
    second = analysis.target.embeddings if analysis.target is not None else None
    return _needs(analysis, second) if second is not None else Needs()


def hosts_of(analysis: Analysis) -> tuple[str, ...]:
    """Return the hosts that the asked files send to and that are not the target's (which must be set)."""
    assert analysis.target is not None
    return hosts_asked((s for path in analysis.asked for s in analysis.sites.get(path, ())), analysis.target)


def _needs(analysis: Analysis, target: Target) -> Needs:

    def location(site: Site) -> Location:
        place = position(analysis.sources[site.path], site.span.start)
        return Location(site.path, place.line, place.cell)

    asked = (those for path, those in analysis.sites.items() if path in analysis.asked)
    return derive((s for those in asked for s in those if target_of(s, analysis.target) is target), target, location)
