"""Call of OpenAI's API.

Why: every call is listed, so that you know what the move touches; with a target, the verdict says whether the provider
has that part of the API at all.

Fix: a count of an input's tokens, where the provider answers but does not count, is read off the usage of a short
answer, for which a function is put into the module. Otherwise none; other rules change the arguments. Calls of the
Responses API and of the legacy completions that the provider does not take have rules of their own.

Safety: ``ready`` where the provider has the endpoint, or the part of it that its parameters need, which have rules of
their own; ``review`` for a count that an answer gives, since answers are paid for; ``manual`` where it has none or
nobody says, and for calls of the 0.28 API that nothing can move. Calls that go to the provider already are judged like
those that will. A host that is asked for OpenAI's models and is nobody's we know is ``manual``; where it is one among
several that a client may be told, the endpoint is decided elsewhere.

Source: profile field ``endpoints``; gotchas G22, G40.
"""

from __future__ import annotations

from collections.abc import Iterator

from llm_codemods import upgrade
from llm_codemods.conversions import Kind, ObstacleError, conversion, kind_of
from llm_codemods.operations import Fix
from llm_codemods.profile import Status
from llm_codemods.report import Finding, Verdict
from llm_codemods.rule import Rule, about
from llm_codemods.sdk import Sdk
from llm_codemods.sites import CallSite, Points
from llm_codemods.target import EMBEDDINGS, Target, embedders, offering
from llm_codemods.text import Text, text


def find(site: CallSite, target: Target | None) -> Iterator[Finding]:
    """Report every call whose receiver is known."""
    if not site.known:
        return
    lacking = kind_of(site, target)
    if lacking is not None and lacking.is_endpoint:
        return  # another rule says what becomes of it
    kind = "call" if site.called else "ref"
    if site.old:
        yield _of_two(site, target, kind)
        return
    stays = target is not None and not (target.at_openai or target.is_home(site.host))
    elsewhere = site.points is Points.ELSEWHERE
    if elsewhere and site.legacy and site.host and stays and target is not None and target.sdk is Sdk.CURRENT:
        message = text(
            "{api} goes to {host} and stays with openai<1, while the rest moves to the current SDK",
            api=site.api,
            host=site.host,
        )
        yield about(site, kind, site.api, message, Verdict.REVIEW)
    elif elsewhere and (target is None or target.at_openai or not target.is_home(site.host)):
        message = text("{api} through a client that does not point to OpenAI", api=site.api)
        yield about(site, kind, site.api, message, Verdict.READY)
    elif target is None:
        yield about(site, kind, site.api, _plain(site))
    elif site.points is Points.RELAY:
        message = text("{api} goes to {host}, which is asked for OpenAI's models", api=site.api, host=site.host)
        yield about(site, kind, site.api, message, Verdict.MANUAL)
    else:
        message, verdict = _judge(site, target)
        fix = _count(site, target) if lacking is Kind.TOKENS else None
        if fix is not None:
            message, verdict = text("{message}; {fix}", message=message, fix=fix.title), Verdict.REVIEW
        yield about(site, kind, site.api, message, verdict, fix)


def _count(site: CallSite, target: Target) -> Fix | None:
    """Return the fix that reads a count of tokens off an answer; None where it has no place."""
    try:
        found = conversion(site, target)
    except ObstacleError:
        return None
    title = text("read it off the usage of a short answer, which is paid for")
    return Fix(title, found.changes, definitions=found.definitions)


def _of_two(site: CallSite, target: Target | None, kind: str) -> Finding:
    """Judge a call of 0.28 in a file that has it for the current SDK, too."""
    if target is None or target.at_openai:
        return about(site, kind, site.api, _plain(site), Verdict.READY if target else None)
    message = text("{api} runs before 1.0 of the SDK alone; this file has it for the current one, too", api=site.api)
    return about(site, kind, site.api, message, Verdict.READY if target.sdk is Sdk.CURRENT else Verdict.MANUAL)


def _plain(site: CallSite) -> Text:
    if site.legacy:
        return text("{api} of the SDK before 1.0", api=site.api)
    return text("{api}", api=site.api)


def _judge(site: CallSite, target: Target) -> tuple[Text, Verdict]:
    row = target.profile.endpoint(site.endpoint)
    provider = target.profile.name
    if row is None or row.status is Status.UNKNOWN:
        message = text(
            "{api}: nobody says whether {provider} has it: try it, or do without", api=site.api, provider=provider
        )
        return message, Verdict.MANUAL
    if row.status is Status.REJECTED and site.endpoint == EMBEDDINGS:
        first, second = embedders()
        message = text(
            "{api}: {provider} has no such endpoint; name another provider for embeddings: --embeddings {first}, or "
            "{second}",
            api=site.api,
            provider=provider,
            first=first,
            second=second,
        )
        return message, Verdict.MANUAL
    if row.status is Status.REJECTED:
        if row.note is not None:
            message = text(
                "{api}: {provider} has no such endpoint: {note}", api=site.api, provider=provider, note=row.note
            )
        else:
            message = text("{api}: {provider} has no such endpoint", api=site.api, provider=provider)
        if others := offering(site.endpoint):
            message = text(
                "{message}; others have it, if not in full: {others}", message=message, others=", ".join(others)
            )
        elif row.note is None:
            message = text("{message}, nor has any provider that is known: leave it at OpenAI", message=message)
        return message, Verdict.MANUAL
    if site.legacy and (site.upgrade is None or not upgrade.applies(site.points, site.host, target)):
        message = text("{api} of the SDK before 1.0 works only with openai<1 installed", api=site.api)
        return message, Verdict.MANUAL
    if row.status is Status.LIMITED:
        # what a call of it needs, its parameters say; what only goes on with a text is for models of a kind of its own
        verdict = Verdict.MANUAL if site.endpoint == "completions.create" else Verdict.READY
        if row.note is not None:
            message = text("{api}: {provider} has part of it: {note}", api=site.api, provider=provider, note=row.note)
            return message, verdict
        return text("{api}: {provider} has part of it", api=site.api, provider=provider), verdict
    return _plain(site), Verdict.READY


RULE = Rule("LM103", "api-call", CallSite, find)
