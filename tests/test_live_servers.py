"""The check against servers that nobody here wrote: its verdicts are those that are true of them.

Not part of ``make test``: ``make test-live`` installs the servers below ``build/live`` and runs this. Each verdict is
held against what is known of the server, and against a second way: what the OpenAI SDK sees or raises there.
"""

from __future__ import annotations

import base64
import contextlib
import datetime
import json
import math
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import httpx2
import openai
import pytest
from openai import OpenAI

import live_servers
from live_servers import DATA, KEY, Server
from llm_codemods.own_profile import load
from llm_codemods.proof import Outcome, Proof
from llm_codemods.requirements import Requirement
from llm_migrate.live import prompts
from llm_migrate.live.runner import check
from llm_migrate.live.sending import LIMITS, Limits
from llm_migrate.live.wire import Connection

pytestmark = pytest.mark.network

Proofs = Mapping[str, Mapping[str, Any]]
"""The proofs of a report by the names of their requirements."""
WORKS, IGNORED, DIFFERS, REFUSED, BROKEN, SKIPPED = "works", "ignored", "differs", "refused", "broken", "skipped"
MAYBE = "works skipped"
"""A small model does not always get far enough to prove it."""
ANY = str(DATA / "any.toml")


def checked(server: Server, folder: Path, *arguments: str) -> Proofs:
    """Run the command as a user would, in a folder of its own; return its proofs."""
    kept = {name: value for name, value in os.environ.items() if not name.upper().endswith("_PROXY")}
    command = [str(Path(sys.executable).with_name("llm-migrate")), "check", *arguments, "--to", ANY]
    command += ["--base-url", server.url, "--model", server.model, "--api-key-env", "LIVE_KEY", "--format", "json"]
    if server.embedding_model is not None:
        command += ["--embedding-model", server.embedding_model]
    environment = {**kept, "LIVE_KEY": KEY, "LLM_MIGRATE_LANG": "en"}
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder, env=environment)
    assert done.returncode == 1, done.stderr
    report = json.loads(done.stdout)
    found: dict[str, Mapping[str, Any]] = {}
    for proof in report["proofs"]:
        embeds = proof["feature"] == "model" and proof["model"] != server.model
        found["model of embeddings" if embeds else proof["name"]] = proof
    return found


# --- the second ways --------------------------------------------------------------------------------------------------

HELLO: list[Any] = [{"role": "user", "content": "Say hello in one short sentence."}]
QUESTION: list[Any] = [{"role": "user", "content": prompts.WEATHER_QUESTION}]
TOOLS: Any = [prompts.WEATHER]
BOTH: Any = [prompts.WEATHER, prompts.TIME]
CALL: Any = {"id": "call_1", "type": "function", "function": {"name": "get_weather", "arguments": '{"city": "Rome"}'}}
NO_MESSAGES: Any = {"messages": "no list", "max_tokens": 8}
RULE: Any = {"role": "system", "content": "You answer letters in a public library, and you are brief."}
LONG_RULE: Any = {"role": "system", "content": " ".join([RULE["content"]] * 4)}


class User:
    """Does by the SDK what code would do; each method says whether it got what it needs."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.client = OpenAI(
            base_url=server.url,
            api_key=KEY,
            max_retries=0,
            timeout=120,
            http_client=openai.DefaultHttpxClient(trust_env=False),
        )

    def __enter__(self) -> User:
        return self

    def __exit__(self, *_: object) -> None:
        self.client.close()

    def ask(self, messages: list[Any] = HELLO, **more: Any) -> Any:
        return self.client.chat.completions.create(
            **{"model": self.server.model, "messages": messages, "max_tokens": 64, **more}
        )

    def says(self, messages: list[Any] = HELLO, **more: Any) -> str:
        return self.ask(messages, **more).choices[0].message.content or ""

    def calls(self, tools: Any, messages: list[Any] = QUESTION, **more: Any) -> Sequence[Any]:
        return self.ask(messages, tools=tools, max_tokens=128, **more).choices[0].message.tool_calls or ()

    def reads(self, messages: list[Any], without: list[Any]) -> bool:
        counted = [self.ask(one, max_tokens=8).usage.prompt_tokens for one in (messages, without)]
        return bool(counted[0] > counted[1])

    def vectors(self, texts: list[str], **more: Any) -> list[list[float]]:
        model = self.server.embedding_model or ""
        made = self.client.embeddings.create(model=model, input=texts, encoding_format="float", **more)
        return [row.embedding for row in made.data]

    def raw(self, path: str, body: Any, key: str | None = KEY) -> httpx.Response:
        headers = {} if key is None else {"authorization": f"Bearer {key}"}
        return httpx.post(self.server.url + path, json=body, headers=headers, timeout=120, trust_env=False)


def chat(user: User) -> bool:
    return bool(user.says())


def usage(user: User) -> bool:
    found = user.ask().usage
    return bool(found.prompt_tokens + found.completion_tokens == found.total_tokens)


def stream(user: User) -> bool:
    choices = [chunk.choices[0] for chunk in user.ask(stream=True) if chunk.choices]
    said = "".join(choice.delta.content or "" for choice in choices)
    return bool(said) and any(choice.finish_reason for choice in choices)


def stream_usage(user: User) -> bool:
    *_, last = user.ask(stream=True, stream_options={"include_usage": True})
    return last.usage is not None and last.choices == []


def stream_timing(user: User) -> bool:
    started = time.monotonic()
    arrivals = [time.monotonic() - started for chunk in user.ask(stream=True) if chunk.choices]
    return arrivals[-1] < 1 or arrivals[-1] - arrivals[0] > min(0.5, 0.1 * arrivals[-1])


def cancel(user: User) -> bool:
    broken_off = user.ask(stream=True)
    next(iter(broken_off))
    broken_off.close()
    return chat(user)


def tools(user: User) -> bool:
    calls = user.calls(TOOLS)
    return bool(calls) and calls[0].function.name == "get_weather" and "city" in json.loads(calls[0].function.arguments)


def tools_stream(user: User) -> bool:
    with user.client.chat.completions.stream(
        model=user.server.model, messages=QUESTION, tools=TOOLS, max_tokens=128
    ) as made:
        message = made.get_final_completion().choices[0].message
    return bool(message.tool_calls and "city" in json.loads(message.tool_calls[0].function.arguments))


def forced_tool(user: User) -> bool:
    named = {"type": "function", "function": {"name": "get_time"}}
    calls = user.calls(BOTH, [{"role": "user", "content": "What is the weather in Paris?"}], tool_choice=named)
    return [call.function.name for call in calls[:1]] == ["get_time"]


def required_tool(user: User) -> bool:
    return bool(user.calls(BOTH, HELLO, tool_choice="required"))


def no_tool(user: User) -> bool:
    message = user.ask(QUESTION, tools=TOOLS, tool_choice="none", max_tokens=128).choices[0].message
    called = bool(user.calls(TOOLS))
    return called and not message.tool_calls and "tool_call>" not in (message.content or "")


def tool_loop(user: User) -> bool:
    first = user.ask(QUESTION, tools=TOOLS, max_tokens=128).choices[0].message
    called: Any = (
        first.model_dump(exclude_none=True) if first.tool_calls else {"role": "assistant", "tool_calls": [CALL]}
    )
    result = {"role": "tool", "tool_call_id": called["tool_calls"][0]["id"], "content": prompts.TOOL_RESULT}
    said = user.says([*QUESTION, called, result], tools=TOOLS)
    return bool(said) if first.tool_calls else any(word in said.lower() for word in prompts.RESULT_WORDS)


def strict_tools(user: User) -> bool:
    calls = user.calls([prompts.STRICT], [{"role": "user", "content": prompts.AGAINST_STRICT}])
    return bool(calls) and json.loads(calls[0].function.arguments)["color"] in ("red", "green")


def json_object(user: User) -> bool:
    asked: list[Any] = [{"role": "user", "content": "Answer with a JSON object that has the key city."}]
    with contextlib.suppress(ValueError):
        return isinstance(json.loads(user.says(asked, response_format={"type": "json_object"})), dict)
    return False


def json_schema(user: User) -> bool:
    wanted = {"type": "json_schema", "json_schema": {"name": "paint", "strict": True, "schema": prompts.SCHEMA}}
    with contextlib.suppress(ValueError):
        found = json.loads(user.says([{"role": "user", "content": prompts.AGAINST_SCHEMA}], response_format=wanted))
        return found["color"] in ("red", "green") and type(found["count"]) is int and len(found) == 2
    return False


def vision(user: User) -> bool:
    def colour(name: str) -> str:
        picture = {"type": "image_url", "image_url": {"url": prompts.picture_url(name)}}
        return user.says([{"role": "user", "content": [{"type": "text", "text": "Which colour is it?"}, picture]}])

    return all(name in colour(name).lower() for name in prompts.PICTURES)


def max_tokens(user: User) -> bool:
    made = user.ask([{"role": "user", "content": prompts.REPEAT}], max_tokens=5)
    return bool(made.usage.completion_tokens <= 5 and made.choices[0].finish_reason == "length")


def stop(user: User) -> bool:
    asked: list[Any] = [{"role": "user", "content": "Write two sentences about the sea."}]
    return "a" in user.says(asked) and "a" not in user.says(asked, stop=["a"])


def n(user: User) -> bool:
    return len(user.ask(n=2).choices) == 2


def seed(user: User) -> bool:
    asked: list[Any] = [{"role": "user", "content": prompts.RANDOM}]
    first, again, other = (user.says(asked, seed=number, temperature=1) for number in (5, 5, 6))
    return first == again != other


def logprobs(user: User) -> bool:
    found = user.ask(logprobs=True, top_logprobs=2).choices[0].logprobs
    return bool(found and found.content and found.content[0].top_logprobs)


def embeddings(user: User) -> bool:
    """The same text has the same vector, alone and in company, however often it is asked for."""

    def alike(one: list[float], other: list[float]) -> bool:
        lengths = math.hypot(*one) * math.hypot(*other)
        return sum(x * y for x, y in zip(one, other, strict=True)) / lengths > 0.99

    found = [user.vectors(texts) for texts in (prompts.TEXTS, prompts.TEXTS[:1], prompts.TEXTS[1:]) for _ in range(2)]
    normal = all(abs(math.hypot(*vector) - 1) < 0.01 for vectors in found for vector in vectors)
    first, second = found[0]
    return normal and all(alike(first, one[0]) for one in found[1:4]) and all(alike(second, o[-1]) for o in found[4:])


def has_size(size: int) -> Callable[[User], bool]:
    def found(user: User) -> bool:
        (vector,) = user.vectors(["one"], dimensions=size)
        return len(vector) == size and abs(math.hypot(*vector) - 1) < 0.01

    return found


def embeddings_base64(user: User) -> bool:
    body = {"model": user.server.embedding_model, "input": ["The cat sleeps."], "encoding_format": "base64"}
    answer = user.raw("/embeddings", body)
    if answer.status_code != 200:
        return False
    coded = answer.json()["data"][0]["embedding"]
    return isinstance(coded, str) and len(base64.b64decode(coded)) % 4 == 0


def models(user: User) -> bool:
    return bool([model.id for model in user.client.models.list()])


def bad_key(user: User) -> bool:
    with pytest.raises((openai.AuthenticationError, openai.PermissionDeniedError)):
        user.ask(extra_headers={"authorization": "Bearer sk-wrong"})
    return True


def no_key(user: User) -> bool:
    body = {"model": user.server.model, "messages": HELLO, "max_tokens": 8}
    return user.raw("/chat/completions", body, key=None).status_code in (401, 403)


def unknown_model(user: User) -> bool:
    with pytest.raises((openai.NotFoundError, openai.BadRequestError)):
        user.ask(model="no-such-model")
    return True


def bad_request(user: User) -> bool:
    with pytest.raises((openai.BadRequestError, openai.UnprocessableEntityError)):
        user.client.chat.completions.create(model=user.server.model, **NO_MESSAGES)
    return True


def route(path: str) -> Callable[[User], bool]:
    return lambda user: user.raw(path, {}).status_code not in (404, 405, 501)


def serves(call: Callable[[User], object]) -> Callable[[User], bool]:
    return lambda user: call(user) is not None


WAYS: Mapping[str, Callable[[User], bool]] = {
    "chat": chat,
    "usage": usage,
    # a template may put a rule of its own where there is none
    "role system": lambda user: user.reads([LONG_RULE, *HELLO], [RULE, *HELLO]),
    "content-parts": lambda user: user.reads(
        [{"role": "user", "content": [{"type": "text", "text": "Say hello."}] * 2}],
        [{"role": "user", "content": [{"type": "text", "text": "Say hello."}]}],
    ),
    "null-content": lambda user: user.reads(
        [
            *QUESTION,
            {"role": "assistant", "content": None, "tool_calls": [CALL]},
            {"role": "tool", "tool_call_id": "call_1", "content": prompts.TOOL_RESULT},
        ],
        QUESTION,
    ),
    "several-system-messages": lambda user: user.reads([RULE, RULE, *HELLO], [RULE, *HELLO]),
    "late-system-message": lambda user: user.reads([*HELLO, RULE, *HELLO], [*HELLO, *HELLO]),
    "stream": stream,
    "stream-usage": stream_usage,
    "stream-timing": stream_timing,
    "cancel": cancel,
    "tools": tools,
    "tools-stream": tools_stream,
    "forced-tool": forced_tool,
    "required-tool": required_tool,
    "no-tool": no_tool,
    "tool-loop": tool_loop,
    "strict-tools": strict_tools,
    "json-object": json_object,
    "json-schema": json_schema,
    "vision": vision,
    "thinking-off": lambda user: "<think>" not in user.says(),
    "max_tokens": max_tokens,
    "stop": stop,
    "n": n,
    "seed": seed,
    "logprobs": logprobs,
    "embeddings": embeddings,
    "embeddings-base64": embeddings_base64,
    "models": models,
    "model": chat,
    "model of embeddings": serves(lambda user: user.vectors(["one"])),
    "bad-key": bad_key,
    "no-key": no_key,
    "unknown-model": unknown_model,
    "bad-request": bad_request,
    "unknown-parameter": serves(lambda user: user.ask(extra_body={prompts.NO_PARAMETER: prompts.NONSENSE})),
    "endpoint responses": serves(
        lambda user: user.client.responses.create(model=user.server.model, input="Hello", max_output_tokens=16).output
    ),
    "endpoint completions": serves(
        lambda user: user.client.completions.create(model=user.server.model, prompt="One,", max_tokens=8).choices
    ),
    "endpoint files": serves(lambda user: user.client.files.list()),
    "endpoint batches": serves(lambda user: user.client.batches.list()),
    "endpoint images": route("/images/generations"),
    "endpoint moderations": serves(lambda user: user.client.moderations.create(input="Hello.")),
    "endpoint audio.speech": serves(
        lambda user: user.client.audio.speech.create(model="tts-1", input="Hello.", voice="alloy")
    ),
    "endpoint audio.transcriptions": route("/audio/transcriptions"),
    # As code/app.py sends them.
    "embeddings-batch 4": lambda user: len(user.vectors(["one", "two", "three", "four"])) == 4,
    "embeddings-dimensions 64": has_size(64),
    "embeddings-dimensions 1536": has_size(1536),
    "max_completion_tokens 32": lambda user: (
        user.ask([{"role": "user", "content": prompts.REPEAT}], max_tokens=openai.omit, max_completion_tokens=5)
        .choices[0]
        .finish_reason
        == "length"
    ),
    "temperature 0": lambda user: user.says(temperature=0, max_tokens=8) == user.says(temperature=0, max_tokens=8),
    "top_logprobs 2": logprobs,
    "user llm-migrate": lambda user: bool(user.says(user="someone")),
    "presence_penalty 0.5": lambda user: bool(user.says(presence_penalty=0.5)),
    "parallel-tools false": lambda user: len(user.calls(TOOLS, parallel_tool_calls=False)) == 1,
}
TRIES = 6
"""How often a model may be asked until it does what a verdict says."""


def holds(way: Callable[[User], bool], user: User) -> bool:
    try:
        return way(user)
    except (openai.OpenAIError, AssertionError, pytest.fail.Exception, ValueError, TypeError):
        return False


def unconfirmed(proofs: Proofs, server: Server, unsteady: Collection[str] = ()) -> Mapping[str, tuple[str, str]]:
    """Return verdicts that the second way contradicts: what works cannot be had, what does not cannot be missed."""
    with User(server) as user:
        return {
            name: (proof["outcome"], proof["evidence"])
            for name, proof in proofs.items()
            if proof["outcome"] != SKIPPED and name not in unsteady and not is_confirmed(name, proof["outcome"], user)
        }


def is_confirmed(name: str, outcome: str, user: User) -> bool:
    """Whether the SDK sees within some tries what the verdict says."""
    way = WAYS["chat" if name.startswith("request ") else name]
    return any(holds(way, user) is (outcome == WORKS) for _ in range(TRIES))


# --- what is known of the servers -------------------------------------------------------------------------------------

NO_FILES = dict.fromkeys(("endpoint files", "endpoint batches", "endpoint moderations"), REFUSED)
NO_SOUND = dict.fromkeys(("endpoint images", "endpoint audio.speech", "endpoint audio.transcriptions"), REFUSED)
NOT_SEEN = {"embeddings-dimensions": SKIPPED}
"""No size is known for the models of these servers."""
NO_CHECK_OF_KEYS = {"bad-key": DIFFERS, "no-key": DIFFERS}

# The engine takes a named tool for `auto`, leaves a call in the text where none may be called, and knows one model
# under every name. With its mean pooling a text gets another vector in company than alone, but not each time.
ENGINE = {
    **NO_FILES,
    **NO_SOUND,
    **NOT_SEEN,
    "embeddings-dimensions 64": IGNORED,
    "forced-tool": IGNORED,
    "no-tool": f"{MAYBE} {DIFFERS}",
    "vision": BROKEN,
    "unknown-model": IGNORED,
    "embeddings": f"{WORKS} {DIFFERS}",
    "embeddings-base64": MAYBE,
    **dict.fromkeys(("tool-loop", "json-object", "json-schema", "stop", "strict-tools"), MAYBE),
}
# With its own template the model gets no tools at all: 200 all the same.
WITHOUT_TOOLS = {
    **ENGINE,
    # it goes on to talk, to the end of its tokens or not
    **dict.fromkeys(("tools", "tools-stream", "forced-tool", "strict-tools"), f"{IGNORED} {SKIPPED}"),
    "required-tool": f"{WORKS} {IGNORED} {SKIPPED}",
    "no-tool": SKIPPED,
    "tool-loop": f"{WORKS} {SKIPPED}",  # the template does write the result of a call that was made up
}
PROXY = {
    **ENGINE,
    "stream-usage": DIFFERS,
    "unknown-model": WORKS,
    "bad-key": DIFFERS,
    "no-key": BROKEN,
    "endpoint batches": BROKEN,
    "endpoint moderations": BROKEN,
    "endpoint images": WORKS,
    "endpoint audio.transcriptions": WORKS,
}
SIMULATOR = {
    **NO_FILES,
    **NO_SOUND,
    **NOT_SEEN,
    "endpoint responses": REFUSED,
    **dict.fromkeys(("tools", "tools-stream", "strict-tools"), f"{WORKS} {IGNORED}"),  # at random
    "no-tool": MAYBE,
    "tool-loop": MAYBE,
    "vision": IGNORED,
    **dict.fromkeys(("max_tokens", "max_completion_tokens 32"), f"{MAYBE} {DIFFERS}"),  # a length and an end at random
    "stop": f"{WORKS} {SKIPPED}",
    "seed": IGNORED,
    "embeddings": DIFFERS,
    "embeddings-base64": SKIPPED,
    "embeddings-dimensions 64": IGNORED,
    "temperature 0": f"{WORKS} {IGNORED}",
    "parallel-tools false": f"{WORKS} {IGNORED}",
    "unknown-model": IGNORED,
}
MOCK = {
    **NO_CHECK_OF_KEYS,
    "vision": IGNORED,
    "max_tokens": IGNORED,
    "stop": IGNORED,
    "seed": IGNORED,
    "logprobs": IGNORED,
    "embeddings": DIFFERS,
    "embeddings-base64": IGNORED,
    "embeddings-dimensions 1536": DIFFERS,
    "unknown-model": IGNORED,
    **dict.fromkeys(map("endpoint {}".format, ("files", "completions", "moderations")), REFUSED),
    **dict.fromkeys(map("endpoint {}".format, ("audio.speech", "audio.transcriptions")), REFUSED),
}
HONEST = {
    *("chat", "usage", "model", "stream", "stream-timing", "cancel", "thinking-off", "unknown-parameter", "seed"),
    *("role system", "content-parts", "null-content", "several-system-messages", "late-system-message"),
}
"""What one who says 200 to everything does as well: it answers, whole and in pieces, counts all that it is sent, and
makes its answer of a digest of it, seed included."""


@contextlib.contextmanager
def proxied() -> Iterator[Server]:
    with live_servers.llama("tools.jinja") as engine, live_servers.litellm(engine) as proxy:
        yield proxy


@dataclass(frozen=True)
class Case:
    """How to start a server, what is known of it, and whether it is asked for what code sends, too."""

    start: Callable[[], contextlib.AbstractContextManager[Server]]
    known: Mapping[str, str]
    code: bool = False
    unsteady: frozenset[str] = frozenset()
    """What hangs on chance, or on what else is under way there, so that a second way may see the other side."""


ALONE_OR_NOT = frozenset({"embeddings"})
AT_RANDOM = frozenset({"tool-loop"})
"""A tool may be called or not, and an answer without a call may have a word of the result in it or not."""
BY_CHANCE = frozenset(name for name, known in SIMULATOR.items() if len(known.split()) > 1)
"""What the simulator does or not by chance: to call a tool, to cut a text, to say so."""
CASES = {
    "engine": Case(lambda: live_servers.llama("tools.jinja"), ENGINE, code=True, unsteady=ALONE_OR_NOT),
    "engine-without-tools": Case(live_servers.llama, WITHOUT_TOOLS, unsteady=ALONE_OR_NOT | AT_RANDOM),
    "proxy": Case(proxied, PROXY, unsteady=ALONE_OR_NOT),
    "simulator": Case(live_servers.xpyd, SIMULATOR, code=True, unsteady=BY_CHANCE),
    "mock": Case(live_servers.llmock, MOCK),
}


@dataclass(frozen=True)
class Asked:
    """A server that runs, what is known of it, and what the check says."""

    server: Server
    case: Case
    proofs: Proofs


@pytest.fixture(scope="module", params=CASES)
def asked(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asked]:
    case, folder = CASES[request.param], tmp_path_factory.mktemp("code")
    with case.start() as server:
        proofs = dict(checked(server, folder))
        if case.code:
            shutil.copy(DATA / "app.py", folder)
            proofs = {**checked(server, folder, "app.py"), **proofs}
        yield Asked(server, case, proofs)


def test_every_verdict_is_true_of_the_server(asked: Asked) -> None:
    wrong = {
        name: (proof["outcome"], proof["evidence"])
        for name, proof in asked.proofs.items()
        if proof["outcome"] not in asked.case.known.get(name, WORKS).split()
    }
    assert wrong == {}
    assert asked.case.known.keys() - asked.proofs.keys() <= {"embeddings-dimensions 64"}


def test_every_verdict_is_confirmed_by_the_sdk(asked: Asked) -> None:
    assert unconfirmed(asked.proofs, asked.server, asked.case.unsteady) == {}


def test_the_engine_gives_a_text_another_vector_alone_than_in_company() -> None:
    """So the check says that it differs, or that it works where its requests happened to keep each other company."""
    with live_servers.llama() as server, User(server) as user:
        assert not embeddings(user)


def test_a_liar_is_believed_in_nothing_but_that_it_answers(tmp_path: Path) -> None:
    with live_servers.fakellm() as liar:
        proofs = checked(liar, tmp_path)
        assert {name for name, proof in proofs.items() if proof["outcome"] == WORKS} <= HONEST
        assert unconfirmed(proofs, liar) == {}


# --- a server that breaks as it is told, and judges its client --------------------------------------------------------


@pytest.fixture(scope="module")
def breaking() -> Iterator[Server]:
    with live_servers.llmock() as server:
        yield server


def told_to(server: Server, **behaviour: Any) -> None:
    httpx.post(f"{server.root}/_llmock/reset", trust_env=False).raise_for_status()
    scenario = {"behaviors": [behaviour]}
    httpx.post(f"{server.root}/_llmock/scenario", json=scenario, trust_env=False).raise_for_status()


def judged_by(server: Server) -> str:
    return httpx.get(f"{server.root}/_llmock/verdict?format=text", trust_env=False).text


def proof_of(server: Server, feature: str, limits: Limits = LIMITS) -> Proof:
    profile = load(ANY, lambda path: Path(path).read_text("utf-8"), datetime.date(2026, 1, 1))
    to = Connection(profile, "local", server.url, KEY, server.model)
    return check([Requirement(feature)], to, limits=limits).proofs[0]


@pytest.mark.parametrize(("status", "wait"), [(429, 1), (500, None), (503, 2)])
def test_what_passes_is_waited_for_as_the_server_says(breaking: Server, status: int, wait: int | None) -> None:
    told_to(breaking, type="fail", status=status, times=2, **({} if wait is None else {"retry_after": wait}))
    started = time.monotonic()
    assert proof_of(breaking, "chat").outcome is Outcome.WORKS
    assert time.monotonic() - started >= 2 * (wait or 0)
    assert "PASS" in judged_by(breaking)
    assert "3 attempt(s), 2 fault(s)" in judged_by(breaking)


def test_what_does_not_pass_is_given_up(breaking: Server) -> None:
    told_to(breaking, type="fail", status=500, times=None)
    assert proof_of(breaking, "chat").outcome is Outcome.BROKEN
    assert "3 attempt(s), 3 fault(s)" in judged_by(breaking)
    with User(breaking) as user, pytest.raises(openai.InternalServerError):
        user.ask()


def test_a_wrong_request_is_not_repeated(breaking: Server) -> None:
    told_to(breaking, type="fail", status=400, times=None)
    assert proof_of(breaking, "chat").outcome is Outcome.REFUSED
    assert "1 attempt(s)" in judged_by(breaking)
    with User(breaking) as user, pytest.raises(openai.BadRequestError):
        user.ask()


@pytest.mark.parametrize(
    ("kind", "outcome", "says"),
    [
        ("disconnect", Outcome.BROKEN, "broke within the answer"),
        ("truncate", Outcome.DIFFERS, "no finish_reason"),
        ("malformed", Outcome.BROKEN, "JSONDecodeError"),
        ("stall", Outcome.BROKEN, "nothing came for 1 s"),
    ],
)
def test_broken_streams_are_seen(breaking: Server, kind: str, outcome: Outcome, says: str) -> None:
    stalls = {"stall_seconds": 3} if kind == "stall" else {}
    told_to(breaking, type="stream_fault", kind=kind, after_chunks=2, times=9, **stalls)
    proof = proof_of(breaking, "stream", Limits(read=1.0))
    assert (proof.outcome, says in str(proof.evidence)) == (outcome, True), str(proof.evidence)
    with User(breaking) as user:
        if kind == "truncate":  # nothing is raised, and half of the text is there
            assert not stream(user)
            return
        wanted = json.JSONDecodeError if kind == "malformed" else (openai.APIError, httpx2.TransportError)
        with pytest.raises(wanted):
            list(user.ask(stream=True, timeout=1))


def test_a_stream_that_begins_late_is_waited_for(breaking: Server) -> None:
    told_to(breaking, type="slow_first_token", seconds=2, times=1)
    proof = proof_of(breaking, "stream")
    assert proof.outcome is Outcome.WORKS
    assert proof.seconds >= 2
    assert "PASS" in judged_by(breaking)
