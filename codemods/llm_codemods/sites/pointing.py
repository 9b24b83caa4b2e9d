"""Where clients point: by what they are given, what is set on them later, or what is set on the SDK's module."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import replace

from llm_codemods.edits import Place
from llm_codemods.facts import Facts, Store
from llm_codemods.libraries import KEYED, sdk_name
from llm_codemods.project import Project
from llm_codemods.sites.addresses import Address, Addresses
from llm_codemods.sites.arguments import Arguments
from llm_codemods.sites.kinds.given import Given
from llm_codemods.sites.kinds.points import MODULE_LEVEL, Destination, Points, module_level
from llm_codemods.terms import (
    Argument,
    Attr,
    Call,
    Either,
    Element,
    Item,
    Literal,
    Name,
    Occurrence,
    Parameter,
    Term,
    last_name,
)
from llm_codemods.values import Client, Composed, Constant, Environment, External, Member
from llm_codemods.vocabulary import ENDPOINT, ENDPOINTS, NO_KEY, SECRET, TESTS, host_of, is_blank

LEFT = (Points.ELSEWHERE, host_of(ENDPOINT))
"""Where a client counts as pointing that is not moved: nothing that belongs to it may move either."""
FAR = 200
"""How many steps, on all ways together, a URL is followed back."""
AZURE_HOST = "openai.azure.com"


class Pointing:
    """Where the clients of a project point, and its host if that is not the provider's whose code is moved."""

    def __init__(
        self,
        project: Project,
        arguments: Arguments,
        left: Container[Place],
        switches: Mapping[str, str | None],
    ) -> None:
        """Look at what is set after clients are made, and on the module; the rest as in ``Clients``."""
        self.project = project
        self.origin = project.origin
        self.left = left
        self.switches = switches
        self._arguments = arguments
        self._addresses = Addresses(project)
        self.rerouted = dict(self._rerouted())
        """Files that set the variable of the endpoint to a host that is not the origin's -> where a client points there
        that is told nothing: nobody knows if it is set in some cases only."""
        self._redirects = dict(self._redirected())
        """Clients whose endpoint is set after they are made -> where they point then, and the host."""
        self.settings = self._all_settings()
        """Where the module-level client points in each file, and its host."""

    @property
    def default(self) -> Destination:
        """Where a client points that is told nothing."""
        return (Points.OPENAI, None) if self.origin.is_openai else (Points.ELSEWHERE, "api.openai.com")

    def default_in(self, path: str) -> Destination:
        """Return where a client points that is told nothing in this file, which may set the endpoint's variable."""
        return self.rerouted.get(path, self.default)

    @property
    def azure(self) -> Destination:
        """Where a client of Azure points."""
        return (Points.AZURE, None) if self.origin.is_openai else (Points.ELSEWHERE, AZURE_HOST)

    def special(self, place: Place | None) -> Destination | None:
        """Return where a client points whatever it says itself."""
        if place is None:
            return None
        if place[0] in self.switches:
            return Points.ELSEWHERE, self.switches[place[0]]
        return LEFT if place in self.left else self._redirects.get(place)

    def of_client(self, path: str, client: Client | None) -> Destination:
        """Return where a client points, and its host; None: the module-level client, as the file ``path`` sets it."""
        if client is None:
            return self.settings[path]
        if client.made is None:
            return self.azure if "Azure" in client.kind else self.default
        if (special := self.special(place_of(client))) is not None:
            return special
        given, opaque = self._arguments.given(client.made)
        return self.of_arguments(client.made[0], client.kind, given, opaque)

    def of_arguments(self, path: str, kind: str, given: Mapping[str, Given], opaque: bool) -> Destination:
        """Return where a client of the class ``kind``, made in the file ``path``, points by what it is given, some of
        it unseen if ``opaque``."""
        if "Azure" in kind:
            return self.azure
        if "Bedrock" in kind:
            return Points.ELSEWHERE, "amazonaws.com"
        url = given.get("base_url")
        if url is None:
            place = self.default_in(path)
            unsaid = place[0] is Points.OPENAI and _needs_no_key(given.get("api_key"))
            return (Points.UNKNOWN, None) if opaque or unsaid else place
        if _is_for_own_server(url, given.get("api_key")):
            return Points.UNKNOWN, None
        return self.of_url(url)

    def of_url(self, url: Given) -> Destination:
        """Return where a URL that is given points, and its host if that is known and not the origin's own.

        One that is yet to be filled in, in the call itself, is as good as none; unknown if tests alone give another's.
        """
        own = outside_tests(url)
        destination = self._of_all(own)
        if own is url or destination[0] is Points.ELSEWHERE or self._of_all(url)[0] is not Points.ELSEWHERE:
            return destination
        return Points.UNKNOWN, None

    def _of_all(self, url: Given) -> Destination:
        composed = self.composed(url)
        hosts = [*map(host_of, url.strings), *(a.host for a in composed)]
        elsewhere = next((h for h in hosts if h and not self.origin.has(h)), None)
        if elsewhere is not None:
            return Points.ELSEWHERE, elsewhere
        if any(hosts):
            return Points.OPENAI, next((h for h in hosts if h and self.origin.relays(h)), None)
        blank = url.inline and all(isinstance(v, Constant) for v in url.values) and any(map(is_blank, url.strings))
        if blank or any(c.literal.value is None for c in url.constants):
            return self.default
        bases = [*url.environments, *(a.base for a in composed)]
        if bases and all(isinstance(b, Environment) and self.origin.url_variable.fullmatch(b.name) for b in bases):
            return Points.OPENAI, None
        return Points.UNKNOWN, None

    def unless_either(self, destination: Destination, url: Given) -> Destination:
        """Return where an object points: unknown where one of the URLs that it may be given is the origin's own, or
        none at all, and another one is not."""
        if destination[0] is not Points.ELSEWHERE:
            return destination
        url = outside_tests(url)
        hosts = (*map(host_of, url.strings), *(a.host for a in self.composed(url)))
        home = any(host and self.origin.has(host) for host in hosts)
        return (Points.UNKNOWN, None) if home or (self.origin.is_openai and self._may_be_home(url)) else destination

    def _may_be_home(self, url: Given) -> bool:
        """Whether a URL that is seen to be another's may be the origin's, too: None is seen to arrive, or a variable
        called after the origin, or there are several ways back and nobody sees the end of one.

        What a test asks for is not followed, and a default counts only where a call leaves the argument out.
        """
        waiting, seen = [(url.path, url.term, False)], set[int]()
        while waiting and len(seen) < FAR:
            file, one, several = waiting.pop()
            if id(one) in seen or is_in_test_of(file, url.path) or self._is_asked_for(file, one):
                continue
            seen.add(id(one))
            match one:
                case Literal(value=value):
                    if value is None:
                        return True
                case Either(options=options, fallback=fallback):
                    waiting += ((file, option, several) for option in (options[-1:] if fallback else options))
                case Element():
                    continue  # one of many, of which only some are URLs
                case _:
                    back = self._back(file, one)
                    waiting += ((*place, several or (len(back) > 1 and isinstance(one, Name))) for place in back)
                    if not back and self._ends_at_home(file, one, unseen=several):
                        return True
        return False

    def _back(self, path: str, term: Term) -> tuple[Occurrence, ...]:
        if isinstance(term, Parameter):
            return self.project.passed(path, term)
        places = self.project.origins(path, term, partly=True)
        if isinstance(term, Attr) and len(places) > 1:  # what a class says first is overwritten
            return tuple(place for place in places if not self._is_first(term.name, *place))
        return places

    def _is_first(self, name: str, path: str, term: Term) -> bool:
        """Whether a term is what the body of a class gives an attribute."""
        facts = self.project.facts[path]
        bound = (facts.scopes[each.scope].names.get(name, ()) for each in facts.classes)
        return any(binding.value is term for bindings in bound for binding in bindings)

    def _ends_at_home(self, path: str, term: Term, *, unseen: bool) -> bool:
        """Whether a term that leads no further may be None or is a variable called after the origin, or ``unseen`` if
        nothing of it is known."""
        told = [v for v in self.project.values(path, term) if isinstance(v, Constant | Composed | Environment)]
        nothing = (v for v in told if isinstance(v, Constant) and v.literal.value is None)
        if last_name(term) in KEYED and any(not is_in_test_of(v.path, path) for v in nothing):
            return True
        named = (isinstance(v, Environment) and self.origin.url_variable.fullmatch(v.name) for v in told)
        return all(named) if told else unseen

    def _is_asked_for(self, path: str, term: Term) -> bool:
        """Whether a test asks for the name, attribute or key that a term reads."""
        facts = self.project.facts[path]
        match term:
            case Name(id=word, scope=scope):
                return (scope, word) in facts.tested
            case Parameter(function=function, name=word):
                return (facts.functions[function].scope, word) in facts.tested
            case Attr(name=word) | Item(key=Literal(value=str() as word)):
                return (None, word) in facts.tested
        return False

    def is_handed_in(self, url: Given) -> bool:
        """Whether a URL is, or comes from, a parameter of a function."""
        waiting, seen = [(url.path, url.term)], set[int]()
        while waiting and len(seen) < FAR:
            file, one = waiting.pop()
            if id(one) in seen:
                continue
            seen.add(id(one))
            if isinstance(one, Parameter):
                return True
            waiting += self.project.origins(file, one, partly=True)
        return False

    def composed(self, given: Given) -> tuple[Address, ...]:
        """Return the URLs that an argument may be, where they are put together of parts."""
        composed = (value for value in given.values if isinstance(value, Composed))
        return tuple(address for value in composed for address in self._addresses.of(value.path, value.term))

    def _rerouted(self) -> Iterator[tuple[str, Destination]]:
        for path, facts in self.project.facts.items():
            for write in facts.writes:
                if self.origin.url_variable.fullmatch(str(write.key.value)):
                    values = self.project.values(path, write.value)
                    hosts = [host_of(str(v.literal.value)) for v in values if isinstance(v, Constant)]
                    host = next((h for h in hosts if h and not self.origin.has(h)), None)
                    if host is not None:
                        known = write.always and len(hosts) == len(values)
                        yield path, (Points.ELSEWHERE, host) if known else (Points.UNKNOWN, None)

    def _redirected(self) -> Iterator[tuple[Place, Destination]]:
        """Yield the clients whose ``base_url`` is assigned; what is assigned is not changed."""
        for path, facts in self.project.facts.items():
            for store in facts.stores:
                bases = self.project.values(path, store.base) if store.name == "base_url" else ()
                made = [v.made for v in bases if isinstance(v, Client) and v.made is not None]
                values = self.project.values(path, store.value) if made else ()
                texts = [v.literal.value for v in values if isinstance(v, Constant)]
                host = next((h for t in texts if isinstance(t, str) and (h := host_of(t))), None)
                elsewhere = host is not None and len(texts) == len(values) and not self.origin.has(host)
                points = (Points.ELSEWHERE, host) if elsewhere else (Points.UNKNOWN, None)
                yield from (((file, call.span), points) for file, call in made)

    def _all_settings(self) -> dict[str, Destination]:
        """Where the module-level client points in every file: by what the file assigns, else by what others do that
        are no tests."""
        if MODULE_LEVEL in self.left:
            return dict.fromkeys(self.project.facts, LEFT)
        own = {path: self._settings(facts) for path, facts in self.project.facts.items()}
        common = next((s for path, s in own.items() if s is not None and not TESTS.search(path)), None)
        return {
            path: LEFT if module_level(path) in self.left else setting or common or self.default_in(path)
            for path, setting in own.items()
        }

    def _settings(self, facts: Facts) -> Destination | None:
        """Where the module-level client points, by what this file assigns to the module; None: it says nothing."""
        found: Destination | None = None
        for store in facts.stores:
            if store.name not in (*ENDPOINTS, "api_type") or not self.is_sdk(facts, store):
                continue
            values = self.project.values(facts.path, store.value)
            texts = [v.literal.value for v in values if isinstance(v, Constant) and isinstance(v.literal.value, str)]
            if store.name == "api_type":
                found = (Points.AZURE, None) if any("azure" in t for t in texts) else found
                continue
            hosts = [h for h in map(host_of, texts) if h]
            put_together = (
                a.host for v in values if isinstance(v, Composed) for a in self._addresses.of(v.path, v.term) if a.host
            )
            elsewhere = next((h for h in (*hosts, *put_together) if not self.origin.has(h)), None)
            if elsewhere is not None:
                return Points.ELSEWHERE, elsewhere
            known = any(isinstance(v, Constant | Composed | Environment) for v in values)
            option = None if known else _option(store.value)
            variables = [v.name for v in values if isinstance(v, Environment)] + ([option] if option else [])
            seen = hosts or texts or any(isinstance(v, Constant) for v in values)
            ours = bool(variables) and all(self.origin.url_variable.fullmatch(v) for v in variables)
            here = Points.OPENAI if seen or ours else Points.UNKNOWN
            found = found if found is not None and found[0] is Points.AZURE else (here, None)
        return found

    def is_sdk(self, facts: Facts, store: Store) -> bool:
        """Whether an attribute is set on the SDK's module."""
        values = self.project.values(facts.path, store.base)
        return any(isinstance(v, External) and sdk_name(v.dotted) == "" for v in values)


def place_of(client: Client | None) -> Place | None:
    """Return where a client is made; None where only an annotation says that there is one."""
    if client is None:
        return MODULE_LEVEL
    return None if client.made is None else (client.made[0], client.made[1].span)


def places_of(members: Iterable[Member]) -> tuple[Place, ...]:
    """Return where the clients are made that these are parts of, as far as that is seen."""
    return tuple(dict.fromkeys(place for m in members if (place := place_of(m.client)) is not None))


def _option(term: Term) -> str | None:
    """Return the option that a file of settings is asked for: ``settings.get("section", "OPTION")``."""
    match term:
        case Call(func=Attr(name="get"), arguments=(_, Argument(value=Literal(value=str() as name)))):
            return name
    return None


def is_in_test_of(file: str, path: str) -> bool:
    """Whether a file is a test, and the one for which something in it is asked is none."""
    return TESTS.search(file) is not None and TESTS.search(path) is None


def outside_tests(url: Given) -> Given:
    """Leave out what tests alone give to code that is none, if others give it something, too."""
    values = tuple(v for v in url.values if not is_in_test_of(getattr(v, "path", ""), url.path))
    return replace(url, values=values) if values and len(values) < len(url.values) else url


def _needs_no_key(key: Given | None) -> bool:
    """Whether a client is given what is written for a server that asks for no key; the environment says where it is."""
    if key is None or not key.strings:
        return False
    return len(key.strings) == len(key.values) and all(map(NO_KEY.fullmatch, key.strings))


def _is_for_own_server(url: Given, key: Given | None) -> bool:
    """Whether a URL that comes from elsewhere stands beside a key that is none: ``api_key="EMPTY"``."""
    seen = url.strings or url.environments or isinstance(url.term, Literal)
    if key is None or not key.values or seen or any(isinstance(value, Composed) for value in url.values):
        return False
    texts = [str(c.literal.value or "") for c in key.constants]
    return len(texts) == len(key.values) and all(text and not SECRET.search(text) for text in texts)
