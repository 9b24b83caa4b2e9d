"""What a site is: one resolved use of OpenAI in one file, of a kind that rules look at.

A site has everything that the project knows about the use: which client a call goes through and where that client
points, what its arguments may be, which calls a model name reaches.
"""

from __future__ import annotations

from llm_codemods.sites.kinds.clients import CallSite, ClientMethodSite, ClientSite
from llm_codemods.sites.kinds.frameworks import (
    FrameworkSite,
    HiddenDependencySite,
    RedirectSite,
    StructuredSite,
    TokenizerSite,
    TraceSite,
)
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
from llm_codemods.sites.kinds.requests import BodySite, RequestSite
from llm_codemods.sites.kinds.responses import ErrorCodeSite, HandedSite, ResponseSite, TurnSite
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
    ModelSite,
    PersonaSite,
    RetiredSite,
    RoleSite,
    SecretSite,
    TableSite,
    UrlSite,
)

Site = (
    ClientSite
    | CallSite
    | RequestSite
    | BodySite
    | ModelSite
    | EnvironmentSite
    | SecretSite
    | UrlSite
    | DeploymentSite
    | RoleSite
    | ImportSite
    | HandlerSite
    | RetrySite
    | ResponseSite
    | TurnSite
    | ErrorCodeSite
    | SettingSite
    | ClientMethodSite
    | ExceptionSite
    | FailureSite
    | HandedSite
    | SubclassSite
    | FrameworkSite
    | StructuredSite
    | HiddenDependencySite
    | TokenizerSite
    | TraceSite
    | TableSite
    | BranchSite
    | DoubleSite
    | RetiredSite
    | ProxySite
    | ClientProxySite
    | TimeLimitSite
    | WorkersSite
    | CacheSite
    | PackageSite
    | RedirectSite
    | PersonaSite
)
