"""Which files of a tree have to do with each other: they are analysed together, and apart from all others.

A tree may hold many projects, such as the packages of an environment. What one of them calls its clients says nothing
about another, unless it imports it.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Group:
    """Top-level names of a tree that import each other, and the files below them that matter; posix, sorted."""

    tops: frozenset[str]
    files: tuple[str, ...]


def groups(
    names: Sequence[str], imports: Mapping[str, Iterable[str]], *, installed: bool = False, package: str = ""
) -> tuple[Group, ...]:
    """Return the groups that files form, each with at least one file that matters.

    Args:
        names: all Python files of the tree, relative and posix.
        imports: file that matters -> the packages, by their first name, that it imports.
        installed: the tree holds installed packages: each is a group of its own.
        package: what the tree itself is imported as, where it is a package: who imports it may mean any part.
    """
    tops = {top_of(name) for name in (*names, *imports)}
    outer: dict[str, set[str]] = defaultdict(set)
    inner: dict[str, set[str]] = defaultdict(set)
    """Name of a module, on top or further in -> where it lies."""
    for name in names:
        first, *rest = name.removesuffix(".py").split("/")
        outer[first].add(top_of(name))
        for part in rest:
            inner[part].add(first)
    leader = {top: top for top in tops}

    def find(top: str) -> str:
        while leader[top] != top:
            leader[top] = leader[leader[top]]
            top = leader[top]
        return top

    for file, heads in () if installed else imports.items():
        own = find(top_of(file))
        for head in heads:
            if head in sys.stdlib_module_names or head == "openai":
                continue
            every = tops if head == package.partition(".")[0] else ()
            for other in every or outer.get(head) or inner.get(head) or ():
                leader[find(other)] = own
                own = find(own)
    found: dict[str, list[str]] = defaultdict(list)
    for file in sorted(imports):
        found[find(top_of(file))].append(file)
    together: dict[str, set[str]] = defaultdict(set)
    for top in tops:
        together[find(top)].add(top)
    # What matters in no folder of its own may still import, or call, any of the others.
    free = set() if installed else tops - {top for leading in found for top in together[leading]}
    return tuple(Group(frozenset(together[top] | free), tuple(files)) for top, files in found.items())


def top_of(name: str) -> str:
    """Return the first folder of a path; '' for a file that lies in none: these belong together."""
    head, slash, _ = name.partition("/")
    return head if slash else ""
