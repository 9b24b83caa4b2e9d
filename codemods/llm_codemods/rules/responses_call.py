"""Call of the Responses API where the provider has none, or only a part.

Why: OpenAI's newer code calls ``client.responses.create``. Most providers have chat completions alone; some answer on
the other path, too, but only to part of what it takes.

Fix: the call becomes one of ``chat.completions.create``: ``input`` and ``instructions`` become messages, tools, tool
choice and the form of the answer take their shape there, the cap and the effort their name. So does everything that
reads the result: ``output_text``, the walks through ``output``, the usage, the events of a stream of text. The helper
``stream`` becomes that of chat where it parses the answer, or is asked for the whole of it.

Safety: all or nothing for a call and its result. ``fix`` where all is seen that goes in, and all that reads what comes
out; ``review`` where the code does not tell what goes in, or asks a stream for its end, too. Where the result cannot be
followed nothing changes, nor where its id is handed on and the provider keeps answers. State kept by OpenAI
(``previous_response_id``, ``conversation``, ``store=True``), ``background`` and built-in tools are ``manual``: chat has
none of them. Where the provider has part of the endpoint, keeps what is to be kept, or waits for the answer instead of
``background``, has the tools, and refuses nothing of what is sent, such a call stays there: ``ready``, and its
parameters have rules of their own; ``fix`` where a tool has another name there, ``review`` where it has options, too,
or others of its tools are not there.

Source: profile fields ``endpoints.responses`` and ``parameters.responses``; gotcha G11.
"""

from __future__ import annotations

from collections.abc import Iterator

from llm_codemods import openai_api
from llm_codemods.conversions import Kind, ObstacleError, conversion, inputs, kind_of
from llm_codemods.conversions.responses import ACCEPTED, waived
from llm_codemods.operations import Fix
from llm_codemods.profile import Status
from llm_codemods.report import Finding, Verdict
from llm_codemods.rule import Rule, about
from llm_codemods.sites import CallSite
from llm_codemods.target import Target
from llm_codemods.text import Text, text

KEPT = ("previous_response_id", "conversation", "store", "prompt", "background", "context_management")
"""Parameters that say what OpenAI is to keep, or has kept."""


def find(site: CallSite, target: Target | None) -> Iterator[Finding]:
    """Turn calls of the Responses API into calls of chat."""
    if target is None or kind_of(site, target) is not Kind.RESPONSES:
        return
    row = target.profile.endpoint("responses")
    refused = row is not None and row.status is Status.REJECTED
    provider = target.profile.name
    try:
        found = conversion(site, target)
    except ObstacleError as obstacle:
        partly = row is not None and row.status is Status.LIMITED
        stays = partly and (obstacle.name is not None or not obstacle.final) and _is_heard(site, target)
        if stays and (renamed := inputs.kept_tools(site, target)) is not None:
            message = text(
                "{api} stays: {provider} has part of it, and chat is no way: {reason}",
                api=site.api,
                provider=provider,
                reason=obstacle.reason,
            )
            fix = Fix(text("call the tools as they are called there"), renamed) if renamed else None
            verdict = Verdict.FIX if inputs.only_named(site, renamed) else Verdict.REVIEW
            yield about(site, "call", site.api, message, verdict if renamed else Verdict.READY, fix)
            return
        if stays and (others := inputs.without_unknown_tools(site, target)) is not None:
            lacking, fix = others
            message = text(
                "{api} stays: {provider} has part of it, but not these tools: {tools}",
                api=site.api,
                provider=provider,
                tools=", ".join(lacking),
            )
            if not lacking:
                message = text(
                    "{api} stays: {provider} has its tools under other names", api=site.api, provider=provider
                )
            yield about(site, "call", site.api, message, Verdict.REVIEW, fix)
            return
        verdict = Verdict.MANUAL if refused or (obstacle.final and not partly) else Verdict.REVIEW
        message = _obstructed(site, provider, obstacle.reason, refused=refused)
        yield about(site, "call", site.api, message, verdict)
        return
    message = text("{api}: {provider} takes this as chat completions", api=site.api, provider=provider)
    for doubt in found.doubts:
        message = text("{first}; {second}", first=message, second=doubt)
    fix = Fix(text("call chat completions"), found.changes, found.imports)
    yield about(site, "call", site.api, message, Verdict.REVIEW if found.doubts else Verdict.FIX, fix)


def _is_heard(site: CallSite, target: Target) -> bool:
    """Whether the target's own endpoint refuses nothing but tools of what the call is seen to send, and keeps what is
    to be kept; what is to be done about the rest, the parameters say."""
    known = openai_api.parameters(site.endpoint)
    names = (site.given.keys() & known) - waived(target)
    rows = {name: target.profile.parameter("responses", name) for name in names}
    kept = all(row is not None and row.status in ACCEPTED for name, row in rows.items() if name in KEPT)
    heard = all(row is None or row.status is not Status.REJECTED for row in rows.values())
    return kept and heard


def _obstructed(site: CallSite, provider: object, reason: Text, *, refused: bool) -> Text:
    if refused:
        return text(
            "{api}: {provider} has no such endpoint, turn it into chat completions yourself: {reason}",
            api=site.api,
            provider=provider,
            reason=reason,
        )
    return text(
        "{api}: {provider} has part of it, and it cannot be turned into chat completions: {reason}",
        api=site.api,
        provider=provider,
        reason=reason,
    )


RULE = Rule("LM111", "responses-call", CallSite, find)
