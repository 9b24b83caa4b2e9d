"""Client talks to OpenAI's endpoint.

Why: endpoint, key and model are three separate settings. A client that gets a new endpoint and keeps its key sends
OpenAI's key to a stranger; one that gets no key at all falls back to ``OPENAI_API_KEY`` and does the same.

Fix: ``base_url`` and ``api_key`` change in one edit or not at all. The key is read with ``os.environ["…"]``, so that a
missing variable stops the program at once. A key that is handed in stays where all that it can be was seen; where it
can be empty, ``or os.environ["…"]`` follows it. A URL that a caller may hand in goes on counting: the new one stands
in where there is none, ``url or "https://…"``. ``organization`` and ``project`` belong to OpenAI and go.

A relay that is known to pass everything on to OpenAI counts as OpenAI, and so does an endpoint that is yet to be filled
in (``""``, ``"https://..."``). A host that nobody knows, but that is asked for
OpenAI's models, is reported and left alone.

Safety: ``fix`` where the key was OpenAI's own variable, a literal, or left out; ``review`` where it came from
somewhere that we cannot follow, or from a variable of your own, and where the client has an ``http_client`` (a proxy
in it may be there to reach OpenAI), or a relay that is asked for other models, too; also where a URL that a caller may
hand in would no longer count, since OpenAI's own is the default of a parameter, or a variable holds it. A client whose
endpoint is decided elsewhere, that may be OpenAI's or another's, or has a key that is none (``"EMPTY"``) beside a URL
from elsewhere or none at all, is reported and left alone, together with its key; so is one that asks for nothing that
the provider has, for embeddings, say.

Source: profile field ``regions``; gotchas G01, G32, G33, G47, G51, G53.
"""

from __future__ import annotations

from collections.abc import Iterator

from llm_codemods.edits import Span
from llm_codemods.operations import (
    Change,
    DefaultArgument,
    FallBack,
    Fix,
    Import,
    Operation,
    RemoveArgument,
    Replace,
    SetArgument,
)
from llm_codemods.profile import bundled_profile, origin
from llm_codemods.report import Finding, Verdict
from llm_codemods.rule import Rule, about
from llm_codemods.sites import ClientSite, KeyUse, Points
from llm_codemods.sites.kinds.given import says_nothing
from llm_codemods.target import Target
from llm_codemods.terms import Either, Literal
from llm_codemods.text import Text, text
from llm_codemods.values import Constant
from llm_codemods.vocabulary import OPENAIS_OWN, host_of


def find(site: ClientSite, target: Target | None) -> Iterator[Finding]:
    """Report every client; move those that point to OpenAI."""
    if site.points is Points.AZURE:
        return
    message = text("{kind} client", kind=site.kind)
    home = target is not None and site.points is Points.ELSEWHERE and target.is_home(site.host)
    third = third_of(site, target)
    if target is not None and home and lacks_key(site, target) and not target.at_openai:
        yield complete(site, target)
    elif third is not None:
        message = text(
            "{kind} client points to {provider}; --from {id} moves it",
            kind=site.kind,
            provider=bundled_profile(third).name,
            id=third,
        )
        yield about(site, site.use, site.kind, message, Verdict.REVIEW)
    elif site.points is Points.ELSEWHERE:
        message = text("{kind} client points to {host}, not to OpenAI", kind=site.kind, host=site.host)
        yield about(site, site.use, site.kind, message, Verdict.READY)
    elif target is None:
        yield about(site, site.use, site.kind, message)
    elif target.at_openai and site.points is Points.OPENAI:
        yield about(site, site.use, site.kind, message, Verdict.READY)
    elif site.points is Points.RELAY:
        message = text(
            "{kind} client points to {host}, which is asked for OpenAI's models; if it moves: {url}, key of {variable}",
            kind=site.kind,
            host=site.host,
            url=target.base_url,
            variable=target.key_env,
        )
        yield about(site, site.use, site.kind, message, Verdict.REVIEW)
    elif not site.movable and (host := besides(site, target)) is not None:
        message = text(
            "{kind} client goes to {host} or, as it is told, to OpenAI: where it is OpenAI's, give it {url} and the key"
            " of {variable} together",
            kind=site.kind,
            host=host,
            url=target.base_url,
            variable=target.key_env,
        )
        yield about(site, site.use, site.kind, message, Verdict.REVIEW)
    elif not site.movable:
        message = text(
            "{kind} client gets its endpoint from elsewhere: give it {url} and the key of {variable} together",
            kind=site.kind,
            url=target.base_url,
            variable=target.key_env,
        )
        yield about(site, site.use, site.kind, message, Verdict.REVIEW)
    elif target.lacks(site.methods):
        yield stay(site, target)
    else:
        yield move(site, target)


def stay(site: ClientSite, target: Target) -> Finding:
    """Return the finding about a client that the provider has nothing for."""
    message = text(
        "{kind}() stays where it is: {provider} has nothing of what it is for ({names})",
        kind=site.kind,
        provider=target.profile.name,
        names=", ".join(sorted(site.methods)),
    )
    return about(site, site.use, site.kind, message, Verdict.MANUAL)


def besides(site: ClientSite, target: Target) -> str | None:
    """Return where a client goes that may be OpenAI's, where it is told another URL; None: nowhere else is seen."""
    urls = site.given["base_url"].strings if "base_url" in site.given else ()
    return next((host for host in map(host_of, urls) if host and not target.origin.has(host)), None)


def third_of(site: ClientSite, target: Target | None) -> str | None:
    """Return the profile of the known provider, neither the old one nor the target, that a client stays with."""
    if target is None or site.points is not Points.ELSEWHERE or site.host is None or target.is_home(site.host):
        return None
    found = origin(site.host)
    return None if found in (target.profile.id, target.profile.extends) else found


def lacks_key(site: ClientSite, target: Target) -> bool:
    """Whether a client that points to the target already would send OpenAI's key there."""
    if site.derived or site.opaque or target.is_openais:
        return False
    return site.key in (KeyUse.NONE, KeyUse.EMPTY)


def complete(site: ClientSite, target: Target) -> Finding:
    """Return the finding that gives the target's key to a client that has only its endpoint."""
    operation: Operation = SetArgument("api_key", code(target))
    if site.key is KeyUse.EMPTY:
        operation = FallBack("api_key", code(target))
    fix = Fix(
        text("give it the key of {variable}", variable=target.key_env),
        (Change(site.span, (operation,)),),
        (Import("os"),),
    )
    message = text("{kind} client points to {host} and sends OpenAI's key there", kind=site.kind, host=site.host)
    return about(site, site.use, site.kind, message, Verdict.FIX, fix)


def move(site: ClientSite, target: Target) -> Finding:
    """Return the finding with the fix that changes endpoint and key together."""
    operations: list[Operation] = []
    url = f'"{target.base_url}"'
    last = _last_url(site, target)
    empty = site.handed and all(map(says_nothing, site.given["base_url"].values))
    if empty:
        operations.append(FallBack("base_url", url))
    elif last is None and (not site.derived or "base_url" in site.given):
        operations.append(SetArgument("base_url", url))
    keyed = tuple(key(site, target))
    operations += keyed
    removed = tuple(name for name in OPENAIS_OWN if name in site.given)
    operations += [RemoveArgument(name) for name in removed]
    if not all(given.direct for given in site.given.values()):  # what it unpacks has neither: all of it is seen
        operations = [
            DefaultArgument(o.name, o.code) if isinstance(o, SetArgument) and o.name not in site.given else o
            for o in reversed(operations)  # each stands before the last
        ]
    fix = Fix(
        text("point it to {url} with the key of {variable}", url=target.base_url, variable=target.key_env),
        (Change(site.span, tuple(operations)), *((Change(last, (Replace(url),)),) if last is not None else ())),
        (Import("os"),) if keyed else (),
    )
    if not target.origin.is_openai and site.key is not KeyUse.FOREIGN:
        message = text("{kind}() talks to {provider}", kind=site.kind, provider=target.origin.data.name)
        verdict = Verdict.REVIEW if "http_client" in site.given else Verdict.FIX
        return about(site, site.use, site.kind, message, verdict, fix)
    if site.sells:
        message = text(
            "{kind}() talks to {host}, which has other models than OpenAI's, too: {names}",
            kind=site.kind,
            host=site.host,
            names=", ".join(site.sells),
        )
        return about(site, site.use, site.kind, message, Verdict.REVIEW, fix)
    if site.key is KeyUse.FOREIGN:
        message = text(
            "{kind}() talks to OpenAI with a key that comes from elsewhere; it will read {variable} instead",
            kind=site.kind,
            variable=target.key_env,
        )
        return about(site, site.use, site.kind, message, Verdict.REVIEW, fix)
    if site.handed and not empty and last is None:
        return about(site, site.use, site.kind, loses_url(site, target), Verdict.REVIEW, fix)
    if "http_client" in site.given:
        message = text(
            "{kind}() talks to OpenAI through an HTTP client of its own: a proxy in it may be for OpenAI only",
            kind=site.kind,
        )
        return about(site, site.use, site.kind, message, Verdict.REVIEW, fix)
    if site.host is not None:
        message = text("{kind}() talks to OpenAI through {host}", kind=site.kind, host=site.host)
    elif removed:
        message = text(
            "{kind}() talks to OpenAI; OpenAI's own settings go: {names}", kind=site.kind, names=", ".join(removed)
        )
    else:
        message = text("{kind}() talks to OpenAI", kind=site.kind)
    return about(site, site.use, site.kind, message, Verdict.FIX, fix)


def loses_url(site: ClientSite, target: Target) -> Text:
    """Return what is said of a client that may be handed a URL, and no longer heeds it."""
    return text(
        "{kind}() talks to OpenAI or to a URL that it is handed; it will talk to {url} whatever it is handed",
        kind=site.kind,
        url=target.base_url,
    )


def _last_url(site: ClientSite, target: Target) -> Span | None:
    """Return where the URL stands that a client has unless it is handed another, if it is written right there:
    ``url or "https://…"``."""
    given = site.given.get("base_url")
    if given is None or not given.direct or not isinstance(given.term, Either) or not given.term.fallback:
        return None
    last = given.term.options[-1]
    if not isinstance(last, Literal) or not target.origin.has(host_of(str(last.value)) or ""):
        return None
    others = (v for v in given.values if not (isinstance(v, Constant) and v.literal is last))
    return last.span if all(map(says_nothing, others)) else None


def key(site: ClientSite, target: Target) -> Iterator[Operation]:
    """Yield what makes the client's key the target's, and never an empty one.

    What is read outside of the call is renamed there (rule ``environment-variable``), unless a client that stays reads
    it too.
    """
    if site.derived and "api_key" not in site.given:
        return
    shared = any(reach.stays(target) for reach in site.beside)
    if site.key is KeyUse.EMPTY and not shared:
        if not site.derived:  # its origin's key stands in for an empty one
            yield FallBack("api_key", code(target))
    elif site.key is not KeyUse.KEPT or shared:
        yield SetArgument("api_key", code(target))


def code(target: Target) -> str:
    """Return the read that stops where the variable is missing."""
    return f'os.environ["{target.key_env}"]'


RULE = Rule("LM101", "client-endpoint", ClientSite, find)
