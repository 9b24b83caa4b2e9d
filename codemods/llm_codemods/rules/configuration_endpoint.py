"""File that is no Python names a host of OpenAI.

Why: an endpoint in a settings file wins over the one in the code: the provider's key would be sent to OpenAI.

Fix: the provider's base URL takes the place of OpenAI's, together with key and model of the same block; the path of a
known endpoint stays behind it.

Safety: ``review``; ``ready`` where the block belongs to another provider; ``manual`` for Azure's hosts, for paths that
the API does not have, and where the block is left alone: see ``configuration-model``. A file of recorded requests is
reported once: it is to be recorded anew.

Source: profile field ``regions.base_url``; gotchas G01, G02, G45.
"""

from __future__ import annotations

from collections.abc import Iterator

from llm_codemods.configuration.blocks import because, held, moved_url
from llm_codemods.configuration.sites import RECORDED, EndpointEntrySite
from llm_codemods.operations import Change, Fix, Replace
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
        yield about(site, "raw-http", site.url, text("a recorded request to OpenAI: record it anew"), Verdict.MANUAL)
        return
    new = moved_url(site.url, target)
    stays = held(site, target)
    if stays is not None:
        yield about(site, "raw-http", site.url, because(message, stays[1]), stays[0])
        return
    if not target.origin.is_openai:
        message = text(
            "URL of {provider}: {url}; {base} takes its place, with the key of {variable}",
            provider=target.origin.data.name,
            url=site.url,
            base=target.base_url,
            variable=target.key_env,
        )
        yield about(site, "raw-http", site.url, message, Verdict.REVIEW)
        return
    message = text(
        "URL of OpenAI: {url}; {base} takes its place, with the key of {variable}",
        url=site.url,
        base=new or target.base_url,
        variable=target.key_env,
    )
    if new is None or site.times > 1:
        yield about(site, "raw-http", site.url, message, Verdict.MANUAL)
    else:
        fix = Fix(text("use {url}", url=new), (Change(site.span, (Replace(new),)),))
        yield about(site, "raw-http", site.url, message, Verdict.REVIEW, fix)


RULE = Rule("LM608", "configuration-endpoint", EndpointEntrySite, find)
