"""Test puts something in the place of OpenAI's client.

Why: a test that replaces the client often asserts the arguments that it is made with, or the model that is asked for.
Both change with the move, and the test fails although the code is right; where the class changes, it replaces nothing.

Fix: none: change what the test expects together with the code.

Safety: ``manual``.

Source: gotcha G45.
"""

from __future__ import annotations

from collections.abc import Iterator

from llm_codemods.report import Finding, Verdict
from llm_codemods.rule import Rule, about
from llm_codemods.sites import DoubleSite
from llm_codemods.target import Target
from llm_codemods.text import text


def find(site: DoubleSite, target: Target | None) -> Iterator[Finding]:
    """Report every replacement."""
    if target is None or target.at_openai:
        message = text("{name} is replaced for a test", name=site.name)
        yield about(site, "mock", site.name, message, Verdict.READY if target is not None else None)
        return
    message = text(
        "{name} is replaced for a test: what it expects of endpoint, key and model changes with the code",
        name=site.name,
    )
    yield about(site, "mock", site.name, message, Verdict.MANUAL)


RULE = Rule("LM712", "test-double", DoubleSite, find)
