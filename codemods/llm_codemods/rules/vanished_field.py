"""Field of a response may not come.

Why: ``system_fingerprint``, ``service_tier``, ``refusal`` and the details of the usage are OpenAI's own. The SDK gives
``None`` for a field that was not sent, and ``None.cached_tokens`` raises.

Fix: what lies inside of such a field is read by ``getattr``, with 0 for a number of tokens and else ``None`` for what
is not there.

Safety: ``review``: what the code makes of the value must go with 0 or ``None``. ``manual`` where the field itself is
read, which is ``None`` then, and where more is read than one thing inside of it. Nothing is said where the provider
sends the field, or where the code asks first whether it is there. Where nobody says whether it comes, only what reads
on inside of it is reported.

Source: profile field ``response``; gotcha G48.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from llm_codemods import responses, upgrade
from llm_codemods.operations import Change, Fix, GuardAttribute
from llm_codemods.profile import Status
from llm_codemods.report import Finding, Verdict
from llm_codemods.rule import Rule, about, moves
from llm_codemods.sdk import Upgraded
from llm_codemods.sites import ResponseSite
from llm_codemods.target import Target
from llm_codemods.text import Text, text

KEY = re.compile(r'\["(\w+)"\]|\.get\("(\w+)"\)')
USUALLY_NONE = ("refusal",)
"""Fields that OpenAI, too, leaves empty as a rule."""


def find(site: ResponseSite, target: Target | None) -> Iterator[Finding]:
    """Report fields that do not come, or of which nobody says that they do."""
    name = next((name for name in site.at if name in responses.UNSURE), None)
    if target is None or name is None or site.guarded or not moves(site.points, site.host, target):
        return
    if site.at[-1] == name and (name in USUALLY_NONE or site.written.endswith(f'.get("{name}")')):
        return  # the code has to do with None anyway
    message = _message(site, target, name)
    if message is None:
        return
    if site.at[-2:-1] == (name,) and _as_attributes(site, target).endswith(f".{name}.{site.at[-1]}"):
        default = "0" if site.at[-1].endswith("_tokens") else "None"
        title = text("read '{name}' only if it is there", name=site.at[-1])
        fix = Fix(title, (Change(site.span, (GuardAttribute(default),)),))
        yield about(site, "response", site.api, message, Verdict.REVIEW, fix)
        return
    message = text("{message}; do without it, or ask first whether it is there", message=message)
    yield about(site, "response", site.api, message, Verdict.MANUAL)


def _as_attributes(site: ResponseSite, target: Target) -> str:
    """Return what is read, as it is written once the call has moved to the current SDK."""
    moves_on = site.lookups and site.upgraded is not Upgraded.NO and upgrade.applies(site.points, site.host, target)
    return KEY.sub(r".\1\2", site.written) if moves_on else site.written


def _message(site: ResponseSite, target: Target, name: str) -> Text | None:
    row = target.profile.response.get(name)
    if row is None or row.status is Status.UNKNOWN:
        if site.at[-1] == name:
            return None  # the worst that comes is None
        return text("'{name}' of a response: nobody says whether it comes there", name=name)
    if row.status is Status.REJECTED:
        return text("'{name}' of a response does not come there", name=name)
    if row.status is Status.LIMITED and row.note is not None:
        return text("'{name}' of a response differs there: {note}", name=name, note=row.note)
    return None


RULE = Rule("LM405", "vanished-field", ResponseSite, find)
