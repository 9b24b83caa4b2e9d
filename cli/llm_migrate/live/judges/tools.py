"""Judges of tools: who is called, with what, and how the call looks whole and in pieces."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from llm_codemods.proof import Outcome
from llm_codemods.requirements import Requirement
from llm_codemods.text import Text, text
from llm_migrate.live.judges.answers import (
    Conclusion,
    Judgement,
    clip,
    content_of,
    decoded,
    judging,
    message_of,
    quoted,
    usage_of,
    verdict,
)
from llm_migrate.live.judges.streams import chunks_of, joined_calls, said_in, stream_deviations
from llm_migrate.live.prompts import RESULT_WORDS, STRICT, TIME, WEATHER
from llm_migrate.live.schema import violation
from llm_migrate.live.wire import Response

Tools = Sequence[Mapping[str, Any]]
MARKUP = ("tool_call>", '"arguments"', "<|tool", "<function", "[TOOL_CALLS]")
"""What a call looks like that nobody has taken out of the text."""


def call_deviations(call: object, tools: Tools) -> list[Text]:
    """Return what is wrong with one whole tool call."""
    if not isinstance(call, dict) or not isinstance(call.get("function"), dict):
        return [text("a tool call without function")]
    wrong: list[Text] = []
    function = call["function"]
    offered = {tool["function"]["name"]: tool["function"]["parameters"] for tool in tools}
    if not isinstance(call.get("id"), str) or not call["id"]:
        wrong.append(text("the tool call has no id to answer to"))
    if call.get("type") != "function":
        wrong.append(text("the tool call has no type: .parse() drops it silently"))
    name = function.get("name")
    known = isinstance(name, str) and name in offered
    if not known:
        wrong.append(text("calls {name}, which was not offered", name=clip(repr(name), 60)))
    arguments = function.get("arguments")
    if not isinstance(arguments, str):
        return [*wrong, text("arguments is an object, not a JSON string: json.loads raises TypeError")]
    try:
        value = decoded(arguments)
    except ValueError:
        return [*wrong, text("arguments is no JSON: {found}", found=clip(arguments, 60))]
    if known and (broken := violation(value, offered[name])):
        wrong.append(text("arguments do not fit the schema: {broken}", broken=broken))
    return wrong


def _has_markup(content: str) -> bool:
    return any(mark in content for mark in MARKUP)


def _no_call(content: str, finish: str | None) -> Conclusion:
    if _has_markup(content):
        return Conclusion(
            Outcome.DIFFERS, text("the call is written into content: {content}", content=clip(content, 80))
        )
    if finish == "length":
        return Conclusion(Outcome.SKIPPED, text("not proven, the token limit came before a call"))
    return Conclusion(Outcome.IGNORED, text("prose instead of a call: {content}", content=clip(content, 80)))


def called(response: Response) -> tuple[list[Any], str | None, list[Text]]:
    """Return tool calls, finish_reason and deviations of a whole answer."""
    message, finish, wrong = message_of(response)
    calls = message.get("tool_calls")
    if not isinstance(calls, list) or not calls:
        raise _no_call(content_of(message), finish)
    return calls, finish, wrong


def called_in_pieces(response: Response) -> list[dict[str, Any]]:
    """Return the tool calls of a stream, put together."""
    chunks = chunks_of(response)
    if wrong := stream_deviations(chunks):
        raise Conclusion(*verdict([text("streamed: {why}", why=one) for one in wrong], wrong[0]))
    calls = joined_calls(chunks)
    if not calls:
        raise _no_call(said_in(chunks), _finish_in(chunks))
    return calls


def _finish_in(chunks: Sequence[Mapping[str, Any]]) -> str | None:
    finishes = (choice.get("finish_reason") for chunk in chunks for choice in chunk["choices"])
    return next((finish for finish in finishes if finish), None)


def _finish_deviations(finish: str | None) -> list[Text]:
    if finish == "tool_calls":
        return []
    return [text("finish_reason is {found} although a tool is called", found=clip(repr(finish), 60))]


def _calls(response: Response) -> bool:
    try:
        return bool(called(response))
    except Conclusion:
        return False


@judging
def judge_tools(_: Requirement, responses: Sequence[Response]) -> Judgement:
    """A call to the offered tool, with arguments that fit."""
    calls, finish, wrong = called(responses[0])
    wrong = [*wrong, *call_deviations(calls[0], [WEATHER]), *_finish_deviations(finish)]
    return verdict(wrong, text("calls {name}", name="get_weather"))


@judging
def judge_tools_stream(_: Requirement, responses: Sequence[Response]) -> Judgement:
    """A call whose pieces join to one that is right: the deltas are where servers fail."""
    calls = called_in_pieces(responses[0])
    wrong = [text("streamed: {why}", why=one) for one in call_deviations(calls[0], [WEATHER])]
    wrong += _finish_deviations(_finish_in(chunks_of(responses[0])))
    return verdict(wrong, text("calls {name}, streamed", name="get_weather"))


@judging
def judge_forced_tool(_: Requirement, responses: Sequence[Response]) -> Judgement:
    """A call to the tool that was named, although the prompt is about the other one.

    OpenAI ends a forced call with finish_reason ``stop``, others with ``tool_calls``; both are taken.
    """
    calls, _finish, wrong = called(responses[0])
    wrong = [*wrong, *call_deviations(calls[0], [WEATHER, TIME])]
    if not wrong and calls[0]["function"]["name"] != "get_time":
        return Outcome.IGNORED, text(
            "tool_choice names get_time, but {name} is called", name=calls[0]["function"]["name"]
        )
    return verdict(wrong, text("calls the tool that tool_choice names"))


@judging
def judge_required_tool(_: Requirement, responses: Sequence[Response]) -> Judgement:
    """A call to any tool, although the prompt needs none."""
    calls, _finish, wrong = called(responses[0])
    wrong = [*wrong, *call_deviations(calls[0], [WEATHER, TIME])]
    return verdict(wrong, text("calls a tool although the prompt needs none"))


@judging
def judge_no_tool(_: Requirement, responses: Sequence[Response]) -> Judgement:
    """Text and no call, although the prompt wants one; nor the markup of a call in the text.

    Without ``tool_choice`` there is a call, or its absence proves nothing.
    """
    message, finish, wrong = message_of(responses[0])
    if message.get("tool_calls"):
        return Outcome.IGNORED, text("tool_choice is none, but a tool is called")
    content = content_of(message)
    if _has_markup(content):
        return Outcome.DIFFERS, text("the call is written into content: {content}", content=clip(content, 80))
    if not content:
        if finish == "length":
            return Outcome.SKIPPED, text("not proven, content is empty: reasoning took all tokens")
        wrong.append(text("content is empty"))
    if not wrong and not any(map(_calls, responses[1:])):
        return Outcome.SKIPPED, text("not proven: nothing is called without tool_choice none either")
    return verdict(wrong, text("answers in words and calls nothing"))


@judging
def judge_parallel_tools(requirement: Requirement, responses: Sequence[Response]) -> Judgement:
    """Several calls in one turn, each whole and with an id of its own, or one alone where that was asked."""
    whole, _finish, wrong = called(responses[0])
    streamed = called_in_pieces(responses[1])
    for calls in (whole, streamed):
        wrong += [deviation for call in calls for deviation in call_deviations(call, [WEATHER])]
        ids = [call.get("id") for call in calls if isinstance(call, dict)]
        if len(set(map(str, ids))) < len(calls):
            wrong.append(text("several calls have the same id: {ids}", ids=quoted(ids)))
    if wrong:
        return verdict(wrong, wrong[0])
    most = max(len(whole), len(streamed))
    if requirement.value is False:
        if most > 1:
            return Outcome.IGNORED, text("parallel_tool_calls is false, but {count} calls come at once", count=most)
        return Outcome.WORKS, text("one call at a time")
    if min(len(whole), len(streamed)) < 2:
        return Outcome.SKIPPED, text("not proven: asked for two calls, the model made one at a time")
    return Outcome.WORKS, text("{count} calls at once, each with an id of its own", count=most)


@judging
def judge_tool_loop(_: Requirement, responses: Sequence[Response]) -> Judgement:
    """The result of a call goes back and an answer in words comes; its prompt has grown by the call and its result.

    Where the model called nothing and the call was made up, only words of the result show that it was read.
    """
    message_of(responses[0])
    if len(responses) == 1:
        return Outcome.SKIPPED, text("not proven: the result of the call was not sent back")
    message, finish, wrong = message_of(responses[1])
    content = content_of(message)
    if message.get("tool_calls"):
        return Outcome.SKIPPED, text("not proven: the result of the call is answered by another call")
    if _has_markup(content):
        wrong.append(text("the call is written into content: {content}", content=clip(content, 80)))
    elif not content:
        if finish == "length":
            return Outcome.SKIPPED, text("not proven, content is empty: reasoning took all tokens")
        wrong.append(text("content is empty"))
    elif finish not in ("stop", "length"):
        wrong.append(text("finish_reason is {found} although no tool is called", found=clip(repr(finish), 60)))
    first, second = usage_of(responses[0]), usage_of(responses[1])
    if not wrong and first and second and second["prompt_tokens"] <= first["prompt_tokens"]:
        return Outcome.IGNORED, text("the call and its result do not reach the model: the prompt has not grown")
    if not wrong and not _calls(responses[0]) and not any(word in content.lower() for word in RESULT_WORDS):
        return Outcome.SKIPPED, text("not proven: the model calls nothing, and a made-up call leaves no trace")
    return verdict(wrong, text("answers with the result of the call"))


@judging
def judge_strict_tools(_: Requirement, responses: Sequence[Response]) -> Judgement:
    """Arguments that satisfy a strict schema although the prompt asks for what it forbids."""
    calls, _finish, wrong = called(responses[0])
    call = calls[0]
    function = call.get("function") if isinstance(call, dict) else None
    try:
        value = decoded(function["arguments"]) if isinstance(function, dict) else None
    except (ValueError, TypeError, KeyError):
        value = None
    if value is not None and (broken := violation(value, STRICT["function"]["parameters"])):
        return Outcome.IGNORED, text("the schema is not enforced: {broken}", broken=broken)
    return verdict([*wrong, *call_deviations(call, [STRICT])], text("the schema is enforced against the prompt"))
