"""Response is asked for what only 0.28 had.

Why: ``to_dict_recursive()``, ``response_ms``, ``organization`` and ``openai_id`` belong to the responses of 0.28. Those
of 1.0 and later do not have them.

Fix: ``to_dict_recursive()`` is ``model_dump()`` where the call moves from 0.28 to the current SDK. None for the others:
what they said stands in the headers (``with_raw_response``).

Safety: ``review``, or as that of the calls in the file, see ``legacy-call``. Responses of the 0.28 API that stays are
left alone.

Source: the SDK's own types; gotcha G22.
"""

from __future__ import annotations

from collections.abc import Iterator

from llm_codemods import responses, upgrade
from llm_codemods.operations import Change, Fix, RenameFunction
from llm_codemods.report import Finding, Verdict
from llm_codemods.rule import Rule, about
from llm_codemods.sdk import Upgraded
from llm_codemods.sites import ResponseSite
from llm_codemods.target import Target
from llm_codemods.text import text


def find(site: ResponseSite, target: Target | None) -> Iterator[Finding]:
    """Report names that went with 1.0."""
    name = next((name for name in site.at if name in responses.LEGACY_ONLY), None)
    moves = site.upgraded is not Upgraded.NO and upgrade.applies(site.points, site.host, target)
    if name == "to_dict_recursive" and moves:
        message = text("'{name}' of a response exists only before 1.0 of the SDK", name=name)
        fix = Fix(text("call it model_dump()"), (Change(site.span, (RenameFunction("model_dump"),)),))
        yield about(site, "response", site.api, message, upgrade.verdict(site.upgraded), fix)
    elif name is not None and (moves or not site.legacy) and not site.plain:
        message = text("'{name}' of a response exists only before 1.0 of the SDK", name=name)
        yield about(site, "response", site.api, message, Verdict.REVIEW if target is not None else None)


RULE = Rule("LM406", "legacy-response", ResponseSite, find)
