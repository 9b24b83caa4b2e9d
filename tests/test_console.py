from __future__ import annotations

import io
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from llm_codemods.text import text
from llm_migrate import console


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def python(code: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, env={**os.environ, **environment}, timeout=60, check=False
    )


def test_source_text_is_not_markup(capsys: pytest.CaptureFixture[str]) -> None:
    source = "names: list[str] = pick(models[i]); a[/b] = 1  [red]not red[/red] " + "x" * 200
    console.out(source)
    assert capsys.readouterr().out == source + "\n"


def test_data_and_talk_do_not_mix(capsys: pytest.CaptureFixture[str]) -> None:
    console.out("data")
    console.err("talk")
    console.warn("careful")
    console.error(text("no {thing}", thing="luck"), "try again")
    captured = capsys.readouterr()
    assert captured.out == "data\n"
    assert captured.err == "talk\nwarning: careful\nerror: no luck\nhint: try again\n"


def test_an_error_message_may_contain_braces(capsys: pytest.CaptureFixture[str]) -> None:
    console.error("unexpected {")
    assert capsys.readouterr().err == "error: unexpected {\n"


def test_bytes_go_out_as_they_are() -> None:
    data = b"+a\r\n+\xff\n"
    code = f"from llm_migrate import console; console.out('head'); console.raw({data!r}); console.finish()"
    assert python(code).stdout == f"head{os.linesep}".encode() + data


def test_a_character_the_encoding_lacks_becomes_an_escape() -> None:
    code = "from llm_migrate import console; console.prepare(); console.out('caf\\u00e9 \\u4e2d \\udc80')"
    result = python(code, PYTHONIOENCODING="latin-1")
    assert (result.returncode, result.stdout.rstrip()) == (0, rb"caf" + b"\xe9" + rb" \u4e2d \udc80")


def test_a_reader_that_has_gone_is_no_error() -> None:
    code = (
        "import sys\n"
        "from llm_migrate import console\n"
        "for _ in range(5000): console.out('x' * 1000)\n"
        "sys.stderr.write(str(console.finish()))"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.read(10)
        process.stdout.close()
        assert process.stderr.read() == b"True"
    assert process.returncode == 0


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_full_disk_is_told(unbuffered: str) -> None:
    command = [sys.executable, "-m", "llm_migrate", "--version"]
    environment = {**os.environ, "PYTHONUNBUFFERED": unbuffered}
    with Path("/dev/full").open("w") as full:
        result = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, env=environment, timeout=60, check=False)
    assert result.returncode == 2
    assert re.fullmatch(rb"error: cannot write to standard output: .*\r?\n", result.stderr)


def test_closed_streams_are_silent() -> None:
    code = "import sys; sys.stdout = sys.stderr = None\nfrom llm_migrate import console\n"
    code += "console.prepare(); console.out('x'); console.raw(b'x'); console.error('y'); assert console.finish()"
    assert python(code).returncode == 0


@pytest.mark.parametrize(
    ("color", "environment", "terminal", "expected"),
    [
        (console.Color.AUTO, {}, True, True),
        (console.Color.AUTO, {}, False, False),
        (console.Color.AUTO, {"NO_COLOR": "1"}, True, False),
        (console.Color.AUTO, {"NO_COLOR": ""}, True, True),
        (console.Color.AUTO, {"TERM": "dumb"}, True, False),
        (console.Color.ALWAYS, {"NO_COLOR": "1"}, False, True),
        (console.Color.NEVER, {}, True, False),
    ],
)
def test_when_to_colour(
    color: console.Color,
    environment: dict[str, str],
    terminal: bool,
    expected: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TERM", "xterm")
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "stdout", Terminal() if terminal else io.StringIO())
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    console.use_color(color)
    assert console.style("x", "error") == ("\x1b[1;31mx\x1b[0m" if expected else "x")
    if color is console.Color.AUTO:
        assert console.style("x", "error", err=True) == "x", "each stream decides for itself"


def test_progress_is_silent_off_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    with console.progress("reading [files]", 2) as step:
        step(1)
        step(1)
    assert capsys.readouterr() == ("", "")


def test_progress_shows_on_a_terminal_and_leaves_data_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal, data = Terminal(), Terminal()
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setattr(sys, "stdout", data)
    with console.progress("reading [files]", 2) as step:
        console.out("data")
        step(1)
        step(1)
    assert "reading [files]" in terminal.getvalue()
    assert data.getvalue() == "data\n"
