"""What the openai SDK offers, 0.28 to 3.x: clients, methods by dotted path, exceptions, settings.

The table ``openai_api.json`` is made by ``scripts/generate_openai_api.py`` from the released packages themselves. Here
"major" is a major version of the SDK; majors 1 and later share one tree of resources below a client
(``client.chat.completions.create``), major 0 is 0.28 with its module-level classes (``openai.ChatCompletion.create``).
What was there in early releases of a major and later went (``edits.create``) counts as there.

Asked about a name that the SDK does not have, every function answers "nothing" (False, None, an empty collection):
code may well use names of another library, and that is no error.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Any

CURRENT: Mapping[str, Mapping[str, str]] = {
    "ChatCompletion": {"": "chat.completions"},
    "Completion": {"": "completions"},
    "Embedding": {"": "embeddings"},
    "Image": {
        "": "images",
        "create": "images.generate",
        "create_edit": "images.edit",
    },
    "Audio": {
        "": "audio",
        "transcribe": "audio.transcriptions.create",
        "translate": "audio.translations.create",
    },
    "File": {"": "files"},
    "FineTune": {"": "fine_tuning.jobs"},
    "FineTuningJob": {"": "fine_tuning.jobs"},
    "Model": {"": "models"},
    "Moderation": {"": "moderations"},
    "Edit": {"": "edits"},
    "Engine": {"": "engines"},
}
"""Classes of the 0.28 API -> today's resource; their methods keep their names unless listed."""


PATHS: Mapping[str, Mapping[str, str]] = {
    "assistants": {"POST": "beta.assistants.create", "GET": "beta.assistants.list"},
    "audio/speech": {"POST": "audio.speech.create"},
    "audio/transcriptions": {"POST": "audio.transcriptions.create"},
    "audio/translations": {"POST": "audio.translations.create"},
    "batches": {"POST": "batches.create", "GET": "batches.list"},
    "chat/completions": {"POST": "chat.completions.create", "GET": "chat.completions.list"},
    "completions": {"POST": "completions.create"},
    "embeddings": {"POST": "embeddings.create"},
    "files": {"POST": "files.create", "GET": "files.list"},
    "fine_tuning/jobs": {"POST": "fine_tuning.jobs.create", "GET": "fine_tuning.jobs.list"},
    "images/edits": {"POST": "images.edit"},
    "images/generations": {"POST": "images.generate"},
    "images/variations": {"POST": "images.create_variation"},
    "models": {"GET": "models.list"},
    "moderations": {"POST": "moderations.create"},
    "realtime": {"GET": "realtime.connect"},
    "responses": {"POST": "responses.create"},
    "threads": {"POST": "beta.threads.create"},
    "vector_stores": {"POST": "vector_stores.create", "GET": "vector_stores.list"},
}
"""Path below the base URL -> HTTP method -> the SDK's method that sends this request."""


@cache
def _table() -> dict[str, Any]:
    table: dict[str, Any] = json.loads(resources.files("llm_codemods").joinpath("openai_api.json").read_bytes())
    return table


def versions(major: int) -> tuple[str, ...]:
    """Return the releases that were looked at for a major, oldest first."""
    return tuple(_table()["versions"].get(str(major), "").split())


def _names(by_majors: Mapping[str, str], major: int | None = None) -> frozenset[str]:
    """Collect the names from ``{"12": "a b", "2": "c"}``, those of one major or of all."""
    wanted = "" if major is None else str(major)
    return frozenset(name for majors, names in by_majors.items() if wanted in majors for name in names.split())


# --- 1.x and later: the tree below a client --------------------------------------------------------------------------


@cache
def methods() -> frozenset[str]:
    """Return the dotted path of every method of every resource, as written after a client."""
    return frozenset(_table()["methods"])


@cache
def connection_methods() -> frozenset[str]:
    """Return the methods by which one sends and receives on what ``connect`` opens:
    ``realtime.connection.session.update`` for that of ``realtime.connect``."""
    opened = {f"{path}ion": _names(by_majors) - _LOCAL for path, by_majors in _table()["connections"].items()}
    return frozenset(f"{path}.{name}" for path, names in opened.items() for name in names)


_LOCAL = frozenset({"close", "dispatch_events", "off", "on", "once", "parse_event"})
"""Methods of a connection that neither send nor receive."""


def connection(path: str) -> str | None:
    """Return where the methods of the connection begin that a method opens: ``realtime.connection`` for
    ``realtime.connect``; None for methods that open none."""
    return f"{path}ion" if path in _table()["connections"] else None


def is_connection(path: str) -> bool:
    """Tell whether a dotted path is one of those that ``connection`` gives."""
    return connection(path.removesuffix("ion")) == path


@cache
def _resources() -> frozenset[str]:
    paths = methods() | connection_methods()
    return frozenset(path[:end] for path in paths for end, character in enumerate(path) if character == ".")


def is_method(path: str) -> bool:
    """Tell whether a dotted path (``chat.completions.create``) is a method of a resource, or of a connection that one
    opens, in any of 1.x, 2.x, 3.x."""
    return path in methods() or path in connection_methods()


def is_resource(path: str) -> bool:
    """Tell whether a dotted path (``chat``, ``chat.completions``) leads to a resource: more must follow to call it."""
    return path in _resources()


def majors_of(path: str) -> tuple[int, ...]:
    """Return the majors that have a method, ascending: ``responses.create`` has ``(1, 2, 3)``."""
    method = _table()["methods"].get(path)
    return tuple(int(major) for major in method["majors"]) if method else ()


@cache
def parameters(path: str, major: int | None = None) -> frozenset[str]:
    """Return the parameter names of a method, or of a client's own method (``with_options``).

    Those of one major, or of all together. The SDK's own ones (``extra_body``, ``timeout``, …) are among them.
    """
    method = _table()["methods"].get(path) or _table()["client_methods"].get(path)
    return _names(method["parameters"], major) if method else frozenset()


@cache
def wrappers() -> frozenset[str]:
    """Return the attributes of clients and resources that lead to the same methods, differently wrapped."""
    return frozenset(_table()["wrappers"].split())


def unwrapped(path: str) -> str:
    """Return a path without ``wrappers``: ``chat.completions.with_raw_response.create`` has the usual three parts."""
    return ".".join(part for part in path.split(".") if part not in wrappers())


def method_at_end(path: str) -> str | None:
    """Return the longest method path that a dotted path ends in, wrappers left out, or None.

    For calls whose receiver is not known: ``self.llm.chat.completions.create`` gives ``chat.completions.create``.
    """
    parts = unwrapped(path).split(".")
    # A method has two parts or more, so a shorter rest is in no table.
    return next((rest for i in range(len(parts)) if is_method(rest := ".".join(parts[i:]))), None)


def is_telling(path: str) -> bool:
    """Tell whether hardly anybody else has a method of this path: it has three parts, or is one of few with two.

    ``files.list`` and ``models.list`` are everywhere.
    """
    return is_method(path) and (path.count(".") > 1 or path in _TELLING)


_TELLING = frozenset(
    {
        *("embeddings.create", "images.create_variation", "images.generate", "moderations.create"),
        *("responses.create", "responses.parse", "responses.stream"),
    }
)


@cache
def resource_of(dotted: str) -> str | None:
    """Return the path of the resource, or of the connection, that a class of the SDK is:
    ``resources.chat.completions.AsyncCompletions`` is ``chat.completions``; None if it is neither."""
    module, _, name = dotted.rpartition(".")
    if not module.startswith("resources"):
        return None
    parts = list(dict.fromkeys(module.split(".")[1:]))
    words = re.findall("[A-Z][a-z]*", name.removeprefix("Async"))
    if words[-1:] == ["Manager"]:
        words.pop()
    end = ["connection"] if words[-1:] == ["Connection"] and words.pop() else []
    own = "_".join(words).lower()
    candidates = (".".join([*parts[:i], own, *end]) for i in range(len(parts), -1, -1))
    return next((path for path in candidates if is_resource(path)), None)


# --- 1.x and later: clients ------------------------------------------------------------------------------------------


@cache
def client_classes() -> Mapping[str, str]:
    """Return the name of every exported client class with the class it really is: ``Client`` is ``OpenAI``."""
    return MappingProxyType(_table()["clients"])


@cache
def client_methods() -> frozenset[str]:
    """Return the client's own methods, which are no resource's: ``with_options``, ``copy``, ``close``, ``post``, …"""
    return frozenset(_table()["client_methods"])


# --- 0.28 ------------------------------------------------------------------------------------------------------------


@cache
def v0_classes() -> frozenset[str]:
    """Return the API classes of 0.28 at module level: ``ChatCompletion``, ``Embedding``, ``Audio``, …"""
    return frozenset(_table()["v0_classes"].split())


@cache
def v0_methods() -> frozenset[str]:
    """Return every method of 0.28's classes: ``ChatCompletion.create``, its async twin ``ChatCompletion.acreate``, …"""
    return frozenset(_table()["v0_methods"].split())


def v0_method(path: str) -> bool:
    """Tell whether ``Class.method`` is one of ``v0_methods``."""
    return path in v0_methods()


def is_async(path: str) -> bool:
    """Tell whether ``Class.method`` of 0.28 is the asynchronous twin of another one."""
    head, _, tail = path.partition(".")
    return tail.startswith("a") and f"{head}.{tail[1:]}" in v0_methods()


def v0_positional(path: str) -> tuple[str, ...]:
    """Return the names of the positional arguments of ``Class.method`` that are keywords since 1.0, in order."""
    head, _, tail = path.partition(".")
    return _POSITIONAL.get(f"{head}.{tail[1:]}" if is_async(path) else path, ())


def positional(path: str) -> tuple[str, ...]:
    """Return the names of the positional arguments of a method that matter, in order; those of 0.28 by their names now.

    Most methods take keywords alone since 1.0.
    """
    return ("model",) if path in _OF_ONE_MODEL else v0_positional(path) if v0_method(path) else ()


_OF_ONE_MODEL = frozenset({"models.retrieve", "Model.retrieve", "Model.aretrieve"})
"""Methods that take a model by its place; of those that delete one, none is given another name."""
_POSITIONAL: Mapping[str, tuple[str, ...]] = {
    "Audio.transcribe": ("model", "file"),
    "Audio.translate": ("model", "file"),
    "File.create": ("file", "purpose"),
    "Image.create_edit": ("image", "mask"),
    "Image.create_variation": ("image",),
    "Moderation.create": ("input", "model"),
}
"""Methods of 0.28 whose positional arguments are keywords now."""


# --- all majors ------------------------------------------------------------------------------------------------------


@cache
def exceptions(major: int) -> Mapping[str, str]:
    """Return the exception classes a major exports, each with its nearest exported parent, or ``Exception``.

    Those of 0.28 stand in ``openai.error``; of them ``openai`` itself has only three.
    """
    return MappingProxyType(_table()["exceptions"].get(str(major), {}))


def successor(name: str) -> str | None:
    """Return the exception of the current SDK that stands for the same answers as one of 0.28; None: there is none."""
    return _SUCCESSORS.get(name, name if name in exceptions(3) else None)


_SUCCESSORS: Mapping[str, str | None] = {
    "APIError": "InternalServerError",
    "InvalidAPIType": None,
    "InvalidRequestError": "BadRequestError",
    "PermissionError": "PermissionDeniedError",
    "ServiceUnavailableError": "InternalServerError",
    "SignatureVerificationError": None,
    "Timeout": "APITimeoutError",
    "TryAgain": "ConflictError",
}


@cache
def exception_names() -> frozenset[str]:
    """Return the names of the exception classes of all majors."""
    return frozenset(name for exceptions in _table()["exceptions"].values() for name in exceptions)


@cache
def settings(major: int | None = None) -> frozenset[str]:
    """Return what can be set on the module (``openai.api_key = …``), in one major or in any."""
    return _names(_table()["settings"], major)


@cache
def method_names() -> frozenset[str]:
    """Return the last parts of the paths of all methods, of 0.28 and later: ``create``, ``acreate``, ``list``, …"""
    return frozenset(path.rpartition(".")[2] for path in methods() | v0_methods())


def path_in(url: str) -> str | None:
    """Return the path of the API that a URL ends in (``chat/completions``), or None; a query may follow."""
    found = [path for path in PATHS if re.search(rf"(^|[/}}]){path}/?($|[?#])", url)]
    return max(found, key=len, default=None)


def method_at(path: str, verb: str | None) -> str:
    """Return the SDK's method that sends a request to a path of ``PATHS``; an unknown verb is the usual one."""
    methods = PATHS[path]
    return methods.get(verb or "", next(iter(methods.values())))


def current(api: str) -> str:
    """Return today's path of a method: that of the 0.28 API's successor, and without ``beta`` where it left that
    stage."""
    head, _, tail = api.partition(".")
    if head in CURRENT:
        tail = tail.removeprefix("a") if is_async(api) else tail
        return CURRENT[head].get(tail, f"{CURRENT[head]['']}.{tail}")
    left = api.removeprefix("beta.")
    return left if left.startswith(("chat.", "responses.", "realtime.")) else api
