"""Compose file names a variable of OpenAI.

Why: a container gets only the variables that the file hands to it; without the provider's key the rewritten code
stops at once.

Fix: the key's name becomes the provider's, on both sides of the assignment.

Safety: ``fix``; ``review`` for other variables, and while a framework in this project reads the key by itself.

Source: profile field ``regions.key_env``; gotcha G63.
"""

from __future__ import annotations

from collections.abc import Iterator

from llm_codemods.configuration import ComposeSite
from llm_codemods.operations import Change, Fix, Replace
from llm_codemods.report import Finding, Verdict
from llm_codemods.rule import Rule, about
from llm_codemods.sites import KEY_VARIABLE
from llm_codemods.target import Target
from llm_codemods.text import text


def find(site: ComposeSite, target: Target | None) -> Iterator[Finding]:
    """Report every variable; rename the key."""
    message = text("variable {name}", name=site.name)
    if target is None:
        yield about(site, "env", site.name, message)
    elif target.at_openai:
        yield about(site, "env", site.name, message, Verdict.READY)
    elif not KEY_VARIABLE.fullmatch(site.name) or site.shared:
        yield about(site, "env", site.name, message, Verdict.REVIEW)
    else:
        title = text("name {variable}", variable=target.key_env)
        fix = Fix(title, (Change(site.span, (Replace(target.key_env),)),))
        yield about(site, "env", site.name, message, Verdict.FIX, fix)


RULE = Rule("LM604", "compose", ComposeSite, find)
