"""Judges of ``response_format``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from llm_codemods.proof import Outcome
from llm_codemods.requirements import Requirement
from llm_codemods.text import Text, text
from llm_migrate.live.judges.answers import Conclusion, Judgement, clip, decoded, judging, spoken, verdict
from llm_migrate.live.prompts import SCHEMA
from llm_migrate.live.schema import violation
from llm_migrate.live.wire import Response


def _json_content(response: Response) -> tuple[Any, list[Text]]:
    """Return the JSON value in content, and deviations of the answer."""
    content, finish, wrong = spoken(response)
    try:
        return decoded(content), wrong
    except ValueError:
        pass
    if finish == "length":
        raise Conclusion(Outcome.SKIPPED, text("not proven, the token limit came before the end of the JSON"))
    if content.lstrip().startswith("```"):
        raise Conclusion(Outcome.IGNORED, text("JSON in a Markdown fence: json.loads and .parse() fail"))
    raise Conclusion(Outcome.IGNORED, text("no JSON in content: {content}", content=clip(content, 80)))


@judging
def judge_json_object(_: Requirement, responses: Sequence[Response]) -> Judgement:
    """Content that is one bare JSON object."""
    value, wrong = _json_content(responses[0])
    if not isinstance(value, dict):
        return Outcome.IGNORED, text("content is JSON, but no object: {content}", content=clip(value, 80))
    return verdict(wrong, text("content is a JSON object"))


@judging
def judge_json_schema(_: Requirement, responses: Sequence[Response]) -> Judgement:
    """Content that satisfies the schema although the prompt asks for what the schema forbids."""
    value, wrong = _json_content(responses[0])
    if broken := violation(value, SCHEMA):
        return Outcome.IGNORED, text("the schema is not enforced: {broken}", broken=broken)
    return verdict(wrong, text("the schema is enforced against the prompt"))
