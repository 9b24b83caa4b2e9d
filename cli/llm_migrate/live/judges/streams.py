"""Judges of streams: as the OpenAI SDK reads them, event by event."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from llm_codemods.proof import Outcome
from llm_codemods.requirements import Requirement
from llm_codemods.text import Text, text
from llm_migrate.live.judges.answers import (
    FINISH,
    Conclusion,
    Judgement,
    check_success,
    clip,
    counts,
    decoded,
    is_time,
    judging,
    message_of,
    reasoning_of,
    usage_deviations,
    verdict,
)
from llm_migrate.live.wire import Response

SLOW = 1.0
"""Seconds from which on a reader notices whether a stream comes in pieces."""
SHORT = 20
"""Words that come at once even where the stream only began late, on a busy server for instance."""
FLOWING = 0.5
"""Seconds over which text that is sent while it is made comes at least; what was held back comes at once."""


def chunks_of(response: Response) -> list[dict[str, Any]]:
    """Return the chunks of a stream as the SDK would yield them."""
    check_success(response)
    chunks: list[dict[str, Any]] = []
    for data in response.events():
        if data.startswith("[DONE]"):
            break
        try:
            chunk = decoded(data)
        except ValueError:
            raise Conclusion(
                Outcome.BROKEN,
                text("an event whose data is {data}: the SDK raises JSONDecodeError", data=clip(repr(data), 60)),
            ) from None
        if not isinstance(chunk, dict):
            raise Conclusion(Outcome.BROKEN, text("an event that is no JSON object: {data}", data=clip(data, 60)))
        if chunk.get("error"):
            raise Conclusion(Outcome.BROKEN, text("an error in mid-stream: {data}", data=clip(data)))
        chunks.append(chunk)
    if not chunks:
        raise Conclusion(
            Outcome.BROKEN,
            text(
                "a stream was asked for, but there is no event: the SDK yields nothing and raises nothing ({start})",
                start=clip(response.body[:60].decode("utf-8", "replace")),
            ),
        )
    return chunks


def choices_in(chunks: Sequence[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """Yield the choices of all chunks, as far as they are objects."""
    for chunk in chunks:
        choices = chunk.get("choices")
        yield from (choice for choice in (choices if isinstance(choices, list) else ()) if isinstance(choice, dict))


def deltas_in(chunks: Sequence[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """Yield the deltas of all chunks, as far as they are objects."""
    for choice in choices_in(chunks):
        if isinstance(choice.get("delta"), dict):
            yield choice["delta"]


def said_in(chunks: Sequence[Mapping[str, Any]]) -> str:
    """Return the text of a stream, its pieces joined."""
    return "".join(str(delta.get("content") or "") for delta in deltas_in(chunks))


def stream_deviations(chunks: Sequence[Mapping[str, Any]]) -> list[Text]:
    """Return what the SDK's stream helpers or the usual loop would fall over."""
    wrong: list[Text] = []
    finishes, roles = 0, 0
    for chunk in chunks:
        if not isinstance(chunk.get("choices"), list):
            wrong.append(text("a chunk whose choices is no list: loops over it raise TypeError"))
            break
        for choice in chunk["choices"]:
            delta = choice.get("delta") if isinstance(choice, dict) else None
            if not isinstance(delta, dict):
                wrong.append(
                    text("a choice with message instead of delta: loops find no text")
                    if isinstance(choice, dict) and isinstance(choice.get("message"), dict)
                    else text("a choice without delta")
                )
                return wrong
            finishes += choice.get("finish_reason") is not None
            roles += bool(delta.get("role"))
            if isinstance(delta.get("message"), dict):
                wrong.append(text("a message under delta: loops find no text"))
                return wrong
            if choice.get("finish_reason") not in (None, *FINISH):
                wrong.append(text("finish_reason is {found}", found=clip(repr(choice["finish_reason"]), 60)))
            if type(choice.get("index")) is not int:
                wrong.append(text("a choice without index"))
                return wrong
    if any(chunk.get("object") != "chat.completion.chunk" for chunk in chunks):
        wrong.append(text("object is not chat.completion.chunk: .stream() drops such chunks"))
    if not all(is_time(chunk.get("created")) for chunk in chunks):
        wrong.append(text("created is no whole number of seconds"))
    if finishes == 0:
        wrong.append(text("no finish_reason: a stream cut short looks the same"))
    if finishes > 1:
        wrong.append(text("{count} chunks carry a finish_reason", count=finishes))
    if roles > 1:
        wrong.append(text("role in {count} deltas: .stream() joins them to one word", count=roles))
    return wrong


@judging
def judge_stream(_: Requirement, responses: Sequence[Response]) -> Judgement:
    """A stream of text in the SDK's sense, ended by a finish_reason and ``[DONE]``."""
    chunks = chunks_of(responses[0])
    wrong = stream_deviations(chunks)
    words = said_in(chunks)
    if not words and not wrong:
        if any(map(reasoning_of, deltas_in(chunks))):
            return Outcome.SKIPPED, text("not proven, no delta has content: reasoning took all tokens")
        wrong.append(text("no delta has content"))
    elif "<think>" in words:
        wrong.append(text("the reasoning stands in content"))
    if not any(data.startswith("[DONE]") for data in responses[0].events()):
        wrong.append(text("ends without data: [DONE]; the SDK does not mind, code that reads the stream itself waits"))
    return verdict(wrong, text("{count:chunk|chunks}", count=len(chunks)))


@judging
def judge_stream_usage(_: Requirement, responses: Sequence[Response]) -> Judgement:
    """A stream of text, then one chunk with empty choices and the usage."""
    chunks = chunks_of(responses[0])
    wrong = stream_deviations(chunks)
    if not said_in(chunks):
        wrong.append(text("no delta has content"))
    counted = [place for place, chunk in enumerate(chunks) if chunk.get("usage")]
    if not counted:
        if any(choice.get("usage") for choice in choices_in(chunks)):
            wrong.append(text("usage stands inside choices[0], where the SDK does not look"))
        elif not wrong:
            return Outcome.IGNORED, text("no chunk carries usage, although include_usage was asked for")
        else:
            wrong.append(text("no chunk carries usage"))
        return verdict(wrong, wrong[0])
    last = chunks[counted[-1]]
    wrong += usage_deviations(last["usage"]) if counts(last["usage"]) else [text("usage has no whole token counts")]
    if len(counted) > 1:
        wrong.append(text("{count} chunks carry usage: adding them up counts twice", count=len(counted)))
    if last.get("choices"):
        wrong.append(text("the chunk with usage has choices: code that waits for an empty list misses it"))
    if counted[-1] != len(chunks) - 1:
        wrong.append(text("a chunk without usage follows the one with it: .stream() loses it"))
    return verdict(wrong, text("{count:chunk|chunks}, the last one with usage", count=len(chunks)))


@judging
def judge_stream_timing(_: Requirement, responses: Sequence[Response]) -> Judgement:
    """The text comes in pieces while it is made; where the whole takes less than a second nobody would notice.

    Nor does a short text that comes at once show that it was held back, or one that began late, but then flowed.
    """
    response = responses[0]
    chunks = chunks_of(response)
    pieces = sum(bool(delta.get("content") or reasoning_of(delta)) for delta in deltas_in(chunks))
    words = said_in(chunks)
    if not words and not pieces:
        return Outcome.SKIPPED, text("not proven: no delta has content")
    if pieces < 2 and len(words.split()) > 5:
        return Outcome.DIFFERS, text("the whole text comes in one delta")
    # The first bytes may hold no more than the role, so what counts is when a quarter was there.
    early = next((at for at, size in response.arrivals if 4 * size >= len(response.body)), response.seconds)
    told = text("a quarter after {first} s, all after {last} s", first=round(early, 2), last=round(response.seconds, 2))
    if "x-llm-migrate-emulator" in response.headers:
        return Outcome.WORKS, text("{told}; this is the emulator, which needs no time to think", told=told)
    at_once = response.seconds - early < min(FLOWING, 0.1 * response.seconds)
    if response.seconds >= SLOW and len(words.split()) > SHORT and at_once:
        return Outcome.DIFFERS, text("the stream is held back until it is whole: {told}", told=told)
    return Outcome.WORKS, told


@judging
def judge_cancel(_: Requirement, responses: Sequence[Response]) -> Judgement:
    """A stream is hung up on, and the next request is answered."""
    if responses[0].status != 200:
        check_success(responses[0])
    _message, finish, wrong = message_of(responses[1])
    return verdict(wrong, text("answers the request after a stream that was hung up on ({finish})", finish=finish))


def joined_calls(chunks: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Put streamed tool calls together as ``.stream()`` does: by index, strings concatenated."""

    def broken(evidence: Text) -> Conclusion:
        return Conclusion(Outcome.DIFFERS, text("streamed: {why}", why=evidence))

    calls: dict[int, dict[str, Any]] = {}
    for delta in deltas_in(chunks):
        pieces = delta.get("tool_calls") or ()
        for piece in pieces if isinstance(pieces, list) else ():
            index = piece.get("index") if isinstance(piece, dict) else None
            if type(index) is not int:
                raise broken(text("tool calls have no index: .stream() raises TypeError"))
            call = calls.setdefault(index, {"id": "", "type": None, "function": {"name": "", "arguments": ""}})
            given = piece.get("id")
            if call["id"] and given:
                raise broken(
                    text("the id comes again: .stream() doubles it")
                    if given == call["id"]
                    else text("two calls share index {index}: .stream() makes one of them", index=index)
                )
            call["id"] = str(given or call["id"])
            call["type"] = piece.get("type") or call["type"]
            function = piece.get("function")
            function = function if isinstance(function, dict) else {}
            call["function"]["name"] += str(function.get("name") or "")
            arguments = function.get("arguments") or ""
            if not isinstance(arguments, str):
                raise broken(text("arguments are an object, not pieces of a JSON string"))
            call["function"]["arguments"] += arguments
    if calls and min(calls) != 0:
        raise broken(text("tool calls start at index {index}: .stream() raises IndexError", index=min(calls)))
    return [calls[index] for index in sorted(calls)]
