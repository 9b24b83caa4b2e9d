"""What stands around the clients: proxies, caches, pools of workers, packages of other providers."""

from __future__ import annotations

from collections.abc import Iterator

from llm_codemods.facts import Facts, ImportFact, Write
from llm_codemods.sites.clients import Clients
from llm_codemods.sites.kinds.clients import CallSite, ClientSite
from llm_codemods.sites.kinds.frameworks import RedirectSite
from llm_codemods.sites.kinds.surroundings import (
    CacheSite,
    ClientProxySite,
    PackageSite,
    ProxySite,
    TimeLimitSite,
    WorkersSite,
)
from llm_codemods.sites.kinds.texts import PersonaSite
from llm_codemods.terms import Call, Joined, Literal, Term, last_name
from llm_codemods.values import Constant, External

PROXIES = frozenset({"http_proxy", "https_proxy", "all_proxy"})
"""Variables, in small letters, that every HTTP library of the process obeys."""
NO_PROXY = "no_proxy"
HTTP_CLIENTS = frozenset(
    {
        *("httpx.Client", "httpx.AsyncClient", "httpx2.Client", "httpx2.AsyncClient"),
        *("openai.DefaultHttpxClient", "openai.DefaultAsyncHttpxClient"),
    }
)
"""Classes whose objects the SDK sends through."""
THROUGH = ("proxy", "proxies")
"""Their arguments for a proxy, today's and that of httpx before 0.28."""
POOLS = {
    "concurrent.futures.ThreadPoolExecutor": "max_workers",
    "concurrent.futures.ProcessPoolExecutor": "max_workers",
    "concurrent.futures.thread.ThreadPoolExecutor": "max_workers",
    "multiprocessing.pool.ThreadPool": "processes",
    "asyncio.Semaphore": "value",
    "anyio.Semaphore": "initial_value",
    "anyio.CapacityLimiter": "total_tokens",
    "threading.BoundedSemaphore": "value",
    "threading.Semaphore": "value",
}
"""What says how much is done at the same time -> its first parameter."""
CACHES = frozenset(
    {
        *("set_llm_cache", "SQLiteCache", "SQLAlchemyCache", "RedisCache", "RedisSemanticCache", "GPTCache"),
        *("enable_cache", "cache.init"),
    }
)
"""The ends of the names of what keeps answers, in these packages:"""
CACHING = ("langchain", "langchain_core", "langchain_community", "langchain_classic", "langchain_redis", "litellm")
CACHING_TOO = ("gptcache",)
KEEPS = frozenset({"joblib.Memory", "diskcache.Cache", "diskcache.FanoutCache"})
"""What keeps anything on disk: looked at where answers are asked for in the same file."""
REDIRECTS = {"OPENROUTER_API_KEY": "mem0", "LANGFUSE_ENABLED": "camel"}
"""Variables -> the framework that then sends elsewhere what is meant for OpenAI (gotcha G52)."""

Found = ProxySite | ClientProxySite | TimeLimitSite | WorkersSite | CacheSite | PackageSite | RedirectSite | PersonaSite


class Surroundings:
    """Finds the sites of one file."""

    def __init__(self, clients: Clients, *, frameworks: bool) -> None:
        """Take the clients and calls of the project; ``frameworks``: it uses one that talks to OpenAI."""
        self.project = clients.project
        self.used = frameworks or any(True for _ in clients.every())
        """Whether anything here talks to OpenAI, or did."""
        self.around = tuple(said for path, write in self._writes(NO_PROXY) for said in self._texts(path, write.value))
        self.calls = tuple(site for site in clients.every() if isinstance(site, CallSite) and site.called)
        self.by_file = {path: tuple(call for call in self.calls if call.path == path) for path in self.project.facts}
        self.limits: dict[str, list[TimeLimitSite]] = {path: [] for path in self.project.facts}
        self.proxied: dict[str, list[ClientProxySite]] = {path: [] for path in self.project.facts}
        for site in clients.every():
            if isinstance(site, ClientSite):
                self._through_proxy(site)
            self._limited(site)

    def sites(self, facts: Facts) -> Iterator[Found]:
        """Yield the sites of one file."""
        yield from self.proxied[facts.path]
        yield from self.limits[facts.path]
        if not self.used:
            return
        yield from self._proxies(facts)
        yield from self._workers_and_caches(facts)
        yield from self._redirects(facts)
        yield from _packages(facts)
        if facts.personas:
            yield PersonaSite(facts.path, facts.personas[0], len(facts.personas))

    def _writes(self, name: str) -> Iterator[tuple[str, Write]]:
        """Yield what is written into a variable anywhere in the project."""
        for path, facts in self.project.facts.items():
            yield from ((path, write) for write in facts.writes if str(write.key.value).lower() == name)

    def _texts(self, path: str, term: Term) -> Iterator[str]:
        """Yield the texts that a term is, or is put together of."""
        parts = term.parts if isinstance(term, Joined) else (term,)
        for value in (value for part in parts for value in self.project.values(path, part)):
            if isinstance(value, Constant) and isinstance(value.literal.value, str):
                yield value.literal.value

    def _proxies(self, facts: Facts) -> Iterator[ProxySite]:
        writes = [write for write in facts.writes if str(write.key.value).lower() in PROXIES and not _is_empty(write)]
        statements = [write.statement for write in writes if write.statement is not None]
        if statements:
            names = dict.fromkeys(str(write.key.value) for write in writes if write.statement is not None)
            yield ProxySite(facts.path, min(statements), tuple(names), max(statements), self.around)

    def _limited(self, site: ClientSite | CallSite) -> None:
        """Note how long a client, or a call, waits at most."""
        given = site.given.get("timeout")
        seconds = given.term.value if given is not None and given.direct and isinstance(given.term, Literal) else None
        if isinstance(seconds, int | float) and not isinstance(seconds, bool):
            calls = self.calls if isinstance(site, ClientSite) else (site,)
            self.limits[site.path].append(TimeLimitSite(site.path, site.span, seconds, site.points, site.host, calls))

    def _workers_and_caches(self, facts: Facts) -> Iterator[WorkersSite | CacheSite]:
        """Yield what says how much is done at once (the first of a file), and what keeps answers."""
        calls = self.by_file[facts.path]
        pooled = cached = False
        for call in facts.calls:
            name = last_name(call.func) or ""
            if name not in _NAMES or (name in _POOLS and pooled) or (name not in _POOLS and cached):
                continue
            for value in self.project.values(facts.path, call.func):
                dotted = value.dotted if isinstance(value, External) else ""
                count = _count(call, POOLS[dotted]) if dotted in POOLS and calls else None
                if count is not None and not pooled:
                    pooled = True
                    yield WorkersSite(facts.path, call.span, name, count, calls)
                if (_keeps_answers(dotted) or (dotted in KEEPS and calls)) and not cached and not _in_memory(call):
                    cached = True
                    yield CacheSite(facts.path, call.span, name)

    def _redirects(self, facts: Facts) -> Iterator[RedirectSite]:
        """Yield the variables that send elsewhere what a framework of the project sends to OpenAI."""
        named = [write.key for write in facts.writes if write.statement is not None]
        named += [text.literal for text in facts.texts if text.role == "environment"]
        for key in {str(literal.value): literal for literal in reversed(named)}.values():
            framework = REDIRECTS.get(str(key.value))
            if framework is not None and framework in self.project.packages:
                yield RedirectSite(facts.path, key.span, str(key.value), framework)

    def _through_proxy(self, site: ClientSite) -> None:
        """Note the HTTP client of a client, if it is made here for this alone and sends through a proxy."""
        given = site.given.get("http_client")
        made = self.project.made(given.path, given.term) if given is not None else None
        if made is None:
            return
        path, call = made
        values = self.project.values(path, call.func)
        through = next((a for a in call.arguments if a.name in THROUGH and not _is_none(a.value)), None)
        if through is not None and any(isinstance(v, External) and v.dotted in HTTP_CLIENTS for v in values):
            name = last_name(call.func) or ""
            found = ClientProxySite(path, call.span, name, str(through.name), site.points, site.host)
            if all(other.span != found.span for other in self.proxied[path]):
                self.proxied[path].append(found)


def _is_empty(write: Write) -> bool:
    """Whether a variable is cleared."""
    return isinstance(write.value, Literal) and not write.value.value


def _is_none(term: Term) -> bool:
    return isinstance(term, Literal) and term.value is None


def _packages(facts: Facts) -> Iterator[PackageSite]:
    """Yield the packages that a file imports, each once."""
    found: dict[str, list[ImportFact]] = {}
    for fact in facts.imports:
        if fact.level == 0:
            found.setdefault(fact.module.partition(".")[0], []).append(fact)
    for package, those in found.items():
        modules = (m for fact in those for m in (fact.module, *(f"{fact.module}.{name}" for name in fact.names)))
        yield PackageSite(facts.path, those[0].span, package, tuple(dict.fromkeys(modules)))


_POOLS = frozenset(dotted.rpartition(".")[2] for dotted in POOLS)
_NAMES = _POOLS | {name.rpartition(".")[2] for name in CACHES | KEEPS}


def _count(call: Call, parameter: str) -> int | None:
    """Return how much is done at once, where the call says it with a number."""
    named = next((a.value for a in call.arguments if a.name == parameter), None)
    first = call.arguments[0].value if call.arguments and call.arguments[0].name is None else None
    term = named or first
    return term.value if isinstance(term, Literal) and type(term.value) is int else None


def _keeps_answers(dotted: str) -> bool:
    """Whether a dotted name is that of something which keeps answers between runs."""
    package, _, rest = dotted.partition(".")
    name = rest.rpartition(".")[2]
    if package in CACHING_TOO:
        return rest.endswith("cache.init") or name == "init"
    return package in CACHING and name in CACHES


def _in_memory(call: Call) -> bool:
    """Whether a cache is set that is gone with the process."""
    first = call.arguments[0].value if call.arguments else None
    if isinstance(first, Literal) and first.value is None:
        return True
    return isinstance(first, Call) and last_name(first.func) == "InMemoryCache"
