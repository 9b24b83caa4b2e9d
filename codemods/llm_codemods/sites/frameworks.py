"""Which classes and functions of frameworks that talk to OpenAI a project uses, and where they point.

What a framework does is in the table (``llm_codemods.frameworks``); it is asked by the dotted names that callees turn
out to have, so aliases and re-exports make no difference. Nothing is done for a project that imports no framework.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property

from llm_codemods import dictionaries, frameworks
from llm_codemods.facts import Facts, ImportFact
from llm_codemods.frameworks import Kind, Row, Sends
from llm_codemods.project import Project
from llm_codemods.sites.clients import Clients
from llm_codemods.sites.kinds.frameworks import (
    Config,
    FrameworkSite,
    HiddenDependencySite,
    StructuredSite,
    TokenizerSite,
    TraceSite,
)
from llm_codemods.sites.kinds.given import Given
from llm_codemods.sites.kinds.points import Destination, Points, nearest
from llm_codemods.sites.kinds.texts import Framed
from llm_codemods.sites.pointing import LEFT, is_in_test_of
from llm_codemods.terms import Argument, Attr, Call, Entries, Item, Items, Name, Term, last_name, with_names
from llm_codemods.values import Class, Client, Constant, Display, Environment, External, Foreign, Super, Values
from llm_codemods.vocabulary import BESIDES, FRAMEWORKS, MODEL

Found = FrameworkSite | StructuredSite | HiddenDependencySite | TokenizerSite | TraceSite

OPENAIS = frozenset({"openai", "openai-chat", "openai-responses", "openai_chat", "text-completion-openai", "default"})
"""What frameworks call OpenAI where a provider is named."""
AGENTS = "agents"
"""The package that uploads traces to OpenAI, whatever endpoint its models have."""
NO_TRACES = frozenset({"set_tracing_disabled", "set_tracing_export_api_key", "set_trace_processors"})
TRACES_VARIABLE = "OPENAI_AGENTS_DISABLE_TRACING"


class Frameworks:
    """Finds the sites of a project; the models that they name are noted in the ``flows`` of its clients."""

    def __init__(self, clients: Clients) -> None:
        """Take the clients and calls of the project."""
        self.clients = clients
        self.project: Project = clients.project
        self.sites: dict[str, list[Found]] = {path: [] for path in self.project.facts}
        self._rows: dict[Class, tuple[Row, str] | None] = {}
        if self.project.packages.isdisjoint(FRAMEWORKS | BESIDES):
            return
        self.table = frameworks.table()
        self.functions = frozenset(_last(row.name) for row in self.table.rows if row.kind is Kind.FUNCTION)
        for path, facts in self.project.facts.items():
            self.sites[path] += self._calls(facts)
        self._tell_structured()
        if AGENTS in self.project.packages:
            self._traces()

    # -- calls ----------------------------------------------------------------------------------------------------

    def _calls(self, facts: Facts) -> Iterator[Found]:
        for call in facts.calls:
            for row, dotted in self._called(facts.path, call):
                site = self._site(facts.path, call, row, dotted)
                if site is not None:
                    yield site
                    break
            for argument in call.arguments:
                if isinstance(argument.value, Name | Attr) and last_name(argument.value) in self.functions:
                    yield from self._handed_over(facts.path, argument)

    def _called(self, path: str, call: Call) -> Iterator[tuple[Row, str]]:
        """Yield the rows that a call is one of, with the dotted names that say so."""
        func = call.func
        for value in self._callees(path, call):
            if isinstance(value, Super):
                if (known := self._extended(Class(value.path, value.index))) is not None:
                    yield known
            elif isinstance(value, External) and (row := self.table.find(value.dotted)) is not None:
                yield row, value.dotted
            elif isinstance(value, Foreign) and isinstance(func, Attr):
                dotted = f"{value.dotted}.{func.name}"
                row = self.table.find(dotted)
                if row is not None and row.kind is Kind.STRUCTURED:
                    yield row, dotted
            elif (
                isinstance(value, Class)
                and (known := self._extended(value))
                and not self.project.classes.has_own_init(value)
            ):
                yield known

    def _callees(self, path: str, call: Call) -> Values:
        """Return what a call calls, as far as it may be a row; for ``super().__init__`` the ``super()``."""
        func = call.func.base if isinstance(call.func, Item) else call.func  # ``Agent[Context](…)``
        if isinstance(func, Attr) and func.name == "__init__":
            return tuple(v for v in self.project.values(path, func.base) if isinstance(v, Super))
        wanted = isinstance(func, Name) or (isinstance(func, Attr) and func.name in self.table.names)
        return self.project.values(path, func) if wanted else ()

    def _extended(self, cls: Class) -> tuple[Row, str] | None:
        """Return the row of the framework's class that a class of the project extends."""
        if cls not in self._rows:
            rows = ((self.table.find(dotted), dotted) for dotted in self.project.classes.outside(cls))
            self._rows[cls] = next(((row, dotted) for row, dotted in rows if row is not None), None)
        return self._rows[cls]

    def _site(self, path: str, call: Call, row: Row, dotted: str) -> Found | None:
        named = with_names(call, row.positional)
        given, opaque = self.clients.arguments.given((path, named))
        name = _name(dotted)
        match row.kind:
            case Kind.STRUCTURED:
                if opaque or _is_given(given, row.unless) or not self._is_openais(path, given):
                    return None
                made = self.project.made(path, call.func.base) if isinstance(call.func, Attr) else None
                place = None if made is None else (made[0], made[1].span)
                return StructuredSite(path, call.span, row, dotted, place)
            case Kind.DEPENDENCY:
                missing = self._missing(row, given, opaque=opaque)
                if not missing:
                    return None
                settings, sections = self._settings(row, given)
                called = call.func.id if isinstance(call.func, Name) and not call.arguments else None
                unpacks = any(argument.name == "**" for argument in call.arguments)
                return HiddenDependencySite(path, call.span, row, name, missing, settings, sections, called, unpacks)
            case Kind.TOKENIZER | Kind.COST:
                if _is_given(given, row.unless):
                    return None
                first = _first(given, row.model) if call.arguments and call.arguments[0].name is None else None
                told = self._told(call, row, given, first)
                tried = any(call.span in span for span in self.project.facts[path].lookups)
                return TokenizerSite(path, call.span, row, name, told, None if tried else first)
        return self._framework(path, call, row, dotted, given, opaque=opaque)

    def _told(self, call: Call, row: Row, given: Mapping[str, Given], first: Given | None) -> tuple[str, ...]:
        """Note the models that a tokenizer is looked up by; return their names.

        Where it will be looked up by its own name, only what stands in the call itself is part of it.
        """
        found = _first(given, row.model)
        for constant in found.constants if found is not None else ():
            if row.by_table is None or first is None or constant.literal.span in call.span:
                self.clients.flows.told.add(id(constant.literal))
        return found.strings if found is not None else ()

    def _is_openais(self, path: str, given: Mapping[str, Given]) -> bool:
        """Whether the clients that are given may point to OpenAI."""
        values = [v for g in given.values() for v in g.values if isinstance(v, Client)]
        return all(self.clients.pointing.of_client(path, v)[0] is not Points.ELSEWHERE for v in values)

    def _handed_over(self, path: str, argument: Argument) -> Iterator[FrameworkSite]:
        """Yield a function that is handed over as it is: ``LightRAG(llm_model_func=gpt_4o_mini_complete)``."""
        for value in self.project.values(path, argument.value):
            row = self.table.find(value.dotted) if isinstance(value, External) else None
            if row is not None and row.kind is Kind.FUNCTION and isinstance(value, External):
                points, host = self._at_openai(Points.AZURE if row.azure else Points.OPENAI)
                name = _name(value.dotted)
                yield FrameworkSite(
                    path,
                    argument.span,
                    row,
                    value.dotted,
                    name,
                    points,
                    host,
                    {},
                    opaque=False,
                    models=(),
                    called=False,
                )
                return

    # -- objects that talk to OpenAI ------------------------------------------------------------------------------

    def _framework(
        self, path: str, call: Call, row: Row, dotted: str, given: dict[str, Given], *, opaque: bool
    ) -> FrameworkSite | None:
        through = self.clients.is_parameter(path, call.func)
        if through and call.arguments and all(a.name in ("*", "**") for a in call.arguments):
            return None  # Plumbing: what is given is named elsewhere.
        configs: tuple[Config, ...] = ()
        if row.config:
            inner, configs = self._configured(row, given)
            if not inner:
                return None
            given = {**given, **inner}
        model = _first(given, row.model)
        points, host = self._points_of_all(path, row, given, configs, opaque=opaque)
        if (path, call.span) in self.clients.pointing.left:
            points, host = LEFT
        strings = model.strings if model is not None else ()
        if row.kind is Kind.AGENT and model is not None and not strings and not configs:
            return None  # An object, which is a site of its own where it is made.
        if row.separator is not None or row.config:
            if model is None and row.default is None and not opaque:
                return None
            if points is Points.ELSEWHERE and not any(_is_prefixed(s, row.separator) for s in strings):
                return None  # Nothing here is OpenAI's.
        if (path, call.span) in self.clients.pointing.left:
            points, host = LEFT
        # a function that reads all settings may give a URL, too
        of_configs = (_first(config.given, row.model) for config in configs)
        asked = [text for one in of_configs if one is not None for text in one.strings] if configs else strings
        names = tuple(dict.fromkeys(_bare(s, row.separator) for s in asked if "://" not in s))
        responses = self._uses_responses(row, given, strings)
        indirect = through or any(isinstance(v, Class | Super) for v in self._callees(path, call))
        site = FrameworkSite(
            path,
            call.span,
            row,
            dotted,
            _name(dotted),
            points,
            host,
            given,
            opaque,
            names,
            indirect=indirect,
            handed=through,
            placed=model is None and not row.positional and any(a.name is None for a in call.arguments),
            configs=configs,
            responses=responses,
            bare=isinstance(call.func, Name),
            defaulted=row.family == AGENTS and row.kind is Kind.AGENT and self._has_default,
            resolve=self.project.values,
            hold=self.clients.key_uses.held,
        )
        reach = site.reach
        for taken in (given, *(config.given for config in configs)):
            for name in row.model:
                if name in taken:
                    self._follow(site, taken[name])
            for name in (*row.endpoint, *row.key):
                if name in taken:
                    self.clients.flows.follow_key(path, call.scope, taken[name].values, reach)
        return site

    def _follow(self, site: FrameworkSite, model: Given) -> None:
        """Note which models go to a framework's object, and those that its own fix replaces."""
        flows = self.clients.flows
        for constant in model.constants:
            one = id(constant.literal)
            if site.row.vision:
                flows.seen.add(one)
            taken = Framed(_bare(str(constant.literal.value), site.row.separator), site.prefix, (site,))
            if site.points is Points.ELSEWHERE:
                flows.models.setdefault(one, set()).add(site.points)
                flows.hosts.setdefault(one, set()).add(site.host)
                there = flows.elsewhere.get(one, taken)
                flows.elsewhere[one] = replace(there, objects=tuple(dict.fromkeys((*there.objects, site))))
            elif site.movable and constant.path == site.path and site.holds(constant.literal.span):
                flows.told.add(one)
            else:
                framed = taken if site.movable else None
                known = flows.framed.get(one, framed)
                if framed is not None and known is not None and known == framed:
                    framed = replace(framed, objects=tuple(dict.fromkeys((*known.objects, site))))
                flows.framed[one] = framed if known == framed else None

    def _configured(self, row: Row, given: Mapping[str, Given]) -> tuple[dict[str, Given], tuple[Config, ...]]:
        """Return what dictionaries such as ``llm_config={"config_list": […]}`` say of endpoint, key and model, and
        those of them that name a model."""
        found: dict[str, Given] = {}
        configs: dict[Term, Config] = {}
        wanted = {*row.endpoint, *row.key, *row.model, *row.provider}
        waiting = [(given[name].path, given[name].term) for name in row.config if name in given]
        seen: set[Term] = set()
        while waiting:
            path, term = waiting.pop(0)
            if term in seen:
                continue
            seen.add(term)
            lists = [v for v in self.project.values(path, term) if isinstance(v, Display)]
            waiting += [(v.path, item) for v in lists if isinstance(v.term, Items) for item in v.term.values]
            entries, whole = dictionaries.entries(self.project, path, term)
            for name, places in entries.items():
                for display, value in places:
                    if name in wanted:
                        one = self._given(display.path, Argument(name, value, display.term.span))
                        found.setdefault(name, one)
                        config = configs.setdefault(display.term, Config(display.path, display.term.span, {}, whole))
                        configs[display.term] = replace(config, given={**config.given, name: one})
                    elif name in row.config:
                        waiting.append((display.path, value))
        return found, tuple(c for c in configs.values() if any(name in c.given for name in row.model))

    def _given(self, path: str, argument: Argument) -> Given:
        values = self.project.values(path, argument.value)
        return Given(
            argument.name or "", argument.span, path, direct=False, inline=False, values=values, term=argument.value
        )

    # -- where they point -----------------------------------------------------------------------------------------

    def _points_of_all(
        self, path: str, row: Row, given: Mapping[str, Given], configs: tuple[Config, ...], *, opaque: bool
    ) -> Destination:
        """Return where an object points whose dictionaries may each say it: unknown where they differ."""
        alone = {name: one for name, one in given.items() if not any(name in config.given for config in configs)}
        places = {self._points(path, row, {**alone, **config.given}, opaque=opaque) for config in configs}
        if len(places) > 1:
            return Points.ELSEWHERE if {points for points, _ in places} == {Points.ELSEWHERE} else Points.UNKNOWN, None
        return next(iter(places)) if places else self._points(path, row, given, opaque=opaque)

    def _points(self, path: str, row: Row, given: Mapping[str, Given], *, opaque: bool) -> Destination:
        if row.azure:
            return self._at_openai(Points.AZURE)
        url = _first(given, row.endpoint)
        if url is not None:
            return self.clients.pointing.unless_either(self.clients.pointing.of_url(url), url)
        client = _first(given, row.client)
        if client is not None and (place := self._of_object(client)) is not None:
            return place
        points, host = self._by_default(row, given, opaque=opaque)
        if points is Points.OPENAI and path in self.clients.pointing.rerouted:
            return self.clients.pointing.default_in(path)
        return self._at_openai(points) if host is None else (points, host)

    def _at_openai(self, points: Points) -> Destination:
        """Return where an object points that is told so by name: OpenAI is elsewhere for code of another provider."""
        named = points in (Points.OPENAI, Points.AZURE) and not self.clients.origin.is_openai
        return self.clients.pointing.default if named else (points, None)

    def _by_default(self, row: Row, given: Mapping[str, Given], *, opaque: bool) -> Destination:
        """Say where an object points that is given neither endpoint nor client."""
        provider = _first(given, row.provider)
        if provider is not None:
            place = self._of_provider(provider)
            if place is not None:
                return place
        if opaque or row.loads:
            return Points.UNKNOWN, None
        model = _first(given, row.model)
        if row.separator is not None and model is not None:
            return _of_model(model, row.separator), None
        if row.family == AGENTS and self._agents_default is not None:
            return self._agents_default
        return Points.OPENAI, None

    def _of_object(self, given: Given) -> Destination | None:
        """Return where a client, or what a framework makes of one, points; None: it is none."""
        for value in given.values:
            if isinstance(value, Client):
                return self.clients.pointing.of_client(given.path, value)
        made = self.project.made(given.path, given.term)
        if made is not None:
            path, call = made
            for row, _ in self._called(path, call):
                inner, opaque = self.clients.arguments.given((path, with_names(call, row.positional)))
                return self._points(path, row, inner, opaque=opaque)
        given_none = any(isinstance(v, Constant) and v.literal.value is None for v in given.values)
        return None if given_none else (Points.UNKNOWN, None)

    def _of_provider(self, given: Given) -> Destination | None:
        """Return where the provider that is named is."""
        names = [*given.strings, *(_last(v.dotted) for v in given.values if isinstance(v, External))]
        if names:
            return _of_names(n.lower() for n in names), None
        return self._of_object(given)

    @cached_property
    def _has_default(self) -> bool:
        """Whether a client is the default of all agents, or can be made so: where they run."""
        return self._agents_default is not None or self._run

    @cached_property
    def _run(self) -> bool:
        """Whether agents run anywhere in the project."""
        return any(self._runs(path) for path in self.project.facts)

    @cached_property
    def _agents_default(self) -> Destination | None:
        """Where the client points that is made the default of all agents."""
        for path, facts in self.project.facts.items():
            for call in facts.calls:
                if last_name(call.func) == "set_default_openai_client" and call.arguments:
                    argument = call.arguments[0]
                    return self._of_object(self._given(path, argument))
        return None

    # -- what they send -------------------------------------------------------------------------------------------

    def _uses_responses(self, row: Row, given: Mapping[str, Given], models: Iterable[str]) -> bool:
        if any(name in given and not _is_off(given[name]) for name in row.responses_with):
            return True
        if Sends.RESPONSES not in row.sends or (row.off is not None and row.off.partition("=")[0] in given):
            return False
        if row.family == AGENTS and (self._agents_chat or (row.kind is Kind.AGENT and self._run)):
            return False  # It is told once, where agents run.
        prefixes = {m.partition(row.separator)[0] for m in models if row.separator in m} if row.separator else set()
        return prefixes <= {"openai", "openai-responses"}

    @cached_property
    def _agents_chat(self) -> bool:
        """Whether agents are told to use chat completions."""
        return any(
            last_name(call.func) == "set_default_openai_api"
            and any(isinstance(v, Constant) and v.literal.value == "chat_completions" for v in self._values(path, call))
            for path, facts in self.project.facts.items()
            for call in facts.calls
        )

    def _values(self, path: str, call: Call) -> Iterator[object]:
        for argument in call.arguments:
            yield from self.project.values(path, argument.value)

    # -- dependencies ---------------------------------------------------------------------------------------------

    def _missing(self, row: Row, given: Mapping[str, Given], *, opaque: bool) -> tuple[str, ...]:
        """Return what is not given, so that the framework takes OpenAI; () where all is, or where it cannot be told."""
        if opaque or (row.when and not any(name in given and not _is_off(given[name]) for name in row.when)):
            return ()
        if row.sections:
            config = _first(given, row.config)
            sections: Mapping[str, object] = given
            if config is not None:
                entries, whole = dictionaries.entries(self.project, config.path, config.term)
                sections = {n: p for n, p in entries.items() if not self._is_openais_section(p)}
                if not whole:
                    return ()
            return tuple(name for name in row.sections if name not in sections)
        if _is_given(given, row.unless) or any(self._is_set(name) for name in row.settings):
            return ()
        return row.unless[:1]

    def _settings(self, row: Row, given: Mapping[str, Given]) -> tuple[Config | None, dict[str, Config]]:
        """Return the dictionary that has a dependency's sections, and those of the sections that say what they take."""
        config = _first(given, row.config) if row.sections else None
        display = config.display if config is not None else None
        if config is None or display is None or not isinstance(display.term, Entries):
            return None, {}
        entries, whole = dictionaries.entries(self.project, config.path, config.term)
        inner: dict[str, Config] = {}
        for name in row.sections:
            for shown, term in entries.get(name, ()):
                for at, value in dictionaries.entries(self.project, shown.path, term)[0].get("config", ()):
                    for found in self.project.values(at.path, value):
                        if isinstance(found, Display) and isinstance(found.term, Entries):
                            told, complete = dictionaries.entries(self.project, at.path, value)
                            taken = {
                                n: self._given(d.path, Argument(n, t, d.term.span))
                                for n, p in told.items()
                                for d, t in p
                            }
                            inner[name] = Config(found.path, found.term.span, taken, complete)
        return Config(display.path, display.term.span, dict.fromkeys(entries, config), whole), inner

    def _is_openais_section(self, places: Iterable[tuple[Display, Term]]) -> bool:
        """Whether a part of a configuration names no provider, or OpenAI, and no endpoint."""
        for display, term in places:
            entries, whole = dictionaries.entries(self.project, display.path, term)
            if not whole:
                return False
            named = [v for d, t in entries.get("provider", ()) for v in self.project.values(d.path, t)]
            texts = [v.literal.value for v in named if isinstance(v, Constant)]
            inner = [n for d, t in entries.get("config", ()) for n in dictionaries.entries(self.project, d.path, t)[0]]
            if len(texts) < len(named) or any(t != "openai" for t in texts) or "openai_base_url" in inner:
                return False
        return True

    def _is_set(self, name: str) -> bool:
        """Whether an attribute is set on the framework's settings anywhere, or a context for all is."""
        every = self.project.facts.values()
        return any(
            store.name == name and last_name(store.base) in ("Settings", "settings")
            for f in every
            for store in f.stores
        ) or any(last_name(c.func) == "set_global_service_context" for f in every for c in f.calls)

    def _tell_structured(self) -> None:
        """Say of what is to answer in a given shape which object that is asked of."""
        every = [site for found in self.sites.values() for site in found if isinstance(site, FrameworkSite)]
        for path, found in self.sites.items():
            self.sites[path] = [self._of_objects(s, every) if isinstance(s, StructuredSite) else s for s in found]

    def _of_objects(self, site: StructuredSite, every: Sequence[FrameworkSite]) -> StructuredSite:
        kind = _last(site.name.rpartition(".")[0])
        near = [one.reach for one in every if _last(one.dotted) == kind]
        asked = [reach for reach in near if reach.made == site.object] or near
        return replace(site, name=_name(site.name), asked=tuple(asked))

    # -- traces ---------------------------------------------------------------------------------------------------

    def _traces(self) -> None:
        """Find where agents run whose traces are uploaded: the first import in every file that runs some."""
        every = self.project.facts
        off = any(last_name(c.func) in NO_TRACES for f in every.values() for c in f.calls)
        agents = [s for found in self.sites.values() for s in found if isinstance(s, FrameworkSite) and s.defaulted]
        off = off or any(t.literal.value == TRACES_VARIABLE for f in every.values() for t in f.texts)
        for path in every:
            if imports := self._runs(path):
                first = imports[0]
                reads = [c.span for c in every[path].calls if last_name(c.func) == "load_dotenv" and c.scope == 0]
                after = max((span for span in reads if span.start > first.span.start), default=None)
                client = self._agents_default is None and any(s.points is Points.OPENAI for s in agents)
                responses = bool(agents) and not self._agents_chat
                self.sites[path].append(TraceSite(path, first.span, off, first.alias, after, client, responses))

    def _runs(self, path: str) -> list[ImportFact]:
        """Return the imports of the framework in a file that runs agents."""
        imports = [i for i in self.project.facts[path].imports if i.level == 0 and i.module.partition(".")[0] == AGENTS]
        runs = any("Runner" in i.names or not i.names for i in imports)
        return imports if runs and self._is_outside(path) else []

    def _is_outside(self, path: str) -> bool:
        """Whether ``Runner`` in a file is the framework's, and no class of a package of that name in the project."""
        facts = self.project.facts[path]
        names = facts.scopes[0].names
        found = [b.value for n in ("Runner", AGENTS) for b in names.get(n, ())]
        values = [v for term in found for v in self.project.values(path, term)]
        return any(isinstance(v, External) and v.dotted.partition(".")[0] == AGENTS for v in values)


def _first(given: Mapping[str, Given], names: Iterable[str]) -> Given | None:
    return next((given[name] for name in names if name in given), None)


def _is_given(given: Mapping[str, Given], names: Iterable[str]) -> bool:
    return any(name in given and not _is_off(given[name]) for name in names)


def _is_off(given: Given) -> bool:
    """Whether an argument is nothing: None or False."""
    return bool(given.values) and all(isinstance(v, Constant) and not v.literal.value for v in given.values)


def _of_model(model: Given, separator: str) -> Points:
    """Say whose models an argument may name."""
    if not model.strings:
        return Points.UNKNOWN
    own = [
        s.partition(separator)[0] if separator in s else ("openai" if MODEL.fullmatch(s) else s) for s in model.strings
    ]
    found = _of_names(own)
    tried = all(is_in_test_of(c.path, model.path) for c in model.constants)
    unseen = tried or any(isinstance(v, Environment) for v in model.values)
    return Points.UNKNOWN if unseen and found is Points.ELSEWHERE else found


def _of_names(names: Iterable[str]) -> Points:
    """Say whose a name of a provider is; OpenAI's if any of several is."""
    found = {
        Points.OPENAI if n in OPENAIS else Points.AZURE if n.startswith("azure") else Points.ELSEWHERE for n in names
    }
    return nearest(found)


def _is_prefixed(model: str, separator: str | None) -> bool:
    """Whether a model's name says that it is reached through OpenAI's protocol."""
    bare = MODEL.fullmatch(model) is not None
    return bare or (separator is not None and model.partition(separator)[0] in OPENAIS and separator in model)


def _bare(model: str, separator: str | None) -> str:
    head, found, rest = model.partition(separator) if separator is not None else ("", "", "")
    return rest if found and (head in OPENAIS or head.startswith("azure")) else model


def _last(dotted: str) -> str:
    return dotted.rpartition(".")[2]


def _name(dotted: str) -> str:
    """Return what a dotted name is called: the class goes with its method."""
    owner, _, last = dotted.rpartition(".")
    cls = _last(owner)
    return f"{cls}.{last}" if cls[:1].isupper() and not last[:1].isupper() else last
