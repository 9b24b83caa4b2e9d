"""Client talks to OpenAI's endpoint.

Why: endpoint, key and model are three separate settings. A client that gets a new endpoint and keeps its key sends
OpenAI's key to a stranger; one that gets no key at all falls back to ``OPENAI_API_KEY`` and does the same.

Fix: ``base_url`` and ``api_key`` change in one edit or not at all. The key is read with ``os.environ["…"]``, so that a
missing variable stops the program at once. ``organization`` and ``project`` belong to OpenAI and go.

Safety: ``fix`` where the key was OpenAI's own variable, a literal, or left out; ``review`` where it came from somewhere
that we cannot follow. A client whose endpoint is decided elsewhere is reported and left alone.

Source: profile field ``regions``; gotchas G01, G47.
"""

from __future__ import annotations

from collections.abc import Iterator

from llm_codemods.operations import Change, Fix, Import, Operation, RemoveArgument, SetArgument
from llm_codemods.report import Finding, Verdict
from llm_codemods.rule import Rule, about
from llm_codemods.sites import KEY_VARIABLE, ClientSite, Given, Points
from llm_codemods.target import Target
from llm_codemods.text import text

OPENAIS_OWN = ("organization", "project", "admin_api_key", "data_residency", "provider", "workload_identity")


def find(site: ClientSite, target: Target | None) -> Iterator[Finding]:
    """Report every client; move those that point to OpenAI."""
    if site.points is Points.AZURE:
        return
    if site.points is Points.ELSEWHERE:
        message = text("{kind} client points to {host}, not to OpenAI", kind=site.kind, host=site.host)
        yield about(site, "client", site.kind, message, Verdict.READY)
    elif target is None:
        yield about(site, "client", site.kind, text("{kind} client", kind=site.kind))
    elif target.at_openai and site.points is Points.OPENAI:
        yield about(site, "client", site.kind, text("{kind} client", kind=site.kind), Verdict.READY)
    elif site.points is Points.UNKNOWN or site.opaque or not moves(site):
        message = text(
            "{kind} client gets its endpoint from elsewhere: give it {url} and the key of {variable} together",
            kind=site.kind,
            url=target.base_url,
            variable=target.key_env,
        )
        yield about(site, "client", site.kind, message, Verdict.REVIEW)
    else:
        yield move(site, target)


def moves(site: ClientSite) -> bool:
    """Whether every argument that must change is written in the call itself."""
    return all(site.given[n].direct for n in ("base_url", "api_key", *OPENAIS_OWN) if n in site.given)


def move(site: ClientSite, target: Target) -> Finding:
    """Return the finding with the fix that changes endpoint and key together."""
    operations: list[Operation] = [SetArgument("base_url", f'"{target.base_url}"')]
    key = site.given.get("api_key")
    if not renamed_where_it_is_read(key, site):
        operations.append(SetArgument("api_key", f'os.environ["{target.key_env}"]'))
    removed = tuple(name for name in OPENAIS_OWN if name in site.given)
    operations += [RemoveArgument(name) for name in removed]
    fix = Fix(
        text("point it to {url} with the key of {variable}", url=target.base_url, variable=target.key_env),
        (Change(site.span, tuple(operations)),),
        (Import("os"),),
    )
    if key is not None and not key.environments and not key.constants:
        message = text(
            "{kind} client talks to OpenAI with a key that comes from elsewhere; it will read {variable} instead",
            kind=site.kind,
            variable=target.key_env,
        )
        return about(site, "client", site.kind, message, Verdict.REVIEW, fix)
    if removed:
        message = text(
            "{kind} client talks to OpenAI; OpenAI's own settings go: {names}", kind=site.kind, names=", ".join(removed)
        )
    else:
        message = text("{kind} client talks to OpenAI", kind=site.kind)
    return about(site, "client", site.kind, message, Verdict.FIX, fix)


def renamed_where_it_is_read(key: Given | None, site: ClientSite) -> bool:
    """Whether the key is nothing but reads of OpenAI's variable outside of this call: rule ``environment-variable``
    renames those, and the client keeps taking the key from where it did."""
    if key is None or (key.span in site.span and key.inline):
        return False
    reads = key.environments
    outside = all(not (e.path == site.path and e.term.span in site.span) for e in reads)
    return bool(reads) and outside and all(KEY_VARIABLE.fullmatch(e.name) for e in reads)


RULE = Rule("LM101", "client-endpoint", ClientSite, find)
