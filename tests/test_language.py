from __future__ import annotations

from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo

from llm_codemods.text import Note, text
from llm_migrate import language
from llm_migrate.language import chosen, say


@pytest.fixture
def catalogue(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A small Chinese catalogue in place of the real one."""
    folder = tmp_path / "zh_CN" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    messages = Catalog("zh_CN")
    messages.add("{count} files in {place}", "{place}中有 {count} 个文件")
    messages.add("the root", "根目录")
    with (folder / "llm_migrate.mo").open("wb") as file:
        write_mo(file, messages)
    monkeypatch.setattr(language, "LOCALE", tmp_path)


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, "en"),
        ({"LANG": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "C"}, "en"),
        ({"LANG": "zh_CN.UTF-8", "LC_MESSAGES": "en_GB.UTF-8"}, "en"),
        ({"LC_MESSAGES": "en_GB.UTF-8", "LC_ALL": "zh_TW"}, "zh"),
        ({"LC_ALL": "", "LANG": "zh_CN"}, "zh"),
        ({"LLM_MIGRATE_LANG": "en", "LC_ALL": "zh_CN.UTF-8"}, "en"),
        ({"LLM_MIGRATE_LANG": "ZH", "LC_ALL": "de_DE"}, "zh"),
    ],
)
def test_the_environment_chooses(environment: dict[str, str], expected: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LLM_MIGRATE_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert chosen() == expected


def test_use_overrides_the_environment_until_it_is_taken_back() -> None:
    language.use("zh")
    assert chosen() == "zh"
    language.use(None)
    assert chosen() == "en"


def test_a_template_is_filled() -> None:
    assert say("{count} files in {place}", count=2, place="src") == "2 files in src"


def test_doubled_braces_become_braces() -> None:
    assert say("write {{x}}") == "write {x}"


@pytest.mark.usefixtures("catalogue")
def test_nested_texts_are_said_in_the_same_language() -> None:
    told = text("{count} files in {place}", count=2, place=text("the root"))
    assert say(told) == "2 files in the root"
    language.use("zh")
    assert say(told) == "根目录中有 2 个文件"
    assert say("{count} files in {place}", count=2, place=text("the root")) == "根目录中有 2 个文件"


@pytest.mark.usefixtures("catalogue")
def test_what_has_no_twin_is_said_in_english() -> None:
    language.use("zh")
    assert say("no such sentence: {x}", x=1) == "no such sentence: 1"
    assert say("") == ""


def test_without_a_catalogue_chinese_falls_back_to_english(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(language, "LOCALE", tmp_path)
    language.use("zh")
    assert say("the root") == "the root"


def test_notes_bring_their_own_chinese() -> None:
    note = Note(en="mainland", zh="中国内地")
    assert (say(note), say("in {place}", place=note)) == ("mainland", "in mainland")
    language.use("zh")
    assert say(note) == "中国内地"
    assert say("no twin {place}", place=note) == "no twin 中国内地"


@pytest.mark.parametrize(("count", "said"), [(0, "0 files"), (1, "1 file"), (2, "2 files"), (1234, "1234 files")])
def test_one_and_several(count: int, said: str) -> None:
    language.use("en")
    assert language.say("{count:file|files}", count=count) == said
    assert str(text("{count:file|files}", count=count)) == said


def test_other_formats_of_numbers_stay() -> None:
    assert str(text("{count:,}", count=1234)) == "1,234"
    assert str(text("{flag}", flag=True)) == "True"


@pytest.mark.parametrize(
    ("template", "value", "said"),
    [
        ("连接的是{name}的端点", "DeepSeek", "连接的是 DeepSeek 的端点"),
        ("连接的是 {name} 的端点", "通义千问", "连接的是通义千问的端点"),
        ("连接的是 {name} 的端点", "智谱 GLM", "连接的是智谱 GLM 的端点"),
        ("{name}且", "不小于 0", "不小于 0 且"),
        ("{name}的", "百度（千帆）", "百度（千帆）的"),
        ("“{name}”：{name}", "a", "“a”：a"),
        ("写成 ``{{name}}``，在 {name} 里", "中", "写成 ``{name}``，在中里"),
        ("空{name}的", "", "空的"),
        ("{name} 个", 3, "3 个"),
        ("从 {name} 读取", "./数据", "从 ./数据读取"),
    ],
)
def test_latin_letters_stand_apart_from_chinese(template: str, value: object, said: str) -> None:
    language.use("zh")
    assert say(template, name=value) == said
    language.use("en")
    assert say(template, name=value) == template.format(name=value)
