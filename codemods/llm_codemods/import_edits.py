"""The edits that change the imports of a module: names in statements that are there, and new lines."""

from __future__ import annotations

import ast
import re
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from llm_codemods.edits import Edit, Span
from llm_codemods.lines import NEWLINE
from llm_codemods.operations import Import
from llm_codemods.parsed import Module


@dataclass
class Changes:
    """What is to change in the imports of a module."""

    renamed: dict[ast.alias, str | None] = field(default_factory=dict)
    """Alias -> its new name; None takes it out."""
    added: dict[ast.ImportFrom, list[str]] = field(default_factory=lambda: defaultdict(list))
    lines: dict[Import, int] = field(default_factory=dict)
    """Imports that need a new line -> the offset before which it must stand."""
    owners: dict[ast.alias, ast.ImportFrom] = field(default_factory=dict)
    replaced: dict[ast.ImportFrom, Import] = field(default_factory=dict)
    """Statements that become another import as a whole."""
    followed: dict[ast.stmt, list[Import]] = field(default_factory=lambda: defaultdict(list))
    """Statements that get another one below them."""
    leading: dict[ast.stmt, list[Import]] = field(default_factory=lambda: defaultdict(list))
    """The first statements of functions, which get others above them."""


def edits(changes: Changes, module: Module, newline: str, at: int | None) -> Iterator[Edit]:
    """Yield the edits that make the changes; new lines end in ``newline``, ``at`` is for notebooks: see ``plan``."""
    yield from _alias_edits(changes, module)
    yield from _line_edits(changes, module, newline, at)
    yield from _following_edits(changes, module, newline)


def _alias_edits(changes: Changes, module: Module) -> Iterator[Edit]:
    for alias, new in changes.renamed.items():
        if new is not None:
            span = module.span(alias)
            yield Edit(span.start, span.end, new)
    for statement, wanted in changes.replaced.items():
        span = module.span(statement)
        written = [wanted.name or "", *changes.added.pop(statement, ())]
        yield Edit(span.start, span.end, f"from {wanted.module} import {', '.join(sorted(set(written), key=_order))}")
    gone = {alias for alias, new in changes.renamed.items() if new is None}
    for statement in dict.fromkeys(changes.owners[alias] for alias in gone):
        yield from taken_out(module, statement, gone)
    for statement, names in changes.added.items():
        for name in sorted(set(names), key=_order):
            yield from _with(module, statement, name)


def taken_out(module: Module, statement: ast.Import | ast.ImportFrom, gone: set[ast.alias]) -> Iterator[Edit]:
    """Take names out; they stay where none would be left, or a comment would be lost."""
    kept = [i for i, alias in enumerate(statement.names) if alias not in gone]
    if not kept:
        return
    spans = [module.span(alias) for alias in statement.names]
    gaps = [Span(spans[i].start, spans[i + 1].start) for i in range(kept[-1]) if i not in kept]
    if kept[-1] + 1 < len(spans):
        gaps.append(Span(spans[kept[-1]].end, spans[-1].end))
    for gap in gaps:
        if "#" not in module.code[gap.start : gap.end]:
            yield Edit(gap.start, gap.end, "")


def _order(name: str) -> tuple[int, str]:
    """Sort names as import sorters do: constants, classes, the rest."""
    return (0 if name.isupper() and len(name) > 1 else 1 if name[:1].isupper() else 2, name)


def _with(module: Module, statement: ast.ImportFrom, name: str) -> Iterator[Edit]:
    """Add ``name`` at its place when the names are sorted, else as the last one."""
    names = [a.name for a in statement.names]
    last = module.span(statement.names[-1])
    end = module.span(statement).end
    lines = [a.lineno for a in statement.names]
    listed = module.code[end - 1] == ")" and len({statement.lineno, *lines}) == len(lines) + 1
    indent = module.indent(last.start) if listed else None
    newline = _newline_at(module, last.start)
    if names == sorted(names, key=_order):
        following = next((a for a in statement.names if _order(a.name) > _order(name)), None)
        if following is not None:
            start = module.span(following).start
            yield Edit(start, start, f"{name}, " if indent is None else f"{name},{newline}{indent}")
            return
    if indent is None:
        yield Edit(last.end, last.end, f", {name}")
        return
    line_end = module.line_end(last.end)
    if module.code[last.end : line_end].lstrip().startswith(","):
        yield Edit(line_end, line_end, f"{newline}{indent}{name},")
    elif line_end > end - 1:  # the bracket closes in this line
        yield Edit(last.end, last.end, f",{newline}{indent}{name}")
    else:
        comment = module.code[last.end : line_end]
        yield Edit(last.end, line_end, f",{comment}{newline}{indent}{name}")


def _newline_at(module: Module, offset: int) -> str:
    """Return the newline before ``offset``."""
    line = module.lines.starts[module.lines.line(offset) - 1]
    found = NEWLINE.search(module.code, max(line - 2, 0), line)
    if found is None:
        return "\n"
    return "\r\n" if module.code[max(line - 2, 0) : line] == "\r\n" else module.code[line - 1]


# New lines


def _line_edits(changes: Changes, module: Module, newline: str, at: int | None) -> Iterator[Edit]:
    if not changes.lines:
        return
    body, start = _leading(module) if at is None else _following(module, at, min(changes.lines.values()))
    block: list[ast.Import | ast.ImportFrom] = []
    for statement in body:
        if not isinstance(statement, (ast.Import, ast.ImportFrom)):
            break
        block.append(statement)
    lines = sorted(changes.lines, key=lambda i: (not is_standard(i.module), i.name is not None, i.module))
    if block:
        yield from _closed_up([_into_block(module, block, wanted, newline) for wanted in lines], newline)
        return
    written = newline.join(map(_statement, lines))
    if start == len(module.code):
        ended = not module.code or NEWLINE.match(module.code, start - 1)
        yield Edit(start, start, (newline if module.code else "") + (newline if not ended else "") + written + newline)
        return
    above = module.code[:start].strip() and at is None and not _blank_above(module, start)
    below = at is None and NEWLINE.match(module.code, start) is None
    yield Edit(start, start, (newline if above else "") + written + newline * (2 if below else 1))


def _following_edits(changes: Changes, module: Module, newline: str) -> Iterator[Edit]:
    for statement, wanted in changes.followed.items():
        span = module.span(statement)
        end = module.line_end(span.end)
        lines = (f"{newline}{module.indent(span.start)}{_statement(each)}" for each in dict.fromkeys(wanted))
        yield Edit(end, end, "".join(lines))
    for statement, wanted in changes.leading.items():
        start = module.span(statement).start
        indent = module.indent(start)
        written = "".join(f"{_statement(each)}{newline}{indent}" for each in dict.fromkeys(wanted))
        yield Edit(start, start, written)


def _closed_up(edits: Sequence[Edit], newline: str) -> Iterator[Edit]:
    """Take out the blank lines between new statements that go to the same place."""
    for i, edit in enumerate(edits):
        written = edit.replacement
        if i + 1 < len(edits) and edits[i + 1].start == edit.start and written.endswith(newline * 2):
            written = written[: -len(newline)]
        if i and edits[i - 1].start == edit.start and written.startswith(newline * 2):
            written = written[len(newline) :]
        yield Edit(edit.start, edit.end, written)


def _following(module: Module, at: int, needed: int) -> tuple[Sequence[ast.stmt], int]:
    """Like ``_leading`` for a notebook: the first imports from ``at`` on, else the statement that needs them.

    A cell may begin with a magic, so nothing may be put at its start.
    """
    body = [s for s in module.tree.body if at <= module.span(s).start < needed]
    found = next((i for i, s in enumerate(body) if isinstance(s, (ast.Import, ast.ImportFrom))), None)
    if found is not None:
        return body[found:], at
    for statement in module.tree.body:
        span = module.span(statement)
        first = min((module.span(d).start - 1 for d in getattr(statement, "decorator_list", ())), default=span.start)
        if first <= needed < span.end and module.indent(first) is not None:
            return (), first
    return (), at


def _leading(module: Module) -> tuple[Sequence[ast.stmt], int]:
    """Return the statements among which the imports stand, and where to begin a block of imports."""
    body = module.tree.body
    done = 0
    if body and isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant):
        done = isinstance(body[0].value.value, str)
    while done < len(body):
        statement = body[done]
        if not (isinstance(statement, ast.ImportFrom) and statement.module == "__future__"):
            break
        done += 1
    if done:
        end = module.line_end(module.span(body[done - 1]).end)
        newline = NEWLINE.match(module.code, end)
        return body[done:], newline.end() if newline else end
    # below a `#!` line, the encoding and the licence: the first comment lines of the file
    head = re.match(r"(?:#[^\r\n]*(?:\r\n|\r|\n|\Z))*", module.code)
    return body, head.end() if head else 0


def _blank_above(module: Module, start: int) -> bool:
    line = module.lines.line(start)
    return line > 1 and not module.code[module.lines.starts[line - 2] : start].strip()


def _statement(wanted: Import) -> str:
    return f"from {wanted.module} import {wanted.name}" if wanted.name else f"import {wanted.module}"


def is_standard(module: str) -> bool:
    """Whether a module is the standard library's, or lies in one of it."""
    return module.partition(".")[0] in sys.stdlib_module_names


def _into_block(module: Module, block: Sequence[ast.Import | ast.ImportFrom], wanted: Import, newline: str) -> Edit:
    """Put a new statement into the block: the standard library's modules by name above, all others at the end."""
    standard = [s for s in block if is_standard(_module_of(s))]
    last = module.line_end(module.span(block[-1]).end)
    written = _statement(wanted)
    if not is_standard(wanted.module):
        gap = newline * 2 if standard and standard[-1] is block[-1] else newline
        return Edit(last, last, gap + written)
    smaller = [s for s in standard if isinstance(s, ast.Import) and (wanted.name or _module_of(s) < wanted.module)]
    if smaller or (wanted.name and standard):
        end = module.line_end(module.span((smaller or standard)[-1]).end)
        return Edit(end, end, newline + written)
    first = (standard or block)[0]
    start = module.span(first).start
    line = module.lines.line(start)
    headed = line > 1 and module.code[module.lines.starts[line - 2] : start].lstrip().startswith("#")
    if module.indent(start) is None or (headed and first is block[0]):
        return Edit(last, last, newline + written)
    return Edit(start, start, written + newline * (1 if standard else 2))


def _module_of(statement: ast.Import | ast.ImportFrom) -> str:
    if isinstance(statement, ast.ImportFrom):
        return "." * statement.level + (statement.module or "")
    return statement.names[0].name
