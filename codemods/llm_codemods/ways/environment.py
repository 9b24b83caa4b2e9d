"""Style ``env``: clients go on reading ``OPENAI_BASE_URL`` and ``OPENAI_API_KEY``, which now are the provider's.

The code loses what it says itself of endpoint and key, and gets models and parameters as in every style. The variable
named after OpenAI then holds another's key: whatever sends it to OpenAI by itself is a finding of the other rules.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from llm_codemods.configuration.compose import ComposeSite
from llm_codemods.configuration.dotenv import DotenvSite
from llm_codemods.configuration.sites import Role, VariableEntrySite
from llm_codemods.edits import Span
from llm_codemods.operations import (
    Change,
    Fix,
    Import,
    InsertAfter,
    Operation,
    RemoveArgument,
    RenameFunction,
    Replace,
    SetArgument,
)
from llm_codemods.report import Finding, Verdict
from llm_codemods.rule import about
from llm_codemods.rules import azure_client, client_endpoint, compose, configuration_variable, dotenv, module_setting
from llm_codemods.rules import environment_variable as variables
from llm_codemods.sites import ClientSite, EnvironmentSite, ImportSite, KeyUse, Points, SettingSite
from llm_codemods.target import OPENAIS_VARIABLE, Target
from llm_codemods.text import Text, text
from llm_codemods.vocabulary import KEY_VARIABLE, OPENAIS_OWN, URL_VARIABLE
from llm_codemods.ways.finder import Finder

ENDPOINT_VARIABLE = "OPENAI_BASE_URL"
KEY = f'os.environ["{OPENAIS_VARIABLE}"]'
URL = f'os.environ["{ENDPOINT_VARIABLE}"]'


def client(site: ClientSite, target: Target) -> Iterator[Finding]:
    """Take endpoint and OpenAI's own settings out of a client; a key that comes from nobody knows where gives way."""
    ready = text("{kind} client takes endpoint and key from the environment", kind=site.kind)
    if site.points is Points.ELSEWHERE and target.is_home(site.host):
        yield about(site, site.use, site.kind, ready, Verdict.READY)
        return
    if target.at_openai or site.points is not Points.OPENAI or not site.movable:
        yield from client_endpoint.find(site, target)
        return
    operations: list[Operation] = []
    url, key = site.given.get("base_url"), site.given.get("api_key")
    if url is not None and not url.environments:
        operations.append(RemoveArgument("base_url"))
    if key is not None and (site.key is KeyUse.FOREIGN or (site.key is KeyUse.HERE and not key.environments)):
        operations.append(SetArgument("api_key", KEY))
    operations += [RemoveArgument(name) for name in OPENAIS_OWN if name in site.given]
    if not operations and "http_client" not in site.given:
        yield about(site, site.use, site.kind, ready, Verdict.READY)
        return
    look = site.key is KeyUse.FOREIGN or "http_client" in site.given or bool(site.sells)
    message = text("{kind} client says endpoint or key itself; it is to read them from the environment", kind=site.kind)
    if "http_client" in site.given:
        message = text("{kind}() has an HTTP client of its own: a proxy in it may be for OpenAI only", kind=site.kind)
    imports = (Import("os"),) if any(isinstance(o, SetArgument) for o in operations) else ()
    fix = Fix(text("let it read the environment"), (Change(site.span, tuple(operations)),), imports)
    yield about(
        site, site.use, site.kind, message, Verdict.REVIEW if look else Verdict.FIX, fix if operations else None
    )


def azure(site: ClientSite, target: Target) -> Iterator[Finding]:
    """Turn a client of Azure into a plain one that reads the environment."""
    hidden = site.opaque or not all(given.direct for given in site.given.values())
    if site.points is not Points.AZURE or hidden:
        yield from azure_client.find(site, target)
        return
    plain = site.kind.replace("Azure", "")
    gone = (*azure_client.AZURES_OWN, *OPENAIS_OWN, "base_url", "api_key")
    operations: tuple[Operation, ...] = (
        RenameFunction(plain),
        *(RemoveArgument(name) for name in gone if name in site.given),
    )
    fix = Fix(
        text("replace it by {kind}, which reads the environment", kind=plain),
        (Change(site.span, operations),),
        (Import("openai", plain),) if site.bare else (),
    )
    yield about(site, site.use, site.kind, text("{kind}() talks to Azure OpenAI", kind=site.kind), Verdict.REVIEW, fix)


def imported(site: ImportSite, target: Target) -> Iterator[Finding]:
    """Before 1.0 the module does not read the endpoint's variable by this name."""
    message = text("import of {module}", module=site.module)
    if "api_base" not in site.configure or site.host is not None or target.at_openai:
        yield about(site, "import", site.module, message, Verdict.READY)
        return
    statements = (f"{site.alias}.api_base = {URL}", f"{site.alias}.api_key = {KEY}")
    fix = Fix(
        text("set endpoint and key of the module-level client"),
        (Change(site.span, (InsertAfter(statements, past_imports=True),)),),
        (Import("os"),),
    )
    message = text("the module-level client has no endpoint and no key of its own and talks to OpenAI")
    yield about(site, "import", site.module, message, Verdict.FIX, fix)


def setting(site: SettingSite, target: Target) -> Iterator[Finding]:
    """Let endpoint and key of the module come from the environment."""
    name = f"openai.{site.name}"
    own = site.name in ("api_key", *module_setting.ENDPOINTS)
    moved = module_setting.upgrades(site, target)
    if site.elsewhere or site.unknown or target.at_openai or not own or (moved and site.clients is not None):
        yield from module_setting.find(site, target)
        return
    before = site.legacy and not moved
    attribute, url = ("api_base", URL) if before else ("base_url", f'{URL}.rstrip("/") + "/"')
    changes: list[Change] = []
    if site.name in module_setting.ENDPOINTS and (site.texts or moved):
        changes.append(Change(site.value, (Replace(url),)))
        if moved and site.target is not None:
            changes.append(Change(site.target, (RenameFunction(attribute),)))
    elif site.name == "api_key" and site.key is KeyUse.FOREIGN:
        changes.append(Change(site.value, (Replace(KEY),)))
    if site.name == "api_key" and "api_base" in site.lacks:
        changes.append(Change(site.statement, (InsertAfter((f"{site.base}.{attribute} = {url}",)),)))
    message = text("{name} is set", name=name)
    if not changes:
        yield about(site, "config", name, message, Verdict.READY)
        return
    verdict = Verdict.REVIEW if site.key is KeyUse.FOREIGN and site.name == "api_key" else Verdict.FIX
    fix = Fix(text("let it read the environment"), tuple(changes), (Import("os"),))
    yield about(site, "config", name, message, verdict, fix)


def variable(site: EnvironmentSite, target: Target) -> Iterator[Finding]:
    """Names stay; those of Azure become OpenAI's."""
    ours = site.name.startswith("OPEN") and (KEY_VARIABLE.fullmatch(site.name) or URL_VARIABLE.fullmatch(site.name))
    if target.at_openai or site.writes_unseen or not (ours or site.message is not None):
        yield from variables.find(site, target)
    elif site.message is None:
        message = text("variable {name} is the provider's from now on", name=site.name)
        yield about(site, "env", site.name, message, Verdict.READY)


def file(site: DotenvSite, target: Target) -> Iterator[Finding]:
    """Set the endpoint in a dotenv file, and make room for the provider's key."""
    message = text("variable {name}", name=site.name)
    is_key = KEY_VARIABLE.fullmatch(site.name) is not None
    if target.at_openai or not (is_key or (URL_VARIABLE.fullmatch(site.name) and site.name.startswith("OPENAI"))):
        yield from dotenv.find(site, target)
    elif not is_key:
        if site.value == target.base_url:
            yield about(site, "env", site.name, message, Verdict.READY)
        else:
            change = Change(site.value_span, (Replace(target.base_url),))
            fix = Fix(text("set it to {value}", value=target.base_url), (change,))
            yield about(site, "env", site.name, message, Verdict.FIX, fix)
    elif site.base_url == target.base_url:
        yield about(site, "env", site.name, message, Verdict.READY)
    else:
        said = text(
            "variable {name}: from now on it holds the key of {variable}",
            name=site.name,
            variable=target.region.key_env,
        )
        yield about(site, "env", site.name, said, Verdict.FIX, _keyed(site, target))


def _keyed(site: DotenvSite, target: Target) -> Fix:
    """Empty the key, which is OpenAI's, and put the endpoint above the first; a real file keeps its old line."""
    name = OPENAIS_VARIABLE if site.name.startswith("AZURE") else site.name
    url = (
        ""
        if ENDPOINT_VARIABLE in site.defined or not site.first
        else (f"{site.export}{ENDPOINT_VARIABLE}={target.base_url}{site.newline}")
    )
    start = Span(site.span.start, site.span.start)
    title = text("empty it for the new key, and set {variable}", variable=ENDPOINT_VARIABLE)
    taken = name != site.name and name in site.defined
    if site.example and not taken:
        changes = [Change(start, (Replace(url),))] if url else []
        changes += [Change(site.name_span, (Replace(name),))] if name != site.name else []
        changes += [Change(site.value_span, (Replace(""),))] if site.value else []
        return Fix(title, tuple(changes) or (Change(start, (Replace(""),)),))
    old = "# " if site.value or taken else ""
    room = f"{site.export}{name}={site.newline}" if old and not taken else ""
    return Fix(title, (Change(start, (Replace(f"{url}{room}{old}"),)),))


def container(site: ComposeSite, target: Target) -> Iterator[Finding]:
    """A container needs both variables."""
    if target.at_openai or not site.name.startswith("OPENAI"):
        yield from compose.find(site, target)
    elif URL_VARIABLE.fullmatch(site.name) and site.value is not None:
        change = Change(site.value, (Replace(target.base_url),))
        fix = Fix(text("set it to {value}", value=target.base_url), (change,))
        yield about(site, "env", site.name, text("variable {name}", name=site.name), Verdict.FIX, fix)
    elif _lacks_endpoint(site):
        line = compose.above(site, {ENDPOINT_VARIABLE: target.base_url}) if site.readers.moving else None
        title = text("set {variable} above it", variable=ENDPOINT_VARIABLE)
        added = Fix(title, (line,)) if line is not None else None
        verdict = Verdict.FIX if added is not None else Verdict.REVIEW
        yield about(site, "env", site.name, _beside(site.name, target), verdict, added)
    elif KEY_VARIABLE.fullmatch(site.name) or URL_VARIABLE.fullmatch(site.name):
        yield about(site, "env", site.name, text("variable {name}", name=site.name), Verdict.READY)
    else:
        yield from compose.find(site, target)


def _lacks_endpoint(site: ComposeSite) -> bool:
    """Whether it is the name of a key, not a reference to it, with no endpoint beside it."""
    named = KEY_VARIABLE.fullmatch(site.name) is not None and site.entry == site.name and site.line is not None
    return named and ENDPOINT_VARIABLE not in site.beside


def entry(site: VariableEntrySite, target: Target) -> Iterator[Finding]:
    """Another file that names a variable: say what it must hold."""
    ours = KEY_VARIABLE.fullmatch(site.name) or URL_VARIABLE.fullmatch(site.name)
    if target.at_openai or not ours or not site.name.startswith("OPENAI"):
        yield from configuration_variable.find(site, target)
        return
    verdict = Verdict.MANUAL if site.role is Role.SECRET else Verdict.REVIEW
    yield about(site, "env", site.name, _beside(site.name, target), verdict)


def _beside(name: str, target: Target) -> Text:
    return text(
        "variable {name}: hand over the key of {variable} under this name, and {endpoint}={url} beside it",
        name=name,
        variable=target.region.key_env,
        endpoint=ENDPOINT_VARIABLE,
        url=target.base_url,
    )


FINDERS: Mapping[str, Finder] = {
    "client-endpoint": client,
    "azure-client": azure,
    "sdk-import": imported,
    "module-setting": setting,
    "environment-variable": variable,
    "dotenv": file,
    "compose": container,
    "configuration-variable": entry,
}
