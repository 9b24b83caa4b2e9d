"""The classes of a project: what each extends and is extended by, and what it says itself."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from llm_codemods.facts import Binding, ClassFact, Facts, FunctionFact, ParameterFact
from llm_codemods.libraries import client_kind
from llm_codemods.spelling import FunctionPlace
from llm_codemods.terms import Item, Term, Typed, last_name
from llm_codemods.values import Class, External, Object, Value, Values


class Classes:
    """The classes of a project. Who extends one is known after ``note_subclasses``."""

    def __init__(self, facts: Mapping[str, Facts], defined: Callable[[str, Term], Iterable[Value]]) -> None:
        """Take the facts of all files, and what tells what a dotted name in a file is defined as."""
        self._facts = facts
        self._defined = defined
        self._extends: dict[Class, Values] = {}
        self._lineages: dict[Class, tuple[Class, ...]] = {}
        self._subclasses: dict[Class, list[Class]] = defaultdict(list)
        self._constructors: dict[Class, FunctionFact] = {}

    def __iter__(self) -> Iterator[Class]:
        """Yield all of them."""
        return (Class(path, index) for path, one in self._facts.items() for index in range(len(one.classes)))

    def note_subclasses(self) -> None:
        """Note of each class who extends it."""
        for cls in self:
            for base in self.lineage(cls)[1:]:
                self._subclasses[base].append(cls)

    def fact(self, cls: Class) -> ClassFact:
        """Return what its file says of a class."""
        return self._facts[cls.path].classes[cls.index]

    def names(self, cls: Class) -> Mapping[str, Sequence[Binding]]:
        """Return the names that are bound in the body of a class."""
        return self._facts[cls.path].scopes[self.fact(cls).scope].names

    # -- other classes --------------------------------------------------------------------------------------------

    def subclasses(self, cls: Class) -> Sequence[Class]:
        """Return the classes that extend a class, at any remove."""
        return self._subclasses.get(cls, ())

    def lineage(self, cls: Class) -> tuple[Class, ...]:
        """Return a class and its bases inside the project, nearest first."""
        if cls not in self._lineages:
            self._lineages[cls] = (cls,)  # Seen by a class that is its own base.
            found = {cls: None}
            for value in self._bases(cls):
                if isinstance(value, Class):
                    found.update(dict.fromkeys(self.lineage(value)))
            self._lineages[cls] = tuple(found)
        return self._lineages[cls]

    def _bases(self, cls: Class) -> Values:
        """Return what a class extends."""
        if cls not in self._extends:
            bases = map(_unsubscripted, self.fact(cls).bases)
            self._extends[cls] = tuple(value for base in bases for value in self._defined(cls.path, base))
        return self._extends[cls]

    def outside(self, cls: Class) -> tuple[str, ...]:
        """Return the dotted names of the classes outside of the project that a class extends."""
        bases = (value for one in self.lineage(cls) for value in self._bases(one))
        return tuple(value.dotted for value in bases if isinstance(value, External))

    def client_base(self, cls: Class) -> str | None:
        """Return the SDK's client class that a class extends, or None."""
        return next(filter(None, map(client_kind, self.outside(cls))), None)

    def are_siblings(self, one: Class, other: Class) -> bool:
        """Whether two classes have a base in common, and neither is the other's."""
        bases, others = self.lineage(one), self.lineage(other)
        return other not in bases and one not in others and not set(bases).isdisjoint(others)

    # -- methods and fields ---------------------------------------------------------------------------------------

    def own_method(self, cls: Class, name: str) -> FunctionFact | None:
        """Return the method of this name of a class itself, without its bases."""
        index = self.fact(cls).methods.get(name)
        return self._facts[cls.path].functions[index] if index is not None else None

    def is_property(self, cls: Class, name: str) -> bool:
        """Whether a class itself, without its bases, has a property of this name."""
        method = self.own_method(cls, name)
        return method is not None and any((last_name(d) or "").endswith("property") for d in method.decorators)

    def method(self, value: Class | Object, name: str) -> FunctionPlace | None:
        """Return the function that a class, or a base of its inside the project, has as a method of this name."""
        for cls in self.lineage(Class(value.path, value.index)):
            index = self.fact(cls).methods.get(name)
            if index is not None:
                return cls.path, index
        return None

    def has_own_init(self, cls: Class) -> bool:
        """Whether a class, or a base of its inside the project, writes its constructor itself."""
        return self.method(cls, "__init__") is not None

    def constructor(self, cls: Class) -> FunctionFact:
        """Return the constructor of a class that declares fields instead of writing one."""
        if cls not in self._constructors:
            fields = dict.fromkeys(
                name
                for one in reversed(self.lineage(cls))
                for name, bindings in self.names(one).items()
                if is_declared(bindings)
            )
            parameters = tuple(ParameterFact(name, "positional", None, None) for name in fields)
            self._constructors[cls] = FunctionFact(self.fact(cls).name, 0, None, parameters, (), None)
        return self._constructors[cls]


def is_declared(bindings: Iterable[Binding]) -> bool:
    """Whether a name in the body of a class has an annotation, as a field has."""
    return any(isinstance(binding.value, Typed) for binding in bindings)


def _unsubscripted(base: Term) -> Term:
    """Return the class that a base names, without its type arguments: ``Base`` of ``Base[OpenAI]``."""
    return base.base if isinstance(base, Item) else base
