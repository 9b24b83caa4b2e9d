"""Judges of whole chat answers: their shape, their usage, roles and kinds of content, thoughts, models."""

from __future__ import annotations

from collections.abc import Sequence

from llm_codemods.proof import Outcome
from llm_codemods.requirements import Requirement
from llm_codemods.text import Text, text
from llm_migrate.live.judges.answers import (
    Conclusion,
    Judgement,
    check_success,
    choices_of,
    clip,
    content_of,
    decoded,
    is_refusal,
    judging,
    message_of,
    reasoning_of,
    result_of,
    said,
    spoken,
    thoughts,
    usage_deviations,
    usage_of,
    verdict,
)
from llm_migrate.live.prompts import COLOURS, PICTURES
from llm_migrate.live.wire import Response


@judging
def judge_chat(_: Requirement, responses: Sequence[Response]) -> Judgement:
    """One plain answer with text, a known finish_reason and token counts."""
    message, finish, wrong = message_of(responses[0])
    content = message.get("content")
    if not isinstance(content, str):
        wrong.append(text("content is {found}", found=clip(repr(content), 60)))
    elif not content:
        wrong.append(
            text("content is empty: reasoning took all tokens")
            if finish == "length" or reasoning_of(message)
            else text("content is empty")
        )
    elif "<think>" in content:
        wrong.append(text("the reasoning stands in content"))
    if not usage_of(responses[0]):
        wrong.append(text("usage has no whole token counts"))
    return verdict(wrong, text("answers with finish_reason {finish}", finish=finish))


@judging
def judge_usage(_: Requirement, responses: Sequence[Response]) -> Judgement:
    """Token counts that add up and grow with the prompt: the second one holds the first and more."""
    choices_of(responses[0])
    if wrong := usage_deviations(result_of(responses[0]).get("usage")):
        return verdict(wrong, wrong[0])
    short, long = usage_of(responses[0]), usage_of(responses[1])
    if not long:
        return Outcome.DIFFERS, text("usage has no whole token counts")
    if long["prompt_tokens"] <= short["prompt_tokens"]:
        return Outcome.DIFFERS, text(
            "a longer prompt is counted as {longer} tokens, a shorter one as {shorter}",
            longer=long["prompt_tokens"],
            shorter=short["prompt_tokens"],
        )
    return Outcome.WORKS, text(
        "{prompt} + {completion} = {total} tokens",
        prompt=short["prompt_tokens"],
        completion=short["completion_tokens"],
        total=short["total_tokens"],
    )


@judging
def judge_reaching(_: Requirement, responses: Sequence[Response]) -> Judgement:
    """What the first request has beyond the second is taken and reaches the model: its prompt has more tokens."""
    message, _finish, wrong = message_of(responses[0])
    if not content_of(message) and not message.get("tool_calls"):
        wrong.append(text("content is {found}", found=clip(repr(message.get("content")), 60)))
    if wrong:
        return verdict(wrong, wrong[0])
    counted, without = usage_of(responses[0]), usage_of(responses[1])
    if not counted or not without:
        return Outcome.SKIPPED, text("not proven: accepted, but no usage shows whether it reaches the model")
    more = counted["prompt_tokens"] - without["prompt_tokens"]
    if more <= 0:
        return Outcome.IGNORED, text("does not reach the model: the prompt has as many tokens without it")
    return Outcome.WORKS, text("accepted; the prompt has {count:token|tokens} more than without it", count=more)


@judging
def judge_vision(_: Requirement, responses: Sequence[Response]) -> Judgement:
    """Each picture's colour is named. Whoever does not see gives both the same answer, or one of each."""
    found = [spoken(response) for response in responses]
    for (content, _finish, wrong), right in zip(found, PICTURES, strict=True):
        named = [colour for colour in COLOURS if colour in content.lower()]
        if right not in named or set(named) & (set(PICTURES) - {right}):
            return Outcome.IGNORED, text(
                "the picture is not seen: a {colour} one is answered with {content}",
                colour=right,
                content=clip(content, 80),
            )
        if wrong:
            return verdict(wrong, wrong[0])
    return Outcome.WORKS, text("names the colours of two pictures: {colours}", colours=", ".join(PICTURES))


@judging
def judge_thinking_off(_: Requirement, responses: Sequence[Response]) -> Judgement:
    """No thoughts, neither beside the text nor in it, nor counted."""
    message, _finish, wrong = message_of(responses[0])
    content = content_of(message)
    count = thoughts(usage_of(responses[0]))
    if reasoning_of(message) or "<think>" in content or count:
        return Outcome.IGNORED, text("thinks although told not to")
    if not content:
        wrong.append(text("content is {found}", found=clip(repr(message.get("content")), 60)))
    return verdict(wrong, text("answers without thoughts"))


@judging
def judge_thinking(_: Requirement, responses: Sequence[Response]) -> Judgement:
    """Thoughts come, and apart from the text."""
    message, finish, wrong = message_of(responses[0])
    content = content_of(message)
    if "<think>" in content or "</think>" in content:
        return Outcome.DIFFERS, text("the reasoning stands in content")
    if not reasoning_of(message):
        if thoughts(usage_of(responses[0])):
            return Outcome.DIFFERS, text("thoughts are counted, but not shown")
        return Outcome.IGNORED, text("does not think although told to")
    if not content:
        wrong.append(
            text("content is empty: reasoning took all tokens") if finish == "length" else text("content is empty")
        )
    return verdict(wrong, text("thoughts come in reasoning_content, apart from the text"))


@judging
def judge_model(_: Requirement, responses: Sequence[Response]) -> Judgement:
    """Whether a model is served at all, by chat or by embeddings."""
    body = result_of(responses[0])
    if isinstance(body.get("choices"), list) or isinstance(body.get("data"), list):
        return Outcome.WORKS, text("served as {model}", model=clip(body.get("model"), 80))
    return Outcome.BROKEN, text("{status}, but neither choices nor data is a list", status=responses[0].status)


@judging
def judge_models(_: Requirement, responses: Sequence[Response]) -> Judgement:
    """``models.list()`` reads ``data`` only: another key means an empty list, a bare list AttributeError.

    Some lists have no page for a single model; that is said, and no failure: hardly any code asks for one.
    """
    check_success(responses[0])
    try:
        body = decoded(responses[0].body)
    except ValueError:
        return Outcome.BROKEN, text("{status}, but no JSON", status=responses[0].status)
    if isinstance(body, list):
        return Outcome.DIFFERS, text("a bare list: the SDK raises AttributeError")
    data = body.get("data") if isinstance(body, dict) else None
    if not isinstance(data, list) or not data:
        return Outcome.DIFFERS, text("no data: the SDK takes it for an empty list")
    if not all(isinstance(row, dict) and isinstance(row.get("id"), str) for row in data):
        return Outcome.DIFFERS, text("entries of data lack an id")
    lists = text("lists {count:model|models}", count=len(data))
    if len(responses) > 1 and not 200 <= responses[1].status < 300:
        return Outcome.WORKS, text("{lists}; models.retrieve() fails: {said}", lists=lists, said=said(responses[1]))
    return Outcome.WORKS, lists


@judging
def judge_long_context(_: Requirement, responses: Sequence[Response]) -> Judgement:
    """A prompt of nearly the whole window is read to its end, and one beyond it refused with a reason."""
    near, beyond = responses[0], responses[1]
    content, _finish, wrong = spoken(near)
    counted = usage_of(near)
    if is_refusal(beyond) or beyond.status == 413:
        refused = text("more is refused: {said}", said=said(beyond))
    else:
        longer = usage_of(beyond)
        count = longer.get("prompt_tokens", "?")
        wrong.append(text("more than the window is accepted; {count:token|tokens} of it counted", count=count))
        refused = text("more is accepted")
    if not counted:
        raise Conclusion(Outcome.SKIPPED, text("not proven: no usage shows how much of the prompt is read"))
    first: list[Text] = []
    if "7301" not in content:
        first.append(text("the beginning of a long prompt is lost: {content}", content=clip(content, 80)))
    return verdict(
        [*first, *wrong],
        text("{count:token|tokens} are read; {refused}", count=counted["prompt_tokens"], refused=refused),
    )
