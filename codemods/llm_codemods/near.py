"""Which files of a project may say something about some of them: what these import, and who hands something in."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence

from llm_codemods.modules import Modules
from llm_codemods.prefilter import Import
from llm_codemods.reading import meant_by

Names = frozenset[str] | None
"""What is wanted of a file; None: all of it. Of packages alone it is asked: they pass on what others define."""


def near(
    asked: Iterable[str], files: Iterable[str], modules: Modules, imports_of: Callable[[str], Iterable[Import]]
) -> frozenset[str]:
    """Return files of a project that are near others: themselves, who imports something of theirs, who imports
    something of that in turn, for he may pass a client or a model on, and what all of these import.

    Near a file in the middle of a project that is most of it; near one at its rim it is little.

    Args:
        asked: some of the files.
        files: all that may import something: Python, notebooks.
        modules: those of them that can be imported.
        imports_of: what a file imports.
    """
    own = tuple(asked)
    every = {name: tuple(imports_of(name)) for name in {*files, *own}}
    users = _users(own, modules, every)
    return _reached(dict.fromkeys((*own, *users)), modules, every)


def _users(own: Sequence[str], modules: Modules, every: Mapping[str, Sequence[Import]]) -> set[str]:
    """Return who imports something of these files, or of who does, be it through packages that pass it on."""
    importers: dict[str, list[tuple[str, Import]]] = defaultdict(list)
    for name, imports in every.items():
        for one in imports:
            for file in meant_by(modules, name, one):
                importers[file].append((name, one))
    offered: dict[str, Names] = dict.fromkeys(own)
    fresh, users = list(own), set[str]()
    while fresh:
        path = fresh.pop()
        for name, one in importers[path]:
            taken = _taken(one, offered[path])
            if name == path or taken == frozenset():
                continue
            if not _is_package(name):
                users.add(name)
                taken = None
            if _joined(offered, name, taken):
                fresh.append(name)
    return users


def _reached(wanted: dict[str, Names], modules: Modules, every: Mapping[str, Sequence[Import]]) -> frozenset[str]:
    """Return files with all that they import; of what a package passes on that alone which is taken from it."""
    fresh = list(wanted)
    while fresh:
        path = fresh.pop()
        for one in every[path]:
            if _is_package(path) and _taken(one, wanted[path]) == frozenset():
                continue
            files = meant_by(modules, path, one)
            fresh += [f for f in files if _joined(wanted, f, _taken(one, None) if _is_package(f) else None)]
    return frozenset(wanted)


def _taken(one: Import, offered: Names) -> Names:
    """Return the names that an import takes of those that are offered."""
    if not one.names or "*" in one.names:
        return offered
    return frozenset(one.names) if offered is None else offered.intersection(one.names)


def _joined(known: dict[str, Names], path: str, names: Names) -> bool:
    """Add names to those that are known of a file; whether that is news."""
    if path not in known:
        known[path] = names
        return True
    before = known[path]
    known[path] = None if before is None or names is None else before | names
    return known[path] != before


def _is_package(path: str) -> bool:
    return path.endswith("__init__.py")
