"""The line of source beneath a finding, and lines that fit a terminal."""

from __future__ import annotations

import pytest

from llm_codemods.edits import Span
from llm_codemods.source import decode
from llm_migrate.render.excerpt import excerpt
from llm_migrate.render.layout import fitted, width, wrapped


def shown(text: str, part: str, columns: int = 80) -> tuple[str, str]:
    source = decode("a.py", text.encode())
    start = source.text.index(part)
    return excerpt(source, Span(start, start + len(part)), columns)


def test_underlines_what_is_meant() -> None:
    assert shown("x = 1\n    client = OpenAI()\n", "OpenAI()") == ("client = OpenAI()", "         ^^^^^^^^")


def test_wide_characters_take_two_columns() -> None:
    assert shown('名字 = "漢字"\n', '"漢字"') == ('名字 = "漢字"', "       ^^^^^^")


def test_a_span_of_several_lines_is_underlined_to_the_end_of_the_first() -> None:
    assert shown("a = call(\n    1,\n)\n", "call(\n    1,\n)") == ("a = call(", "    ^^^^^")


def test_a_tab_is_one_column() -> None:
    assert shown("x\t=\tcall()\n", "call()") == ("x = call()", "    ^^^^^^")


def test_an_empty_span_is_seen() -> None:
    source = decode("a.py", b"\n\nx = 1\n")
    assert excerpt(source, Span(0, 0), 80) == ("", "^")


def test_a_key_is_masked() -> None:
    key = "sk-" + "a1B2" * 10
    line, mark = shown(f'api_key = "{key}"  # mine\n', f'"{key}"')
    assert "a1B2" not in line
    assert len(mark.strip()) == len(key) + 2
    assert line.endswith("# mine")


@pytest.mark.parametrize("columns", [20, 40, 60, 200])
@pytest.mark.parametrize("before", ["", "x" * 100 + " = ", "名" * 100 + " = "])
@pytest.mark.parametrize("after", ["", " + " + "y" * 100, " + " + "名" * 100])
def test_a_long_line_is_cut_around_the_span(columns: int, before: str, after: str) -> None:
    line, mark = shown(f"{before}call(){after}\n", "call()", columns)
    assert width(line) <= columns
    at = len(mark) - len(mark.lstrip())
    assert "call()" in line
    assert width(line[: line.index("call()")]) == at
    assert mark.strip() == "^" * 6


def test_wraps_at_spaces_and_keeps_addresses_whole() -> None:
    line = "a.py:1:1 point it to https://example.com/a/long/path/v1 with the key"
    assert list(wrapped(line, 24, "  ")) == [
        "a.py:1:1 point it to",
        "  https://example.com/a/long/path/v1",
        "  with the key",
    ]


def test_wraps_between_wide_characters_but_not_before_a_full_stop() -> None:
    pieces = list(wrapped("所有索引都须重建；维度指定为两千。", 16, ""))
    assert pieces == ["所有索引都须重", "建；维度指定为两", "千。"]
    assert all(width(piece) <= 16 for piece in pieces)


def test_an_empty_line_stays_one() -> None:
    assert list(wrapped("", 7, "  ")) == [""]
    assert fitted([["name", "a" * 20, ""], ["name", "b", "one two"]], 26) == [
        ["name  " + "a" * 20, "      "],
        ["name  b", "      one two"],
    ]


def test_styles_take_no_room() -> None:
    assert width("\x1b[1;31mred\x1b[0m") == 3
    assert list(wrapped("\x1b[1mone\x1b[0m two", 7, "")) == ["\x1b[1mone\x1b[0m two"]


ROWS = [["provider", "model", "in", "out"], ["qwen", "m" * 30, "$1", "¥2"], ["名", "x", "", ""]]


@pytest.mark.parametrize("columns", [None, 200, 60, 50, 40, 10])
def test_a_table_fits_where_it_can(columns: int | None) -> None:
    shown = fitted(ROWS, columns)
    assert len(shown) == len(ROWS)
    for row, lines in zip(ROWS, shown, strict=True):
        assert " ".join(lines).split() == " ".join(row).split()
        assert columns is None or columns < 40 or all(width(line) <= columns for line in lines)
    assert (columns not in (40, 10)) == all(len(lines) == 1 for lines in shown)


@pytest.mark.parametrize(("columns", "lines"), [(None, 1), (100, 1), (50, 2), (30, 3)])
def test_the_text_at_the_end_of_a_row_is_wrapped(columns: int | None, lines: int) -> None:
    text = "one two three four five six seven eight nine ten"
    short, long = fitted([["a", "b"], ["command", text]], columns)
    assert short[0].split() == ["a", "b"] or short == ["a", "      b"]
    assert len(long) == lines
    assert " ".join(long).split() == ["command", *text.split()]
    assert columns is None or all(width(line) <= columns for line in long)
