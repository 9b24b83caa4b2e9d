"""Parameter must be given explicitly.

Why: what OpenAI's SDK sends on its own, or OpenAI assumes, is not what the provider does: for embeddings the SDK asks
for ``base64`` unless told otherwise.

Fix: the argument is added with the profile's value.

Safety: ``fix``; ``review`` without one where the call has arguments that cannot be seen.

Source: profile field ``parameters``, action ``add``; gotcha G42.
"""

from __future__ import annotations

from collections.abc import Iterator

from llm_codemods.operations import Change, Fix, SetArgument
from llm_codemods.profile import Action
from llm_codemods.report import Finding, Verdict
from llm_codemods.rule import Rule, about
from llm_codemods.rules.parameter import row_for
from llm_codemods.sites import CallSite, Points
from llm_codemods.target import Target
from llm_codemods.text import text


def find(site: CallSite, target: Target | None) -> Iterator[Finding]:
    """Add what the profile wants said and the call leaves out."""
    if target is None or not site.known or not site.called or site.points not in (Points.OPENAI, Points.AZURE):
        return
    for table in target.profile.parameters.values():
        for name in table:
            row = row_for(site, target, name)
            if row is not table[name] or row.action is not Action.ADD or row.default is None or name in site.given:
                continue
            if row.beside is not None and row.beside not in site.given:
                continue
            message = text("'{name}' must be given explicitly: {value}", name=name, value=row.default)
            if row.note is not None:
                message = text("{message} ({note})", message=message, note=row.note)
            if site.opaque:
                yield about(site, "parameter", name, message, Verdict.REVIEW)
                continue
            title = text("set '{name}' to {value}", name=name, value=row.default)
            fix = Fix(title, (Change(site.span, (SetArgument(name, row.default),)),))
            yield about(site, "parameter", name, message, Verdict.FIX, fix)


RULE = Rule("LM302", "parameter-default", CallSite, find)
