"""What a shell completes, asked by a real bash."""

from __future__ import annotations

import os
import subprocess
import sysconfig
from pathlib import Path

import pytest

from llm_migrate import group
from terminal import llm_migrate

SCRIPT = """\
eval "$(llm-migrate --show-completion bash)"
COMP_WORDS=({line}) COMP_CWORD={last}
_llm_migrate_completion llm-migrate
printf '%s\\n' "${{COMPREPLY[@]}}"
"""


def completed(line: str) -> list[str]:
    """Return what bash offers for the last word of a line."""
    environment = {**os.environ, "PATH": f"{sysconfig.get_path('scripts')}{os.pathsep}{os.environ['PATH']}"}
    environment["SHELL"] = "/bin/bash"
    words = line.split(" ")
    script = SCRIPT.format(line=" ".join(f'"{word}"' for word in words), last=len(words) - 1)
    command = ["bash", "--noprofile", "--norc", "-c", script]
    asked = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert asked.stderr == ""
    return asked.stdout.split()


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("llm-migrate s", ["scan", "schema"]),
        ("llm-migrate scan --no-", ["--no-ignore"]),
        ("llm-migrate scan --to q", ["qwen"]),
        ("llm-migrate rewrite --select LM101", ["LM101"]),
        ("llm-migrate scan --format s", ["sarif"]),
        ("llm-migrate schema pro", ["profile", "provider", "providers", "providers-compare"]),
    ],
)
def test_bash(line: str, offered: list[str]) -> None:
    assert completed(line) == offered


def test_all_commands() -> None:
    assert completed("llm-migrate ") == list(group.COMMANDS)


def test_help_says_so(tmp_path: Path) -> None:
    assert "--install-completion" in llm_migrate(tmp_path, "--help").out
