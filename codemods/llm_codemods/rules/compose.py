"""Compose file names a variable of OpenAI.

Why: a container gets only the variables that the file hands to it; without the provider's key the rewritten code
stops at once.

Fix: the key's name becomes the provider's, on both sides of the assignment. A key that is written out, or taken from
a variable of another name, gives way to a reference: it is OpenAI's, and the new code would send it to the provider.

Safety: ``fix``; ``review`` where the value changes too. While something in this project needs the old key (a framework
that reads it by itself, a client that stays where it is), the new one is added on a line of its own. ``manual``, and
left alone: other variables, entries of your own that take OpenAI's key, an environment that has another of OpenAI's
keys, and everything where nothing in the project moves.

Source: profile field ``regions.key_env``; gotcha G63.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from llm_codemods.configuration import blocks
from llm_codemods.configuration.compose import COMPOSE_LINE, ComposeSite
from llm_codemods.edits import Span
from llm_codemods.operations import Change, Fix, Replace
from llm_codemods.report import Finding, Verdict
from llm_codemods.rule import Rule, about
from llm_codemods.target import Target
from llm_codemods.text import text
from llm_codemods.vocabulary import KEY_VARIABLE, SECRET


def find(site: ComposeSite, target: Target | None) -> Iterator[Finding]:
    """Report every variable; rename the key."""
    if target is not None and target.embeddings is not None:
        yield from _second(site, target.embeddings)
    message = text("variable {name}", name=site.name)
    if target is None:
        yield about(site, "env", site.name, message)
    elif target.at_openai or not target.origin.setting_variable.fullmatch(site.name):
        yield about(site, "env", site.name, message, Verdict.READY)
    elif not target.origin.key_variable.fullmatch(site.name) or not site.readers.moving or _stays(site, target):
        kept = (
            site.readers.staying and target.origin.key_variable.fullmatch(site.name) and target.key_env in site.beside
        )
        reason = None if kept else blocks.needed(site.readers)
        message = message if reason is None else blocks.because(message, reason)
        yield about(site, "env", site.name, message, Verdict.READY if kept else Verdict.MANUAL)
    elif site.readers.staying:
        fix = _added(site, target)
        verdict = Verdict.FIX if fix is not None else Verdict.READY if site.entry == site.name else Verdict.MANUAL
        yield about(site, "env", site.name, message, verdict, fix)
    else:
        title = text("rename it to {variable}", variable=target.key_env)
        changes = [Change(site.span, (Replace(target.key_env),))]
        if site.value is not None:
            changes.append(Change(site.value, (Replace(f"${{{target.key_env}}}"),)))
        verdict = Verdict.FIX if site.value is None else Verdict.REVIEW
        yield about(site, "env", site.name, message, verdict, Fix(title, tuple(changes)))


def _added(site: ComposeSite, target: Target) -> Fix | None:
    """Return the fix that puts the new variable on a line above the old one; None for what is no entry's name."""
    new = _line(site, target)
    if site.line is None or new is None:
        return None
    indent = site.line.text[: len(site.line.text) - len(site.line.text.lstrip(" \t"))]
    at = site.line.span.start + len(indent)
    change = Change(Span(at, at), (Replace(new.lstrip() + site.line.newline + indent),))
    return Fix(text("add {variable} beside it", variable=target.key_env), (change,))


def above(site: ComposeSite, variables: Mapping[str, str | None]) -> Change | None:
    """Return what sets more variables above a key, in the form of its entry, or hands them over (None).

    It is None for what is not the first key's entry on a line of its own.
    """
    found = COMPOSE_LINE.fullmatch(site.line.text) if site.line is not None else None
    if site.line is None or found is None or any(KEY_VARIABLE.fullmatch(name) for name in site.beside):
        return None
    indent, handed = found["indent"], not found["value"]
    sign = "=" if "-" in indent else ": "
    lines = [
        f"{indent}{name}{':' if sign == ': ' else ''}"
        if value is None and handed
        else f"{indent}{name}{sign}{value or f'${{{name}}}'}"
        for name, value in variables.items()
    ]
    start = Span(site.line.span.start, site.line.span.start)
    return Change(start, (Replace("".join(line + site.line.newline for line in lines)),))


def _line(site: ComposeSite, target: Target) -> str | None:
    """Return the line of the entry as it would name the target's variable; None for what is no entry's name."""
    if site.line is None:
        return None
    line, start = site.line, site.line.span.start
    if site.value is None and not SECRET.search(line.text):
        return target.origin.key_mentioned.sub(target.key_env, re.sub(r"\s+#.*", "", line.text))
    if site.value is None:
        return None
    reference = f"${{{target.key_env}}}"
    before = line.text[: site.value.start - start].replace(site.name, target.key_env, 1)
    return before + reference + line.text[site.value.end - start :][:1].strip()


def _second(site: ComposeSite, second: Target) -> Iterator[Finding]:
    """Hand the container the key of the embeddings, on a line below that of OpenAI's."""
    keys = second.origin.key_variable
    named = keys.fullmatch(site.name) and site.entry is not None and keys.fullmatch(site.entry)
    if not named or not site.readers.moving or second.key_env in site.beside or site.line is None:
        return
    message = text("the key of {provider}, for embeddings, is missing here", provider=second.profile.name)
    new, end = _line(site, second), site.line.span.end
    if new is None:
        yield about(site, "env", second.key_env, message, Verdict.MANUAL)
        return
    change = Change(Span(end, end), (Replace(site.line.newline + new),))
    title = text("add {variable} beside it", variable=second.key_env)
    yield about(site, "env", second.key_env, message, Verdict.FIX, Fix(title, (change,)))


def _stays(site: ComposeSite, target: Target) -> bool:
    """Whether the entry keeps its name: it is none of OpenAI's, or no name may stand twice and the environment has the
    provider's key, or gets it from an entry above."""
    if site.entry is None:
        return False
    taken = target.key_env in site.beside or any(target.origin.key_variable.fullmatch(name) for name in site.beside)
    return taken or not target.origin.key_variable.fullmatch(site.entry)


RULE = Rule("LM604", "compose", ComposeSite, find)
