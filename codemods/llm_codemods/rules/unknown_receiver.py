"""Receiver of the call is not known.

Why: the call ends in a path that only OpenAI's SDK has, but what it is called on could not be followed. Another
vendor's client may have the same path.

Fix: none: nobody rewrites blindly. Annotate the receiver (``client: OpenAI``) and run again.

Safety: ``review``.

Source: the SDK's own method table; gotcha G53.
"""

from __future__ import annotations

from collections.abc import Iterator

from llm_codemods.report import Finding, Verdict
from llm_codemods.rule import Rule, about
from llm_codemods.sites import CallSite
from llm_codemods.target import Target
from llm_codemods.text import text


def find(site: CallSite, target: Target | None) -> Iterator[Finding]:
    """Report calls whose receiver could not be followed."""
    if not site.known:
        message = text("{api}: looks like OpenAI's API, but its receiver could not be followed", api=site.api)
        yield about(site, "call", site.api, message, Verdict.REVIEW if target else None)


RULE = Rule("LM901", "unknown-receiver", CallSite, find)
