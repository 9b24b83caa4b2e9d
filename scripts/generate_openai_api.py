"""Write ``codemods/llm_codemods/openai_api.json``, the table of everything the openai SDK offers, from the SDK itself.

    python scripts/generate_openai_api.py            # regenerate
    python scripts/generate_openai_api.py --check    # exit 1 and show the difference if the file is not up to date

Needs uv and a package index. Each release in ``RELEASES`` is installed into a temporary folder and walked by a Python
that sees nothing else; no request is sent, and the answer does not depend on the Python that runs this. To follow a
new release, raise the last version of its major and run.
"""

from __future__ import annotations

import argparse
import difflib
import functools
import importlib
import inspect
import json
import operator
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

TABLE = Path(__file__).resolve().parent.parent / "codemods" / "llm_codemods" / "openai_api.json"

# Oldest first. A major's methods are those of all its releases here: code written for early ones still stands in
# projects. 1.3.9 is the last with ``edits`` and ``fine_tunes``, 1.65.5 one of the last with ``beta.vector_stores``;
# 2.0.1 and 3.0.0 were looked at and have nothing that the newest of their major lacks.
RELEASES: Mapping[int, tuple[str, ...]] = {
    0: ("0.28.1",),
    1: ("1.3.9", "1.65.5", "1.109.1"),
    2: ("2.54.0",),
    3: ("3.52.0",),
}

WRAPPERS = ("with_raw_response", "with_streaming_response")


def main(arguments: list[str] | None = None) -> int:
    """Write the table, or compare it under ``--check``; return the exit code."""
    parser = argparse.ArgumentParser(description="generate the table of the openai SDK")
    parser.add_argument("--check", action="store_true", help="write nothing; fail if the table is not up to date")
    parser.add_argument("--introspect", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.introspect:
        json.dump(introspect(), sys.stdout)
        return 0
    fresh = written(table({major: [released(version) for version in RELEASES[major]] for major in RELEASES}))
    if not options.check:
        TABLE.write_text(fresh, encoding="utf-8", newline="\n")
        return 0
    stored = TABLE.read_text("utf-8") if TABLE.exists() else ""
    sys.stdout.writelines(
        difflib.unified_diff(
            stored.splitlines(keepends=True), fresh.splitlines(keepends=True), "stored", "introspected", n=0
        )
    )
    return int(stored != fresh)


# --- the parent: install, collect, merge -----------------------------------------------------------------------------


def released(version: str) -> dict[str, Any]:
    """Install one release into a folder of its own and return what ``introspect`` sees there."""
    requirements = [f"openai=={version}"]
    if version.startswith("1."):
        requirements.append("httpx<0.28")  # early 1.x passes it an argument that 0.28 no longer has
    with tempfile.TemporaryDirectory() as folder:
        uv = str(Path(sys.executable).with_name("uv"))
        install = [uv, "pip", "install", "--quiet", "--python", sys.executable, "--target", folder, *requirements]
        subprocess.run(install, check=True)
        # -S hides this environment's own packages; a bare environment hides keys and settings of the person.
        seen = subprocess.run(
            [sys.executable, "-S", "-W", "ignore", str(Path(__file__).resolve()), "--introspect"],
            env={"PYTHONPATH": folder, "PATH": os.environ["PATH"]},
            check=True,
            stdout=subprocess.PIPE,
        )
    answer: dict[str, Any] = json.loads(seen.stdout)
    if answer["version"] != version:
        raise SystemExit(f"asked for openai {version}, found {answer['version']}")
    return answer


def table(seen: Mapping[int, list[dict[str, Any]]]) -> dict[str, Any]:
    """Merge the answers of all releases into the one table.

    What majors share is written once: a key such as "23" holds what is true of majors 2 and 3 alike.
    """
    new = {major: answers for major, answers in seen.items() if major > 0}
    newest = {major: answers[-1] for major, answers in new.items()}
    (old,) = seen[0]
    return {
        "versions": {str(major): " ".join(a["version"] for a in answers) for major, answers in seen.items()},
        "clients": dict(sorted({name: real for a in newest.values() for name, real in a["clients"].items()}.items())),
        "client_methods": merged({major: [a["client_methods"] for a in answers] for major, answers in new.items()}),
        "wrappers": " ".join(WRAPPERS),
        "methods": merged({major: [a["methods"] for a in answers] for major, answers in new.items()}),
        "connections": {
            path: by_majors({m: union(a["connections"].get(path, ()) for a in answers) for m, answers in new.items()})
            for path in union(a["connections"] for answers in new.values() for a in answers)
        },
        "settings": by_majors({major: answers[-1]["settings"] for major, answers in seen.items()}),
        "exceptions": {str(major): answers[-1]["exceptions"] for major, answers in seen.items()},
        "v0_classes": " ".join(old["classes"]),
        "v0_methods": " ".join(old["methods"]),
    }


def merged(methods: Mapping[int, list[dict[str, Any]]]) -> dict[str, Any]:
    """Merge ``{path: parameters}`` of every release."""
    merged: dict[str, Any] = {}
    for path in union(a for answers in methods.values() for a in answers):
        having = {
            major: found
            for major, answers in methods.items()
            if (found := [answer[path] for answer in answers if path in answer])
        }
        merged[path] = {
            "majors": "".join(map(str, having)),
            "parameters": by_majors({major: union(found) for major, found in having.items()}),
        }
    return merged


def by_majors(names: Mapping[int, Iterable[str]]) -> dict[str, str]:
    """Group names by the majors that have them: ``{1: ["a"], 2: ["a", "b"]}`` gives ``{"12": "a", "2": "b"}``."""
    groups: dict[str, list[str]] = {}
    for name in union(names.values()):
        groups.setdefault("".join(str(major) for major in names if name in names[major]), []).append(name)
    return {majors: " ".join(groups[majors]) for majors in sorted(groups)}


def union(names: Iterable[Iterable[str]]) -> list[str]:
    """Return every name of every collection once, sorted."""
    return sorted({name for some in names for name in some})


def written(table: Mapping[str, Any]) -> str:
    """Return the table as JSON with one entry a line: small, and a change of one method is one line of a diff."""
    lines = []
    for key, value in table.items():
        if isinstance(value, dict) and any(isinstance(inner, dict) for inner in value.values()):
            entries = [f"  {json.dumps(name)}: {json.dumps(value[name])}" for name in value]
            lines.append(f"{json.dumps(key)}: {{\n" + ",\n".join(entries) + "\n}")
        else:
            lines.append(f"{json.dumps(key)}: {json.dumps(value)}")
    return "{\n" + ",\n".join(lines) + "\n}\n"


# --- the child: look at the one openai that is installed -------------------------------------------------------------


def introspect() -> dict[str, Any]:
    """Describe the openai package that this Python imports."""
    openai = importlib.import_module("openai")
    return introspect_v0(openai) if hasattr(openai, "api_resources") else introspect_v1(openai)


def introspect_v1(openai: Any) -> dict[str, Any]:
    """Describe openai 1.0 or later: clients, the tree of resources, exceptions, settings."""
    openai.api_key = "none"  # early releases make a client as soon as one looks at ``openai.chat``
    sync, asynchronous = openai.OpenAI(api_key="none"), openai.AsyncOpenAI(api_key="none")
    methods, async_methods = dict(walk(sync)), dict(walk(asynchronous))
    if methods.keys() != async_methods.keys():
        raise SystemExit(f"sync and async clients differ: {sorted(methods.keys() ^ async_methods.keys())}")
    return {
        "version": openai.__version__,
        "clients": {
            name: value.__name__
            for name, value in public(openai)
            if inspect.isclass(value) and issubclass(value, (openai.OpenAI, openai.AsyncOpenAI))
        },
        "client_methods": {name: parameters(value) for name, value in public(type(sync)) if inspect.isfunction(value)},
        "methods": methods,
        "connections": {path: sorted(names) for path, names in connections(sync, methods)},
        "settings": sorted(name for name in openai.__annotations__ if not name.startswith("_")),
        "exceptions": exceptions(openai),
    }


def walk(owner: object, prefix: str = "") -> Iterator[tuple[str, list[str]]]:
    """Yield the path and parameters of every public method below a client or resource, by following attributes."""
    for name in sorted(dir(owner)):
        if name.startswith("_") or name in WRAPPERS:
            continue
        static = inspect.getattr_static(owner, name)
        if inspect.isfunction(static):
            if prefix:
                yield prefix + name, parameters(static)
        elif resource(value := getattr(owner, name)):
            yield from walk(value, f"{prefix}{name}.")


def connections(client: object, methods: Mapping[str, Any]) -> Iterator[tuple[str, set[str]]]:
    """Yield every method that opens a connection (``realtime.connect``) with the dotted methods of what it opens."""
    for path in methods:
        head, _, last = path.rpartition(".")
        if last == "connect":
            owner = type(operator.attrgetter(head)(client))
            module = vars(sys.modules[owner.__module__])
            opened = module[returns(getattr(owner, last))].__enter__
            yield path, set(below(module[returns(opened)], module))


def below(owner: type, module: Mapping[str, Any]) -> Iterator[str]:
    """Yield the public methods of a class of a connection, and of its parts by their annotations, dotted."""
    parts = {name: text for parent in owner.__mro__ for name, text in vars(parent).get("__annotations__", {}).items()}
    for name in sorted(dir(owner)):
        static = inspect.getattr_static(owner, name)
        if not name.startswith("_") and inspect.isfunction(static):
            yield name
        elif isinstance(static, functools.cached_property):
            parts[name] = returns(static.func)
    for name, text in parts.items():
        if not name.startswith("_") and inspect.isclass(part := module.get(text)):
            yield from (f"{name}.{inner}" for inner in below(part, module))


def resource(value: object) -> bool:
    """Tell whether a value is one of the SDK's resources (``client.chat``)."""
    return any(parent.__name__ in ("SyncAPIResource", "AsyncAPIResource") for parent in type(value).__mro__)


def introspect_v0(openai: Any) -> dict[str, Any]:
    """Describe openai 0.x: module-level classes, their methods, errors, settings."""
    common = importlib.import_module("openai.openai_object").OpenAIObject
    error = importlib.import_module("openai.error")
    classes = {name: value for name, value in public(openai) if inspect.isclass(value) and issubclass(value, common)}
    return {
        "version": openai.VERSION,
        "classes": list(classes),
        "methods": [
            f"{name}.{method}"
            for name, value in classes.items()
            for method, function in public(value)
            if callable(function) and not hasattr(common, method)
        ],
        "settings": sorted(
            {name for name in openai.__all__ if not inspect.isclass(getattr(openai, name))} | {*openai.__annotations__}
        ),
        "exceptions": exceptions(error),
    }


def public(owner: object) -> Iterator[tuple[str, Any]]:
    """Yield the public attributes of a module or class, sorted by name."""
    for name in sorted(dir(owner)):
        if not name.startswith("_"):
            yield name, getattr(owner, name)


def exceptions(module: object) -> dict[str, str]:
    """Return the exception classes that a module exports, each with its nearest exported parent."""
    classes = {
        name: value for name, value in public(module) if inspect.isclass(value) and issubclass(value, BaseException)
    }
    return {
        name: next(p.__name__ for p in value.__mro__[1:] if p.__name__ in classes or p is Exception)
        for name, value in classes.items()
    }


def parameters(function: Callable[..., object]) -> list[str]:
    """Return the names a function can be given by keyword or position, sorted; ``*args`` and ``**kwargs`` are none."""
    variadic = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    found = inspect.signature(function).parameters
    return sorted(name for name, p in found.items() if p.kind not in variadic and name not in ("self", "cls"))


def returns(function: Callable[..., object]) -> str:
    """Return the annotated return type as text, without the modules' names: ``ChatCompletion``, ``Stream[…] | …``."""
    annotation = inspect.signature(function).return_annotation
    text = annotation if isinstance(annotation, str) else inspect.formatannotation(annotation)
    return re.sub(r"\b(?:\w+\.)+(\w+)", r"\1", text)


if __name__ == "__main__":
    raise SystemExit(main())
