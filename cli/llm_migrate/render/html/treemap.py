"""A treemap: rectangles whose areas are numbers, as square as they can be, folders within folders."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

HEAD = 20.0
"""Height of a folder's title."""
GAP = 2.0
LEAST = 26.0
"""A folder is opened whose sides are longer; what is smaller is one rectangle."""


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Tile:
    """A file, or a folder (its path ends with a slash), what it is called in its folder, and where it stands."""

    path: str
    name: str
    box: Box
    open: bool = False
    """It is a folder, and what is in it has tiles of its own, which follow."""


@dataclass(slots=True)
class _Folder:
    size: float = 0
    entries: dict[str, _Folder] = field(default_factory=dict)


def layout(sizes: Mapping[str, float], width: float, height: float) -> Iterator[Tile]:
    """Yield the tiles of files, given by path and size: folders before what is in them. A size is greater than 0."""
    root = _Folder()
    for path, size in sizes.items():
        folder = root
        folder.size += size
        for part in path.split("/"):
            folder = folder.entries.setdefault(part, _Folder())
            folder.size += size
    yield from _within(root, "", Box(0, 0, width, height))


def _within(folder: _Folder, path: str, box: Box) -> Iterator[Tile]:
    entries = sorted(_joined(folder), key=lambda entry: (-entry[1].size, entry[0]))
    boxes = squarified([entry.size for _, entry in entries], box)
    for (name, entry), place in zip(entries, boxes, strict=True):
        if not entry.entries:
            yield Tile(path + name, name, place)
            continue
        inner = Box(place.x + GAP, place.y + HEAD, place.width - 2 * GAP, place.height - HEAD - GAP)
        opened = min(inner.width, inner.height) >= LEAST
        yield Tile(f"{path}{name}/", f"{name}/", place, opened)
        if opened:
            yield from _within(entry, f"{path}{name}/", inner)


def _joined(folder: _Folder) -> Iterator[tuple[str, _Folder]]:
    """Yield the entries of a folder; those of folders with a single folder in them under both names."""
    for name, entry in folder.entries.items():
        while len(entry.entries) == 1:
            ((below, only),) = entry.entries.items()
            if not only.entries:
                break
            name, entry = f"{name}/{below}", only
        yield name, entry


def squarified(sizes: Sequence[float], box: Box) -> list[Box]:
    """Return a box for each size, largest first, that together fill ``box``: rows along its shorter side, each taken
    as long as its worst box becomes no longer (Bruls, Huizing and van Wijk, 2000).
    """
    made: list[Box] = []
    scale = box.width * box.height / (sum(sizes) or 1)
    areas = [size * scale for size in sizes]
    while len(made) < len(areas):
        side = min(box.width, box.height)
        count, rest = 1, areas[len(made) :]
        while count < len(rest) and _worst(rest[: count + 1], side) <= _worst(rest[:count], side):
            count += 1
        row, box = _row(rest[:count], box)
        made += row
    return made


def _worst(areas: Sequence[float], side: float) -> float:
    """Return the longest ratio of sides in a row along ``side``."""
    total = sum(areas)
    if not total or not side:
        return float("inf")
    return max(max(side * side * area / total**2, total**2 / (side * side * area)) for area in areas)


def _row(areas: Sequence[float], box: Box) -> tuple[list[Box], Box]:
    """Return the boxes of one row, and what is left of the space."""
    across = box.width >= box.height
    side = box.height if across else box.width
    depth = sum(areas) / side if side else 0
    made, at = [], box.y if across else box.x
    for area in areas:
        length = area / depth if depth else 0
        made.append(Box(box.x, at, depth, length) if across else Box(at, box.y, length, depth))
        at += length
    if across:
        return made, Box(box.x + depth, box.y, max(box.width - depth, 0), box.height)
    return made, Box(box.x, box.y + depth, box.width, max(box.height - depth, 0))
