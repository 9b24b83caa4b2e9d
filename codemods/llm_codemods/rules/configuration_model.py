"""File that is no Python names a model of OpenAI.

Why: a model in a settings file wins over the one in the code, and no provider serves OpenAI's models.

Fix: the name becomes the one that the profile, or your ``--map``, puts in its place, together with endpoint and key of
the same block. A model with LiteLLM's prefix of OpenAI and the key beside it gets the endpoint on a line of its own.
Every other character stays.

Safety: ``fix`` for a variable of an environment; ``review`` for other settings, since what reads them is not seen;
``ready`` where the block belongs to another provider, and in JSON below a folder of results, outputs, predictions or
logs, which tells what was asked once. ``manual``, and left alone, where nothing is known to stand in for the model,
where a key stands beside it, where nothing in the project moves, and while something in it stays with OpenAI or reads
such settings by itself. A model counts where its key, or one above it, is about models, or where it has a provider's
prefix (``openai/gpt-4o``), so a ``model:`` of something else is never reported. A table of models, or rows of data, are
reported once.

Source: profile field ``mapping``; gotchas G01, G06, G43.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from llm_codemods.configuration.blocks import because, endpoint, held, is_routed
from llm_codemods.configuration.forms import Form
from llm_codemods.configuration.sites import Line, ModelEntrySite
from llm_codemods.edits import Span
from llm_codemods.operations import Change, Fix, Replace
from llm_codemods.report import Finding, Verdict
from llm_codemods.rule import Rule, about
from llm_codemods.target import Target
from llm_codemods.text import text

VARIABLE = re.compile(r"[A-Z][A-Z0-9]*_[A-Z0-9_]*|MODEL")
"""Keys that are variables of an environment."""
RECORDS = re.compile(r"(?:^|/)(?:logs?|outputs?|predictions?|results?)/", re.IGNORECASE)
"""Folders in which JSON tells what was asked once, not what is to be asked."""


def find(site: ModelEntrySite, target: Target | None) -> Iterator[Finding]:
    """Report every model, and put the target's in its place."""
    message = text("model {name}", name=site.name)
    if site.times > 1:
        message = text("model {name}, the first of {count} in a table", name=site.name, count=site.times)
    record = site.form is Form.JSON and RECORDS.search(site.path) is not None
    if target is None or target.at_openai or target.knows(site.name) or record:
        yield about(site, "model-literal", site.name, message, Verdict.READY if target else None)
        return
    model = target.model_for(site.name)
    if model is None and site.times == 1:
        message = text(
            "model {name}: nothing is known to stand in for it; choose with --map {name}=MODEL", name=site.name
        )
        yield about(site, "model-literal", site.name, message, Verdict.MANUAL)
    elif (stays := held(site, target)) is not None:
        yield about(site, "model-literal", site.name, because(message, stays[1]), stays[0])
    elif site.times > 1 or model is None:
        yield about(site, "model-literal", site.name, message, Verdict.MANUAL)
    elif site.prefix and endpoint(site.block, target) is None and (site.line is None or not is_routed(site.block)):
        reason = text(
            "its prefix sends it to OpenAI: put {base} and the key of {variable} beside it",
            base=target.base_url,
            variable=target.key_env,
        )
        yield about(site, "model-literal", site.name, because(message, reason), Verdict.MANUAL)
    else:
        message = text("model {name}: {model} takes its place", name=site.name, model=model)
        changes = [Change(site.span, (Replace(model),))]
        if site.line is not None and site.prefix and endpoint(site.block, target) is None:
            changes.append(_endpoint(site.line, target))
        fix = Fix(text("use {model}", model=model), tuple(changes))
        verdict = Verdict.FIX if site.keys and VARIABLE.fullmatch(site.keys[-1]) else Verdict.REVIEW
        yield about(site, "model-literal", site.name, message, verdict, fix)


def _endpoint(line: Line, target: Target) -> Change:
    """Return the change that puts the endpoint on a line of its own below the model."""
    before = re.match(r"[ \t]*(?:-[ \t]+)?", line.text)
    indent = " " * len(before[0]) if before is not None else ""
    return Change(Span(line.span.end, line.span.end), (Replace(f"{line.newline}{indent}api_base: {target.base_url}"),))


RULE = Rule("LM607", "configuration-model", ModelEntrySite, find)
