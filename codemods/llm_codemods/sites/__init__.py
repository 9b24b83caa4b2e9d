"""Resolved uses of OpenAI: what the rules look at.

``find`` looks at a whole project: ``clients`` first (and, in ``flows``, what reaches them), then what stands around
them in every file. What they find is of one of the kinds in ``kinds``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable, Mapping
from types import MappingProxyType

from llm_codemods.edits import Place
from llm_codemods.origin import OPENAI, Origin
from llm_codemods.project import Project
from llm_codemods.retirement import NONE, Retirements
from llm_codemods.sites.clients import Clients
from llm_codemods.sites.doubles import Doubles
from llm_codemods.sites.frameworks import Frameworks
from llm_codemods.sites.kinds import Site
from llm_codemods.sites.kinds.clients import CallSite, ClientMethodSite, ClientSite, KeyUse
from llm_codemods.sites.kinds.frameworks import (
    Config,
    FrameworkSite,
    HiddenDependencySite,
    RedirectSite,
    StructuredSite,
    TokenizerSite,
    TraceSite,
)
from llm_codemods.sites.kinds.given import Given, Pieces
from llm_codemods.sites.kinds.module import (
    DoubleSite,
    ExceptionSite,
    FailureSite,
    HandlerSite,
    ImportSite,
    RetrySite,
    SettingSite,
    SubclassSite,
)
from llm_codemods.sites.kinds.points import MODULE_LEVEL, Points, Reach, module_level
from llm_codemods.sites.kinds.requests import Asking, BodySite, RequestSite
from llm_codemods.sites.kinds.responses import ErrorCodeSite, Handed, HandedSite, ResponseSite, TurnSite
from llm_codemods.sites.kinds.surroundings import (
    CacheSite,
    ClientProxySite,
    PackageSite,
    ProxySite,
    TimeLimitSite,
    WorkersSite,
)
from llm_codemods.sites.kinds.texts import (
    BranchSite,
    DeploymentSite,
    EnvironmentSite,
    Flow,
    ModelSite,
    PersonaSite,
    RetiredSite,
    RoleSite,
    SecretSite,
    TableSite,
    UrlSite,
)
from llm_codemods.sites.kinds.upgrades import NewClients, Upgrade
from llm_codemods.sites.models import Models
from llm_codemods.sites.module import SdkModule
from llm_codemods.sites.responses import Responses
from llm_codemods.sites.retired import Retired
from llm_codemods.sites.surface import Surface
from llm_codemods.sites.surroundings import Surroundings
from llm_codemods.sites.texts import Texts
from llm_codemods.sites.upgrades import Upgrades
from llm_codemods.target import Target
from llm_codemods.vocabulary import FRAMEWORKS

__all__ = [
    "MODULE_LEVEL",
    "Asking",
    "BodySite",
    "BranchSite",
    "CacheSite",
    "CallSite",
    "ClientMethodSite",
    "ClientProxySite",
    "ClientSite",
    "Config",
    "DeploymentSite",
    "DoubleSite",
    "EnvironmentSite",
    "ErrorCodeSite",
    "ExceptionSite",
    "FailureSite",
    "Flow",
    "FrameworkSite",
    "Given",
    "Handed",
    "HandedSite",
    "HandlerSite",
    "HiddenDependencySite",
    "ImportSite",
    "KeyUse",
    "ModelSite",
    "NewClients",
    "PackageSite",
    "PersonaSite",
    "Pieces",
    "Points",
    "ProxySite",
    "Reach",
    "RedirectSite",
    "RequestSite",
    "ResponseSite",
    "RetiredSite",
    "RetrySite",
    "RoleSite",
    "SecretSite",
    "SettingSite",
    "Site",
    "StructuredSite",
    "SubclassSite",
    "TableSite",
    "TimeLimitSite",
    "TokenizerSite",
    "TraceSite",
    "TurnSite",
    "Upgrade",
    "UrlSite",
    "WorkersSite",
    "find",
    "frameworks_stay",
    "is_configured",
    "keeps_key",
    "module_level",
    "moves",
    "uses_framework",
]


def find(
    project: Project,
    left: Container[Place] = (),
    switches: Mapping[str, str | None] = MappingProxyType({}),
    retirements: Retirements = NONE,
) -> dict[str, tuple[Site, ...]]:
    """Return the sites of every file of the project, in the order of their places.

    ``retirements``: the models that are reported because they have ended, or will soon; the rest as in ``Clients``.
    """
    clients = Clients(project, left, switches)
    module = SdkModule(clients)
    surface = Surface(clients)
    frameworks = Frameworks(clients)
    models = Models(clients)
    doubles = Doubles(clients)
    surroundings = Surroundings(clients, frameworks=uses_framework(project))
    responses = Responses(clients)
    retired = Retired(clients, retirements)
    objects = [s for sites in frameworks.sites.values() for s in sites if isinstance(s, FrameworkSite)]
    shared = bool(left) or frameworks_stay(project, frameworks.sites)
    texts = Texts(clients, shared=shared, objects=objects)
    deployments: dict[str, list[DeploymentSite]] = defaultdict(list)
    for (path, _), site in clients.flows.deployments.items():
        deployments[path].append(site)
    found: dict[str, list[Site]] = {}
    for path in sorted(project.facts):
        facts = project.facts[path]
        found[path] = [
            *clients.sites[path],
            *frameworks.sites[path],
            *module.sites(facts),
            *surface.sites(facts),
            *clients.requests.sites[path],
            *clients.requests.bodies[path],
            *texts.sites(facts),
            *models.sites[path],
            *doubles.sites(facts),
            *surroundings.sites(facts),
            *responses.sites(facts),
            *deployments[path],
            *retired.sites(facts),
        ]
    found = Upgrades(clients).upgraded(found)
    return {path: tuple(sorted(those, key=lambda s: (s.span, type(s).__name__))) for path, those in found.items()}


def uses_framework(project: Project) -> bool:
    """Whether a package that reads the variables of the old provider by itself is imported anywhere: OpenAI's are."""
    if not project.origin.is_openai:
        return False
    return not project.packages.isdisjoint(FRAMEWORKS)


def moves(found: Mapping[str, Iterable[Site]], target: Target) -> bool:
    """Whether something asks the target's endpoint after the move, or does so already."""
    every = [site for sites in found.values() for site in sites]
    return any(
        site.points in (Points.OPENAI, Points.AZURE) or target.is_home(site.host)
        for site in every
        if isinstance(site, ClientSite | FrameworkSite) or (isinstance(site, CallSite) and _has_client(site))
    ) or any(site.group.goes(target) or target.is_home(site.host) for site in every if isinstance(site, RequestSite))


def _has_client(site: CallSite) -> bool:
    """Whether the client of a call is seen, or is the module's own."""
    return bool(site.clients) or site.legacy or site.module_level


def is_configured(found: Mapping[str, Iterable[Site]]) -> bool:
    """Whether a client's endpoint is decided outside of the code."""
    every = (site for sites in found.values() for site in sites)
    return any(isinstance(s, ClientSite | CallSite) and s.points is Points.UNKNOWN for s in every)


def frameworks_stay(project: Project, found: Mapping[str, Iterable[Site]], target: Target | None = None) -> bool:
    """Whether a package that reads OpenAI's variables by itself is imported anywhere, and goes on to read them after a
    move: some of its objects are not moved by themselves, or to this target, or none is in sight."""
    if not project.origin.is_openai:
        return False
    every = [site for those in found.values() for site in those]
    objects = [site for site in every if isinstance(site, FrameworkSite)]
    stays = (s for s in objects if s.points is not Points.ELSEWHERE)
    if any(not s.movable or (target is not None and s.reach.stays(target)) for s in stays):
        return True
    seen = {_kin(site.dotted) for site in objects} | {_kin(s.row.name) for s in every if isinstance(s, StructuredSite)}
    hidden = any(isinstance(s, HiddenDependencySite) for s in every)
    return hidden or not {_kin(package) for package in project.packages & FRAMEWORKS} <= seen


def _kin(dotted: str) -> str:
    """Return the package of a dotted name; those of one family are one."""
    package = dotted.partition(".")[0]
    return package.partition("_")[0] if package.startswith(("langchain_", "autogen_")) else package


def keeps_key(found: Mapping[str, Iterable[Site]], target: Target, origin: Origin = OPENAI) -> bool:
    """Whether something needs the key of whom it moves from in the environment even after the move to this target."""
    every = [site for those in found.values() for site in those]
    named = [s for s in every if isinstance(s, EnvironmentSite) and origin.key_variable.fullmatch(s.name)]
    if any(s.handed for s in named):
        return True
    kept = [reach for site in named for reach in site.reaches]
    if origin.is_openai:  # the SDK reads no other key by itself
        kept += [s.reach for s in every if isinstance(s, ClientSite) and s.takes_variable and not s.derived]
    raw = (s for s in every if isinstance(s, UrlSite) and not s.to_client)
    stays = any(not s.requests or any(r.reach.stays(target) for r in s.requests) for s in raw)
    return stays or any(r.stays(target) for r in kept)
