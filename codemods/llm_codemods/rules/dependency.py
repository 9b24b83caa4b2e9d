"""Package that talks to OpenAI is required.

Why: the SDK itself stays, since it speaks the provider's protocol; packages built on it may read OpenAI's variables,
name its models or send to its host by themselves.

Fix: a pin that lets in only versions before 1.0 of the SDK lets in today's, as the code moves to these; none for the
rest. Lock files are never edited by hand: change what they were made from, then lock again.

Safety: ``ready`` for the SDK and for lock files, also without a target, and for packages whose classes are known and
reported where they are used; ``fix`` for such a pin, but ``review`` where some of the code that it is for stays before
1.0 until a person has looked, or a framework that is asked for beside it is so old that it needs the old SDK; what
moves does not run until then. ``ready`` where none moves at all, and ``manual`` where it is to stay (``--sdk keep``),
for such frameworks, for a lock file with a version that moved code does not run with, and for other packages with
OpenAI in their name; also for the tokenizer, which counts the tokens of OpenAI's models only and loads its tables from
a host of OpenAI's.

Source: gotchas G19, G22, G30, G46.
"""

from __future__ import annotations

from collections.abc import Iterator

from llm_codemods import frameworks, openai_api
from llm_codemods.configuration.sites import DependencySite
from llm_codemods.operations import Change, Fix, Replace
from llm_codemods.report import Finding, Verdict
from llm_codemods.rule import Rule, about, settles
from llm_codemods.sdk import Sdk, Upgraded
from llm_codemods.target import Target
from llm_codemods.text import text

OLDEST, NEWEST = openai_api.versions(1)[-1], openai_api.versions(3)[-1]
"""Of the releases that moved code runs with."""


def find(site: DependencySite, target: Target | None) -> Iterator[Finding]:
    """Report every such package."""
    message = text("package {name} {version}", name=site.name, version=site.version)
    if not site.version:
        message = text("package {name}", name=site.name)
    if site.locked:
        message = text("package {name} {version} is locked; never edit by hand", name=site.name, version=site.version)
        stale = site.legacy and target is not None and not target.at_openai and moves(site, target)
        if stale:
            message = text("{message}: what moves needs today's, so lock again", message=message)
        yield about(site, "dependency", site.name, message, Verdict.MANUAL if stale else Verdict.READY)
    elif site.name == "openai" and not site.legacy:
        message = text("package {name} stays: it speaks the provider's protocol", name=site.name)
        yield about(site, "dependency", site.name, message, Verdict.READY)
    elif site.first is not None:
        if target is not None and not target.at_openai and moves(site, target):
            message = text(
                "package {name} {version} works only with the SDK before 1.0; {first} is the first that takes today's",
                name=site.name,
                version=site.version,
                first=site.first,
            )
            yield about(site, "dependency", site.name, message, Verdict.MANUAL)
    elif target is None or target.at_openai:
        yield about(site, "dependency", site.name, message, Verdict.READY if target else None)
    elif site.name == "tiktoken":
        message = text("package {name} counts the tokens of OpenAI's models only", name=site.name)
        yield about(site, "dependency", site.name, message, Verdict.MANUAL)
    elif site.legacy and not moves(site, target) and target.sdk is Sdk.CURRENT:
        message = text("package {name} {version} stays: so does what needs it", name=site.name, version=site.version)
        yield about(site, "dependency", site.name, message, Verdict.READY)
    elif site.legacy:
        message = text("package {name} {version}: a version before 1.0", name=site.name, version=site.version)
        if site.waits is not None and target.sdk is Sdk.CURRENT:
            message = text(
                "{message}, which {what} still needs; what moves needs today's", message=message, what=site.waits
            )
        fix = None
        if target.sdk is Sdk.CURRENT and site.pin is not None:
            pin = f"=={NEWEST}" if site.exact else f">={OLDEST},<{int(NEWEST.partition('.')[0]) + 1}"
            fix = Fix(text("ask for {version}", version=pin), (Change(site.pin, (Replace(pin),)),))
        yield about(site, "dependency", site.name, message, settles(fix, sure=site.upgraded is Upgraded.SURE), fix)
    elif site.name in frameworks.table().distributions:
        message = text("package {name} stays: what its classes ask is reported where they are used", name=site.name)
        yield about(site, "dependency", site.name, message, Verdict.READY)
    else:
        message = text("package {name} may use OpenAI by itself: give it endpoint, key and model", name=site.name)
        yield about(site, "dependency", site.name, message, Verdict.MANUAL)


def moves(site: DependencySite, target: Target) -> bool:
    """Whether code of the 0.28 API moves to the current SDK."""
    return target.sdk is Sdk.CURRENT and site.upgraded is not Upgraded.NO


RULE = Rule("LM611", "dependency", DependencySite, find)
