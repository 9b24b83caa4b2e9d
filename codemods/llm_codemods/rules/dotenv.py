"""Dotenv file names a variable of OpenAI.

Why: the rewritten code reads the provider's variable; whoever fills the file must see its name. A real dotenv file
holds secrets, so its old lines are kept as comments.

Fix: in a template the variable gets the provider's name; in a real file its line becomes a comment and an empty line
for the new key is added. An endpoint becomes a comment, since the code says it; so do settings that mean something to
OpenAI or Azure only, which the SDK would send along; a model gets its new name.

Safety: ``fix`` for the key, models and OpenAI's own settings, ``review`` for endpoints. While something in this
project needs the variables (a framework that reads them by itself, a client that stays where it is), the new key is
added and the rest is ``manual``; so is all of it where nothing in the project moves, and beside or above code of which
none moves.

Source: profile field ``regions``; gotchas G02, G31, G47.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from llm_codemods.configuration import blocks
from llm_codemods.configuration.dotenv import DotenvSite
from llm_codemods.edits import Span
from llm_codemods.operations import Change, Fix, Replace
from llm_codemods.report import Finding, Verdict
from llm_codemods.rule import Rule, about
from llm_codemods.target import Target
from llm_codemods.text import text
from llm_codemods.vocabulary import SECRET

OPENAIS_OWN = re.compile(r"OPENAI_(ORG_ID|ORGANIZATION(_ID)?|PROJECT(_ID)?|API_TYPE|API_VERSION)")
"""Settings that the SDK reads by itself."""


def find(site: DotenvSite, target: Target | None) -> Iterator[Finding]:
    """Report every variable; rename the key, retire the endpoint, map the model."""
    message = text("variable {name}", name=site.name)
    if target is None:
        yield about(site, "env", site.name, message)
        return
    if target.at_openai:
        yield about(site, "env", site.name, message, Verdict.READY)
        return
    second = target.embeddings
    if second is not None and site.readers.moving and _lacks(site, second):
        at = Span(site.span.end, site.span.end)
        new = Change(at, (Replace(f"{site.newline}{site.export}{second.key_env}="),))
        message = text("the key of {provider}, for embeddings, is missing here", provider=second.profile.name)
        title = text("add {variable} beside it", variable=second.key_env)
        yield about(site, "env", second.key_env, message, Verdict.FIX, Fix(title, (new,)))
    fix = _fix(site, target)
    if fix is None and not (
        target.origin.setting_variable.fullmatch(site.name) or target.origin.model.fullmatch(site.value)
    ):
        yield about(site, "env", site.name, message, Verdict.READY)
        return
    verdict = Verdict.REVIEW if target.origin.url_variable.fullmatch(site.name) else Verdict.FIX
    if fix is None:
        verdict = Verdict.READY if _is_kept(site, target) else Verdict.MANUAL
        reason = blocks.needed(site.readers)
        message = blocks.because(message, reason) if reason is not None and verdict is Verdict.MANUAL else message
    yield about(site, "env", site.name, message, verdict, fix)


def _fix(site: DotenvSite, target: Target) -> Fix | None:
    if site.readers.staying or not site.readers.moving:
        return _added(site, target) if site.readers.moving else None
    model = target.model_for(site.value) if target.origin.model.fullmatch(site.value) else None
    if model is not None:
        change = Change(site.value_span, (Replace(model),))
        return Fix(text("use {model}", model=model), (change,))
    if target.origin.url_variable.fullmatch(site.name) or OPENAIS_OWN.fullmatch(site.name):
        return Fix(text("make it a comment"), (Change(_line_start(site), (Replace("# "),)),))
    if not target.origin.key_variable.fullmatch(site.name):
        return None
    if target.key_env in site.defined or not site.first:
        return Fix(text("make it a comment"), (Change(_line_start(site), (Replace("# "),)),))
    if site.example:
        changes = [Change(site.name_span, (Replace(target.key_env),))]
        if SECRET.search(site.value):
            changes.append(Change(site.value_span, (Replace(""),)))
        return Fix(text("rename it to {variable}", variable=target.key_env), tuple(changes))
    new = Change(_line_start(site), (Replace(f"{site.export}{target.key_env}={site.newline}# "),))
    return Fix(text("make it a comment and add {variable}", variable=target.key_env), (new,))


def _lacks(site: DotenvSite, second: Target) -> bool:
    """Whether the file has OpenAI's key, here for the first time, but not that of the embeddings."""
    named = second.origin.key_variable.fullmatch(site.name) is not None
    return named and site.first and second.key_env not in site.defined


def _is_kept(site: DotenvSite, target: Target) -> bool:
    """Whether a key stays for those that need it, and the new one is there."""
    return (
        target.origin.key_variable.fullmatch(site.name) is not None
        and target.key_env in site.defined
        and site.readers.staying
    )


def _added(site: DotenvSite, target: Target) -> Fix | None:
    """Return the fix that puts an empty line for the new key above that of the old one, which something needs."""
    if not target.origin.key_variable.fullmatch(site.name) or not site.first or target.key_env in site.defined:
        return None
    new = Change(_line_start(site), (Replace(f"{site.export}{target.key_env}={site.newline}"),))
    return Fix(text("add {variable} beside it", variable=target.key_env), (new,))


def _line_start(site: DotenvSite) -> Span:
    return Span(site.span.start, site.span.start)


RULE = Rule("LM603", "dotenv", DotenvSite, find)
