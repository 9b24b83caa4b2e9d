"""URL of OpenAI stands in the code.

Why: requests made by hand are found by no SDK; their address, key and model are still OpenAI's.

Fix: none yet: address, key and model must change together, and only you know where the key comes from.

Safety: ``review``.

Source: profile fields ``regions`` and ``endpoints``; gotcha G35.
"""

from __future__ import annotations

from collections.abc import Iterator

from llm_codemods.report import Finding, Verdict
from llm_codemods.rule import Rule, about
from llm_codemods.sites import UrlSite
from llm_codemods.target import Target
from llm_codemods.text import text


def find(site: UrlSite, target: Target | None) -> Iterator[Finding]:
    """Report every URL of OpenAI."""
    message = text("URL of OpenAI: {url}", url=site.url)
    if target is None:
        yield about(site, "raw-http", site.url, message)
    elif site.to_client or target.at_openai:
        yield about(site, "raw-http", site.url, message, Verdict.READY)
    else:
        message = text(
            "URL of OpenAI: {url}; {base} takes its place, with the key of {variable}",
            url=site.url,
            base=target.base_url,
            variable=target.key_env,
        )
        yield about(site, "raw-http", site.url, message, Verdict.REVIEW)


RULE = Rule("LM801", "raw-http", UrlSite, find)
