"""What an entry of a configuration file has to do with OpenAI. Keys and values are judged together: a key ``model``
says nothing without a model of OpenAI in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from llm_codemods.configuration import dependencies, tokens
from llm_codemods.configuration.entries import LARGEST, Entry
from llm_codemods.configuration.forms import Form
from llm_codemods.configuration.sites import (
    Block,
    EndpointEntrySite,
    KeyEntrySite,
    ModelEntrySite,
    ModelKeySite,
    OptionEntrySite,
    Role,
    VariableEntrySite,
    Word,
)
from llm_codemods.edits import Span
from llm_codemods.sites.kinds import Site
from llm_codemods.vocabulary import KEY_VARIABLE, SETTING_VARIABLE, URL_VARIABLE, WORDS

OPTION = re.compile(
    r"(azure[_-]?)?open[_-]?ai([_-]?api)?[_-]?"
    r"(key|token|base|base[_-]?url|url|host|proxy|endpoint|type|version|org|organi[sz]ation|project|model\w*|engine"
    r"|deployment\w*|secret)(s|_?id|_?name)?",
    re.IGNORECASE,
)
"""Keys that mean OpenAI: ``open_ai_api_key``, ``openaiApiKey``."""
BELOW_OPENAI = re.compile(
    r"(api[-_]?)?(key|token|base|type|version)|(base|api)[-_]?url|url|host|endpoint|org\w*|model\w*|deployment\w*",
    re.IGNORECASE,
)
"""Keys of a block ``openai``."""
OPENAI = re.compile(r"(azure[_-]?)?open[_-]?ai", re.IGNORECASE)
"""A block, or a provider, of this name."""
PROVIDER = re.compile(
    r"(\w*[_-])?(provider|api_?type|llm_?type|vendor|platform|backend|service|type|llm|source|binding|factory|method|client)",
    re.IGNORECASE,
)
"""Keys whose value may be ``openai``."""
PROPERTIES = (("properties",), ("patternProperties",), ("definitions",), ("$defs",), ("schemas",))
"""Keys of a JSON Schema, or an OpenAPI document, below which names stand that others choose."""
SCHEMA_WORDS = frozenset(
    {
        *("$anchor", "$comment", "$defs", "$id", "$ref", "$schema", "additionalProperties", "allOf", "anyOf", "const"),
        *("default", "definitions", "deprecated", "description", "enum", "example", "examples", "format", "items"),
        *(
            "maxItems",
            "maxLength",
            "maxProperties",
            "maximum",
            "minItems",
            "minLength",
            "minProperties",
            "minimum",
            "not",
        ),
        *("nullable", "oneOf", "pattern", "patternProperties", "properties", "propertyNames", "readOnly", "required"),
        *("title", "type", "unevaluatedProperties", "uniqueItems", "writeOnly"),
    }
)
"""What such a document says of one of them."""
REFERENCE = re.compile(r"[$%]\{*[\w.( ]*$|os\.environ[/.\[(\"']*$|\benv[:./(\"' ]+$|getenv\W*$|secrets\.$|\{\{[^}]*$")
"""What stands before a variable whose value is taken."""
LIMITS = re.compile(r"pric|cost|token|context|window|dimension|rpm|tpm|rate_?limit", re.IGNORECASE)
"""Keys that say what is kept of a model."""
RECORDS = re.compile(r"usage|stats|statistics|results?$|scores?$|samples?$|(?<![a-z])logs?$", re.IGNORECASE)
"""Keys above what a model has done."""
SENTENCE = re.compile(r"\s|[^\x00-\x7f]")
KNOWN = re.compile(rf"{KEY_VARIABLE.pattern}|{URL_VARIABLE.pattern}|{OPTION.pattern}", re.IGNORECASE)
"""Keys that mean the same whatever stands under them, such as a text in the place of a value."""
IN_FORGE = re.compile(r"secrets\.$")


def sites_of(entry: Entry, path: str, form: Form) -> Iterator[Site]:
    """Yield what an entry says about OpenAI."""
    block = Block(entry.beside)
    for site in _sites_of(entry, path, form):
        if isinstance(site, EndpointEntrySite | ModelEntrySite | OptionEntrySite | VariableEntrySite):
            site = replace(site, block=block)
        yield site


def _sites_of(entry: Entry, path: str, form: Form) -> Iterator[Site]:
    value = entry.value
    if value is not None and form is Form.JSON and (len(value.text) > LARGEST or SENTENCE.search(value.text)):
        value = None  # a sentence in a data file
        if entry.key is not None and not KNOWN.fullmatch(entry.key.text):
            return  # what a user is told, under the name of the message
    variable = variable_of(entry, value, path, form)
    if variable is not None:
        yield variable
    if form is not Form.JSON and dependencies.is_list(entry.keys):
        yield from _dependency(entry, path)
        return
    option = _option(entry, path, form)
    if option is not None and variable is None:
        yield option
    yield from _key_of_table(entry, path)
    if value is None:
        return
    yield from _models(entry, value, path, form)
    if not (variable is not None and URL_VARIABLE.fullmatch(variable.name)) and not (option and not option.provider):
        for found in tokens.URL.finditer(value.text):
            url = found[0].rstrip(".")
            span = value.span.part(found.start(), found.start() + len(url))
            yield EndpointEntrySite(path, span, url, form, entry.keys)
    for start, end in tokens.keys_in(value.text):
        yield KeyEntrySite(path, value.span.part(start, end), form)


def variable_of(
    entry: Entry,
    value: Word | None,
    path: str,
    form: Form,
    names: re.Pattern[str] = tokens.VARIABLE,
    settings: re.Pattern[str] = SETTING_VARIABLE,
) -> VariableEntrySite | None:
    """Return the variable that an entry names, by patterns of whose variables are looked for; None if there is none."""
    key = entry.key
    named = [(m[0], key.span.part(*m.span()), Role.SET) for m in names.finditer(key.text)] if key else []
    for m in names.finditer(value.text) if value is not None else ():
        before = value.text[max(0, m.start() - 40) : m.start()] if value is not None else ""
        if IN_FORGE.search(before) or entry.secret:
            role = Role.SECRET
        elif REFERENCE.search(before):
            role = Role.USED
        else:
            role = Role.SET if value is not None and m[0] == value.text else Role.NAMED
        own_constant = role in (Role.SET, Role.NAMED) and entry.key is not None and not settings.fullmatch(m[0])
        if value is not None and not own_constant:
            named.append((m[0], value.span.part(*m.span()), role))
    if not named:
        return None
    name, span, role = named[0]
    if entry.secret or any(r is Role.SECRET for _, _, r in named):
        role = Role.SECRET
    given = value if key is not None and span in key.span else None
    again = tuple(Word(n, s) for n, s, _ in named[1:])
    return VariableEntrySite(path, span, name, form, entry.keys, role, given, again)


def _models(entry: Entry, value: Word, path: str, form: Form) -> Iterator[ModelEntrySite]:
    whole = tokens.split_model(value.text.strip())
    if whole is not None:
        prefix, name = whole
        start = value.span.start + value.text.index(name, len(prefix))
        about = entry.keys[-1:] if name in WORDS else entry.keys
        if prefix or any(tokens.ABOUT_MODELS.search(key) for key in about) or _below_openai(entry):
            yield ModelEntrySite(path, Span(start, start + len(name)), name, form, entry.keys, prefix, value.quote)
        return
    several = bool(tokens.ABOUT_MODELS.search(entry.own)) and tokens.LIST.fullmatch(value.text) is not None
    for start, prefix, name in tokens.models_in(value.text, anywhere=several):
        span = value.span.part(start, start + len(name))
        yield ModelEntrySite(path, span, name, form, entry.keys, prefix)
    default = re.fullmatch(r"\$\{\w+:?[-=](?P<model>[^}]+)\}", value.text)
    if default is not None and tokens.split_model(default["model"]) and tokens.ABOUT_MODELS.search(value.text):
        span = value.span.part(*default.span("model"))
        yield ModelEntrySite(path, span, default["model"], form, entry.keys)


def _key_of_table(entry: Entry, path: str) -> Iterator[ModelKeySite]:
    """Yield the key of an entry that is a model, where something about models is kept under their names."""
    key, above = entry.key, entry.keys[:-1]
    model = tokens.split_model(key.text) if key is not None else None
    if key is None or model is None or any(map(tokens.split_model, above)):
        return  # below a model stand its releases
    prefix, name = model
    said = (*above, *entry.below) if name not in WORDS else above[-1:]
    about = any(LIMITS.search(word) for word in said) or any(map(tokens.ABOUT_MODELS.search, said[: len(above)]))
    if about and not any(map(RECORDS.search, above)):
        start = key.span.start + len(prefix)
        beside = frozenset(other for other, _ in entry.beside)
        yield ModelKeySite(path, Span(start, start + len(name)), name, above, beside, (name,))


def _below_openai(entry: Entry) -> bool:
    return any(OPENAI.fullmatch(key) for key in entry.keys[:-1])


def _is_described(entry: Entry) -> bool:
    """Whether a JSON Schema says here what a property may hold: nothing is set."""
    return entry.value is None and entry.keys[-2:-1] in PROPERTIES and SCHEMA_WORDS.issuperset(entry.below)


def _option(entry: Entry, path: str, form: Form) -> OptionEntrySite | None:
    key, value = entry.key, entry.value
    if key is None:
        return None
    if value is not None and OPENAI.fullmatch(value.text) and PROVIDER.fullmatch(key.text):
        return OptionEntrySite(path, value.span, value.text, form, entry.keys, value, provider=True)
    if _is_described(entry):
        return None
    if value is None and OPENAI.fullmatch(key.text) and any(BELOW_OPENAI.fullmatch(k) for k in entry.below):
        return OptionEntrySite(path, key.span, key.text, form, entry.keys, None, provider=False)
    if value is None or tokens.VARIABLE.search(key.text):
        return None
    if OPTION.fullmatch(key.text):
        if tokens.split_model(value.text):
            return None  # the model says it
        return OptionEntrySite(path, key.span, key.text, form, entry.keys, value, provider=False)
    return None


def _dependency(entry: Entry, path: str) -> Iterator[Site]:
    site = None
    if entry.key is not None and dependencies.is_table(entry.keys[:-1]) and dependencies.is_package(entry.key.text):
        site = dependencies.pinned(path, entry.key, entry.value)
    elif entry.value is not None:
        site = dependencies.required(path, entry.value)
    if site is not None:
        yield site
