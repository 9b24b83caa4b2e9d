from __future__ import annotations

import pytest

from llm_codemods.prefilter import Prefilter, Relevance

USES = [
    b"import openai", b"import os, openai\n", b"from openai.types import X", b"    import openai as ai",
    b"openai.Model",
    b"from langfuse.openai import x", b"importlib.import_module('openai')", b"from langchain_openai import ChatOpenAI",
    b"from x import AzureOpenAI\nAzureOpenAI()", b"from x import (A,\n  ChatOpenAI)\nChatOpenAI (", b"m.AzureOpenAI()",
    b"from x import OpenAI\ndef f(c: OpenAI): ...", b"from x import *\nlist[AsyncOpenAI]",
    b"c.chat.completions.create(", b"(c.chat\n  .completions\n  .create(", b"c.chat. \\\r\n completions",
    b"x.completions.create", b"x.embeddings.create(", b"x.embeddings\n    .create(", b"c.responses.create(",
    b"responses.parse(", b"responses.stream(", b"import tiktoken\ntiktoken.get_encoding(x)", b"from crewai import Crew",
    b"def f():\n    import litellm", b"self.module = import_module('litellm')",
    b"from .lazy import litellm\nlitellm.speech",
    b"c.moderations.create(", b"c.images.generate(", b"c.audio.speech.create", b"c.beta.threads.create()",
    b"import requests\nrequests.post('https://api.openai.com/v1/models')", b"import os, httpx\nP = '/chat/completions'",
    b"c.fine_tuning.jobs.list()", b"c.vector_stores.list()", b"patch('openai.OpenAI')",
]  # fmt: skip
NAMES = [
    b"'gpt-4o'", b'"gpt-3.5-turbo"', b"'openai/gpt-4o'", b"'text-embedding-3-small'", b'"dall-e-3"', b"'whisper-1'",
    b"model='o1'", b'model=\\"o3\\"', b"'o4-mini'", b"'text-davinci-003'", b"key = 'sk-abc'", b"'OPENAI_API_KEY'",
    b"'/v1/chat/completions'", b"'https://x.openai.azure.com'",
    b"OPEN_AI_KEY=", b"'https://api.openai.com/v1'", b"# llm-migrate: ignore",
]  # fmt: skip
MAY_USE = [
    b"from langchain_openai import x", b"import tiktoken", b"'gpt-4' # of OpenAI (see above)",
    b"'gpt-4'\n# chat completions",
]  # fmt: skip
NEITHER = [
    b"", b"import os", b"open ai", b"risk-averse", b"task-x", b"x.embeddings = 3", b"responses.get(", b"'gpt-x'",
    b"AzureOpenAI()", b"of ChatOpenAI (", b"def f(c: OpenAI): ...", b"(OpenAI, Anthropic)", b"from x import OpenAI",
    b"# the\n# completions", b"(see completions.create)", b"from my.vector_stores.x import Y",
    b"fine_tuning.example", b"completions", b"POST /v1/completions now", b"import requests",
    b"foo1'", b"'o2-mini'", b"images.load(", b"audio.play", b"x.completions_total",
    b"see openai.com", b"# OpenAI says", b"an 'openai' provider", b"my_openai_thing = 1",
]  # fmt: skip


@pytest.mark.parametrize("data", USES)
def test_uses(data: bytes) -> None:
    assert Prefilter().relevance("a.py", data) is Relevance.USES
    assert Prefilter().relevance("a.py", b"# \xff 'gpt-4'\n" * 100 + data + b"\n") is Relevance.USES


@pytest.mark.parametrize("data", NAMES)
def test_names(data: bytes) -> None:
    assert Prefilter().relevance("a.py", data) is Relevance.NAMES
    if b"llm-migrate" not in data:
        assert Prefilter().lines(b"# \xff\n" * 100 + data + b"\n\n") == (101,)


@pytest.mark.parametrize("data", MAY_USE)
def test_may_use(data: bytes) -> None:
    assert Prefilter().relevance("a.py", data) is Relevance.MAY_USE


def test_lines_with_names_are_told_once_and_in_order() -> None:
    data = b"a = 'o1', 'gpt-4', 'gpt-4'\n\nb = 'dall-e-3'\nc = ''\nd = 'gpt-4'"
    assert Prefilter().lines(data) == (1, 3, 5)


@pytest.mark.parametrize("data", NEITHER)
def test_neither(data: bytes) -> None:
    assert Prefilter().relevance("a.py", data) is Relevance.NONE


def test_utf_16_is_always_looked_at() -> None:
    assert Prefilter().relevance("a.py", "a = 1".encode("utf-16")) is Relevance.NAMES


def test_a_package_of_the_tree_is_no_framework_there() -> None:
    data = b"from crewai import Crew"
    tree = Prefilter.of_tree(["src/crewai/__init__.py", "src/app/__init__.py", "src/app/crewai/__init__.py"])
    assert tree.relevance("src/app/main.py", data) is Relevance.NONE
    inner = Prefilter.of_tree(["src/app/__init__.py", "src/app/crewai/__init__.py", "crewai/notes.py", "src/crewai.py"])
    assert inner.relevance("src/app/main.py", data) is Relevance.USES


def test_a_namespace_of_the_tree_is_no_framework_there() -> None:
    tree = Prefilter.of_tree(["core/llama_index/core/__init__.py"])
    assert tree.relevance("core/llama_index/core/llms.py", b"from llama_index.llms import OpenAI_") is Relevance.NONE


def test_an_installed_framework_is_one_for_the_others() -> None:
    data = b"from crewai import Crew"
    tree = Prefilter.of_tree(["crewai/__init__.py", "app/__init__.py"], installed=True)
    assert tree.relevance("app/main.py", data) is Relevance.USES
    assert tree.relevance("crewai/crew.py", data) is Relevance.NONE
