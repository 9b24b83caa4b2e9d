"""Request is made by hand, or a URL of OpenAI stands in the code.

Why: requests made by hand are found by no SDK; their address, key and model are still OpenAI's. So are those of relays
that pass everything on to OpenAI.

Fix: address, key and model change together or not at all, wherever they are written: in the call, in constants, in the
session or the client that sends. Requests that share one of them move together. Headers with an account of OpenAI's go;
the rule ``request-body`` brings the parameters into line. What is read from the JSON of the answer stays as it is.

Safety: ``fix`` where all of them are seen; ``review`` where the key comes from a variable of your own, where some of
the body is not seen, and where the provider does not say that it has the endpoint; ``manual`` where the URL, the key or
the model is decided elsewhere, for Azure and hosts that nobody knows, and where the provider has no such endpoint: the
message says what each becomes. ``ready`` for requests that have been moved, and for URLs that only a client of the SDK
gets.

Source: profile fields ``regions``, ``endpoints``, ``mapping`` and ``parameters``; gotchas G01, G32, G34, G35.
"""

from __future__ import annotations

from collections.abc import Iterator

from llm_codemods import openai_api
from llm_codemods.judgement import judgements
from llm_codemods.operations import (
    Change,
    Fix,
    Import,
    Operation,
    RemoveArgument,
    Replace,
    ReplaceStatement,
    ReplaceString,
    ReplaceText,
)
from llm_codemods.profile import Status
from llm_codemods.report import Finding, Verdict
from llm_codemods.rule import Rule, about
from llm_codemods.rules import environment_variable, hard_coded_key, model_name
from llm_codemods.sites import EnvironmentSite, ModelSite, Points, RequestSite, UrlSite
from llm_codemods.sites.kinds.requests import Part
from llm_codemods.target import Target
from llm_codemods.text import Text, text
from llm_codemods.vocabulary import is_relay

UNSEEN = {
    "url": text("its URL is not seen as a whole"),
    "key": text("its key is not seen"),
    "model": text("its model is not seen"),
}


def find(site: UrlSite, target: Target | None) -> Iterator[Finding]:
    """Report every URL of OpenAI, and every request that goes where one is not to be seen; move those that can."""
    if site.requests and all(r.points is Points.ELSEWHERE for r in site.requests):
        if target is not None and all(target.is_home(r.host) for r in site.requests):
            yield about(site, "raw-http", site.url, text("request to {url}", url=site.url), Verdict.READY)
        return
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
        fix = move(site, target)
        message = _sent(site, target, _becoming(site, target, message))
        if fix is not None:
            yield about(site, "raw-http", site.url, message, _verdict(site, target), fix)
            return
        if site.requests:
            message = text("{message}; not moved: {reason}", message=message, reason=_reason(site, target))
        yield about(site, "raw-http", site.url, message, Verdict.MANUAL)


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


def _becoming(site: UrlSite, target: Target, message: Text) -> Text:
    return text(
        "{message}; {url} takes its place, with the key of {variable}",
        message=message,
        url=moved(site, target),
        variable=target.key_env,
    )


def _reason(site: UrlSite, target: Target) -> Text:
    """Say why the requests that go to a URL stay."""
    for request in site.requests:
        if request.unseen is not None:
            return UNSEEN[request.unseen]
        if request.endangered:
            return text("its key is also that of a client that stays")
        if request.relocated(target) is None:
            return text("its URL would come out otherwise")
    return text("another request that shares its URL, key or model stays")


def move(site: UrlSite, target: Target) -> Fix | None:
    """Return the fix that moves all that goes to a URL, as far as it is written in this file; None: it cannot move."""
    if not site.requests or not all(request.group.goes(target) for request in site.requests):
        return None
    changes = {change: None for request in site.requests for change in _changes(request, site.path, target)}
    imports: dict[Import, None] = {}
    for other in site.beside:
        found = (
            environment_variable.find(other, target)
            if isinstance(other, EnvironmentSite)
            else model_name.find(other, target)
            if isinstance(other, ModelSite)
            else hard_coded_key.find(other, target)
        )
        fixes = [finding.fix for finding in found]
        if None in fixes and not isinstance(other, ModelSite):
            return None
        for fix in fixes:
            changes.update(dict.fromkeys(fix.changes if fix is not None else ()))
            imports.update(dict.fromkeys(fix.imports if fix is not None else ()))
    if any(place.part in (Part.KEY, Part.HEADER) for request in site.requests for place in request.places):
        imports[Import("os")] = None
    title = text("send it to {url} with the key of {variable}", url=moved(site, target), variable=target.key_env)
    return Fix(title, tuple(changes), tuple(imports))


def _changes(request: RequestSite, path: str, target: Target) -> Iterator[Change]:
    """Yield what changes in one file for a request, but for what other rules change."""
    for head in request.relocated(target) or ():
        literal, old = head.constant.literal, str(head.constant.literal.value)
        if head.constant.path == path and head.whole != old:
            short = (head.old, head.new) if "." in head.old else (old, head.whole)
            operation = ReplaceString(head.whole) if literal.plain else ReplaceText(*short)
            yield Change(literal.span, (operation,))
    for place in request.places if request.path == path else ():
        operations: tuple[Operation, ...]
        match place.part:
            case Part.KEY:
                operations = (Replace(f'os.environ["{target.key_env}"]'),)
            case Part.HEADER:
                operations = (Replace(target.bearer),)
            case Part.BASE:
                operations = (Replace(f'"{target.base_url}"'),)
            case Part.ACCOUNT:
                operations = (RemoveArgument(place.name) if place.name else ReplaceStatement(),)
            case Part.JSON:
                models = ((m, target.model_for(m, vision=request.images)) for m in request.models)
                operations = tuple(ReplaceText(f'"{name}"', f'"{to}"') for name, to in models if to is not None)
        if operations:
            yield Change(place.span, operations)


def _verdict(site: UrlSite, target: Target) -> Verdict:
    """Return how sure it is that the fix does all."""
    for request in site.requests:
        if not all(given.entry for given, _, _ in judgements(request, target)):
            return Verdict.REVIEW
        own = any(place.name for place in request.places if place.part in (Part.KEY, Part.HEADER))
        known = _status(request, target) in (Status.SAME, Status.LIMITED)
        if own or request.opaque or not known:
            return Verdict.REVIEW
    return Verdict.FIX


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
