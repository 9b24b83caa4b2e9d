"""What every judge looks at first: whether there is a usable answer at all, and what its parts are.

A function here returns what it was asked for or raises ``Conclusion``: then the judgement is known. ``judging`` turns
that back into a plain result, so a judge reads from top to bottom.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from llm_codemods.profile import bundled, bundled_profile
from llm_codemods.proof import Outcome
from llm_codemods.requirements import Requirement
from llm_codemods.text import Text, text
from llm_migrate.live.wire import Response

Judgement = tuple[Outcome, Text]
Judge = Callable[[Requirement, Sequence[Response]], Judgement]
F = TypeVar("F", bound=Judge)

FINISH = ("stop", "length", "tool_calls", "content_filter", "function_call")
LONGEST_RETRY_AFTER = 120
"""Seconds; the SDK does not retry where it is told to wait longer."""


class Conclusion(Exception):  # noqa: N818 - no error, the judgement is known
    """The judgement is known before the end."""

    def __init__(self, outcome: Outcome, evidence: Text) -> None:
        """Keep the judgement."""
        super().__init__(outcome)
        self.judgement: Judgement = (outcome, evidence)


def judging(judge: Judge) -> Judge:
    """Return the judge with ``Conclusion`` caught; without any response nothing is proven."""

    @functools.wraps(judge)
    def judged(requirement: Requirement, responses: Sequence[Response]) -> Judgement:
        if not responses:
            return Outcome.SKIPPED, text("not proven: nothing could be asked")
        try:
            return judge(requirement, responses)
        except Conclusion as known:
            return known.judgement

    return judged


def also(texts: Sequence[Text]) -> Text:
    """Join statements into one."""
    whole = texts[0]
    for more in texts[1:]:
        whole = text("{first}; {second}", first=whole, second=more)
    return whole


def verdict(wrong: Sequence[Text], right: Text) -> Judgement:
    """Return ``differs`` with all that is wrong, or ``works``."""
    return (Outcome.DIFFERS, also(wrong)) if wrong else (Outcome.WORKS, right)


def clip(value: object, size: int = 160) -> str:
    """Return a value as one printable line of at most ``size`` characters."""
    line = " ".join("".join(c if c.isprintable() else " " for c in str(value)).split())
    return line if len(line) <= size else line[: size - 1] + "…"


def decoded(source: str | bytes) -> Any:
    """Return JSON decoded.

    Raises:
        ValueError: no JSON text, or one nested deeper than the decoder goes.
    """
    try:
        return json.loads(source)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


# --- errors -----------------------------------------------------------------------------------------------------------


def error_of(response: Response) -> tuple[str, str]:
    """Return code and message of an error body as the SDK finds them: in ``error``, else at the top level."""
    try:
        body = decoded(response.body)
    except ValueError:
        return "", clip(response.body.decode("utf-8", "replace"))
    inner = body.get("error", body) if isinstance(body, dict) else body
    if not isinstance(inner, dict):
        return "", clip(inner)
    code, message = inner.get("code") or inner.get("type") or "", inner.get("message") or inner.get("detail") or ""
    return clip(code, 60), clip(message or json.dumps(inner, ensure_ascii=False, default=str))


def said(response: Response) -> Text:
    """Return status, code and message of an answer."""
    code, message = error_of(response)
    if code:
        return text("{status} {code}: {message}", status=response.status, code=code, message=message)
    return text("{status}: {message}", status=response.status, message=message)


@functools.cache
def _blocks() -> frozenset[tuple[int, str]]:
    """Return status and code by which the profiles say that a content filter has blocked a request, as far as the code
    means nothing else there."""
    found: set[tuple[int, str]] = set()
    for id in bundled():
        shapes = {
            kind: (row.status, error_of(Response(row.status, json.dumps(dict(row.body)).encode()))[0])
            for kind, row in bundled_profile(id).errors.items()
        }
        block = shapes.pop("content-blocked", None)
        if block is not None and block[1] and block not in shapes.values():
            found.add(block)
    return frozenset(found)


def check_usable(response: Response) -> None:
    """Conclude where no JSON of interest can be in the answer: cut off, redirected, a web page."""
    if response.cut:
        raise Conclusion(
            Outcome.BROKEN, text("the answer is longer than {size} bytes; not read to its end", size=len(response.body))
        )
    if 300 <= response.status < 400:
        where = clip(response.headers.get("location", "?"))
        raise Conclusion(
            Outcome.BROKEN, text("redirects to {where}; not followed, the key was not sent there", where=where)
        )
    if response.is_html:
        raise Conclusion(
            Outcome.BROKEN,
            text(
                "{status} with a web page instead of JSON; the base URL may lack its path (such as /v1)",
                status=response.status,
            ),
        )


def check_limits(response: Response) -> None:
    """Conclude where the answer says nothing of the request: the rate is limited, the server fails."""
    if response.status == 429:
        if _retry_after(response) > LONGEST_RETRY_AFTER:
            raise Conclusion(
                Outcome.SKIPPED,
                text(
                    "not proven, the endpoint limits the rate for {seconds} s, which the SDK does not wait: {said}",
                    seconds=response.headers["retry-after"],
                    said=said(response),
                ),
            )
        raise Conclusion(Outcome.SKIPPED, text("not proven, the endpoint limits the rate: {said}", said=said(response)))
    if response.status >= 500 and response.status != 501:
        raise Conclusion(Outcome.BROKEN, text("server error {said}", said=said(response)))


def _retry_after(response: Response) -> float:
    try:
        return float(response.headers.get("retry-after", "0"))
    except ValueError:  # a date
        return 0.0


def check_success(response: Response) -> None:
    """Conclude where the answer is no 2xx."""
    check_usable(response)
    if 200 <= response.status < 300:
        return
    if (response.status, error_of(response)[0]) in _blocks():
        raise Conclusion(
            Outcome.SKIPPED, text("not proven, the provider's filter blocked the request: {said}", said=said(response))
        )
    check_limits(response)
    raise Conclusion(Outcome.REFUSED, said(response))


def is_refusal(response: Response) -> bool:
    """Whether the endpoint understood the request and declined it."""
    return 400 <= response.status < 500 and response.status not in (401, 403, 408, 429) and not response.is_html


# --- bodies -----------------------------------------------------------------------------------------------------------


def body_of(response: Response) -> dict[str, Any]:
    """Return the JSON object of a success."""
    check_success(response)
    try:
        body = decoded(response.body)
    except ValueError:
        if not response.body.strip():
            raise Conclusion(Outcome.BROKEN, text("{status} with nothing in it", status=response.status)) from None
        raise Conclusion(
            Outcome.BROKEN,
            text(
                "{status}, but no JSON: {start}",
                status=response.status,
                start=clip(response.body[:80].decode("utf-8", "replace")),
            ),
        ) from None
    if not isinstance(body, dict):
        raise Conclusion(Outcome.BROKEN, text("{status}, but the body is no JSON object", status=response.status))
    return body


def result_of(response: Response) -> dict[str, Any]:
    """Return the body of a success that has ``choices`` or ``data`` in it."""
    body = body_of(response)
    if body.get("error") or (body.get("choices") is None and body.get("data") is None):
        code, message = error_of(response)
        raise Conclusion(
            Outcome.BROKEN,
            text(
                "{status} with no result in it ({code} {message}); the SDK raises nothing and the caller gets None",
                status=response.status,
                code=code,
                message=message,
            ),
        )
    return body


def choices_of(response: Response) -> list[dict[str, Any]]:
    """Return the choices of a chat completion, each with a message."""
    choices = result_of(response).get("choices")
    if not isinstance(choices, list) or not choices or not all(isinstance(choice, dict) for choice in choices):
        raise Conclusion(
            Outcome.BROKEN,
            text("{status}, but choices is not a list with something in it", status=response.status),
        )
    for place, choice in enumerate(choices):
        if not isinstance(choice.get("message"), dict):
            raise Conclusion(
                Outcome.BROKEN,
                text("choices[{place}] has no message; the SDK hands None to the caller", place=place),
            )
    return choices


def message_of(response: Response) -> tuple[dict[str, Any], str | None, list[Text]]:
    """Return message, finish_reason and deviations of a chat completion."""
    choice, body = choices_of(response)[0], decoded(response.body)
    message: dict[str, Any] = choice["message"]
    finish = choice.get("finish_reason")
    wrong = [
        text("{field} is {found}", field=field, found=clip(repr(found), 60))
        for field, found, right in (
            ("id", body.get("id"), isinstance(body.get("id"), str)),
            ("object", body.get("object"), body.get("object") == "chat.completion"),
            ("created", body.get("created"), is_time(body.get("created"))),
            ("model", body.get("model"), isinstance(body.get("model"), str)),
            ("choices[0].index", choice.get("index"), choice.get("index") == 0),
            ("message.role", message.get("role"), message.get("role") == "assistant"),
            ("finish_reason", finish, finish in FINISH),
        )
        if not right
    ]
    return message, finish if isinstance(finish, str) else None, wrong


def is_time(value: object) -> bool:
    """Whether a value is whole seconds since 1970; milliseconds are not."""
    return type(value) is int and value < 10_000_000_000


def content_of(message: Mapping[str, Any]) -> str:
    """Return the text of a message, empty where there is none."""
    content = message.get("content")
    return content if isinstance(content, str) else ""


def reasoning_of(message: Mapping[str, Any]) -> str:
    """Return the thoughts that stand beside the text of a message or a delta."""
    found = message.get("reasoning_content") or message.get("reasoning")
    return found if isinstance(found, str) else ""


def spoken(response: Response) -> tuple[str, str | None, list[Text]]:
    """Return the text of a chat completion, its finish_reason and deviations; conclude where there is no text."""
    message, finish, wrong = message_of(response)
    content = message.get("content")
    if not isinstance(content, str) or not content:
        if finish == "length" and reasoning_of(message):
            raise Conclusion(Outcome.SKIPPED, text("not proven, content is empty: reasoning took all tokens"))
        raise Conclusion(Outcome.DIFFERS, text("content is {found}", found=clip(repr(content), 60)))
    return content, finish, wrong


# --- usage ------------------------------------------------------------------------------------------------------------


def usage_of(response: Response) -> Mapping[str, Any]:
    """Return the usage of an answer; empty where there is none with whole token counts."""
    usage = result_of(response).get("usage")
    return _mapping(usage) if counts(usage) else {}


def counts(usage: object) -> bool:
    """Whether a value has the token counts that OpenAI's usage has."""
    return isinstance(usage, dict) and all(
        type(usage.get(key)) is int for key in ("prompt_tokens", "completion_tokens", "total_tokens")
    )


def thoughts(usage: Mapping[str, Any]) -> int | None:
    """Return how many of the completion's tokens were thoughts; None where the endpoint does not say."""
    stated = _mapping(usage.get("completion_tokens_details")).get("reasoning_tokens")
    return stated if type(stated) is int else None


def usage_deviations(usage: object) -> list[Text]:
    """Return what is wrong with the usage of an answer that has text."""
    if not isinstance(usage, dict) or not counts(usage):
        return [text("usage has no whole token counts")]
    prompt, completion, total = usage["prompt_tokens"], usage["completion_tokens"], usage["total_tokens"]
    wrong: list[Text] = []
    if prompt < 1 or completion < 1:
        wrong.append(text("usage counts {prompt} and {completion} tokens", prompt=prompt, completion=completion))
    # Some count thoughts beside the completion, not within it.
    if total not in (prompt + completion, prompt + completion + (thoughts(usage) or 0)):
        wrong.append(
            text(
                "usage does not add up: {prompt} + {completion} is not {total}",
                prompt=prompt,
                completion=completion,
                total=total,
            )
        )
    return wrong


def quoted(texts: Iterable[object]) -> str:
    """Return texts, clipped and quoted, for the evidence."""
    return ", ".join(repr(clip(one, 40)) for one in texts)
