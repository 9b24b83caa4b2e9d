"""``llm-migrate init``: write the project's settings and the pre-commit hook, after asking."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from llm_codemods.text import text
from llm_migrate import console
from llm_migrate.errors import ExitCode, UserError
from llm_migrate.language import say

HELP = text("Set a project up: name the provider in pyproject.toml and add the pre-commit hook, after asking.")


def command(
    folder: Annotated[
        Path | None, typer.Argument(help=say("the project (default: the one around this folder)"))
    ] = None,
    *,
    to: Annotated[str | None, typer.Option(help=say("provider to move to: an id, an alias, or a profile file"))] = None,
    hook: Annotated[
        bool | None, typer.Option("--hook/--no-hook", help=say("add the pre-commit hook, or do not; asked if not said"))
    ] = None,
    baseline: Annotated[
        bool | None,
        typer.Option(
            "--baseline/--no-baseline",
            help=say("let the hook pass what is there today, or do not; asked if not said"),
        ),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help=say("write without asking"))] = False,
) -> int:
    """Show what would be written, ask, and write it; ``undo`` takes it back."""
    from llm_migrate import initial, workspace
    from llm_migrate.config import FILE
    from llm_migrate.render import diff
    from llm_migrate.roots import find_root
    from llm_migrate.settings import load_profile

    if folder is not None and not folder.is_dir():
        raise UserError(text("no such folder: {path}", path=str(folder)), text("check the spelling"))
    if not yes and not console.can_ask():
        raise UserError(text("there is no terminal to ask on"), text("say all of it: --to qwen --hook --yes"))
    root = find_root([folder or Path.cwd()])
    name = to or _provider(yes=yes)
    profile = load_profile(name)
    named = name if name.endswith(".toml") else profile.id
    old = {file: _text(root / file) for file in (FILE, initial.HOOKS)}
    new = {FILE: initial.with_settings(old[FILE], named)}
    wanted = hook if hook is not None else yes or _agrees(say("add a pre-commit hook that keeps OpenAI out?"))
    known = 0
    if wanted and not initial.has_hook(old[initial.HOOKS]):
        known = _findings_that_may_stay(root, named, new, baseline=baseline, yes=yes)
    if wanted:
        new[initial.HOOKS] = initial.with_hook(old[initial.HOOKS], baseline=known > 0)
    changes = {file: content.encode() for file, content in new.items() if content != old.get(file)}
    if not changes:
        console.err(say("all of it is there already"))
        return ExitCode.DONE
    shown = {file: content for file, content in changes.items() if file != initial.BASELINE}
    before = {file: content.encode() for file, content in old.items() if content is not None}
    console.raw(diff.colored(diff.of_changes(before, shown)))
    if not yes and not _agrees(say("write this?")):
        console.err(say("nothing was written"))
        return ExitCode.DONE
    workspace.write(root, changes)
    for file in shown:
        console.err(say("written: {file}", file=file))
    if known:
        told = say(
            "written: {file} ({count:finding|findings} that the hook lets pass)", file=initial.BASELINE, count=known
        )
        console.err(told)
    if initial.HOOKS in changes:
        console.err(say("next: pre-commit install, then llm-migrate scan shows what is to be moved"))
    else:
        console.err(say("next: llm-migrate scan shows what is to be moved"))
    return ExitCode.DONE


def _findings_that_may_stay(root: Path, to: str, new: dict[str, str], *, baseline: bool | None, yes: bool) -> int:
    """Say what a hook would stop, and put it into a baseline among the ``new`` files if that is wanted.

    Return how many findings it holds.
    """
    from llm_codemods import baseline as baselines
    from llm_migrate import initial
    from llm_migrate.baseline import of_analysis
    from llm_migrate.jobs import cores
    from llm_migrate.settings import settle

    if baseline is False:
        return 0
    settings = settle([root], to=to)
    analysis = settings.analyse(jobs=cores(), progress=console.progress)
    found = [finding for finding in analysis.findings if finding.open]
    if not found or settings.baseline is not None:
        return 0
    files = len({finding.path for finding in found})
    console.err(
        say(
            "the hook stops a commit for all that it finds in its files; today that is {count:finding|findings} in "
            "{files:file|files}, which could not be committed again before they are moved",
            count=len(found),
            files=files,
        )
    )
    if not (baseline or yes or _agrees(say("let the hook pass them, and stop only what is new?"))):
        return 0
    new[initial.BASELINE] = baselines.dump(of_analysis(root / initial.BASELINE, analysis))
    return len(found)


def _provider(*, yes: bool) -> str:
    """Ask for the provider.

    Raises:
        UserError: nobody says one.
    """
    from llm_codemods import profile as profiles

    names = [id for id in profiles.bundled() if id != profiles.HOME]
    said = None
    if not yes:
        console.err(
            say("providers: {names} (llm-migrate compare says which fits this code best)", names=", ".join(names))
        )
        said = console.ask(say("which one?"))
    if said is None or not said.strip():
        raise UserError(text("no provider to move to"), text("name one: --to qwen (llm-migrate providers lists them)"))
    return said.strip()


def _agrees(question: str) -> bool:
    said = console.ask(f"{question} [y/n]")
    return said is not None and said.strip().lower() in ("y", "yes", "是")


def _text(file: Path) -> str | None:
    try:
        return file.read_bytes().decode("utf-8")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise UserError(text("cannot read {path}: {reason}", path=str(file), reason=reason)) from None
