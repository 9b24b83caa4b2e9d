"""Message has a role that the provider does not take.

Why: OpenAI's newer models call the system role ``developer``; most other endpoints refuse the word. Few know the role
``function`` of the time before tools.

Fix: the role that the profile names, as a rule ``system``.

Safety: ``fix`` where the message reaches a call; ``review`` where it only looks like a message, or reaches another
vendor's client, too; ``manual`` where the profile names no other role. Messages of other vendors' clients are left
alone, as are answers to functions that become tools.

Source: profile field ``roles``; gotcha G13.
"""

from __future__ import annotations

from collections.abc import Iterator

from llm_codemods.conversions import gets_tools
from llm_codemods.operations import Change, Fix, ReplaceString
from llm_codemods.profile import Action
from llm_codemods.report import Finding, Verdict
from llm_codemods.rule import Rule, about
from llm_codemods.sites import Flow, RoleSite
from llm_codemods.target import Target
from llm_codemods.text import text


def find(site: RoleSite, target: Target | None) -> Iterator[Finding]:
    """Replace roles that the provider does not take."""
    row = target.profile.roles.get(site.role) if target is not None else None
    if target is None or row is None or site.flow is Flow.ELSEWHERE or gets_tools(site.answers, target):
        return
    message = text("role '{role}' is not taken there", role=site.role)
    if row.action is Action.MANUAL:
        if row.note is not None:
            message = text("{message} ({note})", message=message, note=row.note)
        yield about(site, "parameter", site.role, message, Verdict.MANUAL)
    elif row.action is Action.REPLACE and row.to is not None:
        fix = Fix(text("use the role '{to}'", to=row.to), (Change(site.span, (ReplaceString(row.to),)),))
        verdict = Verdict.FIX if site.flow is Flow.REACHES else Verdict.REVIEW
        stays = site.flow is Flow.MENTIONED  # with a relay
        yield about(site, "parameter", site.role, message, verdict, None if stays else fix)


RULE = Rule("LM401", "message-role", RoleSite, find)
