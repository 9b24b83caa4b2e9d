"""``llm-migrate demo`` as a user runs it: the whole way for each of the four providers, in both languages."""

from __future__ import annotations

from pathlib import Path

import pytest

from terminal import llm_migrate

NO_OPENAI = {"OPENAI_API_KEY": "sk-proj-canary", "OPENAI_BASE_URL": "http://127.0.0.1:9/v1"}


@pytest.mark.parametrize(
    ("provider", "language"),
    [("qwen", "en"), ("baidu", "en"), ("zhipu", "zh"), ("tencent", "en"), ("qwen", "zh"), ("deepseek", "en")],
)
def test_demo(provider: str, language: str, tmp_path: Path) -> None:
    ended = llm_migrate(tmp_path, "demo", "--to", provider, env={**NO_OPENAI, "LLM_MIGRATE_LANG": language})
    assert ended.code == 0, ended
    titles = [line for line in ended.out.splitlines() if line.startswith("── ")]
    assert [title.split()[1] for title in titles] == ["1.", "2.", "3.", "4.", "5.", "6."]
    assert "diff --git a/" in ended.out
    assert "✓" in ended.out
    assert "✗" not in ended.out
    assert "Hello from the emulator of" in ended.out
    assert "sk-proj-canary" not in ended.out + ended.err
    assert list(tmp_path.iterdir()) == []
    if language == "zh":
        assert any("\u4e00" <= character <= "\u9fff" for character in titles[0])


def test_the_sample_can_be_kept(tmp_path: Path) -> None:
    ended = llm_migrate(tmp_path, "demo", "--keep", "sample")
    assert ended.code == 0
    assert llm_migrate(tmp_path, "scan", "sample").code == 0, "it is moved"
    again = llm_migrate(tmp_path, "demo", "--keep", "sample")
    assert (again.code, again.out) == (2, "")
    assert again.err == "error: sample exists already\nhint: name a folder that does not\n"
    for _ in ("include review", "rewrite"):
        assert llm_migrate(tmp_path, "undo", "sample").code == 0
    assert llm_migrate(tmp_path, "scan", "sample").code == 1
