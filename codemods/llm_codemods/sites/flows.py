"""What reaches the clients and the calls of a project: keys, models, roles. Collected over all files before the rules
ask about one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from llm_codemods import keys
from llm_codemods.edits import Place, Span
from llm_codemods.project import Project
from llm_codemods.sites.kinds.given import Given
from llm_codemods.sites.kinds.points import Points, Reach
from llm_codemods.sites.kinds.requests import RequestSite
from llm_codemods.sites.kinds.texts import DeploymentSite, Framed
from llm_codemods.terms import Attr, Call, Entries, Item, Items, Literal, Term
from llm_codemods.values import Class, Constant, Display, Environment, Function, Member, Object, Value, Values
from llm_codemods.vocabulary import MODEL_ARGUMENTS, OTHERS_MODEL

DEPTH = 4
"""How many names lie at most between the messages of a call and the picture in them; how deep a model in a table is."""
FAR = 200
"""How many steps a model is followed back to the functions that may give it."""


@dataclass
class KeyTaker:
    """A client that takes a key: where it is made, and where it points."""

    path: str
    scope: int
    reach: Reach


@dataclass
class KeyRead:
    """A read of the environment whose value reaches clients."""

    value: Environment
    uses: list[KeyTaker] = field(default_factory=list)


@dataclass
class Flows:
    """Which literals and reads of the environment reach clients and calls; literals by identity."""

    project: Project
    models: dict[int, set[Points]] = field(default_factory=dict)
    """Literals of models -> where the calls go that name them,"""
    hosts: dict[int, set[str | None]] = field(default_factory=dict)
    """and to which hosts, where these are known and not OpenAI's."""
    seen: set[int] = field(default_factory=set)
    """Literals of models in calls that carry images."""
    keys: dict[int, list[Reach]] = field(default_factory=dict)
    """Literals whose value becomes a client's key or URL."""
    reads: dict[int, KeyRead] = field(default_factory=dict)
    """Literals that name a variable whose value becomes a client's key or URL -> the read."""
    urls: dict[int, list[RequestSite]] = field(default_factory=dict)
    """Literals in the URLs of requests that are made by hand."""
    by_hand: dict[int, list[RequestSite]] = field(default_factory=dict)
    """Literals of models in requests that are made by hand -> these."""
    headers: dict[int, Span] = field(default_factory=dict)
    """Literals that name a variable -> the ``f"Bearer {…}"`` in which it is read."""
    key_requests: dict[int, list[RequestSite]] = field(default_factory=dict)
    """Literals of keys, and of names of variables, that reach requests which are made by hand -> these."""
    roles: dict[int, set[Points]] = field(default_factory=dict)
    """Literals of roles in the messages of chat calls."""
    heard: set[int] = field(default_factory=set)
    """Literals of roles in the input of calls that are no chat."""
    framed: dict[int, Framed | None] = field(default_factory=dict)
    """Literals of models that frameworks are given -> how they take them; None: they do not move, or differ."""
    elsewhere: dict[int, Framed] = field(default_factory=dict)
    """Literals of models that objects of frameworks are given which point elsewhere -> how they take them."""
    told: set[int] = field(default_factory=set)
    """Literals of models that are part of a table, a comparison or a look-up which is reported as a whole."""
    deployments: dict[Place, DeploymentSite] = field(default_factory=dict)
    """What calls to Azure give as their model."""

    def follow_key(self, path: str, scope: int, values: Values, reach: Reach) -> None:
        """Note what a client, made in ``scope``, takes its key or URL from."""
        for value in values:
            if isinstance(value, Environment) and (variable := keys.variable_of(value)) is not None:
                read = self.reads.setdefault(id(variable), KeyRead(value))
                read.uses.append(KeyTaker(path, scope, reach))
            elif isinstance(value, Constant):
                self.keys.setdefault(id(value.literal), []).append(reach)

    def follow_roles(self, given: Mapping[str, Given], points: Points) -> None:
        """Note which roles reach the messages of a call."""
        for value in self.roles_in(given.get("messages")):
            self.roles.setdefault(id(value), set()).add(points)
        self.heard.update(id(value) for value in self.roles_in(given.get("input")))

    def roles_in(self, given: Given | None) -> Iterator[Literal]:
        """Yield the roles of the messages in an argument, as far as they are written out."""
        displays = [v for v in given.values if isinstance(v, Display)] if given is not None else []
        for path, term in ((d.path, t) for d in displays if isinstance(d.term, Items) for t in d.term.values):
            for message in self.project.values(path, term):
                if isinstance(message, Display) and isinstance(message.term, Entries):
                    for key, value in message.term.items:
                        if isinstance(key, Literal) and key.value == "role":
                            said = self.project.values(message.path, value)
                            yield from (v.literal for v in said if isinstance(v, Constant))

    def has_images(self, given: Mapping[str, Given]) -> bool:
        """Whether the messages of a call, as far as they are written out, have a part that is an image."""
        messages = given.get("messages")
        shown = [v for v in messages.values if isinstance(v, Display)] if messages is not None else []
        return any(self._shows(display.path, display.term, DEPTH) for display in shown)

    def _shows(self, path: str, term: Term, depth: int) -> bool:
        """Whether a value, as far as it is written out, has a part that is an image."""
        if isinstance(term, Literal):
            return term.value == "image_url"
        if isinstance(term, Entries):
            inner = [t for pair in term.items for t in pair if t is not None]
            return any(self._shows(path, t, depth) for t in inner)
        if isinstance(term, Items):
            return any(self._shows(path, t, depth) for t in term.values)
        shown = [v for v in self.project.values(path, term) if isinstance(v, Display)] if depth else []
        return any(self._shows(display.path, display.term, depth - 1) for display in shown)

    def _follow_deployments(self, given: Mapping[str, Given], *, images: bool) -> None:
        """Note what a call to Azure gives as its model."""
        for value in (v for name in MODEL_ARGUMENTS if name in given for v in given[name].values):
            if isinstance(value, Environment):
                place, name, plain = value.term.span, value.name, False
            elif isinstance(value, Constant) and isinstance(value.literal.value, str):
                place, name, plain = value.literal.span, value.literal.value, value.literal.plain
                if not name or self.project.origin.model.fullmatch(name) or OTHERS_MODEL.fullmatch(name):
                    continue
            else:
                continue
            variable, earlier = isinstance(value, Environment), self.deployments.get((value.path, place))
            chats = "messages" in given and (earlier is None or earlier.chats)
            images = images or (earlier is not None and earlier.images)
            site = DeploymentSite(value.path, place, name, plain, variable=variable, chats=chats, images=images)
            self.deployments[value.path, place] = site

    def follow_models(
        self, given: Mapping[str, Given], points: Points, host: str | None = None, *, images: bool
    ) -> tuple[str, ...]:
        """Note which models a call names that goes to a host; return their names."""
        names: dict[str, None] = {}
        if points is Points.AZURE:
            self._follow_deployments(given, images=images)
        for argument in MODEL_ARGUMENTS:
            known = given.get(argument)
            for constant in (*known.constants, *self._in_tables(known)) if known is not None else ():
                if isinstance(constant.literal.value, str):
                    names[constant.literal.value] = None
                    self.models.setdefault(id(constant.literal), set()).add(points)
                    self.hosts.setdefault(id(constant.literal), set()).add(host)
                    if images:
                        self.seen.add(id(constant.literal))
        return tuple(names)

    def _in_tables(self, given: Given) -> Iterator[Constant]:
        """Yield the models in the tables and lists that are handed to a function which nobody sees, and which gives the
        model: each of them may be asked for, ``model=pick(MODELS, size)``."""
        waiting, seen = [(given.path, given.term)], set[int]()
        while waiting and len(seen) < FAR:
            path, term = waiting.pop()
            if id(term) in seen:
                continue
            seen.add(id(term))
            if isinstance(term, Item | Attr):
                waiting.append((path, term.base))
            if isinstance(term, Call) and not any(map(_is_seen, self.project.values(path, term.func))):
                for one in term.arguments:
                    yield from self._models_in(path, one.value, DEPTH)
            waiting += self.project.origins(path, term, partly=True)

    def _models_in(self, path: str, term: Term, depth: int) -> Iterator[Constant]:
        """Yield the models that stand in a dictionary, but as its keys, or in a list."""
        for display in (v for v in self.project.values(path, term) if isinstance(v, Display)):
            inner = display.term.values if isinstance(display.term, Items) else [t for _, t in display.term.items]
            for one in inner:
                found = [v for v in self.project.values(display.path, one) if isinstance(v, Constant)]
                yield from (v for v in found if self.project.origin.model.fullmatch(str(v.literal.value)))
                if depth and not found:
                    yield from self._models_in(display.path, one, depth - 1)


def _is_seen(function: Value) -> bool:
    """Whether it is known what a function gives: one of the project, or of the API."""
    return isinstance(function, Function | Class | Object | Member)
