"""Code in another language uses OpenAI.

Why: a repository is moved when nothing in it calls OpenAI any more; parts in another language still do.

Fix: none: JavaScript, TypeScript, PowerShell, Bicep and Terraform are listed, not rewritten.

Safety: ``manual``.

Source: gotcha G64.
"""

from __future__ import annotations

from collections.abc import Iterator

from llm_codemods.configuration.sites import ScriptSite
from llm_codemods.report import Finding, Verdict
from llm_codemods.rule import Rule, about
from llm_codemods.target import Target
from llm_codemods.text import text


def find(site: ScriptSite, target: Target | None) -> Iterator[Finding]:
    """Report every use."""
    if target is None or target.at_openai:
        message = text("{name} in {language}", name=site.name, language=site.language)
        yield about(site, site.kind, site.name, message, Verdict.READY if target else None)
    else:
        message = text(
            "{name} in {language}, which is not rewritten: give it {url}, the key of {variable}, and the models",
            name=site.name,
            language=site.language,
            url=target.base_url,
            variable=target.key_env,
        )
        yield about(site, site.kind, site.name, message, Verdict.MANUAL)


RULE = Rule("LM613", "javascript", ScriptSite, find)
