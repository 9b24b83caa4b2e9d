"""Code of the 0.28 API that moves to the current SDK: when it does, and how its clients are made."""

from __future__ import annotations

from dataclasses import replace

from llm_codemods import switched
from llm_codemods.operations import Change, Import, InsertAfter, Operation, ReplaceStatement
from llm_codemods.report import Verdict
from llm_codemods.sdk import Sdk, Upgraded
from llm_codemods.sites.kinds.clients import CallSite
from llm_codemods.sites.kinds.points import Points
from llm_codemods.sites.kinds.upgrades import NewClients, Upgrade
from llm_codemods.style import Style
from llm_codemods.target import Target

ASIDE = "embeddings_"
"""What the names of clients for embeddings begin with, where these have a provider of their own."""


def applies(points: Points, host: str | None, target: Target | None) -> bool:
    """Whether code of the 0.28 API that points to ``points`` moves to the current SDK."""
    if target is None or target.sdk is Sdk.KEEP or target.at_openai:
        return False
    whole = target.main or target  # with the embeddings alone, the module's settings would go that the rest needs
    return points in (Points.OPENAI, Points.AZURE) or whole.is_home(host)


def outlook(site: CallSite, target: Target | None) -> Upgraded:
    """Return whether a call of the 0.28 API becomes one of the current SDK; any other is one."""
    if not site.legacy:
        return Upgraded.SURE
    if site.upgrade is None or not applies(site.points, site.host, target):
        return Upgraded.NO
    return Upgraded.SURE if site.upgrade.sure and not is_early(site.upgrade, target) else Upgraded.UNSURE


def is_early(becomes: Upgrade, target: Target | None) -> bool:
    """Whether the client of a call is made before the program sets the key."""
    switches = target is not None and target.style is Style.SWITCH
    return switches and becomes.clients is not None and bool(becomes.clients.asked)


def has_own_client(site: CallSite, target: Target | None) -> bool:
    """Whether a call of the 0.28 API gets a client of its file's own, whatever becomes of the module's."""
    return site.upgrade is not None and site.upgrade.clients is not None and applies(site.points, site.host, target)


def upgraded(site: CallSite, target: Target | None) -> CallSite:
    """Return what a call of the 0.28 API is under the current SDK; the call itself where it stays as it is."""
    becomes = site.upgrade
    if becomes is None or not applies(site.points, site.host, target):
        return site
    names: dict[str, str | None] = {"engine": "model", "deployment_id": "model", **dict(becomes.arguments)}
    given = {name: argument for name, argument in site.given.items() if names.get(name, name) == name}
    for name, argument in site.given.items():
        to = names.get(name)
        if to is not None and name not in becomes.body:
            given.setdefault(to, replace(argument, name=to))
    result = None
    if site.result is not None and becomes.callee is not None:
        result = replace(site.result, method=becomes.function)
    return replace(site, api=site.endpoint, given=given, legacy=False, result=result)


def verdict(upgraded: Upgraded) -> Verdict:
    """Return the verdict of a fix that is part of a file's move."""
    return Verdict.FIX if upgraded is Upgraded.SURE else Verdict.REVIEW


def _made(name: str, clients: NewClients, target: Target, aside: str = "") -> tuple[str, ...]:
    """Return the lines that make a file's client ``name``, and the function that it asks for its key, if any;
    ``aside`` stands before the names of both."""
    kind = dict(clients.clients)[name]
    asynchronous = kind.startswith("Async")
    closing = 'default_headers={"Connection": "close"}' if asynchronous and clients.several_loops else ""
    if target.style is Style.SWITCH:
        return (f"{aside}{name} = {switched.name_of(target)}.{switched.CLASSES[kind]}({closing})",)
    read = f'os.environ["{target.key_env}"]'
    asked = dict(clients.asked).get(kind)
    key = f"{aside}{asked}" if asked is not None else read
    options = ", ".join(filter(None, (f'base_url="{target.base_url}"', f"api_key={key}", closing)))
    made = f"{aside}{name} = {clients.module}{kind}({options})"
    if asked is None:
        return (made,)
    define = "async def" if asynchronous else "def"
    told = '"""Return the key for a call; the program may set it while it runs."""'
    above = ("",) if clients.past_imports else ("", "")
    return (*above, f"{define} {key}():", f"    {told}", f"    return {read}", "", "", made)


def _put(clients: NewClients, lines: tuple[str, ...]) -> Operation:
    return ReplaceStatement(lines) if clients.replaces else InsertAfter(lines, clients.past_imports)


def making_aside(clients: NewClients, name: str, second: Target) -> Change:
    """Return what makes a client for the embeddings of a file beside its client ``name``."""
    return Change(clients.place, (_put(clients, _made(name, clients, second, ASIDE)),))


def making(clients: NewClients, target: Target) -> tuple[tuple[Change, ...], tuple[Import, ...]]:
    """Return what makes a file's clients, and the imports that this needs. Every fix that needs them has the same."""
    lines = tuple(line for name, _ in clients.clients for line in _made(name, clients, target))
    imports = tuple(Change(span, (ReplaceStatement(becomes),)) for span, becomes in clients.imports)
    needed = switched.imported(target) if target.style is Style.SWITCH else Import("os")
    return (Change(clients.place, (_put(clients, lines),)), *imports), (needed,)
