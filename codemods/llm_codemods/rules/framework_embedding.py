"""Embeddings of a framework send what other providers refuse.

Why: some classes cut texts into tokens of OpenAI's first and send their numbers, which others take for malformed input;
and they send more texts at once than the target's model takes, which is refused as a whole.

Fix: none yet: the message names the arguments.

Safety: ``review``; not reported where the arguments are given already and fit.

Source: the table of frameworks; profile field ``models.batch``; gotchas G14, G15.
"""

from __future__ import annotations

from collections.abc import Iterator

from llm_codemods.report import Finding, Verdict
from llm_codemods.rule import Rule, about
from llm_codemods.rules.framework_client import asked_for
from llm_codemods.sites import FrameworkSite, Points
from llm_codemods.target import Target
from llm_codemods.text import text


def find(site: FrameworkSite, target: Target | None) -> Iterator[Finding]:
    """Report embeddings that must be told how to send their texts."""
    if target is None or target.at_openai or (site.points is Points.ELSEWHERE and not target.is_home(site.host)):
        return
    wanted = [*_texts(site), *_batch(site, target)]
    if wanted and not site.opaque:
        message = text("{name}: pass {code}", name=site.name, code=", ".join(wanted))
        yield about(site, "parameter", site.row.name, message, Verdict.REVIEW)


def _texts(site: FrameworkSite) -> Iterator[str]:
    """Yield the argument that keeps texts from being sent as numbers of tokens."""
    name = site.row.token_numbers
    if name is not None and not (
        name in site.given and any(c.literal.value is False for c in site.given[name].constants)
    ):
        yield f"{name}=False"


def _batch(site: FrameworkSite, target: Target) -> Iterator[str]:
    """Yield the argument for how many texts go at once, where more would than the target's model takes."""
    name, most = site.row.batch_argument, site.row.batch
    asked = asked_for(site)
    known = target.model(target.model_for(asked) or asked) if asked is not None else None
    if name is None or most is None or known is None or known.batch is None:
        return
    given = site.given.get(name)
    numbers = [c.literal.value for c in given.constants] if given is not None else [most]
    if not numbers or any(isinstance(n, int) and n > known.batch for n in numbers):
        yield f"{name}={known.batch}"


RULE = Rule("LM705", "framework-embedding", FrameworkSite, find)
