"""Judges of what must be refused, and of how: the class that the SDK raises comes from the status alone."""

from __future__ import annotations

from collections.abc import Sequence

from llm_codemods.error_kinds import class_of
from llm_codemods.proof import Outcome
from llm_codemods.requirements import Requirement
from llm_codemods.text import Text, text
from llm_migrate.live.judges.answers import (
    Conclusion,
    Judgement,
    check_limits,
    check_usable,
    clip,
    decoded,
    error_of,
    is_refusal,
    judging,
    message_of,
    result_of,
    said,
    verdict,
)
from llm_migrate.live.prompts import NO_MODEL, NO_PARAMETER
from llm_migrate.live.wire import Response


def shape_deviations(response: Response) -> list[Text]:
    """Return what the SDK does not find in an error body: ``message``, and ``code`` or ``type``."""
    try:
        body = decoded(response.body)
    except ValueError:
        return [text("{status}, but no JSON error with a message", status=response.status)]
    inner = body.get("error", body) if isinstance(body, dict) else body
    if isinstance(body, dict) and isinstance(body.get("error"), str):
        return [text("error is a string: code, type and param are None in the exception")]
    if not isinstance(inner, dict) or not isinstance(inner.get("message"), str) or not inner["message"]:
        if isinstance(inner, dict) and inner.get("detail"):
            return [text("the error stands in detail, where the SDK does not look for code and type")]
        return [text("{status}, but no JSON error with a message", status=response.status)]
    return []


def _check_accepted_key(response: Response, what: Text) -> None:
    if response.status >= 300:
        return
    try:
        body = decoded(response.body)
    except ValueError:
        body = None
    if isinstance(body, dict) and body.get("choices") is None and body.get("data") is None:
        raise Conclusion(
            Outcome.DIFFERS,
            text("{what} gives {status} and an error the SDK does not see", what=what, status=response.status),
        )
    raise Conclusion(Outcome.DIFFERS, text("{what} is accepted", what=what))


def _judge_key(response: Response, what: Text) -> Judgement:
    check_usable(response)
    _check_accepted_key(response, what)
    check_limits(response)
    if response.status not in (401, 403):
        return Outcome.DIFFERS, text("{what} is no AuthenticationError: {said}", what=what, said=said(response))
    return verdict(shape_deviations(response), said(response))


@judging
def judge_bad_key(_: Requirement, responses: Sequence[Response]) -> Judgement:
    """A wrong key must end in AuthenticationError or PermissionDeniedError, with a JSON body that says why."""
    return _judge_key(responses[0], text("a wrong key"))


@judging
def judge_no_key(_: Requirement, responses: Sequence[Response]) -> Judgement:
    """So must a request without any key."""
    return _judge_key(responses[0], text("a request without a key"))


@judging
def judge_unknown_model(_: Requirement, responses: Sequence[Response]) -> Judgement:
    """A model that does not exist must be refused, or a misspelt name costs money unnoticed."""
    response = responses[0]
    check_usable(response)
    if response.status < 300:
        try:
            found = result_of(response)
        except Conclusion as known:
            return Outcome.DIFFERS, known.judgement[1]
        return Outcome.IGNORED, text("{asked} is served as {model}", asked=NO_MODEL, model=clip(found.get("model"), 80))
    check_limits(response)
    return verdict(shape_deviations(response), said(response))


@judging
def judge_bad_request(_: Requirement, responses: Sequence[Response]) -> Judgement:
    """Requests that are wrong in themselves end in BadRequestError or UnprocessableEntityError, with a reason."""
    for response in responses:
        check_usable(response)
        if response.status == 429:
            check_limits(response)
        if response.status < 300:
            return Outcome.IGNORED, text("a request without messages is accepted ({status})", status=response.status)
        if response.status >= 500:
            return Outcome.DIFFERS, text(
                "a wrong request is answered {said}: the SDK sends it again, then raises {raised}",
                said=said(response),
                raised=class_of(response.status),
            )
        if response.status not in (400, 422):
            return Outcome.DIFFERS, text(
                "a wrong request raises {raised}: {said}", raised=class_of(response.status), said=said(response)
            )
        if wrong := shape_deviations(response):
            return verdict(wrong, wrong[0])
    return Outcome.WORKS, text("raises {raised}: {said}", raised=class_of(responses[0].status), said=said(responses[0]))


@judging
def judge_unknown_parameter(_: Requirement, responses: Sequence[Response]) -> Judgement:
    """Refused or silently taken, both are clean; it decides what the acceptance of others proves."""
    response = responses[0]
    if is_refusal(response):
        return verdict(shape_deviations(response), text("unknown parameters are refused: {said}", said=said(response)))
    message_of(response)
    return Outcome.WORKS, text(
        "unknown parameters such as {name} are accepted silently: that one is accepted proves nothing here",
        name=NO_PARAMETER,
    )


@judging
def judge_endpoint(requirement: Requirement, responses: Sequence[Response]) -> Judgement:
    """Whether a part of the API is there and answers in its own shape.

    Where even the smallest call would cost much, an empty one is sent: a reasoned refusal shows that somebody reads it.
    """
    response, api = responses[0], str(requirement.value)
    check_usable(response)
    check_limits(response)
    if response.status in (404, 405, 501):
        return Outcome.REFUSED, text("there is no {api} here: {said}", api=api, said=said(response))
    if response.status >= 400:
        if api in PRESENCE and response.status in (400, 415, 422) and error_of(response)[1]:
            return Outcome.WORKS, text("is there: an empty request is refused with {said}", said=said(response))
        return Outcome.REFUSED, said(response)
    if api in PRESENCE:
        return Outcome.DIFFERS, text("an empty request to {api} is accepted", api=api)
    if api == "audio.speech":
        if len(response.body) < 100 or response.body.lstrip()[:1] in (b"{", b"["):
            return Outcome.BROKEN, text("no sound came: {said}", said=said(response))
        return Outcome.WORKS, text("{size} bytes of sound", size=len(response.body))
    try:
        body = decoded(response.body)
    except ValueError:
        return Outcome.BROKEN, text("{status}, but no JSON", status=response.status)
    field = ANSWERS.get(api, "data")
    if not isinstance(body, dict) or not isinstance(body.get(field), list):
        return Outcome.BROKEN, text("{status}, but {field} is no list", status=response.status, field=field)
    return Outcome.WORKS, text("answers with {field}", field=field)


PRESENCE = ("images", "audio.transcriptions", "audio.translations", "fine_tuning")
"""Endpoints that are asked with an empty request."""
ANSWERS = {"responses": "output", "completions": "choices", "moderations": "results"}
"""The list that an answer of an endpoint has; ``data`` elsewhere."""
