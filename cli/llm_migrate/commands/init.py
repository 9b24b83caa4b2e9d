"""``llm-migrate init``: write the project's settings and the pre-commit hook, after asking."""

from __future__ import annotations

from collections.abc import Callable
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
    yes: Annotated[bool, typer.Option("--yes", "-y", help=say("write without asking"))] = False,
) -> int:
    """Show what would be written, ask, and write it; ``undo`` takes it back."""
    from llm_migrate import initial, workspace
    from llm_migrate.config import FILE
    from llm_migrate.discover import find_root
    from llm_migrate.render import diff
    from llm_migrate.settings import load_profile

    if folder is not None and not folder.is_dir():
        raise UserError(text("no such folder: {path}", path=str(folder)), text("check the spelling"))
    if not yes and not console.can_ask():
        raise UserError(text("there is no terminal to ask on"), text("say all of it: --to qwen --hook --yes"))
    root = find_root([folder or Path.cwd()])
    name = to or _provider(yes=yes)
    profile = load_profile(name)
    named = name if name.endswith(".toml") else profile.id
    changes: dict[str, bytes] = {}
    before: dict[str, bytes] = {}

    def put(file: str, edit: Callable[[str | None], str]) -> None:
        old = _text(root / file)
        new = edit(old)
        if new != old:
            changes[file] = new.encode()
            if old is not None:
                before[file] = old.encode()

    put(FILE, lambda old: initial.with_settings(old, named))
    wanted = hook if hook is not None else yes or _agrees(say("add a pre-commit hook that keeps OpenAI out?"))
    if wanted:
        put(initial.HOOKS, initial.with_hook)
    if not changes:
        console.err(say("all of it is there already"))
        return ExitCode.DONE
    console.raw(diff.of_changes(before, changes))
    if not yes and not _agrees(say("write this?")):
        console.err(say("nothing was written"))
        return ExitCode.DONE
    workspace.write(root, changes)
    for file in changes:
        console.err(say("written: {file}", file=file))
    if initial.HOOKS in changes:
        console.err(say("next: pre-commit install, then llm-migrate scan shows what is to be moved"))
    else:
        console.err(say("next: llm-migrate scan shows what is to be moved"))
    return ExitCode.DONE


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
