"""Framework makes an OpenAI object of its own because it is given none.

Why: memory, indexes and evaluations need a model or an embedder. Where none is passed, they make one of OpenAI's, which
asks for OpenAI's key although everything in sight was moved.

Fix: the object, or the dictionary that describes it, is passed, made for the target.

Safety: ``fix`` for models that answer; ``review`` for those that embed: an index with old vectors must be rebuilt;
``manual`` where nothing is known to stand in, or what to pass is not known. Not reported where it is passed, set for
the whole framework, or hidden in arguments that cannot be followed.

Source: the table of frameworks; gotcha G30.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from llm_codemods.framework_fix import imports_of, key
from llm_codemods.frameworks import Row
from llm_codemods.operations import Change, DefaultArgument, Fix, Import, Replace, SetArgument
from llm_codemods.report import Finding, Verdict
from llm_codemods.rule import Rule, about, settles
from llm_codemods.sites import Config, HiddenDependencySite
from llm_codemods.target import Target
from llm_codemods.text import text


def find(site: HiddenDependencySite, target: Target | None) -> Iterator[Finding]:
    """Report every hidden object; say what to pass."""
    missing = ", ".join(site.missing)
    if target is None or target.at_openai:
        message = text("{name} without {missing} takes OpenAI's", name=site.name, missing=missing)
        yield about(site, "dependency", site.row.name, message, Verdict.READY if target is not None else None)
        return
    message = text(
        "{name} without {missing} takes OpenAI's and its key: pass {missing} made for {url} with the key of {variable}",
        name=site.name,
        missing=missing,
        url=target.base_url,
        variable=target.key_env,
    )
    fix = pass_on(site, target)
    asked = [name for missing in site.missing for name in models(site.row.gives.get(missing, ""), site.row)]
    found = [target.model(target.model_for(name)) for name in asked]
    embeds = any(model is not None and model.kind == "embedding" for model in found)
    yield about(site, "dependency", site.row.name, message, settles(fix, sure=not embeds), fix)


def pass_on(site: HiddenDependencySite, target: Target) -> Fix | None:
    """Return the fix that passes what is missing, made for the target."""
    sources = {name: source(site, target, site.row.gives.get(name)) for name in site.missing}
    codes = {name: code for name, code in sources.items() if code is not None}
    changes = _changes(site, target, codes) if len(codes) == len(site.missing) else ()
    if not changes:
        return None
    imports = (*imports_of(site.row), Import("os"))
    return Fix(text("pass what talks to {url}", url=target.base_url), changes, imports)


def _changes(site: HiddenDependencySite, target: Target, codes: Mapping[str, str]) -> tuple[Change, ...]:
    """Return what passes these arguments, or sections of a dictionary; () where they cannot be written."""
    if not site.row.sections:
        put = DefaultArgument if site.unpacks else SetArgument
        return (Change(site.span, tuple(put(name, code) for name, code in codes.items())),)
    if site.bare is not None:
        sections = ", ".join(f'"{name}": {code}' for name, code in codes.items())
        return (Change(site.span, (Replace(f"{site.bare}.from_config({{{sections}}})"),)),)
    if site.settings is None or site.settings.path != site.path or not site.settings.whole:
        return ()
    absent = tuple(SetArgument(name, code) for name, code in codes.items() if name not in site.settings.given)
    changes = [Change(site.settings.span, absent)] if absent else []
    for name in codes.keys() & site.settings.given.keys():
        inner = site.sections.get(name)
        if inner is None or inner.path != site.path or not inner.whole:
            return ()
        changes.append(Change(inner.span, tuple(_connection(site, target, name, inner))))
    return tuple(sorted(changes, key=lambda change: change.span))


def _connection(site: HiddenDependencySite, target: Target, name: str, inner: Config) -> Iterator[SetArgument]:
    """Yield the entries for endpoint, key and model of a section that says more."""
    row = site.row
    yield SetArgument(row.endpoint[0], f'"{target.base_url}"')
    yield SetArgument(row.key[0], key(row, target))
    named = inner.given.get(row.model[0])
    asked = named.strings if named is not None else models(site.row.gives[name], row)
    model = target.model_for(asked[0]) if asked else None
    if model is not None:
        yield SetArgument(row.model[0], f'"{model}"')


def models(template: str, row: Row) -> tuple[str, ...]:
    """Return the models of OpenAI's that a template stands for."""
    return tuple(found[1] or row.default or "" for found in MODEL.finditer(template))


MODEL = re.compile(r"\{model(?::([\w.-]+))?\}")
"""The target's model for the row's default, or for the one that is named."""


def source(site: HiddenDependencySite, target: Target, template: str | None) -> str | None:
    """Return what to pass as Python source; None where nothing is known to stand in for the model."""
    found = [target.model_for(name) for name in models(template or "", site.row)]
    if template is None or None in found:
        return None
    known = next((row for name in found if (row := target.model(name)) is not None), None)
    batch = known.batch if known is not None and known.batch is not None else 10
    values = {"{url}": target.base_url, "{key}": key(site.row, target), "{batch}": str(batch)}
    code = MODEL.sub(lambda match: target.model_for(match[1] or site.row.default or "") or "", template)
    for placeholder, value in values.items():
        code = code.replace(placeholder, value)
    return code


RULE = Rule("LM703", "framework-hidden-dependency", HiddenDependencySite, find)
