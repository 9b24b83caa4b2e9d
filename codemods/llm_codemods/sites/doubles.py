"""Where tests put something in the place of the SDK's, or of a framework's class for OpenAI."""

from __future__ import annotations

import re
from collections.abc import Iterator

from llm_codemods.facts import Facts
from llm_codemods.libraries import sdk_name
from llm_codemods.sites.clients import Clients
from llm_codemods.sites.kinds.module import DoubleSite
from llm_codemods.terms import Attr, Call, Literal, last_name
from llm_codemods.values import Client, External, Member

REPLACED = re.compile(r"([\w.]+\.)?(openai(\.\w+)+|(Async)?(Azure)?(Chat)?OpenAI\w*(\.\w+)*)")
"""The path of what is replaced, as a text."""
BY_PATH = frozenset({"patch", "setattr", "spy", "stub", "async_stub", "when", "dict", "multiple"})
"""Functions that replace what a path says."""
ON_OBJECTS = frozenset({"object", "setattr", "spy", "delattr"})
"""Functions that replace an attribute of an object."""
TOOLS = frozenset({"patch", "patcher", "mocker", "monkeypatch", "mp", "mock", "m", "patch_object"})


class Doubles:
    """Finds the sites of one file."""

    def __init__(self, clients: Clients) -> None:
        """Take the clients and calls of the project."""
        self.project = clients.project

    def sites(self, facts: Facts) -> Iterator[DoubleSite]:
        """Yield the sites of one file."""
        for call in facts.calls:
            name = last_name(call.func) or ""
            if call.arguments and (name in BY_PATH or name in ON_OBJECTS):
                replaced = self._replaced(facts.path, call, name)
                if replaced is not None:
                    yield DoubleSite(facts.path, call.span, replaced)

    def _is_own(self, path: str, target: str) -> bool:
        """Whether a path leads to something else in a module of the project that is called as the SDK is."""
        module, _, rest = target.rpartition("openai.")
        return self.project.is_module(path, f"{module}openai") and not REPLACED.fullmatch(rest)

    def _replaced(self, path: str, call: Call, name: str) -> str | None:
        """Return the path of what a call replaces, if that is OpenAI's."""
        first = call.arguments[0].value
        if isinstance(first, Literal):
            target = first.value
            ours = isinstance(target, str) and REPLACED.fullmatch(target) and not self._is_own(path, target)
            return str(target) if name in BY_PATH and ours else None
        if name not in ON_OBJECTS or not isinstance(call.func, Attr) or last_name(call.func.base) not in TOOLS:
            return None
        attribute = call.arguments[1].value if len(call.arguments) > 1 else None
        if not isinstance(attribute, Literal) or not isinstance(attribute.value, str):
            return None
        for value in self.project.values(path, first):
            if isinstance(value, External) and sdk_name(value.dotted) is not None:
                return f"{value.dotted}.{attribute.value}"
            if isinstance(value, Client):
                return f"{value.kind}.{attribute.value}"
            if isinstance(value, Member):
                return f"{value.path}.{attribute.value}"
        return None
