"""Calls of the legacy completions as calls of chat completions."""

from __future__ import annotations

from dataclasses import replace

from llm_codemods.conversions import inputs, looks
from llm_codemods.conversions.conversion import Conversion, ObstacleError, is_off, renamed
from llm_codemods.conversions.looks import INDEX, VALUE, Shape
from llm_codemods.operations import Change, Operation, RemoveArgument, ReplaceCallee, ToMessages, Wrap
from llm_codemods.profile import Status
from llm_codemods.sites import CallSite
from llm_codemods.target import Target
from llm_codemods.terms import Element, Items
from llm_codemods.text import Text, text
from llm_codemods.values import Display, Value

API = "completions.create"
LACKING = {
    "echo": text("put the prompt before the answer yourself"),
    "suffix": text("chat writes no text into a gap: ask for it in words"),
    "best_of": text("ask several times and choose"),
    "logprobs": text("chat takes other values and answers in another shape"),
}
"""What chat cannot do, and what to do instead."""
DEFAULTS: dict[str, object] = {"best_of": 1, "echo": False}
_CHOICE = {".finish_reason": (".finish_reason", VALUE), ".index": (".index", VALUE)}
_HEAD = {
    ".id": (".id", VALUE),
    ".model": (".model", VALUE),
    ".created": (".created", VALUE),
    ".usage": (".usage", VALUE),
    "._request_id": ("._request_id", VALUE),
}
SHAPE = Shape(
    steps={
        "response": {".choices": (".choices", "choices"), **_HEAD},
        "choices": {INDEX: (INDEX, "choice")},
        "choice": {".text": (".message.content", VALUE), **_CHOICE},
        "chunk": {".choices": (".choices", "chunk choices"), **_HEAD},
        "chunk choices": {INDEX: (INDEX, "piece")},
        "piece": {".text": (".delta.content", "text"), **_CHOICE},
    },
    members={"choices": (None, "choice"), "stream": (None, "chunk"), "chunk choices": (None, "piece")},
    around={"text": Wrap("", ' or ""')},
    free=frozenset({VALUE, "text"}),
)


def is_meant(site: CallSite, target: Target) -> bool:
    """Whether a call is one of the legacy completions, and the target is not known to take all of them."""
    row = target.profile.endpoint(API)
    return site.endpoint == API and (row is None or row.status is not Status.SAME)


def _is_list(value: Value) -> bool:
    """Whether a value is sure to be a list: a part of something, or what is put together of such, may be a text."""
    match value:
        case Display(term=Items(values=members)):
            return not all(isinstance(member, Element) for member in members)
    return False


def convert(site: CallSite) -> Conversion:
    """Return what it takes to make a call of chat of this one.

    Raises:
        ObstacleError: it cannot be done, or not without seeing more of the code.
    """
    given = site.given
    result = site.result
    if result is None or not f".{result.method}".endswith(f".{site.api}"):
        raise ObstacleError(text("the call is made through another name"))
    if site.opaque or not all(argument.direct for argument in given.values()):
        raise ObstacleError(text("some of its arguments come from elsewhere"))
    if "prompt" not in given:
        raise ObstacleError(text("the call has no argument '{name}'", name="prompt"))
    operations: list[Operation] = [ReplaceCallee(site.api, "chat.completions.create")]
    for name, advice in LACKING.items():
        if name not in given:
            continue
        said = [c.literal.value for c in given[name].constants]
        if not is_off(given[name]) and said != [DEFAULTS.get(name)]:
            raise ObstacleError(text("chat has no '{name}': {advice}", name=name, advice=advice), final=True)
        operations.append(RemoveArgument(name))
    prompt = given["prompt"]
    if any(map(_is_list, prompt.values)):
        raise ObstacleError(text("its prompt is a list: chat answers one prompt a call"), final=True)
    doubts: list[Text] = [text("chat answers a text, it does not go on with it")]
    if not inputs.is_text(site, prompt):
        doubts.append(text("'{name}' is taken for a text", name="prompt"))
    operations.append(ToMessages("prompt", is_list=False))
    stream = given.get("stream")
    if stream is not None and len(stream.constants) != len(stream.values):
        raise ObstacleError(text("whether it streams is not known"))
    streams = stream is not None and any(c.literal.value is True for c in stream.constants)
    changes = tuple(looks.changes(SHAPE, result.looks, "stream" if streams else "response"))
    after = {n: g for n, g in given.items() if n not in LACKING and n != "prompt"}
    after["messages"] = renamed(prompt, "messages")
    changed = replace(site, api="chat.completions.create", given=after)
    return Conversion(changed, (Change(site.span, tuple(operations)), *changes), doubts=tuple(doubts))
