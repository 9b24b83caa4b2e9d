"""Traces of agents are uploaded to OpenAI, and agents talk to it by default.

Why: the Agents SDK sends what agents were asked and answered to a fixed address of OpenAI's, with the key that it finds
in ``OPENAI_API_KEY``, whatever endpoint the models have. A new key in that variable goes there too. Agents without a
client of their own take OpenAI's, and its Responses API.

Fix: where agents run, below the imports (and below ``load_dotenv()``): ``set_default_openai_client`` with the target's
endpoint and key, which traces must not use; ``set_default_openai_api("chat_completions")`` where the target has no
Responses API; ``set_tracing_disabled(True)``. Only what is not there.

Safety: ``fix``; ``ready`` where the project switches the upload off, or gives the traces to somebody else, and its
agents have a client of their own.

Source: profile fields ``regions`` and ``endpoints``; gotchas G11, G12.
"""

from __future__ import annotations

from collections.abc import Iterator

from llm_codemods.operations import Change, Fix, Import, InsertAfter
from llm_codemods.profile import Status
from llm_codemods.report import Finding, Verdict
from llm_codemods.rule import Rule, about
from llm_codemods.sites import TraceSite
from llm_codemods.target import Target
from llm_codemods.text import text


def find(site: TraceSite, target: Target | None) -> Iterator[Finding]:
    """Report every file that runs agents; say there, once, what all agents need."""
    needed = list(_needed(site, target)) if target is not None and not target.at_openai else []
    if needed and target is not None:
        names = ", ".join(function for function, _ in needed)
        message = text("agents run here, and by default they talk to OpenAI: call {names} first", names=names)
        yield about(site, "trace", "agents", message, Verdict.FIX, _fix(site, target, needed))
    elif site.off:
        yield about(site, "trace", "agents", text("traces of agents do not go to OpenAI"), Verdict.READY)
    else:
        message = text("traces of agents go to OpenAI: call set_tracing_disabled(True) where the program starts")
        yield about(site, "trace", "agents", message, Verdict.READY if target is not None else None)


def _needed(site: TraceSite, target: Target) -> Iterator[tuple[str, str]]:
    """Yield the functions to call, with their arguments."""
    if site.client:
        client = f'AsyncOpenAI(base_url="{target.base_url}", api_key=os.environ["{target.key_env}"])'
        yield "set_default_openai_client", f"{client}, use_for_tracing=False"
    row = target.profile.endpoint("responses.create")
    if site.responses and (row is None or row.status is not Status.SAME):
        yield "set_default_openai_api", '"chat_completions"'
    if not site.off:
        yield "set_tracing_disabled", "True"


def _fix(site: TraceSite, target: Target, needed: list[tuple[str, str]]) -> Fix:
    """Return the fix that calls these functions below the imports."""
    owner = f"{site.module}." if site.module is not None else ""
    statements = tuple(f"{owner}{function}({arguments})" for function, arguments in needed)
    imports = [Import("agents", function) for function, _ in needed] if site.module is None else []
    if site.client:
        imports += [Import("os"), Import("openai", "AsyncOpenAI")]
    place = site.after or site.span
    change = Change(place, (InsertAfter(statements, past_imports=site.after is None),))
    return Fix(text("have all agents talk to {url}", url=target.base_url), (change,), tuple(imports))


RULE = Rule("LM708", "trace-upload", TraceSite, find)
