"""What other people's functions do with what they get, as far as a client, its settings or a model name pass through.

Names are dotted as in ``External``; a name that begins with a dot is meant in any module, and, where it says
so, methods are named without their owner.
"""

from __future__ import annotations

from functools import cache
from importlib import resources

from llm_codemods import openai_api
from llm_codemods.values import Client, Member

RETRIES = {"on_exception": "backoff", "retry_if_exception_type": "tenacity"}
"""Functions that call something again after the exceptions that they are given, and the package of each."""
WRAPPERS = ("langfuse.openai", "posthog.ai.openai", "ddtrace.openai", "portkey_ai.openai", "autoevals.openai")
"""Modules that export the SDK's classes under their own name (gotcha G51)."""

KEEPS_ARGUMENT = frozenset(
    {
        *("asyncio.create_task", "asyncio.ensure_future", "asyncio.run", "asyncio.shield", "asyncio.wait_for"),
        *("braintrust.wrap_openai", "instructor.apatch", "instructor.from_openai", "instructor.patch"),
        *("builtins.iter", "builtins.list", "builtins.reversed", "builtins.set", "builtins.sorted", "builtins.str"),
        *("builtins.tuple", "builtins.vars", "copy.copy", "copy.deepcopy", "copy.replace", "itertools.cycle"),
        *("attr.asdict", "attr.evolve", "attrs.asdict", "attrs.evolve", "dataclasses.asdict", "dataclasses.replace"),
        *("contextlib.aclosing", "contextlib.closing", "contextlib.nullcontext"),
        *("langsmith.wrappers.wrap_openai", "weave.wrap_openai"),
    }
)
"""Functions that give back their first argument, or a client of the same shape."""
PICKS = frozenset(
    {"builtins.max", "builtins.min", "builtins.next", "numpy.random.choice", "random.choice", "secrets.choice"}
)
"""Functions that give back an element of their first argument."""
ENTERS = frozenset({"enter_context", "enter_async_context"})
"""Methods that give back what ``with`` would bind."""
SAME_CLIENT = frozenset({"with_options", "copy", "__enter__", "__aenter__"})
"""Methods of a client that give back one."""
GIVES_CLIENT = frozenset({"get_azure_openai_client", "get_openai_client"})
"""Methods of the clients of Azure's AI projects that give the SDK's client."""
KEYED = frozenset({"get", "pop", "setdefault"})
"""Methods that take a key and perhaps a default."""
SAME_CONTENT = frozenset({"copy", "values"})
"""Methods of a container that give back the container, or something with the same elements."""
TAKES = frozenset({"get", "get_nowait", "pop", "popleft"})
"""Methods that, given nothing, give one of the things that were put in."""
SAME_OBJECT = frozenset({"_replace", "copy", "dict", "model_copy", "model_dump"})
"""Methods that classes have from outside the project and that give the object, or its attributes by their names."""
SAME_TEXT = frozenset({"lower", "lstrip", "rstrip", "strip", "upper", "value", "get_secret_value"})
"""Methods and attributes of texts (and of members of an enumeration) that say the same."""
INVOKES = {
    "asyncio.to_thread": 0,
    "anyio.to_thread.run_sync": 0,
    "starlette.concurrency.run_in_threadpool": 0,
    "fastapi.concurrency.run_in_threadpool": 0,
    ".Depends": 0,
    ".Security": 0,
    ".run_in_executor": 1,
}
"""Functions that call one of their arguments -> its place."""
HTTP_LIBRARIES = (
    *("aiohttp", "curl_cffi", "http.client", "httpx", "httpx2", "niquests", "requests"),
    *("treq", "urllib.request", "urllib3", "websocket", "websockets"),
)
"""Packages and modules that send requests."""
SENDS = {
    **dict.fromkeys(("get", "head", "options"), ("url",)),
    **dict.fromkeys(("post", "put", "patch", "delete"), ("url", "data", "json")),
    **dict.fromkeys(("request", "stream", "build_request"), ("method", "url", "data", "headers")),
    **dict.fromkeys(("Request", "urlopen"), ("url", "data", "headers")),
    **dict.fromkeys(("connect", "create_connection", "WebSocketApp", "ws_connect"), ("url",)),
}
"""Functions, classes and methods that send or make a request -> their first positional parameters."""
SENDS_BY = {"httpx.Request": "request", "httpx2.Request": "request", "requests.Request": "request"}
"""Those that take their arguments like another one."""
SESSIONS = frozenset(
    {"AsyncClient", "AsyncSession", "Client", "ClientSession", "HTTPConnection", "HTTPSConnection", "Session"}
)
"""Classes whose objects send requests and may be made for one host or URL."""
DUMPS = frozenset({"json.dumps", "orjson.dumps", "simplejson.dumps", "ujson.dumps"})
"""Functions that write their first argument as JSON."""
PRETENDS = ("aioresponses", "pytest_httpx", "pytest_httpserver", "requests_mock", "respx", "responses", "vcr")
"""Packages that answer requests in place of others, for tests."""
JOINS_URLS = frozenset({"urllib.parse.urljoin"})
JOINS_PATHS = frozenset({"os.path.join", "posixpath.join"})
KEEPS_URL = frozenset({"builtins.str", "httpx.URL", "httpx2.URL", "yarl.URL", "urllib3.util.parse_url"})
PLAIN = frozenset(
    {
        *("builtins.bool", "builtins.dict", "builtins.float", "builtins.getattr", "builtins.int"),
        *("builtins.isinstance", "builtins.issubclass"),
        *("builtins.len", "builtins.list", "builtins.print", "builtins.range", "builtins.repr"),
        *("builtins.set", "builtins.str", "builtins.sum", "builtins.super", "builtins.tuple", "builtins.type"),
    }
)
"""Functions that do not call what they are given."""
BARE = frozenset({"abc.ABC", "builtins.object", "typing.Generic", "typing.Protocol"})
"""Classes that give those that extend them no attributes."""
MAPS = frozenset({"map", "imap", "imap_unordered", "amap"})
"""Functions and methods that call their first argument with every element of the second."""
DECLARES = frozenset(
    {
        *("attr.attrib", "attr.field", "attr.ib", "attrs.field", "dataclasses.field", "pydantic.Field"),
        *("sqlmodel.Field", "fastapi.Body", "fastapi.Form", "fastapi.Header", "fastapi.Query"),
        *("typer.Argument", "typer.Option", "click.option"),
    }
)
"""Functions that declare a field or an option: with a default (the first argument or ``default``) or a factory."""
DICTIONARIES = frozenset(
    {"argparse.Namespace", "builtins.dict", "collections.OrderedDict", "types.SimpleNamespace", "typing.TypedDict"}
)
"""Functions that keep their keyword arguments under their names."""
READS_ENVIRONMENT = frozenset({"os.getenv", "os.environ.get", "os.environ.setdefault", "os.environ.pop"})
READS_SECRETS = frozenset({"google.colab.userdata.get", "streamlit.secrets.get"})
"""The same of stores of secrets."""
IMPORTS = frozenset({"builtins.__import__", "importlib.import_module", "pytest.importorskip"})
MOCKS = ("unittest.mock.", "mock.", "pytest_mock.")
"""Where things come from that pretend to be others."""
KEEPS = ("asyncio.", "collections.", "contextvars.", "queue.")
"""Where the containers come from that give back what was put into them."""
TYPE_PACKAGES = (*KEEPS, "builtins.", "typing.", "typing_extensions.", "weakref.")
"""Where the types come from that only say what they contain."""


@cache
def _other_sdks(api: str) -> tuple[str, ...]:
    lines = resources.files("llm_codemods").joinpath("other_sdks.txt").read_text("utf-8").split("\n")
    rows = (line.partition(" -") for line in lines if line and not line.startswith("#"))
    return tuple(f"{name}." for name, _, lacking in rows if not (lacking and api.startswith(f"{lacking}.")))


def is_other_vendors(dotted: str, api: str = "") -> bool:
    """Tell whether a dotted name belongs to a package whose clients have the SDK's paths, or the method ``api`` among
    them; or to a mock."""
    return f"{dotted}.".startswith((*MOCKS, *_other_sdks(api)))


def sdk_name(dotted: str) -> str | None:
    """Return what a dotted name means inside the SDK: ``openai.chat`` and ``langfuse.openai.chat`` are ``chat``.

    The SDK's module itself is ``""``; None for names of other packages.
    """
    if not dotted.startswith(_SDK_HEADS):
        return None
    for module in _SDK_MODULES:
        if dotted == module:
            return ""
        if dotted.startswith(f"{module}."):
            return dotted[len(module) + 1 :]
    return None


_SDK_MODULES = ("openai", *(f"{w}.openai" for w in WRAPPERS), *WRAPPERS)
_SDK_HEADS = tuple({module.partition(".")[0] for module in _SDK_MODULES})


def sdk_method(dotted: str) -> str | None:
    """Return the method of the module-level client, today's or that of 0.28, that a dotted name means, or None."""
    name = sdk_name(dotted)
    return name if name and (openai_api.is_method(name) or openai_api.v0_method(name)) else None


def client_kind(dotted: str) -> str | None:
    """Return the SDK's client class that a dotted name means (``openai.Client`` -> ``OpenAI``), or None."""
    name = sdk_name(dotted)
    if name is None:
        return None
    module, _, last = name.rpartition(".")
    return openai_api.client_classes().get(last) if module == "" or module.startswith(("lib.", "_client")) else None


def resource_class(dotted: str) -> Member | None:
    """Return an instance of the SDK's resource, or connection, that a dotted name is the class of, or None."""
    path = openai_api.resource_of(sdk_name(dotted) or "")
    kind = "AsyncOpenAI" if dotted.rpartition(".")[2].startswith("Async") else "OpenAI"
    return Member(Client(kind, None), path) if path is not None else None
