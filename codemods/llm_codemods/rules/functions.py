"""Functions where the provider knows tools.

Why: OpenAI took ``functions`` and ``function_call`` before there were tools, and still does. Hardly any other endpoint
knows them: they are ignored there, or refused.

Fix: ``functions`` become ``tools``, ``function_call`` becomes ``tool_choice``, and what reads ``message.function_call``
reads ``message.tool_calls[0].function``. A message with the role ``function`` becomes one of the role ``tool`` with the
id of the call that it answers. Calls of 0.28 get tools as they move to the current SDK, with what reads their results
by keys: ``message.get("function_call")`` becomes ``message.tool_calls``. Where the result cannot be followed, or
arguments come from elsewhere, a function ``call_with_tools`` of the module makes the call and gives the answer the
shape that it had; messages that call a function or answer one are turned into those of tools by it.

Safety: all or nothing for a call and its result. ``fix`` where all that reads the result is seen, or the function gives
it the shape that it had; ``review`` where the model may call several tools at once, where nothing seen answers the
call, and where the function makes a call whose arguments are not all seen, which names a function, whose messages other
calls may be given, or whose stream is more than looped over: it is a generator then. ``manual`` where the call is made
through another name, or its arguments are not seen and do not come out of one ``**mapping``.

Source: profile field ``parameters``, rows ``functions`` and ``function_call``; gotcha G36.
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
    """Turn functions into tools."""
    if target is None or kind_of(site, target) is not Kind.FUNCTIONS:
        return
    try:
        found = conversion(site, target)
    except ObstacleError as obstacle:
        message = text("functions must become tools, yet not by themselves: {reason}", reason=obstacle.reason)
        yield about(site, "parameter", "functions", message, Verdict.MANUAL)
        return
    message = text("functions become tools")
    for more in (*found.notes, *found.doubts):
        message = text("{first}; {second}", first=message, second=more)
    fix = Fix(text("give tools in the place of functions"), found.changes, found.imports, found.definitions)
    yield about(site, "parameter", "functions", message, Verdict.REVIEW if found.doubts else Verdict.FIX, fix)


RULE = Rule("LM306", "functions", CallSite, find)
