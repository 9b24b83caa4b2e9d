"""Exception of the SDK is caught.

Why: the SDK chooses the class from the HTTP status alone, and providers choose other statuses: a blocked prompt, an
unknown model or an empty account may arrive as another class. Before 1.0 the classes lived in ``openai.error``, which
is gone.

Fix: none yet.

Safety: ``ready`` for current classes, ``review`` for those of 0.28.

Source: profile field ``errors``; gotchas G26, G27, G54.
"""

from __future__ import annotations

from collections.abc import Iterator

from llm_codemods.report import Finding, Verdict
from llm_codemods.rule import Rule, about
from llm_codemods.sites import HandlerSite
from llm_codemods.target import Target
from llm_codemods.text import text


def find(site: HandlerSite, target: Target | None) -> Iterator[Finding]:
    """Report every handler."""
    message = text("{name} is caught", name=site.name)
    if site.legacy:
        message = text("openai.error.{name} is caught: it exists only before 1.0 of the SDK", name=site.name)
    verdict = Verdict.REVIEW if site.legacy and target is not None else Verdict.READY
    yield about(site, "except", f"openai.{site.name}", message, verdict)


RULE = Rule("LM501", "error-handler", HandlerSite, find)
