"""What names stand for: bound in their file, imported from another, or from outside the project."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice

from llm_codemods import openai_api, scoping
from llm_codemods.facts import Facts
from llm_codemods.libraries import sdk_name
from llm_codemods.modules import Modules
from llm_codemods.puts import Puts
from llm_codemods.terms import Imported, Name, Occurrence
from llm_codemods.values import UNREAD, External, Foreign, Module, Step, Value

FAR = 100
"""How many characters a dotted name may have: ``node = node.parent`` has no end."""


class Names:
    """The names of a project."""

    def __init__(self, facts: Mapping[str, Facts], modules: Modules, puts: Puts) -> None:
        """Take the facts of all files, all Python files there are, and what is put on modules from elsewhere."""
        self._facts = facts
        self._modules = modules
        self._puts = puts

    def name(self, path: str, name: Name) -> Iterator[Step]:
        """Yield what a name stands for where it is read."""
        bound = self.bindings(path, name)
        if bound is not None:
            yield from bound
            if name.id in self._puts and name.id in self._facts[path].scopes[0].names:
                yield from self._puts.on((Module(path),), name.id)
            return
        for scope in self._facts[path].around(name.scope):
            if found := [step for star in scope.stars for step in self._from_star(path, star, name.id)]:
                yield from found
                return
        yield _builtin(name)

    def alone(self, path: str, term: Name | Imported) -> Step | None:
        """Return the one thing that a name, or an import, stands for; None where that is several, or nobody knows yet
        since something may be put on the module from elsewhere."""
        if isinstance(term, Imported):
            put = term.name is not None and term.name in self._puts
            steps = () if put else tuple(islice(self.imported(path, term), 2))
        elif (bound := self.bindings(path, term)) is not None:
            put = term.id in self._puts and term.id in self._facts[path].scopes[0].names
            steps = () if put else tuple(bound)
        elif any(scope.stars for scope in self._facts[path].around(term.scope)):
            return None
        else:
            return _builtin(term)
        return steps[0] if len(steps) == 1 else None

    def bindings(self, path: str, name: Name) -> Sequence[Occurrence] | None:
        """Return what the name is bound to where it is read; None if no statement of the file binds it."""
        bindings = scoping.bindings(self._facts[path], name)
        return [(path, binding.value) for binding in bindings] if bindings is not None else None

    def _from_star(self, path: str, star: Imported, name: str, passed: frozenset[str] = frozenset()) -> Iterator[Step]:
        """Yield what a name is by ``from … import *``; ``passed`` are the files that the search came through."""
        for module in self.imported(path, star):
            if isinstance(module, Module):
                yield from self.in_module(module.path, name, passed)
            elif isinstance(module, External) and sdk_name(module.dotted) == "" and _is_exported(name):
                yield External(f"{module.dotted}.{name}")

    def imported(self, path: str, term: Imported) -> Iterator[Step]:
        """Yield what is imported into a file."""
        target = self._modules.find(path, term.module, term.level)
        if term.name is None:
            if target is not None:
                yield Module(target)
            elif term.level == 0:
                yield External(term.module)
            return
        found = tuple(self.in_module(target, term.name)) if target is not None else ()
        inner = f"{term.module}.{term.name}" if term.module else term.name
        if found:
            yield from found
        elif (submodule := self._modules.find(path, inner, term.level)) is not None:
            yield Module(submodule)
        elif target is None and (sibling := self._sibling(path, term)) is not None:
            yield from self.in_module(sibling, term.name)
        elif target is None and term.level == 0:
            yield External(inner)
        elif target is not None and target not in self._facts:
            yield UNREAD

    def in_module(self, path: str, name: str, passed: frozenset[str] = frozenset()) -> Iterator[Step]:
        """Yield what a name of a module of the project is; ``passed`` as in ``_from_star``."""
        facts = self._facts.get(path)
        if facts is None or path in passed:
            return
        bindings = facts.scopes[0].names.get(name)
        for binding in bindings or ():
            yield path, binding.value
        yield from self._puts.on((Module(path),), name)
        if bindings is None:
            for star in facts.scopes[0].stars:
                yield from self._from_star(path, star, name, passed | {path})

    def _sibling(self, path: str, term: Imported) -> str | None:
        """Return the file in the same package that ``from module import name`` means when it runs as a script."""
        file = self._modules.beside(path, term.module) if not term.level else None
        facts = self._facts.get(file) if file is not None else None
        return file if facts is not None and term.name in facts.scopes[0].names else None

    def external(self, dotted: str) -> Value:
        """Return what a dotted name that was not found means: a module in a folder without ``__init__.py``, perhaps."""
        file = f"{dotted.replace('.', '/')}.py"
        if file in self._modules:
            return Module(file)
        return External(dotted) if len(dotted) < FAR else Foreign(dotted.partition(".")[0])


def _builtin(name: Name) -> External:
    return External(f"builtins.{name.id}")


def _is_exported(name: str) -> bool:
    """Whether ``from openai import *`` gives this name."""
    return name in openai_api.client_classes() or name in openai_api.v0_classes()
