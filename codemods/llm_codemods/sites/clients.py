"""Which clients a project makes, which methods of the API it calls through them, and where they point."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from itertools import compress
from operator import not_
from types import MappingProxyType

from llm_codemods import openai_api
from llm_codemods.callers import handed
from llm_codemods.edits import Place, Span
from llm_codemods.facts import Facts, Use
from llm_codemods.libraries import WRAPPERS, client_kind, sdk_method
from llm_codemods.project import Project
from llm_codemods.results import Result
from llm_codemods.sites import receivers, relations
from llm_codemods.sites.arguments import Arguments
from llm_codemods.sites.flows import Flows
from llm_codemods.sites.key_use import KeyUses
from llm_codemods.sites.kinds.clients import CallSite, ClientSite
from llm_codemods.sites.kinds.points import Destination, Points, Reach, nearest
from llm_codemods.sites.pointing import LEFT, Pointing, places_of
from llm_codemods.sites.requests import Requests, may_relay
from llm_codemods.target import EMBEDDINGS
from llm_codemods.terms import Argument, Attr, Call, Name, Parameter, Term, last_name, with_names
from llm_codemods.values import (
    Class,
    Client,
    Constant,
    Environment,
    External,
    Function,
    Member,
    Super,
    Values,
)
from llm_codemods.vocabulary import (
    ENDPOINTS,
    MODEL_ARGUMENTS,
    OPENAIS_OWN,
    host_of,
)


class Clients:
    """All clients and calls of a project, resolved; ``flows`` says what reaches them."""

    def __init__(
        self,
        project: Project,
        left: Container[Place] = (),
        switches: Mapping[str, str | None] = MappingProxyType({}),
    ) -> None:
        """Resolve every call and reference of the project.

        The clients ``left`` stay with OpenAI; those made in ``switches``, by file, point to this host.
        """
        self.project = project
        self.origin = project.origin
        self.arguments = Arguments(project)
        self.flows = Flows(project)
        self.key_uses = KeyUses(project, self.flows)
        project.explore(_most_telling_first(project.facts))
        self.pointing = Pointing(project, self.arguments, left, switches)
        self.configured = tuple(
            (path, store)
            for path, facts in project.facts.items()
            for store in facts.stores
            if store.name in ("api_key", "api_key_path") and self.pointing.is_sdk(facts, store)
        )
        """Where the key of the module-level client is set."""
        self.uses: dict[Place, set[str]] = defaultdict(set)
        """Where clients are made -> the methods that are called through them, and "" where they are handed on."""
        self.embeddings: dict[Place, tuple[Term, tuple[tuple[str, Call], ...]]] = {}
        """Calls for embeddings -> what is called, and the calls that make its clients."""
        self.passed: set[Place] = set()
        """Where methods are handed to functions of the project with what they are asked for."""
        found = {path: list(self._clients_and_calls(f)) for path, f in project.facts.items()}
        self.sites = relations.with_old_arms_left(project, found)
        self.of_both = frozenset(site.path for site in self.every() if isinstance(site, CallSite) and site.old)
        """The files that have calls for each major of the SDK, and ask which it is."""
        self.sites = relations.with_embeddings_apart(project, self.sites, self.uses, self.embeddings)
        self.sites = relations.with_completions_apart(project, self.sites)
        self.sites = relations.with_azure_waiting(self.sites)
        for path, facts in project.facts.items():
            self._follow_settings(path, facts)
        self.requests = Requests(project, self.flows, left)
        self.sites = relations.with_hosts_sorted(self.sites, self.origin)
        self.sites = relations.with_results_joined(self.sites)
        self.sites = {
            path: [self.key_uses.keyed(s) if isinstance(s, ClientSite) else s for s in those]
            for path, those in self.sites.items()
        }
        pointed = {s.points for s in self.every() if isinstance(s, ClientSite)}
        self.all_move = bool(pointed & {Points.OPENAI, Points.AZURE}) and not pointed & {Points.ELSEWHERE, Points.RELAY}

    def every(self) -> Iterator[ClientSite | CallSite]:
        """Yield the sites of all files."""
        for found in self.sites.values():
            yield from found

    def _note_use(self, path: str, span: Span, func: Term, members: Sequence[Member]) -> None:
        """Note which clients a method is called through, or handed over with."""
        clients = [m.client for m in members if m.client is not None]
        made = tuple(dict.fromkeys(c.made for c in clients if c.made is not None))
        for file, call in made:
            self.uses[file, call.span].update(openai_api.current(m.path) for m in members)
        if any(openai_api.current(m.path) == EMBEDDINGS for m in members):
            self.embeddings[path, span] = func, made

    def _clients_and_calls(self, facts: Facts) -> Iterator[ClientSite | CallSite]:
        for call in facts.calls:
            if (site := self._call(facts.path, call)) is not None:
                yield site
        for reference in facts.references:
            yield from self._reference(facts.path, reference)

    def _call(self, path: str, call: Call) -> ClientSite | CallSite | None:
        values = self.project.functions(path, call)
        for value in values:
            if isinstance(value, External) and (kind := client_kind(value.dotted)) is not None:
                return self._client(path, call, kind, next((w for w in WRAPPERS if value.dotted.startswith(w)), None))
            if isinstance(value, Class) and (kind := self.project.classes.client_base(value)) is not None:
                # What its own ``__init__`` takes is its own affair: the client is made where that calls the SDK's.
                return None if self.project.classes.has_own_init(value) else self._client(path, call, kind, None)
        if isinstance(call.func, Attr) and call.func.name == "__init__":
            for value in self.project.values(path, call.func.base):
                if isinstance(value, Super):
                    own = self.project.classes.client_base(Class(value.path, value.index))
                    if own is not None:
                        return self._client(path, call, own, None)
        derived = [v for v in values if isinstance(v, Member) and v.path in ("with_options", "copy") and v.client]
        if derived and {a.name for a in call.arguments} & {"base_url", "api_key", *OPENAIS_OWN}:
            return self._derived(path, call, derived[0])
        members = [m for v in values if (m := _member(v)) is not None]
        if members:
            site = self._api_call(path, call, members)
            return None if self._passes_on(path, call, site) else site
        self._handed_over(path, call, values)
        if (passed := self._passed_on(path, call, values)) is not None:
            return passed
        self._hands_client_on(path, call, values)
        if (api := receivers.path_called(call)) is not None and receivers.is_lost(self.project, path, values, api):
            return self._lost(path, call, api)
        return None

    def _lost(self, path: str, call: Call, api: str) -> CallSite:
        """Return a call that ends in a path of the API, and whose receiver nobody knows."""
        given, opaque = self.arguments.given((path, call))
        supposed = receivers.is_handed_in(self.project, path, call.func, api)
        points = Points.OPENAI if supposed else Points.UNKNOWN
        images = self.flows.has_images(given)
        models = self.flows.follow_models(given, points, images=images)
        self.flows.follow_roles(given, points)
        return CallSite(
            path,
            call.span,
            call.callee,
            api,
            points,
            None,
            given,
            opaque,
            called=True,
            legacy=False,
            known=False,
            models=models,
            images=False,
            unpacks=_unpacks_one(call, api),
            resolve=self.project.values,
            supposed=supposed,
        )

    def _passes_on(self, path: str, call: Call, site: CallSite) -> bool:
        """Whether a call is but plumbing for a method named elsewhere: ``function(*args, **kwargs)``."""
        return (
            isinstance(call.func, Name)
            and all(
                (a.name in ("*", "**") and self.is_parameter(path, a.value)) or _is_held_down(a) for a in call.arguments
            )
            and (not site.given or self.is_parameter(path, call.func))
        )

    def is_parameter(self, path: str, term: Term) -> bool:
        """Whether a term is what a function was given."""
        origins = self.project.origins(path, term)
        return bool(origins) and all(isinstance(origin, Parameter) for _, origin in origins)

    def _handed_over(self, path: str, call: Call, functions: Values) -> None:
        """Follow the models of a method that is handed to others' functions: ``asyncio.to_thread(create, …)``."""
        if any(isinstance(f, Function | Class) for f in functions):
            return
        for place, argument in enumerate(call.arguments):
            if isinstance(argument.value, Name | Attr):
                values = self.project.values(path, argument.value)
                members = [m for v in values if (m := _member(v)) is not None]
                if members:
                    given, _ = self.arguments.given((path, replace(call, arguments=handed(call, place))))
                    self.flows.follow_models(given, self._endpoint_of(path, members)[0], images=False)

    def _passed_on(self, path: str, call: Call, functions: Values) -> CallSite | None:
        """Return the call of a method at another provider's that is handed, first, to a function of the project, which
        passes on all that it gets: ``choices_one_by_one(create, model=…)``. Of one that is to move, nothing is known
        but that it is handed over: its arguments are not written where the method is called."""
        own = [v for v in functions if isinstance(v, Function)]
        first = call.arguments[0] if own and call.arguments and call.arguments[0].name is None else None
        if first is None or len(own) != 1:
            return None
        if (kept := self._kept_by(own[0])) is None:
            return None
        members = [m for v in self.project.values(path, first.value) if (m := _member(v)) is not None and not m.bound]
        if not members or self._endpoint_of(path, members)[0] is not Points.ELSEWHERE:
            return None
        rest = tuple(a for a in call.arguments[1:] if a.name not in kept)
        self.passed.add((path, first.span))
        return replace(self._api_call(path, replace(call, arguments=rest), members), spelled=True)

    def _kept_by(self, function: Function) -> frozenset[str] | None:
        """Return the arguments that a function keeps for itself which calls its first one with all others; None: it
        does no such thing."""
        facts = self.project.facts[function.path]
        fact = facts.functions[function.index]
        names = [p.name for p in fact.parameters]
        rest = next((p.name for p in fact.parameters if p.kind == "**"), None)
        calls = (
            c for c in facts.calls if c.scope == fact.scope and isinstance(c.func, Name) and c.func.id in names[:1]
        )
        found = [[a for a in c.arguments if a.name != "*" and not _is_held_down(a)] for c in calls]
        passes = bool(found) and all(len(those) == 1 and _is_rest(those[0], rest) for those in found)
        return frozenset(names) if passes and not function.bound else None

    def _hands_client_on(self, path: str, call: Call, functions: Values) -> None:
        """Note the clients that are handed to others' functions, which may do anything with them."""
        if any(isinstance(f, Function | Class) for f in functions):
            return
        for argument in call.arguments:
            if isinstance(argument.value, Name | Attr):
                for value in self.project.values(path, argument.value):
                    if isinstance(value, Client) and value.made is not None:
                        file, made = value.made
                        self.uses[file, made.span].add("")

    def _client(self, path: str, call: Call, kind: str, wrapper: str | None) -> ClientSite:
        return self._taking(self._built(path, call, kind, wrapper), call)

    def _built(self, path: str, call: Call, kind: str, wrapper: str | None) -> ClientSite:
        given, opaque = self.arguments.given((path, call))
        place = self.pointing.special((path, call.span)) or self.pointing.of_arguments(path, kind, given, opaque)
        points, host = self.pointing.unless_either(place, given["base_url"]) if "base_url" in given else place
        bare = isinstance(call.func, Name)
        handed = points is Points.OPENAI and "base_url" in given and self.pointing.is_handed_in(given["base_url"])
        return ClientSite(path, call.span, call.callee, kind, points, host, given, opaque, wrapper, bare, handed=handed)

    def _derived(self, path: str, call: Call, member: Member) -> ClientSite:
        """``client.with_options(api_key=…)``: points where the client does, unless it says otherwise."""
        assert member.client is not None
        given, opaque = self.arguments.given((path, call))
        points, host = self.pointing.of_client(path, member.client)
        kind, made = member.client.kind, member.client.made
        if (path, call.span) in self.pointing.left:
            points, host = LEFT
        elif "base_url" in given:
            points, host = self.pointing.of_arguments(path, kind, given, opaque)
        elif made is not None:
            opaque = opaque or not self._built(*made, kind, None).movable
        site = ClientSite(
            path, call.span, call.callee, kind, points, host, given, opaque, None, bare=False, derived=True
        )
        return self._taking(site, call)

    def _taking(self, site: ClientSite, call: Call) -> ClientSite:
        """Note what the client takes its key and URL from, and return it."""
        for name in ("api_key", "base_url", "azure_endpoint"):
            if name in site.given:
                self.flows.follow_key(site.path, call.scope, site.given[name].values, site.reach)
        for address in self.pointing.composed(site.given["base_url"]) if "base_url" in site.given else ():
            parts = tuple(Constant(site.path, literal) for literal in address.literals)
            base = (address.base,) if isinstance(address.base, Environment) else ()
            self.flows.follow_key(site.path, call.scope, (*base, *parts), site.reach)
        return site

    @cached_property
    def staying(self) -> tuple[Reach, ...]:
        """Who takes OpenAI's key from the environment and cannot be moved, to some targets at least; to be asked once
        all sites are found."""
        return tuple(self._staying())

    def _staying(self) -> Iterator[Reach]:
        for read in self.flows.reads.values():
            if self.origin.key_variable.fullmatch(read.value.name):
                yield from (use.reach for use in read.uses if use.reach.models or not use.reach.movable)
        for site in self.every():
            reads = isinstance(site, ClientSite) and site.takes_variable and self.origin.is_openai
            if isinstance(site, ClientSite) and reads and not (site.derived or site.movable):
                yield site.reach
        for facts in self.project.facts.values():
            for text in facts.texts:
                if self.origin.has(str(text.literal.value)) and id(text.literal) not in self.flows.keys:
                    asking = self.flows.urls.get(id(text.literal), ())
                    yield from (request.reach for request in asking)
                    if not asking:
                        yield Reach(Points.OPENAI, None, movable=False)

    def _is_asynchronous(self, path: str, call: Call, members: Sequence[Member]) -> bool:
        """Whether what a call gives must be awaited; where clients of both kinds may be called, whether it is."""
        kinds = {m.client.kind.startswith("Async") for m in members if m.client is not None}
        return call.span in self.project.facts[path].awaited if len(kinds) > 1 else any(kinds)

    def _api_call(self, path: str, call: Call, members: list[Member]) -> CallSite:
        member = members[0]
        self._note_use(path, call.span, call.func, members)
        given, opaque = self.arguments.given(
            *member.bound, (path, with_names(call, openai_api.positional(member.path)))
        )
        points, host = self._endpoint_of(path, members)
        if member.client is None and "api_base" in given:
            points, host = self.pointing.of_arguments(path, "", {"base_url": given["api_base"]}, opaque=False)
        if member.client is None and "api_key" in given:
            self.flows.follow_key(path, call.scope, given["api_key"].values, Reach(points, host, _moves(points)))
        images = self.flows.has_images(given)
        named = [model for name in MODEL_ARGUMENTS if name in given for model in given[name].strings]
        if points is Points.ELSEWHERE and host is not None and may_relay(host, named, self.origin):
            one = len(self._hosts(members)) == 1
            points, host = (Points.RELAY, host) if one else (Points.UNKNOWN, None)
        chosen = any(path in self.pointing.switches for path, _ in places_of(members))
        # both providers' models are meant there; and one may look for what is not there
        asked = None if chosen or member.path.startswith("models.") else host
        by_id = "id" in given and openai_api.positional(member.path) == ("model",)  # what 0.28 calls the model
        naming = {**given, "model": given["id"]} if by_id else given
        models = self.flows.follow_models(naming, points, asked, images=images)
        self.flows.follow_roles(given, points)
        legacy = openai_api.v0_method(member.path)
        module_level = member.client is None
        return CallSite(
            path,
            call.span,
            call.callee,
            member.path,
            points,
            host,
            given,
            opaque,
            called=True,
            legacy=legacy,
            known=True,
            models=models,
            images=images,
            module_level=module_level,
            clients=places_of(members),
            asynchronous=self._is_asynchronous(path, call, members) or (legacy and openai_api.is_async(member.path)),
            unpacks=not member.bound and _unpacks_one(call, member.path),
            spelled=_is_spelled(call.func, member.path),
            resolve=self.project.values,
            result=self._result(path, call),
        )

    def _result(self, path: str, call: Call) -> Result | None:
        """Return where the result of a call goes."""
        return next((r for r in self.project.facts[path].results if r.call == call.span), None)

    def _reference(self, path: str, use: Use) -> Iterator[CallSite]:
        values = self.project.values(path, use.term)
        members = [m for v in values if (m := _member(v)) is not None and not m.bound]
        if members:
            if (path, use.span) not in self.passed:
                self._note_use(path, use.span, use.term, members)
                yield self._named_method(path, use, members[0].path, self._endpoint_of(path, members), members)
        elif (
            (api := receivers.path_named(use)) is not None
            and receivers.is_lost(self.project, path, values, api)
            and not receivers.has_doubles(self.project, path)
        ):
            supposed = receivers.is_handed_in(self.project, path, use.term, api)
            destination = (Points.OPENAI if supposed else Points.UNKNOWN), None
            yield replace(
                self._named_method(path, use, api, destination, ()), legacy=False, known=False, supposed=supposed
            )

    def _named_method(
        self, path: str, use: Use, api: str, destination: Destination, members: Sequence[Member]
    ) -> CallSite:
        """Return a method that is named without a call."""
        points, host = destination
        return CallSite(
            path,
            use.span,
            use.span,
            api,
            points,
            host,
            {},
            opaque=True,
            called=False,
            legacy=openai_api.v0_method(api),
            known=True,
            models=(),
            images=False,
            clients=places_of(members),
        )

    def _endpoint_of(self, path: str, members: list[Member]) -> Destination:
        """Where the clients of a call point: to OpenAI if any of them may."""
        found = dict(self.pointing.of_client(path, m.client) for m in members)
        points = nearest(found)
        return points, found[points]

    def _hosts(self, members: Iterable[Member]) -> set[str]:
        """Return the hosts that the clients of a call are seen to be told; "" stands for what is told elsewhere."""
        found: set[str] = set()
        for client in (m.client for m in members):
            url = self.arguments.given(client.made)[0].get("base_url") if client is not None and client.made else None
            values = url.values if url is not None else ()
            hosts = [
                host_of(v.literal.value) for v in values if isinstance(v, Constant) and type(v.literal.value) is str
            ]
            found.update(host or "" for host in hosts)
            found.update("" for v in values if not isinstance(v, Constant))
        return found or {""}

    def _follow_settings(self, path: str, facts: Facts) -> None:
        """Note what the module-level client takes its key and URL from."""
        points, host = self.pointing.settings[path]
        for store in facts.stores:
            if store.name in ("api_key", *ENDPOINTS) and self.pointing.is_sdk(facts, store):
                values = self.project.values(path, store.value)
                self.flows.follow_key(path, store.scope, values, Reach(points, host, _moves(points)))


def _is_held_down(argument: Argument) -> bool:
    """Whether it says how many choices, and no more than so many: what a function says that asks several times."""
    value = argument.value
    return argument.name == "n" and isinstance(value, Call) and isinstance(value.func, Name) and value.func.id == "min"


def _moves(points: Points) -> bool:
    return points in (Points.OPENAI, Points.AZURE)


def _member(value: object) -> Member | None:
    """Return the API method that a value is, or None."""
    match value:
        case Member() if openai_api.is_method(value.path):
            return value
        case External() if (path := sdk_method(value.dotted)) is not None:
            return Member(None, path)
    return None


def _is_rest(argument: Argument, name: str | None) -> bool:
    """Whether an argument is all that a function gets beside what it names: ``**options``."""
    return argument.name == "**" and isinstance(argument.value, Name) and argument.value.id == name


def _most_telling_first(facts: Mapping[str, Facts]) -> Iterator[tuple[str, Call]]:
    """Yield all calls with their files: first those that look as if they were the SDK's."""
    places = [(path, call) for path, one in facts.items() for call in one.calls]
    telling = [
        receivers.path_called(call) is not None or "OpenAI" in (last_name(call.func) or "") for _, call in places
    ]
    yield from compress(places, telling)
    yield from compress(places, map(not_, telling))


def _unpacks_one(call: Call, path: str) -> bool:
    """Whether a call unpacks one mapping; what takes keywords alone can be given no ``*args`` but empty ones."""
    stars = [a.name for a in call.arguments if a.name in ("*", "**")]
    by_keyword = not openai_api.v0_method(path) and path.endswith((".create", ".parse", ".stream"))
    return stars == ["**"] or (by_keyword and sorted(map(str, stars)) == ["*", "**"])


def _is_spelled(func: Term, path: str) -> bool:
    """Whether a callee ends in all the names of a path."""
    for name in reversed(path.split(".")):
        if not isinstance(func, Attr) or func.name != name:
            return False
        func = func.base
    return True
