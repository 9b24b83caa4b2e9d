"""What a name is, across statements, functions, classes and files: each case is a small project with marked lines.

A comment ``# api: X`` says that the line holds a use of X through a resolved receiver; ``# lost: X`` that X is seen but its
receiver is not known. Lines without a mark must hold neither.
"""

from __future__ import annotations

import re

import pytest

from llm_codemods.facts import read
from llm_codemods.project import link
from llm_codemods.sites import CallSite, ClientSite, EnvironmentSite, Flow, ModelSite, Points, find
from llm_codemods.source import Source, position

MARK = re.compile(r"# (api|lost): ([\w.]+)")

CASES = {
    "module function": {"a.py": "import openai\nopenai.chat.completions.create()  # api: chat.completions.create\n"},
    "alias": {
        "a.py": "import openai as ai\nc = ai.OpenAI()  # api: OpenAI\nc.embeddings.create()  # api: embeddings.create\n"
    },
    "before 1.0": {"a.py": "import openai\nopenai.ChatCompletion.create()  # api: ChatCompletion.create\n"},
    "before 1.0, imported class": {
        "a.py": "from openai import Embedding\nEmbedding.acreate()  # api: Embedding.acreate\n"
    },
    "renamed class": {
        "a.py": "from openai import AsyncOpenAI as Client\nc = Client()  # api: AsyncOpenAI\n"
        "async def f():\n    await c.responses.create()  # api: responses.create\n"
    },
    "inline": {"a.py": "from openai import OpenAI\nOpenAI().models.list()  # api: models.list # api: OpenAI\n"},
    "with": {
        "a.py": "from openai import OpenAI\nwith OpenAI() as c:  # api: OpenAI\n"
        "    c.chat.completions.create()  # api: chat.completions.create\n"
    },
    "walrus and tuple": {
        "a.py": "from openai import OpenAI\na, b = OpenAI(), 1  # api: OpenAI\n"
        "a.files.list()  # api: files.list\nif (d := OpenAI()):  # api: OpenAI\n    d.files.list()  # api: files.list\n"
    },
    "imported client": {
        "app/__init__.py": "",
        "app/llm.py": "from openai import OpenAI\nclient = OpenAI()  # api: OpenAI\n",
        "app/use.py": "from app.llm import client\nclient.chat.completions.create()  # api: chat.completions.create\n",
        "app/rel.py": "from .llm import client as c\nc.chat.completions.create()  # api: chat.completions.create\n",
        "app/mod.py": "from . import llm\nllm.client.embeddings.create()  # api: embeddings.create\n",
    },
    "re-export and star": {
        "pkg/__init__.py": "from .inner import *\n",
        "pkg/inner.py": "from openai import OpenAI\nclient = OpenAI()  # api: OpenAI\n",
        "main.py": "import pkg\npkg.client.images.generate()  # api: images.generate\n",
    },
    "src layout": {
        "src/lib/__init__.py": "",
        "src/lib/core.py": "import openai\nclient = openai.OpenAI()  # api: OpenAI\n",
        "tests/test_core.py": "from lib.core import client\nclient.responses.parse()  # api: responses.parse\n",
    },
    "a project's own openai.py is not the SDK's package": {
        "llm/__init__.py": "",
        "llm/openai.py": "import openai\nc = openai.OpenAI()  # api: OpenAI\n",
        "llm/x.py": "import openai\nopenai.models.list()  # api: models.list\n",
    },
    "self attribute set in another method": {
        "a.py": "from openai import OpenAI\nclass A:\n    def __init__(self):\n        self.c = OpenAI()  # api: OpenAI\n"
        "    def f(self):\n        return self.c.chat.completions.create()  # api: chat.completions.create\n"
    },
    "base class in another file": {
        "base.py": "from openai import OpenAI\nclass Base:\n    def __init__(self):\n        self.c = OpenAI()  # api: OpenAI\n",
        "sub.py": "from base import Base\nclass Sub(Base):\n    def f(self):\n"
        "        self.c.chat.completions.create()  # api: chat.completions.create\n",
    },
    "attribute that only the subclass sets": {
        "base.py": "class Base:\n    def f(self):\n        self.c.chat.completions.create()  # api: chat.completions.create\n",
        "sub.py": "import openai\nfrom base import Base\nclass Sub(Base):\n    def __init__(self):\n"
        "        self.c = openai.OpenAI()  # api: OpenAI\n",
    },
    "property and cached factory": {
        "a.py": "from functools import cached_property, lru_cache\nfrom openai import OpenAI\n"
        "@lru_cache\ndef make():\n    return OpenAI()  # api: OpenAI\n"
        "class A:\n    @cached_property\n    def client(self):\n        return make()\n"
        "    def f(self):\n        self.client.chat.completions.create()  # api: chat.completions.create\n"
    },
    "annotated parameter": {
        "a.py": "from __future__ import annotations\nfrom openai import OpenAI\n"
        "def f(client: OpenAI | None = None):\n    client.chat.completions.create()  # api: chat.completions.create\n"
        'def g(c: "OpenAI"):\n    c.embeddings.create()  # api: embeddings.create\n'
    },
    "parameter bound by its callers": {
        "a.py": "def ask(client, text):\n    return client.chat.completions.create()  # api: chat.completions.create\n",
        "b.py": "from openai import OpenAI\nfrom a import ask\nask(OpenAI(), 'x')  # api: OpenAI\n",
    },
    "constructor argument": {
        "a.py": "class A:\n    def __init__(self, client):\n        self.client = client\n"
        "    def f(self):\n        self.client.chat.completions.create()  # api: chat.completions.create\n",
        "b.py": "from openai import AsyncOpenAI\nfrom a import A\nA(client=AsyncOpenAI())  # api: AsyncOpenAI\n",
    },
    "dataclass field": {
        "a.py": "from dataclasses import dataclass\nfrom openai import OpenAI\n@dataclass\nclass A:\n    client: OpenAI\n"
        "    def f(self):\n        self.client.files.list()  # api: files.list\n"
    },
    "resource alias and bound method": {
        "a.py": "from openai import OpenAI\nchat = OpenAI().chat.completions  # api: OpenAI\n"
        "chat.create()  # api: chat.completions.create\ncreate = chat.create  # api: chat.completions.create\n"
        "create(model='gpt-4o')  # api: chat.completions.create\n"
    },
    "partial": {
        "a.py": "from functools import partial\nfrom openai import OpenAI\nc = OpenAI()  # api: OpenAI\n"
        "ask = partial(c.chat.completions.create, model='gpt-4o')  # api: chat.completions.create\n"
        "ask(messages=[])  # api: chat.completions.create\n"
    },
    "options and raw responses": {
        "a.py": "from openai import OpenAI\nc = OpenAI().with_options(timeout=1)  # api: OpenAI\n"
        "c.chat.completions.with_raw_response.create()  # api: chat.completions.create\n"
        "c.with_streaming_response.chat.completions.create()  # api: chat.completions.create\n"
    },
    "dictionary of clients": {
        "a.py": "from openai import OpenAI\nclients = {'a': OpenAI()}  # api: OpenAI\n"
        "clients['a'].chat.completions.create()  # api: chat.completions.create\n"
        "for c in clients.values():\n    pass\n"
    },
    "subclass of the SDK's client": {
        "a.py": "from openai import OpenAI\nclass Mine(OpenAI):\n    def ask(self):\n"
        "        return self.chat.completions.create()  # api: chat.completions.create\n"
        "Mine().embeddings.create()  # api: embeddings.create # api: OpenAI\n"
    },
    "wrapper that keeps the class": {
        "a.py": "from langfuse.openai import OpenAI, openai\nc = OpenAI()  # api: OpenAI\n"
        "c.chat.completions.create()  # api: chat.completions.create\n"
        "openai.chat.completions.create()  # api: chat.completions.create\n"
    },
    "global statement": {
        "a.py": "import openai\nc = None\ndef setup():\n    global c\n    c = openai.OpenAI()  # api: OpenAI\n"
        "def f():\n    c.chat.completions.create()  # api: chat.completions.create\n"
    },
    "fixture of tests": {
        "conftest.py": "import pytest\nfrom openai import OpenAI\n@pytest.fixture\ndef client():\n    yield OpenAI()  # api: OpenAI\n",
        "test_a.py": "def test_x(client):\n    client.chat.completions.create()  # api: chat.completions.create\n",
    },
    "another vendor's client is not OpenAI": {
        "a.py": "from groq import Groq\nc = Groq()\nc.chat.completions.create()\n"
        "class A:\n    def __init__(self):\n        self.c = Groq()\n    def f(self):\n        self.c.chat.completions.create()\n"
    },
    "rebound to another vendor": {
        "a.py": "import openai, groq\nc = openai.OpenAI()  # api: OpenAI\nc.models.list()  # api: models.list\n"
        "c = groq.Groq()\nc.chat.completions.create()\n"
    },
    "arms exclude each other": {
        "a.py": "import openai, groq, sys\nif sys.argv:\n    c = openai.OpenAI()  # api: OpenAI\n"
        "    c.chat.completions.create()  # api: chat.completions.create\n"
        "else:\n    c = groq.Groq()\n    c.chat.completions.create()\n"
    },
    "own class with the same shape": {
        "a.py": "class OpenAI:\n    def __init__(self): pass\nc = OpenAI()\nc.models = 1\n"
    },
    "lost receiver": {
        "a.py": "def f(x):\n    x.chat.completions.create()  # lost: chat.completions.create\n    x.create()\n"
    },
    "cycles end": {
        "a.py": "from b import c\nd = c\nd.chat.completions.create()  # lost: chat.completions.create\n",
        "b.py": "from a import d\nc = d\ndef f(x):\n    return f(x)\nf(f).chat.completions.create()  # lost: chat.completions.create\n",
    },
    "recursion with a way out": {
        "a.py": "from openai import OpenAI\ndef make(n):\n    if n:\n        return make(n - 1)\n    return OpenAI()  # api: OpenAI\n"
        "make(3).files.list()  # api: files.list\n"
    },
}


def project(files: dict[str, str]):  # type: ignore[no-untyped-def]
    return link([read(Source(path, text)) for path, text in files.items()])


@pytest.mark.parametrize("files", CASES.values(), ids=CASES.keys())
def test_uses_are_found_where_they_are_marked(files: dict[str, str]) -> None:
    wanted: set[tuple[str, int, str, str]] = set()
    found: set[tuple[str, int, str, str]] = set()
    for path, text in files.items():
        for number, line in enumerate(text.splitlines(), 1):
            wanted |= {(path, number, kind, api) for kind, api in MARK.findall(line)}
    sites = find(project(files))
    for path, text in files.items():
        source = Source(path, text)
        for site in sites[path]:
            at = position(source, site.span.start).line
            if isinstance(site, ClientSite):
                found.add((path, at, "api", site.kind))
            elif isinstance(site, CallSite):
                found.add((path, at, "api" if site.known else "lost", site.api))
    assert found == wanted


def only(files: dict[str, str], kind: type):  # type: ignore[no-untyped-def]
    return [s for sites in find(project(files)).values() for s in sites if isinstance(s, kind)]


@pytest.mark.parametrize(
    ("arguments", "points"),
    [
        ("", Points.OPENAI),
        ("base_url=None", Points.OPENAI),
        ("base_url='https://api.openai.com/v1'", Points.OPENAI),
        ("base_url=os.getenv('OPENAI_BASE_URL')", Points.OPENAI),
        ("base_url='https://api.deepseek.com'", Points.ELSEWHERE),
        ("base_url=os.getenv('X_URL', 'http://localhost:8000/v1')", Points.ELSEWHERE),
        ("base_url=settings.url", Points.UNKNOWN),
        ("**options", Points.UNKNOWN),
        ("**{'base_url': 'https://api.deepseek.com'}", Points.ELSEWHERE),
    ],
)
def test_where_a_client_points(arguments: str, points: Points) -> None:
    code = f"import os\nfrom openai import OpenAI\nfrom x import settings, options\nc = OpenAI({arguments})\nc.files.list()\n"
    assert [s.points for s in only({"a.py": code}, ClientSite)] == [points]
    assert [s.points for s in only({"a.py": code}, CallSite)] == [points]


def test_model_names_are_followed_to_the_calls_they_reach() -> None:
    files = {
        "conf.py": "MODEL = 'gpt-4o'\nUNUSED_MODEL = 'gpt-4'\nPRICES = {'gpt-4': 30}\n",
        "a.py": "from openai import OpenAI\nfrom conf import MODEL\nc = OpenAI()\n"
        "def f(model='gpt-3.5-turbo'):\n    c.chat.completions.create(model=model)\n"
        "c.chat.completions.create(model=MODEL)\nf(model='o3-mini')\n"
        "OpenAI(base_url='http://localhost/v1').chat.completions.create(model='gpt-oss-20b')\n",
    }
    flows = {(s.path, s.name): s.flow for s in only(files, ModelSite)}
    assert flows == {
        ("conf.py", "gpt-4o"): Flow.REACHES,
        ("conf.py", "gpt-4"): Flow.MENTIONED,
        ("a.py", "gpt-3.5-turbo"): Flow.REACHES,
        ("a.py", "o3-mini"): Flow.REACHES,
        ("a.py", "gpt-oss-20b"): Flow.ELSEWHERE,
    }


def test_a_read_of_the_key_that_reaches_a_client_is_known_as_a_whole() -> None:
    code = (
        "import os\nfrom openai import OpenAI\nKEY = os.getenv('OPENAI_API_KEY', '')\nc = OpenAI(api_key=KEY)\n"
        "if not os.environ.get('OPENAI_API_KEY'):\n    raise SystemExit\n"
    )
    reads = [code[s.read.start : s.read.end] if s.read else None for s in only({"a.py": code}, EnvironmentSite)]
    assert reads == ["os.getenv('OPENAI_API_KEY', '')", None]
