"""The SDK is imported.

Why: every provider is reached through the same SDK, so the import stays. Where a file calls the module-level client and
nothing in the project sets its endpoint and key, or only an ``if`` does, the imports are where both can be set.

Fix: endpoint and key of the module-level client are set after the imports, or behind what reads a ``.env`` file; where
it points to the provider already, the key alone, or OpenAI's would be sent there. Calls that get clients of their own
(``legacy-call``) need none of this. Errors are imported from where they are today, under the names that the file has
for them. So is the class of responses, ``OpenAIObject``, where the file only names it: that of all that is answered
today takes its place.

Safety: ``fix`` where the module-level client is used and set nowhere, for errors and for the class of responses;
``review`` where the calls of the file are moved to the current SDK only after a look, since the old one would send the
new key to OpenAI, and for other modules that went with 1.0; ``ready`` everywhere else.

Source: profile field ``regions``; gotchas G01, G04.
"""

from __future__ import annotations

from collections.abc import Iterator

from llm_codemods import upgrade
from llm_codemods.operations import Change, Fix, Import, InsertAfter, ReplaceStatement
from llm_codemods.report import Finding, Verdict
from llm_codemods.rule import Rule, about
from llm_codemods.sdk import Upgraded
from llm_codemods.sites import ImportSite
from llm_codemods.target import Target
from llm_codemods.text import text

GONE = (
    *("openai.api_requestor", "openai.api_resources", "openai.datalib", "openai.embeddings_utils", "openai.error"),
    *("openai.object_classes", "openai.openai_object", "openai.openai_response", "openai.util", "openai.wandb_logger"),
)
"""Modules that the SDK had before 1.0."""


def find(site: ImportSite, target: Target | None) -> Iterator[Finding]:
    """Report every import; configure the module where nobody does."""
    message = text("import of {module}", module=site.module)
    moved = target is not None and target.is_home(site.host)
    stays = site.host is not None and not moved
    upgraded = site.upgraded is not Upgraded.NO and upgrade.applies(site.points, site.host, target)
    current = upgrade.applies(site.points, site.host, target)
    gone = next((name for name in (site.module, *site.taken) if name.startswith(GONE)), None)
    if current and (site.becomes is not None or gone is not None):
        module = gone if gone is not None else site.module
        said = text("import of {module}, which exists only before 1.0 of the SDK", module=module)
        verdict, becomes = Verdict.REVIEW, None
        if site.becomes is not None:
            becomes = Fix(text("import today's names"), (Change(site.span, (ReplaceStatement(site.becomes),)),))
            verdict = Verdict.REVIEW if site.upgraded is Upgraded.UNSURE else Verdict.FIX
        yield about(site, "import", site.module, said, verdict, becomes)
    elif target is None or not site.configure or stays or target.at_openai or (upgraded and site.own):
        yield about(site, "import", site.module, message, Verdict.READY)
    else:
        attributes = ("base_url",) if upgraded and len(site.configure) == 1 else site.configure
        endpoints = [f'{site.alias}.{attribute} = "{target.module_endpoint(attribute)}"' for attribute in attributes]
        pointed = moved and not site.sometimes  # on all ways, as far as is seen
        statements = (*([] if pointed else endpoints), f'{site.alias}.api_key = os.environ["{target.key_env}"]')
        fix = Fix(
            text("set endpoint and key of the module-level client"),
            (Change(site.loads or site.span, (InsertAfter(statements, past_imports=site.loads is None),)),),
            (Import("os"),),
        )
        if pointed:
            message = text("the module-level client points to {host} and sends OpenAI's key there", host=site.host)
        elif site.sometimes:
            message = text(
                "the module-level client gets endpoint and key on some ways only; on others, it talks to OpenAI"
            )
        else:
            message = text("the module-level client has no endpoint and no key of its own and talks to OpenAI")
        verdict = Verdict.REVIEW if site.upgraded is Upgraded.UNSURE else Verdict.FIX
        yield about(site, "import", site.module, message, verdict, fix)


RULE = Rule("LM104", "sdk-import", ImportSite, find)
