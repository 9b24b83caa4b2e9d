"""Calls of the legacy completions as calls of chat completions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from llm_codemods.conversions import inputs, looks
from llm_codemods.conversions.conversion import Conversion, ObstacleError, adapter, is_off, renamed
from llm_codemods.conversions.looks import INDEX, VALUE, Members, Shape
from llm_codemods.operations import (
    CallThrough,
    Change,
    Operation,
    RemoveArgument,
    ReplaceCallee,
    ReplaceTail,
    SetArgument,
    ToMessages,
    Wrap,
)
from llm_codemods.profile import Action, Status, Thinking
from llm_codemods.results import Look, Result
from llm_codemods.sites import CallSite, Given, Points
from llm_codemods.target import Target
from llm_codemods.terms import Call, Element, Items, Joined, Literal
from llm_codemods.text import Text, text
from llm_codemods.values import Display, Environment, Foreign, Value

API = "completions.create"
LACKING = {
    "echo": text("put the prompt before the answer yourself"),
    "suffix": text("chat writes no text into a gap: ask for it in words"),
    "best_of": text("ask several times and choose"),
    "logprobs": text("chat takes other values and answers in another shape"),
}
"""What chat cannot do, and what to do instead."""
CAP = 16
"""As many tokens OpenAI's completions have at most where nobody says more."""
DEFAULTS: dict[str, object] = {"best_of": 1, "echo": False}
ADAPTER = '''
{prefix}def {name}(create, *, prompt="", **options):
    """Have chat answer what the legacy completions were asked, in the shape of their answers."""
    for name, default in (("echo", False), ("suffix", ""), ("best_of", 1), ("logprobs", None)):
        if options.pop(name, None) not in (None, default):
            raise ValueError(f"chat has no {{name!r}}")

    def told(answer):
        for choice in answer.choices:
            choice.text = (choice.delta if hasattr(choice, "delta") else choice.message).content or ""
        return answer

    prompts = [prompt] if isinstance(prompt, str) else prompt
    asked = [{wait}create(messages=[{{"role": "user", "content": text}}], **options) for text in prompts]
    if options.get("stream"):
        return (told(piece) for stream in asked {each}for piece in stream)
    first, *others = map(told, asked)
    for other in others:
        first.choices += other.choices
        for name in ("prompt_tokens", "completion_tokens", "total_tokens"):
            setattr(first.usage, name, getattr(first.usage, name) + getattr(other.usage, name))
    for index, choice in enumerate(first.choices):
        choice.index = index
    return first
'''
"""The function that makes a call of chat where the one before cannot be followed."""
_CHOICE = {".finish_reason": (".finish_reason", VALUE), ".index": (".index", VALUE)}
_HEAD = {
    ".id": (".id", VALUE),
    ".model": (".model", VALUE),
    ".created": (".created", VALUE),
    ".usage": (".usage", VALUE),
    "._request_id": ("._request_id", VALUE),
    **{name: (name, "dump") for name in (".model_dump", ".model_dump_json", ".to_dict", ".to_json")},
}
SHAPE = Shape(
    steps={
        "response": {".choices": (".choices", "choices"), **_HEAD},
        "choices": {INDEX: (INDEX, "choice")},
        "choice": {".text": (".message.content", VALUE), **_CHOICE},
        "chunk": {".choices": (".choices", "chunk choices"), **_HEAD},
        "stream": {name: (name, "next") for name in (".__next__", ".__anext__")},
        "next": {"()": ("()", "chunk")},
        "dump": {"()": ("()", "dump"), "(…)": ("(…)", "dump")},
        "chunk choices": {INDEX: (INDEX, "piece")},
        "piece": {".text": (".delta.content", "text"), **_CHOICE},
    },
    members={
        "choices": (Members("choice"),),
        "stream": (Members("chunk"),),
        "chunk choices": (Members("piece"),),
    },
    taken={"pick stream": "chunk"},
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


def convert(site: CallSite, target: Target) -> Conversion:
    """Return what it takes to make a call of chat of this one.

    Where its arguments or its result cannot be followed, a function of the module makes the call and gives the answer
    the shape that it had.

    Raises:
        ObstacleError: it cannot be done, or not without seeing more of the code.
    """
    for call in site.taken.calls if site.taken is not None else (site,):
        _refuse_lacking(call.given)
    if site.taken is not None:
        if any(call.opaque and not call.unpacks for call in site.taken.calls):
            raise ObstacleError(text("some of its arguments come from elsewhere"))
        return _through(site, target)
    if site.result is None or not f".{site.result.method}".endswith(f".{site.api}"):
        raise ObstacleError(text("the call is made through another name"))
    try:
        return _written(site, target, site.result)
    except ObstacleError as obstacle:
        if obstacle.final or (site.opaque and not site.unpacks):
            raise
        return _through(site, target)


def _through(site: CallSite, target: Target) -> Conversion:
    made = adapter("chat_as_text", ADAPTER, asynchronous=site.asynchronous)
    after = {n: g for n, g in site.given.items() if n not in LACKING and n != "prompt"}
    if "prompt" in site.given:
        after["messages"] = renamed(site.given["prompt"], "messages")
    changed = replace(site, api="chat.completions.create", given=after, result=None)
    operations: list[Operation] = [] if site.taken is not None else [ReplaceCallee(site.api, "chat.completions.create")]
    together = site.taken.calls if site.taken is not None else (site,)
    doubts = [doubt for call in together for doubt in _unlike(call, target)] + [*_capped(site, target, operations)]
    operations.append(CallThrough(made.name))
    notes = (text("a function {name} gives it the shape that it had", name=made.name),)
    changes = [Change(site.span, tuple(operations))]
    if site.taken is not None:
        changes += [Change(span, (ReplaceTail(".completions", ".chat.completions"),)) for span in site.taken.spans]
        others = (call for call in site.taken.calls if call.span != site.span)
        changes += [Change(call.span, (CallThrough(made.name),)) for call in others]
    return Conversion(changed, tuple(changes), doubts=tuple(dict.fromkeys(doubts)), definitions=(made,), notes=notes)


def _unlike(site: CallSite, target: Target) -> Iterator[Text]:
    """Yield why chat may answer otherwise than the completions, as far as a function stands between them."""
    yield from _going_on(site, target)
    if site.opaque:
        yield text("some of its arguments cannot be seen")
    for name in LACKING:
        if name in site.given and not _is_nothing(name, site.given[name]):
            yield text("the function raises where '{name}' is given", name=name)
    prompt = site.given.get("prompt")
    if prompt is None or not (inputs.is_text(site, prompt) or _are_texts(prompt)):
        yield text("it may be given several prompts: each is asked by itself")
    yield from looks.of_generator(site)


def _are_texts(prompt: Given) -> bool:
    """Whether several prompts are written out, none of them as the numbers of its tokens."""
    written = [v.term.values for v in prompt.values if isinstance(v, Display) and isinstance(v.term, Items)]
    members = [member for values in written for member in values]
    return len(written) == len(prompt.values) > 0 and all(
        isinstance(member, Joined) or (isinstance(member, Literal) and isinstance(member.value, str))
        for member in members
    )


def _going_on(site: CallSite, target: Target) -> Iterator[Text]:
    """Yield why the prompt may be a text to go on with: it is for a base model, or nobody sees which it is for. What
    the environment or the command line may say otherwise is of the kind that the code falls back on."""
    if site.points is Points.UNKNOWN:
        yield text("its endpoint comes from elsewhere")
    given = site.given.get("model")
    names = given.strings if given is not None else ()
    strange = next((name for name in names if not target.origin.data.is_instructed(name)), None)
    if strange is not None:
        yield text("chat answers a text, it does not go on with it, as {model} may", model=strange)
    elif given is None or not names or len(names) < len([v for v in given.values if not _is_set_outside(v)]):
        yield text("chat answers a text, it does not go on with it, as some models do: which it is for is not seen")


def _is_set_outside(value: Value) -> bool:
    """Whether a value is that of an environment variable that may be missing, or of an option of the command line."""
    if isinstance(value, Foreign):
        return value.dotted.startswith("argparse.")
    return isinstance(value, Environment) and isinstance(value.term, Call)


def _capped(site: CallSite, target: Target, operations: list[Operation]) -> Iterator[Text]:
    """Have the answer be no longer than it was; yield a doubt where that cannot be done."""
    if "max_tokens" in site.given or site.opaque:
        return
    row = target.profile.parameter("chat.completions", "max_tokens")
    thinks = (target.model(target.model_for(name) or name) for name in site.models)
    always = any(model is None or model.thinking is Thinking.ALWAYS for model in thinks)
    if always or not all(given.direct for given in site.given.values()):
        yield text("completions ended after {cap} tokens where nobody says more, chat does not", cap=CAP)
        return
    name = row.to if row is not None and row.action is Action.RENAME and row.to is not None else "max_tokens"
    operations.append(SetArgument(name, str(CAP)))


def _takes_first(found: Sequence[Look], before: tuple[str, ...] = ()) -> bool:
    """Whether all that is looked at of the choices of an answer is the first one, so that one prompt was asked."""
    seen = [_is_first(look, (*before, *look.steps)) for look in found]
    return any(seen) and None not in seen


def _is_first(look: Look, steps: tuple[str, ...]) -> bool | None:
    """Whether a look is at the first choice of an answer; None: at others, too."""
    if ".choices" in steps:
        behind = steps[steps.index(".choices") + 1 :]
        bound = not behind and look.use == "bind" and _takes_first(look.inner, steps)
        return True if bound or behind[:1] == ("[0]",) else None
    inner = [_is_first(one, one.steps) for one in look.inner]
    return None if None in inner else any(inner)


def _refuse_lacking(given: Mapping[str, Given]) -> None:
    for name, advice in LACKING.items():
        said = [c.literal.value for c in given[name].constants] if name in given else []
        if said and not is_off(given[name]) and said != [DEFAULTS.get(name)]:
            raise ObstacleError(text("chat has no '{name}': {advice}", name=name, advice=advice), final=True)


def _is_nothing(name: str, given: Given) -> bool:
    """Whether an argument that chat does not have changes nothing."""
    return is_off(given) or [c.literal.value for c in given.constants] == [DEFAULTS.get(name, given)]


def _written(site: CallSite, target: Target, result: Result) -> Conversion:
    given = site.given
    if site.opaque or not all(argument.direct for argument in given.values()):
        raise ObstacleError(text("some of its arguments come from elsewhere"))
    if "prompt" not in given:
        raise ObstacleError(text("the call has no argument '{name}'", name="prompt"), final=True)
    operations: list[Operation] = [ReplaceCallee(site.api, "chat.completions.create")]
    for name, advice in LACKING.items():
        if name not in given:
            continue
        if not is_off(given[name]) and not given[name].constants:
            raise ObstacleError(text("chat has no '{name}': {advice}", name=name, advice=advice))
        operations.append(RemoveArgument(name))
    prompt = given["prompt"]
    if any(map(_is_list, prompt.values)):
        raise ObstacleError(text("its prompt is a list: chat answers one prompt a call"))
    doubts = [*_going_on(site, target), *_capped(site, target, operations)]
    if not inputs.is_text(site, prompt) and not _takes_first(result.looks):
        raise ObstacleError(text("its prompt may be a list: chat answers one prompt a call"))
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
