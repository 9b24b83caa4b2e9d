"""Keys that would go to the wrong host: what must not be written, whatever the fixes are."""

from __future__ import annotations

from llm_codemods.analysis import Analysis
from llm_codemods.origin import Origin
from llm_codemods.sites import ClientSite, FrameworkSite, KeyUse, Points, RequestSite
from llm_codemods.style import Style
from llm_codemods.tree import is_switch
from llm_codemods.vocabulary import KEY_VARIABLE, host_of


def leaks(analysis: Analysis) -> list[tuple[str, ClientSite | FrameworkSite]]:
    """Return the clients and objects that point to a target's host while their key can be OpenAI's (gotcha G01)."""
    if analysis.target is None or analysis.target.is_openais or analysis.target.style is Style.ENV:
        return []  # where it is meant so, OpenAI's variable holds the target's key
    second = analysis.target.embeddings
    hosts = {host_of(target.base_url) for target in (analysis.target, second) if target is not None}
    return [
        (path, site)
        for path, sites in analysis.sites.items()
        if not is_switch(analysis.sources[path])
        for site in sites
        if isinstance(site, ClientSite | FrameworkSite)
        and site.host
        and site.host in hosts
        and _may_leak(site, analysis.target.origin)
    ]


def strays(analysis: Analysis) -> set[str]:
    """Return the files with requests by hand that send OpenAI's key to the target, or the target's to OpenAI."""
    target = analysis.target
    if target is None or target.at_openai or target.style is Style.ENV:
        return set()
    requests = [s for sites in analysis.sites.values() for s in sites if isinstance(s, RequestSite)]
    return {
        request.path
        for request in requests
        if (target.is_home(request.host) and any(map(KEY_VARIABLE.fullmatch, request.key_variables)))
        or (request.points is Points.OPENAI and target.key_env in request.key_variables)
    }


def _may_leak(site: ClientSite | FrameworkSite, origin: Origin) -> bool:
    """Whether the key of what points to the target can be OpenAI's, or that of the provider that it is moved from."""

    def is_old(name: str) -> bool:
        return KEY_VARIABLE.fullmatch(name) is not None or origin.key_variable.fullmatch(name) is not None

    if isinstance(site, ClientSite):
        key = site.given.get("api_key")
        empty = site.key in (KeyUse.NONE, KeyUse.EMPTY) and not (site.opaque or site.derived)
    else:
        key = site.argument(site.row.key)
        empty = key is None and bool(site.row.key and site.row.reads_key) and not (site.opaque or site.carried)
    return empty or (key is not None and any(is_old(e.name) for e in key.environments))
