"""``llm_codemods`` is pure, and it knows providers from data only."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest
import tomli

import llm_codemods
import llm_migrate

PACKAGE = Path(llm_codemods.__file__).parent
MODULES = sorted(PACKAGE.rglob("*.py"))

BANNED_MODULES = frozenset({"httpx", "llm_migrate", "openai", "requests", "rich", "typer"}) | {
    *("asyncio", "builtins", "getpass", "http", "logging", "os", "shutil"),
    *("socket", "subprocess", "tempfile", "threading", "urllib.request"),
}
BANNED_CALLS = {"open", "print", "input", "exec", "eval", "breakpoint"}
WORLD_OF_SYS = {"argv", "exit", "modules", "path", "stderr", "stdin", "stdout"}
PURE_NAMES = {"pathlib": frozenset({"PurePath", "PurePosixPath", "PureWindowsPath"})}
"""Modules of which only these names may be imported."""


def impurities(source: str) -> Iterator[str]:
    """Name whatever in a module's source can touch the world."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Import(names=names):
                for alias in names:
                    if _banned(alias.name) or alias.name in PURE_NAMES:
                        yield f"line {node.lineno}: import {alias.name}"
            case ast.ImportFrom(module=str(module), names=names):
                for alias in names:
                    pure = alias.name in PURE_NAMES.get(module, {alias.name})
                    if not pure or _banned(module) or _banned(f"{module}.{alias.name}"):
                        yield f"line {node.lineno}: from {module} import {alias.name}"
            case ast.Call(func=ast.Name(id=name)) if name in BANNED_CALLS:
                yield f"line {node.lineno}: {name}()"
            case ast.Call(func=ast.Attribute(value=ast.Name(id="io"), attr="open" | "open_code")):
                yield f"line {node.lineno}: io.open()"
            case ast.Attribute(value=ast.Name(id="sys"), attr=name) if name in WORLD_OF_SYS:
                yield f"line {node.lineno}: sys.{name}"


def _banned(module: str) -> bool:
    parts = module.split(".")
    return any(".".join(parts[:size]) in BANNED_MODULES for size in range(1, len(parts) + 1))


def provider_words() -> set[str]:
    """Return ids, aliases and names of the bundled providers, but not of OpenAI: that is where code comes from."""
    words: set[str] = set()
    for file in (PACKAGE / "providers").glob("*.toml"):
        if file.stem != "openai":
            profile = tomli.loads(file.read_text("utf-8"))
            words |= {profile["id"], profile["name"]["en"], profile["name"]["zh"], *profile.get("aliases", [])}
    return words


def named(source: str, words: set[str]) -> list[str]:
    """Return the words that stand in a text as words of their own, whatever their case."""
    pattern = "|".join(rf"(?<!\w){re.escape(word)}(?!\w)" for word in sorted(words, key=len, reverse=True))
    return sorted({match.lower() for match in re.findall(pattern, source, re.IGNORECASE)})


@pytest.mark.parametrize("file", MODULES, ids=lambda file: file.relative_to(PACKAGE).as_posix())
def test_module_is_pure(file: Path) -> None:
    assert list(impurities(file.read_text("utf-8"))) == []


@pytest.mark.parametrize("file", MODULES, ids=lambda file: file.relative_to(PACKAGE).as_posix())
def test_module_names_no_provider(file: Path) -> None:
    assert named(file.read_text("utf-8"), provider_words()) == []


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("import os", ["line 1: import os"]),
        ("import os.path as p", ["line 1: import os.path"]),
        ("def f():\n    from os import environ", ["line 2: from os import environ"]),
        ("import httpx, ast", ["line 1: import httpx"]),
        ("from llm_migrate.language import say", ["line 1: from llm_migrate.language import say"]),
        ("from urllib import request", ["line 1: from urllib import request"]),
        ("import pathlib", ["line 1: import pathlib"]),
        ("from pathlib import Path", ["line 1: from pathlib import Path"]),
        ("with open(x) as f: print(f)", ["line 1: open()", "line 1: print()"]),
        ("import sys\nsys.stdout.write(sys.version)", ["line 2: sys.stdout"]),
        ("import io\nio.open(x)", ["line 2: io.open()"]),
        ("from pathlib import PurePosixPath\nfrom urllib.parse import urlsplit\nimport ast\nx.open(io.BytesIO())", []),
    ],
)
def test_impurities_are_seen(source: str, found: list[str]) -> None:
    assert list(impurities(source)) == found


def test_provider_names_are_seen() -> None:
    words = provider_words()
    assert {"qwen", "zhipu"} <= words
    assert named('if profile.id == "QWEN":  # 智谱 GLM', words) == ["qwen", "智谱 glm"]
    assert named("from langchain_qwen import ChatQwen", {"qwen"}) == []


def module_name(file: Path, package: Path) -> str:
    parts = (package.name, *file.relative_to(package).with_suffix("").parts)
    return ".".join(part for part in parts if part != "__init__")


def imported(file: Path, known: Mapping[str, Path]) -> Iterator[str]:
    """Yield the modules of ours that a file imports, be it in a function or for its types alone."""
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom):
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                yield from {inner if inner in known else str(node.module)} & known.keys()


def test_no_module_imports_itself_by_way_of_others() -> None:
    files = {
        module_name(file, package): file
        for package in (PACKAGE, Path(llm_migrate.__file__).parent)
        for file in package.rglob("*.py")
    }
    try:
        TopologicalSorter({name: set(imported(file, files)) for name, file in files.items()}).prepare()
    except CycleError as error:
        pytest.fail(" imports ".join(reversed(error.args[1])))
