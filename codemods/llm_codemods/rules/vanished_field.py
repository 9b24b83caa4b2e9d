"""Field of a response may not come.

Why: ``system_fingerprint``, ``service_tier``, ``refusal`` and the details of the usage are OpenAI's own. The SDK gives
``None`` for a field that was not sent, and ``None.cached_tokens`` raises.

Fix: none: what stands in for the field, only you know.

Safety: ``review``; nothing is said where the provider sends the field, or where the code asks first whether it is
there. Where nobody says whether it comes, only what reads on inside of it is reported.

Source: profile field ``response``; gotcha G48.
"""

from __future__ import annotations

from collections.abc import Iterator

from llm_codemods import responses
from llm_codemods.profile import Status
from llm_codemods.report import Finding, Verdict
from llm_codemods.rule import Rule, about, moves
from llm_codemods.sites import ResponseSite
from llm_codemods.target import Target
from llm_codemods.text import text

USUALLY_NONE = ("refusal",)
"""Fields that OpenAI, too, leaves empty as a rule."""


def find(site: ResponseSite, target: Target | None) -> Iterator[Finding]:
    """Report fields that do not come, or of which nobody says that they do."""
    name = next((name for name in site.at if name in responses.UNSURE), None)
    if target is None or name is None or site.guarded or not moves(site.points, site.host, target):
        return
    if site.at[-1] == name and (name in USUALLY_NONE or site.written.endswith(f'.get("{name}")')):
        return  # the code has to do with None anyway
    row = target.profile.response.get(name)
    if row is None or row.status is Status.UNKNOWN:
        if site.at[-1] == name:
            return  # the worst that comes is None
        message = text("'{name}' of a response: nobody says whether it comes there", name=name)
    elif row.status is Status.REJECTED:
        message = text("'{name}' of a response does not come there", name=name)
    elif row.status is Status.LIMITED and row.note is not None:
        message = text("'{name}' of a response differs there: {note}", name=name, note=row.note)
    else:
        return
    yield about(site, "response", site.api, message, Verdict.REVIEW)


RULE = Rule("LM405", "vanished-field", ResponseSite, find)
