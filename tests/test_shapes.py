"""Operations on loops, comparisons and messages: what they make, and what they leave alone."""

from __future__ import annotations

import pytest

from llm_codemods.edits import Span
from llm_codemods.operations import (
    AskTruth,
    Change,
    Filter,
    Fix,
    GuardAttribute,
    InsertBefore,
    JoinEntries,
    KeepBehind,
    Operation,
    WholeObject,
)
from llm_codemods.text import text
from llm_codemods.transform import rewrite

TWO = JoinEntries(0, 1, "text", "\n")


def done(code: str, part: str, operation: Operation) -> str | None:
    """Carry out an operation on a part of the code, twice as two fixes would; None: it was refused."""
    start = code.index(part)
    fixes = [Fix(text("change it"), (Change(Span(start, start + len(part)), (operation,)),)) for _ in range(2)]
    made = rewrite(code, fixes)
    return None if made.refused else made.text


@pytest.mark.parametrize(
    ("code", "part", "operation", "after"),
    [
        ("x.a is not None", "x.a is not None", AskTruth(), "x.a"),
        ("y and x.a is None", "x.a is None", AskTruth(), "y and not x.a"),
        ("x.a.b + 1", "x.a.b", GuardAttribute("0"), 'getattr(x.a, "b", 0) + 1'),
        ("f(a or b)", "a or b", KeepBehind("</t>"), 'f((a or b).rpartition("</t>")[2])'),
        ("f(x.a for x in y)", "(x.a for x in y)", Filter("x", "x.b"), "f(x.a for x in y if x.b)"),
        ('f({"a": x.a or "", "b": 1})', '{"a": x.a or "", "b": 1}', WholeObject("a"), "f(x)"),
        ('z = [{"text": "a"}, {"text": "b"}]', '[{"text": "a"}, {"text": "b"}]', TWO, 'z = [{"text": "a\\nb"}]'),
        ('z = [{"text": a}, {"text": b}, c]', '[{"text": a}, {"text": b}, c]', TWO, 'z = [{"text": a + "\\n" + b}, c]'),
        ("for x in y:\n  z\n", "z", InsertBefore(("if a:", "\tpass")), "for x in y:\n  if a:\n    pass\n  z\n"),
    ],
)
def test_is_done_once(code: str, part: str, operation: Operation, after: str) -> None:
    assert done(code, part, operation) == after


@pytest.mark.parametrize(
    ("code", "operation"),
    [
        ("x.a == None", AskTruth()),
        ('x["a"]', GuardAttribute("0")),
        ("[x.a for (x, z) in y]", Filter("x", "x.b")),
        ('{"a": b}', WholeObject("a")),
        ('[{"text": "a"}, b]', TWO),
        ('[{"text": "a"}, {"words": "b"}]', TWO),
    ],
)
def test_is_refused_on_another_form(code: str, operation: Operation) -> None:
    assert done(code, code, operation) is None
