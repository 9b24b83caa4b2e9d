"""From the files of a project to findings: read, link, find sites, run the rules."""

from __future__ import annotations

import gc
import operator
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace
from functools import cache, cached_property, partial
from pathlib import PurePath
from typing import Protocol, TypeVar

from llm_codemods import configuration, grouping, project, retirement, sites, staying, suppressions, upgrade, vectors
from llm_codemods.configuration.sites import Readers
from llm_codemods.edits import Span
from llm_codemods.engine import destination
from llm_codemods.grouping import Group
from llm_codemods.kinds import SHEBANG_LENGTH, Kind, kind_by_line, kind_by_name
from llm_codemods.modules import Modules
from llm_codemods.origin import OPENAI, Origin
from llm_codemods.prefilter import Prefilter, Relevance, imports_in
from llm_codemods.project import Project
from llm_codemods.reading import Files, Reader
from llm_codemods.report import Finding, Skipped
from llm_codemods.request import Request, describe
from llm_codemods.requirements import Location, Needs, derive, hosts_asked
from llm_codemods.retirement import Retirements
from llm_codemods.rule import Place, Rule
from llm_codemods.rules import RULES
from llm_codemods.sites import ClientPlace, Site
from llm_codemods.sought import Sought
from llm_codemods.source import Source, SourceError, position
from llm_codemods.suppressions import Judged
from llm_codemods.target import Target
from llm_codemods.text import Text, text
from llm_codemods.vocabulary import host_of
from llm_codemods.ways import switch

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
    requests: Mapping[tuple[str, Span], Request] = field(default_factory=dict, repr=False)
    """What the calls in the asked files send, by path and span, if that was asked for."""
    kept: frozenset[ClientPlace] = frozenset()
    """The clients, and objects of frameworks, that a comment keeps where they are: what belongs to them stays, too."""

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


@contextmanager
def _uncollected() -> Iterator[None]:
    """Pause the collector: facts hold no circles, and looking for some in all of them takes a quarter of the time."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


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
    readers = tuple(_joined(those, staying=reads_key) for those in zip(*(one.readers for one in found), strict=True))
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
        )
        for at, target in enumerate(tree.targets)
    )


def _joined(every: Iterable[Readers], *, staying: bool) -> Readers:
    """Return what all groups together need of the configuration."""
    those = tuple(every)
    return Readers(
        moving=any(one.moving for one in those),
        configured=any(one.configured for one in those),
        staying=staying or any(one.staying for one in those),
        upgrades=frozenset().union(*(one.upgrades for one in those)),
    )


def _in_places(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    return tuple(sorted(findings, key=operator.attrgetter("path", "span", "code", "api", "message.template")))


def _in_order(tree: Tree, function: Callable[[Tree, Task], T], tasks: Sequence[Task], /) -> Iterator[T]:
    return map(partial(function, tree), tasks)


def _batches(names: Sequence[str]) -> list[Sequence[str]]:
    return [names[start : start + BATCH] for start in range(0, len(names), BATCH)]


@dataclass(frozen=True, slots=True)
class _Look:
    """A file that matters by its bytes; ``imports`` are the packages that it imports, None if it is no Python."""

    path: str
    imports: frozenset[str] | None
    reads_key: bool = False
    """It is code of another language, which stays as it is, and names OpenAI's key."""
    embeds: bool = False
    """It names an embedding model of OpenAI."""
    relevance: Relevance = Relevance.NONE
    """How much of it matters, if it is Python."""


@dataclass(frozen=True, slots=True)
class _Found:
    """What one group of files comes to; what depends on the target is there for each."""

    judged: tuple[Judged, ...]
    skipped: tuple[Skipped, ...]
    sources: Mapping[str, Source]
    """Of the files with findings; of all if they are to be kept."""
    sites: tuple[Mapping[str, tuple[Site, ...]], ...] = ()
    """None at all if they are not to be kept."""
    readers: tuple[Readers, ...] = ()
    requests: Mapping[tuple[str, Span], Request] = field(default_factory=dict)
    kept: tuple[frozenset[ClientPlace], ...] = ()


_Outcome = tuple[Mapping[str, tuple[Site, ...]], Readers, Judged]
"""The sites of files, what they need of the configuration, and what the rules say."""


@dataclass(frozen=True)
class Tree:
    """A project, and what is asked of it: all that a piece of work has to know."""

    root: PurePath
    """Where it lies; nothing is read by it."""
    files: Files
    names: tuple[str, ...]
    """Every file that may be read."""
    asked: frozenset[str]
    """The files to report on."""
    targets: tuple[Target | None, ...] = (None,)
    """Whom it is held against, all in one style; an inventory (None) stands alone."""
    rules: tuple[Rule, ...] = RULES
    overlay: Mapping[str, bytes] = field(default_factory=dict)
    """Bytes to take instead of a file's own."""
    left: frozenset[ClientPlace] = frozenset()
    """The clients that stay with OpenAI, and so all that belongs to them."""
    requests: bool = False
    """Say what the calls send."""
    retired: Retirements = retirement.NONE
    origin: Origin = OPENAI
    """Whose code is moved."""
    package: str = ""
    """What the root itself is imported as, where it is a package."""
    installed: bool = False
    """The packages of an environment lie here."""

    @property
    def moves(self) -> bool:
        """Whether it is held against a provider."""
        return self.targets[0] is not None

    @cached_property
    def modules(self) -> tuple[str, ...]:
        """The Python files."""
        return tuple(name for name in self.names if name.endswith(".py"))

    @cached_property
    def below(self) -> Mapping[str, Sequence[str]]:
        """First folder -> the Python files in it."""
        found: dict[str, list[str]] = defaultdict(list)
        for name in self.modules:
            found[grouping.top_of(name)].append(name)
        return found

    @cached_property
    def prefilter(self) -> Prefilter:
        """Of the whole tree."""
        return Prefilter.of_tree(self.modules, installed=self.installed, sought=self.sought)

    @cached_property
    def sought(self) -> Sought:
        """What files are searched for beside what is OpenAI's."""
        here = self.origin.sought
        return Sought(self.retired.sought.names, here.parts)

    def is_other(self, name: str) -> bool:
        """Whether a file is no Python; what a script without a suffix is, its first line says."""
        if configuration.is_configuration(name):
            return True
        file = name.rpartition("/")[2]
        if "." in file:
            return False
        kind = kind_by_name(file)
        if kind is None:
            kind = kind_by_line(Reader(self.files, self.overlay, self.prefilter).bytes_of(name, SHEBANG_LENGTH) or b"")
        return kind is Kind.OTHER

    def look(self, names: Sequence[str]) -> list[_Look]:
        """Return those of the files that matter by their bytes, or cannot be read."""
        found: list[_Look] = []
        reader = Reader(self.files, self.overlay, self.prefilter)
        for name in names:
            other = self.is_other(name)
            data = reader.bytes_of(name, configuration.LARGEST if other else -1)
            embeds = self.moves and data is not None and vectors.embeds(data)
            if other:
                if data is None or configuration.matters(data, self.sought) or self.keeps_vectors(data):
                    found.append(_Look(name, None, configuration.reads_key(name, data or b""), embeds))
                continue
            relevance = Relevance.NONE if data is None else self.prefilter.relevance(name, data)
            if data is None or relevance is not Relevance.NONE or self.has_commands(name, data):
                packages = frozenset(i.module.partition(".")[0] for i in imports_in(data or b"") if not i.level)
                found.append(_Look(name, packages, embeds=embeds, relevance=relevance))
            elif name.endswith(".py") and self.keeps_vectors(data):
                found.append(_Look(name, None))
        return found

    def has_commands(self, name: str, data: bytes) -> bool:
        """Whether a file is a notebook that may have commands of a shell in it which matter."""
        return name.endswith(".ipynb") and configuration.matters(data, self.sought)

    def keeps_vectors(self, data: bytes) -> bool:
        """Whether a file may say where vectors are kept, and somebody wants to know."""
        return self.moves and vectors.may_keep(data)

    @_uncollected()
    def analyse(self, task: tuple[Group, tuple[Relevance, ...]], *, keep: bool = False, embeds: bool = False) -> _Found:
        """Analyse files that have to do with each other, and of which is known how much of each matters.

        ``keep``: all their sites and sources come back; ``embeds``: the project has vectors of OpenAI's models.
        """
        group, relevance = task
        modules = Modules((name for top in group.tops for name in self.below.get(top, ())), self.package)
        reader = Reader(self.files, self.overlay, self.prefilter)
        reader.read(zip(group.files, relevance, strict=True))
        reader.widen(modules)
        linked = project.link(reader.facts.values(), modules, self.origin)

        @cache
        def around(wanted: Readers) -> dict[str, tuple[Place, ...]]:
            """Return what else stands in the files."""
            return {
                path: (
                    *configuration.in_notebook(source, wanted),
                    *(vectors.sites(source) if embeds and path in group.files else ()),
                )
                for path, source in reader.sources.items()
            }

        @cache
        def outcomes(left: frozenset[ClientPlace]) -> tuple[_Outcome, ...]:
            """Return for each target what is found while these clients stay."""
            everywhere = self.sites_in(linked, reader.sources, left)
            readers = tuple(map(partial(self.readers_in, linked, shared=bool(left)), everywhere, self.targets))
            judged = map(judge, everywhere, readers, self.targets)
            return tuple(zip(everywhere, readers, judged, strict=True))

        def judge(found: Mapping[str, Sequence[Site]], wanted: Readers, target: Target | None) -> Judged:
            places = {path: (*found.get(path, ()), *more) for path, more in around(wanted).items()}
            return self.judge(reader.sources, places, target, is_python=True)

        def keep_silenced(at: int) -> frozenset[ClientPlace]:
            """Return the clients that comments keep where they are."""
            kept: frozenset[ClientPlace] = frozenset()
            while True:
                found, _, judged = outcomes(self.left | kept)[at]
                part = (judged.findings, (), reader.sources, found, self.asked, judged.suppressed)
                more = staying.kept(Analysis(self.root, self.targets[at], *part))
                if more <= kept:
                    return kept
                kept |= more

        kept = tuple(map(keep_silenced, range(len(self.targets))))
        first = outcomes(self.left)
        last = tuple(outcomes(self.left | those)[at] for at, those in enumerate(kept))
        everywhere, readers, later = zip(*last, strict=True)
        judged = tuple(before.kept_apart(after) for (_, _, before), after in zip(first, later, strict=True))
        shown = {f.path for one in judged for f in (*one.findings, *one.suppressed)}
        sources = reader.sources if keep else {path: reader.sources[path] for path in shown}
        requests = self.requests_of(everywhere[0]) if self.requests else {}
        if not keep:
            linked.forget()
        return _Found(judged, tuple(reader.skipped), sources, everywhere if keep else (), readers, requests, kept)

    def sites_in(
        self, linked: Project, sources: Mapping[str, Source], left: frozenset[ClientPlace]
    ) -> tuple[dict[str, tuple[Site, ...]], ...]:
        """Return the sites for each target, while these clients stay: the same ones, unless a module of ours chooses
        the provider, whose clients count as pointing to the target."""
        switches = [path for path, source in sources.items() if is_switch(source)]

        @cache
        def at(host: str) -> dict[str, tuple[Site, ...]]:
            return sites.find(linked, left, dict.fromkeys(switches, host), self.retired)

        hosts = [host_of(target.base_url) if target is not None and switches else None for target in self.targets]
        return tuple(at(host or "") for host in hosts)

    def readers_in(
        self, linked: Project, found: Mapping[str, Sequence[Site]], target: Target | None, *, shared: bool
    ) -> Readers:
        """Return what code with these sites needs of its configuration once it is at the target; ``shared``: some of it
        stays."""
        stays = target is not None and sites.keeps_key(found, target, self.origin)
        moving = target is not None and sites.moves(found, target)
        shared = shared or stays or sites.frameworks_stay(linked, found, target)
        calls = (s for those in found.values() for s in those if isinstance(s, sites.CallSite) and s.legacy)
        upgrades = frozenset(upgrade.outlook(call, target) for call in calls)
        return Readers(moving, sites.is_configured(found), shared, upgrades)

    def requests_of(self, found: Mapping[str, Sequence[Site]]) -> dict[tuple[str, Span], Request]:
        """Return what the calls and the requests made by hand in the asked files send, by where they are reported."""
        asked = [site for path in found.keys() & self.asked for site in found[path]]
        calls = {(s.path, s.span): describe(s) for s in asked if isinstance(s, sites.CallSite)}
        urls = [s for s in asked if isinstance(s, sites.UrlSite) and len(s.requests) == 1]
        return calls | {(url.path, url.span): describe(url.requests[0]) for url in urls}

    def analyse_others(self, names: Sequence[str], *, readers: Sequence[Readers], embeds: bool = False) -> _Found:
        """Analyse files that are no Python, or Python that has to do with stored vectors only."""
        reader = Reader(self.files, self.overlay, self.prefilter)
        skipped: list[Skipped] = []
        sources: dict[str, Source] = {}
        for name in names:
            data = reader.bytes_of(name)
            if data is None:
                continue
            if (reason := configuration.left_out(name, data)) is not None:
                skipped.append(Skipped(name, reason, by_choice=True))
                continue
            try:
                sources[name] = configuration.read(name, data)
            except SourceError as error:
                skipped.append(Skipped(name, error.message))

        @cache
        def places(wanted: Readers) -> dict[str, Sequence[Place]]:
            return {
                path: (
                    *configuration.sites(source, wanted, self.retired, self.origin),
                    *(vectors.sites(source) if embeds else ()),
                )
                for path, source in sources.items()
            }

        code = {path: source for path, source in sources.items() if path.endswith(".py")}
        rest = {path: source for path, source in sources.items() if path not in code}

        def judge(wanted: Readers, target: Target | None) -> Judged:
            one = self.judge(rest, places(wanted), target, is_python=False)
            other = self.judge(code, places(wanted), target, is_python=True)
            return suppressions.joined((one, other))

        return _Found(tuple(map(judge, readers, self.targets)), (*reader.skipped, *skipped), sources)

    def judge(
        self,
        sources: Mapping[str, Source],
        places: Mapping[str, Sequence[Place]],
        target: Target | None,
        *,
        is_python: bool,
    ) -> Judged:
        """Return the findings in the asked files, and those that comments silence."""
        judged = [
            suppressions.judge(source, places.get(path, ()), self.rules, RULES, target, is_python=is_python)
            for path, source in sorted(sources.items())
            if path in self.asked and not is_switch(source)
        ]
        return suppressions.joined(judged)


def is_switch(source: Source) -> bool:
    """Whether a file is the module, written by us, that chooses the provider."""
    return source.text.startswith(switch.MARK.strip())


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
    return derive((s for those in asked for s in those if destination(s, analysis.target) is target), target, location)
