"""``llm-migrate demo``: the whole way on an embedded sample, with no key and no network."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from importlib import resources
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from llm_codemods.text import text
from llm_migrate import console
from llm_migrate.errors import ExitCode, UserError
from llm_migrate.language import say

if TYPE_CHECKING:
    from llm_codemods.migration import Migration

HELP = text("Move an embedded sample application, prove it on an emulator, and run it. No key, no network.")
KEY = "llm-migrate-demo"


def command(
    *,
    to: Annotated[str, typer.Option(help=say("provider to move to: an id or an alias"))] = "qwen",
    keep: Annotated[Path | None, typer.Option(help=say("leave the migrated sample in this new folder"))] = None,
) -> int:
    """Run the demo and say how it ended."""
    for package in ("openai", "starlette", "uvicorn"):
        if find_spec(package) is None:
            raise UserError(
                text("the demo needs the package '{package}'", package=package),
                text("in a clone of llm-migrate: pip install '.[{extra}]'", extra="demo"),
            )
    if keep is not None and keep.exists():
        raise UserError(text("{path} exists already", path=str(keep)), text("name a folder that does not"))
    with ExitStack() as stack:
        folder = keep or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="llm-migrate-"))) / "harbour"
        source = stack.enter_context(resources.as_file(resources.files("llm_migrate") / "sample" / "app"))
        shutil.copytree(source, folder, ignore=shutil.ignore_patterns("__pycache__"))
        return _move(folder, to)


def _move(folder: Path, to: str) -> int:
    from llm_codemods.analysis import embeddings_in, needs_in
    from llm_codemods.migration import is_offered, migrate
    from llm_codemods.target import aim, embedders, has_embeddings
    from llm_migrate import workspace
    from llm_migrate.commands.check import examine, show
    from llm_migrate.commands.connecting import connect
    from llm_migrate.commands.rewrite import going_on, show_diff
    from llm_migrate.live.emulator import running
    from llm_migrate.render import listing
    from llm_migrate.settings import load_profile, settle

    second = None if has_embeddings(load_profile(to)) else embedders()[0]
    settings = settle([folder], to=to, embeddings=second)
    assert settings.profile is not None
    target = aim(settings.profile)
    if settings.embeddings is not None:
        console.out(
            say(
                "{provider} has no embeddings: those of the sample go to {second} (--embeddings {id})",
                provider=settings.profile.name,
                second=settings.embeddings.name,
                id=settings.embeddings.id,
            )
        )

    _step(1, say("scan: what uses OpenAI in the sample, a support desk"))
    found = settings.analyse()
    for line in listing.lines(found, [f for f in found.findings if f.open], folder):
        console.out(line)
    console.out(listing.counts(found.findings))

    _step(2, say("rewrite --diff: what would change for {provider}", provider=settings.profile.name))
    show_diff(migrate(settings.analyse, before=found))

    with ExitStack() as stack:
        url = stack.enter_context(running(settings.profile))
        aside = None if settings.embeddings is None else stack.enter_context(running(settings.embeddings))
        _step(3, say("rewrite, with the emulator in the place of {url}", url=target.base_url))
        local = replace(settings, base_url=url, embeddings_url=aside)
        safe = migrate(local.analyse)
        workspace.write(folder, safe.plan.changes, url)
        _show_left(safe, folder)

        _step(4, say("rewrite --include review: the changes that need a person's look, too"))
        more = migrate(going_on(local, workspace.last(folder, url)), is_offered).from_here(safe.plan.changes)
        workspace.write(folder, more.plan.changes, url)
        _show_left(more, folder)

        _step(5, say("check: does the endpoint do what this code needs?"))
        moved = local.analyse()
        asked = [(connect(settings.profile, base_url=url, environ={}), needs_in(moved))]
        if settings.embeddings is not None:
            asked.append((connect(settings.embeddings, base_url=aside, environ={}), embeddings_in(moved)))
        proved = show(examine(*asked))

        _step(6, say("run the migrated sample with the real openai SDK"))
        variables = [target.key_env] + ([] if settings.embeddings is None else [aim(settings.embeddings).key_env])
        code = _run(folder, variables)
    ended = ExitCode.DONE if code == 0 and proved is ExitCode.DONE else ExitCode.FINDINGS
    console.out("")
    if ended is ExitCode.DONE:
        console.out(
            say("done: the sample runs on {provider}, as the emulator plays it", provider=settings.profile.name)
        )
    else:
        console.out(say("the sample did not come through"))
    console.err(say("an emulator proves nothing about a provider; llm-migrate check asks the real one"))
    return ended


def _show_left(migration: Migration, folder: Path) -> None:
    from llm_migrate.render import listing

    changed, left = len(migration.plan.changes), migration.remaining
    console.out(
        say("{count:file|files} changed, {left:finding|findings} left for a person", count=changed, left=len(left))
    )
    for line in listing.lines(migration.before, left, folder):
        console.out(line)


def _run(folder: Path, variables: Sequence[str]) -> int:
    """Run the sample without any variable of OpenAI in its environment; return its exit code."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("OPENAI_", "AZURE_OPENAI_"))}
    environment |= dict.fromkeys(variables, KEY)
    environment |= {"PYTHONDONTWRITEBYTECODE": "1", "NO_PROXY": "127.0.0.1,localhost"}
    run = subprocess.run(
        [sys.executable, "main.py"],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    console.out(run.stdout.rstrip())
    if run.returncode != 0:
        console.err(run.stderr.rstrip())
    return run.returncode


def _step(number: int, title: str) -> None:
    console.out("")
    console.out(console.style(f"── {number}. {title}", "bold"))
