"""Carry out fixes on a source's text, each on the smallest expression, with LibCST.

Only the expressions that change are parsed; everything else of the text is copied. The only module that loads LibCST.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import takewhile
from typing import Generic, TypeVar

import libcst as cst

from llm_codemods import adapters, imports
from llm_codemods.edits import Edit, OverlapError, Span, apply
from llm_codemods.operations import (
    AskTruth,
    CallMethod,
    CallThrough,
    Change,
    CopyBeside,
    DefaultArgument,
    DefaultBody,
    Definition,
    DeriveClient,
    ExtendBody,
    FallBack,
    Filter,
    Fix,
    GuardAttribute,
    InsertAfter,
    InsertBefore,
    JoinEntries,
    KeepBehind,
    MoveToBody,
    NamePositional,
    Operation,
    PassThrough,
    ReadAttribute,
    RemoveArgument,
    RemoveEntry,
    RenameArgument,
    RenameClient,
    RenameEntry,
    RenameFunction,
    Replace,
    ReplaceCallee,
    ReplaceFunction,
    ReplaceStatement,
    ReplaceString,
    ReplaceTail,
    ReplaceText,
    SetArgument,
    SetEntry,
    ShrinkBody,
    Switch,
    TakeEntry,
    ToMessages,
    WholeObject,
    Wrap,
    WrapEntry,
)
from llm_codemods.source import NEWLINE
from llm_codemods.text import Text, text


class TransformError(RuntimeError):
    """The new text is not Python although the old one was: our bug; the text must not be written."""


@dataclass(frozen=True, slots=True)
class Rewritten:
    """A text with its fixes made, the edits that made them, and the fixes that could not be made, with the reason."""

    text: str
    applied: tuple[Fix, ...] = ()
    refused: tuple[tuple[Fix, Text], ...] = ()
    edits: tuple[Edit, ...] = ()


def rewrite(code: str, fixes: Sequence[Fix], *, python: str | None = None, imports_at: int | None = None) -> Rewritten:
    """Make ``fixes`` in ``code``, a module's text with whatever newlines; fixes on one expression compose in order.

    For a notebook ``python`` is the same text with magics masked, offset by offset, and ``imports_at`` the offset from
    which imports are looked for that new ones can join. A fix is refused as a whole when one of its changes cannot be
    made.

    Raises:
        TransformError: the result does not parse, although ``code`` did.
        ValueError: ``python`` is not as long as ``code``.
    """
    twin = code if python is None else python
    if len(twin) != len(code):
        raise ValueError("the masked text must be as long as the text")
    try:
        module = imports.Module(twin)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        module = None
    rewriter = _Rewriter(code, module, _newline(code), imports_at)
    refused = _misplaced(fixes, code, module)
    while True:  # each round refuses a fix or is the last one
        made = rewriter.edits({i: fix for i, fix in enumerate(fixes) if i not in refused})
        if not rewriter.refused:
            break
        refused.update(rewriter.refused)
    try:
        if module is not None and (spare := imports.spare(module, imports.Module(apply(twin, made)))):
            left = {i: _without_imports(fix, spare) for i, fix in enumerate(fixes) if i not in refused}
            made = imports.without(module, spare, rewriter.edits(left))
        after = apply(code, made)
        if module is not None:
            imports.Module(apply(twin, made))
    except (OverlapError, SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise TransformError(f"the rewritten text does not parse: {error}") from error
    return Rewritten(
        after,
        tuple(fix for i, fix in enumerate(fixes) if i not in refused),
        tuple((fixes[i], refused[i]) for i in sorted(refused)),
        tuple(made),
    )


def _without_imports(fix: Fix, names: frozenset[str]) -> Fix:
    """Return a fix that does not import these names; one that is for imports alone, as it is."""
    return (
        fix
        if not fix.changes
        else replace(fix, imports=tuple(i for i in fix.imports if imports.bound_name(i) not in names))
    )


class _RefusedError(Exception):
    """A change cannot be made; ``reason`` is for the user."""

    def __init__(self, reason: Text) -> None:
        super().__init__(str(reason))
        self.reason = reason


def _newline(code: str, otherwise: str = "\n") -> str:
    """Return the newline that ``code`` has most."""
    counted = Counter(found.group() for found in NEWLINE.finditer(code))
    return counted.most_common(1)[0][0] if counted else otherwise


# Where the changes are


def _misplaced(fixes: Sequence[Fix], code: str, module: imports.Module | None) -> dict[int, Text]:
    """Return the fixes (by index) whose spans cannot be changed, or cross those of earlier fixes."""
    # quotes in them, and their nodes' places, differ between versions of Python
    quoted = [] if module is None else _formatted_strings(module)
    refused: dict[int, Text] = {}
    taken: set[Span] = set()
    for index, fix in enumerate(fixes):
        spans: set[Span] = set()
        for change in fix.changes:
            span = change.span
            if not 0 <= span.start < span.end <= len(code):
                refused[index] = text("there is no expression at this place")
            elif any(span in outer and span != outer for outer in quoted) and not _fits_in_string(fix, span):
                refused[index] = text("it stands inside an f-string")
            elif any(_cross(span, other) for other in taken | spans):
                refused[index] = text("it overlaps another change")
            spans.add(span)
        if index not in refused:
            taken |= spans
    return refused


def _cross(a: Span, b: Span) -> bool:
    return a.start < b.end and b.start < a.end and a not in b and b not in a


def _formatted_strings(module: imports.Module) -> list[Span]:
    templates = (node for node in module.nodes if type(node).__name__ == "TemplateStr")
    return [*module.strings.values(), *map(module.span, templates)]  # type: ignore[arg-type]


def _fits_in_string(fix: Fix, span: Span) -> bool:
    """Whether what is to be done at ``span`` can be done inside an f-string: it needs no quotes."""
    return all(
        isinstance(o, CallMethod | ReadAttribute | RenameFunction)
        or (isinstance(o, ReplaceTail) and not set(o.new) & set("\"'\\{}"))
        for change in fix.changes
        if change.span == span
        for o in change.operations
    )


def _is_late(operation: Operation) -> bool:
    """Whether an operation is made after those that other fixes want of the same expression: what was a look-up in a
    dictionary is an attribute for all of them."""
    return not isinstance(operation, ReadAttribute)


@dataclass(frozen=True, slots=True)
class _Inside:
    """Operations on expressions inside an f-string, which are known by their syntax tree: places there mislead."""

    wanted: tuple[tuple[str, Operation], ...]


def _inside_strings(module: imports.Module, fixes: Mapping[int, Fix]) -> dict[Span, list[tuple[int, str, Operation]]]:
    """Return what is to be done inside of f-strings, by the spans of these: index of the fix, tree, operation."""
    found: dict[Span, list[tuple[int, str, Operation]]] = {}
    wanted: dict[Span, list[tuple[int, Operation]]] = {}
    for index, fix in fixes.items():
        for change in fix.changes:
            wanted.setdefault(change.span, []).extend((index, operation) for operation in change.operations)
    spans = module.strings
    for node, whole in spans.items():
        if not any(place in whole for place in wanted):
            continue
        if any(whole in other and whole != other for other in spans.values()):
            continue
        for inner in ast.walk(node):
            if isinstance(inner, ast.Attribute | ast.Call | ast.Compare | ast.Subscript | ast.Name):
                place = module.span(inner)
                if place in wanted and place in whole:
                    found.setdefault(whole, []).extend((i, ast.dump(inner), o) for i, o in wanted[place])
    return found


class _StringRewriter(cst.CSTTransformer):
    """Carries out the operations of ``_Inside``."""

    def __init__(self, wanted: Mapping[str, Sequence[Operation]]) -> None:
        super().__init__()
        self.wanted = wanted
        self.depth = 0
        self.done: set[str] = set()

    def on_visit(self, node: cst.CSTNode) -> bool:
        self.depth += isinstance(node, cst.FormattedStringExpression)
        return True

    def on_leave(self, original_node: cst.CSTNode, updated_node: cst.CSTNode) -> cst.CSTNode:  # type: ignore[override]
        self.depth -= isinstance(original_node, cst.FormattedStringExpression)
        if not self.depth or not isinstance(original_node, cst.BaseExpression):
            return updated_node
        try:
            tree = ast.dump(ast.parse(f"({_code(original_node)})", mode="eval").body)
        except (SyntaxError, ValueError):
            return updated_node
        for operation in self.wanted.get(tree, ()):
            self.done.add(tree)
            assert isinstance(updated_node, cst.BaseExpression)
            updated_node = _operated(updated_node, operation)
        return updated_node


def _in_string(node: cst.BaseExpression, inside: _Inside) -> cst.BaseExpression:
    wanted: dict[str, list[Operation]] = {}
    for tree, operation in inside.wanted:
        if operation not in wanted.setdefault(tree, []):
            wanted[tree].append(operation)
    wanted = {tree: sorted(operations, key=_is_late) for tree, operations in wanted.items()}
    rewriter = _StringRewriter(wanted)
    new = node.visit(rewriter)
    if rewriter.done != wanted.keys() or not isinstance(new, cst.BaseExpression):
        raise _RefusedError(text("it stands inside an f-string"))
    return new


@dataclass(frozen=True, slots=True)
class _Place:
    """A span to change, the operations on it with the index of their fix, and the places within it."""

    span: Span
    operations: tuple[tuple[int, Operation | _Inside], ...]
    switched: tuple[tuple[int, Operation], ...]
    switch: Switch | None
    inner: list[_Place] = field(default_factory=list)


def _places(fixes: Mapping[int, Fix], strings: Mapping[Span, Sequence[tuple[int, str, Operation]]]) -> list[_Place]:
    """Return the outermost places, in the order of the text; ``strings`` says what is done inside of f-strings."""
    changes: dict[Span, list[tuple[int, Change]]] = {}
    for index, fix in fixes.items():
        for change in fix.changes:
            if any(change.span in whole and change.span != whole for whole in strings):
                continue
            apart = InsertAfter | InsertBefore | ReplaceStatement | CopyBeside
            if not any(isinstance(operation, apart) for operation in change.operations):
                changes.setdefault(change.span, []).append((index, change))
    outermost: list[_Place] = []
    around: list[_Place] = []
    for span in sorted(changes.keys() | strings.keys(), key=lambda s: (s.start, -s.end)):
        within = strings.get(span, ())
        inside = _Inside(tuple((tree, operation) for _, tree, operation in within))
        first = [(i, inside) for i in dict.fromkeys(index for index, _, _ in within)]
        here = changes.get(span, [])
        plain = sorted(
            ((i, o) for i, c in here if c.switch is None for o in c.operations), key=lambda row: _is_late(row[1])
        )
        switched = tuple((i, o) for i, change in here if change.switch is not None for o in change.operations)
        switch = next((change.switch for _, change in here if change.switch is not None), None)
        place = _Place(span, (*first, *plain), switched, switch)
        while around and span not in around[-1].span:
            around.pop()
        (around[-1].inner if around else outermost).append(place)
        around.append(place)
    return outermost


@dataclass
class _Rewriter:
    """Turns fixes into edits; ``refused`` holds the fixes (by index) that the last call found impossible."""

    code: str
    module: imports.Module | None
    newline: str
    imports_at: int | None
    refused: dict[int, Text] = field(default_factory=dict)

    def edits(self, fixes: Mapping[int, Fix]) -> list[Edit]:
        self.refused = {}
        made = list(self.imports(fixes))
        inserted = [*self.inserted(fixes.values()), *self.beside(fixes), *self.defined(fixes)]
        made += inserted
        replaced = self.replaced(fixes, {edit.start for edit in inserted})
        made += replaced.values()
        strings = {} if self.module is None else _inside_strings(self.module, fixes)
        for place in _places(fixes, strings):
            if any(place.span in span for span in replaced):
                continue
            old = self.code[place.span.start : place.span.end]
            new = self.written(place).replace("\n", _newline(old, self.newline))
            if new != old:
                made.append(Edit(place.span.start, place.span.end, new))
        made = list(dict.fromkeys(made))  # fixes may have a change in common
        return list(imports.merge(made))  # an import may be put right before a change

    def imports(self, fixes: Mapping[int, Fix]) -> Iterable[Edit]:
        if self.module is not None:
            planned = imports.plan(self.module, fixes, self.newline, self.imports_at)
            self.refused.update(planned.refused)
            return planned.edits
        for index, fix in fixes.items():
            if fix.imports:
                self.refused[index] = text("the file does not parse, so its imports are unknown")
        return ()

    def inserted(self, fixes: Iterable[Fix]) -> Iterator[Edit]:
        """Yield the edits that put statements after others. Nothing where the file does not parse."""
        changes = (change for fix in fixes for change in fix.changes) if self.module is not None else ()
        for change in changes:
            for operation in change.operations:
                if isinstance(operation, InsertAfter) and self.module is not None:
                    indent = self.module.indent(change.span.start) or ""
                    end = _past_imports(self.module, change.span) if operation.past_imports else change.span.end
                    at = self.module.line_end(end)
                    blank = self.newline if operation.past_imports else ""
                    statements = "".join(f"{self.newline}{indent}{code}" for code in operation.statements)
                    yield Edit(at, at, blank + statements)
                elif isinstance(operation, InsertBefore) and self.module is not None:
                    yield Edit(change.span.start, change.span.start, self.lines(operation, change.span.start))

    def lines(self, operation: InsertBefore, at: int) -> str:
        """Return the lines to put before the statement that begins at an offset."""
        indent = self.module.indent(at) or "" if self.module is not None else ""
        level = _level(self.code[:at], indent)
        shaped = (line.replace("\t", level, 1) if line.startswith("\t") else line for line in operation.lines)
        return "".join(f"{line}{self.newline}{indent}" for line in shaped)

    def replaced(self, fixes: Mapping[int, Fix], inserted: set[int]) -> dict[Span, Edit]:
        """Return the edits that put statements in the place of others, by the spans of these.

        ``inserted``: where other statements are put.
        """
        wanted: dict[Span, dict[str, None]] = {}
        for index, fix in fixes.items():
            for change in fix.changes:
                for operation in change.operations:
                    if isinstance(operation, ReplaceStatement):
                        if self.module is None or not _is_alone(self.module, change.span):
                            self.refused[index] = text("it is no statement with lines of its own")
                        else:
                            wanted.setdefault(change.span, {}).update(dict.fromkeys(operation.statements))
        if self.module is None:
            return {}
        kept = _last_of_blocks(self.module, {span for span, statements in wanted.items() if not statements})
        return {
            span: self._replacement(span, tuple(new) or kept.get(span, ()), inserted) for span, new in wanted.items()
        }

    def _replacement(self, span: Span, statements: tuple[str, ...], inserted: set[int]) -> Edit:
        assert self.module is not None
        indent = self.module.indent(span.start) or ""
        if statements:
            return Edit(span.start, span.end, f"{self.newline}{indent}".join(statements))
        line_end = self.module.line_end(span.end)
        if self.code[span.end : line_end].strip():  # a comment of the user's stays
            return Edit(span.start, line_end - len(self.code[span.end : line_end].lstrip()), "")
        newline = NEWLINE.match(self.code, line_end) if line_end not in inserted else None
        end = newline.end() if newline else line_end
        return Edit(span.start - len(indent), end, "")

    def beside(self, fixes: Mapping[int, Fix]) -> Iterator[Edit]:
        """Yield the edits that put copies of calls below their statements, each of them once."""
        seen: set[Edit] = set()
        for index, fix in fixes.items():
            for change in fix.changes:
                for operation in change.operations:
                    if isinstance(operation, CopyBeside):
                        try:
                            edit = self.copied(change.span, operation)
                        except _RefusedError as refusal:
                            self.refused[index] = refusal.reason
                            continue
                        if edit not in seen:
                            seen.add(edit)
                            yield edit

    def copied(self, span: Span, operation: CopyBeside) -> Edit:
        statement = self.assignment(span)
        if self.module is None or statement is None:
            raise _RefusedError(text("it is not assigned to one name"))
        at = self.module.span(statement)
        indent = self.module.indent(at.start)
        if indent is None or self.module.line_end(at.end) != at.end + len(self.rest(at.end)):
            raise _RefusedError(text("other code stands on its line"))
        target = statement.target if isinstance(statement, ast.AnnAssign) else statement.targets[0]
        place = self.module.span(target)
        left = _renamed(_parsed(_unified(self.code[place.start : place.end])), operation.name)
        right = _parsed(_unified(self.code[span.start : span.end]))
        for change in operation.operations:
            right = _operated(right, change)
        line = self.module.line_end(at.end)
        new = f"\n{indent}{_code(left)} = {_code(right)}".replace("\n", self.newline)
        return Edit(line, line, new)

    def rest(self, offset: int) -> str:
        """Return what stands behind ``offset`` in its line, if it is nothing but a comment; else nothing."""
        assert self.module is not None
        behind = self.code[offset : self.module.line_end(offset)]
        return behind if not behind.strip() or behind.lstrip().startswith("#") else ""

    def assignment(self, span: Span) -> ast.Assign | ast.AnnAssign | None:
        """Return the statement that gives the value at ``span`` to one name or attribute, and nothing else."""
        for node in self.module.nodes if self.module is not None else ():
            if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                if self.module is not None and self.module.span(node.value) == span:
                    plain = len(targets) == 1 and isinstance(targets[0], ast.Name | ast.Attribute)
                    return node if plain else None
        return None

    def defined(self, fixes: Mapping[int, Fix]) -> Iterator[Edit]:
        """Yield the edits that put functions above the first statement of the module that needs them."""
        needed: dict[Definition, int] = {}
        for index, fix in fixes.items():
            for definition in fix.definitions:
                first = min(change.span.start for change in fix.changes)
                if self.module is None:
                    self.refused[index] = text("the file does not parse, so its functions are unknown")
                elif not self.has(definition):
                    if definition.name in _names(self.module):
                        self.refused[index] = text("the name '{name}' is taken", name=definition.name)
                    else:
                        needed[definition] = min(first, needed.get(definition, first))
        for definition, first in needed.items():
            at = self.above(first)
            if at is None:
                continue
            lines = self.code[:at].splitlines()
            above = len(lines) - len("\n".join(lines).rstrip().splitlines()) if self.code[:at].strip() else 2
            code = "\n" * max(0, 2 - above) + definition.code.strip("\n") + "\n\n\n"
            yield Edit(at, at, code.replace("\n", self.newline))

    def has(self, definition: Definition) -> bool:
        """Whether the module has the very function."""
        wanted = ast.dump(ast.parse(definition.code).body[0])
        assert self.module is not None
        return any(
            isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
            and node.name == definition.name
            and ast.dump(node) == wanted
            for node in self.module.tree.body
        )

    def above(self, offset: int) -> int | None:
        """Return where the statement of the module begins that ``offset`` lies in, with the comments above it."""
        assert self.module is not None
        for node in self.module.tree.body:
            if self.module.span(node).start <= offset <= self.module.span(node).end:
                decorators = getattr(node, "decorator_list", ())
                start = min((self.module.span(d).start for d in decorators), default=self.module.span(node).start)
                line = self.module.lines.line(start)
                starts = self.module.lines.starts
                while line > 1 and self.code[starts[line - 2] : starts[line - 1]].startswith("#"):
                    line -= 1
                return starts[line - 1]
        return None

    def written(self, place: _Place) -> str:
        """Return the new code of ``place``, its newlines line feeds."""
        parts: list[str] = []
        at = place.span.start
        for inner in place.inner:
            parts += (self.code[at : inner.span.start], self.written(inner))
            at = inner.span.end
        parts.append(self.code[at : place.span.end])
        old = _unified("".join(parts))
        try:
            node = _parsed(old)
        except _RefusedError as refusal:
            self.refused.update((index, refusal.reason) for index, _ in (*place.operations, *place.switched))
            return old
        node = self.all_operated(node, place.operations, place.span)
        if place.switch is not None and not isinstance(node, cst.Call):
            reason = text("it is not written in the call, so both sides cannot be kept")
            self.refused.update((index, reason) for index, _ in place.switched)
        elif place.switch is not None:
            node = _with_both(node, self.all_operated(node, place.switched, place.span), place.switch)
        return self.spaced(_code(node), place.span)

    def all_operated(
        self, node: cst.BaseExpression, operations: Sequence[tuple[int, Operation | _Inside]], span: Span
    ) -> cst.BaseExpression:
        done: _Inside | None = None
        once: set[Operation] = set()
        for index, operation in operations:
            if operation is done or operation in once:
                continue  # all that is done inside of an f-string is done at once
            if isinstance(operation, _ONCE):
                once.add(operation)  # two looks may have it in common
            done = operation if isinstance(operation, _Inside) else None
            try:
                node = self.operated(node, operation, span)
            except _RefusedError as refusal:
                self.refused[index] = refusal.reason
                if done is not None:
                    self.refused.update((i, refusal.reason) for i, other in operations if other is done)
        return node

    def operated(self, node: cst.BaseExpression, operation: Operation | _Inside, span: Span) -> cst.BaseExpression:
        if isinstance(operation, _Inside):
            return _in_string(node, operation)
        if isinstance(operation, ReadAttribute):
            new = _attribute(node)
        elif isinstance(operation, Replace):
            new = _parsed(_unified(operation.code))
        else:
            new = _operated(node, operation)
            if not isinstance(operation, Wrap):
                return new
        safe = isinstance(new, _TIGHT) or new.lpar
        free = isinstance(new, _LOOSE) and self.stands_free(span, new)
        return new if safe or free else _in_parentheses(new)

    def stands_free(self, span: Span, new: cst.BaseExpression) -> bool:
        """Whether an expression with an operator may stand at ``span`` without parentheses."""
        compares = isinstance(new, cst.Comparison)
        if self.module is None:
            return False
        line = self.module.lines.line(span.start)
        for node in self.module.nodes:
            match node:
                case ast.keyword(value=child) | ast.Assign(value=child) | ast.Expr(value=child):
                    children: Sequence[ast.expr | None] = [child]
                case ast.AnnAssign(value=child) | ast.Return(value=child) | ast.If(test=child) | ast.While(test=child):
                    children = [child]
                case ast.If(test=child) | ast.While(test=child):
                    children = [child]
                case ast.Call(args=children) | ast.List(elts=children) | ast.Tuple(elts=children):
                    pass
                case ast.comprehension(ifs=ifs, iter=child) if isinstance(new, cst.BooleanOperation) or compares:
                    children = [*ifs, child]
                case ast.BoolOp(values=children) if compares:
                    pass
                case ast.For(iter=child) | ast.AsyncFor(iter=child):
                    children = [child]
                case ast.Dict(keys=keys, values=values):
                    children = [value for key, value in zip(keys, values, strict=True) if key]
                case _:
                    continue
            if any(c is not None and c.lineno == line and self.module.span(c) == span for c in children):
                return True
        return False

    def spaced(self, new: str, span: Span) -> str:
        """Keep a space where a word would run into the word before or after it: ``else"x"``."""
        old = self.code[span.start : span.end]
        if _in_word(self.code[span.start - 1 : span.start]) and _in_word(new[:1]) and not _in_word(old[:1]):
            new = " " + new
        if _in_word(self.code[span.end : span.end + 1]) and _in_word(new[-1:]) and not _in_word(old[-1:]):
            new += " "
        return new


def _is_alone(module: imports.Module, span: Span) -> bool:
    """Whether a statement stands at ``span``, and no other in its lines."""
    after = module.code[span.end : module.line_end(span.end)].strip()
    return module.indent(span.start) is not None and (not after or after.startswith("#"))


def _last_of_blocks(module: imports.Module, gone: set[Span]) -> dict[Span, tuple[str, ...]]:
    """Return ``pass`` for one statement of each block of which nothing would be left."""
    kept: dict[Span, tuple[str, ...]] = {}
    lines = {module.lines.line(span.start) for span in gone}
    for node in module.nodes if gone else ():
        for name in ("body", "orelse", "finalbody"):
            block = getattr(node, name, None)
            if not isinstance(block, list) or not lines.issuperset(statement.lineno for statement in block):
                continue
            spans = [module.span(statement) for statement in block]
            if spans and not isinstance(node, ast.Module) and gone.issuperset(spans):
                kept[spans[0]] = ("pass",)
    return kept


def _level(above: str, indent: str) -> str:
    """Return by how much ``indent`` is more than that of the block around, whose lines stand above."""
    for line in reversed(NEWLINE.split(above)[:-1]):
        outer = line[: len(line) - len(line.lstrip())]
        if line.strip() and len(outer) < len(indent) and indent.startswith(outer):
            return indent[len(outer) :]
    return "    "


def _names(module: imports.Module) -> set[str]:
    """Return every name that a module mentions, or defines."""
    named = {node.id for node in module.nodes if isinstance(node, ast.Name)}
    return named | {
        node.name for node in module.nodes if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
    }


def _past_imports(module: imports.Module, span: Span) -> int:
    """Return where the last of the import statements ends that follow the one at ``span`` in its block."""
    for node in module.nodes:
        for name in ("body", "orelse", "finalbody"):
            block = getattr(node, name, None)
            spans = [module.span(statement) for statement in block] if isinstance(block, list) else []
            if span in spans and isinstance(block, list):
                rest = block[spans.index(span) :]
                run = takewhile(lambda s: isinstance(s, (ast.Import, ast.ImportFrom)), rest)
                return max((module.span(statement).end for statement in run), default=span.end)
    return span.end


_ONCE = (AskTruth, CallMethod, Filter, GuardAttribute, JoinEntries, KeepBehind, ReadAttribute, WholeObject)
"""What is done once to an expression, however many fixes want it."""


def _in_word(character: str) -> bool:
    return character.isalnum() or character == "_"


def _unified(code: str) -> str:
    return NEWLINE.sub("\n", code)


# Code and nodes

_TIGHT = (
    cst.Name,
    cst.Attribute,
    cst.Call,
    cst.Subscript,
    cst.BaseString,
    cst.BaseNumber,
    cst.List,
    cst.Set,
    cst.Dict,
    cst.BaseComp,
    cst.Ellipsis,
)
"""Expressions that bind at least as tightly as what can stand around them."""

_LOOSE = (
    cst.BinaryOperation,
    cst.BooleanOperation,
    cst.Comparison,
    cst.UnaryOperation,
    cst.IfExp,
    cst.Lambda,
    cst.Await,
)


def _parsed(code: str) -> cst.BaseExpression:
    """Parse an expression as it stands between its neighbours: perhaps broken over lines inside their brackets."""
    try:
        return cst.parse_expression(code)
    except (cst.ParserSyntaxError, RecursionError):
        pass
    try:
        node = cst.parse_expression(f"({code})")
        if not node.lpar:
            raise _RefusedError(text("it is not an expression"))
        return node.with_changes(lpar=node.lpar[1:], rpar=node.rpar[:-1])
    except (cst.ParserSyntaxError, RecursionError):
        raise _RefusedError(text("it is not an expression")) from None


def _code(node: cst.CSTNode) -> str:
    return cst.Module([]).code_for_node(node)


def _value(code: str) -> cst.BaseExpression:
    """Parse the value of an argument or entry."""
    try:
        call = cst.parse_expression(f"_(_={_unified(code)})")
    except cst.ParserSyntaxError:
        call = None
    if isinstance(call, cst.Call) and len(call.args) == 1 and isinstance(call.func, cst.Name):
        return call.args[0].value
    raise _RefusedError(text("'{code}' is not a value", code=code))


def _in_parentheses(node: cst.BaseExpression) -> cst.BaseExpression:
    return node.with_changes(lpar=[cst.LeftParen(), *node.lpar], rpar=[*node.rpar, cst.RightParen()])


# Items between brackets

Gap = cst.BaseParenthesizableWhitespace
Item = TypeVar("Item", cst.Arg, cst.BaseDictElement, cst.BaseElement)

_NOTHING = cst.SimpleWhitespace("")
_SPACE = cst.SimpleWhitespace(" ")


@dataclass(frozen=True, slots=True)
class _Listing(Generic[Item]):
    """Items between brackets: ``gaps[i]`` stands before item ``i``, the last gap before the closing bracket."""

    items: tuple[Item, ...]
    gaps: tuple[Gap, ...]
    trailing_comma: bool = False

    def punctuated(self) -> list[Item]:
        """Return the items with their commas and the gaps behind these."""
        done: list[Item] = []
        for i, item in enumerate(self.items):
            if i + 1 < len(self.items) or self.trailing_comma:
                comma = item.comma if isinstance(item.comma, cst.Comma) else cst.Comma()
                done.append(item.with_changes(comma=comma.with_changes(whitespace_after=self.gaps[i + 1])))
            else:
                done.append(item.with_changes(comma=cst.MaybeSentinel.DEFAULT))
        return done


def _broken(indent: cst.SimpleWhitespace, first: cst.TrailingWhitespace | None = None, *above: cst.EmptyLine) -> Gap:
    """Return a gap with a newline: the rest of the line, lines of their own, the indentation of what follows."""
    return cst.ParenthesizedWhitespace(first or cst.TrailingWhitespace(), above, indent=True, last_line=indent)


def _remarked(gap: Gap) -> bool:
    """Whether a comment stands in ``gap``."""
    if not isinstance(gap, cst.ParenthesizedWhitespace):
        return False
    return gap.first_line.comment is not None or any(line.comment for line in gap.empty_lines)


def _inserted(listing: _Listing[Item], index: int, item: Item) -> _Listing[Item]:
    """Put ``item`` at ``index``, on a line of its own where the item before it has one."""
    here = listing.gaps[index]
    split: tuple[Gap, Gap] = (_NOTHING, _NOTHING)
    if index > 0:
        split = _split(listing.gaps[index - 1], here, last=index == len(listing.items))
    elif isinstance(here, cst.ParenthesizedWhitespace):
        if listing.items:
            split = (here, _broken(here.last_line))
        elif _remarked(here):
            deeper = cst.SimpleWhitespace(here.last_line.value + "    ")
            split = (here.with_changes(last_line=deeper), _broken(here.last_line))
    elif listing.items:
        split = (here, _SPACE)
    items = list(listing.items)
    items.insert(index, item)
    gaps = (*listing.gaps[:index], *split, *listing.gaps[index + 1 :])
    return _Listing(tuple(items), gaps, listing.trailing_comma)


def _split(before: Gap, here: Gap, *, last: bool) -> tuple[Gap, Gap]:
    """Divide the gap in which a new item goes; ``before`` is the gap before its predecessor."""
    if isinstance(here, cst.ParenthesizedWhitespace):
        if not isinstance(before, cst.ParenthesizedWhitespace) and not _remarked(here):
            return _SPACE, here
        indent = here.last_line
        if isinstance(before, cst.ParenthesizedWhitespace):
            indent = before.last_line
        elif last:
            indent = cst.SimpleWhitespace(indent.value + "    ")
        # a comment behind the predecessor stays with it; those on lines of their own stay above what they are above
        if last:
            return _broken(indent, here.first_line, *here.empty_lines), _broken(here.last_line)
        return _broken(indent, here.first_line), _broken(here.last_line, None, *here.empty_lines)
    if last and isinstance(before, cst.ParenthesizedWhitespace):
        return _broken(before.last_line), here
    return _SPACE, here


def _removed(listing: _Listing[Item], index: int) -> _Listing[Item]:
    """Take an item out, with a comment behind it on its line."""
    items = list(listing.items)
    del items[index]
    before, after = listing.gaps[index : index + 2]
    last = index == len(listing.items) - 1
    comma = listing.items[index - 1].comma if index else None
    if last and not listing.trailing_comma and isinstance(comma, cst.Comma) and _remarked(comma.whitespace_before):
        before = comma.whitespace_before  # the comma goes, the comment before it stays
    gap = _joined(before, after, first=index == 0, last=last)
    gaps = (*listing.gaps[:index], gap, *listing.gaps[index + 2 :])
    return _Listing(tuple(items), gaps, listing.trailing_comma and bool(items))


def _joined(before: Gap, after: Gap, *, first: bool, last: bool) -> Gap:
    """Return what stands between the neighbours of an item that went."""
    own_lines = tuple(
        line for gap in (before, after) if isinstance(gap, cst.ParenthesizedWhitespace) for line in gap.empty_lines
    )
    if first and last:
        if not any(line.comment for line in own_lines):
            return _NOTHING
        end = after if isinstance(after, cst.ParenthesizedWhitespace) else before
        return _broken(end.last_line if isinstance(end, cst.ParenthesizedWhitespace) else _NOTHING, None, *own_lines)
    if isinstance(before, cst.ParenthesizedWhitespace):
        if isinstance(after, cst.ParenthesizedWhitespace):
            return _broken(after.last_line, before.first_line, *own_lines)
        return after if last and not _remarked(before) else before
    if first and isinstance(after, cst.ParenthesizedWhitespace):
        return _broken(after.last_line, None, *own_lines) if any(line.comment for line in own_lines) else before
    return before if first else after


# Calls


def _arguments(node: cst.BaseExpression) -> tuple[cst.Call, _Listing[cst.Arg]]:
    if not isinstance(node, cst.Call):
        raise _RefusedError(text("it is not a call"))
    gaps: list[Gap] = [node.whitespace_before_args]
    trailing = False
    for arg in node.args:
        trailing = isinstance(arg.comma, cst.Comma)
        gaps.append(arg.comma.whitespace_after if isinstance(arg.comma, cst.Comma) else arg.whitespace_after_arg)
    # a generator that is the only argument needs no parentheses, until there is another
    args = tuple(
        arg.with_changes(value=_in_parentheses(arg.value))
        if isinstance(arg.value, cst.GeneratorExp) and not arg.value.lpar
        else arg
        for arg in node.args
    )
    return node, _Listing(args, tuple(gaps), trailing)


def _with_arguments(call: cst.Call, listing: _Listing[cst.Arg]) -> cst.Call:
    args = [arg.with_changes(whitespace_after_arg=_NOTHING) for arg in listing.punctuated()]
    if args and not listing.trailing_comma:
        args[-1] = args[-1].with_changes(whitespace_after_arg=listing.gaps[-1])
    return call.with_changes(whitespace_before_args=listing.gaps[0], args=args)


def _position(listing: _Listing[cst.Arg], name: str) -> int | None:
    return next((i for i, arg in enumerate(listing.items) if arg.keyword and arg.keyword.value == name), None)


def _hidden(listing: _Listing[cst.Arg], name: str) -> Text | None:
    """Say why keyword ``name`` may come out of a ``**mapping``, or None when it cannot."""
    for arg in listing.items:
        if arg.star != "**":
            continue
        keys = [_string(e.key) if isinstance(e, cst.DictElement) else None for e in _elements(arg.value)]
        if name in keys or not isinstance(arg.value, cst.Dict) or None in keys:
            return text("'{name}' may come from **{mapping}", name=name, mapping=_code(arg.value))
    return None


def _elements(node: cst.BaseExpression) -> Sequence[cst.BaseDictElement]:
    return node.elements if isinstance(node, cst.Dict) else ()


def _string(node: cst.BaseExpression) -> str | None:
    """Return the value of a string literal."""
    if not isinstance(node, (cst.SimpleString, cst.ConcatenatedString)):
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        value = node.evaluated_value
    return value if isinstance(value, str) else None


def _set(listing: _Listing[cst.Arg], name: str, value: cst.BaseExpression) -> _Listing[cst.Arg]:
    position = _position(listing, name)
    if position is not None:
        items = list(listing.items)
        items[position] = items[position].with_changes(value=value)
        return replace(listing, items=tuple(items))
    hidden = _hidden(listing, name)
    written_out = any(arg.star == "**" and isinstance(arg.value, cst.Dict) for arg in listing.items)
    if hidden is not None and (written_out or not any(arg.keyword for arg in listing.items)):
        raise _RefusedError(hidden)
    index = next((i for i, arg in enumerate(listing.items) if arg.star == "**"), len(listing.items))
    equal = cst.AssignEqual(whitespace_before=_NOTHING, whitespace_after=_NOTHING)
    return _inserted(listing, index, cst.Arg(value, keyword=cst.Name(name), equal=equal))


def _defaulted(listing: _Listing[cst.Arg], name: str, value: cst.BaseExpression) -> _Listing[cst.Arg]:
    if _position(listing, name) is not None:
        raise _RefusedError(text("the call already has an argument '{name}'", name=name))

    def added(old: cst.BaseExpression) -> cst.BaseExpression | None:
        if isinstance(old, cst.Dict):  # what stands first loses
            return _with_entries(old, _inserted(_entries(old), 0, cst.DictElement(_key(old, name), value)))
        if isinstance(old, cst.Call) and isinstance(old.func, cst.Name) and old.func.value in adapters.MAPPINGS:
            return None
        given = old if isinstance(old, _TIGHT) or old.lpar else _in_parentheses(old)
        comma = cst.Comma(whitespace_after=cst.SimpleWhitespace(" "))
        first = cst.DictElement(cst.SimpleString(f'"{name}"'), value, comma=comma)
        return cst.Dict([first, cst.StarredDictElement(given)])

    place = _mapping(listing)
    return _with_mapping(listing, place, _inside(listing.items[place].value, added) or listing.items[place].value)


def _body_defaulted(listing: _Listing[cst.Arg], entries: Sequence[tuple[str, str]]) -> _Listing[cst.Arg]:
    """Give the body its entries in the dictionary before the mapping; it may stand there already."""

    def added(node: cst.BaseExpression) -> cst.BaseExpression | None:
        first = next(iter(_elements(node)), None)
        if not isinstance(node, cst.Dict) or not isinstance(first, cst.DictElement):
            return None
        body = first.value
        if _string(first.key) != "extra_body" or not isinstance(body, cst.Dict):
            return None
        for key, code in entries:
            body = _with_entry(body, key, _value(code))
        return node.with_changes(elements=(first.with_changes(value=body), *node.elements[1:]))

    place = _mapping(listing)
    changed = _inside(listing.items[place].value, added)
    if changed is not None:
        return _with_mapping(listing, place, changed)
    return _defaulted(listing, "extra_body", _value(f"{{{_display(entries)}}}"))


def _display(entries: Sequence[tuple[str, str]]) -> str:
    return ", ".join(f'"{key}": {code}' for key, code in entries)


def _mapping(listing: _Listing[cst.Arg]) -> int:
    """Return the place of the one ``**mapping`` of a call."""
    places = [i for i, arg in enumerate(listing.items) if arg.star == "**"]
    if len(places) != 1:
        raise _RefusedError(text("the call does not unpack one mapping"))
    return places[0]


def _with_mapping(listing: _Listing[cst.Arg], place: int, node: cst.BaseExpression) -> _Listing[cst.Arg]:
    items = list(listing.items)
    items[place] = items[place].with_changes(value=node)
    return replace(listing, items=tuple(items))


def _inside(
    node: cst.BaseExpression, change: Callable[[cst.BaseExpression], cst.BaseExpression | None]
) -> cst.BaseExpression | None:
    """Return a mapping with what it, or what functions of ``adapters`` are given in it, becomes; None: all stays."""
    changed = change(node)
    if changed is None and isinstance(node, cst.Call) and isinstance(node.func, cst.Name):
        inner = _inside(node.args[0].value, change) if node.func.value in adapters.MAPPINGS and node.args else None
        if inner is not None:
            return node.with_changes(args=(node.args[0].with_changes(value=inner), *node.args[1:]))
    return changed


def _passed_through(listing: _Listing[cst.Arg], function: str, argument: str) -> _Listing[cst.Arg]:
    def added(node: cst.BaseExpression) -> cst.BaseExpression | None:
        if not isinstance(node, cst.Call) or not isinstance(node.func, cst.Name) or node.func.value != function:
            return None
        given = [_code(arg.with_changes(comma=cst.MaybeSentinel.DEFAULT)) for arg in node.args]
        return node if argument in ("", *given) else _value(f"{function}({', '.join([*given, argument])})")

    place = _mapping(listing)
    old = listing.items[place].value
    plain = old.with_changes(lpar=old.lpar[1:], rpar=old.rpar[1:])
    behind = f", {argument}" if argument else ""
    return _with_mapping(listing, place, _inside(old, added) or _value(f"{function}({_code(plain)}{behind})"))


def _fallen_back(listing: _Listing[cst.Arg], name: str, value: cst.BaseExpression) -> _Listing[cst.Arg]:
    position = _position(listing, name)
    if position is None:
        raise _RefusedError(_hidden(listing, name) or text("the call has no argument '{name}'", name=name))
    old = listing.items[position].value
    left = _in_parentheses(old) if isinstance(old, (cst.IfExp, cst.Lambda)) and not old.lpar else old
    return _set(listing, name, cst.BooleanOperation(left, cst.Or(), value))


def _remove(listing: _Listing[cst.Arg], name: str) -> _Listing[cst.Arg]:
    position = _position(listing, name)
    if position is not None:
        return _removed(listing, position)
    hidden = _hidden(listing, name)
    if hidden is not None:
        raise _RefusedError(hidden)
    return listing


def _rename(listing: _Listing[cst.Arg], name: str, to: str) -> _Listing[cst.Arg]:
    position = _position(listing, name)
    if position is None:
        raise _RefusedError(_hidden(listing, name) or text("the call has no argument '{name}'", name=name))
    if name != to and _position(listing, to) is not None:
        raise _RefusedError(text("the call already has an argument '{name}'", name=to))
    items = list(listing.items)
    items[position] = items[position].with_changes(keyword=cst.Name(to))
    return replace(listing, items=tuple(items))


def _extend(listing: _Listing[cst.Arg], entries: Sequence[tuple[str, str]]) -> _Listing[cst.Arg]:
    position = _position(listing, "extra_body")
    body = cst.Dict([]) if position is None else listing.items[position].value
    if isinstance(body, cst.Name) and body.value == "None":
        body = cst.Dict([])
    if not isinstance(body, cst.Dict):
        plain = body if body.lpar or not isinstance(body, (cst.IfExp, cst.Lambda)) else _in_parentheses(body)
        return _set(listing, "extra_body", _value(f"{{{_display(entries)}, **({_code(plain)} or {{}})}}"))
    for key, code in entries:
        body = body if _yields(body, key, code) else _with_entry(body, key, _value(code))
    return _set(listing, "extra_body", body)


def _yields(body: cst.Dict, key: str, code: str) -> bool:
    """Whether a dictionary has the entry already, before one that is written elsewhere and keeps the last word."""
    last = body.elements[-1].value if body.elements else None
    elsewhere = isinstance(last, cst.BooleanOperation) and isinstance(last.operator, cst.Or)
    mine = (e for e in body.elements if isinstance(e, cst.DictElement) and _string(e.key) == key)
    return elsewhere and any(_code(e.value) == code for e in mine)


def _shrunk(listing: _Listing[cst.Arg], names: Sequence[str]) -> _Listing[cst.Arg]:
    position = _position(listing, "extra_body")
    body = None if position is None else listing.items[position].value
    if position is None or not isinstance(body, cst.Dict):
        raise _RefusedError(text("extra_body is not written out here: {code}", code=_code(body) if body else ""))
    for name in names:
        at = _entry_position(body, name)
        body = body if at is None else _with_entries(body, _removed(_entries(body), at))
    return _set(listing, "extra_body", body) if body.elements else _removed(listing, position)


def _moved(listing: _Listing[cst.Arg], name: str, to: str) -> _Listing[cst.Arg]:
    position = _position(listing, name)
    if position is None:
        raise _RefusedError(_hidden(listing, name) or text("the call has no argument '{name}'", name=name))
    code = _code(listing.items[position].value)
    return _extend(_removed(listing, position), [(to, code)])


def _with_entry(node: cst.Dict, key: str, value: cst.BaseExpression) -> cst.Dict:
    """Return the dictionary with ``key`` set to ``value``."""
    elements = list(node.elements)
    keys = [_string(e.key) if isinstance(e, cst.DictElement) else None for e in elements]
    for i, element in enumerate(elements):
        # what follows a `**mapping` wins over it, what stands before may lose
        if keys[i] == key and not any(isinstance(e, cst.StarredDictElement) for e in elements[i:]):
            elements[i] = element.with_changes(value=value)
            return node.with_changes(elements=elements)
    listing = _entries(node)
    return _with_entries(node, _inserted(listing, len(elements), cst.DictElement(_key(node, key), value)))


def _key(node: cst.Dict, key: str) -> cst.SimpleString:
    """Return a key, quoted as the others of the dictionary are."""
    single = next((e.key.quote == "'" for e in node.elements if _is_plain(e)), False)  # type: ignore[attr-defined]
    return cst.SimpleString(repr(key) if single else '"' + _escaped(key, '"') + '"')


def _entries(node: cst.Dict) -> _Listing[cst.BaseDictElement]:
    elements = node.elements
    opening, closing = node.lbrace.whitespace_after, node.rbrace.whitespace_before
    gaps = [e.comma.whitespace_after if isinstance(e.comma, cst.Comma) else _NOTHING for e in elements[:-1]]
    around = (opening, *gaps, closing) if elements else (opening if _remarked(opening) else closing,)
    return _Listing(tuple(elements), around, bool(elements) and isinstance(elements[-1].comma, cst.Comma))


def _with_entries(node: cst.Dict, listing: _Listing[cst.BaseDictElement]) -> cst.Dict:
    elements = listing.punctuated()
    if listing.trailing_comma:  # what follows it belongs to the brace
        elements[-1] = elements[-1].with_changes(comma=cst.Comma())
    return node.with_changes(
        lbrace=cst.LeftCurlyBrace(whitespace_after=listing.gaps[0] if listing.items else _NOTHING),
        elements=elements,
        rbrace=cst.RightCurlyBrace(whitespace_before=listing.gaps[-1]),
    )


def _is_plain(element: cst.BaseDictElement) -> bool:
    return isinstance(element, cst.DictElement) and isinstance(element.key, cst.SimpleString)


# Operations


def _operated(node: cst.BaseExpression, operation: Operation) -> cst.BaseExpression:
    """Return ``node`` after ``operation``.

    Raises:
        _RefusedError: the operation does not fit the node.
    """
    match operation:
        case RenameFunction(to=to):
            return _called(node, to)
        case ReplaceString(value=value):
            return _restrung(node, value)
        case ReplaceText(old=old, new=new):
            return _retold(node, old, new)
        case Wrap() | ReplaceTail() | ReplaceCallee():
            return _reshaped(node, operation)
        case RemoveEntry() | RenameEntry() | SetEntry() | WrapEntry():
            return _with_changed_entry(node, operation)
        case ReplaceFunction(code=code):
            if not isinstance(node, cst.Call):
                raise _RefusedError(text("it is not a call"))
            return node.with_changes(func=_value(code))
        case ReadAttribute():
            read = _attribute(node)
            return read if isinstance(read, _TIGHT) or read.lpar or type(read) is type(node) else _in_parentheses(read)
        case CallMethod(name=name, argument=argument):
            tight = node if isinstance(node, _TIGHT) or node.lpar else _in_parentheses(node)
            called = cst.ensure_type(cst.parse_expression(f"_.{name}({argument})"), cst.Call)
            return called.with_changes(func=cst.Attribute(tight, cst.Name(name)))
        case AskTruth() | Filter() | GuardAttribute() | JoinEntries() | KeepBehind() | WholeObject():
            return _remade(node, operation)
        case RenameClient(path=path, to=to):
            return _with_client(node, path, lambda client: _renamed(client, to))
        case DeriveClient(path=path, options=options):
            given = ", ".join(f"{name}={code}" for name, code in options)
            return _with_client(node, path, lambda client: _parsed(f"{_code(_bound(client))}.with_options({given})"))
    if isinstance(node, cst.Dict):
        return _in_dictionary(node, operation)
    call, listing = _arguments(node)
    match operation:
        case SetArgument(name=name, code=code):
            changed = _set(listing, name, _value(code))
        case FallBack(name=name, code=code):
            changed = _fallen_back(listing, name, _value(code))
        case RemoveArgument(name=name):
            changed = _remove(listing, name)
        case RenameArgument(name=name, to=to):
            changed = _rename(listing, name, to)
        case MoveToBody(name=name, to=to):
            changed = _moved(listing, name, to)
        case ExtendBody(entries=entries):
            changed = _extend(listing, entries)
        case ShrinkBody(names=names):
            changed = _shrunk(listing, names)
        case TakeEntry():
            changed = _taken(listing, operation)
        case ToMessages():
            changed = _messages(listing, operation)
        case NamePositional(names=names):
            changed = _named(listing, names)
        case DefaultArgument(name=name, code=code):
            changed = _defaulted(listing, name, _value(code))
        case DefaultBody(entries=entries):
            changed = _body_defaulted(listing, entries)
        case PassThrough(function=function, argument=argument):
            changed = _passed_through(listing, function, argument)
        case CallThrough(function=function):
            first = cst.Arg(call.func.with_changes(lpar=[], rpar=[]))
            call = call.with_changes(func=cst.Name(function), lpar=call.lpar, rpar=call.rpar)
            changed = _inserted(listing, 0, first)
    return node if changed is listing else _with_arguments(call, changed)


def _in_dictionary(node: cst.Dict, operation: Operation) -> cst.Dict:
    """Do to the entries of a dictionary, which a call unpacks, what is done to keywords of the call.

    Raises:
        _RefusedError: the operation does not fit, or a ``**mapping`` behind the entry may win over it.
    """
    match operation:
        case SetArgument(name=name, code=code):
            return _with_entry(node, name, _value(code))
        case ExtendBody(entries=entries):
            body = _entry(node, "extra_body")
            if body is not None and not isinstance(body, cst.Dict):
                raise _RefusedError(text("extra_body is not written out here: {code}", code=_code(body)))
            for key, code in entries:
                body = _with_entry(body or cst.Dict([]), key, _value(code))
            return node if body is None else _with_entry(node, "extra_body", body)
        case RemoveArgument(name=name):
            at = _entry_position(node, name, sure=False)  # what is unpacked behind it is seen by itself
            return node if at is None else _with_entries(node, _removed(_entries(node), at))
        case RenameArgument(name=name, to=to):
            at = _entry_position(node, name)
            if at is None:  # another call that unpacks the same dictionary has had it renamed
                return node
            if _entry_position(node, to) is not None:
                raise _RefusedError(text("the dictionary already has an entry '{name}'", name=to))
            elements = list(node.elements)
            elements[at] = elements[at].with_changes(key=_key(node, to))
            return node.with_changes(elements=elements)
        case MoveToBody(name=name, to=to):
            value = _entry(node, name)
            if value is None:
                return node
            rest = _in_dictionary(node, RemoveArgument(name))
            return _in_dictionary(rest, ExtendBody(((to, _code(value)),)))
    raise _RefusedError(text("it is not a call"))


def _entry_position(node: cst.Dict, name: str, *, sure: bool = True) -> int | None:
    """Return where the entry ``name`` stands; ``sure``: nothing may win over it."""
    keys = [_string(e.key) if isinstance(e, cst.DictElement) else None for e in node.elements]
    if name not in keys:
        return None
    at = len(keys) - 1 - keys[::-1].index(name)
    if keys.count(name) > 1 or (sure and any(isinstance(e, cst.StarredDictElement) for e in node.elements[at:])):
        raise _RefusedError(text("what '{name}' is in the dictionary is not sure", name=name))
    return at


def _entry(node: cst.Dict, name: str) -> cst.BaseExpression | None:
    at = _entry_position(node, name)
    return None if at is None else node.elements[at].value


def _with_both(before: cst.BaseExpression, after: cst.BaseExpression, switch: Switch) -> cst.BaseExpression:
    """Return the call with the arguments that changed in both forms, each for its own provider."""
    if not isinstance(before, cst.Call) or not isinstance(after, cst.Call):
        return after
    old = {a.keyword.value: _code(a.value) for a in before.args if a.keyword is not None}
    new = {a.keyword.value: _code(a.value) for a in after.args if a.keyword is not None}
    call, listing = _arguments(before)
    items: list[cst.Arg] = []
    for item in listing.items:
        name = item.keyword.value if item.keyword is not None else None
        if name is None or new.get(name) == old[name]:
            items.append(item)
        elif name in new:
            chosen = f"{switch.module}.choose(openai={old[name]}, {switch.provider}={new[name]})"
            items.append(item.with_changes(value=_value(chosen)))
        else:
            items.append(_only(item, switch.module, "openai", {name: old[name]}))
    added = {name: code for name, code in new.items() if name not in old}
    listing = replace(listing, items=tuple(items))
    if added:
        listing = _inserted(listing, len(items), _only(cst.Arg(cst.Name("_")), switch.module, switch.provider, added))
    return _with_arguments(call, listing)


def _only(item: cst.Arg, module: str, provider: str, values: Mapping[str, str]) -> cst.Arg:
    """Return ``**module.only("provider", name=value)`` in the place of an argument."""
    given = ", ".join(f"{name}={code}" for name, code in values.items())
    return item.with_changes(
        keyword=None, star="**", equal=cst.MaybeSentinel.DEFAULT, value=_value(f'{module}.only("{provider}", {given})')
    )


def _called(node: cst.BaseExpression, name: str) -> cst.BaseExpression:
    """Give what ``node`` calls, or is, another last name."""
    function = node.func if isinstance(node, cst.Call) else node
    if isinstance(function, cst.Name):
        function = function.with_changes(value=name)
    elif isinstance(function, cst.Attribute):
        function = function.with_changes(attr=cst.Name(name))
    else:
        raise _RefusedError(text("what is called here has no name"))
    return node.with_changes(func=function) if isinstance(node, cst.Call) else function


def _named(listing: _Listing[cst.Arg], names: Sequence[str]) -> _Listing[cst.Arg]:
    """Give the positional arguments names."""
    items = list(listing.items)
    equal = cst.AssignEqual(whitespace_before=_NOTHING, whitespace_after=_NOTHING)
    for i, item in enumerate(items):
        if item.star:
            raise _RefusedError(text("some arguments are unpacked"))
        if item.keyword is None:
            if i >= len(names):
                raise _RefusedError(text("there are more positional arguments than are known"))
            items[i] = item.with_changes(keyword=cst.Name(names[i]), equal=equal)
    return replace(listing, items=tuple(items))


def _attribute(node: cst.BaseExpression) -> cst.BaseExpression:
    """Read an attribute where a key is looked up, see ``ReadAttribute``."""
    match node:
        case cst.Subscript(value=base, slice=[cst.SubscriptElement(slice=cst.Index(value=key))]):
            return _with_parentheses_of(node, cst.Attribute(base, _as_name(key)))
        case cst.Call(func=cst.Attribute(value=base, attr=cst.Name(value="get")), args=[cst.Arg(value=key), *rest]):
            found: cst.BaseExpression = cst.Attribute(base, _as_name(key))
            if rest and not (isinstance(rest[0].value, cst.Name) and rest[0].value.value == "None"):
                other = rest[0].value
                right = other if isinstance(other, _TIGHT) or other.lpar else _in_parentheses(other)
                found = cst.BooleanOperation(found, cst.Or(), right)
            return _with_parentheses_of(node, found)
        case cst.Call(func=cst.Name(value="hasattr"), args=[cst.Arg(value=base), cst.Arg(value=key)]):
            return _with_parentheses_of(node, _is_there(cst.Attribute(base, _as_name(key)), cst.IsNot()))
        case cst.Comparison(left=key, comparisons=[cst.ComparisonTarget(operator=operator, comparator=base)]):
            test = cst.IsNot() if isinstance(operator, cst.In) else cst.Is()
            tight = base if isinstance(base, _TIGHT) or base.lpar else _in_parentheses(base)
            return _with_parentheses_of(node, _is_there(cst.Attribute(tight, _as_name(key)), test))
    raise _RefusedError(text("it looks nothing up"))


def _is_there(node: cst.BaseExpression, operator: cst.Is | cst.IsNot) -> cst.Comparison:
    return cst.Comparison(node, [cst.ComparisonTarget(operator, cst.Name("None"))])


def _as_name(key: cst.BaseExpression) -> cst.Name:
    """Return a key as the name of an attribute; the SDK writes what cannot be one with underscores."""
    name = re.sub(r"\W", "_", _string(key) or "")
    if not name.isidentifier():
        raise _RefusedError(text("{code} is no name", code=_code(key)))
    return cst.Name(name)


def _with_parentheses_of(node: cst.BaseExpression, new: cst.BaseExpression) -> cst.BaseExpression:
    return new.with_changes(lpar=[*node.lpar, *new.lpar], rpar=[*new.rpar, *node.rpar])


def _renamed(node: cst.BaseExpression, name: str) -> cst.BaseExpression:
    """Give a name, or an attribute, another last name."""
    if isinstance(node, cst.Name):
        return node.with_changes(value=name)
    if isinstance(node, cst.Attribute):
        return node.with_changes(attr=cst.Name(name))
    raise _RefusedError(text("what is called here has no name"))


def _bound(node: cst.BaseExpression) -> cst.BaseExpression:
    """Return an expression as it may stand before a dot."""
    return node if isinstance(node, _TIGHT) or node.lpar else _in_parentheses(node)


def _with_client(
    node: cst.BaseExpression, path: str, change: Callable[[cst.BaseExpression], cst.BaseExpression]
) -> cst.BaseExpression:
    """Change what the method ``path`` belongs to, which ``node`` calls or names."""
    outer = node.func if isinstance(node, cst.Call) else node
    inner, passed = outer, list[cst.Attribute]()
    for name in reversed(path.split(".")):
        if not isinstance(inner, cst.Attribute) or inner.attr.value != name:
            raise _RefusedError(text("its client does not stand before it"))
        passed.append(inner)
        inner = inner.value
    new = change(inner)
    for attribute in reversed(passed):
        new = attribute.with_changes(value=new)
    return node.with_changes(func=new) if isinstance(node, cst.Call) else new


def _restrung(node: cst.BaseExpression, value: str) -> cst.BaseExpression:
    """Give a string literal another value."""
    if not isinstance(node, cst.SimpleString):
        raise _RefusedError(text("it is not a plain string literal"))
    prefix = node.value[: len(node.prefix)]
    body = value if "r" in prefix.lower() else _escaped(value, node.quote)
    new = prefix + node.quote + body + node.quote
    try:
        wanted: str | bytes = value.encode("ascii") if "b" in prefix.lower() else value
        fits = ast.literal_eval(new) == wanted
    except (SyntaxError, ValueError):
        fits = False
    if not fits:
        raise _RefusedError(text("the literal {code} cannot hold '{value}'", code=node.value, value=value))
    return node.with_changes(value=new)


def _retold(node: cst.BaseExpression, old: str, new: str) -> cst.BaseExpression:
    """Put ``new`` where ``old`` stands in a string, which may be broken over several parts of it."""
    pieces = list(_pieces(node))
    whole = "".join(written for _, written in pieces)
    if old not in whole and new in whole:
        return node  # another fix has done it
    if whole.count(old) != 1 or re.search(r"[\\\n{}]", new):
        raise _RefusedError(text("'{old}' does not stand once in {code}", old=old, code=_code(node)))
    start, at = whole.index(old), 0
    end = start + len(old)
    bodies: dict[int, str] = {}
    for piece, written in pieces:
        before, after = written[: max(0, start - at)], written[max(0, end - at) :]
        bodies[id(piece)] = before + (new if at <= start < at + len(written) else "") + after
        at += len(written)
    changed = node.visit(_Retelling(bodies))
    assert isinstance(changed, cst.BaseExpression)
    return changed


class _Retelling(cst.CSTTransformer):
    """Gives parts of a string (by ``id``) other texts."""

    def __init__(self, bodies: Mapping[int, str]) -> None:
        super().__init__()
        self.bodies = bodies

    def on_leave(self, original_node: cst.CSTNode, updated_node: cst.CSTNode) -> cst.CSTNode:  # type: ignore[override]
        body = self.bodies.get(id(original_node))
        if body is not None and isinstance(updated_node, cst.SimpleString | cst.FormattedStringText):
            return _with_text(updated_node, body)
        return updated_node


def _pieces(node: cst.CSTNode) -> Iterator[tuple[cst.SimpleString | cst.FormattedStringText | None, str]]:
    """Yield the parts of a string with what is written in them; None for what is between braces."""
    match node:
        case cst.SimpleString():
            yield node, node.raw_value
        case cst.FormattedStringText(value=value):
            yield node, value
        case cst.ConcatenatedString(left=left, right=right):
            yield from _pieces(left)
            yield from _pieces(right)
        case cst.FormattedString(parts=parts):
            for part in parts:
                yield from _pieces(part)
        case cst.FormattedStringExpression():
            yield None, "\0"
        case _:
            raise _RefusedError(text("it is not a plain string literal"))


def _with_text(piece: cst.SimpleString | cst.FormattedStringText, body: str) -> cst.CSTNode:
    if isinstance(piece, cst.FormattedStringText):
        return piece.with_changes(value=body)
    body = re.sub(rf"(?<!\\){piece.quote[0]}", rf"\\{piece.quote[0]}", body) if len(piece.quote) == 1 else body
    return piece.with_changes(value=piece.value[: len(piece.prefix)] + piece.quote + body + piece.quote)


def _escaped(value: str, quote: str) -> str:
    """Return ``value`` as it is written between two ``quote``."""
    long = len(quote) == 3
    written = {"\\": "\\\\", "\n": "\n" if long else "\\n"}
    body = "".join(
        written.get(c) or (c if c.isprintable() else c.encode("unicode_escape").decode("ascii")) for c in value
    )
    q = quote[0]
    return re.sub(f"{q}(?={q}{q})|{q}\\Z" if long else q, rf"\\{q}", body)


# From one form of the API to another


def _reshaped(node: cst.BaseExpression, operation: Wrap | ReplaceTail | ReplaceCallee) -> cst.BaseExpression:
    match operation:
        case Wrap(before=before, after=after):
            code = _code(node)
            bare = code[1:-1] if len(node.lpar) == 1 else code
            return node if bare.startswith(before) and bare.endswith(after) else _value(before + code + after)
        case ReplaceTail(old=old, new=new):
            return _with_tail(node, old, new)
        case ReplaceCallee(old=old, new=new):
            if not isinstance(node, cst.Call):
                raise _RefusedError(text("it is not a call"))
            return node.with_changes(func=_with_tail(node.func, f".{old}", f".{new}"))


def _with_changed_entry(
    node: cst.BaseExpression, operation: RemoveEntry | RenameEntry | SetEntry | WrapEntry
) -> cst.BaseExpression:
    if not isinstance(node, cst.Dict):
        raise _RefusedError(text("it is no dictionary that is written out"))
    if isinstance(operation, RemoveEntry):
        return _without_entry(node, operation.key)
    elements = list(node.elements)
    for i, element in enumerate(elements):
        if not isinstance(element, cst.DictElement) or not _is_under(element, operation.key):
            continue
        match operation:
            case RenameEntry(to=to):
                elements[i] = element.with_changes(key=_restrung(element.key, to))
            case SetEntry(code=code):
                elements[i] = element.with_changes(value=_value(code))
            case WrapEntry(before=before, after=after):
                elements[i] = element.with_changes(value=_reshaped(element.value, Wrap(before, after)))
    return node.with_changes(elements=elements)


def _with_tail(node: cst.BaseExpression, old: str, new: str) -> cst.BaseExpression:
    """Replace the steps at the end of a chain of attributes, subscripts and calls; before ``or`` and ``is``, too."""
    if isinstance(node, cst.BooleanOperation) and isinstance(node.operator, cst.Or):
        return node.with_changes(left=_with_tail(node.left, old, new))
    if isinstance(node, cst.Comparison) and isinstance(node.comparisons[0].operator, cst.Is | cst.IsNot):
        return node.with_changes(left=_with_tail(node.left, old, new))
    written = re.sub(r"\s+", "", _code(node))
    if new and written.endswith(new):
        return node
    if not written.endswith(old):
        raise _RefusedError(text("'{old}' does not stand here", old=old))
    value: cst.BaseExpression = node
    step = _parsed("_" + old)
    while not isinstance(step, cst.Name):
        if isinstance(step, cst.Call) and isinstance(value, cst.Call):
            step, value = step.func, value.func
        elif type(step) is type(value) and isinstance(value, (cst.Attribute, cst.Subscript)):
            assert isinstance(step, (cst.Attribute, cst.Subscript))
            step, value = step.value, value.value
        else:
            raise _RefusedError(text("'{old}' does not stand here", old=old))
    return _on(value, _parsed("_" + new)).with_changes(lpar=node.lpar, rpar=node.rpar)


def _on(value: cst.BaseExpression, steps: cst.BaseExpression) -> cst.BaseExpression:
    """Put ``value`` in the place of the name that a chain begins with."""
    if isinstance(steps, (cst.Attribute, cst.Subscript)):
        return steps.with_changes(value=_on(value, steps.value))
    if isinstance(steps, cst.Call):
        return steps.with_changes(func=_on(value, steps.func))
    return value


def _without_entry(node: cst.Dict, key: str) -> cst.Dict:
    position = next((i for i, e in enumerate(node.elements) if _is_under(e, key)), None)
    if position is None:
        return node
    elements = list(node.elements)
    trailing = bool(elements) and isinstance(elements[-1].comma, cst.Comma)
    gaps = [e.comma.whitespace_after if isinstance(e.comma, cst.Comma) else _NOTHING for e in elements[:-1]]
    around = (node.lbrace.whitespace_after, *gaps, node.rbrace.whitespace_before)
    listing = _Listing(tuple(elements), around, trailing)
    listing = _removed(listing, position)
    return node.with_changes(
        lbrace=cst.LeftCurlyBrace(whitespace_after=listing.gaps[0]),
        elements=listing.punctuated(),
        rbrace=cst.RightCurlyBrace(
            whitespace_before=_NOTHING if listing.trailing_comma or not listing.items else listing.gaps[-1]
        ),
    )


def _is_under(element: cst.BaseDictElement, key: str) -> bool:
    return isinstance(element, cst.DictElement) and _string(element.key) == key


def _taken(listing: _Listing[cst.Arg], operation: TakeEntry) -> _Listing[cst.Arg]:
    position = _position(listing, operation.name)
    if position is None:
        raise _RefusedError(text("the call has no argument '{name}'", name=operation.name))
    value = listing.items[position].value
    for key in operation.keys:
        found = [e.value for e in _elements(value) if _is_under(e, key)]
        if len(found) != 1:
            raise _RefusedError(text("'{name}' is not written out here", name=operation.name))
        value = found[0]
    if operation.to == operation.name:
        items = list(listing.items)
        items[position] = items[position].with_changes(value=value)
        return replace(listing, items=tuple(items))
    return _set(listing, operation.to, value)


def _messages(listing: _Listing[cst.Arg], operation: ToMessages) -> _Listing[cst.Arg]:
    position = _position(listing, operation.name)
    if position is None:
        raise _RefusedError(text("the call has no argument '{name}'", name=operation.name))
    said = operation.system
    if operation.instructions is not None:
        place = _position(listing, operation.instructions)
        if place is None:
            raise _RefusedError(text("the call has no argument '{name}'", name=operation.instructions))
        said = _code(listing.items[place].value)
        listing = _removed(listing, place)
        position = _position(listing, operation.name)
        assert position is not None
    value = listing.items[position].value
    gap = listing.gaps[position]
    indent = gap.last_line.value if isinstance(gap, cst.ParenthesizedWhitespace) else None
    system = f'{{"role": "system", "content": {said}}}' if said is not None else None
    if not operation.is_list:
        user = f'{{"role": "user", "content": {_code(value)}}}'
        value = _list([message for message in (system, user) if message is not None], indent)
    elif system is not None and isinstance(value, cst.List) and value.elements:
        value = _prepended(value, _value(system))
    elif system is not None:
        value = _list([system, f"*{_starred(value)}"], indent)
    items = list(listing.items)
    items[position] = items[position].with_changes(value=value, keyword=cst.Name("messages"))
    return replace(listing, items=tuple(items))


def _starred(value: cst.BaseExpression) -> str:
    """Return the code of a value that ``*`` can stand before."""
    tight = isinstance(value, _TIGHT) or value.lpar
    return _code(value) if tight else f"({_code(value)})"


def _list(items: Sequence[str], indent: str | None) -> cst.BaseExpression:
    """Return a list of several items: on lines of their own where the argument has one."""
    if indent is None or (len(items) == 1 and "\n" not in items[0]):
        return _value(f"[{', '.join(items)}]")
    lines = "".join(f"\n{indent}    {item}," for item in items)
    return _value(f"[{lines}\n{indent}]")


def _prepended(value: cst.List, item: cst.BaseExpression) -> cst.List:
    gap = value.lbracket.whitespace_after
    after = _broken(gap.last_line) if isinstance(gap, cst.ParenthesizedWhitespace) else _SPACE
    return value.with_changes(elements=[cst.Element(item, cst.Comma(whitespace_after=after)), *value.elements])


# Other expressions


def _remade(
    node: cst.BaseExpression, operation: AskTruth | Filter | GuardAttribute | JoinEntries | KeepBehind | WholeObject
) -> cst.BaseExpression:
    """Return ``node`` after an operation on something else than a call or its dictionary.

    Raises:
        _RefusedError: the operation does not fit the node.
    """
    match operation, node:
        case GuardAttribute(), cst.BooleanOperation(operator=cst.Or()):
            return node.with_changes(left=_remade(node.left, operation))
        case AskTruth(), cst.Comparison(left=left, comparisons=[cst.ComparisonTarget(operator=cst.IsNot())]):
            return left
        case AskTruth(), cst.Comparison(left=left, comparisons=[cst.ComparisonTarget(operator=cst.Is())]):
            return cst.UnaryOperation(cst.Not(), left, lpar=node.lpar, rpar=node.rpar)
        case GuardAttribute(default=default), cst.Attribute(value=value, attr=attr):
            arguments = (value, cst.SimpleString(f'"{attr.value}"'), _value(default))
            return cst.Call(cst.Name("getattr"), [cst.Arg(argument) for argument in arguments])
        case KeepBehind(mark=mark), _:
            inner = node if isinstance(node, _TIGHT) or node.lpar else _in_parentheses(node)
            return _parsed(f'{_code(inner)}.rpartition("{_escaped(mark, chr(34))}")[2]')
        case WholeObject(key=key), cst.Dict():
            return _holder(_entry(node, key), key)
        case Filter(name=name, condition=condition), cst.BaseComp():
            return node.with_changes(for_in=_filtered(node.for_in, name, condition))
        case JoinEntries(), cst.List():
            return _joined_members(node, operation)
    raise _RefusedError(text("the code has another form than expected here"))


def _holder(value: cst.BaseExpression | None, key: str) -> cst.BaseExpression:
    """Return ``x`` of ``x.key`` and ``x.key or …``."""
    if isinstance(value, cst.BooleanOperation) and isinstance(value.operator, cst.Or):
        value = value.left
    if isinstance(value, cst.Attribute) and value.attr.value == key:
        return value.value
    raise _RefusedError(text("'{key}' of the dictionary is not read from an object here", key=key))


def _filtered(loop: cst.CompFor, name: str, condition: str) -> cst.CompFor:
    if isinstance(loop.target, cst.Name) and loop.target.value == name:
        return loop.with_changes(ifs=[cst.CompIf(_value(condition)), *loop.ifs])
    if loop.inner_for_in is None:
        raise _RefusedError(text("the code has another form than expected here"))
    return loop.with_changes(inner_for_in=_filtered(loop.inner_for_in, name, condition))


def _joined_members(node: cst.List, operation: JoinEntries) -> cst.List:
    elements = list(node.elements)
    first, second = (elements[i].value for i in (operation.first, operation.second))
    if not (isinstance(first, cst.Dict) and isinstance(second, cst.Dict)):
        raise _RefusedError(text("the code has another form than expected here"))
    head, tail = _entry(first, operation.key), _entry(second, operation.key)
    if head is None or tail is None:
        raise _RefusedError(text("the code has another form than expected here"))
    whole = _texts_joined(head, operation.between, tail)
    elements[operation.first] = elements[operation.first].with_changes(value=_with_entry(first, operation.key, whole))
    gaps = [e.comma.whitespace_after if isinstance(e.comma, cst.Comma) else _NOTHING for e in elements[:-1]]
    around = (node.lbracket.whitespace_after, *gaps, node.rbracket.whitespace_before)
    listing = _Listing(tuple(elements), around, isinstance(elements[-1].comma, cst.Comma))
    listing = _removed(listing, operation.second)
    said = _remark(around[operation.second + 1])
    if said is not None:
        gaps = list(listing.gaps)
        gaps[operation.second] = _with_remark(gaps[operation.second], said)
        listing = replace(listing, gaps=tuple(gaps))
    members = listing.punctuated()
    if listing.trailing_comma:  # what follows it belongs to the bracket
        members[-1] = members[-1].with_changes(comma=cst.Comma())
    return node.with_changes(
        lbracket=cst.LeftSquareBracket(whitespace_after=listing.gaps[0]),
        elements=members,
        rbracket=cst.RightSquareBracket(whitespace_before=listing.gaps[-1]),
    )


def _texts_joined(head: cst.BaseExpression, between: str, tail: cst.BaseExpression) -> cst.BaseExpression:
    """Return two texts with a third between them: one literal where both are plain and quoted alike."""
    plain = [n for n in (head, tail) if isinstance(n, cst.SimpleString) and not n.prefix and len(n.quote) == 1]
    if len(plain) == 2 and plain[0].quote == plain[1].quote:
        quote = plain[0].quote
        return cst.SimpleString(plain[0].value[:-1] + _escaped(between, quote) + plain[1].value[1:])
    literal = cst.SimpleString('"' + _escaped(between, '"') + '"')
    return cst.BinaryOperation(cst.BinaryOperation(_operand(head), cst.Add(), literal), cst.Add(), _operand(tail))


def _remark(gap: Gap) -> cst.Comment | None:
    """Return the comment that stands behind an item on its line."""
    return gap.first_line.comment if isinstance(gap, cst.ParenthesizedWhitespace) else None


def _with_remark(gap: Gap, said: cst.Comment) -> Gap:
    """Put a comment behind an item on its line, behind the one that is there."""
    if not isinstance(gap, cst.ParenthesizedWhitespace):
        return gap
    before = gap.first_line.comment
    comment = said if before is None else cst.Comment(f"{before.value}  {said.value}")
    space = gap.first_line.whitespace.value or "  "
    line = gap.first_line.with_changes(comment=comment, whitespace=cst.SimpleWhitespace(space))
    return gap.with_changes(first_line=line)


def _operand(node: cst.BaseExpression) -> cst.BaseExpression:
    """Return an expression as it may stand beside ``+``."""
    return node if isinstance(node, (*_TIGHT, cst.BinaryOperation)) or node.lpar else _in_parentheses(node)
