"""What functions give, and what annotations promise."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from llm_codemods import spelling
from llm_codemods.callers import Caller
from llm_codemods.facts import Facts, FunctionFact, ParameterFact
from llm_codemods.libraries import TYPE_PACKAGES, client_kind, is_other_vendors, resource_class
from llm_codemods.naming import Names
from llm_codemods.passing import Passing
from llm_codemods.solver import Solver
from llm_codemods.terms import OPAQUE, Call, Items, Name, Parameter, Term, last_name
from llm_codemods.values import Class, Client, Display, External, Foreign, Object, Step, Value, Values


class Returns:
    """What the functions of a project give."""

    def __init__(
        self,
        facts: Mapping[str, Facts],
        solver: Solver,
        values: Callable[[str, Term], Values],
        names: Names,
        passing: Passing,
    ) -> None:
        """Take the facts of all files, who keeps the questions, what tells what a term in a file is, the names of the
        project, and what calls pass."""
        self._facts = facts
        self._solver = solver
        self._values = values
        self._names = names
        self._passing = passing

    def given(self, path: str, fact: FunctionFact) -> Iterator[Step]:
        """Yield what a function gives, whoever calls it."""
        told = self.instances(path, fact.annotation) if fact.annotation is not None else ()
        if not are_other_vendors(told):
            yield from ((path, term) for term in (*fact.returns, *fact.yields))
        yield from told

    def given_to(self, caller: Caller, path: str, fact: FunctionFact) -> Iterator[Step]:
        """Yield what a function gives to this caller: where it gives back what it got, what this one passes."""
        for parameter in fact.parameters:
            if self._is_given_back(path, fact, parameter):
                passed = tuple(self._passing.argument(fact, parameter.name, caller))
                yield from passed or self.given(path, fact)
                return
        yield from self.given(path, fact)

    def _is_given_back(self, path: str, fact: FunctionFact, parameter: ParameterFact) -> bool:
        """Whether a function returns nothing but this parameter, or a thing of the same variable type: ``T`` for
        ``T``."""
        said, returns = fact.annotation, fact.returns
        if isinstance(said, Name) and isinstance(parameter.annotation, Name) and said.id == parameter.annotation.id:
            kinds = self._names.bindings(path, said) or ()
            if any(isinstance(kind, Call) and last_name(kind.func) == "TypeVar" for _, kind in kinds):
                return True
        functions = self._facts[path].functions
        bound = [self._names.bindings(path, term) if isinstance(term, Name) else None for term in returns]
        got = [term for found in bound for _, term in found or ((path, OPAQUE),)]
        return (
            not fact.yields
            and bool(got)
            and all(
                isinstance(t, Parameter) and t.name == parameter.name and functions[t.function] is fact for t in got
            )
        )

    def instances(self, path: str, annotation: Term) -> Values:
        """Return an instance of what an annotation names; containers count as what they contain."""
        if spelling.is_data(annotation, spelling.UNTOLD):
            return ()  # asked for each parameter, that would be one question in nine
        return self._solver.ask(("instance", annotation), self._find_instances, path, annotation)

    def _find_instances(self, path: str, annotation: Term) -> Values:
        found: list[Value] = []
        for value in self._values(path, annotation):
            if isinstance(value, Class):
                found.append(Object(value.path, value.index))
            elif isinstance(value, External):
                kind = client_kind(value.dotted)
                if kind is not None:
                    found.append(Client(kind, None))
                elif (resource := resource_class(value.dotted)) is not None:
                    found.append(resource)
                elif not value.dotted.startswith(TYPE_PACKAGES):
                    found.append(Foreign(value.dotted))
            elif isinstance(value, Client | Object):
                found.append(value)
            elif isinstance(value, Display) and isinstance(value.term, Items):
                found += (v for inner in value.term.values for v in self.instances(value.path, inner))
        return tuple(dict.fromkeys(found))


def are_other_vendors(kinds: Values) -> bool:
    """Whether an annotation allows nothing but other vendors' things."""
    return bool(kinds) and all(isinstance(v, Foreign) and is_other_vendors(v.dotted) for v in kinds)
