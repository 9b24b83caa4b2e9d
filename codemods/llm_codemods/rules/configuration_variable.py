"""File that is no Python names a variable of OpenAI.

Why: workflows, charts, scripts and settings hand the key to the program; without the provider's variable the rewritten
code stops at once, and a key of OpenAI that goes on being handed over is one that can leak.

Fix: none: these files are reported. Dotenv and compose files have rules of their own, with fixes.

Safety: ``review``; ``manual`` where a cluster or a forge keeps the value, since only you can put the new key there.
Names of your own with OpenAI in them are ``ready`` unless they speak of a key, an endpoint or an account.

Source: profile field ``regions.key_env``; gotchas G02, G31, G63.
"""

from __future__ import annotations

from collections.abc import Iterator

from llm_codemods.configuration.sites import Role, VariableEntrySite
from llm_codemods.report import Finding, Verdict
from llm_codemods.rule import Rule, about
from llm_codemods.target import Target
from llm_codemods.text import Text, text
from llm_codemods.vocabulary import KEY_VARIABLE, SETTING_VARIABLE, URL_VARIABLE


def find(site: VariableEntrySite, target: Target | None) -> Iterator[Finding]:
    """Report every variable, and say what takes its place."""
    if target is None:
        yield about(site, "env", site.name, text("variable {name}", name=site.name))
    elif target.at_openai or not SETTING_VARIABLE.fullmatch(site.name):
        yield about(site, "env", site.name, text("variable {name}", name=site.name), Verdict.READY)
    elif site.role is Role.SECRET:
        said = text(
            "variable {name} comes from a secret: create one for {variable} and hand that over",
            name=site.name,
            variable=target.key_env,
        )
        yield about(site, "env", site.name, said, Verdict.MANUAL)
    else:
        yield about(site, "env", site.name, _said(site, target), Verdict.REVIEW)


def _said(site: VariableEntrySite, target: Target) -> Text:
    if URL_VARIABLE.fullmatch(site.name):
        return text("variable {name}: the endpoint now stands in the code", name=site.name)
    if KEY_VARIABLE.fullmatch(site.name):
        return text("variable {name}: the code now reads {variable}", name=site.name, variable=target.key_env)
    return text("variable {name} means something to OpenAI only", name=site.name)


RULE = Rule("LM606", "configuration-variable", VariableEntrySite, find)
