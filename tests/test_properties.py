"""What holds whatever the edits, the texts, the bytes and the order of things are.

The examples are the same at every run.
"""

from __future__ import annotations

import ast
import io
import random
import tokenize
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import cases
from llm_codemods.edits import Edit, OverlapError, Span, apply, merge
from llm_codemods.engine import ordered
from llm_codemods.operations import (
    Change,
    ExtendBody,
    Fix,
    Import,
    InsertAfter,
    Operation,
    RemoveArgument,
    RenameArgument,
    ReplaceString,
    SetArgument,
)
from llm_codemods.source import decode, encode
from llm_codemods.text import text
from llm_codemods.transform import rewrite
from llm_migrate import workspace
from llm_migrate.settings import Settings

same_every_time = settings(derandomize=True, database=None, deadline=None, max_examples=150)
few = settings(same_every_time, max_examples=40)
TITLE = text("a fix")

texts = st.text(alphabet="ab\t é你\r\n", max_size=30)
newlines = st.sampled_from(["\n", "\r\n"])


# Edits


@st.composite
def texts_with_edits(draw: st.DrawFn) -> tuple[str, list[Edit]]:
    """Draw a text and edits that do not touch one another."""
    code = draw(texts)
    offsets = st.integers(0, len(code))
    places = sorted(draw(st.lists(st.tuples(offsets, offsets).map(sorted), max_size=6)))
    edits: list[Edit] = []
    for start, end in places:
        if not edits or (start >= edits[-1].end and start > edits[-1].start):
            edits.append(Edit(start, end, draw(texts)))
    return code, edits


@same_every_time
@given(texts_with_edits(), st.randoms(use_true_random=False))
def test_edits_replace_what_they_name_and_nothing_else(made: tuple[str, list[Edit]], chance: random.Random) -> None:
    code, edits = made
    expected = code
    for edit in reversed(edits):  # from the end, so that no place moves
        expected = expected[: edit.start] + edit.replacement + expected[edit.end :]
    shuffled = [*edits, *edits]
    chance.shuffle(shuffled)
    assert apply(code, shuffled) == expected


@same_every_time
@given(texts_with_edits(), st.data())
def test_edits_that_overlap_are_refused(made: tuple[str, list[Edit]], data: st.DataObject) -> None:
    code, edits = made
    wide = [edit for edit in edits if edit.end - edit.start > 1]
    if not wide:
        return
    edit = data.draw(st.sampled_from(wide))
    at = data.draw(st.integers(edit.start + 1, edit.end - 1))
    with pytest.raises(OverlapError):
        apply(code, [*edits, Edit(at, at, "x")])


@same_every_time
@given(texts_with_edits(), st.data())
def test_what_begins_at_one_place_is_joined(made: tuple[str, list[Edit]], data: st.DataObject) -> None:
    _, edits = made
    inserted = [Edit(edit.start, edit.start, data.draw(texts)) for edit in edits]
    merged = merge([*edits, *inserted])
    assert len({edit.start for edit in merged}) == len(merged) == len(edits)
    joined = [
        Edit(new.start, old.end, new.replacement + old.replacement) for old, new in zip(edits, inserted, strict=True)
    ]
    pure = {edit.start for edit in edits if edit.start == edit.end}  # then the order given decides
    assert [e for e in merged if e.start not in pure] == [e for e in joined if e.start not in pure]


# Fixes

CALLS = (
    "ask(model='gpt-4o', n=1)",
    "ask( model = 'gpt-4o' , n = 1 )",
    "ask(\n    model='gpt-4o',  # the model\n    # and how many\n    n=1,\n)",
    "ask('gpt-4o', # odd\n\tn=1)",
    'ask(model="gpt-4o", n=1, extra_body={"a": 1})',
    "(ask(n=1, model='gpt-4o'))",
)
AROUND = (
    "# a comment: {}",
    "x  =  [1,2 ,3]  # odd",
    "if x :\n\ty = {}\nelse:  # a tab\n\tpass",
    "def f( a,b = 2 ):\n   return a  ;  # three",
    "s = '''\n{} # no comment\n\t'''",
    "s = f\"{{'a'!r:>{{4}}}}\"",
    "",
    "\x0c",
)
OPERATIONS: Sequence[Operation] = (
    SetArgument("timeout", "20"),
    SetArgument("n", "2"),
    RemoveArgument("n"),
    RenameArgument("model", "engine"),
    ExtendBody((("think", "False"),)),
)


@st.composite
def modules(draw: st.DrawFn) -> tuple[str, list[Span]]:
    """Draw the text of a module, and where the calls in it are that change."""
    pieces: list[str] = []
    spans: list[Span] = []
    length = 0
    for number in range(draw(st.integers(1, 6))):
        around = draw(st.sampled_from(AROUND)).replace("{}", str(number))
        call = draw(st.sampled_from(CALLS))
        head = f"{around}\nr{number} = "
        place = length + len(head)
        spans.append(Span(place, place + len(call)))
        pieces.append(f"{head}{call}  # r{number}\n")
        length += len(pieces[-1])
    return "".join(pieces), spans


@st.composite
def changes(draw: st.DrawFn) -> tuple[str, list[Fix], list[Span]]:
    """Draw a module, and fixes of some calls in it, one each."""
    code, spans = draw(modules())
    fixes: list[Fix] = []
    for span in draw(st.lists(st.sampled_from(spans), unique=True)):
        operations = tuple(draw(st.lists(st.sampled_from(OPERATIONS), min_size=1, max_size=3, unique=True)))
        fixes.append(Fix(TITLE, (Change(span, operations),)))
    return code, fixes, [fix.changes[0].span for fix in fixes]


def outside(code: str, spans: Sequence[Span]) -> list[str]:
    """Return what stands between the spans."""
    places = sorted(spans)
    starts = [0, *(span.end for span in places)]
    ends = [*(span.start for span in places), len(code)]
    return [code[start:end] for start, end in zip(starts, ends, strict=True)]


def comments(code: str) -> Counter[str]:
    """Return all comments."""
    tokens = tokenize.generate_tokens(io.StringIO(code).readline)
    return Counter(token.string for token in tokens if token.type == tokenize.COMMENT)


@same_every_time
@given(changes(), newlines)
def test_all_but_the_calls_stays(made: tuple[str, list[Fix], list[Span]], newline: str) -> None:
    code, fixes, spans = made
    result = rewrite(code, fixes)
    rest = result.text
    kept = outside(code, spans)
    assert rest.startswith(kept[0])
    assert rest.endswith(kept[-1])
    for piece in kept:
        assert piece in rest
        rest = rest[rest.index(piece) + len(piece) :]
    ast.parse(result.text)
    behind = Counter(f"# r{number}" for number in range(code.count("  # r")))
    assert not behind - comments(result.text)


@same_every_time
@given(modules(), st.booleans())
def test_comments_in_a_call_stay_with_what_stays(made: tuple[str, list[Span]], unpacked: bool) -> None:
    code, spans = made
    operation = ExtendBody((("think", "False"),)) if unpacked else SetArgument("timeout", "20")
    result = rewrite(code, [Fix(TITLE, (Change(span, (operation,)),)) for span in spans])
    assert comments(result.text) == comments(code)


@same_every_time
@given(changes())
def test_a_text_with_carriage_returns_gives_the_twin(made: tuple[str, list[Fix], list[Span]]) -> None:
    code, fixes, _ = made
    twin = code.replace("\n", "\r\n")

    def moved(offset: int) -> int:
        return offset + code[:offset].count("\n")

    places = [Span(moved(f.changes[0].span.start), moved(f.changes[0].span.end)) for f in fixes]
    there = [Fix(TITLE, (Change(place, f.changes[0].operations),)) for f, place in zip(fixes, places, strict=True)]
    assert rewrite(twin, there).text == rewrite(code, fixes).text.replace("\n", "\r\n")


@same_every_time
@given(changes(), st.randoms(use_true_random=False))
def test_the_order_of_fixes_makes_no_difference(made: tuple[str, list[Fix], list[Span]], chance: random.Random) -> None:
    code, fixes, _ = made
    shuffled = chance.sample(fixes, len(fixes))
    once, again = rewrite(code, fixes), rewrite(code, shuffled)
    assert (once.text, set(once.applied)) == (again.text, set(again.applied))


@same_every_time
@given(modules())
def test_imports_and_statements_come_once(made: tuple[str, list[Span]]) -> None:
    code, spans = made
    wanted = (SetArgument("api_key", 'os.environ["K"]'),)
    fixes = [Fix(TITLE, (Change(span, wanted),), (Import("os"),)) for span in spans]
    below = [Fix(TITLE, (Change(spans[0], (InsertAfter(("done = True",)),)),))] * 2
    result = rewrite(code, [*fixes, *below]).text
    assert result.count("import os\n") == 1
    assert result.count("done = True") == 1
    assert result.count('api_key=os.environ["K"]') == len(spans)


@same_every_time
@given(st.sampled_from(["'{}'", '"{}"', "r'{}'", "'''{}'''"]), st.text("ab-'\"\\你", min_size=1, max_size=8))
def test_a_string_is_what_it_is_told_to_be(form: str, value: str) -> None:
    code = f"x = {form.format('old')}\n"
    place = Span(4, len(code) - 1)
    result = rewrite(code, [Fix(TITLE, (Change(place, (ReplaceString(value),)),))])
    if not result.refused:
        assert ast.literal_eval(result.text.removeprefix("x = ")) == value
    else:
        assert result.text == code


# Bytes


BYTES = st.builds(
    lambda mark, newline, lines, end: mark + newline.join(lines).encode() + (newline.encode() if end else b""),
    st.sampled_from([b"", b"\xef\xbb\xbf"]),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.lists(st.sampled_from(["x = 1", "\ty = '你'", "", "    # é", "\x0cz = 2", "if x:\n\tpass"]), max_size=6),
    st.booleans(),
)


@same_every_time
@given(BYTES)
def test_a_source_without_edits_has_the_bytes_it_was_read_from(data: bytes) -> None:
    source = decode("main.py", data)
    assert encode(source) == data


files = st.dictionaries(
    st.sampled_from(["a.py", "b.py", "folder/c.py", "folder/d.env", "e"]),
    st.tuples(st.one_of(st.binary(max_size=20), BYTES), st.one_of(st.binary(max_size=20), BYTES)),
    min_size=1,
)


@few
@given(st.lists(files, min_size=1, max_size=3))
def test_undo_brings_every_byte_back(runs: list[Mapping[str, tuple[bytes, bytes]]]) -> None:
    with TemporaryDirectory() as place:
        root = Path(place)
        (root / "folder").mkdir()
        for run in runs:
            for path, (before, _) in run.items():
                (root / path).write_bytes(before)
        states = [cases.read(root)]
        written = 0
        for run in runs:
            if workspace.write(root, {path: after for path, (_, after) in run.items()}) is not None:
                written += 1
                states.append({p: b for p, b in cases.read(root).items() if not p.startswith(".llm-migrate")})
        for state in reversed(states[:written]):
            workspace.undo(root)
            assert {p: b for p, b in cases.read(root).items() if not p.startswith(".llm-migrate")} == state


# Rules


@few
@given(st.sampled_from(cases.every()), st.randoms(use_true_random=False))
def test_findings_have_one_order_whoever_finds_them_first(case: cases.Case, chance: random.Random) -> None:
    with TemporaryDirectory() as place:
        root = cases.write(Path(place), case.before)
        found = Settings(root, (), case.profile, case.region, case.models, sdk=case.sdk).analyse()
    assert ordered(chance.sample(found.findings, len(found.findings))) == found.findings
