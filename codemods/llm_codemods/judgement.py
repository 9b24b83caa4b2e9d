"""What is to be said of an argument, and what to do, by the profile's row for it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace

from llm_codemods import adapters, upgrade
from llm_codemods.conversions.conversion import chosen
from llm_codemods.messages import tools
from llm_codemods.operations import (
    Definition,
    Import,
    JoinArguments,
    MoveToBody,
    Operation,
    RemoveArgument,
    RenameArgument,
    SetArgument,
    ToMessages,
)
from llm_codemods.profile import Action, Model, Parameter, Status, Thinking
from llm_codemods.sites import Asking, CallSite, Given
from llm_codemods.sites.kinds.given import says_nothing
from llm_codemods.target import Target
from llm_codemods.terms import Call, Element, Entries, Items, Literal, Name, Term
from llm_codemods.text import Text, text

DEFAULTS: dict[str, object] = {
    "frequency_penalty": 0,
    "logprobs": False,
    "n": 1,
    "parallel_tool_calls": True,
    "presence_penalty": 0,
    "service_tier": "auto",
    "store": False,
    "temperature": 1,
    "top_p": 1,
}
"""What OpenAI assumes: nothing is lost where one of these goes."""
ANSWERED = frozenset(
    {
        *("after", "audio", "include", "limit", "logprobs", "modalities", "n", "order", "starting_after"),
        *("stream_options", "top_logprobs"),
    }
)
"""What asks for something in the answer, which then is not there: where it is ignored, a person must look all the
same. All else that is ignored makes no difference there."""
QUIET = frozenset({"include_obfuscation", "prompt_cache_key", "prompt_cache_retention"})
"""What no answer depends on, whoever takes it, and nobody looks for later: how to cache, how to pad."""
NAMED = '{{"type": "function", "function": {{"name": {name}}}}}'
"""Python source of a choice of tools that names one."""
EFFORT = "reasoning_effort"
CAPS = ("max_tokens", "max_completion_tokens")
RANGES = {
    "temperature": (0, 2),
    "top_p": (0, 1),
    "frequency_penalty": (-2, 2),
    "presence_penalty": (-2, 2),
    "n": (1, 128),
    "top_logprobs": (0, 20),
    "max_output_tokens": (16, float("inf")),
}
"""What OpenAI takes: no more than this comes from code that works there."""
WORDS = {
    "tool_choice": ("none", "auto", "required", "function"),
    "response_format": ("text", "json_object", "json_schema"),
}
"""The same of words."""
FEATURES = {
    ("tool_choice", "function"): "forced-tool",
    ("tool_choice", "required"): "required-tool",
    ("response_format", "json_object"): "json-object",
    ("response_format", "json_schema"): "json-schema",
}
"""Parameter and value (a dictionary goes by its ``type``) -> the feature that the value asks for."""


@dataclass(frozen=True, slots=True)
class Way:
    """How what reaches a call from elsewhere is made to fit, by functions of ``adapters``."""

    mapping: Definition
    argument: str = ""
    """What it is told of the argument, where that is unpacked."""
    value: Definition | None = None
    behind: str = ""
    """What stands behind the value, where that is given by its name."""
    through: Definition | None = None
    """The function that makes the call, where it concerns other arguments, too."""
    imports: tuple[Import, ...] = ()


@dataclass(frozen=True, slots=True)
class Judgement:
    """What to say of an argument, and what to do; without operations a person must."""

    message: Text
    operations: tuple[Operation, ...] = ()
    review: bool = True
    """Behaviour is lost."""
    elsewhere: bool = False
    """The value is set elsewhere."""
    ready: bool = False
    """It works as it is but for an end of the range, which nobody sees used."""
    way: Way | None = None
    """How the call itself can make it fit, where it comes from elsewhere."""


def _way(site: Asking, given: Given, row: Parameter, model: Model | None) -> Way | None:
    """Return how the call itself can make an argument fit, as the profile's row says."""
    name = given.name
    other = site.given.get(row.to) if row.action is Action.RENAME and row.to is not None else None
    if row.action is Action.REMOVE or (other is not None and other.direct):
        return Way(*adapters.renamed(name, None))
    if row.action is Action.RENAME:
        return Way(*adapters.renamed(name, row.to))
    if name in adapters.SCHEMAS and site.endpoint.startswith("responses."):
        asked = site.given.get("input")
        through = adapters.WITH_SCHEMA if asked is not None and asked.direct else None
        return Way(adapters.TELL, through=through, imports=(Import("json"),)) if asked is not None else None
    if name == "response_format" and site.endpoint.endswith((".parse", ".stream")):
        return None  # a class, of which the SDK makes a schema
    if row.action is Action.TELL and site.endpoint == "chat.completions.create":
        asked = site.given.get("messages")
        through = adapters.WITH_FORMAT if asked is not None and asked.direct else None
        return Way(adapters.TELL_FORMAT, through=through, imports=(Import("json"),)) if asked is not None else None
    if row.action in (Action.REPLACE, Action.REVIEW) and row.replace:
        known = adapters.words(name, row.replace)
        return Way(adapters.REPLACE, f"{name}={known}", adapters.REPLACED, known)
    low, high = _lowest(row), _highest(row)
    if name in CAPS and model is not None and model.output is not None:
        low, high = low or 1, min(high or model.output, model.output)
    if (low, high) == (None, None):
        return None
    ends = adapters.limits(low, high)
    return Way(adapters.LIMIT, f"{name}=({ends})", adapters.LIMITED, ends)


def judgements(site: Asking, target: Target) -> Iterator[tuple[Given, Parameter, Judgement]]:
    """Yield the arguments that something is to be said of, with the row that says it."""
    for name, given in site.given.items():
        row = row_for(site, target, name)
        if row is not None and (judged := judge(site, target, given, row)) is not None:
            way = _way(site, given, row, target.model(model_of(site, target)))
            if way is None and row.action is Action.REVIEW and given.direct and may_be_left_out(given):
                judged = replace(judged, operations=(RemoveArgument(name),))  # as if nobody had asked for it
            yield given, row, judged if judged.way else replace(judged, way=way)


def model_of(site: Asking, target: Target) -> str | None:
    """Return the target's model that this call will ask, or None where it is not known."""
    found = (target.model_for(m, vision=site.images) or (m if target.knows(m) else None) for m in site.models)
    return next(filter(None, found), None)


def row_for(site: Asking, target: Target, name: str) -> Parameter | None:
    """Return the profile's row for an argument of this call; None where the endpoint's row speaks for all of them."""
    row = target.profile.row_of(site.endpoint, name, model_of(site, target))
    if not isinstance(row, Parameter):
        return None
    return row.once(most_choices(site, target, row)) if row.action is Action.REPEAT else row


def most_choices(site: Asking, target: Target, row: Parameter) -> int:
    """Return how many choices a call may ask for, whichever of its models it is for; one where these are not seen."""
    model, beside = site.given.get("model"), site.given.get(row.beside or "")
    known = model is not None and len(model.constants) == len(model.values)
    if not known or site.opaque or _may_think(site, target) or (beside is not None and not is_left_out(beside)):
        return 1
    names = [target.model_for(m, vision=site.images) or m for m in site.models]
    rows = [target.profile.parameter(site.endpoint, "n", name) for name in names]
    return min((int(r.maximum or 1) if r is not None else 1 for r in rows), default=1)


def _may_think(site: Asking, target: Target) -> bool:
    """Whether a call says something that may have its model think."""
    switches = {name for entries in target.profile.thinking.values() for name in entries}
    said = any(name in site.given for name in ("extra_body", EFFORT, *switches))
    return said or any(target.thought(m) == "on" for m in site.models)


def judge(site: Asking, target: Target, given: Given, row: Parameter) -> Judgement | None:
    """Return what is to be said of an argument and done; None where all is well."""
    name = given.name
    if is_left_out(given) or given.adapted or (name == EFFORT and asks_no_effort(site, target)):
        return None
    model = target.model(model_of(site, target))
    match row.action:
        case Action.BODY if row.to is not None:
            message = text("'{name}' is sent as '{to}' there", name=name, to=row.to)
            moved = RenameArgument(name, row.to) if stays_legacy(site, target) else MoveToBody(name, row.to)
            return Judgement(message, (moved,), row.review)
        case Action.REMOVE:
            return Judgement(
                _treated(name, row), (RemoveArgument(name),), loses(site, row, name) and not _is_default(given)
            )
        case Action.RENAME if row.to is not None:
            return _rename(site, given, row, model)
        case Action.CLAMP:
            return _clamp(given, row) or _cap(given, model)
        case Action.REPLACE:
            return _replace(site, target, given, row)
        case Action.REVIEW if row.most is not None:
            return _shorten(given, row)
        case Action.TELL if words(site, given) == ("json_object",) and _is_written(given) and _is_asked(site):
            told = ToMessages("messages", is_list=True, user=json.dumps(adapters.ASKING))
            return Judgement(_treated(name, row), (RemoveArgument(name), told))
        case Action.TELL | Action.REVIEW | Action.MANUAL:
            accepted = bool(row.values) and set(row.values).issuperset(words(site, given) or ("",))
            return None if accepted or _is_default(given) else Judgement(_treated(name, row))
        case Action.ADD if row.values and (refused := set(words(site, given)) - set(row.values)):
            message = text("'{name}': {value} is not accepted there", name=name, value=repr(min(refused)))
            if row.default is None:
                return Judgement(message)
            default = row.default
            message = text("{message}; what reads the answer must go with {default}", message=message, default=default)
            return Judgement(message, (SetArgument(name, row.default),))
    return _cap(given, model)


def asks_no_effort(site: Asking, target: Target) -> bool:
    """Whether a call has its model not think by an effort of "none", which the target does not take, while it has
    another way to say so: rule ``thinking`` does."""
    given, row, model = site.given.get(EFFORT), row_for(site, target, EFFORT), target.model(model_of(site, target))
    if given is None or row is None or model is None or model.thinking is not Thinking.ON:
        return False
    taken = row.action not in (Action.REMOVE, Action.REPLACE) or "none" in (*row.values, *row.replace)
    written = given.direct and given.inline and given.strings == ("none",)
    return written and not taken and "off" in target.profile.thinking


def _is_written(given: Given) -> bool:
    """Whether a dictionary is written out in the call."""
    return given.direct and isinstance(given.term, Entries)


def _is_asked(site: Asking) -> bool:
    """Whether the messages of a call stand in it under their name."""
    messages = site.given.get("messages")
    return messages is not None and messages.direct


def loses(site: Asking, row: Parameter, name: str) -> bool:
    """Whether something is lost where a row is obeyed; what the target ignores is none the better for being sent."""
    padding = name == "stream_options" and site.endpoint.startswith("responses.")
    idle = row.status is Status.IGNORED and name not in ANSWERED
    return row.review and not (row.action is Action.REMOVE and (idle or padding or name in QUIET))


def is_left_out(given: Given) -> bool:
    """Whether an argument is there but says nothing: ``None``, ``NOT_GIVEN``, ``omit``."""
    return bool(given.values) and not given.open and all(map(says_nothing, given.values))


def may_be_left_out(given: Given) -> bool:
    """Whether an argument may say nothing."""
    return any(map(says_nothing, given.values))


def stays_legacy(site: Asking, target: Target) -> bool:
    """Whether a call is of the 0.28 API and stays so: whatever it is given is sent."""
    moves = isinstance(site, CallSite) and site.upgrade and upgrade.applies(site.points, site.host, target)
    return site.legacy and not moves


def _is_default(given: Given) -> bool:
    """Whether an argument says what OpenAI assumes anyway."""
    if isinstance(given.term, Entries) and not given.term.items:
        return given.name in ("logit_bias", "metadata")
    constants = [c.literal.value for c in given.constants]
    return given.name in DEFAULTS and constants == [DEFAULTS[given.name]] and len(given.values) == 1


def _treated(name: str, row: Parameter) -> Text:
    match row.status:
        case Status.IGNORED:
            return text("'{name}' has no effect there", name=name)
        case Status.REJECTED:
            return text("'{name}' is refused there", name=name)
        case Status.UNKNOWN:
            return text("'{name}' may be refused or ignored there", name=name)
    return text("'{name}' is limited there", name=name)


# Numbers


def numbers_of(given: Given) -> list[int | float]:
    """Return the numbers that an argument is seen to be."""
    return [c.literal.value for c in given.constants if type(c.literal.value) in (int, float)]  # type: ignore[misc]


def _rename(site: Asking, given: Given, row: Parameter, model: Model | None) -> Judgement:
    assert row.to is not None
    message = text("'{name}' is called '{to}' there", name=given.name, to=row.to)
    other = site.given.get(row.to)
    if other is not None and given.direct == other.direct:
        sure = other.direct and len(numbers_of(other)) == len(other.values) > 0
        operation = RemoveArgument(given.name) if sure else JoinArguments(given.name, row.to)
        return Judgement(message, (operation,) if given.direct else (), row.review)
    if other is not None:
        return Judgement(message, (RemoveArgument(given.name),), row.review)
    over = _cap(given, model)
    lowered = tuple(SetArgument(row.to, o.code) for o in over.operations if isinstance(o, SetArgument)) if over else ()
    if over is not None:
        message = text("{first}; {second}", first=message, second=over.message)
    return Judgement(message, (RenameArgument(given.name, row.to), *lowered), row.review or over is not None)


def _clamp(given: Given, row: Parameter) -> Judgement | None:
    if _is_capped(given.term, row):
        return None
    numbers, limits = numbers_of(given), _limits(row)
    if not numbers and given.name in CAPS:
        return None  # any sensible cap lies inside
    if not numbers:
        message = text("'{name}' must be {limits} there; what it is here is not known", name=given.name, limits=limits)
        return Judgement(message, ready=_takes_openais(given.name, row))
    for number in numbers:
        low, high = _is_below(number, row), _is_above(number, row)
        if low or high:
            message = text("'{name}' must be {limits} there, not {value}", name=given.name, limits=limits, value=number)
            end = _lowest(row) if low else _highest(row)
            return Judgement(message) if end is None else _set(given, _number(end, number), message, review=row.review)
    return None


def _is_capped(term: Term, row: Parameter) -> bool:
    """Whether a number is the smaller of two, one of which lies in the range."""
    if not isinstance(term, Call) or not isinstance(term.func, Name) or term.func.id != "min" or row.maximum is None:
        return False
    ends = [a.value.value for a in term.arguments if isinstance(a.value, Literal)]
    return any(isinstance(end, (int, float)) and end <= row.maximum for end in ends)


def _cap(given: Given, model: Model | None) -> Judgement | None:
    """Bring a cap on the answer down to what the model can write."""
    if given.name not in CAPS or model is None or model.output is None:
        return None
    over = max(numbers_of(given), default=0)
    if over <= model.output:
        return None
    message = text(
        "'{name}' of {value} is more than the model can write: {limit}",
        name=given.name,
        value=over,
        limit=model.output,
    )
    return _set(given, str(model.output), message, review=False)


def _takes_openais(name: str, row: Parameter) -> bool:
    """Whether a row takes whatever OpenAI takes, but for the very ends of its range."""
    low, high = RANGES.get(name, (None, None))
    if low is None or high is None:
        return False
    return (row.minimum is None or row.minimum <= low) and (row.maximum is None or high <= row.maximum)


def _set(given: Given, code: str, message: Text, *, review: bool) -> Judgement:
    """Give a literal another value; a value that comes from elsewhere is left to a person."""
    if given.inline:
        return Judgement(message, (SetArgument(given.name, code),), review)
    return Judgement(message, elsewhere=True)


def _number(value: float, like: float) -> str:
    """Python source of a number; one that was whole stays whole where it can."""
    return str(int(value)) if isinstance(like, int) and value.is_integer() else repr(value)


def _is_below(number: float, row: Parameter) -> bool:
    low = row.minimum
    return low is not None and (number < low or (row.exclusive_minimum and number == low))


def _is_above(number: float, row: Parameter) -> bool:
    high = row.maximum
    return high is not None and (number > high or (row.exclusive_maximum and number == high))


def _lowest(row: Parameter) -> float | None:
    """Return what a number below the range becomes; None where the row does not say."""
    return row.minimum if row.low is None and not row.exclusive_minimum else row.low


def _highest(row: Parameter) -> float | None:
    return row.maximum if row.high is None and not row.exclusive_maximum else row.high


def _limits(row: Parameter) -> Text:
    """Say the range in words: "at least 0 and below 2"."""
    low, high = (None if n is None else _number(n, 0) for n in (row.minimum, row.maximum))
    above = text("above {number}", number=low) if row.exclusive_minimum else text("at least {number}", number=low)
    below = text("below {number}", number=high) if row.exclusive_maximum else text("at most {number}", number=high)
    if low is not None and low == high:
        return text("{number}", number=low)
    if low is not None and high is not None:
        return text("{low} and {high}", low=above, high=below)
    return above if high is None else below


# Values


def _replace(site: Asking, target: Target, given: Given, row: Parameter) -> Judgement | None:
    name, found = given.name, words(site, given)
    if not found and all(is_accepted(site, target, given, row, w) for w in WORDS.get(name, ("",))):
        return None  # any that works at OpenAI works there
    if not found:
        message = text("'{name}' must be {value} there; what it is here is not known", name=name, value=row.values[0])
        if len(row.values) > 1:
            listed = ", ".join(row.values)
            message = text(
                "'{name}' must be one of {values} there; what it is here is not known", name=name, values=listed
            )
        return Judgement(message)
    for word in found:
        if is_accepted(site, target, given, row, word):
            continue
        message = _refused(target, name, word)
        only = only_tool(site, target)
        if only is not None and given.direct and isinstance(given.term, Literal):
            message = text("{message}; there is but one to be called", message=message)
            return Judgement(message, (SetArgument(name, NAMED.format(name=json.dumps(only))),), review=False)
        to = row.replace.get(word)
        if to is None or not isinstance(given.term, Literal | Entries):
            return Judgement(message)
        return Judgement(message, (SetArgument(name, _code(given, to)),), row.review)
    return None


def is_accepted(site: Asking, target: Target, given: Given, row: Parameter, word: str) -> bool:
    """Whether a value is taken as it is: by the row, or, for a dictionary, by the feature that it asks for."""
    feature = target.status(FEATURES.get((given.name, word), ""))
    model = target.model(model_of(site, target))
    if word == "json_schema" and model is not None and model.json_schema is False:
        return False
    spelled = given.display is not None or not words(site, given)  # what is not known may be a dictionary
    if spelled and feature in (Status.SAME, Status.LIMITED):
        return True
    return word in row.values


def only_tool(site: Asking, target: Target) -> str | None:
    """Return the name of the tool that a call of chat must use, since it must use one and has no other; None where the
    target takes that as it is, or takes no names either."""
    choice, given = site.given.get("tool_choice"), site.given.get("tools")
    row = row_for(site, target, "tool_choice")
    if choice is None or given is None or row is None or words(site, choice) != ("required",):
        return None
    named = chosen(choice, "tool_choice", "function")
    if is_accepted(site, target, choice, row, "required") or not is_accepted(site, target, named, row, "function"):
        return None
    listed = given.display.term if given.display is not None and len(given.values) == 1 else None
    if (
        not isinstance(listed, Items)
        or listed.any_number
        or len(listed.values) != 1
        or isinstance(listed.values[0], Element)
    ):
        return None
    names = [name for _, function in tools(site) for name in function.under("name")]
    only = names[0] if len(names) == 1 else None
    return only.value if isinstance(only, Literal) and isinstance(only.value, str) else None


def _refused(target: Target, name: str, word: str) -> Text:
    value: Text | str = repr(word)
    if word == "function":
        value = text("a named function")
    elif word == "json_schema":
        value = text("a JSON schema")
    if target.status(FEATURES.get((name, word), "")) is Status.IGNORED:
        return text("'{name}': {value} has no effect there", name=name, value=value)
    return text("'{name}': {value} is not accepted there", name=name, value=value)


def _code(given: Given, to: str) -> str:
    """Python source of the value ``to`` in the form that the argument has."""
    if isinstance(given.term, Entries) and given.name != "tool_choice":
        return f'{{"type": "{to}"}}'
    return to if to.lstrip("-").isdigit() else f'"{to}"'


def words(site: Asking, given: Given) -> tuple[str, ...]:
    """Return what an argument may be, as words: its literals, the ``type`` of a dictionary written out.

    ``parse`` and ``stream`` make a JSON schema of the type that they are given.
    """
    found = [str(c.literal.value) for c in given.constants if c.literal.value is not None]
    display = given.display
    if given.name == "text" and display is not None:
        return () if given.open or len(given.values) > 1 else _form(display.term)
    if display is not None and isinstance(display.term, Entries):
        found += _kinds(display.term)
    elif given.name == "response_format" and site.endpoint.endswith((".parse", ".stream")):
        found.append("json_schema")
    return tuple(found)


def _form(term: Term) -> tuple[str, ...]:
    """Return the form of an answer that ``text`` of the Responses API asks for, if it is seen; text by default."""
    if not isinstance(term, Entries) or not term.items or not all(isinstance(key, Literal) for key, _ in term.items):
        return ()
    form = next(term.under("format"), None)
    if form is None:
        return ("text",)
    return tuple(_kinds(form)) if isinstance(form, Entries) else ()


def _kinds(written: Entries) -> Iterator[str]:
    return (str(kind.value) for kind in written.under("type") if isinstance(kind, Literal))


def _shorten(given: Given, row: Parameter) -> Judgement | None:
    """Judge a list that may be only so long; a text alone becomes a list of one."""
    assert row.most is not None
    name = given.name
    if given.strings:
        message = text("'{name}' must be a list there", name=name)
        return _set(given, json.dumps([given.strings[0]], ensure_ascii=False), message, review=False)
    display = given.display
    if display is None:
        message = text(
            "'{name}' must be a list there, of at most {most}; what it is here is not known", name=name, most=row.most
        )
        return Judgement(message)
    if isinstance(display.term, Items) and len(display.term.values) > row.most:
        count = len(display.term.values)
        return Judgement(
            text("'{name}' may hold {most} at most there, not {count}", name=name, most=row.most, count=count)
        )
    return None
