"""What a request that the code really sent shows of the endpoint: its answer, judged as the SDK would consume it.

The judges of the probes know what they asked for; here the request says it. What is kept of request and answer is their
shape and the verdict, no texts.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

from llm_codemods import observed
from llm_codemods.observed import Caller
from llm_codemods.proof import Outcome
from llm_codemods.requirements import Location, Requirement
from llm_codemods.text import Text, text
from llm_migrate.live.judges.answers import (
    Conclusion,
    Judgement,
    also,
    check_success,
    choices_of,
    content_of,
    counts,
    decoded,
    message_of,
    verdict,
)
from llm_migrate.live.judges.chat import judge_models
from llm_migrate.live.judges.embeddings import rows_of
from llm_migrate.live.judges.streams import chunks_of, joined_calls, said_in, stream_deviations
from llm_migrate.live.relay import Exchange
from llm_migrate.live.schema import violation
from llm_migrate.live.sending import scrub
from llm_migrate.live.wire import Response


@dataclass(frozen=True, slots=True)
class Observation:
    """A request that was sent: what it asked for, and how it went."""

    method: str | None
    """The SDK's method that sends such a request; None: the path is none of the API's."""
    verb: str
    path: str
    model: str | None
    shape: tuple[str, ...]
    """What it held: names, numbers and words of the API."""
    status: int | None
    """Of the answer; None: there was none."""
    outcome: Outcome
    evidence: Text
    sites: tuple[Location, ...] = ()
    """Where it may come from; one: it does."""


def observe(exchange: Exchange, callers: Sequence[Caller], secrets: Sequence[str] = ()) -> Observation:
    """Return what an exchange shows; ``secrets`` are taken out of what the endpoint says."""
    path = urlsplit(exchange.path).path
    method = observed.method_of(path, exchange.method)
    body = _object(exchange.body)
    sent = observed.read(body)
    response = exchange.response
    if response is not None:
        response = Response(response.status, without(response.body, secrets), response.headers, response.cut)
    outcome, evidence = _judge(exchange, response, resource(method), body)
    return Observation(
        method,
        exchange.method,
        path,
        sent.models[0] if sent.models else None,
        observed.outline(sent),
        response.status if response is not None else None,
        outcome,
        evidence,
        observed.senders(method, sent, callers) if method is not None else (),
    )


def alike(observation: Observation) -> Observation:
    """Return what is the same in all requests that are told as one: the endpoint may say the same in other words."""
    return replace(observation, evidence=Text(observation.evidence.template))


def resource(method: str | None) -> str:
    """Return the part of the API that is asked; "" for a path that is none of the API's."""
    return observed.resource_of(method) if method is not None else ""


def without(data: bytes, secrets: Sequence[str]) -> bytes:
    """Return data with all keys taken out."""
    for secret in secrets:
        data = scrub(data, secret)
    return data


def _object(body: bytes) -> dict[str, Any]:
    try:
        value = decoded(body)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _judge(exchange: Exchange, response: Response | None, resource: str, body: Mapping[str, Any]) -> Judgement:
    if response is None:
        why = exchange.failure or text("there was no answer")
        return (Outcome.SKIPPED if exchange.left else Outcome.BROKEN), why
    try:
        return _answered(exchange, response, resource, body)
    except Conclusion as known:
        return known.judgement


def _answered(exchange: Exchange, response: Response, resource: str, body: Mapping[str, Any]) -> Judgement:
    check_success(response)
    if exchange.failure is not None:
        return Outcome.BROKEN, text("the answer broke off: {why}", why=exchange.failure)
    if exchange.left:
        return Outcome.WORKS, text("answers; the code read it in part only")
    if exchange.encoded:
        return Outcome.WORKS, text("answers with {status}, compressed: not looked into", status=response.status)
    if resource == "chat.completions" and exchange.method == "POST":
        return _streamed(response, body) if body.get("stream") is True else _whole(response, body)
    if resource == "embeddings":
        return _embedded(response, body)
    if resource == "models" and exchange.path.rstrip("/").endswith("/models"):
        return judge_models(Requirement("models"), [response])
    return Outcome.WORKS, text("answers with {status}", status=response.status)


def _whole(response: Response, body: Mapping[str, Any]) -> Judgement:
    message, finish, wrong = message_of(response)
    calls = message.get("tool_calls")
    calls = calls if isinstance(calls, list) else []
    content = message.get("content")
    if not calls and not isinstance(content, str) and not message.get("refusal") and not message.get("audio"):
        wrong.append(text("content is {found}", found=type(content).__name__))
    if not counts(decoded(response.body).get("usage")):
        wrong.append(text("usage has no whole token counts"))
    wrong += _wrong_calls(calls, body)
    right = text("answers with finish_reason {finish}", finish=finish)
    return _with_effects(wrong, right, body, content_of(message), calls, finish, len(choices_of(response)))


def _streamed(response: Response, body: Mapping[str, Any]) -> Judgement:
    chunks = chunks_of(response)
    first = [_of_first_choice(chunk) for chunk in chunks]
    if wrong := stream_deviations(first):
        return Outcome.DIFFERS, also(wrong)
    calls = joined_calls(first)
    finish = next((c["finish_reason"] for one in first for c in one["choices"] if c.get("finish_reason")), None)
    options = body.get("stream_options")
    counted = any(chunk.get("usage") for chunk in chunks)
    if isinstance(options, dict) and options.get("include_usage") is True and not counted:
        return Outcome.IGNORED, text("no chunk carries usage, although include_usage was asked for")
    right = text("streams to finish_reason {finish}", finish=finish)
    choices = {str(choice.get("index")) for chunk in chunks for choice in chunk["choices"]}
    return _with_effects(_wrong_calls(calls, body), right, body, said_in(first), calls, finish, len(choices))


def _of_first_choice(chunk: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a chunk without what belongs to other choices than the first, which ``n`` may bring."""
    choices = chunk.get("choices")
    if not isinstance(choices, list):
        return chunk
    return {**chunk, "choices": [c for c in choices if not isinstance(c, dict) or c.get("index") in (0, None)]}


def _wrong_calls(calls: Sequence[Any], body: Mapping[str, Any]) -> list[Text]:
    """Return what is wrong with tool calls; what they say is not repeated."""
    tools = body.get("tools")
    functions = [t.get("function") for t in (tools if isinstance(tools, list) else ()) if isinstance(t, dict)]
    offered = {
        one["name"]: one.get("parameters") or {}
        for one in functions
        if isinstance(one, dict) and isinstance(one.get("name"), str)
    }
    wrong: list[Text] = []
    for call in calls:
        function = call.get("function") if isinstance(call, dict) else None
        if not isinstance(function, dict):
            if not (isinstance(call, dict) and call.get("type") == "custom"):
                wrong.append(text("a tool call without function"))
            continue
        if not call.get("id"):
            wrong.append(text("the tool call has no id to answer to"))
        if call.get("type") != "function":
            wrong.append(text("the tool call has no type: .parse() drops it silently"))
        name = function.get("name")
        if not isinstance(name, str) or (offered and name not in offered):
            wrong.append(text("calls a tool that was not offered"))
            continue
        arguments = function.get("arguments")
        if not isinstance(arguments, str):
            wrong.append(text("arguments is an object, not a JSON string: json.loads raises TypeError"))
            continue
        try:
            value = decoded(arguments)
        except ValueError:
            wrong.append(text("the arguments of a tool call are no JSON"))
            continue
        if broken := _against(value, offered.get(name, {})):
            wrong.append(text("arguments do not fit the schema: {broken}", broken=broken))
    return wrong


def _against(value: Any, schema: Any) -> Text | None:
    """Return what is wrong with a value; a schema of the user's that is none says nothing."""
    try:
        return violation(value, schema)
    except (AttributeError, KeyError, TypeError, ValueError):
        return None


def _with_effects(
    wrong: Sequence[Text],
    right: Text,
    body: Mapping[str, Any],
    content: str,
    calls: Sequence[Any],
    finish: object,
    choices: int,
) -> Judgement:
    """Judge whether what was asked for had an effect, where the answer shows it."""
    if wrong:
        return verdict(wrong, right)
    without_effect = next(_without_effect(body, content, calls, finish, choices), None)
    return (Outcome.WORKS, right) if without_effect is None else (Outcome.IGNORED, without_effect)


def _without_effect(
    body: Mapping[str, Any], content: str, calls: Sequence[Any], finish: object, choices: int
) -> Iterator[Text]:
    wanted = body.get("n")
    if type(wanted) is int and choices < wanted:
        yield text("n is {wanted}, {count:choice|choices} came", wanted=wanted, count=choices)
    choice = body.get("tool_choice")
    form = choice.get("type") if isinstance(choice, dict) else choice
    if finish != "length" and form in ("required", "function", "custom") and not calls:
        yield text("tool_choice demands a call, but none came")
    if calls and form == "none":
        yield text("tool_choice is none, but a tool is called")
    if isinstance(choice, dict) and form == "function" and calls and calls[0].get("function") is not None:
        named = choice.get("function")
        if not isinstance(named, dict) or calls[0]["function"].get("name") != named.get("name"):
            yield text("tool_choice names one tool, another is called")
    stop = body.get("stop")
    words = [stop] if isinstance(stop, str) else stop if isinstance(stop, list) else []
    if any(isinstance(word, str) and word and word in content for word in words):
        yield text("the text goes on after a word of stop")
    yield from _loose_json(body, content, calls, finish)


def _loose_json(body: Mapping[str, Any], content: str, calls: Sequence[Any], finish: object) -> Iterator[Text]:
    form = body.get("response_format")
    kind = form.get("type") if isinstance(form, dict) else None
    if kind not in ("json_object", "json_schema") or calls or finish != "stop" or not isinstance(form, dict):
        return
    try:
        value = decoded(content)
    except ValueError:
        if content.lstrip().startswith("```"):
            yield text("JSON in a Markdown fence: json.loads and .parse() fail")
        else:
            yield text("{kind} was asked for, but the content is no JSON", kind=kind)
        return
    described = form.get("json_schema") if kind == "json_schema" else None
    schema = described.get("schema") if isinstance(described, dict) else None
    if schema is not None and (broken := _against(value, schema)):
        yield text("the schema is not enforced: {broken}", broken=broken)


def _embedded(response: Response, body: Mapping[str, Any]) -> Judgement:
    given = body.get("input")
    # a list of numbers is one text, as tokens
    texts = len(given) if isinstance(given, list) and not all(type(one) is int for one in given) else 1
    try:
        sizes = {_size(row) for row in rows_of(response, texts)}
    except (TypeError, ValueError):
        return Outcome.DIFFERS, text("embedding is no base64 of 32-bit floats")
    if len(sizes) > 1:
        return Outcome.DIFFERS, text("vectors of different sizes")
    size, wanted = sizes.pop(), body.get("dimensions")
    if type(wanted) is int and size != wanted:
        return Outcome.IGNORED, text("{wanted} dimensions wanted, {size} came", wanted=wanted, size=size)
    return Outcome.WORKS, text("{texts:text|texts}, {size} dimensions", texts=texts, size=size)


def _size(row: Any) -> int:
    """Return how many numbers an embedding has, be they written out or base64 of 32 bits each."""
    if isinstance(row, list):
        return len(row)
    size, rest = divmod(len(base64.b64decode(row, validate=True)), 4)
    if rest or not size:
        raise ValueError("no whole numbers")
    return size
