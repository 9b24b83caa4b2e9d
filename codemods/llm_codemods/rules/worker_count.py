"""Many calls are made at the same time.

Why: providers limit how many requests an account may have open, and how many it may send in a minute; the number here
was found for OpenAI. Above it come errors 429, which are retried, and calls become slower instead of faster.

Fix: none: look up the account's limits, and choose a number.

Safety: ``manual``, once a file, for more than sixteen at a time.

Source: gotcha G55.
"""

from __future__ import annotations

from collections.abc import Iterator

from llm_codemods.report import Finding, Verdict
from llm_codemods.rule import Rule, about, moves
from llm_codemods.sites import WorkersSite
from llm_codemods.target import Target
from llm_codemods.text import text

MANY = 16


def find(site: WorkersSite, target: Target | None) -> Iterator[Finding]:
    """Report a large number beside calls that move."""
    if target is None or target.at_openai or site.count <= MANY:
        return
    if any(moves(call.points, call.host, target) for call in site.calls):
        message = text(
            "{name}: up to {count} calls at a time; look up how many {provider} lets your account make",
            name=site.name,
            count=site.count,
            provider=target.profile.name,
        )
        yield about(site, "config", site.name, message, Verdict.MANUAL)


RULE = Rule("LM521", "worker-count", WorkersSite, find)
