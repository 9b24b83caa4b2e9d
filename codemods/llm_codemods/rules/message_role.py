"""Message has the role ``developer``.

Why: OpenAI's newer models call the system role ``developer``; most other endpoints refuse the word.

Fix: the role that the profile names, as a rule ``system``.

Safety: ``fix``.

Source: profile field ``roles``; gotcha G13.
"""

from __future__ import annotations

from collections.abc import Iterator

from llm_codemods.operations import Change, Fix, ReplaceString
from llm_codemods.profile import Action
from llm_codemods.report import Finding, Verdict
from llm_codemods.rule import Rule, about
from llm_codemods.sites import RoleSite
from llm_codemods.target import Target
from llm_codemods.text import text


def find(site: RoleSite, target: Target | None) -> Iterator[Finding]:
    """Replace roles that the provider does not take."""
    row = target.profile.roles.get(site.role) if target is not None else None
    if row is None or row.action is not Action.REPLACE or row.to is None:
        return
    fix = Fix(text("use the role '{to}'", to=row.to), (Change(site.span, (ReplaceString(row.to),)),))
    message = text("role '{role}' is not taken there", role=site.role)
    yield about(site, "parameter", site.role, message, Verdict.FIX, fix)


RULE = Rule("LM401", "message-role", RoleSite, find)
