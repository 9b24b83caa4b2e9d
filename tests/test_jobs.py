"""Long work: several processes, progress on a terminal, and an orderly end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from llm_migrate.analysis import FEW
from terminal import CALL, COMMAND

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals and signals are those of POSIX")
SLOW = "def f{n}(a):\n    return g{n}(a, client, openai.api_key)\n"


@pytest.fixture
def many(tmp_path: Path) -> Path:
    for number in range(FEW + 1):
        (tmp_path / f"m{number}.py").write_text("x = 1\n", "utf-8")
    (tmp_path / "main.py").write_text(CALL, "utf-8")
    return tmp_path


def test_a_terminal_shows_how_far_it_is(many: Path) -> None:
    ours, theirs = os.openpty()
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "80"}
    with subprocess.Popen(
        [COMMAND, "scan", "--jobs", "2"], cwd=many, stdout=subprocess.PIPE, stderr=theirs, env=environment
    ) as process:
        os.close(theirs)
        seen = b""
        while True:
            try:
                part = os.read(ours, 4096)
            except OSError:  # what Linux says when the other side is closed
                break
            if not part:
                break
            seen += part
        assert process.stdout is not None
        listed = process.stdout.read().decode()
    assert process.returncode == 1
    assert b"looking at files" in seen
    assert b"502/502" in seen
    assert "main.py:" in listed
    assert "looking at files" not in listed


def test_no_terminal_no_progress(many: Path) -> None:
    result = subprocess.run([COMMAND, "scan"], cwd=many, capture_output=True, text=True, check=False)
    assert "looking at" not in result.stderr
    assert "\x1b" not in result.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="lists processes by /proc")
@pytest.mark.parametrize(
    ("stop", "code", "told"), [(signal.SIGTERM, 128 + signal.SIGTERM, ""), (signal.SIGINT, 130, "interrupted\n")]
)
def test_its_processes_end_with_it(many: Path, stop: int, code: int, told: str) -> None:
    # enough to be at work for a while
    module = "import openai\n\n\n" + "".join(SLOW.format(n=n) for n in range(4_000))
    for number in range(12):
        (many / f"p{number}").mkdir()
        (many / f"p{number}/big.py").write_text(module, "utf-8")
    process = subprocess.Popen(
        [COMMAND, "scan", "--jobs", "2"],
        cwd=many,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        start_new_session=True,
        text=True,
    )
    children: list[Path] = []
    while len(children) < 2:
        assert process.poll() is None, "it ended before it could be stopped"
        listed = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text("ascii").split()
        children = [Path("/proc") / pid for pid in listed]
        time.sleep(0.01)
    os.killpg(process.pid, stop)  # as a terminal does
    assert process.communicate(timeout=20)[1] == told
    assert process.returncode == code
    assert not any(child.exists() for child in children)
