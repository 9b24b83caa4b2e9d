"""What reads the result of a call, from the shape of one answer to that of another.

A shape is a table: what a value is -> the step that is taken out of it -> the steps that stand there afterwards, and
what they lead to. What a table does not know cannot be followed, and then nothing changes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from llm_codemods.conversions.conversion import ObstacleError, is_off
from llm_codemods.edits import Span
from llm_codemods.operations import Change, Operation, Replace, ReplaceTail, Wrap
from llm_codemods.results import Look
from llm_codemods.sites import CallSite
from llm_codemods.text import Text, text

VALUE = "value"
"""A text or number: what is done with it is all the same."""
INDEX = "[0]"
"""In a table: any number."""
SAME = "*"
"""In a table: any step that it does not know; it stays."""
NEXT = ((".__next__",), (".__anext__",))
COMPARED = ("compare", "differ", "hold", "lack")
_STEP = re.compile(r"\.\w+|\[[^\]]*\]|\([^)]*\)")
Steps = Mapping[str, tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Members:
    """What a loop goes through afterwards."""

    state: str
    """What each of them is."""
    steps: str = ""
    """Further steps to them."""
    around: Wrap | None = None
    whole: str = ""
    """Python source of what is looped over instead; ``{0}`` is the value with its steps."""
    compared: bool = False
    """This is meant only where the loop asks what each of them is."""


@dataclass(frozen=True, slots=True)
class Shape:
    """How the looks at a result change."""

    steps: Mapping[str, Steps]
    """State -> step -> new steps, next state."""
    members: Mapping[str, tuple[Members, ...]] = field(default_factory=dict)
    """State -> what a loop over it may go through: the first that all in the loop fits."""
    taken: Mapping[str, str] = field(default_factory=dict)
    """``collect STATE`` -> what a comprehension of such values is, ``pick STATE`` -> what ``next`` takes out of it."""
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """State -> word that it is compared with -> the comparison that takes its place; ``{0}`` is the value.
    Nothing: that cannot be followed."""
    free: frozenset[str] = frozenset({VALUE})
    """States whose values may go anywhere."""
    tested: Mapping[str, str] = field(default_factory=dict)
    """State -> the steps to where the code asks whether it is there, where these are others."""
    bound: Mapping[str, tuple[str, Wrap, str]] = field(default_factory=dict)
    """State -> further steps to what gets a name, what goes around it where the code asks whether it is there, and the
    state that has the name."""
    around: Mapping[str, Wrap] = field(default_factory=dict)
    """State -> what goes around a value that is read."""
    guarded: frozenset[str] = frozenset()
    """States that may be read only where a comparison of ``words`` holds."""


def changes(shape: Shape, looks: Iterable[Look], state: str) -> Iterator[Change]:
    """Yield what it takes for all uses of a value.

    Raises:
        ObstacleError: a use that the shape does not know.
    """
    looks = tuple(looks)
    compared = {look.around for look in looks if look.use == "compare"}
    for look in looks:
        yield from _change(shape, look, state, compared)


def _looped(shape: Shape, look: Look, state: str) -> tuple[Members, tuple[Change, ...]]:
    """Return what a loop goes through, and the changes inside it."""
    asks = any(inner.use in COMPARED for inner in look.inner)
    first, *others = [way for way in shape.members[state] if asks or not way.compared]
    try:
        return first, _inside(shape, look, first.state)
    except ObstacleError:
        if not others:
            raise
    return others[0], _inside(shape, look, others[0].state)


def _inside(shape: Shape, look: Look, state: str) -> tuple[Change, ...]:
    return () if state in shape.free else tuple(changes(shape, look.inner, state))


def _change(shape: Shape, look: Look, state: str, compared: set[Span | None]) -> Iterator[Change]:
    end, old, new, depth = _taken(shape, look, state)
    if look.lost and end not in shape.free:
        raise ObstacleError(text("its result meets other values under one name"))
    operations: list[Operation] = []
    rest = depth < len(look.steps)
    if end in shape.guarded and not any(test in compared for test in look.tests):
        raise ObstacleError(text("a piece of its stream is read without asking what it is"))
    if look.use in COMPARED and not rest and end in shape.words:
        yield from _compared(shape, look, end, old, new)
        return
    if look.use == "test" and not rest and end in shape.tested:
        new += shape.tested[end]
    elif end in shape.around and (look.use != "test" or rest):
        operations.append(shape.around[end])
    within: tuple[Change, ...] = ()
    inner = None
    if look.use == "loop" and not rest and end in shape.members:
        members, within = _looped(shape, look, end)
        new += members.steps
        operations += [members.around] if members.around is not None else []
        if members.whole:
            if look.name is None or look.formatted:
                raise _unknown(look)
            operations.append(Replace(members.whole.format(look.name + new)))
            old = new
    elif look.use == "bind" and not rest and end in shape.bound:
        more, wrap, inner = shape.bound[end]
        asked = any(each.use == "test" and not each.steps for each in look.inner)
        new += more if asked else f"{more}[0]"
        operations += [wrap] if asked else []
    elif look.use in ("bind", "enter") and not rest:
        inner = end
    elif look.use in ("collect", "pick") and not rest and f"{look.use} {end}" in shape.taken:
        inner = shape.taken[f"{look.use} {end}"]
    elif end not in shape.free and not _is_harmless(shape, look, end, same=old == new):
        raise _unknown(look)
    if old != new and look.plain:
        operations.insert(0, ReplaceTail(*_differing(old, new)))
    elif old != new:
        if look.name is None or look.formatted:
            raise _unknown(look)
        operations.insert(0, Replace(look.name + new))
    if operations:
        if look.formatted and any(isinstance(o, Wrap) for o in operations):
            raise ObstacleError(text("its result is read inside an f-string"))
        yield Change(look.spans[depth - 1] if depth else look.span, tuple(operations))
    yield from within
    if inner is not None and inner not in shape.free:
        yield from changes(shape, look.inner, inner)


def _differing(old: str, new: str) -> tuple[str, str]:
    """Return two ways through a value without the steps that they have in common at first; one is kept."""
    first, second = _STEP.findall(old), _STEP.findall(new)
    while len(first) > 1 and len(second) > 1 and first[0] == second[0]:
        del first[0], second[0]
    return "".join(first), "".join(second)


def _is_harmless(shape: Shape, look: Look, end: str, *, same: bool) -> bool:
    """Whether it makes no difference what a value has become: it is only shown, asked for, counted, or kept."""
    counted = look.use == "count" and same and bool(look.steps)
    return counted or look.use in ("test", "show") or (look.use == "put" and f"put {end}" in shape.free)


def _taken(shape: Shape, look: Look, state: str) -> tuple[str, str, str, int]:
    """Follow the steps of a look: what they lead to, the old steps, the new ones, and how many of them there are."""
    old = new = ""
    for depth, step in enumerate(look.steps):
        if state in shape.free:
            return state, old, new, depth
        table = shape.steps.get(state, {})
        key = INDEX if INDEX in table and step.strip("[]-").isdigit() else step
        if key not in table and SAME in table:
            key = SAME
        if key not in table:
            raise _unknown(look)
        more, state = table[key]
        old, new = old + step, new + (step if more in (INDEX, SAME) else more)
    return state, old, new, len(look.steps)


def _unknown(look: Look) -> ObstacleError:
    if not look.steps:
        return ObstacleError(text("its result is handed on as a whole"))
    return ObstacleError(text("what becomes of '{steps}' of its result is not known", steps="".join(look.steps)))


def _compared(shape: Shape, look: Look, state: str, old: str, new: str) -> Iterator[Change]:
    words = shape.words[state]
    if look.literal is None or look.around is None or look.name is None:
        raise ObstacleError(text("its result is compared in a way that cannot be followed"))
    part = look.use in ("hold", "lack")
    found = [code for word, code in words.items() if word == look.literal or (part and look.literal in word)]
    if not found and old == new:
        return
    if not all(found) or not found:
        raise ObstacleError(text("its result is compared with '{word}'", word=look.literal))
    code = " or ".join(found)
    if look.use in ("differ", "lack"):
        code = _negated(code)
    yield Change(look.around, (Replace(code.format(look.name + new)),))


def _negated(code: str) -> str:
    """Return the contrary of a comparison."""
    if " and " in code or " or " in code:
        return f"not ({code})"
    for one, other in ((" == ", " != "), (" is None", " is not None")):
        if one in code:
            return code.replace(one, other)
    return code.removeprefix("not ") if code.startswith("not ") else f"not {code}"


def of_generator(site: CallSite) -> Iterator[Text]:
    """Yield the doubt about a stream that comes out of a generator, unless it is but looped over."""
    iterated = site.result is not None and site.taken is None and _are_iterated(site.result.looks)
    if "stream" in site.given and not is_off(site.given["stream"]) and not iterated:
        yield text("its pieces come out of a generator, which is no stream of the SDK")


def _are_iterated(looks: Iterable[Look]) -> bool:
    """Whether a value is only looped over, or asked for its next member, wherever it goes."""
    return all(not look.lost and _is_iterated(look) for look in looks)


def _is_iterated(look: Look) -> bool:
    if look.use == "bind" and not look.steps:
        return _are_iterated(look.inner)
    return look.steps[:1] in NEXT or (not look.steps and look.use in ("loop", "pick", "show", "test"))


def state_of(shape: Shape, look: Look, state: str) -> str | None:
    """Return what the steps of a look lead to; None where the shape does not know them."""
    try:
        return _taken(shape, look, state)[0]
    except ObstacleError:
        return None
