"""Comment silences nothing.

Why: a comment ``# llm-migrate: ignore[CODE]`` that no finding needs any more hides the next one that turns up on its
line. A word in it that is no rule never did anything.

Fix: none: remove the comment, or the word, or put it where the finding is.

Safety: ``review``. What cannot be known is not reported: a rule that did not run, or that says nothing before a
provider is named.

Source: the comments of this project.
"""

from __future__ import annotations

from collections.abc import Iterator

from llm_codemods.profile import nearest
from llm_codemods.report import Finding, Verdict
from llm_codemods.rule import Rule, about
from llm_codemods.suppressions import Fault, IgnoreSite
from llm_codemods.target import Target
from llm_codemods.text import Text, text


def find(site: IgnoreSite, target: Target | None) -> Iterator[Finding]:
    """Report every comment, or word of one, that does nothing."""
    yield about(site, "comment", site.word or "ignore", _message(site), Verdict.REVIEW if target else None)


def _message(site: IgnoreSite) -> Text:
    if site.fault is Fault.MALFORMED:
        return text("this comment cannot be read and silences nothing; write it as llm-migrate: ignore[CODE]")
    if site.fault is Fault.UNKNOWN:
        close = nearest(site.word, list(site.names))
        if close:
            return text("no rule is called '{name}'; did you mean '{close}'?", name=site.word, close=close)
        return text("no rule is called '{name}'", name=site.word)
    if site.word:
        return text("{name} silences nothing here; remove it", name=site.word)
    return text("this comment silences nothing; remove it")


RULE = Rule("LM902", "unused-ignore", IgnoreSite, find)
