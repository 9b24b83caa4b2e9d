"""Exception of the SDK is caught.

Why: the SDK chooses the class from the HTTP status alone, and providers choose other statuses: a blocked prompt, an
unknown model or an empty account may arrive as another class, past the handler that was written for it. Before 1.0 the
classes lived in ``openai.error``, which is gone.

Fix: none: which failures the handler is for, only you know.

Safety: ``ready`` for classes that catch there what they catch at OpenAI, ``manual`` where a failure comes as another
class, and for the classes of 0.28 in code that does not move as a whole: the message names what comes.

Source: profile field ``errors``; gotchas G26, G27, G54.
"""

from __future__ import annotations

from collections.abc import Iterator

from llm_codemods import openai_api, upgrade
from llm_codemods.error_kinds import OPENAI, class_of, named
from llm_codemods.report import Finding, Verdict
from llm_codemods.rule import Rule, about
from llm_codemods.sdk import Sdk
from llm_codemods.sites import HandlerSite
from llm_codemods.target import Target
from llm_codemods.text import text


def find(site: HandlerSite, target: Target | None) -> Iterator[Finding]:
    """Report every handler, and what will go past it."""
    message = text("{name} is caught", name=site.name)
    verdict = Verdict.READY
    stays = target is None or target.sdk is Sdk.KEEP
    after = openai_api.successor(site.name) if site.legacy else site.name
    if site.legacy and not (stays or (after is not None and upgrade.applies(site.points, site.host, target))):
        message = text("openai.error.{name} is caught: it exists only before 1.0 of the SDK", name=site.name)
        message = text("{message}; since then it is openai.{after}", message=message, after=after or "APIError")
        verdict = Verdict.MANUAL
    elif target is not None and (moved := moves(after or site.name, target)):
        for kind, status in moved:
            failure = named(kind)
            message = text(
                "{message}; {failure} comes as {other} there, with status {status}",
                message=message,
                failure=failure,
                other=class_of(status),
                status=status,
            )
        message = text("{message}: catch that as well, or what it is derived from, APIStatusError", message=message)
        verdict = Verdict.MANUAL
    yield about(site, "except", f"openai.{site.name}", message, verdict)


def moves(name: str, target: Target) -> list[tuple[str, int]]:
    """Return the kinds of failure that this class catches at OpenAI but not at the target, with the status there."""
    there = target.profile.errors
    return [
        (kind, there[kind].status)
        for kind, status in OPENAI.items()
        if kind in there and class_of(status) == name != class_of(there[kind].status)
    ]


RULE = Rule("LM501", "error-handler", HandlerSite, find)
