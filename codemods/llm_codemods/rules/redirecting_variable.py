"""Variable of another service makes a framework send its requests there.

Why: some frameworks look at variables of gateways and routers first. Where one is set, what looks as if it went to the
provider goes elsewhere, whatever endpoint is given.

Fix: none: unset the variable where the program runs, or keep it on purpose.

Safety: ``manual``.

Source: the frameworks' own code; gotcha G52.
"""

from __future__ import annotations

from collections.abc import Iterator

from llm_codemods.report import Finding, Verdict
from llm_codemods.rule import Rule, about
from llm_codemods.sites import RedirectSite
from llm_codemods.target import Target
from llm_codemods.text import text


def find(site: RedirectSite, target: Target | None) -> Iterator[Finding]:
    """Report the variable."""
    if target is not None and not target.at_openai:
        message = text(
            "with {name} set, {framework} sends its requests elsewhere, whatever endpoint it is given",
            name=site.name,
            framework=site.framework,
        )
        yield about(site, "env", site.name, message, Verdict.MANUAL)


RULE = Rule("LM723", "redirecting-variable", RedirectSite, find)
