"""Resolved uses of OpenAI: what the rules look at.

A site is one use in one file, with everything that the project knows about it: which client a call goes through and
where that client points, what its arguments may be, which calls a model name reaches.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from urllib.parse import urlsplit

from llm_codemods import keys, openai_api
from llm_codemods.edits import Span
from llm_codemods.facts import Facts, Store, Text, Use
from llm_codemods.libraries import WRAPPERS, client_kind, is_other_vendors, sdk_name
from llm_codemods.project import Project, handed
from llm_codemods.target import OPENAI_HOST
from llm_codemods.terms import OPAQUE, Attr, Call, Entries, Item, Items, Literal, Name, Parameter, Term
from llm_codemods.values import (
    Class,
    Client,
    Constant,
    Display,
    Environment,
    External,
    Foreign,
    Function,
    Member,
    Super,
    Values,
)

MODEL = re.compile(
    r"(ft:)?("
    r"gpt-[3-9][\w.:-]*|gpt[34]|gpt-35[\w.-]*|gpt-(image|audio|realtime|oss)[\w.:-]*|chatgpt-[\w.-]+-latest"
    r"|o[134](-mini|-pro|-preview|-deep-research)*(-\d{4}-\d\d-\d\d)?"
    r"|text-(davinci|curie|babbage|ada|embedding|moderation|similarity|search)(-[\w.-]+)?"
    r"|code-(davinci|cushman|search)-[\w.-]+|davinci(-002)?|curie|babbage(-002)?|ada(-002)?"
    r"|dall-e-[\w.-]+|whisper-1|tts-1[\w-]*|omni-moderation-[\w-]+|codex-[\w.-]+|sora-[\w.-]+|computer-use-[\w.-]+)"
)
"""Names of OpenAI's models. Bare family names (``ada``) count only where a model is meant."""
BEGINNING = re.compile(r"(ft:)?(gpt|chatgpt|o[134]|text-embedding|dall-e|whisper|tts)-[\w.:-]*")
"""What a name of OpenAI's models begins with, where the rest is put behind it."""
ABOUT_MODELS = re.compile(r"model|engine|deployment", re.IGNORECASE)
"""Names of what holds the name of a model."""
WORDS = frozenset({"davinci", "curie", "babbage", "ada", "o1", "o3", "o4"})
VARIABLE = re.compile(r"(AZURE_)?OPENAI_[A-Z0-9_]+|OPEN_AI_[A-Z0-9_]+")
KEY_VARIABLE = re.compile(r"(AZURE_)?OPEN_?AI(_API)?_KEY")
KEY_MENTIONED = re.compile(rf"(?<![A-Za-z0-9_]){KEY_VARIABLE.pattern}(?![A-Za-z0-9_])")
SETTING_VARIABLE = re.compile(
    r"\w*OPEN_?AI_\w*(KEY|ORG|PROJECT|API_TYPE|API_VERSION|API_BASE|URL|HOST|ENDPOINT|PROXY|AD_TOKEN|HEADERS|DEPLOYMENT)\w*"
)
"""Variables whose value means something to OpenAI or Azure only; others, such as a time limit, are good everywhere."""
URL_VARIABLE = re.compile(r"(AZURE_)?OPENAI_(BASE_URL|API_BASE|API_BASE_URL|API_HOST|ENDPOINT)")
SECRET = re.compile(r"(?<![A-Za-z0-9_-])sk-(proj-|svcacct-|admin-)?[A-Za-z0-9_-]{16,}")
FRAMEWORKS = frozenset(
    {
        *("agents", "agno", "autogen", "autogen_ext", "camel", "chromadb", "crewai", "deepeval", "dspy", "guidance"),
        *("haystack", "instructor", "langchain", "langchain_community", "langchain_openai", "lightrag", "litellm"),
        *("llama_index", "mem0", "pydantic_ai", "ragas", "semantic_kernel", "smolagents"),
    }
)
"""Packages that read OpenAI's variables by themselves (gotchas G02, G06, G30)."""
CURRENT: Mapping[str, Mapping[str, str]] = {
    "ChatCompletion": {"": "chat.completions"},
    "Completion": {"": "completions"},
    "Embedding": {"": "embeddings"},
    "Image": {
        "": "images",
        "create": "images.generate",
        "acreate": "images.generate",
        "create_edit": "images.edit",
        "acreate_edit": "images.edit",
        "acreate_variation": "images.create_variation",
    },
    "Audio": {
        "": "audio",
        "transcribe": "audio.transcriptions.create",
        "translate": "audio.translations.create",
    },
    "File": {"": "files"},
    "FineTune": {"": "fine_tuning.jobs"},
    "FineTuningJob": {"": "fine_tuning.jobs"},
    "Model": {"": "models"},
    "Moderation": {"": "moderations"},
    "Edit": {"": "edits"},
    "Engine": {"": "engines"},
}
"""Classes of the 0.28 API -> today's resource; their methods keep their names unless listed."""
MODEL_ARGUMENTS = ("model", "engine", "deployment_id")
DEPTH = 4
"""How many names lie at most between the messages of a call and the picture in them."""
OPENAIS_OWN = ("organization", "project", "admin_api_key", "data_residency", "provider", "workload_identity")
"""Arguments of a client that mean something to OpenAI only."""
ENDPOINTS = ("api_base", "base_url", "azure_endpoint")
OPENAIS_KEY = re.compile(r"sk-(proj|svcacct|admin)-")
"""Keys that nobody but OpenAI gives out."""


class Points(str, Enum):
    """Where a client sends its requests."""

    OPENAI = "openai"
    AZURE = "azure"
    ELSEWHERE = "elsewhere"
    UNKNOWN = "unknown"


class KeyUse(str, Enum):
    """How a client comes by its key."""

    NONE = "none"
    """It is given none; the SDK reads OpenAI's variable."""
    HERE = "here"
    """The variable is read, or a literal stands, in the call itself."""
    KEPT = "kept"
    """From elsewhere, all of which was seen and is OpenAI's variable or a key in the code."""
    EMPTY = "empty"
    """The same, but it may be empty; the SDK then reads OpenAI's variable."""
    FOREIGN = "foreign"
    """Some of where it comes from was not seen, or is no variable of OpenAI's."""


@dataclass(frozen=True, slots=True)
class Reach:
    """Where a key goes: where its client points, and whether the client can be moved."""

    points: Points
    host: str | None
    movable: bool

    def stays(self, is_home: Callable[[str | None], bool]) -> bool:
        """Whether the client keeps its key after the move to the provider of these hosts."""
        return not self.movable and not is_home(self.host)


class Flow(str, Enum):
    """Where a model name goes."""

    REACHES = "reaches"
    """A call through a client that points to OpenAI."""
    ELSEWHERE = "elsewhere"
    """Only calls through clients that point elsewhere."""
    LIKELY = "likely"
    """No call that we can follow, but its name says that it is a model in use."""
    MENTIONED = "mentioned"
    """A table, a comparison, a list, a call that cannot be followed: a person must say what it is for."""


@dataclass(frozen=True, slots=True, eq=False)
class Given:
    """One argument as a call receives it."""

    name: str
    span: Span
    """Of the value, in ``path``."""
    path: str
    direct: bool
    """Written as a keyword of the call itself, not through ``**`` or ``functools.partial``."""
    inline: bool
    """The value is a literal right there."""
    values: Values
    term: Term
    text: bool = False
    """It is annotated as a single text."""

    @property
    def constants(self) -> tuple[Constant, ...]:
        """The literals it may be."""
        return tuple(v for v in self.values if isinstance(v, Constant))

    @property
    def strings(self) -> tuple[str, ...]:
        """The literal strings it may be."""
        return tuple(v.literal.value for v in self.constants if isinstance(v.literal.value, str))

    @property
    def environments(self) -> tuple[Environment, ...]:
        """The environment variables it may come from."""
        return tuple(v for v in self.values if isinstance(v, Environment))

    @property
    def display(self) -> Display | None:
        """The dictionary or list that it is, if it is written out."""
        return next((v for v in self.values if isinstance(v, Display)), None)


@dataclass(frozen=True, slots=True, eq=False)
class ClientSite:
    """A client is constructed."""

    path: str
    span: Span
    callee: Span
    kind: str
    points: Points
    host: str | None
    given: Mapping[str, Given]
    opaque: bool
    """Some arguments hide in ``*`` or ``**`` that cannot be followed."""
    wrapper: str | None
    """The module that exports the SDK's class under its own name."""
    bare: bool
    """Called by a plain name: ``OpenAI(…)``, not ``openai.OpenAI(…)``."""
    derived: bool = False
    """Made from another client, by ``with_options`` or ``copy``."""
    key: KeyUse = KeyUse.NONE
    beside: tuple[Reach, ...] = ()
    """Where else the same reads and literals of keys go."""

    @property
    def movable(self) -> bool:
        """Whether it points to OpenAI or Azure, and all that must change is written in the call itself."""
        names = self.given if self.points is Points.AZURE else ("base_url", "api_key", *OPENAIS_OWN)
        direct = all(self.given[n].direct for n in names if n in self.given)
        return self.points in (Points.OPENAI, Points.AZURE) and not self.opaque and direct

    @property
    def reach(self) -> Reach:
        """Where its key goes."""
        return Reach(self.points, self.host, self.movable)


@dataclass(frozen=True, slots=True, eq=False)
class CallSite:
    """A method of the API is called, or named without a call (``called`` False)."""

    path: str
    span: Span
    callee: Span
    api: str
    points: Points
    host: str | None
    """Of the endpoint, where that is not OpenAI's and known."""
    given: Mapping[str, Given]
    opaque: bool
    called: bool
    legacy: bool
    """The 0.28 module-level API."""
    known: bool
    """The receiver was resolved; otherwise only its path looks like the SDK's."""
    models: tuple[str, ...]
    images: bool
    """Its messages, as far as they are written out, hold image parts."""
    module_level: bool = False
    """Called on the module itself: ``openai.chat.completions.create``."""

    @property
    def endpoint(self) -> str:
        """The current API that this calls: ``ChatCompletion.acreate`` and ``beta.chat…`` are
        ``chat.completions.create``."""
        return current(self.api)


@dataclass(frozen=True, slots=True, eq=False)
class ModelSite:
    """A model of OpenAI is named."""

    path: str
    span: Span
    name: str
    role: str
    plain: bool
    flow: Flow
    vision: bool


@dataclass(frozen=True, slots=True, eq=False)
class EnvironmentSite:
    """A variable of OpenAI is named.

    ``read`` spans the whole read when its value reaches a client, ``reaches`` says which.
    """

    path: str
    span: Span
    name: str
    role: str
    read: Span | None
    shared: bool
    """A framework that reads the variable by itself is imported somewhere in the project."""
    reaches: tuple[Reach, ...] = ()
    others: tuple[Reach, ...] = ()
    """Who else takes OpenAI's key from the environment and cannot be moved, anywhere in the project."""
    may_fail: bool = True
    """The read may raise: it does so already, or it is made where the client is. On import, others may need the module
    without the key."""
    default: bool = False
    """The read has a default that is not empty."""
    writes_unseen: bool = False
    """The variable is set to something that cannot be followed."""
    message: str | None = None
    """The text that names the variable among other words."""


@dataclass(frozen=True, slots=True, eq=False)
class SecretSite:
    """A key stands in the code."""

    path: str
    span: Span
    role: str
    reaches: tuple[Reach, ...]
    """The clients that it goes to."""
    openais: bool
    """It is nothing but a key whose form, or the name that it gets, says that it is OpenAI's."""


@dataclass(frozen=True, slots=True, eq=False)
class UrlSite:
    """A URL of OpenAI stands in the code."""

    path: str
    span: Span
    url: str
    to_client: bool


@dataclass(frozen=True, slots=True, eq=False)
class DeploymentSite:
    """A deployment of Azure is named, or the variable that names it."""

    path: str
    span: Span
    name: str
    plain: bool
    """It is a single string literal."""
    variable: bool


@dataclass(frozen=True, slots=True, eq=False)
class RoleSite:
    """A message has the role ``developer`` or ``function``."""

    path: str
    span: Span
    role: str
    flow: Flow


@dataclass(frozen=True, slots=True, eq=False)
class ImportSite:
    """The SDK, or a module of it, is imported."""

    path: str
    span: Span
    module: str
    alias: str
    """The name that the SDK's module has in this file."""
    configure: str | None
    """The attribute for the endpoint (``base_url`` or ``api_base``), where this file uses the module-level client and
    nothing in the project sets its key."""
    host: str | None = None
    """Where the project points the module-level client, if not to OpenAI."""


@dataclass(frozen=True, slots=True, eq=False)
class HandlerSite:
    """An exception of the SDK is caught."""

    path: str
    span: Span
    name: str
    legacy: bool


@dataclass(frozen=True, slots=True, eq=False)
class SettingSite:
    """``openai.api_key = …``: the module-level client is configured. ``value`` spans the right side."""

    path: str
    span: Span
    name: str
    base: str
    """The module as it is called here."""
    value: Span
    statement: Span
    legacy: bool
    """The file uses the 0.28 API."""
    complete: bool
    """The same file also sets the endpoint."""
    elsewhere: bool
    """The file points the module to a host that is not OpenAI's."""
    unknown: bool
    """The endpoint is decided where it cannot be followed."""
    host: str | None
    key: KeyUse
    """Where the value comes from, for ``api_key``."""


Site = (
    ClientSite
    | CallSite
    | ModelSite
    | EnvironmentSite
    | SecretSite
    | UrlSite
    | DeploymentSite
    | RoleSite
    | ImportSite
    | HandlerSite
    | SettingSite
)


def find(project: Project) -> dict[str, tuple[Site, ...]]:
    """Return the sites of every file of the project, in the order of their places."""
    finder = _Finder(project)
    return {path: finder.of_file(path) for path in sorted(project.facts)}


def uses_framework(project: Project) -> bool:
    """Whether a package that reads OpenAI's variables by itself is imported anywhere."""
    modules = {i.module.partition(".")[0] for f in project.facts.values() for i in f.imports if i.level == 0}
    return not modules.isdisjoint(FRAMEWORKS)


def keeps_key(found: Mapping[str, Iterable[Site]], is_home: Callable[[str | None], bool]) -> bool:
    """Whether something needs OpenAI's key in the environment even after the move to the provider of these hosts."""
    every = [site for those in found.values() for site in those]
    kept = [r for s in every if isinstance(s, EnvironmentSite) and KEY_VARIABLE.fullmatch(s.name) for r in s.reaches]
    kept += [s.reach for s in every if isinstance(s, ClientSite) and s.key is KeyUse.NONE and not s.derived]
    raw = any(isinstance(s, UrlSite) and not s.to_client for s in every)
    return raw or any(r.stays(is_home) for r in kept)


@dataclass
class _Use:
    """A client that takes a key: where it is made, and where it points."""

    path: str
    scope: int
    reach: Reach


@dataclass
class _Read:
    """A read of the environment whose value reaches clients."""

    value: Environment
    uses: list[_Use] = field(default_factory=list)


@dataclass
class _Flows:
    """Which literals and environment reads reach clients, collected over the whole project."""

    models: dict[int, set[Points]]
    seen: set[int]
    """Literals of models in calls that carry images."""
    keys: dict[int, list[Reach]]
    """Literals whose value becomes a client's key or URL."""
    reads: dict[int, _Read]
    """Literals that name a variable whose value becomes a client's key or URL -> the read."""
    roles: dict[int, set[Points]]
    """Literals of roles in the messages of chat calls."""
    heard: set[int]
    """Literals of roles in the input of calls that are no chat."""
    lost: set[int]
    """Literals of models and roles in calls whose receiver could not be followed."""
    deployments: dict[tuple[str, Span], DeploymentSite]
    """What calls to Azure give as their model."""


class _Finder:
    def __init__(self, project: Project) -> None:
        self.project = project
        self.flows = _Flows({}, set(), {}, {}, {}, set(), set(), {})
        self.resolved: dict[str, list[Site]] = {path: [] for path in project.facts}
        self.settings = self._all_settings()
        self.configured = any(
            s.name in ("api_key", "api_key_path") and self._is_sdk(f, s)
            for f in project.facts.values()
            for s in f.stores
        )
        self.shared = uses_framework(project)
        for path, facts in project.facts.items():
            self.resolved[path] = list(self._clients_and_calls(facts))
        for path, facts in project.facts.items():
            self._follow_settings(path, facts)
        for path, resolved in self.resolved.items():
            self.resolved[path] = [self._with_key(s) if isinstance(s, ClientSite) else s for s in resolved]
        self.others = tuple(self._staying())
        self.raw = any(
            OPENAI_HOST.search(str(t.literal.value)) and id(t.literal) not in self.flows.keys
            for f in project.facts.values()
            for t in f.texts
        )
        pointed = {s.points for those in self.resolved.values() for s in those if isinstance(s, ClientSite)}
        self.all_move = bool(pointed & {Points.OPENAI, Points.AZURE}) and Points.ELSEWHERE not in pointed

    def of_file(self, path: str) -> tuple[Site, ...]:
        facts = self.project.facts[path]
        sites = [*self.resolved[path], *self._settings_sites(facts), *self._imports(facts), *self._handlers(facts)]
        sites += self._texts(facts)
        sites += [site for (place, _), site in self.flows.deployments.items() if place == path]
        return tuple(sorted(sites, key=lambda s: (s.span, type(s).__name__)))

    # -- clients and calls ----------------------------------------------------------------------------------------

    def _clients_and_calls(self, facts: Facts) -> Iterator[Site]:
        for call in facts.calls:
            if (site := self._call(facts.path, call)) is not None:
                yield site
        for reference in facts.references:
            if (site := self._reference(facts.path, reference)) is not None:
                yield site

    def _call(self, path: str, call: Call) -> ClientSite | CallSite | None:
        values = self.project.functions(path, call)
        for value in values:
            if isinstance(value, External) and (kind := client_kind(value.dotted)) is not None:
                return self._client(path, call, kind, next((w for w in WRAPPERS if value.dotted.startswith(w)), None))
            if isinstance(value, Class) and (kind := self.project.client_base(value)) is not None:
                # What its own ``__init__`` takes is its own affair: the client is made where that calls the SDK's.
                return None if self._has_own_init(value) else self._client(path, call, kind, None)
            if isinstance(value, Super) and isinstance(call.func, Attr):
                continue
        if isinstance(call.func, Attr) and call.func.name == "__init__":
            for value in self.project.values(path, call.func.base):
                if isinstance(value, Super):
                    own = self.project.client_base(Class(value.path, value.index))
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
        if (api := _suffix(call.func)) is not None and all(_is_nobodys(v, api) for v in values):
            given, opaque = self._given((path, call))
            points = Points.UNKNOWN
            images = self._has_images(given)
            models = self._follow_models(given, points, images)
            self._follow_roles(given, points)
            self.flows.lost.update(
                id(c.literal) for name in MODEL_ARGUMENTS if name in given for c in given[name].constants
            )
            self.flows.lost.update(map(id, self._roles(given.get("messages"))))
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
            )
        return None

    def _passes_on(self, path: str, call: Call, site: CallSite) -> bool:
        """Whether a call is but plumbing for a method named elsewhere: ``function(*args, **kwargs)``."""
        return (
            isinstance(call.func, Name)
            and all(a.name in ("*", "**") and self._is_parameter(path, a.value) for a in call.arguments)
            and (not site.given or self._is_parameter(path, call.func))
        )

    def _is_parameter(self, path: str, term: Term) -> bool:
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
                    given, _ = self._given((path, replace(call, arguments=handed(call, place))))
                    self._follow_models(given, self._endpoint_of(path, members)[0], images=False)

    def _client(self, path: str, call: Call, kind: str, wrapper: str | None) -> ClientSite:
        return self._taking(self._built(path, call, kind, wrapper), call)

    def _built(self, path: str, call: Call, kind: str, wrapper: str | None) -> ClientSite:
        given, opaque = self._given((path, call))
        points, host = self._points(kind, given, opaque)
        bare = isinstance(call.func, Name)
        return ClientSite(path, call.span, call.callee, kind, points, host, given, opaque, wrapper, bare)

    def _derived(self, path: str, call: Call, member: Member) -> ClientSite:
        """``client.with_options(api_key=…)``: points where the client does, unless it says otherwise."""
        assert member.client is not None
        given, opaque = self._given((path, call))
        points, host = self._client_points(path, member.client)
        kind, made = member.client.kind, member.client.made
        if "base_url" in given:
            points, host = self._points(kind, given, opaque)
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
                self._take(site.path, call.scope, site.given[name].values, site.reach)
        return site

    def _take(self, path: str, scope: int, values: Values, reach: Reach) -> None:
        for value in values:
            if isinstance(value, Environment) and (variable := keys.variable_of(value)) is not None:
                read = self.flows.reads.setdefault(id(variable), _Read(value))
                read.uses.append(_Use(path, scope, reach))
            elif isinstance(value, Constant):
                self.flows.keys.setdefault(id(value.literal), []).append(reach)

    def _with_key(self, site: ClientSite) -> ClientSite:
        """Say how a client comes by its key; needs the reads of all clients."""
        given = site.given.get("api_key")
        if given is None:
            return site
        reaches: list[Reach] = []
        origin = keys.trace(self.project, given.path, given.term)
        for leaf in keys.leaves(origin):
            if isinstance(leaf, Environment) and (read := self.flows.reads.get(id(keys.variable_of(leaf)))):
                reaches += [use.reach for use in read.uses]
            elif isinstance(leaf, Literal):
                reaches += self.flows.keys.get(id(leaf), ())
        return replace(site, key=self._key_use(given.term, origin), beside=tuple(dict.fromkeys(reaches)))

    def _key_use(self, term: Term, origin: keys.Origin) -> KeyUse:
        written = origin.term if isinstance(origin, Environment) else origin
        leaves = tuple(keys.leaves(origin))
        reads = [leaf for leaf in leaves if isinstance(leaf, Environment)]
        literals = [leaf.value for leaf in leaves if isinstance(leaf, Literal)]
        unseen = not leaves or any(isinstance(leaf, keys.Unseen) for leaf in leaves)
        if unseen or not all(KEY_VARIABLE.fullmatch(read.name) for read in reads):
            return KeyUse.FOREIGN
        if written is not term and any(keys.variable_of(read) is None for read in reads):
            return KeyUse.FOREIGN  # Named where nobody renames it for sure.
        if written is term or any(value and not SECRET.search(str(value)) for value in literals):
            return KeyUse.HERE
        return KeyUse.EMPTY if keys.can_be_empty(origin, self._may_fail) else KeyUse.KEPT

    def _may_fail(self, read: Environment) -> bool:
        """Whether a read may raise where the variable is missing: see ``EnvironmentSite``."""
        variable = keys.variable_of(read)
        if variable is None:
            return False
        if isinstance(read.term, Item) or not keys.runs_on_import(self.project, read.path, read.term.scope):
            return True
        known = self.flows.reads.get(id(variable))
        uses = known.uses if known is not None else []
        return any(u.path == read.path and keys.runs_on_import(self.project, u.path, u.scope) for u in uses)

    def _staying(self) -> Iterator[Reach]:
        """Yield who takes OpenAI's key from the environment and cannot be moved."""
        for read in self.flows.reads.values():
            if KEY_VARIABLE.fullmatch(read.value.name):
                yield from (use.reach for use in read.uses if not use.reach.movable)
        for resolved in self.resolved.values():
            for site in resolved:
                if isinstance(site, ClientSite) and site.key is KeyUse.NONE and not (site.derived or site.movable):
                    yield site.reach
        for facts in self.project.facts.values():
            for text in facts.texts:
                if OPENAI_HOST.search(str(text.literal.value)) and id(text.literal) not in self.flows.keys:
                    yield Reach(Points.OPENAI, None, movable=False)

    def _has_own_init(self, cls: Class) -> bool:
        facts = self.project.facts
        return any("__init__" in facts[c.path].classes[c.index].methods for c in self.project.lineage(cls))

    def _api_call(self, path: str, call: Call, members: list[Member]) -> CallSite:
        member = members[0]
        given, opaque = self._given(*member.bound, (path, call))
        points, host = self._endpoint_of(path, members)
        if member.client is None and "api_base" in given:
            points, host = self._points("", {"base_url": given["api_base"]}, opaque=False)
        if member.client is None and "api_key" in given:
            self._take(path, call.scope, given["api_key"].values, Reach(points, host, _moves(points)))
        images = self._has_images(given)
        models = self._follow_models(given, points, images)
        self._follow_roles(given, points)
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
        )

    def _reference(self, path: str, use: Use) -> CallSite | None:
        members = [m for v in self.project.values(path, use.term) if (m := _member(v)) is not None and not m.bound]
        if not members:
            return None
        points, host = self._endpoint_of(path, members)
        legacy = openai_api.v0_method(members[0].path)
        return CallSite(
            path,
            use.span,
            use.span,
            members[0].path,
            points,
            host,
            {},
            opaque=True,
            called=False,
            legacy=legacy,
            known=True,
            models=(),
            images=False,
        )

    def _endpoint_of(self, path: str, members: list[Member]) -> tuple[Points, str | None]:
        """Where the clients of a call point: to OpenAI if any of them may."""
        found = dict(self._client_points(path, m.client) for m in members)
        points = next(p for p in (Points.OPENAI, Points.AZURE, Points.UNKNOWN, Points.ELSEWHERE) if p in found)
        return points, found[points]

    def _client_points(self, path: str, client: Client | None) -> tuple[Points, str | None]:
        if client is None:
            return self.settings[path]
        if client.made is None:
            return (Points.AZURE if "Azure" in client.kind else Points.OPENAI), None
        given, opaque = self._given(client.made)
        return self._points(client.kind, given, opaque)

    def _points(self, kind: str, given: Mapping[str, Given], opaque: bool) -> tuple[Points, str | None]:
        if "Azure" in kind:
            return Points.AZURE, None
        if "Bedrock" in kind:
            return Points.ELSEWHERE, "amazonaws.com"
        url = given.get("base_url")
        if url is None:
            return (Points.UNKNOWN if opaque else Points.OPENAI), None
        hosts = [host_of(s) for s in url.strings]
        elsewhere = next((h for h in hosts if h and not OPENAI_HOST.search(h)), None)
        if elsewhere is not None:
            return Points.ELSEWHERE, elsewhere
        if any(hosts) or any(c.literal.value is None for c in url.constants):
            return Points.OPENAI, None
        if url.environments and all(URL_VARIABLE.fullmatch(e.name) for e in url.environments):
            return Points.OPENAI, None
        return Points.UNKNOWN, None

    def _all_settings(self) -> dict[str, tuple[Points, str | None]]:
        """Where the module-level client points in every file: by what the file assigns, else by what others do."""
        own = {path: self._settings(facts) for path, facts in self.project.facts.items()}
        common = next((setting for setting in own.values() if setting is not None), None)
        return {path: setting or common or (Points.OPENAI, None) for path, setting in own.items()}

    def _settings(self, facts: Facts) -> tuple[Points, str | None] | None:
        """Where the module-level client points, by what this file assigns to the module; None: it says nothing."""
        found: tuple[Points, str | None] | None = None
        for store in facts.stores:
            if store.name not in (*ENDPOINTS, "api_type") or not self._is_sdk(facts, store):
                continue
            values = self.project.values(facts.path, store.value)
            texts = [v.literal.value for v in values if isinstance(v, Constant) and isinstance(v.literal.value, str)]
            if store.name == "api_type":
                found = (Points.AZURE, None) if any("azure" in t for t in texts) else found
                continue
            hosts = [h for h in map(host_of, texts) if h]
            elsewhere = next((h for h in hosts if not OPENAI_HOST.search(h)), None)
            if elsewhere is not None:
                return Points.ELSEWHERE, elsewhere
            variables = [v.name for v in values if isinstance(v, Environment)]
            seen = hosts or texts or any(isinstance(v, Constant) for v in values)
            ours = bool(variables) and all(URL_VARIABLE.fullmatch(v) for v in variables)
            here = Points.OPENAI if seen or ours else Points.UNKNOWN
            found = found if found is not None and found[0] is Points.AZURE else (here, None)
        return found

    def _follow_settings(self, path: str, facts: Facts) -> None:
        """Note what the module-level client takes its key and URL from."""
        points, host = self.settings[path]
        for store in facts.stores:
            if store.name in ("api_key", *ENDPOINTS) and self._is_sdk(facts, store):
                values = self.project.values(path, store.value)
                self._take(path, store.scope, values, Reach(points, host, _moves(points)))

    def _is_sdk(self, facts: Facts, store: Store) -> bool:
        values = self.project.values(facts.path, store.base)
        return any(isinstance(v, External) and sdk_name(v.dotted) == "" for v in values)

    # -- arguments ------------------------------------------------------------------------------------------------

    def _given(self, *calls: tuple[str, Call]) -> tuple[dict[str, Given], bool]:
        """Return the arguments by name (later calls win), and whether some cannot be seen."""
        found: dict[str, Given] = {}
        opaque = False
        for path, call in calls:
            for argument in call.arguments:
                term = argument.value
                if argument.name == "**":
                    entries, whole = self.project.dictionary(path, term)
                    opaque = opaque or not whole
                    found.update((name, self._entry(name, places)) for name, places in entries.items())
                elif argument.name == "*":
                    opaque = True
                elif argument.name is not None:
                    direct = call is calls[-1][1]
                    inline, values = isinstance(term, Literal), self.project.values(path, term)
                    text = self._is_text(path, term)
                    found[argument.name] = Given(argument.name, argument.span, path, direct, inline, values, term, text)
        return found, opaque

    def _is_text(self, path: str, term: Term) -> bool:
        """Whether a term is a parameter that is annotated as a text."""
        facts = self.project.facts[path]
        bindings = facts.scopes[term.scope].names.get(term.id, []) if isinstance(term, Name) else []
        for value in (binding.value for binding in bindings):
            if isinstance(value, Parameter):
                declared = next((p for p in facts.functions[value.function].parameters if p.name == value.name), None)
                if declared is not None and isinstance(declared.annotation, Name) and declared.annotation.id == "str":
                    return True
        return False

    def _entry(self, name: str, places: Sequence[tuple[Display, Term]]) -> Given:
        """Return the argument that stands under a name in dictionaries that are unpacked."""
        values = dict.fromkeys(v for display, term in places for v in self.project.values(display.path, term))
        display, term = places[0] if len(places) == 1 else (places[0][0], OPAQUE)
        span = display.term.span
        return Given(name, span, display.path, direct=False, inline=False, values=tuple(values), term=term)

    def _follow_roles(self, given: Mapping[str, Given], points: Points) -> None:
        """Note which roles reach the messages of a call."""
        for value in self._roles(given.get("messages")):
            self.flows.roles.setdefault(id(value), set()).add(points)
        self.flows.heard.update(id(value) for value in self._roles(given.get("input")))

    def _roles(self, given: Given | None) -> Iterator[Literal]:
        displays = [v for v in given.values if isinstance(v, Display)] if given is not None else []
        for path, term in ((d.path, t) for d in displays if isinstance(d.term, Items) for t in d.term.values):
            for message in self.project.values(path, term):
                if isinstance(message, Display) and isinstance(message.term, Entries):
                    for key, value in message.term.items:
                        if isinstance(key, Literal) and key.value == "role":
                            said = self.project.values(message.path, value)
                            yield from (v.literal for v in said if isinstance(v, Constant))

    def _speaks(self, text: Text) -> Flow:
        """Where a message goes, by its role."""
        points = self.flows.roles.get(id(text.literal))
        if points is not None and points - {Points.ELSEWHERE, Points.UNKNOWN}:
            return Flow.REACHES
        if points is not None and Points.UNKNOWN in points:
            return self._uncertain(text)
        return Flow.ELSEWHERE if points is not None or id(text.literal) in self.flows.heard else Flow.LIKELY

    def _uncertain(self, text: Text) -> Flow:
        """What reaches only calls of which nobody knows where they go: is it rewritten?"""
        lost = id(text.literal) in self.flows.lost
        return Flow.MENTIONED if lost and not self.all_move else Flow.LIKELY

    def _has_images(self, given: Mapping[str, Given]) -> bool:
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

    def _follow_deployments(self, given: Mapping[str, Given]) -> None:
        """Note what a call to Azure gives as its model."""
        for value in (v for name in MODEL_ARGUMENTS if name in given for v in given[name].values):
            if isinstance(value, Environment):
                place, name, plain = value.term.span, value.name, False
            elif isinstance(value, Constant) and isinstance(value.literal.value, str):
                place, name, plain = value.literal.span, value.literal.value, value.literal.plain
                if not name or MODEL.fullmatch(name):
                    continue
            else:
                continue
            site = DeploymentSite(value.path, place, name, plain, variable=isinstance(value, Environment))
            self.flows.deployments[value.path, place] = site

    def _follow_models(self, given: Mapping[str, Given], points: Points, images: bool) -> tuple[str, ...]:
        names: dict[str, None] = {}
        if points is Points.AZURE:
            self._follow_deployments(given)
        for argument in MODEL_ARGUMENTS:
            for constant in given[argument].constants if argument in given else ():
                if isinstance(constant.literal.value, str):
                    names[constant.literal.value] = None
                    self.flows.models.setdefault(id(constant.literal), set()).add(points)
                    if images:
                        self.flows.seen.add(id(constant.literal))
        return tuple(names)

    # -- the rest -------------------------------------------------------------------------------------------------

    def _settings_sites(self, facts: Facts) -> Iterator[SettingSite]:
        own = [s for s in facts.stores if self._is_sdk(facts, s)]
        legacy = self._is_legacy(facts.path)
        complete = any(s.name == ("api_base" if legacy else "base_url") for s in own)
        points, host = self.settings[facts.path]
        for store in own:
            if store.name in openai_api.settings() and isinstance(store.base, Name):
                yield SettingSite(
                    facts.path,
                    store.span,
                    store.name,
                    store.base.id,
                    store.assigned,
                    store.statement,
                    legacy,
                    complete,
                    points is Points.ELSEWHERE,
                    points is Points.UNKNOWN,
                    host,
                    self._key_use(store.value, keys.trace(self.project, facts.path, store.value)),
                )

    def _is_legacy(self, path: str) -> bool:
        """Whether a file uses the 0.28 API; one that only configures it goes with the others."""
        calls = [s for s in self.resolved[path] if isinstance(s, CallSite) and _on_module(s)]
        if not calls:
            calls = [s for r in self.resolved.values() for s in r if isinstance(s, CallSite) and _on_module(s)]
        return any(s.legacy for s in calls)

    def _imports(self, facts: Facts) -> Iterator[ImportSite]:
        configure = None
        points, host = self.settings[facts.path]
        if not self.configured and points is not Points.UNKNOWN and self._uses_module(facts.path):
            configure = "api_base" if self._is_legacy(facts.path) else "base_url"
        for fact in facts.imports:
            if fact.level == 0 and (fact.module == "openai" or fact.module.startswith("openai.")):
                alias = fact.alias if fact.module == "openai" and not fact.names else None
                yield ImportSite(
                    facts.path, fact.span, fact.module, alias or "openai", configure if alias else None, host
                )
                configure = None if alias else configure
            elif fact.module in WRAPPERS and "openai" in fact.names:
                yield ImportSite(facts.path, fact.span, fact.module, "openai", configure, host)
                configure = None

    def _uses_module(self, path: str) -> bool:
        """Whether a file calls the module-level client."""
        return any(isinstance(s, CallSite) and s.module_level for s in self.resolved[path])

    def _handlers(self, facts: Facts) -> Iterator[HandlerSite]:
        for handler in facts.handlers:
            for value in self.project.values(facts.path, handler.term):
                caught = sdk_name(value.dotted) if isinstance(value, External) else None
                if caught:
                    name, legacy = caught.removeprefix("error."), caught.startswith("error.")
                    yield HandlerSite(facts.path, handler.span, name, legacy)
                    break

    def _texts(self, facts: Facts) -> Iterator[Site]:
        for text in facts.texts:
            value = str(text.literal.value)
            span = text.literal.span
            if VARIABLE.fullmatch(value):
                yield self._variable(facts, text)
            elif SECRET.search(value):
                reaches = tuple(dict.fromkeys(self.flows.keys.get(id(text.literal), ())))
                openais = OPENAIS_KEY.match(value) or re.search(r"open_?ai", text.of or "", re.IGNORECASE)
                whole = SECRET.fullmatch(value) is not None
                yield SecretSite(facts.path, span, text.role, reaches, whole and openais is not None)
            elif (named := KEY_MENTIONED.search(value)) is not None and text.literal.plain:
                yield EnvironmentSite(
                    facts.path, span, named[0], text.role, None, self.shared, others=self.others, message=value
                )
            elif OPENAI_HOST.search(value):
                yield UrlSite(facts.path, span, value, id(text.literal) in self.flows.keys)
            elif value in ("developer", "function"):
                said = id(text.literal) in self.flows.roles or text.role == "message"
                if said and text.literal.plain:
                    yield RoleSite(facts.path, span, value, self._speaks(text))
            elif text.role == "formatted":
                if text.of is not None and ABOUT_MODELS.search(text.of) and BEGINNING.fullmatch(value):
                    yield ModelSite(facts.path, span, value, text.role, plain=False, flow=Flow.MENTIONED, vision=False)
            elif MODEL.fullmatch(value) and (flow := self._flow(text)) is not None:
                vision = id(text.literal) in self.flows.seen
                yield ModelSite(facts.path, span, value, text.role, text.literal.plain, flow, vision)

    def _variable(self, facts: Facts, text: Text) -> EnvironmentSite:
        read = self.flows.reads.get(id(text.literal))
        site = EnvironmentSite(
            facts.path, text.literal.span, str(text.literal.value), text.role, None, self.shared, others=self.others
        )
        if read is None:
            unseen = any(w.key is text.literal and not self._writes_key(facts.path, w.value) for w in facts.writes)
            return replace(site, writes_unseen=unseen)
        term = read.value.term
        default = isinstance(term, Call) and any(not _is_empty(a.value) for a in term.arguments[1:])
        reaches = tuple(dict.fromkeys(use.reach for use in read.uses))
        may_fail = self._may_fail(read.value)
        return replace(site, read=term.span, reaches=reaches, may_fail=may_fail, default=default)

    def _writes_key(self, path: str, value: Term) -> bool:
        """Whether what is written into the variable will be the right key after the move: it is replaced or renamed
        itself, is no key, or somebody types it."""
        if keys.asks(self.project, path, value) or _names_key(value):
            return True
        found = keys.leaves(keys.trace(self.project, path, value))
        return all(
            isinstance(leaf, Literal) or (isinstance(leaf, Environment) and KEY_VARIABLE.fullmatch(leaf.name))
            for leaf in found
        )

    def _flow(self, text: Text) -> Flow | None:
        points = self.flows.models.get(id(text.literal))
        if points is not None:
            if points & {Points.OPENAI, Points.AZURE}:
                return Flow.REACHES
            return self._uncertain(text) if Points.UNKNOWN in points else Flow.ELSEWHERE
        about_models = text.of is not None and ABOUT_MODELS.search(text.of)
        if text.literal.value in WORDS and not about_models:
            return None
        if about_models and text.role in ("assign", "default", "keyword", "entry") and not self.raw:
            return Flow.LIKELY  # where requests are made by hand, it may belong to one of these, which stays
        return Flow.MENTIONED


def current(api: str) -> str:
    """Return today's path of a method: that of the 0.28 API's successor, and without ``beta`` where it left that
    stage."""
    head, _, tail = api.partition(".")
    if head in CURRENT:
        tail = tail.removeprefix("a") if tail.removeprefix("a") in ("create", "transcribe", "translate") else tail
        return CURRENT[head].get(tail, f"{CURRENT[head]['']}.{tail}")
    left = api.removeprefix("beta.")
    return left if left.startswith(("chat.", "responses.", "realtime.")) else api


def host_of(url: str) -> str | None:
    """Return the host of a URL, or None if the text is none."""
    try:
        return urlsplit(url).hostname if "://" in url else None
    except ValueError:
        return None


def _on_module(site: CallSite) -> bool:
    return site.module_level or site.legacy


def _moves(points: Points) -> bool:
    return points in (Points.OPENAI, Points.AZURE)


def _is_empty(term: Term) -> bool:
    return isinstance(term, Literal) and not term.value


def _names_key(term: object) -> bool:
    """Whether a look-up is made by the name of the variable, which is renamed there too."""
    match term:
        case Item(key=Literal(value=str() as name)):
            return KEY_VARIABLE.fullmatch(name) is not None
        case Call(arguments=arguments):
            found = [a.value.value for a in arguments if isinstance(a.value, Literal)]
            return any(isinstance(name, str) and KEY_VARIABLE.fullmatch(name) for name in found)
    return False


def _member(value: object) -> Member | None:
    """Return the API method that a value is, or None."""
    match value:
        case Member() if openai_api.is_method(value.path):
            return value
        case External():
            path = sdk_name(value.dotted)
            if path is not None and (openai_api.is_method(path) or openai_api.v0_method(path)):
                return Member(None, path)
    return None


def _is_nobodys(value: object, api: str) -> bool:
    """Whether a value comes from where we cannot look, and neither its package nor being a package's own function says
    that it is another's."""
    if not isinstance(value, External | Foreign) or sdk_name(value.dotted) is not None:
        return False
    thing = value.dotted.removesuffix(f".{api}")
    return not is_other_vendors(value.dotted) and (isinstance(value, Foreign) or "." in thing)


def _suffix(term: object) -> str | None:
    """Return the API path that an unresolved callee ends in, if only this SDK has it."""
    names: list[str] = []
    while isinstance(term, Attr):
        names.insert(0, term.name)
        term = term.base
    if not isinstance(term, Name | Call | Item):
        return None
    return openai_api.method_at_end(".".join(names)) if len(names) > 1 else None
