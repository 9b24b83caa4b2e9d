"""Where clients are made, and under which name a second one can stand beside each."""

from __future__ import annotations

from llm_codemods.facts import Binding, Facts
from llm_codemods.project import Project
from llm_codemods.sites.kinds.clients import Made
from llm_codemods.terms import Attr, Call, Name, Term, Typed
from llm_codemods.values import Object

PREFIX = "embeddings_"
"""What the name of a second client begins with."""


class Makers:
    """Finds the statements that make clients; keeps nothing but the project."""

    def __init__(self, project: Project) -> None:
        """Take the project that the clients are made in."""
        self.project = project

    def of(self, path: str, term: Term, call: Call) -> Made | None:
        """Return the statement of the file that makes what ``term`` is by ``call``; None if that is not certain: the
        name is bound more than once, or what it is comes from another file."""
        facts = self.project.facts[path]
        if isinstance(term, Name):
            names = _home(facts, term)
            return _made(term.id, names.get(term.id, []), call, names) if names is not None else None
        if isinstance(term, Attr) and isinstance(term.base, Name):
            values = self.project.values(path, term.base)
            owners = [v for v in values if isinstance(v, Object) and v.path == path]
            if len(owners) == 1 == len(values):
                attributes = facts.classes[owners[0].index].attributes
                return _made(term.name, attributes.get(term.name, []), call, attributes)
        return None


def _home(facts: Facts, name: Name) -> dict[str, list[Binding]] | None:
    """Return the names of the scope in which a name is bound; None where no scope of the file binds it, or a class."""
    scope = next((scope for scope in facts.around(name.scope) if name.id in scope.names), None)
    return scope.names if scope is not None and scope.kind in ("module", "function") else None


def _made(name: str, bindings: list[Binding], call: Call, taken: dict[str, list[Binding]]) -> Made | None:
    if len(bindings) != 1:
        return None
    value = bindings[0].value.value if isinstance(bindings[0].value, Typed) else bindings[0].value
    bare = name.lstrip("_")
    beside = f"{name[: len(name) - len(bare)]}{PREFIX}{bare}"
    if value is not call or beside in taken:
        return None
    return Made(call.span, beside)
