"""What code of the 0.28 API becomes under the current SDK: calls, settings, imports, errors, looks at responses.

A file moves as a whole: where one thing in it cannot be followed, nothing in it is sure.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial

from llm_codemods import dictionaries, keys, openai_api
from llm_codemods.edits import Place, Span
from llm_codemods.facts import Facts, ImportFact, Store
from llm_codemods.libraries import sdk_name
from llm_codemods.sdk import Upgraded
from llm_codemods.sites.clients import Clients
from llm_codemods.sites.failures import Failures, bound_as, is_partial
from llm_codemods.sites.handing import Handing
from llm_codemods.sites.kinds import Site
from llm_codemods.sites.kinds.clients import CallSite, KeyUse
from llm_codemods.sites.kinds.module import FailureSite, ImportSite, SettingSite
from llm_codemods.sites.kinds.points import Points
from llm_codemods.sites.kinds.responses import Handed, HandedSite, ResponseSite
from llm_codemods.sites.kinds.texts import RoleSite
from llm_codemods.sites.kinds.upgrades import NewClients, Upgrade
from llm_codemods.terms import (
    Attr,
    Call,
    Entries,
    Imported,
    Items,
    Literal,
    Name,
    Term,
    last_name,
)
from llm_codemods.values import External
from llm_codemods.vocabulary import TESTS

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
        self.handing = Handing(self.project, self.calls)
        self.errors = Failures(clients)

    def upgraded(self, found: dict[str, list[Site]]) -> dict[str, list[Site]]:
        """Return the sites of all files, each with what becomes of it."""
        failures = {path: list(self.errors.sites(self.project.facts[path])) for path in found}
        if not self.calls and not any(failures.values()) and not any(map(self.errors.are_imported, found)):
            return found
        dumps = {path: list(self.handing.sites(path)) for path in found} if self.calls else {}
        self.dumped = {
            made for sites in dumps.values() for site in sites if site.how is Handed.AMONG for made in site.made
        }
        looks = [site for sites in found.values() for site in sites if isinstance(site, ResponseSite)]
        self.unsure = frozenset(path for path, _ in self.doubts(looks, self.dumped))
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
                site = replace(site, upgraded=self.outlook(mine), own=own, becomes=self.errors.todays(site))
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
        classes = [i for i in facts.imports if is_partial(i)]
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
        yield from self.handing.escaped

    def _has_foreign_key(self, site: CallSite) -> bool:
        given = site.given.get("api_key")
        if given is None:
            return False
        return self.clients.key_uses.of(given.term, keys.trace(self.project, given.path, given.term)) is KeyUse.FOREIGN

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


def _has_successor(site: CallSite) -> bool:
    """Whether the current SDK has a method with the same parameters; what another library patches into that of 0.28,
    which then takes a class as well, it has not."""
    patched = "response_model" in site.given
    return not patched and site.api.partition(".")[0] not in GONE and 3 in openai_api.majors_of(site.endpoint)


def _remaining(fact: ImportFact, kinds: Sequence[str]) -> tuple[str, ...]:
    """Return the statements that are left of an import of 0.28's classes; ``kinds`` are imported in their place."""
    kept = [
        bound_as(name, bound)
        for name, bound in zip(fact.names, fact.bound, strict=True)
        if name not in openai_api.v0_classes() and name not in kinds and name != "error"
    ]
    module = ("import openai",) if "error" in fact.names else ()
    names = sorted([*kinds, *kept])
    return (*module, f"from openai import {', '.join(names)}") if names else module


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
