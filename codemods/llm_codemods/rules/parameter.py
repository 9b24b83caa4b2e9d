"""Parameter is treated differently by the provider.

Why: an argument that OpenAI honours may be ignored, rejected, limited to other values or called otherwise.

Fix: after the profile's row: the argument is removed, renamed, moved into the range, or its value replaced. A cap on
the answer's length comes down to what the model can write at most; one that may come under either of its names holds
whichever it is. Who must call a tool and has but one calls that by its name. An argument that comes out of a
``**mapping`` of others, or whose value is not known, is made to fit by the call itself: it is passed through a small
function, which the module gets once: ``**without_options(options, "logit_bias")``, ``seed=limited(seed, 0, 99)``. Where
more choices (``n``) are asked for than the target gives at a time, a function asks in several calls, one after the
other, and joins what comes back, with the numbers of the choices and the sums of ``usage`` that one call would have
given; the prompt is paid for with each. Where no form of JSON is promised, what the answer is to be is told to the
model. What lies in the range of all that OpenAI takes, or in all but its very end, stays. So does what the provider
ignores where the client's endpoint is decided elsewhere, since others may honour it.

Safety: ``fix`` where nothing is lost: also where an argument goes that the provider ignores, unless it asks for
something in the answer, or one that only says how to cache or to pad (``prompt_cache_key``), and where several choices
come from several calls. ``review`` where the row says that behaviour is lost, where a value changes in a dictionary
that is for more than this call, where the client's endpoint is decided elsewhere, and where an argument goes that there
is no way for but that the call may leave out; also where it is not seen how many choices are asked for or whether the
answer is streamed, where one ``seed`` is for all of their calls, and where they stay one call since it is streamed,
gives the raw response, or is not made by its own name. ``manual`` where the call may not leave an argument out, and
where the row says so.

Source: profile fields ``parameters``, ``features`` and ``models.output``; gotchas G09, G10, G23, G24, G25, G36, G59.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from llm_codemods.conversions import Kind, as_converted, becomes_chat_safely, choices, inputs, kind_of
from llm_codemods.judgement import Judgement, Way, is_left_out, judgements, loses, most_choices, numbers_of, row_for
from llm_codemods.operations import (
    CallThrough,
    Change,
    Fix,
    JoinArguments,
    MoveToBody,
    Operation,
    PassThrough,
    RemoveArgument,
    RenameArgument,
    Replace,
    ReplaceStatement,
    ReplaceString,
    SetArgument,
    ToMessages,
    Wrap,
)
from llm_codemods.profile import Action, Parameter, Status
from llm_codemods.report import Finding, Verdict
from llm_codemods.rule import Rule, about
from llm_codemods.sites import CallSite, Given, Points
from llm_codemods.target import Target
from llm_codemods.text import Text, text

TOOLS = frozenset({"functions", "tools"})


def find(site: CallSite, target: Target | None) -> Iterator[Finding]:
    """Hold every argument against the profile's row for it."""
    if target is None or site.points is Points.ELSEWHERE or target.at_openai:
        return
    becomes = as_converted(site, target)
    if "functions" in site.given and not TOOLS & becomes.given.keys():
        becomes = replace(becomes, given={**becomes.given, "tools": site.given["functions"]})  # by a function
    for given, row, judged in judgements(becomes, target):
        often = _asked_often(site, becomes, target, given) if judged.review else None
        yield often or _reported(becomes, given, row, judged)


def _asked_often(site: CallSite, becomes: CallSite, target: Target, given: Given) -> Finding | None:
    """Return what is said of several choices where several calls give them, of a call and what it is once it is
    converted; None where one call stays one."""
    row, kind = target.profile.parameter(becomes.endpoint, given.name), kind_of(site, target)
    prompt = site.given.get("prompt")
    one = kind is not Kind.COMPLETION or (prompt is not None and inputs.is_text(site, prompt))
    here = site.points in (Points.OPENAI, Points.AZURE) and (given.direct or kind is None)
    if row is None or row.action is not Action.REPEAT or not here or not one or not choices.can_repeat(becomes):
        return None
    limit = most_choices(becomes, target, row)
    number = max(numbers_of(given), default=None)
    if number is not None and number <= limit:
        if given.inline:
            return None
        number = None  # so many where that is seen
    if number is None:
        message = text(
            "{limit:choice|choices} a call at most; how many are asked for is not known: ask several times,"
            " and pay for the prompt each time",
            limit=limit,
        )
    else:
        message = text(
            "{limit:choice|choices} a call at most, not {number}: ask {calls} times, and pay for the prompt each time",
            limit=limit,
            number=number,
            calls=-(-int(number) // limit),
        )
    seed, heeded = becomes.given.get("seed"), row_for(becomes, target, "seed")
    same = seed is not None and not is_left_out(seed) and (heeded is None or heeded.action is not Action.REMOVE)
    if same:
        message = text("{message}; with one '{name}' all calls may give the same", message=message, name="seed")
    if row.note is not None:
        message = text("{message} ({note})", message=message, note=row.note)
    safe = kind is not Kind.COMPLETION or becomes_chat_safely(site, target)
    sure = number is not None and not same and safe and choices.is_whole(becomes)
    span = given.span if given.direct else None
    verdict = Verdict.FIX if sure else Verdict.REVIEW
    return about(site, "parameter", given.name, message, verdict, choices.repeated(becomes, limit), span)


def _adapted(site: CallSite, given: Given, way: Way) -> Fix | None:
    """Return the fix that has the call itself make an argument fit; None where it has no place for that."""
    if not site.called:
        return None
    title = text("have a function {name} make it fit", name=(way.through or way.value or way.mapping).name)
    if way.through is not None:
        changes = (Change(site.span, (CallThrough(way.through.name),)),)
        return Fix(title, changes, way.imports, (way.mapping, way.through))
    if not given.direct:
        operation = PassThrough(way.mapping.name, way.argument)
        title = text("have a function {name} make it fit", name=way.mapping.name)
        return Fix(title, (Change(site.span, (operation,)),), way.imports, (way.mapping,)) if site.unpacks else None
    if way.value is None or given.path != site.path or given.inline:
        return None
    wrap = Wrap(f"{way.value.name}(", f", {way.behind})")
    return Fix(title, (Change(given.span, (wrap,)),), definitions=(way.value,))


def _reported(site: CallSite, given: Given, row: Parameter, judged: Judgement) -> Finding:
    message, name = judged.message, given.name
    if row.note is not None:
        message = text("{message} ({note})", message=message, note=row.note)
    if judged.elsewhere:
        message = text("{message}; change it where it is set", message=message)
    span = given.span if given.direct else None
    if judged.ready:
        return about(site, "parameter", name, message, Verdict.READY, span=span)
    if row.action is Action.MANUAL:
        return about(site, "parameter", name, message, Verdict.MANUAL, span=span)
    changes = _changes(given, judged.operations, site)
    comes = site.points in (Points.OPENAI, Points.AZURE)
    if not comes and row.status is Status.IGNORED and row.action is Action.REMOVE and not judged.review:
        return about(site, "parameter", name, message, Verdict.READY, span=span)  # others may honour it
    near = comes or site.points is Points.UNKNOWN
    here = Fix(_title(judged.operations[-1]), changes) if changes and near else None
    if here is not None and comes and (given.direct or given.alone) and not judged.review:
        return about(site, "parameter", name, message, Verdict.FIX, here, span)
    # a dictionary may be for other calls, too: what but goes, or is called otherwise, does so in the call itself
    kept = here is not None and (judged.review or row.action not in (Action.REMOVE, Action.RENAME))
    made = _adapted(site, given, judged.way) if judged.way is not None and not kept else None
    sure = comes and row.action is not Action.REVIEW and not loses(site, row, name)
    if made is not None and sure:
        return about(site, "parameter", name, message, Verdict.FIX, made, span)
    if here is not None or made is not None:
        return about(site, "parameter", name, message, Verdict.REVIEW, here or made, span)
    if not given.direct:
        message = text("{message}; it reaches the call from elsewhere: change it there", message=message)
    return about(site, "parameter", name, message, Verdict.REVIEW, span=span)


def _changes(given: Given, operations: tuple[Operation, ...], site: CallSite) -> tuple[Change, ...]:
    """Return the operations where they can be made: in the call, in a dictionary, in what puts an entry into one."""
    place = given.place(site.span, site.path)
    if place is not None:
        return (Change(place, operations),) if operations else ()
    if given.put is None or given.path != site.path:
        return ()
    changes: list[Change] = []
    for operation in operations:
        match operation:
            case RemoveArgument():
                changes.append(Change(given.put.statement, (ReplaceStatement(),)))
            case SetArgument(code=code):
                changes.append(Change(given.put.value, (Replace(code),)))
            case RenameArgument(to=to):
                changes.append(Change(given.put.key, (ReplaceString(to),)))
            case _:
                return ()
    return tuple(changes)


def _title(operation: Operation) -> Text:
    match operation:
        case RemoveArgument():
            return text("remove '{name}'", name=operation.name)
        case RenameArgument() | JoinArguments():
            return text("call it '{to}'", to=operation.to)
        case MoveToBody():
            return text("send it as '{to}' in extra_body", to=operation.to)
        case ToMessages():
            return text("say it in the prompt")
        case SetArgument():
            return text("set '{name}' to {value}", name=operation.name, value=operation.code)
    return text("change it")


RULE = Rule("LM301", "parameter", CallSite, find)
