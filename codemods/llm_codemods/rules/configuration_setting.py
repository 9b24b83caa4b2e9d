"""Setting means OpenAI by its name or value.

Why: programs keep keys and endpoints under names of their own, ``open_ai_api_key`` or ``provider: openai``; what reads
them sends the key to OpenAI.

Fix: an endpoint of OpenAI that a setting of OpenAI's holds becomes the provider's. Names of settings stay: only the
program that reads them knows others.

Safety: ``review`` for the endpoint; ``ready`` for a ``provider: openai`` beside an endpoint that moves, since the
provider speaks OpenAI's protocol, and where the block belongs to another provider; ``manual`` for the rest: put the
provider's endpoint and key there.

Source: profile fields ``regions.base_url`` and ``regions.key_env``; gotcha G02.
"""

from __future__ import annotations

from collections.abc import Iterator

from llm_codemods.configuration.blocks import EMPTY, OPENAIS, URL_KEY, because, held, is_whole, moved_url
from llm_codemods.configuration.sites import OptionEntrySite
from llm_codemods.operations import Change, Fix, Replace
from llm_codemods.report import Finding, Verdict
from llm_codemods.rule import Rule, about
from llm_codemods.target import Target
from llm_codemods.text import text


def find(site: OptionEntrySite, target: Target | None) -> Iterator[Finding]:
    """Report every setting, and say what it should hold."""
    key = site.keys[-1] if site.keys else site.name
    message = text("setting {name} is for OpenAI", name=key)
    if target is None or target.at_openai:
        yield about(site, "config", site.name, message, Verdict.READY if target else None)
        return
    stays = held(site, target)
    url = _endpoint(site, target)
    if stays is not None and stays[0] is Verdict.READY:
        yield about(site, "config", site.name, because(message, stays[1]), stays[0])
    elif stays is None and url is not None and site.value is not None and site.times == 1:
        fix = Fix(text("use {url}", url=url), (Change(site.value.span, (Replace(url),)),))
        yield about(site, "config", site.name, message, Verdict.REVIEW, fix)
    elif site.provider:
        beside = any(URL_KEY.fullmatch(key) and OPENAIS.fullmatch(value) for key, value in site.block.entries)
        message = text(
            "setting {name} chooses OpenAI: keep it only if endpoint ({base}) and key stand beside it",
            name=key,
            base=target.base_url,
        )
        yield about(site, "config", site.name, message, Verdict.READY if beside and stays is None else Verdict.MANUAL)
    else:
        message = text(
            "setting {name} is for OpenAI; the provider's endpoint is {base}, its key is in {variable}",
            name=key,
            base=target.base_url,
            variable=target.key_env,
        )
        yield about(site, "config", site.name, message, Verdict.MANUAL)


def _endpoint(site: OptionEntrySite, target: Target) -> str | None:
    """Return the endpoint for a setting that holds OpenAI's, or is empty though it is the one for the endpoint."""
    if site.value is None or site.provider:
        return None
    if (
        site.value.text in EMPTY
        and (site.value.text or site.value.quote)
        and is_whole(site.block)
        and URL_KEY.fullmatch(site.name)
    ):
        return target.base_url
    return moved_url(site.value.text, target)


RULE = Rule("LM609", "configuration-setting", OptionEntrySite, find)
