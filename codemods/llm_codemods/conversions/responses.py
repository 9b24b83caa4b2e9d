"""Calls of the Responses API as calls of chat completions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from llm_codemods import openai_api
from llm_codemods.conversions import inputs, looks, parsed
from llm_codemods.conversions.conversion import Conversion, ObstacleError, chosen, is_off, renamed
from llm_codemods.conversions.looks import INDEX, VALUE, Members, Shape
from llm_codemods.messages import conversation
from llm_codemods.operations import (
    Change,
    Import,
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
from llm_codemods.profile import Action, Status
from llm_codemods.results import Look, Result
from llm_codemods.sites import CallSite, Given
from llm_codemods.target import Target
from llm_codemods.terms import Entries, Items, Literal, Term
from llm_codemods.text import Text, text

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
SYSTEM = ("system", "developer")
DROPPED = ("store", "truncation")
BACKGROUND = "background"
DELTA = "response.output_text.delta"
"""The event of a piece of the text."""
_DELTA = "{0}.choices and {0}.choices[0].delta.content"
_MESSAGE = ".choices[0].message"
SHAPE = Shape(
    steps={
        "response": {
            ".output_text": (f"{_MESSAGE}.content", VALUE),
            ".output_parsed": (f"{_MESSAGE}.parsed", "parsed"),
            ".output": ("", "output"),
            ".id": (".id", VALUE),
            ".model": (".model", VALUE),
            "._request_id": ("._request_id", VALUE),
            ".created_at": (".created", VALUE),
            ".status": (".choices[0].finish_reason", "status"),
            ".usage": (".usage", "usage"),
            ".model_dump": (".model_dump", "dump"),
            ".model_dump_json": (".model_dump_json", "dump"),
            ".to_dict": (".to_dict", "dump"),
            ".to_json": (".to_json", "dump"),
        },
        "dump": {"()": ("()", "dump"), "(…)": ("(…)", "dump")},
        "output": {INDEX: (_MESSAGE, "item")},
        "item": {
            ".type": ("", "item type"),
            ".content": ("", "content"),
            ".role": (".role", VALUE),
            ".name": (".tool_calls[0].function.name", VALUE),
            ".arguments": (".tool_calls[0].function.arguments", VALUE),
            ".call_id": (".tool_calls[0].id", VALUE),
        },
        "message": {".type": ("", "message type"), ".content": ("", "content"), ".role": (".role", VALUE)},
        "either": {
            ".type": ("", "either type"),
            ".content": ("", "its content"),
            ".name": (".function.name", "its value"),
            ".arguments": (".function.arguments", "its value"),
            ".call_id": (".id", "its value"),
        },
        "its content": {INDEX: ("", "part")},
        "messages": {INDEX: (INDEX, "message")},
        "calls": {INDEX: (INDEX, "call")},
        "content": {INDEX: ("", "part")},
        "part": {
            ".type": ("", "part type"),
            ".text": (".content", VALUE),
            ".parsed": (".parsed", "parsed"),
            ".refusal": (".refusal", VALUE),
        },
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
        "stream": {name: (name, "next") for name in (".__next__", ".__anext__")},
        "next": {"()": ("()", "event")},
        "event": {".type": ("", "event type"), ".delta": (".choices[0].delta.content", "delta")},
        "helper": {
            ".get_final_response": (".get_final_completion", "final"),
            ".until_done": (".until_done", "final"),
        },
        "final": {"()": ("()", "response")},
        "helper event": {".type": (".type", "helper type"), ".delta": (".delta", "delta")},
    },
    members={
        "output": (Members("message", _MESSAGE, Wrap("[", "]")),),
        "content": (Members("part", around=Wrap("[", "]")),),
        "its content": (Members("part", around=Wrap("[", "]")),),
        "calls": (Members("call"),),
        "messages": (Members("message"),),
        "stream": (Members("event"),),
        "helper": (Members("helper event"),),
    },
    taken={
        "collect call": "calls",
        "pick calls": "call",
        "collect message": "messages",
        "pick messages": "message",
        "pick stream": "event",
        "pick helper": "helper event",
    },
    words={
        "status": {"completed": '{0} == "stop"', "incomplete": '{0} == "length"'},
        "call type": {"function_call": '{0} == "function"', "message": ""},
        "item type": {"message": "not {0}.tool_calls", "function_call": "{0}.tool_calls"},
        "message type": {"message": '{0}.role == "assistant"'},
        "either type": {"message": 'getattr({0}, "content", None)', "function_call": 'hasattr({0}, "function")'},
        "part type": {"output_text": "{0}.refusal is None", "refusal": "{0}.refusal is not None"},
        "helper type": {
            DELTA: '{0} == "content.delta"',
            "response.output_text.done": '{0} == "content.done"',
            "response.refusal.delta": '{0} == "refusal.delta"',
            "response.refusal.done": '{0} == "refusal.done"',
        },
        "event type": {
            DELTA: _DELTA,
            "response.output_text.done": "{0}.choices and {0}.choices[0].finish_reason",
            "response.completed": "{0}.choices and {0}.choices[0].finish_reason",
        },
    },
    free=frozenset({VALUE, "delta", "parsed", "its value"}),
    guarded=frozenset({"delta", "its value", "its content"}),
)
WITH_TOOLS = (
    Members("call", ".tool_calls", Wrap("", " or []"), compared=True),
    Members("either", whole="[{0}, *({0}.tool_calls or [])]"),
)
"""What a loop over the output of an answer goes through where it may call tools: its calls, or its text and them."""


def takes(site: CallSite, target: Target) -> bool:
    """Whether the target's own Responses endpoint takes what this call sends."""
    row = target.profile.endpoint("responses")
    if row is None or row.status not in (Status.SAME, Status.LIMITED):
        return False
    names = (site.given.keys() & openai_api.parameters(site.endpoint)) - waived(target)  # others are a wrapper's own
    rows = (target.profile.parameter("responses", name) for name in names)
    if inputs.kept_tools(site, target) != ():
        return False
    return row.status is Status.SAME or all(r is not None and r.status in ACCEPTED for r in rows)


def waived(target: Target) -> frozenset[str]:
    """Return what a call can do without at the target's own endpoint: in the foreground it waits for its answer."""
    row = target.profile.parameter("responses", BACKGROUND)
    return frozenset({BACKGROUND} if row is not None and row.action is Action.REMOVE else ())


DONE = frozenset(
    {"input", "instructions", "max_output_tokens", "reasoning", "text", "tools", "tool_choice", "text_format", *DROPPED}
)
"""Arguments that are turned into others, or go."""


def convert(site: CallSite, target: Target) -> Conversion:
    """Return what it takes to make a call of chat of this one.

    Raises:
        ObstacleError: it cannot be done, or not without seeing more of the code.
    """
    for name, advice in STATE.items():
        if name in site.given and not is_off(site.given[name]):
            reason = text("chat has no '{name}': {advice}", name=name, advice=advice)
            raise ObstacleError(reason, final=True, name=name)
    store = site.given.get("store")
    if store is not None and any(c.literal.value is True for c in store.constants):
        advice = STATE["previous_response_id"]
        raise ObstacleError(
            text("chat has no '{name}': {advice}", name="store", advice=advice), final=True, name="store"
        )
    if site.result is None or not f".{site.result.method}".endswith(f".{site.api}"):
        raise ObstacleError(text("the call is made through another name"))
    if site.opaque or not all(given.direct for given in site.given.values()):
        raise ObstacleError(text("some of its arguments come from elsewhere"))
    if _keeps_answers(target) and _hands_on_id(site.result.looks):
        raise ObstacleError(text("its id is handed on, and chat keeps no answer under it"))
    if "input" not in site.given:
        raise ObstacleError(text("the call has no argument '{name}'", name="input"))
    known = openai_api.parameters("responses.create") | openai_api.parameters("responses.parse")
    left = (site.given.keys() & known) - SAME - DONE - STATE.keys()  # a wrapper's own arguments stay
    if left:
        raise ObstacleError(text("chat has no '{name}'", name=min(left)))
    builder = _Builder(
        site, target, {name: given for name, given in site.given.items() if name in SAME or name not in known}
    )
    builder.drop()
    builder.input()
    builder.caps()
    builder.reasoning()
    builder.text()
    builder.tools()
    builder.parsed()
    builder.result(site.result)
    return builder.conversion()


def _keeps_answers(target: Target) -> bool:
    """Whether other calls can go on from an answer there."""
    endpoint = target.profile.endpoint("responses.create")
    return endpoint is not None and endpoint.status in ACCEPTED


def _hands_on_id(looks: Iterable[Look]) -> bool:
    """Whether the id of an answer goes anywhere but before somebody's eyes."""
    return any(
        (look.steps == (".id",) and look.use != "show") or (not look.steps and _hands_on_id(look.inner))
        for look in looks
    )


@dataclass
class _Builder:
    """Puts a conversion together, argument by argument; ``after`` are those of the call of chat."""

    site: CallSite
    target: Target
    after: dict[str, Given]
    method: str = "create"
    shape: Shape = SHAPE
    operations: list[Operation] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    doubts: list[Text] = field(default_factory=list)
    imports: list[Import] = field(default_factory=list)

    def given(self, name: str) -> Given | None:
        """Return an argument unless it says nothing."""
        given = self.site.given.get(name)
        return None if given is None or is_off(given) else given

    def conversion(self) -> Conversion:
        """Return what was put together."""
        api = f"chat.completions.{self.method}"
        operations = (ReplaceCallee(self.site.api, api), *self.operations)
        after = replace(self.site, api=api, given=self.after)
        changes = (Change(self.site.span, operations), *self.changes)
        return Conversion(after, changes, tuple(self.imports), tuple(self.doubts))

    def drop(self) -> None:
        """Take out what says nothing, and what chat needs not be told."""
        absent = [n for n in ("instructions", "reasoning", "text") if n in self.site.given and self.given(n) is None]
        dropped = [name for name in (*STATE, *DROPPED) if name in self.site.given]
        self.operations += [RemoveArgument(name) for name in (*absent, *dropped)]
        if self.given("truncation") is not None:
            self.doubts.append(text("nothing shortens what is too long for the model"))

    def input(self) -> None:
        """Make messages of ``input`` and ``instructions``."""
        form = inputs.messages(self.site, self.target, self.site.given["input"])
        instructions = self.given("instructions")
        if instructions is not None and not inputs.is_text(self.site, instructions):
            self.doubts.append(text("'{name}' is taken for a text", name="instructions"))
        said = "instructions" if instructions is not None else None
        self.changes += form.changes
        self.doubts += form.doubts
        self.after["messages"] = renamed(self.site.given["input"], "messages")
        joined = said is not None and parsed.has_one_system_message(self.target) and self.begins_with_system()
        self.operations.append(ToMessages("input", form.is_list, said, joined=joined))

    def begins_with_system(self) -> bool:
        """Whether the messages are a list in the call, and the system says the first of them."""
        messages = conversation(replace(self.site, given=self.after)).messages
        first = messages[0] if messages else None
        term = self.after["messages"].term
        return first is not None and first.role in SYSTEM and isinstance(term, Items) and first.listed == term.span

    def caps(self) -> None:
        """Call the cap on the answer as the target does."""
        given = self.site.given.get("max_output_tokens")
        if given is not None:
            row = self.target.profile.parameter("chat.completions", "max_completion_tokens")
            newer = row is not None and row.status in (Status.SAME, Status.LIMITED)
            name = "max_completion_tokens" if newer else "max_tokens"
            self.operations.append(RenameArgument("max_output_tokens", name))
            self.after[name] = renamed(given, name)

    def reasoning(self) -> None:
        """Make ``reasoning_effort`` of ``reasoning``."""
        given = self.given("reasoning")
        if given is None:
            return
        written = _written(given)
        if "effort" in written:
            self.take(given, "effort", "reasoning_effort", written["effort"])
        lost = sorted(written.keys() - {"effort"})
        if lost:
            self.doubts.append(text("chat has no '{name}' of the reasoning", name=", ".join(lost)))
        self.operations.append(RemoveArgument("reasoning"))

    def take(self, given: Given, key: str, name: str, term: Term) -> None:
        """Make an argument of what stands under a key of another."""
        self.operations.append(TakeEntry(given.name, (key,), name))
        values = self.site.resolve(given.path, term)
        self.after[name] = replace(given, name=name, inline=isinstance(term, Literal), values=values, term=term)

    def text(self) -> None:
        """Make ``response_format`` and ``verbosity`` of ``text``."""
        given = self.given("text")
        if given is None:
            return
        written = _written(given)
        if not written.keys() <= {"format", "verbosity"}:
            raise ObstacleError(text("'{name}' holds what chat does not know", name="text"))
        if "verbosity" in written:
            self.take(given, "verbosity", "verbosity", written["verbosity"])
        form = written.get("format")
        if form is not None:
            kind = inputs.entries(form).get("type") if isinstance(form, Entries) else None
            word = kind.value if isinstance(kind, Literal) else None
            if not isinstance(form, Entries) or word not in ("text", "json_object", "json_schema"):
                raise ObstacleError(text("what '{name}' is cannot be seen", name="text.format"))
            if word == "json_schema":
                around = Wrap('{"type": "json_schema", "json_schema": ', "}")
                self.changes.append(Change(form.span, (RemoveEntry("type"), around)))
            if word != "text":
                self.operations.append(TakeEntry("text", ("format",), "response_format"))
                self.after["response_format"] = chosen(given, "response_format", str(word))
        self.operations.append(RemoveArgument("text"))

    def tools(self) -> None:
        """Give tools and their choice the form that chat knows."""
        tools, choice = self.site.given.get("tools"), self.site.given.get("tool_choice")
        if tools is not None:
            self.changes += inputs.tools(self.site, tools).changes
            self.after["tools"] = tools
            members = tuple(replace(way, steps=_MESSAGE + way.steps) for way in WITH_TOOLS)
            steps = {**SHAPE.steps["response"], ".output_text": (f"{_MESSAGE}.content", "said")}
            part = {**SHAPE.steps["part"], ".text": (".content", "said")}
            self.shape = replace(
                SHAPE,
                steps={**SHAPE.steps, "response": steps, "part": part},
                members={**SHAPE.members, "output": members},
                around={"said": Wrap("", ' or ""')},
                free=SHAPE.free | {"said"},
            )
        if choice is not None:
            form, kind = inputs.named_choice(self.site, choice, flat=True)
            self.changes += form.changes
            self.doubts += form.doubts
            self.after["tool_choice"] = choice if kind is None else chosen(choice, "tool_choice", kind)

    def parsed(self) -> None:
        """Have the SDK, or where the target takes no schema the code, parse the answer."""
        given = self.given("text_format")
        if given is None:
            return
        if parsed.takes_schema(self.target):
            self.method = "parse"
            self.operations.append(RenameArgument("text_format", "response_format"))
            self.after["response_format"] = renamed(given, "response_format")
            return
        model = parsed.model_name(given)
        steps = dict(self.shape.steps)
        steps["response"] = {**steps["response"], ".output_parsed": (f"{_MESSAGE}.content", "parsed")}
        steps["part"] = {**steps["part"], ".parsed": (".content", "parsed")}
        self.shape = replace(self.shape, steps=steps, around={**self.shape.around, "parsed": parsed.around(model)})
        self.operations += [
            RemoveArgument("text_format"),
            parsed.form(self.target),
            parsed.told(model, self.target),
        ]
        if isinstance(parsed.form(self.target), SetArgument):
            self.after["response_format"] = chosen(given, "response_format", "json_object")
        self.imports.append(Import("json"))
        self.doubts.append(text("the schema is only told to the model: what it writes may not fit"))

    def result(self, result: Result) -> None:
        """Have the code read the answer of chat."""
        stream = self.site.given.get("stream")
        if stream is not None and len(stream.constants) != len(stream.values):
            raise ObstacleError(text("whether it streams is not known"))
        streams = stream is not None and any(c.literal.value is True for c in stream.constants)
        if self.site.endpoint.endswith(".stream"):
            if self.method == "parse" or any(_asks_helper(look) for look in result.looks):
                self.method = "stream"
                self.changes += looks.changes(self.shape, result.looks, "helper")
                return
            self.operations.append(SetArgument("stream", "True"))
            streams = True
        if streams and any(_waits_for_end(look) for look in result.looks):
            self.doubts.append(text("its last piece may hold text, too"))
        self.changes += looks.changes(self.shape, result.looks, "stream" if streams else "response")


def _asks_helper(look: Look) -> bool:
    """Whether a stream is asked for what only the helper of the SDK has."""
    return look.steps[:1] in ((".get_final_response",), (".until_done",)) or (
        look.use in ("bind", "enter") and not look.steps and any(map(_asks_helper, look.inner))
    )


def _waits_for_end(look: Look) -> bool:
    """Whether the code asks a piece of a stream for more than whether it is one of the text."""
    asked = [word for word in SHAPE.words["event type"] if look.literal is not None and look.literal in word]
    return (look.steps == (".type",) and asked not in ([], [DELTA])) or any(map(_waits_for_end, look.inner))


def _written(given: Given) -> dict[str, Term]:
    """Return the entries of an argument that is a dictionary written out in the call."""
    if not isinstance(given.term, Entries):
        raise ObstacleError(text("what '{name}' is cannot be seen", name=given.name))
    return inputs.entries(given.term)
