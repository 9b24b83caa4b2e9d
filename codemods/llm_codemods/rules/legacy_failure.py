"""Error is one of openai before 1.0.

Why: the errors lived in ``openai.error``, which is gone; some have other names now, and tell what they know under
other names: ``http_status`` is ``status_code``.

Fix: today's class for the same answers of the server: ``InvalidRequestError`` is ``BadRequestError``, ``Timeout`` is
``APITimeoutError``, ``APIError`` and ``ServiceUnavailableError`` are ``InternalServerError``. Names that were imported
stay as they are in the file; the import says what they mean now.

Safety: ``fix``; ``review`` for what only some of the errors tell, for the errors that have no successor, and where it
is asked what a message begins with: today's begins with the status.

Source: both SDKs' own exceptions; gotcha G22.
"""

from __future__ import annotations

from collections.abc import Iterator

from llm_codemods import upgrade
from llm_codemods.operations import Change, Fix, Import, RenameFunction, Replace
from llm_codemods.report import Finding, Verdict
from llm_codemods.rule import Rule, about
from llm_codemods.sites import FailureSite
from llm_codemods.target import Target
from llm_codemods.text import text


def find(site: FailureSite, target: Target | None) -> Iterator[Finding]:
    """Name today's errors."""
    if not upgrade.applies(site.points, site.host, target):
        return
    message = text("{name} exists only before 1.0 of the SDK", name=site.name)
    if site.code is None:
        yield about(site, "exception", site.name, message, Verdict.REVIEW)
        return
    operation = RenameFunction(site.code) if site.renames and site.code.isidentifier() else Replace(site.code)
    if site.renames and not site.code.isidentifier():
        yield about(site, "exception", site.name, message, Verdict.REVIEW)
        return
    imports = (Import("openai"),) if site.module else ()
    fix = Fix(text("name it {code}", code=site.code), (Change(site.span, (operation,)),), imports)
    yield about(site, "exception", site.name, message, Verdict.FIX if site.sure else Verdict.REVIEW, fix)


RULE = Rule("LM504", "legacy-failure", FailureSite, find)
