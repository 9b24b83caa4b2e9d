"""Class or function of a framework talks to OpenAI.

Why: frameworks make their own clients. Their arguments for endpoint, key and model have names of their own, each reads
other variables, and what is not given is OpenAI's: a new endpoint without a key sends OpenAI's key there.

Fix: none yet: the message says what to write: endpoint, key and model together, under the names of this class, and the
class to take where this one refuses other models.

Safety: ``review``; ``manual`` where nothing is known to stand in for the model, or the class is for OpenAI only;
``ready`` where it points elsewhere already.

Source: the table of frameworks; profile fields ``regions`` and ``mapping``; gotchas G01, G02, G20, G29, G40, G41.
"""

from __future__ import annotations

from collections.abc import Iterator

from llm_codemods.frameworks import Kind, Row, table
from llm_codemods.report import Finding, Verdict
from llm_codemods.rule import Rule, about
from llm_codemods.sites import FrameworkSite, Points
from llm_codemods.target import Target
from llm_codemods.text import Text, text


def find(site: FrameworkSite, target: Target | None) -> Iterator[Finding]:
    """Report every use; say what to write for the target."""
    direct = site.called and not site.indirect
    kind = "framework" if direct and "OpenAI" in site.name else "framework-call"
    if site.points is Points.ELSEWHERE:
        if target is not None and target.is_home(site.host) and lacks_key(site):
            message = text(
                "{name} points to {host} and sends OpenAI's key there: pass {code}",
                name=site.name,
                host=site.host,
                code=f"{site.row.key[0]}={key(site.row, target)}",
            )
            yield about(site, kind, site.row.name, message, Verdict.REVIEW)
        else:
            yield about(
                site, kind, site.row.name, text("{name} does not point to OpenAI", name=site.name), Verdict.READY
            )
    elif target is None or target.at_openai:
        verdict = Verdict.READY if target is not None else None
        yield about(site, kind, site.row.name, text("{name} of a framework", name=site.name), verdict)
    else:
        message, verdict = _judge(site, target)
        yield about(site, kind, site.row.name, message, verdict)


def lacks_key(site: FrameworkSite) -> bool:
    """Whether an object with an endpoint of its own takes OpenAI's key from the environment."""
    explicit = site.argument((*site.row.key, *site.row.client)) is not None
    return bool(site.row.key and site.row.reads_key) and not explicit and not site.opaque


def _judge(site: FrameworkSite, target: Target) -> tuple[Text, Verdict]:
    row = site.row
    if row.kind is Kind.PARSER and row.instead is not None:
        return text("{name} needs what only OpenAI answers: use {other}", name=site.name, other=row.instead), (
            Verdict.REVIEW
        )
    asked = asked_for(site)
    model = target.model_for(asked) if asked is not None else None
    if asked is not None and model is None and not target.knows(asked):
        mapping = target.mapping(asked)
        if mapping is not None:
            message = text(
                "{name} asks for {model}, which has no equivalent: {reason}",
                name=site.name,
                model=asked,
                reason=mapping.reason,
            )
            return message, Verdict.MANUAL
        message = text(
            "{name} asks for {model}: nothing is known to stand in for it; choose with --map {model}=MODEL",
            name=site.name,
            model=asked,
        )
        return message, Verdict.MANUAL
    if not (row.write or row.endpoint or row.client_class or row.instead):
        return text("{name} is for OpenAI only: nothing is known to take its place", name=site.name), Verdict.MANUAL
    written = code(site, target, model or asked)
    if site.points is Points.UNKNOWN:
        message = text(
            "{name} gets its endpoint or model from elsewhere; it should be: {code}", name=site.name, code=written
        )
    else:
        message = text("{name} talks to OpenAI; write: {code}", name=site.name, code=written)
    return message, Verdict.REVIEW


def asked_for(site: FrameworkSite) -> str | None:
    """Return the model that is asked for, as far as it is written out; what Azure calls one is a deployment."""
    if site.models:
        return None if site.row.azure else site.models[0]
    return None if site.named or site.opaque else site.row.default


def key(row: Row, target: Target) -> str:
    """Return how the target's key is read."""
    return row.key_code.format(variable=target.key_env)


def code(site: FrameworkSite, target: Target, model: str | None) -> str:
    """Return the call that talks to the target, as Python source; a model that is not known is ``…``."""
    row = site.row
    other = (table().find(row.instead) if row.instead is not None else None) or row
    named = model if model is not None else "…"
    if other.write is not None:
        return other.write.format(model=named, url=target.base_url, key=key(other, target), variable=target.key_env)
    given: list[str] = []
    if other.model:
        prefix = f"openai{other.separator}" if other.separator is not None else ""
        given.append(f'{other.model[0]}="{prefix}{named}"')
    given += _connection(other, target)
    given += [f"{name}={value}" for name, value in {**other.arguments, **row.arguments}.items()]
    known = target.model(model)
    if other.context_argument is not None and known is not None and known.context is not None:
        given.append(f"{other.context_argument}={known.context}")
    called = site.name if other is row and package(site.dotted) == package(row.name) else other.name
    return f"{called}({', '.join(given)})"


def package(dotted: str) -> str:
    """Return the package of a dotted name."""
    return dotted.partition(".")[0]


def _connection(row: Row, target: Target) -> list[str]:
    """Return the arguments for endpoint and key."""
    if row.endpoint and row.key:
        return [f'{row.endpoint[0]}="{target.base_url}"', f"{row.key[0]}={key(row, target)}"]
    if row.client and row.client_class is not None:
        client = f'{row.client_class}(base_url="{target.base_url}", api_key={key(row, target)})'
        return [f"{row.client[0]}={client}"]
    return []


RULE = Rule("LM701", "framework-client", FrameworkSite, find)
