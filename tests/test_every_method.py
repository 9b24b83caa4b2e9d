"""Every method that the SDK has, of every major, is found: from its text to the finding of the rule for calls.

One source for each major and client class calls every method of the table, one a line. What is missed is named.
"""

from __future__ import annotations

from collections.abc import Iterable

import openai
import pytest

from llm_codemods import engine, openai_api
from llm_codemods.project import link
from llm_codemods.rules import api_call
from llm_codemods.sites import find
from llm_codemods.source import Source, position
from llm_codemods.walk import read

MAJORS = (1, 2, 3)
CLASSES = [(major, name) for major in MAJORS for name in openai_api.client_classes()]


def found(code: str) -> set[tuple[int, str]]:
    """Return line and method of every call that the rule reports."""
    source = Source("a.py", code)
    sites = find(link([read(source)]))["a.py"]
    findings = engine.run(sites, (api_call.RULE,), None)
    return {(position(source, f.span.start).line, f.api) for f in findings if f.kind == "call"}


def missed(head: str, calls: Iterable[tuple[str, str]], indent: str = "") -> list[str]:
    """Return those methods whose call, one line each below ``head``, is not found under its name."""
    calls = list(calls)
    code = head + "".join(f"{indent}{call}\n" for call, _ in calls)
    wanted = {(head.count("\n") + number, api) for number, (_, api) in enumerate(calls, 1)}
    assert wanted
    return sorted(api for _, api in wanted - found(code))


def of_major(major: int) -> list[str]:
    """Return the paths of a major's methods, sorted."""
    return sorted(path for path in openai_api.methods() if major in openai_api.majors_of(path))


@pytest.mark.parametrize(("major", "name"), CLASSES)
def test_every_method_of_every_client(major: int, name: str) -> None:
    word = "await " if name.startswith("Async") else ""
    head = f"import openai\nasync def main():\n    client = openai.{name}()\n"
    calls = [(f"{word}client.{path}()", path) for path in of_major(major)]
    assert missed(head, calls, "    ") == []


@pytest.mark.parametrize("wrapper", sorted(openai_api.wrappers()))
@pytest.mark.parametrize("major", MAJORS)
def test_every_method_through_a_wrapper(major: int, wrapper: str) -> None:
    rows = [(path.rpartition("."), path) for path in of_major(major)]
    calls = [(f"client.{head}.{wrapper}.{last}()", path) for (head, _, last), path in rows]
    assert missed("from openai import OpenAI\nclient = OpenAI()\n", calls) == []


@pytest.mark.parametrize("major", MAJORS)
def test_every_method_of_the_module(major: int) -> None:
    paths = [path for path in of_major(major) if hasattr(openai, path.partition(".")[0])]
    assert missed("import openai as ai\n", [(f"ai.{path}()", path) for path in paths]) == []


@pytest.mark.parametrize("major", MAJORS)
def test_every_method_named_without_a_call(major: int) -> None:
    code = "from openai import OpenAI\nclient = OpenAI()\n" + "".join(f"x = client.{p}\n" for p in of_major(major))
    sites = find(link([read(Source("a.py", code))]))["a.py"]
    named = {f.api for f in engine.run(sites, (api_call.RULE,), None) if f.kind == "ref"}
    assert sorted(set(of_major(major)) - named) == []


@pytest.mark.parametrize("word", ["", "async "])
def test_every_method_of_every_connection(word: str) -> None:
    connects = sorted(path for path in openai_api.methods() if openai_api.connection(path) is not None)
    kind = "AsyncOpenAI" if word else "OpenAI"
    for connect in connects:
        opened = f"{openai_api.connection(connect)}."
        paths = sorted(path for path in openai_api.connection_methods() if path.startswith(opened))
        head = f"import openai\nclient = openai.{kind}()\nasync def main():\n    {word}with client.{connect}() as c:\n"
        calls = [(f"c.{path.removeprefix(opened)}()", path) for path in paths]
        assert missed(head, calls, "        ") == [], connect


@pytest.mark.parametrize("head", ["openai.", ""])
def test_every_method_before_1_0(head: str) -> None:
    imports = "import openai\n" if head else f"from openai import {', '.join(sorted(openai_api.v0_classes()))}\n"
    assert missed(imports, [(f"{head}{path}()", path) for path in sorted(openai_api.v0_methods())]) == []


def test_what_the_sdk_does_not_have_is_not_found() -> None:
    code = "import openai\nclient = openai.OpenAI()\n" + "".join(f"client.{path}x()\n" for path in of_major(3))
    assert found(code) == set()
