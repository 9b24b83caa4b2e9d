"""Exception of the SDK is made.

Why: code that makes the SDK's exceptions itself, often a test, says how a failure at OpenAI looks; elsewhere the same
failure may come with another class, status or body. Before 1.0 the classes lived in ``openai.error``, which is gone;
since then they are made of the request or the response that failed.

Fix: none: which failure is meant, only you know.

Safety: ``ready``, but ``manual`` for the classes from before 1.0, unless the code stays on that.

Source: the SDK's own table of exceptions; gotcha G22.
"""

from __future__ import annotations

from collections.abc import Iterator

from llm_codemods.report import Finding, Verdict
from llm_codemods.rule import Rule, about
from llm_codemods.sdk import Sdk
from llm_codemods.sites import ExceptionSite
from llm_codemods.target import Target
from llm_codemods.text import text


def find(site: ExceptionSite, target: Target | None) -> Iterator[Finding]:
    """Report every exception of the SDK that the code makes itself."""
    message, verdict = text("{name} is made here", name=site.name), Verdict.READY
    if site.legacy:
        message = text(
            "openai.error.{name} is made here: since 1.0 of the SDK, errors are made of a request or a response",
            name=site.name,
        )
        verdict = Verdict.READY if target is None or target.sdk is Sdk.KEEP else Verdict.MANUAL
    yield about(site, "exception", site.name, message, verdict)


RULE = Rule("LM503", "sdk-exception", ExceptionSite, find)
