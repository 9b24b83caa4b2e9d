"""Where names of models decide something: tables that are keyed by them, comparisons, beginnings of names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from llm_codemods.facts import Facts
from llm_codemods.sites.clients import Clients
from llm_codemods.sites.kinds.texts import BranchSite, TableSite
from llm_codemods.terms import Attr, Call, Entries, Item, Items, Literal, Name, Term, last_name
from llm_codemods.values import Display, External
from llm_codemods.vocabulary import ABOUT_MODELS, WORDS

ENDS = frozenset({"startswith", "endswith", "find", "count", "removeprefix"})
"""Methods of texts that look for a part of a name."""
PATTERNS = frozenset({"re.match", "re.search", "re.fullmatch", "re.compile", "fnmatch.fnmatch", "fnmatch.fnmatchcase"})
PART = re.compile(
    r"\^?(ft:)?(gpt|chatgpt|o[134]|text-embedding|text-davinci|dall-e|whisper|davinci|codex)\b-?[\w.:*-]*"
)
"""What the name of a model begins with, or a pattern of it."""
TELLING = re.compile(r"\^?(ft:)?(gpt|chatgpt|text-(embedding|davinci)|dall-e|whisper)-")
"""Parts that say by themselves that they are of a model's name."""


class Models:
    """Finds the sites of a project; literals that are part of one are noted in ``flows.told``."""

    def __init__(self, clients: Clients) -> None:
        """Take the clients and calls of the project."""
        self.project = clients.project
        self.told = clients.flows.told
        self.asked = clients.flows.models
        self.sites: dict[str, list[TableSite | BranchSite]] = {
            path: [*self._tables(facts), *self._branches(facts)] for path, facts in self.project.facts.items()
        }

    def _tables(self, facts: Facts) -> Iterator[TableSite]:
        for table in facts.tables:
            keys = [key for key, _ in table.items if isinstance(key, Literal) and self._is_model(key)]
            if len(keys) > 1:
                yield TableSite(
                    facts.path, keys[0].span, self._tell(keys), table.span, _name_of(facts, table), _literals(table)
                )

    def _branches(self, facts: Facts) -> Iterator[BranchSite]:
        for comparison in facts.comparisons:
            assert isinstance(comparison.term, Items)
            sides = comparison.term.values
            about = any(_is_about_models(side) for side in sides)
            options = [value for side in sides for value in (side.values if isinstance(side, Items) else (side,))]
            found = [
                o for o in options if isinstance(o, Literal) and (self._is_model(o) or self._is_part(o, about=about))
            ]
            if found and (about or any(self._is_model(literal) for literal in found)):
                whole = all(self.project.origin.model.fullmatch(str(literal.value)) for literal in found)
                yield BranchSite(facts.path, comparison.span, self._tell(found), whole and not _is_in(sides))
            elif about and (names := tuple(dict.fromkeys(self._listed(facts.path, sides[-1])))):
                yield BranchSite(facts.path, comparison.span, names, whole=True)
        for call in facts.calls:
            found = list(self._looked_for(facts.path, call))
            if found:
                yield BranchSite(facts.path, call.span, self._tell(found), whole=False)

    def _listed(self, path: str, term: Term) -> Iterator[str]:
        """Yield the models in a list that has a name, ``model in SMALL_MODELS``, but those that are asked for: they get
        their new names there."""
        if isinstance(term, Name | Attr):
            displays = [v.term for v in self.project.values(path, term) if isinstance(v, Display)]
            items = (item for display in displays if isinstance(display, Items) for item in display.values)
            names = (item for item in items if isinstance(item, Literal) and self._is_model(item))
            yield from (str(item.value) for item in names if id(item) not in self.asked)

    def _looked_for(self, path: str, call: Call) -> Iterator[Literal]:
        """Yield the parts of models' names that a call looks for: ``model.startswith(("gpt-", "o1"))``."""
        if not isinstance(call.func, Attr) or not call.arguments or call.arguments[0].name is not None:
            return  # methods of texts take no keywords
        first = call.arguments[0].value
        options = first.values if isinstance(first, Items) else (first,)
        found = [o for o in options if isinstance(o, Literal) and isinstance(o.value, str)]
        about = _is_about_models(call.func.base)
        if call.func.name in ENDS:
            yield from (o for o in found if self._is_part(o, about=about))
        elif (
            self.project.origin.is_openai
            and any(PART.match(str(o.value)) for o in found)
            and any(isinstance(v, External) and v.dotted in PATTERNS for v in self.project.values(path, call.func))
        ):
            yield from (o for o in found if TELLING.match(str(o.value)))

    def _tell(self, literals: Iterable[Literal]) -> tuple[str, ...]:
        """Note that these are reported; return what they say."""
        names: dict[str, None] = {}
        for literal in literals:
            self.told.add(id(literal))
            names[str(literal.value)] = None
        return tuple(names)

    def _is_model(self, literal: Literal) -> bool:
        value = literal.value
        return isinstance(value, str) and value not in WORDS and self.project.origin.model.fullmatch(value) is not None

    def _is_part(self, literal: Literal, *, about: bool) -> bool:
        """Whether a text is a part of models' names; ``about``: it is looked for in what is called a model."""
        value = literal.value
        if not self.project.origin.is_openai:
            return False
        if about and value in WORDS:
            return True
        return isinstance(value, str) and (PART if about else TELLING).match(value) is not None


def _name_of(facts: Facts, table: Entries) -> str:
    """Return the name that a dictionary is given; "" where it is given none."""
    bound = ((name, b.value) for scope in facts.scopes for name, those in scope.names.items() for b in those)
    return next((name for name, term in bound if table in (term, getattr(term, "value", None))), "")


def _literals(table: Entries) -> dict[str, str | int | float | bool | None]:
    """Return the entries of a dictionary, None in place of what is no literal."""
    return {
        str(key.value): value.value if isinstance(value, Literal) else None
        for key, value in table.items
        if isinstance(key, Literal)
    }


def _is_about_models(term: Term) -> bool:
    """Whether a term is called a model: ``model``, ``model.lower()``, ``config["model"]``."""
    if isinstance(term, Call) and isinstance(term.func, Attr):
        term = term.func.base
    if isinstance(term, Item) and isinstance(term.key, Literal):
        name: object = term.key.value
    else:
        name = last_name(term)
    return isinstance(name, str) and ABOUT_MODELS.search(name) is not None


def _is_in(sides: tuple[Term, ...]) -> bool:
    """Whether a text is looked for in another: ``"gpt-4" in model``."""
    return isinstance(sides[0], Literal) and not isinstance(sides[-1], Literal | Items)
