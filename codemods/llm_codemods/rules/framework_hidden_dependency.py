"""Framework makes an OpenAI object of its own because it is given none.

Why: memory, indexes and evaluations need a model or an embedder. Where none is passed, they make one of OpenAI's, which
asks for OpenAI's key although everything in sight was moved.

Fix: none yet: pass the object.

Safety: ``review``; not reported where it is passed, set for the whole framework, or hidden in arguments that cannot be
followed.

Source: the table of frameworks; gotcha G30.
"""

from __future__ import annotations

from collections.abc import Iterator

from llm_codemods.report import Finding, Verdict
from llm_codemods.rule import Rule, about
from llm_codemods.sites import HiddenDependencySite
from llm_codemods.target import Target
from llm_codemods.text import text


def find(site: HiddenDependencySite, target: Target | None) -> Iterator[Finding]:
    """Report every hidden object; say what to pass."""
    missing = ", ".join(site.missing)
    if target is None or target.at_openai:
        message = text("{name} without {missing} takes OpenAI's", name=site.name, missing=missing)
        yield about(site, "dependency", site.row.name, message, Verdict.READY if target is not None else None)
        return
    message = text(
        "{name} without {missing} takes OpenAI's and its key: pass {missing} made for {url} with the key of {variable}",
        name=site.name,
        missing=missing,
        url=target.base_url,
        variable=target.key_env,
    )
    yield about(site, "dependency", site.row.name, message, Verdict.REVIEW)


RULE = Rule("LM703", "framework-hidden-dependency", HiddenDependencySite, find)
