"""Body of a request made by hand holds what the provider treats differently.

Why: the provider takes the same JSON from a request made by hand as from the SDK, and ignores, refuses or limits the
same parameters in it.

Fix: the entries of the dictionary that is sent are changed as arguments of a call are: see ``parameter``,
``parameter-default``, ``embedding-dimensions``, ``embedding-batch`` and ``thinking``. What the SDK takes in
``extra_body`` stands among the rest.

Safety: as in these rules; ``manual`` where the body needs another form; nothing while the request stays where it is.

Source: profile fields ``parameters``, ``features``, ``thinking`` and ``models``; gotchas G08, G15, G16, G23, G24, G25,
G35.
"""

from __future__ import annotations

from collections.abc import Iterator

from llm_codemods.conversions import kind_of
from llm_codemods.report import Finding, Verdict
from llm_codemods.rule import Rule, about
from llm_codemods.rules import embedding_batch, embedding_dimensions, parameter, parameter_default, thinking
from llm_codemods.sites import BodySite, CallSite
from llm_codemods.target import Target
from llm_codemods.text import text

RULES = (parameter, parameter_default, embedding_dimensions, embedding_batch, thinking)

OF_THE_SDK = frozenset({"encoding_format"})
"""Parameters that the SDK gives where the code does not, so that there is no need to say what they shall be."""


def find(site: BodySite, target: Target | None) -> Iterator[Finding]:
    """Report what is said of the same arguments of a call, if the request moves."""
    if target is not None and site.group.goes(target):
        for finding in judged(site.call, target):
            if not site.extends or (finding.fix is not None and finding.api in site.call.given):
                yield finding


def judged(call: CallSite, target: Target) -> Iterator[Finding]:
    """Yield what is said of a body's parameters; ``call`` is as if a call gave them."""
    if kind_of(call, target) is not None:
        said = text(
            "this body must have another form there: change it by hand, as a call of {api} is changed", api=call.api
        )
        yield about(call, "parameter", call.api, said, Verdict.MANUAL)
        return
    found = (finding for rule in RULES for finding in rule.find(call, target))
    yield from (finding for finding in found if finding.api not in OF_THE_SDK)


RULE = Rule("LM804", "request-body", BodySite, find)
