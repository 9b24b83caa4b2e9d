"""Forms that are lines of keys and values: INI, ``.cfg``, ``.properties``, and dotenv files beyond OpenAI's variables.

The standard library's ``configparser`` reads INI, but says of no value where it stands; these forms are lines anyway.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from llm_codemods.configuration.entries import Entry
from llm_codemods.configuration.sites import Word
from llm_codemods.configuration.tokens import NEEDLE
from llm_codemods.edits import Span

_SECTION = re.compile(r"[ \t]*\[([^\]\n]+)\][ \t]*(?:[;#].*)?")
_PAIR = re.compile(r"(?P<indent>[ \t]*)(?:export[ \t]+)?(?P<key>[\w.\-]+(?: [\w.\-]+)*)[ \t]*[=:](?P<value>.*)")


def entries(text: str, needle: re.Pattern[str] = NEEDLE) -> Iterator[Entry]:
    """Yield the entries in which a needle stands; a line that is indented continues the value above it."""
    section: tuple[str, ...] = ()
    key = ""
    pairs = _pairs(text)
    for line in re.finditer(r"[^\r\n]+", text):
        written = line[0]
        if written.lstrip()[:1] in ("#", ";", "!"):
            continue
        if head := _SECTION.fullmatch(written):
            section, key = (head[1],), ""
            if needle.search(written):
                rest = text[line.end() :].partition("\n[")[0]
                below = tuple(m["key"] for m in map(_PAIR.fullmatch, rest.splitlines()) if m)
                yield Entry(section, Word(head[1], _shifted(line.start(), *head.span(1))), None, below=below)
            continue
        pair = _PAIR.fullmatch(written)
        continues = bool(key) and written[:1] in (" ", "\t")
        if pair is not None and not continues:
            key = pair["key"]
        if needle.search(written) is None:
            continue
        if pair is not None and not continues:
            name = Word(key, _shifted(line.start(), *pair.span("key")))
            value = _value(pair["value"], line.start() + pair.start("value"))
            yield Entry((*section, key), name, value, beside=pairs.get(section, ()))
        else:
            yield Entry((*section, key) if key else section, None, _value(written, line.start()))


def _pairs(text: str) -> dict[tuple[str, ...], tuple[tuple[str, str], ...]]:
    """Return key and value of all lines, by section."""
    found: dict[tuple[str, ...], list[tuple[str, str]]] = {}
    section: tuple[str, ...] = ()
    for line in re.findall(r"[^\r\n]+", text):
        if head := _SECTION.fullmatch(line):
            section = (head[1],)
        elif (pair := _PAIR.fullmatch(line)) and pair["indent"] == "" and line[0] not in "#;!":
            found.setdefault(section, []).append((pair["key"], _value(pair["value"], 0).text))
    return {name: tuple(pairs) for name, pairs in found.items()}


def _shifted(by: int, start: int, end: int) -> Span:
    return Span(by + start, by + end)


def _value(written: str, at: int) -> Word:
    """Return a value without its quotes and a comment behind it."""
    stripped = written.strip()
    start = at + len(written) - len(written.lstrip())
    quote = stripped[:1]
    if quote in ("'", '"') and stripped.count(quote) > 1:
        inner = stripped[1 : stripped.index(quote, 1)]
        return Word(inner, Span(start + 1, start + 1 + len(inner)), quote)
    plain = re.split(r"\s[#;]", stripped, maxsplit=1)[0].rstrip()
    return Word(plain, Span(start, start + len(plain)))
