"""Response is read like a dictionary.

Why: until 0.28 the SDK gave dictionaries; since 1.0 it gives objects. ``response["choices"]`` and
``response.get("choices")`` raise on them, and ``"choices" in response`` is never true.

Fix: where the call moves from 0.28 to the current SDK, look-ups become attributes, through variables, returns and
loops: ``response["choices"]`` is ``response.choices``, ``delta.get("content", "")`` is ``(delta.content or "")``,
``"content" in delta`` is ``delta.content is not None``. Elsewhere none; the message spells the attributes.

Safety: as that of the calls in the file, see ``legacy-call``; without a fix ``review``. What ``model_dump()`` gives is
left alone, as are responses of the 0.28 API that stays.

Source: the SDK's own types; gotcha G22.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from llm_codemods import upgrade
from llm_codemods.operations import Change, Fix, ReadAttribute
from llm_codemods.report import Finding, Verdict
from llm_codemods.rule import Rule, about
from llm_codemods.sdk import Upgraded
from llm_codemods.sites import ResponseSite
from llm_codemods.target import Target
from llm_codemods.text import text

KEY = re.compile(r'\[("\w+")\]|\.get\(("\w+")\)')


def find(site: ResponseSite, target: Target | None) -> Iterator[Finding]:
    """Report keys on what is no dictionary."""
    if site.against:
        return
    if site.lookups and site.upgraded is not Upgraded.NO and upgrade.applies(site.points, site.host, target):
        fix = Fix(text("read attributes"), tuple(Change(span, (ReadAttribute(),)) for span in site.lookups))
        message = text("{written}: responses are objects since 1.0 of the SDK, not dictionaries", written=site.written)
        yield about(site, "response", site.api, message, upgrade.verdict(site.upgraded), fix)
    elif site.mixed and site.upgraded is not Upgraded.NO and upgrade.applies(site.points, site.host, target):
        message = text(
            "{written}: this may be a response, an object since 1.0 of the SDK, or a dictionary", written=site.written
        )
        yield about(site, "response", site.api, message, Verdict.REVIEW)
    if not site.keys or site.legacy:
        return
    attributes = KEY.sub(lambda found: "." + (found[1] or found[2]).strip('"'), site.written)
    message = text(
        "{written}: responses are objects since 1.0 of the SDK, not dictionaries: {attributes}",
        written=site.written,
        attributes=attributes,
    )
    yield about(site, "response", site.api, message, Verdict.REVIEW if target is not None else None)


RULE = Rule("LM402", "response-subscript", ResponseSite, find)
