"""Command asks OpenAI's endpoint.

Why: ``curl`` in a script, workflow or Makefile is found by no SDK; its address, key and model are still OpenAI's. The
``openai`` program sends to OpenAI unless it is told otherwise.

Fix: the provider's address, the variable of its key and its model take the place of OpenAI's in one fix. Parameters are
changed in JSON that stands in the command between single quotes or in a here-document.

Safety: ``fix`` where the command names the variable of the key; ``review`` where it names none. ``manual``, and left
alone with its file, for the ``openai`` program, whose commands no provider knows all of, for paths and models that have
no counterpart, for keys that come from elsewhere, and while nothing in the project moves. A parameter that cannot be
changed here is a ``manual`` finding of its own.

Source: profile fields ``regions``, ``mapping`` and ``parameters``; gotchas G01, G35, G63.
"""

from __future__ import annotations

from collections.abc import Iterator

from llm_codemods import openai_api
from llm_codemods.configuration import json_body
from llm_codemods.configuration.blocks import because, held, moved_url
from llm_codemods.configuration.sites import ShellRequestSite
from llm_codemods.operations import Change, Fix, Operation, Replace
from llm_codemods.report import Finding, Verdict
from llm_codemods.rule import Rule, about
from llm_codemods.rules import request_body
from llm_codemods.sites import CallSite, Points
from llm_codemods.target import Target
from llm_codemods.text import text


def find(site: ShellRequestSite, target: Target | None) -> Iterator[Finding]:
    """Report every request, and move those that can: address, key and model."""
    said = text("{command} asks OpenAI", command=site.command)
    api = site.url or site.command
    if target is None or target.at_openai:
        yield about(site, "raw-http", api, said, Verdict.READY if target else None)
    elif site.url is None:
        yield about(site, "raw-http", api, said, Verdict.MANUAL)
    else:
        model = target.model_for(site.model) if site.model is not None else None
        said = text(
            "{command} asks OpenAI; now address {base}, key {variable}",
            command=site.command,
            base=target.base_url,
            variable=target.key_env,
        )
        if model is not None:
            said = text(
                "{command} asks OpenAI; now address {base}, key {variable}, model {model}",
                command=site.command,
                base=target.base_url,
                variable=target.key_env,
                model=model,
            )
        url = moved_url(site.url, target)
        stays = held(site, target)
        if stays is not None:
            yield about(site, "raw-http", api, because(said, stays[1]), stays[0])
        elif url is None:
            yield about(site, "raw-http", api, said, Verdict.MANUAL)
        else:
            changes = [Change(site.span, (Replace(url),))]
            changes += [Change(word.span, (Replace(target.key_env),)) for word in site.keys]
            models = ((word, target.model_for(word.text)) for word in site.models)
            changes += [Change(word.span, (Replace(to),)) for word, to in models if to is not None]
            verdict = Verdict.FIX if site.keys else Verdict.REVIEW
            parameters = tuple(_parameters(site, target))
            operations = [o for f in parameters if f.fix is not None for c in f.fix.changes for o in c.operations]
            changes += _in_body(site, operations)
            yield about(site, "raw-http", api, said, verdict, Fix(text("use {url}", url=url), tuple(changes)))
            for finding in parameters:
                if finding.fix is None or not _in_body(site, operations):
                    yield about(site, "parameter", finding.api, finding.message, Verdict.MANUAL)


def _parameters(site: ShellRequestSite, target: Target) -> Iterator[Finding]:
    """Yield what is said of the body's parameters, as if a call of the SDK gave them."""
    path = openai_api.path_in(site.url or "")
    given = json_body.given(site.path, site.body) if site.body is not None else None
    if path is not None and given is not None:
        api = openai_api.method_at(path, "POST")
        models = (site.model,) if site.model is not None else ()
        call = CallSite(
            site.path,
            site.span,
            site.span,
            api,
            Points.OPENAI,
            None,
            given,
            opaque=False,
            called=True,
            legacy=True,
            known=True,
            models=models,
            images=False,
        )
        yield from request_body.judged(call, target)


def _in_body(site: ShellRequestSite, operations: list[Operation]) -> list[Change]:
    return json_body.changes(site.body, operations) or [] if site.body is not None else []


RULE = Rule("LM802", "shell-request", ShellRequestSite, find)
