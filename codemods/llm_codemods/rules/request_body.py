"""Body of a request made by hand holds what the provider treats differently.

Why: the provider takes the same JSON from a request made by hand as from the SDK, and ignores, refuses or limits the
same parameters in it.

Fix: the entries of the dictionary that is sent are changed as arguments of a call are: see ``parameter``,
``parameter-default``, ``embedding-dimensions``, ``embedding-batch`` and ``thinking``. What the SDK takes in
``extra_body`` stands among the rest.

Safety: as in these rules; nothing while the request stays where it is.

Source: profile fields ``parameters``, ``features``, ``thinking`` and ``models``; gotchas G08, G15, G16, G23, G24, G25,
G35.
"""

from __future__ import annotations

from collections.abc import Iterator

from llm_codemods.report import Finding
from llm_codemods.rule import Rule
from llm_codemods.rules import embedding_batch, embedding_dimensions, parameter, parameter_default, thinking
from llm_codemods.sites import BodySite
from llm_codemods.target import Target

RULES = (parameter, parameter_default, embedding_dimensions, embedding_batch, thinking)

OF_THE_SDK = frozenset({"encoding_format"})
"""Parameters that the SDK gives where the code does not, so that there is no need to say what they shall be."""


def find(site: BodySite, target: Target | None) -> Iterator[Finding]:
    """Report what is said of the same arguments of a call, if the request moves."""
    if target is not None and site.group.goes(target):
        found = (finding for rule in RULES for finding in rule.find(site.call, target))
        for finding in found:
            inherited = site.extends and (finding.fix is None or finding.api not in site.call.given)
            if finding.api not in OF_THE_SDK and not inherited:
                yield finding


RULE = Rule("LM804", "request-body", BodySite, find)
