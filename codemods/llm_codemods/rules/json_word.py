"""Answer in JSON is asked for, but no message speaks of it.

Why: ``response_format`` of type ``json_object`` is refused by some providers, OpenAI among them, unless the word JSON
stands somewhere in the messages. A schema that is replaced by it, because the provider takes none, has not needed the
word before.

Fix: one sentence at the end of the literal system prompt.

Safety: ``review``, because the model reads something else than before; ``manual`` where the system prompt is no single
literal. Only where every message is written out in the file of the call, and none of them has the word: what passes
messages to it from other files may not all be seen.

Source: profile field ``features.json-without-word``; gotcha G39.
"""

from __future__ import annotations

from collections.abc import Iterator

from llm_codemods.judgement import judge, row_for
from llm_codemods.judgement import words as values_of
from llm_codemods.messages import Conversation, conversation, words
from llm_codemods.operations import Change, Fix, ReplaceString, SetArgument
from llm_codemods.profile import Status
from llm_codemods.report import Finding, Verdict
from llm_codemods.rule import Rule, about, moves
from llm_codemods.sites import CallSite
from llm_codemods.target import Target
from llm_codemods.text import text

FEATURE = "json-without-word"
SENTENCE = " Answer in JSON."


def find(site: CallSite, target: Target | None) -> Iterator[Finding]:
    """Report calls for JSON whose messages do not speak of it."""
    if target is None or not site.known or not moves(site.points, site.host, target):
        return
    if target.status(FEATURE) is not Status.REJECTED or not _asks_for_json(site, target):
        return
    said = conversation(site)
    if not said.whole or any(message.path != site.path for message in said.messages):
        return
    if any(_may_speak_of_json(site, message.content) for message in said.messages):
        return
    message = target.noted(FEATURE, text("JSON is asked for, but no message has the word"))
    fix = _fix(site, target, said)
    if fix is None:
        message = text("{message}: say in the prompt that the answer is to be JSON", message=message)
    yield about(site, "parameter", "response_format", message, Verdict.MANUAL if fix is None else Verdict.REVIEW, fix)


def _asks_for_json(site: CallSite, target: Target) -> bool:
    """Whether the call asks for any JSON object, now or once the parameter's rule has changed it."""
    given = site.given.get("response_format")
    if given is None:
        return False
    row = row_for(site, target, "response_format")
    judged = judge(site, target, given, row) if row is not None else None
    if judged is not None and judged.operations:
        return any("json_object" in o.code for o in judged.operations if isinstance(o, SetArgument))
    return "json_object" in values_of(site, given)


def _may_speak_of_json(site: CallSite, content: tuple[object, ...]) -> bool:
    said, whole = words(site, content)  # type: ignore[arg-type]
    return not whole or "json" in said.lower()


def _fix(site: CallSite, target: Target, said: Conversation) -> Fix | None:
    for message in said.messages:
        literal = message.literal
        if message.role in target.system_roles and literal is not None and literal.path == site.path:
            value = literal.literal.value
            if literal.literal.plain and isinstance(value, str) and value:
                operation = ReplaceString(value.rstrip() + SENTENCE)
                return Fix(text("say it in the system prompt"), (Change(literal.literal.span, (operation,)),))
    return None


RULE = Rule("LM411", "json-word", CallSite, find)
