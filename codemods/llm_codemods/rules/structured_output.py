"""Answer in a given shape, in a way that the target may refuse.

Why: frameworks ask for structured answers by a strict schema, or by forcing the call of a tool. Both are refused by
some providers, and by models while they think.

Fix: none yet: the message says what asks for it in another way.

Safety: ``review``; not reported where the target takes it, or where the way is chosen in the code.

Source: the table of frameworks; profile field ``features``; gotchas G09, G10.
"""

from __future__ import annotations

from collections.abc import Iterator

from llm_codemods.frameworks import Sends
from llm_codemods.profile import Feature, Status
from llm_codemods.report import Finding, Verdict
from llm_codemods.rule import Rule, about
from llm_codemods.sites import StructuredSite
from llm_codemods.target import Target
from llm_codemods.text import Text, text


def find(site: StructuredSite, target: Target | None) -> Iterator[Finding]:
    """Report what asks for a shape in a way that the target does not take as OpenAI does."""
    if target is None or target.at_openai:
        return
    for sends in site.row.sends:
        feature = target.profile.features.get(sends.value)
        if feature is None or feature.status is not Status.SAME:
            yield about(site, "parameter", site.row.name, _message(site, target, sends, feature), Verdict.REVIEW)


def _message(site: StructuredSite, target: Target, sends: Sends, feature: Feature | None) -> Text:
    note = feature.note if feature is not None else None
    if note is not None:
        said = text(
            "{name} sends {feature}, which {provider} does not take as OpenAI does: {note}",
            name=site.name,
            feature=sends.value,
            provider=target.profile.name,
            note=note,
        )
    else:
        said = text(
            "{name} sends {feature}, which {provider} may refuse",
            name=site.name,
            feature=sends.value,
            provider=target.profile.name,
        )
    if site.row.off is None:
        return said
    return text("{said}; or pass {code}", said=said, code=site.row.off)


RULE = Rule("LM707", "structured-output", StructuredSite, find)
