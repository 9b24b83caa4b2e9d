"""The SDK is imported.

Why: every provider is reached through the same SDK, so the import stays. Where a file calls the module-level client and
nothing in the project sets its endpoint and key, the import is where both can be set.

Fix: endpoint and key of the module-level client are set right after the import.

Safety: ``fix``.

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
    if target is None or site.configure is None or target.at_openai:
        yield about(site, "import", site.module, message, Verdict.READY)
    else:
        url = f"{target.base_url}/" if site.configure == "base_url" else target.base_url
        statements = (
            f'{site.alias}.{site.configure} = "{url}"',
            f'{site.alias}.api_key = os.environ["{target.key_env}"]',
        )
        fix = Fix(
            text("set endpoint and key of the module-level client"),
            (Change(site.span, (InsertAfter(statements),)),),
            (Import("os"),),
        )
        message = text("the module-level client has no endpoint and no key of its own and talks to OpenAI")
        yield about(site, "import", site.module, message, Verdict.FIX, fix)


RULE = Rule("LM104", "sdk-import", ImportSite, find)
