"""Where code names errors of the 0.28 API, or asks one for what only such errors tell; and what its imports become."""

from __future__ import annotations

from collections.abc import Iterator

from llm_codemods import openai_api, responses
from llm_codemods.facts import Facts, ImportFact, Use
from llm_codemods.libraries import sdk_name
from llm_codemods.sites.clients import Clients
from llm_codemods.sites.kinds.module import FailureSite, ImportSite
from llm_codemods.sites.responses import is_former
from llm_codemods.terms import Attr, Imported, Name
from llm_codemods.values import External, Foreign

TIME_LIMIT = "Timeout"
"""What an error was called in ``openai.error``; in the module itself it is today's class of time limits."""
TOLD = {"http_body": "response.text", "http_status": "status_code", "json_body": "response.json()"}
"""What an error of 0.28 tells -> where the current SDK has it."""


class Failures:
    """Finds them."""

    def __init__(self, clients: Clients) -> None:
        """Take the clients and calls of the project."""
        self._project = clients.project
        self._of_both = clients.of_both
        self._settings = clients.pointing.settings

    def are_imported(self, path: str) -> bool:
        """Whether a file imports the errors of 0.28."""
        return path not in self._of_both and any(_is_of_errors(i) for i in self._project.facts[path].imports)

    def todays(self, site: ImportSite) -> tuple[str, ...] | None:
        """Return what an import of the errors of 0.28, or of the class of its responses, becomes; None where it is
        none, or has nothing to become."""
        facts = self._project.facts[site.path]
        here = [i for i in facts.imports if i.span == site.span and site.path not in self._of_both]
        if any(map(_is_of_class, here)) and not self._makes_responses(facts):
            return tuple(f"from openai import {bound_as('BaseModel', bound)}" for bound in here[0].bound)
        found = next(filter(_is_of_errors, here), None)
        if found is None:
            return None
        if not found.names:
            named = f" as {found.alias}" if found.alias not in (None, found.module) else ""
            others = (
                i for i in facts.imports if i.module == "openai" and i.alias == "openai" and i.scope == found.scope
            )
            return () if not named and any(others) else (f"import openai{named}",)
        module = ("import openai",) if found.module == "openai" and "error" in found.names else ()
        pairs = [(n, b) for n, b in zip(found.names, found.bound, strict=True) if not (module and n == "error")]
        kept = {TIME_LIMIT} if found.module == "openai" else set()
        names = [(openai_api.successor(n) if n in openai_api.exceptions(0).keys() - kept else n, b) for n, b in pairs]
        if any(name is None for name, _ in names):
            return None
        line = f"from openai import {', '.join(bound_as(str(name), bound) for name, bound in names)}"
        return (*module, line) if names else module

    def _makes_responses(self, facts: Facts) -> bool:
        """Whether a file does more with the class of 0.28's responses than to name it."""
        terms = [call.func for call in facts.calls] + [base for cls in facts.classes for base in cls.bases]
        return any(is_former(value) for term in terms for value in self._project.values(facts.path, term))

    def sites(self, facts: Facts) -> Iterator[FailureSite]:
        """Yield where a file names an error of 0.28 in full, or asks one for what only such errors tell."""
        if facts.path in self._of_both:
            return
        points, host = self._settings[facts.path]
        made = {call.func for call in facts.calls}  # of what errors are made is another thing today
        for use in facts.failures:
            assert isinstance(use.term, Attr)
            if use.term in made:
                continue
            if use.term.name in responses.LEGACY_FAILURE:
                yield from self._told(facts, use, use.term)
                continue
            dotted = {sdk_name(v.dotted) for v in self._project.values(facts.path, use.term) if isinstance(v, External)}
            name = next((d for d in dotted if d is not None and d.removeprefix("error.") == use.term.name), None)
            if name is None or name == TIME_LIMIT or (name in openai_api.exceptions(3)):
                continue
            new = openai_api.successor(use.term.name)
            match use.term.base:
                case Attr(base=Name(id=module), name="error"):
                    code = f"{module}.{new}"
                case Name(id=module) if not name.startswith("error.") or self._is_module(facts, module):
                    code = f"{module}.{new}"
                case Name():
                    code = f"openai.{new}"
                case _:
                    continue
            needs = code.startswith("openai.") and not isinstance(use.term.base, Attr)
            written = code if new else None
            yield FailureSite(
                facts.path, use.span, use.term.name, points, host, written, module=needs, renames=False, sure=True
            )

    def _is_module(self, facts: Facts, name: str) -> bool:
        """Whether a name is bound by ``import openai.error as name``."""
        bindings = facts.scopes[0].names.get(name, [])
        return any(isinstance(b.value, Imported) and b.value.name is None for b in bindings)

    def _told(self, facts: Facts, use: Use, term: Attr) -> Iterator[FailureSite]:
        caught = {
            (sdk_name(v.dotted) or "").removeprefix("error.")
            for v in self._project.values(facts.path, term.base)
            if isinstance(v, External | Foreign)
        }
        where = self._settings[facts.path]
        if caught and caught <= openai_api.exceptions(0).keys():
            new = TOLD.get(term.name) if all(map(_is_answer, caught)) else None
            if term.name == "user_message":
                new = "message" if "OpenAIError" not in caught else None
            # today's message begins with the status: what the old one begins with, it does not
            begins = any(
                isinstance(c.func, Attr) and c.func.base is term and c.func.name == "startswith" for c in facts.calls
            )
            sure = new is not None and not begins
            yield FailureSite(facts.path, use.span, term.name, *where, new, module=False, renames=True, sure=sure)


def _is_answer(name: str) -> bool:
    """Whether an error of 0.28 comes from an answer of the server."""
    return openai_api.exceptions(3).get(openai_api.successor(name) or "") == "APIStatusError"


def is_partial(fact: ImportFact) -> bool:
    """Whether an import on the top level takes classes of 0.28 out of the module."""
    on_top = fact.module == "openai" and fact.level == 0 and fact.scope == 0
    return on_top and not openai_api.v0_classes().isdisjoint(fact.names)


def _is_of_class(fact: ImportFact) -> bool:
    """Whether an import takes the class of its responses alone out of a module that only 0.28 has."""
    return fact.module == "openai.openai_object" and fact.level == 0 and fact.names == ("OpenAIObject",)


def _is_of_errors(fact: ImportFact) -> bool:
    if fact.level != 0 or fact.module not in ("openai", "openai.error") or is_partial(fact):
        return False
    gone = {"error", *openai_api.exceptions(0)} - openai_api.exceptions(3).keys() - {TIME_LIMIT}
    return fact.module == "openai.error" or not gone.isdisjoint(fact.names)


def bound_as(name: str, bound: str) -> str:
    """Return how a statement imports a name that is bound as ``bound``."""
    return name if name == bound else f"{name} as {bound}"
