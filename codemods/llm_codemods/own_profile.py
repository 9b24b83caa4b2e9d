"""A profile of the user's own: a TOML file that may build on another (``extends``), with errors that point at a place.

What the file leaves out comes from the profile that it extends: a bundled one by its id, or another file. Tables merge
row by row, and a row replaces a row; what stands in the file comes first, so that its first region is the default and
its rows of ``mapping`` count before the others. A row that names no source has the file itself as its source.
"""

from __future__ import annotations

import datetime
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

import tomli

from llm_codemods import profile as profiles
from llm_codemods.edits import Span
from llm_codemods.profile import Confidence, Keys, Problem, Profile, ProfileError
from llm_codemods.text import Text, text

if TYPE_CHECKING:
    from tree_sitter import Node

EXTENDS = "extends"
OWN = "own"
"""The source of rows that name none."""
NESTED = frozenset({"parameters"})
"""Tables whose rows lie one level deeper."""
WIDEST = 100
"""Characters of a line that are shown; of a longer one, what is around the place."""


@dataclass(frozen=True, slots=True)
class _File:
    """One file of a chain; the bundled profile at its end has no places."""

    where: str
    text: str
    table: Mapping[str, Any]
    places: Mapping[Keys, tuple[Span, Span]]
    """Way to a value -> its key and itself."""
    bundled: str | None = None
    """The id of the bundled profile that it is."""


def load(where: str, read: Callable[[str], str], today: datetime.date) -> Profile:
    """Read the profile in the file ``where``, and those that it extends.

    Args:
        where: path of the file.
        read: returns the text of a file, by its path.
        today: the date of rows that have none.

    Raises:
        ProfileError: with all that is wrong, each with file, line, column and the line itself. What ``read`` raises.
    """
    chain = _chain(where, read)
    defaults = {"source": OWN, "checked": today, "confidence": Confidence.REPORTED.value}
    table: dict[str, Any] = {}
    for file in chain:
        table = _merged(table, file.table)
    if chain[-1].bundled is not None:
        table[EXTENDS] = chain[-1].bundled
    table.setdefault("sources", {})
    if isinstance(table["sources"], dict):
        table["sources"] = {**table["sources"], OWN: {"title": PurePath(where).name}}
    profile, problems = profiles.read(table, defaults)
    if profile is None or problems:
        raise _error([_shown(chain, p) for p in sorted(problems, key=lambda p: (not p.keys, _place(chain, p)))])
    return profile


def _chain(where: str, read: Callable[[str], str]) -> list[_File]:
    """Return a file and what it extends, itself first."""
    chain: list[_File] = []
    following: str | None = where
    while following is not None:
        file = _file(following, read(following))
        chain.append(file)
        base = file.table.get(EXTENDS)
        following = None
        if isinstance(base, str) and not base.endswith(".toml"):
            try:
                chain.append(_bundled(base))
            except ProfileError as error:
                raise _error([_shown([file], Problem((EXTENDS,), error.message, error.hint))]) from None
        elif isinstance(base, str):
            following = str(PurePath(file.where).parent / base)
            if _same(following) in [_same(f.where) for f in chain]:
                names = " → ".join([*(f.where for f in chain), following])
                said = text("these profiles extend each other: {names}", names=names)
                hint = text("one of them must stand alone or extend a bundled profile")
                raise _error([_shown([file], Problem((EXTENDS,), said, hint))])
        elif base is not None:
            said = text("expected {wanted}, found {found}", wanted="str", found=type(base).__name__)
            raise _error([_shown([file], Problem((EXTENDS,), said))])
    return chain


def _same(path: str) -> tuple[str, ...]:
    """Return a path without its detours, to be compared."""
    parts: list[str] = []
    for part in PurePath(path).parts:
        if part == ".." and parts and parts[-1] != "..":
            parts.pop()
        elif part != ".":
            parts.append(part)
    return tuple(parts)


def _file(where: str, written: str) -> _File:
    try:
        table = tomli.loads(written)
    except tomli.TOMLDecodeError as error:
        at = Span(error.pos, error.pos + 1)
        said = text("not valid TOML: {reason}", reason=error.msg)
        raise _error([_at(where, written, at, said, None)]) from None
    return _File(where, written, table, dict(_places(written)))


def _bundled(name: str) -> _File:
    """Return a bundled profile as data.

    Raises:
        ProfileError: no such provider.
    """
    id = profiles.find(name).id
    return _File(f"{id}.toml", "", tomli.loads(profiles.bundled_text(id)), {}, id)


def _merged(over: Mapping[str, Any], under: Mapping[str, Any]) -> dict[str, Any]:
    """Put one file's data over another's."""
    merged = {key: value for key, value in {**under, **over}.items() if key != EXTENDS}
    for key, value in over.items():
        below = under.get(key)
        if isinstance(value, dict) and isinstance(below, dict) and key != "name":
            merged[key] = _merged(value, below) if key in NESTED else {**value, **_without(below, value)}
        elif key == "mapping" and isinstance(value, list) and isinstance(below, list):
            merged[key] = [*value, *below]
    return merged


def _without(table: Mapping[str, Any], keys: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in table.items() if key not in keys}


# Places


def _places(written: str) -> Iterator[tuple[Keys, tuple[Span, Span]]]:
    """Yield the way to every value of a TOML text, with the spans of its key and of itself."""
    from llm_codemods.configuration import grammar

    counts: dict[Keys, int] = {}
    for node in grammar.parse("toml", written).named_children:
        if node.type == "pair":
            yield from _pair(node, (), written)
        elif node.type in ("table", "table_array_element"):
            head = node.named_children[0]
            keys: Keys = _names(head, written)
            if node.type == "table_array_element":
                number = counts.get(keys, 0)
                counts[keys] = number + 1
                keys = (*keys, number)
            place = _span(head)
            yield keys, (place, place)
            for inner in node.named_children[1:]:
                if inner.type == "pair":
                    yield from _pair(inner, keys, written)


def _pair(pair: Node, above: Keys, written: str) -> Iterator[tuple[Keys, tuple[Span, Span]]]:
    parts = [child for child in pair.named_children if child.type != "comment"]
    if len(parts) == 2:
        keys = (*above, *_names(parts[0], written))
        yield from _value(parts[1], keys, _span(parts[0]), written)


def _value(node: Node, keys: Keys, key: Span, written: str) -> Iterator[tuple[Keys, tuple[Span, Span]]]:
    yield keys, (key, _span(node))
    inner = [child for child in node.named_children if child.type != "comment"]
    if node.type == "inline_table":
        for pair in inner:
            yield from _pair(pair, keys, written)
    elif node.type == "array":
        for number, value in enumerate(inner):
            yield from _value(value, (*keys, number), _span(value), written)


def _names(node: Node, written: str) -> tuple[str, ...]:
    if node.type == "dotted_key":
        return tuple(name for child in node.named_children for name in _names(child, written))
    name = written[node.start_byte : node.end_byte]
    return (name[1:-1] if node.type == "quoted_key" else name,)


def _span(node: Node) -> Span:
    return Span(node.start_byte, node.end_byte)


# What is said


def _place(chain: Sequence[_File], problem: Problem) -> tuple[int, Span]:
    """Return the file of a chain, by its number, and the span in it that a problem is about.

    What is missing is reported at the nearest thing around it.
    """
    for size in range(len(problem.keys), 0, -1):
        for number, file in enumerate(chain):
            found = file.places.get(problem.keys[:size])
            if found is not None:
                exact = size == len(problem.keys)
                return number, found[1] if exact and not problem.on_key else found[0]
    return 0, Span(0, 0)


def _shown(chain: Sequence[_File], problem: Problem) -> Text:
    """Say a problem with its place."""
    number, span = _place(chain, problem)
    return _at(chain[number].where, chain[number].text, span, problem.message, problem.hint)


def _at(where: str, written: str, span: Span, message: Text, hint: Text | None) -> Text:
    """Say what is wrong as compilers do: file, line and column, the line itself, a caret below the place."""
    number = written.count("\n", 0, span.start) + 1
    begin = written.rfind("\n", 0, span.start) + 1
    line = written[begin:].partition("\n")[0].rstrip("\r")
    column = span.start - begin
    width = max(1, min(span.end - span.start, len(line) - column))
    cut = max(0, min(column - WIDEST // 2, len(line) - WIDEST))
    shown = line[cut : cut + WIDEST].replace("\t", " ")
    carets = " " * _width(line[cut:column]) + "^" * _width(line[column : min(column + width, cut + WIDEST)] or "x")
    margin = " " * len(str(number))
    rows = [f"{number} | {shown}", f"{margin} | {carets}"]
    place = f"{where}:{number}:{column + 1}"
    if not line:
        rows = []
    said = "\n".join(["{place}: {message}", *(f"{{row{i}}}" for i in range(len(rows)))])
    values: list[tuple[str, object]] = [("place", place), ("message", message)]
    values += [(f"row{i}", row) for i, row in enumerate(rows)]
    if hint is not None:
        said += "\n{margin} = {hint}"
        values += [("margin", margin), ("hint", hint)]
    return Text(said, tuple(values))


def _width(shown: str) -> int:
    """Return how many columns a text takes on a terminal."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in shown)


def _error(problems: Sequence[Text]) -> ProfileError:
    """Return one error that says them all."""
    said = "\n\n".join(f"{{p{i}}}" for i in range(len(problems)))
    return ProfileError(Text(said, tuple((f"p{i}", p) for i, p in enumerate(problems))))
