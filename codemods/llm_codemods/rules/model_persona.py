"""Text says that OpenAI's model speaks.

Why: a prompt that begins with "You are ChatGPT" makes another model say that it is OpenAI's, and a page that says
"powered by OpenAI" is wrong after the move.

Fix: none: the words are yours.

Safety: ``manual``, once a file. Only texts are reported that plainly say who speaks; other mentions of a name are not.

Source: gotcha G50.
"""

from __future__ import annotations

from collections.abc import Iterator

from llm_codemods.report import Finding, Verdict
from llm_codemods.rule import Rule, about
from llm_codemods.sites import PersonaSite
from llm_codemods.target import Target
from llm_codemods.text import text


def find(site: PersonaSite, target: Target | None) -> Iterator[Finding]:
    """Report the first text of a file, and how many there are."""
    if target is not None and not target.at_openai:
        message = text("texts here say that OpenAI's model speaks ({count}): write who does", count=site.count)
        yield about(site, "text", "persona", message, Verdict.MANUAL)


RULE = Rule("LM724", "model-persona", PersonaSite, find)
