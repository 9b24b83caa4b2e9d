"""What a rule is: a code, a name, the kind of site it looks at, and a pure function from sites to findings."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from llm_codemods.edits import Span
from llm_codemods.operations import Fix
from llm_codemods.report import Finding, Verdict
from llm_codemods.sites.kinds import Site
from llm_codemods.sites.kinds.points import Points
from llm_codemods.target import Target
from llm_codemods.text import Text

Find = Callable[[Any, "Target | None"], Iterator[Finding]]
"""Takes a site of the rule's type and the target (None in a scan without one); yields findings by ``about``."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. The docstring of its module is its documentation page."""

    code: str
    name: str
    site: type
    find: Find
    moves_objects: bool = False
    """Its fix moves an object of a framework, and with it the key that the object is given."""

    def is_called(self, word: str) -> bool:
        """Whether a user's word means this rule: its code, the beginning of its code (``LM3``), or its name."""
        return word == self.name or (word[:2].upper() == "LM" and self.code.startswith(word.upper()))


def moves(points: Points, host: str | None, target: Target | None) -> bool:
    """Whether what points to ``points`` is, or will be, at the target; without one: at OpenAI, as far as is known."""
    if target is None:
        return points is not Points.ELSEWHERE
    return not target.at_openai and (points is not Points.ELSEWHERE or target.is_home(host))


def settles(fix: Fix | None, *, sure: bool = True) -> Verdict:
    """Return the verdict of what must change: ``manual`` without a fix, ``review`` where a person must look at it."""
    if fix is None:
        return Verdict.MANUAL
    return Verdict.FIX if sure else Verdict.REVIEW


def about(
    site: Site,
    kind: str,
    api: str,
    message: Text,
    verdict: Verdict | None = None,
    fix: Fix | None = None,
    span: Span | None = None,
) -> Finding:
    """Return a finding about a site, or about ``span`` inside it; the engine adds the rule's code and name.

    What a person must look at is ``review`` where it can be rewritten, and ``manual`` where it cannot.
    """
    if verdict is Verdict.REVIEW and fix is None:
        verdict = Verdict.MANUAL
    return Finding("", "", kind, api, site.path, span or site.span, message, verdict, fix)
