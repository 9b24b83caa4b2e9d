"""Counts of an input's tokens as the usage of a short answer, where the target does not count by itself."""

from __future__ import annotations

from dataclasses import replace

from llm_codemods.conversions.conversion import Conversion, ObstacleError, adapter
from llm_codemods.operations import CallThrough, Change, ReplaceCallee
from llm_codemods.profile import Status
from llm_codemods.sites import CallSite
from llm_codemods.target import Target
from llm_codemods.text import text

API = "responses.input_tokens.count"
ANSWER = "responses.create"
LACKING = frozenset({"personality"})
"""Arguments that only counting knows."""
ADAPTER = '''
{prefix}def {name}(create, **options):
    """Count the tokens of an input: an answer, as short as can be, has them in its usage."""
    response = {wait}create(**options, max_output_tokens=16)
    return response.usage
'''
"""The function that asks for the answer; it gives what has ``input_tokens``, as the count has."""


def is_meant(site: CallSite, target: Target) -> bool:
    """Whether a call counts tokens, which the target is not known to do, while it answers."""
    counts, answers = (target.profile.endpoint(api) for api in (API, ANSWER))
    lacking = counts is None or counts.status in (Status.REJECTED, Status.UNKNOWN)
    return site.endpoint == API and lacking and answers is not None and answers.status in (Status.SAME, Status.LIMITED)


def convert(site: CallSite) -> Conversion:
    """Return what it takes to read the count off an answer.

    Raises:
        ObstacleError: the call is not written out, or some of its arguments cannot be seen.
    """
    if not site.spelled:
        raise ObstacleError(text("the call is made through another name"))
    if (site.opaque and not site.unpacks) or LACKING & site.given.keys():
        raise ObstacleError(text("some of its arguments come from elsewhere"))
    made = adapter("count_input_tokens", ADAPTER, asynchronous=site.asynchronous)
    operations = (ReplaceCallee(site.api, ANSWER), CallThrough(made.name))
    changed = replace(site, api=ANSWER, result=None)
    return Conversion(changed, (Change(site.span, operations),), definitions=(made,))
