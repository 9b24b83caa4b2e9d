"""From paths on disk to findings: discover, read, link, find sites, run the rules."""

from __future__ import annotations

import gc
import re
import warnings
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from llm_codemods import configuration, facts, project, sites, suppressions
from llm_codemods.facts import Facts
from llm_codemods.profile import Profile
from llm_codemods.report import Finding, Skipped
from llm_codemods.requirements import Location, Requirement, derive
from llm_codemods.rule import Place, Rule
from llm_codemods.rules import RULES
from llm_codemods.sites import Site
from llm_codemods.source import Source, SourceError, decode, position
from llm_codemods.target import Target, aim
from llm_codemods.text import Text, text
from llm_migrate.discover import Discovery, Kind, discover, is_project, kind_of, prefilter
from llm_migrate.errors import UserError


@dataclass(frozen=True)
class Analysis:
    """What was found below ``root``: findings of the asked files, and the sites of all."""

    root: Path
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

    @property
    def files(self) -> int:
        """How many files were looked at."""
        return len(self.asked)

    @property
    def unread(self) -> tuple[str, ...]:
        """The asked files that could not be read, or not in full: nothing is known about them."""
        return tuple(dict.fromkeys(s.path for s in self.skipped if not s.by_choice))


@contextmanager
def _uncollected() -> Iterator[None]:
    """Pause the collector: facts hold no circles, and looking for some in all of them takes half of the time."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


@_uncollected()
def analyse(
    root: Path,
    paths: Sequence[Path] = (),
    *,
    profile: Profile | None = None,
    region: str | None = None,
    models: Mapping[str, str] | None = None,
    base_url: str | None = None,
    include: Sequence[str] = (),
    exclude: Sequence[str] = (),
    no_ignore: bool = False,
    rules: Sequence[Rule] = RULES,
    overlay: Mapping[str, bytes] | None = None,
    alone: str | None = None,
) -> Analysis:
    """Analyse everything below ``root`` and report on ``paths`` (default: all of it).

    The whole project is read even when few paths are asked for: what a name is may be decided in another file.

    Args:
        root: folder that findings' paths are relative to.
        paths: files or folders to report on.
        profile: the provider to move to; None for an inventory.
        region: of the profile, default its first.
        models: the user's own choices, OpenAI name -> target's name.
        base_url: takes the place of the region's.
        include: patterns as in .gitignore; only files that match are read.
        exclude: patterns as in .gitignore, of what to leave out.
        no_ignore: read what .gitignore leaves out.
        rules: which rules to run.
        overlay: bytes to take instead of a file's own, by path.
        alone: instead of ``paths``: report on this path of ``overlay`` only, whether or not there is such a file.

    Raises:
        UserError: a path does not exist. ProfileError: no such region, no base URL.
    """
    target = aim(profile, region, models, base_url=base_url) if profile is not None else None
    # What merely lies beside loose files says nothing about them, and may be the whole disk.
    wide = [root] if not (paths or alone) or is_project(root) else paths
    everything = discover(root, wide, include=include, exclude=exclude, no_ignore=no_ignore) if wide else Discovery(())
    chosen = discover(root, paths, include=include, exclude=exclude, no_ignore=no_ignore) if paths else everything
    if alone is not None:
        chosen = Discovery((alone,))
    reader = _Reader(root, overlay or {})
    names = tuple(dict.fromkeys((*everything.files, *chosen.files)))
    reader.read(names)
    linked = project.link(reader.facts.values(), [n for n in names if n.endswith(".py")])
    found = sites.find(linked)
    more = _importers_of(found)
    grown = reader.add(names, _imported_by(found, linked.facts))
    if (more is not None and reader.widen(names, more)) or grown:
        linked = project.link(reader.facts.values(), [n for n in names if n.endswith(".py")])
        found = sites.find(linked)
    stays = target is not None and sites.keeps_key(found, target.is_home)
    shared = stays or sites.uses_framework(linked)
    places: dict[str, tuple[Place, ...]] = dict(found)
    places |= {path: configuration.sites(source, shared=shared) for path, source in reader.others.items()}
    asked = frozenset(chosen.files)
    judged = [
        suppressions.judge(source, places.get(path, ()), rules, RULES, target, is_python=path in reader.facts)
        for path, source in sorted(reader.sources.items())
        if path in asked
    ]
    skipped = dict.fromkeys((*chosen.skipped, *(s for s in reader.skipped if s.path in asked)))
    unique = tuple(sorted(skipped, key=lambda s: s.path))
    return Analysis(
        root,
        target,
        tuple(f for each in judged for f in each.findings),
        unique,
        reader.sources,
        found,
        asked,
        tuple(f for each in judged for f in each.suppressed),
    )


def root_and_paths(paths: Sequence[Path]) -> tuple[Path, list[Path]]:
    """Return the root of a run, and what to report on below it ([]: everything).

    A single folder is the root itself; without paths it is the current folder; files belong to the project around them.

    Raises:
        UserError: a path does not exist.
    """
    from llm_migrate.discover import find_root

    for path in paths:
        if not path.exists() and not path.is_symlink():
            raise UserError(text("no such file or folder: {path}", path=str(path)), text("check the spelling"))
    if not paths:
        return Path.cwd(), []
    if len(paths) == 1 and paths[0].is_dir():
        return paths[0].resolve(), []
    return find_root(list(paths)), list(paths)


class _Reader:
    """Reads files into facts; keeps what could not be read with the reason."""

    def __init__(self, root: Path, overlay: Mapping[str, bytes]) -> None:
        self.root = root
        self.overlay = overlay
        self.sources: dict[str, Source] = {}
        self.facts: dict[str, Facts] = {}
        self.others: dict[str, Source] = {}
        self.skipped: list[Skipped] = []

    def read(self, names: Iterable[str]) -> None:
        """Read every file that could matter by its bytes."""
        for name in names:
            data = self.bytes_of(name)
            if data is not None and self.matters(name, data):
                self.take(name, data)

    def matters(self, name: str, data: bytes) -> bool:
        """Whether a file must be looked at, judged by its bytes."""
        if configuration.is_configuration(name):
            return configuration.matters(data)
        return prefilter(data, (suppressions.MARK.encode(),))

    def widen(self, names: Iterable[str], pattern: re.Pattern[bytes]) -> bool:
        """Read also the files that match; return whether there were any."""
        before = len(self.facts)
        for name in names:
            if name.endswith(".py") and name not in self.facts:
                data = self.bytes_of(name)
                if data is not None and pattern.search(data):
                    self.take(name, data)
        return len(self.facts) > before

    def add(self, names: Iterable[str], modules: Container[str]) -> bool:
        """Read also the files that are modules of these names; return whether there were any."""
        before = len(self.facts)
        for name in names:
            if name.endswith(".py") and name not in self.facts and _module_name(name) in modules:
                data = self.bytes_of(name)
                if data is not None:
                    self.take(name, data)
        return len(self.facts) > before

    def bytes_of(self, name: str) -> bytes | None:
        if name in self.overlay:
            return self.overlay[name]
        try:
            return (self.root / name).read_bytes()
        except OSError as error:
            self.skip(name, text("cannot be read: {reason}", reason=error.strerror or str(error)))
            return None

    def take(self, name: str, data: bytes) -> None:
        kind = kind_of(self.root / name)
        try:
            if kind not in (Kind.PYTHON, Kind.NOTEBOOK):
                self.take_other(name, data)
                return
            source = decode(name, data)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # invalid escapes in the user's code are not our business
                self.facts[name] = facts.read(source)
            self.sources[name] = source
        except SourceError as error:
            self.skip(name, error.message)
        except SyntaxError as error:
            reason = text("line {line}: {reason}", line=error.lineno or 0, reason=error.msg or "")
            self.skip(name, text("not valid Python: {reason}", reason=reason))
        except (RecursionError, MemoryError, ValueError):
            self.skip(name, text("nested too deeply to be read"))
        else:
            for cell in source.broken:
                reason = text("cell {cell} is not valid Python: {reason}", cell=cell.index, reason=cell.reason)
                self.skip(name, reason)

    def take_other(self, name: str, data: bytes) -> None:
        reason = configuration.left_out(name, data)
        if reason is not None:
            self.skipped.append(Skipped(name, reason, by_choice=True))
        else:
            self.others[name] = self.sources[name] = configuration.read(name, data)

    def skip(self, name: str, reason: Text) -> None:
        self.skipped.append(Skipped(name, reason))


def _importers_of(found: Mapping[str, Sequence[Site]]) -> re.Pattern[bytes] | None:
    """Return a pattern for files that import a module in which a client is made."""
    stems = set()
    for path, those in found.items():
        if any(isinstance(site, sites.ClientSite) for site in those):
            stem = _module_name(path)
            if stem.isidentifier():
                stems.add(re.escape(stem.encode()))
    if not stems:
        return None
    return re.compile(rb"^[ \t]*(from|import)\b[^\n]*\b(" + b"|".join(sorted(stems)) + rb")\b", re.MULTILINE)


def _imported_by(found: Mapping[str, Sequence[Site]], facts: Mapping[str, Facts]) -> frozenset[str]:
    """Return the last names of the modules that files which use the SDK import: what they pass on may stand there."""
    kinds = sites.ClientSite | sites.CallSite | sites.FrameworkSite
    users = [p for p, those in found.items() if any(isinstance(s, kinds) for s in those)]
    imports = [i for path in users for i in facts[path].imports]
    return frozenset(name for i in imports for name in (i.module.rpartition(".")[2], *i.names))


def _module_name(path: str) -> str:
    place = PurePosixPath(path)
    return place.parent.name if place.stem == "__init__" else place.stem


def requirements_in(analysis: Analysis) -> tuple[Requirement, ...]:
    """Return what the asked files need from the target (which must be set)."""
    assert analysis.target is not None

    def location(site: sites.CallSite) -> Location:
        place = position(analysis.sources[site.path], site.span.start)
        return Location(site.path, place.line, place.cell)

    asked = (those for path, those in analysis.sites.items() if path in analysis.asked)
    calls = [site for those in asked for site in those if isinstance(site, sites.CallSite)]
    return derive(calls, analysis.target, location)
