"""What code of the 0.28 API becomes under the current SDK: calls, settings, imports, errors, looks at responses.

A file moves as a whole: where one thing in it cannot be followed, nothing in it is sure.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial

from llm_codemods import dictionaries, keys, openai_api, responses
from llm_codemods.edits import Place, Span
from llm_codemods.facts import Facts, ImportFact, Store, Use
from llm_codemods.libraries import DUMPS, KEEPS_NAMES, sdk_name
from llm_codemods.sdk import Upgraded
from llm_codemods.sites.clients import Clients
from llm_codemods.sites.kinds import Site
from llm_codemods.sites.kinds.clients import CallSite, KeyUse
from llm_codemods.sites.kinds.module import FailureSite, ImportSite, SettingSite
from llm_codemods.sites.kinds.points import Points
from llm_codemods.sites.kinds.responses import Handed, HandedSite, ResponseSite
from llm_codemods.sites.kinds.texts import RoleSite
from llm_codemods.sites.kinds.upgrades import NewClients, Upgrade
from llm_codemods.sites.responses import is_former
from llm_codemods.terms import (
    Argument,
    Attr,
    Call,
    Element,
    Entries,
    Imported,
    Item,
    Items,
    Literal,
    Name,
    Term,
    last_name,
)
from llm_codemods.values import Class, Display, External, Foreign, Function, Object, Response, Value
from llm_codemods.vocabulary import TESTS

TIME_LIMIT = "Timeout"
"""What an error was called in ``openai.error``; in the module itself it is today's class of time limits."""
GONE = frozenset({"Customer", "Deployment", "Edit", "Engine", "ErrorObject", "FineTune"})
"""Classes of 0.28 that have no successor with the same parameters."""
IDENTIFIED = {"files": "file_id", "fine_tuning.jobs": "fine_tuning_job_id", "models": "model"}
"""Resources -> what their methods call the thing that is asked for."""
RENAMED: Mapping[str, str | None] = {
    "api_base": None,
    "api_key": None,
    "api_type": None,
    "api_version": None,
    "headers": "extra_headers",
    "organization": None,
    "request_id": None,
    "request_timeout": "timeout",
}
"""Arguments that every method of 0.28 takes."""
OWN = RENAMED.keys() | {"deployment_id", "engine"}
LOOPS = frozenset({"anyio.run", "asyncio.new_event_loop", "asyncio.run"})
"""Functions of which each call makes a loop for asynchronous calls."""
CONNECTS = frozenset({"api_base", "api_key", "api_key_path", "api_type", "api_version", "base_url", "organization"})
"""Settings of the module that a client is given instead."""
TOLD = {"http_body": "response.text", "http_status": "status_code", "json_body": "response.json()"}
"""What an error of 0.28 tells -> where the current SDK has it."""
SHOWS = frozenset(
    {
        *("add", "append", "appendleft", "debug", "enumerate", "error", "exception", "extend", "getattr", "id", "info"),
        *("insert", "iter", "len", "list", "log", "next", "pformat", "pprint", "print", "put", "put_nowait", "repr"),
        *("reversed", "set_result", "sleep", "str", "tuple", "type", "warn", "warning", "zip", "bool", "gather"),
        *("run", "run_until_complete", "wait_for", "create_task", "ensure_future", "deepcopy", "copy", "cast"),
    }
)
"""Functions and methods to which an object is as good as a dictionary."""
DICTIONARY = frozenset({"items", "keys", "pop", "setdefault", "update", "values"})
"""Methods of dictionaries that objects of the SDK do not have."""
DICTIONARIES = frozenset({"dict", "dump", "jsonify"})
"""Functions that take dictionaries only, besides those that write JSON."""
WRITES = frozenset({"dump", "dumps", "jsonify", "safe_dump"})
WRITERS = frozenset({"flask", "json", "orjson", "simplejson", "ujson", "yaml"})
"""Packages with functions of these names that cannot write objects among dictionaries."""
COLLECTS = frozenset({"add", "append", "appendleft", "extend", "insert"})
NAMES = ("client", "openai_client", "llm_client", "sdk_client")
ASYNC_NAMES = ("aclient", "async_client", "openai_aclient", "sdk_aclient")
KEY_NAMES = {
    "OpenAI": ("provider_key", "llm_provider_key"),
    "AsyncOpenAI": ("async_provider_key", "async_llm_provider_key"),
}


class Upgrades:
    """Says of the sites of a project what becomes of them under the current SDK."""

    def __init__(self, clients: Clients) -> None:
        """Take the clients and calls of the project."""
        self.clients = clients
        self.project = clients.project
        legacy = [s for s in clients.every() if isinstance(s, CallSite) and s.legacy and s.known]
        self.of_both = clients.of_both
        """The files for both majors: what they try for stays, and so does what they set."""
        found = (site for site in legacy if not site.old)
        self.calls: dict[Place, CallSite] = {(s.path, s.span): s for s in found}
        self.files = frozenset(path for path, _ in self.calls)
        self.terms = {
            (path, call.span): call
            for path in self.files
            for call in self.project.facts[path].calls
            if (path, call.span) in self.calls
        }
        own = (facts for path, facts in self.project.facts.items() if not TESTS.search(path))
        self.late = any(_is_late(store) for facts in own for store in self.stores(facts))
        """Whether the module is configured while the program runs."""
        waits = any(openai_api.is_async(site.api) for site in self.calls.values())
        self.several_loops = waits and len(list(self._loops())) > 1
        """Whether more than one loop runs asynchronous calls, one after the other."""
        self.plans = {path: self.plan(self.project.facts[path]) for path in self.files}
        self.escaped: set[Place] = set()
        """The calls whose response goes where it cannot be followed."""

    def upgraded(self, found: dict[str, list[Site]]) -> dict[str, list[Site]]:
        """Return the sites of all files, each with what becomes of it."""
        failures = {path: list(self.failures(self.project.facts[path])) for path in found}
        if not self.calls and not any(failures.values()) and not any(map(self.imports_errors, found)):
            return found
        dumps = {path: list(self.handed_over(path)) for path in found} if self.calls else {}
        self.dumped = {
            made for sites in dumps.values() for site in sites if site.how is Handed.AMONG for made in site.made
        }
        looks = [site for sites in found.values() for site in sites if isinstance(site, ResponseSite)]
        self.doubted = set(self.doubts(looks, self.dumped))
        self.unsure = frozenset(path for path, _ in self.doubted)
        return {
            path: [self.with_upgrade(site) for site in (*sites, *dumps.get(path, ()), *failures[path])]
            for path, sites in found.items()
        }

    def with_upgrade(self, site: Site) -> Site:
        """Return a site with what becomes of it."""
        match site:
            case CallSite() if (site.path, site.span) in self.calls:
                beside = tuple(replace(other, upgrade=self.of_call(other)) for other in site.beside)
                return replace(site, upgrade=self.of_call(site), beside=beside)
            case HandedSite():
                return replace(site, upgraded=self.outlook(site.made))
            case ResponseSite() if site.legacy and not site.plain:
                mixed = site.mixed and not self.dumped.issuperset(site.made)
                return replace(site, upgraded=self.outlook(site.made), mixed=mixed, call=self.known(site.call))
            case RoleSite():
                return replace(site, answers=self.known(site.answers))
            case FailureSite():
                points, host, sure = self._of_errors(site.path)
                return replace(site, points=points, host=host, sure=site.sure and sure)
            case SettingSite():
                if site.path in self.of_both:
                    return site
                mine = [made for made in self.calls if made[0] == site.path]
                plan = self.plans.get(site.path)
                clients = plan if plan is not None and plan.replaces and site.name in CONNECTS else None
                return replace(site, clients=clients, upgraded=self.outlook(mine or list(self.calls)))
            case ImportSite():
                mine = [made for made in self.calls if made[0] == site.path]
                # calls of the module in today's form go on through the module's client
                current = any(
                    s.module_level and not s.legacy for s in self.clients.sites[site.path] if isinstance(s, CallSite)
                )
                own = self.plans.get(site.path) is not None and not current
                site = replace(site, upgraded=self.outlook(mine), own=own, becomes=self.todays(site))
                if site.becomes is None:
                    return site
                points, host, sure = self._of_errors(site.path)
                return replace(site, points=points, host=host, upgraded=site.upgraded if sure else Upgraded.UNSURE)
        return site

    def known(self, call: CallSite | None) -> CallSite | None:
        """Return a call that another site knows of, with what becomes of it."""
        legacy = call is not None and (call.path, call.span) in self.calls
        return replace(call, upgrade=self.of_call(call)) if call is not None and legacy else call

    def outlook(self, made: Sequence[Place]) -> Upgraded:
        """Say whether these calls can be upgraded."""
        if not any(place in self.calls and self.function(self.calls[place]) for place in made):
            return Upgraded.NO
        return Upgraded.UNSURE if any(path in self.unsure for path, _ in made) else Upgraded.SURE

    # -- calls ----------------------------------------------------------------------------------------------------

    def of_call(self, site: CallSite) -> Upgrade | None:
        """Return what a call, or a method that is named, becomes; None where the current SDK has nothing like it."""
        function = self.function(site)
        if function is None:
            return None
        term = self.terms.get((site.path, site.span))
        positional: tuple[str, ...] = ()
        if term is not None and any(argument.name is None for argument in term.arguments):
            positional = openai_api.v0_positional(site.api)
        resource = site.endpoint.rpartition(".")[0]
        renamed = {**RENAMED, **dict.fromkeys(("id", "sid"), IDENTIFIED.get(resource, "id"))}
        direct = [name for name, given in site.given.items() if given.direct]
        arguments = tuple((name, renamed[name]) for name in direct if name in renamed)
        keys = self.keys_of(site)
        elsewhere = ((name, given) for name, given in site.given.items() if name in RENAMED and name not in keys)
        unpacked = tuple((name, RENAMED[name]) for name, given in elsewhere if site.passes(given))
        known = openai_api.parameters(site.endpoint) | renamed.keys() | {"deployment_id", "engine"}
        body = tuple(name for name in direct if name not in known)
        plan = self.plans[site.path]
        own = plan is not None and any(function.startswith(f"{name}.") for name, _ in plan.clients)
        return Upgrade(
            self.written(site),
            function,
            positional,
            arguments,
            unpacked,
            body,
            tuple((span, name, to) for name, (to, spans) in keys.items() for span in spans),
            plan if own else None,
            site.path not in self.unsure,
        )

    def keys_of(self, site: CallSite) -> dict[str, tuple[str, list[Span]]]:
        """Return the arguments in dictionaries of this file that are called otherwise now, with their keys."""
        term = self.terms.get((site.path, site.span))
        named = {n: to for n, to in RENAMED.items() if to is not None} | dict.fromkeys(
            ("deployment_id", "engine"), "model"
        )
        found: dict[str, tuple[str, list[Span]]] = {}
        lost: set[str] = set()
        for argument in term.arguments if term is not None else ():
            entries = dictionaries.entries(self.project, site.path, argument.value)[0] if argument.name == "**" else {}
            for name in entries.keys() & named.keys():
                for display, value in entries[name]:
                    rows = display.term.items if isinstance(display.term, Entries) else ()
                    key = next((key for key, given in rows if given is value), None)
                    if isinstance(key, Literal) and key.plain and display.path == site.path and "model" not in entries:
                        found.setdefault(name, (named[name], []))[1].append(key.span)
                    else:
                        lost.add(name)
        return {name: row for name, row in found.items() if name not in lost}

    def function(self, site: CallSite) -> str | None:
        """Return what is called instead; None where there is nothing."""
        if not _has_successor(site):
            return None
        plan = self.plans.get(site.path)
        asynchronous = openai_api.is_async(site.api)
        if plan is not None:
            name = next((n for n, kind in plan.clients if kind.startswith("Async") == asynchronous), None)
            if name is not None:
                return f"{name}.{site.endpoint}"
        root = self.module_name(site)
        return f"{root}.{site.endpoint}" if root is not None and not asynchronous else None

    def module_name(self, site: CallSite) -> str | None:
        """Return what the SDK's module is called where a call is; None where it is not named there."""
        term = self.called(site)
        match term:
            case Attr(base=Attr(base=Name(id=name))):
                return name
        return self.alias(self.project.facts[site.path])

    def called(self, site: CallSite) -> Term | None:
        """Return the term of what is called or named at a site."""
        call = self.terms.get((site.path, site.span))
        if call is not None:
            return call.func
        uses = self.project.facts[site.path].references
        return next((use.term for use in uses if use.span == site.span), None)

    def written(self, site: CallSite) -> Span | None:
        """Return where the method of 0.28 is written out by its names; None: it is called by another name."""
        term = self.called(site)
        if not isinstance(term, Attr) or term.name != site.api.rpartition(".")[2]:
            return None
        bases = self.project.values(site.path, term.base)
        classes = [sdk_name(v.dotted) for v in bases if isinstance(v, External)]
        named = len(classes) == len(bases) and bool(classes) and all(c in openai_api.v0_classes() for c in classes)
        return site.callee if named else None

    # -- clients --------------------------------------------------------------------------------------------------

    def stores(self, facts: Facts) -> Iterator[Store]:
        """Yield where a file configures the module."""
        return (s for s in facts.stores if s.name in CONNECTS and self.clients.pointing.is_sdk(facts, s))

    def alias(self, facts: Facts) -> str | None:
        """Return what a file calls the SDK's module, on its top level."""
        for name, bindings in facts.scopes[0].names.items():
            for binding in bindings:
                value = binding.value
                module = value.module if isinstance(value, Imported) and value.name is None else ""
                if module == "openai" or (name == "openai" and module.startswith("openai.")):
                    return name
        return None

    def plan(self, facts: Facts) -> NewClients | None:
        """Say how a file comes by its clients; None where its calls stay with the one that the module has."""
        sites = [site for (path, _), site in self.calls.items() if path == facts.path and _has_successor(site)]
        asynchronous = {openai_api.is_async(site.api) for site in sites}
        stores = list(self.stores(facts))
        late = any(map(_is_late, stores))
        alias = self.alias(facts)
        classes = [i for i in facts.imports if _is_partial(i)]
        if alias is None and not classes:
            return None
        shared = (late or facts.path in self.of_both) and not classes
        kinds = [kind for kind, wanted in (("OpenAI", False), ("AsyncOpenAI", True)) if wanted in asynchronous]
        if shared:
            kinds = [kind for kind in kinds if kind == "AsyncOpenAI"]
        if not kinds:
            return None
        taken = {name for scope in facts.scopes for name in scope.names} | facts.mentioned
        names = tuple((_free(ASYNC_NAMES if kind.startswith("Async") else NAMES, taken), kind) for kind in kinds)
        asked = tuple((kind, _free(KEY_NAMES[kind], taken)) for kind in kinds) if late or self.late else ()
        first = min((s.span.start for s in sites if self._on_top(s)), default=None)
        anchor = None if shared else _last([s.statement for s in stores], first)
        tops = [i for i in facts.imports if i.scope == 0 and i.level == 0 and i.module.partition(".")[0] == "openai"]
        module = f"{alias}." if alias is not None else ""
        becomes = tuple((i.span, _remaining(i, [] if module else kinds)) for i in classes)
        made = partial(NewClients, names, module, imports=becomes, several_loops=self.several_loops)
        if anchor is not None:
            return made(anchor, replaces=True, past_imports=False)
        loads = [
            c.span for c in facts.calls if last_name(c.func) == "load_dotenv" and c.scope == 0 and _is_flat(c.func)
        ]
        loaded = _last(loads, first)
        if loaded is not None and all(loaded.start > i.span.start for i in tops):
            return made(loaded, replaces=False, past_imports=False, asked=asked)
        place = tops[0].span if tops else facts.imports[0].span
        return made(place, replaces=False, past_imports=True, asked=asked)

    def _loops(self) -> Iterator[Call]:
        """Yield the calls that make a loop for asynchronous calls, each as often as its function is called."""
        for path, facts in self.project.facts.items():
            for call in facts.calls if not TESTS.search(path) else ():
                named = last_name(call.func) in ("new_event_loop", "run")
                functions = self.project.values(path, call.func) if named else ()
                if any(isinstance(f, External) and f.dotted in LOOPS for f in functions):
                    scope = facts.scopes[call.scope]
                    function = scope.owner if scope.kind == "function" else None
                    callers = self.project.callers.of((path, function)) if function is not None else ()
                    yield from (call,) * max(1, len(callers))

    def _on_top(self, site: CallSite) -> bool:
        """Whether a call runs as the file is read."""
        call = self.terms.get((site.path, site.span))
        return call is not None and call.scope == 0

    # -- doubts ---------------------------------------------------------------------------------------------------

    def doubts(self, looks: Iterable[ResponseSite], dumped: set[Place]) -> Iterator[Place]:
        """Yield the calls of which something cannot be followed."""
        for made, site in self.calls.items():
            keys = self.keys_of(site)
            elsewhere = (given for name, given in site.given.items() if name in OWN and name not in keys)
            hidden = any(not given.direct and not site.passes(given) for given in elsewhere)
            term = self.called(site)
            named = isinstance(term, Attr) and term.name == site.api.rpartition(".")[2]
            timeout = site.given.get("request_timeout")
            hidden = hidden or (timeout is not None and isinstance(timeout.term, Items))
            if hidden or self._has_foreign_key(site) or (named and self.written(site) is None):
                yield made
            positional = self.terms[made].arguments if made in self.terms else ()
            if any(argument.name == "*" for argument in positional) and openai_api.v0_positional(site.api):
                yield made
        for look in looks:
            if look.legacy and not look.plain and look.mixed and not dumped.issuperset(look.made):
                yield from look.made
        yield from self.escaped

    def _has_foreign_key(self, site: CallSite) -> bool:
        given = site.given.get("api_key")
        if given is None:
            return False
        return self.clients.key_use(given.term, keys.trace(self.project, given.path, given.term)) is KeyUse.FOREIGN

    def handed_over(self, path: str) -> Iterator[HandedSite]:
        """Yield what becomes of responses that are handed to functions; note the calls whose response is lost."""
        for put in self.project.facts[path].puts:
            found = self._objects(path, put.base) if put.item else []
            self.escaped.update(_made([r for r in found if responses.part(r, put.name) is None]))
        for call in self.project.facts[path].calls:
            yield from self._argument_sites(path, call)
            if isinstance(call.func, Attr) and (name := _got(call)) is not None:
                found = self._objects(path, call.func.base)
                if found and all(responses.part(r, name) is None for r in found):
                    yield self._site(path, call.span, found, Handed.GOT)
            if isinstance(call.func, Attr) and call.func.name in DICTIONARY:
                found = self._objects(path, call.func.base)
                asked = _asked_for_keys(call)
                if found and asked is not None and len(found) == len(self.project.values(path, call.func.base)):
                    yield self._site(path, asked, found, Handed.ALONE)
                elif found:
                    self.escaped.update(_made(found))
                    yield self._site(path, call.span, found, Handed.LOST)
        for use in self.project.facts[path].subscripts:
            found = self._objects(path, use.term.base) if isinstance(use.term, Item) else []
            found = [response for response in found if responses.LISTS.isdisjoint(response.at[-1:])]
            if found:
                self.escaped.update(_made(found))
                yield self._site(path, use.span, found, Handed.LOST)

    def _argument_sites(self, path: str, call: Call) -> Iterator[HandedSite]:
        for place, argument in enumerate(call.arguments):
            if place == 0 and self._writes_json(path, call) and (kept := list(self._kept(path, argument.value))):
                self.escaped.update(_made(kept))
                yield self._site(path, argument.span, kept, Handed.LOST)
            if not isinstance(argument.value, Attr | Call | Element | Item | Name):
                continue
            found = self._objects(path, argument.value)
            if not found:
                continue
            functions = self.project.values(path, call.func)
            name = last_name(call.func) or ""
            dotted = {f.dotted for f in functions if isinstance(f, External | Foreign)}
            if any(isinstance(f, Function | Class | Response) or self._is_called(f) for f in functions):
                continue
            if argument.name not in (None, "*", "**") and dotted and dotted <= KEEPS_NAMES:
                continue  # what is taken out again is looked at there
            whole = all(r.at[-1:] in ((), (responses.ELEMENT,)) or r.at[-1] not in responses.LISTS for r in found)
            if name == "hasattr" and place == 0 and _asked(call) in responses.PARTS:
                yield self._site(path, call.span, found, Handed.ASKED)
            elif whole and (argument.name == "**" or (place == 0 and (dotted & DUMPS or name in DICTIONARIES))):
                yield self._site(path, argument.span, found, Handed.ALONE)
            elif whole and name in COLLECTS and self._beside_dictionaries(path, call, found):
                yield self._site(path, argument.span, found, Handed.AMONG)
            elif name == "isinstance" and (_names_no_dictionary(call.arguments) or self._names_former(path, call)):
                continue
            elif name not in SHOWS:
                self.escaped.update(_made(found))
                yield self._site(path, argument.span, found, Handed.LOST)

    def _writes_json(self, path: str, call: Call) -> bool:
        """Whether a call writes JSON of dictionaries, and is not told what else to do with other objects."""
        if last_name(call.func) not in WRITES or any(a.name in ("cls", "default") for a in call.arguments):
            return False
        functions = self.project.values(path, call.func)
        return any(isinstance(f, External) and f.dotted.partition(".")[0] in WRITERS for f in functions)

    def _kept(self, path: str, term: Term, depth: int = 3) -> Iterator[Response]:
        """Yield the responses that stand in a dictionary or a list."""
        for display in (v for v in self.project.values(path, term) if isinstance(v, Display)):
            whole = display.term
            for inner in whole.values if isinstance(whole, Items) else (value for _, value in whole.items):
                yield from self._objects(display.path, inner)
                if depth:
                    yield from self._kept(display.path, inner, depth - 1)

    def _names_former(self, path: str, call: Call) -> bool:
        """Whether it is asked whether something is a response of 0.28; that class has one of today in its place."""
        kinds = self.project.values(path, call.arguments[1].value) if len(call.arguments) > 1 else ()
        return bool(kinds) and all(map(is_former, kinds))

    def _is_called(self, value: Value) -> bool:
        """Whether a value is a thing of the project whose class says what happens when it is called."""
        return isinstance(value, Object) and self.project.classes.method(value, "__call__") is not None

    def _site(self, path: str, span: Span, found: Sequence[Response], how: Handed) -> HandedSite:
        made = tuple(dict.fromkeys(_made(found)))
        call = next((self.calls[place] for place in made if place in self.calls), None)
        points, host = (Points.UNKNOWN, None) if call is None else (call.points, call.host)
        return HandedSite(path, span, found[0].api, points, host, how, made)

    def _beside_dictionaries(self, path: str, call: Call, found: Sequence[Response]) -> bool:
        """Whether a message is put among messages that are dictionaries."""
        if not isinstance(call.func, Attr) or not all(r.at[-1:] == ("message",) for r in found):
            return False
        others = self.project.values(path, Element(call.func.base))
        return any(isinstance(other, Display) for other in others)

    def _objects(self, path: str, term: Term) -> list[Response]:
        """Return the responses of the 0.28 API, or parts with parts of their own, that a term may be."""
        values: Iterable[Value] = self.project.values(path, term)
        return [
            v
            for v in values
            if isinstance(v, Response) and not v.plain and openai_api.v0_method(v.api) and _has_parts(v)
        ]

    # -- errors ---------------------------------------------------------------------------------------------------

    def _of_errors(self, path: str) -> tuple[Points, str | None, bool]:
        """Return where the calls go whose errors a file names, and whether all of them can be upgraded: its own calls
        or, where it has none, those of the project. Errors of calls that stay on 0.28 go nowhere, too."""
        asked = [c for c in self.calls.values() if c.path == path] or list(self.calls.values())
        stays = [self.function(call) is None for call in asked]
        if asked and all(stays):
            return Points.ELSEWHERE, None, False
        goals = {(call.points, call.host) for call in asked}
        sure = not any(stays) and all(call.path not in self.unsure for call in asked)
        if len(goals) == 1:
            return (*goals.pop(), sure)
        left = any(points not in (Points.OPENAI, Points.AZURE) for points, _ in goals)
        return (*self.clients.pointing.settings[path], sure and not left)

    def imports_errors(self, path: str) -> bool:
        """Whether a file imports the errors of 0.28."""
        return path not in self.of_both and any(_is_of_errors(i) for i in self.project.facts[path].imports)

    def todays(self, site: ImportSite) -> tuple[str, ...] | None:
        """Return what an import of the errors of 0.28, or of the class of its responses, becomes; None where it is
        none, or has nothing to become."""
        facts = self.project.facts[site.path]
        here = [i for i in facts.imports if i.span == site.span and site.path not in self.of_both]
        if any(map(_is_of_class, here)) and not self._makes_responses(facts):
            return tuple(f"from openai import {_as('BaseModel', bound)}" for bound in here[0].bound)
        found = next(filter(_is_of_errors, here), None)
        if found is None:
            return None
        if not found.names:
            named = f" as {found.alias}" if found.alias not in (None, found.module) else ""
            others = (
                i for i in facts.imports if i.module == "openai" and i.alias == "openai" and i.scope == found.scope
            )
            return () if not named and any(others) else (f"import openai{named}",)
        module = ("import openai",) if found.module == "openai" and "error" in found.names else ()
        pairs = [(n, b) for n, b in zip(found.names, found.bound, strict=True) if not (module and n == "error")]
        kept = {TIME_LIMIT} if found.module == "openai" else set()
        names = [(openai_api.successor(n) if n in openai_api.exceptions(0).keys() - kept else n, b) for n, b in pairs]
        if any(name is None for name, _ in names):
            return None
        line = f"from openai import {', '.join(_as(str(name), bound) for name, bound in names)}"
        return (*module, line) if names else module

    def _makes_responses(self, facts: Facts) -> bool:
        """Whether a file does more with the class of 0.28's responses than to name it."""
        terms = [call.func for call in facts.calls] + [base for cls in facts.classes for base in cls.bases]
        return any(is_former(value) for term in terms for value in self.project.values(facts.path, term))

    def failures(self, facts: Facts) -> Iterator[FailureSite]:
        """Yield where a file names an error of 0.28 in full, or asks one for what only such errors tell."""
        if facts.path in self.of_both:
            return
        points, host = self.clients.pointing.settings[facts.path]
        made = {call.func for call in facts.calls}  # of what errors are made is another thing today
        for use in facts.failures:
            assert isinstance(use.term, Attr)
            if use.term in made:
                continue
            if use.term.name in responses.LEGACY_FAILURE:
                yield from self._told(facts, use, use.term)
                continue
            dotted = {sdk_name(v.dotted) for v in self.project.values(facts.path, use.term) if isinstance(v, External)}
            name = next((d for d in dotted if d is not None and d.removeprefix("error.") == use.term.name), None)
            if name is None or name == TIME_LIMIT or (name in openai_api.exceptions(3)):
                continue
            new = openai_api.successor(use.term.name)
            match use.term.base:
                case Attr(base=Name(id=module), name="error"):
                    code = f"{module}.{new}"
                case Name(id=module) if not name.startswith("error.") or self._is_module(facts, module):
                    code = f"{module}.{new}"
                case Name():
                    code = f"openai.{new}"
                case _:
                    continue
            needs = code.startswith("openai.") and not isinstance(use.term.base, Attr)
            written = code if new else None
            yield FailureSite(
                facts.path, use.span, use.term.name, points, host, written, module=needs, renames=False, sure=True
            )

    def _is_module(self, facts: Facts, name: str) -> bool:
        """Whether a name is bound by ``import openai.error as name``."""
        bindings = facts.scopes[0].names.get(name, [])
        return any(isinstance(b.value, Imported) and b.value.name is None for b in bindings)

    def _told(self, facts: Facts, use: Use, term: Attr) -> Iterator[FailureSite]:
        caught = {
            (sdk_name(v.dotted) or "").removeprefix("error.")
            for v in self.project.values(facts.path, term.base)
            if isinstance(v, External | Foreign)
        }
        where = self.clients.pointing.settings[facts.path]
        if caught and caught <= openai_api.exceptions(0).keys():
            new = TOLD.get(term.name) if all(map(_is_answer, caught)) else None
            if term.name == "user_message":
                new = "message" if "OpenAIError" not in caught else None
            # today's message begins with the status: what the old one begins with, it does not
            begins = any(
                isinstance(c.func, Attr) and c.func.base is term and c.func.name == "startswith" for c in facts.calls
            )
            sure = new is not None and not begins
            yield FailureSite(facts.path, use.span, term.name, *where, new, module=False, renames=True, sure=sure)


def _has_successor(site: CallSite) -> bool:
    """Whether the current SDK has a method with the same parameters; what another library patches into that of 0.28,
    which then takes a class as well, it has not."""
    patched = "response_model" in site.given
    return not patched and site.api.partition(".")[0] not in GONE and 3 in openai_api.majors_of(site.endpoint)


def _is_answer(name: str) -> bool:
    """Whether an error of 0.28 comes from an answer of the server."""
    return openai_api.exceptions(3).get(openai_api.successor(name) or "") == "APIStatusError"


def _is_partial(fact: ImportFact) -> bool:
    """Whether an import on the top level takes classes of 0.28 out of the module."""
    on_top = fact.module == "openai" and fact.level == 0 and fact.scope == 0
    return on_top and not openai_api.v0_classes().isdisjoint(fact.names)


def _is_of_class(fact: ImportFact) -> bool:
    """Whether an import takes the class of its responses alone out of a module that only 0.28 has."""
    return fact.module == "openai.openai_object" and fact.level == 0 and fact.names == ("OpenAIObject",)


def _is_of_errors(fact: ImportFact) -> bool:
    if fact.level != 0 or fact.module not in ("openai", "openai.error") or _is_partial(fact):
        return False
    gone = {"error", *openai_api.exceptions(0)} - openai_api.exceptions(3).keys() - {TIME_LIMIT}
    return fact.module == "openai.error" or not gone.isdisjoint(fact.names)


def _remaining(fact: ImportFact, kinds: Sequence[str]) -> tuple[str, ...]:
    """Return the statements that are left of an import of 0.28's classes; ``kinds`` are imported in their place."""
    kept = [
        _as(name, bound)
        for name, bound in zip(fact.names, fact.bound, strict=True)
        if name not in openai_api.v0_classes() and name not in kinds and name != "error"
    ]
    module = ("import openai",) if "error" in fact.names else ()
    names = sorted([*kinds, *kept])
    return (*module, f"from openai import {', '.join(names)}") if names else module


def _as(name: str, bound: str) -> str:
    return name if name == bound else f"{name} as {bound}"


def _free(names: Sequence[str], taken: set[str]) -> str:
    """Return the first of these names that is free, or the last with a number."""
    numbered = (f"{names[-1]}_{number}" for number in range(2, len(taken) + 3))
    return next(name for name in (*names, *numbered) if name not in taken)


def _is_late(store: Store) -> bool:
    """Whether something is set in a function, or only in some cases."""
    return store.scope != 0 or not isinstance(store.base, Name) or bool(store.base.branch)


def _is_flat(term: Term) -> bool:
    """Whether something is called in no arm of an ``if`` or ``try``."""
    while isinstance(term, Attr):
        term = term.base
    return isinstance(term, Name) and not term.branch


def _last(spans: Iterable[Span], before: int | None) -> Span | None:
    """Return the last of these places, of those before an offset."""
    return max((span for span in spans if before is None or span.start < before), default=None)


def _has_parts(response: Response) -> bool:
    """Whether a part of a response is an object, or has some in it."""
    place = next((step for step in reversed(response.at) if step != responses.ELEMENT), "")
    return place in responses.INSIDE


def _made(found: Iterable[Response]) -> Iterator[Place]:
    return ((r.made[0], r.made[1].span) for r in found if r.made is not None)


def _got(call: Call) -> str | None:
    """Return the key that ``get`` asks for, perhaps with a default."""
    match call:
        case Call(func=Attr(name="get"), arguments=(Argument(name=None, value=Literal(value=str(key))), *rest)):
            plain = len(rest) < 2 and all(argument.name is None for argument in rest)
            return key if key.isidentifier() and plain else None
    return None


def _asked_for_keys(call: Call) -> Span | None:
    """Return where the name stands of what is asked for its keys, ``res.keys()``."""
    match call:
        case Call(func=Attr(name="keys", base=Name(id=name)), arguments=(), callee=callee):
            whole = callee.end - callee.start == len(f"{name}.keys")  # no line breaks between
            return Span(callee.start, callee.start + len(name)) if whole else None
    return None


def _asked(call: Call) -> str | None:
    """Return the attribute that ``hasattr`` asks for."""
    second = call.arguments[1].value if len(call.arguments) == 2 else None
    return second.value if isinstance(second, Literal) and isinstance(second.value, str) else None


def _names_no_dictionary(arguments: Sequence[Argument]) -> bool:
    return len(arguments) > 1 and last_name(arguments[1].value) in ("str", "list", "int", "float", "Exception")
