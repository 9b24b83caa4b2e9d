"""The SDK is imported.

Why: every provider is reached through the same SDK, so the import stays. Where a file calls the module-level client and
nothing in the project sets its endpoint and key, the imports are where both can be set.

Fix: endpoint and key of the module-level client are set after the imports; where it points to the provider already,
the key alone, or OpenAI's would be sent there.

Safety: ``fix`` where the module-level client is used and set nowhere; ``ready`` everywhere else.

Source: profile field ``regions``; gotchas G01, G04.
"""

from __future__ import annotations

from collections.abc import Iterator

from llm_codemods.operations import Change, Fix, Import, InsertAfter
from llm_codemods.report import Finding, Verdict
from llm_codemods.rule import Rule, about
from llm_codemods.sites import ImportSite
from llm_codemods.target import Target
from llm_codemods.text import text


def find(site: ImportSite, target: Target | None) -> Iterator[Finding]:
    """Report every import; configure the module where nobody does."""
    message = text("import of {module}", module=site.module)
    moved = target is not None and target.is_home(site.host)
    stays = site.host is not None and not moved
    if target is None or site.configure is None or stays or target.at_openai:
        yield about(site, "import", site.module, message, Verdict.READY)
    else:
        url = f"{target.base_url}/" if site.configure == "base_url" else target.base_url
        endpoint = () if moved else (f'{site.alias}.{site.configure} = "{url}"',)
        statements = (*endpoint, f'{site.alias}.api_key = os.environ["{target.key_env}"]')
        fix = Fix(
            text("set endpoint and key of the module-level client"),
            (Change(site.span, (InsertAfter(statements, past_imports=True),)),),
            (Import("os"),),
        )
        if moved:
            message = text("the module-level client points to {host} and sends OpenAI's key there", host=site.host)
        else:
            message = text("the module-level client has no endpoint and no key of its own and talks to OpenAI")
        yield about(site, "import", site.module, message, Verdict.FIX, fix)


RULE = Rule("LM104", "sdk-import", ImportSite, find)
