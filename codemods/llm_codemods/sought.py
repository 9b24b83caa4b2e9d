"""Further words that files are searched for, beside what is OpenAI's: data says which, from run to run."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

_WORD = re.compile(r"[A-Za-z]{3,}|[\w]+")


@dataclass(frozen=True, slots=True)
class Sought:
    """Names of models, which count as a whole, and ``parts``, which count wherever they stand."""

    names: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()

    def ends(self, data: bytes, *, quoted: bool) -> tuple[int, ...]:
        """Return where they end in a file's bytes; ``quoted``: names count between quotes only, as in Python."""
        return tuple(
            match.end() for word, pattern in _in_bytes(self, quoted) if word in data for match in pattern.finditer(data)
        )

    def stands_in(self, data: bytes, *, quoted: bool) -> bool:
        """Whether one of them stands in a file's bytes."""
        # a word is looked for first, which is ten times as fast as a pattern
        return any(word in data and pattern.search(data) for word, pattern in _in_bytes(self, quoted))


NOTHING = Sought()


@cache
def whole(sought: Sought) -> re.Pattern[str]:
    """Return what finds a name, perhaps behind a prefix, that is all of a text, or a part in one; ``(?!)`` for none."""
    options = [rf"(?:^|/){_any(sought.names)}$"] if sought.names else []
    options += [_any(sought.parts)] if sought.parts else []
    return re.compile("|".join(options) or "(?!)")


@cache
def pattern(sought: Sought) -> re.Pattern[str]:
    """Return what finds the names and parts in a longer text; ``(?!)`` where there are none."""
    options = [rf"(?<![\w.-]){_any(sought.names)}(?![\w-]|\.\w)"] if sought.names else []
    options += [_any(sought.parts)] if sought.parts else []
    return re.compile("|".join(options) or "(?!)")


@cache
def _in_bytes(sought: Sought, quoted: bool) -> tuple[tuple[bytes, re.Pattern[bytes]], ...]:
    rows: dict[str, list[str]] = {}
    for name in sought.names:
        rows.setdefault(first_word(name), []).append(name)
    before, after = (r"[\"'/:]", r"\\?[\"']") if quoted else (r"(?<![\w.-])", r"(?![\w-]|\.\w)")
    found = [
        # the longer the word that is looked for, the faster
        (_beginning(names).encode(), re.compile((before + _any(tuple(names)) + after).encode()))
        for names in rows.values()
    ]
    found += [(part.encode(), re.compile(re.escape(part).encode())) for part in sought.parts]
    return tuple(found)


def first_word(name: str) -> str:
    """Return the letters that a name of a model begins with: ``gpt`` of ``gpt-4o``."""
    found = _WORD.match(name)
    return found[0] if found is not None else name


def _beginning(names: Sequence[str]) -> str:
    """Return what all names begin with."""
    first, last = min(names), max(names)
    return first[: next((i for i, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), len(first))]


def _any(words: tuple[str, ...]) -> str:
    return f"(?:{'|'.join(map(re.escape, sorted(words, key=len, reverse=True)))})"
