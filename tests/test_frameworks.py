"""The table of frameworks: it loads, refuses what it does not know, and finds rows under all their names."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from llm_codemods import frameworks, profile
from llm_codemods.frameworks import Kind, Row, Sends, parse
from llm_codemods.profile import ProfileError
from llm_codemods.vocabulary import BESIDES, FRAMEWORKS, MODEL
from llm_migrate.settings import Settings

ROWS = frameworks.table().rows
ROW = """
[families.one]
endpoint = ["base_url"]
key = ["api_key"]

["pack.mod.Class"]
also = ["old.Class"]
family = "one"
kind = "chat"
key = ["key"]
gotchas = ["G01"]
checked = 2026-11-21
"""


def named(row: Row) -> str:
    return row.name


def test_a_row_takes_what_its_family_says_unless_it_says_something_else() -> None:
    row = parse(ROW, "table").rows[0]
    assert (row.endpoint, row.key, row.kind) == (("base_url",), ("key",), Kind.CHAT)


@pytest.mark.parametrize("dotted", ["pack.mod.Class", "pack.Class", "pack.other.deep.Class", "old.Class"])
def test_one_name_stands_for_all_paths_of_its_package(dotted: str) -> None:
    assert parse(ROW, "table").find(dotted) is not None


@pytest.mark.parametrize("dotted", ["other.Class", "pack.mod.Other", "pack", "Class", "pack.mod.Class.method", ""])
def test_other_names_are_no_rows(dotted: str) -> None:
    assert parse(ROW, "table").find(dotted) is None


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        (ROW.replace("key = [", "kay = ["), "unknown key 'kay'"),
        (ROW.replace('"chat"', '"chats"'), "unknown value 'chats'"),
        (ROW.replace('family = "one"', 'family = "two"'), "there is no family 'two'"),
        (ROW.replace("checked = 2026-11-21", ""), "key 'checked' is missing"),
        (ROW.replace('["base_url"]', '"base_url"'), "expected array"),
        (ROW + ROW[ROW.index('["pack') :].replace("pack.mod", "pack.x").replace("old", "older"), "two rows"),
        ("[", "not valid TOML"),
    ],
)
def test_what_is_not_known_is_refused(changed: str, reason: str) -> None:
    with pytest.raises(ProfileError, match=reason):
        parse(changed, "table")


def test_packages_are_known_to_the_vocabulary() -> None:
    assert frameworks.table().packages <= FRAMEWORKS | BESIDES
    assert frameworks.table().packages >= BESIDES


@pytest.mark.parametrize("row", ROWS, ids=named)
def test_row(row: Row) -> None:
    table = frameworks.table()
    assert all(table.find(dotted) is row for dotted in (row.name, *row.also))
    assert row.gotchas
    assert all(re.fullmatch(r"G\d\d", gotcha) for gotcha in row.gotchas)
    assert row.default is None or MODEL.fullmatch(row.default) is not None
    assert row.client_class is None or row.client
    assert (row.batch is None) == (row.batch_argument is None)
    assert not row.sections or row.kind is Kind.DEPENDENCY
    assert bool(row.endpoint) <= bool(row.key)
    assert "{variable}" in row.key_code


@pytest.mark.parametrize("row", [row for row in ROWS if row.write is not None], ids=named)
def test_what_is_to_be_written_has_endpoint_and_key_together(row: Row) -> None:
    assert row.write is not None
    written = row.write.format(model="MODEL", url="URL", key="KEY", variable="KEY")
    assert all(part in written for part in ("MODEL", "URL", "KEY"))


def sources(row: Row) -> Iterator[str]:
    """Yield the Python source that a row writes."""
    places = {"model": '"MODEL"', "name": "MODEL", "url": "URL", "key": "KEY", "variable": "KEY", "extra": ""}
    if row.becomes is not None:
        yield row.becomes.format(**places)
    yield from (code.format(**places) for code in row.connection.values())
    for code in row.gives.values():
        yield (
            re.sub(r"\{model(:[\w.-]+)?\}", "MODEL", code)
            .replace("{url}", "URL")
            .replace("{key}", "KEY")
            .replace("{batch}", "8")
        )


@pytest.mark.parametrize("row", [row for row in ROWS if row.becomes or row.connection or row.gives], ids=named)
def test_what_a_row_writes_is_python_with_endpoint_and_key_and_what_it_imports(row: Row) -> None:
    written = list(sources(row))
    for code in written:
        ast.parse(code)
        assert "URL" in code
        assert "KEY" in code
    names = {node.id for code in written for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Name)}
    imported = {dotted.rpartition(".")[2] for dotted in row.imports}
    assert names - {"KEY"} <= imported


@pytest.mark.parametrize("row", [row for row in ROWS if row.body or row.ways], ids=named)
def test_what_a_row_sends_besides_is_an_argument(row: Row) -> None:
    for code in [*row.ways.values(), *([row.body.replace("{body}", "{}")] if row.body else [])]:
        call = ast.parse(f"f({code})").body[0]
        assert isinstance(call, ast.Expr)
        assert isinstance(call.value, ast.Call)
        assert [keyword.arg for keyword in call.value.keywords] == [code.partition("=")[0]]


def test_ways_and_places_in_the_body_are_features_and_templates() -> None:
    known = profile.bundled_profile("openai").features.keys()
    assert {way for row in ROWS for way in row.ways} <= known
    assert all(set(row.undescribed) <= row.ways.keys() for row in ROWS)
    assert all("{body}" in row.body for row in ROWS if row.body is not None)


def test_every_class_to_take_instead_is_a_row_unless_it_takes_the_place_of_a_parser() -> None:
    missing = [row.name for row in ROWS if row.instead and frameworks.table().find(row.instead) is None]
    assert [name for name in missing if frameworks.table().find(name).kind is not Kind.PARSER] == []  # type: ignore[union-attr]


def test_what_rows_send_is_known_to_profiles() -> None:
    known = profile.bundled_profile("openai").features.keys() | {Sends.RESPONSES.value}
    assert {sends.value for sends in Sends} <= known


def test_a_project_without_frameworks_does_not_load_the_table(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("from openai import OpenAI\nOpenAI().chat.completions.create(model='gpt-4o')\n")
    frameworks.table.cache_clear()
    Settings(tmp_path).analyse()
    assert frameworks.table.cache_info().misses == 0
    (tmp_path / "b.py").write_text("from langchain_openai import ChatOpenAI\nChatOpenAI()\n")
    Settings(tmp_path).analyse()
    assert frameworks.table.cache_info().misses == 1
