"""Class as the form of the answer, where the provider takes no JSON schema.

Why: ``parse`` makes a JSON schema of the class that it is given, sends it, and parses the answer. Where the schema is
refused or has no effect, the answer is whatever the model likes, and parsing it fails.

Fix: the call becomes ``create`` with ``response_format={"type": "json_object"}``; the schema is told to the model in a
message of the system, or, where there may be only one of these, of the user at the end; and what reads
``message.parsed`` validates ``message.content`` with the class. Where the provider takes no ``json_object`` either, the
message alone asks for JSON.

Safety: ``review``, as nothing holds the model to the schema; all or nothing for a call and its result. Where the class
or the result cannot be followed, nothing changes.

Source: profile field ``features.json-schema``; gotcha G10.
"""

from __future__ import annotations

from collections.abc import Iterator

from llm_codemods.conversions import Kind, ObstacleError, conversion, kind_of
from llm_codemods.operations import Fix
from llm_codemods.report import Finding, Verdict
from llm_codemods.rule import Rule, about
from llm_codemods.sites import CallSite
from llm_codemods.target import Target
from llm_codemods.text import text


def find(site: CallSite, target: Target | None) -> Iterator[Finding]:
    """Have the code parse what the SDK parsed."""
    if target is None or kind_of(site, target) is not Kind.PARSED:
        return
    span = site.given["response_format"].span if site.given["response_format"].direct else None
    try:
        found = conversion(site, target)
    except ObstacleError as obstacle:
        message = text("the JSON schema of a class is not taken there: {reason}", reason=obstacle.reason)
        yield about(site, "parameter", "response_format", message, Verdict.MANUAL, span=span)
        return
    message = text("the JSON schema of a class is not taken there")
    for doubt in found.doubts:
        message = text("{first}; {second}", first=message, second=doubt)
    fix = Fix(text("ask for JSON and parse it here"), found.changes, found.imports)
    yield about(site, "parameter", "response_format", message, Verdict.REVIEW, fix)


RULE = Rule("LM307", "parsed-answer", CallSite, find)
