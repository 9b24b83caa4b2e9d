"""The module-level client is configured by assignments.

Why: ``openai.api_key = …`` changes the key alone; the endpoint is another attribute (``api_base`` before 1.0,
``base_url`` since, which must end in a slash). ``organization`` and Azure's settings are meaningless elsewhere.

Fix: the key is read from the provider's variable; the endpoint is set beside it where the file does not set one.

Safety: ``fix``; a proxy is reported for ``review``, since it may serve other hosts.

Source: profile field ``regions``; gotchas G01, G04, G05, G33, G47.
"""

from __future__ import annotations

from collections.abc import Iterator

from llm_codemods.operations import Change, Fix, Import, InsertAfter, Operation, Replace
from llm_codemods.report import Finding, Verdict
from llm_codemods.rule import Rule, about
from llm_codemods.sites import SettingSite
from llm_codemods.target import Target
from llm_codemods.text import text

ENDPOINTS = ("api_base", "base_url")
NEUTRAL = {"api_type": '"open_ai"', "api_version": "None", "organization": "None", "project": "None"}


def find(site: SettingSite, target: Target | None) -> Iterator[Finding]:
    """Report every setting; move key and endpoint together."""
    name = f"openai.{site.name}"
    message = text("{name} is set", name=name)
    if site.elsewhere or (target is not None and target.at_openai):
        yield about(site, "config", name, message, Verdict.READY)
    elif target is None:
        yield about(site, "config", name, message)
    elif site.name == "api_key":
        fix = Fix(
            text("read the key of {variable} and set the endpoint", variable=target.key_env),
            tuple(_key(site, target)),
            (Import("os"),),
        )
        yield about(site, "config", name, text("{name} is OpenAI's key", name=name), Verdict.FIX, fix)
    elif site.name in ENDPOINTS:
        fix = Fix(
            text("point it to {url}", url=target.base_url),
            (Change(site.value, (Replace(f'"{_url(site, target)}"'),)),),
        )
        yield about(site, "config", name, text("{name} is the endpoint", name=name), Verdict.FIX, fix)
    elif site.name in NEUTRAL:
        fix = Fix(
            text("set it to {value}", value=NEUTRAL[site.name]),
            (Change(site.value, (Replace(NEUTRAL[site.name]),)),),
        )
        yield about(site, "config", name, text("{name} means something to OpenAI only", name=name), Verdict.FIX, fix)
    else:
        yield about(site, "config", name, message, Verdict.REVIEW)


def _key(site: SettingSite, target: Target) -> Iterator[Change]:
    yield Change(site.value, (Replace(f'os.environ["{target.key_env}"]'),))
    if not site.complete:
        attribute = "api_base" if site.legacy else "base_url"
        insert: Operation = InsertAfter((f'{site.base}.{attribute} = "{_url(site, target)}"',))
        yield Change(site.statement, (insert,))


def _url(site: SettingSite, target: Target) -> str:
    """The module-level client of 1.0 and later joins without a slash (gotcha G04)."""
    return target.base_url if site.legacy else f"{target.base_url}/"


RULE = Rule("LM105", "module-setting", SettingSite, find)
