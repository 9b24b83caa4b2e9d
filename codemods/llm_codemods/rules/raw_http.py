"""Request is made by hand, or a URL of OpenAI stands in the code.

Why: requests made by hand are found by no SDK; their address, key and model are still OpenAI's. So are those of relays
that pass everything on to OpenAI.

Fix: none yet: address, key, model and parameters must change together. The message says what each of them becomes, and
which parameters of the body the provider treats differently.

Safety: ``review``; ``manual`` where the provider has no such endpoint; ``ready`` for URLs that only a client of the SDK
gets, since they change with the client.

Source: profile fields ``regions``, ``endpoints``, ``mapping`` and ``parameters``; gotchas G32, G35.
"""

from __future__ import annotations

from collections.abc import Iterator

from llm_codemods import openai_api
from llm_codemods.profile import Status
from llm_codemods.report import Finding, Verdict
from llm_codemods.rule import Rule, about
from llm_codemods.rules.parameter import judgements
from llm_codemods.sites import Points, RequestSite, UrlSite
from llm_codemods.target import Target
from llm_codemods.text import Text, text
from llm_codemods.vocabulary import is_relay


def find(site: UrlSite, target: Target | None) -> Iterator[Finding]:
    """Report every URL of OpenAI, and every request that goes where one is not to be seen."""
    message = named(site)
    if target is not None and not target.origin.is_openai and not site.requests:
        message = text("URL of {provider}: {url}", provider=target.origin.data.name, url=site.url)
    if target is None:
        yield about(site, "raw-http", site.url, message)
    elif target.at_openai or (site.to_client and not site.requests):
        yield about(site, "raw-http", site.url, message, Verdict.READY)
    elif lacking := next((r for r in site.requests if _status(r, target) is Status.REJECTED), None):
        message = text(
            "{message}; {provider} has no such endpoint: {api}",
            message=message,
            provider=target.profile.name,
            api=lacking.endpoint,
        )
        yield about(site, "raw-http", site.url, message, Verdict.MANUAL)
    else:
        message = text(
            "{message}; {url} takes its place, with the key of {variable}",
            message=message,
            url=moved(site, target),
            variable=target.key_env,
        )
        yield about(site, "raw-http", site.url, _sent(site, target, message), Verdict.REVIEW)


def named(site: UrlSite) -> Text:
    """Say what the URL is, and what is sent there."""
    if any(r.points is Points.RELAY for r in site.requests):
        return text("request to {url}, which is asked for OpenAI's models", url=site.url)
    if any(r.points is Points.UNKNOWN for r in site.requests):
        return text("request for OpenAI's models, to a URL that is decided elsewhere: {url}", url=site.url)
    url = text("URL of OpenAI: {url}", url=site.url)
    if is_relay(site.url):
        url = text("URL of a relay to OpenAI: {url}", url=site.url)
    if not site.requests:
        return url
    sent = dict.fromkeys(f"{r.method} {r.endpoint}".strip() for r in site.requests)
    return text("{url} (request made by hand: {requests})", url=url, requests=", ".join(sent))


def moved(site: UrlSite, target: Target) -> str:
    """Return the target's URL that takes the place of this one."""
    path = next((p for r in site.requests if (p := r.address.api_path)), openai_api.path_in(site.url))
    for request in site.requests:
        row = target.profile.endpoint(request.endpoint)
        if row is not None and row.path is not None:
            path = row.path
    if path is None or (site.requests and openai_api.path_in(site.url) is None and "://" in site.url):
        return target.base_url
    return f"{target.base_url}/{path.lstrip('/')}"


def _status(request: RequestSite, target: Target) -> Status | None:
    row = target.profile.endpoint(request.endpoint)
    return row.status if row is not None else None


def _sent(site: UrlSite, target: Target, message: Text) -> Text:
    """Add to a message what becomes of the models and parameters of the requests."""
    models = {m: to for r in site.requests for m in r.models if (to := target.model_for(m, vision=r.images))}
    if models:
        said = ", ".join(f"{name} \u2192 {to}" for name, to in models.items())
        message = text("{message}; models: {models}", message=message, models=said)
    names = dict.fromkeys(given.name for r in site.requests for given, _, _ in judgements(r, target))
    if names:
        message = text("{message}; treated differently there: {names}", message=message, names=", ".join(names))
    if any(r.key_literal for r in site.requests):
        message = text("{message}; its key stands in the code", message=message)
    return message


RULE = Rule("LM801", "raw-http", UrlSite, find)
