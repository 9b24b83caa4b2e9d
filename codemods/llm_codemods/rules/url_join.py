"""URL is put together in a way that fails with the provider's base.

Why: code that puts ``/v1/chat/completions`` behind a base, or cuts ``/v1`` off, takes for granted that a base ends like
OpenAI's. Others end in ``/v2``, ``/v3`` or ``/v4``, or have more in front of ``/v1``; ``urljoin`` drops all that a base
has behind its host, or behind its last slash. The answer is 404.

Fix: where base and path are literals and the request moves, the rule ``raw-http`` changes both so that the URL comes
out right. Of others the message shows the URL that comes out.

Safety: ``manual``.

Source: profile field ``regions.base_url``; gotcha G34.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from llm_codemods.report import Finding, Verdict
from llm_codemods.rule import Rule, about
from llm_codemods.sites import Points, RequestSite
from llm_codemods.target import Target
from llm_codemods.text import text


def find(site: RequestSite, target: Target | None) -> Iterator[Finding]:
    """Report requests whose URL comes out wrong, whatever sensible base they are given."""
    path = site.address.api_path
    if (
        target is None
        or target.at_openai
        or site.group.goes(target)
        or site.points not in (Points.OPENAI, Points.UNKNOWN)
    ):
        return
    if path is None or not site.address.steps or site.address.bare or not _is_base(site.address.start):
        return
    right = f"{target.base_url}/{path}"
    found = [_without_query(site.address.from_base(base)) for base in bases(target)]
    if right not in found:
        message = text(
            "with {base} as base, this request goes to {wrong}, not to {right}",
            base=target.base_url,
            wrong=found[0],
            right=right,
        )
        yield about(site, "raw-http", site.url, message, Verdict.MANUAL)


def bases(target: Target) -> tuple[str, ...]:
    """Return what may take the place of a base: the target's, with a slash behind it, or without ``/v1``."""
    whole = target.base_url
    short = whole.removesuffix("/v1")
    return tuple(dict.fromkeys((whole, f"{whole}/", short, f"{short}/")))


def _is_base(start: str) -> bool:
    """Whether a text may be replaced by a base URL: it is one of OpenAI's, or not known at all."""
    return re.fullmatch(r"\{[^{}]*\}|\w+://[^/{}]+(/v1)?/?", start) is not None


def _without_query(url: str) -> str:
    return url.partition("?")[0].rstrip("/")


RULE = Rule("LM803", "url-join", RequestSite, find)
