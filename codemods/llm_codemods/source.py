"""One text file: what its bytes say, where its characters stand, and how to get the bytes back.

Offsets count characters of ``Source.text``: the decoded text without byte-order mark, its newlines exactly as they are.
For a notebook that text is the code of its code cells, joined by a newline; everything else of the file (outputs,
metadata, indentation of the JSON) is kept aside and comes back byte for byte. So is the indentation of a cell that is
indented as a whole: IPython takes it away before it runs the cell.
"""

from __future__ import annotations

import codecs
import io
import json
import re
import tokenize
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import PurePosixPath
from typing import Any

from llm_codemods.edits import Edit, Span, apply
from llm_codemods.encodings import UTF_16
from llm_codemods.ipython import masked
from llm_codemods.lines import NEWLINE, Lines
from llm_codemods.text import Text, TextError, text


class SourceError(TextError):
    """A file cannot be read as text, or a new text cannot be stored in it. ``message`` says why."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A code cell: its index among all cells of the notebook, and where its code stands in the text."""

    index: int
    span: Span
    indent: str = ""
    """What each of its lines begins with in the file, unless it is blank."""


@dataclass(frozen=True, slots=True)
class BrokenCell:
    """A code cell that is neither Python nor a magic we know; ``reason`` is the parser's."""

    index: int
    reason: Text | str


@dataclass(frozen=True, slots=True)
class Position:
    """1-based line and column (in characters); in a notebook within the cell of that 0-based index."""

    line: int
    column: int
    cell: int | None = None


@dataclass(frozen=True)
class Source:
    """A decoded file. ``path`` is relative to the root, posix. Build it with ``decode``."""

    path: str
    text: str
    encoding: str = "utf-8"
    bom: bool = False
    cells: tuple[Cell, ...] = ()
    _json: str | None = field(default=None, repr=False)
    """The whole file, for a notebook."""

    @cached_property
    def lines(self) -> Lines:
        """The line table of ``text``."""
        return Lines(self.text)

    @property
    def newline(self) -> str:
        """The first line ending of the text; a line feed where there is none."""
        found = NEWLINE.search(self.text)
        return found.group() if found else "\n"

    @property
    def code(self) -> str:
        """The text as plain Python of the same length, every offset as in ``text``.

        In a notebook the lines of IPython's own syntax are masked, and cells that are no Python (``broken``).
        """
        return self._masked[0]

    @property
    def broken(self) -> tuple[BrokenCell, ...]:
        """The cells that ``code`` masks because they do not parse, although they hold no magic we know."""
        return self._masked[1]

    @cached_property
    def _masked(self) -> tuple[str, tuple[BrokenCell, ...]]:
        if self._json is None:
            return self.text, ()
        code, broken = masked(self.text, [cell.span for cell in self.cells])
        return code, tuple(BrokenCell(self.cells[place].index, reason) for place, reason in broken.items())


def decode(path: str, data: bytes) -> Source:
    """Read the bytes of the file at ``path`` (relative, posix; its suffix tells a notebook).

    Python files follow PEP 263: a byte-order mark or an encoding comment in the first two lines, else UTF-8. All other
    files are UTF-8. An empty file is a source with an empty text.

    Raises:
        SourceError: not a text file, or not in the encoding it claims; not a notebook of Python cells in format 4.
    """
    if data.startswith(UTF_16):
        raise SourceError(text("the file is UTF-16; save it as UTF-8"))
    if b"\0" in data:
        raise SourceError(text("not a text file: it holds null bytes"))
    bom = data.startswith(codecs.BOM_UTF8)
    suffix = PurePosixPath(path).suffix
    body = data.removeprefix(codecs.BOM_UTF8)
    encoding = declared(path, data)
    try:
        decoded = body.decode(encoding)
        exact = encoding == "utf-8" or decoded.encode(encoding) == body
    except UnicodeDecodeError as error:
        line = len(NEWLINE.findall(body[: error.start].decode("latin-1"))) + 1
        message = text(
            "not valid {encoding}: byte {byte} in line {line}",
            encoding=encoding,
            byte=f"0x{body[error.start]:02x}",
            line=line,
        )
        raise SourceError(message) from None
    except (LookupError, ValueError):  # a codec that is none for text, such as rot13
        raise SourceError(text("'{encoding}' is not an encoding for text", encoding=encoding)) from None
    if not exact:
        raise SourceError(text("decoding as {encoding} and encoding again changes the file", encoding=encoding))
    return _notebook(path, decoded, bom=bom) if suffix == ".ipynb" else Source(path, decoded, encoding, bom)


def declared(path: str, data: bytes) -> str:
    """Return the encoding that a file claims to be in.

    Raises:
        SourceError: that is unclear.
    """
    script = PurePosixPath(path).suffix in (".py", ".pyi", ".pyw") or data.startswith(b"#!")
    if not script:
        return "utf-8"
    return _cookie(data.removeprefix(codecs.BOM_UTF8), bom=data.startswith(codecs.BOM_UTF8))


def _cookie(body: bytes, *, bom: bool) -> str:
    """Return the encoding of a Python file by PEP 263."""
    # detect_encoding knows only line feeds as newlines, and wants UTF-8; Python itself does not, here
    lines = NEWLINE.split(body[:4096].decode("ascii", "replace"), maxsplit=2)[:2]
    head = codecs.BOM_UTF8 * bom + "\n".join(lines).encode("ascii", "replace")
    try:
        encoding = tokenize.detect_encoding(io.BytesIO(head).readline)[0]
    except SyntaxError as error:
        raise SourceError(text("the encoding of the file is unclear: {reason}", reason=str(error))) from None
    return "utf-8" if encoding == "utf-8-sig" else encoding


def encode(source: Source) -> bytes:
    """Return the bytes of the file; of one that was decoded, exactly those that it was read from.

    Raises:
        SourceError: the file's encoding lacks a character.
    """
    stored = source.text if source._json is None else source._json
    try:
        data = stored.encode(source.encoding)
    except UnicodeEncodeError as error:
        character = f"U+{ord(stored[error.start]):04X}"
        raise SourceError(
            text(
                "{encoding}, the encoding of the file, has no character {character}",
                encoding=source.encoding,
                character=character,
            )
        ) from None
    return codecs.BOM_UTF8 + data if source.bom else data


def rewrite(source: Source, edits: Iterable[Edit]) -> Source:
    """Return the source with ``edits`` made; in a notebook each one belongs to the cell it stands in.

    Raises:
        OverlapError: two edits want the same characters.
        SourceError: an edit crosses the border of a cell.
    """
    wanted = list(edits)
    new_text = apply(source.text, wanted)
    if source._json is None:
        return replace(source, text=new_text)
    cells: list[str] = []
    for cell in source.cells:
        start, end = cell.span.start, cell.span.end
        wanted = [_fitted(e, start, end) for e in wanted]
        inside = [e for e in wanted if Span(e.start, e.end) in cell.span]
        wanted = [e for e in wanted if e not in inside]
        shifted = [Edit(e.start - start, e.end - start, e.replacement) for e in inside]
        cells.append(_indented(apply(source.text[start:end], shifted), cell.indent))
    if wanted:
        raise SourceError(text("an edit crosses the border of a notebook cell"))
    return _notebook(source.path, _splice(source, cells), bom=source.bom)


def _fitted(edit: Edit, start: int, end: int) -> Edit:
    """Leave out the line break behind a cell from ``start`` to ``end``, where an edit takes the cell's last line away,
    and the lines that an edit would leave empty before its first one."""
    if edit.start < end == edit.end - 1 and not edit.replacement:
        return replace(edit, end=end)
    first = edit.start == edit.end == start
    return replace(edit, replacement=edit.replacement.lstrip("\r\n")) if first else edit


def position(source: Source, offset: int) -> Position:
    """Return where the character at ``offset`` stands for a person."""
    line = source.lines.line(offset)
    column = offset - source.lines.starts[line - 1] + 1
    if not source.cells:
        return Position(line, column)
    cell = source.cells[bisect_right([c.span.start for c in source.cells], offset) - 1]
    return Position(line - source.lines.line(cell.span.start) + 1, column + len(cell.indent), cell.index)


def stored_line(source: Source, offset: int) -> int:
    """Return the 1-based line of the file itself on which the character at ``offset`` is stored.

    That is the line of a person, but in a notebook the line of its JSON.
    """
    if source._json is None:
        return source.lines.line(offset)
    raw = source._json
    number = bisect_right([c.span.start for c in source.cells], offset) - 1
    _, value, place = _code_cells(raw)[number]
    cell = source.cells[number]
    at = cell.span.start
    for part, span in _items(raw, place.start) if isinstance(value, list) else [(value, place)]:
        place = span
        at += len(_dedented(part, cell.indent))
        if offset < at:
            break
    return len(NEWLINE.findall(raw, 0, place.start)) + 1


def outputs(source: Source) -> list[tuple[Cell, str]]:
    """Return what a notebook has saved of what its code cells have shown, as JSON; only where a key may stand in it."""
    raw = source._json
    if raw is None or "sk-" not in raw:
        return []
    cells = json.loads(raw)["cells"]
    shown = ((cell, cells[cell.index].get("outputs")) for cell in source.cells)
    return [(cell, json.dumps(saved)) for cell, saved in shown if saved]


# Notebooks: the JSON

_SPACE = re.compile(r"[ \t\n\r]*")
_JSON = json.JSONDecoder()
_LINE = r"(?:(?<=[\r\n])|\A)(?=[^\r\n]*[^\s])"
"""Where a line begins that is not blank."""


def _after_space(raw: str, at: int) -> int:
    found = _SPACE.match(raw, at)
    return found.end() if found else at


def _members(raw: str, at: int) -> dict[str, tuple[Any, Span]]:
    """Return key -> value and its place for the JSON object that starts at ``at`` in valid JSON."""
    found: dict[str, tuple[Any, Span]] = {}
    at = _after_space(raw, at + 1)
    while raw[at] != "}":
        key, at = _JSON.raw_decode(raw, at)
        start = _after_space(raw, _after_space(raw, at) + 1)
        value, at = _JSON.raw_decode(raw, start)
        found[key] = (value, Span(start, at))
        at = _after_space(raw, at)
        if raw[at] == ",":
            at = _after_space(raw, at + 1)
    return found


def _items(raw: str, at: int) -> list[tuple[Any, Span]]:
    """Return the values and places of the JSON array that starts at ``at`` in valid JSON."""
    found: list[tuple[Any, Span]] = []
    at = _after_space(raw, at + 1)
    while raw[at] != "]":
        value, end = _JSON.raw_decode(raw, at)
        found.append((value, Span(at, end)))
        at = _after_space(raw, end)
        if raw[at] == ",":
            at = _after_space(raw, at + 1)
    return found


def _notebook(path: str, raw: str, *, bom: bool) -> Source:
    if not raw.strip():
        return Source(path, "", bom=bom, _json=raw)
    cells: list[Cell] = []
    codes: list[str] = []
    at = 0
    for index, value, _ in _code_cells(raw):
        written = value if isinstance(value, str) else "".join(value)
        indent = _indent(written)
        codes.append(_dedented(written, indent))
        cells.append(Cell(index, Span(at, at + len(codes[-1])), indent))
        at += len(codes[-1]) + 1
    return Source(path, "\n".join(codes), bom=bom, cells=tuple(cells), _json=raw)


def _indent(code: str) -> str:
    """Return what every line begins with that is not blank, as far as it is what the first of them begins with."""
    if code.lstrip("\r\n")[:1] not in (" ", "\t"):
        return ""
    lines = [line for line in NEWLINE.split(code) if line.strip()]
    indent = lines[0][: -len(lines[0].lstrip(" \t"))] if lines else ""
    return indent if all(line.startswith(indent) for line in lines) else ""


def _dedented(code: str, indent: str) -> str:
    return re.sub(_LINE + re.escape(indent), "", code) if indent else code


def _indented(code: str, indent: str) -> str:
    return re.sub(_LINE, lambda _: indent, code) if indent else code


def _code_cells(raw: str) -> list[tuple[int, str | list[str], Span]]:
    """Return index, source value and its place in the JSON for each code cell.

    Raises:
        SourceError: no JSON, no notebook, an old format, another language.
    """
    try:
        document = json.loads(raw)
    except json.JSONDecodeError as error:
        raise SourceError(
            text("not valid JSON: line {line}, column {column}", line=error.lineno, column=error.colno)
        ) from None
    except (ValueError, RecursionError):
        raise SourceError(text("its JSON is nested too deeply or holds a number too long to read")) from None
    if not isinstance(document, dict):
        raise SourceError(text("not a notebook: its JSON is no object"))
    if "worksheets" in document:
        raise SourceError(text("the notebook is in format 3 or older; save it in format 4 first"))
    if not isinstance(document.get("cells"), list):
        raise SourceError(text("not a notebook: it has no list of cells"))
    _refuse_other_language(document.get("metadata"))
    found: list[tuple[int, str | list[str], Span]] = []
    for index, (cell, span) in enumerate(_items(raw, _members(raw, _after_space(raw, 0))["cells"][1].start)):
        if not isinstance(cell, dict):
            raise SourceError(text("not a notebook: cell {cell} is no object", cell=index))
        if cell.get("cell_type") != "code" or "source" not in cell:
            continue
        value, place = _members(raw, span.start)["source"]
        if not (isinstance(value, str) or (isinstance(value, list) and all(isinstance(v, str) for v in value))):
            raise SourceError(text("not a notebook: the source of cell {cell} is no text", cell=index))
        found.append((index, value, place))
    return found


def _refuse_other_language(metadata: Any) -> None:
    # a notebook that was never saved by its kernel has no language_info
    told = [
        part.get(key)
        for name, key in (("language_info", "name"), ("kernelspec", "language"))
        if isinstance(metadata, dict) and isinstance(part := metadata.get(name), dict)
    ]
    language = next(filter(None, told), None)
    if isinstance(language, str) and "python" not in language.lower():
        raise SourceError(text("the notebook's language is {language}, not Python", language=language))


def _splice(source: Source, cells: Sequence[str]) -> str:
    """Return the notebook's JSON with the code of each changed cell replaced by that of ``cells``."""
    raw = source._json or ""
    edits = [
        Edit(place.start, place.end, _stored(raw, place, value, new))
        for (_, value, place), new in zip(_code_cells(raw), cells, strict=True)
        if new != (value if isinstance(value, str) else "".join(value))
    ]
    return apply(raw, edits)


def _stored(raw: str, place: Span, old: str | list[str], new: str) -> str:
    """Return ``new`` as JSON in the form of the old value: string or list, layout, escapes; old lines as they were."""
    escape = _escapes(raw[place.start : place.end], raw)
    if isinstance(old, str):
        return _quoted(new, escape=escape)
    items = _items(raw, place.start)
    written = {value: raw[span.start : span.end] for value, span in items}
    head = [span.start for _, span in items[:2]]
    opening = raw[place.start : head[0]] if items else "["
    closing = raw[items[-1][1].end : place.end] if items else "]"
    comma = raw[items[0][1].end : head[1]] if len(items) > 1 else "," + (opening[1:] or " ")
    lines = _relined(old, new)
    if not lines:
        return "[]"
    return opening + comma.join(written.get(line) or _quoted(line, escape=escape) for line in lines) + closing


def _relined(old: list[str], new: str) -> list[str]:
    """Divide ``new`` into lines; where it begins and ends like ``old``, divided as that was."""
    first = 0
    start = 0
    while first < len(old) and old[first].endswith("\n") and new.startswith(old[first], start):
        start += len(old[first])
        first += 1
    last = len(old)
    end = len(new)
    while last > first and old[last - 1] and new.endswith(old[last - 1], start, end):
        before = end - len(old[last - 1])
        if before > start and new[before - 1] != "\n":
            break
        end = before
        last -= 1
    return [*old[:first], *re.findall(r"[^\n]*\n|[^\n]+", new[start:end]), *old[last:]]


def _escapes(value: str, document: str) -> bool:
    """Whether non-ASCII characters are written as escapes, in the value or else in the whole document."""
    for sample in (value, document):
        if not sample.isascii():
            return False
        if re.search(r"(?<!\\)(?:\\\\)*\\u(?!00[0-7])", sample):
            return True
    return False


def _quoted(string: str, *, escape: bool) -> str:
    # a lone surrogate can only be stored as an escape
    return json.dumps(string, ensure_ascii=escape or re.search("[\ud800-\udfff]", string) is not None)
