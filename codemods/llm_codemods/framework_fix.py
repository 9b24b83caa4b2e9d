"""How an object of a framework moves to a target: endpoint, key and model in one fix, or none.

What is written comes from the table (``llm_codemods.frameworks``); this module only puts it together.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from llm_codemods.frameworks import Kind, Row, table
from llm_codemods.operations import (
    Change,
    FallBack,
    Fix,
    Import,
    Operation,
    RemoveArgument,
    RenameArgument,
    RenameFunction,
    Replace,
    ReplaceString,
    SetArgument,
)
from llm_codemods.profile import Thinking
from llm_codemods.sites import FrameworkSite, Given, KeyUse, Points
from llm_codemods.target import Target
from llm_codemods.terms import Call, Either, Literal, dotted, last_name
from llm_codemods.text import Text, text
from llm_codemods.values import Foreign

LOOKS_UP = frozenset({"get", "getattr", "pop", "setdefault"})
Entries = tuple[tuple[str, str], ...]
"""Entries of a request's body: name and Python source."""


def asked_for(site: FrameworkSite) -> str | None:
    """Return the model that is asked for, the first if there are several."""
    return next(iter(site.asked), None)


def stand_in(site: FrameworkSite, target: Target) -> str | None:
    """Return the target's model for the one that is asked for; None: nothing is known to stand in for it."""
    asked = asked_for(site)
    return _model_for(asked, site.row, target) if asked is not None else None


def _model_for(asked: str, row: Row, target: Target) -> str | None:
    return target.model_for(asked, vision=row.vision) or (asked if target.knows(asked) else None)


def key(row: Row, target: Target) -> str:
    """Return how the target's key is read."""
    return row.key_code.format(variable=target.key_env)


def successor(row: Row) -> Row:
    """Return the class to take at other endpoints."""
    return (table().find(row.instead) if row.instead is not None else None) or row


def move(site: FrameworkSite, target: Target) -> Fix | None:
    """Return the fix that changes endpoint, key and model together; None where some of it must be left to a person, or
    where nothing changes in the call itself."""
    made = _made(site, target)
    if made is None or not made[0]:
        return None
    title = text("point it to {url} with the key of {variable}", url=target.base_url, variable=target.key_env)
    return Fix(title, made[0], tuple(dict.fromkeys(made[1])))


def follows(site: FrameworkSite, target: Target) -> bool:
    """Whether an object moves and nothing changes in the call: it has its endpoint and key from a client, and the name
    of its model changes where it is written."""
    return site.carried and _made(site, target) == ((), [])


def _made(site: FrameworkSite, target: Target) -> tuple[tuple[Change, ...], list[Import]] | None:
    """Return what changes with the move, with its imports; None where some of it must be left to a person."""
    model = stand_in(site, target)
    if not site.movable or (model is None and (asked_for(site) is not None or not site.takes_any)):
        return None
    if any(_model_for(name, site.row, target) is None for name in site.models):
        return None
    named = site.argument(site.row.model)
    if site.row.config:
        return _configured(site, target)
    if site.row.becomes is not None and not site.carried:
        return _becoming(site, target, model, named)
    return _arguments(site, target, model, named)


def moved(site: FrameworkSite, target: Target) -> tuple[Text, bool]:
    """Say what moves, with the package that it needs then, and whether that is sure."""
    message, sure = _moved(site, target)
    other = successor(site.row)
    if other is site.row or other.requires is None or ("package", other.requires) in message.values:
        return message, sure
    said = text(
        "{message}; {other} takes its place, which needs the package {package}",
        message=message,
        other=other.called,
        package=other.requires,
    )
    return said, sure


def _moved(site: FrameworkSite, target: Target) -> tuple[Text, bool]:
    other = successor(site.row)
    if site.points is Points.AZURE:
        message = text("{name} talks to Azure OpenAI", name=site.name)
        return message, False
    if site.row.kind is Kind.COMPLETION and other is not site.row:
        message = text("{name} asks for completions; {other} answers with messages", name=site.name, other=other.called)
        return message, False
    if _is_foreign(site, target):
        message = text(
            "{name} talks to OpenAI with a key that comes from elsewhere; it will read {variable} instead",
            name=site.name,
            variable=target.key_env,
        )
        return message, False
    if site.named and not site.models:
        message = text("{name} talks to OpenAI; its model comes from elsewhere: choose it there", name=site.name)
        return message, False
    if _is_chosen_elsewhere(site):
        message = text(
            "{name} talks to OpenAI; its model comes in part from elsewhere: choose it there", name=site.name
        )
        return message, False
    if not site.row.alike:
        message = text(
            "{name} talks to OpenAI; {other} takes its place, which has other methods and needs the package {package}",
            name=site.name,
            other=other.called,
            package=other.requires or package(other.name),
        )
        return message, False
    if other.requires is not None and other is not site.row:
        message = text(
            "{name} talks to OpenAI and refuses other models: {other} does not, it needs the package {package}",
            name=site.name,
            other=other.called,
            package=other.requires,
        )
        if other.called == site.row.called:
            message = text(
                "{name} talks to OpenAI and sends what others refuse: {other} does not, it needs the package {package}",
                name=site.dotted,
                other=other.name,
                package=other.requires,
            )
        # releases that have the class elsewhere may be too old for the package
        return message, site.dotted.rpartition(".")[0] == site.row.name.rpartition(".")[0]
    gone = [name for name in site.row.removes if name in site.given]
    if gone:
        message = text(
            "{name} talks to OpenAI; OpenAI's own settings go: {names}", name=site.name, names=", ".join(gone)
        )
        return message, True
    return text("{name} talks to OpenAI", name=site.name), True


def _is_chosen_elsewhere(site: FrameworkSite) -> bool:
    """Whether the model that is written out is only what stands in where none is told: ``name or "gpt-4o"``."""
    named = site.argument(site.row.model)
    match named.term if named is not None else None:
        case Either(options=options) if named is not None:
            return not all(site.resolve(named.path, option) for option in options)
        case Call(func=func) if named is not None:
            return last_name(func) in LOOKS_UP and not named.environments
    return named is not None and any(isinstance(value, Foreign) for value in named.values)


def _is_foreign(site: FrameworkSite, target: Target) -> bool:
    """Whether the key that is given may be anything but OpenAI's variable or a key in the code, and is not kept."""
    held = site.held
    return held.use is KeyUse.FOREIGN or (held.handed and not _keeps_key(site, target))


def _keeps_key(site: FrameworkSite, target: Target) -> bool:
    """Whether a key that somebody may hand in, or that a store of secrets holds, stays: all else that it may be is
    renamed where it is read."""
    held, other = site.held, successor(site.row)
    if not (held.handed or held.stored) or held.use is KeyUse.FOREIGN:
        return False
    if other.connection or other.becomes or other.config:
        return False
    return any(name in site.given for name in other.key) and not any(reach.stays(target) for reach in held.beside)


def beside(site: FrameworkSite, target: Target) -> tuple[Import, ...] | None:
    """Return the imports that a further fix shares with the move, so that none is made without the other.

    None: the object does not move by itself, so that its arguments must stay, too.
    """
    if site.points is Points.ELSEWHERE:
        return ()
    moved = move(site, target)
    return moved.imports if moved is not None else () if follows(site, target) else None


def complete(site: FrameworkSite, target: Target) -> Fix | None:
    """Return the fix that gives the target's key to an object that has only its endpoint."""
    if not site.called or site.opaque or site.handed:
        return None
    code = key(site.row, target)
    title = text("give it the key of {variable}", variable=target.key_env)
    change = Change(site.span, (SetArgument(site.row.key[0], code),))
    return Fix(title, (change,), (*imports_of(site.row), *_reading(code)))


def _configured(site: FrameworkSite, target: Target) -> tuple[tuple[Change, ...], list[Import]] | None:
    """Return what writes endpoint, key and model into the dictionaries that the object takes."""
    row = site.row
    code = key(row, target)
    changes: list[Change] = []
    for config in site.configs:
        for literal in config.names(row.model):
            model = _model_for(str(literal.value), row, target)
            if model is None:
                return None
            changes.append(Change(literal.span, (ReplaceString(model),)))
        endpoint = next((name for name in row.endpoint if name in config.given), row.endpoint[0])
        entries = SetArgument(endpoint, f'"{target.base_url}"'), SetArgument(row.key[0], code)
        changes.append(Change(config.span, entries))
    return tuple(changes), [*imports_of(row), *_reading(code)]


def _becoming(
    site: FrameworkSite, target: Target, model: str | None, named: Given | None
) -> tuple[tuple[Change, ...], list[Import]] | None:
    """Return what puts an object in the place of the model's name."""
    row = site.row
    assert row.becomes is not None
    source, name = _source(site, model, named), model or ""
    if source is None or ("{name}" in row.becomes and not source.startswith('"')):
        return None
    code = row.becomes.format(
        model=source, name=name, url=target.base_url, key=key(row, target), extra=_extra(site, target)
    )
    imports = [*(i for i in imports_of(row) if i.bound in code), *_reading(code)]
    if named is None:
        return (Change(site.span, (SetArgument(row.model[0], code),)),), imports
    return (Change(named.span, (Replace(code),)),), imports


def _extra(site: FrameworkSite, target: Target) -> str:
    """Return what switches thinking in the object that stands for a model's name, where the agent cannot say it."""
    made = table().find(site.row.imports[0]) if site.row.body is None and site.row.imports else None
    switch = thinking(site, target)
    return f", {body(made, switch[1])}" if made is not None and made.body is not None and switch is not None else ""


def body(row: Row, entries: Entries) -> str:
    """Return the argument that sends further entries of a request's body, as Python source."""
    written = ", ".join(f'"{name}": {code}' for name, code in entries)
    return (row.body or "").replace("{body}", f"{{{written}}}")


def thinking(site: FrameworkSite, target: Target) -> tuple[str, Entries] | None:
    """Return how thinking must be switched so that the target's model does as the old one: way and entries."""
    asked = asked_for(site)
    if asked is None or asked in target.models or not is_chat(site.row):
        return None
    model, mapping = target.model(stand_in(site, target)), target.mapping(asked)
    way = SWITCHES.get((model.thinking, mapping.thinking)) if model is not None and mapping is not None else None
    if way is None:
        return None
    entries = tuple((name, source_of(value)) for name, value in target.profile.thinking.get(way, {}).items())
    return (way, entries) if entries else None


SWITCHES: Mapping[tuple[Thinking | None, str | None], str] = {
    (Thinking.ON, "off"): "off",
    (Thinking.OFF, "on"): "on",
    (Thinking.ALWAYS, "off"): "least",
}
"""What a model does by default, and what the mapping says that the old one did -> how to bring them together."""


def source_of(value: object) -> str:
    """Return Python source of plain TOML data, with double quotes."""
    if isinstance(value, dict):
        return "{" + ", ".join(f'"{k}": {source_of(v)}' for k, v in value.items()) + "}"
    return f'"{value}"' if isinstance(value, str) else repr(value)


def _source(site: FrameworkSite, model: str | None, named: Given | None) -> str | None:
    """Return the model's name as Python source; what is a constant of the project changes where it is written."""
    if named is None or _within(site, named):
        return f'"{model}"' if model is not None else None
    return dotted(named.term)


def _within(site: FrameworkSite, named: Given) -> bool:
    """Whether the model's name is a literal in the call itself."""
    constants = named.constants
    return len(constants) == 1 and constants[0].path == site.path and constants[0].literal.span in site.span


def _names_in(site: FrameworkSite, named: Given) -> Iterator[Literal]:
    """Yield the models' names that are written in the call itself."""
    for constant in named.constants:
        if (
            constant.path == site.path
            and constant.literal.span in site.span
            and isinstance(constant.literal.value, str)
        ):
            yield constant.literal


def _arguments(
    site: FrameworkSite, target: Target, model: str | None, named: Given | None
) -> tuple[tuple[Change, ...], list[Import]] | None:
    """Return what changes the arguments of the call, and its class where another one must be taken."""
    row, other = site.row, successor(site.row)
    operations: list[Operation] = []
    changes: list[Change] = []
    imports: list[Import] = []
    if other is not row:
        operations.append(RenameFunction(other.called))
        homes = (home.rpartition(".") for home in other.also)
        imports.append(Import(other.module, other.called, tuple(m for m, _, name in homes if name == other.called)))
    kept = [name for name in other.model if name not in row.removes]
    if named is not None and named.name not in kept and (said := site.argument(kept)) is not None:
        operations.append(RemoveArgument(named.name))  # a deployment beside its model
        named = said
    renamed = named.name if named is not None and other.model and named.name not in kept else None
    operations += [RemoveArgument(name) for name in _foreign(site, other) if name != renamed]
    if not site.carried:
        connected = list(_connection(site, other, target))
        *ways, (name, code) = connected
        operations += [SetArgument(*way) for way in ways]
        if not _keeps_key(site, target):
            operations.append(SetArgument(name, code))
        elif site.held.use is KeyUse.EMPTY:
            operations.append(FallBack(name, code))
        else:
            connected = ways
        codes = [code for _, code in connected]
        imports += [i for i in imports_of(other) if any(i.bound in code for code in codes)]
        imports += _reading(*codes)
    if named is None and model is not None and other.model:
        operations.append(SetArgument(_spelling(site, other, other.model), f'"{site.prefix}{model}"'))
    elif named is not None and model is not None:
        for literal in _names_in(site, named):
            name, separator = str(literal.value), site.row.separator
            asked = (name.partition(separator)[2] if separator else "") or name  # without the provider before it
            new = _model_for(asked, row, target)
            if new is None or not literal.plain:
                return None
            changes.append(Change(literal.span, (ReplaceString(f"{site.prefix}{new}"),)))
    if renamed is not None:
        operations.append(RenameArgument(renamed, other.model[0]))
    others = row.renames.items() if other is not row else ()
    operations += [RenameArgument(old, new) for old, new in others if old in site.given and new not in site.given]
    for name, value in {**other.arguments, **row.arguments}.items():
        if name not in site.given:
            operations.append(SetArgument(name, value))
    known = target.model(model)
    window = known.context if known is not None else None
    if other.context_argument is not None and other.context_argument not in site.given and window is not None:
        operations.append(SetArgument(other.context_argument, str(window)))
    if operations:
        changes.append(Change(site.span, tuple(operations)))
    return tuple(changes), imports


def _foreign(site: FrameworkSite, other: Row) -> Iterator[str]:
    """Yield the arguments that go: OpenAI's own, what is dropped anyway, and aliases of what is written anew."""
    row = site.row
    named = {*other.endpoint, *other.key, *other.model, *other.connection}
    for name in dict.fromkeys((*row.removes, *row.drops, *row.endpoint, *row.key)):
        kept = name in named and name not in row.removes
        if name in site.given and not kept and not (site.carried and name not in row.removes):
            yield name


def _connection(site: FrameworkSite, other: Row, target: Target) -> Iterator[tuple[str, str]]:
    """Yield the arguments that bring endpoint and key."""
    code = key(other, target)
    if other.connection:
        for name, source in other.connection.items():
            yield name, source.format(url=target.base_url, key=code)
    else:
        yield _spelling(site, other, other.endpoint), f'"{target.base_url}"'
        yield _spelling(site, other, other.key), code


def _spelling(site: FrameworkSite, row: Row, names: tuple[str, ...]) -> str:
    """Return the name of an argument as this call has it, or as the package that it comes from knows it.

    Classes that moved on to another package know the older names only where they were.
    """
    given = next((name for name in names if name in site.given), None)
    if given is not None:
        return given
    return names[0] if package(site.dotted) == package(row.name) or site.row is not row else names[-1]


def package(dotted: str) -> str:
    """Return the package of a dotted name."""
    return dotted.partition(".")[0]


def imports_of(row: Row) -> tuple[Import, ...]:
    """Return the imports that the source of a row needs."""
    parts = (dotted.rpartition(".") for dotted in row.imports)
    return tuple(Import(module, name) if module else Import(name) for module, _, name in parts)


def _reading(*codes: str) -> list[Import]:
    return [Import("os")] if any("os.environ[" in code for code in codes) else []


def is_chat(row: Row) -> bool:
    """Whether an object of this row has conversations, so that it may think."""
    return row.kind in (Kind.CHAT, Kind.AGENT, Kind.FUNCTION, Kind.COMPLETION)
