"""The module-level client is configured by assignments.

Why: ``openai.api_key = …`` changes the key alone; the endpoint is another attribute (``api_base`` before 1.0,
``base_url`` since, which must end in a slash). ``organization`` and Azure's settings are meaningless elsewhere.

Fix: the key is read from the provider's variable; the endpoint is set beside it where the file does not set one. A
``base_url`` that points to the provider and lacks its final slash gets one. Where the calls move from 0.28 to the
current SDK, the client that they get takes the place of the settings; settings that are made while the program runs,
or in a file without calls, stay settings, under today's names.

Safety: ``fix``, or ``review`` where the key comes from somewhere that cannot be followed. A proxy is reported for
``review``, since it may serve other hosts. Where the endpoint is decided in a place that cannot be followed, endpoint
and key are reported and left alone.

Source: profile field ``regions``; gotchas G01, G04, G05, G33, G47.
"""

from __future__ import annotations

from collections.abc import Iterator

from llm_codemods import upgrade
from llm_codemods.operations import (
    Change,
    Fix,
    Import,
    InsertAfter,
    RenameFunction,
    Replace,
    ReplaceStatement,
)
from llm_codemods.report import Finding, Verdict
from llm_codemods.rule import Rule, about
from llm_codemods.sdk import Upgraded
from llm_codemods.sites import KeyUse, NewClients, Points, SettingSite
from llm_codemods.target import Target
from llm_codemods.text import text

ENDPOINTS = ("api_base", "base_url")
HARMLESS = ("aiosession", "app_info", "debug", "enable_telemetry", "log", "max_retries", "requestssession", "timeout")
NEUTRAL = (
    *("api_type", "api_version", "organization", "project"),
    *("azure_ad_token", "azure_ad_token_provider", "azure_endpoint"),
)
"""What OpenAI and Azure alone know; nobody else wants to be sent any of it."""
NOT_AZURE = ("open_ai", "openai")
"""Names of the type that is not Azure's; today's SDK takes any for it."""


def find(site: SettingSite, target: Target | None) -> Iterator[Finding]:
    """Report every setting; move key and endpoint together."""
    name = f"openai.{site.name}"
    message = text("{name} is set", name=name)
    if target is not None and upgrades(site, target):
        kept = _compared_type(site) is not None and site.clients is not None and site.statement != site.clients.place
        if site.clients is not None and not kept:
            yield into_client(site, target, site.clients, name)
            return
        url = f"{target.base_url}/"
        points_there = site.name == "base_url" and site.texts == (url,)
        if site.name in ENDPOINTS and site.target is not None and not points_there:
            changes = (Change(site.target, (RenameFunction("base_url"),)), Change(site.value, (Replace(f'"{url}"'),)))
            fix = Fix(text("point it to {url}", url=url), changes)
            yield about(site, "config", name, text("{name} is the endpoint", name=name), _verdict(site), fix)
            return
    at_rest = target is not None and (target.at_openai or site.name in HARMLESS)
    if target is not None and site.name == "base_url" and not site.legacy and target.is_home(site.host) and _open(site):
        url = f"{_open(site)}/"
        fix = Fix(text("end it with a slash"), (Change(site.value, (Replace(f'"{url}"'),)),))
        message = text("{name} must end with a slash: the path is put behind it as it is", name=name)
        yield about(site, "config", name, message, Verdict.FIX, fix)
    elif site.elsewhere or at_rest:
        yield about(site, "config", name, message, Verdict.READY)
    elif target is None:
        yield about(site, "config", name, message)
    elif site.unknown and site.name in ("api_key", "api_key_path", *ENDPOINTS):
        message = text(
            "{name}: the endpoint comes from elsewhere: set {url} and the key of {variable} together",
            name=name,
            url=target.base_url,
            variable=target.key_env,
        )
        yield about(site, "config", name, message, Verdict.REVIEW)
    elif site.unknown and site.name in NEUTRAL:
        yield about(site, "config", name, text("{name} means something to OpenAI only", name=name), Verdict.REVIEW)
    elif site.name == "api_key":
        fix = Fix(
            text("read the key of {variable} and set the endpoint", variable=target.key_env),
            tuple(_key(site, target)),
            (Import("os"),),
        )
        said = text("{name} is OpenAI's key", name=name)
        sure = _verdict(site) if upgrades(site, target) else Verdict.FIX
        verdict = Verdict.REVIEW if site.key is KeyUse.FOREIGN else sure
        yield about(site, "config", name, said, verdict, fix)
    elif site.name == "api_key_path":
        fix = Fix(
            text("read the key of {variable} and set the endpoint", variable=target.key_env),
            tuple(_path(site, target)),
            (Import("os"),),
        )
        yield about(site, "config", name, text("{name} is a file with OpenAI's key", name=name), Verdict.REVIEW, fix)
    elif site.name in ENDPOINTS:
        fix = Fix(
            text("point it to {url}", url=target.base_url),
            (Change(site.value, (Replace(f'"{target.module_endpoint(site.name)}"'),)),),
        )
        yield about(site, "config", name, text("{name} is the endpoint", name=name), Verdict.FIX, fix)
    elif site.name in NEUTRAL:
        value = _neutral(site, target)
        fix = Fix(text("set it to {value}", value=value), (Change(site.value, (Replace(value),)),))
        said = text("{name} means something to OpenAI only", name=name)
        yield about(site, "config", name, said, _verdict(site) if upgrades(site, target) else Verdict.FIX, fix)
    else:
        yield about(site, "config", name, message, Verdict.REVIEW)


def upgrades(site: SettingSite, target: Target) -> bool:
    """Whether the calls that are configured here move to the current SDK."""
    points = Points.ELSEWHERE if site.elsewhere else Points.UNKNOWN if site.unknown else Points.OPENAI
    return site.legacy and site.upgraded is not Upgraded.NO and upgrade.applies(points, site.host, target)


def into_client(site: SettingSite, target: Target, clients: NewClients, name: str) -> Finding:
    """Put the client in the place of the settings: the last of them becomes it, the others go."""
    changes, imports = upgrade.making(clients, target)
    if site.statement != clients.place:
        changes = (*changes, Change(site.statement, (ReplaceStatement(),)))
    fix = Fix(text("make a client with endpoint and key"), changes, imports)
    message = text("{name} is set: clients have endpoint and key of their own since 1.0 of the SDK", name=name)
    if site.name == "api_key" and site.key is KeyUse.FOREIGN:
        message = text("{message}; this key comes from elsewhere", message=message)
        return about(site, "config", name, message, Verdict.REVIEW, fix)
    sure = _verdict(site) if _compared_type(site) is None else Verdict.REVIEW
    return about(site, "config", name, message, sure, fix)


def _verdict(site: SettingSite) -> Verdict:
    """Return the verdict of what is sure by itself."""
    return Verdict.REVIEW if site.upgraded is Upgraded.UNSURE else Verdict.FIX


def _open(site: SettingSite) -> str | None:
    """Return the URL that is set and lacks its final slash; None where it is not written out, or more than one."""
    return site.texts[0] if len(site.texts) == 1 and not site.texts[0].endswith("/") else None


def _key(site: SettingSite, target: Target) -> Iterator[Change]:
    yield Change(site.value, (Replace(f'os.environ["{target.key_env}"]'),))
    if statements := _endpoints(site, target):
        yield Change(site.statement, (InsertAfter(statements),))


def _path(site: SettingSite, target: Target) -> Iterator[Change]:
    """Before 1.0 the file wins over ``api_key``: no file, and the key beside it."""
    yield Change(site.value, (Replace("None"),))
    statements = (f'{site.base}.api_key = os.environ["{target.key_env}"]', *_endpoints(site, target))
    yield Change(site.statement, (InsertAfter(statements),))


def _endpoints(site: SettingSite, target: Target) -> tuple[str, ...]:
    """Return the statements that set the endpoint where the file does not."""
    attributes = ("base_url",) if site.lacks and upgrades(site, target) else site.lacks
    return tuple(f'{site.base}.{attribute} = "{target.module_endpoint(attribute)}"' for attribute in attributes)


def stays_legacy(site: SettingSite, target: Target) -> bool:
    """Whether the module that is configured here is and remains that of 0.28."""
    return site.legacy and not upgrades(site, target)


def _neutral(site: SettingSite, target: Target) -> str:
    if site.name == "api_type":
        if (own := _compared_type(site)) is not None:
            return f'"{own}"'
        return '"open_ai"' if stays_legacy(site, target) else '"openai"'
    return "None"


def _compared_type(site: SettingSite) -> str | None:
    """Return what the file compares the type with that is not Azure's: it must go on being that."""
    return next((name for name in site.compared if site.name == "api_type" and name in NOT_AZURE), None)


RULE = Rule("LM105", "module-setting", SettingSite, find)
