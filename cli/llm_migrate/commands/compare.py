"""``llm-migrate compare``: the same code against several providers."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from enum import Enum
from typing import TYPE_CHECKING, Annotated

import typer

from llm_codemods.text import text
from llm_migrate import console
from llm_migrate.commands.options import Embeddings, Exclude, From, NoIgnore, Paths, SdkChoice
from llm_migrate.errors import ExitCode, UserError
from llm_migrate.language import say

if TYPE_CHECKING:
    from llm_codemods.analysis import Analysis
    from llm_codemods.fit import Fit
    from llm_codemods.profile import Profile
    from llm_codemods.target import Target
    from llm_migrate.render.comparison import Comparison
    from llm_migrate.settings import Settings

HELP = text("Hold the same code against several providers: what moves, what is missing, models and prices.")
VOLUME = re.compile(r"(\d+(?:\.\d+)?)([kMG]?)", re.ASCII)
SIZES = {"": 1, "k": 1_000, "M": 1_000_000, "G": 1_000_000_000}


class Format(str, Enum):
    """How the comparison is written."""

    TEXT = "text"
    JSON = "json"
    MARKDOWN = "markdown"


def command(
    paths: Paths = None,
    *,
    to: Annotated[
        list[str] | None,
        typer.Option(
            metavar="ID", help=say("a provider to hold it against, may be given again (default: all that are complete)")
        ),
    ] = None,
    from_: From = None,
    embeddings: Embeddings = None,
    sdk: SdkChoice = None,
    volume: Annotated[
        str | None,
        typer.Option(metavar="IN/OUT", help=say("tokens in and out, such as 100M/20M: say what they would cost")),
    ] = None,
    rate: Annotated[
        float | None,
        typer.Option(metavar="CNY", min=0.000001, help=say("yuan for one US dollar: say all prices in dollars")),
    ] = None,
    format: Annotated[Format, typer.Option(help=say("how the comparison is written"))] = Format.TEXT,
    exclude: Exclude = None,
    no_ignore: NoIgnore = False,
    jobs: Annotated[
        int | None, typer.Option(min=1, metavar="N", help=say("how many processes to use (default: one for each core)"))
    ] = None,
) -> int:
    """Analyse for each provider and write the comparison to standard output."""
    from llm_migrate.jobs import cores
    from llm_migrate.render import comparison
    from llm_migrate.settings import load_profile, settle

    tokens = None if volume is None else parse_volume(volume)
    profiles = [load_profile(name) for name in to] if to else complete()
    settings = settle(
        paths or [], origin=from_, embeddings=embeddings, sdk=sdk, exclude=exclude or [], no_ignore=no_ignore
    )
    here = settings.origin.id if settings.origin is not None else "openai"
    chosen = [p for p in profiles if p.id != here]
    if not chosen:
        raise UserError(text("no provider to compare with"), text("name some: --to qwen --to deepseek"))
    analyses = settings.analyse_each(targets(settings, chosen), jobs=jobs or cores(), progress=console.progress)
    found = comparison.ranked(fits(analyses), tokens, rate)
    moves = any(fit.uses or fit.models for fit in found.fits)
    if format is Format.JSON:
        console.out(comparison.as_json(found))
    elif format is Format.MARKDOWN:
        console.out(comparison.as_markdown(found))
    elif not moves:
        console.err(say("no use of OpenAI found"))
    else:
        console.out(comparison.as_text(found, console.width() if console.is_terminal() else None))
        console.err(
            say("next: llm-migrate rewrite --to {to} --diff shows the changes", to=found.fits[0].target.profile.id)
        )
    for path in analyses[0].unread:
        console.warn(say("{path}: could not be read; not counted", path=path))
    return ExitCode.ERROR if analyses[0].unread else ExitCode.DONE


def complete() -> list[Profile]:
    """Return the bundled profiles that say something about everything."""
    from llm_codemods import profile as profiles

    known = map(profiles.bundled_profile, profiles.bundled())
    return [profile for profile in known if not profile.partial and profile.id != profiles.HOME]


def rivals(settings: Settings) -> list[Target]:
    """Return the targets at all providers whose profiles are complete, but the one that code comes from or goes to."""
    known = {"openai" if settings.origin is None else settings.origin.id}
    known |= set() if settings.profile is None else {settings.profile.id}
    return targets(settings, [profile for profile in complete() if profile.id not in known])


def targets(settings: Settings, profiles: Iterable[Profile]) -> list[Target]:
    """Return where code would go at these providers."""
    return [target for target in map(settings.target_at, profiles) if target is not None]


def beside(analysis: Analysis, others: Iterable[Analysis]) -> Comparison:
    """Return how the target of an analysis fits the code, and the targets of others; what is known counts, too."""
    from llm_migrate.render import comparison

    own = [] if analysis.target is None else fits([replace(analysis, findings=analysis.findings + analysis.known)])
    return comparison.ranked([*own, *fits(others)])


def fits(analyses: Iterable[Analysis]) -> list[Fit]:
    """Return how the target of each analysis fits the code."""
    from llm_codemods.fit import fit

    return [fit(one.findings, one.target) for one in analyses if one.target is not None]


def parse_volume(given: str) -> tuple[float, float]:
    """Return tokens in and out, from ``100M/20M``.

    Raises:
        UserError: it is written in another way.
    """
    found = [VOLUME.fullmatch(part.strip()) for part in given.split("/")]
    if len(found) != 2 or None in found:
        raise UserError(
            text("--volume {word}: not two numbers of tokens", word=given), text("write it as --volume 100M/20M")
        )
    into, out = (float(part[1]) * SIZES[part[2]] for part in found if part is not None)
    return into, out
