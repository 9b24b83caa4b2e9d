"""Carry out fixes on a source's text, each on the smallest expression, with LibCST.

Only the expressions that change are parsed; everything else of the text is copied. The only package that loads LibCST.

``places`` finds what changes, ``rewriter`` makes edits of it, ``statements`` those of whole statements; ``expressions``
says who carries out an operation. Imports are put in by ``llm_codemods.imports``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from llm_codemods import spare_imports
from llm_codemods.edits import Edit, OverlapError, apply
from llm_codemods.operations import Fix
from llm_codemods.parsed import Module
from llm_codemods.text import Text
from llm_codemods.transform.regions import misplaced
from llm_codemods.transform.rewriter import Rewriter, newline_of


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
        module = Module(twin)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        module = None
    rewriter = Rewriter(code, module, newline_of(code), imports_at)
    refused = misplaced(fixes, code, module)
    while True:  # each round refuses a fix or is the last one
        made = rewriter.edits({i: fix for i, fix in enumerate(fixes) if i not in refused})
        if not rewriter.refused:
            break
        refused.update(rewriter.refused)
    try:
        # that it parses is proved by that it is parsed
        if module is not None and (spare := spare_imports.spare(module, Module(apply(twin, made)))):
            left = {i: _without_imports(fix, spare) for i, fix in enumerate(fixes) if i not in refused}
            made = spare_imports.without(module, spare, rewriter.edits(left))
            Module(apply(twin, made))
        after = apply(code, made)
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
    return fix if not fix.changes else replace(fix, imports=tuple(i for i in fix.imports if i.bound not in names))
