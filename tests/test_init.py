"""``llm-migrate init``, and ``llm-migrate`` alone."""

from __future__ import annotations

import os
import subprocess
import sysconfig
from pathlib import Path

import pytest
import tomli

from llm_migrate.errors import UserError
from llm_migrate.initial import HOOKS, with_hook, with_settings
from terminal import CALL, IDENTITY, commit, git, in_both_languages, in_terminal, llm_migrate, put, repository

SCRIPTS = sysconfig.get_path("scripts")


@pytest.mark.parametrize(
    "old",
    [
        None,
        "",
        '[project]\nname = "x"  # mine',
        "# mine\n[tool.ruff]\nline-length = 100\n",
        '[tool.llm-migrate]\nexclude = ["a"]  # mine\n\n[tool.ruff]\n',
        "[ tool . llm-migrate ] # mine\n",
        "[tool.llm-migrate.models]\n\"gpt-4\" = 'x'\n",
    ],
)
def test_settings_are_added_and_the_rest_stays(old: str | None) -> None:
    before = tomli.loads(old or "")
    new = with_settings(old, "qwen")
    table = {**before.get("tool", {}).get("llm-migrate", {}), "to": "qwen"}
    assert tomli.loads(new) == {**before, "tool": {**before.get("tool", {}), "llm-migrate": table}}
    assert all(line in new.splitlines() for line in (old or "").splitlines())
    assert with_settings(new, "qwen") == new


@pytest.mark.parametrize(
    "old", ["[tool", '[tool.llm-migrate]\nto = "zhipu"\n', "tool = {llm-migrate = {sdk = 'keep'}}\n"]
)
def test_settings_that_cannot_be_added(old: str) -> None:
    with pytest.raises(UserError):
        with_settings(old, "qwen")


HOOK_FILES = [
    None,
    "",
    "repos: []\n",
    "repos: [] # none\nci:\n  autofix: true\n",
    "repos:\n- repo: https://example.com/a\n  rev: v1\n  hooks:\n  - id: a\n",
    "default_stages: [pre-commit]\nrepos:\n  - repo: https://example.com/a\n    rev: v1\n    hooks: [{id: a}]",
    "repos:\n- repo: meta\n  hooks:\n  - id: identity\n\n# end\nci:\n  autofix_prs: true\n",
]


@pytest.mark.parametrize("old", HOOK_FILES)
def test_pre_commit_takes_the_hook(old: str | None, tmp_path: Path) -> None:
    new = with_hook(old)
    put(tmp_path, {HOOKS: new})
    checked = subprocess.run(
        [Path(SCRIPTS) / "pre-commit", "validate-config", HOOKS],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stdout
    lines = iter(new.splitlines())
    assert all(line in lines for line in (old or "").splitlines() if not line.startswith("repos:")), "in their order"
    assert with_hook(new) == new


def test_a_file_without_repositories_is_left(tmp_path: Path) -> None:
    with pytest.raises(UserError) as told:
        with_hook("{repos: [{repo: meta, hooks: [{id: identity}]}]}\n")
    assert "llm-migrate-scan" in str(told.value.hint)


def test_writes_and_the_hook_runs(tmp_path: Path) -> None:
    project = repository(tmp_path / "project", {"app.py": "x = 1\n", "pyproject.toml": "[project]\nname = 'x'\n"})
    ended = llm_migrate(project, "init", "--to", "qwen", "--yes")
    assert ended.code == 0
    assert '+to = "qwen"' in ended.out
    assert tomli.loads((project / "pyproject.toml").read_text())["tool"]["llm-migrate"] == {"to": "qwen"}
    again = llm_migrate(project, "init", "--to", "qwen", "--yes")
    assert (again.code, again.out) == (0, "")
    commit(project)
    environment = {**os.environ, **IDENTITY, "PATH": f"{SCRIPTS}{os.pathsep}{os.environ['PATH']}"}
    environment["PRE_COMMIT_HOME"] = str(tmp_path / "home")

    def hook() -> subprocess.CompletedProcess[str]:
        command = [f"{SCRIPTS}/pre-commit", "run", "llm-migrate-scan", "--all-files"]
        return subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True, check=False)

    assert hook().returncode == 0
    put(project, {"app.py": CALL})
    git(project, "add", "--all")
    failed = hook()
    assert failed.returncode == 1
    assert "app.py:3:10 LM101" in failed.stdout


def test_undo_takes_it_back(tmp_path: Path) -> None:
    project = repository(tmp_path, {"pyproject.toml": "[project]\nname = 'x'\n"})
    llm_migrate(project, "init", "--to", "qwen", "--yes")
    assert llm_migrate(project, "undo").code == 0
    assert (project / "pyproject.toml").read_text() == "[project]\nname = 'x'\n"
    assert not (project / HOOKS).exists()


def test_asks(tmp_path: Path) -> None:
    project = repository(tmp_path, {"app.py": CALL})
    ended = in_terminal(project, "init", typed="qwen\nn\nn\n")
    assert ended.code == 0
    assert not (project / "pyproject.toml").exists()
    ended = in_terminal(project, "init", typed="qwen\nn\ny\n")
    assert ended.code == 0
    assert (project / "pyproject.toml").read_text() == '[tool.llm-migrate]\nto = "qwen"\n'
    assert not (project / HOOKS).exists()


def test_the_hook_lets_pass_what_is_there(tmp_path: Path) -> None:
    project = repository(tmp_path, {"app.py": CALL, "other.py": "x = 1\n"})
    ended = llm_migrate(project, "init", "--to", "qwen", "--yes")
    assert ended.code == 0
    assert "2 findings in 1 file" in ended.err
    assert "written: .llm-migrate-baseline.json (2 findings that the hook lets pass)" in ended.err
    assert '"hash"' not in ended.out, "nobody reads a baseline"
    entry = next(line for line in (project / HOOKS).read_text().splitlines() if "entry:" in line)
    command = entry.partition("entry: llm-migrate ")[2].split()
    assert command == ["scan", "--hook", "--baseline", ".llm-migrate-baseline.json"]
    assert llm_migrate(project, *command, "app.py", ".llm-migrate-baseline.json", "pyproject.toml").code == 0
    assert llm_migrate(project, "scan").code == 1, "to people it is still shown"
    put(project, {"other.py": CALL})
    assert llm_migrate(project, *command, "app.py", "other.py").code == 1
    assert llm_migrate(project, "undo").code == 0
    assert not (project / ".llm-migrate-baseline.json").exists()


@pytest.mark.parametrize(("typed", "kept"), [("y\ny\ny\n", True), ("y\nn\ny\n", False)])
def test_asks_about_what_is_there(tmp_path: Path, typed: str, kept: bool) -> None:
    project = repository(tmp_path, {"app.py": CALL})
    ended = in_terminal(project, "init", "--to", "qwen", typed=typed)
    assert ended.code == 0
    assert "let the hook pass them" in ended.err
    assert (project / ".llm-migrate-baseline.json").exists() == kept
    assert ("--baseline" in (project / HOOKS).read_text()) == kept


def test_a_hook_without_a_baseline(tmp_path: Path) -> None:
    project = repository(tmp_path, {"app.py": CALL})
    ended = llm_migrate(project, "init", "--to", "qwen", "--yes", "--no-baseline")
    assert ended.code == 0
    assert "--baseline" not in (project / HOOKS).read_text()
    assert not (project / ".llm-migrate-baseline.json").exists()


def test_nobody_to_ask(tmp_path: Path) -> None:
    ended = in_both_languages(tmp_path, "init", "--to", "qwen")
    assert ended.code == 2
    assert "hint: say all of it: --to qwen --hook --yes" in ended.err


def test_alone_it_says_what_comes_next(tmp_path: Path) -> None:
    outside = in_both_languages(tmp_path)
    assert outside.code == 0
    assert "no project" in outside.out
    project = repository(tmp_path / "project", {"app.py": CALL})
    told = in_both_languages(project)
    assert told.code == 0
    assert "3 findings in 1 file" in told.out
    assert "gpt-4o" in told.out
    assert "llm-migrate compare" in told.out
    put(project, {"pyproject.toml": '[tool.llm-migrate]\nto = "qwen"\n'})
    assert "llm-migrate rewrite --diff" in in_both_languages(project).out
    commit(project)
    llm_migrate(project, "rewrite", "--include", "review")
    moved = in_both_languages(project).out
    assert "rewrite" not in moved
    assert "llm-migrate check . --to qwen" in moved


def test_alone_it_tells_of_wrong_settings(tmp_path: Path) -> None:
    put(tmp_path, {"pyproject.toml": "[tool.llm-migrate]\ntoo = 1\n"})
    ended = in_both_languages(tmp_path)
    assert ended.code == 2
    assert "did you mean" in ended.err
