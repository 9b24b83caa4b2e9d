"""The program as a library: texts in, findings and new texts out.

It is the path that the commands take, without the disk: the same analysis, the same plan, the same proofs.
"""

from __future__ import annotations

import datetime
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath

from llm_codemods import analysis, migration, own_profile, retirement, switching
from llm_codemods import profile as profiles
from llm_codemods.analysis import Analysis
from llm_codemods.choice import chosen_rules
from llm_codemods.edits import Place
from llm_codemods.kinds import kind_by_line, kind_by_name
from llm_codemods.migration import Migration
from llm_codemods.origin import OPENAI, origin_of
from llm_codemods.profile import Profile
from llm_codemods.report import Finding, Skipped, Verdict
from llm_codemods.sdk import Sdk
from llm_codemods.source import Position, SourceError, declared, position
from llm_codemods.style import Style
from llm_codemods.target import aimed, with_embeddings
from llm_codemods.text import text
from llm_codemods.tree import Tree
from llm_codemods.ways import in_style


@dataclass(frozen=True, slots=True)
class Located:
    """A finding and where it stands; in a notebook, lines count within the cell."""

    finding: Finding
    start: Position
    end: Position

    @property
    def code(self) -> str:
        """The rule's code, such as ``LM101``."""
        return self.finding.code

    @property
    def name(self) -> str:
        """The rule's name, such as ``client-endpoint``."""
        return self.finding.name

    @property
    def path(self) -> str:
        """The file."""
        return self.finding.path

    @property
    def line(self) -> int:
        """The line where it begins, counted from 1."""
        return self.start.line

    @property
    def column(self) -> int:
        """The column where it begins, in characters, counted from 1."""
        return self.start.column

    @property
    def verdict(self) -> Verdict | None:
        """What the provider means for it; None without one."""
        return self.finding.verdict

    @property
    def message(self) -> str:
        """What is to be said of it, in English."""
        return str(self.finding.message)

    @property
    def fix(self) -> str | None:
        """What its fix would do, in English; None where there is none."""
        return None if self.finding.fix is None else str(self.finding.fix.title)


@dataclass(frozen=True, slots=True)
class Scan:
    """What was found."""

    findings: tuple[Located, ...]
    """In the order of their places; what is ``ready`` is among them."""
    suppressed: tuple[Located, ...]
    """Findings that a comment silences."""
    skipped: tuple[Skipped, ...]
    """Files, or parts of them, that were not analysed, each with the reason."""
    analysis: Analysis = field(repr=False)

    @property
    def open(self) -> tuple[Located, ...]:
        """The findings that leave something to do."""
        return tuple(one for one in self.findings if one.finding.open)


@dataclass(frozen=True, slots=True)
class Rewrite:
    """What became of the texts. Places of ``left`` are those in the new texts, all others those in the old ones."""

    texts: Mapping[str, str]
    """All texts as they are now, by their paths; style ``switch`` adds one."""
    changed: tuple[str, ...]
    """The paths of those that are not as they were."""
    applied: tuple[Located, ...]
    """The findings that the changes settle."""
    left: tuple[Located, ...]
    """The open findings that no change settles."""
    held: tuple[Located, ...]
    """Those of them whose fix waits for ``review=True``."""
    refused: tuple[tuple[Located, str], ...]
    """Those whose fix was not made, with the reason in English."""
    skipped: tuple[Skipped, ...]
    """What was not analysed, and the files that were given up, each with the reason."""
    migration: Migration = field(repr=False)


def scan(
    texts: Mapping[str, str],
    to: str | Profile | None = None,
    *,
    paths: Collection[str] | None = None,
    origin: str | Profile | None = None,
    region: str | None = None,
    models: Mapping[str, str] | None = None,
    base_url: str | None = None,
    style: Style | str = Style.INLINE,
    sdk: Sdk | str = Sdk.CURRENT,
    embeddings: str | Profile | None = None,
    select: Sequence[str] = (),
    ignore: Sequence[str] = (),
    today: datetime.date | None = None,
) -> Scan:
    """Find every use of OpenAI in the files of a project; with ``to``, say what can move there.

    Args:
        texts: path -> text of all files of the project; paths are relative to its root, with ``/``. Line ends are kept,
            so read files with ``newline=""``.
        to: the provider to move to: an id or alias, or a profile; None for an inventory.
        paths: the files to report on; None: all. The others are read to know what a name is.
        origin: the provider that code is moved from; None: OpenAI.
        region: of the provider; None: its first.
        models: the user's own choices, old name -> name at the provider.
        base_url: takes the place of the region's.
        style: how the code comes to its endpoint, key and models: ``inline``, ``env`` or ``switch``.
        sdk: what becomes of code for openai before 1.0: ``current`` or ``keep``.
        embeddings: the provider that takes the embeddings, if it is another.
        select: codes, beginnings of codes or names of the rules to run; empty: all.
        ignore: those of rules that do not run.
        today: the day on which models count as ended, or soon to end; None: none does.

    Raises:
        ProfileError: no such provider or region. ChoiceError: no such rule. ValueError: a path or text that cannot be
            one of a project, an unknown style.
    """
    found = _project(
        texts, to, paths, origin, region, models, base_url, style, sdk, embeddings, select, ignore, today
    ).analyse()
    return Scan(_located(found, found.findings), _located(found, found.suppressed), found.skipped, found)


def rewrite(
    texts: Mapping[str, str],
    to: str | Profile | None = None,
    *,
    review: bool = False,
    paths: Collection[str] | None = None,
    origin: str | Profile | None = None,
    region: str | None = None,
    models: Mapping[str, str] | None = None,
    base_url: str | None = None,
    style: Style | str = Style.INLINE,
    sdk: Sdk | str = Sdk.CURRENT,
    embeddings: str | Profile | None = None,
    select: Sequence[str] = (),
    ignore: Sequence[str] = (),
    today: datetime.date | None = None,
) -> Rewrite:
    """Move the files of a project to a provider, in memory.

    The new texts are proved before they come back: they parse, a second run would not change them again, and no client
    in them would send OpenAI's key to the new host. A file that does not stand is given up, and left as it was.

    Args:
        texts: as for ``scan``, like all that is not said here.
        to: as for ``scan``; None: only models that have ended on ``today`` are replaced.
        review: also make the changes that need a person's look.
        paths: the files to change; None: all.
        origin: as for ``scan``.
        region: as for ``scan``.
        models: as for ``scan``.
        base_url: as for ``scan``.
        style: as for ``scan``.
        sdk: as for ``scan``.
        embeddings: as for ``scan``.
        select: as for ``scan``.
        ignore: as for ``scan``.
        today: as for ``scan``.

    Raises:
        ProfileError, ChoiceError, ValueError: as ``scan``.
    """
    project = _project(
        texts, to, paths, origin, region, models, base_url, style, sdk, embeddings, select, ignore, today
    ).with_module()
    made = migration.migrate(project.analyse, migration.is_offered if review else migration.is_safe)
    before, plan = made.before, made.plan
    there, left = made.left()
    new = {path: data.decode(declared(path, data)) for path, data in plan.changes.items()}
    return Rewrite(
        {**texts, **new},
        tuple(sorted(new)),
        _located(before, plan.applied),
        _located(there, left),
        _located(before, plan.held),
        tuple((_located(before, [finding])[0], str(reason)) for finding, reason in plan.refused),
        (*before.skipped, *plan.dropped),
        made,
    )


def read_profile(toml: str, *, today: datetime.date, name: str = "profile.toml") -> Profile:
    """Return a provider's profile from the text of a TOML file, which may extend one that comes with the program.

    Args:
        toml: the text.
        today: the date of rows that have none.
        name: what the file is called in errors.

    Raises:
        ProfileError: with all that is wrong, each with its line and column; or it extends another file.
    """

    def read(path: str) -> str:
        if path != name:
            raise profiles.ProfileError(text("{where}: only a bundled profile can be extended here", where=name))
        return toml

    return own_profile.load(name, read, today)


@dataclass(frozen=True, slots=True)
class _Texts:
    """Files that are held in memory."""

    data: Mapping[str, bytes]

    def read(self, path: str, most: int = -1, /) -> bytes:
        if path not in self.data:
            raise FileNotFoundError(path)
        return self.data[path][: most if most >= 0 else None]


@dataclass(frozen=True, slots=True)
class _Project:
    """A project in memory, ready to be analysed."""

    tree: Tree
    skipped: tuple[Skipped, ...]

    def analyse(
        self, overlay: Mapping[str, bytes] | None = None, /, *, left: frozenset[Place] = frozenset()
    ) -> Analysis:
        """Analyse it with these bytes in the place of the files' own, and these clients left where they are."""
        names = tuple(dict.fromkeys((*self.tree.names, *(overlay or {}))))
        return analysis.analyse(replace(self.tree, names=names, overlay=overlay or {}, left=left), skipped=self.skipped)

    def with_module(self) -> _Project:
        """Return the same with the place of the module that style ``switch`` writes."""
        target = self.tree.targets[0]
        if target is None or target.style is not Style.SWITCH:
            return self
        module, file = switching.place(self.analyse(), lambda path: path in self.tree.names)
        moved = replace(target, module=module, module_file=file, embeddings=None)
        return replace(self, tree=replace(self.tree, targets=(with_embeddings(moved, target.embeddings),)))


def _project(
    texts: Mapping[str, str],
    to: str | Profile | None,
    paths: Collection[str] | None,
    origin: str | Profile | None,
    region: str | None,
    models: Mapping[str, str] | None,
    base_url: str | None,
    style: Style | str,
    sdk: Sdk | str,
    embeddings: str | Profile | None,
    select: Sequence[str],
    ignore: Sequence[str],
    today: datetime.date | None,
) -> _Project:
    data = {path: _encoded(path, content) for path, content in sorted(texts.items())}
    taken = tuple(path for path, content in data.items() if _is_read(path, content))
    before = _profile(origin)
    retired = retirement.NONE if today is None else retirement.retirements(today)
    target = aimed(
        _profile(to),
        region,
        models,
        base_url=base_url,
        style=Style(style),
        sdk=Sdk(sdk),
        embeddings=_profile(embeddings),
        origin=OPENAI if before is None else origin_of(before),
        retired=retired,
    )
    rules = chosen_rules(select, ignore)
    unknown = sorted(set(paths or ()) - data.keys())
    if unknown:
        raise ValueError(str(text("no text is given for {path}", path=unknown[0])))
    asked = frozenset(data if paths is None else paths)
    reason = text("not a kind of file that is migrated")
    tree = Tree(
        PurePosixPath(),
        _Texts(data),
        taken,
        asked.intersection(taken),
        (target,),
        rules if target is None else in_style(rules, target.style),
        retired=retired,
        origin=OPENAI if before is None else origin_of(before),
        installed=any(path.partition("/")[0].endswith(".dist-info") for path in data),
    )
    return _Project(tree, tuple(Skipped(path, reason, by_choice=True) for path in sorted(asked.difference(taken))))


def _profile(named: str | Profile | None) -> Profile | None:
    return profiles.find(named) if isinstance(named, str) else named


def _encoded(path: str, content: str) -> bytes:
    """Return the bytes that a file with this text has."""
    place = PurePosixPath(path)
    if place.is_absolute() or ".." in place.parts or "\\" in path or str(place) != path:
        raise ValueError(str(text("{path} is no path below the root, written with '/'", path=repr(path))))
    try:
        data = content.encode()
        encoding = declared(path, data)
        return data if encoding == "utf-8" else content.encode(encoding)
    except (SourceError, LookupError):  # what reads it says so
        return content.encode()
    except UnicodeEncodeError as error:
        raise ValueError(
            str(text("the text of {path} cannot be encoded: {reason}", path=path, reason=str(error)))
        ) from None


def _is_read(path: str, data: bytes) -> bool:
    """Whether a file is of a kind that is read."""
    name = path.rpartition("/")[2]
    return kind_by_name(path) is not None or ("." not in name and kind_by_line(data) is not None)


def _located(found: Analysis, findings: Iterable[Finding]) -> tuple[Located, ...]:
    def locate(finding: Finding) -> Located:
        source = found.sources[finding.path]
        return Located(finding, position(source, finding.span.start), position(source, finding.span.end))

    return tuple(map(locate, findings))
