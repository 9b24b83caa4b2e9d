"""File that is no Python names a variable of OpenAI.

Why: workflows, charts, scripts and settings hand the key to the program; without the provider's variable the rewritten
code stops at once, and a key of OpenAI that goes on being handed over is one that can leak.

Fix: the key's variable gets the provider's name, wherever the file says it. A value that is no reference to it may be
OpenAI's key: it is never taken over, but its line becomes a comment, below a new one that is empty. While something in
the project needs the old variable, the new one is added beside it. Endpoints and settings that mean something to OpenAI
only become comments, since the code says the endpoint. Dotenv and compose files have rules of their own.

Safety: ``fix`` where a client of this project moves; ``review`` for texts that name the variable, for what becomes a
comment, and for the name of the variable beside OpenAI's URL, which moves with it; ``manual`` where a cluster or a
forge keeps the value, since only you can put the new key there (its name is changed nonetheless), where another program
is handed the key, and where the file asks OpenAI in a way that cannot be moved. Names of your own with OpenAI in them
are ``ready`` unless they speak of a key, an endpoint or an account.

Source: profile field ``regions.key_env``; gotchas G01, G02, G31, G63.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from llm_codemods.configuration import blocks
from llm_codemods.configuration.forms import Form
from llm_codemods.configuration.sites import Line, Readers, Role, VariableEntrySite, Word
from llm_codemods.edits import Edit, Span, apply
from llm_codemods.operations import Change, Fix, Replace
from llm_codemods.report import Finding, Verdict
from llm_codemods.rule import Rule, about
from llm_codemods.target import Target
from llm_codemods.text import Text, text
from llm_codemods.vocabulary import SECRET

HANDED = re.compile(r"with|args|inputs", re.IGNORECASE)
"""Blocks whose keys are another program's."""


ITEM = re.compile(r"""\s*(?P<item>(?P<quote>["']).*(?P=quote))\s*(?:#.*)?""")
"""The last text of a list on a line of its own: no comma follows."""


def find(site: VariableEntrySite, target: Target | None) -> Iterator[Finding]:
    """Report every variable, and rename, add or retire it."""
    if target is None:
        yield about(site, "env", site.name, text("variable {name}", name=site.name))
    elif target.at_openai or not target.origin.setting_variable.fullmatch(site.name):
        yield about(site, "env", site.name, text("variable {name}", name=site.name), Verdict.READY)
    elif target.origin.key_variable.fullmatch(site.name):
        yield from _key(site, target)
        if target.embeddings is not None:
            yield from _second(site, target.embeddings)
    else:
        yield _setting(site, target)


def _key(site: VariableEntrySite, target: Target) -> Iterator[Finding]:
    said = text("variable {name}: the code now reads {variable}", name=site.name, variable=target.key_env)
    kept = text(
        "variable {name} comes from a secret: create one for {variable} and hand that over",
        name=site.name,
        variable=target.key_env,
    )
    if site.role is Role.SECRET and site.keys[:1] in (("data",), ("stringData",)):
        yield about(site, "env", site.name, kept, Verdict.MANUAL)
        return
    stays = _staying(site, target)
    verdict = Verdict.FIX
    if stays is None:
        fix = _renamed(site, target)
        verdict = Verdict.REVIEW if site.role is Role.NAMED or _goes_with_url(site, target) else Verdict.FIX
    else:
        moved = replace(site, block=replace(site.block, readers=Readers(moving=site.block.readers.moving)))
        fix = _added(site, target) if _staying(moved, target) is None else None
    if fix is not None:
        yield about(site, "env", site.name, said, verdict, fix)
        if _is_kept_secret(site):
            created = text("create the secret {name}", name=target.key_env)
            yield about(site, "env", target.key_env, created, Verdict.MANUAL)
    elif stays is not None:
        message = kept if site.role is Role.SECRET else said
        yield about(site, "env", site.name, blocks.because(message, stays[1]), stays[0])
    else:
        yield about(site, "env", site.name, said, Verdict.MANUAL)


def _goes_with_url(site: VariableEntrySite, target: Target) -> bool:
    """Whether a setting names the variable of the key for the URL of OpenAI beside it, which moves after a look."""
    named = bool(site.keys) and not target.origin.key_variable.fullmatch(site.keys[-1])
    return named and blocks.endpoint(site.block, target) is not None


def _is_kept_secret(site: VariableEntrySite) -> bool:
    """Whether the entry names the secret itself, of a forge or a cluster, and not only what takes its value."""
    return site.role is Role.SECRET and (
        site.value is not None or site.keys[-1:] != (site.name,) or _in_reference(site)
    )


def _in_reference(site: VariableEntrySite) -> bool:
    return any(key.lower() in ("secretkeyref", "configmapkeyref") for key in site.keys)


def _staying(site: VariableEntrySite, target: Target) -> tuple[Verdict, Text] | None:
    """Return verdict and reason why the variable keeps its name; None where it does not."""
    names = [name for name, _ in site.block.entries]
    own = site.keys[-1] if site.keys else None
    if site.times > 1:
        return Verdict.MANUAL, text("the file says it {count:time|times}", count=site.times)
    if target.key_env in names:
        verdict = Verdict.READY if site.block.readers.staying else Verdict.MANUAL
        return verdict, text("{variable} stands beside it", variable=target.key_env)
    others = [name for name in blocks.keys_of(site.block) if name != site.name]
    if others and blocks.keys_of(site.block)[0] != site.name:
        return Verdict.MANUAL, text("{name} beside it takes the name", name=others[0])
    if (
        own is not None
        and not target.origin.key_variable.fullmatch(own)
        and site.role is not Role.NAMED
        and _hands_on(site, own)
    ):
        return Verdict.MANUAL, text("{key} hands it to something that is not seen", key=own)
    return blocks.held(site, target)


def _hands_on(site: VariableEntrySite, own: str) -> bool:
    """Whether an entry gives the variable's value to another program, or to a variable of yours."""
    return any(HANDED.fullmatch(key) for key in site.keys[:-1]) or not blocks.KEY_KEY.fullmatch(own)


def _names(site: VariableEntrySite, target: Target) -> list[Word]:
    return [
        word for word in (Word(site.name, site.span), *site.again) if target.origin.key_variable.fullmatch(word.text)
    ]


def _renamed(site: VariableEntrySite, target: Target) -> Fix | None:
    title = text("rename it to {variable}", variable=target.key_env)
    changes = tuple(Change(word.span, (Replace(target.key_env),)) for word in _names(site, target))
    if site.value is not None and not blocks.is_own(site.value):
        if blocks.IN_FORGE.search(site.value.text):
            reference = f"${{{{ secrets.{target.key_env} }}}}"
            return Fix(title, (changes[0], Change(site.value.span, (Replace(reference),))))
        if site.line is None or (site.form is Form.NOTEBOOK and not SECRET.search(site.value.text)):
            return None
        if site.form is Form.NOTEBOOK:
            said = f"# {target.key_env} is read from the environment"
            return Fix(text("take the key out of the cell"), (Change(site.line.span, (Replace(said),)),))
        new = _emptied(site, site.value, site.line, target)
        before = Span(site.line.span.start + _indent(site.line), site.line.span.start + _indent(site.line))
        title = text("make it a comment and add {variable}", variable=target.key_env)
        return Fix(title, (Change(before, (Replace(new + f"{site.line.comment} "),)),))
    return Fix(title, changes)


def _indent(line: Line) -> int:
    return len(line.text) - len(line.text.lstrip())


def _emptied(site: VariableEntrySite, value: Word, line: Line, target: Target) -> str:
    """Return a line for the new variable without a value, its end, and the indentation of the next."""
    start = line.span.start
    if site.form is Form.SHELL:  # an empty value would win over the one that is handed in
        indent = line.text[: _indent(line)]
        export = "export " if "export" in line.text[: site.span.start - start] else ""
        return f'{export}{target.key_env}="${{{target.key_env}:?}}"{line.newline}{indent}'
    empty = value.quote * 2 or ('""' if ":" in line.text[site.span.end - start : value.span.start - start] else "")
    joint = line.text[site.span.end - start : value.span.start - start - len(value.quote)]
    head = line.text[_indent(line) : site.span.start - start]
    if head[-1:] in ("'", '"') and "=" in joint:  # the quotes are around the whole of it
        empty = head[-1]
    return f"{head}{target.key_env}{joint}{empty}{line.newline}{line.text[: _indent(line)]}"


def _added(site: VariableEntrySite, target: Target) -> Fix | None:
    """Return the fix that puts the new variable on a line above the old one, which stays."""
    if site.line is None or site.role not in (Role.SET, Role.SECRET):
        return None
    start = site.line.span.start
    at = start + _indent(site.line)
    if blocks.is_own(site.value):
        inside = [word.span for word in _names(site, target)]
        new = apply(site.line.text, [Edit(s.start - start, s.end - start, target.key_env) for s in inside])
        new = f"{new.lstrip()}{site.line.newline}{site.line.text[: at - start]}"
    elif site.value is not None and site.form is not Form.NOTEBOOK:
        new = _emptied(site, site.value, site.line, target)
    else:
        return None
    if site.form in (Form.TOML, Form.JSON) and ITEM.fullmatch(site.line.text):
        new = ITEM.sub(r"\g<item>,", new.rstrip()) + site.line.newline + site.line.text[: at - start]
    title = text("add {variable} beside it", variable=target.key_env)
    return Fix(title, (Change(Span(at, at), (Replace(new),)),))


def _second(site: VariableEntrySite, second: Target) -> Iterator[Finding]:
    """Hand on the key of the embeddings, on a line below that of OpenAI's."""
    set_here = site.role in (Role.SET, Role.SECRET) and site.keys[:1] not in (("data",), ("stringData",))
    beside = second.key_env in [name for name, _ in site.block.entries]
    if not set_here or beside or site.times > 1 or not site.block.readers.moving or site.line is None:
        return
    message = text("the key of {provider}, for embeddings, is missing here", provider=second.profile.name)
    last = site.form is Form.JSON and not site.line.text.rstrip().endswith(",")
    last = last or (site.form is Form.TOML and ITEM.fullmatch(site.line.text) is not None)
    unseen = site.block.readers.staying and not site.keys  # it stays, and nobody would see that the other is there
    if last or unseen or not blocks.is_own(site.value) or blocks.keys_of(site.block)[:1] != (site.name,):
        yield about(site, "env", second.key_env, message, Verdict.MANUAL)
        return
    start, end = site.line.span.start, site.line.span.end
    inside = [Edit(w.span.start - start, w.span.end - start, second.key_env) for w in _names(site, second)]
    new = Change(Span(end, end), (Replace(site.line.newline + re.sub(r"\s+#.*", "", apply(site.line.text, inside))),))
    title = text("add {variable} beside it", variable=second.key_env)
    yield about(site, "env", second.key_env, message, Verdict.FIX, Fix(title, (new,)))
    if _is_kept_secret(site):
        created = text("create the secret {name}", name=second.key_env)
        yield about(site, "env", second.key_env, created, Verdict.MANUAL)


def _setting(site: VariableEntrySite, target: Target) -> Finding:
    """Return the finding about an endpoint, or what else means something to OpenAI only."""
    message = text("variable {name} means something to OpenAI only", name=site.name)
    if target.origin.url_variable.fullmatch(site.name):
        message = text("variable {name}: the endpoint now stands in the code", name=site.name)
    stays = blocks.held(site, target)
    if stays is not None:
        return about(site, "env", site.name, blocks.because(message, stays[1]), stays[0])
    alone = all(
        target.origin.setting_variable.fullmatch(name) and not target.origin.key_variable.fullmatch(name)
        for name, _ in site.block.entries
    )
    if site.line is None or site.role is not Role.SET or (site.keys and alone):
        return about(site, "env", site.name, message, Verdict.MANUAL)
    at = site.line.span.start + _indent(site.line)
    fix = Fix(text("make it a comment"), (Change(Span(at, at), (Replace(f"{site.line.comment} "),)),))
    return about(site, "env", site.name, message, Verdict.REVIEW, fix)


RULE = Rule("LM606", "configuration-variable", VariableEntrySite, find)
