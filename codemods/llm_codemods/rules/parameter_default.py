"""Parameter must be given explicitly.

Why: what OpenAI's SDK sends on its own, or OpenAI assumes, is not what the provider does: for embeddings the SDK asks
for ``base64`` unless told otherwise; a model's thoughts may come inside of its answer unless they are asked for apart;
for a picture OpenAI takes ``dall-e-2`` where no model is named.

Fix: the argument is added with the profile's value; one that the SDK does not know, in ``extra_body``; a picture's
model is the one that stands in for OpenAI's. Where a ``**mapping`` or an ``extra_body`` that is written elsewhere may
hold it already, these have the last word: ``**{"name": value, **mapping}``. What is for tools only is given where the
call has some: ``name=value if tools else NOT_GIVEN``, ``**alongside(mapping, name=("tools", value))``.

Safety: ``fix``; ``review`` where it is for tools only, the call may come without any, and neither form can say so, and,
without a fix, where the call has other arguments that cannot be seen, or an ``extra_body`` in what it unpacks;
``manual`` where nothing is known to stand in for the model.

Source: profile fields ``parameters``, action ``add``, and ``mapping``; gotchas G38, G42.
"""

from __future__ import annotations

from collections.abc import Iterator

from llm_codemods.adapters import ALONGSIDE
from llm_codemods.conversions import Kind, as_converted, kind_of
from llm_codemods.judgement import may_be_left_out, row_for, stays_legacy
from llm_codemods.operations import (
    Change,
    DefaultArgument,
    DefaultBody,
    ExtendBody,
    Fix,
    Import,
    Operation,
    PassThrough,
    SetArgument,
)
from llm_codemods.profile import Action, Parameter, Status
from llm_codemods.report import Finding, Verdict
from llm_codemods.rule import Rule, about, settles
from llm_codemods.sites import CallSite, Given, Points
from llm_codemods.sites.kinds.given import says_nothing
from llm_codemods.target import Target
from llm_codemods.terms import Either, Term, dotted
from llm_codemods.text import Text, text
from llm_codemods.thoughts import is_switched

PICTURES = ("images.generate", "images.edit")
"""Methods that need no model at OpenAI."""
ASSUMED = "dall-e-2"
"""What OpenAI takes for them then."""


def find(site: CallSite, target: Target | None) -> Iterator[Finding]:
    """Add what the profile wants said and the call leaves out."""
    if target is None or not site.known or not site.called or site.points not in (Points.OPENAI, Points.AZURE):
        return
    writes = kind_of(site, target) is Kind.COMPLETION  # OpenAI's text completions have no tools
    site = as_converted(site, target)
    endpoint = target.profile.endpoint(site.endpoint)
    if endpoint is not None and endpoint.status is Status.REJECTED:
        return
    if site.endpoint in PICTURES and not _is_said(site, "model") and not target.at_openai:
        yield _named_model(site, target)
    for table in target.profile.parameters.values():
        for name in table:
            row = row_for(site, target, name)
            if row is not table[name] or row.action is not Action.ADD or row.default is None or _is_said(site, name):
                continue
            beside = site.given.get(row.beside) if row.beside is not None else None
            if row.beside is not None and (beside is None or writes):
                continue
            if row.to is not None and is_switched(site, {row.to: None}):
                continue
            message = text("'{name}' must be given explicitly: {value}", name=name, value=row.default)
            if row.note is not None:
                message = text("{message} ({note})", message=message, note=row.note)
            alone = beside is not None and (beside.maybe or may_be_left_out(beside))
            if alone:
                message = text("{message}; the call may come without '{name}'", message=message, name=row.beside)
            fix = _alongside(site, target, beside, row, name) if alone and beside is not None else None
            if fix is not None:
                yield about(site, "parameter", name, message, Verdict.FIX, fix)
                continue
            operation = _operation(site, target, row, name, row.default)
            yield _given(site, name, row.default, message, operation, sure=not alone)


def _alongside(site: CallSite, target: Target, beside: Given, row: Parameter, name: str) -> Fix | None:
    """Give a parameter its value where the one that it is for says something; None where no form can say so."""
    if row.to is not None or row.default is None:
        return None
    title = text("set '{name}' to {value} where '{other}' is given", name=name, value=row.default, other=beside.name)
    if not beside.direct:
        if not site.unpacks:
            return None
        passed = PassThrough(ALONGSIDE.name, f'{name}=("{beside.name}", {row.default})')
        return Fix(title, (Change(site.span, (passed,)),), definitions=(ALONGSIDE,))
    asked = dotted(_asked(site, beside))
    if asked is None or stays_legacy(site, target):
        return None
    operation = _argument(site, name, f"{row.default} if {asked} else NOT_GIVEN")
    imports = (Import("openai", "NOT_GIVEN"),)
    return None if operation is None else Fix(title, (Change(site.span, (operation,)),), imports)


def _asked(site: CallSite, beside: Given) -> Term:
    """Return the term that says whether there is an argument: ``tools`` of ``tools or None``."""
    match beside.term:
        case Either(options=(first, *rest), fallback=True) if all(
            (values := site.resolve(beside.path, other)) and all(map(says_nothing, values)) for other in rest
        ):
            return first
    return beside.term


def _named_model(site: CallSite, target: Target) -> Finding:
    """Name the model of a picture."""
    model = target.model_for(ASSUMED)
    if model is None:
        message = text("no model is named; OpenAI takes {model}, for which nothing is known to stand in", model=ASSUMED)
        return about(site, "parameter", "model", message, Verdict.MANUAL)
    value = f'"{model}"'
    message = text("'{name}' must be given explicitly: {value}", name="model", value=value)
    return _given(site, "model", value, message, _argument(site, "model", value))


def _given(
    site: CallSite, name: str, value: str, message: Text, operation: Operation | None, *, sure: bool = True
) -> Finding:
    """Return the finding that a parameter is left out, with what gives it the value, if anything can."""
    if operation is None:
        return about(site, "parameter", name, message, Verdict.REVIEW)
    fix = Fix(text("set '{name}' to {value}", name=name, value=value), (Change(site.span, (operation,)),))
    return about(site, "parameter", name, message, settles(fix, sure=sure), fix)


def _argument(site: CallSite, name: str, value: str) -> Operation | None:
    """Return what gives the value as an argument; None where arguments cannot be seen."""
    if site.defers(name):
        return DefaultArgument(name, value)
    return None if site.opaque or name in site.given else SetArgument(name, value)


def _is_said(site: CallSite, name: str) -> bool:
    """Whether the call has the argument, whatever it unpacks."""
    return name in site.given and not site.given[name].maybe


def _operation(site: CallSite, target: Target, row: Parameter, name: str, value: str) -> Operation | None:
    """Return what gives the value; None where arguments, or the body to put it into, cannot be seen."""
    body = site.given.get("extra_body")
    if row.to is None or stays_legacy(site, target):
        return _argument(site, row.to or name, value)
    behind = body is None and site.defers(name)
    if (site.opaque or name in site.given) and not behind:
        return None
    if body is not None and not body.direct:
        return None
    return (DefaultBody if behind else ExtendBody)(((row.to, value),))


RULE = Rule("LM302", "parameter-default", CallSite, find)
