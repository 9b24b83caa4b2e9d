"""Target's model thinks by default.

Why: a model that reasons before it answers is slower, bills more tokens and may leave nothing for the answer under a
small cap. Where the old model did not reason, the code does not expect it.

Fix: the profile's switch is sent in ``extra_body`` (before 1.0 of the SDK: as an argument).

Safety: ``fix``.

Source: profile fields ``thinking`` and ``mapping.thinking``; gotcha G08.
"""

from __future__ import annotations

from collections.abc import Iterator

from llm_codemods.operations import Change, ExtendBody, Fix, Operation, SetArgument
from llm_codemods.profile import Thinking
from llm_codemods.report import Finding, Verdict
from llm_codemods.rule import Rule, about
from llm_codemods.sites import CallSite, Points
from llm_codemods.target import Target
from llm_codemods.text import text


def find(site: CallSite, target: Target | None) -> Iterator[Finding]:
    """Switch thinking off where the mapping says that the old model had none."""
    if target is None or not site.called or site.points not in (Points.OPENAI, Points.AZURE):
        return
    if not site.endpoint.startswith("chat.completions."):
        return
    switch = target.profile.thinking.get("off")
    if (
        switch is None
        or any(name in site.given for name in switch)
        or not any(thinks(m, site, target) for m in site.models)
    ):
        return
    operations: tuple[Operation, ...]
    if site.legacy:
        operations = tuple(SetArgument(name, repr(value)) for name, value in switch.items())
    else:
        operations = (ExtendBody(tuple((name, _code(value)) for name, value in switch.items())),)
    fix = Fix(text("switch thinking off"), (Change(site.span, operations),))
    yield about(site, "parameter", "thinking", text("the target's model thinks by default"), Verdict.FIX, fix)


def thinks(name: str, site: CallSite, target: Target) -> bool:
    """Whether an OpenAI model that did not reason is replaced by one that does unless told not to."""
    row = target.mapping(name)
    if name in target.models or row is None or row.thinking != "off":
        return False
    model = target.model(target.model_for(name, vision=site.images))
    return model is not None and model.thinking is Thinking.ON


def _code(value: object) -> str:
    """Python source of plain TOML data, with double quotes."""
    if isinstance(value, dict):
        return "{" + ", ".join(f'"{k}": {_code(v)}' for k, v in value.items()) + "}"
    return f'"{value}"' if isinstance(value, str) else repr(value)


RULE = Rule("LM304", "thinking", CallSite, find)
