"""What a project does with the SDK besides calling the API: the client's own methods, exceptions, subclasses."""

from __future__ import annotations

from collections.abc import Iterator

from llm_codemods import openai_api
from llm_codemods.facts import Facts
from llm_codemods.libraries import client_kind, resource_class, sdk_name
from llm_codemods.sites.clients import Clients
from llm_codemods.sites.kinds.clients import ClientMethodSite, ClientSite
from llm_codemods.sites.kinds.module import ExceptionSite, SubclassSite
from llm_codemods.sites.kinds.points import Points
from llm_codemods.terms import Call, Imported, Item, Term, last_name
from llm_codemods.values import Class, External, Member

REQUESTS = frozenset({"delete", "get", "get_api_list", "patch", "post", "put", "request"})
"""Methods that take a path and give what ``cast_to`` says; dictionaries and HTTP clients have some of these names."""

PARTS = frozenset({"DefaultAioHttpClient", "DefaultAsyncHttpxClient", "DefaultHttpxClient", "providers.bedrock"})
"""Functions and classes of the SDK that make a part for a client."""

SurfaceSite = ClientMethodSite | ExceptionSite | SubclassSite


class Surface:
    """Finds the sites of one file that are neither clients nor calls of the API."""

    def __init__(self, clients: Clients) -> None:
        """Take the clients and calls of the project."""
        self.clients = clients
        self.project = clients.project
        self.own = frozenset(self._own_exceptions())
        """Names of the project's classes that extend the SDK's exceptions."""

    def sites(self, facts: Facts) -> Iterator[SurfaceSite]:
        """Yield the sites of one file."""
        made = openai_api.exception_names() | self.own | _imported(facts) | {p.rpartition(".")[2] for p in PARTS}
        derived = {s.span for s in self.clients.sites[facts.path] if isinstance(s, ClientSite) and s.derived}
        for call in facts.calls:
            name = last_name(call.func)
            if name in made:
                yield from self._made(facts.path, call)
            elif name in openai_api.client_methods() and call.span not in derived:
                yield from self._method(facts.path, call, name)
        for cls in facts.classes:
            for base in cls.bases:
                for extended, legacy in self._extended(facts.path, base):
                    yield SubclassSite(facts.path, cls.span, extended, legacy)

    def _own_exceptions(self) -> Iterator[str]:
        known = set(openai_api.exception_names())
        more = True
        while more:
            every = (cls for facts in self.project.facts.values() for cls in facts.classes)
            found = {c.name for c in every if c.name not in known and not known.isdisjoint(map(last_name, c.bases))}
            known |= found
            more = bool(found)
            yield from found

    def _made(self, path: str, call: Call) -> Iterator[SurfaceSite]:
        """Yield what a call makes: an exception, or a part for a client."""
        for value in self.project.values(path, call.func):
            dotted = [value.dotted] if isinstance(value, External) else []
            if isinstance(value, Class) and not self.project.classes.has_own_init(value):
                dotted = list(self.project.classes.outside(value))
            for name in filter(None, map(sdk_name, dotted)):
                if name.rpartition(".")[2] in openai_api.exception_names():
                    yield ExceptionSite(path, call.span, name.removeprefix("error."), name.startswith("error."))
                    return
                if name in PARTS or name.startswith("providers."):
                    yield ClientMethodSite(path, call.span, name, Points.UNKNOWN)
                    return

    def _method(self, path: str, call: Call, name: str) -> Iterator[ClientMethodSite]:
        if name in REQUESTS and not any(argument.name == "cast_to" for argument in call.arguments):
            return
        for value in self.project.values(path, call.func):
            if isinstance(value, Member) and value.path == name and value.client is not None:
                points, _ = self.clients.client_points(path, value.client)
                yield ClientMethodSite(path, call.span, name, points)
                return

    def _extended(self, path: str, base: Term) -> Iterator[tuple[str, bool]]:
        for value in self.project.values(path, base.base if isinstance(base, Item) else base):
            name = sdk_name(value.dotted) if isinstance(value, External) else None
            if name is not None and isinstance(value, External):
                last = name.rpartition(".")[2]
                if client_kind(value.dotted) is not None or resource_class(value.dotted) is not None:
                    yield last, False
                elif last in openai_api.v0_classes() and name.startswith((last, "api_resources.")):
                    yield last, True


def _imported(facts: Facts) -> frozenset[str]:
    """Return the names under which a module of the SDK's is imported from."""
    found = ((name, binding.value) for name, bound in facts.scopes[0].names.items() for binding in bound)
    return frozenset(n for n, v in found if isinstance(v, Imported) and sdk_name(v.module) is not None)
