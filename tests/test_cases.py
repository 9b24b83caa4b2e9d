"""The harness can fail: each of its measures is shown what it must refuse."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import cases
from llm_codemods.edits import Span

LINE = b'client = OpenAI(api_key="x")  # finds: LM101, LM602\n'


def folder(place: Path, files: cases.Files, options: str = 'to = "qwen"\n') -> Path:
    return cases.write(place / "rule" / "case", {"case.toml": options.encode(), **files})


def test_single_file(tmp_path: Path) -> None:
    case = cases.load(folder(tmp_path, {"before.py": b"a\n", "after.py": b"b\n"}))
    assert (case.name, case.before, case.after) == ("rule/case", {"main.py": b"a\n"}, {"main.py": b"b\n"})


def test_dotenv_is_a_single_file(tmp_path: Path) -> None:
    assert cases.load(folder(tmp_path, {"before.env": b"A=1\n"})).before == {"main.env": b"A=1\n"}


def test_project(tmp_path: Path) -> None:
    case = cases.load(folder(tmp_path, {"before/app/a.py": b"a\n", "before/.env": b"A=1\n", "after/.env": b"B=1\n"}))
    assert case.before == {"app/a.py": b"a\n", ".env": b"A=1\n"}
    assert case.after == {".env": b"B=1\n"}


@pytest.mark.parametrize(("run", "script"), [("true", "main.py"), ("false", None), ('"app/a.py"', "app/a.py")])
def test_what_is_run(tmp_path: Path, run: str, script: str | None) -> None:
    files = {"before/main.py": b"a", "before/app/a.py": b"a"}
    assert cases.load(folder(tmp_path, files, f'to = "qwen"\nrun = {run}\n')).run == script


@pytest.mark.parametrize(
    ("files", "options", "reason"),
    [
        ({"before.py": b"a"}, 'to = "qwen"\nregon = "intl"\n', "unknown options in case.toml: regon"),
        ({"after.py": b"a"}, 'to = "qwen"\n', "give either"),
        ({"before.py": b"a", "before/b.py": b"b"}, 'to = "qwen"\n', "give either"),
        ({"before/a.py": b"a", "after/b.py": b"b"}, 'to = "qwen"\n', "after, but not before: b.py"),
        ({"before.py": b"a", "after.py": b"a"}, 'to = "qwen"\n', "main.py does not"),
        ({"before.py": b"a"}, 'to = "qwen"\nrun = true\nnot_run = "a notebook"\n', "not_run says why"),
        ({"before/a.py": b"a"}, 'to = "qwen"\nrun = "b.py"\n', "there is no b.py to be run"),
    ],
)
def test_a_wrong_case_is_refused(tmp_path: Path, files: cases.Files, options: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        cases.load(folder(tmp_path, files, options))


def test_arguments(tmp_path: Path) -> None:
    options = 'to = "own.toml"\nregion = "intl"\nmap = {"gpt-4o" = "m"}\n'
    place = folder(tmp_path, {"before.py": b"a"}, options)
    assert cases.load(place).arguments == ["--to", str(place / "own.toml"), "--region", "intl", "--map", "gpt-4o=m"]


def test_marks() -> None:
    marked = cases.marks({"a.py": b"import openai\n" + LINE, "b.py": b"# finds nothing\n"})
    assert marked == {(("a.py", 2), "LM101"): 1, (("a.py", 2), "LM602"): 1}


def test_marks_of_crlf_files_are_the_same() -> None:
    assert cases.marks(cases.with_crlf({"a.py": LINE})) == cases.marks({"a.py": LINE})


@pytest.mark.parametrize(
    ("after", "holds"),
    [
        ("a = f(2)\nb = 1\n", True),
        ("import os\n\na = f(2)\nb = 1\n", True),
        ("a = f(2)\nb = 2\n", False),
        ("a = f(2)\nb = 1", False),
        ("a = f(2)\n\nb = 1\n", False),
        ("import re\na = f(2)\nb = 1\n", False),
        ("a = g(2)\nb = 1\n", False),
        ("# new\na = f(2)\nb = 1\n", False),
        ("import os\n\n\n\na = f(2)\nb = 1\n", False),
    ],
)
def test_untouched(after: str, holds: bool) -> None:
    assert cases.is_untouched("a = f(1)\nb = 1\n", after, [Span(6, 7)], ["import os"]) is holds


def test_bless_writes_what_was_found(tmp_path: Path) -> None:
    place = folder(
        tmp_path, {"before.py": b"import openai\n" + LINE + b"x = 1  # finds: LM301\n", "after.py": b"old\n"}
    )
    found = cases.marks({"main.py": b"import openai  # finds: LM104\n" + LINE})
    case = cases.bless_marks(cases.load(place), found)
    assert case.before == {"main.py": b"import openai  # finds: LM104\n" + LINE + b"x = 1\n"}
    assert not case.after
    assert cases.bless_after(case, {"main.py": b"new\n"}).after == {"main.py": b"new\n"}
    assert (place / "after.py").read_bytes() == b"new\n"


@pytest.mark.parametrize(("ci", "code"), [("true", pytest.ExitCode.USAGE_ERROR), ("", pytest.ExitCode.OK)])
def test_bless_is_refused_in_ci(ci: str, code: pytest.ExitCode) -> None:
    command = [sys.executable, "-m", "pytest", "-q", "--bless", "--collect-only", "-p", "no:cacheprovider", __file__]
    run = subprocess.run(command, cwd=cases.ROOT, env={**os.environ, "CI": ci}, capture_output=True, check=False)
    assert run.returncode == code, run.stderr.decode()


@pytest.mark.parametrize("case", cases.every(), ids=lambda case: case.name)
def test_migrated_python_is_run_or_says_why_not(case: cases.Case) -> None:
    changed = [path for path in case.after if path.endswith(".py") and case.after[path] != case.before.get(path)]
    assert not changed or case.run is not None or case.not_run
