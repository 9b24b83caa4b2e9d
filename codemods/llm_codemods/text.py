"""A text for people, said before its language is known.

The pure layer states *what* is to be said; the terminal layer chooses the language. The English template is the key of
the message catalogue (``cli/llm_migrate/locale``), so every template stands in the source as one literal.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
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


class Count(int):
    """A number with the word for what is counted: ``{count:file|files}`` is "1 file" or "2 files"."""

    __slots__ = ()

    def __format__(self, spec: str) -> str:
        """Write the number, and the word that goes with it where the place names two."""
        one, several, more = spec.partition("|")
        return f"{int(self)} {one if self == 1 else more}" if several else format(int(self), spec)


def filled(template: str, values: Mapping[str, Value]) -> str:
    """Return a template with values in its places."""
    return template.format(**{name: Count(v) if type(v) is int else v for name, v in values.items()})


@dataclass(frozen=True, slots=True)
class Text:
    """A template in English and what fills its ``{places}``.

    ``values`` may hold further ``Text`` and ``Note``; they are said in the same language. Where a number may be one,
    the place has the word with it: ``{count:file|files}``.
    """

    template: str
    values: tuple[tuple[str, Value], ...] = ()

    def __str__(self) -> str:
        """Say it in English."""
        return filled(self.template, dict(self.values))

    def mapped(self, change: Callable[[Value], Value]) -> Text:
        """Return the text with what fills its places changed, also in the texts among that."""
        return Text(
            self.template, tuple((n, v.mapped(change) if isinstance(v, Text) else change(v)) for n, v in self.values)
        )


def text(template: str, /, **values: Value) -> Text:
    """Build a ``Text``. The message catalogue is extracted from calls of this name."""
    return Text(template, tuple(values.items()))


class TextError(ValueError):
    """An error that a person is told of: ``message`` says what is wrong, ``hint`` what to do."""

    def __init__(self, message: Text, hint: Text | None = None) -> None:
        """Keep both texts for the terminal layer, which knows the language."""
        super().__init__(str(message))
        self.message = message
        self.hint = hint
