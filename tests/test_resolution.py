"""What a name is, across statements, functions, classes and files: each case is a small project with marked lines.

A comment ``# api: X`` says that the line holds a use of X through a resolved receiver; ``# lost: X`` that X is seen but its
receiver is not known. Lines without a mark must hold neither.
"""

from __future__ import annotations

import re
import sys

import pytest

from llm_codemods.modules import Modules
from llm_codemods.project import link
from llm_codemods.sites import (
    CallSite,
    ClientMethodSite,
    ClientSite,
    EnvironmentSite,
    ExceptionSite,
    Flow,
    ModelSite,
    Points,
    ResponseSite,
    SubclassSite,
    find,
)
from llm_codemods.source import Source, position
from llm_codemods.walk import read

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
    "module of a package that is called after the SDK": {
        "app/__init__.py": "",
        "app/openai.py": "class OpenAI:\n    pass\n",
        "app/common.py": "from openai import OpenAI as Client\ndef client():\n    return Client()  # api: OpenAI\n",
        "app/ask.py": "from app.common import client\nclient().responses.create()  # api: responses.create\n",
    },
    "fixture of tests that makes another vendor's client": {
        "conftest.py": "import pytest\nfrom groq import Groq\n@pytest.fixture\ndef groq_client():\n    return Groq()\n",
        "sub/test_a.py": "def test_x(groq_client):\n    groq_client.chat.completions.create()\n",
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
    "lost receiver of a method that is handed on": {
        "a.py": "import openai\ndef retry(f): return f\n"
        "def ask(client, **kwargs):\n    return retry(client.chat.completions.create)(**kwargs)  # lost: chat.completions.create\n"
        "def f(x, mocked):\n    x.files.list\n    x.create\n    mocked.chat.completions.create.return_value = 1\n"
        "    return mocked.embeddings.create.call_args[0]\n"
    },
    "lost receiver of a method that is given what the SDK's does not take": {
        "a.py": "def f(x, name, ask):\n    x.audio.transcriptions.create(name, 'a.wav')\n    x.chat.completions.create(ask)\n"
        "    x.chat.completions.create(*ask)  # lost: chat.completions.create\n"
        "    x.beta.threads.messages.create(name, content=ask)  # lost: beta.threads.messages.create\n"
        "    x.ChatCompletion.create('gpt-4')\n"
    },
    "lost receiver of a method that tests put a double in the place of": {
        "app/llm.py": "class A:\n    @property\n    def client(self):\n        return load('openai').OpenAI()\n"
        "    def f(self):\n        self.client.beta.threads.messages.create()  # lost: beta.threads.messages.create\n"
        "        return self.client.chat.completions.create  # lost: chat.completions.create\n",
        "tests/test_llm.py": "from unittest.mock import Mock\nfrom app.llm import A\ndef fake(): pass\ndef test(a, b):\n"
        "    b.beta.threads.messages.create = Mock()\n    b.beta.threads.messages.create()\n"
        "    A().client.chat.completions.create = fake\n    A().client.chat.completions.create()\n"
        "def test_patched(mocker):\n    create = mocker.patch('openai.OpenAI').return_value.chat.completions.create\n",
    },
    "cycles end": {
        "a.py": "from b import c\nd = c\nd.chat.completions.create()  # lost: chat.completions.create\n",
        "b.py": "from a import d\nc = d\ndef f(x):\n    return f(x)\nf(f).chat.completions.create()  # lost: chat.completions.create\n",
    },
    "recursion with a way out": {
        "a.py": "from openai import OpenAI\ndef make(n):\n    if n:\n        return make(n - 1)\n    return OpenAI()  # api: OpenAI\n"
        "make(3).files.list()  # api: files.list\n"
    },
    # -- names and imports --------------------------------------------------------------------------------------------
    "import inside a function, and under try": {
        "a.py": "def f():\n    import openai\n    return openai.OpenAI()  # api: OpenAI\n"
        "try:\n    from openai import OpenAI\nexcept ImportError:\n    OpenAI = None\n"
        "OpenAI().files.list()  # api: OpenAI # api: files.list\nf().files.list()  # api: files.list\n"
    },
    "star import of the SDK": {"a.py": "from openai import *\nc = OpenAI()  # api: OpenAI\n"},
    "imported by name": {
        "a.py": "import importlib\nsdk = importlib.import_module('openai')\nsdk.OpenAI()  # api: OpenAI\n"
    },
    "folders without __init__": {
        "app/llm.py": "import openai\nclient = openai.OpenAI()  # api: OpenAI\n",
        "app/a.py": "from app import llm\nllm.client.files.list()  # api: files.list\n",
        "app/b.py": "from . import llm\nllm.client.files.list()  # api: files.list\n",
        "app/c.py": "import app.llm\napp.llm.client.files.list()  # api: files.list\n",
    },
    "module beside a script inside a package": {
        "pkg/__init__.py": "",
        "pkg/llm.py": "import openai\nclient = openai.OpenAI()  # api: OpenAI\n",
        "pkg/run.py": "from llm import client\nclient.files.list()  # api: files.list\n",
    },
    "two packages with modules of one name": {
        "one/app/__init__.py": "",
        "one/app/llm.py": "import openai\nclient = openai.OpenAI()  # api: OpenAI\n",
        "one/main.py": "from app.llm import client\nclient.files.list()  # api: files.list\n",
        "two/app/__init__.py": "",
        "two/app/llm.py": "import groq\nclient = groq.Groq()\n",
        "two/main.py": "from app.llm import client\nclient.files.list()\n",
    },
    "imported for type checking only": {
        "a.py": "from __future__ import annotations\nfrom typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from openai import OpenAI\n"
        "def f(c: OpenAI):\n    c.files.list()  # api: files.list\n"
    },
    "module set from elsewhere": {
        "llm.py": "client = None\ndef ask():\n    client.files.list()  # api: files.list\n",
        "main.py": "import llm, openai\nllm.client = openai.OpenAI()  # api: OpenAI\n",
    },
    "chain of names": {
        "a.py": "import openai\na = openai.OpenAI()  # api: OpenAI\nb = a\nc = b\nc.files.list()  # api: files.list\n"
    },
    "comprehension sees what stands before it": {
        "a.py": "import openai, groq\nc = openai.OpenAI()  # api: OpenAI\n[c.files.list() for _ in range(2)]  # api: files.list\n"
        "c = groq.Groq()\n[c.files.list() for _ in range(2)]\n"
    },
    "walrus in a comprehension": {
        "a.py": "import openai\n[(c := openai.OpenAI()) for _ in range(2)]  # api: OpenAI\nc.files.list()  # api: files.list\n"
    },
    "closure, and a name of two scopes further out": {
        "a.py": "import openai\ndef f():\n    c = openai.OpenAI()  # api: OpenAI\n    def g():\n        nonlocal c\n"
        "        def h():\n            c.files.list()  # api: files.list\n        h()\n    g()\n"
    },
    "match": {
        "a.py": "import openai, groq, sys\nmatch sys.argv[1]:\n    case 'a':\n        c = openai.OpenAI()  # api: OpenAI\n"
        "        c.files.list()  # api: files.list\n    case 'b':\n        c = groq.Groq()\n        c.files.list()\n"
        "def f(x):\n    match x:\n        case openai.OpenAI() as d:\n            d.files.list()  # api: files.list\n"
    },
    "isinstance": {
        "a.py": "import openai\ndef f(x, y):\n    if isinstance(x, openai.OpenAI):\n        x.files.list()  # api: files.list\n"
        "    assert isinstance(y, (openai.OpenAI, openai.AsyncOpenAI))\n    y.files.list()  # api: files.list\n"
    },
    # -- functions ----------------------------------------------------------------------------------------------------
    "functions that return functions": {
        "a.py": "import openai\ndef factory():\n    def inner():\n        return openai.OpenAI()  # api: OpenAI\n    return inner\n"
        "factory()().files.list()  # api: files.list\nmake = lambda: openai.OpenAI()  # api: OpenAI\nmake().files.list()  # api: files.list\n"
    },
    "function called under other names": {
        "a.py": "def ask(c):\n    c.files.list()  # api: files.list\ndef tell(c):\n    c.models.list()  # api: models.list\n"
        "def send(c):\n    c.files.create()  # api: files.create\n",
        "b.py": "import openai\nfrom a import ask as question, tell, send\nc = openai.OpenAI()  # api: OpenAI\nquestion(c)\n"
        "TABLE = {'tell': tell}\nTABLE['tell'](c)\ndef run(f, c):\n    return f(c)\nrun(send, c)\n",
    },
    "lambda with parameters": {
        "a.py": "import openai\nask = lambda c: c.files.list()  # api: files.list\nask(openai.OpenAI())  # api: OpenAI\n"
    },
    "function handed to somebody else's": {
        "a.py": "import asyncio, threading\nfrom concurrent.futures import ThreadPoolExecutor\nfrom functools import partial\nimport openai\n"
        "def one(c):\n    c.files.list()  # api: files.list\ndef two(c):\n    c.files.list()  # api: files.list\n"
        "def three(x, c):\n    c.files.list()  # api: files.list\ndef four(c):\n    c.files.list()  # api: files.list\n"
        "def five(x, c):\n    c.files.list()  # api: files.list\n"
        "client = openai.OpenAI()  # api: OpenAI\nasync def main():\n    await asyncio.to_thread(one, client)\n"
        "    await asyncio.get_running_loop().run_in_executor(None, two, client)\n"
        "threading.Thread(target=three, args=(1, client)).start()\nwith ThreadPoolExecutor() as pool:\n    pool.map(four, [client])\n"
        "partial(five, 1)(client)\n"
    },
    "star arguments": {
        "a.py": "import openai\ndef ask(x, c, **options):\n    c.files.list()  # api: files.list\n    options['d'].models.list()  # api: models.list\n"
        "def passes(*args, **kwargs):\n    return ask(*args, **kwargs)\npasses(1, openai.OpenAI(), d=openai.OpenAI())  # api: OpenAI # api: OpenAI\n"
    },
    "class and static methods": {
        "a.py": "import openai\nclass A:\n    @classmethod\n    def f(cls, c):\n        c.files.list()  # api: files.list\n"
        "    @staticmethod\n    def g(c):\n        c.models.list()  # api: models.list\n"
        "A.f(openai.OpenAI())  # api: OpenAI\nA().g(openai.OpenAI())  # api: OpenAI\n"
    },
    "module passed as a parameter": {
        "a.py": "import openai\ndef f(sdk=openai):\n    sdk.chat.completions.create()  # api: chat.completions.create\n"
        "def g(sdk):\n    return sdk.OpenAI()  # api: OpenAI\ng(openai).files.list()  # api: files.list\n"
    },
    "context managers": {
        "a.py": "from contextlib import ExitStack, asynccontextmanager, contextmanager\nimport openai\n"
        "@contextmanager\ndef one():\n    yield openai.OpenAI()  # api: OpenAI\n"
        "@asynccontextmanager\nasync def two():\n    async with openai.AsyncOpenAI() as c:  # api: AsyncOpenAI\n        yield c\n"
        "class Three:\n    def __enter__(self):\n        return openai.OpenAI()  # api: OpenAI\n"
        "with one() as a, Three() as b, ExitStack() as stack:\n    a.files.list()  # api: files.list\n    b.files.list()  # api: files.list\n"
        "    stack.enter_context(openai.OpenAI()).files.list()  # api: OpenAI # api: files.list\n"
        "async def main():\n    async with two() as c:\n        await c.files.list()  # api: files.list\n"
    },
    "several at once": {
        "a.py": "import openai\ndef make():\n    return openai.OpenAI(), 'gpt-4o'  # api: OpenAI\n"
        "client, model = make()\nclient.files.list()  # api: files.list\n"
    },
    "bound methods handed on": {
        "a.py": "import asyncio, tenacity, openai\nc = openai.OpenAI()  # api: OpenAI\n"
        "tenacity.retry(stop=3)(c.chat.completions.create)(model='gpt-4o')  # api: chat.completions.create # api: chat.completions.create\n"
        "async def f(loop):\n    await loop.run_in_executor(None, c.chat.completions.create)  # api: chat.completions.create\n"
        "    await asyncio.to_thread(c.embeddings.create, input='')  # api: embeddings.create\n"
    },
    "bound methods kept": {
        "a.py": "import openai\nclass A:\n    def __init__(self):\n        self.create = openai.OpenAI().chat.completions.create  # api: OpenAI # api: chat.completions.create\n"
        "        self.table = {'list': openai.OpenAI().files.list}  # api: OpenAI # api: files.list\n"
        "    def f(self):\n        self.create(model='gpt-4o')  # api: chat.completions.create\n        self.table['list'](order='asc')  # api: files.list\n"
    },
    "a call that only passes on is no use of its own": {
        "a.py": "import openai\ndef retry(f):\n    def again(*args, **kwargs):\n        return f(*args, **kwargs)\n    return again\n"
        "retry(openai.OpenAI().files.list)  # api: OpenAI # api: files.list\n"
    },
    # -- classes ------------------------------------------------------------------------------------------------------
    "super().__init__": {
        "a.py": "import openai\nclass Base:\n    def __init__(self, client):\n        self.client = client\nclass Sub(Base):\n"
        "    def __init__(self):\n        super().__init__(openai.OpenAI())  # api: OpenAI\n"
        "    def f(self):\n        self.client.files.list()  # api: files.list\n"
    },
    "another base of the subclass": {
        "a.py": "import openai\nclass Asks:\n    def f(self):\n        self.client.files.list()  # api: files.list\n"
        "class Has:\n    def __init__(self):\n        self.client = openai.OpenAI()  # api: OpenAI\nclass Both(Asks, Has):\n    pass\n"
    },
    "class attribute": {
        "a.py": "import openai\nclass A:\n    client = openai.OpenAI()  # api: OpenAI\n    def f(self):\n        self.client.files.list()  # api: files.list\n"
        "A.client.files.list()  # api: files.list\n"
    },
    "attribute set from outside": {
        "a.py": "import openai\nclass A:\n    client = None\n    def f(self):\n        self.client.files.list()  # api: files.list\n"
        "a = A()\na.client = openai.OpenAI()  # api: OpenAI\nclass B:\n    def f(self):\n        self.other.files.list()  # api: files.list\n"
        "setattr(B(), 'other', openai.OpenAI())  # api: OpenAI\n"
    },
    "fields given to the constructor": {
        "a.py": "from dataclasses import dataclass, field\nfrom typing import Any, NamedTuple\nfrom pydantic import BaseModel\nimport openai\n"
        "@dataclass\nclass A:\n    name: str\n    client: Any\n    def f(self):\n        self.client.files.list()  # api: files.list\n"
        "A('x', openai.OpenAI())  # api: OpenAI\n"
        "class B(NamedTuple):\n    client: object\nB(client=openai.OpenAI()).client.files.list()  # api: OpenAI # api: files.list\n"
        "class C(BaseModel):\n    client: Any = None\nclass D(C):\n    x: int = 0\nD(client=openai.OpenAI()).client.files.list()  # api: OpenAI # api: files.list\n"
        "@dataclass\nclass E:\n    client: Any = field(default_factory=lambda: openai.OpenAI())  # api: OpenAI\n"
        "    other: Any = field(default_factory=openai.OpenAI)\nE().client.files.list()  # api: files.list\nE().other.files.list()  # api: files.list\n"
    },
    "named tuple function": {
        "a.py": "from types import SimpleNamespace\nimport openai\nns = SimpleNamespace(client=openai.OpenAI())  # api: OpenAI\nns.client.files.list()  # api: files.list\n"
    },
    "singletons": {
        "a.py": "import openai\nclass A:\n    _one = None\n    def __new__(cls):\n        if cls._one is None:\n            cls._one = super().__new__(cls)\n"
        "            cls._one.client = openai.OpenAI()  # api: OpenAI\n        return cls._one\nA().client.files.list()  # api: files.list\n"
        "class B:\n    _one = None\n    def __init__(self):\n        self.client = openai.OpenAI()  # api: OpenAI\n"
        "    @classmethod\n    def get(cls):\n        cls._one = cls._one or cls()\n        return cls._one\nB.get().client.files.list()  # api: files.list\n"
    },
    "callable object and hand-over": {
        "a.py": "import openai\nclass Make:\n    def __call__(self, c):\n        c.models.list()  # api: models.list\n        return c\n"
        "Make()(openai.OpenAI()).files.list()  # api: OpenAI # api: files.list\n"
        "class Wrap:\n    def __init__(self, inner):\n        self._inner = inner\n    def __getattr__(self, name):\n        return getattr(self._inner, name)\n"
        "Wrap(openai.OpenAI()).files.list()  # api: OpenAI # api: files.list\n"
    },
    "protocols, aliases of types and type variables": {
        "a.py": "from typing import Annotated, Generic, Optional, Protocol, TypeVar, Union\nfrom openai import AsyncOpenAI, OpenAI\n"
        "Either = Union[OpenAI, AsyncOpenAI]\nBoth = OpenAI | AsyncOpenAI\nT = TypeVar('T', bound=OpenAI)\n"
        "class Has(Protocol):\n    client: OpenAI\n"
        "def f(a: Either, b: Both, c: Has, d: 'Optional[OpenAI]', e: Annotated[OpenAI, 'x'], g: Optional['OpenAI']):\n"
        "    a.files.list()  # api: files.list\n    b.files.list()  # api: files.list\n    c.client.files.list()  # api: files.list\n"
        "    d.files.list()  # api: files.list\n    e.files.list()  # api: files.list\n    g.files.list()  # api: files.list\n"
        "class Base(Generic[T]):\n    client: T\n    def f(self):\n        self.client.files.list()  # api: files.list\n"
        "class Sub(Base[OpenAI]):\n    def g(self):\n        self.client.models.list()  # api: models.list\n"
    },
    "type variable that a subclass fills": {
        "base.py": "from typing import Generic, TypeVar\nC = TypeVar('C')\nclass Base(Generic[C]):\n    def __init__(self, c: C):\n        self.c = c\n"
        "    def f(self):\n        self.c.files.list()  # api: files.list\n",
        "sub.py": "import openai\nfrom base import Base\nclass Sub(Base[openai.OpenAI]):\n    pass\n",
    },
    "depends": {
        "a.py": "from typing import Annotated\nfrom fastapi import Depends\nimport openai\ndef get():\n    return openai.OpenAI()  # api: OpenAI\n"
        "Dep = Annotated[openai.OpenAI, Depends(get)]\ndef f(c: Dep, d=Depends(get)):\n    c.files.list()  # api: files.list\n    d.files.list()  # api: files.list\n"
    },
    "client class with a constructor of its own": {
        "a.py": "from openai import OpenAI\nclass Mine(OpenAI):\n    def __init__(self, key):\n        super().__init__(api_key=key)  # api: OpenAI\n"
        "Mine('x').files.list()  # api: files.list\n"
    },
    "methods and properties that only those below fill": {
        "a.py": "import openai\nclass Base:\n    def make(self):\n        raise NotImplementedError\n    def send(self, client): ...\n"
        "    def ask(self):\n        return self.send(self.make())\nclass Chat(Base):\n"
        "    def make(self):\n        return openai.OpenAI()  # api: OpenAI\n"
        "    def send(self, client):\n        client.files.list()  # api: files.list\n"
        "class Own:\n    def make(self):\n        raise NotImplementedError\n    def ask(self):\n        self.make().files.list()\n"
        "class Sub(Own):\n    def make(self):\n        return openai.OpenAI()  # api: OpenAI\nOwn().ask()\n"
    },
    "properties under other names": {
        "a.py": "import openai\nfrom utils import lazy_property, hybridproperty\nclass A:\n    @lazy_property()\n    def one(self):\n"
        "        return openai.OpenAI()  # api: OpenAI\n    @hybridproperty\n    def two(self):\n        return openai.OpenAI()  # api: OpenAI\n"
        "    def f(self):\n        self.one.files.list()  # api: files.list\n        self.two.files.list()  # api: files.list\n"
    },
    # -- containers ---------------------------------------------------------------------------------------------------
    "clients put into containers": {
        "a.py": "import openai\nclients = {}\nclients['a'] = openai.OpenAI()  # api: OpenAI\nclients['a'].files.list()  # api: files.list\n"
        "pool = []\npool.append(openai.OpenAI())  # api: OpenAI\nfor c in pool:\n    c.files.list()  # api: files.list\n"
        "def get(name):\n    if name not in clients:\n        clients[name] = openai.AsyncOpenAI()  # api: AsyncOpenAI\n    return clients[name]\n"
        "get('b').files.list()  # api: files.list\nclass A:\n    def __init__(self):\n        self.all = {}\n"
        "    def add(self, name):\n        self.all[name] = openai.OpenAI()  # api: OpenAI\n    def f(self, name):\n        self.all[name].files.list()  # api: files.list\n"
    },
    "iteration": {
        "a.py": "import itertools, random\nimport openai\nclients = {'a': openai.OpenAI()}  # api: OpenAI\n"
        "for name, c in clients.items():\n    c.files.list()  # api: files.list\n"
        "for c in clients.values():\n    c.files.list()  # api: files.list\n"
        "for i, c in enumerate([openai.OpenAI()]):  # api: OpenAI\n    c.files.list()  # api: files.list\n"
        "for x, c in zip([1], [openai.OpenAI()]):  # api: OpenAI\n    c.files.list()  # api: files.list\n"
        "cycle = itertools.cycle([openai.OpenAI()])  # api: OpenAI\nnext(cycle).files.list()  # api: files.list\n"
        "random.choice([openai.OpenAI()]).files.list()  # api: OpenAI # api: files.list\n"
        "def pool():\n    yield openai.OpenAI()  # api: OpenAI\nfor c in pool():\n    c.files.list()  # api: files.list\n"
        "first, *rest = [openai.OpenAI(), openai.OpenAI()]  # api: OpenAI # api: OpenAI\nfirst.files.list()  # api: files.list\n"
    },
    "application state": {
        "a.py": "from fastapi import FastAPI\nimport openai\napp = FastAPI()\napp.state.client = openai.OpenAI()  # api: OpenAI\n",
        "b.py": "def f(request):\n    request.app.state.client.files.list()  # api: files.list\n",
        "c.py": "from flask import current_app\nimport openai\ndef init(app):\n    app.extensions['openai'] = openai.OpenAI()  # api: OpenAI\n"
        "def f():\n    current_app.extensions['openai'].files.list()  # api: files.list\n",
        "d.py": "import openai\nimport streamlit as st\nif 'client' not in st.session_state:\n    st.session_state.client = openai.OpenAI()  # api: OpenAI\n"
        "st.session_state['client'].files.list()  # api: files.list\n",
    },
    "options that point elsewhere": {
        "a.py": "from openai import OpenAI\nc: OpenAI = OpenAI(base_url='http://localhost/v1')  # api: OpenAI\nc.files.list()  # api: files.list\n"
    },
    # -- what is not OpenAI's ------------------------------------------------------------------------------------------
    "other vendors have the same paths": {
        "a.py": "import litellm\nfrom cerebras.cloud.sdk import Cerebras\nfrom mistralai import Mistral\nfrom together import Together\n"
        "from volcenginesdkarkruntime import Ark\nfrom zhipuai import ZhipuAI\n"
        "for c in (Cerebras(), Mistral(), Together(), Ark(), ZhipuAI()):\n    c.chat.completions.create()\n"
        "def f(c):\n    c.chat.completions.create()\nf(ZhipuAI())\nlitellm.completion()\n"
    },
    "other vendors' clients in OpenAI's shape": {
        "a.py": "import instructor, groq\nfrom instructor import from_mistral\nc = instructor.from_groq(groq.Groq())\n"
        "c.chat.completions.create(model='m')\nfrom_mistral(c).chat.completions.create(model='m')\n"
        "c.chat.completions.create\ndef f(x: groq.Groq):\n    return x.chat.completions.create\n"
    },
    "mocks": {
        "a.py": "from unittest.mock import MagicMock, patch\nm = MagicMock()\nm.chat.completions.create()\nm.chat.completions.create.return_value = 1\n"
        "with patch('openai.OpenAI') as p:\n    p.return_value.chat.completions.create()\n"
    },
    "own function and module named openai": {
        "a.py": "def openai():\n    pass\nopenai().chat.completions.create()  # lost: chat.completions.create\nclass chat:\n    class completions:\n        def create(): pass\nchat.completions.create()\n"
    },
    "somebody's package that we cannot see": {
        "a.py": "from company.llm import client, get_client\nclient.chat.completions.create()  # lost: chat.completions.create\n"
        "get_client().embeddings.create()  # lost: embeddings.create\nfrom names import *\nnobody.chat.completions.create()  # lost: chat.completions.create\n"
    },
    "narrowed to another vendor": {
        "a.py": "import groq, openai\ndef f(c: groq.Groq | openai.OpenAI):\n    c.chat.completions.create()  # api: chat.completions.create\n"
        "def g(c: groq.Groq):\n    c.chat.completions.create()\n"
    },
    "annotated as another vendor's": {
        "a.py": "import groq, openai\nclass A:\n    def __init__(self, client):\n        self.kept = client\n"
        "    @property\n    def client(self) -> groq.Groq:\n        return self.kept\n    def f(self):\n        self.client.chat.completions.create()\n"
        "    def g(self, c: groq.Groq):\n        c.chat.completions.create()\n        d: groq.Groq = self.kept\n        d.chat.completions.create()\n"
        "A(openai.OpenAI()).g(openai.OpenAI())  # api: OpenAI\n"
    },
    "type arguments of a base are no bases": {
        "a.py": "from typing import Generic, TypeVar\nfrom openai import OpenAI\nT = TypeVar('T')\nclass Base(Generic[T]):\n"
        "    def __init__(self):\n        super().__init__()\n    @property\n    def client(self) -> T: ...\n"
        "class A(Base[OpenAI]):\n    def __init__(self):\n        super().__init__()\n"
        "    def f(self):\n        self.client.files.list()  # api: files.list\nA()\n"
    },
    "a function that gives back what it gets": {
        "a.py": "import groq, openai\nfrom typing import TypeVar\nT = TypeVar('T')\ndef same(c):\n    print(c)\n    return c\n"
        "def retry(c: T, n=1) -> T:\n    if n:\n        return c\n    return c.with_options(max_retries=n)\n"
        "same(groq.Groq()).chat.completions.create()\nsame(openai.OpenAI()).files.list()  # api: files.list # api: OpenAI\n"
        "retry(groq.Groq()).chat.completions.create()\nretry(c=openai.OpenAI()).models.list()  # api: models.list # api: OpenAI\n"
    },
    "what except names": {
        "a.py": "import openai\ntry:\n    f()\nexcept openai.APIError as client:\n    client.chat.completions.create()\n"
        "else:\n    client = openai.OpenAI()  # api: OpenAI\n    client.chat.completions.create()  # api: chat.completions.create\n"
    },
    "the client of an AI project": {
        "a.py": "from azure.ai.projects import AIProjectClient\nproject = AIProjectClient(endpoint='x')\n"
        "with project.get_openai_client() as c:\n    c.conversations.create()  # api: conversations.create\n"
        "from shop import Shop\nShop().get_openai_client().conversations.create()\n"
    },
    "fields that a validator fills": {
        "a.py": "from typing import Any\nfrom pydantic import BaseModel, Field, model_validator\nclass A(BaseModel):\n    client: Any = Field(default=None)\n"
        "    other: Any = None\n    third: Any = None\n    @model_validator(mode='before')\n    @classmethod\n    def check(cls, values):\n        import groq, openai\n"
        "        values['client'] = openai.OpenAI()  # api: OpenAI\n        values['other'] = groq.Groq()\n"
        "        values.update({'third': openai.OpenAI()})  # api: OpenAI\n        return values\n"
        "    def f(self):\n        self.client.files.list()  # api: files.list\n        self.other.chat.completions.create()\n"
        "        self.third.files.list()  # api: files.list\n"
    },
    "packages about other SDKs do not hide them": {
        "llms/groq/__init__.py": "",
        "llms/groq/llm.py": "from groq import Groq\nGroq().chat.completions.create()\n",
        "llms/zhipu/llm.py": "import zhipuai\nclass Api(zhipuai.ZhipuAI):\n    def more(self): ...\nApi().chat.completions.create()\n",
        "llms/zhipuai/__init__.py": "",
    },
    "packages about the SDK do not hide it": {
        "pkg/__init__.py": "",
        "pkg/agents/openai/__init__.py": "",
        "pkg/agents/openai/agent.py": "from openai import OpenAI\nOpenAI()  # api: OpenAI\n",
        "plugins/openai/__init__.py": "from .llm import LLM\n",
        "plugins/openai/llm.py": "import openai\nclass LLM:\n    def __init__(self):\n        self.c = openai.AsyncClient()  # api: AsyncOpenAI\n",
        "plugins/azure/llm.py": "from openai import AzureOpenAI\nAzureOpenAI()  # api: AzureOpenAI\n",
        "use.py": "from plugins.openai import LLM\nLLM().c.files.list()  # api: files.list\n",
    },
    "the SDK itself": {
        "src/openai/__init__.py": "from ._client import OpenAI\n",
        "src/openai/_client.py": "class OpenAI:\n    pass\n",
        "src/openai/cli.py": "from openai import OpenAI\nOpenAI()\n",
    },
    "an attribute made of what the base class set": {
        "a.py": "import groq, openai\nclass Base:\n    def __init__(self):\n        self.c = openai.OpenAI()  # api: OpenAI\n"
        "class A(Base):\n    def __init__(self):\n        super().__init__()\n        self.c = self.c.with_options(timeout=1)\n"
        "    def f(self):\n        self.c.files.list()  # api: files.list\nA()\n"
        "class B(Base):\n    def __init__(self):\n        self.c = groq.Groq()\n    def f(self):\n        self.c.chat.completions.create()\n"
    },
    "queues and variables of a context": {
        "a.py": "import asyncio, contextvars, queue, openai\nfrom contextvars import ContextVar\nq = queue.Queue()\nq.put(openai.OpenAI())  # api: OpenAI\n"
        "q.get().files.list()  # api: files.list\nclass Pool:\n    def __init__(self):\n        self.free = asyncio.Queue()\n"
        "        self.free.put_nowait(openai.AsyncOpenAI())  # api: AsyncOpenAI\n    async def f(self):\n"
        "        c = await self.free.get()\n        await c.files.list()  # api: files.list\n"
        "current: ContextVar[openai.OpenAI] = ContextVar('current')\ncurrent.get().models.list()  # api: models.list\n"
        "other = contextvars.ContextVar('other')\nother.set(openai.OpenAI())  # api: OpenAI\nother.get().models.list()  # api: models.list\n"
        "def f(q: 'queue.Queue[openai.OpenAI]'):\n    q.get().models.list()  # api: models.list\n"
    },
    "a variable of a context, its default and what stands in for it": {
        "state.py": "import contextvars, openai\nclient = contextvars.ContextVar('client', default=openai.OpenAI())  # api: OpenAI\n"
        "other = contextvars.ContextVar('other')\n",
        "a.py": "import openai\nfrom state import client, other\nclient.get().models.list()  # api: models.list\n"
        "other.get(openai.AsyncOpenAI()).files.list()  # api: AsyncOpenAI # api: files.list\n",
    },
    "a thing in a variable of a context is called": {
        "state.py": "from contextvars import ContextVar\nfrom typing import Optional\nclass Asker:\n    def __call__(self, client):\n"
        "        client.models.list()  # api: models.list\nasker: ContextVar[Optional[Asker]] = ContextVar('asker', default=None)\n"
        "def begin():\n    asker.set(Asker())\n",
        "a.py": "import openai\nfrom state import asker\nask = asker.get()\nif ask:\n    ask(openai.OpenAI())  # api: OpenAI\n",
    },
    "a property that is another in the classes of which things are made": {
        "a.py": "import openai\nclass Base:\n    @property\n    def client(self):\n        return None\n    def f(self):\n"
        "        self.client.models.list()  # api: models.list\nclass Own(Base):\n    @property\n    def client(self):\n"
        "        return openai.OpenAI()  # api: OpenAI\nOwn().f()\n"
        "class Made:\n    @property\n    def client(self):\n        return None\n    def f(self):\n        self.client.models.list()\n"
        "class More(Made):\n    @property\n    def client(self):\n        return openai.OpenAI()  # api: OpenAI\nMade().f()\n"
    },
    "clients gathered": {
        "a.py": "import asyncio, openai\nasync def make():\n    return openai.AsyncOpenAI()  # api: AsyncOpenAI\n"
        "async def f():\n    a, b = await asyncio.gather(make(), make())\n    a.files.list()  # api: files.list\n"
        "    for c in await asyncio.gather(*[make() for _ in 'xy']):\n        c.models.list()  # api: models.list\n"
    },
    "short paths of nobody's are not enough": {
        "a.py": "from somewhere import docker, shop\ndocker.client.containers.create(name='x', image='y')\nshop.models.list()\n"
        "shop.client.responses.create(survey=1)\nshop.client.batches.create(input_file_id='x', endpoint='y')  # lost: batches.create\n"
        "shop.client.responses.create(**shop.options)  # lost: responses.create\n"
    },
    "connection": {
        "a.py": "from openai import AsyncOpenAI\nfrom openai.resources.realtime.realtime import AsyncRealtimeConnection\n"
        "async def main():\n    client = AsyncOpenAI()  # api: AsyncOpenAI\n"
        "    async with client.realtime.connect(model='gpt-realtime') as c:  # api: realtime.connect\n"
        "        await c.session.update(session={})  # api: realtime.connection.session.update\n"
        "        await c.conversation.item.create(item={})  # api: realtime.connection.conversation.item.create\n"
        "    c = await client.realtime.connect(model='gpt-realtime').enter()  # api: realtime.connect\n"
        "    await c.send({})  # api: realtime.connection.send\n    await c.close()\n"
        "async def send(c: AsyncRealtimeConnection):\n    await c.recv()  # api: realtime.connection.recv\n"
    },
    "annotated resource": {
        "a.py": "from openai.resources.chat.completions import Completions\nfrom openai.resources import embeddings\n"
        "def f(c: Completions, e: embeddings.AsyncEmbeddings):\n    c.create()  # api: chat.completions.create\n    e.create()  # api: embeddings.create\n"
    },
    # -- circles ------------------------------------------------------------------------------------------------------
    "functions that call each other": {
        "a.py": "import openai\ndef odd(c, n):\n    c.files.list()  # api: files.list\n    return even(c, n - 1)\n"
        "def even(c, n):\n    c.models.list()  # api: models.list\n    return odd(c, n - 1) if n else c\nodd(openai.OpenAI(), 3)  # api: OpenAI\n"
    },
    "things that contain themselves": {
        "a.py": "a = {}\na.update(a)\na['x'].chat.completions.create()  # lost: chat.completions.create\nb = [a]\nb.append(b)\nfor c in b:\n    c.files()\n"
        "class N:\n    def __getattr__(self, n):\n        return getattr(self, n)\nN().chat.completions.create()  # lost: chat.completions.create\n"
        "def f(**kw):\n    return f(**kw)\nf(x=1)\nnode = open('x')\nwhile node:\n    node = node.parent\nnode.chat.completions.create()  # lost: chat.completions.create\n"
        "class A(A):\n    pass\nA().x.y()\n"
    },
}


HEAD = "import os\nimport openai\nclient = openai.OpenAI()\nask = client.chat.completions.create\n"
MODELS = {
    "constant": "MODEL = 'gpt-4o'  # reaches\nOTHER = 'gpt-4o'\nask(model=MODEL)\n",
    "default of a parameter": "def f(model='gpt-4o'):  # reaches\n    ask(model=model)\n",
    "keyword of a caller": "def f(model):\n    ask(model=model)\nf(model='gpt-4o')  # reaches\n",
    "default of a variable": "ask(model=os.getenv('MODEL', 'gpt-4o'))  # reaches\nask(model=os.environ.get('M') or 'o1')  # reaches\n",
    "choice": "ask(model='gpt-4o' if client else 'o1')  # reaches # reaches\n",
    "dictionary": "PARAMS = {'model': 'gpt-4o', 'n': 1}  # reaches\nask(**PARAMS)\nask(model=PARAMS['model'])\n",
    "dict()": "base = dict(model='gpt-4o')  # reaches\nask(**dict(base, n=1))\n",
    "update and item": "p = {}\np.update({'model': 'gpt-4o'})  # reaches\np['engine'] = 'gpt-4'  # reaches\nask(**p)\n",
    "update by keyword, setdefault, |=": "p = {}\np.update(model='gpt-4o')  # reaches\np.setdefault('model', 'o1')  # reaches\n"
    "p |= {'model': 'gpt-4'}  # reaches\nask(**p)\n",
    "unpacked into another": "a = {'model': 'gpt-4o'}  # reaches\nb = {**a, 'n': 1}\nask(**b)\nask(**{**b, **{}})\n",
    "own keywords": "def f(**kwargs):\n    kwargs['engine'] = 'gpt-4'  # reaches\n    ask(**kwargs)\nf(model='gpt-4o')  # reaches\n",
    "popped from own keywords": "def f(**kwargs):\n    model = kwargs.pop('model', 'gpt-4o')  # reaches\n    ask(model=model)\n",
    "entry of a table": "TABLE = {'a': 'gpt-4o', 'b': 'o1'}  # reaches # reaches\ndef f(kind):\n    ask(model=TABLE[kind])\n",
    "entry of a table by name": "TABLE = {'a': 'gpt-4o',  # reaches\n'b': 'o1'}\nask(model=TABLE['a'])\n",
    "list": "for m in ['gpt-4o', 'o1']:  # reaches # reaches\n    ask(model=m)\n",
    "class attribute": "class Config:\n    MODEL = 'gpt-4o'  # reaches\nask(model=Config.MODEL)\n",
    "attribute of an object": "class A:\n    def __init__(self, model='gpt-4o'):  # reaches\n        self.model = model\n"
    "    def f(self):\n        ask(model=self.model)\nA(model='o1')  # reaches\n",
    "dataclass": "from dataclasses import dataclass\n@dataclass\nclass C:\n    model: str = 'gpt-4o'  # reaches\n"
    "def f(c: C):\n    ask(model=c.model)\nf(C(model='o1'))  # reaches\n",
    "settings": "from pydantic_settings import BaseSettings\nfrom pydantic import Field\nclass S(BaseSettings):\n    model: str = 'gpt-4o'  # reaches\n"
    "    big: str = Field(default='gpt-4')  # reaches\n    small: str = Field('o1')  # reaches\n"
    "s = S()\nask(model=s.model)\nask(model=s.big)\nask(model=s.small)\n",
    "enumeration": "from enum import Enum\nclass M(str, Enum):\n    A = 'gpt-4o'  # reaches\n    B = 'o1'  # reaches\n    C = 'gpt-4'\nask(model=M.A.value)\nask(model=M.B)\n",
    "argparse": "import argparse\nparser = argparse.ArgumentParser()\nparser.add_argument('-m', '--model', default='gpt-4o')  # reaches\n"
    "parser.add_argument('--other-model', default='o1')\n"
    "def main(args):\n    ask(model=args.model)\nmain(parser.parse_args())\n",
    "argparse, dest": "import argparse\ndef options():\n    parser = argparse.ArgumentParser()\n    parser.add_argument('--m', dest='model', default='gpt-4o')  # reaches\n"
    "    return parser.parse_known_args()[0]\nask(model=options().model)\n",
    "typer": "import typer\ndef main(model: str = typer.Option('gpt-4o', '--model')):  # reaches\n    ask(model=model)\n",
    "click": "import click\n@click.command()\n@click.option('--the-model', default='gpt-4o')  # reaches\ndef main(the_model):\n    ask(model=the_model)\n",
    "argparse, as a dictionary": "import argparse\np = argparse.ArgumentParser()\np.add_argument('--model', default='gpt-4o')  # reaches\n"
    "args = p.parse_args()\nask(model=vars(args)['model'])\noptions = vars(args)\nask(model=options.get('model'))\n",
    "attributes as a dictionary": "from dataclasses import asdict, dataclass\n@dataclass\nclass C:\n    model: str = 'gpt-4o'  # reaches\n"
    "    other: str = 'gpt-4'\nask(model=asdict(C())['model'])\nask(model=vars(C())['model'])\n",
    "replaced fields": "import dataclasses\n@dataclasses.dataclass\nclass C:\n    model: str = 'gpt-4o'  # reaches\n    other: str = ''\n"
    "c = dataclasses.replace(C(), model='gpt-4')  # reaches\nask(model=c.model)\n",
    "copied with an update": "from pydantic import BaseModel\nclass C(BaseModel):\n    model: str = 'gpt-4o'  # reaches\n"
    "c = C().model_copy(update={'model': 'gpt-4'})  # reaches\nask(model=c.model)\n",
    "gathered": "import asyncio\nasync def pick():\n    return 'gpt-4o'  # reaches\nasync def f():\n"
    "    m, n = await asyncio.gather(pick(), 'o1')\n    ask(model=m)\n",
    "getattr with a default": "def f(args):\n    ask(model=getattr(args, 'model', 'gpt-4o'))  # reaches\n",
    "partial": "from functools import partial\npartial(ask, model='gpt-4o')(n=1)  # reaches\n",
    "through a text": "ask(model=f'{str('gpt-4o'.strip())}')  # reaches\n"
    if sys.version_info >= (3, 12)
    else "ask(model=str('gpt-4o'.strip()))  # reaches\n",
    "handed to a thread": "import asyncio\nasync def f():\n    await asyncio.to_thread(ask, model='gpt-4o')  # reaches\n",
    "handed through a retry": "def again(f, *args, **kwargs):\n    return f(*args, **kwargs)\nagain(ask, model='gpt-4o')  # reaches\n",
    "mixed in a comparison": "def f(model):\n    if model == 'o1':\n        ask(model=model)\nf('gpt-4o')  # reaches\n",
    "match": "def f(kind):\n    match kind:\n        case 'gpt-4':\n            model = 'gpt-4o'  # reaches\n        case _:\n            model = 'o1'  # reaches\n    ask(model=model)\n",
    "elsewhere": "openai.OpenAI(base_url='http://localhost/v1').chat.completions.create(model='gpt-4o')\n",
    "elsewhere by options": "client.with_options(base_url='http://localhost/v1').chat.completions.create(model='gpt-4o')\n",
    "another vendor's": "import groq\ngroq.Groq().chat.completions.create(model='gpt-oss-20b')\n",
}


@pytest.mark.parametrize("code", MODELS.values(), ids=MODELS.keys())
def test_models_reach_calls_where_they_are_marked(code: str) -> None:
    code = HEAD + code
    wanted = [n for n, line in enumerate(code.splitlines(), 1) for _ in range(line.count("# reaches"))]
    source = Source("a.py", code)
    found = [s for s in only({"a.py": code}, ModelSite) if s.flow is Flow.REACHES]
    assert [position(source, s.span.start).line for s in found] == wanted


OPAQUE = {
    "ask(model='gpt-4o')": False,
    "ask(**{'model': 'gpt-4o'})": False,
    "p = {'n': 1}\np['model'] = 'gpt-4o'\nask(**p)": False,
    "ask(**dict(a=1, **dict(b=2)))": False,
    "ask(*things)": True,
    "ask(**things)": True,
    "ask(**{**things})": True,
    "ask(**dict(things))": True,
    "def f(**kw):\n    client.chat.completions.create(**kw)\nf(n=1)": True,
    "def f(p):\n    p['n'] = 1\n    ask(**p)": True,
}


@pytest.mark.parametrize(("code", "opaque"), OPAQUE.items())
def test_whether_all_arguments_are_seen(code: str, opaque: bool) -> None:
    calls = [s for s in only({"a.py": HEAD + code}, CallSite) if s.called]
    assert [s.opaque for s in calls] == [opaque]


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


def test_what_a_relay_answers_is_a_response_too() -> None:
    code = (
        "import openai\nc = openai.OpenAI(base_url='https://api.gateway.net/v1')\n"
        "r = c.chat.completions.create(model='gpt-4o')\nprint(r['choices'][0])\n"
    )
    assert [s.points for s in only({"a.py": code}, CallSite)] == [Points.RELAY]
    assert [s.points for s in only({"a.py": code}, ResponseSite)] == [Points.RELAY]


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


SURFACE = {
    "client methods": "client.close()  # close\nclient.with_options(timeout=1).is_closed()  # with_options # is_closed\n"
    "client.copy()  # copy\nclient.post('/x', cast_to=str)  # post\nopen('x').close()\n{}.get('x')\n{}.copy()\n"
    "client.with_options(base_url='http://localhost/v1')\n",
    "parts of clients": "from openai.providers import bedrock\nbedrock(region='x')  # providers.bedrock\n"
    "openai.DefaultHttpxClient()  # DefaultHttpxClient\n",
    "exceptions": "raise openai.APIError('x', request=None, body=None)  # APIError\n"
    "from openai import RateLimitError as Busy\nBusy('x')  # RateLimitError\nopenai.error.Timeout()  # Timeout\n"
    "class RateLimitError(Exception): ...\nRateLimitError()\nclass Mine(openai.OpenAIError): ...\nMine('x')  # OpenAIError\n"
    "class Other(Mine):\n    def __init__(self): ...\nOther()\n",
    "subclasses": "class A(openai.OpenAI): ...  # OpenAI\nclass B(openai.ChatCompletion): ...  # ChatCompletion\n"
    "from openai.types.chat import ChatCompletion\nclass C(ChatCompletion): ...\nclass D(A): ...\n"
    "from openai.resources.chat.completions import Completions\nclass E(Completions, dict): ...  # Completions\n",
}


@pytest.mark.parametrize("code", SURFACE.values(), ids=SURFACE.keys())
def test_other_uses_of_the_sdk_are_found_where_they_are_marked(code: str) -> None:
    code = HEAD + code
    lines = enumerate(code.splitlines(), 1)
    wanted = sorted((number, name) for number, line in lines for name in re.findall(r"# ([\w.]+)", line))
    source = Source("a.py", code)
    kinds = ClientMethodSite, ExceptionSite, SubclassSite
    found = [s for sites in find(project({"a.py": code})).values() for s in sites if isinstance(s, kinds)]
    assert sorted((position(source, s.span.start).line, s.name) for s in found) == wanted


WORDS = {
    "MODELS = ['o1', 'x']": ["o1"],
    "if model.startswith('o1') or 'o3' in config['model'].lower(): pass": ["o1", "o3"],
    "COSTS = {'davinci': 1, 'gpt-4o': 2}": ["davinci", "gpt-4o"],
    "PRICES = {'davinci': 1, 'curie': 2}": ["curie", "davinci"],
    "LABELS = {'o1': 1, 'o2': 2}": [],
    "name = 'ada'": [],
    "people = ['ada', 'grace']": [],
    "class M:\n    GPT = 'gpt-4o'\n    O1 = 'o1'": ["gpt-4o", "o1"],
    "x = 'openai/gpt-4o', 'openrouter/openai/o3-mini', 'azure/gpt-4o', 'openai:gpt-5'": [
        *("azure/gpt-4o", "openai/gpt-4o", "openai:gpt-5", "openrouter/openai/o3-mini"),
    ],
    "x = 'openai/docs', 'text-embedding-v3', 'gpt4all', 'o1-x'": [],
    "x = 'gpt4o', 'gpt4-turbo', 'text-embedding-3-small'": ["gpt4-turbo", "gpt4o", "text-embedding-3-small"],
}


@pytest.mark.parametrize(("code", "names"), WORDS.items())
def test_words_are_models_where_models_are_meant(code: str, names: list[str]) -> None:
    assert sorted(s.name for s in only({"a.py": code}, ModelSite)) == names


def test_a_read_of_the_key_that_reaches_a_client_is_known_as_a_whole() -> None:
    code = (
        "import os\nfrom openai import OpenAI\nKEY = os.getenv('OPENAI_API_KEY', '')\nc = OpenAI(api_key=KEY)\n"
        "if not os.environ.get('OPENAI_API_KEY'):\n    raise SystemExit\n"
    )
    reads = [code[s.read.start : s.read.end] if s.read else None for s in only({"a.py": code}, EnvironmentSite)]
    assert reads == ["os.getenv('OPENAI_API_KEY', '')", None]


def test_however_many_entries_are_put_into_a_dictionary_all_are_seen() -> None:
    code = HEAD + "p = {}\n" + "".join(f"p['k{i}'] = {i}\n" for i in range(100)) + "ask(**p)\n"
    (call,) = [s for s in only({"a.py": code}, CallSite) if s.called]
    assert call.given.keys() == {f"k{i}" for i in range(100)}
    assert not call.opaque


def test_what_files_that_are_not_read_define_is_no_client() -> None:
    code = "from app import make, other\nmake().chat.completions.create()\nother.chat.completions.create()\n"
    facts = [read(Source("use.py", code))]
    for paths in (["use.py", "app/__init__.py"], ["use.py", "app.py"]):
        assert [s for s in find(link(facts, Modules(paths)))["use.py"] if isinstance(s, CallSite)] == []
    assert [s.known for s in find(link(facts))["use.py"] if isinstance(s, CallSite)] == [False, False]


def test_one_of_many_things_may_be_a_client() -> None:
    classes = "".join(f"class C{i}:\n    pass\n" for i in range(40))
    code = f"{classes}def f(c):\n    c.chat.completions.create()\n" + "".join(f"f(C{i}())\n" for i in range(40))
    assert [s.known for s in only({"a.py": code}, CallSite)] == [False]


def test_an_annotation_does_not_hide_where_the_client_points() -> None:
    code = (
        "from openai import OpenAI\nclass A:\n    client: OpenAI\n    def __init__(self):\n"
        "        self.client: OpenAI = OpenAI(base_url='http://localhost/v1')\n    def f(self):\n        self.client.files.list()\n"
        "def make() -> OpenAI:\n    return OpenAI(base_url='http://localhost/v1')\nmake().files.list()\n"
    )
    assert [s.points for s in only({"a.py": code}, CallSite)] == [Points.ELSEWHERE, Points.ELSEWHERE]


def test_the_order_of_files_makes_no_difference() -> None:
    for files in CASES.values():
        there, back = (find(project(dict(order))) for order in (files.items(), reversed(files.items())))
        assert {path: [(type(s), s.span) for s in sites] for path, sites in there.items()} == {
            path: [(type(s), s.span) for s in sites] for path, sites in back.items()
        }
