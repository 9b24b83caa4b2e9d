"""Response is handed on as a dictionary.

Why: until 0.28 the SDK gave dictionaries; since 1.0 it gives objects. ``json.dumps(response)`` raises on them, a
message put among messages that are dictionaries is the odd one, and ``hasattr`` is always true; they have no ``get``.

Fix: ``model_dump()`` gives the dictionary; what ``hasattr`` asked for is compared with ``None``; ``get`` of a name that
no response has becomes ``getattr``.

Safety: as that of the calls in the file, see ``legacy-call``; ``review`` where nobody knows what becomes of it.

Source: the SDK's own types; gotcha G22.
"""

from __future__ import annotations

from collections.abc import Iterator

from llm_codemods import upgrade
from llm_codemods.operations import CallMethod, Change, Fix, GuardAttribute, Operation, ReadAttribute
from llm_codemods.report import Finding, Verdict
from llm_codemods.rule import Rule, about
from llm_codemods.sdk import Upgraded
from llm_codemods.sites import Handed, HandedSite
from llm_codemods.target import Target
from llm_codemods.text import text


def find(site: HandedSite, target: Target | None) -> Iterator[Finding]:
    """Turn responses into dictionaries where dictionaries are wanted."""
    if site.upgraded is Upgraded.NO or not upgrade.applies(site.points, site.host, target):
        return
    if site.how is Handed.LOST:
        message = text("responses are objects since 1.0 of the SDK: what is done with it here may want a dictionary")
        yield about(site, "response", site.api, message, Verdict.REVIEW)
        return
    operations: tuple[Operation, ...] = (CallMethod("model_dump"),)
    title = text("hand over its model_dump()")
    if site.how is Handed.ASKED:
        operations, title = (ReadAttribute(),), text("ask whether it is None")
    elif site.how is Handed.GOT:
        operations, title = (
            (ReadAttribute(), GuardAttribute("None")),
            text("read it as an attribute that may be missing"),
        )
    elif site.how is Handed.AMONG:
        operations = (CallMethod("model_dump", "exclude_none=True"),)
    fix = Fix(title, (Change(site.span, operations),))
    message = text("responses are objects since 1.0 of the SDK, not dictionaries")
    yield about(site, "response", site.api, message, upgrade.verdict(site.upgraded), fix)


RULE = Rule("LM409", "handed-response", HandedSite, find)
