"""Which of two providers a site moves to: embeddings may have one of their own."""

from __future__ import annotations

from llm_codemods.configuration.compose import ComposeModelSite
from llm_codemods.configuration.dotenv import DotenvSite
from llm_codemods.configuration.sites import ModelEntrySite
from llm_codemods.frameworks import Kind
from llm_codemods.sites.kinds import Site
from llm_codemods.sites.kinds.clients import CallSite, ClientSite
from llm_codemods.sites.kinds.frameworks import FrameworkSite
from llm_codemods.sites.kinds.texts import ModelSite
from llm_codemods.target import EMBEDDINGS, Target
from llm_codemods.vectors import VectorSite


def target_of(site: Site, target: Target | None) -> Target | None:
    """Return where what a site speaks of goes: to ``target``, or to the provider of its embeddings; None for None."""
    second = target.embeddings if target is not None else None
    if second is None:
        return target
    match site:
        case VectorSite():
            aside = True
        case CallSite():
            aside = site.endpoint == EMBEDDINGS
        case ClientSite():
            aside = site.embeds
        case FrameworkSite():
            aside = site.row.kind is Kind.EMBEDDING
        case ModelSite(name=name) | ModelEntrySite(name=name) | ComposeModelSite(name=name) | DotenvSite(value=name):
            aside = second.embeds_with(name)
        case _:
            aside = False
    return second if aside else target
