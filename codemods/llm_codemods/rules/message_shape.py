"""Messages have a shape that the provider does not take.

Why: OpenAI takes messages in almost any shape. Others refuse a second system message, or one behind other messages; a
text that is empty or null beside calls of tools; a text that is given as a list of parts to a model that only reads.

Fix: system messages that stand side by side become one, their texts two newlines apart; a null beside calls of tools
becomes an empty text.

Safety: ``review``, because the model reads something else than before. ``manual`` for system messages that stand apart
or in different places, for empty texts, and for lists of parts. Only messages that are written out are looked at.

Source: profile fields ``features.several-system-messages``, ``features.late-system-message``,
``features.null-content``, ``features.empty-content`` and ``features.content-parts``; gotcha G37.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from llm_codemods.conversions import as_converted
from llm_codemods.judgement import model_of
from llm_codemods.messages import Conversation, Message, conversation, words
from llm_codemods.operations import Change, Fix, JoinEntries, Operation, Replace
from llm_codemods.profile import Status
from llm_codemods.report import Finding, Verdict
from llm_codemods.rule import Rule, about, moves
from llm_codemods.sites import CallSite
from llm_codemods.target import Target
from llm_codemods.text import text

LIMITS = (Status.REJECTED, Status.LIMITED)


def find(site: CallSite, target: Target | None) -> Iterator[Finding]:
    """Hold the messages of a call against what the provider takes."""
    site = as_converted(site, target)
    if target is None or not site.known or not site.endpoint.startswith("chat.completions."):
        return
    if moves(site.points, site.host, target):
        said = conversation(site)
        yield from _systems(site, target, said)
        for message in said.messages:
            if message.path == site.path:
                yield from _content(site, target, message)


# System messages


def _systems(site: CallSite, target: Target, said: Conversation) -> Iterator[Finding]:
    several = target.status("several-system-messages") is Status.REJECTED
    late = target.status("late-system-message") is Status.REJECTED
    roles = target.system_roles
    for messages in said.runs:
        together = _together(messages, roles)
        for run in together:
            if several and len(run) > 1:
                yield _joined(site, target, run)
        for run in together if late else ():
            if run[0] is not messages[0] and run[0].path == site.path:
                message = text("a system message behind others is not taken there")
                message = target.noted("late-system-message", message)
                message = text("{message}: say it in the first one, or as the user", message=message)
                yield about(site, "parameter", "messages", message, Verdict.MANUAL, span=run[0].span)


def _together(messages: Sequence[Message], roles: frozenset[str]) -> list[list[Message]]:
    """Return the system messages, those that stand side by side together."""
    found: list[list[Message]] = []
    before: Message | None = None
    for message in messages:
        if message.role in roles:
            if before is not None and before.role in roles:
                found[-1].append(message)
            else:
                found.append([message])
        before = message
    return found


def _joined(site: CallSite, target: Target, run: Sequence[Message]) -> Finding:
    message = target.noted("several-system-messages", text("several system messages are not taken there"))
    place = run[0].listed
    positions = [m.position for m in run]
    side_by_side = positions == list(range(positions[0], positions[0] + len(run)))
    in_one = place is not None and all(m.listed == place and m.path == site.path for m in run)
    texts = all(m.content and m.parts is None and (m.literal is None or _is_text(m)) for m in run)
    if place is None or not (in_one and side_by_side and texts):
        message = text("{message}: join them", message=message)
        span = run[1].span if run[1].path == site.path else None
        return about(site, "parameter", "messages", message, Verdict.MANUAL, span=span)
    pairs = zip(reversed(positions[:-1]), reversed(positions[1:]), strict=True)
    operations: tuple[Operation, ...] = tuple(JoinEntries(a, b, "content", "\n\n") for a, b in pairs)
    fix = Fix(text("join the system messages"), (Change(place, operations),))
    return about(site, "parameter", "messages", message, Verdict.REVIEW, fix, run[1].span)


def _is_text(message: Message) -> bool:
    return message.literal is not None and isinstance(message.literal.literal.value, str)


# Contents


def _content(site: CallSite, target: Target, message: Message) -> Iterator[Finding]:
    literal = message.literal
    if literal is not None and literal.literal.value is None and literal.path == site.path:
        if target.status("null-content") is Status.REJECTED:
            said = target.noted("null-content", text("a content that is null is not taken there"))
            fix = Fix(text("send an empty text"), (Change(literal.literal.span, (Replace('""'),)),))
            yield about(site, "parameter", "messages", said, Verdict.REVIEW, fix, literal.literal.span)
    elif literal is not None and literal.literal.value == "" and not message.calls:
        if target.status("empty-content") is Status.REJECTED:
            said = target.noted("empty-content", text("an empty content is not taken there"))
            said = text("{message}: leave the message out, or say something", message=said)
            yield about(site, "parameter", "messages", said, Verdict.MANUAL, span=message.span)
    elif message.parts is not None and _refuses_parts(site, target, message):
        said = target.noted("content-parts", text("a content that is a list of parts may be refused there"))
        said = text("{message}: give it as one text", message=said)
        yield about(site, "parameter", "messages", said, Verdict.MANUAL, span=message.span)


def _refuses_parts(site: CallSite, target: Target, message: Message) -> bool:
    """Whether a list of parts that are all texts may be refused."""
    if target.status("content-parts") not in LIMITS or site.images or not words(site, message.content)[1]:
        return False
    model = target.model(model_of(site, target))
    reads_only = model is not None and model.vision is False
    return reads_only or message.role in target.system_roles


RULE = Rule("LM410", "message-shape", CallSite, find)
