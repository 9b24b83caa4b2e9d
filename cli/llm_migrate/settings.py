"""What a run is to do: the command line's options over the project's ``[tool.llm-migrate]``."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from llm_codemods import profile as profiles
from llm_codemods.analysis import Analysis, Watch
from llm_codemods.choice import ChoiceError, chosen_rules
from llm_codemods.edits import Place
from llm_codemods.origin import OPENAI, Origin, origin_of
from llm_codemods.profile import Profile, ProfileError
from llm_codemods.retirement import NONE, Retirements, retirements
from llm_codemods.rule import Rule
from llm_codemods.rules import RULES
from llm_codemods.sdk import Sdk
from llm_codemods.style import Style
from llm_codemods.target import Target, aimed, has_embeddings
from llm_codemods.text import text
from llm_codemods.tree import Tree
from llm_codemods.ways import in_style
from llm_migrate import config, dates
from llm_migrate.analysis import Folder, is_environment, package_of, root_and_paths, run
from llm_migrate.discover import Discovery, discover
from llm_migrate.errors import UserError
from llm_migrate.roots import find_root, is_project


@dataclass(frozen=True)
class Settings:
    """Where, what, and to whom."""

    root: Path
    """The folder that findings' paths are relative to. All of the project is read even when few paths are asked for:
    what a name is may be decided in another file."""
    paths: tuple[Path, ...] = ()
    """What to report on; none: all of it."""
    profile: Profile | None = None
    """The provider to move to; None for an inventory."""
    region: str | None = None
    models: Mapping[str, str] = field(default_factory=dict)
    """The user's own choices, old name -> target's name."""
    include: tuple[str, ...] = ()
    """Patterns as in .gitignore; only files that match are read."""
    exclude: tuple[str, ...] = ()
    """Patterns of what to leave out."""
    no_ignore: bool = False
    """Read what .gitignore leaves out."""
    rules: tuple[Rule, ...] = RULES
    base_url: str | None = None
    style: Style = Style.INLINE
    module: str = "llm_provider"
    """The module that chooses the provider, for style ``switch``, and its file:"""
    module_file: str = "llm_provider.py"
    sdk: Sdk = Sdk.CURRENT
    embeddings: Profile | None = None
    """The provider that takes the embeddings, if it is another."""
    embeddings_to: str | None = None
    """That provider as it was named."""
    embeddings_url: str | None = None
    """Takes the place of its base URL."""
    to: str | None = None
    """The provider as it was named; a profile file as a path that can be opened from here."""
    whole: bool = True
    """Everything below the root is reported on."""
    baseline: Path | None = None
    """A file with the findings that are known already."""
    origin: Profile | None = None
    """The provider that code is moved from; None: OpenAI."""
    before: str | None = None
    """The same as it was named."""
    stdin: tuple[str, bytes] | None = None
    """Path and bytes of the one file to report on, where it comes from standard input."""
    today: datetime.date | None = None
    """The day on which models count as ended, or soon to end; None: none does."""

    def target(self) -> Target | None:
        """Return where the code moves; None where no provider is named.

        Raises:
            ProfileError: no such region, no base URL, no embeddings.
        """
        return self._aimed(self.profile, self.region, self.base_url, self.embeddings)

    def target_at(self, profile: Profile) -> Target | None:
        """Return the same code's target at another provider: its first region; the second provider takes embeddings
        only where it has none."""
        return self._aimed(profile, None, None, None if has_embeddings(profile) else self.embeddings)

    def _aimed(
        self, profile: Profile | None, region: str | None, base_url: str | None, embeddings: Profile | None
    ) -> Target | None:
        return aimed(
            profile,
            region,
            self.models,
            base_url=base_url,
            style=self.style,
            module=(self.module, self.module_file),
            sdk=self.sdk,
            embeddings=embeddings,
            embeddings_url=self.embeddings_url,
            origin=self._origin,
            retired=self._retired,
        )

    @property
    def _retired(self) -> Retirements:
        return NONE if self.today is None else retirements(self.today)

    @property
    def _origin(self) -> Origin:
        return OPENAI if self.origin is None else origin_of(self.origin)

    def analyse(
        self,
        overlay: Mapping[str, bytes] | None = None,
        jobs: int = 1,
        *,
        left: frozenset[Place] = frozenset(),
        requests: bool = False,
        progress: Watch | None = None,
    ) -> Analysis:
        """Analyse as these settings say.

        Args:
            overlay: bytes to take instead of a file's own, by path; the file need not exist.
            jobs: how many processes to use; with more than one, sites, and sources of files without findings, do not
                come back.
            left: the clients that stay with OpenAI, and so all that belongs to them.
            requests: say what the calls send.
            progress: shows how far it is, where there are many files.

        Raises:
            UserError: a path does not exist. ProfileError: no such region, no base URL, no embeddings.
        """
        (found,) = self.analyse_each([self.target()], overlay, jobs, left=left, requests=requests, progress=progress)
        return found

    def analyse_each(
        self,
        targets: Sequence[Target | None],
        overlay: Mapping[str, bytes] | None = None,
        jobs: int = 1,
        *,
        left: frozenset[Place] = frozenset(),
        requests: bool = False,
        progress: Watch | None = None,
    ) -> tuple[Analysis, ...]:
        """Analyse for each of these targets, in one run; an inventory (None) stands alone.

        Raises:
            UserError: a path does not exist.
        """
        given = {**({} if self.stdin is None else dict([self.stdin])), **(overlay or {})}
        everything, asked = self._discovered()
        new = (path for path in given if not (self.root / path).exists())
        tree = Tree(
            self.root,
            Folder(self.root),
            tuple(dict.fromkeys((*everything.files, *asked.files, *new))),
            frozenset(asked.files),
            tuple(targets),
            self.rules if targets[0] is None else in_style(self.rules, targets[0].style),
            given,
            left,
            requests,
            self._retired,
            self._origin,
            package_of(self.root),
            is_environment(self.root),
        )
        return run(tree, asked.skipped, jobs, progress)

    def _discovered(self) -> tuple[Discovery, Discovery]:
        """Return the files of the project, and those to report on."""

        def below(paths: Sequence[Path]) -> Discovery:
            return discover(self.root, paths, include=self.include, exclude=self.exclude, no_ignore=self.no_ignore)

        asked = Discovery((self.stdin[0],)) if self.stdin is not None else below(self.paths) if self.paths else None
        if asked is None or is_project(self.root):
            everything = below([self.root])
            return everything, asked or everything
        # What merely lies beside loose files says nothing about them, and may be the whole disk.
        return asked, asked


def settle(
    paths: Sequence[Path],
    *,
    to: str | None = None,
    origin: str | None = None,
    region: str | None = None,
    models: Sequence[str] = (),
    embeddings: str | None = None,
    exclude: Sequence[str] = (),
    select: Sequence[str] = (),
    ignore: Sequence[str] = (),
    no_ignore: bool = False,
    whole_folder: bool = False,
    base_url: str | None = None,
    style: Style | None = None,
    sdk: Sdk | None = None,
    baseline: Path | None = None,
    stdin: tuple[Path, bytes] | None = None,
) -> Settings:
    """Join options and configuration; options win, patterns add up.

    Args:
        paths: as given; none means the current folder.
        to: provider's id or alias, or the path of a profile.
        origin: the same, for the provider that code is moved from.
        region: of the provider; one set in the configuration counts only with the provider set there.
        models: ``OLD=NEW`` pairs.
        embeddings: id or alias of the provider for embeddings, or the path of a profile.
        exclude: patterns of files to leave out.
        select: codes or names of rules; others do not run.
        ignore: codes or names of rules that do not run.
        no_ignore: read what .gitignore leaves out.
        whole_folder: the current folder is the root, however few paths are given (hooks).
        base_url: takes the place of the region's.
        style: how the code comes to its endpoint, key and models.
        sdk: what becomes of code for openai before 1.0.
        baseline: file with the findings that are known already.
        stdin: instead of ``paths``: the one file to report on, which need not exist, and its bytes.

    Raises:
        UserError: a path, provider, rule or pair is not right.
    """
    if stdin is not None:
        paths = [stdin[0]]
    if whole_folder:
        root, asked = Path.cwd(), list(paths)
    elif stdin is not None:
        root, asked = find_root(paths), []
    else:
        root, asked = root_and_paths(paths)
    home, configured = config.of_folder(root)
    name, profile = _provider(to, configured.to, home)
    before, origins = _provider(origin, configured.from_, home)
    second, seconds = _provider(embeddings, configured.embeddings, home)
    with _of_settings():
        _rules(configured.select, configured.ignore)
    if region is None and (to is None or to == configured.to):
        region = configured.region
    return Settings(
        root,
        () if stdin is not None else tuple(asked),
        profile,
        region,
        dict(configured.models) | pairs(models),
        configured.include,
        (*configured.exclude, *exclude),
        no_ignore,
        _rules((*configured.select, *select), (*configured.ignore, *ignore)),
        base_url,
        style or Style(configured.style or Style.INLINE),
        sdk=sdk or configured.sdk or Sdk.CURRENT,
        embeddings=seconds,
        embeddings_to=second,
        to=name,
        origin=origins,
        before=before,
        whole=not (asked or stdin),
        baseline=baseline or (None if configured.baseline is None else home / configured.baseline),
        stdin=None if stdin is None else (_below(root, stdin[0]), stdin[1]),
        today=dates.today(),
    )


def with_module(settings: Settings, before: Analysis) -> Settings:
    """Return the settings with the place of the module that style ``switch`` writes."""
    from llm_codemods import switching

    module, file = switching.place(before, lambda path: (settings.root / path).exists())
    return replace(settings, module=module, module_file=file)


def _provider(given: str | None, configured: str | None, home: Path) -> tuple[str | None, Profile | None]:
    """Return what the option calls a provider, or the settings, and its profile; a file of the settings is in ``home``.

    Raises:
        UserError: as ``load_profile``; it says so where the settings are wrong.
    """
    if given is not None:
        return given, load_profile(given)
    if configured is None:
        return None, None
    name = str(home / configured) if configured.endswith(".toml") else configured
    with _of_settings():
        return name, load_profile(name)


@contextmanager
def _of_settings() -> Iterator[None]:
    """Say of what is wrong that it stands in the settings."""
    try:
        yield
    except UserError as error:
        raise UserError(text("{where}: {problem}", where=config.FILE, problem=error.message), error.hint) from None


def _below(root: Path, file: Path) -> str:
    """Return the path of a file from the root; the file need not exist, its name may be a link.

    Raises:
        UserError: it is a folder, or not below the root.
    """
    place = file.absolute().parent.resolve() / file.name
    if place.is_dir():
        raise UserError(text("{path} is a folder", path=str(file)), text("name the file that the input stands for"))
    try:
        return place.relative_to(root.resolve()).as_posix()
    except ValueError:
        raise UserError(text("{path} lies outside the project {root}", path=str(file), root=str(root))) from None


def load_profile(to: str) -> Profile:
    """Return the profile with this id or alias, or the one in this TOML file.

    Raises:
        UserError: no such provider, or the file cannot be read.
    """
    try:
        if not to.endswith(".toml"):
            return profiles.find(to)
        from llm_codemods import own_profile

        return own_profile.load(to, lambda path: Path(path).read_text("utf-8"), dates.today())
    except ProfileError as error:
        raise UserError(error.message, error.hint) from None
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        path = getattr(error, "filename", None) or to
        hint = text("check the spelling") if isinstance(error, FileNotFoundError) else None
        raise UserError(text("cannot read {path}: {reason}", path=path, reason=reason), hint) from None


def pairs(words: Sequence[str]) -> dict[str, str]:
    """Read ``OLD=NEW`` pairs.

    Raises:
        UserError: a word has no ``=``, or nothing on one side of it.
    """
    found: dict[str, str] = {}
    for word in words:
        old, equals, new = word.partition("=")
        if not (equals and old.strip() and new.strip()):
            raise UserError(
                text("--map {word}: not a pair of models", word=word), text("write it as --map gpt-4o=qwen-plus")
            )
        found[old.strip()] = new.strip()
    return found


def _rules(select: Sequence[str], ignore: Sequence[str]) -> tuple[Rule, ...]:
    try:
        return chosen_rules(select, ignore)
    except ChoiceError as error:
        raise UserError(error.message, error.hint) from None
