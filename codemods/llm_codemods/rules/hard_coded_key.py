"""Key stands in the code.

Why: whoever reads the repository has it, and its history keeps it. Revoke it.

Fix: the provider's environment variable takes its place. The key itself is never printed.

Safety: ``fix`` where it goes to a client that moves; ``review`` where only its form or its name says whose it is.
Other keys of this form, such as those of clients that point elsewhere, are reported and left alone. One without
a digit is a placeholder; it is reported only where it goes to a client or a request.

Source: profile field ``regions.key_env``; gotcha G31.
"""

from __future__ import annotations

from collections.abc import Iterator

from llm_codemods.operations import Change, Fix, Import, Replace
from llm_codemods.report import Finding, Verdict
from llm_codemods.rule import Rule, about
from llm_codemods.sites import SecretSite
from llm_codemods.target import Target
from llm_codemods.text import text


def find(site: SecretSite, target: Target | None) -> Iterator[Finding]:
    """Report every key, masked, and replace it by the environment variable."""
    message = (
        text("a key stands in the code: revoke it, its history keeps it")
        if site.real
        else text("a placeholder stands where the key belongs")
    )
    if target is None:
        yield about(site, "secret", "sk-…", message)
        return
    if any(reach.stays(target) for reach in site.reaches) or not (site.reaches or site.openais):
        yield about(site, "secret", "sk-…", message, Verdict.REVIEW)
        return
    read = target.bearer if site.bearer else f'os.environ["{target.key_env}"]'
    fix = Fix(
        text("read {variable}", variable=target.key_env),
        (Change(site.span, (Replace(read),)),),
        (Import("os"),),
    )
    if site.role in ("assign", "keyword", "default", "entry", "argument", "environment") or site.reaches:
        yield about(site, "secret", "sk-…", message, Verdict.FIX if site.reaches else Verdict.REVIEW, fix)
    else:
        yield about(site, "secret", "sk-…", message, Verdict.REVIEW)


RULE = Rule("LM602", "hard-coded-key", SecretSite, find)
