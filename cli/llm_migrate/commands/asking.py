"""Ask endpoints by the rules of conduct: say what it may cost, keep to it, and remember what a break leaves proved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit

import typer

from llm_migrate import console
from llm_migrate.language import say

if TYPE_CHECKING:
    from llm_codemods.proof import Spent
    from llm_codemods.requirements import Requirement
    from llm_migrate.live.conduct import Budget
    from llm_migrate.live.runner import Run
    from llm_migrate.live.wire import Connection


Samples = Annotated[
    int, typer.Option(min=1, max=1000, metavar="N", help=say("how often to ask where one answer proves little"))
]
MaxRequests = Annotated[int | None, typer.Option(min=1, metavar="N", help=say("send no more requests than that"))]
MaxTokens = Annotated[
    int | None, typer.Option(min=1, metavar="N", help=say("send nothing that may take more tokens than that together"))
]
Resume = Annotated[
    bool, typer.Option("--resume", help=say("do not ask again what a run that was broken off today has proved"))
]


class Format(str, Enum):
    """How the report of a check is written."""

    TEXT = "text"
    JSON = "json"
    JUNIT = "junit"
    MARKDOWN = "markdown"
    HTML = "html"


@dataclass(frozen=True, slots=True)
class Conduct:
    """How a run behaves. ``root`` is where it remembers what it proved; None: nowhere."""

    samples: int = 1
    max_requests: int | None = None
    max_tokens: int | None = None
    root: Path | None = None
    resume: bool = False


AS_USUAL = Conduct()


def ask(asked: Sequence[tuple[Connection, Sequence[Requirement]]], conduct: Conduct) -> list[Run]:
    """Prove the requirements of each endpoint in turn; after one that was interrupted no other is asked.

    The budget is for all of them together.

    Raises:
        UserError: an endpoint cannot be reached, or what is proved cannot be stored.
    """
    from llm_migrate.live.conduct import Budget
    from llm_migrate.live.record import Record
    from llm_migrate.live.runner import check, planned

    record = Record.load(conduct.root) if conduct.root is not None else Record()
    budget = Budget(conduct.max_requests, conduct.max_tokens)
    runs: list[Run] = []
    for connection, requirements in asked:
        known = record.recall(connection, requirements, conduct.samples) if conduct.resume else {}
        left = [one for place, one in enumerate(requirements) if place not in known]
        if conduct.resume:
            count, total = len(known), len(requirements)
            console.err(say("{count} of {total} are known from the run before", count=count, total=total))
        _announce(connection, planned(left, connection, conduct.samples), budget)
        host = urlsplit(connection.base_url).netloc
        with console.progress(say("asking {host}", host=host), len(requirements)) as step:
            run = check(
                requirements,
                connection,
                samples=conduct.samples,
                budget=budget,
                known=known,
                on_progress=lambda *_, step=step: step(1),
            )
        _account(run)
        record.add(connection, [proof for place, proof in enumerate(run.proofs) if place not in known], conduct.samples)
        runs.append(run)
        budget = budget.after(run.spent)
        if run.interrupted:
            break
    if any(run.interrupted or run.exhausted for run in runs):
        if conduct.root is not None and record.entries:
            record.store(conduct.root)
            console.err(say("what is proved is kept for a day: the same command with --resume asks for the rest only"))
    elif conduct.resume and conduct.root is not None:
        for (connection, _), run in zip(asked, runs, strict=True):
            record.drop(connection, [proof.requirement for proof in run.proofs], conduct.samples)
        record.store(conduct.root)
    return runs


def _announce(connection: Connection, planned: Spent, budget: Budget) -> None:
    """Say what is about to be sent, and what bounds it."""
    console.err(
        say(
            "{requests:request|requests} to {url}, at most {tokens:token|tokens}; what follows from an answer, and "
            "reasoning where it does not count, may come on top",
            requests=planned.requests,
            url=connection.base_url,
            tokens=planned.assumed,
        )
    )
    if budget.requests is not None:
        console.err(say("at most {count:request|requests} are sent", count=budget.requests))
    if budget.tokens is not None:
        console.err(say("what could take more than {count:token|tokens} together is not sent", count=budget.tokens))


def _account(run: Run) -> None:
    """Say what was sent."""
    spent = run.spent
    line = say(
        "sent {requests:request|requests}, for {tokens:token|tokens}", requests=spent.requests, tokens=spent.tokens
    )
    if spent.assumed:
        line = say("{line}; answers without a count took at most {tokens} more", line=line, tokens=spent.assumed)
    console.err(line)
