"""Each wrong server of the table is caught by the probe meant for it; a right one by none.

The right server is the emulator of OpenAI's own profile. All wrong ones are served beside it, each under a path of its
own, and asked by the real runner over real sockets.
"""

from __future__ import annotations

import asyncio
import collections
import dataclasses
import json
import re
import socket
import threading
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import openai
import pytest
import uvicorn
from openai import OpenAI

from llm_codemods.profile import find
from llm_codemods.proof import Outcome
from llm_codemods.requirements import Requirement
from llm_migrate.live.emulator import HEADER, application, prefix
from llm_migrate.live.runner import check
from llm_migrate.live.sending import Limits
from llm_migrate.live.wire import Connection
from mutations import Answer, Mutation, mutations

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

OPENAI = find("openai")
# Models retire; what is right today should be so tomorrow.
PROFILE = dataclasses.replace(
    OPENAI, models={name: dataclasses.replace(row, retired=None) for name, row in OPENAI.models.items()}
)
CHAT, EMBEDDING = "gpt-4.1-mini", "text-embedding-3-small"
RIGHT = "right"


def need(feature: str, value: Any = None) -> Requirement:
    if feature.startswith("embeddings"):
        return Requirement(feature, EMBEDDING, 256, value=value)
    no_model = feature in ("models", "bad-key", "no-key", "unknown-model", "endpoint")
    return Requirement(feature, None if no_model else CHAT, value=value)


THINKING_OFF, THINKING = Requirement("thinking-off", "gpt-5.6-luna"), Requirement("thinking", "gpt-5.4")
TABLE = mutations(need, THINKING_OFF, THINKING, CHAT)
BY_NAME = {mutation.name: mutation for mutation in TABLE}


async def _read(receive: Receive) -> bytes:
    sent = bytearray()
    while True:
        message = await receive()
        sent += message.get("body", b"")
        if not message.get("more_body"):
            return bytes(sent)


def wrong_servers(right: ASGIApp) -> ASGIApp:
    """Serve the right application under ``/right``, and each mutation of it under its name."""
    counts: collections.Counter[str] = collections.Counter()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        name, _, path = scope["path"].removeprefix("/").partition("/")
        mutation = BY_NAME.get(name)
        raw = await _read(receive)
        try:
            body = json.loads(raw)
        except ValueError:
            body = None
        if (
            mutation is not None
            and isinstance(body, dict)
            and body.get("messages", []) == list(body.get("messages", []))
        ):
            raw = json.dumps(mutation.heeds(body)).encode()
        got: list[Message] = []

        asked = [{"type": "http.request", "body": raw}]

        async def ask() -> Message:
            if not asked:  # whoever asks again waits for the end of the connection
                await asyncio.Event().wait()
            return asked.pop()

        async def keep(message: Message) -> None:
            got.append(message)

        await right({**scope, "path": f"/{path}", "raw_path": f"/{path}".encode()}, ask, keep)
        answer = Answer(
            body if isinstance(body, dict) else {},
            counts[name],
            got[0]["status"],
            dict(got[0]["headers"])[b"content-type"].decode().partition(";")[0],
            b"".join(message.get("body", b"") for message in got[1:]),
        )
        counts[name] += 1
        headers = []
        if mutation is None:
            headers.append((HEADER.encode(), b"openai"))
        else:
            answer = mutation.answers(answer)
        await asyncio.sleep(answer.pause)
        headers.append((b"content-type", answer.type.encode()))
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        await send({"type": "http.response.body", "body": answer.body})

    return app


@pytest.fixture(scope="module")
def served() -> Iterator[str]:
    config = uvicorn.Config(
        wrong_servers(application(PROFILE)), log_level="critical", lifespan="off", ws="none", access_log=False
    )
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.01)
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        server.should_exit = True
        thread.join(10)


def connection(served: str, name: str) -> Connection:
    region = next(iter(PROFILE.regions))
    return Connection(PROFILE, region, f"{served}/{name}{prefix(PROFILE)}", "sk-good", CHAT, EMBEDDING)


def test_there_are_enough_ways_to_be_wrong_and_each_has_a_name() -> None:
    assert len(TABLE) >= 60
    assert len(BY_NAME) == len(TABLE)
    assert all(re.fullmatch(r"[\w-]+", name) for name in BY_NAME)
    assert {mutation.outcome for mutation in TABLE} == set(Outcome) - {Outcome.WORKS}


def test_a_right_server_raises_nothing(served: str) -> None:
    needs = list(dict.fromkeys(mutation.needs for mutation in TABLE))
    proofs = check(needs, connection(served, RIGHT)).proofs
    assert [(p.requirement, str(p.evidence)) for p in proofs if p.outcome is not Outcome.WORKS] == []


@pytest.mark.parametrize("mutation", TABLE, ids=lambda mutation: mutation.name)
def test_a_wrong_server_is_caught(served: str, mutation: Mutation) -> None:
    limits = Limits(read=5, total=5, retries=0)
    (proof,) = check([mutation.needs], connection(served, mutation.name), limits=limits).proofs
    assert proof.outcome is mutation.outcome, (mutation.name, str(proof.evidence))
    assert mutation.says in str(proof.evidence), (mutation.name, str(proof.evidence))


# --- what the judges say of the SDK, the SDK does ---------------------------------------------------------------------

ASK: Any = {"model": CHAT, "messages": [{"role": "user", "content": "What is the weather in Paris? Use the tool."}]}
TOOLS: Any = [
    {
        "type": "function",
        "function": {
            "name": "get_weather",
            "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
        },
    }
]


@pytest.fixture
def sdk(served: str) -> Iterator[Any]:
    clients: list[OpenAI] = []

    def client(name: str) -> OpenAI:
        clients.append(
            OpenAI(base_url=f"{served}/{name}{prefix(PROFILE)}", api_key="sk-good", max_retries=0, timeout=10)
        )
        return clients[-1]

    yield client
    for one in clients:
        one.close()


def streamed(client: OpenAI, **more: Any) -> Any:
    with client.chat.completions.stream(**ASK, **more) as stream:
        return stream.get_final_completion()


def test_the_sdk_doubles_an_id_that_is_repeated(sdk: Any) -> None:
    (call,) = streamed(sdk("tools-stream-id-repeated"), tools=TOOLS).choices[0].message.tool_calls
    assert call.id == "call_1call_1"


@pytest.mark.parametrize(
    ("name", "raised"), [("tools-stream-no-index", TypeError), ("tools-stream-index-from-1", IndexError)]
)
def test_the_sdk_falls_over_indexes(sdk: Any, name: str, raised: type[Exception]) -> None:
    with pytest.raises(raised):
        streamed(sdk(name), tools=TOOLS)


def test_the_sdk_joins_roles_to_one_word(sdk: Any) -> None:
    role = streamed(sdk("stream-role-in-every-delta")).choices[0].message.role
    assert role.startswith("assistantassistant")


def test_the_sdk_drops_chunks_of_another_object(sdk: Any) -> None:
    with pytest.raises(AssertionError):
        streamed(sdk("stream-object-wrong"))


@pytest.mark.parametrize("name", ["stream-lines-of-json", "stream-plain-json", "stream-empty"])
def test_the_sdk_takes_other_bodies_for_an_empty_stream(sdk: Any, name: str) -> None:
    assert list(sdk(name).chat.completions.create(**ASK, stream=True)) == []


@pytest.mark.parametrize(
    "name", ["stream-ping-without-data", "stream-retry-alone", "stream-comment-after-id", "stream-no-blank-lines"]
)
def test_the_sdk_raises_bare_errors_on_such_events(sdk: Any, name: str) -> None:
    with pytest.raises(json.JSONDecodeError):
        list(sdk(name).chat.completions.create(**ASK, stream=True))


def test_the_sdk_does_not_miss_the_end_of_a_stream(sdk: Any) -> None:
    whole = list(sdk(RIGHT).chat.completions.create(**ASK, stream=True))
    assert len(list(sdk("stream-no-done").chat.completions.create(**ASK, stream=True))) == len(whole)
    cut = list(sdk("stream-truncated").chat.completions.create(**ASK, stream=True))
    assert cut[-1].choices[0].finish_reason is None


def test_the_sdk_loses_usage_that_another_chunk_follows(sdk: Any) -> None:
    more: Any = {"stream_options": {"include_usage": True}}
    assert streamed(sdk(RIGHT), **more).usage is not None
    assert streamed(sdk("stream-usage-lost-behind"), **more).usage is None


@pytest.mark.parametrize("name", ["chat-choices-null", "chat-error-at-200", "chat-own-error-at-200"])
def test_the_sdk_raises_nothing_where_there_is_no_result(sdk: Any, name: str) -> None:
    assert sdk(name).chat.completions.create(**ASK).choices is None


def test_the_sdk_hands_out_a_page_as_text(sdk: Any) -> None:
    assert isinstance(sdk("chat-page-at-200").chat.completions.create(**ASK), str)


def test_the_sdk_reads_garbage_from_doubles(sdk: Any) -> None:
    def size(name: str) -> int:
        found = sdk(name).embeddings.create(model=EMBEDDING, input="one text", dimensions=256)
        return len(found.data[0].embedding)

    assert (size(RIGHT), size("embeddings-base64-doubles")) == (256, 512)


def test_the_sdk_raises_where_no_embeddings_come(sdk: Any) -> None:
    with pytest.raises(ValueError, match="No embedding data"):
        sdk("embeddings-empty").embeddings.create(model=EMBEDDING, input="one text")


def test_the_sdk_takes_other_lists_of_models_for_empty_ones(sdk: Any) -> None:
    assert list(sdk("models-key").models.list()) == []
    with pytest.raises(AttributeError):
        list(sdk("models-bare-list").models.list())


@pytest.mark.parametrize(
    ("name", "raised"),
    [
        ("bad-request-501", openai.InternalServerError),
        ("bad-request-404", openai.NotFoundError),
        ("bad-request-detail", openai.UnprocessableEntityError),
        ("bad-request-error-text", openai.BadRequestError),
    ],
)
def test_the_class_of_an_error_comes_from_its_status(sdk: Any, name: str, raised: type[openai.APIStatusError]) -> None:
    with pytest.raises(raised) as caught:
        sdk(name).chat.completions.create(model=CHAT, messages=[])
    assert (caught.value.code is None) == (name in ("bad-request-detail", "bad-request-error-text"))
