"""Environment variable of OpenAI is named.

Why: the key of another provider in ``OPENAI_API_KEY`` misleads people, and libraries that read the variable
themselves send it to OpenAI.

Fix: reads whose value reaches a client become ``os.environ["…"]`` of the provider's variable, which stops at once
when it is missing; elsewhere the name is replaced. A read on import whose client is made later keeps its form, so that
the module can be imported without a key; so does a read of Streamlit's or Colab's secrets. Texts that tell people the
name get the new one.

Safety: ``fix`` for reads and writes of the environment; ``review`` for names that only stand in a string, and for
every name while something in this project needs the old one: a framework that reads it by itself, a client that stays
where it is, a request by hand; so, too, for a key that reaches no client that is seen, where it is handed to something
that is not the project's, URLs are read from variables of the project's own, or all calls go through what cannot be
followed. A variable that is set to something we cannot follow is left alone: it may be OpenAI's key.

Source: profile field ``regions.key_env``; gotchas G01, G02, G12, G47.
"""

from __future__ import annotations

from collections.abc import Iterator

from llm_codemods.operations import Change, Fix, Import, Replace, ReplaceString
from llm_codemods.report import Finding, Verdict
from llm_codemods.rule import Rule, about
from llm_codemods.sites import EnvironmentSite
from llm_codemods.target import Target
from llm_codemods.text import Text, text


def find(site: EnvironmentSite, target: Target | None) -> Iterator[Finding]:
    """Report every variable; rename those that hold the key."""
    message = text("variable {name}", name=site.name)
    if site.message is not None:
        yield from _mention(site, target)
    elif target is None:
        yield about(site, "env", site.name, message)
    elif target.at_openai or not target.origin.setting_variable.fullmatch(site.name):
        yield about(site, "env", site.name, message, Verdict.READY)
    elif not target.origin.key_variable.fullmatch(site.name):
        yield _staying(site, target) or about(site, "env", site.name, _other(site, target), Verdict.REVIEW)
    elif site.read is not None:
        yield _staying(site, target) or _key(site, target)
    elif (stays := _staying(site, target)) is not None:
        yield stays
    elif site.writes_unseen:
        said = text(
            "variable {name} is set to a key that may be OpenAI's; set {variable} to the provider's",
            name=site.name,
            variable=target.key_env,
        )
        yield about(site, "env", site.name, said, Verdict.REVIEW)
    elif any(other.stays(target) for other in site.others):
        said = text("variable {name} is also needed by code that stays with OpenAI or elsewhere", name=site.name)
        yield about(site, "env", site.name, said, Verdict.REVIEW)
    elif site.shared:
        said = text("variable {name} is also read by a framework in this project", name=site.name)
        yield about(site, "env", site.name, said, Verdict.REVIEW)
    else:
        title = text("rename it to {variable}", variable=target.key_env)
        fix = Fix(title, (Change(site.span, (ReplaceString(target.key_env),)),))
        seen = site.role == "environment" and not (site.loose or site.handed)
        verdict = Verdict.FIX if seen else Verdict.REVIEW
        yield about(site, "env", site.name, message, verdict, fix)


def _key(site: EnvironmentSite, target: Target) -> Finding:
    """Return the finding about a read whose value reaches only clients that move."""
    assert site.read is not None
    title = text("read {variable}", variable=target.key_env)
    said = text("variable {name} holds the key of a client", name=site.name)
    if site.header is not None and not site.store:
        change = Change(site.header, (Replace(target.bearer),))
    elif site.may_fail and not site.store:
        change = Change(site.read, (Replace(f'os.environ["{target.key_env}"]'),))
    elif site.default and not site.store:
        change = Change(site.read, (Replace(f'os.environ.get("{target.key_env}", "")'),))
    else:
        change = Change(site.span, (ReplaceString(target.key_env),))
        return about(site, "env", site.name, said, Verdict.FIX, Fix(title, (change,)))
    return about(site, "env", site.name, said, Verdict.FIX, Fix(title, (change,), (Import("os"),)))


def _staying(site: EnvironmentSite, target: Target) -> Finding | None:
    """Return the finding about a read whose value reaches a client that stays where it is; None if there is none."""
    staying = [reach for reach in site.reaches if reach.stays(target)]
    if not staying:
        return None
    hosts = {reach.host for reach in staying}
    if len(staying) == len(site.reaches) and None not in hosts:
        host = ", ".join(sorted(map(str, hosts)))
        said = text("variable {name} is for a client that points to {host}", name=site.name, host=host)
        return about(site, "env", site.name, said, Verdict.READY)
    said = text("variable {name} is for a client that is not moved", name=site.name)
    return about(site, "env", site.name, said, Verdict.REVIEW)


def _mention(site: EnvironmentSite, target: Target | None) -> Iterator[Finding]:
    """Yield the finding about a text that tells people the variable's name, once the name changes."""
    assert site.message is not None
    if target is None or target.at_openai or site.shared:
        return
    if not any(other.stays(target) for other in site.others):
        value = target.origin.key_mentioned.sub(target.key_env, site.message)
        fix = Fix(
            text("rename it to {variable}", variable=target.key_env),
            (Change(site.span, (ReplaceString(value),)),),
        )
        said = text("a text names variable {name}", name=site.name)
        yield about(site, "env", site.name, said, Verdict.FIX, fix)


def _other(site: EnvironmentSite, target: Target) -> Text:
    if target.origin.url_variable.fullmatch(site.name):
        return text("variable {name}: the endpoint now stands in the code", name=site.name)
    return text("variable {name} means something to OpenAI only", name=site.name)


RULE = Rule("LM601", "environment-variable", EnvironmentSite, find)
