"""Where an entry belongs, decided with what stands around it: key, endpoint and model of one block move together."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from llm_codemods import openai_api
from llm_codemods.configuration import tokens
from llm_codemods.configuration.sites import (
    Block,
    EndpointEntrySite,
    ModelEntrySite,
    OptionEntrySite,
    Readers,
    Request,
    ShellRequestSite,
    VariableEntrySite,
    Word,
)
from llm_codemods.report import Verdict
from llm_codemods.target import Target
from llm_codemods.text import Text, text
from llm_codemods.vocabulary import ABOUT_MODELS, KEY_MENTIONED, KEY_VARIABLE, SETTING_VARIABLE

URL_KEY = re.compile(
    r"(?i:\w*(?:openai|open_ai|llm|gpt|chat|embed|model)\w*(?:url|host|base|endpoint)|base[_-]?url|api[_-]?base(?:[_-]?url)?)"
    r"|(?:api|backend)[_-]?url|(?:api[_-]?)?endpoint|url|host|apiUrl|apiHost|API_URL_REDIRECT"
)
"""Keys of the endpoint that a model is asked at. In capitals, the short ones mean anything."""
KEY_KEY = re.compile(r"api[_-]?key|token|\w*(?:openai|open_ai|llm|gpt|chat|embed|model)\w*(?:key|token)", re.IGNORECASE)
"""Keys of the key that is sent there."""
PROVIDER_KEY = re.compile(r"(?:\w*[_-])?(?:provider|api[_-]?type|llm[_-]?type|vendor)", re.IGNORECASE)
ENGINE = re.compile(r"(?:azure[_-]?)?open[_-]?ai|azure", re.IGNORECASE)
"""Values of ``engine`` that are a name for OpenAI's endpoint, as NeMo Guardrails has it; others name the model."""
REFERENCE = re.compile(r"[$%]\W*\w|\{\{|environ|getenv|\benv[:./(]")
"""What a value is that takes a variable's."""
PLACEHOLDER = re.compile(
    r"[\"'<\[{]*(?:your|my|sk-\W|sk-x|xxx|changeme|replace|placeholder|todo|(?:sk-)?(?:dummy|fake|mock|test)|\.\.\.)[^$]*|",
    re.IGNORECASE,
)
"""Values that stand for a key in a template."""
EMPTY = ("", "null", "~")
IN_FORGE = re.compile(r"\bsecrets\.\w")
"""A value that a forge keeps."""
OPENAIS = re.compile(r"(?:https?://)?api\.openai\.com(?P<version>/v1)?(?P<path>/[^?#]*)?")
"""A URL of OpenAI's API, as far as we can say what takes its place."""
BlockSite = VariableEntrySite | ModelEntrySite | EndpointEntrySite | OptionEntrySite | ShellRequestSite


def moved_url(url: str, target: Target) -> str | None:
    """Return the target's URL that takes the place of one of OpenAI's; None where none does."""
    found = OPENAIS.fullmatch(url)
    if found is None or not url.startswith("http"):
        return None
    base, path = target.base_url, found["path"] or ""
    if found["version"] is None:  # who joins it adds the version
        return base[: -len("/v1")] + path if base.endswith("/v1") and path in ("", "/") else None
    if path in ("", "/"):
        return base + path
    known = openai_api.path_in(path)
    return base + path if known is not None and path.strip("/") == known else None


def held(site: BlockSite, target: Target) -> tuple[Verdict, Text] | None:
    """Return verdict and reason why a site stays as it is, whatever stands in it; None where it moves."""
    block = site.block
    for key, value in block.entries:
        host = _host(value) if URL_KEY.fullmatch(key) else None
        if host is not None and (target.is_home(host) or not tokens.URL.search(value)):
            return Verdict.READY, text("it belongs to {host}", host=host)
        if PROVIDER_KEY.fullmatch(key) and re.match(r"[A-Za-z]", value) and not re.search("openai|azure", value, re.I):
            return Verdict.READY, text("it belongs to {host}", host=value)
    reason = _half(block, target)
    if reason is not None:
        return Verdict.MANUAL, reason
    if is_routed(block) or (endpoint(block, target) is not None and _names_key(block)):
        return None
    if is_whole(block) and (block.readers.moving or block.readers.configured):
        return None
    reason = needed(block.readers)
    return None if reason is None else (Verdict.MANUAL, reason)


def needed(readers: Readers) -> Text | None:
    """Return why a variable stays for the sake of those who read it; None where it may go."""
    if not readers.moving:
        return text("nothing that moves is seen to read it")
    if readers.staying:
        return text("something in this project reads it that stays with OpenAI, or by itself")
    return None


def _half(block: Block, target: Target) -> Text | None:
    """Return why key, endpoint and model of a block cannot move together; None if they can."""
    for key, value in block.entries:
        if KEY_KEY.fullmatch(key):
            if next(tokens.keys_in(value), None) is not None:
                return text("a key stands beside it: change key, endpoint and model together")
            known = KEY_VARIABLE.fullmatch(key) or KEY_MENTIONED.search(value) or target.key_env in value
            if REFERENCE.search(value) and not known:
                return text("the key beside it comes from elsewhere: change key, endpoint and model together")
        model = tokens.split_model(value) if ABOUT_MODELS.search(key) else None
        if model is not None and not target.knows(model[1]) and target.model_for(model[1]) is None:
            return text("nothing is known to stand in for {name} beside it", name=model[1])
        if (
            key == "engine"
            and ENGINE.fullmatch(value)
            and not any(URL_KEY.fullmatch(name) for name, _ in block.entries)
        ):
            return text(
                "the engine beside it is {engine}: tell it {url} and the key of {variable} together with the model",
                engine=value,
                url=target.base_url,
                variable=target.key_env,
            )
    if block.foreign:
        return text("this file sets the key to something that is not seen")
    if any(not moves(request, target) for request in block.requests):
        return text("a command in this file stays with OpenAI")
    return None


def is_own(value: Word | None) -> bool:
    """Whether a value is nothing that could be OpenAI's key: none, a placeholder, or what the variable itself holds."""
    if value is None or PLACEHOLDER.fullmatch(value.text):
        return True
    return KEY_MENTIONED.search(value.text) is not None and next(tokens.keys_in(value.text), None) is None


def is_routed(block: Block) -> bool:
    """Whether a block has a model whose prefix sends it to OpenAI, by LiteLLM's convention, with its key beside it."""
    models = (tokens.split_model(value) for key, value in block.entries if ABOUT_MODELS.search(key))
    return _names_key(block) and any(model is not None and model[0] == "openai/" for model in models)


def is_whole(block: Block) -> bool:
    """Whether settings have a place for an endpoint and, in the same block, one for the key. Environments do not count:
    whatever runs in them may read them."""
    names = [key for key, _ in block.entries]
    if any(SETTING_VARIABLE.fullmatch(name) for name in names):
        return False
    openais = any(
        URL_KEY.fullmatch(key) and (value in EMPTY or OPENAIS.fullmatch(value)) for key, value in block.entries
    )
    return openais and any(KEY_KEY.fullmatch(name) for name in names)


def _names_key(block: Block) -> bool:
    """Whether a setting of the block takes the key from OpenAI's variable; that of an environment does not."""
    return any(
        KEY_MENTIONED.search(value) and KEY_KEY.fullmatch(key) and not KEY_VARIABLE.fullmatch(key)
        for key, value in block.entries
    )


def because(message: Text, reason: Text) -> Text:
    """Return a message with the reason why nothing is changed."""
    return text("{message}; left alone: {reason}", message=message, reason=reason)


def moves(request: Request, target: Target) -> bool:
    """Whether a request can be sent to the target as it is, but for address, key and model, which are seen."""
    name, key = request.model, request.variable
    model = name is None or target.knows(name) or target.model_for(name) is not None
    keyed = not request.keyed and (key is None or key == target.key_env or KEY_VARIABLE.fullmatch(key) is not None)
    return model and keyed and request.url is not None and moved_url(request.url, target) is not None


def endpoint(block: Block, target: Target) -> str | None:
    """Return OpenAI's endpoint of a block, which moves with it; None where it has none."""
    urls = (value for key, value in block.entries if URL_KEY.fullmatch(key))
    return next((url for url in urls if moved_url(url, target) is not None), None)


def keys_of(block: Block) -> tuple[str, ...]:
    """Return the names of OpenAI's keys that the block sets, in their order."""
    return tuple(dict.fromkeys(key for key, _ in block.entries if KEY_VARIABLE.fullmatch(key)))


def _host(value: str) -> str | None:
    default = re.fullmatch(r"\$\{\w+:?-(?P<url>[^}]+)\}", value)
    try:
        return urlsplit(default["url"] if default else value).hostname if "://" in value else None
    except ValueError:
        return None
