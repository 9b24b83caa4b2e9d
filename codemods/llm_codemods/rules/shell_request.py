"""Command asks OpenAI's endpoint.

Why: ``curl`` in a script, workflow or Makefile is found by no SDK; its address, key and model are still OpenAI's. The
``openai`` program sends to OpenAI unless it is told otherwise.

Fix: the provider's address takes the place of OpenAI's; the rules for models and variables change the rest of the
command with it.

Safety: ``review``; ``manual``, and left alone with its file, for the ``openai`` program, whose commands no provider
knows all of, for paths and models that have no counterpart, and while nothing in the project moves.

Source: profile fields ``regions`` and ``mapping``; gotchas G35, G63.
"""

from __future__ import annotations

from collections.abc import Iterator

from llm_codemods.configuration.blocks import because, held, moved_url
from llm_codemods.configuration.sites import ShellRequestSite
from llm_codemods.operations import Change, Fix, Replace
from llm_codemods.report import Finding, Verdict
from llm_codemods.rule import Rule, about
from llm_codemods.target import Target
from llm_codemods.text import text


def find(site: ShellRequestSite, target: Target | None) -> Iterator[Finding]:
    """Report every request, and say what takes the place of its address, key and model."""
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
            fix = Fix(text("use {url}", url=url), (Change(site.span, (Replace(url),)),))
            yield about(site, "raw-http", api, said, Verdict.REVIEW, fix)


RULE = Rule("LM802", "shell-request", ShellRequestSite, find)
