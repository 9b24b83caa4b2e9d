"""Ways of moving other than writing endpoint and key into the code: what rules find instead, by the target's style."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import partial
from typing import cast

from llm_codemods.rule import Find, Rule
from llm_codemods.sites import CallSite
from llm_codemods.style import Style
from llm_codemods.ways import environment, switch
from llm_codemods.ways.finder import Finder

FINDERS: Mapping[Style, Mapping[str, Finder]] = {
    Style.ENV: environment.FINDERS,
    Style.SWITCH: switch.FINDERS,
}
"""Style -> name of a rule -> what takes the place of its ``find``."""

TAKEN_BY_BOTH = frozenset(
    {"embedding-batch", "functions", "legacy-call", "legacy-engine", "parsed-answer", "responses-call"}
)
"""Rules about calls that write what OpenAI takes as well."""


def in_style(rules: Iterable[Rule], style: Style) -> tuple[Rule, ...]:
    """Return the rules as they are for targets of this style."""
    finders = FINDERS.get(style, {})
    return tuple(replace(rule, find=_finder(rule, style, finders)) for rule in rules)


def _finder(rule: Rule, style: Style, finders: Mapping[str, Finder]) -> Find:
    """Return how a rule finds; the style is a target's, so these never run without one."""
    if rule.name in finders:
        return cast("Find", finders[rule.name])
    if style is Style.SWITCH and rule.site is CallSite and rule.name not in TAKEN_BY_BOTH:
        return cast("Find", partial(switch.argument, rule.find))
    return rule.find
