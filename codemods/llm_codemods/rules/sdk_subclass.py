"""Class extends a class of the SDK.

Why: what is written into a client, a resource or an API class of the SDK counts on how that class works inside: which
endpoint it takes, which methods it has. Before 1.0 the API was classes of the module, which are gone.

Fix: none.

Safety: ``review``.

Source: the SDK's own method table; gotcha G22.
"""

from __future__ import annotations

from collections.abc import Iterator

from llm_codemods.report import Finding, Verdict
from llm_codemods.rule import Rule, about
from llm_codemods.sites import SubclassSite
from llm_codemods.target import Target
from llm_codemods.text import text


def find(site: SubclassSite, target: Target | None) -> Iterator[Finding]:
    """Report every class that extends one of the SDK's."""
    message = text("a class extends {name} of the SDK", name=site.name)
    if site.legacy:
        message = text("a class extends {name}, which exists only before 1.0 of the SDK", name=site.name)
    ready = target is None or (target.at_openai and not site.legacy)
    yield about(site, "subclass", site.name, message, Verdict.READY if ready else Verdict.REVIEW)


RULE = Rule("LM108", "sdk-subclass", SubclassSite, find)
