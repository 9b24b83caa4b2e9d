"""What stands under which names in a dictionary, wherever its parts come from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from llm_codemods import adapters
from llm_codemods.libraries import KEEPS_NAMES
from llm_codemods.project import Project
from llm_codemods.terms import Call, Either, Entries, Occurrence, Term
from llm_codemods.values import Display, External, Function, Value

Found = dict[str, list[tuple[Display, Term]]]
"""Name -> what stands under it: several values, each with the display it stands in."""


def entries(project: Project, path: str, term: Term) -> tuple[Found, bool]:
    """Return what stands under which names in the dictionary that ``term`` is, and whether all of it is seen."""
    found: Found = defaultdict(list)
    whole = True
    seen: set[tuple[Term, frozenset[str]]] = set()
    queue: list[tuple[str, Term, frozenset[str]]] = [(path, term, frozenset())]
    while queue:
        file, one, taken = queue.pop(0)
        if (one, taken) in seen:
            continue
        seen.add((one, taken))
        adapter = adapters.seen(one, adapters.MAPPINGS)
        if adapter is not None and isinstance(one, Call) and any(map(_is_function, project.values(file, one.func))):
            function, mapping, rest = adapter  # what it is told of fits
            inner, all_seen = entries(project, file, mapping)
            for name in inner.keys() - adapters.told(function, rest).keys() - taken:
                found[name] += inner[name]
            whole = whole and all_seen
            continue
        origins: Sequence[Occurrence] = ()
        if isinstance(one, Either):
            origins = [(file, option) for option in one.options]
        elif not isinstance(one, Entries):
            origins = project.origins(file, one)
        queue += [(*origin, taken) for origin in origins]
        if not origins:
            displays = [v for v in project.values(file, one) if isinstance(v, Display) and isinstance(v.term, Entries)]
            made = isinstance(one, Call) and any(map(_makes_dictionary, project.values(file, one.func)))
            whole = whole and (made or isinstance(one, Entries) or project.is_collected(file, one))
            for display in displays:
                queue += _listed(project, display, found, taken)
                whole = whole and all(key is None or any(project.texts(display.path, key)) for key in _keys(display))
    return dict(found), whole


def always(project: Project, path: str, term: Term) -> frozenset[str]:
    """Return the names that the dictionary which ``term`` is has wherever it comes from; what a statement puts into
    it counts."""
    return _always(project, path, term, {}) or frozenset()


def _always(
    project: Project, path: str, term: Term, seen: dict[Occurrence, frozenset[str] | None]
) -> frozenset[str] | None:
    """Return them, or None where the dictionary goes back to itself."""
    if (path, term) in seen:
        return seen[path, term]
    seen[path, term] = None
    adapter = adapters.seen(term, adapters.MAPPINGS)
    if isinstance(term, Entries):
        keys = [frozenset(project.texts(path, key)) for key, _ in term.items if key is not None]
        inner = [_always(project, path, value, seen) for key, value in term.items if key is None]
        found = frozenset().union(*(names for names in keys if len(names) == 1), *filter(None, inner))
    elif adapter is not None:
        found = _always(project, path, adapter[1], seen) or frozenset()
    else:
        places = [(path, one) for one in term.options] if isinstance(term, Either) else project.origins(path, term)
        places = places or [(v.path, v.term) for v in project.values(path, term) if isinstance(v, Display)]
        put = [place for place in places if isinstance(place[1], Entries) and place[1].put is not None]
        added = [_always(project, *place, seen) for place in put]
        whole = [has for p in places if p not in put and (has := _always(project, *p, seen)) is not None]
        found = frozenset().union(*filter(None, added))
        found |= frozenset.intersection(*whole) if whole else frozenset()
    seen[path, term] = found
    return found


def _listed(
    project: Project, display: Display, found: Found, taken: frozenset[str]
) -> Iterator[tuple[str, Term, frozenset[str]]]:
    """Add the entries of a display but those that are ``taken`` to ``found``; yield what is unpacked in it, and
    what is taken out of that."""
    assert isinstance(display.term, Entries)
    for key, value in display.term.items:
        if key is None:
            yield display.path, value, taken | display.term.taken
        else:
            for name in project.texts(display.path, key):
                if name not in taken:
                    found[name].append((display, value))


def _keys(display: Display) -> tuple[Term | None, ...]:
    """Return the keys of a dictionary that is written out."""
    return tuple(key for key, _ in display.term.items) if isinstance(display.term, Entries) else ()


def _is_function(value: Value) -> bool:
    return isinstance(value, Function)


def _makes_dictionary(function: Value) -> bool:
    return isinstance(function, External) and function.dotted in KEEPS_NAMES
