"""``llm-migrate compare``: the same code against several providers."""

from __future__ import annotations

import re
from collections.abc import Mapping
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
    fits, unread = compared(settings, chosen, jobs or cores())
    found = comparison.ranked(fits, tokens, rate)
    moves = any(fit.uses or fit.models for fit in fits)
    if format is Format.JSON:
        console.out(comparison.as_json(found))
    elif format is Format.MARKDOWN:
        console.out(comparison.as_markdown(found))
    elif not moves:
        console.err(say("no use of OpenAI found"))
    else:
        console.out(comparison.as_text(found))
        console.err(
            say("next: llm-migrate rewrite --to {to} --diff shows the changes", to=found.fits[0].target.profile.id)
        )
    for path in unread:
        console.warn(say("{path}: could not be read; not counted", path=path))
    return ExitCode.ERROR if unread else ExitCode.DONE


def complete() -> list[Profile]:
    """Return the bundled profiles that say something about everything."""
    from llm_codemods import profile as profiles

    known = map(profiles.bundled_profile, profiles.bundled())
    return [profile for profile in known if not profile.partial and profile.id != profiles.HOME]


def beside(analysis: Analysis, settings: Settings, jobs: int, overlay: Mapping[str, bytes] | None = None) -> Comparison:
    """Return how the target of an analysis fits the code, and all other providers whose profiles are complete."""
    from llm_codemods.fit import fit
    from llm_migrate.render import comparison

    here = settings.origin.id if settings.origin is not None else "openai"
    own = [] if analysis.target is None else [fit((*analysis.findings, *analysis.known), analysis.target)]
    known = {here, *(one.target.profile.id for one in own)}
    others, _ = compared(settings, [p for p in complete() if p.id not in known], jobs, overlay)
    return comparison.ranked([*own, *others])


def compared(
    settings: Settings, profiles: list[Profile], jobs: int, overlay: Mapping[str, bytes] | None = None
) -> tuple[list[Fit], tuple[str, ...]]:
    """Return how each provider fits the code, and the files that could not be read.

    ``overlay`` takes the place of files' bytes.
    """
    from llm_codemods.fit import fit
    from llm_codemods.target import has_embeddings

    fits: list[Fit] = []
    unread: tuple[str, ...] = ()
    with console.progress(say("comparing providers"), len(profiles)) as step:
        for profile in profiles:
            second = None if has_embeddings(profile) else settings.embeddings
            aimed = replace(settings, profile=profile, region=None, base_url=None, embeddings=second)
            analysis = aimed.analyse(overlay, jobs=jobs)
            assert analysis.target is not None
            fits.append(fit(analysis.findings, analysis.target))
            unread = analysis.unread
            step(1)
    return fits, unread


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
