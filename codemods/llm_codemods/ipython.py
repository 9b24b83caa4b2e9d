"""IPython's own syntax in the cells of a notebook: masked, so that what is left is Python."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Sequence

from llm_codemods.edits import Span
from llm_codemods.lines import NEWLINE
from llm_codemods.parse_error import fault
from llm_codemods.text import Text

PYTHON_MAGICS = frozenset({"capture", "memit", "prun", "pyinstrument", "snakeviz", "time", "timeit"})
"""Cell magics whose body is Python; only their first line is masked."""

_SUSPECT = re.compile(r"^[ \t]*[%!?,;/]|\?[ \t;]*(?:#.*)?$|=[ \t]*[%!]", re.MULTILINE)
_UNPARSABLE = re.compile("[\ud800-\udfff]")
_CELL_MAGIC = re.compile(r"\s*%%(\S*)[^\r\n]*")
_BARE_MAGIC = re.compile(
    r"([\r\n]*)((?:cd|conda|cp|env|load_ext|ls|mamba|matplotlib|mkdir|mv|pip|pwd|rm|run|set_env|uv)\b[^\r\n]*)(\s*)"
)
"""A magic without its ``%``: IPython knows it by its name in a cell of one line (automagic, on by default)."""
_ESCAPE = re.compile(r"[ \t]*(?=[%!?,;/])")
_ASSIGNMENT = re.compile(r"([^=#\r\n]+)=[ \t]*(?=[%!])")
_TIMED = re.compile(r"%(?:time|timeit|prun|memit)(?:[ \t]+-\w+(?:[ \t]*\d+)?)*[ \t]+(?=(\S[^\r\n]*))")
_COMMAND = re.compile(r"(?:[^\r\n]*\\(?:\r\n|\r|\n))*[^\r\n]*")
_TOKEN = re.compile(
    r'"""(?:\\.|[^\\])*?(?:"""|\Z)'
    r"|'''(?:\\.|[^\\])*?(?:'''|\Z)"
    r'|"(?:\\(?:\r\n|.)|[^"\\\r\n])*"?'
    r"|'(?:\\(?:\r\n|.)|[^'\\\r\n])*'?"
    r"|(?P<comment>#[^\r\n]*)|(?P<open>[(\[{])|(?P<close>[)\]}])|\\(?:\r\n|\r|\n)|(?P<newline>\r\n|\r|\n)",
    re.DOTALL,
)


def masked(text: str, cells: Sequence[Span]) -> tuple[str, dict[int, Text | str]]:
    """Return a notebook's text as Python of the same length, and why cells had to be masked as a whole, by their place.

    The lines of IPython's own syntax become comments, behind a ``0`` where a statement must stand: magics, shell
    commands, help. So do cells in another language and, with a reason, those that do not parse.
    """
    clean = _UNPARSABLE.sub("\ufffd", text).replace("\0", "\x01")  # these two never get past ast.parse
    codes = [_mask_cell(clean[span.start : span.end]) for span in cells]
    broken: dict[int, Text | str] = {}
    if _fault("\n".join(codes)) is not None:
        for place, code in enumerate(codes):
            reason = _fault(code)
            if reason is not None:
                broken[place] = reason
                codes[place] = _comment(code)
    return "\n".join(codes), broken


def _fault(code: str) -> Text | str | None:
    """Return why ``code`` does not parse, or None if it does."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of invalid escapes in the user's strings
            ast.parse(code)
    except SyntaxError as error:
        return fault(error)
    except (ValueError, RecursionError, MemoryError) as error:
        return str(error)
    return None


def _mask_cell(cell: str) -> str:
    magic = _CELL_MAGIC.match(cell)
    start = magic.end() if magic else 0
    bare = _BARE_MAGIC.fullmatch(cell, start)
    if not (bare or _SUSPECT.search(cell)) or _fault(cell) is None:
        return cell
    if magic and magic[1] not in PYTHON_MAGICS:
        return _comment(cell)
    body = bare[1] + _command(bare[2]) + bare[3] if bare else _mask_lines(cell[start:])
    return _comment(cell[:start]) + body


def _mask_lines(code: str) -> str:
    """Mask the statements that only IPython knows; they stand at the start of a logical line, or behind its ``=``."""
    parts: list[str] = []
    at = 0
    while at < len(code):
        end, asks = _statement(code, at)
        start = _command_start(code, at)
        if start is None and asks:
            start = at + len(code[at:end]) - len(code[at:end].lstrip(" \t"))
        elif start is not None:
            command = _COMMAND.match(code, start)
            end = command.end() if command else end
        parts.append(code[at:end] if start is None else code[at:start] + _command(code[start:end]))
        at = end
        newline = NEWLINE.match(code, at)
        if newline:
            parts.append(newline[0])
            at = newline.end()
    return "".join(parts)


def _command_start(code: str, at: int) -> int | None:
    """Return where the magic or shell command of the logical line at ``at`` starts, if it has one."""
    escape = _ESCAPE.match(code, at)
    if escape:
        return escape.end()
    assignment = _ASSIGNMENT.match(code, at)
    if assignment and _fault(assignment[1].strip() + "=0") is None:
        return assignment.end()
    return None


def _statement(code: str, at: int) -> tuple[int, bool]:
    """Return where the logical line at ``at`` ends (before its newline), and whether it asks for help (``x?``)."""
    depth = 0
    asks = False
    done = at
    for token in _TOKEN.finditer(code, at):
        kind = token.lastgroup
        if kind in ("comment", "newline"):
            gap = code[done : token.start()].rstrip(" \t;")
            asks = gap.endswith("?") or (asks and not gap)
        done = token.end()
        depth += (kind == "open") - (kind == "close")
        if kind == "newline" and depth <= 0:
            return token.start(), asks
    gap = code[done:].rstrip(" \t;")
    return len(code), gap.endswith("?") or (asks and not gap)


def _command(command: str) -> str:
    """Mask a command: ``0`` and a comment, further lines comments; what ``%time`` and its like run stays."""
    timed = _TIMED.match(command)
    if timed and _fault(timed[1]) is None and timed.end() + len(timed[1]) == len(command):
        return "0" + " " * (len(timed[0]) - 2) + ";" + timed[1]
    first, *rest = re.split(r"(?<=[\r\n])", command, maxsplit=1)
    line = first.rstrip("\r\n")
    return "0" + _comment(line[1:]) + first[len(line) :] + _comment("".join(rest))


def _comment(code: str) -> str:
    """Turn every line into a comment of the same length."""
    return re.sub(r"(?:(?<=[\r\n])|\A)[^\r\n]", "#", code)
