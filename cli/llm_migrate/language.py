"""Say a text in the user's language: English, or Simplified Chinese from the message catalogue.

The catalogue is ``locale/zh_CN/LC_MESSAGES/llm_migrate.po`` (edited by people) and the ``.mo`` beside it (compiled by
``make texts``). It is read when the first Chinese sentence is said, never for English.
"""

from __future__ import annotations

import gettext
import os
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Literal

from llm_codemods.text import Note, Text, filled

Language = Literal["en", "zh"]

LOCALE = Path(__file__).with_name("locale")

_PLACE = re.compile(
    r"(?:(?<=[\u3400-\u9fff])(?P<before> ?))?(?P<place>(?<!\{)\{(?P<name>\w+)[^{}]*\}(?!\}))"
    r"(?:(?P<after> ?)(?=[\u3400-\u9fff]))?"
)
"""A place in a Chinese template; what stands between it and Chinese characters beside it."""

_used: Language | None = None


def use(language: Language | None) -> None:
    """Speak ``language`` from now on, whatever the environment says; None goes back to the environment."""
    global _used
    _used = language


def chosen() -> Language:
    """Return the language to speak: ``use``, then ``LLM_MIGRATE_LANG``, then what POSIX says about messages."""
    if _used is not None:
        return _used
    for variable in ("LLM_MIGRATE_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        value = os.environ.get(variable)
        if value:
            return "zh" if value.lower().startswith("zh") else "en"
    return "en"


def say(what: str | Text | Note, /, **values: object) -> str:
    """Return a template, a ``Text`` or a ``Note`` as a sentence in the chosen language.

    Every ``Text`` and ``Note`` among the values is said in the same language. A template without a Chinese twin is
    said in English. Literal braces in a template are doubled, as for ``str.format``.
    """
    if isinstance(what, Note):
        return what.zh if chosen() == "zh" else what.en
    template, places = (what.template, dict(what.values)) if isinstance(what, Text) else (what, values)
    spoken = {name: say(value) if isinstance(value, Text | Note) else value for name, value in places.items()}
    twin = _twin(template)
    return filled(_spaced(twin, spoken) if chosen() == "zh" else twin, spoken)


def _spaced(template: str, values: Mapping[str, object]) -> str:
    """Return a Chinese template with a space between its characters and values of Latin letters, and none beside
    Chinese values: a provider may be called either way."""

    def fit(place: re.Match[str]) -> str:
        value = str(values.get(place["name"], ""))
        return _gap(place["before"], value[:1]) + place["place"] + _gap(place["after"], value[-1:])

    return _PLACE.sub(fit, template)


def _gap(written: str | None, edge: str) -> str:
    if written is None or not edge:
        return written or ""
    if edge.isascii():
        return " " if edge.isalnum() else written
    return "" if "\u3000" <= edge <= "\u9fff" or edge >= "\uff00" else written


def _twin(template: str) -> str:
    # gettext answers the empty string with the catalogue's header.
    if chosen() == "en" or not template:
        return template
    return _catalogue(LOCALE).gettext(template)


@cache
def _catalogue(locale: Path) -> gettext.NullTranslations:
    return gettext.translation("llm_migrate", locale, ["zh_CN"], fallback=True)
