"""Call is written for openai before 1.0.

Why: 0.28 has functions on classes of the module, ``openai.ChatCompletion.create``. Since 1.0 the same stands below a
client: ``client.chat.completions.create``; the old names raise.

Fix: the call goes through a client, which is made once in the file, behind its imports or where the module was
configured, and reads the provider's variable; asynchronous calls get one of their own. Where the file configures or
imports the module while the program runs, the calls go through the client that the module has by itself:
``openai.chat.completions.create``; it has none for asynchronous calls. Where a program sets the module's key while it
runs, there or in another file, clients ask a function of the file for the key at each call; where it runs asynchronous
calls in one loop after the other, their client closes each connection, as 0.28 did. Arguments are called as they are
now; key, endpoint and organization go, those of the provider's own go into ``extra_body``. Completions and functions
become chat and tools in the same run, by rules of their own. Code for both majors, which tries for a module of the SDK
that only one has and calls the same under both, keeps what runs before 1.0. With style ``switch`` the module that
chooses makes the client.

Safety: ``fix`` where everything that hangs on the calls of the file can be followed, else ``review``; with style
``switch`` also where the key is set while the program runs, as clients are made before that. With ``--sdk keep`` the
code stays as it is, and needs ``openai<1``.

Source: both SDKs' own methods; gotcha G22.
"""

from __future__ import annotations

from collections.abc import Iterator

from llm_codemods import adapters, upgrade
from llm_codemods.operations import (
    Change,
    Fix,
    MoveToBody,
    NamePositional,
    Operation,
    PassThrough,
    RemoveArgument,
    RenameArgument,
    Replace,
    ReplaceString,
)
from llm_codemods.report import Finding, Verdict
from llm_codemods.rule import Rule, about
from llm_codemods.sites import CallSite
from llm_codemods.target import Target
from llm_codemods.text import text


def find(site: CallSite, target: Target | None) -> Iterator[Finding]:
    """Move calls of 0.28 to the current SDK."""
    if site.upgrade is None or target is None or not upgrade.applies(site.points, site.host, target):
        return
    becomes = site.upgrade
    operations: list[Operation] = [NamePositional(becomes.positional)] if becomes.positional else []
    for name, to in becomes.arguments:
        operations.append(RemoveArgument(name) if to is None or to in site.given else RenameArgument(name, to))
    operations += [MoveToBody(name, name) for name in becomes.body]
    fitting = [adapters.renamed(name, to) for name, to in becomes.unpacked]
    operations += [PassThrough(function.name, argument) for function, argument in fitting]
    definitions = tuple(dict.fromkeys(function for function, _ in fitting))
    changes = [Change(site.span, tuple(operations))] if operations else []
    apart = target.aside and becomes.clients is not None
    function = f"{upgrade.ASIDE}{becomes.function}" if apart else becomes.function
    if becomes.callee is not None:
        changes.append(Change(becomes.callee, (Replace(function),)))
    if not changes:
        return
    changes += [Change(span, (ReplaceString(to),)) for span, _, to in becomes.keys]
    made, imports = upgrade.making(becomes.clients, target.main or target) if becomes.clients is not None else ((), ())
    if apart and becomes.clients is not None:
        made = (*made, upgrade.making_aside(becomes.clients, becomes.function.partition(".")[0], target))
    fix = Fix(text("call {function}", function=function), (*changes, *made), imports, definitions)
    message = text("{api} exists only before 1.0 of the SDK", api=site.api)
    early = upgrade.is_early(becomes, target)
    if not becomes.sure:
        message = text("{message}; something in this file cannot be followed", message=message)
    elif early:
        message = text("{message}; its client is made before the program sets the key", message=message)
    yield about(site, "call", site.api, message, Verdict.FIX if becomes.sure and not early else Verdict.REVIEW, fix)


RULE = Rule("LM109", "legacy-call", CallSite, find)
