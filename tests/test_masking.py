"""Secrets that stand in the user's files are repeated nowhere."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from llm_codemods import scan
from llm_codemods.masking import masked
from terminal import called

PROJECT = "sk-proj-Zq8vTn3LxWm5RkPd2HsYb7Jc"
SHORT = "sk-test-12345"
AZURE = "4f8b2c1d9e6a7053b4c8d2e1f6a90b37"
UUID = "8c2f1d3a-77b1-4e0c-9a5d-2f6e1b0c4d8a"
ZHIPU = "7ad1c3f09be24d58a6c1e0f2b3d49785.Xk3LmQ9rTz5VwB2n"
PASSWORD = "correcthorse"
LETTERS = "sk-abcdefghijklmnopqrstuvwx"
SECRETS = (PROJECT, SHORT, AZURE, UUID, ZHIPU, PASSWORD, LETTERS)

CODE = f"""\
import os

import requests
from openai import AzureOpenAI, OpenAI

os.environ["OPENAI_API_KEY"] = "{UUID}"
first = OpenAI(api_key="{PROJECT}", base_url="https://me:{PASSWORD}@api.openai.com/v1")
second = AzureOpenAI(api_key="{AZURE}", azure_endpoint="https://x.openai.azure.com", api_version="2024-02-01")
third = OpenAI(
    api_key=
    "{ZHIPU}")
first.chat.completions.create(model="gpt-4o", messages=[], user="{SHORT}")
second.chat.completions.create(model="gpt-4o", messages=[], extra_headers={{"X": "Bearer {AZURE}"}})
requests.post("https://api.openai.com/v1/chat/completions?api_key={AZURE}", json={{"model": "gpt-4o"}})
"""


def secrets_in(said: str) -> list[str]:
    """Return the secrets that a text repeats, or half of one."""
    return [secret for secret in SECRETS if secret in said or secret[len(secret) // 2 :] in said]


@pytest.mark.parametrize(
    "line",
    [
        f'client = OpenAI(api_key="{PROJECT}")',
        f"OPENAI_API_KEY={PROJECT}",
        f'AzureOpenAI(api_key="{AZURE}")',
        f"AZURE_OPENAI_KEY: {AZURE}",
        f'headers = {{"Authorization": "Bearer {AZURE}"}}',
        f'os.environ["ARK_API_KEY"] = "{UUID}"',
        f'os.getenv("ZHIPU_KEY", "{ZHIPU}")',
        f'-    api_key=\n-        "{ZHIPU}"',
        f'  api_key =\r\n    "{AZURE}"',
        f'OpenAI(base_url="https://me:{PASSWORD}@host/v1")',
        f'user="{SHORT}"',
        f"-{PROJECT}\n",
        f'"source": "OpenAI(\\n    api_key=\\"{AZURE}\\")"',
        f'api_key="{LETTERS}"',
    ],
)
def test_secrets_are_masked_in_their_length(line: str) -> None:
    shown = masked(line)
    assert len(shown) == len(line)
    assert secrets_in(shown) == []
    assert masked(shown) == shown


@pytest.mark.parametrize(
    "line",
    [
        'key = os.environ["OPENAI_API_KEY"]',
        "max_tokens=limit_of_completion_4",
        "task-2024-abcdefghijklmno",
        "keys = 3",
        'model_key = "text-embedding-3-small"',
        'cache_key: "gpt-4o-mini-2024-07-18"',
        'key="doubao-seed-2-1-pro-260915"',
        "api_key=settings.second_provider_2.key",
        'token_provider=get_bearer_token_provider("https://x")',
        "https://host:8080/v1/a@b",
    ],
)
def test_what_is_no_secret_is_shown(line: str) -> None:
    assert masked(line) == line


def test_the_worst_text_is_read_at_once() -> None:
    for line in ("key" * 200_000, "key=" + "a" * 600_000, "sk-" * 200_000, "://a" * 200_000, "key " * 200_000):
        assert len(masked(line)) == len(line)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with secrets of all kinds, in code, a notebook and settings."""
    cells: list[dict[str, object]] = [
        {"cell_type": "code", "source": CODE, "metadata": {}, "outputs": [], "execution_count": None}
    ]
    (tmp_path / "app.py").write_text(CODE)
    (tmp_path / "n.ipynb").write_text(json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}))
    (tmp_path / ".env").write_text(f"OPENAI_API_KEY={PROJECT}\nAZURE_OPENAI_API_KEY={AZURE}\n")
    (tmp_path / "a.yaml").write_text(
        f"env:\n  OPENAI_API_KEY: {UUID}\n  OPENAI_BASE_URL: https://me:{PASSWORD}@a.b/v1\n"
    )
    return tmp_path


WAYS = (
    *[
        ("scan", "--to", "qwen", "--all", "--verbose", "--format", name)
        for name in ("text", "json", "github", "gitlab")
    ],
    *[("scan", "--to", "qwen", "--all", "--format", name) for name in ("sarif", "markdown", "html")],
    ("scan", "--format", "json"),
    ("rewrite", "--to", "qwen", "--diff", "--include", "review", "--html", "page.html"),
    ("rewrite", "--to", "qwen", "--check", "--format", "json"),
    ("compare", "--to", "qwen"),
    ("check", "--to", "qwen", "--list"),
)


@pytest.mark.parametrize("words", WAYS, ids=" ".join)
def test_no_way_of_showing_repeats_a_secret(project: Path, words: tuple[str, ...]) -> None:
    ended = called(project, *words, env={"DASHSCOPE_API_KEY": "x"})
    assert ended.out
    assert secrets_in(ended.out + ended.err) == []
    assert "Traceback" not in ended.err
    page = project / "page.html"
    assert page.exists() == ("--html" in words)
    assert not page.exists() or secrets_in(page.read_text()) == []


def test_a_report_repeats_no_secret(project: Path) -> None:
    ended = called(project, "rewrite", "--to", "qwen", "--include", "review", "--report", "MIGRATION.md")
    report = (project / "MIGRATION.md").read_text()
    assert "app.py" in report
    assert secrets_in(ended.out + ended.err + report) == []


def test_the_library_says_no_secret() -> None:
    found = scan({"app.py": CODE}, "qwen")
    assert found.findings
    assert secrets_in("".join(f"{one.finding.message} {one.finding.api}" for one in found.findings)) == []
