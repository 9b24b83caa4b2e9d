"""``llm-migrate`` alone: what this folder is, and what to do next in it."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from llm_migrate import console
from llm_migrate.language import say
from llm_migrate.version import version

if TYPE_CHECKING:
    from llm_codemods.analysis import Analysis
    from llm_migrate.settings import Settings

NAMED = 5
"""So many models are named."""


def show() -> None:
    """Look at the current folder, if it is a project, and write what was found and the commands that come next.

    Raises:
        UserError: its settings are wrong.
    """
    from llm_migrate.render.layout import fitted, wrapped
    from llm_migrate.roots import find_root, is_project

    columns = console.width() if console.is_terminal() else None

    def tell(line: str) -> None:
        for piece in [line] if columns is None else wrapped(line, columns, ""):
            console.out(piece)

    tell(say("llm-migrate {version} moves Python code from OpenAI to another provider.", version=version()))
    tell("")
    steps: list[tuple[str, str]]
    if not is_project(find_root([Path.cwd()])):  # a home folder may hold a million files
        tell(say("This folder is no project: it has no .git and no pyproject.toml."))
        steps = [
            ("llm-migrate demo", say("shows on a sample how it works; needs no key")),
            ("llm-migrate scan FOLDER", say("finds every use of OpenAI in your code")),
        ]
    else:
        from llm_migrate.jobs import cores
        from llm_migrate.settings import settle

        settings = settle([])
        analysis = settings.analyse(jobs=cores(), progress=console.progress)
        for line in _found(analysis):
            tell(line)
        steps = list(_steps(analysis, settings))
    console.out("")
    rows = fitted([[f"  {console.style(command, 'code')}", meaning] for command, meaning in steps], columns)
    for line in (line for row in rows for line in row):
        console.out(line)
    console.out("")
    console.out(say("llm-migrate --help lists all commands."))


def _found(analysis: Analysis) -> Iterator[str]:
    from llm_migrate.render import listing

    yield say("In this folder: {counts}.", counts=listing.counts(analysis.findings, len(analysis.unread)))
    models = Counter(f.api for f in analysis.findings if f.open and f.kind == "model-literal" and f.code != "LM612")
    if models:
        names = [name for name, _ in models.most_common(NAMED)]
        more = [say("{count} more", count=len(models) - NAMED)] if len(models) > NAMED else []
        yield say("Models: {names}", names=say(", ").join([*names, *more]))


def _steps(analysis: Analysis, settings: Settings) -> Iterator[tuple[str, str]]:
    """Yield commands with what they do, the next one first."""
    open_findings = any(f.open for f in analysis.findings)
    if settings.to is None:
        if not open_findings:
            yield "llm-migrate demo", say("shows on a sample how it works; needs no key")
            return
        yield "llm-migrate compare", say("says which provider fits this code best, and what its models cost")
        yield "llm-migrate scan --to qwen", say("says what of it can move there, and what a person must decide")
        yield "llm-migrate rewrite --to qwen --diff", say("shows the changes; nothing is written")
        yield "llm-migrate init", say("remembers the provider, and keeps OpenAI out with a pre-commit hook")
        return
    if open_findings:
        yield "llm-migrate scan", say("lists them")
        yield "llm-migrate rewrite --diff", say("shows the changes; nothing is written")
        yield "llm-migrate rewrite", say("makes them; llm-migrate undo takes them back")
    yield (
        f"llm-migrate check . --to {shlex.quote(settings.to)}",
        say("asks the live endpoint whether it does what this code needs"),
    )
