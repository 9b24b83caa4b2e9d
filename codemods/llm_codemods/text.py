"""A text for people, said before its language is known.

The pure layer states *what* is to be said; the terminal layer chooses the language. The English template is the key of
the message catalogue (``cli/llm_migrate/locale``), so every template stands in the source as one literal.
"""

from __future__ import annotations

from dataclasses import dataclass

Value = object


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A sentence for people in both languages; it comes from data, not from the message catalogue."""

    en: str
    zh: str

    def __str__(self) -> str:
        """Say it in English."""
        return self.en


@dataclass(frozen=True, slots=True)
class Text:
    """A template in English and what fills its ``{places}``.

    ``values`` may hold further ``Text`` and ``Note``; they are said in the same language.
    """

    template: str
    values: tuple[tuple[str, Value], ...] = ()

    def __str__(self) -> str:
        """Say it in English."""
        return self.template.format(**dict(self.values))


def text(template: str, /, **values: Value) -> Text:
    """Build a ``Text``. The message catalogue is extracted from calls of this name."""
    return Text(template, tuple(values.items()))
