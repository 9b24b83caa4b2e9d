"""What can be told from a word alone, in whatever file it stands: variables, URLs, keys, names of models."""

from __future__ import annotations

import re
from collections.abc import Iterator

from llm_codemods.vocabulary import MODEL, SECRET, WORDS

VARIABLE = re.compile(
    r"(?<![A-Za-z0-9_])(?:[A-Z][A-Z0-9]*_)*(?:OPENAI_[A-Z0-9][A-Z0-9_]*|OPEN_AI_[A-Z0-9][A-Z0-9_]*)(?![A-Za-z0-9_])"
)
"""Variables with OpenAI in their name, also those of a project's own: ``VITE_OPENAI_API_KEY``."""
URL = re.compile(
    r"(?<![\w.@-])(?:https?://)?(?:[\w.-]*\bapi\.openai\.com|[\w.<>${}()-]+\.openai\.azure\.com)(?![\w-])"
    r"(?:[/:][^\s\"'`<>)\]|,;]*)?"
)
ABOUT_MODELS = re.compile(r"model|engine|deployment|llm|embed|whisper|tts|stt|transcri", re.IGNORECASE)
"""Keys below which a model's name means a model."""
_FILE = re.compile(r"\.(css|csv|html?|ipynb|jpe?g|js|jsonl?|mdx?|png|py|rst|svg|toml|tsv|tsx?|txt|ya?ml)$")
_BEHIND_OPTION = re.compile(
    r"(?:--?[\w-]*(?:model|engine|deployment)[\w-]*|(?<![\w.-])-m|\b\w*(?:model|engine|deployment|llm)\w*)"
    r"""(?:\\?["'])?(?:[ \t]*[:?+]?[=:][ \t]*|[ \t]+|["',\s]+)(?:\\?["'])?(?:\$\{\w+:?[-=])?$""",
    re.IGNORECASE,
)
"""What stands before the name of a model: ``--model ``, ``MODEL=``, ``"model": "``, ``${MODEL:-``."""
_PREFIX = re.compile(r"(?:azure_openai|azure|text-completion-openai|openai)(?:/|:(?:\w+:)?)")
_NAME = re.compile(rf"(?<![\w./@:+-])(?P<prefix>{_PREFIX.pattern})?(?P<model>{MODEL.pattern})(?![\w/@-])")
_PLACEHOLDER = re.compile(
    r"xxx|your|here|example|placeholder|replace|change|dummy|fake|test|insert|secret|abcd|1234|0000|-key|\.\.\.|___",
    re.IGNORECASE,
)


def split_model(value: str) -> tuple[str, str] | None:
    """Split ``openai/gpt-4o`` into the provider's prefix and the model; None where a text is no model's name."""
    prefix = _PREFIX.match(value)
    name = value[prefix.end() :] if prefix else value
    if MODEL.fullmatch(name) is None or _FILE.search(name):
        return None
    return (prefix[0] if prefix else ""), name


def models_in(text: str, *, anywhere: bool = False) -> Iterator[tuple[int, str, str]]:
    """Yield offset, prefix and name of the models in a longer text.

    They count behind an option or key that is about models, or with a provider's prefix; ``anywhere`` also elsewhere,
    except words that mean something else too.
    """
    for found in _NAME.finditer(text):
        name = found["model"].rstrip(".:-")
        prefix = found["prefix"] or ""
        if MODEL.fullmatch(name) is None or _FILE.search(name):
            continue
        if prefix or _BEHIND_OPTION.search(text, max(0, found.start() - 80), found.start()):
            yield found.start("model"), prefix, name
        elif anywhere and name not in WORDS:
            yield found.start("model"), "", name


def keys_in(text: str) -> Iterator[tuple[int, int]]:
    """Yield where keys of OpenAI's form stand that look real, rather than like ``sk-xxxxxxxx``."""
    for found in SECRET.finditer(text):
        body = found[0].partition("-")[2]
        if len(set(body)) > 7 and any(c.isdigit() for c in body) and not _PLACEHOLDER.search(body):
            yield found.start(), found.end()
