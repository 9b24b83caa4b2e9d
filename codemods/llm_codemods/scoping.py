"""What a name is bound to where it is read, by Python's rules for scopes: within one file."""

from __future__ import annotations

from collections.abc import Sequence

from llm_codemods.facts import ARMS, Binding, Facts
from llm_codemods.terms import Branch, Name


def bindings(facts: Facts, name: Name) -> Sequence[Binding] | None:
    """Return what the name may be bound to where it is read; None if no statement of the file binds it."""
    first = facts.scopes[name.scope]
    in_place = True
    """Whether code in the scope runs where the name is read, so that order counts."""
    for scope in facts.around(name.scope):
        found = scope.names.get(name.id)
        if found is not None and (scope.kind != "class" or scope is first):
            return visible(found, name.at, name.branch) if in_place and len(found) > 1 else found
        in_place = in_place and scope.kind in ("comprehension", "class")
    return None


def visible(bound: Sequence[Binding], at: int, branch: Branch) -> Sequence[Binding]:
    """Return the bindings that a use at ``at`` inside ``branch`` of the same scope can see.

    A binding hides all earlier ones if it stands on the way to the use; the other arm of an ``if`` is not seen. Where
    nothing comes before the use (a loop), everything is.
    """
    seen: list[Binding] = []
    for binding in reversed(bound):
        if binding.at <= at and not _excluded(binding.branch, branch):
            seen.append(binding)
            if branch[: len(binding.branch)] == binding.branch:
                break
    return seen[::-1] or bound


def _excluded(one: Branch, other: Branch) -> bool:
    """Whether two places stand in different arms of one statement."""
    for a, b in zip(one, other, strict=False):
        if a != b:
            return a // ARMS == b // ARMS
    return False
