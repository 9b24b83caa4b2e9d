"""Parameter is treated differently by the provider.

Why: an argument that OpenAI honours may be ignored, rejected, limited to other values or called otherwise.

Fix: after the profile's row: the argument is removed, renamed, moved into the range, or its value replaced.

Safety: ``fix`` where nothing is lost, ``review`` where the row says that behaviour is lost, or where the value is not
written in the call; ``manual`` where the row knows no way.

Source: profile field ``parameters``; gotchas G23, G24, G25, G36, G59.
"""

from __future__ import annotations

from collections.abc import Iterator

from llm_codemods.operations import Change, Fix, MoveToBody, Operation, RemoveArgument, RenameArgument, SetArgument
from llm_codemods.profile import Action, Parameter, Status
from llm_codemods.report import Finding, Verdict
from llm_codemods.rule import Rule, about
from llm_codemods.sites import CallSite, Given, Points
from llm_codemods.target import Target
from llm_codemods.terms import Entries, Literal
from llm_codemods.text import Text, text


def find(site: CallSite, target: Target | None) -> Iterator[Finding]:
    """Hold every argument against the profile's row for it."""
    if target is None or not site.known or site.points is Points.ELSEWHERE:
        return
    for name, given in site.given.items():
        row = row_for(site, target, name)
        if row is None:
            continue
        judged = judge(site, given, row)
        if judged is None:
            continue
        operation, message, review = judged
        said = text("{message} ({note})", message=message, note=row.note) if row.note is not None else message
        may = operation is not None and given.direct and site.points in (Points.OPENAI, Points.AZURE)
        if row.action is Action.MANUAL:
            yield about(site, "parameter", name, said, Verdict.MANUAL, span=given.span if given.direct else None)
        elif operation is None or not may:
            yield about(site, "parameter", name, said, Verdict.REVIEW, span=given.span if given.direct else None)
        else:
            fix = Fix(_title(operation), (Change(site.span, (operation,)),))
            verdict = Verdict.REVIEW if review else Verdict.FIX
            yield about(site, "parameter", name, said, verdict, fix, span=given.span)


def row_for(site: CallSite, target: Target, name: str) -> Parameter | None:
    """Return the profile's row for an argument of this call."""
    model = next(filter(None, (target.model_for(m, vision=site.images) for m in site.models)), None)
    parts = site.endpoint.split(".")
    for size in range(len(parts), 0, -1):
        endpoint = ".".join(parts[:size])
        if endpoint in target.profile.parameters:
            return target.profile.parameter(endpoint, name, model)
    return None


def judge(site: CallSite, given: Given, row: Parameter) -> tuple[Operation | None, Text, bool] | None:
    """Return what to do (None: a person must), what to say, and whether behaviour is lost; None where all is well."""
    name = given.name
    match row.action:
        case Action.KEEP | Action.ADD:
            return None
        case Action.BODY if row.to is not None:
            return MoveToBody(name, row.to), text("'{name}' is sent as '{to}' there", name=name, to=row.to), row.review
        case Action.REMOVE:
            return RemoveArgument(name), _treated(name, row), row.review
        case Action.RENAME if row.to is not None:
            gone = row.to in site.given
            operation: Operation = RemoveArgument(name) if gone else RenameArgument(name, row.to)
            return operation, text("'{name}' is called '{to}' there", name=name, to=row.to), row.review
        case Action.CLAMP:
            return _clamp(given, row)
        case Action.REPLACE:
            return _replace(given, row)
    return None, _treated(name, row), row.review


def _treated(name: str, row: Parameter) -> Text:
    match row.status:
        case Status.IGNORED:
            return text("'{name}' has no effect there", name=name)
        case Status.REJECTED:
            return text("'{name}' is rejected there", name=name)
        case Status.UNKNOWN:
            return text("'{name}': nobody says what it does there", name=name)
    return text("'{name}' behaves differently there", name=name)


def _clamp(given: Given, row: Parameter) -> tuple[Operation | None, Text, bool] | None:
    numbers = [c.literal.value for c in given.constants if type(c.literal.value) in (int, float)]
    limits = _limits(row)
    if not numbers:
        if any(c.literal.value is None for c in given.constants):
            return None
        return (
            None,
            text("'{name}' must be {limits} there; its value is not known here", name=given.name, limits=limits),
            True,
        )
    for number in numbers:
        assert isinstance(number, int | float)
        moved = clamped(float(number), row)
        if moved is not None:
            message = text("'{name}' must be {limits} there, not {value}", name=given.name, limits=limits, value=number)
            code = repr(int(moved)) if isinstance(number, int) and moved.is_integer() else repr(moved)
            return (SetArgument(given.name, code) if given.inline else None), message, row.review
    return None


def clamped(number: float, row: Parameter) -> float | None:
    """Return where a number outside the row's range moves, or None if it lies inside."""
    low, high = row.minimum, row.maximum
    if low is not None and (number < low or (row.exclusive_minimum and number == low)):
        return row.low if row.low is not None else low
    if high is not None and (number > high or (row.exclusive_maximum and number == high)):
        return row.high if row.high is not None else high
    return None


def _limits(row: Parameter) -> str:
    left = "" if row.minimum is None else f"{row.minimum:g} {'<' if row.exclusive_minimum else '≤'} "
    right = "" if row.maximum is None else f" {'<' if row.exclusive_maximum else '≤'} {row.maximum:g}"
    return f"{left}x{right}"


def _replace(given: Given, row: Parameter) -> tuple[Operation | None, Text, bool] | None:
    for value in choices(given):
        if (row.values and value not in row.values) or value in row.replace:
            to = row.replace.get(value)
            message = text("'{name}' {value} is not accepted there", name=given.name, value=repr(value))
            if to is None:
                return None, message, True
            code = _code(given, to)
            return SetArgument(given.name, code), message, row.review
    return None


def _code(given: Given, to: str) -> str:
    """Python source of the value ``to`` in the form that the argument has."""
    if given.display is not None and given.name != "tool_choice":
        return f'{{"type": "{to}"}}'
    return to if to.lstrip("-").isdigit() else f'"{to}"'


def choices(given: Given) -> tuple[str, ...]:
    """Return what an argument may be, as words: its literals, and the ``type`` of a dictionary written out."""
    words = [str(c.literal.value) for c in given.constants if c.literal.value is not None]
    display = given.display
    if display is not None and isinstance(display.term, Entries):
        for key, value in display.term.items:
            if isinstance(key, Literal) and key.value == "type" and isinstance(value, Literal):
                words.append(str(value.value))
    return tuple(words)


def _title(operation: Operation) -> Text:
    match operation:
        case RemoveArgument():
            return text("remove '{name}'", name=operation.name)
        case RenameArgument():
            return text("call it '{to}'", to=operation.to)
        case MoveToBody():
            return text("send it as '{to}' in extra_body", to=operation.to)
        case SetArgument():
            return text("set '{name}' to {value}", name=operation.name, value=operation.code)
    return text("change it")


RULE = Rule("LM301", "parameter", CallSite, find)
