"""Where a client's key comes from, step by step, and whether it can turn out empty.

No key is no harmless thing: the SDK then takes the one in ``OPENAI_API_KEY`` and sends it to whatever endpoint the
client has (gotcha G01).
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator
from dataclasses import dataclass
from itertools import count

from llm_codemods.facts import Facts, Scope
from llm_codemods.project import Project
from llm_codemods.results import LOGGED, SHOWN
from llm_codemods.terms import Call, Either, Entries, Item, Items, Literal, Name, Term, Typed, last_name
from llm_codemods.values import Class, Environment, External, Function


@dataclass(frozen=True, slots=True)
class Unseen:
    """It comes from somewhere that cannot be followed."""


Leaf = Environment | Literal | Unseen


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several; with ``fallback`` the next one where this one is empty."""

    options: tuple[Origin, ...]
    fallback: bool = False


Origin = Leaf | Choice
FAR = 500
"""How many steps back a key is followed, on all ways together."""
LOOKS = SHOWN | LOGGED | {"exit", "fail", "isinstance", "len", "skip", "skipif", "startswith", "type", "warn"}
"""Functions and methods that only look at a key, or show it."""
PROMPTS = frozenset({"getpass.getpass", "builtins.input", "click.prompt", "typer.prompt", "rich.prompt.Prompt.ask"})


def trace(project: Project, path: str, term: Term) -> Origin:
    """Return where the value of ``term``, read in the file ``path``, comes from."""
    return _trace(project, path, term, frozenset(), count())


def _trace(project: Project, path: str, term: Term, above: frozenset[int], steps: Iterator[int]) -> Origin:
    if id(term) in above:
        return Choice(())
    if next(steps) > FAR:
        return Unseen()
    inside = above | {id(term)}
    if isinstance(term, Literal):
        return term
    if isinstance(term, Either):
        # An annotation adds nothing to a value that stands beside it.
        options = [o for o in term.options if not isinstance(o, Typed)]
        return (
            Choice(tuple(_trace(project, path, o, inside, steps) for o in options), term.fallback)
            if options
            else Unseen()
        )
    if isinstance(term, Call | Item):
        reads = [v for v in project.values(path, term) if isinstance(v, Environment) and v.term is term]
        if reads:
            return reads[0]
    origins = project.origins(path, term)
    return Choice(tuple(_trace(project, p, t, inside, steps) for p, t in origins)) if origins else Unseen()


def leaves(origin: Origin) -> Iterator[Leaf]:
    """Yield everything that it may come from."""
    if isinstance(origin, Choice):
        for option in origin.options:
            yield from leaves(option)
    else:
        yield origin


def can_be_empty(origin: Origin, fails: Callable[[Environment], bool]) -> bool:
    """Whether the value may be None or ``""``. ``fails`` says which reads raise when the variable is missing."""
    match origin:
        case Choice(options=options, fallback=True):
            return all(can_be_empty(o, fails) for o in options)
        case Choice(options=options):
            return any(can_be_empty(o, fails) for o in options)
        case Environment():
            return not fails(origin)
        case Literal():
            return not origin.value
    return True


def asks(project: Project, path: str, term: Term) -> bool:
    """Whether a term is what somebody types at a prompt."""
    if not isinstance(term, Call):
        return False
    return any(isinstance(v, External) and v.dotted in PROMPTS for v in project.values(path, term.func))


def variable_of(read: Environment) -> Literal | None:
    """Return the literal that names the variable in a read; None where the name comes from elsewhere."""
    term = read.term
    name = term.key if isinstance(term, Item) else term.arguments[0].value
    return name if isinstance(name, Literal) else None


def runs_on_import(project: Project, path: str, scope: int | None) -> bool:
    """Whether code in a scope runs when its module is imported.

    It does at the module's top, in a class body, as a default; and in a function where a name at such a place gets what
    it returns, as in ``settings = Settings()``, or where it is handed over, as the ``default_factory`` of a field is.
    """
    return _runs_on_import(project, path, scope, set())


def _runs_on_import(project: Project, path: str, scope: int | None, seen: set[Scope]) -> bool:
    """The same, where who calls the functions that were ``seen`` has been looked at."""
    function = next((s for s in project.facts[path].around(scope) if s.kind == "function"), None)
    if function is None:
        return True
    if function in seen or function.owner is None:
        return False
    seen.add(function)
    calls = project.callers.places((path, function.owner))
    return any(_on_import(project, file, call, seen) for file, call in calls)


def _on_import(project: Project, path: str, call: Call, seen: set[Scope]) -> bool:
    """Whether a call is made on import: what a main program does under ``if __name__`` names nothing as a rule."""
    scope = project.facts[path].scopes[call.scope]
    if scope.kind == "function":
        return _runs_on_import(project, path, call.scope, seen)
    return any(call in _written(binding.value) for bindings in scope.names.values() for binding in bindings)


def _written(term: Term) -> Iterator[Term]:
    """Yield the values that a binding says, without what an annotation adds."""
    match term:
        case Typed(value=value) if value is not None:
            yield from _written(value)
        case Either(options=options):
            for option in options:
                yield from _written(option)
        case _:
            yield term


def is_handed_on(project: Project, facts: Facts, variable: Literal) -> bool:
    """Whether what is read under a variable's name goes, alone or in a dictionary, to a function that is not the
    project's and may do more than look at it."""
    bound = [(name, b.value) for scope in facts.scopes for name, those in scope.names.items() for b in those]
    names: set[str] = set()
    while more := {name for name, value in bound if name not in names and _holds(value, variable, names)}:
        names |= more
    for call in facts.calls:
        if any(_holds(argument.value, variable, names) for argument in call.arguments):
            functions = project.values(facts.path, call.func)
            if last_name(call.func) not in LOOKS and not any(isinstance(f, Class | Function) for f in functions):
                return True
    return False


def _holds(term: Term, variable: Literal, names: Container[str]) -> bool:
    """Whether a term is a read under this name, or one of ``names``, or has one in it."""
    match term:
        case Name(id=name):
            return name in names
        case Call(arguments=arguments):
            return any(argument.value is variable for argument in arguments)
        case Item(key=key):
            return key is variable
        case Either(options=inside) | Items(values=inside):
            return any(_holds(one, variable, names) for one in inside)
        case Entries(items=items):
            return any(_holds(value, variable, names) for _, value in items)
    return False
