"""A project as a tree of files, and the pieces of work that analysing it is made of."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import PurePath

from llm_codemods import (
    grouping,
    packages,
    project,
    retirement,
    sites,
    staying,
    suppressions,
    upgrade,
    vectors,
)
from llm_codemods.configuration import files, prefilter
from llm_codemods.configuration.sites import Readers
from llm_codemods.edits import Place
from llm_codemods.grouping import Group
from llm_codemods.kinds import SHEBANG_LENGTH, Kind, kind_by_line, kind_by_name
from llm_codemods.modules import Modules
from llm_codemods.origin import OPENAI, Origin
from llm_codemods.prefilter import Prefilter, Relevance, imports_in
from llm_codemods.project import Project
from llm_codemods.reading import Files, Reader
from llm_codemods.report import Finding, Skipped
from llm_codemods.request import Request, describe
from llm_codemods.retirement import Retirements
from llm_codemods.rule import Rule
from llm_codemods.rules import RULES
from llm_codemods.sites import Site
from llm_codemods.sought import Sought
from llm_codemods.source import Source, SourceError
from llm_codemods.suppressions import Judged
from llm_codemods.target import Target
from llm_codemods.vocabulary import host_of
from llm_codemods.ways import switch


@dataclass(frozen=True, slots=True)
class Look:
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
class Found:
    """What one group of files comes to; what depends on the target is there for each."""

    judged: tuple[Judged, ...]
    skipped: tuple[Skipped, ...]
    sources: Mapping[str, Source]
    """Of the files with findings; of all if they are to be kept."""
    sites: tuple[Mapping[str, tuple[Site, ...]], ...] = ()
    """None at all if they are not to be kept."""
    readers: tuple[Readers, ...] = ()
    requests: Mapping[Place, Request] = field(default_factory=dict)
    kept: tuple[frozenset[Place], ...] = ()
    """What comments keep where it is, and"""
    idle: tuple[frozenset[Place], ...] = ()
    """the clients that stay since the target has nothing of what they are for."""


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What one group of files comes to for one target while some of its clients stay."""

    target: Target | None
    asked: frozenset[str]
    sites: Mapping[str, tuple[Site, ...]]
    readers: Readers
    judged: Judged
    kept: frozenset[Place]
    """The clients that stay."""

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What the rules say."""
        return self.judged.findings

    @property
    def suppressed(self) -> tuple[Finding, ...]:
        """What of it comments silence."""
        return self.judged.suppressed


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
    left: frozenset[Place] = frozenset()
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
        if prefilter.is_configuration(name):
            return True
        file = name.rpartition("/")[2]
        if "." in file:
            return False
        kind = kind_by_name(file)
        if kind is None:
            kind = kind_by_line(Reader(self.files, self.overlay, self.prefilter).bytes_of(name, SHEBANG_LENGTH) or b"")
        return kind is Kind.OTHER

    def look(self, names: Sequence[str]) -> list[Look]:
        """Return those of the files that matter by their bytes, or cannot be read."""
        found: list[Look] = []
        reader = Reader(self.files, self.overlay, self.prefilter)
        for name in names:
            other = self.is_other(name)
            data = reader.bytes_of(name, prefilter.LARGEST if other else -1)
            embeds = self.moves and data is not None and vectors.embeds(data)
            if other:
                if data is None or prefilter.matters(data, self.sought) or self.keeps_vectors(data):
                    found.append(Look(name, None, prefilter.reads_key(name, data or b""), embeds))
                continue
            relevance = Relevance.NONE if data is None else self.prefilter.relevance(name, data)
            if data is None or relevance is not Relevance.NONE or self.has_commands(name, data):
                packages = frozenset(i.module.partition(".")[0] for i in imports_in(data or b"") if not i.level)
                found.append(Look(name, packages, embeds=embeds, relevance=relevance))
            elif name.endswith(".py") and self.keeps_vectors(data):
                found.append(Look(name, None))
        return found

    def has_commands(self, name: str, data: bytes) -> bool:
        """Whether a file is a notebook that may have commands of a shell in it which matter, or a ``setup.py``."""
        told = name.endswith(".ipynb") or prefilter.is_setup(name)
        return told and prefilter.matters(data, self.sought)

    def keeps_vectors(self, data: bytes) -> bool:
        """Whether a file may say where vectors are kept, and somebody wants to know."""
        return self.moves and vectors.may_keep(data)

    def analyse(self, task: tuple[Group, tuple[Relevance, ...]], *, keep: bool = False, embeds: bool = False) -> Found:
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
        def around(wanted: Readers) -> dict[str, tuple[Site, ...]]:
            """Return what else stands in the files."""
            return {
                path: (
                    *files.in_python(source, wanted),
                    *(vectors.sites(source) if embeds and path in group.files else ()),
                )
                for path, source in reader.sources.items()
            }

        def judge(found: Mapping[str, Sequence[Site]], wanted: Readers, target: Target | None) -> Judged:
            every = {path: (*found.get(path, ()), *more) for path, more in around(wanted).items()}
            return self.judge(reader.sources, every, target, is_python=True)

        @cache
        def sites_at(left: frozenset[Place]) -> tuple[dict[str, tuple[Site, ...]], ...]:
            return self.sites_in(linked, reader.sources, left)

        @cache
        def outcome(at: int, left: frozenset[Place]) -> _Outcome:
            """Return what is found for a target while these clients stay."""
            target, those = self.targets[at], sites_at(left)[at]
            readers = self.readers_in(linked, those, target, shared=bool(left))
            return _Outcome(target, self.asked, those, readers, judge(those, readers, target), left - self.left)

        def silenced(at: int) -> _Outcome:
            """Return what is found for a target while what comments silence stays."""
            one = outcome(at, self.left)
            while not (more := staying.kept(one)) <= one.kept:
                one = outcome(at, self.left | one.kept | more)
            return one

        first = [outcome(at, self.left) for at in range(len(self.targets))]
        commented = tuple(map(silenced, range(len(self.targets))))
        idle = tuple(map(staying.idle, first))
        last = [outcome(at, self.left | one.kept | idle[at]) for at, one in enumerate(commented)]
        judged = tuple(
            first[at].judged.kept_apart(one.judged).held_back(last[at].judged, idle[at])
            for at, one in enumerate(commented)
        )
        everywhere = tuple(one.sites for one in commented)
        shown = {f.path for one in judged for f in (*one.findings, *one.suppressed)}
        sources = reader.sources if keep else {path: reader.sources[path] for path in shown}
        requests = self.requests_of(everywhere[0]) if self.requests else {}
        if not keep:
            linked.forget()
        return Found(
            judged,
            tuple(reader.skipped),
            sources,
            everywhere if keep else (),
            tuple(one.readers for one in last),
            requests,
            tuple(one.kept for one in commented),
            idle,
        )

    def sites_in(
        self, linked: Project, sources: Mapping[str, Source], left: frozenset[Place]
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
        calls = [s for those in found.values() for s in those if isinstance(s, sites.CallSite)]
        both = {call.path for call in calls if call.old}
        upgrades = frozenset(
            (call.path, upgrade.outlook(call, target))
            for call in calls
            if call.path not in both and (call.legacy or call.known)
        )
        every = (site for those in found.values() for site in those)
        lacking = frozenset(packages.needed(every, target)) if target is not None else frozenset()
        return Readers(moving, sites.is_configured(found), shared, upgrades, lacking)

    def requests_of(self, found: Mapping[str, Sequence[Site]]) -> dict[Place, Request]:
        """Return what the calls and the requests made by hand in the asked files send, by where they are reported."""
        asked = [site for path in found.keys() & self.asked for site in found[path]]
        calls = {(s.path, s.span): describe(s) for s in asked if isinstance(s, sites.CallSite)}
        urls = [s for s in asked if isinstance(s, sites.UrlSite) and len(s.requests) == 1]
        return calls | {(url.path, url.span): describe(url.requests[0]) for url in urls}

    def analyse_others(self, names: Sequence[str], *, readers: Sequence[Readers], embeds: bool = False) -> Found:
        """Analyse files that are no Python, or Python that has to do with stored vectors only."""
        reader = Reader(self.files, self.overlay, self.prefilter)
        skipped: list[Skipped] = []
        sources: dict[str, Source] = {}
        for name in names:
            data = reader.bytes_of(name)
            if data is None:
                continue
            if (reason := prefilter.left_out(name, data)) is not None:
                skipped.append(Skipped(name, reason, by_choice=True))
                continue
            try:
                sources[name] = files.read(name, data)
            except SourceError as error:
                skipped.append(Skipped(name, error.message))

        @cache
        def found(wanted: Readers) -> dict[str, Sequence[Site]]:
            return {
                path: (
                    *files.sites(source, wanted, self.retired, self.origin),
                    *(vectors.sites(source) if embeds else ()),
                )
                for path, source in sources.items()
            }

        code = {path: source for path, source in sources.items() if path.endswith(".py")}
        rest = {path: source for path, source in sources.items() if path not in code}

        def judge(wanted: Readers, target: Target | None) -> Judged:
            one = self.judge(rest, found(wanted), target, is_python=False)
            other = self.judge(code, found(wanted), target, is_python=True)
            return suppressions.joined((one, other))

        return Found(tuple(map(judge, readers, self.targets)), (*reader.skipped, *skipped), sources)

    def judge(
        self,
        sources: Mapping[str, Source],
        found: Mapping[str, Sequence[Site]],
        target: Target | None,
        *,
        is_python: bool,
    ) -> Judged:
        """Return the findings in the asked files, and those that comments silence."""
        judged = [
            suppressions.judge(source, found.get(path, ()), self.rules, RULES, target, is_python=is_python)
            for path, source in sorted(sources.items())
            if path in self.asked and not is_switch(source)
        ]
        return suppressions.joined(judged)


def is_switch(source: Source) -> bool:
    """Whether a file is the module, written by us, that chooses the provider."""
    return source.text.startswith(switch.MARK.strip())
