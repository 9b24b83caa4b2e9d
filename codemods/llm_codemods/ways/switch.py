"""Style ``switch``: one module of the project chooses provider, key and models, so that OpenAI stays within reach.

Clients become ``llm_provider.client()``, models ``llm_provider.model("gpt-4o")``; an argument that one of the two does
not take is handed over by ``llm_provider.only`` or ``llm_provider.choose``. The module is written from ``module_text``.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial

from llm_codemods.configuration.compose import ComposeSite
from llm_codemods.configuration.dotenv import DotenvSite
from llm_codemods.configuration.sites import VariableEntrySite
from llm_codemods.edits import Edit, Span, apply
from llm_codemods.operations import (
    CallThrough,
    Change,
    Fix,
    Import,
    Operation,
    RemoveArgument,
    Replace,
    ReplaceFunction,
    ReplaceString,
    Switch,
)
from llm_codemods.parsed import Module
from llm_codemods.report import Finding, Verdict
from llm_codemods.rule import Find, about
from llm_codemods.rules import (
    azure_client,
    client_endpoint,
    compose,
    dotenv,
    hard_coded_key,
    model_name,
    module_setting,
    sdk_import,
)
from llm_codemods.rules import environment_variable as variables
from llm_codemods.sites import (
    CallSite,
    ClientSite,
    EnvironmentSite,
    ImportSite,
    ModelSite,
    Points,
    SecretSite,
    SettingSite,
)
from llm_codemods.switched import CLASSES, imported, name_of
from llm_codemods.target import Target
from llm_codemods.text import Text, text
from llm_codemods.vocabulary import ENDPOINT, KEY_VARIABLE, OPENAIS_OWN, URL_VARIABLE
from llm_codemods.ways.finder import Finder

MARK = "# Written by llm-migrate rewrite --style switch. Change it as you like, but keep this line.\n"
"""The first line of the module: what follows is not to be moved."""
CHOICE = "LLM_PROVIDER"
"""The variable that chooses."""
OPENAI = "openai"


def provider(target: Target) -> str:
    """Return what the target is called in the module and in ``LLM_PROVIDER``."""
    return re.sub(r"\W", "_", target.profile.id)


def client(site: ClientSite, target: Target) -> Iterator[Finding]:
    """Let the module make a client; what it says of endpoint and key goes."""
    function = CLASSES.get(site.kind)
    if target.at_openai or site.points is not Points.OPENAI or not site.movable:
        yield from client_endpoint.find(site, target)
        return
    if function is None or site.derived or site.wrapper is not None:
        message = text(
            "{kind} client cannot be made by {module}: give it endpoint and key there",
            kind=site.kind,
            module=name_of(target),
        )
        yield about(site, site.use, site.kind, message, Verdict.REVIEW)
        return
    for finding in client_endpoint.find(site, target):
        gone = tuple(RemoveArgument(name) for name in ("base_url", "api_key", *OPENAIS_OWN) if name in site.given)
        operations: tuple[Operation, ...] = (ReplaceFunction(f"{name_of(target)}.{function}"), *gone)
        title = text("let {module} make it", module=f"{name_of(target)}.{function}")
        fix = Fix(title, (Change(site.span, operations),), (imported(target),))
        if site.handed and finding.verdict is Verdict.FIX:
            finding = replace(finding, message=client_endpoint.loses_url(site, target), verdict=Verdict.REVIEW)
        yield replace(finding, fix=fix)


def module_client(rule: Find, site: ImportSite | SettingSite, target: Target) -> Iterator[Finding]:
    """The client of the SDK's module points to one place only; that which takes its place does not."""
    for finding in rule(site, target):
        if finding.fix is None or (isinstance(site, SettingSite) and site.clients is not None):
            yield finding
        else:
            message = text(
                "the module-level client cannot be switched: make one with {module}", module=f"{name_of(target)}.client"
            )
            yield replace(finding, message=message, verdict=Verdict.REVIEW, fix=None)


def azure(site: ClientSite, target: Target) -> Iterator[Finding]:
    """A client of Azure has a deployment for a model: a person must say which is OpenAI's side."""
    for finding in azure_client.find(site, target):
        yield replace(finding, verdict=Verdict.MANUAL if finding.fix is not None else finding.verdict, fix=None)


def model(site: ModelSite, target: Target) -> Iterator[Finding]:
    """Let the module choose the model by OpenAI's name."""
    for finding in model_name.find(site, target):
        if finding.fix is None:
            yield finding
            continue
        vision = ", vision=True" if site.vision and _sees(site.name, target) else ""
        code = f"{name_of(target)}.model({json.dumps(site.name)}{vision})"
        fix = Fix(
            text("let {module} choose it", module=f"{name_of(target)}.model"),
            (Change(site.span, (Replace(code),)),),
            (imported(target),),
        )
        yield replace(finding, fix=fix)


def _replaced(span: Span, code: str, title: Text, target: Target, *imports: Import) -> Fix:
    return Fix(title, (Change(span, (Replace(code),)),), (*imports, imported(target)))


def _sees(name: str, target: Target) -> bool:
    """Whether another model stands in where images are sent."""
    return target.model_for(name, vision=True) != target.model_for(name)


def argument(rule: Find, site: CallSite, target: Target) -> Iterator[Finding]:
    """Hand over each side's own arguments; a function that makes the call makes it for both."""
    switch = Switch(name_of(target), provider(target))
    for finding in rule(site, target):
        if finding.fix is None:
            yield finding
        else:
            changes = tuple(
                change
                if any(isinstance(o, ReplaceString | CallThrough) for o in change.operations)
                else replace(change, switch=switch)
                for change in finding.fix.changes
            )
            imports = (*finding.fix.imports, imported(target))
            yield replace(finding, fix=replace(finding.fix, changes=changes, imports=imports))


def variable(site: EnvironmentSite, target: Target) -> Iterator[Finding]:
    """Read the variable of whoever is chosen; keep OpenAI's for what stays with OpenAI."""
    for finding in variables.find(site, target):
        if finding.fix is None or site.message is not None:
            known = KEY_VARIABLE.fullmatch(site.name) or URL_VARIABLE.fullmatch(site.name)
            yield replace(finding, verdict=Verdict.READY, fix=None) if known and not site.writes_unseen else finding
        else:
            code = f"{name_of(target)}.KEY_VARIABLE"
            fix = Fix(
                text("read {variable}", variable=code), (Change(site.span, (Replace(code),)),), (imported(target),)
            )
            yield replace(finding, fix=fix)


def secret(site: SecretSite, target: Target) -> Iterator[Finding]:
    """Read a key that stands in the code from the variable of whoever is chosen."""
    for finding in hard_coded_key.find(site, target):
        if finding.fix is None:
            yield finding
        else:
            code = f"os.environ[{name_of(target)}.KEY_VARIABLE]"
            fix = Fix(
                text("read {variable}", variable=code),
                (Change(site.span, (Replace(code),)),),
                (Import("os"), imported(target)),
            )
            yield replace(finding, fix=fix)


def file(site: DotenvSite, target: Target) -> Iterator[Finding]:
    """Put the choice and the provider's key above OpenAI's, which stays; a model is that of the choice."""
    if target.origin.model.fullmatch(site.value):
        yield from dotenv.find(site, target)
        return
    message = text("variable {name}", name=site.name)
    if target.at_openai or not KEY_VARIABLE.fullmatch(site.name) or not site.first or CHOICE in site.defined:
        yield about(site, "env", site.name, message, Verdict.READY)
        return
    lines = [f"{site.export}{CHOICE}={provider(target)}"]
    if target.key_env not in site.defined:
        lines.append(f"{site.export}{target.key_env}=")
    start = Span(site.span.start, site.span.start)
    fix = Fix(
        text("add {choice} and {variable}", choice=CHOICE, variable=target.key_env),
        (Change(start, (Replace("".join(line + site.newline for line in lines)),)),),
    )
    yield about(site, "env", site.name, message, Verdict.FIX, fix)


def entry(site: ComposeSite | VariableEntrySite, target: Target) -> Iterator[Finding]:
    """Other files hand over both keys and the choice."""
    known = KEY_VARIABLE.fullmatch(site.name)
    message = text("variable {name}", name=site.name)
    beside = site.beside if isinstance(site, ComposeSite) else frozenset()
    referred = isinstance(site, ComposeSite) and site.entry == site.name and site.line is None
    if target.at_openai or known is None or referred or {CHOICE, target.key_env} <= beside:
        yield about(site, "env", site.name, message, Verdict.READY)
        return
    message = text(
        "variable {name}: hand over {choice} and {variable} beside it",
        name=site.name,
        choice=CHOICE,
        variable=target.key_env,
    )
    change = None
    if isinstance(site, ComposeSite) and site.entry == site.name and site.readers.moving:
        wanted = {CHOICE: provider(target), target.key_env: None}
        change = compose.above(site, {name: value for name, value in wanted.items() if name not in beside})
    title = text("add {choice} and {variable}", choice=CHOICE, variable=target.key_env)
    fix = Fix(title, (change,)) if change is not None else None
    yield about(site, "env", site.name, message, Verdict.REVIEW if fix is None else Verdict.FIX, fix)


FINDERS: Mapping[str, Finder] = {
    "client-endpoint": client,
    "azure-client": azure,
    "sdk-import": partial(module_client, sdk_import.find),
    "module-setting": partial(module_client, module_setting.find),
    "model-name": model,
    "environment-variable": variable,
    "hard-coded-key": secret,
    "dotenv": file,
    "compose": entry,
    "configuration-variable": entry,
}


def module_text(target: Target, models: Mapping[str, str], seeing: Mapping[str, str]) -> str:
    """Return the module: what stands in for OpenAI's models at the target, and ``seeing`` where images are sent."""
    own, url = provider(target), json.dumps(target.base_url)
    name = target.profile.name.en
    return f'''{MARK}"""The provider of language models for this project: LLM_PROVIDER names it.

{own}: {name} (where LLM_PROVIDER is not set); {OPENAI}: OpenAI, as before the move.
"""

import os
from typing import Any

from openai import AsyncOpenAI, OpenAI

PROVIDER = os.environ.get("{CHOICE}", "{own}")
BASE_URLS = {{
    "{own}": {url},
    "{OPENAI}": os.environ.get("OPENAI_BASE_URL", "{ENDPOINT}"),
}}
KEY_VARIABLES = {{"{own}": "{target.key_env}", "{OPENAI}": "OPENAI_API_KEY"}}
MODELS: dict[str, str] = {_table(models)}
"""OpenAI's model -> what stands in for it at {own}."""
VISION_MODELS: dict[str, str] = {_table(seeing)}
"""The same where images are sent, if it is another."""

if PROVIDER not in BASE_URLS:
    raise RuntimeError(f"{CHOICE} is {{PROVIDER!r}}; it can be: {{', '.join(BASE_URLS)}}")
KEY_VARIABLE = KEY_VARIABLES[PROVIDER]


def client(**options: Any) -> OpenAI:
    """Return a client of the provider; its key must be in KEY_VARIABLE."""
    return OpenAI(base_url=BASE_URLS[PROVIDER], api_key=os.environ[KEY_VARIABLE], **options)


def async_client(**options: Any) -> AsyncOpenAI:
    """Return an asynchronous client of the provider; its key must be in KEY_VARIABLE."""
    return AsyncOpenAI(base_url=BASE_URLS[PROVIDER], api_key=os.environ[KEY_VARIABLE], **options)


def model(name: str, *, vision: bool = False) -> str:
    """Return the provider's model for one of OpenAI's."""
    if PROVIDER == "{OPENAI}":
        return name
    return (VISION_MODELS.get(name) if vision else None) or MODELS.get(name, name)


def choose(**values: Any) -> Any:
    """Return the value for the provider: choose({OPENAI}=..., {own}=...)."""
    return values[PROVIDER]


def only(provider: str, **arguments: Any) -> dict[str, Any]:
    """Return arguments that are for one provider alone."""
    return arguments if PROVIDER == provider else {{}}
'''


def _table(models: Mapping[str, str]) -> str:
    """Python source of a dictionary, a line for each entry."""
    rows = "".join(f"    {json.dumps(old)}: {json.dumps(new)},\n" for old, new in sorted(models.items()))
    return f"{{\n{rows}}}" if rows else "{}"


def with_tables(code: str, models: Mapping[str, str], seeing: Mapping[str, str]) -> str:
    """Return a module that stands there already with these models in its tables, too; what is in them stays."""
    module = Module(code)
    edits: list[Edit] = []
    for node in module.tree.body:
        match node:
            case ast.AnnAssign(target=ast.Name(id="MODELS" | "VISION_MODELS" as name), value=ast.Dict() as value):
                known = [k.value for k in value.keys if isinstance(k, ast.Constant)]
                new = {k: v for k, v in (models if name == "MODELS" else seeing).items() if k not in known}
                span = module.span(value)
                lines = "".join(f"    {json.dumps(old)}: {json.dumps(at)},\n" for old, at in sorted(new.items()))
                if lines and not value.keys:
                    edits.append(Edit(span.start, span.end, f"{{\n{lines}}}"))
                elif lines:
                    edits.append(Edit(span.end - 1, span.end - 1, lines))
    return apply(code, edits)
