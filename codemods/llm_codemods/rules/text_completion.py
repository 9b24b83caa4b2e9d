"""Call of the legacy completions where the provider has none, or only for a few models.

Why: ``client.completions.create(prompt=...)`` goes to models that go on with a text. Hardly any provider serves them;
what OpenAI's own prices stand for is a chat model elsewhere.

Fix: the call becomes one of ``chat.completions.create`` with the prompt as what the user says, also where only the
first choice is read, so that there is but one prompt; ``choices[0].text`` becomes ``choices[0].message.content``, in a
stream ``choices[0].delta.content``. Where arguments come from elsewhere, the prompt is a list or may be one, or the
result is handed on, a function ``chat_as_text`` of the module makes the call: it asks once for each prompt and gives
the answers the shape that they had. Calls of 0.28 (``openai.Completion.create``) become chat as they move to the
current SDK, with what reads their results by keys. Where the part of a client for completions is kept by itself
(``completions = client.completions``) it becomes that for chat, together with all calls through it. A call without
``max_tokens`` gets that of 16 which completions have where nobody says more.

Safety: ``fix`` where every model that the call may have is seen and was made to follow instructions
(``gpt-3.5-turbo-instruct``, ``text-davinci-003``): its prompt is an instruction already, and the gotcha's reason for
``review`` does not hold. What an environment variable or an option may say instead counts as what the code falls back
on. ``review`` where the model is a base model (``davinci-002``) or is not seen, as a chat model answers a text and does
not go on with it; where the endpoint comes from elsewhere, not all arguments are seen, nobody sees what the prompt is
and the answers to several may be read, or a stream goes through the function and is more than gone through. All or
nothing for a call and its result. The function raises where it is given what chat cannot do. With style ``switch``
nothing changes, as OpenAI's models for this take no chat. ``manual`` for ``echo``, ``suffix``, ``best_of`` and
``logprobs``.

Source: profile fields ``endpoints.completions`` and ``instructed``; gotcha G40.
"""

from __future__ import annotations

from collections.abc import Iterator

from llm_codemods.conversions import Kind, ObstacleError, conversion, is_safe, kind_of
from llm_codemods.operations import Fix
from llm_codemods.profile import Status
from llm_codemods.report import Finding, Verdict
from llm_codemods.rule import Rule, about
from llm_codemods.sites import CallSite
from llm_codemods.target import Target
from llm_codemods.text import text


def find(site: CallSite, target: Target | None) -> Iterator[Finding]:
    """Turn text completions into chat."""
    if target is None or kind_of(site, target) is not Kind.COMPLETION:
        return
    row = target.profile.endpoint(site.endpoint)
    refused = row is not None and row.status is Status.REJECTED
    provider = target.profile.name
    try:
        found = conversion(site, target)
    except ObstacleError as obstacle:
        message = text(
            "{api} cannot be turned into chat completions by itself, and {provider} may not take it: {reason}",
            api=site.api,
            provider=provider,
            reason=obstacle.reason,
        )
        yield about(site, "call", site.api, message, Verdict.MANUAL if refused or obstacle.final else Verdict.REVIEW)
        return
    message = text("{api}: {provider} takes this as chat completions", api=site.api, provider=provider)
    for more in (*found.notes, *found.doubts):
        message = text("{first}; {second}", first=message, second=more)
    fix = Fix(text("call chat completions"), found.changes, found.imports, found.definitions)
    yield about(site, "call", site.api, message, Verdict.FIX if is_safe(found, site) else Verdict.REVIEW, fix)


RULE = Rule("LM112", "text-completion", CallSite, find)
