"""The emulator's endpoints, asked by the real OpenAI SDK: what a profile says exists is served, the rest is not."""

from __future__ import annotations

import asyncio
import base64
import datetime
import io
import json
import struct
import urllib.request
import wave
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from typing import Any

import httpx
import openai
import pytest
from openai import OpenAI
from pydantic import BaseModel

from llm_codemods.profile import Parameter, Profile, Status, Thinking, bundled, find
from llm_migrate.live.claims import default_model
from llm_migrate.live.emulation.acceptance import honoured
from llm_migrate.live.emulation.completions import completion
from llm_migrate.live.emulation.operations import OPERATIONS, served
from llm_migrate.live.emulation.pictures import COLOURS, colour_of, png
from llm_migrate.live.emulation.refusal import RefusalError
from llm_migrate.live.emulator import application, prefix, running

ASK: Any = [{"role": "user", "content": "Hello."}]


PLAIN = next(
    name
    for name, row in find("openai").models.items()
    if row.kind == "chat" and row.vision and row.thinking is Thinking.OFF and row.retired is None
)
"""A model of OpenAI's that sees, and thinks only when asked."""


@pytest.fixture(scope="module")
def clients() -> Iterator[dict[str, OpenAI]]:
    """Return a client of each bundled profile's emulator."""
    with ExitStack() as stack:
        yield {
            id: stack.enter_context(
                OpenAI(base_url=stack.enter_context(running(find(id))), api_key="sk-any", max_retries=0)
            )
            for id in bundled()
        }


@pytest.fixture(scope="module")
def home(clients: dict[str, OpenAI]) -> OpenAI:
    return clients["openai"]


def model_of(profile: Profile, kind: str) -> str:
    """Return a model that is not retired, be it today or when this test is read."""
    usual = default_model(profile, kind) if kind in ("chat", "embedding") else None
    rows = profile.models.items()
    return usual or next(name for name, row in rows if row.kind == kind and row.retired is None)


# --- which are there --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("id", bundled())
def test_what_the_profile_says_exists_is_served_and_nothing_else(id: str, clients: dict[str, OpenAI]) -> None:
    profile, client = find(id), clients[id]
    here = {operation.api for operation in served(profile)}
    for operation in OPERATIONS:
        row = profile.endpoint(operation.api)
        if row is not None and row.status is not Status.UNKNOWN:
            assert (operation.api in here) is (row.status is not Status.REJECTED), operation.api
        path = operation.path(profile).replace("{id:path}", "nothing").replace("{id}", "nothing")
        raw = client._client.request(
            operation.method, str(client.base_url).rstrip("/") + path, headers={"authorization": "Bearer any"}
        )
        missing = raw.status_code == 404 and "nothing at this address" in raw.text
        assert missing is (operation.api not in here), (operation.api, raw.status_code)


# --- responses --------------------------------------------------------------------------------------------------------

WITH_RESPONSES = [id for id in bundled() if any(o.api == "responses.create" for o in served(find(id)))]


def switched_off(profile: Profile) -> dict[str, Any]:
    return dict(profile.thinking.get("off", {})) if profile.id != "openai" else {}


@pytest.mark.parametrize("id", WITH_RESPONSES)
def test_responses(id: str, clients: dict[str, OpenAI]) -> None:
    client, model = clients[id], model_of(find(id), "chat")
    done = client.responses.create(model=model, input="Hello.", instructions="Be short.")
    assert done.output_text.endswith("Hello.")
    assert done.status == "completed"
    assert done.usage is not None
    assert done.usage.total_tokens == done.usage.input_tokens + done.usage.output_tokens
    with client.responses.stream(model=model, input="Hello.", instructions="Be short.") as stream:
        kinds = [event.type for event in stream]
        final = stream.get_final_response()
    assert final.output_text == done.output_text
    assert kinds[0] == "response.created"
    assert kinds[-1] == "response.completed"
    assert "response.output_text.delta" in kinds


@pytest.mark.parametrize("id", WITH_RESPONSES)
def test_responses_call_functions(id: str, clients: dict[str, OpenAI]) -> None:
    client, model = clients[id], model_of(find(id), "chat")
    schema = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
    tool: Any = {"type": "function", "name": "get_weather", "parameters": schema, "strict": False}
    asked: Any = [{"role": "user", "content": "What is the weather in Paris?"}]
    first = client.responses.create(model=model, input=asked, tools=[tool])
    (call,) = [item for item in first.output if item.type == "function_call"]
    assert json.loads(call.arguments) == {"city": "Paris"}
    back = {"type": "function_call_output", "call_id": call.call_id, "output": "sunny"}
    turns: Any = [*asked, *(item.model_dump(exclude_none=True) for item in first.output), back]
    second = client.responses.create(model=model, input=turns, tools=[tool])
    assert "The tool says: sunny" in second.output_text
    with client.responses.stream(model=model, input=asked, tools=[tool]) as stream:
        pieces = [event.delta for event in stream if event.type == "response.function_call_arguments.delta"]
    assert "".join(pieces) == call.arguments


def test_responses_keep_what_was_said(home: OpenAI) -> None:
    first = home.responses.create(model=PLAIN, input="Hello.")
    again = home.responses.create(model=PLAIN, input="And?", previous_response_id=first.id)
    assert again.usage is not None
    assert first.usage is not None
    assert again.usage.input_tokens > first.usage.input_tokens
    assert home.responses.retrieve(first.id).output_text == first.output_text
    assert len(home.responses.input_items.list(again.id).data) == 3
    home.responses.delete(first.id)
    with pytest.raises(openai.NotFoundError):
        home.responses.retrieve(first.id)
    with pytest.raises(openai.BadRequestError):
        home.responses.create(model=PLAIN, input="And?", previous_response_id=first.id)


def test_responses_are_structured_and_cut(home: OpenAI) -> None:
    class City(BaseModel):
        name: str
        people: int

    parsed = home.responses.parse(model=PLAIN, input="Paris, please.", text_format=City)
    assert isinstance(parsed.output_parsed, City)
    cut = home.responses.create(model=PLAIN, input="Hello.", max_output_tokens=3)
    assert cut.status == "incomplete"
    assert cut.incomplete_details is not None
    assert cut.incomplete_details.reason == "max_output_tokens"
    assert cut.usage is not None
    assert cut.usage.output_tokens == 3


def test_responses_refuse_what_the_profile_refuses(clients: dict[str, OpenAI]) -> None:
    with pytest.raises(openai.BadRequestError, match="max_output_tokens"):
        clients["qwen"].responses.create(model="qwen-plus", input="Hello.", max_output_tokens=8)
    with pytest.raises(openai.BadRequestError, match="store"):
        clients["deepseek"].responses.create(model=model_of(find("deepseek"), "chat"), input="Hello.", store=True)
    with pytest.raises(openai.NotFoundError):
        clients["zhipu"].responses.create(model="glm-4.6", input="Hello.")


# --- completions ------------------------------------------------------------------------------------------------------


def test_completions(clients: dict[str, OpenAI]) -> None:
    qwen, model = clients["qwen"], model_of(find("qwen"), "chat")
    done = qwen.completions.create(model=model, prompt="One", max_tokens=2)
    assert (done.choices[0].finish_reason, done.choices[0].text) == ("length", "Hello from ")
    with qwen.completions.create(model=model, prompt="One", max_tokens=2, stream=True) as stream:
        assert "".join(chunk.choices[0].text for chunk in stream) == done.choices[0].text


def test_completions_of_several_texts() -> None:
    old = datetime.date(2025, 1, 1)
    body = {"model": "davinci-002", "prompt": ["One", "Two"], "n": 2, "logprobs": 1, "echo": True}
    done: Any = completion(find("openai"), body, old)
    assert [choice["index"] for choice in done["choices"]] == [0, 1, 2, 3]
    assert done["choices"][2]["text"].startswith("Two")
    logs = done["choices"][0]["logprobs"]
    assert len(logs["tokens"]) == len(logs["text_offset"]) == len(logs["top_logprobs"]) > 5
    assert done["usage"]["total_tokens"] == done["usage"]["prompt_tokens"] + done["usage"]["completion_tokens"]


# --- pictures and sound -----------------------------------------------------------------------------------------------


def test_pictures_are_of_the_colour_that_was_asked_for(home: OpenAI) -> None:
    done = home.images.generate(prompt="A blue square", n=2, size="256x256", response_format="b64_json")
    assert done.data is not None
    assert [colour_of(f"data:image/png;base64,{picture.b64_json}") for picture in done.data] == ["blue", "blue"]


def test_pictures_come_as_addresses_that_can_be_read(clients: dict[str, OpenAI]) -> None:
    model = model_of(find("zhipu"), "image")
    done = clients["zhipu"].images.generate(model=model, prompt="A red square", size="1024x1024")
    assert done.data is not None
    assert done.data[0].url is not None
    with urllib.request.urlopen(done.data[0].url) as answer:
        data = answer.read()
    assert colour_of("data:image/png;base64," + base64.b64encode(data).decode()) == "red"
    with pytest.raises(openai.BadRequestError, match="size"):
        clients["zhipu"].images.generate(model=model, prompt="A red square", size="256x256")


def test_pictures_are_edited(home: OpenAI) -> None:
    file, model = ("in.png", png(COLOURS["green"]), "image/png"), model_of(find("openai"), "image")
    done = home.images.edit(model=model, image=file, prompt="Make it nicer", response_format="b64_json")
    assert done.data is not None
    assert colour_of(f"data:image/png;base64,{done.data[0].b64_json}") == "green"


def test_speech(home: OpenAI, clients: dict[str, OpenAI]) -> None:
    model = model_of(find("openai"), "speech")
    sound = home.audio.speech.create(model=model, voice="alloy", input="Hello.", response_format="wav").read()
    with wave.open(io.BytesIO(sound)) as file:
        assert file.getnframes() > 0
    assert home.audio.speech.create(model=model, voice="alloy", input="Hello.").read()[:2] == b"\xff\xfb"
    voice = model_of(find("zhipu"), "speech")
    with pytest.raises(openai.BadRequestError, match="voice"):
        clients["zhipu"].audio.speech.create(model=voice, voice="alloy", input="Hello.", response_format="wav")


def test_transcriptions(home: OpenAI, clients: dict[str, OpenAI]) -> None:
    file, model = ("a.wav", b"RIFF" * 10, "audio/wav"), model_of(find("openai"), "transcription")
    assert "40 bytes" in home.audio.transcriptions.create(model=model, file=file).text
    subtitles: Any = home.audio.transcriptions.create(model=model, file=file, response_format="srt")
    assert "-->" in subtitles
    assert home.audio.transcriptions.create(model=model, file=file, response_format="verbose_json").segments
    with home.audio.transcriptions.create(model=model, file=file, stream=True) as stream:
        assert "40 bytes" in next(event.text for event in stream if event.type == "transcript.text.done")
    only = model_of(find("zhipu"), "transcription")
    plain: Any = clients["zhipu"].audio.transcriptions.create(model=only, file=file, response_format="srt")
    assert "40 bytes" in json.loads(plain)["text"]


# --- files and batches ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("id", "purpose", "endpoint"),
    [
        ("openai", "batch", "/v1/chat/completions"),
        ("qwen", "batch", "/v1/chat/completions"),
        ("zhipu", "batch", "/v4/chat/completions"),
        ("baidu", "batch", "/v2/chat/completions"),
    ],
)
def test_a_batch_is_answered_line_by_line(id: str, purpose: Any, endpoint: Any, clients: dict[str, OpenAI]) -> None:
    client, model = clients[id], model_of(find(id), "chat")
    bodies = [{"model": model, "messages": ASK}, {"model": "no-such-model", "messages": ASK}]
    lines = [
        {"custom_id": f"line-{i}", "method": "POST", "url": endpoint, "body": body} for i, body in enumerate(bodies)
    ]
    data = "\n".join(map(json.dumps, lines)).encode()
    sent = client.files.create(file=("lines.jsonl", data), purpose=purpose)
    assert client.files.retrieve(sent.id).bytes == len(data)
    assert sent.id in [file.id for file in client.files.list()]
    batch = client.batches.create(input_file_id=sent.id, endpoint=endpoint, completion_window="24h")
    assert batch.status == "validating"
    batch = client.batches.retrieve(batch.id)
    assert batch.status == "completed"
    assert batch.request_counts is not None
    assert (batch.request_counts.completed, batch.request_counts.failed) == (1, 1)
    assert batch.output_file_id is not None
    assert batch.error_file_id is not None
    good, bad = (json.loads(client.files.content(file).text) for file in (batch.output_file_id, batch.error_file_id))
    assert good["custom_id"] == "line-0"
    assert "Hello" in good["response"]["body"]["choices"][0]["message"]["content"]
    assert bad["response"]["status_code"] == find(id).errors["unknown-model"].status
    client.files.delete(sent.id)
    with pytest.raises(openai.NotFoundError):
        client.files.content(sent.id)


def test_batches_are_listed_and_cancelled(home: OpenAI) -> None:
    sent = home.files.create(file=("x.jsonl", b"{}\n"), purpose="batch")
    batch = home.batches.create(input_file_id=sent.id, endpoint="/v1/embeddings", completion_window="24h")
    assert home.batches.cancel(batch.id).status == "cancelling"
    assert home.batches.retrieve(batch.id).status == "cancelled"
    assert batch.id in [one.id for one in home.batches.list()]
    with pytest.raises(openai.BadRequestError):
        home.batches.create(input_file_id="nothing", endpoint="/v1/embeddings", completion_window="24h")


def test_purposes_are_the_profiles(clients: dict[str, OpenAI]) -> None:
    with pytest.raises(openai.BadRequestError, match="purpose"):
        clients["baidu"].files.create(file=("x.jsonl", b"{}"), purpose="assistants")
    with pytest.raises(openai.BadRequestError, match="order"):
        clients["qwen"].files.list(order="asc")


def test_moderation(home: OpenAI) -> None:
    results = home.moderations.create(input=["All is well.", "This is unsafe."]).results
    assert [result.flagged for result in results] == [False, True]


# --- what chat does ---------------------------------------------------------------------------------------------------


def chat(client: OpenAI, words: Any, model: str = PLAIN, **body: Any) -> Any:
    return client.chat.completions.create(model=model, messages=[{"role": "user", "content": words}], **body)


def text(client: OpenAI, words: Any, **body: Any) -> str:
    content: str = chat(client, words, **body).choices[0].message.content
    return content


def seen(client: OpenAI, data: bytes) -> str:
    url = "data:image/png;base64," + base64.b64encode(data).decode()
    picture = {"type": "image_url", "image_url": {"url": url}}
    return text(client, [{"type": "text", "text": "Is it red, green or blue?"}, picture])


def test_pictures_are_seen(home: OpenAI) -> None:
    answers = {name: seen(home, png(colour)) for name, colour in COLOURS.items()}
    assert [name for name, answer in answers.items() if f"is {name}." not in answer] == []
    assert "can look at" in seen(home, b"GIF89a")


def blocks(kind: int, filter: int) -> bytes:
    """Return a picture of blue blocks on white: RGB, RGBA, grey or palette, its rows filtered."""
    side, channels = 8, {0: 1, 2: 3, 3: 1, 6: 4}[kind]
    dots = {0: b"\0", 2: b"\0\0\xff", 3: b"\1", 6: b"\0\0\xff\xff"}
    dot, ground = dots[kind], b"\0" if kind == 3 else b"\xff" * channels
    rows = [b"".join(dot if (x // 2 + y // 2) % 2 else ground for x in range(side)) for y in range(side)]
    raw, above = b"", bytes(side * channels)
    for row in rows:
        left = bytes(channels) + row[:-channels]
        corner = bytes(channels) + above[:-channels]
        guess = {
            0: bytes(len(row)),
            1: left,
            2: above,
            3: bytes((a + b) // 2 for a, b in zip(left, above, strict=True)),
            4: bytes(
                min((a, b, c), key=lambda v, s=a + b - c: abs(s - v))  # type: ignore[misc]
                for a, b, c in zip(left, above, corner, strict=True)
            ),
        }[filter]
        raw += bytes([filter]) + bytes((v - g) & 255 for v, g in zip(row, guess, strict=True))
        above = row

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, kind, 0, 0, 0))
    palette = chunk(b"PLTE", b"\xff\xff\xff\0\0\xff") if kind == 3 else b""
    return b"\x89PNG\r\n\x1a\n" + head + palette + chunk(b"IDAT", zlib.compress(raw)) + chunk(b"IEND", b"")


@pytest.mark.parametrize("filter", range(5))
@pytest.mark.parametrize("kind", [0, 2, 3, 6])
def test_pictures_of_all_common_kinds_are_read(kind: int, filter: int) -> None:
    url = "data:image/png;base64," + base64.b64encode(blocks(kind, filter)).decode()
    assert colour_of(url) in (("black", "white") if kind == 0 else ("blue",))


@pytest.mark.parametrize(
    "address", ["https://x.example/a.png", "data:image/png;base64,!", "data:image/png;base64,iVBOR"]
)
def test_what_is_no_picture_has_no_colour(address: str) -> None:
    assert colour_of(address) is None


def test_stop_limits_and_seeds(home: OpenAI) -> None:
    counted = "Count from one to ten."
    assert text(home, counted).endswith("eight, nine, ten")
    assert text(home, counted, stop=[" five"]).endswith("four,")
    cut = chat(home, counted, max_completion_tokens=7)
    assert (cut.choices[0].finish_reason, cut.usage.completion_tokens) == ("length", 7)
    assert text(home, "Hello.", seed=1) == text(home, "Hello.", seed=1) != text(home, "Hello.", seed=2)
    several = chat(home, "Hello.", n=3).choices
    assert [choice.index for choice in several] == [0, 1, 2]
    assert len({choice.message.content for choice in several}) == 3


def test_logprobs_whole_and_streamed(home: OpenAI) -> None:
    whole = chat(home, "Hello.", logprobs=True, top_logprobs=2).choices[0]
    assert "".join(entry.token for entry in whole.logprobs.content) == whole.message.content
    assert {len(entry.top_logprobs) for entry in whole.logprobs.content} == {2}
    with chat(home, "Hello.", logprobs=True, top_logprobs=2, stream=True) as stream:
        pieces = [c.choices[0].logprobs.content[0].token for c in stream if c.choices[0].logprobs]
    assert "".join(pieces) == whole.message.content


WEATHER: Any = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}


def test_several_tools_at_once(home: OpenAI) -> None:
    asked = "What is the weather in Paris, and what is it in Rome?"
    calls = chat(home, asked, tools=[WEATHER]).choices[0].message.tool_calls
    assert [json.loads(call.function.arguments)["city"] for call in calls] == ["Paris", "Rome"]
    assert len({call.id for call in calls}) == 2
    assert len(chat(home, asked, tools=[WEATHER], parallel_tool_calls=False).choices[0].message.tool_calls) == 1
    assert chat(home, asked, tools=[WEATHER], tool_choice="none").choices[0].message.tool_calls is None


def test_functions_as_they_were_before_tools(home: OpenAI) -> None:
    choice = chat(home, "What is the weather in Paris?", functions=[WEATHER["function"]]).choices[0]
    assert choice.finish_reason == "function_call"
    assert json.loads(choice.message.function_call.arguments) == {"city": "Paris"}


def test_more_than_the_window_is_refused(clients: dict[str, OpenAI]) -> None:
    profile = find("openai")
    name, row = min(
        ((n, r) for n, r in profile.models.items() if r.kind == "chat" and r.context and r.retired is None),
        key=lambda item: item[1].context or 0,
    )
    assert row.context is not None
    with pytest.raises(openai.BadRequestError, match="context"):
        chat(clients["openai"], "the " * (row.context + 10), model=name)


@pytest.mark.parametrize(
    "body",
    [
        {"temperature": "hot"},
        {"n": 0},
        {"max_tokens": -1},
        {"stream": "yes"},
        {"seed": 1.5},
        {"tools": {}},
        {"tool_choice": "maybe"},
        {"stop": [1]},
        {"logit_bias": {"a": ["b"]}},
        {"reasoning_effort": {"a": 1}},
        {"messages": [{"role": "user", "content": 3}]},
        {"messages": "Hello."},
    ],
)
def test_values_of_another_type_are_refused(home: OpenAI, body: dict[str, Any]) -> None:
    with pytest.raises(openai.BadRequestError):
        chat(home, "Hello.", extra_body=body)


# --- every row of every profile ---------------------------------------------------------------------------------------


def rows_of(profile: Profile) -> Iterator[tuple[str, str, Parameter]]:
    """Yield method, name and row of every parameter that speaks for all models of a method that is served."""
    for operation in served(profile):
        prefixes = [operation.api.rsplit(".", size)[0] for size in range(operation.api.count(".") + 1)]
        names = {name for prefix in prefixes for name in profile.parameters.get(prefix, {})}
        for name in sorted(names - {"model"}):
            row = profile.parameter(operation.api, name)
            if row is not None and not row.models:
                yield operation.api, name, row


def takes(profile: Profile, api: str, name: str, value: object) -> bool:
    try:
        honoured(profile, api, {"model": "any", name: value})
    except RefusalError:
        return False
    return True


SAMPLES: dict[str, Any] = {
    **dict.fromkeys(("stream", "store", "background", "parallel_tool_calls", "echo", "logprobs"), True),
    **dict.fromkeys(("temperature", "top_p", "presence_penalty", "frequency_penalty", "speed", "seed"), 1),
    **dict.fromkeys(("n", "max_tokens", "max_completion_tokens", "max_output_tokens", "top_logprobs"), 3),
    **dict.fromkeys(("best_of", "dimensions"), 3),
    **{name: [] for name in ("messages", "tools", "functions")},
    **{name: {} for name in ("stream_options", "logit_bias", "metadata")},
}
READ: dict[str, Callable[[str], Any]] = {
    "tools": lambda kind: [{"type": kind, "function": {"name": "f"}}],
    "text": lambda kind: {"format": {"type": kind}},
}
"""How what stands among the values of a row is sent."""
DECIDED = {"tool_choice", "response_format"}
"""Of which the rows of features speak, too."""


@pytest.mark.parametrize("id", bundled())
def test_every_parameter_is_treated_as_its_row_says(id: str) -> None:
    profile = find(id)
    for api, name, row in rows_of(profile):
        place, value = (api, name), SAMPLES.get(name, "x")
        if api == "completions.create" and name == "logprobs":
            value = 1
        if row.status is Status.REJECTED and not row.values:
            assert not takes(profile, api, name, value), place
        elif row.status in (Status.IGNORED, Status.RENAMED):
            assert honoured(profile, api, {name: value}) == {}, place
        elif row.status is Status.LIMITED and row.values and name not in DECIDED:
            read: Callable[[str], Any] = READ.get(name, json.loads if name in SAMPLES else str)
            assert not takes(profile, api, name, read("-77")), place
            assert all(takes(profile, api, name, read(value)) for value in row.values), place
        elif row.status is Status.LIMITED and not row.values:
            step = 1 if isinstance(SAMPLES.get(name), int) and name not in ("temperature", "top_p", "speed") else 0.001
            whole = step == 1
            for bound, beyond, exclusive in (
                (row.minimum, -step, row.exclusive_minimum),
                (row.maximum, step, row.exclusive_maximum),
            ):
                if bound is not None:
                    at = int(bound) if whole else bound
                    assert not takes(profile, api, name, at + beyond), place
                    assert takes(profile, api, name, at) is not exclusive, place


def test_there_are_rows_of_every_kind() -> None:
    kinds = {
        (row.status, bool(row.values), row.minimum is not None) for id in bundled() for _, _, row in rows_of(find(id))
    }
    assert {(Status.REJECTED, False, False), (Status.IGNORED, False, False), (Status.LIMITED, True, False)} < kinds
    assert (Status.LIMITED, False, True) in kinds


# --- whatever is sent -------------------------------------------------------------------------------------------------

JUNK: tuple[Any, ...] = (
    None,
    True,
    0,
    3.5,
    "x",
    "",
    [],
    ["x"],
    {},
    {"a": 1},
    [{}],
    {"type": "json_schema", "json_schema": "x"},
)
SCHEMA = {
    "type": "object",
    "properties": {
        "city": {"type": "string"},
        "days": {"type": "integer", "minimum": 1},
        "more": {"$ref": "#/$defs/more"},
    },
    "required": ["city", "days", "more"],
    "$defs": {"more": {"anyOf": [{"type": "array", "items": {"enum": ["a"]}, "minItems": 1}]}},
}
FUNCTION = {"name": "get_weather", "strict": True, "parameters": SCHEMA}
PARTS = [{"type": "text", "text": "Hello."}, {"type": "image_url", "image_url": {"url": "data:x"}}]
CALL = {"id": "a", "function": {"name": "b", "arguments": ""}}
BODIES: dict[str, Mapping[str, Any]] = {
    "/chat/completions": {
        "messages": [
            {
                "role": "user",
                "content": [{"type": "text", "text": "Hello."}, {"type": "image_url", "image_url": {"url": "data:x"}}],
            },
            {
                "role": "assistant",
                "content": None,
                "tool_calls": [{"id": "a", "function": {"name": "b", "arguments": ""}}],
            },
            {"role": "tool", "tool_call_id": "a", "content": "x"},
            {"role": "user", "content": "And in Paris?"},
        ],
        "tools": [{"type": "function", "function": FUNCTION}],
        "tool_choice": {"type": "function", "function": {"name": "get_weather"}},
        "response_format": {"type": "json_schema", "json_schema": {"schema": SCHEMA}},
        "stop": ["a"],
        "stream_options": {"include_usage": True},
    },
    "/completions": {"prompt": ["a", "b"], "stop": "x", "stream": True, "logprobs": 1},
    "/responses": {
        "input": [
            {"role": "user", "content": [{"type": "input_image", "image_url": "data:x"}]},
            {"type": "function_call", "call_id": "a", "name": "b", "arguments": ""},
            {"type": "function_call_output", "call_id": "a", "output": "x"},
        ],
        "previous_response_id": "a",
        "text": {"format": {"type": "json_schema", "schema": SCHEMA}},
        "reasoning": {"effort": "low"},
        "tools": [{"type": "function", **FUNCTION}],
    },
    "/embeddings": {"input": ["a", [1, 2]], "dimensions": 256},
    "/images/generations": {"prompt": "red", "size": "256x256", "n": 1},
    "/audio/speech": {"input": "Hello.", "voice": "alloy", "stream_format": "sse"},
    "/audio/transcriptions": {"file": "x"},
    "/moderations": {"input": ["a"]},
    "/files": {"file": "x", "purpose": "batch"},
    "/batches": {"input_file_id": "x", "endpoint": "/v1/embeddings", "completion_window": "24h"},
}


def spoilt(value: Any) -> Iterator[Any]:
    """Yield the value with junk in the place of each of its parts."""
    yield from JUNK
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from ({**value, key: junk} for junk in spoilt(inner))
    elif isinstance(value, list):
        for at, inner in enumerate(value):
            yield from ([*value[:at], junk, *value[at + 1 :]] for junk in spoilt(inner))


@pytest.mark.parametrize("path", BODIES)
@pytest.mark.parametrize("id", ["openai", "qwen"])
def test_whatever_is_sent_is_answered_or_refused(id: str, path: str) -> None:
    profile = find(id)
    kind = {"/embeddings": "embedding", "/images/generations": "image", "/audio/speech": "speech"}.get(path, "chat")
    model = PLAIN if (id, kind) == ("openai", "chat") else model_of(profile, kind)

    async def statuses() -> set[int]:
        transport = httpx.ASGITransport(application(profile))
        headers = {"authorization": "Bearer any"}
        url = f"http://emulator{prefix(profile)}{path}"
        async with httpx.AsyncClient(transport=transport, headers=headers) as http:
            return {(await http.post(url, json=body)).status_code for body in spoilt({"model": model, **BODIES[path]})}

    assert asyncio.run(statuses()) <= {200, 400, 404}
