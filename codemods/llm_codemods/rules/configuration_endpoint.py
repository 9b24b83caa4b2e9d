"""File that is no Python names a host of OpenAI.

Why: an endpoint in a settings file wins over the one in the code: the provider's key would be sent to OpenAI.

Fix: none: endpoint, key and model must change together.

Safety: ``review``. A file of recorded requests is reported once: it is to be recorded anew.

Source: profile field ``regions.base_url``; gotchas G01, G02, G45.
"""

from __future__ import annotations

from collections.abc import Iterator

from llm_codemods.configuration.sites import RECORDED, EndpointEntrySite
from llm_codemods.report import Finding, Verdict
from llm_codemods.rule import Rule, about
from llm_codemods.target import Target
from llm_codemods.text import text


def find(site: EndpointEntrySite, target: Target | None) -> Iterator[Finding]:
    """Report every URL of OpenAI, and say what takes its place."""
    message = text("URL of OpenAI: {url}", url=site.url)
    if target is None or target.at_openai:
        yield about(site, "raw-http", site.url, message, Verdict.READY if target else None)
        return
    if site.keys[:1] == (RECORDED,):
        yield about(site, "raw-http", site.url, text("a recorded request to OpenAI: record it anew"), Verdict.REVIEW)
        return
    message = text(
        "URL of OpenAI: {url}; {base} takes its place, with the key of {variable}",
        url=site.url,
        base=target.base_url,
        variable=target.key_env,
    )
    yield about(site, "raw-http", site.url, message, Verdict.REVIEW)


RULE = Rule("LM608", "configuration-endpoint", EndpointEntrySite, find)
