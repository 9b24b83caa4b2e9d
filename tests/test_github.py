"""``scan --format github``: workflow commands, escaped as GitHub reads them."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import unquote

import pytest

from terminal import CALL, called, in_both_languages, notebook, put

COMMAND = re.compile(r"::(?P<level>notice|warning|error) (?P<properties>[^:\r\n]*)::(?P<message>[^\r\n]*)")


def commands(out: str) -> list[tuple[str, dict[str, str], str]]:
    """Read workflow commands as the runner does: level, properties, message."""
    found = []
    for line in out.splitlines():
        match = COMMAND.fullmatch(line)
        assert match, line
        pairs = (pair.split("=", 1) for pair in match["properties"].split(","))
        found.append((match["level"], {name: unquote(value) for name, value in pairs}, unquote(match["message"])))
    return found


def test_a_finding_is_a_command(tmp_path: Path) -> None:
    put(tmp_path, {"src/a.py": CALL.replace("messages", "\n    messages")})
    ended = in_both_languages(tmp_path, "scan", "src", "--format", "github")
    assert ended.code == 1
    client, call, model = commands(ended.out)
    assert client == (
        "warning",
        {
            "file": "src/a.py",
            "line": "3",
            "col": "10",
            "endLine": "3",
            "endColumn": "18",
            "title": "LM101 client-endpoint",
        },
        "OpenAI client",
    )
    assert call[1]["line"] == "4"
    assert call[1]["endLine"] == "5"
    assert "endColumn" not in call[1], "columns are of one line"
    assert model[1]["title"] == "LM201 model-name"
    elsewhere = called(put(tmp_path / "other", {}), "scan", "../src", "--format", "github")
    assert commands(elsewhere.out)[0][1]["file"] == str(tmp_path / "src" / "a.py")


def test_levels_follow_the_verdict(tmp_path: Path) -> None:
    put(tmp_path, {"a.py": CALL + 'client.audio.speech.create(model="tts-1", voice="alloy", input="x")\n'})
    ended = called(tmp_path, "scan", "--to", "qwen", "--format", "github", "--all")
    levels = {(properties["line"], properties["title"]): level for level, properties, _ in commands(ended.out)}
    assert levels["3", "LM101 client-endpoint"] == "warning"
    assert levels["4", "LM103 api-call"] == "notice"
    assert levels["5", "LM103 api-call"] == "error"
    messages = [message for _, properties, message in commands(ended.out) if properties["title"] == "LM201 model-name"]
    assert messages[0] == "model gpt-4o becomes qwen-plus → use qwen-plus"


def test_everything_is_escaped(tmp_path: Path) -> None:
    name = "a%,b:c.py"
    put(tmp_path, {name: "x = 1  # llm-migrate: ignore[100%::y]\n"})
    ended = called(tmp_path, "scan", "--format", "github")
    assert ended.out.startswith("::warning file=a%25%2Cb%3Ac.py,line=1,")
    ((_, properties, message),) = commands(ended.out)
    assert properties["file"] == name
    assert message == "no rule is called '100%::y'"
    assert "'100%25::y'" in ended.out


def test_line_ends_in_a_path_do_not_end_the_command(tmp_path: Path) -> None:
    try:
        put(tmp_path, {"a\r\nb.py": CALL})
    except OSError:
        pytest.skip("no such names here")
    ended = called(tmp_path, "scan", "--format", "github", "--select", "LM101")
    ((_, properties, _),) = commands(ended.out)
    assert properties["file"] == "a\r\nb.py"


def test_a_notebook_is_shown_at_its_json(tmp_path: Path) -> None:
    text = notebook("x = 1\n", "import openai\n\nclient = openai.OpenAI()\n")
    put(tmp_path, {"a.ipynb": text})
    ((_, properties, message),) = commands(called(tmp_path, "scan", "--format", "github").out)
    line = next(n for n, row in enumerate(text.splitlines(), 1) if "openai.OpenAI()" in row)
    assert properties == {"file": "a.ipynb", "line": str(line), "title": "LM101 client-endpoint"}
    assert message == "cell 2, line 3: OpenAI client"
    one_string = text.replace(
        '[\n    "import openai\\n",\n    "\\n",\n    "client', '"import openai\\n\\nclient'
    ).replace('OpenAI()\\n"\n   ]', 'OpenAI()\\n"')
    put(tmp_path, {"a.ipynb": one_string})
    ((_, properties, message),) = commands(called(tmp_path, "scan", "--format", "github").out)
    line = next(n for n, row in enumerate(one_string.splitlines(), 1) if "openai.OpenAI()" in row)
    assert (properties["line"], message) == (str(line), "cell 2, line 3: OpenAI client")


def test_nothing_found_is_nothing_said(tmp_path: Path) -> None:
    ended = in_both_languages(tmp_path, "scan", "--format", "github")
    assert (ended.code, ended.out) == (0, "")
