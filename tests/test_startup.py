"""What a command loads before it does anything: heavy packages come in only where they are used."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

RUN = """
import sys
from llm_migrate.app import main
code = main(sys.argv[1:])
print(*sys.modules, file=sys.stderr)
sys.exit(code)
"""


def loaded(args: list[str], folder: Path) -> set[str]:
    """Run the program and return the names of all modules that Python has loaded at its end."""
    result = subprocess.run(
        [sys.executable, "-c", RUN, *args],
        capture_output=True,
        text=True,
        encoding="utf-8",
        cwd=folder,
        timeout=120,
        check=False,
    )
    assert result.returncode in (0, 1), result.stderr[-2000:]
    assert result.stdout
    return set(result.stderr.splitlines()[-1].split())


@pytest.mark.parametrize(
    ("args", "absent"),
    [
        (["--version"], {"libcst", "httpx", "rich", "typer", "tomli"}),
        (["--help"], {"libcst", "httpx", "rich"}),
        (["providers"], {"libcst", "httpx", "rich"}),
        (["providers", "show", "qwen"], {"libcst", "httpx"}),
        (["scan", "--to", "qwen", "."], {"libcst", "httpx", "rich"}),
        (["scan", "--format", "sarif", "."], {"libcst", "httpx", "rich"}),
        (["explain", "LM101"], {"libcst", "httpx", "rich"}),
        (["schema", "scan"], {"libcst", "httpx", "rich", "llm_codemods.rules"}),
    ],
    ids=lambda value: " ".join(sorted(value) if isinstance(value, set) else value),
)
def test_start_up_is_light(args: list[str], absent: set[str], tmp_path: Path) -> None:
    tmp_path.joinpath("app.py").write_text(
        "from openai import OpenAI\n"
        "client = OpenAI()\n"
        'client.chat.completions.create(model="gpt-4o", messages=[], logit_bias={})\n',
        encoding="utf-8",
    )
    modules = loaded(args, tmp_path)
    assert "llm_migrate.app" in modules
    assert not modules & absent
    assert not {name for name in modules if name.startswith(("tree_sitter", "packaging"))}


def test_only_the_parsers_that_files_need_are_loaded(tmp_path: Path) -> None:
    tmp_path.joinpath("config.yaml").write_text("model: gpt-4o\n", encoding="utf-8")
    tmp_path.joinpath("config.toml").write_text("model = 1\n", encoding="utf-8")
    modules = loaded(["scan", "--to", "qwen", "."], tmp_path)
    assert {name for name in modules if name.startswith("tree_sitter_")} == {
        "tree_sitter_yaml",
        "tree_sitter_yaml._binding",
    }


def test_a_command_loads_no_other_command(tmp_path: Path) -> None:
    modules = loaded(["providers"], tmp_path)
    assert {name for name in modules if name.startswith("llm_migrate.commands.")} == {"llm_migrate.commands.providers"}
