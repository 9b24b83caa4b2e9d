"""Imports that nothing needs any more, once what used them is gone."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator

from llm_codemods.edits import Edit, merge
from llm_codemods.import_edits import is_standard, taken_out
from llm_codemods.lines import NEWLINE
from llm_codemods.parsed import Module


def spare(before: Module, after: Module) -> frozenset[str]:
    """Return the names that imports at the top of a module bind for nothing, now that it is changed: what used them is
    gone, or was never written."""
    known = frozenset(name for _, _, name in _named_imports(before))
    found = {name for _, _, name in _named_imports(after) if not _needs(after, name)}
    return frozenset(name for name in found if name not in known or _needs(before, name))


def without(module: Module, names: frozenset[str], edits: Iterable[Edit]) -> list[Edit]:
    """Return the edits with those that take imports of these names out, but of statements that others change."""
    made = list(edits)
    gone: dict[ast.Import | ast.ImportFrom, set[ast.alias]] = {}
    for statement, alias, name in _named_imports(module):
        if name in names:
            gone.setdefault(statement, set()).add(alias)
    for statement, aliases in gone.items():
        span = module.span(statement)
        start, end = module.lines.starts[module.lines.line(span.start) - 1], module.line_end(span.end)
        if any(edit.start < end and start < edit.end for edit in made) or "#" in module.code[span.start : end]:
            continue
        newline = NEWLINE.match(module.code, end)
        behind = next((edit for edit in made if edit.start == edit.end == end), None)  # new lines take its place
        if len(aliases) < len(statement.names):
            made += taken_out(module, statement, aliases)
        elif not module.is_alone(span) or newline is None:
            continue
        elif behind is None:
            made.append(Edit(start, newline.end(), ""))
        elif behind.replacement.startswith(newline.group()):
            made[made.index(behind)] = Edit(start, end, behind.replacement.removeprefix(newline.group()))
    return list(merge(made))  # another import may be put right before one that goes


def _named_imports(module: Module) -> Iterator[tuple[ast.Import | ast.ImportFrom, ast.alias, str]]:
    """Yield the imports at the top of a module that only bind a name: statement, alias, name. Those of modules that
    nobody knows may do more."""
    for statement in module.tree.body:
        if not isinstance(statement, ast.Import | ast.ImportFrom):
            continue
        root = (getattr(statement, "module", None) or statement.names[0].name).partition(".")[0]
        harmless = (is_standard(root) and root != "__future__") or root == "openai"
        for alias in statement.names if harmless and not getattr(statement, "level", 0) else ():
            if alias.asname != alias.name and "." not in alias.name and alias.name != "*":
                yield statement, alias, alias.asname or alias.name


def _needs(module: Module, name: str) -> bool:
    """Whether a name stands in a module outside of its imports; in a string or a comment counts, too."""
    places = (found.start() for found in re.finditer(rf"\b{name}\b", module.code))
    return any(not any(span.start <= place < span.end for span in module.imports) for place in places)
