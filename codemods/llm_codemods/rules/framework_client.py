"""Class or function of a framework talks to OpenAI.

Why: frameworks make their own clients. Their arguments for endpoint, key and model have names of their own, each reads
other variables, and what is not given is OpenAI's: a new endpoint without a key sends OpenAI's key there.

Fix: endpoint, key and model change in one edit or not at all, under the names of this class; where the class refuses
other models, or sends what others refuse, the class for other endpoints takes its place, with what must be said to it.
The name of a model that an agent is given becomes an object with all three. Dictionaries of settings get the three
where they are written out. A key that somebody may hand in stays; where it can be empty, ``or os.environ["…"]`` follows
it. Settings that mean something to OpenAI only go. An object that points to the target already and has no key gets the
target's.

Safety: ``fix`` where endpoint, key and model are written in the call, or left out; ``review`` where the key or the
model comes from elsewhere or may do so, where completions become chat, and where Azure's class gives way; ``manual``
where arguments cannot be seen, a function is handed over, nothing is known to stand in for the model, or the class is
for OpenAI only: the message says what to write; ``ready`` where it points elsewhere already, or where its client says.
One that points to the target and still asks for a model of OpenAI's gets the target's by rule ``model-name``.

Source: the table of frameworks; profile fields ``regions`` and ``mapping``; gotchas G01, G02, G06, G20, G29, G40, G41,
G47.
"""

from __future__ import annotations

from collections.abc import Iterator

from llm_codemods.framework_fix import asked_for, complete, follows, key, move, moved, package, stand_in, successor
from llm_codemods.frameworks import Kind, Row
from llm_codemods.report import Finding, Verdict
from llm_codemods.rule import Rule, about, settles
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
            fix = complete(site, target)
            yield about(site, kind, site.row.name, message, settles(fix), fix)
        elif target is not None and target.is_home(site.host) and _is_for_openais(site, target):
            message = text(
                "{name} asks {host} for {model}; write: {code}",
                name=site.name,
                host=site.host or "",
                model=asked_for(site) or "",
                code=code(site, target, stand_in(site, target)),
            )
            yield about(site, kind, site.row.name, message, Verdict.MANUAL)
        else:
            yield about(
                site, kind, site.row.name, text("{name} does not point to OpenAI", name=site.name), Verdict.READY
            )
    elif target is None or target.at_openai:
        verdict = Verdict.READY if target is not None else None
        yield about(site, kind, site.row.name, text("{name} of a framework", name=site.name), verdict)
    else:
        fix = move(site, target)
        if fix is None and (_is_shell(site) or follows(site, target)):
            message = text("{name} points where the client points that it is given", name=site.name)
            yield about(site, kind, site.row.name, message, Verdict.READY)
            return
        message, sure = moved(site, target) if fix is not None else (_advice(site, target), False)
        yield about(site, kind, site.row.name, message, settles(fix, sure=sure), fix)


def _is_for_openais(site: FrameworkSite, target: Target) -> bool:
    """Whether an object asks for models of OpenAI's, and another class must take its place to ask for the target's."""
    return successor(site.row) is not site.row and not all(map(target.knows, site.models))


def _is_shell(site: FrameworkSite) -> bool:
    """Whether an object is but a shell around a client, with which it moves."""
    return site.row.kind is Kind.CLIENT and site.carried and site.movable and not site.row.model


def lacks_key(site: FrameworkSite) -> bool:
    """Whether an object with an endpoint of its own takes OpenAI's key from the environment."""
    explicit = site.argument((*site.row.key, *site.row.client)) is not None
    return bool(site.row.key and site.row.reads_key) and not explicit and not site.opaque


def _advice(site: FrameworkSite, target: Target) -> Text:
    """Say what a person must do."""
    row = site.row
    if row.kind is Kind.PARSER and row.instead is not None:
        return text("{name} needs what only OpenAI answers: use {other}", name=site.name, other=row.instead)
    asked = asked_for(site)
    model = stand_in(site, target)
    if asked is not None and model is None and not (site.row.azure and target.mapping(asked) is None):
        mapping = target.mapping(asked)
        if mapping is not None:
            return text(
                "{name} asks for {model}, which has no equivalent: {reason}",
                name=site.name,
                model=asked,
                reason=mapping.reason,
            )
        return text(
            "{name} asks for {model}: nothing is known to stand in for it; choose with --map {model}=MODEL",
            name=site.name,
            model=asked,
        )
    if not (row.write or row.endpoint or row.client_class or row.instead or row.connection or row.becomes):
        return text("{name} is for OpenAI only: nothing is known to take its place", name=site.name)
    written = code(site, target, model or (asked if not site.row.azure else None))
    if site.points is Points.UNKNOWN:
        return text(
            "{name} gets its endpoint or model from elsewhere; it should be: {code}", name=site.name, code=written
        )
    return text("{name} talks to OpenAI; write: {code}", name=site.name, code=written)


def code(site: FrameworkSite, target: Target, model: str | None) -> str:
    """Return the call that talks to the target, as Python source; a model that is not known is ``…``."""
    row = site.row
    other = successor(row)
    named = model if model is not None else "…"
    if other.write is not None:
        return other.write.format(model=named, url=target.base_url, key=key(other, target), variable=target.key_env)
    if row.becomes is not None:
        value = row.becomes.format(model=f'"{named}"', name=named, url=target.base_url, key=key(row, target), extra="")
        return f"{row.model[0]}={value}"
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


def _connection(row: Row, target: Target) -> list[str]:
    """Return the arguments for endpoint and key."""
    if row.endpoint and row.key:
        return [f'{row.endpoint[0]}="{target.base_url}"', f"{row.key[0]}={key(row, target)}"]
    if row.client and row.client_class is not None and not row.connection:
        client = f'{row.client_class}(base_url="{target.base_url}", api_key={key(row, target)})'
        return [f"{row.client[0]}={client}"]
    return [f"{n}={code.format(url=target.base_url, key=key(row, target))}" for n, code in row.connection.items()]


RULE = Rule("LM701", "framework-client", FrameworkSite, find, moves_objects=True)
