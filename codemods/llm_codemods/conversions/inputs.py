"""The messages and tools of a call, from the form of one part of the API to that of chat completions."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from llm_codemods.adapters import KNOWN_TOOLS, WITH_KNOWN_TOOLS
from llm_codemods.conversions.conversion import ObstacleError
from llm_codemods.edits import Span
from llm_codemods.operations import (
    Change,
    Fix,
    Operation,
    PassThrough,
    RemoveEntry,
    RenameEntry,
    SetEntry,
    Wrap,
    WrapEntry,
)
from llm_codemods.profile import Action
from llm_codemods.sites import CallSite, Given
from llm_codemods.target import Target
from llm_codemods.terms import Element, Entries, Items, Literal, Term, last_name
from llm_codemods.text import Text, text
from llm_codemods.values import Composed, Constant, Display, Value

LISTED = re.compile(
    r"messages?$|msgs|history|conversation|inputs|items|_list$|turns|chat|dialog|context$", re.IGNORECASE
)
"""Names of variables that hold a list of messages, where nothing else says what they are."""
FUNCTION = ('{"type": "function", "function": ', "}")
"""What stands around a function in the list of tools."""
NESTED = (
    '[{"type": "function", "function": {key: value for key, value in tool.items() if key != "type"}} for tool in ',
    "]",
)
"""What stands around a list of tools of the Responses API that may not change itself."""


@dataclass
class Form:
    """What was found out about an argument: how it changes, and what is not sure."""

    is_list: bool = False
    changes: list[Change] = field(default_factory=list)
    doubts: list[Text] = field(default_factory=list)

    def change(self, span: Span, *operations: Operation) -> None:
        """Add operations on one expression."""
        self.changes.append(Change(span, operations))


def entries(term: Entries) -> dict[str, Term]:
    """Return a dictionary's entries by key.

    Raises:
        ObstacleError: some keys are not written out.
    """
    found: dict[str, Term] = {}
    for key, value in term.items:
        if not isinstance(key, Literal) or not isinstance(key.value, str):
            raise ObstacleError(text("a dictionary in it has keys that cannot be seen"))
        found[key.value] = value
    return found


def is_text(site: CallSite, given: Given) -> bool:
    """Whether an argument is sure to be a text."""
    told = site.result is not None and given.name in site.result.texts
    return told or given.text or (bool(given.values) and all(_is_text(site, value) for value in given.values))


def _is_text(site: CallSite, value: Value, depth: int = 4) -> bool:
    match value:
        case Composed() | Constant(literal=Literal(value=str())):
            return True
        case Display(path=path, term=Items(values=members)) if depth:  # a part of a text, or what is added to one
            whole = [member.base for member in members if isinstance(member, Element)]
            found = [site.resolve(path, base) for base in whole] if len(whole) == len(members) else []
            return any(values and all(_is_text(site, v, depth - 1) for v in values) for values in found)
    return False


def dictionaries(site: CallSite, given: Given) -> Iterator[Display | None]:
    """Yield the members of the list that an argument is; None for one that cannot be seen.

    Raises:
        ObstacleError: it is not known to be a list.
    """
    displays = [v for v in given.values if isinstance(v, Display) and isinstance(v.term, Items)]
    if not displays or len(displays) < len(given.values):
        raise ObstacleError(text("what '{name}' is cannot be seen", name=given.name))
    for display in displays:
        assert isinstance(display.term, Items)
        for term in display.term.values:
            shown = [v for v in site.resolve(display.path, term) if isinstance(v, Display)]
            whole = len(shown) == 1 and isinstance(shown[0].term, Entries) and not isinstance(term, Element)
            yield shown[0] if whole else None


def changeable(site: CallSite, given: Given, display: Display) -> bool:
    """Whether what is written out may change: it stands in the call, or in a variable that is for the call alone."""
    inside = display.path == site.path and display.term.span in site.span
    alone = site.result is not None and given.name in site.result.alone
    return inside or (alone and display.path == site.path)


# Messages


def messages(site: CallSite, target: Target, given: Given) -> Form:
    """Return what it takes to make messages of the argument ``input`` of the Responses API.

    Raises:
        ObstacleError: it holds what chat does not know, or what must change is used elsewhere, too.
    """
    form = Form()
    if is_text(site, given):
        return form
    try:
        members = list(dictionaries(site, given))
    except ObstacleError:
        name = last_name(given.term) or ""
        form.is_list = LISTED.search(name) is not None
        if form.is_list:
            form.doubts.append(text("'{name}' is taken for a list of messages with texts", name=name or given.name))
        else:
            form.doubts.append(text("'{name}' is taken for a text", name=name or given.name))
        return form
    form.is_list = True
    for member in members:
        if member is None:
            form.doubts.append(text("'{name}' has members that cannot be seen", name=given.name))
            continue
        before = len(form.changes)
        _message(site, target, form, member)
        if len(form.changes) > before and not changeable(site, given, member):
            raise ObstacleError(text("'{name}' is written elsewhere and used for more than this", name=given.name))
    return form


def _message(site: CallSite, target: Target, form: Form, member: Display) -> None:
    assert isinstance(member.term, Entries)
    span, found = member.term.span, entries(member.term)
    kind = found.get("type")
    word = kind.value if isinstance(kind, Literal) else None
    if word == "function_call_output":
        form.change(
            span,
            SetEntry("type", '"tool"'),
            RenameEntry("type", "role"),
            RenameEntry("call_id", "tool_call_id"),
            RenameEntry("output", "content"),
        )
        return
    if (kind is not None and word != "message") or "role" not in found or "content" not in found:
        raise ObstacleError(text("its input holds what is no message: {type}", type=word or "?"))
    operations: list[Operation] = [RemoveEntry("type")] if kind is not None else []
    operations += [RemoveEntry(name) for name in ("id", "status") if name in found]
    role = found["role"]
    row = target.profile.roles.get(str(role.value)) if isinstance(role, Literal) else None
    if row is not None and row.action is Action.REPLACE and row.to is not None:
        operations.append(SetEntry("role", f'"{row.to}"'))
    if operations:
        form.change(span, *operations)
    for value in site.resolve(member.path, found["content"]):
        if isinstance(value, Display) and isinstance(value.term, Items):
            if value.path != site.path or value.term.span not in span:
                raise ObstacleError(text("parts of a message are written elsewhere"))
            for part in value.term.values:
                _part(form, part)


def _part(form: Form, part: Term) -> None:
    if not isinstance(part, Entries):
        raise ObstacleError(text("a part of a message cannot be seen"))
    found = entries(part)
    kind = found.get("type")
    word = kind.value if isinstance(kind, Literal) else None
    if word in ("input_text", "output_text"):
        extra = [RemoveEntry(name) for name in found if name not in ("type", "text")]
        form.change(part.span, SetEntry("type", '"text"'), *extra)
    elif word == "input_image" and "image_url" in found and found.keys() <= {"type", "image_url", "detail"}:
        detail = found.get("detail")
        if detail is not None and not (isinstance(detail, Literal) and isinstance(detail.value, str)):
            raise ObstacleError(text("the detail of a picture cannot be seen"))
        before = f'{{"detail": "{detail.value}", "url": ' if isinstance(detail, Literal) else '{"url": '
        removed = (RemoveEntry("detail"),) if detail is not None else ()
        form.change(part.span, SetEntry("type", '"image_url"'), *removed, WrapEntry("image_url", before, "}"))
    elif word not in ("text", "image_url"):
        raise ObstacleError(text("its input holds what chat does not take: {type}", type=word or "?"), final=True)


# Tools


def tools(site: CallSite, given: Given) -> Form:
    """Return what it takes to make tools of chat of those of the Responses API.

    Raises:
        ObstacleError: some are built into OpenAI's API, or must change and are used elsewhere, too.
    """
    form = Form(is_list=True)
    members = list(dictionaries(site, given))
    for member in members:
        if member is None or not isinstance(member.term, Entries):
            raise ObstacleError(text("some of its tools cannot be seen"))
        found = entries(member.term)
        kind = found.get("type")
        word = kind.value if isinstance(kind, Literal) else "?"
        if word != "function":
            reason = text("the tool '{type}' is built into OpenAI's API", type=word)
            raise ObstacleError(reason, final=True, name="tools")
        if "function" in found:
            continue
        if not changeable(site, given, member):
            return Form(is_list=True, changes=[Change(given.span, (Wrap(*NESTED),))])
        form.change(member.term.span, RemoveEntry("type"), Wrap(*FUNCTION))
    return form


def kept_tools(site: CallSite, target: Target) -> tuple[Change, ...] | None:
    """Return what it takes to have the target's own Responses endpoint take the tools of a call, as far as they are
    seen; None where it does not take all of them."""
    given, row = site.given.get("tools"), target.profile.parameter("responses", "tools")
    if given is None or given.adapted or row is None or not row.values:
        return ()
    found: list[Change] = []
    try:
        for member in dictionaries(site, given):
            kind = entries(member.term).get("type") if member and isinstance(member.term, Entries) else None
            if member is None or not isinstance(kind, Literal) or kind.value in row.values:
                continue
            if kind.value not in row.replace or not changeable(site, given, member):
                return None
            found.append(Change(member.term.span, (SetEntry("type", f'"{row.replace[str(kind.value)]}"'),)))
    except ObstacleError:
        return ()  # what cannot be seen is left as it is
    return tuple(found)


def only_named(site: CallSite, changes: tuple[Change, ...]) -> bool:
    """Whether the tools that change, see ``kept_tools``, say nothing but their names."""
    spans = {change.span for change in changes}
    members = dictionaries(site, site.given["tools"]) if changes else ()
    terms = [member.term for member in members if member is not None and member.term.span in spans]
    return all(isinstance(term, Entries) and entries(term).keys() == {"type"} for term in terms)


def without_unknown_tools(site: CallSite, target: Target) -> tuple[tuple[str, ...], Fix] | None:
    """Return the kinds of a call's tools that the target's own Responses endpoint lacks, and what it takes to do
    without them and to call the others as it does; None where nothing would be left, or there is no place for it."""
    given, row = site.given.get("tools"), target.profile.parameter("responses", "tools")
    if given is None or row is None:
        return None
    known = {*row.values, *row.replace}
    said = ", ".join((*map(json.dumps, row.values), *(f'{old}="{new}"' for old, new in row.replace.items())))
    kinds = [kind for value in given.values for kind in _kinds(site, value)]
    lacking = tuple(dict.fromkeys(kind for kind in kinds if kind not in known))
    title = text("do without the tools that are not there")
    if known.isdisjoint(kinds):
        return None
    if given.direct and given.path == site.path:
        wrap = Wrap(f"{KNOWN_TOOLS.name}(", f", {said})")
        return lacking, Fix(title, (Change(given.span, (wrap,)),), definitions=(KNOWN_TOOLS,))
    if not given.direct and site.unpacks:
        through = PassThrough(WITH_KNOWN_TOOLS.name, said)
        return lacking, Fix(title, (Change(site.span, (through,)),), definitions=(KNOWN_TOOLS, WITH_KNOWN_TOOLS))
    return None


def _kinds(site: CallSite, value: Value) -> Iterator[str]:
    """Yield the kinds of the tools in a list, as far as they are seen."""
    if not isinstance(value, Display) or not isinstance(value.term, Items):
        return
    for member in value.term.values:
        for shown in site.resolve(value.path, member):
            if isinstance(shown, Display) and isinstance(shown.term, Entries):
                yield from (str(kind.value) for kind in shown.term.under("type") if isinstance(kind, Literal))


def functions(site: CallSite, given: Given) -> Form:
    """Return what it takes to make tools of the argument ``functions`` of chat."""
    form = Form(is_list=True)
    try:
        members = list(dictionaries(site, given))
    except ObstacleError:
        members = [None]
    inside = isinstance(given.term, Items) and not given.term.any_number
    if all(m is not None and changeable(site, given, m) for m in members):
        for member in members:
            assert member is not None
            form.change(member.term.span, Wrap(*FUNCTION))
    elif inside and isinstance(given.term, Items) and any(isinstance(t, Element) for t in given.term.values):
        raise ObstacleError(text("some of its functions cannot be seen"))
    else:
        form.change(given.span, Wrap('[{"type": "function", "function": function} for function in ', "]"))
    return form


def named_choice(site: CallSite, given: Given, *, flat: bool) -> tuple[Form, str | None]:
    """Return what it takes to make a ``tool_choice`` of chat, and its ``type`` where it is a dictionary.

    ``flat``: of that of the Responses API (``{"type": "function", "name": …}``), else of ``function_call``.

    Raises:
        ObstacleError: it chooses a tool that is built in, or is a dictionary that is written elsewhere.
    """
    form = Form()
    display = given.display
    if display is None:
        if not given.strings:
            form.doubts.append(text("'{name}' is taken for a word", name=given.name))
        return form, None
    if not isinstance(display.term, Entries) or not changeable(site, given, display):
        raise ObstacleError(text("'{name}' is written elsewhere and used for more than this", name=given.name))
    found = entries(display.term)
    if flat:
        kind = found.get("type")
        word = kind.value if isinstance(kind, Literal) else "?"
        if word != "function" or "name" not in found:
            raise ObstacleError(text("the tool '{type}' is built into OpenAI's API", type=word), final=True)
        form.change(display.term.span, RemoveEntry("type"), Wrap(*FUNCTION))
    else:
        form.change(display.term.span, Wrap(*FUNCTION))
    return form, "function"
