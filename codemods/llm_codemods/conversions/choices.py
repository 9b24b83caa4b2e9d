"""Calls of chat for several choices as several calls, where the target gives fewer at a time."""

from __future__ import annotations

from llm_codemods.conversions.conversion import adapter
from llm_codemods.operations import CallThrough, Change, Fix
from llm_codemods.sites import CallSite, Given
from llm_codemods.sites.kinds.given import says_nothing
from llm_codemods.text import text

APIS = frozenset({"chat.completions.create", "chat.completions.parse"})
CHOICES = '''
{prefix}def {name}(create, *through, n=None, **options):
    """Ask for n choices, {counted} a call, which is all that the model gives; the answer is that of one call."""
    answer = {wait}create(*through, {first}**options)
    if options.get("stream"):
        return answer
    for {start} in range({limit}, n or 1{step}):
        more = {wait}create(*through, {rest}**options)
        answer.choices.extend(more.choices)
        if answer.usage and more.usage:
            answer.usage.prompt_tokens += more.usage.prompt_tokens
            answer.usage.completion_tokens += more.usage.completion_tokens
            answer.usage.total_tokens += more.usage.total_tokens
    for index, choice in enumerate(answer.choices):
        choice.index = index
    return answer
'''
"""The function, by its name; where it asks for one choice a call, nothing is said of their number."""


def can_repeat(site: CallSite) -> bool:
    """Whether a function can make a call of chat, several times: it is written out by its name, and may give its answer
    as a whole."""
    own = site.spelled or (site.legacy and site.api.endswith(".create"))
    stream = site.given.get("stream")
    streams = stream is not None and bool(stream.constants) and all(c.literal.value is True for c in stream.constants)
    return site.endpoint in APIS and site.called and own and (site.unpacks or not site.opaque) and not streams


def is_whole(site: CallSite) -> bool:
    """Whether all arguments of a call are seen, and say that its answer comes as a whole."""
    stream = site.given.get("stream")
    return not site.opaque and (stream is None or _is_off(stream))


def _is_off(given: Given) -> bool:
    values = given.values
    off = given.inline and [c.literal.value for c in given.constants] == [False]
    return off or (bool(values) and not given.open and all(map(says_nothing, values)))


def repeated(site: CallSite, limit: int) -> Fix:
    """Return the fix that has a function of the module ask as often as it takes, for ``limit`` choices a call."""
    name, parts = "choices_one_by_one", {"counted": "one", "start": "_", "step": "", "first": "", "rest": ""}
    if limit > 1:
        name, parts = f"choices_by_{limit}", {"counted": f"at most {limit}", "start": "start", "step": f", {limit}"}
        parts["first"] = f"n=min(n or 1, {limit}), "
        parts["rest"] = f"n=min(n - start, {limit}), "
    made = adapter(name, CHOICES, asynchronous=site.asynchronous, limit=str(limit), **parts)
    title = text("ask as often as it takes, by a function {name}", name=made.name)
    return Fix(title, (Change(site.span, (CallThrough(made.name),)),), definitions=(made,))
