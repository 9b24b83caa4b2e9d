"""Client sends through a proxy of its own.

Why: a proxy that is given to the client alone was most likely set up to reach OpenAI. An endpoint in China is reached
without; through a proxy abroad it is slow or refused.

Fix: the HTTP client loses its proxy and keeps all else.

Safety: ``review``: on a company's network the proxy may be the only way out.

Source: profile field ``regions.base_url``; gotchas G33, G57.
"""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from llm_codemods.operations import Change, Fix, RemoveArgument
from llm_codemods.report import Finding, Verdict
from llm_codemods.rule import Rule, about, moves
from llm_codemods.sites import ClientProxySite
from llm_codemods.target import Target
from llm_codemods.text import text


def find(site: ClientProxySite, target: Target | None) -> Iterator[Finding]:
    """Report every HTTP client with a proxy; take the proxy away where the client moves."""
    message = text("requests go through the proxy of {name}()", name=site.name)
    if target is None:
        yield about(site, "surroundings", site.name, message)
    elif not moves(site.points, site.host, target):
        yield about(site, "surroundings", site.name, message, Verdict.READY)
    else:
        host = urlsplit(target.base_url).hostname
        message = text("requests to {host} would go through the proxy of {name}()", host=host, name=site.name)
        fix = Fix(text("send without the proxy"), (Change(site.span, (RemoveArgument(site.argument),)),))
        yield about(site, "surroundings", site.name, message, Verdict.REVIEW, fix)


RULE = Rule("LM120", "client-proxy", ClientProxySite, find)
