"""``llm-migrate undo`` as a user runs it: every byte comes back."""

from __future__ import annotations

import stat
import sys
from pathlib import Path

import pytest

from terminal import CALL, called, git, in_both_languages, llm_migrate, notebook, put, repository, status

TO = ("rewrite", "--to", "qwen")
PROJECT: dict[str, bytes | str] = {
    "crlf.py": CALL.replace("\n", "\r\n"),
    "cr.py": CALL.replace("\n", "\r"),
    "mark.py": "\ufeff" + CALL,
    "latin.py": ("# -*- coding: latin-1 -*-\n# caf\u00e9\n\n" + CALL).encode("latin-1"),
    "gbk.py": ("# -*- coding: gbk -*-\n# 客户端\n\n" + CALL).encode("gbk"),
    "end.py": CALL.rstrip("\n"),
    "report.ipynb": notebook("x = 1\n", CALL),
    "one-line.ipynb": notebook(CALL).replace("\n", ""),
    "sub/deep/app.py": CALL,
    ".env": "OPENAI_API_KEY=sk-proj-Zq8vTn3LxWm5RkPd2HsYb7Jc\n",
    "compose.yaml": "services:\n  app:\n    environment:\n      - OPENAI_API_KEY\n",
}


def test_every_byte_comes_back(tmp_path: Path) -> None:
    root = repository(tmp_path, PROJECT)
    ended = llm_migrate(root, *TO)
    assert ended.code == 0
    assert {line[3:] for line in status(root).splitlines()} == PROJECT.keys()
    ignored = git(root, "status", "--porcelain", "--ignored").decode()
    assert ".llm-migrate/" in ignored, "the journal keeps itself out of git"
    undone = llm_migrate(root, "undo")
    assert (undone.code, undone.err) == (0, f"{len(PROJECT)} files restored\n")
    assert undone.out.splitlines() == sorted(PROJECT)
    assert git(root, "status", "--porcelain", "--ignored") == b"", "nothing is left, the journal neither"
    for name, content in PROJECT.items():
        assert (root / name).read_bytes() == (content if isinstance(content, bytes) else content.encode())
    again = in_both_languages(root, "undo")
    assert (again.code, again.out) == (2, "")
    assert again.err.startswith("error: there is nothing to undo in ")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no mode bits")
def test_the_journal_is_private_and_modes_come_back(tmp_path: Path) -> None:
    put(tmp_path, {"app.py": f"#!/usr/bin/env python\n{CALL}", ".env": PROJECT[".env"]})
    (tmp_path / "app.py").chmod(0o755)
    (tmp_path / ".env").chmod(0o600)
    called(tmp_path, *TO)
    assert stat.S_IMODE((tmp_path / "app.py").stat().st_mode) == 0o755
    assert stat.S_IMODE((tmp_path / ".env").stat().st_mode) == 0o600
    journal = tmp_path / ".llm-migrate"
    assert (journal / ".gitignore").read_text() == "*\n"
    for place in journal.rglob("*"):
        if place.name != ".gitignore":
            assert stat.S_IMODE(place.stat().st_mode) & 0o077 == 0, place
    called(tmp_path, "undo")
    assert not journal.exists()
    assert stat.S_IMODE((tmp_path / "app.py").stat().st_mode) == 0o755


def test_runs_are_taken_back_one_by_one(tmp_path: Path) -> None:
    put(tmp_path, {"a.py": CALL, "b.py": CALL})
    for name in ("a.py", "b.py"):
        assert called(tmp_path, *TO, name).code == 0
    assert called(tmp_path.parent, "undo", tmp_path).out == "b.py\n"
    assert (tmp_path / "b.py").read_text() == CALL
    assert (tmp_path / "a.py").read_text() != CALL
    assert called(tmp_path, "undo").out == "a.py\n"
    assert (tmp_path / "a.py").read_text() == CALL


def test_a_run_that_changes_nothing_leaves_nothing(tmp_path: Path) -> None:
    put(tmp_path, {"a.py": "print('nothing')\n"})
    assert called(tmp_path, *TO).code == 0
    assert [file.name for file in tmp_path.iterdir()] == ["a.py"]
