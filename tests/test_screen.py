"""Every command where standard output is a terminal, however narrow; elsewhere tests read it through a pipe."""

from __future__ import annotations

from pathlib import Path

import pytest

from terminal import CALL, LLM, called, repository, status

COMMANDS = [
    "",
    "scan",
    "scan --to deepseek --all -v",
    "compare --volume 100M/20M --rate 7.1",
    "explain",
    "explain LM301",
    "explain G19",
    "providers",
    "providers show qwen",
    "providers compare qwen deepseek",
    "rewrite --to qwen --diff",
    "check --to qwen --list .",
    "schema",
    "emulate --list-faults",
]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return repository(tmp_path / "project", {"a.py": CALL, "b.py": LLM, ".env": "OPENAI_API_KEY=\n"})


@pytest.mark.parametrize("columns", [40, 80, 400])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_what_is_shown_ends_as_it_does_in_a_pipe(project: Path, language: str, columns: int) -> None:
    env = {"LLM_MIGRATE_LANG": language}
    for command in COMMANDS:
        piped = called(project, *command.split(), env=env)
        shown = called(project, *command.split(), env=env, columns=columns)
        assert shown.code == piped.code, command
        assert bool(shown.out) == bool(piped.out), command


@pytest.mark.parametrize("columns", [40, 80, 400])
@pytest.mark.parametrize("style", ["inline", "env", "switch"])
def test_a_rewrite_tells_all_of_it(project: Path, style: str, columns: int) -> None:
    shown = called(project, "rewrite", "--to", "qwen", "--style", style, "--include", "review", columns=columns)
    assert "clients, before and after:" in shown.out
    assert "changed; take it back with: llm-migrate undo" in shown.err
    assert called(project, "undo", columns=columns).code == 0
    assert status(project) == ""
