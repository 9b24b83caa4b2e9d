"""Calls of chat with ``functions`` as calls with ``tools``."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from llm_codemods.conversions import inputs, looks
from llm_codemods.conversions.conversion import Conversion, ObstacleError, adapter, chosen, is_off, renamed, written
from llm_codemods.conversions.looks import INDEX, SAME, VALUE, Members, Shape
from llm_codemods.edits import Span
from llm_codemods.operations import (
    CallThrough,
    Change,
    Operation,
    RemoveArgument,
    RenameArgument,
    RenameEntry,
    SetArgument,
    SetEntry,
    Wrap,
)
from llm_codemods.profile import Status
from llm_codemods.results import Look, Result
from llm_codemods.sites import CallSite
from llm_codemods.target import Target
from llm_codemods.terms import Entries, Items
from llm_codemods.text import Text, text
from llm_codemods.values import Constant, Display

APIS = frozenset({"chat.completions.create", "chat.completions.parse", "chat.completions.stream"})
OLD = ("functions", "function_call")
SHAPE = Shape(
    steps={
        "response": {".choices": (".choices", "choices"), SAME: (SAME, VALUE)},
        "choices": {INDEX: (INDEX, "choice")},
        "choice": {
            ".message": (".message", "message"),
            ".delta": (".delta", "delta"),
            ".finish_reason": (".finish_reason", "finish"),
            ".index": (".index", VALUE),
        },
        "message": {
            ".function_call": ("", "function call"),
            ".content": (".content", VALUE),
            ".role": (".role", VALUE),
            ".refusal": (".refusal", VALUE),
            ".model_dump": (".model_dump", "method"),
        },
        "method": {"()": ("()", "dumped"), "(…)": ("(…)", "dumped")},
        "function call": {
            ".name": (".tool_calls[0].function.name", VALUE),
            ".arguments": (".tool_calls[0].function.arguments", VALUE),
        },
        "call": {".name": (".function.name", VALUE), ".arguments": (".function.arguments", VALUE)},
        "delta": {".content": (".content", VALUE), ".role": (".role", VALUE)},
    },
    members={"choices": (Members("choice"),), "stream": (Members("response"),)},
    words={"finish": {"function_call": '{0} == "tool_calls"'}},
    tested={"function call": ".tool_calls"},
    bound={"function call": (".tool_calls", Wrap("(", " or [None])[0]"), "call")},
    free=frozenset({VALUE, "put message", "put dumped"}),
)

ADAPTER = '''
{prefix}def {name}(create, *, messages, functions=None, function_call=None, **options):
    """Have a call with functions be one with tools, which answers in the shape of the other."""
    history = []
    messages = [dict(m) if isinstance(m, dict) else m.model_dump(exclude_none=True) for m in messages]
    for message, after in zip(messages, [*messages[1:], {{}}]):
        called = message.pop("function_call", None)
        calls = history[-1].get("tool_calls") if history else None
        if called and after.get("role") == "function":
            calls = [{{"id": f"call_{{len(history)}}", "type": "function", "function": called}}]
            message = {{"content": None, **message, "tool_calls": calls}}
        elif called:  # a call of a tool must be answered: here it is only told
            message["content"] = message.get("content") or f"{{called['name']}}({{called['arguments']}})"
        elif message["role"] == "function" and calls:
            message = {{"role": "tool", "tool_call_id": calls[0]["id"], "content": message["content"]}}
        elif message["role"] == "function":
            message = {{"role": "user", "content": f"{{message['name']}}: {{message['content']}}"}}
        history.append(message)
    if functions{unless}:
        options["tools"] = [{{"type": "function", "function": function}} for function in functions]{parallel}
{choice}
    def told(answer):
        for choice in answer.choices:
            part = choice.delta if hasattr(choice, "delta") else choice.message
            for call in (part.tool_calls or [])[:1]:
                part.function_call = call.function if getattr(call, "index", 0) in (0, None) else None
            part.tool_calls = None
            if choice.finish_reason == "tool_calls":
                choice.finish_reason = "function_call"
        return answer

    answer = {wait}create(messages=history, **options)
    return (told(piece) {each}for piece in answer) if options.get("stream") else told(answer)
'''
"""The function that makes a call with tools where the one with functions cannot be followed."""
SEVERAL = text("the model may call several tools at once, of which the code takes the first")
PARALLEL = """
        options["parallel_tool_calls"] = False"""
CHOICE = """\
    if functions and function_call:
        named = {"type": "function", "function": function_call}
        options["tool_choice"] = function_call if isinstance(function_call, str) else named
"""
WORDS_ONLY = """\
    if "tools" in options and isinstance(function_call, str):  # the endpoint takes no name
        options["tool_choice"] = function_call
"""
UNLESS_NONE = ' and function_call != "none"'


def is_meant(site: CallSite, target: Target) -> bool:
    """Whether a call of chat has functions, and the target is not known to take them."""
    row = target.profile.parameter("chat.completions", "functions")
    taken = row is None or row.status is Status.SAME
    return site.endpoint in APIS and any(name in site.given for name in OLD) and not taken


def convert(site: CallSite, target: Target) -> Conversion:
    """Return what it takes to give a call tools in the place of functions.

    Where its arguments or its result cannot be followed, a function of the module makes the call and gives the answer
    the shape that it had.

    Raises:
        ObstacleError: it cannot be done, or not without seeing more of the code.
    """
    if site.result is None and site.spelled and site.unpacks and site.api == "chat.completions.create":
        return _through(site, target, text("some of its arguments come from elsewhere"))
    if site.result is None:
        raise ObstacleError(text("the call is made through another name"))
    try:
        return _written(site, target, site.result)
    except ObstacleError as obstacle:
        if site.api != "chat.completions.create" or (site.opaque and not site.unpacks):
            raise
        return _through(site, target, obstacle.reason)


def _through(site: CallSite, target: Target, reason: Text) -> Conversion:
    parallel = PARALLEL if _has_parallel(target) else ""
    row = target.profile.parameter("chat.completions", "tool_choice")
    choice = WORDS_ONLY if row is not None and "function" in row.replace else CHOICE
    unless = UNLESS_NONE if row is not None and row.values and "none" not in row.values else ""
    made = adapter(
        "call_with_tools", ADAPTER, asynchronous=site.asynchronous, parallel=parallel, choice=choice, unless=unless
    )
    changed = replace(site, given={n: given for n, given in site.given.items() if n not in OLD}, result=None)
    notes = (reason, text("a function {name} gives it the shape that it had", name=made.name))
    doubts = tuple(_unlike(site, target))
    changes = (Change(site.span, (CallThrough(made.name),)),)
    return Conversion(changed, changes, doubts=doubts, definitions=(made,), notes=notes)


def _unlike(site: CallSite, target: Target) -> Iterator[Text]:
    """Yield why a call through a function may do something else."""
    if site.opaque or site.result is None:
        yield text("some of its arguments cannot be seen")
    if not _has_parallel(target):
        yield SEVERAL
    if site.result is not None and any(reply.shared for reply in site.result.replies):
        yield text("other calls may be given its messages, too")
    choice = site.given.get("function_call")
    row = target.profile.parameter("chat.completions", "tool_choice")
    heeded = row is None or row.status is Status.SAME or choice is None or is_off(choice)
    if choice is not None and not heeded and not (choice.strings and set(choice.strings) <= {"auto", "none"}):
        yield text("'{name}' may name a function, which the model need not call", name="function_call")
    yield from looks.of_generator(site)


def _has_parallel(target: Target) -> bool:
    row = target.profile.parameter("chat.completions", "parallel_tool_calls")
    return row is not None and row.status in (Status.SAME, Status.LIMITED)


def _written(site: CallSite, target: Target, result: Result) -> Conversion:
    if "tools" in site.given or not all(site.given[name].direct for name in OLD if name in site.given):
        raise ObstacleError(text("some of its arguments come from elsewhere"))
    if any(_is_old(site, member) for member in _history(site) if member.term.span not in replied(result)):
        raise ObstacleError(text("its messages hold a call of a function, or an answer to one"))
    after = {name: given for name, given in site.given.items() if name not in OLD}
    operations: list[Operation] = []
    changes: list[Change] = []
    doubts: list[Text] = []
    if "functions" in site.given:
        form = inputs.functions(site, site.given["functions"])
        changes += form.changes
        operations.append(RenameArgument("functions", "tools"))
        after["tools"] = renamed(site.given["functions"], "tools")
        if _has_parallel(target):
            operations.append(SetArgument("parallel_tool_calls", "False"))  # one function was called at a time
            after["parallel_tool_calls"] = written(site.given["functions"], "parallel_tool_calls", code=False)
        else:
            doubts.append(SEVERAL)
    if "function_call" in site.given:
        choice = site.given["function_call"]
        form, kind = inputs.named_choice(site, choice, flat=False)
        changes += form.changes
        doubts += form.doubts
        if "functions" in site.given:
            operations.append(RenameArgument("function_call", "tool_choice"))
            after["tool_choice"] = (
                renamed(choice, "tool_choice") if kind is None else chosen(choice, "tool_choice", kind)
            )
        else:
            operations.append(RemoveArgument("function_call"))
    streams = "stream" in site.given and any(c.literal.value is not False for c in site.given["stream"].constants)
    changes += looks.changes(SHAPE, result.looks, "stream" if streams else "response")
    changes += _replies(result)
    if not result.replies and any(_messages(result.looks, "response")):
        doubts.append(text("a call of a tool that stands among the messages must be answered by one"))
    changed = replace(site, given=after)
    return Conversion(changed, (Change(site.span, tuple(operations)), *changes), doubts=tuple(doubts))


def replied(result: Result) -> frozenset[Span]:
    """Return where the messages stand that become answers to the call of a tool."""
    return frozenset(reply.span for reply in result.replies)


def _history(site: CallSite) -> Iterator[Display]:
    """Yield the messages of a call that are written out."""
    messages = site.given.get("messages")
    for value in messages.values if messages is not None else ():
        if isinstance(value, Display) and isinstance(value.term, Items):
            for term in value.term.values:
                yield from (v for v in site.resolve(value.path, term) if isinstance(v, Display))


def _is_old(site: CallSite, message: Display) -> bool:
    """Whether a message calls a function, or answers such a call."""
    if not isinstance(message.term, Entries):
        return False
    said = (value for role in message.term.under("role") for value in site.resolve(message.path, role))
    answers = any(isinstance(v, Constant) and v.literal.value == "function" for v in said)
    return answers or any(message.term.under("function_call"))


def _replies(result: Result) -> Iterator[Change]:
    """Yield what it takes to answer the call of a tool, where the code answered that of a function."""
    message = next(_messages(result.looks, "response"), None)
    for reply in result.replies:
        if message is None or not reply.named:
            raise ObstacleError(text("a message answers the call of a function whose id is not known"))
        identity = SetEntry("tool_call_id", f"{message}.tool_calls[0].id")
        yield Change(reply.span, (SetEntry("role", '"tool"'), RenameEntry("name", "tool_call_id"), identity))


def _messages(found: tuple[Look, ...], state: str, name: str = "") -> Iterator[str]:
    """Yield how the message of the answer is written where it has a name, or is put into the list of messages."""
    for look in found:
        path = name + "".join(look.steps) if look.name is None else look.name + "".join(look.steps)
        end = looks.state_of(SHAPE, look, state)
        if end in ("message", "dumped") and look.use == "put" and look.name is not None:
            yield path.partition(".model_dump")[0]
        if look.use in ("bind", "enter") and end is not None:
            yield from _messages(look.inner, end)
