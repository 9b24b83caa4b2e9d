"""Which names a module has, and the edits that bring in the names that fixes need.

Works on ``ast`` alone. A name counts as there only when the code that needs it can see it: imports in functions and in
the body of a top-level ``try`` count for what follows them, imports under ``if TYPE_CHECKING`` never.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from llm_codemods.edits import Edit, Span, merge
from llm_codemods.import_edits import Changes, edits
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
    return Plan(merge(edits(imports.changes, module, newline, at)), refused)


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
    return found.bound == wanted.bound


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
    """The bindings of a module, and what is to change in its imports."""

    module: Module
    known: dict[Scope, list[Binding]] = field(default_factory=dict)
    changes: Changes = field(default_factory=Changes)

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
            named = next((i for i in fix.imports if i.bound == new), None)
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
            imports.changes.owners[binding.alias] = binding.statement
            imports.changes.renamed[binding.alias] = None if there else rename.new
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
            imports.changes.owners[alias] = statement
            imports.changes.renamed[alias] = None
            imports.known[rename.scope].remove(binding)
        elif not there:
            imports.changes.replaced[statement] = rename.wanted
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
        name = wanted.bound
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
        found = imports.owner(wanted.bound, place or _START)
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
        if statement in imports.changes.replaced or (
            binding.alias is not None and imports.changes.renamed.get(binding.alias)
        ):
            continue
        if origin is not None and origin.module == rename.wanted.module and isinstance(statement, ast.ImportFrom):
            imports.changes.added[statement].append(rename.new)
        elif imports.module.is_alone(imports.module.span(statement)):
            imports.changes.followed[statement].append(rename.wanted)
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
    imports.changes.leading[first].append(wanted)
    imports.known[scope].append(Binding(wanted.bound, wanted, certain=True))
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
            imports.changes.added[binding.statement].append(wanted.name)
            imports.known[scope].append(Binding(wanted.name, wanted, binding.statement, None, certain=True))
            return
    imports.changes.lines[wanted] = min((c.span.start for c in fix.changes), default=0)
    imports.known[tree].append(Binding(wanted.bound, wanted, certain=True))
