"""Framework sends its requests to the Responses API.

Why: that API is OpenAI's newer one. Other providers have none, or a part of it that keeps no state; the same request as
a chat completion works everywhere.

Fix: the argument, or the class, that has the framework send chat completions. What has no such argument is told once
where agents run (rule ``trace-upload``).

Safety: ``fix``; ``review`` where the code asks for something that only the Responses API has; ``manual``
where neither is known. Not reported where the provider has all of it.

Source: the table of frameworks; profile field ``endpoints``; gotcha G11.
"""

from __future__ import annotations

from collections.abc import Iterator

from llm_codemods.framework_fix import move
from llm_codemods.operations import Change, Fix, SetArgument
from llm_codemods.profile import Status
from llm_codemods.report import Finding
from llm_codemods.rule import Rule, about, moves, settles
from llm_codemods.sites import FrameworkSite
from llm_codemods.target import Target
from llm_codemods.text import text


def find(site: FrameworkSite, target: Target | None) -> Iterator[Finding]:
    """Report every object that uses the Responses API."""
    if not site.responses or target is None or not moves(site.points, site.host, target):
        return
    row = target.profile.endpoint("responses.create")
    if row is not None and row.status is Status.SAME:
        return
    off = site.row.off or site.row.instead
    if off is None:
        message = text("{name} uses the Responses API: take chat completions", name=site.name)
    else:
        message = text("{name} uses the Responses API: take chat completions, with {code}", name=site.name, code=off)
    needed = [name for name in site.row.responses_with if name in site.given and name not in (site.row.off or "")]
    fix = None if site.defaulted else _switch(site) or move(site, target)
    yield about(site, "parameter", site.row.name, message, settles(fix, sure=not needed), fix)


def _switch(site: FrameworkSite) -> Fix | None:
    """Return the fix that gives the argument which switches to chat completions, if there is one."""
    name, found, value = (site.row.off or "").partition("=")
    if not found or not site.called or site.handed or site.opaque:
        return None
    if name in site.given and not site.given[name].direct:
        return None
    change = Change(site.span, (SetArgument(name, value),))
    return Fix(text("pass {code}", code=f"{name}={value}"), (change,))


RULE = Rule("LM706", "framework-responses", FrameworkSite, find)
