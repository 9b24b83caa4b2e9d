"""What a call is known to send; and that nothing of the user's texts and keys is told."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from llm_codemods.project import link
from llm_codemods.request import Request, ResponseFormat, Shape, Tools, describe, to_data
from llm_codemods.sites import CallSite, find
from llm_codemods.source import Source
from llm_codemods.walk import read
from llm_migrate import analysis, app
from llm_migrate.settings import Settings

CLIENT = "from openai import OpenAI\nclient = OpenAI()\n"
KEY = "sk-" + "a1B2c3D4" * 5


def request(code: str) -> Request:
    """Return the last call of a module."""
    sites = find(link([read(Source("a.py", CLIENT + code))]))["a.py"]
    return describe([site for site in sites if isinstance(site, CallSite)][-1])


def chat(arguments: str, before: str = "") -> Request:
    return request(f"{before}\nclient.chat.completions.create({arguments})\n")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("temperature=0.2", 0.2),
        ("temperature=-1", -1),
        ("temperature=LOW", 0.1),
        ("temperature=0.1 if x else 0.9", Shape("variable", (0.1, 0.9))),
        ("temperature=unknown()", Shape("variable")),
        ("stream=False", False),
        ("seed=None", None),
        ('reasoning_effort="low"', "low"),
        ('reasoning_effort="low or so"', Shape("text", length=9)),
        ('service_tier=os.environ["TIER"]', Shape("variable", environment=("TIER",))),
        ('service_tier=os.getenv("TIER", "auto")', Shape("variable", ("auto",), ("TIER",))),
        ('stop="END"', Shape("text", length=3)),
        ('stop=["a", "b"]', Shape("array", length=2)),
        ("stop=[*more]", Shape("array")),
        ('modalities=["text", "audio"]', Shape("array", ("text", "audio"), length=2)),
        ('metadata={"for": "Ann"}', Shape("object")),
        ('stream_options={"include_usage": True}', Shape("object", entries={"include_usage": True})),
        (
            'extra_body={"thinking": {"type": "disabled"}, "user": "Ann", **more}',
            Shape(
                "object",
                entries={"thinking": Shape("object", entries={"type": "disabled"}), "user": Shape("text", length=3)},
            ),
        ),
    ],
)
def test_parameters(value: str, expected: object) -> None:
    (found,) = chat(value, "import os\nLOW = 0.1").parameters.values()
    assert found == expected


def test_default_of_a_parameter_and_what_callers_give() -> None:
    code = "def ask(t=0.5):\n    client.chat.completions.create(temperature=t)\nask(0.7)\nask()\n"
    assert request(code).parameters == {"temperature": Shape("variable", (0.5, 0.7))}


def test_options_that_are_unpacked() -> None:
    assert chat("**o", 'o = {"model": "gpt-4o", "n": 2}').parameters == {"model": "gpt-4o", "n": 2}
    assert not chat("**o", "o = {}").unknown
    assert chat("**o", "from other import o").unknown
    assert not chat("n=1").unknown


def test_method_that_is_only_named() -> None:
    assert request("f = client.chat.completions.create\n").unknown


def test_roles() -> None:
    before = 'S = {"role": "system", "content": "You are Ann"}\nm = [S]\nm.append({"role": "user", "content": "hi"})'
    assert chat("messages=m", before).roles == ("system", "user")
    assert request('client.responses.create(input=[{"role": "developer", "content": "x"}])').roles == ("developer",)
    assert chat('messages=[{"role": "not a word", "content": ""}]').roles == ()


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ("n=1", None),
        ("tools=[T]", Tools(("book",), strict=True, number=1)),
        ('tools=[T, {"type": "function", "name": "rent"}]', Tools(("book", "rent"), strict=True, number=2)),
        ("tools=[T, *more]", Tools(("book",), strict=True, number=None)),
        ("tools=some()", Tools((), strict=False, number=None)),
        ("tools=[some(A)]", Tools((), strict=False, number=1)),
    ],
)
def test_tools(arguments: str, expected: Tools | None) -> None:
    tool = 'T = {"type": "function", "function": {"name": "book", "description": "Books it", "strict": True}}'
    assert chat(arguments, tool).tools == expected


@pytest.mark.parametrize(
    ("choice", "words"),
    [
        ('"auto"', ("auto",)),
        ('"required"', ("required",)),
        ('{"type": "function", "function": {"name": "book"}}', ("function",)),
        ('{"type": "something"}', ("object",)),
        ('"auto" if x else "required"', ("auto", "required")),
        ("some()", ()),
    ],
)
def test_tool_choice(choice: str, words: tuple[str, ...]) -> None:
    assert chat(f"tool_choice={choice}").tool_choice == words


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("client.chat.completions.create()", None),
        ('client.chat.completions.create(response_format={"type": "json_object"})', ResponseFormat("json_object")),
        ("client.chat.completions.parse(response_format=Answer)", ResponseFormat("class", "Answer")),
        ("client.responses.parse(text_format=Answer)", ResponseFormat("class", "Answer")),
        ("client.chat.completions.create(response_format=some())", ResponseFormat(None)),
        ('client.audio.transcriptions.create(response_format="srt")', ResponseFormat("srt")),
    ],
)
def test_response_format(code: str, expected: ResponseFormat | None) -> None:
    assert request(f"class Answer: pass\n{code}\n").response_format == expected


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("client.chat.completions.create()", False),
        ("client.chat.completions.create(stream=True)", True),
        ("client.chat.completions.create(stream=some())", None),
        ("client.chat.completions.create(stream=True if x else False)", True),
        ("client.chat.completions.create(**some())", None),
        ("client.chat.completions.stream()", True),
    ],
)
def test_stream(code: str, expected: bool | None) -> None:
    assert request(code).stream is expected


@pytest.mark.parametrize(
    ("arguments", "batch", "dimensions"),
    [
        ('input="one"', 1, None),
        ('input=["a", "b", "c"], dimensions=512', 3, 512),
        ("input=text", 1, None),
        ("input=rows", None, None),
        ("input=[*rows]", None, None),
        ("input=[r for r in rows], dimensions=size", None, 256),
    ],
)
def test_embeddings(arguments: str, batch: int | None, dimensions: int | None) -> None:
    found = request(f"size = 256\ndef f(text: str, rows):\n    client.embeddings.create({arguments})\n")
    assert (found.batch, found.dimensions) == (batch, dimensions)


def test_neither_texts_nor_keys_are_told() -> None:
    secret = "the harbour is closed"
    found = chat(
        f'model="{KEY}", user="{secret}", stop="{secret}", metadata={{"a": "{secret}"}}, '
        f'extra_body={{"b": "{secret}", "c": ["{secret}"], "type": "{secret}", "{secret}": 1}}, prediction="{secret}", '
        f'messages=[{{"role": "user", "content": "{secret}"}}, {{"role": "{secret}", "content": ""}}], '
        f'extra_headers={{"Authorization": "Bearer {KEY}"}}, tool_choice="{secret}", response_format="{secret}", '
        f'tools=[{{"type": "function", "function": {{"name": "{secret}", "description": "{secret}"}}}}]'
    )
    told = json.dumps(to_data(found))
    assert "harbour" not in told
    assert KEY not in told


def test_scan_tells_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = 'client.chat.completions.create(model="gpt-4o", messages=[], tools=[], stream=True)\n'
    (tmp_path / "a.py").write_text(CLIENT + code)
    app.main(["scan", str(tmp_path), "--format", "json"])
    told = [f["request"] for f in json.loads(capsys.readouterr().out)["findings"] if f["kind"] == "call"]
    assert told == [
        {
            "parameters": {
                "model": "gpt-4o",
                "messages": {"type": "array", "length": 0},
                "tools": {"type": "array", "length": 0},
                "stream": True,
            },
            "roles": [],
            "tools": {"names": [], "strict": False, "number": 0},
            "tool_choice": [],
            "response_format": None,
            "stream": True,
            "models": ["gpt-4o"],
            "batch": None,
            "dimensions": None,
            "unknown": False,
        }
    ]


def test_processes_tell_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(analysis, "FEW", 0)
    for name in ("a", "b", "c"):
        (tmp_path / f"{name}.py").write_text(f"{CLIENT}client.embeddings.create(model='{name}', input=['x'])\n")
    alone, together = (Settings(tmp_path).analyse(jobs=jobs, requests=True) for jobs in (1, 2))
    assert together.requests == alone.requests
    assert sorted(r.models for r in together.requests.values()) == [("a",), ("b",), ("c",)]
    assert not Settings(tmp_path).analyse().requests
