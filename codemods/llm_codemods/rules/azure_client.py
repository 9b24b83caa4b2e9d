"""Client talks to Azure OpenAI.

Why: Azure has its own client class, endpoint form, key header and API version, and names *deployments* where others
name models.

Fix: the plain class of the SDK takes the place of the Azure one, with endpoint and key of the target; Azure's own
arguments go.

Safety: ``review``: what model a deployment stands for is known to you alone (rule ``azure-deployment`` asks);
``manual`` where an argument is not written in the call: then the arguments of its calls wait, too.

Source: profile field ``regions``; gotcha G29.
"""

from __future__ import annotations

from collections.abc import Iterator

from llm_codemods.operations import Change, Fix, Import, Operation, RemoveArgument, RenameFunction, SetArgument
from llm_codemods.report import Finding, Verdict
from llm_codemods.rule import Rule, about
from llm_codemods.rules.client_endpoint import stay
from llm_codemods.sites import ClientSite, Points
from llm_codemods.target import Target
from llm_codemods.text import text
from llm_codemods.vocabulary import OPENAIS_OWN

AZURES_OWN = (
    "azure_endpoint",
    "azure_deployment",
    "azure_ad_token",
    "azure_ad_token_provider",
    "api_version",
    "default_query",
)


def find(site: ClientSite, target: Target | None) -> Iterator[Finding]:
    """Report Azure clients and turn them into plain ones."""
    if site.points is not Points.AZURE:
        return
    message = text("{kind}() talks to Azure OpenAI", kind=site.kind)
    gone = tuple(name for name in (*AZURES_OWN, *OPENAIS_OWN) if name in site.given)
    hidden = site.opaque or not all(given.direct for given in site.given.values())
    if target is None:
        yield about(site, site.use, site.kind, message)
        return
    plain = site.kind.replace("Azure", "")
    if target.lacks(site.methods):
        yield stay(site, target)
    elif hidden:
        message = text(
            "{message}, with arguments that come from elsewhere: make it {plain} with {url} and the key of {variable}",
            message=message,
            plain=plain,
            url=target.base_url,
            variable=target.key_env,
        )
        yield about(site, site.use, site.kind, message, Verdict.MANUAL)
    else:
        operations: list[Operation] = [
            RenameFunction(plain),
            SetArgument("base_url", f'"{target.base_url}"'),
            SetArgument("api_key", f'os.environ["{target.key_env}"]'),
            *(RemoveArgument(name) for name in gone),
        ]
        imports = (Import("os"), Import("openai", plain)) if site.bare else (Import("os"),)
        title = text("replace it by {kind} with {url}", kind=plain, url=target.base_url)
        fix = Fix(title, (Change(site.span, tuple(operations)),), imports)
        yield about(site, site.use, site.kind, message, Verdict.REVIEW, fix)


RULE = Rule("LM102", "azure-client", ClientSite, find)
