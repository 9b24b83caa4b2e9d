"""Response is asked for what only 0.28 had.

Why: ``to_dict_recursive()``, ``response_ms``, ``organization`` and ``openai_id`` belong to the responses of 0.28. Those
of 1.0 and later do not have them.

Fix: none yet: ``model_dump()`` gives the dictionary; what else they said stands in the headers (``with_raw_response``).

Safety: ``review``. Responses of the 0.28 API are left alone.

Source: the SDK's own types; gotcha G22.
"""

from __future__ import annotations

from collections.abc import Iterator

from llm_codemods import responses
from llm_codemods.report import Finding, Verdict
from llm_codemods.rule import Rule, about
from llm_codemods.sites import ResponseSite
from llm_codemods.target import Target
from llm_codemods.text import text


def find(site: ResponseSite, target: Target | None) -> Iterator[Finding]:
    """Report names that went with 1.0."""
    name = next((name for name in site.at if name in responses.LEGACY_ONLY), None)
    if name is not None and not site.legacy and not site.plain:
        message = text("'{name}' of a response exists only before 1.0 of the SDK", name=name)
        yield about(site, "response", site.api, message, Verdict.REVIEW if target is not None else None)


RULE = Rule("LM406", "legacy-response", ResponseSite, find)
