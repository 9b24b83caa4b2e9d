"""Completions of a text, as they were before chat."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping
from typing import Any

from llm_codemods.profile import Profile
from llm_migrate.live.emulation.acceptance import check_length, find_model, honoured
from llm_migrate.live.emulation.chat import CREATED, DONE, event, stops
from llm_migrate.live.emulation.refusal import refusal
from llm_migrate.live.emulation.reply import Reply, Task, digest, logprobs, replies, spoken, tokens

_USUAL = 16
"""Most tokens where the request does not say."""


def completion(profile: Profile, body: Mapping[str, Any], today: datetime.date | None = None) -> Mapping[str, Any]:
    """Answer a request for the completion of a text that does not stream.

    Raises:
        RefusalError: what the provider would answer instead.
    """
    asked, prompts, told = _completed(profile, body, today)
    each = len(told) // len(prompts)
    return {
        **_head(asked),
        "choices": [
            {"index": i, "text": _text(asked, prompts[i // each], reply), "logprobs": _logprobs(asked, reply)}
            | {"finish_reason": reply.finish}
            for i, reply in enumerate(told)
        ],
        "usage": _usage(prompts, told),
    }


def completion_stream(profile: Profile, body: Mapping[str, Any], today: datetime.date | None = None) -> Iterator[str]:
    """Return the server-sent events of a streamed completion of a text.

    Raises:
        RefusalError: what the provider would answer instead, raised by the call and not by the iterator.
    """
    asked, prompts, told = _completed(profile, body, today)
    each = len(told) // len(prompts)

    def events() -> Iterator[str]:
        head = _head(asked)
        for i, reply in enumerate(told):
            for piece in tokens(_text(asked, prompts[i // each], reply)):
                choice = {"index": i, "text": piece, "logprobs": None, "finish_reason": None}
                yield event({**head, "choices": [choice]})
            end = {"index": i, "text": "", "logprobs": None, "finish_reason": reply.finish}
            yield event({**head, "choices": [end]})
        if (asked.get("stream_options") or {}).get("include_usage"):
            yield event({**head, "choices": [], "usage": _usage(prompts, told)})
        yield DONE

    return events()


def _completed(
    profile: Profile, body: Mapping[str, Any], today: datetime.date | None
) -> tuple[dict[str, Any], list[str], tuple[Reply, ...]]:
    """Return what was asked, the prompts, and the replies, ``n`` for each prompt."""
    model = find_model(profile, "completions", body.get("model"), today)
    asked = honoured(profile, "completions", body)
    given = asked.get("prompt", "")
    listed = given if isinstance(given, list) and not all(type(item) is int for item in given) else [given]
    if not all(isinstance(prompt, (str, list)) for prompt in listed):
        raise refusal(profile, "bad-parameter", parameter="prompt")
    prompts = [prompt if isinstance(prompt, str) else f"{len(prompt)} tokens" for prompt in listed]
    check_length(profile, model, sum(len(tokens(prompt)) for prompt in prompts))
    told: list[Reply] = []
    for prompt in prompts:
        task = Task(
            digest=digest(asked),
            words=prompt,
            stops=stops(profile, asked),
            limit=asked.get("max_tokens", _USUAL),
            seed=asked.get("seed"),
        )
        told += replies(profile, task, asked.get("n", 1))
    return asked, prompts, tuple(told)


def _text(asked: Mapping[str, Any], prompt: str, reply: Reply) -> str:
    return (prompt if asked.get("echo") is True else "") + (reply.content or "")


def _head(asked: Mapping[str, Any]) -> dict[str, Any]:
    identity = f"cmpl-{digest(asked)[:24]}"
    return {"id": identity, "object": "text_completion", "created": CREATED, "model": asked["model"]}


def _usage(prompts: list[str], told: tuple[Reply, ...]) -> dict[str, int]:
    prompt, answer = sum(len(tokens(text)) for text in prompts), sum(map(spoken, told))
    return {"prompt_tokens": prompt, "completion_tokens": answer, "total_tokens": prompt + answer}


def _logprobs(asked: Mapping[str, Any], reply: Reply) -> dict[str, Any] | None:
    if "logprobs" not in asked:
        return None
    entries = logprobs(reply.content or "", asked["logprobs"])
    ends = [sum(len(e["token"]) for e in entries[:i]) for i in range(len(entries))]
    return {
        "tokens": [e["token"] for e in entries],
        "token_logprobs": [e["logprob"] for e in entries],
        "top_logprobs": [{o["token"]: o["logprob"] for o in e["top_logprobs"]} for e in entries],
        "text_offset": ends,
    }
