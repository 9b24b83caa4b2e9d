"""Calls of the Responses API as calls of chat completions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from llm_codemods.conversions import inputs, looks
from llm_codemods.conversions.conversion import Conversion, ObstacleError, chosen, renamed
from llm_codemods.conversions.looks import INDEX, VALUE, Shape
from llm_codemods.operations import (
    Change,
    Operation,
    RemoveArgument,
    RemoveEntry,
    RenameArgument,
    ReplaceCallee,
    SetArgument,
    TakeEntry,
    ToMessages,
    Wrap,
)
from llm_codemods.profile import Status
from llm_codemods.sites import CallSite, Given
from llm_codemods.target import Target
from llm_codemods.terms import Entries, Literal
from llm_codemods.text import Text, text
from llm_codemods.values import Constant

APIS = frozenset({"responses.create", "responses.parse", "responses.stream"})
ACCEPTED = (Status.SAME, Status.LIMITED, Status.RENAMED)
SAME = frozenset(
    {
        *("model", "temperature", "top_p", "user", "metadata", "parallel_tool_calls", "top_logprobs", "service_tier"),
        *("safety_identifier", "prompt_cache_key", "prompt_cache_retention", "stream", "timeout", "extra_headers"),
        *("extra_query", "extra_body"),
    }
)
"""Arguments that chat has under the same name."""
STATE: Mapping[str, Text] = {
    "previous_response_id": text("keep the messages in your code and send them all with each call"),
    "conversation": text("keep the messages in your code and send them all with each call"),
    "background": text("send it as a call that waits, from a thread or a queue of yours"),
    "prompt": text("write the prompt that is stored at OpenAI into the code"),
    "include": text("chat has no such parts of an answer"),
    "context_management": text("shorten the list of messages in your code"),
    "max_tool_calls": text("count the calls of tools in your code"),
    "moderation": text("ask for moderation in a call of its own"),
    "stream_options": text("chat has other options of a stream"),
}
"""What chat cannot do, and what to do instead."""
DROPPED = ("store", "truncation")
_DELTA = "{0}.choices and {0}.choices[0].delta.content"
_MESSAGE = ".choices[0].message"
_CALLS = f"{_MESSAGE}.tool_calls"
SHAPE = Shape(
    steps={
        "response": {
            ".output_text": (f"{_MESSAGE}.content", VALUE),
            ".output_parsed": (f"{_MESSAGE}.parsed", VALUE),
            ".output": ("", "output"),
            ".id": (".id", VALUE),
            ".model": (".model", VALUE),
            "._request_id": ("._request_id", VALUE),
            ".created_at": (".created", VALUE),
            ".status": (".choices[0].finish_reason", "status"),
            ".usage": (".usage", "usage"),
        },
        "output": {INDEX: ("", "output item")},
        "output item": {
            ".content": (f"{_MESSAGE}.content", "content"),
            ".role": (f"{_MESSAGE}.role", VALUE),
            ".name": (f"{_CALLS}[0].function.name", VALUE),
            ".arguments": (f"{_CALLS}[0].function.arguments", VALUE),
            ".call_id": (f"{_CALLS}[0].id", VALUE),
        },
        "calls": {INDEX: (INDEX, "call")},
        "content": {INDEX: ("", "part")},
        "part": {".text": ("", VALUE)},
        "usage": {
            ".input_tokens": (".prompt_tokens", VALUE),
            ".output_tokens": (".completion_tokens", VALUE),
            ".total_tokens": (".total_tokens", VALUE),
            ".input_tokens_details": (".prompt_tokens_details", "details"),
            ".output_tokens_details": (".completion_tokens_details", "details"),
        },
        "details": {
            ".cached_tokens": (".cached_tokens", VALUE),
            ".reasoning_tokens": (".reasoning_tokens", VALUE),
        },
        "call": {
            ".type": (".type", "call type"),
            ".name": (".function.name", VALUE),
            ".arguments": (".function.arguments", VALUE),
            ".call_id": (".id", VALUE),
        },
        "event": {".type": ("", "event type"), ".delta": (".choices[0].delta.content", "delta")},
    },
    members={
        "output": (Wrap("", " or []"), "call"),
        "calls": (None, "call"),
        "collect call": (None, "calls"),
        "pick calls": (None, "call"),
        "stream": (None, "event"),
    },
    looped={"output": _CALLS},
    words={
        "status": {"completed": '{0} == "stop"', "incomplete": '{0} == "length"'},
        "call type": {"function_call": '{0} == "function"'},
        "event type": {
            "response.output_text.delta": _DELTA,
            "response.output_text.done": "{0}.choices and {0}.choices[0].finish_reason",
            "response.completed": "{0}.choices and {0}.choices[0].finish_reason",
        },
    },
    free=frozenset({VALUE, "delta"}),
    guarded=frozenset({"delta"}),
)


def takes(site: CallSite, target: Target) -> bool:
    """Whether the target's own Responses endpoint takes what this call sends."""
    row = target.profile.endpoint("responses")
    if row is None or row.status not in (Status.SAME, Status.LIMITED):
        return False
    rows = (target.profile.parameter("responses", name) for name in site.given)
    return row.status is Status.SAME or all(r is not None and r.status in ACCEPTED for r in rows)


def convert(site: CallSite, target: Target) -> Conversion:
    """Return what it takes to make a call of chat of this one.

    Raises:
        ObstacleError: it cannot be done, or not without seeing more of the code.
    """
    given = dict(site.given)
    for name, advice in STATE.items():
        if name in given and not _is_off(given[name]):
            raise ObstacleError(text("chat has no '{name}': {advice}", name=name, advice=advice), final=True)
    if "store" in given and any(c.literal.value is True for c in given["store"].constants):
        advice = STATE["previous_response_id"]
        raise ObstacleError(text("chat has no '{name}': {advice}", name="store", advice=advice), final=True)
    _check(site)
    operations: list[Operation] = [ReplaceCallee(site.api, f"chat.completions.{_method(site)}")]
    changes: list[Change] = []
    doubts: list[Text] = []
    after: dict[str, Given] = {n: g for n, g in given.items() if n in SAME}
    for name in (*STATE, *DROPPED):
        if name in given:
            operations.append(RemoveArgument(name))
            if name == "truncation" and not _is_off(given[name]):
                doubts.append(text("nothing shortens what is too long for the model"))
    _input(site, target, operations, changes, doubts, after)
    _caps(site, target, operations, after)
    _reasoning(site, operations, doubts, after)
    _text(site, operations, changes, after)
    if "tools" in given:
        form = inputs.tools(site, given["tools"])
        changes += form.changes
        after["tools"] = given["tools"]
        doubts.append(text("the answer names the tools to call in another shape"))
    if "tool_choice" in given:
        form, kind = inputs.named_choice(site, given["tool_choice"], flat=True)
        changes += form.changes
        doubts += form.doubts
        after["tool_choice"] = (
            given["tool_choice"] if kind is None else chosen(given["tool_choice"], "tool_choice", kind)
        )
    left = given.keys() - after.keys() - DONE - STATE.keys()
    if left:
        raise ObstacleError(text("chat has no '{name}'", name=min(left)))
    streams = site.endpoint.endswith(".stream")
    if streams:
        operations.append(SetArgument("stream", "True"))
    assert site.result is not None
    stream = given.get("stream")
    if stream is not None and len(stream.constants) != len(stream.values):
        raise ObstacleError(text("whether it streams is not known"))
    streams = streams or (stream is not None and any(c.literal.value is True for c in stream.constants))
    changes += looks.changes(SHAPE, site.result.looks, "stream" if streams else "response")
    if streams:
        doubts.append(text("pieces of a stream have another shape"))
    changed = _converted(site, after)
    return Conversion(changed, (Change(site.span, tuple(operations)), *changes), doubts=tuple(doubts))


DONE = frozenset(
    {"input", "instructions", "max_output_tokens", "reasoning", "text", "tools", "tool_choice", "text_format", *DROPPED}
)
"""Arguments that are turned into others, or go."""


def _method(site: CallSite) -> str:
    return "parse" if site.endpoint.endswith(".parse") else "create"


def _check(site: CallSite) -> None:
    """Raise unless the whole call is written where it stands."""
    if site.result is None or not f".{site.result.method}".endswith(f".{site.api}"):
        raise ObstacleError(text("the call is made through another name"))
    if site.opaque or not all(given.direct for given in site.given.values()):
        raise ObstacleError(text("some of its arguments come from elsewhere"))
    if "input" not in site.given:
        raise ObstacleError(text("the call has no argument '{name}'", name="input"))


def _is_off(given: Given) -> bool:
    """Whether an argument is None, False, or what means the same."""
    return bool(given.values) and all(
        isinstance(v, Constant) and v.literal.value in (None, False, "disabled") for v in given.values
    )


def _converted(site: CallSite, given: Mapping[str, Given]) -> CallSite:
    return replace(site, api=f"chat.completions.{_method(site)}", given=given)


def _input(
    site: CallSite,
    target: Target,
    operations: list[Operation],
    changes: list[Change],
    doubts: list[Text],
    after: dict[str, Given],
) -> None:
    form = inputs.messages(site, target, site.given["input"])
    instructions = site.given.get("instructions")
    said: str | None = None
    if instructions is not None and not _is_off(instructions):
        said = "instructions"
        if not inputs.is_text(site, instructions):
            doubts.append(text("'{name}' is taken for a text", name="instructions"))
    elif instructions is not None:
        operations.append(RemoveArgument("instructions"))
    operations.append(ToMessages("input", form.is_list, said))
    changes += form.changes
    doubts += form.doubts
    after["messages"] = renamed(site.given["input"], "messages")


def _caps(site: CallSite, target: Target, operations: list[Operation], after: dict[str, Given]) -> None:
    given = site.given.get("max_output_tokens")
    if given is None:
        return
    row = target.profile.parameter("chat.completions", "max_completion_tokens")
    newer = row is not None and row.status in (Status.SAME, Status.LIMITED)
    name = "max_completion_tokens" if newer else "max_tokens"
    operations.append(RenameArgument("max_output_tokens", name))
    after[name] = renamed(given, name)


def _reasoning(site: CallSite, operations: list[Operation], doubts: list[Text], after: dict[str, Given]) -> None:
    given = site.given.get("reasoning")
    if given is None:
        return
    if not _is_off(given):
        written = _written(given)
        if "effort" in written:
            operations.append(TakeEntry("reasoning", ("effort",), "reasoning_effort"))
            after["reasoning_effort"] = _inner(site, given, written["effort"], "reasoning_effort")
        lost = sorted(written.keys() - {"effort"})
        if lost:
            doubts.append(text("chat has no '{name}' of the reasoning", name=", ".join(lost)))
    operations.append(RemoveArgument("reasoning"))


def _text(site: CallSite, operations: list[Operation], changes: list[Change], after: dict[str, Given]) -> None:
    model = site.given.get("text_format")
    if model is not None:
        operations.append(RenameArgument("text_format", "response_format"))
        after["response_format"] = renamed(model, "response_format")
    given = site.given.get("text")
    if given is None:
        return
    if not _is_off(given):
        written = _written(given)
        if not written.keys() <= {"format", "verbosity"}:
            raise ObstacleError(text("'{name}' holds what chat does not know", name="text"))
        if "verbosity" in written:
            operations.append(TakeEntry("text", ("verbosity",), "verbosity"))
            after["verbosity"] = _inner(site, given, written["verbosity"], "verbosity")
        if "format" in written:
            _format(given, operations, changes, after)
    operations.append(RemoveArgument("text"))


def _format(given: Given, operations: list[Operation], changes: list[Change], after: dict[str, Given]) -> None:
    form = _written(given)["format"]
    if not isinstance(form, Entries):
        raise ObstacleError(text("what '{name}' is cannot be seen", name="text.format"))
    kind = inputs.entries(form).get("type")
    word = kind.value if isinstance(kind, Literal) else None
    if word == "text":
        return
    if word not in ("json_object", "json_schema"):
        raise ObstacleError(text("what '{name}' is cannot be seen", name="text.format"))
    if word == "json_schema":
        around = Wrap('{"type": "json_schema", "json_schema": ', "}")
        changes.append(Change(form.span, (RemoveEntry("type"), around)))
    operations.append(TakeEntry("text", ("format",), "response_format"))
    after["response_format"] = chosen(given, "response_format", word)


def _written(given: Given) -> dict[str, object]:
    """Return the entries of an argument that is a dictionary written out in the call."""
    if not isinstance(given.term, Entries):
        raise ObstacleError(text("what '{name}' is cannot be seen", name=given.name))
    return dict(inputs.entries(given.term))


def _inner(site: CallSite, given: Given, term: object, name: str) -> Given:
    """Return the argument that an entry of a dictionary becomes."""
    values = site.resolve(given.path, term)  # type: ignore[arg-type]
    return Given(name, given.span, given.path, given.direct, isinstance(term, Literal), values, term)  # type: ignore[arg-type]
