"""What strings say: models, variables, keys, URLs, roles."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from llm_codemods import keys
from llm_codemods.edits import Place, Span
from llm_codemods.facts import Facts, Text
from llm_codemods.libraries import READS_ENVIRONMENT
from llm_codemods.origin import Origin
from llm_codemods.sites.clients import Clients
from llm_codemods.sites.kinds.clients import CallSite, ClientSite
from llm_codemods.sites.kinds.frameworks import FrameworkSite
from llm_codemods.sites.kinds.given import Given
from llm_codemods.sites.kinds.points import Points, Reach
from llm_codemods.sites.kinds.requests import RequestSite
from llm_codemods.sites.kinds.texts import EnvironmentSite, Flow, Framed, ModelSite, RoleSite, SecretSite, UrlSite
from llm_codemods.terms import Argument, Attr, Call, Either, Item, Items, Literal, Name, Term
from llm_codemods.values import Class, Environment, External
from llm_codemods.vocabulary import (
    ABOUT_MODELS,
    FAMILIES,
    MODEL_ARGUMENTS,
    OPENAIS_KEY,
    SECRET,
    URL,
    WORDS,
)

TOGETHER = frozenset({"assign", "compare", "entry", "item", "key"})
"""Roles in which names of models stand in rows."""
NEAR = 2500
"""How many characters lie at most between them."""
FEW = 4
"""How many names are looked at to either side."""
OWN_URL = re.compile(r"_(BASE|ENDPOINT|HOST|URL)$")
"""What variables end with that a project reads a URL from."""

TextSite = EnvironmentSite | SecretSite | UrlSite | RoleSite | ModelSite


class Texts:
    """Finds the sites of strings."""

    def __init__(self, clients: Clients, *, shared: bool, objects: Sequence[FrameworkSite] = ()) -> None:
        """Take the clients and calls of the project, with the objects of frameworks; ``shared`` as in
        ``EnvironmentSite``."""
        self.clients = clients
        self.project = clients.project
        self.shared = shared
        asking = [s for s in objects if s.points is not Points.ELSEWHERE]
        alone = next(clients.every(), None) is None
        self.prefixed = alone and bool(asking) and all(s.row.separator is not None for s in asking)
        """Whether only libraries for many providers ask, which want the provider before the name."""
        reaches = (site.reach for site in asking)
        self.others = tuple(dict.fromkeys((*clients.staying, *(reach for reach in reaches if reach.models))))
        """Who may need the old key after the move."""
        self.origin = self.project.origin
        self.reaches = _asking(clients, objects)
        """Literals of models -> where those go that ask for them."""
        self.literals: dict[Place, int] = {}
        """Where texts stand -> which they are."""
        urls = any(
            t.role == "environment" and self._is_loose_url(t) for f in self.project.facts.values() for t in f.texts
        )
        self.loose = urls or (not asking and self._is_asked_unseen())
        """Whether who asks is not seen: URLs are read from variables of the project's own that reach no client, or all
        calls go through what cannot be followed."""
        self.raw = any(
            self.origin.has(str(t.literal.value)) and not self._is_accounted_for(t)
            for f in self.project.facts.values()
            for t in f.texts
        )
        """Whether requests are made by hand whose models are not known."""

    def _is_asked_unseen(self) -> bool:
        """Whether methods of the API are called, and none of them on a client that is seen."""
        found = list(self.clients.every())
        known = any(isinstance(s, ClientSite) or s.known or s.supposed for s in found)
        return bool(found) and not known and not self.clients.flows.urls

    def _is_accounted_for(self, text: Text) -> bool:
        """Whether a URL goes to a client, or only to requests of which all is known."""
        flows = self.clients.flows
        requests = flows.urls.get(id(text.literal), ())
        known = [r.method == "GET" or bool(r.models) or not (r.opaque or "model" in r.given) for r in requests]
        return id(text.literal) in flows.keys or (bool(known) and all(known))

    def _is_loose_url(self, text: Text) -> bool:
        name = str(text.literal.value)
        own = self.origin.variable.fullmatch(name) and not self.origin.url_variable.fullmatch(name)
        return bool(own) and OWN_URL.search(name) is not None and id(text.literal) not in self.clients.flows.reads

    def _answered(self, path: str, span: Span) -> CallSite | None:
        """Return the call whose answer is answered by the message that holds this role."""
        calls = (s for s in self.clients.sites[path] if isinstance(s, CallSite) and s.result is not None)
        return next((c for c in calls if c.result and any(span in r.span for r in c.result.replies)), None)

    def _speaks(self, text: Text) -> Flow:
        """Where a message goes, by its role."""
        points = self.clients.flows.roles.get(id(text.literal))
        if points is not None and points & {Points.OPENAI, Points.AZURE}:
            return Flow.LIKELY if Points.ELSEWHERE in points else Flow.REACHES
        if points is not None and points & {Points.UNKNOWN, Points.RELAY}:
            return self._uncertain(text)
        return Flow.ELSEWHERE if points is not None or id(text.literal) in self.clients.flows.heard else Flow.LIKELY

    def _uncertain(self, text: Text) -> Flow:
        """What reaches only calls of which nobody knows where they go: is it rewritten?"""
        flows, one = self.clients.flows, id(text.literal)
        relayed = any(Points.RELAY in found.get(one, ()) for found in (flows.models, flows.roles))
        return Flow.MENTIONED if relayed and not self.clients.all_move else Flow.LIKELY

    def sites(self, facts: Facts) -> Iterator[TextSite]:
        """Yield the sites of one file."""
        found = list(self._sites(facts))
        beside = [(s, r) for s in found if not isinstance(s, UrlSite | RoleSite) for r in self._asking(s)]
        for site in found:
            if isinstance(site, UrlSite):
                mine = dict.fromkeys(s for s, request in beside if request in site.requests)
                yield replace(site, beside=tuple(mine))
            else:
                yield site

    def _asking(self, site: EnvironmentSite | SecretSite | ModelSite) -> tuple[RequestSite, ...]:
        """Return the requests made by hand that take a key or model from a site."""
        flows = self.clients.flows
        asking = flows.by_hand if isinstance(site, ModelSite) else flows.key_requests
        return tuple(asking.get(self.literals.get((site.path, site.span), 0), ()))

    def _sites(self, facts: Facts) -> Iterator[TextSite]:
        together = frozenset(id(text.literal) for text in _beside_models(facts.texts, self.origin))
        for text in facts.texts:
            value = str(text.literal.value)
            span = text.literal.span
            self.literals[facts.path, span] = id(text.literal)
            if self.origin.variable.fullmatch(value):
                yield self._variable(facts, text)
            elif SECRET.search(value):
                reaches = tuple(dict.fromkeys(self.clients.flows.keys.get(id(text.literal), ())))
                real = re.search(r"sk-\S*\d", value) is not None
                if not (real or reaches or id(text.literal) in self.clients.flows.key_requests):
                    continue
                openais = OPENAIS_KEY.match(value) or re.search(r"open_?ai", text.of or "", re.IGNORECASE)
                bearer = value.startswith("Bearer ") and text.literal.plain
                whole = SECRET.fullmatch(value.removeprefix("Bearer ")) is not None
                yield SecretSite(facts.path, span, text.role, reaches, whole and openais is not None, bearer, real)
            elif (named := self.origin.key_mentioned.search(value)) is not None and text.literal.plain:
                yield EnvironmentSite(
                    facts.path, span, named[0], text.role, None, self.shared, others=self.others, message=value
                )
            elif self.origin.has(value):
                flows = self.clients.flows
                found = tuple(flows.urls.get(id(text.literal), ()))
                url = URL.search(value) if self.origin.is_openai else None
                yield UrlSite(facts.path, span, url[0] if url else value, id(text.literal) in flows.keys, found)
            elif value in ("developer", "function"):
                said = id(text.literal) in self.clients.flows.roles or text.role == "message"
                if said and text.literal.plain:
                    yield RoleSite(facts.path, span, value, self._speaks(text), self._answered(facts.path, span))
            elif text.role == "formatted":
                if text.of is not None and ABOUT_MODELS.search(text.of) and self.origin.beginning.fullmatch(value):
                    yield ModelSite(facts.path, span, value, text.role, plain=False, flow=Flow.MENTIONED, vision=False)
            elif self.origin.model.fullmatch(value) and (flow := self._flow(text, together)) is not None:
                vision = id(text.literal) in self.clients.flows.seen
                framed = self._framed(text, flow)
                asking = self.clients.flows.by_hand.get(id(text.literal), ())
                groups = tuple(dict.fromkeys(r.group for r in asking if r.points is not Points.ELSEWHERE))
                hosts = self._hosts(text, flow)
                plain = text.literal.plain
                members = self._members(facts, text)
                reaches = tuple(self.reaches.get(id(text.literal), ()))
                yield ModelSite(
                    facts.path, span, value, text.role, plain, flow, vision, framed, groups, hosts, members, reaches
                )
            elif self.origin.prefixed.fullmatch(value) and (flow := self._flow(text, together)) is not None:
                flow = Flow.MENTIONED if flow in (Flow.REACHES, Flow.LIKELY) else flow
                framed = self._framed(text, flow)
                plain = text.literal.plain and framed is not None
                hosts = self._hosts(text, flow) if plain else frozenset()
                yield ModelSite(
                    facts.path, span, value, text.role, plain, flow, vision=False, framed=framed, hosts=hosts
                )

        for request in self.clients.requests.sites[facts.path]:
            if request.points is not Points.ELSEWHERE and not self.origin.has(request.url):
                yield UrlSite(facts.path, request.span, request.url, to_client=False, requests=(request,))

    def _variable(self, facts: Facts, text: Text) -> EnvironmentSite:
        read = self.clients.flows.reads.get(id(text.literal))
        header = self.clients.flows.headers.get(id(text.literal))
        site = EnvironmentSite(
            facts.path,
            text.literal.span,
            str(text.literal.value),
            "environment" if self._names_read(facts, text) else text.role,
            None,
            self.shared,
            others=self.others,
        )
        # what is read for a variable that keeps its name keeps its name, too
        inside = (w for w in facts.writes if w.statement is not None and text.literal.span in w.statement)
        writes = (*(w for w in facts.writes if w.key is text.literal), *inside)
        if any(self._is_key(w.key) and not self._writes_key(facts.path, w.value) for w in writes):
            return replace(site, writes_unseen=True)
        if read is None and facts.path in self.clients.pointing.rerouted:
            return replace(site, reaches=(Reach(*self.clients.pointing.rerouted[facts.path], movable=False),))
        if read is None:
            return replace(site, loose=self.loose, handed=keys.is_handed_on(self.project, facts, text.literal))
        term = read.value.term
        default = isinstance(term, Call) and any(not _is_empty(a.value) for a in term.arguments[1:])
        reaches = tuple(dict.fromkeys(use.reach for use in read.uses))
        may_fail = isinstance(term, Call) and self.clients.key_uses.may_fail(read.value)
        may_fail = may_fail and not _has_fallback(facts, term)
        return replace(
            site,
            read=term.span,
            reaches=reaches,
            may_fail=may_fail,
            default=default,
            store=read.value.store is not None,
            header=header,
        )

    def _names_read(self, facts: Facts, text: Text) -> bool:
        """Whether the environment is asked for a variable under a name of its own: ``"KEY" in env``,
        ``env.get("KEY")``."""
        sides = (c.term.values for c in facts.comparisons if text.role == "compare" and isinstance(c.term, Items))
        whole = (_mapping(pair[1]) for pair in sides if len(pair) == 2 and pair[0] is text.literal)
        calls = (c for c in facts.calls if text.role == "argument" and c.arguments)
        reads = (c.func for c in calls if c.arguments[0].value is text.literal)
        asked = (v for term in (*whole, *reads) for v in self.project.values(facts.path, term))
        return any(isinstance(v, External) and v.dotted in {"os.environ", *READS_ENVIRONMENT} for v in asked)

    def _writes_key(self, path: str, value: Term) -> bool:
        """Whether what is written into the variable will be the right key after the move: it is replaced or renamed
        itself, is no key, or somebody types it."""
        if keys.asks(self.project, path, value) or _names_key(value, self.origin):
            return True
        if isinstance(value, Either):
            return all(self._writes_key(path, option) for option in value.options)
        found = keys.leaves(keys.trace(self.project, path, value))
        return all(
            isinstance(leaf, Literal)
            or (isinstance(leaf, Environment) and self.origin.key_variable.fullmatch(leaf.name))
            for leaf in found
        )

    def _is_key(self, variable: Literal) -> bool:
        return self.origin.key_variable.fullmatch(str(variable.value)) is not None

    def _hosts(self, text: Text, flow: Flow) -> frozenset[str | None]:
        """Return where a model's name goes if that is elsewhere."""
        return frozenset(self.clients.flows.hosts.get(id(text.literal), ()) if flow is Flow.ELSEWHERE else ())

    def _members(self, facts: Facts, text: Text) -> tuple[str, ...]:
        """Return what the members of the enumeration or the list say of which a text is one; () where it is none."""
        if text.role == "item":
            listed = next((items.values for items in facts.lists if text.literal in items.values), ())
            return tuple(v.value for v in listed if isinstance(v, Literal) and isinstance(v.value, str))
        scope = facts.scopes[text.scope]
        if scope.kind != "class" or scope.owner is None or text.role != "assign":
            return ()
        if not any(base.endswith("Enum") for base in self.project.classes.outside(Class(facts.path, scope.owner))):
            return ()
        values = [b.value for bindings in scope.names.values() for b in bindings]
        return tuple(v.value for v in values if isinstance(v, Literal) and isinstance(v.value, str))

    def _framed(self, text: Text, flow: Flow) -> Framed | None:
        """Return how objects of frameworks take a model's name."""
        flows = self.clients.flows
        return (flows.elsewhere if flow is Flow.ELSEWHERE else flows.framed).get(id(text.literal))

    def _flow(self, text: Text, together: frozenset[int]) -> Flow | None:
        flows, one = self.clients.flows, id(text.literal)
        points = flows.models.get(one)
        by_hand = [r for r in flows.by_hand.get(one, ()) if r.points is not Points.ELSEWHERE]
        if points is not None and points & {Points.OPENAI, Points.AZURE}:
            return Flow.LIKELY if any(r.unseen for r in by_hand) else Flow.REACHES
        if one in flows.framed:
            return Flow.FRAMEWORK
        if one in flows.told:
            return Flow.TOLD
        if points is not None and points & {Points.UNKNOWN, Points.RELAY}:
            return self._uncertain(text)
        if by_hand:
            return Flow.BY_HAND
        if points is not None or one in flows.by_hand:
            return Flow.ELSEWHERE
        about_models = text.of is not None and ABOUT_MODELS.search(text.of)
        if text.literal.value in WORDS and not about_models and id(text.literal) not in together:
            return None
        if about_models and text.role in ("assign", "default", "keyword", "entry") and not (self.raw or self.prefixed):
            return Flow.LIKELY  # where requests are made by hand, it may belong to one of these, which stays
        return Flow.MENTIONED


def _asking(clients: Clients, objects: Iterable[FrameworkSite]) -> Mapping[int, Mapping[Reach, None]]:
    """Return the literals of models, by identity, with where the calls and objects go that ask for them."""
    every = list(clients.every())
    stuck = {(s.path, s.span): s.points for s in every if isinstance(s, ClientSite) and not s.movable}
    asked: list[tuple[Given, Reach]] = []
    for call in (s for s in every if isinstance(s, CallSite) and s.known and not s.old):
        movable = call.points in (Points.OPENAI, Points.AZURE) and stuck.keys().isdisjoint(call.clients)
        waits = call.points is Points.UNKNOWN and Points.AZURE in map(stuck.get, call.clients)
        reach = Reach(Points.AZURE if waits else call.points, call.host, movable)
        asked += [(call.given[name], reach) for name in MODEL_ARGUMENTS if name in call.given]
    for one in objects:
        taken = (one.given, *(config.given for config in one.configs))
        asked += [(given[name], one.reach) for given in taken for name in one.row.model if name in given]
    found: dict[int, dict[Reach, None]] = defaultdict(dict)
    for model, reach in asked:
        for constant in model.constants:
            found[id(constant.literal)][reach] = None
    return found


def _beside_models(texts: Sequence[Text], origin: Origin) -> Iterator[Text]:
    """Yield the words that stand beside names of models, or beside others of their family, in the same role."""
    names = [t for t in texts if t.role in TOGETHER and origin.model.fullmatch(str(t.literal.value))]
    for i, text in enumerate(names):
        if (word := text.literal.value) in WORDS:
            beside = [
                str(other.literal.value)
                for other in names[max(0, i - FEW) : i + FEW + 1]
                if abs(other.literal.span.start - text.literal.span.start) < NEAR
                and (other.role, other.scope) == (text.role, text.scope)
            ]
            # In a list, "ada" and "davinci" may be people; three of a family are not.
            kin = {said for said in beside if said != word and any({said, word} <= family for family in FAMILIES)}
            if len(kin) > (text.role != "key") or any(said not in WORDS for said in beside):
                yield text


def _has_fallback(facts: Facts, term: Term) -> bool:
    """Whether something stands in where a read gives nothing: ``os.environ.get("…") or getpass()``."""
    values = (
        *(b.value for scope in facts.scopes for bindings in scope.names.values() for b in bindings),
        *(s.value for s in facts.stores),
        *(w.value for w in facts.writes),
    )
    choices = (v for v in values if isinstance(v, Either) and v.fallback and term in v.options[:-1])
    return any(not _is_empty(choice.options[-1]) for choice in choices)


def _is_empty(term: Term) -> bool:
    return isinstance(term, Literal) and not term.value


def _mapping(term: Term) -> Term:
    """Return the mapping whose keys a term is: ``env`` for ``env.keys()`` and ``dict(env)``."""
    match term:
        case Call(func=Attr(base=base, name="keys" | "copy"), arguments=()):
            return base
        case Call(func=Name(id="dict" | "list" | "set"), arguments=(Argument(name=None, value=value),)):
            return _mapping(value)
    return term


def _names_key(term: object, origin: Origin) -> bool:
    """Whether a look-up is made by the name of the variable, which is renamed there too."""
    match term:
        case Item(key=Literal(value=str() as name)):
            return origin.key_variable.fullmatch(name) is not None
        case Call(arguments=arguments):
            found = [a.value.value for a in arguments if isinstance(a.value, Literal)]
            return any(isinstance(name, str) and origin.key_variable.fullmatch(name) for name in found)
    return False
