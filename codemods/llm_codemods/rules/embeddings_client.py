"""Embeddings go to a provider of their own.

Why: some providers have no embeddings. A client that is used for both cannot be pointed to two endpoints, and one that
is moved as a whole answers 404 where vectors were expected.

Fix: with ``--embeddings`` a second client, with that provider's endpoint and key, is made below the statement that
makes the first one, from the same call, and the calls for embeddings go through it. Where there is no such statement in
the file, the call derives the second client from the one that it is given: ``client.with_options(base_url=…,
api_key=…)``, which keeps timeouts and connections. A client that serves embeddings only is moved as a whole.

Safety: ``fix`` where the second client stands beside the first; ``review`` where it is derived, since the caller may
hand over something else than a client; ``manual`` without ``--embeddings``, and where the call is not written out after
its client.

Source: profile field ``endpoints``; gotcha G17.
"""

from __future__ import annotations

from collections.abc import Iterator

from llm_codemods import upgrade
from llm_codemods.operations import (
    Change,
    CopyBeside,
    DeriveClient,
    Fix,
    Import,
    RemoveArgument,
    RenameClient,
    SetArgument,
)
from llm_codemods.report import Finding, Verdict
from llm_codemods.rule import Rule, about
from llm_codemods.sites import CallSite, Points
from llm_codemods.target import EMBEDDINGS, Target
from llm_codemods.text import text
from llm_codemods.vocabulary import OPENAIS_OWN


def find(site: CallSite, target: Target | None) -> Iterator[Finding]:
    """Give the embeddings of a client that serves more than these a client of their own."""
    if target is None or not target.aside or site.endpoint != EMBEDDINGS or not site.known:
        return
    if site.points not in (Points.OPENAI, Points.AZURE) or site.apart or upgrade.has_own_client(site, target):
        return
    kind = "call" if site.called else "ref"
    provider = target.profile.name
    if not site.spelled or site.module_level or site.legacy:
        message = text(
            "embeddings go to {provider}: make a client with {url} and the key of {variable} for them",
            provider=provider,
            url=target.base_url,
            variable=target.key_env,
        )
        yield about(site, kind, site.api, message, Verdict.MANUAL)
        return
    options = (("base_url", f'"{target.base_url}"'), ("api_key", f'os.environ["{target.key_env}"]'))
    if site.made is not None and site.points is Points.OPENAI:
        message = text("embeddings go to {provider}, through a client of their own", provider=provider)
        title = text("make the client {name} beside it", name=site.made.beside)
        copied: list[SetArgument | RemoveArgument] = [SetArgument(name, code) for name, code in options]
        copied += [RemoveArgument(name) for name in OPENAIS_OWN]
        changes = (
            Change(site.span, (RenameClient(EMBEDDINGS, site.made.beside),)),
            Change(site.made.call, (CopyBeside(site.made.beside, tuple(copied)),)),
        )
        yield about(site, kind, site.api, message, Verdict.FIX, Fix(title, changes, (Import("os"),)))
        return
    message = text("embeddings go to {provider}, with other options of the client that is given", provider=provider)
    title = text("point it to {url} with the key of {variable}", url=target.base_url, variable=target.key_env)
    derived = Change(site.span, (DeriveClient(EMBEDDINGS, options),))
    yield about(site, kind, site.api, message, Verdict.REVIEW, Fix(title, (derived,), (Import("os"),)))


RULE = Rule("LM113", "embeddings-client", CallSite, find)
