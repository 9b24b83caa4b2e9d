"""Which rules run: those that a user's words name."""

from __future__ import annotations

from collections.abc import Sequence

from llm_codemods.profile import nearest
from llm_codemods.rule import Rule
from llm_codemods.rules import RULES
from llm_codemods.text import Text, text


class ChoiceError(ValueError):
    """A word names no rule. ``message`` says which, ``hint`` has the nearest."""

    def __init__(self, message: Text, hint: Text | None = None) -> None:
        """Keep both for the terminal layer, which knows the language."""
        super().__init__(str(message))
        self.message = message
        self.hint = hint


def chosen_rules(select: Sequence[str], ignore: Sequence[str]) -> tuple[Rule, ...]:
    """Return the rules to run. A word is a code, the beginning of one (``LM3``), or a name, or several with commas.

    Raises:
        ChoiceError: a word names no rule; the hint has the nearest.
    """
    known = [word for rule in RULES for word in (rule.code, rule.name)]
    select, ignore = ([word.strip() for words in each for word in words.split(",")] for each in (select, ignore))
    for word in (*select, *ignore):
        if not any(rule.is_called(word) for rule in RULES):
            close = nearest(word, known)
            raise ChoiceError(
                text("no rule is called '{name}'", name=word),
                text("did you mean '{name}'?", name=close) if close else None,
            )
    return tuple(
        rule
        for rule in RULES
        if (not select or any(map(rule.is_called, select))) and not any(map(rule.is_called, ignore))
    )
