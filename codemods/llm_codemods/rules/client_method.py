"""Method of the client itself is called.

Why: ``close``, ``copy`` and ``with_options`` work with every endpoint. ``get``, ``post`` and their like send a request
of your own, to a path that OpenAI has and the provider may not have.

Fix: none.

Safety: ``ready``, but ``review`` for requests of your own.

Source: the SDK's own method table.
"""

from __future__ import annotations

from collections.abc import Iterator

from llm_codemods.report import Finding, Verdict
from llm_codemods.rule import Rule, about
from llm_codemods.sites import ClientMethodSite, Points
from llm_codemods.sites.surface import REQUESTS
from llm_codemods.target import Target
from llm_codemods.text import text


def find(site: ClientMethodSite, target: Target | None) -> Iterator[Finding]:
    """Report every use of the client that is no call of its API."""
    if site.name in REQUESTS and site.points is not Points.ELSEWHERE:
        message = text(
            "{name} of the client sends a request of your own: does the endpoint have that path?", name=site.name
        )
        at_openai = target is not None and target.at_openai
        yield about(site, "client-method", site.name, message, Verdict.READY if at_openai else Verdict.REVIEW)
    else:
        message = text("{name} of the SDK works with every endpoint", name=site.name)
        if site.name.startswith("providers."):
            message = text("{name} of the SDK makes a client point to that provider", name=site.name)
        yield about(site, "client-method", site.name, message, Verdict.READY)


RULE = Rule("LM107", "client-method", ClientMethodSite, find)
