"""Baselines: what is known is left out, whatever moves; what is new fails."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from terminal import CALL, LLM, Ended, called, in_both_languages, notebook, put

KEY = "sk-proj-Zq8vTn3LxWm5RkPd2HsYb7Jc"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    root = put(
        tmp_path / "project",
        {
            "pyproject.toml": "",
            "llm.py": LLM,
            "src/app.py": CALL,
            "src/note.ipynb": notebook("import openai\n", "client = openai.OpenAI()\n"),
            "key.py": f'import openai\nopenai.api_key = "{KEY}"\n',
        },
    )
    ended = in_both_languages(root, "scan", "--write-baseline", "known.json")
    assert ended.code == 0
    assert ended.err.splitlines()[1] == "nothing left to do"
    return root


def scan(folder: Path, *arguments: str) -> Ended:
    return called(folder, "scan", "--format", "json", *arguments)


def found(ended: Ended) -> list[tuple[str, int, str]]:
    """Return what is reported, without the imports, which are always ready."""
    return [(f["path"], f["line"], f["code"]) for f in ended.json["findings"] if f["code"] != "LM104"]


def entries(root: Path) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads((root / "known.json").read_text("utf-8"))["findings"]
    return rows


def test_a_baseline_is_no_code(tmp_path: Path) -> None:
    put(tmp_path, {"a.py": CALL, ".env": "OPENAI_API_KEY=\n"})
    assert called(tmp_path, "scan", "--to", "qwen", "--write-baseline", "known.json").code == 0
    assert called(tmp_path, "scan", "--to", "qwen", "--baseline", "known.json").code == 0
    assert "known.json" not in called(tmp_path, "scan", "--to", "qwen").out


def test_what_is_known_is_left_out(project: Path) -> None:
    plain = in_both_languages(project, "scan", "--baseline", "known.json")
    assert (plain.code, plain.out) == (0, "")
    count = len(found(scan(project)))
    assert plain.err.splitlines() == ["nothing left to do", f"left out: {count} by the baseline"]
    document = scan(project, "--baseline", "known.json").json
    assert (document["summary"]["open"], document["summary"]["known"]) == (0, count)


def test_the_file_is_sorted_small_and_without_source(project: Path) -> None:
    text = (project / "known.json").read_text("utf-8")
    rows = entries(project)
    assert rows == sorted(rows, key=lambda row: [row[key] for key in ("path", "code", "api", "hash")])
    assert [set(row) for row in rows] == [{"path", "code", "api", "hash", "count"}] * len(rows)
    assert "hello" not in text
    assert KEY[8:] not in text
    assert len(text.splitlines()) == len(rows) + 6, "an entry a line"
    again = project / "again.json"
    assert scan(project, "--write-baseline", "again.json").code == 0
    assert again.read_text("utf-8") == text


def test_lines_may_move_and_be_indented(project: Path) -> None:
    code = CALL.replace("client = ", "\n\n# a comment\nclient  =  ").replace("answer", "if client:\n    answer")
    put(project, {"src/app.py": code})
    ended = scan(project, "--baseline", "known.json")
    assert (ended.code, found(ended)) == (0, [])


def test_what_is_new_fails(project: Path) -> None:
    put(project, {"src/app.py": CALL + "more = OpenAI()\n", "new.py": LLM})
    ended = scan(project, "--baseline", "known.json")
    assert ended.code == 1
    assert found(ended) == [("new.py", 3, "LM101"), ("src/app.py", 5, "LM101")]


def test_one_more_of_the_same_is_new(project: Path) -> None:
    put(project, {"llm.py": LLM + LLM.splitlines()[-1] + "\n"})
    ended = scan(project, "--baseline", "known.json")
    assert found(ended) == [("llm.py", 4, "LM101")]


def test_another_key_on_the_line_is_no_new_finding(project: Path) -> None:
    put(project, {"key.py": f'import openai\nopenai.api_key = "{KEY[:-3]}9Xy"\n'})
    assert found(scan(project, "--baseline", "known.json")) == []


def test_what_is_gone_is_mentioned(project: Path) -> None:
    (project / "llm.py").unlink()
    ended = in_both_languages(project, "scan", "--baseline", "known.json")
    assert ended.code == 0
    assert ended.err.splitlines()[0] == "1 entry of the baseline is gone; write it again: --write-baseline known.json"
    put(project, {"key.py": "x = 1\n"})
    assert called(project, "scan", "--baseline", "known.json").err.startswith("3 entries ")


def test_only_what_was_looked_at_can_be_gone(project: Path) -> None:
    (project / "llm.py").unlink()
    put(project, {"key.py": "x = 1\n"})
    for arguments in (
        ["--hook", "src/app.py"],
        ["src/app.py", "src/note.ipynb"],
        ["src"],
        ["--select", "LM2"],
        ["--to", "qwen"],
        ["--exclude", "key.py", "--select", "LM105"],
    ):
        ended = called(project, "scan", "--baseline", "known.json", *arguments)
        assert "gone" not in ended.err, arguments
    asked = called(project, "scan", "--baseline", "known.json", "--hook", "key.py")
    assert asked.err.startswith("2 entries "), "it was asked for"


def test_a_file_that_cannot_be_read_is_not_gone(project: Path) -> None:
    put(project, {"llm.py": "import openai\ndef f(:\n"})
    ended = called(project, "scan", "--baseline", "known.json")
    assert (ended.code, "gone" in ended.err) == (2, False)


def test_paths_count_from_the_folder_of_the_baseline(project: Path) -> None:
    for folder, arguments in (
        (project / "src", ["--baseline", "../known.json"]),
        (project, ["src", "--baseline", "known.json"]),
        (project.parent, ["project", "--baseline", "project/known.json"]),
    ):
        ended = scan(folder, *arguments)
        assert (ended.code, found(ended)) == (0, []), folder


def test_settings_of_the_project(project: Path) -> None:
    put(project, {"pyproject.toml": '[tool.llm-migrate]\nbaseline = "known.json"\n'})
    assert found(scan(project)) == []
    assert found(scan(project / "src")) == []
    assert found(scan(project, "--hook", "llm.py")) == []
    put(project, {"new.py": LLM})
    assert found(scan(project, "--hook", "new.py")) == [("new.py", 3, "LM101")]
    assert called(project, "scan", "--write-baseline", "known.json").code == 0, "it is made of all, known or not"
    assert found(scan(project)) == []
    assert called(project, "rewrite", "--to", "qwen", "--check").code == 1, "rewrite moves what is known, too"


def test_what_is_ready_is_not_known_but_not_gone_either(tmp_path: Path) -> None:
    put(tmp_path, {"a.py": CALL})
    assert called(tmp_path, "scan", "--to", "qwen", "--write-baseline", "known.json").code == 0
    rows = entries(tmp_path)
    assert {row["code"] for row in rows} == {"LM101", "LM201"}, "the call is ready"
    ended = called(tmp_path, "scan", "--to", "qwen", "--baseline", "known.json")
    assert (ended.code, "gone" in ended.err) == (0, False)
    assert called(tmp_path, "rewrite", "--to", "qwen", "--no-check").code == 0
    moved = called(tmp_path, "scan", "--to", "qwen", "--baseline", "known.json")
    assert (moved.code, moved.err.partition(" ")[0]) == (0, "2")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (None, "No such file or directory"),
        (b"\xff", "not valid UTF-8"),
        (b"", "not valid JSON: line 1, column 1"),
        (b"[" * 100_000, "its JSON is nested too deeply"),
        (b"[]", "it has no list of findings"),
        (b'{"schema": 1}', "it has no list of findings"),
        (b'{"schema": 2, "findings": []}', "its schema is 2, this version reads 1"),
        (b'{"schema": 1, "findings": [{"path": "a"}]}', "finding 1 is not as this program writes it"),
        (
            b'{"schema": 1, "findings": [{"path": "a", "code": "b", "api": "c", "hash": "d", "count": true}]}',
            "finding 1 is not as this program writes it",
        ),
    ],
)
def test_bad_files_are_refused(content: bytes | None, reason: str, tmp_path: Path) -> None:
    put(tmp_path, {"a.py": CALL})
    if content is not None:
        put(tmp_path, {"known.json": content})
    ended = in_both_languages(tmp_path, "scan", "--baseline", "known.json")
    assert (ended.code, ended.out) == (2, "")
    first, hint = ended.err.splitlines()
    assert first.startswith(f"error: the baseline known.json cannot be read: {reason}")
    assert hint == "hint: write it with: llm-migrate scan --write-baseline known.json"


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    put(tmp_path, {"a.py": CALL})
    ended = in_both_languages(tmp_path, "scan", "--write-baseline", "no/where.json")
    assert ended.code == 2
    assert ended.err.startswith("error: the baseline no/where.json cannot be written: No such file")
