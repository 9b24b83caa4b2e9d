"""Which files are read beside those that matter by their own bytes."""

from __future__ import annotations

from pathlib import Path

import pytest

from llm_codemods.modules import Modules
from llm_codemods.prefilter import Prefilter, Relevance
from llm_codemods.reading import Reader
from llm_migrate.analysis import Folder

CLIENT = "from openai import OpenAI\ndef ask(c): return c.chat.completions.create(model='gpt-4o')\nclass Base: pass\n"
CASES: dict[str, tuple[dict[str, str], set[str]]] = {
    "what imports a user": (
        {"app/llm.py": CLIENT, "app/main.py": "from app.llm import ask\n", "app/near.py": "from . import llm\n"},
        {"app/main.py", "app/near.py"},
    ),
    "not what imports another module of the same name": (
        {"app/llm.py": CLIENT, "other/llm.py": "", "other/main.py": "from other.llm import x\n"},
        set(),
    ),
    "what imports it through its package, by name": (
        {
            "app/llm/client.py": CLIENT,
            "app/llm/__init__.py": "from .client import ask\nfrom .more import other\n",
            "app/llm/more.py": "other = 1\n",
            "app/main.py": "from app.llm import (\n    ask as question,\n)\n",
            "app/none.py": "from app.llm import other\n",
        },
        {"app/llm/__init__.py", "app/main.py"},
    ),
    "what imports a subclass": (
        {
            "llm.py": CLIENT,
            "mine.py": "from llm import Base\nclass Mine(Base): pass\nx = 1\n",
            "use.py": "from mine import Mine\n",
            "none.py": "from mine import x\n",
        },
        {"mine.py", "use.py"},
    ),
    "what a user imports, wherever it is defined": (
        {
            "llm.py": CLIENT + "from kit import trace\nfrom kit.all import start\n",
            "kit/__init__.py": "from .tracing import trace, log\n",
            "kit/tracing.py": "def trace(c): return c\n",
            "kit/all.py": "from .starting import *\n",
            "kit/starting.py": "def start(c): return c\n",
            "kit/none.py": "def none(c): return c\n",
        },
        {"kit/__init__.py", "kit/tracing.py", "kit/all.py", "kit/starting.py"},
    ),
    "what gives tests their fixtures": (
        {
            "conftest.py": "",
            "tests/conftest.py": "from fake import client\n",
            "tests/unit/test_llm.py": "def test(client): client.chat.completions.create(model='gpt-4o')\n",
            "other/conftest.py": "",
            "fake.py": "client = None\n",
        },
        {"conftest.py", "tests/conftest.py", "fake.py"},
    ),
    "what sends requests to an address that another file names": (
        {
            "settings.py": "URL = 'https://api.openai.com/v1'\nfrom sending import post\n",
            "sending.py": "import httpx\n",
            "send.py": "import httpx\nfrom settings import URL\n",
            "none.py": "from settings import URL\n",
        },
        {"sending.py", "send.py"},
    ),
    "what imports one that has only types of data: it may say what they are made with": (
        {
            "kinds.py": "from openai.types.chat import ChatCompletion\nclass Agent: model = ''\n",
            "main.py": "from kinds import Agent\n",
        },
        {"main.py"},
    ),
    "what imports one that has exceptions": (
        {
            "faults.py": "from openai import Timeout, RateLimitError\nclass Busy(RateLimitError): pass\n",
            "main.py": "from faults import Busy\n",
        },
        {"main.py"},
    ),
    "what runs as a script beside a user": (
        {"scripts/run.py": CLIENT + "import own\n", "scripts/own.py": "", "own.py": ""},
        {"scripts/own.py"},
    ),
}


def relevance(files: dict[str, str]) -> dict[str, Relevance]:
    return {path: Prefilter().relevance(path, text.encode()) for path, text in files.items()}


@pytest.mark.parametrize("name", CASES)
def test_what_is_read_beside(name: str, tmp_path: Path) -> None:
    files, expected = CASES[name]
    for path, text in files.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text, "utf-8")
    matter = {path: found for path, found in relevance(files).items() if found is not Relevance.NONE}
    reader = Reader(Folder(tmp_path), {}, Prefilter())
    reader.read(matter.items())
    reader.widen(Modules(files))
    assert reader.facts.keys() - matter.keys() == expected


@pytest.mark.parametrize(("imports", "whole"), [("from clients import make", True), ("import json", False)])
def test_what_may_use_the_sdk_is_read_whole_beside_a_user_only(imports: str, *, whole: bool, tmp_path: Path) -> None:
    files = {
        "clients.py": CLIENT + "def make(model): ...\n",
        "main.py": f"{imports}\nMODEL = 'gpt-4'  # of chat completions\ndef run():\n    start(0)\n",
    }
    for path, text in files.items():
        (tmp_path / path).write_text(text, "utf-8")
    reader = Reader(Folder(tmp_path), {}, Prefilter())
    reader.read(relevance(files).items())
    assert reader.facts["main.py"].calls == []
    reader.widen(Modules(files))
    assert bool(reader.facts["main.py"].calls) is whole
