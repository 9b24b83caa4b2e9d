"""Framework's object sends parameters that the target treats differently.

Why: what is given to the object goes into every request that it makes. The target may ignore, refuse or limit it, as in
a call of the SDK; some objects rename the cap on the answer's length on the way, whatever it is called in the code. And
the target's model may think where the old one did not, or the other way round.

Fix: as for calls of the SDK (rules ``parameter`` and ``thinking``): the argument goes or its value moves into the
range. What switches thinking, and a cap that must keep its name, are sent in the request's body, under the name that
this class has for that.

Safety: ``fix`` where nothing is lost and the object moves without a person's look, else ``review``; ``manual`` where
the class has no place for further entries of the body, its argument for them is there already, or the object does not
move by itself.

Source: the table of frameworks, fields ``body`` and ``cap``; profile fields ``parameters``, ``thinking`` and
``mapping.thinking``; gotchas G08, G23, G24, G25, G36.
"""

from __future__ import annotations

from collections.abc import Iterator

from llm_codemods.framework_fix import Entries, beside, body, is_chat, moved, package, stand_in, successor, thinking
from llm_codemods.judgement import judgements
from llm_codemods.operations import Change, ExtendBody, Fix, Import, MoveToBody, RemoveArgument, SetArgument
from llm_codemods.profile import Status
from llm_codemods.report import Finding
from llm_codemods.rule import Rule, about, moves, settles
from llm_codemods.sites import CallSite, FrameworkSite, Points
from llm_codemods.target import Target
from llm_codemods.text import text
from llm_codemods.thoughts import is_switched

EXTRA_BODY = "extra_body={body}"
CAPS = ("max_tokens", "max_completion_tokens")
SHARED = frozenset(
    {
        *("temperature", "top_p", "n", "seed", "presence_penalty", "frequency_penalty", "logprobs", "top_logprobs"),
        *("logit_bias", "service_tier", "store", "stop", "max_tokens"),
    }
)
"""Parameters that objects of frameworks take under the API's own names."""


def find(site: FrameworkSite, target: Target | None) -> Iterator[Finding]:
    """Report what the object sends that the target does not take as it is."""
    if target is None or not moves(site.points, site.host, target) or not is_chat(site.row) or not site.called:
        return
    renamed, shared = _renamed(site, target), beside(site, target)
    sure = site.points is Points.ELSEWHERE or moved(site, target)[1]
    if renamed is not None:
        message = text(
            "{name} sends '{argument}' as '{other}', which the target does not take as OpenAI does",
            name=site.name,
            argument=renamed,
            other=_cap(site),
        )
        fix = None
        if shared is not None and successor(site.row).body == EXTRA_BODY and at_home(site) and _changes(site, renamed):
            title = text("send it as '{to}' in extra_body", to=CAPS[0])
            fix = Fix(title, (Change(site.span, (MoveToBody(renamed, CAPS[0]),)),), shared)
        yield about(site, "parameter", renamed, message, settles(fix, sure=sure), fix)
    yield from _shared(site, target, renamed, shared, sure=sure)
    switch = thinking(site, target)
    says = switch is not None and is_switched(site, dict(switch[1]))
    if switch is not None and not says and (site.row.becomes is None or site.row.body is not None or site.carried):
        yield _switch(site, *switch, shared, sure=sure)


def _renamed(site: FrameworkSite, target: Target) -> str | None:
    """Return the argument for the cap, if it is sent under a name that the target treats differently."""
    row = target.profile.parameter("chat.completions", _cap(site), stand_in(site, target))
    given = next((name for name in CAPS if name in site.given), None)
    return given if row is not None and row.status is not Status.SAME else None


def _cap(site: FrameworkSite) -> str:
    """Return under which name the cap is sent after the move."""
    other = successor(site.row)
    return (site.cap if other is site.row else other.cap) or ""


def _changes(site: FrameworkSite, *names: str) -> bool:
    """Whether these arguments are written in the call, and may be changed there."""
    return not (site.handed or site.opaque) and all(site.given[n].direct for n in names if n in site.given)


def _shared(
    site: FrameworkSite, target: Target, renamed: str | None, shared: tuple[Import, ...] | None, *, sure: bool
) -> Iterator[Finding]:
    """Yield what is to be said of arguments that go into the request under their own names."""
    given = {name: value for name, value in site.given.items() if name in SHARED and name != renamed}
    models = site.models or (() if site.row.default is None else (site.row.default,))
    call = CallSite(
        site.path, site.span, site.span, "chat.completions.create", site.points, site.host, given, site.opaque,
        called=True, legacy=False, known=True, models=models, images=False,
    )  # fmt: skip
    for value, row, judged in judgements(call, target):
        message = judged.message
        if row.note is not None:
            message = text("{message} ({note})", message=message, note=row.note)
        simple = all(isinstance(o, SetArgument | RemoveArgument) for o in judged.operations)
        fix = None
        if shared is not None and judged.operations and simple and _changes(site, value.name):
            fix = Fix(text("change it"), (Change(site.span, judged.operations),), shared)
        verdict = settles(fix, sure=sure and not judged.review)
        yield about(site, "parameter", value.name, message, verdict, fix)


def at_home(site: FrameworkSite) -> bool:
    """Whether the class comes from the package that has it today: the older ones know less."""
    return site.row.instead is not None or package(site.dotted) == package(site.row.name)


SWITCHES = {
    "off": (text("the target's model thinks by default, the old one did not"), text("switch thinking off")),
    "on": (text("the old model thinks, the target's only when it is asked to"), text("switch thinking on")),
    "least": (text("the target's model always thinks, the old one did not"), text("ask it to think least")),
}
"""How thinking is switched -> what to say, and what the fix does."""


def _switch(
    site: FrameworkSite, way: str, entries: Entries, shared: tuple[Import, ...] | None, *, sure: bool
) -> Finding:
    """Return the finding that switches thinking in the requests of the object."""
    message, title = SWITCHES[way]
    row = site.row if site.row.becomes is not None else successor(site.row)
    name, _, code = body(row, entries).partition("=")
    fix = None
    if shared is not None and name and at_home(site) and _changes(site, name):
        if row.body == EXTRA_BODY:
            fix = Fix(title, (Change(site.span, (ExtendBody(entries),)),), shared)
        elif name not in site.given:
            parts = (dotted.rpartition(".") for dotted in row.imports)
            needed = tuple(Import(module, last) for module, _, last in parts if f"{last}(" in code)
            fix = Fix(title, (Change(site.span, (SetArgument(name, code),)),), (*shared, *needed))
    if fix is None:
        written = ", ".join(f"{name}: {code}" for name, code in entries)
        message = text("{message}; have its requests send {entries}", message=message, entries=written)
    return about(site, "parameter", "thinking", message, settles(fix, sure=sure), fix)


RULE = Rule("LM713", "framework-parameter", FrameworkSite, find)
