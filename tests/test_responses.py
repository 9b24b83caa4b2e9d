"""What code reads out of responses, across statements, functions and files.

A comment ``# reads: X`` names each part that is read on a line in a way that does not always work; ``# guarded: X`` one
that the code asks for first.
"""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from llm_codemods import responses
from llm_codemods.edits import Span
from llm_codemods.project import link
from llm_codemods.sites import ErrorCodeSite, Points, ResponseSite, find
from llm_codemods.source import Source, position
from llm_codemods.terms import Argument, Call, Literal, Name
from llm_codemods.values import Response
from llm_codemods.walk import read

MARK = re.compile(r"# (reads|guarded): ([\w.\[\]]+)")
CLIENT = "from openai import OpenAI\nclient = OpenAI()\n"
ASK = 'client.chat.completions.create(model="m", messages=[])'
STREAM = 'client.chat.completions.create(model="m", messages=[], stream=True)'

CASES = {
    "subscript and get": f'{CLIENT}r = {ASK}\nr["choices"][0]["message"]  # reads: choices.[].message\n'
    'r.get("usage")  # reads: usage\n',
    "the call itself": f'{CLIENT}{ASK}["usage"]["total_tokens"]  # reads: usage.total_tokens\n',
    "returned, then passed": f"{CLIENT}def ask():\n    return {ASK}\ndef use(r):\n"
    '    return r["id"]  # reads: id\nuse(ask())\n',
    "awaited through a decorator": "from openai import AsyncOpenAI\nfrom tenacity import retry\n"
    f"client = AsyncOpenAI()\n@retry\nasync def ask():\n    return await {ASK}\n"
    'async def use():\n    (await ask())["id"]  # reads: id\n',
    "an attribute": f"{CLIENT}class A:\n    def ask(self):\n        self.response = {ASK}\n"
    '    def use(self):\n        return self.response["choices"]  # reads: choices\n',
    "elements": f"{CLIENT}for choice in {ASK}.choices:\n"
    '    choice["text"]  # reads: choices.[].text\n'
    '[c["text"] for c in ' + ASK + ".choices]  # reads: choices.[].text\n",
    "tuple targets": f'{CLIENT}a, b = {ASK}, 1\na["id"]  # reads: id\nfor i, c in enumerate(a.choices):\n'
    '    c["index"]  # reads: choices.[].index\n',
    "raw": f'{CLIENT}r = client.with_raw_response.chat.completions.create()\nr.headers["id"]\n'
    'r.parse()["id"]  # reads: id\n',
    "a thread": f"import asyncio\n{CLIENT}async def f():\n"
    '    r = await asyncio.to_thread(client.embeddings.create, input="a")\n'
    '    return r["data"]  # reads: data\n',
    "a stream": f"{CLIENT}for piece in {STREAM}:\n    piece.choices[0]  # reads: [].choices.[]\n",
    "a generator of pieces": f"{CLIENT}def pieces():\n    for piece in {STREAM}:\n        yield piece\n"
    "for piece in pieces():\n    piece.choices[-1].delta  # reads: [].choices.[].delta\n",
    "a generator that asks first": f"{CLIENT}for piece in {STREAM}:\n    if not piece.choices:\n        continue\n"
    "    piece.choices[0]  # guarded: [].choices.[]\n",
    "a test of None is none of emptiness": f"{CLIENT}for piece in {STREAM}:\n    if piece.choices is not None:\n"
    "        piece.choices[0]  # reads: [].choices.[]\n",
    "a test inside": f"{CLIENT}for piece in {STREAM}:\n    if piece.choices[0].delta:  # reads: [].choices.[].delta\n"
    "        print(1)\n",
    "a test that ended": f"{CLIENT}for piece in {STREAM}:\n    if piece.choices:\n        print(1)\n"
    "    piece.choices[0]  # reads: [].choices.[]\n",
    "a helper of its own": f"{CLIENT}for piece in {STREAM}:\n    try:\n        def f(p):\n"
    "            return p.choices[0]  # reads: [].choices.[]\n        f(piece)\n    except IndexError:\n        pass\n",
    "dictionaries": f'{CLIENT}r = {ASK}.model_dump()\nr["choices"][0]  # reads: choices.[]\n',
    "no part of a response": f'{CLIENT}r = {ASK}\nr["content"]\n'
    'r.choices[0].message.content["type"]  # reads: choices.[]\n',
    "another's": 'import other\nr = other.create()\nr["choices"][0]\nr.system_fingerprint\n',
    "no response": f'{CLIENT}r = client.chat.completions.create(response_model=dict)\nr["choices"]\n',
    "details": f"{CLIENT}{ASK}.usage.prompt_tokens_details.cached_tokens"
    "  # reads: usage.prompt_tokens_details.cached_tokens\n",
}


def sites_of(code: str) -> list[ResponseSite]:
    found = find(link([read(Source("a.py", code))]))["a.py"]
    return [site for site in found if isinstance(site, ResponseSite)]


@pytest.mark.parametrize("code", CASES.values(), ids=CASES)
def test_parts(code: str) -> None:
    marked = [(i, *m.groups()) for i, line in enumerate(code.split("\n"), 1) for m in MARK.finditer(line)]
    source = Source("a.py", code)
    found = [
        (position(source, s.span.start).line, "guarded" if s.guarded else "reads", ".".join(s.at))
        for s in sites_of(code)
    ]
    assert sorted(found) == sorted(marked)


def test_keys_of_a_chain() -> None:
    code = f'{CLIENT}r = {ASK}\nr["choices"][0].message["content"]\n'
    (site,) = sites_of(code)
    assert [code[key.start : key.end] for key in site.keys] == ['"choices"', '"content"']
    assert code[site.span.start : site.span.end] == 'r["choices"][0].message["content"]'
    assert site.written == '["choices"][0].message["content"]'
    assert site.points is Points.OPENAI
    assert not site.legacy


def test_before_1() -> None:
    (site,) = sites_of('import openai\nopenai.Embedding.create(input="a")["data"][0]["embedding"]\n')
    assert site.legacy
    assert site.keys == ()
    assert site.endpoint == "embeddings.create"


def test_where_to_guard() -> None:
    code = (
        f"{CLIENT}for piece in {STREAM}:\n    usage = piece.usage\n    if usage:\n        x = piece.choices[0].delta\n"
    )
    (site,) = sites_of(code)
    assert site.loop is not None
    assert site.statement is not None
    assert code[site.loop.start : site.loop.end] == "usage = piece.usage"
    assert code[site.statement.start :].startswith("if usage:")


def test_only_the_first_of_a_loop_counts() -> None:
    loop = f"for piece in {STREAM}:\n    piece.choices[0]\n    piece.choices[0].delta\n"
    assert [site.repeated for site in sites_of(CLIENT + loop + loop)] == [False, True, False, True]


def test_comparisons() -> None:
    code = f'{CLIENT}reason = {ASK}.choices[0].finish_reason\nif reason in ("stop", "length"):\n    pass\n'
    assert [site.against for site in sites_of(code) if site.against] == [("stop", "length")]


@pytest.mark.parametrize(
    ("test", "expected"),
    [
        ('e.code == "other"', [("other", True)]),
        ("e.status_code == 429", [(429, True)]),
        ('getattr(e, "status_code", None) in (401, 403)', [(401, True), (403, True)]),
        ('"insufficient_quota" in str(e)', [("insufficient_quota", False)]),
        ("e.status_code == 200", []),
        ("e.value == 429", []),
        ('"stop" in str(e)', []),
    ],
)
def test_error_codes(test: str, expected: list[tuple[str | int, bool]]) -> None:
    code = f"import openai\n{CLIENT}try:\n    {ASK}\nexcept (openai.APIStatusError, OSError) as e:\n    {test}\n"
    found = find(link([read(Source("a.py", code))]))["a.py"]
    assert [(s.code, s.caught) for s in found if isinstance(s, ErrorCodeSite)] == expected


def call(*arguments: tuple[str | None, object]) -> Call:
    span = Span(0, 0)
    given = (
        Argument(name, Literal(v, span) if isinstance(v, bool) else Name(str(v), 0, 0, ()), span)
        for name, v in arguments
    )
    return Call(Name("create", 0, 0, ()), tuple(given), span, span, 0)


@pytest.mark.parametrize(
    ("api", "arguments", "expected"),
    [
        ("chat.completions.create", [("stream", True)], True),
        ("chat.completions.create", [("stream", False)], False),
        ("chat.completions.create", [], False),
        ("chat.completions.create", [("stream", "flag")], None),
        ("chat.completions.create", [("**", "options")], None),
        ("chat.completions.stream", [], True),
        ("models.list", [], True),
    ],
)
def test_streams(api: str, arguments: list[tuple[str | None, object]], expected: bool | None) -> None:
    assert responses.streams(Response(api, ("a.py", call(*arguments)))) is expected


def test_elements_end() -> None:
    whole = Response("chat.completions.create", ("a.py", call()))
    assert responses.element(whole) == whole
    piece = responses.element(replace(whole, made=("a.py", call(("stream", True)))))
    assert piece.at == ("[]",)
    assert responses.element(piece) == piece


def test_parts_end() -> None:
    part: Response | None = Response("chat.completions.create")
    for _ in range(responses.DEEP):
        assert part is not None
        part = responses.part(part, "parse")
    assert part is not None
    assert responses.part(part, "parse") is None


def test_methods() -> None:
    whole = Response("chat.completions.create")
    for name, plain in (("parse", False), ("model_dump", True)):
        method = responses.part(whole, name)
        assert method is not None
        assert responses.called(method) == replace(whole, plain=plain)
    assert responses.called(whole) is None
