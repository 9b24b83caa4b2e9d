"""Response is read like a dictionary.

Why: until 0.28 the SDK gave dictionaries; since 1.0 it gives objects. ``response["choices"]`` and
``response.get("choices")`` raise on them, and ``"choices" in response`` is never true.

Fix: none yet; the message spells the attributes.

Safety: ``review``. Responses of the 0.28 API, and what ``model_dump()`` gives, are dictionaries and are left alone.

Source: the SDK's own types; gotcha G22.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from llm_codemods.report import Finding, Verdict
from llm_codemods.rule import Rule, about
from llm_codemods.sites import ResponseSite
from llm_codemods.target import Target
from llm_codemods.text import text

KEY = re.compile(r'\[("\w+")\]|\.get\(("\w+")\)')


def find(site: ResponseSite, target: Target | None) -> Iterator[Finding]:
    """Report keys on what is no dictionary."""
    if not site.keys or site.legacy or site.against:
        return
    attributes = KEY.sub(lambda found: "." + (found[1] or found[2]).strip('"'), site.written)
    message = text(
        "{written}: responses are objects since 1.0 of the SDK, not dictionaries: {attributes}",
        written=site.written,
        attributes=attributes,
    )
    yield about(site, "response", site.api, message, Verdict.REVIEW if target is not None else None)


RULE = Rule("LM402", "response-subscript", ResponseSite, find)
