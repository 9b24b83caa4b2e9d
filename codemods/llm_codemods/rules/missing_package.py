"""Package that moved code needs is not required.

Why: a framework's own class for OpenAI may refuse or alter what others take; the one for other endpoints can be a
package of its own, which nobody has installed yet.

Fix: it is asked for behind the last package of its framework, without a version: the one that goes with the framework's
is the installer's to find.

Safety: ``fix`` where the code that needs it moves without a person's look, ``review`` where it does not, and ``manual``
where files are kept with hashes or the line holds more. Lock files and ``setup.py`` are not changed.

Source: the table of frameworks, field ``requires``; gotcha G20.
"""

from __future__ import annotations

from collections.abc import Iterator

from llm_codemods.configuration.sites import LackingSite
from llm_codemods.edits import Span
from llm_codemods.operations import Change, Fix, Replace
from llm_codemods.report import Finding
from llm_codemods.rule import Rule, about, settles
from llm_codemods.target import Target
from llm_codemods.text import text


def find(site: LackingSite, target: Target | None) -> Iterator[Finding]:
    """Ask for the package."""
    if target is None or target.at_openai:
        return
    message = text("moved code needs the package {package} beside {name}", package=site.package, name=site.name)
    fix, put = None, site.addition
    if put is not None:
        change = Change(Span(put.at, put.at), (Replace(f"{put.before}{site.package}{put.behind}"),))
        fix = Fix(text("ask for {package}", package=site.package), (change,))
    yield about(site, "dependency", site.package, message, settles(fix, sure=site.sure), fix)


RULE = Rule("LM615", "missing-package", LackingSite, find)
