"""Which names a module has, and the edits that bring in the names that fixes need.

Works on ``ast`` alone. A name counts as there only when the code that needs it can see it: imports in functions and in
the body of a top-level ``try`` count for what follows them, imports under ``if TYPE_CHECKING`` never.
"""

from __future__ import annotations

import ast
import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from llm_codemods.edits import Edit, Span, merge
from llm_codemods.lines import NEWLINE
from llm_codemods.operations import (
    Change,
    CopyBeside,
    DefaultArgument,
    DefaultBody,
    DeriveClient,
    ExtendBody,
    FallBack,
    Fix,
    Import,
    InsertAfter,
    RenameFunction,
    Replace,
    ReplaceStatement,
    SetArgument,
)
from llm_codemods.parsed import COMPREHENSION, FUNCTION, Module, Scope
from llm_codemods.text import Text, text


@dataclass(frozen=True, slots=True, eq=False)
class Binding:
    """A name bound in a scope. ``imported`` is None unless an import statement binds it."""

    name: str
    imported: Import | None = None
    statement: ast.Import | ast.ImportFrom | None = None
    alias: ast.alias | None = None
    certain: bool = False
    """The statement always runs: it stands in no branch but the body of a ``try``."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Edits that make the imports of the fixes, and the fixes (by index) that must not be made."""

    edits: tuple[Edit, ...]
    refused: Mapping[int, Text]


def plan(module: Module, fixes: Mapping[int, Fix], newline: str, at: int | None = None) -> Plan:
    """Say how to bring in what ``fixes`` import; where two want a name for different things, the later is refused.

    A renamed function that was imported by ``from m import old`` gets its new name from the same module; the old name
    gives way to the new one when nothing else uses it. ``at`` is for notebooks: new lines join the first
    imports from that offset on, or stand right above what needs them; else they join those at the top of the module.
    """
    imports = _Imports(module)
    renames = {index: list(_renames(imports, fix)) for index, fix in fixes.items()}
    every = [rename for found in renames.values() for rename in found]
    _give_way(imports, every)
    refused: dict[int, Text] = {}
    for index, fix in fixes.items():
        reason = _bring_in(imports, fix, renames[index], every)
        if reason is not None:
            refused[index] = reason
    edits = [*_alias_edits(imports), *_line_edits(imports, newline, at), *_following_edits(imports, newline)]
    return Plan(merge(edits), refused)


def bound_name(wanted: Import) -> str:
    """Return the name an import binds: ``import a.b`` binds ``a``."""
    return wanted.name or wanted.module.partition(".")[0]


# What is no longer needed


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
            made += _without(module, statement, aliases)
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
        harmless = (_standard(root) and root != "__future__") or root == "openai"
        for alias in statement.names if harmless and not getattr(statement, "level", 0) else ():
            if alias.asname != alias.name and "." not in alias.name and alias.name != "*":
                yield statement, alias, alias.asname or alias.name


def _needs(module: Module, name: str) -> bool:
    """Whether a name stands in a module outside of its imports; in a string or a comment counts, too."""
    places = (found.start() for found in re.finditer(rf"\b{name}\b", module.code))
    return any(not any(span.start <= place < span.end for span in module.imports) for place in places)


# What is bound


def _bindings(body: Iterable[ast.AST], certain: bool) -> Iterator[Binding]:
    """Yield what ``body`` binds in its own scope."""
    for node in body:
        match node:
            case ast.Import() | ast.ImportFrom():
                yield from _imported(node, certain)
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                yield Binding(name)
            case ast.Lambda() | ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
                pass
            case ast.Try(body=tried, handlers=handlers, orelse=otherwise, finalbody=finally_):
                found = list(_bindings(tried, certain))
                yield from found
                # `except ImportError: OpenAI = None` is the same name doing without
                names = {b.name for b in found if b.imported}
                rest = _bindings([*handlers, *otherwise, *finally_], certain=False)
                yield from (b for b in rest if b.name not in names)
            case ast.With(items=items, body=inner) | ast.AsyncWith(items=items, body=inner):
                yield from _bindings(items, certain=False)
                yield from _bindings(inner, certain)
            case ast.Name(id=name, ctx=ast.Store()):
                yield Binding(name)
            case _:
                handled = getattr(node, "name", None) or getattr(node, "rest", None)  # of handlers and patterns
                if isinstance(handled, str):
                    yield Binding(handled)
                yield from _bindings(ast.iter_child_nodes(node), certain=False)


def _imported(node: ast.Import | ast.ImportFrom, certain: bool) -> Iterator[Binding]:
    for alias in node.names:
        if isinstance(node, ast.ImportFrom):
            module = "." * node.level + (node.module or "")
            yield Binding(alias.asname or alias.name, Import(module, alias.name), node, alias, certain)
        elif alias.asname in (None, alias.name):
            yield Binding(alias.name.partition(".")[0], Import(alias.name), node, alias, certain)
        else:
            yield Binding(alias.asname or "", None, node, alias, certain)


def _is(binding: Binding, wanted: Import) -> bool:
    """Whether both mean the same thing, for names that are the same."""
    found = binding.imported
    if found is None or wanted.name or found.name:
        return found == wanted or _is_kin(found, wanted)
    return bound_name(found) == bound_name(wanted)


def _is_kin(found: Import | None, wanted: Import) -> bool:
    """Whether the same name is imported from another home of the same thing."""
    if found is None or found.name is None or found.name != wanted.name:
        return False
    return any(f"{found.module}.".startswith(f"{home}.") for home in wanted.also)


def _covers(binding: Binding, wanted: Import) -> bool:
    """Whether ``binding`` brings all that ``wanted`` brings: ``import os.path`` brings ``import os``."""
    found = binding.imported
    inside = found is not None and not (found.name or wanted.name) and found.module.startswith(wanted.module + ".")
    return found == wanted or inside or _is_kin(found, wanted)


@dataclass
class _Imports:
    """The bindings of a module, and what is to change in them."""

    module: Module
    known: dict[Scope, list[Binding]] = field(default_factory=dict)
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

    def bindings(self, scope: Scope, name: str) -> list[Binding]:
        """Return what binds ``name`` in ``scope``, with what was changed so far."""
        if scope not in self.known:
            self.known[scope] = list(self._read(scope))
        return [b for b in self.known[scope] if b.name == name]

    @staticmethod
    def _read(scope: Scope) -> Iterator[Binding]:
        if isinstance(scope, COMPREHENSION):
            yield from _bindings([g.target for g in scope.generators], certain=False)
            return
        if isinstance(scope, FUNCTION):
            yield from (Binding(node.arg) for node in ast.walk(scope.args) if isinstance(node, ast.arg))
        if not isinstance(scope, ast.Lambda):
            outside = {n for s in scope.body if isinstance(s, (ast.Global, ast.Nonlocal)) for n in s.names}
            yield from (b for b in _bindings(scope.body, certain=True) if b.name not in outside)

    def owner(self, name: str, span: Span) -> tuple[Scope, list[Binding]] | None:
        """Return the scope in which ``name``, read at ``span``, is bound, and what binds it."""
        scopes = self.module.enclosing(span)
        for scope in reversed(scopes):
            if isinstance(scope, ast.ClassDef) and scope is not scopes[-1]:
                continue
            found = self.bindings(scope, name)
            if found:
                return scope, found
        return None

    def before(self, binding: Binding, scope: Scope, span: Span) -> bool:
        """Whether ``binding`` of ``scope`` is made before the code at ``span`` runs."""
        if not binding.certain or binding.statement is None:
            return False
        inner = self.module.enclosing(span)
        deferred = any(isinstance(s, FUNCTION) for s in inner[inner.index(scope) + 1 :])
        return deferred or self.module.span(binding.statement).start < span.start


# Functions that get another name


@dataclass(frozen=True, slots=True, eq=False)
class _Rename:
    """A call of ``old``, imported by ``bindings`` of ``scope``, becomes a call of ``new``."""

    old: str
    new: str
    place: Span
    scope: Scope
    bindings: tuple[Binding, ...]
    wanted: Import


def _renames(imports: _Imports, fix: Fix) -> Iterator[_Rename]:
    """Yield the renames of ``fix`` that concern a name bound by ``from m import old``."""
    for change in fix.changes:
        new = next((o.to for o in change.operations if isinstance(o, RenameFunction)), None)
        old = _callee(imports.module.code[change.span.start : change.span.end]) if new else None
        found = imports.owner(old, change.span) if old else None
        if new is None or old is None or found is None:
            continue
        place = Span(change.span.start, change.span.start + len(old))
        scope, bindings = found
        origins = {b.imported for b in bindings}
        origin = bindings[0].imported
        if len(origins) == 1 and origin is not None and origin.name is not None:
            named = next((i for i in fix.imports if bound_name(i) == new), None)
            if old == new and (named is None or any(_is(b, named) for b in bindings)):
                continue  # else the same name from another module
            yield _Rename(old, new, place, scope, tuple(bindings), named or Import(origin.module, new))


def _callee(code: str) -> str | None:
    """Return the name that ``code`` calls, or is; None where that is no plain name."""
    try:
        node = Module(f"({code}\n)").tree.body[0]
    except (SyntaxError, ValueError):
        return None
    match node:
        case ast.Expr(value=ast.Call(func=ast.Name(id=name)) | ast.Name(id=name)):
            return name
    return None


def _give_way(imports: _Imports, renames: Sequence[_Rename]) -> None:
    """Let imported names that lost their last use give way to the new ones."""
    places = {rename.place for rename in renames}
    judged: set[ast.alias | None] = set()
    for rename in renames:
        first = rename.bindings[0]
        if first.alias in judged:
            continue
        judged.add(first.alias)
        elsewhere = rename.wanted.module != (first.imported or rename.wanted).module
        news = {r.wanted for r in renames if r.bindings[0].alias is first.alias}
        used = _uses(imports.module, rename.scope, rename.old) if rename.old != rename.new else ()
        if len(news) > 1 or any(place not in places for place in used):
            continue
        others = [b for b in imports.bindings(rename.scope, rename.new) if b not in rename.bindings]
        if any(not _is(b, rename.wanted) for b in others):
            continue
        there = any(b.certain for b in others)
        if elsewhere:
            _make_room(imports, rename, there=there)
            continue
        for binding in rename.bindings:
            if binding.alias is None or not isinstance(binding.statement, ast.ImportFrom):
                continue
            imports.owners[binding.alias] = binding.statement
            imports.renamed[binding.alias] = None if there else rename.new
            changed = imports.known[rename.scope]
            changed.remove(binding)
            if not there:
                changed.append(replace(binding, name=rename.new, imported=rename.wanted))


def _make_room(imports: _Imports, rename: _Rename, *, there: bool) -> None:
    """Take an imported name out that another module's takes the place of; an import of it alone becomes the other's.

    Cells of notebooks import what they need once more: the same name from another module must go from all of them.
    """
    if len(rename.bindings) > 1 and rename.old != rename.new:
        return
    for binding in rename.bindings:
        statement, alias = binding.statement, binding.alias
        if alias is None or not isinstance(statement, ast.ImportFrom) or statement.level:
            continue
        if len(statement.names) > 1:
            imports.owners[alias] = statement
            imports.renamed[alias] = None
            imports.known[rename.scope].remove(binding)
        elif not there:
            imports.replaced[statement] = rename.wanted
            imports.known[rename.scope].remove(binding)
            new = replace(binding, name=rename.new, imported=rename.wanted, alias=None)
            imports.known[rename.scope].append(new)


_NAMES = re.compile(r"[\w.\[\]]+(?:\s*[|,]\s*[\w.\[\]]+)*")


def _uses(module: Module, scope: Scope, name: str) -> Iterator[Span]:
    """Yield where ``name`` is used within ``scope``; a string may be a quoted annotation or an entry of ``__all__``."""
    for node in ast.walk(scope):
        match node:
            case ast.Name(id=used) if used == name:
                yield module.span(node)
            case ast.Constant(value=str(used)) if name in re.findall(r"\w+", used) and _NAMES.fullmatch(used):
                yield module.span(node)
            case ast.Global(names=names) | ast.Nonlocal(names=names) if name in names:
                yield module.span(node)


# Bringing names in


def _bring_in(imports: _Imports, fix: Fix, renames: Sequence[_Rename], every: Sequence[_Rename]) -> Text | None:
    """Plan the imports of ``fix``, or say why they cannot be made; ``every``: the renames of all fixes."""
    implied = [r.wanted for r in renames if r.wanted not in fix.imports]
    for wanted in implied:
        if wanted.module.startswith("."):
            return text("'{name}' may be missing from the module {module}", name=wanted.name, module=wanted.module)
    missing: list[tuple[Import, Span | None]] = []
    for wanted in dict.fromkeys([*fix.imports, *implied]):
        name = bound_name(wanted)
        changes = [c for c in fix.changes if _mentions(c, name)] or list(fix.changes)
        places: list[Span | None] = [_needed_at(imports.module, c) for c in changes]
        for span in places or [None]:
            found = imports.owner(name, span or _START)
            if found is not None and any(not _is(b, wanted) for b in found[1]):
                return text("'{name}' means something else here", name=name)
            if found is None or not _reaches(imports, found, wanted, span):
                if found is not None and not isinstance(found[0], ast.Module):
                    own = [r for r in every if r.wanted == wanted and span is not None and r.place in span]
                    if own and all(_brings(imports, rename) for rename in own):
                        continue
                    if not _lead(imports, found[0], wanted):
                        return text("'{name}' is imported only in some cases here", name=name)
                    continue
                missing.append((wanted, span))
    for wanted, place in missing:
        found = imports.owner(bound_name(wanted), place or _START)
        if found is None or not _reaches(imports, found, wanted, place):
            _add(imports, fix, wanted, place, renames)
    return None


def _brings(imports: _Imports, rename: _Rename) -> bool:
    """Have the new name imported wherever the old one is: so it is there where the old one was called."""
    if any(not isinstance(b.statement, (ast.Import, ast.ImportFrom)) for b in rename.bindings):
        return False
    for binding in rename.bindings:
        statement = binding.statement
        assert isinstance(statement, (ast.Import, ast.ImportFrom))
        origin = binding.imported
        if statement in imports.replaced or (binding.alias is not None and imports.renamed.get(binding.alias)):
            continue
        if origin is not None and origin.module == rename.wanted.module and isinstance(statement, ast.ImportFrom):
            imports.added[statement].append(rename.new)
        elif imports.module.is_alone(imports.module.span(statement)):
            imports.followed[statement].append(rename.wanted)
        else:
            return False
        new = Binding(rename.new, rename.wanted, statement, None, certain=binding.certain)
        imports.known[rename.scope].append(new)
    return True


def _lead(imports: _Imports, scope: Scope, wanted: Import) -> bool:
    """Have a function import at once what it imports only in some cases."""
    if not isinstance(scope, (ast.FunctionDef, ast.AsyncFunctionDef)):
        return False
    docstring = ast.get_docstring(scope, clean=False) is not None
    first = next(iter(scope.body[docstring:]), None)
    if (
        first is None
        or bool(getattr(first, "decorator_list", None))
        or imports.module.indent(_at(imports, first)) is None
    ):
        return False
    imports.leading[first].append(wanted)
    imports.known[scope].append(Binding(bound_name(wanted), wanted, certain=True))
    return True


def _at(imports: _Imports, statement: ast.stmt) -> int:
    return imports.module.span(statement).start


def _needed_at(module: Module, change: Change) -> Span:
    """Return where the code stands that ``change`` writes: the expression, or what follows the statement."""
    following = [operation for operation in change.operations if isinstance(operation, InsertAfter)]
    if not following:
        return change.span
    end = module.past_imports(change.span) if any(o.past_imports for o in following) else change.span.end
    return Span(end, end)


_START = Span(0, 0)


def _reaches(imports: _Imports, found: tuple[Scope, list[Binding]], wanted: Import, span: Span | None) -> bool:
    scope, bindings = found
    there = [b for b in bindings if b.certain and _covers(b, wanted)]
    # one that is to be added stands above everything
    return any(b.statement is None or span is None or imports.before(b, scope, span) for b in there)


def _mentions(change: Change, name: str) -> bool:
    """Whether the code that ``change`` writes speaks of ``name``."""
    codes: list[str] = []
    for operation in change.operations:
        match operation:
            case (
                SetArgument(code=code)
                | DefaultArgument(code=code)
                | FallBack(code=code)
                | Replace(code=code)
                | RenameFunction(to=code)
            ):
                codes.append(code)
            case InsertAfter(statements=statements) | ReplaceStatement(statements=statements):
                codes += statements
            case ExtendBody(entries=entries) | DefaultBody(entries=entries) | DeriveClient(options=entries):
                codes += (code for _, code in entries)
            case CopyBeside(operations=operations):
                codes += (operation.code for operation in operations if isinstance(operation, SetArgument))
    return any(name in re.findall(r"\w+", code) for code in codes)


def _add(imports: _Imports, fix: Fix, wanted: Import, span: Span | None, renames: Sequence[_Rename]) -> None:
    """Add ``wanted`` where the name it replaces is imported, else to an import from its module, else in a new line."""
    tree = imports.module.tree
    candidates = [(r.scope, b) for r in renames if r.wanted == wanted and span and r.place in span for b in r.bindings]
    imports.bindings(tree, "")  # has them read
    candidates += [(tree, b) for b in imports.known[tree] if wanted.name]
    for scope, binding in candidates:
        same = binding.imported is not None and binding.imported.module == wanted.module
        if not (same and wanted.name and isinstance(binding.statement, ast.ImportFrom) and binding.name != "*"):
            continue
        if binding.certain and (span is None or imports.before(binding, scope, span)):
            imports.added[binding.statement].append(wanted.name)
            imports.known[scope].append(Binding(wanted.name, wanted, binding.statement, None, certain=True))
            return
    imports.lines[wanted] = min((c.span.start for c in fix.changes), default=0)
    imports.known[tree].append(Binding(bound_name(wanted), wanted, certain=True))


# The edits: names in statements that are there


def _alias_edits(imports: _Imports) -> Iterator[Edit]:
    module = imports.module
    for alias, new in imports.renamed.items():
        if new is not None:
            span = module.span(alias)
            yield Edit(span.start, span.end, new)
    for statement, wanted in imports.replaced.items():
        span = module.span(statement)
        written = [wanted.name or "", *imports.added.pop(statement, ())]
        yield Edit(span.start, span.end, f"from {wanted.module} import {', '.join(sorted(set(written), key=_order))}")
    gone = {alias for alias, new in imports.renamed.items() if new is None}
    for statement in dict.fromkeys(imports.owners[alias] for alias in gone):
        yield from _without(module, statement, gone)
    for statement, names in imports.added.items():
        for name in sorted(set(names), key=_order):
            yield from _with(module, statement, name)


def _without(module: Module, statement: ast.Import | ast.ImportFrom, gone: set[ast.alias]) -> Iterator[Edit]:
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


# The edits: new lines


def _line_edits(imports: _Imports, newline: str, at: int | None) -> Iterator[Edit]:
    module = imports.module
    if not imports.lines:
        return
    body, start = _leading(module) if at is None else _following(module, at, min(imports.lines.values()))
    block: list[ast.Import | ast.ImportFrom] = []
    for statement in body:
        if not isinstance(statement, (ast.Import, ast.ImportFrom)):
            break
        block.append(statement)
    lines = sorted(imports.lines, key=lambda i: (not _standard(i.module), i.name is not None, i.module))
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


def _following_edits(imports: _Imports, newline: str) -> Iterator[Edit]:
    module = imports.module
    for statement, wanted in imports.followed.items():
        span = module.span(statement)
        end = module.line_end(span.end)
        lines = (f"{newline}{module.indent(span.start)}{_statement(each)}" for each in dict.fromkeys(wanted))
        yield Edit(end, end, "".join(lines))
    for statement, wanted in imports.leading.items():
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


def _standard(module: str) -> bool:
    return module.partition(".")[0] in sys.stdlib_module_names


def _into_block(module: Module, block: Sequence[ast.Import | ast.ImportFrom], wanted: Import, newline: str) -> Edit:
    """Put a new statement into the block: the standard library's modules by name above, all others at the end."""
    standard = [s for s in block if _standard(_module_of(s))]
    last = module.line_end(module.span(block[-1]).end)
    written = _statement(wanted)
    if not _standard(wanted.module):
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
