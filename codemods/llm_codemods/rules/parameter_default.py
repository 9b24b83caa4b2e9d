"""Parameter must be given explicitly.

Why: what OpenAI's SDK sends on its own, or OpenAI assumes, is not what the provider does: for embeddings the SDK asks
for ``base64`` unless told otherwise; a model's thoughts may come inside of its answer unless they are asked for apart.

Fix: the argument is added with the profile's value; one that the SDK does not know, in ``extra_body``. Where a
``**mapping`` or an ``extra_body`` that is written elsewhere may hold it already, these have the last word:
``**{"name": value, **mapping}``.

Safety: ``fix``; ``review`` without one where the call has other arguments that cannot be seen, or an ``extra_body`` in
what it unpacks.

Source: profile field ``parameters``, action ``add``; gotchas G38, G42.
"""

from __future__ import annotations

from collections.abc import Iterator

from llm_codemods.conversions import as_converted
from llm_codemods.operations import Change, DefaultArgument, DefaultBody, ExtendBody, Fix, Operation, SetArgument
from llm_codemods.profile import Action, Parameter, Status
from llm_codemods.report import Finding, Verdict
from llm_codemods.rule import Rule, about
from llm_codemods.rules.parameter import row_for, stays_legacy
from llm_codemods.rules.thinking import is_switched
from llm_codemods.sites import CallSite, Points
from llm_codemods.target import Target
from llm_codemods.text import text


def find(site: CallSite, target: Target | None) -> Iterator[Finding]:
    """Add what the profile wants said and the call leaves out."""
    if target is None or not site.known or not site.called or site.points not in (Points.OPENAI, Points.AZURE):
        return
    site = as_converted(site, target)
    endpoint = target.profile.endpoint(site.endpoint)
    if endpoint is not None and endpoint.status is Status.REJECTED:
        return
    for table in target.profile.parameters.values():
        for name in table:
            row = row_for(site, target, name)
            if row is not table[name] or row.action is not Action.ADD or row.default is None or name in site.given:
                continue
            if row.beside is not None and row.beside not in site.given:
                continue
            if row.to is not None and is_switched(site, {row.to: None}):
                continue
            message = text("'{name}' must be given explicitly: {value}", name=name, value=row.default)
            if row.note is not None:
                message = text("{message} ({note})", message=message, note=row.note)
            operation = _operation(site, target, row, name, row.default)
            if operation is None:
                yield about(site, "parameter", name, message, Verdict.REVIEW)
                continue
            title = text("set '{name}' to {value}", name=name, value=row.default)
            yield about(site, "parameter", name, message, Verdict.FIX, Fix(title, (Change(site.span, (operation,)),)))


def _operation(site: CallSite, target: Target, row: Parameter, name: str, value: str) -> Operation | None:
    """Return what gives the value; None where arguments, or the body to put it into, cannot be seen."""
    body = site.given.get("extra_body")
    if site.opaque and not site.unpacks:
        return None
    if row.to is None or stays_legacy(site, target):
        return (DefaultArgument if site.opaque else SetArgument)(row.to or name, value)
    behind = body is None and site.unpacks and (site.opaque or not any(g.direct for g in site.given.values()))
    if site.opaque and not behind:
        return None
    if body is not None and not body.direct:
        return None
    return (DefaultBody if behind else ExtendBody)(((row.to, value),))


RULE = Rule("LM302", "parameter-default", CallSite, find)
