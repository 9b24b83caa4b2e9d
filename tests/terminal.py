"""The installed ``llm-migrate`` and git, as a user runs them: processes in a folder, in either language.

``called`` does the same without a process, where a test has many runs: to start Python takes most of the time.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import pty
import subprocess
import sys
import sysconfig
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from llm_migrate.app import main

COMMAND = str(Path(sysconfig.get_path("scripts")) / ("llm-migrate.exe" if sys.platform == "win32" else "llm-migrate"))
CALL = """\
from openai import OpenAI

client = OpenAI()
answer = client.chat.completions.create(model="gpt-4o", messages=[{"role": "user", "content": "hello"}])
"""
"""A file that ``rewrite`` can move."""
LLM = "from openai import OpenAI\n\nclient = OpenAI()\n"
USE = 'from llm import client\n\nanswer = client.chat.completions.create(model="gpt-4o", messages=[])\n'
"""Two files, ``llm.py`` and one that uses it."""


@dataclass(frozen=True)
class Ended:
    """A process that has ended."""

    code: int
    raw: bytes
    """Standard output."""
    err: str

    @property
    def out(self) -> str:
        return self.raw.decode("utf-8").replace("\r\n", "\n")

    @property
    def json(self) -> Any:
        return json.loads(self.raw)


def llm_migrate(
    folder: Path, *arguments: str | Path, env: Mapping[str, str] | None = None, through: tuple[str, ...] = ()
) -> Ended:
    """Run the command in a folder. Whatever happens, nobody may see a traceback or be told of a bug.

    ``env`` is added to the environment, which the tests keep clean; ``through`` is a command that runs ours.
    """
    return _end(_start(folder, *arguments, env=env, through=through))


def in_both_languages(folder: Path, *arguments: str | Path, env: Mapping[str, str] | None = None) -> Ended:
    """Run a command that writes nothing in English and in Chinese; they must end alike. Return the English end.

    The Chinese run is a call of ``main``, which saves the time to start Python.
    """
    process = _start(folder, *arguments, env=env)
    chinese = called(folder, *arguments, env={**(env or {}), "LLM_MIGRATE_LANG": "zh"})
    english = _end(process)
    assert chinese.code == english.code, chinese.err
    assert len(chinese.err.splitlines()) == len(english.err.splitlines()), chinese.err
    assert chinese.raw.count(b"\n") == english.raw.count(b"\n")
    return english


class _Screen(io.TextIOWrapper):
    """Standard output that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def called(
    folder: Path, *arguments: str | Path, env: Mapping[str, str] | None = None, columns: int | None = None
) -> Ended:
    """Call ``main`` in a folder, as the process does; with ``columns`` on a terminal of this width."""
    kind = io.TextIOWrapper if columns is None else _Screen
    out = kind(io.BytesIO(), encoding="utf-8", write_through=True)
    err = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True)
    width = {} if columns is None else {"COLUMNS": str(columns)}
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        for name, value in {**width, **(env or {})}.items():
            patch.setenv(name, value)
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = main([*map(str, arguments)])
    assert isinstance(out.buffer, io.BytesIO)
    assert isinstance(err.buffer, io.BytesIO)
    return _checked(Ended(code, out.buffer.getvalue(), err.buffer.getvalue().decode("utf-8")))


def _start(
    folder: Path, *arguments: str | Path, env: Mapping[str, str] | None = None, through: tuple[str, ...] = ()
) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [*through, COMMAND, *map(str, arguments)],
        cwd=folder,
        env={**os.environ, "PYTHONIOENCODING": "utf-8", "NO_PROXY": "127.0.0.1,localhost", **(env or {})},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def _end(process: subprocess.Popen[bytes]) -> Ended:
    try:
        out, err = process.communicate(timeout=120)
    except subprocess.TimeoutExpired:
        process.kill()
        raise
    return _checked(Ended(process.returncode, out, err.decode("utf-8").replace("\r\n", "\n")))


def _checked(ended: Ended) -> Ended:
    """Assert that nothing was our bug; such messages say LLM_MIGRATE_DEBUG in every language."""
    assert "Traceback" not in ended.err, ended.err
    assert "LLM_MIGRATE_DEBUG" not in ended.err, ended.err
    assert "bug in llm-migrate" not in ended.err, ended.err
    return ended


def in_terminal(folder: Path, *arguments: str | Path, typed: str, env: Mapping[str, str] | None = None) -> Ended:
    """Run the command with a pseudo-terminal as standard input and error; ``err`` is what that shows."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [COMMAND, *map(str, arguments)],
        cwd=folder,
        env={**os.environ, "PYTHONIOENCODING": "utf-8", "TERM": "xterm", **(env or {})},
        stdin=theirs,
        stdout=subprocess.PIPE,
        stderr=theirs,
    )
    os.close(theirs)
    os.write(ours, typed.encode())
    shown = bytearray()
    with contextlib.suppress(OSError):  # Linux says so when the other side is closed
        while part := os.read(ours, 4096):
            shown += part
    os.close(ours)
    out, _ = process.communicate(timeout=60)
    return _checked(Ended(process.returncode, out, shown.decode("utf-8").replace("\r\n", "\n")))


# git

IDENTITY = {
    **{f"GIT_{who}_{what}": "test@example.com" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")},
    "GIT_AUTHOR_DATE": "2026-01-01T00:00:00Z",
    "GIT_COMMITTER_DATE": "2026-01-01T00:00:00Z",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
}
"""Commits of equal content have equal names, and no developer's settings count."""


def git(folder: Path, *arguments: str, stdin: bytes = b"") -> bytes:
    """Run git and return its standard output; it must succeed."""
    foreign = {name for name in os.environ if name.startswith("GIT_")}
    environment = {name: value for name, value in os.environ.items() if name not in foreign} | IDENTITY
    done = subprocess.run(
        ["git", *arguments], cwd=folder, env=environment, input=stdin, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr.decode("utf-8", "replace")
    return done.stdout


def repository(folder: Path, files: Mapping[str, bytes | str] | None = None) -> Path:
    """Make a git repository in which the files are committed, byte for byte, and return its folder."""
    put(folder, files or {})
    git(folder, "init", "--quiet")
    git(folder, "config", "core.autocrlf", "false")
    commit(folder)
    return folder


def commit(folder: Path) -> None:
    """Commit all there is."""
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--allow-empty", "--message", "all")


def status(folder: Path) -> str:
    """Return what git sees as changed."""
    return git(folder, "status", "--porcelain").decode()


def put(folder: Path, files: Mapping[str, bytes | str]) -> Path:
    """Write files and return the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for path, content in files.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


def notebook(*cells: str) -> str:
    """Return a notebook whose first cell is Markdown and whose others have this source."""
    head: dict[str, Any] = {"cell_type": "markdown", "metadata": {}, "source": ["# openai\n"]}
    body: list[dict[str, Any]] = [
        {
            "cell_type": "code",
            "execution_count": None,
            "metadata": {},
            "outputs": [],
            "source": c.splitlines(keepends=True),
        }
        for c in cells
    ]
    document = {"cells": [head, *body], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


# The emulator


@contextlib.contextmanager
def emulator(provider: str) -> Iterator[str]:
    """Run ``llm-migrate emulate`` and give the URL that it writes."""
    process = _start(Path.cwd(), "emulate", provider)
    try:
        assert process.stdout is not None
        url = process.stdout.readline().decode().strip()
        assert url.startswith("http://127.0.0.1:"), url
        yield url
    finally:
        process.terminate()
        process.communicate(timeout=30)
