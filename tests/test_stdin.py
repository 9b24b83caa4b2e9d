"""``scan -``: a file that an editor holds, judged as if it stood where it belongs."""

from __future__ import annotations

import io
import subprocess
from pathlib import Path

import pytest

from terminal import CALL, COMMAND, LLM, USE, Ended, called, notebook, put


def scan(
    monkeypatch: pytest.MonkeyPatch, folder: Path, content: str | bytes, *arguments: str, format: str = "json"
) -> Ended:
    data = content if isinstance(content, bytes) else content.encode()
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(data)))
    return called(folder, "scan", "-", "--format", format, *arguments)


def found(ended: Ended) -> list[tuple[str, int, str]]:
    """Return what is reported, without the imports, which are always ready."""
    return [(f["path"], f["line"], f["code"]) for f in ended.json["findings"] if f["code"] != "LM104"]


def test_a_file_from_standard_input(tmp_path: Path) -> None:
    done = subprocess.run([COMMAND, "scan", "-"], input=CALL.encode(), cwd=tmp_path, capture_output=True, check=False)
    assert done.returncode == 1
    assert done.stdout.decode().splitlines()[0] == "stdin.py:3:10 LM101 OpenAI client"


def test_it_is_understood_with_its_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path, {"pyproject.toml": '[tool.llm-migrate]\nto = "qwen"\n', "llm.py": LLM, "use.py": "x = 1\n"})
    ended = scan(monkeypatch, tmp_path, USE, "--stdin-filename", "use.py", "--all")
    assert ended.json["target"] == "qwen"
    assert found(ended) == [("use.py", 3, "LM103"), ("use.py", 3, "LM201")], "through the client of llm.py, and no more"
    inside = scan(monkeypatch, put(tmp_path / "pkg", {}), USE, "--stdin-filename", "new.py")
    assert found(inside) == [("pkg/new.py", 3, "LM103"), ("pkg/new.py", 3, "LM201")], "it need not exist"
    assert found(scan(monkeypatch, tmp_path, USE)) == [("stdin.py", 3, "LM103"), ("stdin.py", 3, "LM201")]
    assert (tmp_path / "use.py").read_text() == "x = 1\n"
    assert not (tmp_path / "stdin.py").exists()


def test_the_text_wins_over_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path, {"pyproject.toml": "", "llm.py": LLM})
    ended = scan(monkeypatch, tmp_path, "client = None\n", "--stdin-filename", "llm.py")
    assert (ended.code, found(ended)) == (0, [])


def test_without_a_project_neighbours_say_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path, {"llm.py": LLM})
    assert "LM901" in {code for _, _, code in found(scan(monkeypatch, tmp_path, USE))}
    nowhere = scan(monkeypatch, tmp_path, LLM, "--stdin-filename", "no/such/folder/a.py")
    assert [code for _, _, code in found(nowhere)] == ["LM101"]


@pytest.mark.parametrize(
    ("name", "content", "line"),
    [
        (".env", "OPENAI_API_KEY=x\n", 1),
        ("compose.yaml", "services:\n  a:\n    environment:\n      - OPENAI_API_KEY\n", 4),
        ("a.ipynb", notebook("import openai\nclient = openai.OpenAI()\n"), 2),
        ("latin.py", "# coding: latin-1\nname = 'é'\nimport openai\nc = openai.OpenAI()\n".encode("latin-1"), 4),
        ("script", CALL, 3),
    ],
)
def test_the_name_tells_the_kind(
    name: str, content: str | bytes, line: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended = scan(monkeypatch, tmp_path, content, "--stdin-filename", name)
    assert found(ended)[0][:2] == (name, line)


def test_the_other_options_hold(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path, {"pyproject.toml": "", "a.py": CALL, "b.py": CALL})
    assert called(tmp_path, "scan", "--write-baseline", "known.json").code == 0
    more = CALL + "d = OpenAI()\ne = OpenAI()  # llm-migrate: ignore\n"
    ended = scan(monkeypatch, tmp_path, more, "--stdin-filename", "a.py", "--baseline", "known.json")
    assert found(ended) == [("a.py", 5, "LM101")]
    assert "gone" not in ended.err
    hook = scan(monkeypatch, tmp_path, more, "--stdin-filename", "a.py", "--hook", "--select", "LM101")
    assert [line for _, line, _ in found(hook)] == [3, 5]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["-", "a.py"], "standard input (-) is one file; it cannot be given beside other paths"),
        (
            ["a.py", "--stdin-filename", "a.py"],
            "--stdin-filename names what standard input stands for, which is not read",
        ),
        (["-", "--stdin-filename", "a.txt"], "a.txt: not a kind of file that is migrated"),
        (["-", "--stdin-filename", "pkg"], "pkg is a folder"),
        (["-", "--stdin-filename", "../a.py", "--hook"], "../a.py lies outside the project"),
    ],
)
def test_wrong_usage(arguments: list[str], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path, {"a.py": CALL, "pkg/b.py": ""})
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"")))
    ended = called(tmp_path, "scan", *arguments)
    assert ended.code == 2
    assert ended.err.startswith(f"error: {said}")


def test_no_standard_input_is_an_empty_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", None)
    assert called(tmp_path, "scan", "-").code == 0


def test_what_is_no_python_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ended = scan(monkeypatch, tmp_path, "import openai\ndef f(:\n", format="text")
    assert ended.code == 2
    assert "skipped stdin.py: not valid Python: line 2" in ended.err
