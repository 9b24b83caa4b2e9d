"""Argument of a framework's class is accepted and dropped.

Why: some classes take any keyword and forget those they do not know. A ``base_url`` that is called ``api_base`` there
raises nothing: requests, and the new key, go on to OpenAI.

Fix: it goes, and the class gets its endpoint under the name that it reads (rule ``framework-client``).

Safety: ``fix`` where endpoint, key and model are written in the call; else ``manual``.

Source: the table of frameworks, field ``drops``; gotcha G03.
"""

from __future__ import annotations

from collections.abc import Iterator

from llm_codemods.framework_fix import move
from llm_codemods.report import Finding, Verdict
from llm_codemods.rule import Rule, about, settles
from llm_codemods.sites import FrameworkSite
from llm_codemods.target import Target
from llm_codemods.text import text


def find(site: FrameworkSite, target: Target | None) -> Iterator[Finding]:
    """Report every argument that is without effect; give the class what it reads."""
    for name in site.row.drops:
        given = site.given.get(name)
        if given is not None and site.row.endpoint:
            message = text(
                "{name} takes {argument} and drops it: the endpoint is called {other} there",
                name=site.name,
                argument=name,
                other=site.row.endpoint[0],
            )
            if target is None or target.at_openai:
                yield about(site, "parameter", name, message, Verdict.READY if target is not None else None)
                continue
            fix = move(site, target)
            span = given.span if given.direct and fix is None else None
            yield about(site, "parameter", name, message, settles(fix), fix, span=span)


RULE = Rule("LM704", "framework-argument", FrameworkSite, find)
