"""Setting means OpenAI by its name or value.

Why: programs keep keys and endpoints under names of their own, ``open_ai_api_key`` or ``provider: openai``; what reads
them sends the key to OpenAI.

Fix: none: what the name means is known to the program that reads it.

Safety: ``review``.

Source: profile fields ``regions.base_url`` and ``regions.key_env``; gotcha G02.
"""

from __future__ import annotations

from collections.abc import Iterator

from llm_codemods.configuration.sites import OptionEntrySite
from llm_codemods.report import Finding, Verdict
from llm_codemods.rule import Rule, about
from llm_codemods.target import Target
from llm_codemods.text import text


def find(site: OptionEntrySite, target: Target | None) -> Iterator[Finding]:
    """Report every setting, and say what it should hold."""
    key = site.keys[-1] if site.keys else site.name
    message = text("setting {name} is for OpenAI", name=key)
    if target is None or target.at_openai:
        yield about(site, "config", site.name, message, Verdict.READY if target else None)
        return
    if site.provider:
        message = text(
            "setting {name} chooses OpenAI: keep it only if endpoint ({base}) and key stand beside it",
            name=key,
            base=target.base_url,
        )
    else:
        message = text(
            "setting {name} is for OpenAI; the provider's endpoint is {base}, its key is in {variable}",
            name=key,
            base=target.base_url,
            variable=target.key_env,
        )
    yield about(site, "config", site.name, message, Verdict.REVIEW)


RULE = Rule("LM609", "configuration-setting", OptionEntrySite, find)
