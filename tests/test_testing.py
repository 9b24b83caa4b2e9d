"""What ``llm_migrate.testing`` gives to a user's own tests, as a user runs them: pytest in a process of its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from llm_codemods.profile import find
from llm_migrate.errors import UserError
from llm_migrate.testing import KEY, emulated_provider

CONFTEST = 'pytest_plugins = ["llm_migrate.testing"]\n'
APP = """
import os

from openai import OpenAI


def client(base_url):
    return OpenAI(base_url=base_url, api_key=os.environ["DASHSCOPE_API_KEY"])


def weather(client, city):
    tool = {"type": "function", "function": {"name": "get_weather", "parameters": {
        "type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}}}
    done = client.chat.completions.create(
        model="qwen-plus",
        messages=[{"role": "user", "content": f"What is the weather in {city}?"}],
        tools=[tool],
        extra_body={"enable_thinking": False},
    )
    return done.choices[0].message.tool_calls[0].function
"""
TESTS = """
import json

import openai
import pytest

from app import client, weather


@pytest.fixture
def qwen(llm_emulator, monkeypatch):
    provider = llm_emulator("qwen")
    monkeypatch.setenv(provider.key_env, provider.key)
    return provider


def test_the_tool_is_asked_for_the_city(qwen):
    call = weather(client(qwen.base_url), "Paris")
    assert (call.name, json.loads(call.arguments)) == ("get_weather", {"city": "Paris"})
    (request,) = qwen.requests
    assert (request.method, request.path.endswith("/chat/completions")) == ("POST", True)
    assert request.body["enable_thinking"] is False
    assert qwen.key not in repr(request)


def test_a_busy_provider_is_asked_again(llm_emulator, monkeypatch):
    provider = llm_emulator("qwen", faults=["500:x1"], latency="10ms", seed=3)
    monkeypatch.setenv(provider.key_env, provider.key)
    assert weather(client(provider.base_url), "Rome").name == "get_weather"
    assert len(provider.requests) == 2


def test_what_the_provider_refuses(qwen):
    with pytest.raises(openai.BadRequestError, match="temperature"):
        client(qwen.base_url).chat.completions.create(
            model="qwen-plus", messages=[{"role": "user", "content": "Hello."}], temperature=2
        )


def test_two_at_once(llm_emulator):
    assert llm_emulator("qwen").base_url != llm_emulator("zhipu").base_url


@pytest.mark.xfail(strict=True, reason="shows that a wrong name is told")
def test_unknown(llm_emulator):
    llm_emulator("qwem")
"""


def test_a_users_tests_run(tmp_path: Path) -> None:
    for name, text in (("conftest.py", CONFTEST), ("app.py", APP), ("test_app.py", TESTS)):
        tmp_path.joinpath(name).write_text(text, encoding="utf-8")
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-W", "error", "-p", "no:cacheprovider", str(tmp_path)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "4 passed, 1 xfailed" in ran.stdout


def test_without_pytest_it_can_be_imported() -> None:
    program = "import sys; sys.modules['pytest'] = None; from llm_migrate import testing; print(dir(testing))"
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    assert "emulated_provider" in ran.stdout
    assert "llm_emulator" not in ran.stdout


def test_a_profile_of_your_own(tmp_path: Path) -> None:
    own = tmp_path / "mine.toml"
    region = '[regions]\nhere = { base_url = "https://llm.example/v1", key_env = "MY_KEY", name = "here" }\n'
    own.write_text(f'extends = "qwen"\nid = "mine"\n{region}', encoding="utf-8")
    with emulated_provider(str(own), region="here") as provider:
        answer = httpx.get(f"{provider.base_url}/models", headers={"authorization": f"Bearer {provider.key}"})
    assert answer.status_code == 200
    assert provider.base_url.endswith("/v1")
    assert provider.key_env == "MY_KEY"
    assert [(seen.method, seen.path, seen.body) for seen in provider.requests] == [("GET", "/v1/models", None)]


def test_what_it_says_of_the_provider() -> None:
    with emulated_provider("tongyi") as provider:
        assert (provider.id, provider.key) == ("qwen", KEY)
        assert provider.key_env == next(iter(find("qwen").regions.values())).key_env


@pytest.mark.parametrize(
    "asked", [{"faults": ["43"]}, {"latency": "3"}, {"region": "moon"}, {"faults": ["429@moon"]}, {"jitter": "x"}]
)
def test_what_cannot_be_read_is_told(asked: dict[str, object]) -> None:
    with pytest.raises(UserError), emulated_provider("qwen", **asked):  # type: ignore[arg-type]
        pass
