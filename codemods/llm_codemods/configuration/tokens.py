"""What can be told from a word alone, in whatever file it stands: variables, URLs, keys, names of models."""

from __future__ import annotations

import re
from collections.abc import Iterator

from llm_codemods.vocabulary import FIRST, MODEL, SECRET, WORDS

OLD = "|".join(name.replace("-", "[-_.]") + r"(?=\W{1,6}0\.\d)" for name in FIRST)
"""What such a release looks like where it is asked for."""
NEEDLE = re.compile(
    r"openai|o[pP][eE][nN][-_ ]?[aA][iI]|O[pP][eE][nN][-_ ]?[aA][iI]|gpt-?[34]|gpt-|sk-|text-[a-z]|tiktoken|dall-e"
    r"|whisper-1|tts-1|o(?<!\wo)[134](?![\w])|davinci|babbage|curie|ada(?<!\wada)(?![a-z])|moderation-|codex-|sora-"
    r"|computer-use-|" + OLD
)
"""Whatever is found has this in it; every branch begins with a letter, which makes it fast."""
REACH = 300
"""How far from a needle things are looked for, on a long line."""

VARIABLE = re.compile(
    r"(?<![A-Za-z0-9_])(?:[A-Z][A-Z0-9]*_)*(?:OPENAI_(?!(?:API_)?COMPAT)[A-Z0-9][A-Z0-9_]*|OPEN_AI_[A-Z0-9][A-Z0-9_]*)"
    r"(?![A-Za-z0-9_])"
)
"""Variables with OpenAI in their name, also those of a project's own: ``VITE_OPENAI_API_KEY``. One that stands for any
compatible endpoint is none of them."""
URL = re.compile(
    r"(?<![\w.@/-])(?:https?://)?(?:[\w.-]*\bapi\.openai\.com|[\w.<>${}()-]+\.openai\.azure\.com)(?![\w-]|\.\w)"
    r"(?:[/:][^\s\"'`<>)\]|,;\x7f-\U0010ffff]*)?",
    re.ASCII,
)
"""A URL of OpenAI's. Chinese stands right beside it, with no space between; so it does beside the name of a model."""
ABOUT_MODELS = re.compile(
    r"model|engine|deployment|llm|embed|whisper|tts|stt|transcri|completion|judge|gpt", re.IGNORECASE
)
"""Keys below which a model's name means a model."""
LIST = re.compile(r"\s*\[?[\s\"']*[\w./:@-]+[\s\"']*(?:[,;|][\s\"']*[\w./:@-]+[\s\"']*)+\]?\s*")
"""Several names in one value."""
_FILE = re.compile(r"\.(css|csv|html?|ipynb|jpe?g|js|jsonl?|log|mdx?|png|py|rst|svg|toml|tsv|tsx?|txt|ya?ml)$")
_BEHIND_OPTION = re.compile(
    r"""(?:(?:--?[\w-]*(?:model|engine|deployment)[\w-]*|(?<![\w.-])-m)(?:=|["',\s]+)["']?"""
    r"""|\b\w*(?:model|engine|deployment|llm)\w*(?:(?:\\?["'])?[ \t]*[:?+]?[=:][ \t]*|[ \t]+in[ \t]+)(?:\\?["'])?)"""
    r"""(?:\$\{\w+:?[-=])?$""",
    re.IGNORECASE,
)
"""What stands before the name of a model: ``--model ``, ``MODEL=``, ``"model": "``, ``${MODEL:-``."""
_PREFIX = re.compile(r"(?:azure_openai|azure|text-completion-openai|openai)(?:/|:(?:\w+:)?)")
_NAME = re.compile(rf"(?<![\w./@:+-])(?P<prefix>{_PREFIX.pattern})?(?P<model>{MODEL.pattern})(?![\w/@-])", re.ASCII)
_BETWEEN = re.compile(r"[ \t]*,?[ \t]*|[\"'][ \t]*,[ \t]*[\"']")
"""What stands between the models of a list."""
_PLACEHOLDER = re.compile(
    r"xxx|your|here|example|placeholder|replace|change|dummy|fake|test|insert|secret|abcd|1234|0000|-key|\.\.\.|___",
    re.IGNORECASE,
)
_OTHERS = re.compile(r"text-embedding-(v\d.*|\d{3}|gecko.*|preview.*|multilingual.*)")
"""Models of others that are called like OpenAI's."""


def near_needles(text: str) -> Iterator[tuple[int, int]]:
    """Yield the lines in which a needle stands, of long ones only what is near it; in their order, none overlap."""
    start = end = -1
    for found in NEEDLE.finditer(text):
        if found.end() <= end:
            continue
        head = max(text.rfind("\n", 0, found.start()) + 1, found.start() - REACH)
        tail = text.find("\n", found.end(), found.end() + REACH)
        if start >= 0 and head > end:
            yield start, end
        start = head if start < 0 or head > end else start
        end = tail if tail >= 0 else min(found.end() + REACH, len(text))
    if start >= 0:
        yield start, end


def find_near(pattern: re.Pattern[str], text: str) -> Iterator[re.Match[str]]:
    """Yield the matches of a pattern near needles."""
    for start, end in near_needles(text):
        yield from pattern.finditer(text, start, end)


def split_model(value: str) -> tuple[str, str] | None:
    """Split ``openai/gpt-4o`` into the provider's prefix and the model; None where a text is no model's name."""
    prefix = _PREFIX.match(value)
    name = value[prefix.end() :] if prefix else value
    if not _is_model(name):
        return None
    return (prefix[0] if prefix else ""), name


def models_in(text: str, *, anywhere: bool = False) -> Iterator[tuple[int, str, str]]:
    """Yield offset, prefix and name of the models in a longer text.

    They count behind an option or key that is about models, or with a provider's prefix; ``anywhere`` also elsewhere,
    except words that mean something else too.
    """
    last = 0
    for found in find_near(_NAME, text):
        name = found["model"].rstrip(".:-")
        prefix = found["prefix"] or ""
        if not _is_model(name):
            continue
        in_list = last > 0 and _BETWEEN.fullmatch(text, last, found.start())
        if prefix or in_list or _BEHIND_OPTION.search(text, max(0, found.start() - 80), found.start()):
            yield found.start("model"), prefix, name
            last = found.start("model") + len(name)
        elif anywhere and name not in WORDS:
            yield found.start("model"), "", name


def _is_model(name: str) -> bool:
    return MODEL.fullmatch(name) is not None and not _FILE.search(name) and not _OTHERS.fullmatch(name)


def keys_in(text: str) -> Iterator[tuple[int, int]]:
    """Yield where keys of OpenAI's form stand that look real, rather than like ``sk-xxxxxxxx``."""
    for found in find_near(SECRET, text):
        body = found[0].partition("-")[2]
        if len(set(body)) > 7 and any(c.isdigit() for c in body) and not _PLACEHOLDER.search(body):
            yield found.start(), found.end()
