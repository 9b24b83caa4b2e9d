"""What a hook says of changed files by their bytes alone."""

from __future__ import annotations

import datetime
import subprocess
import sys
from pathlib import Path

import pytest

from cases import Case, every, write
from llm_migrate import dates, hook
from llm_migrate.errors import UserError

PLAIN = "import json\n\n\ndef total(rows):\n    return json.dumps(sum(rows))\n"
CLIENT = "from openai import OpenAI\n\nclient = OpenAI()\n\n\ndef ask(text):\n    return client\n"


def put(root: Path, files: dict[str, str]) -> None:
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, "utf-8")


@pytest.mark.parametrize("case", [pytest.param(case, id=case.name) for case in every() if case.marks])
def test_no_file_with_a_finding_is_passed_over(case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dates, "today", lambda: case.today or datetime.date(2000, 1, 1))
    write(tmp_path, case.before)
    for path, _ in {place for place, _ in case.marks}:
        assert not hook.is_silent(tmp_path, [tmp_path / path], tuple(case.models)), path


SILENT = {
    "nothing of OpenAI": {"main.py": PLAIN},
    "what it imports says nothing either": {"main.py": "from own import total\n", "own.py": PLAIN, "llm.py": CLIENT},
    "a package that passes on nothing of it": {
        "main.py": "from pkg import total\n",
        "pkg/__init__.py": "from .own import total\n",
        "pkg/own.py": PLAIN,
        "pkg/llm.py": CLIENT,
    },
    "packages in a circle": {
        "main.py": "import a\n",
        "a/__init__.py": "import b\n",
        "b/__init__.py": "import a\n",
        "llm.py": CLIENT,
    },
    "a library's": {"main.py": "import requests.sessions\nfrom . import gone\n"},
}
TOLD = {
    "imports a client": {"main.py": "from llm import client\n", "llm.py": CLIENT},
    "imports the module": {"main.py": "import app.llm\n", "app/llm.py": CLIENT},
    "imports it from the package": {"main.py": "from app import llm\n", "app/llm.py": CLIENT},
    "a package passes it on": {
        "main.py": "from app import ask\n",
        "app/__init__.py": "from .inner import ask\n",
        "app/inner/__init__.py": "from .llm import ask\n",
        "app/inner/llm.py": CLIENT,
    },
    "relative": {"main.py": "from .llm import ask\n", "llm.py": CLIENT},
    "from the folder above": {"app/main.py": "from ..llm import ask\n", "llm.py": CLIENT},
    "from src": {"main.py": "import own.llm\n", "src/own/llm.py": CLIENT},
    "from a package beside": {"one/main.py": "import own.llm\n", "two/src/own/llm.py": CLIENT},
    "its imports stand on several lines": {"main.py": "from llm import (\n    ask,\n)\n", "llm.py": CLIENT},
    "reads a response": {"main.py": "def show(answer):\n    return answer.choices\n"},
}


@pytest.mark.parametrize("name", SILENT)
def test_silent(name: str, tmp_path: Path) -> None:
    put(tmp_path, SILENT[name])
    assert hook.is_silent(tmp_path, list(tmp_path.rglob("main.py")))


@pytest.mark.parametrize("name", TOLD)
def test_told(name: str, tmp_path: Path) -> None:
    put(tmp_path, TOLD[name])
    assert not hook.is_silent(tmp_path, list(tmp_path.rglob("main.py")))


def test_every_file_must_be_silent(tmp_path: Path) -> None:
    put(tmp_path, {"a.py": PLAIN, "b.py": CLIENT, "notes.yaml": "a: 1\n", "llm.yaml": "model: gpt-4o\n", "x.png": ""})
    silent = {p.name for p in tmp_path.iterdir() if hook.is_silent(tmp_path, [p])}
    assert silent == {"a.py", "notes.yaml"}
    assert hook.is_silent(tmp_path, [tmp_path / "a.py", tmp_path / "notes.yaml"])
    assert not hook.is_silent(tmp_path, [tmp_path / "a.py", tmp_path / "b.py"])
    assert not hook.is_silent(tmp_path, [])


def test_what_lies_elsewhere_is_not_judged(tmp_path: Path) -> None:
    put(tmp_path, {"a.py": PLAIN, "inner/b.py": PLAIN})
    (tmp_path / "inner/link.py").symlink_to(tmp_path / "a.py")
    assert not hook.is_silent(tmp_path / "inner", [tmp_path / "a.py"])
    assert not hook.is_silent(tmp_path / "inner", [tmp_path / "inner/link.py"])
    assert not hook.is_silent(tmp_path / "inner", [tmp_path / "inner/gone.py"])


@pytest.mark.parametrize(
    ("args", "settings", "expected"),
    [
        (["scan", "--hook", "a.py"], "", True),
        (["scan", "--hook", "--to", "qwen", "a.py"], "", True),
        (["rewrite", "--hook", "--to", "qwen", "a.py"], "", True),
        (["rewrite", "--hook", "a.py"], 'to = "qwen"', True),
        (["rewrite", "--hook", "a.py"], "", False),
        (["scan", "--hook", "--to", "qwem", "a.py"], "", False),
        (["scan", "--hook", "--to"], "", False),
        (["scan", "--hook", "--jobs", "2", "a.py"], "", False),
        (["check", "--hook", "a.py"], "", False),
        (["scan", "--hook", "a.py"], 'select = ["LM1"]', False),
        (["scan", "--hook", "a.py"], 'baseline = "known.json"', False),
        (["scan", "--hook", "a.py"], 'region = "intl"', False),
        (["scan", "--hook"], "", False),
    ],
)
def test_which_command_lines_are_understood(
    args: list[str], settings: str, expected: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path, {"a.py": PLAIN, "pyproject.toml": f"[tool.llm-migrate]\n{settings}\n"})
    monkeypatch.chdir(tmp_path)
    assert hook.has_nothing(args) is expected


def test_settings_are_read_all_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path, {"a.py": PLAIN, "pyproject.toml": "[tool.llm-migrate]\nfro = 1\n"})
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UserError, match="unknown key 'fro'"):
        hook.has_nothing(["scan", "--hook", "a.py"])


def test_it_needs_neither_typer_nor_the_analysis(tmp_path: Path) -> None:
    put(tmp_path, {"a.py": PLAIN})
    program = "import sys; from llm_migrate.app import main; code = main(); print(*sys.modules); sys.exit(code)"
    result = subprocess.run(
        [sys.executable, "-c", program, "scan", "--hook", "--to", "qwen", "a.py"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert result.stderr.strip() == "no use of OpenAI found"
    assert not {"typer", "pydantic", "pathspec", "llm_codemods.facts", "llm_codemods.rules"} & set(
        result.stdout.split()
    )
