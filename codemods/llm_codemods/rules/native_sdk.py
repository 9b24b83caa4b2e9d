"""The provider's own SDK is used beside OpenAI's.

Why: its calls have another shape and other answers, often other credentials, and none of it is rewritten here. Two ways
to one provider have to be kept in step.

Fix: none: the endpoint that OpenAI's code moves to offers the same models; move these calls there when you can.

Safety: ``manual``, once a file.

Source: profile field ``sdks``; gotcha G56.
"""

from __future__ import annotations

from collections.abc import Iterator

from llm_codemods.report import Finding, Verdict
from llm_codemods.rule import Rule, about
from llm_codemods.sites import PackageSite
from llm_codemods.target import Target
from llm_codemods.text import text


def find(site: PackageSite, target: Target | None) -> Iterator[Finding]:
    """Report an import of the target's own SDK."""
    sdks = () if target is None else target.profile.sdks
    if target is not None and any(f"{module}.".startswith(f"{sdk}.") for module in site.modules for sdk in sdks):
        message = text(
            "{module} is the provider's own SDK: its calls stay; {url} offers the same models for {variable} alone",
            module=site.package,
            url=target.base_url,
            variable=target.key_env,
        )
        yield about(site, "import", site.package, message, Verdict.MANUAL)


RULE = Rule("LM722", "native-sdk", PackageSite, find)
