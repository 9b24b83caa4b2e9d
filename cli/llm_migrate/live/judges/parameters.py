"""Judges of single parameters: by effect where there is one, else by what the endpoint does with nonsense."""

from __future__ import annotations

from collections.abc import Sequence

from llm_codemods.proof import Outcome
from llm_codemods.requirements import Requirement
from llm_codemods.text import Text, text
from llm_migrate.live.judges.answers import (
    Conclusion,
    Judgement,
    check_success,
    choices_of,
    clip,
    content_of,
    is_refusal,
    judging,
    message_of,
    quoted,
    reasoning_of,
    spoken,
    thoughts,
    usage_of,
    verdict,
)
from llm_migrate.live.judges.streams import choices_in, chunks_of, deltas_in, said_in, stream_deviations
from llm_migrate.live.prompts import BEFORE, BEHIND, CAP, OFTEN, STOP
from llm_migrate.live.wire import Response

INERT = frozenset(
    {
        *("metadata", "prompt_cache_key", "prompt_cache_retention", "safety_identifier", "service_tier", "store"),
        "user",
    }
)
"""Parameters that change nothing in an answer: code needs no more than that they are taken."""


@judging
def judge_limit(requirement: Requirement, responses: Sequence[Response]) -> Judgement:
    """A small limit cuts a long answer and says so; the limit that the code sends is taken as well."""
    message, finish, wrong = message_of(responses[0])
    content, usage = content_of(message), usage_of(responses[0])
    apart = thoughts(usage)
    # Where thoughts are not counted apart, words stand in for tokens: a token is seldom more than a word.
    used = (
        len(content.split())
        if not usage or (apart is None and reasoning_of(message))
        else usage["completion_tokens"] - (apart or 0)
    )
    if used > CAP or len(content.split()) > 2 * CAP:
        return Outcome.IGNORED, text("at most {cap} tokens were allowed, {used} came", cap=CAP, used=used)
    ended = finish == "stop" and bool(usage) and used < CAP
    if finish != "length" and not ended:
        wrong.append(
            text("the answer is cut, but finish_reason is {found}: nobody sees the cut", found=clip(repr(finish), 60))
        )
    for response in responses[1:]:
        if is_refusal(response):
            return Outcome.REFUSED, text("{value} is refused, {cap} works", value=requirement.value, cap=CAP)
        check_success(response)
    if ended and not wrong:
        return Outcome.SKIPPED, text(
            "not proven: the answer ends by itself after {used} tokens, the limit is {cap}", used=used, cap=CAP
        )
    return verdict(wrong, text("cuts at {cap} tokens with finish_reason length", cap=CAP))


@judging
def judge_stop(_: Requirement, responses: Sequence[Response]) -> Judgement:
    """The text ends before the stop sequence, which it would otherwise contain."""
    if len(responses) > 1:
        return _judge_stop_anywhere(responses[0], responses[1])
    content, finish, wrong = spoken(responses[0])
    if STOP in content:
        return _goes_on(content, STOP)
    if _is_far(content):
        return Outcome.SKIPPED, text(
            "not proven: the text never comes near the stop sequence: {content}", content=clip(content, 80)
        )
    if finish != "stop":
        wrong.append(text("stopped, but finish_reason is {found}", found=clip(repr(finish), 60)))
    return verdict(wrong, text("stops before the sequence"))


def comes_not_near(response: Response) -> bool:
    """Whether a text is far from the stop sequence, so that it cannot show whether it would have been stopped."""
    try:
        return _is_far(spoken(response)[0])
    except Conclusion:
        return False


def _is_far(content: str) -> bool:
    """Whether a text has neither the stop sequence nor an end before it; a small model may leave out that very word."""
    words = content.lower()
    return STOP not in content and (BEFORE not in words or BEHIND in words)


def _goes_on(content: str, stop: str) -> Judgement:
    if content.rstrip().endswith(stop) and content.count(stop) == 1:
        return Outcome.DIFFERS, text("the stop sequence is part of the text: {content}", content=clip(content, 80))
    return Outcome.IGNORED, text("the text goes on behind the stop sequence: {content}", content=clip(content, 80))


def _judge_stop_anywhere(free: Response, stopped: Response) -> Judgement:
    """The first text, which nothing stopped, has the letter at which the second one was to stop."""
    message, finish, wrong = message_of(stopped)
    content = content_of(message)
    if OFTEN in content:
        return _goes_on(content, OFTEN)
    without = spoken(free)[0]
    if OFTEN not in without or finish == "length" or reasoning_of(message):
        return Outcome.SKIPPED, text(
            "not proven: the text never comes near the stop sequence: {content}", content=clip(without, 80)
        )
    if finish != "stop":
        wrong.append(text("stopped, but finish_reason is {found}", found=clip(repr(finish), 60)))
    return verdict(wrong, text("stops before the sequence"))


@judging
def judge_n(requirement: Requirement, responses: Sequence[Response]) -> Judgement:
    """As many choices as asked for, numbered from 0."""
    choices = choices_of(responses[0])
    wanted = requirement.value if type(requirement.value) is int else 2
    if len(choices) != wanted:
        return Outcome.IGNORED, text("{wanted} choices asked for, {count} came", wanted=wanted, count=len(choices))
    if [choice.get("index") for choice in choices] != list(range(wanted)):
        return Outcome.DIFFERS, text(
            "choices are numbered {found}", found=quoted(choice.get("index") for choice in choices)
        )
    return Outcome.WORKS, text("{count:choice|choices}", count=wanted)


@judging
def judge_logprobs(requirement: Requirement, responses: Sequence[Response]) -> Judgement:
    """Each token with its logarithm, and as many alternatives as asked for."""
    choice = choices_of(responses[0])[0]
    found = choice.get("logprobs")
    entries = found.get("content") if isinstance(found, dict) else None
    if not isinstance(entries, list) or not entries:
        return Outcome.IGNORED, text("no logprobs come: {found}", found=clip(repr(found), 60))
    asked = requirement.value if type(requirement.value) is int else 2
    for entry in entries:
        if not isinstance(entry, dict) or not isinstance(entry.get("token"), str):
            return Outcome.DIFFERS, text("entries of logprobs have no token")
        if type(entry.get("logprob")) not in (int, float) or entry["logprob"] > 0:
            return Outcome.DIFFERS, text("logprob is {found}", found=clip(repr(entry.get("logprob")), 40))
        others = entry.get("top_logprobs")
        if asked and (not isinstance(others, list) or not others):
            return Outcome.IGNORED, text("no alternatives come, although top_logprobs asks for {count}", count=asked)
        if isinstance(others, list) and len(others) > max(asked, 1):
            return Outcome.DIFFERS, text(
                "{count:alternative comes|alternatives come}, {asked} were asked for", count=len(others), asked=asked
            )
    return Outcome.WORKS, text("{count:token|tokens} with their logprobs", count=len(entries))


@judging
def judge_seed(_: Requirement, responses: Sequence[Response]) -> Judgement:
    """The same seed gives the same text. OpenAI promises no more than to try."""
    first, again, other = (spoken(response)[0] for response in responses)
    if first != again:
        return Outcome.IGNORED, text(
            "the same seed gives different texts (OpenAI promises best effort only): {texts}",
            texts=quoted((first, again)),
        )
    if first == other:
        return Outcome.IGNORED, text("another seed gives the same text: the seed has no effect, or nothing is random")
    return Outcome.WORKS, text("the same seed gives the same text, another one another")


@judging
def judge_temperature(requirement: Requirement, responses: Sequence[Response]) -> Judgement:
    """The value is taken; with temperature 0 two of three answers at least are the same."""
    texts = [spoken(response)[0] for response in responses]
    if requirement.value == 0 and len(set(texts)) == len(texts) > 1:
        return Outcome.IGNORED, text("temperature is 0, but each answer is another: {texts}", texts=quoted(texts))
    if requirement.value == 0:
        return Outcome.WORKS, text("temperature 0 repeats itself")
    return Outcome.WORKS, text("temperature {value} is accepted", value=requirement.value)


@judging
def judge_parameter(requirement: Requirement, responses: Sequence[Response]) -> Judgement:
    """The value is taken, and nonsense in its place, or under a name that does not exist, is not.

    Who takes nonsense too takes anything, so acceptance proves nothing there, except for what has no effect anyway.
    """
    value, nonsense, unknown = responses
    told: Text = text("{name} = {value}", name=requirement.feature, value=repr(requirement.value))
    try:
        choices_of(value)
    except Conclusion as known:
        outcome, why = known.judgement
        return outcome, text("{what}: {why}", what=told, why=why)
    if requirement.feature in INERT:
        return Outcome.WORKS, text("{what} is accepted", what=told)
    if is_refusal(nonsense):
        return Outcome.WORKS, text("{what} is accepted, nonsense in its place refused", what=told)
    if is_refusal(unknown):
        return Outcome.WORKS, text("{what} is accepted, parameters that do not exist are refused", what=told)
    for response in (nonsense, unknown):
        check_success(response)
    return Outcome.SKIPPED, text(
        "{what}: accepted; this endpoint accepts unknown parameters too, so that proves nothing", what=told
    )


@judging
def judge_replay(requirement: Requirement, responses: Sequence[Response]) -> Judgement:
    """All that a call sends together is taken, and answered with text or a call."""
    shape = requirement.shape
    if shape is not None and shape.stream:
        chunks = chunks_of(responses[0])
        wrong = stream_deviations(chunks)
        answered = bool(said_in(chunks)) or any(delta.get("tool_calls") for delta in deltas_in(chunks))
        finish = next((choice["finish_reason"] for choice in choices_in(chunks) if choice.get("finish_reason")), None)
    else:
        message, finish, wrong = message_of(responses[0])
        answered = bool(content_of(message)) or bool(message.get("tool_calls"))
    if not answered and finish != "length" and not wrong:
        wrong.append(text("neither text nor a call comes"))
    return verdict(wrong, text("the whole call is accepted and answered"))
