"""Calls of chat for several choices as several calls, where the target gives fewer at a time."""

from __future__ import annotations

from llm_codemods.conversions.conversion import adapter
from llm_codemods.operations import CallThrough, Change, Fix
from llm_codemods.sites import CallSite, Given
from llm_codemods.sites.kinds.given import says_nothing
from llm_codemods.text import text

APIS = frozenset({"chat.completions.create", "chat.completions.parse"})
CHOICES = '''
{prefix}def {name}(create, *through, model, n=None, **options):
    """Ask for n choices, {counted} a call, which is all that the model gives; the answer is that of one call."""
    answer = {wait}create(*through, model=model, {first}**options)
    for {start} in range({limit}, n or 1{step}):
        more = {wait}create(*through, model=model, {rest}**options)
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


def is_whole(site: CallSite) -> bool:
    """Whether a call of chat is written out by its name with all of its arguments to be seen, and gives its answer as a
    whole: it can be made by a function."""
    own = site.spelled or (site.legacy and site.api.endswith(".create"))
    stream = site.given.get("stream")
    streams = stream is not None and not (stream.direct and is_off(stream))
    seen = own and not site.opaque and "model" in site.given
    return site.endpoint in APIS and site.called and seen and not streams


def is_off(given: Given) -> bool:
    """Whether an argument is sure to be False, or to say nothing."""
    values = given.values
    off = given.inline and all(c.literal.value is False for c in given.constants) and bool(given.constants)
    return off or (bool(values) and not given.open and all(map(says_nothing, values)))


def repeated(site: CallSite, limit: int) -> Fix:
    """Return the fix that has a function of the module ask as often as it takes, for ``limit`` choices a call."""
    name, parts = (
        f"choices_by_{limit}",
        {
            "counted": f"at most {limit}",
            "start": "start",
            "step": f", {limit}",
            "first": f"n=min(n or 1, {limit}), ",
            "rest": f"n=min(n - start, {limit}), ",
        },
    )
    if limit == 1:
        name, parts = "choices_one_by_one", {"counted": "one", "start": "_", "step": "", "first": "", "rest": ""}
    made = adapter(name, CHOICES, asynchronous=site.asynchronous, limit=str(limit), **parts)
    title = text("ask as often as it takes, by a function {name}", name=made.name)
    return Fix(title, (Change(site.span, (CallThrough(made.name),)),), definitions=(made,))
