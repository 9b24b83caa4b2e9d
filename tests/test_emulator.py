"""The emulator, asked by the real OpenAI SDK over real sockets."""

from __future__ import annotations

import builtins
import dataclasses
import json
import math
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import openai
import pytest
from openai import OpenAI
from openai.types.chat import ChatCompletion, ChatCompletionMessageFunctionToolCall, ParsedChatCompletion

from llm_codemods.profile import Profile, Status, bundled, find, parse
from llm_migrate.live.claims import default_model
from llm_migrate.live.emulation.chat import chat
from llm_migrate.live.emulation.embeddings import embeddings
from llm_migrate.live.emulation.operations import models
from llm_migrate.live.emulation.refusal import RefusalError
from llm_migrate.live.emulator import HEADER, prefix, running
from llm_migrate.live.errors import LiveError, MissingExtraError
from llm_migrate.live.probes import thinking_entries
from llm_migrate.live.wire import Connection

GATEWAY = parse(Path(__file__).with_name("data").joinpath("gateway.toml").read_text("utf-8"), "gateway.toml")

WEATHER: Any = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "Weather of a city",
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string"}, "days": {"type": "integer", "minimum": 1}},
            "required": ["city", "days"],
        },
    },
}
TIME: Any = {"type": "function", "function": {"name": "get_time", "parameters": {"type": "object", "properties": {}}}}
ASK: Any = [{"role": "user", "content": "What is the weather in Paris?"}]


@pytest.fixture(scope="module", params=["gateway", *bundled()])
def served(request: pytest.FixtureRequest) -> Iterator[tuple[Profile, OpenAI]]:
    profile = GATEWAY if request.param == "gateway" else find(request.param)
    with running(profile) as url, OpenAI(base_url=url, api_key="sk-any", max_retries=0) as client:
        yield profile, client


@pytest.fixture(scope="module")
def gateway() -> Iterator[OpenAI]:
    with running(GATEWAY) as url, OpenAI(base_url=url, api_key="sk-any", max_retries=0) as client:
        yield client


def chat_model(profile: Profile) -> str:
    model = default_model(profile, "chat")
    assert model is not None
    return model


def switched(profile: Profile, model: str) -> dict[str, Any]:
    return dict(thinking_entries(model, Connection(profile, next(iter(profile.regions)), "http://localhost", "sk-any")))


def called(done: ChatCompletion | ParsedChatCompletion[Any]) -> ChatCompletionMessageFunctionToolCall:
    calls = done.choices[0].message.tool_calls
    assert calls is not None
    assert len(calls) == 1
    assert isinstance(calls[0], ChatCompletionMessageFunctionToolCall)
    return calls[0]


def works(profile: Profile, feature: str) -> bool:
    row = profile.features.get(feature)
    return row is None or row.status in (Status.SAME, Status.LIMITED)


# --- every profile ----------------------------------------------------------------------------------------------------


def test_chat(served: tuple[Profile, OpenAI]) -> None:
    profile, client = served
    done = client.chat.completions.create(model=chat_model(profile), messages=ASK)
    assert "emulator" in (done.choices[0].message.content or "")
    assert done.choices[0].finish_reason == "stop"
    assert done.usage is not None
    assert done.usage.total_tokens == done.usage.prompt_tokens + done.usage.completion_tokens


def test_stream_says_the_same_as_the_whole_answer(served: tuple[Profile, OpenAI]) -> None:
    profile, client = served
    model = chat_model(profile)
    whole = client.chat.completions.create(model=model, messages=ASK).choices[0].message.content
    with client.chat.completions.create(
        model=model, messages=ASK, stream=True, stream_options={"include_usage": True}
    ) as stream:
        chunks = list(stream)
    assert "".join(c.choices[0].delta.content or "" for c in chunks if c.choices) == whole
    assert [c.choices[0].finish_reason for c in chunks if c.choices][-1] == "stop"
    if works(profile, "stream-usage"):
        assert chunks[-1].usage is not None
        assert chunks[-1].choices == []


def test_thoughts_stand_in_the_answer_unless_asked_for_apart() -> None:
    profile = find("minimax")
    body = {"model": chat_model(profile), "messages": ASK}
    mixed = chat(profile, body)["choices"][0]["message"]
    assert "reasoning_content" not in mixed
    thoughts, answer = mixed["content"].removeprefix("<think>").split("</think>\n")
    apart = chat(profile, {**body, "reasoning_split": True})["choices"][0]["message"]
    assert (apart["reasoning_content"], apart["content"]) == (thoughts, answer)
    quiet = chat(profile, {**body, **profile.thinking["off"]})["choices"][0]["message"]
    assert (quiet.get("reasoning_content"), quiet["content"]) == (None, answer)


def test_tools(served: tuple[Profile, OpenAI]) -> None:
    profile, client = served
    model = chat_model(profile)
    extra = switched(profile, model)
    first = client.chat.completions.create(model=model, messages=ASK, tools=[TIME, WEATHER], extra_body=extra)
    assert first.choices[0].finish_reason == "tool_calls"
    call = called(first)
    assert call.function.name == "get_weather"
    arguments = json.loads(call.function.arguments)
    assert isinstance(arguments["city"], str)
    assert arguments["days"] >= 1
    messages = [
        *ASK,
        first.choices[0].message.model_dump(exclude_none=True),
        {"role": "tool", "tool_call_id": call.id, "content": "sunny, 21 degrees"},
    ]
    second = client.chat.completions.create(model=model, messages=messages, tools=[TIME, WEATHER], extra_body=extra)
    assert "21 degrees" in (second.choices[0].message.content or "")


def test_streamed_tool_call_joins_to_the_whole_one(served: tuple[Profile, OpenAI]) -> None:
    profile, client = served
    model = chat_model(profile)
    extra = switched(profile, model)
    whole = client.chat.completions.create(model=model, messages=ASK, tools=[WEATHER], extra_body=extra)
    with client.chat.completions.stream(model=model, messages=ASK, tools=[WEATHER], extra_body=extra) as stream:
        streamed = stream.get_final_completion()
    left, right = called(whole), called(streamed)
    assert left.function.name == right.function.name
    assert left.function.arguments == right.function.arguments


def test_forced_tool_is_as_the_profile_says(served: tuple[Profile, OpenAI]) -> None:
    profile, client = served
    model = chat_model(profile)

    def force() -> str:
        done = client.chat.completions.create(
            model=model,
            messages=ASK,
            tools=[WEATHER, TIME],
            tool_choice={"type": "function", "function": {"name": "get_time"}},
            extra_body=switched(profile, model),
        )
        return called(done).function.name

    status = profile.features["forced-tool"].status
    if status is Status.REJECTED:
        with pytest.raises(openai.APIStatusError):
            force()
    else:
        assert force() == ("get_weather" if status is Status.IGNORED else "get_time")


def test_embeddings(served: tuple[Profile, OpenAI]) -> None:
    profile, client = served
    model = default_model(profile, "embedding")
    if model is None:
        pytest.skip("this provider has no embedding model")
    texts = ["one", "two"]
    floats = client.embeddings.create(model=model, input=texts, encoding_format="float")
    sizes = profile.models[model].dimensions
    assert [row.index for row in floats.data] == [0, 1]
    assert {len(row.embedding) for row in floats.data} == {sizes[0] if sizes else 1024}
    assert floats.data[0].embedding != floats.data[1].embedding
    assert math.isclose(sum(x * x for x in floats.data[0].embedding), 1, rel_tol=1e-5)
    if profile.features["embeddings-base64"].status is Status.REJECTED:
        with pytest.raises(openai.APIStatusError):
            client.embeddings.create(model=model, input=texts)
    elif works(profile, "embeddings-base64"):
        default = client.embeddings.create(model=model, input=texts)  # the SDK asks for base64
        assert [row.embedding for row in default.data] == [row.embedding for row in floats.data]


def test_models_are_listed_without_the_retired(served: tuple[Profile, OpenAI]) -> None:
    profile, client = served
    row = profile.endpoint("models")
    if row is not None and row.status is Status.REJECTED:
        with pytest.raises(openai.NotFoundError):
            client.models.list()
        return
    listed = {model.id for model in client.models.list()}
    assert chat_model(profile) in listed
    assert listed <= set(profile.models)
    assert client.models.retrieve(chat_model(profile)).id == chat_model(profile)


def test_an_unknown_model_is_refused_with_the_providers_status(served: tuple[Profile, OpenAI]) -> None:
    profile, client = served
    with pytest.raises(openai.APIStatusError) as caught:
        client.chat.completions.create(model="no-such-model", messages=ASK)
    assert caught.value.status_code == profile.errors["unknown-model"].status


@pytest.mark.parametrize("key", ["sk-wrong-1", "invalid", "sk-proj-abc"])
def test_a_bad_key_is_refused(served: tuple[Profile, OpenAI], key: str) -> None:
    profile, client = served
    with pytest.raises(openai.APIStatusError) as caught:
        client.with_options(api_key=key).models.list()
    assert caught.value.status_code == profile.errors["bad-key"].status


def test_every_rejected_parameter_of_chat_is_refused(served: tuple[Profile, OpenAI]) -> None:
    profile, client = served
    rejected = {
        name: row
        for name, row in profile.parameters.get("chat.completions", {}).items()
        if row.status is Status.REJECTED and not row.values and not row.models
    }
    for name in rejected:
        with pytest.raises(openai.APIStatusError) as caught:
            client.chat.completions.create(model=chat_model(profile), messages=ASK, extra_body={name: 1})
        assert caught.value.status_code == profile.errors["bad-parameter"].status, name


def test_every_rejected_role_is_refused(served: tuple[Profile, OpenAI]) -> None:
    profile, client = served
    for name, row in profile.roles.items():
        if row.status is Status.REJECTED:
            messages: Any = [{"role": name, "content": "Be short."}, *ASK]
            with pytest.raises(openai.APIStatusError):
                client.chat.completions.create(model=chat_model(profile), messages=messages)


# --- one of each peculiarity ------------------------------------------------------------------------------------------


def test_refusals_carry_the_providers_body_with_its_places_filled(gateway: OpenAI) -> None:
    with pytest.raises(openai.UnprocessableEntityError, match="not valid: temperature") as caught:
        gateway.chat.completions.create(model="talk", messages=ASK, temperature=2)
    assert caught.value.code == "3000"
    with pytest.raises(openai.AuthenticationError, match="no model gone"):
        gateway.chat.completions.create(model="gone", messages=ASK)


def refused(**body: Any) -> str:
    with pytest.raises(RefusalError) as caught:
        chat(GATEWAY, {"model": "talk", "messages": ASK, **body})
    message: str = caught.value.body["error"]["message"]
    return message


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ({"temperature": 2}, "temperature"),
        ({"temperature": -0.1}, "temperature"),
        ({"logit_bias": {}}, "logit_bias"),
        ({"tool_choice": "required", "tools": [WEATHER]}, "tool_choice"),
        ({"messages": []}, "messages"),
        ({"messages": [{"role": "developer", "content": "x"}]}, "developer"),
        ({"messages": [{"role": "user", "content": [{"type": "image_url"}]}]}, "image_url"),
        ({"model": "vectors"}, "no model vectors"),
        ({"model": "brood", "think": False}, "think"),
        ({"model": "brood", "tools": [WEATHER]}, "tools"),
        (
            {"model": "brood", "response_format": {"type": "json_schema", "json_schema": {"schema": {}}}},
            "response_format",
        ),
        ({"tools": [WEATHER], "tool_choice": {"type": "function", "function": {"name": "other"}}}, "tool_choice"),
    ],
)
def test_what_chat_refuses(body: dict[str, Any], says: str) -> None:
    assert says in refused(**body)


def answered(**body: Any) -> Any:
    return chat(GATEWAY, {"model": "talk", "messages": ASK, **body})


def test_what_is_accepted_at_the_edge_of_a_range() -> None:
    assert answered(temperature=0)["choices"]
    assert answered(temperature=1.99)["choices"]


def test_ignored_and_renamed_parameters_have_no_effect() -> None:
    assert len(answered(n=3)["choices"]) == 1
    assert answered(max_completion_tokens=2) == answered(max_completion_tokens=3) | {
        "id": answered(max_completion_tokens=2)["id"]
    }


def test_limits_of_length_and_stop_words_are_honoured() -> None:
    short = answered(max_tokens=2)
    assert short["choices"][0]["finish_reason"] == "length"
    assert short["choices"][0]["message"]["content"].split() == ["Hello", "from"]
    stopped = answered(stop=["emulator"])
    assert stopped["choices"][0]["message"]["content"] == "Hello from the "
    assert stopped["choices"][0]["finish_reason"] == "stop"


def test_thinking_is_on_by_default_and_can_be_switched_off() -> None:
    def reasons(model: str, **body: Any) -> bool:
        return "reasoning_content" in answered(model=model, **body)["choices"][0]["message"]

    assert reasons("ponder")
    assert not reasons("ponder", think=False)
    assert reasons("brood")
    assert not reasons("talk")


def test_structured_output_satisfies_its_schema() -> None:
    schema = {"type": "object", "properties": {"n": {"type": "integer", "minimum": 4}}, "required": ["n"]}
    form = {"type": "json_schema", "json_schema": {"name": "x", "schema": schema}}
    assert json.loads(answered(response_format=form)["choices"][0]["message"]["content"])["n"] >= 4


def test_ignored_response_format_gives_a_fence() -> None:
    row = dataclasses.replace(GATEWAY.features["json-schema"], status=Status.IGNORED)
    careless = dataclasses.replace(GATEWAY, features={**GATEWAY.features, "json-schema": row})
    body: Any = {"model": "talk", "messages": ASK, "response_format": {"type": "json_schema", "json_schema": {}}}
    done: Any = chat(careless, body)
    assert done["choices"][0]["message"]["content"].startswith("```")


def test_the_same_request_gets_the_same_answer() -> None:
    assert answered(seed=1) == answered(seed=1)
    assert answered()["id"] != answered(stop="x")["id"]


@pytest.mark.parametrize(
    "body",
    [
        {"input": ["a", "b", "c", "d"]},
        {"input": [1, 2, 3]},
        {"input": []},
        {"input": "a", "dimensions": 5},
        {"input": "a", "model": "talk"},
    ],
)
def test_what_embeddings_refuse(body: dict[str, Any]) -> None:
    with pytest.raises(RefusalError):
        embeddings(GATEWAY, {"model": "vectors", **body})


def test_embedding_sizes() -> None:
    def size(**body: Any) -> int:
        done: Any = embeddings(GATEWAY, {"model": "vectors", "input": "a", **body})
        return len(done["data"][0]["embedding"])

    assert size() == 8
    assert size(dimensions=4) == 4


def test_retired_models_are_not_listed() -> None:
    listed: Any = models(GATEWAY)
    assert [row["id"] for row in listed["data"]] == ["talk", "ponder", "brood", "vectors"]


def test_rejected_and_unknown_endpoints_are_not_found(gateway: OpenAI) -> None:
    with pytest.raises(openai.NotFoundError):
        gateway.responses.create(model="talk", input="hello")
    with pytest.raises(openai.NotFoundError):
        gateway.with_options(base_url=str(gateway.base_url).replace("/compatible/v1", "/v1")).models.list()


def test_bodies_that_are_no_json_are_refused() -> None:
    with running(GATEWAY) as url:
        request = urllib.request.Request(
            f"{url}/chat/completions", data=b"{", headers={"authorization": "Bearer sk-any"}
        )
        with pytest.raises(urllib.error.HTTPError) as caught:
            urllib.request.urlopen(request)
        with caught.value as error:
            assert error.code == 422


def test_every_answer_says_that_it_is_emulated(gateway: OpenAI) -> None:
    raw = gateway.chat.completions.with_raw_response.create(model="talk", messages=ASK)
    assert raw.headers[HEADER] == "gateway"
    with pytest.raises(openai.APIStatusError) as caught:
        gateway.chat.completions.create(model="no", messages=ASK)
    assert caught.value.response.headers[HEADER] == "gateway"


def test_the_path_is_that_of_the_region() -> None:
    assert prefix(GATEWAY) == "/compatible/v1"
    assert prefix(GATEWAY, "intl") == "/v1"
    with pytest.raises(LiveError) as caught:
        prefix(GATEWAY, "intel")
    assert "intl" in str(caught.value.hint)


def test_a_missing_extra_is_told_with_its_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without_starlette(name: str, *args: Any, **more: Any) -> Any:
        if name.partition(".")[0] == "starlette":
            raise ModuleNotFoundError(name)
        return real(name, *args, **more)

    monkeypatch.setattr(builtins, "__import__", without_starlette)
    with pytest.raises(MissingExtraError) as caught, running(GATEWAY):
        pass
    assert "pip install '.[emulator]'" in str(caught.value.hint)


def test_answers_are_not_held_back() -> None:
    headers = {"authorization": "Bearer any"}
    with running(GATEWAY) as url, httpx.Client(headers=headers) as http:

        def seconds() -> float:
            started = time.perf_counter()
            http.post(f"{url}/chat/completions", json={"model": "talk", "messages": ASK})
            return time.perf_counter() - started

        assert min(seconds() for _ in range(20)) < 0.03


def many(count: int) -> list[dict[str, Any]]:
    return [{"type": "function", "function": {**WEATHER["function"], "name": f"weather_{i}"}} for i in range(count)]


CUSTOM = {"type": "custom", "custom": {"name": "write"}}


@pytest.mark.parametrize(
    ("id", "tools", "taken"),
    [
        ("qwen", [WEATHER], True),
        ("qwen", [WEATHER, CUSTOM], False),
        ("deepseek", [CUSTOM], False),
        ("minimax", [WEATHER, CUSTOM], False),
        ("doubao", many(128), True),
        ("doubao", many(129), False),
        ("zhipu", many(128), True),
        ("zhipu", many(129), False),
        ("moonshot", many(129), False),
        ("tencent", many(129), True),
    ],
)
def test_tools_of_other_kinds_and_too_many_are_refused(id: str, tools: list[dict[str, Any]], taken: bool) -> None:
    profile = find(id)
    body = {"model": chat_model(profile), "messages": ASK, "tools": tools}
    if taken:
        assert chat(profile, body)["choices"][0]["message"]["tool_calls"]
    else:
        with pytest.raises(RefusalError) as caught:
            chat(profile, body)
        assert caught.value.status == 400
