"""Document tells its readers a variable, model or host of OpenAI.

Why: whoever follows it sets what the rewritten code no longer reads.

Fix: none: documents are reported, one finding for each name on a line.

Safety: ``manual``; ``ready`` for variables of your own names.

Source: profile fields ``regions`` and ``mapping``; gotchas G47, G50.
"""

from __future__ import annotations

from collections.abc import Iterator

from llm_codemods.configuration.sites import DocumentSite
from llm_codemods.report import Finding, Verdict
from llm_codemods.rule import Rule, about
from llm_codemods.target import Target
from llm_codemods.text import Text, text
from llm_codemods.vocabulary import KEY_VARIABLE, SETTING_VARIABLE


def find(site: DocumentSite, target: Target | None) -> Iterator[Finding]:
    """Report every mention, and say what readers need now."""
    verdict = None
    if target is not None:
        own = site.kind == "env" and not SETTING_VARIABLE.fullmatch(site.name)
        verdict = Verdict.READY if target.at_openai or own else Verdict.MANUAL
    yield about(site, site.kind, site.name, _said(site, target), verdict)


def _said(site: DocumentSite, target: Target | None) -> Text:
    new = None
    if target is not None and not target.at_openai:
        if site.kind == "model-literal":
            new = target.model_for(site.name)
        elif site.kind == "raw-http":
            new = target.base_url
        elif KEY_VARIABLE.fullmatch(site.name):
            new = target.key_env
    if new is None or target is None:
        return text("a document mentions {name}", name=site.name)
    if new == site.name:  # style env: it keeps its name, and holds another key
        return text(
            "a document mentions {name}, which now holds the key of {variable}",
            name=site.name,
            variable=target.region.key_env,
        )
    return text("a document mentions {name}; readers now need {new}", name=site.name, new=new)


RULE = Rule("LM612", "document", DocumentSite, find)
