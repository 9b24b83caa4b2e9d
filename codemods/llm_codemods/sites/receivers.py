"""What is known of methods whose receiver was not resolved: their path alone looks like the SDK's."""

from __future__ import annotations

import re
from collections.abc import Iterator

from llm_codemods import keys, openai_api
from llm_codemods.facts import Use
from llm_codemods.libraries import MOCKS, is_other_vendors, sdk_name
from llm_codemods.project import Project
from llm_codemods.spelling import api_path
from llm_codemods.terms import Attr, Call, Occurrence, Parameter, Term
from llm_codemods.values import UNREAD, Class, External, Foreign, Function, Object, Value, Values
from llm_codemods.vocabulary import TESTS

BY_KEYWORD = re.compile(r"(beta\.)?(audio|chat|completions|embeddings|moderations)\.(\w+\.)?(create|parse|stream)$")
"""Methods that take keywords alone; others take the ids of what they belong to before them."""


def is_handed_in(project: Project, path: str, term: Term, api: str) -> bool:
    """Whether a method, named by ``term``, is that of a parameter which nobody is seen to give a value, where no
    other vendor's client is in sight."""
    modules = {i.module for i in project.facts[path].imports if i.level == 0}
    ours = any(sdk_name(module) is not None for module in modules)
    if not ours or any(is_other_vendors(module, api) for module in modules):
        return False
    for _ in api.split("."):
        assert isinstance(term, Attr)
        term = term.base
    if project.values(path, term):
        return False
    last = [origin for _, origin in _sources(project, path, term)]
    return bool(last) and all(isinstance(origin, Parameter) for origin in last)


def is_lost(project: Project, path: str, values: Values, api: str) -> bool:
    """Whether nothing that a method in a file may be says that it is another's; what tests put in its place says
    so in them alone."""
    return all(_is_nobodys(v, api) or (_is_double(v) and not has_doubles(project, path)) for v in values)


def has_doubles(project: Project, path: str) -> bool:
    """Whether a file is a test, or takes the tools of one."""
    imported = (f"{i.module}.{name}." for i in project.facts[path].imports for name in (*i.names, ""))
    return TESTS.search(path) is not None or any(name.startswith(MOCKS) for name in imported)


def _sources(project: Project, path: str, term: Term) -> Iterator[Occurrence]:
    """Yield where a term comes from in the end, as far as that is seen, with the files."""
    waiting = [(path, term)]
    seen: set[int] = set()
    while waiting and len(seen) < keys.FAR:
        file, one = waiting.pop()
        if id(one) not in seen:
            seen.add(id(one))
            origins = project.origins(file, one, partly=True)
            waiting += origins
            if not origins:
                yield file, one


def _is_double(value: Value) -> bool:
    """Whether a value is a mock, or stands in a test."""
    if isinstance(value, External | Foreign):
        return value.dotted.startswith(MOCKS)
    return isinstance(value, Class | Function | Object) and TESTS.search(value.path) is not None


def _is_nobodys(value: object, api: str) -> bool:
    """Whether a value comes from where we cannot look, and neither its package nor being a package's own function says
    that it is another's."""
    if not isinstance(value, External | Foreign) or sdk_name(value.dotted) is not None or value == UNREAD:
        return False
    thing = value.dotted.removesuffix(f".{api}")
    return not is_other_vendors(value.dotted) and (isinstance(value, Foreign) or "." in thing)


def path_called(call: Call) -> str | None:
    """Return the API path that an unresolved callee ends in, if only this SDK has it."""
    api = api_path(call.func)
    return api if api is not None and _fits(call, api) else None


def path_named(use: Use) -> str | None:
    """Return the API path that something named without a call ends in, if hardly anybody else has it."""
    api = None if use.opened else api_path(use.term)
    return api if api is not None and openai_api.is_telling(api) else None


def _fits(call: Call, api: str) -> bool:
    """Whether a call can be one of this method: others have a short path, too, but not the same parameters."""
    if BY_KEYWORD.match(api) and any(argument.name is None for argument in call.arguments):
        return False
    named = {argument.name for argument in call.arguments} - {None, "*", "**"}
    if not named or api.count(".") > 1:
        return openai_api.is_telling(api)
    return named <= openai_api.parameters(api)
