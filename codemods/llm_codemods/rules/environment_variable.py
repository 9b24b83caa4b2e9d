"""Environment variable of OpenAI is named.

Why: the key of another provider in ``OPENAI_API_KEY`` misleads people, and libraries that read the variable
themselves send it to OpenAI.

Fix: reads whose value reaches a client become ``os.environ["…"]`` of the provider's variable, which stops at once
when it is missing; elsewhere the name is replaced.

Safety: ``fix`` for reads and writes of the environment; ``review`` for names that only stand in a string, and for every
name while a framework in this project reads the variable by itself.

Source: profile field ``regions.key_env``; gotchas G01, G02, G12, G47.
"""

from __future__ import annotations

from collections.abc import Iterator

from llm_codemods.operations import Change, Fix, Import, Replace, ReplaceString
from llm_codemods.report import Finding, Verdict
from llm_codemods.rule import Rule, about
from llm_codemods.sites import KEY_VARIABLE, URL_VARIABLE, EnvironmentSite
from llm_codemods.target import Target
from llm_codemods.text import Text, text


def find(site: EnvironmentSite, target: Target | None) -> Iterator[Finding]:
    """Report every variable; rename those that hold the key."""
    message = text("variable {name}", name=site.name)
    if target is None:
        yield about(site, "env", site.name, message)
    elif target.at_openai:
        yield about(site, "env", site.name, message, Verdict.READY)
    elif not KEY_VARIABLE.fullmatch(site.name):
        yield about(site, "env", site.name, _other(site), Verdict.REVIEW)
    elif site.read is not None:
        title = text("read {variable}", variable=target.key_env)
        change = Change(site.read, (Replace(f'os.environ["{target.key_env}"]'),))
        said = text("variable {name} holds the key of a client", name=site.name)
        yield about(site, "env", site.name, said, Verdict.FIX, Fix(title, (change,), (Import("os"),)))
    elif site.shared:
        said = text("variable {name} is also read by a framework in this project", name=site.name)
        yield about(site, "env", site.name, said, Verdict.REVIEW)
    else:
        title = text("name {variable}", variable=target.key_env)
        fix = Fix(title, (Change(site.span, (ReplaceString(target.key_env),)),))
        verdict = Verdict.FIX if site.role == "environment" else Verdict.REVIEW
        yield about(site, "env", site.name, message, verdict, fix)


def _other(site: EnvironmentSite) -> Text:
    if URL_VARIABLE.fullmatch(site.name):
        return text("variable {name}: the endpoint now stands in the code", name=site.name)
    return text("variable {name} means something to OpenAI only", name=site.name)


RULE = Rule("LM601", "environment-variable", EnvironmentSite, find)
