"""All facts linked: what is a term, across modules?

One *step* leads from a term to what its value comes from (other terms, perhaps in other files) or to a value that is
known. What a term is, is what all its steps lead to. Steps go in circles (what a parameter is depends on the calls of
its function, whose callee may be a parameter), so the answers are a fixed point: every question is kept with those that
asked it, and is answered again when what it was told has changed. What cannot be followed gives nothing; nobody
guesses.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property, partial
from itertools import islice
from typing import Final

from llm_codemods import openai_api, responses
from llm_codemods.callers import Caller, Callers
from llm_codemods.classes import Classes, is_declared
from llm_codemods.displays import Displays
from llm_codemods.facts import Facts
from llm_codemods.libraries import (
    BARE,
    CONFIG_FILES,
    DECLARES,
    ENTERS,
    GIVES_CLIENT,
    IMPORTS,
    INVOKES,
    KEEPS,
    KEEPS_ARGUMENT,
    KEEPS_NAMES,
    KEYED,
    PICKS,
    READS_ENVIRONMENT,
    READS_SECRETS,
    SAME_CLIENT,
    SAME_CONTENT,
    SAME_OBJECT,
    SAME_TEXT,
    TAKES,
    TYPE_PACKAGES,
    client_kind,
    is_other_vendors,
    sdk_method,
    sdk_name,
)
from llm_codemods.modules import Modules
from llm_codemods.naming import Names
from llm_codemods.origin import OPENAI, Origin
from llm_codemods.passing import Fixtures, Options, Passing
from llm_codemods.puts import Puts
from llm_codemods.returns import Returns, are_other_vendors
from llm_codemods.solver import Question, Solver
from llm_codemods.spelling import CallNames
from llm_codemods.terms import (
    OPAQUE,
    Attr,
    Call,
    ClassTerm,
    Either,
    Element,
    Entered,
    Entries,
    FunctionTerm,
    Imported,
    Item,
    Items,
    Joined,
    Literal,
    Name,
    Occurrence,
    Opaque,
    Parameter,
    Term,
    Typed,
    entries_of,
    last_name,
)
from llm_codemods.values import (
    UNREAD,
    UNSEEN,
    Class,
    Client,
    Composed,
    Constant,
    Display,
    Environment,
    External,
    Foreign,
    Function,
    Member,
    Module,
    Object,
    Response,
    Step,
    Super,
    Unseen,
    Value,
    Values,
)

TRANSPARENT = frozenset({"with_raw_response", "with_streaming_response"})
ENTERS_ITSELF = frozenset({"enter", "__enter__", "__aenter__"})
"""Methods of a connection's manager that open it."""
FEW = 12
"""With more names than that, or classes, what is meant cannot be told."""
MANY = 16
"""What could be more than that is data: no single number, function, container or text, but a model's name, says
anything."""
ANYTHING: Final = Foreign("builtins.object")
"""One of so many things that it cannot be told which."""
VARIABLE: Final = Foreign("contextvars.ContextVar")
"""A variable of a context, which holds what it is set to."""
ROUND = 2_000
"""How many answers are given for one call, before others have their turn."""
NOTEBOOK = ".ipynb"
"""Nobody imports one: all calls of its functions are seen."""
HOPS = 20
"""How many names that are but names for something else are followed at once."""
BACK = 8
"""How many steps back the call is sought that made something."""

_PLAIN = (Name, Imported, Parameter, Literal, FunctionTerm, ClassTerm)
"""What may be but a name for something else, or be what is written there."""
_DATA = frozenset({Display, Foreign, Function, Class, Object, Super, Module, Composed})
"""What says nothing where there are many."""


class Project:
    """The facts of all files, and what they say together. Build it with ``link``."""

    def __init__(self, facts: Mapping[str, Facts], modules: Modules, origin: Origin = OPENAI) -> None:
        """See ``link``."""
        self.origin = origin
        self.facts = facts
        self._modules = modules
        self._solver = Solver()
        self._parts_of, self._join = self._parts, self._joined
        """Methods that are bound once for all questions, which keep them."""
        self._meant: dict[Term, Question | Values] = {}
        """Terms that may be but names for something else -> the question what that is, or what it is."""
        self.classes = Classes(facts, self._defined)
        self._puts = Puts(facts, self._solver, self.values, self.classes)
        self._names = Names(facts, modules, self._puts)
        self._displays = Displays(self._solver, self.values, self.texts)
        self._passing = Passing(self.values, self._displays)
        self._returns = Returns(facts, self._solver, self.values, self._names, self._passing)
        self._options = Options(facts, self.values, self._displays)
        self._fixtures = Fixtures(facts)
        self.callers = Callers(facts, CallNames(facts), self._solver, self.values, self.classes)
        self._known = _names(facts.values())
        """What functions, classes and attributes of the project and the SDK are called."""
        self._telling = {id(text.literal) for one in facts.values() for text in one.texts}
        self._solver.explore((partial(self.classes.lineage, cls) for cls in self.classes), ROUND)
        self.classes.note_subclasses()

    @cached_property
    def packages(self) -> frozenset[str]:
        """The first names of all modules that are imported, but for those that are meant from where a file lies."""
        return frozenset(i.module.partition(".")[0] for f in self.facts.values() for i in f.imports if i.level == 0)

    @cached_property
    def _type_arguments(self) -> dict[Term, list[Occurrence]]:
        """What stands for a type variable (the call that makes it) where a class extends a generic one."""
        found: dict[Term, list[Occurrence]] = defaultdict(list)
        for path, one in self.facts.items():
            for base in (base for cls in one.classes for base in cls.bases if isinstance(base, Item)):
                for generic in self.values(path, base.base):
                    if isinstance(generic, Class):
                        for variable, kind in zip(self._type_variables(generic), _listed(base.key), strict=False):
                            found[variable].append((path, kind))
        return found

    def _type_variables(self, cls: Class) -> Iterator[Term]:
        """Yield the calls that make the variables of a generic class: of ``Generic[T]``, of ``Base[T]``."""
        for base in self.classes.fact(cls).bases:
            for variable in _listed(base.key) if isinstance(base, Item) else ():
                if isinstance(variable, Name):
                    yield from (term for _, term in self._names.bindings(cls.path, variable) or ())

    # -- questions ------------------------------------------------------------------------------------------------

    def values(self, path: str, term: Term) -> Values:
        """Return everything that ``term``, read in the file ``path``, is known to be; () when nothing is known.

        Cycles end: a term that depends on itself adds nothing.
        """
        question = self._question(path, term)
        return question if isinstance(question, tuple) else self._solver.read(question)

    def _question(self, path: str, term: Term) -> Question | Values:
        """Return the question what a term is; what it is, if nobody has to be asked."""
        if not isinstance(term, _PLAIN):
            return self._solver.join(term, self._join, self._parts_of, path, term)
        meant = self._meant.get(term)
        if meant is None:
            meant = self._meant[term] = self._followed(path, term)
        return meant

    def _followed(self, path: str, term: Term) -> Question | Values:
        """Return what a term stands for that is but a name for one other thing, and so on."""
        for _ in range(HOPS):
            step = self._only_step(path, term)
            if step is None:
                break
            if not isinstance(step, tuple):
                return (step,) if not isinstance(step, Unseen) else ()
            path, term = step
        return self._solver.join(term, self._join, self._parts_of, path, term)

    def _only_step(self, path: str, term: Term) -> Step | None:
        """Return where the only step from a term leads, if no question has to be asked for that."""
        match term:
            case Name() | Imported():
                return self._names.alone(path, term)
            case Parameter() if self.facts[path].functions[term.function].parameters[0].annotation is None:
                return self._receiver(path, term)
            case Literal() | FunctionTerm() | ClassTerm():
                return _written(path, term)
        return None

    def forget(self) -> None:
        """Drop all that is known, for good: sites refer to their project, and some to each other, so that it would stay
        in memory."""
        self._solver.forget()
        self.callers.forget()
        self.__dict__.clear()

    def explore(self, calls: Iterable[tuple[str, Call]]) -> None:
        """Find out what these calls call, a little for each, in this order; in a large project not all can be known."""
        self._solver.explore((partial(self.functions, path, call) for path, call in calls), ROUND)

    def functions(self, path: str, call: Call) -> Values:
        """Return what a call calls, as far as it may be the project's or the SDK's."""
        return self.values(path, call.func) if self._is_named(call.func) else ()

    def _is_named(self, term: Term) -> bool:
        return not isinstance(term, Attr) or term.name in self._known

    def origins(self, path: str, term: Term, *, partly: bool = False) -> tuple[Occurrence, ...]:
        """Return the terms that ``term`` takes its value from, one step back; () where some of them cannot be seen,
        ``partly``: those that can.

        What an annotation says is left out: it is no value.
        """
        steps: tuple[Step, ...]
        match term:
            case Typed(value=value) if value is not None:
                return ((path, value),)
            case Parameter():
                steps = tuple(self._given_to(path, term))
            case Call():
                functions = self.values(path, term.func)
                if functions and all(isinstance(f, External) and f.dotted in DECLARES for f in functions):
                    steps = tuple(self._declared(path, term))
                    declared = tuple(step for step in steps if isinstance(step, tuple))
                    return declared if len(declared) == len(steps) else ()
                facts = [(f.path, self.facts[f.path].functions[f.index]) for f in functions if isinstance(f, Function)]
                seen = len(facts) == len(functions) and all(fact.returns for _, fact in facts)
                return tuple((file, returned) for file, fact in facts for returned in fact.returns) if seen else ()
            case _:
                steps = tuple(self._steps(path, term))
        origins = tuple(step for step in steps if isinstance(step, tuple))
        return origins if partly or len(origins) == len(steps) else ()

    def made(self, path: str, term: Term) -> tuple[str, Call] | None:
        """Return the call that made what a term is, with its file; None where there is more than one way back."""
        for _ in range(BACK):
            if isinstance(term, Call):
                return path, term
            origins = self.origins(path, term)
            if len(origins) != 1:
                return None
            path, term = origins[0]
        return None

    def passed(self, path: str, term: Parameter) -> tuple[Occurrence, ...]:
        """Return what a parameter is seen to be given, and its default if some call leaves it out."""
        fact = self.facts[path].functions[term.function]
        default = next(p.default for p in fact.parameters if p.name == term.name)
        callers = self.callers.of((path, term.function))
        given = [tuple(self._passing.argument(fact, term.name, caller)) for caller in callers]
        stars = (a for caller in callers for a in caller.arguments if a.name in ("*", "**"))
        seen = [step for steps in given for step in steps if isinstance(step, tuple)]
        left_out = default is not None and not all(given) and not any(stars)
        return (*seen, *([(path, default)] if left_out and default is not None else []))

    def is_collected(self, path: str, term: Term) -> bool:
        """Whether a term is all that the calls of a function give it by names."""
        steps = tuple(self._given_to(path, term)) if isinstance(term, Parameter) else ()
        return bool(steps) and all(isinstance(step, Display) for step in steps)

    def _parts(self, path: str, term: Term) -> tuple[Question | Values, ...]:
        """Return the questions that lead on from a term, and what is known at once."""
        steps = tuple(self._steps(path, term))
        return tuple(
            self._question(*step) if isinstance(step, tuple) else (step,)
            for step in steps
            if not isinstance(step, Unseen)
        )

    def _joined(self, found: Values) -> Values:
        """Return what the values that all steps lead to say together."""
        if len(found) > MANY and sum(not isinstance(v, Composed) for v in found) > MANY:
            found = tuple(v for v in found if not self._is_data(v)) or (ANYTHING,)
        if len(found) > 1 and any(isinstance(v, Client) and v.made is not None for v in found):
            # An annotation says less than a constructor.
            return tuple(v for v in found if not isinstance(v, Client) or v.made is not None)
        return found

    def _is_data(self, value: Value) -> bool:
        if type(value) in _DATA:
            return True
        if isinstance(value, Constant):
            return id(value.literal) not in self._telling
        return isinstance(value, External) and sdk_name(value.dotted) is None

    def _steps(self, path: str, term: Term) -> Iterator[Step]:
        match term:
            case Name():
                return self._names.name(path, term)
            case Attr():
                return self._attr(path, term)
            case Call():
                return self._call(path, term)
            case Entries() | Items():
                return iter((Display(path, term),))
            case Item():
                return self._item(path, term)
            case Either():
                return iter([(path, option) for option in term.options])
            case Imported():
                return self._names.imported(path, term)
            case Parameter():
                return self._parameter(path, term)
            case Literal() | FunctionTerm() | ClassTerm():
                return iter((_written(path, term),))
            case Typed():
                return self._typed(path, term)
            case Element():
                return self._element(path, term)
            case Entered():
                return self._entered(path, term)
            case Joined():
                return iter((Composed(path, term),))
            case Opaque():
                return iter((UNSEEN,))

    # -- names ----------------------------------------------------------------------------------------------------

    def _defined(self, path: str, term: Term, hops: int = HOPS) -> Iterator[Value]:
        """Yield what a name, or a dotted name, is defined or imported as; who passes it where is not asked."""
        if hops == 0:
            return
        steps: Iterable[Step]
        match term:
            case Name() | Imported() | ClassTerm() | Either():
                steps = self._steps(path, term)
            case Attr():
                steps = (
                    step
                    for base in self._defined(path, term.base, hops - 1)
                    for step in self._attribute(base, term.name)
                )
            case Call():
                steps = self.values(path, term)
            case _:
                return
        for step in steps:
            if isinstance(step, tuple):
                yield from self._defined(*step, hops - 1)
            elif not isinstance(step, Unseen):
                yield step

    # -- modules --------------------------------------------------------------------------------------------------

    def is_module(self, path: str, name: str) -> bool:
        """Whether an import of ``name`` in a file leads to a module of the project."""
        return self._modules.find(path, name) is not None

    # -- attributes -----------------------------------------------------------------------------------------------

    def _attr(self, path: str, term: Attr) -> Iterator[Step]:
        steps = self._of_bases(path, term)
        apart = self._puts.of_siblings(path, term)
        return (step for step in steps if step not in apart) if apart else steps

    def _of_bases(self, path: str, term: Attr) -> Iterator[Step]:
        """Yield what the attribute is of all that its base may be."""
        bases = self.values(path, term.base)
        for base in bases:
            yield from self._attribute(base, term.name)
            if isinstance(base, Foreign) and base.dotted.startswith("argparse."):
                yield from self._options.parsed(path, term.name)
        if term.name in self._puts and _is_foreign(bases):
            yield from self._puts.on_others(last_name(term.base), term.name)

    def _attribute(self, base: Value, name: str) -> Iterator[Step]:
        """Yield what ``base.name`` is."""
        match base:
            case External():
                yield self._names.external(f"{base.dotted}.{name}")
            case Foreign():
                yield base
            case Client():
                yield from _of_client(base, name)
            case Member():
                path = base.path if name in TRANSPARENT else f"{base.path}.{name}"
                if name in ENTERS_ITSELF and openai_api.is_connection(base.path):
                    yield base
                elif openai_api.is_resource(path) or openai_api.is_method(path):
                    yield replace(base, path=path)
            case Module():
                yield from self._names.in_module(base.path, name)
                if (inner := self._modules.below(base.path, name)) is not None:
                    yield Module(inner)
                elif base.path not in self.facts:
                    yield UNREAD
            case Class() | Object() | Super():
                yield from self._member_of(base, name)
            case Display(term=Entries()):
                yield from self._displays.entry(base, name)
            case Constant() | Environment() | Composed() if name in SAME_TEXT:
                yield base
            case Response() if (inside := responses.part(base, name)) is not None:
                yield inside

    def _member_of(self, base: Class | Object | Super, name: str) -> tuple[Step, ...]:
        return self._solver.ask(("member", base, name), self._find_member, base, name)

    def _find_member(self, base: Class | Object | Super, name: str) -> tuple[Step, ...]:
        return tuple(dict.fromkeys(self._of_class(base, name)))

    def _of_class(self, base: Class | Object | Super, name: str) -> Iterator[Step]:
        cls = Class(base.path, base.index)
        lineage = self.classes.lineage(cls)
        bound = not isinstance(base, Class)
        outside = self.classes.outside(cls)
        yield from self._puts.on(lineage, name)
        for one in lineage[1:] if isinstance(base, Super) else lineage:
            found = tuple(self._own(one, name, bound=bound))
            if found:
                yield from found
                if isinstance(base, Object):
                    yield from self._overriding(cls, one, name)
                if any(_is_made_of(b.value, name) for b in self.classes.fact(one).attributes.get(name, ())):
                    continue  # ``self.client = self.client.copy()``: of what the base class set.
                if not BARE.issuperset(outside):
                    yield UNSEEN  # A base that we cannot see may fill it: settings classes read the environment.
                return
        kind = next(filter(None, map(client_kind, outside)), None)
        if kind is not None:
            yield from _of_client(Client(kind, None), name)
        elif name == "__class__":
            yield cls
        elif isinstance(base, Object):
            # A base class may use what only its subclasses, or their other bases, set.
            others = dict.fromkeys(
                other for below in self.classes.subclasses(cls) for other in self.classes.lineage(below)
            )
            found = tuple(step for o in others if o not in lineage for step in self._own(o, name, bound=True))
            found += tuple(self._passed_on(lineage, name))
            yield from found or (Foreign(dotted) for dotted in outside if is_other_vendors(dotted))

    def _own(self, cls: Class, name: str, *, bound: bool) -> Iterator[Step]:
        """Yield what a class itself, without its bases, says about an attribute."""
        facts = self.facts[cls.path]
        fact = facts.classes[cls.index]
        for binding in fact.attributes.get(name, ()):
            yield cls.path, binding.value
        index = fact.methods.get(name)
        if index is not None:
            method = facts.functions[index]
            decorators = {last_name(d) for d in method.decorators}
            if bound and self.classes.is_property(cls, name):
                yield from self._returns.given(cls.path, method)
            else:
                taken = (bound or "classmethod" in decorators) and "staticmethod" not in decorators
                yield Function(cls.path, index, int(taken))
            return
        bindings = facts.scopes[fact.scope].names.get(name, ())
        for binding in bindings:
            yield cls.path, binding.value
        if is_declared(bindings):
            yield from self._field(cls, name)
            yield from self._puts.by_validators(cls, name)

    def _overriding(self, cls: Class, owner: Class, name: str) -> Iterator[Step]:
        """Yield what a property, or a method that gives nothing in its ``owner``, is in the classes that extend a
        class, where nothing is ever made of this one itself."""
        method = self.classes.own_method(owner, name)
        empty = method is not None and not method.returns and not method.yields
        below = [one for one in self.classes.subclasses(cls) if self._overrides(one, name, methods=empty)]
        if below and len(below) <= FEW and not self.callers.of(cls):
            for one in below:
                yield from self._own(one, name, bound=True)

    def _overrides(self, cls: Class, name: str, *, methods: bool) -> bool:
        """Whether a class itself, without its bases, has a property of this name, or a method if those count."""
        return self.classes.is_property(cls, name) or (methods and self.classes.own_method(cls, name) is not None)

    def _field(self, cls: Class, name: str) -> Iterator[Step]:
        """Yield what constructors pass for a field of a dataclass, a model or a named tuple.

        A base that we cannot see may fill it as well. A class without one is made where we see it, if we see that at
        all.
        """
        if self.classes.has_own_init(cls):
            return
        callers = [(one, c) for one in (cls, *self.classes.subclasses(cls)) for c in self.callers.of(one)]
        for one, caller in callers:
            yield from self._passing.argument(self.classes.constructor(one), name, caller)
        seen = callers and not any(a.name in ("*", "**") for _, caller in callers for a in caller.arguments)
        if not seen or not BARE.issuperset(self.classes.outside(cls)):
            yield UNSEEN

    def _passed_on(self, lineage: Sequence[Class], name: str) -> Iterator[Step]:
        """Yield what ``__getattr__`` finds on the thing it hands over to."""
        for cls in lineage:
            index = self.classes.fact(cls).methods.get("__getattr__")
            if index is not None:
                for term in self.facts[cls.path].functions[index].returns:
                    if isinstance(term, Call) and last_name(term.func) == "getattr" and term.arguments:
                        for base in self.values(cls.path, term.arguments[0].value):
                            yield from self._attribute(base, name)
                return

    # -- calls ----------------------------------------------------------------------------------------------------

    def _call(self, path: str, call: Call) -> Iterator[Step]:
        functions = self.values(path, call.func)
        seen = isinstance(call.func, Attr) and call.func.name in TAKES and self._is_filled(path, call.func.base)
        for func in functions:
            if not (seen and _is_kept_in(func)):
                yield from self._called(func, path, call)
        if isinstance(call.func, Attr) and not any(isinstance(f, Function) for f in functions):
            yield from self._method_of_content(path, call, call.func)

    def _called(self, func: Value, path: str, call: Call | None) -> Iterator[Step]:
        """Yield what calling ``func`` gives; ``call`` is None for a call that is not written out."""
        match func:
            case External():
                kind = client_kind(func.dotted)
                if kind is not None:
                    yield Client(kind, (path, call) if call is not None else None)
                elif (api := sdk_method(func.dotted)) is not None:
                    yield Response(api, (path, call) if call is not None else None)
                elif call is not None:
                    yield from self._call_external(path, call, func.dotted)
            case Class():
                yield Object(func.path, func.index)
            case Function():
                fact = self.facts[func.path].functions[func.index]
                if call is None:
                    yield from self._returns.given(func.path, fact)
                else:
                    yield from self._returns.given_to(Caller(path, call.arguments, func.bound), func.path, fact)
            case Object():
                for method in self._flat(self._member_of(func, "__call__")):
                    if isinstance(method, Function):
                        yield from self._called(method, path, call)
            case Member():
                if func.path in SAME_CLIENT and func.client is not None:
                    if call is not None and any(a.name == "base_url" for a in call.arguments):
                        yield replace(func.client, made=(path, call))
                    else:
                        yield func.client
                elif (opened := openai_api.connection(func.path)) is not None:
                    yield replace(func, path=opened)
                elif openai_api.is_connection(func.path):
                    yield func
                elif openai_api.is_method(func.path) and (call is None or not _gives_model(call)):
                    yield Response(func.path, (path, call) if call is not None else None)
            case Response() if (result := responses.called(func)) is not None:
                yield result
            case Client() if call is not None:
                # Typed as ``type[OpenAI]`` or ``Callable[..., OpenAI]``.
                yield replace(func, made=(path, call))
            case Foreign():
                yield from self._call_foreign(path, call, func.dotted)
            case Constant() | Environment() | Composed():
                yield func

    def _flat(self, steps: Iterable[Step]) -> Iterator[Value]:
        for step in steps:
            if isinstance(step, tuple):
                yield from self.values(*step)
            elif not isinstance(step, Unseen):
                yield step

    def _call_external(self, path: str, call: Call, dotted: str) -> Iterator[Step]:
        given = [a.value for a in call.arguments if a.name is None]
        first = given[0] if given else None
        match dotted:
            case "builtins.getattr" if len(given) > 1:
                names = tuple(self.texts(path, given[1]))
                for name in names if len(names) <= FEW else ():
                    for base in self.values(path, given[0]):
                        yield from self._attribute(base, name)
                yield from ((path, default) for default in given[2:])
            case "builtins.super":
                yield from self._super(path, call)
            case "builtins.type" if len(given) == 1:
                yield from (Class(v.path, v.index) for v in self.values(path, given[0]) if isinstance(v, Object))
            case "builtins.enumerate" | "builtins.zip":
                shift: list[Term] = [OPAQUE] if dotted == "builtins.enumerate" else []
                row = (*shift, *map(Element, given))
                yield self._displays.made(path, call, lambda: Items((Items(row, call.span),), call.span))
            case "builtins.filter" if len(given) > 1:
                yield path, given[1]
            case "asyncio.gather":
                several = tuple(Element(a.value) if a.name == "*" else a.value for a in call.arguments)
                yield self._displays.made(path, call, lambda: Items(several, call.span))
            case "functools.partial" if first is not None:
                for value in self.values(path, first):
                    yield _partial(value, path, call, len(given) - 1)
            case "typing.cast" | "typing_extensions.cast" if len(given) > 1:
                yield path, given[1]
                yield from self._returns.instances(path, given[0])
            case "typing.TypeVar" | "typing_extensions.TypeVar":
                yield from ((path, a.value) for a in call.arguments if a.name == "bound")
                yield from ((path, kind) for kind in given[1:])
                yield from self._type_arguments.get(call, ())
            case _ if dotted in READS_ENVIRONMENT:
                yield from (Environment(name, path, call) for name in self.texts(path, first))
                yield from ((path, a.value) for a in call.arguments[1:])
            case _ if dotted in READS_SECRETS:
                yield from (Environment(name, path, call, dotted) for name in self.texts(path, first))
                yield from ((path, a.value) for a in call.arguments[1:])
            case _ if dotted in IMPORTS:
                for name in self.texts(path, first):
                    yield from self._names.imported(path, Imported(name, None, 0))
            case _ if dotted in KEEPS_ARGUMENT and first is not None:
                yield path, first
            case _ if dotted in PICKS and first is not None:
                yield path, self._displays.term(("pick", call), lambda: Element(first))
            case _ if dotted in KEEPS_NAMES:
                yield self._displays.made(path, call, lambda: entries_of(call))
            case _ if dotted in DECLARES:
                yield from self._declared(path, call)
            case VARIABLE.dotted:
                yield VARIABLE
                defaults = tuple(a.value for a in call.arguments if a.name == "default")
                yield self._displays.made(path, call, lambda: Items(defaults, call.span))
            case _ if not dotted.startswith("builtins."):
                yield from self._call_foreign(path, call, dotted)

    def _call_foreign(self, path: str, call: Call | None, dotted: str) -> Iterator[Step]:
        yield Foreign(dotted)
        if call is None:
            return
        given = [a.value for a in call.arguments if a.name is None]
        name = last_name(call.func)
        if name in GIVES_CLIENT and dotted.startswith("azure.ai."):
            yield Client("AzureOpenAI", None)
        place = INVOKES.get(dotted, INVOKES.get(f".{name}"))
        if place is not None and place < len(given):
            for func in self.values(path, given[place]):
                yield from self._called(func, path, None)
        elif given and name in ENTERS:
            yield path, self._displays.term(("enter", call), lambda: Entered(given[0]))
        elif given and isinstance(given[0], Name | Attr | FunctionTerm):
            # What wraps a function gives something that is called like it.
            for value in self.values(path, given[0]):
                if isinstance(value, Function) or (isinstance(value, Member) and openai_api.is_method(value.path)):
                    yield value

    def _declared(self, path: str, call: Call) -> Iterator[Step]:
        """Yield the default of a field or an option."""
        for i, argument in enumerate(call.arguments):
            if argument.name == "default" or (argument.name is None and i == 0):
                yield path, argument.value
            elif argument.name in ("default_factory", "factory"):
                for func in self.values(path, argument.value):
                    yield from self._called(func, path, None)

    def _method_of_content(self, path: str, call: Call, func: Attr) -> Iterator[Step]:
        """Yield what a method of a dictionary, a list or an argument parser's result gives."""
        given = [a.value for a in call.arguments if a.name is None]
        if func.name == "get" and len(given) == 1 and VARIABLE in self.values(path, func.base):
            yield path, self._displays.term(("pick", call), lambda: Element(func.base))
            yield path, given[0]
        elif func.name in KEYED and given:
            yield from self._keyed(path, func.base, given[0])
            if not any(isinstance(v, Foreign) and v.dotted in CONFIG_FILES for v in self.values(path, func.base)):
                yield from ((path, default) for default in given[1:])
        elif func.name in TAKES and not given:
            yield path, self._displays.term(("pick", call), lambda: Element(func.base))
        if func.name in SAME_OBJECT:
            yield from (v for v in self.values(path, func.base) if isinstance(v, Object))
        if func.name in SAME_CONTENT:
            yield from (v for v in self.values(path, func.base) if isinstance(v, Display))
        elif func.name == "items":
            for base in self.values(path, func.base):
                if isinstance(base, Display) and isinstance(base.term, Entries):
                    yield self._displays.made(base.path, base.term, partial(_pairs, base.term))
        elif func.name == "__new__" and given:
            yield from (Object(v.path, v.index) for v in self.values(path, given[0]) if isinstance(v, Class))

    def _is_filled(self, path: str, container: Term) -> bool:
        """Whether something is seen that is put into a container."""
        return any(isinstance(value, Display) for value in self.values(path, container))

    def _super(self, path: str, call: Call) -> Iterator[Step]:
        classes = (s.owner for s in self.facts[path].around(call.scope) if s.kind == "class" and s.owner is not None)
        yield from (Super(path, index) for index in islice(classes, 1))

    def texts(self, path: str, term: Term | None) -> Iterator[str]:
        """Yield the texts that ``term`` is known to be; none for None."""
        if term is not None:
            for value in self.values(path, term):
                if isinstance(value, Constant) and isinstance(value.literal.value, str):
                    yield value.literal.value

    # -- containers -----------------------------------------------------------------------------------------------

    def _item(self, path: str, term: Item) -> Iterator[Step]:
        return self._keyed(path, term.base, term.key, term)

    def _keyed(self, path: str, container: Term, key: Term, read: Item | None = None) -> Iterator[Step]:
        """Yield what ``container[key]`` is; ``read`` is that expression, if it is written like this."""
        bases = self.values(path, container)
        names = (key.value,) if isinstance(key, Literal) else tuple(self.texts(path, key))
        whole = isinstance(key, Literal) or all(isinstance(v, Constant) for v in self.values(path, key))
        for base in bases:
            match base:
                case External(dotted="os.environ") if read is not None:
                    yield from (Environment(name, path, read) for name in names if isinstance(name, str))
                case External(dotted="streamlit.secrets") if read is not None:
                    yield from (Environment(name, path, read, base.dotted) for name in names if isinstance(name, str))
                case External() if base.dotted.startswith(TYPE_PACKAGES):
                    yield from ((path, kind) for kind in _listed(key))
                case Display() if names and whole:
                    yield from (step for name in names for step in self._displays.entry(base, name))
                case Display():
                    yield from self._displays.entry(base, None)
                case Class() | Client():
                    yield base
                case Object():
                    yield from self._indexed(base, names)
                case Foreign() if base.dotted.startswith("argparse.") and any(isinstance(n, str) for n in names):
                    yield from (step for name in names for step in self._options.parsed(path, str(name)))
                case Foreign() if read is not None:
                    yield base
                case Response():
                    yield from filter(None, (responses.part(base, n) for n in names if isinstance(n, str)))
                    if not any(isinstance(n, str) for n in names):
                        yield responses.element(base)
        put = [name for name in names if isinstance(name, str) and name in self._puts]
        if put and _is_foreign(bases):
            owner = last_name(container)
            yield from (step for name in put for step in self._puts.on_others(owner, name))

    def _indexed(self, base: Object, names: Sequence[object]) -> Iterator[Step]:
        """Yield what an object gives for a key: what its ``__getitem__`` says; its attribute, if it stands for their
        dictionary; or itself, typed as a list of such."""
        methods = [v for v in self._flat(self._member_of(base, "__getitem__")) if isinstance(v, Function)]
        for method in methods:
            yield from self._called(method, base.path, None)
        if not methods:
            known = tuple(step for name in names if isinstance(name, str) for step in self._member_of(base, name))
            yield from known or (base,)

    def _element(self, path: str, term: Element) -> Iterator[Step]:
        seen = self._is_filled(path, term.base)
        for base in self.values(path, term.base):
            if isinstance(base, Display):
                yield from self._displays.at(base, term.position)
            elif seen and _is_kept_in(base):
                continue
            elif isinstance(base, Client | Object | Foreign | Constant):
                # An element of ``list[OpenAI]``, what a generator function yields, a member of an enumeration.
                yield base
            elif isinstance(base, Response) and term.position is None:
                yield responses.element(base)
            elif isinstance(base, Class):
                yield from self._members(base)

    def _members(self, cls: Class) -> Iterator[Step]:
        """Yield the members of an enumeration."""
        yield from ((cls.path, b.value) for bindings in self.classes.names(cls).values() for b in bindings)

    def _entered(self, path: str, term: Entered) -> Iterator[Step]:
        for base in self.values(path, term.base):
            methods = (
                [m for name in ("__enter__", "__aenter__") for m in self._flat(self._member_of(base, name))]
                if isinstance(base, Object)
                else []
            )
            for method in methods:
                yield from self._called(method, path, None)
            opened = isinstance(base, Member) and openai_api.is_connection(base.path)
            if not methods and (opened or isinstance(base, Client | Object | Foreign | Response)):
                yield base

    # -- annotations ----------------------------------------------------------------------------------------------

    def _typed(self, path: str, term: Typed) -> Iterator[Step]:
        told = self._returns.instances(path, term.annotation)
        if term.value is not None and not are_other_vendors(told):
            yield path, term.value
        yield from told

    # -- parameters -----------------------------------------------------------------------------------------------

    def _parameter(self, path: str, term: Parameter) -> Iterator[Step]:
        fact = self.facts[path].functions[term.function]
        annotation = next(p.annotation for p in fact.parameters if p.name == term.name)
        told = self._returns.instances(path, annotation) if annotation is not None else ()
        if not are_other_vendors(told):
            yield from self._given_to(path, term)
        yield from told

    def _receiver(self, path: str, term: Parameter) -> Object | Class | None:
        """Return what a method is called on, or its class, if that is what the parameter is given."""
        fact = self.facts[path].functions[term.function]
        if fact.owner is None or fact.parameters[0].name != term.name:
            return None
        decorators = {last_name(d) for d in fact.decorators}
        if "staticmethod" in decorators:
            return None
        of_class = "classmethod" in decorators or fact.name in ("__new__", "__init_subclass__", "__class_getitem__")
        return Class(path, fact.owner) if of_class else Object(path, fact.owner)

    def _given_to(self, path: str, term: Parameter) -> Iterator[Step]:
        """Yield what the function's calls pass, and its default."""
        fact = self.facts[path].functions[term.function]
        receiver = self._receiver(path, term)
        if receiver is not None:
            yield receiver
            return
        declared = next(p for p in fact.parameters if p.name == term.name)
        callers = self.callers.of((path, term.function))
        if declared.kind in ("*", "**"):
            yield from self._passing.rest(fact, declared, callers)
            if not path.endswith(NOTEBOOK):
                yield UNSEEN
            return
        found = declared.default is not None
        if declared.default is not None:
            yield path, declared.default
        for caller in callers:
            steps = tuple(self._passing.argument(fact, term.name, caller))
            found = found or bool(steps)
            yield from steps
            if not steps and (declared.default is None or any(a.name in ("*", "**") for a in caller.arguments)):
                yield UNSEEN
        for option in self._options.of(fact, term.name):
            found = True
            yield from self._declared(path, option)
        if not found:
            fixture = self._fixtures.find(path, term.name)
            yield from self._returns.given(*fixture) if fixture is not None else ()


def link(facts: Iterable[Facts], modules: Modules | None = None, origin: Origin = OPENAI) -> Project:
    """Join the facts of all files.

    Args:
        facts: one per analysed file; paths relative to one root, posix.
        modules: all Python files below the root, analysed or not: they decide which imports stay inside. None: there
            are no others.
        origin: whose code is looked for.
    """
    table = {f.path: f for f in facts}
    return Project(table, Modules(table) if modules is None else modules, origin)


def _written(path: str, term: Literal | FunctionTerm | ClassTerm) -> Value:
    """Return what a term is that says all by itself."""
    if isinstance(term, Literal):
        return Constant(path, term)
    return Function(path, term.index) if isinstance(term, FunctionTerm) else Class(path, term.index)


def _partial(value: Value, path: str, call: Call, given: int) -> Value:
    """Return what ``functools.partial`` makes of a value with ``call``, which gives it some positional arguments."""
    if isinstance(value, Member) and (path, call) not in value.bound:
        return replace(value, bound=(*value.bound, (path, call)))
    if isinstance(value, Function) and value.bound + given < FEW:
        return replace(value, bound=value.bound + given)
    return value


def _gives_model(call: Call) -> bool:
    """Whether a call asks a patched client for an instance of a model of the user's instead of a response."""
    return any(argument.name == "response_model" for argument in call.arguments)


def _of_client(client: Client, name: str) -> Iterator[Step]:
    if name in TRANSPARENT:
        yield client
    elif openai_api.is_resource(name) or name in openai_api.client_methods() or name in SAME_CLIENT:
        yield Member(client, name)


def _names(facts: Iterable[Facts]) -> set[str]:
    found = {
        *openai_api.method_names(),
        *openai_api.client_classes(),
        *SAME_CLIENT,
        *ENTERS_ITSELF,
        "__init__",
        "__new__",
    }
    found.update(path.rpartition(".")[2] for path in openai_api.connection_methods())
    for one in facts:
        found.update(function.name for function in one.functions)
        found.update(store.name for store in one.stores)
        found.update(put.name for put in one.puts)
        found.update(one.scopes[0].names)
        for cls in one.classes:
            found.update(cls.attributes, one.scopes[cls.scope].names)
    return found


def _is_foreign(values: Values) -> bool:
    """Whether something may be other people's."""
    return not values or any(isinstance(value, External | Foreign) for value in values)


def _listed(key: Term) -> tuple[Term, ...]:
    """Return what stands between brackets."""
    return key.values if isinstance(key, Items) else (key,)


def _is_made_of(term: Term, name: str) -> bool:
    """Whether a term is made by calls and attributes of an attribute ``name``."""
    while True:
        match term:
            case Attr():
                if term.name == name:
                    return True
                term = term.base
            case Call():
                if any(_is_made_of(argument.value, name) for argument in term.arguments[:1]):
                    return True
                term = term.func
            case _:
                return False


def _is_kept_in(value: Value) -> bool:
    """Whether a value is (a method of) a container that gives back what was put into it."""
    return isinstance(value, Foreign) and value.dotted.startswith(KEEPS)


def _pairs(term: Entries) -> Items:
    """Return what ``term.items()`` gives."""
    pairs = (Items((OPAQUE if key is None else key, value), term.span) for key, value in term.items)
    return Items(tuple(pairs), term.span)
