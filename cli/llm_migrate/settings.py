"""What a run is to do: the command line's options over the project's ``[tool.llm-migrate]``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from llm_codemods import profile as profiles
from llm_codemods.analysis import Analysis, Watch
from llm_codemods.choice import ChoiceError, chosen_rules
from llm_codemods.profile import Profile, ProfileError
from llm_codemods.rule import Rule
from llm_codemods.sdk import Sdk
from llm_codemods.sites import ClientPlace
from llm_codemods.style import Style
from llm_codemods.text import text
from llm_migrate import config, dates
from llm_migrate.analysis import analyse, root_and_paths
from llm_migrate.discover import find_root
from llm_migrate.errors import UserError


@dataclass(frozen=True)
class Settings:
    """Where, what, and to whom."""

    root: Path
    paths: tuple[Path, ...]
    profile: Profile | None
    region: str | None
    models: Mapping[str, str]
    include: tuple[str, ...]
    exclude: tuple[str, ...]
    no_ignore: bool
    rules: tuple[Rule, ...]
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

    def analyse(
        self,
        overlay: Mapping[str, bytes] | None = None,
        jobs: int = 1,
        *,
        left: frozenset[ClientPlace] = frozenset(),
        requests: bool = False,
        progress: Watch | None = None,
    ) -> Analysis:
        """Analyse as these settings say; ``overlay`` takes the place of files' bytes, the rest as in ``analyse``."""
        given = {} if self.stdin is None else dict([self.stdin])
        return analyse(
            self.root,
            self.paths,
            profile=self.profile,
            region=self.region,
            models=self.models,
            base_url=self.base_url,
            style=self.style,
            module=(self.module, self.module_file),
            sdk=self.sdk,
            embeddings=self.embeddings,
            embeddings_url=self.embeddings_url,
            include=self.include,
            exclude=self.exclude,
            no_ignore=self.no_ignore,
            rules=self.rules,
            overlay=given | dict(overlay or {}),
            alone=None if self.stdin is None else self.stdin[0],
            left=left,
            jobs=jobs,
            requests=requests,
            progress=progress,
            today=dates.today(),
            origin=self.origin,
        )


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
    name = _named(to, configured.to, home)
    before = _named(origin, configured.from_, home)
    second = _named(embeddings, configured.embeddings, home)
    if region is None and (to is None or to == configured.to):
        region = configured.region
    return Settings(
        root,
        () if stdin is not None else tuple(asked),
        load_profile(name) if name is not None else None,
        region,
        dict(configured.models) | pairs(models),
        configured.include,
        (*configured.exclude, *exclude),
        no_ignore,
        _rules((*configured.select, *select), (*configured.ignore, *ignore)),
        base_url,
        style or Style(configured.style or Style.INLINE),
        sdk=sdk or configured.sdk or Sdk.CURRENT,
        embeddings=load_profile(second) if second is not None else None,
        embeddings_to=second,
        to=name,
        origin=None if before is None else load_profile(before),
        before=before,
        whole=not (asked or stdin),
        baseline=baseline or (None if configured.baseline is None else home / configured.baseline),
        stdin=None if stdin is None else (_below(root, stdin[0]), stdin[1]),
    )


def with_module(settings: Settings, before: Analysis) -> Settings:
    """Return the settings with the place of the module that style ``switch`` writes."""
    from llm_codemods import switching

    module, file = switching.place(before, lambda path: (settings.root / path).exists())
    return replace(settings, module=module, module_file=file)


def _named(given: str | None, configured: str | None, home: Path) -> str | None:
    """Return a provider as the option names it, or the settings; a profile file of the settings lies in ``home``."""
    if given is None and configured is not None and configured.endswith(".toml"):
        return str(home / configured)
    return configured if given is None else given


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
