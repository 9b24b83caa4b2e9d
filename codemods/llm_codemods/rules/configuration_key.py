"""Key stands in a file that is no Python.

Why: whoever reads the repository has it, and its history keeps it. Revoke it.

Fix: none: a reference to a variable or secret takes its place; how it is written depends on what reads the file. The
key itself is never printed.

Safety: ``manual``. Placeholders such as ``sk-xxxx`` are not reported. Keys in dotenv files are where they belong. Of a
notebook the saved outputs are looked at, too.

Source: gotcha G31.
"""

from __future__ import annotations

from collections.abc import Iterator

from llm_codemods.configuration.sites import KeyEntrySite
from llm_codemods.report import Finding, Verdict
from llm_codemods.rule import Rule, about
from llm_codemods.target import Target
from llm_codemods.text import text


def find(site: KeyEntrySite, target: Target | None) -> Iterator[Finding]:
    """Report every key, masked."""
    message = text("a key stands in the file: revoke it, its history keeps it")
    if site.in_output:
        message = text("the saved output of this cell shows a key: clear it, and revoke the key")
    yield about(site, "secret", "sk-…", message, Verdict.MANUAL if target else None)


RULE = Rule("LM610", "configuration-key", KeyEntrySite, find)
