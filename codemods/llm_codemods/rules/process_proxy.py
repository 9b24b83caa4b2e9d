"""All requests of the process go through a proxy.

Why: ``HTTP_PROXY`` and its like are often set in the code to reach OpenAI at all. An endpoint in China is reached
without, and through a proxy abroad it is slow or refused; other hosts may need the proxy still.

Fix: ``NO_PROXY`` gets the endpoint's host, in addition to what it holds; the proxy stays.

Safety: ``review``: on a company's network the proxy may be the only way out. ``ready`` where the project excepts the
host already.

Source: profile field ``regions.base_url``; gotcha G33.
"""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from llm_codemods.operations import Change, Fix, Import, InsertAfter
from llm_codemods.report import Finding, Verdict
from llm_codemods.rule import Rule, about
from llm_codemods.sites import ProxySite
from llm_codemods.target import Target
from llm_codemods.text import text


def find(site: ProxySite, target: Target | None) -> Iterator[Finding]:
    """Report the first setting of a file; except the endpoint's host below the last."""
    names = ", ".join(site.names)
    message = text("all requests go through the proxy of {names}", names=names)
    host = urlsplit(target.base_url).hostname if target is not None else None
    if target is None or host is None:
        yield about(site, "surroundings", site.names[0], message)
    elif target.at_openai or any(_excepts(said, host) for said in site.around):
        yield about(site, "surroundings", site.names[0], message, Verdict.READY)
    else:
        message = text(
            "all requests go through the proxy of {names}, those to {host} too: they may not need it, or fail there",
            names=names,
            host=host,
        )
        statement = f"os.environ[\"NO_PROXY\"] = f\"{{os.environ.get('NO_PROXY', '')}},{host}\""
        fix = Fix(text("let {host} be reached without", host=host), (_below(site, statement),), (Import("os"),))
        yield about(site, "surroundings", site.names[0], message, Verdict.REVIEW, fix)


def _excepts(said: str, host: str) -> bool:
    """Whether a list of hosts has this one, a domain that it is in, or all."""
    hosts = [each.strip().lstrip("*.") for each in said.split(",")]
    return "*" in said.split(",") or any(each and f".{host}".endswith(f".{each}") for each in hosts)


def _below(site: ProxySite, statement: str) -> Change:
    return Change(site.last, (InsertAfter((statement,)),))


RULE = Rule("LM620", "process-proxy", ProxySite, find)
