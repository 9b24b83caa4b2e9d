"""Which texts in code the rules may want to see: they speak of OpenAI, or of what data says beside it."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache, lru_cache

from llm_codemods.sought import Sought, whole
from llm_codemods.vocabulary import RELAY_HOST

INTERESTING = re.compile(
    r"openai|gpt|^o[134](-|$)|davinci|curie|babbage|^ada|-ada-|text-embedding|text-similarity|text-search|text-moderation|"
    r"code-(cushman|search)|dall-e|whisper|^tts-|codex|sora-|computer-use|omni-moderation|sk-|^developer$|^function$|"
    rf"{RELAY_HOST.pattern}",
    re.IGNORECASE,
)
"""Strings that the rules may want to see. Wide on purpose: rules decide."""
PERSONA = re.compile(
    r"\b(you are|you're|i am|i'm|act as|pretend to be) (the )?(chatgpt\b|gpt-?[345]\b|openai('s)? (model|assistant)\b)"
    r"|\b(trained|developed|created|made|built|powered) by openai\b"
    r"|(你是|我是|作为)\s*(一个|一名)?\s*(chatgpt|gpt-?[345]|openai)|由\s*openai\s*(训练|开发|提供|打造)",
    re.IGNORECASE,
)
"""What only a text says that names OpenAI's model as the one who speaks."""
TEXTS = 1 << 14
"""So many texts are remembered: most of those in a file stand in it again, or in others."""


@cache
def telling(sought: Sought) -> Callable[[str], bool]:
    """Return what says whether a text that is all of a literal may matter."""
    also = whole(sought)

    @lru_cache(TEXTS)
    def may_matter(value: str) -> bool:
        return is_telling(value) or also.search(value) is not None

    return may_matter


@lru_cache(TEXTS)
def is_telling(value: str) -> bool:
    """Whether the rules may want to see a text, whatever data says."""
    return INTERESTING.search(value) is not None


def names_speaker(value: str) -> bool:
    """Whether a text names OpenAI's model as the one who speaks."""
    return ("GPT" in value or "penAI" in value) and PERSONA.search(value) is not None
