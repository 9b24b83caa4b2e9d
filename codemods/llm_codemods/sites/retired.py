"""Names of models that are no longer served, or soon will not be, where a model in use is meant."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from llm_codemods import profile
from llm_codemods.facts import Facts
from llm_codemods.retirement import Retirements
from llm_codemods.sites.clients import Clients
from llm_codemods.sites.kinds.clients import CallSite
from llm_codemods.sites.kinds.points import Points
from llm_codemods.sites.kinds.texts import RetiredSite
from llm_codemods.vocabulary import ABOUT_MODELS, MODEL_ARGUMENTS

USED = frozenset({"argument", "assign", "default", "entry", "environment", "item", "keyword"})
"""Roles in which a name is a model in use, if what holds it says that it is one."""


class Retired:
    """Finds the sites of a project."""

    def __init__(self, clients: Clients, retirements: Retirements) -> None:
        """Take the clients and calls of the project, and what has ended."""
        self.retirements = retirements
        self.told = clients.flows.told
        self.hosts: dict[int, set[str | None]] = defaultdict(set)
        """Literals of models in calls -> the providers that these go to; None: nobody knows which."""
        for site in clients.every() if retirements.rows else ():
            if isinstance(site, CallSite):
                provider = _provider(site, clients.origin.id)
                for argument in (site.given[name] for name in MODEL_ARGUMENTS if name in site.given):
                    for constant in argument.constants:
                        self.hosts[id(constant.literal)].add(provider)

    def sites(self, facts: Facts) -> Iterator[RetiredSite]:
        """Yield the sites of one file."""
        for text in facts.texts if self.retirements.rows else ():
            name, one = str(text.literal.value), id(text.literal)
            if name not in self.retirements.rows or one in self.told or text.role == "formatted":
                continue
            reaches = self.hosts.get(one, set())
            about = text.role in USED and text.of is not None and ABOUT_MODELS.search(text.of)
            if not reaches and not about:
                continue
            ends = self.retirements.of(name, frozenset(provider for provider in reaches if provider is not None))
            if ends:
                yield RetiredSite(facts.path, text.literal.span, name, ends, text.literal.plain, bool(reaches))


def _provider(site: CallSite, origin: str) -> str | None:
    """Return the id of the provider that a call goes to, '' for a host of nobody's; None where that is not known."""
    if site.host is not None:
        return profile.origin(site.host) or ""
    return origin if site.points in (Points.OPENAI, Points.AZURE) else None
