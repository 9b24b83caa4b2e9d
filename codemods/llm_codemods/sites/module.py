"""The SDK as a module: what is set on it, where it is imported, which of its exceptions are caught."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import combinations

from llm_codemods import keys, openai_api
from llm_codemods.edits import Span
from llm_codemods.facts import Facts, ImportFact, Store
from llm_codemods.libraries import RETRIES, WRAPPERS, sdk_name
from llm_codemods.sites.clients import Clients
from llm_codemods.sites.kinds.clients import CallSite, ClientSite
from llm_codemods.sites.kinds.module import HandlerSite, ImportSite, RetrySite, SettingSite
from llm_codemods.sites.kinds.points import Points
from llm_codemods.terms import Attr, Branch, Items, Literal, Name, Term, dotted, last_name
from llm_codemods.values import Constant, Environment, External
from llm_codemods.vocabulary import TESTS


class SdkModule:
    """Finds the sites of the module-level client, its imports and exceptions."""

    def __init__(self, clients: Clients) -> None:
        """Take the clients and calls of the project."""
        self.clients = clients
        self.project = clients.project
        self._all_legacy = _is_legacy(site for found in clients.sites.values() for site in found)
        """Whether any file uses the 0.28 API."""

    def sites(self, facts: Facts) -> Iterator[SettingSite | ImportSite | HandlerSite | RetrySite]:
        """Yield the sites of one file."""
        yield from self._settings_sites(facts)
        yield from self._imports(facts)
        yield from self._handlers(facts)
        yield from self._retries(facts)

    def _settings_sites(self, facts: Facts) -> Iterator[SettingSite]:
        own = [s for s in facts.stores if self.clients.pointing.is_sdk(facts, s)]
        legacy = self._is_legacy(facts.path)
        given = {s.name for s in own if not _branch(s.base)}
        points, host = self.clients.pointing.settings[facts.path]
        for store in own:
            base = dotted(store.base)
            if store.name in openai_api.settings() and base is not None:
                there = given | {s.name for s in own if _in_one_block(s, store)}
                lacks = tuple(name for name in self._endpoints(facts.path) if name not in there)
                values = [v for v in self.project.values(facts.path, store.value) if isinstance(v, Constant)]
                yield SettingSite(
                    facts.path,
                    store.span,
                    store.name,
                    base,
                    store.assigned,
                    store.statement,
                    legacy,
                    lacks,
                    points is Points.ELSEWHERE,
                    points is Points.UNKNOWN,
                    host,
                    self.clients.key_uses.of(store.value, keys.trace(self.project, facts.path, store.value)),
                    tuple(v.literal.value for v in values if isinstance(v.literal.value, str)),
                    tuple(_compared(facts, store.name)),
                    store.span,
                )

    def _is_legacy(self, path: str) -> bool:
        """Whether a file uses the 0.28 API; one that only configures it goes with the others."""
        own = _is_legacy(self.clients.sites[path])
        return bool(self._all_legacy) if own is None else own

    def _endpoints(self, path: str) -> tuple[str, ...]:
        """Return the attributes of the module in which the calls of a file look for their endpoint: where it has some
        for each major of the SDK, both."""
        if path in self.clients.of_both:
            return ("api_base", "base_url")
        return ("api_base",) if self._is_legacy(path) else ("base_url",)

    def _imports(self, facts: Facts) -> Iterator[ImportSite]:
        configure: tuple[str, ...] = ()
        points, host = self.clients.pointing.settings[facts.path]
        sometimes = bool(self.clients.configured) and self._only_sometimes(facts)
        unset = sometimes or not self.clients.configured
        if unset and points is not Points.UNKNOWN and self._uses_module(facts.path):
            configure = self._endpoints(facts.path)
        for fact in facts.imports:
            if fact.level == 0 and (fact.module == "openai" or fact.module.startswith("openai.")):
                alias = fact.alias if fact.module == "openai" and not fact.names else None
                yield ImportSite(
                    facts.path,
                    fact.span,
                    fact.module,
                    alias or "openai",
                    configure if alias else (),
                    host,
                    points,
                    sometimes=sometimes,
                    loads=_loads(facts, fact),
                    taken=tuple(f"{fact.module}.{name}" for name in fact.names),
                )
                configure = () if alias else configure
            elif fact.module in WRAPPERS and "openai" in fact.names:
                loads = _loads(facts, fact)
                yield ImportSite(facts.path, fact.span, fact.module, "openai", configure, host, loads=loads)
                configure = ()

    def _only_sometimes(self, facts: Facts) -> bool:
        """Whether a function calls the module-level client that it gives a key on one of its ways alone, where nobody
        else gives it one for sure."""
        stores = [(path, store) for path, store in self.clients.configured if not TESTS.search(path)]
        if not all(_branch(s.base) for _, s in stores):
            return False
        if any(self._fills_in(path, store) for path, store in stores):
            return True
        own: dict[int, list[Store]] = {}
        for path, store in stores:
            if path == facts.path:
                own.setdefault(store.scope, []).append(store)
        made = {s.span for s in self.clients.sites[facts.path] if isinstance(s, CallSite) and s.module_level}
        for call in facts.calls:
            if call.span in made and (there := own.get(call.scope)):
                ways = [_branch(store.base) for store in there]
                whole = any(a[:-1] == b[:-1] and a[-1] != b[-1] for a, b in combinations(ways, 2))
                within = any(_branch(call.func)[: len(way)] == way for way in ways)
                if not (whole or within):
                    return True
        return False

    def _fills_in(self, path: str, store: Store) -> bool:
        """Whether the module gets a key only where the file has put it into the environment itself, which it does not
        do where the key is there already."""
        writes = [w for w in self.project.facts[path].writes if w.statement is not None and not w.always]
        before = {w.key.value for w in writes if w.statement is not None and w.statement.end <= store.statement.start}
        reads = [v for v in self.project.values(path, store.value) if isinstance(v, Environment)]
        return any(read.name in before for read in reads)

    def _uses_module(self, path: str) -> bool:
        """Whether a file calls the module-level client."""
        return any(isinstance(s, CallSite) and s.module_level for s in self.clients.sites[path])

    def _retries(self, facts: Facts) -> Iterator[RetrySite]:
        for call in facts.calls:
            name = last_name(call.func)
            if name not in RETRIES:
                continue
            values = self.project.values(facts.path, call.func)
            if not any(isinstance(v, External) and v.dotted.partition(".")[0] == RETRIES[str(name)] for v in values):
                continue
            for argument in call.arguments:
                kinds = argument.value.values if isinstance(argument.value, Items) else (argument.value,)
                dotted = (
                    v.dotted for k in kinds for v in self.project.values(facts.path, k) if isinstance(v, External)
                )
                for kind in filter(None, map(sdk_name, dotted)):
                    yield RetrySite(facts.path, argument.span, kind, *self.clients.pointing.settings[facts.path])

    def _handlers(self, facts: Facts) -> Iterator[HandlerSite]:
        for handler in facts.handlers:
            for value in self.project.values(facts.path, handler.term):
                caught = sdk_name(value.dotted) if isinstance(value, External) else None
                if caught:
                    name, legacy = caught.removeprefix("error."), caught.startswith("error.")
                    points, host = self.clients.pointing.settings[facts.path]
                    yield HandlerSite(facts.path, handler.span, name, legacy, points, host)
                    break


def _branch(term: Term) -> Branch:
    """Return the ways on which a name or one of its attributes is."""
    while isinstance(term, Attr):
        term = term.base
    return term.branch if isinstance(term, Name) else ()


def _loads(facts: Facts, fact: ImportFact) -> Span | None:
    """Return what reads a .env file into the environment behind an import, both at the top of a file."""
    calls = (c for c in facts.calls if last_name(c.func) == "load_dotenv" and c.scope == fact.scope == 0)
    return next((c.span for c in calls if c.span.start > fact.span.start and not _branch(c.func)), None)


def _compared(facts: Facts, name: str) -> Iterator[str]:
    """Yield the texts that a file compares an attribute of this name with."""
    for comparison in facts.comparisons:
        sides = comparison.term.values if isinstance(comparison.term, Items) else ()
        if any(isinstance(side, Attr) and side.name == name for side in sides):
            inside = (inner for side in sides for inner in (side.values if isinstance(side, Items) else (side,)))
            yield from (one.value for one in inside if isinstance(one, Literal) and isinstance(one.value, str))


def _in_one_block(one: Store, other: Store) -> bool:
    """Whether two settings are made on the same ways, one after the other."""
    return one.scope == other.scope and _branch(one.base) == _branch(other.base)


def _is_legacy(sites: Iterable[ClientSite | CallSite]) -> bool | None:
    """Whether one of the calls of the module-level client is of the 0.28 API; None: there are no such calls."""
    calls = [s.legacy for s in sites if isinstance(s, CallSite) and (s.module_level or s.legacy)]
    return any(calls) if calls else None
