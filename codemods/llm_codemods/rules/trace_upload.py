"""Traces of agents are uploaded to OpenAI.

Why: the Agents SDK sends what agents were asked and answered to a fixed address of OpenAI's, with the key that it finds
in ``OPENAI_API_KEY``, whatever endpoint the models have. A new key in that variable goes there too.

Fix: none yet: call ``set_tracing_disabled(True)`` once where the program starts.

Safety: ``review``; ``ready`` where the project switches the upload off, or gives the traces to somebody else.

Source: gotcha G12.
"""

from __future__ import annotations

from collections.abc import Iterator

from llm_codemods.report import Finding, Verdict
from llm_codemods.rule import Rule, about
from llm_codemods.sites import TraceSite
from llm_codemods.target import Target
from llm_codemods.text import text


def find(site: TraceSite, target: Target | None) -> Iterator[Finding]:
    """Report every file that runs agents."""
    if site.off:
        message = text("traces of agents do not go to OpenAI")
        yield about(site, "trace", "agents", message, Verdict.READY)
        return
    message = text("traces of agents go to OpenAI: call set_tracing_disabled(True) where the program starts")
    if target is not None and target.at_openai:
        yield about(site, "trace", "agents", message, Verdict.READY)
    else:
        yield about(site, "trace", "agents", message, Verdict.REVIEW if target is not None else None)


RULE = Rule("LM708", "trace-upload", TraceSite, find)
