"""The table of the openai SDK, held against the SDK that is installed and against what is known of its history."""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import json
import os
import pkgutil
import subprocess
import sys
from collections.abc import Callable
from functools import reduce
from pathlib import Path
from typing import Any

import openai
import pytest
from openai._resource import SyncAPIResource

from llm_codemods import openai_api

SCRIPT = Path(__file__).parent.parent / "scripts" / "generate_openai_api.py"
TABLE = Path(openai_api.__file__).with_name("openai_api.json")
MAJOR = int(openai.__version__.split(".")[0])
INSTALLED = sorted(path for path in openai_api.methods() if MAJOR in openai_api.majors_of(path))


def follow(client: object, path: str) -> Any:
    return reduce(getattr, path.split("."), client)


def named(function: Callable[..., object]) -> set[str]:
    variadic = {inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD}
    return {name for name, p in inspect.signature(function).parameters.items() if p.kind not in variadic}


@pytest.fixture(scope="module")
def client() -> openai.OpenAI:
    return openai.OpenAI(api_key="x")


# --- the installed SDK -----------------------------------------------------------------------------------------------


def test_the_installed_release_is_the_newest_in_the_table() -> None:
    assert openai_api.versions(MAJOR)[-1] == openai.__version__, f"raise the version in {SCRIPT.name} and run it"


def test_every_path_of_the_installed_major_is_a_method(client: openai.OpenAI) -> None:
    assert len(INSTALLED) > 100
    assert [path for path in INSTALLED if not inspect.ismethod(follow(client, path))] == []


def test_every_path_of_the_installed_major_is_a_method_of_the_async_client() -> None:
    asynchronous = openai.AsyncOpenAI(api_key="x")
    assert [path for path in INSTALLED if not inspect.ismethod(follow(asynchronous, path))] == []


def test_parameters_are_those_of_the_installed_methods(client: openai.OpenAI) -> None:
    wrong = [p for p in INSTALLED if openai_api.parameters(p, MAJOR) != named(follow(client, p))]
    assert wrong == []


def test_resources_are_resources_of_the_installed_client(client: openai.OpenAI) -> None:
    prefixes = {path.rsplit(".", 1)[0] for path in INSTALLED}
    assert all(openai_api.is_resource(prefix) for prefix in prefixes)
    assert [prefix for prefix in prefixes if not isinstance(follow(client, prefix), SyncAPIResource)] == []


def test_no_method_of_any_resource_class_is_missing(client: openai.OpenAI) -> None:
    """The classes are found by importing the package's modules, not by following the client's attributes."""
    package = importlib.import_module("openai.resources")
    for module in pkgutil.walk_packages(package.__path__, "openai.resources."):
        importlib.import_module(module.name)
    there = {
        (cls, name)
        for cls in descendants(SyncAPIResource)
        if cls.__module__.startswith("openai.resources.")
        for name, _ in inspect.getmembers(cls, inspect.isfunction)
        if not name.startswith("_")
    }
    told = {
        (cls, name)
        for owner, _, name in (path.rpartition(".") for path in INSTALLED)
        for cls in type(follow(client, owner)).__mro__
    }
    assert len(there) > 100
    assert there - told == set()


def descendants(cls: type) -> set[type]:
    children: list[type] = cls.__subclasses__()
    return set(children).union(*map(descendants, children))


def test_client_classes_are_those_the_installed_package_exports() -> None:
    classes = {
        name: value.__name__
        for name, value in vars(openai).items()
        if not name.startswith("_")
        and inspect.isclass(value)
        and issubclass(value, (openai.OpenAI, openai.AsyncOpenAI))
    }
    assert dict(openai_api.client_classes()) == classes


def test_own_methods_of_the_installed_client(client: openai.OpenAI) -> None:
    assert {"with_options", "copy", "close", "post"} <= openai_api.client_methods()
    for name in openai_api.client_methods():
        assert inspect.ismethod(getattr(client, name))
        assert openai_api.parameters(name, MAJOR) == named(getattr(client, name))


@pytest.mark.parametrize("path", ["chat.completions.create", "embeddings.create", "responses.create", "files.list"])
def test_wrappers_lead_to_the_same_methods(client: openai.OpenAI, path: str) -> None:
    owner, _, name = path.rpartition(".")
    assert openai_api.wrappers() == {"with_raw_response", "with_streaming_response"}
    for wrapper in openai_api.wrappers():
        assert named(follow(client, f"{owner}.{wrapper}.{name}")) == openai_api.parameters(path, MAJOR)


def test_exceptions_are_those_the_installed_package_exports() -> None:
    told = openai_api.exceptions(MAJOR)
    exported = {name for name in openai.__all__ if isinstance(getattr(openai, name), type(Exception))}
    exported = {name for name in exported if issubclass(getattr(openai, name), Exception)}
    assert set(told) == exported
    for name, parent in told.items():
        assert issubclass(getattr(openai, name), Exception if parent == "Exception" else getattr(openai, parent))
    assert told["RateLimitError"] == "APIStatusError"


def test_settings_are_attributes_of_the_installed_module() -> None:
    assert {"api_key", "base_url", "api_type"} <= openai_api.settings(MAJOR)
    assert [name for name in openai_api.settings(MAJOR) if not hasattr(openai, name)] == []


# --- what is known of the SDK's history ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "majors"),
    [
        ("chat.completions.create", (1, 2, 3)),
        ("beta.chat.completions.parse", (1, 2, 3)),
        ("beta.threads.runs.create_and_poll", (1, 2, 3)),
        ("responses.create", (1, 2, 3)),
        ("edits.create", (1,)),
        ("fine_tunes.create", (1,)),
        ("beta.vector_stores.file_batches.upload_and_poll", (1,)),
        ("videos.create", (2, 3)),
        ("chat.completions", ()),
        ("ChatCompletion.create", ()),
    ],
)
def test_majors_of(path: str, majors: tuple[int, ...]) -> None:
    assert openai_api.majors_of(path) == majors
    assert openai_api.is_method(path) == bool(majors)


def test_parameters_of_one_major_and_of_all() -> None:
    path = "beta.assistants.create"
    assert "file_ids" in openai_api.parameters(path, 1)
    assert "file_ids" not in openai_api.parameters(path, 2)
    assert openai_api.parameters(path) == frozenset().union(*(openai_api.parameters(path, m) for m in (1, 2, 3)))
    assert {"model", "messages", "max_tokens", "extra_body"} <= openai_api.parameters("chat.completions.create", 1)


def test_v0_has_sync_and_async_twins() -> None:
    assert {"ChatCompletion", "Completion", "Embedding", "Image", "Audio", "File"} <= openai_api.v0_classes()
    twins = ["ChatCompletion", "Completion", "Edit", "Embedding", "Image", "File", "FineTuningJob", "Moderation"]
    for name in twins:
        assert openai_api.v0_method(f"{name}.create")
        assert openai_api.v0_method(f"{name}.acreate")
    assert openai_api.v0_method("Audio.atranscribe")
    assert not openai_api.v0_method("ChatCompletion.parse")
    assert {path.split(".")[0] for path in openai_api.v0_methods()} <= openai_api.v0_classes()


def test_v0_errors_and_settings() -> None:
    assert openai_api.exceptions(0)["InvalidRequestError"] == "OpenAIError"
    assert "InvalidRequestError" not in openai_api.exceptions(1)
    assert {"api_base", "api_type", "proxy"} <= openai_api.settings(0)
    assert "api_base" not in openai_api.settings(1)
    assert openai_api.settings() == frozenset().union(*map(openai_api.settings, range(4)))


# --- look-ups --------------------------------------------------------------------------------------------------------


def test_resources_are_the_proper_prefixes_of_methods() -> None:
    assert openai_api.is_resource("chat")
    assert openai_api.is_resource("chat.completions")
    for path in ("", "chat.", "chat.completions.create", "client.chat", "completion"):
        assert not openai_api.is_resource(path)


@pytest.mark.parametrize(
    ("path", "method"),
    [
        ("chat.completions.create", "chat.completions.create"),
        ("embeddings.create", "embeddings.create"),
        ("self.llm.chat.completions.create", "chat.completions.create"),
        ("client.beta.chat.completions.parse", "beta.chat.completions.parse"),
        ("client.chat.completions.with_raw_response.create", "chat.completions.create"),
        ("with_raw_response.create", None),
        ("completion.create", None),
        ("chat.completions", None),
        ("chat.completions.create.x", None),
        ("create", None),
        ("", None),
    ],
)
def test_method_at_end(path: str, method: str | None) -> None:
    assert openai_api.method_at_end(path) == method


def test_telling_paths_are_those_that_hardly_anybody_else_has() -> None:
    assert all(map(openai_api.is_telling, ("chat.completions.create", "embeddings.create", "uploads.parts.create")))
    assert not any(map(openai_api.is_telling, ("files.list", "batches.create", "chat.completions", "a.b.c")))


@pytest.mark.parametrize(
    ("dotted", "path"),
    [
        ("resources.chat.completions.AsyncCompletions", "chat.completions"),
        ("resources.chat.completions.completions.Completions", "chat.completions"),
        ("resources.Completions", "completions"),
        ("resources.responses.input_tokens.InputTokens", "responses.input_tokens"),
        ("resources.beta.threads.runs.runs.Runs", "beta.threads.runs"),
        ("resources.realtime.realtime.AsyncRealtimeConnection", "realtime.connection"),
        ("resources.responses.ResponsesConnectionManager", "responses.connection"),
        ("resources.chat.completions.CompletionsWithRawResponse", None),
        ("types.chat.ChatCompletion", None),
        ("OpenAI", None),
        ("", None),
    ],
)
def test_classes_of_resources(dotted: str, path: str | None) -> None:
    assert openai_api.resource_of(dotted) == path


def test_connections_have_the_methods_of_what_they_open() -> None:
    assert openai_api.connection("realtime.connect") == "realtime.connection"
    assert openai_api.connection("chat.completions.create") is None
    assert openai_api.is_connection("beta.realtime.connection")
    assert not openai_api.is_connection("realtime.connect")
    assert openai_api.is_method("realtime.connection.conversation.item.create")
    assert openai_api.is_method("responses.connection.recv")
    assert openai_api.is_resource("realtime.connection.session")
    assert not openai_api.is_method("realtime.connection.close")


def test_names_the_sdk_does_not_have_give_nothing() -> None:
    assert openai_api.parameters("no.such") == frozenset()
    assert openai_api.exceptions(9) == {}
    assert openai_api.versions(9) == ()


# --- the script ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def script() -> Any:
    spec = importlib.util.spec_from_file_location("generate_openai_api", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_stored_table_is_as_the_script_writes_it(script: Any) -> None:
    stored = TABLE.read_text("utf-8")
    assert script.written(json.loads(stored)) == stored
    assert list(json.loads(stored)["methods"]) == sorted(openai_api.methods())
    assert len(stored) < 300_000


def test_the_script_names_the_releases_of_the_table(script: Any) -> None:
    assert {major: openai_api.versions(major) for major in range(4)} == script.RELEASES


def test_introspection_of_the_installed_release_agrees_with_the_table() -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("OPENAI_", "AZURE_"))}
    seen = subprocess.run(
        [sys.executable, "-W", "ignore", str(SCRIPT), "--introspect"],
        env=environment,
        capture_output=True,
        check=True,
    )
    answer = json.loads(seen.stdout)
    assert sorted(answer["methods"]) == INSTALLED
    assert answer["clients"] == openai_api.client_classes()
    assert answer["exceptions"] == openai_api.exceptions(MAJOR)
    assert set(answer["settings"]) == openai_api.settings(MAJOR)


def test_names_are_grouped_by_the_majors_that_have_them(script: Any) -> None:
    assert script.by_majors({1: ["b", "a"], 2: ["a", "b", "c"], 3: ["c", "a"]}) == {"12": "b", "123": "a", "23": "c"}


def test_early_releases_add_methods(script: Any) -> None:
    early, late = {"edits.create": ["x"], "a.b": ["x"]}, {"a.b": ["y"]}
    assert script.merged({1: [early, late], 2: [late]}) == {
        "a.b": {"majors": "12", "parameters": {"1": "x", "12": "y"}},
        "edits.create": {"majors": "1", "parameters": {"1": "x"}},
    }


def test_check_fails_only_on_a_difference(
    script: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(script, "TABLE", tmp_path / "table.json")
    monkeypatch.setattr(script, "released", lambda version: version)
    monkeypatch.setattr(script, "table", lambda seen: {"versions": {str(m): " ".join(v) for m, v in seen.items()}})
    assert script.main(["--check"]) == 1
    assert not script.TABLE.exists()
    assert script.main([]) == 0
    capsys.readouterr()
    assert script.main(["--check"]) == 0
    assert capsys.readouterr().out == ""
    monkeypatch.setattr(script, "table", lambda seen: {"versions": {}})
    assert script.main(["--check"]) == 1
    assert '+"versions": {}' in capsys.readouterr().out
