"""Items between brackets, with the space and the comments around them: put one in, take one out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

import libcst as cst

Gap = cst.BaseParenthesizableWhitespace

Item = TypeVar("Item", cst.Arg, cst.BaseDictElement, cst.BaseElement)

NOTHING = cst.SimpleWhitespace("")
SPACE = cst.SimpleWhitespace(" ")


@dataclass(frozen=True, slots=True)
class Listing(Generic[Item]):
    """Items between brackets: ``gaps[i]`` stands before item ``i``, the last gap before the closing bracket."""

    items: tuple[Item, ...]
    gaps: tuple[Gap, ...]
    trailing_comma: bool = False

    def changed(self, index: int, **parts: object) -> Listing[Item]:
        """Return the listing with other parts of the item at ``index``."""
        items = list(self.items)
        items[index] = items[index].with_changes(**parts)
        return replace(self, items=tuple(items))

    def punctuated(self) -> list[Item]:
        """Return the items with their commas and the gaps behind these."""
        done: list[Item] = []
        for i, item in enumerate(self.items):
            if i + 1 < len(self.items) or self.trailing_comma:
                comma = item.comma if isinstance(item.comma, cst.Comma) else cst.Comma()
                done.append(item.with_changes(comma=comma.with_changes(whitespace_after=self.gaps[i + 1])))
            else:
                done.append(item.with_changes(comma=cst.MaybeSentinel.DEFAULT))
        return done

    def elements(self) -> list[Item]:
        """Return the items of a dictionary or list: what follows the last comma belongs to the closing bracket."""
        done = self.punctuated()
        if self.trailing_comma:
            comma = cst.ensure_type(done[-1].comma, cst.Comma)
            done[-1] = done[-1].with_changes(comma=comma.with_changes(whitespace_after=NOTHING))
        return done


def listed(items: Sequence[Item], opening: Gap, closing: Gap) -> Listing[Item]:
    """Return the items of a dictionary or list; ``opening`` and ``closing`` stand at the brackets."""
    gaps: list[Gap] = [
        item.comma.whitespace_after if isinstance(item.comma, cst.Comma) else NOTHING for item in items[:-1]
    ]
    around = (opening, *gaps, closing) if items else (opening if remarked(opening) else closing,)
    return Listing(tuple(items), around, bool(items) and isinstance(items[-1].comma, cst.Comma))


def broken(indent: cst.SimpleWhitespace, first: cst.TrailingWhitespace | None = None, *above: cst.EmptyLine) -> Gap:
    """Return a gap with a newline: the rest of the line, lines of their own, the indentation of what follows."""
    return cst.ParenthesizedWhitespace(first or cst.TrailingWhitespace(), above, indent=True, last_line=indent)


def remarked(gap: Gap) -> bool:
    """Whether a comment stands in ``gap``."""
    if not isinstance(gap, cst.ParenthesizedWhitespace):
        return False
    return gap.first_line.comment is not None or any(line.comment for line in gap.empty_lines)


def with_item(listing: Listing[Item], index: int, item: Item) -> Listing[Item]:
    """Put ``item`` at ``index``, on a line of its own where the item before it has one."""
    here = listing.gaps[index]
    split: tuple[Gap, Gap] = (NOTHING, NOTHING)
    if index > 0:
        split = _split(listing.gaps[index - 1], here, last=index == len(listing.items))
    elif isinstance(here, cst.ParenthesizedWhitespace):
        if listing.items:
            split = (here, broken(here.last_line))
        elif remarked(here):
            deeper = cst.SimpleWhitespace(here.last_line.value + "    ")
            split = (here.with_changes(last_line=deeper), broken(here.last_line))
    elif listing.items:
        split = (here, SPACE)
    items = list(listing.items)
    items.insert(index, item)
    gaps = (*listing.gaps[:index], *split, *listing.gaps[index + 1 :])
    return Listing(tuple(items), gaps, listing.trailing_comma)


def _split(before: Gap, here: Gap, *, last: bool) -> tuple[Gap, Gap]:
    """Divide the gap in which a new item goes; ``before`` is the gap before its predecessor."""
    if isinstance(here, cst.ParenthesizedWhitespace):
        if not isinstance(before, cst.ParenthesizedWhitespace) and not remarked(here):
            return SPACE, here
        indent = here.last_line
        if isinstance(before, cst.ParenthesizedWhitespace):
            indent = before.last_line
        elif last:
            indent = cst.SimpleWhitespace(indent.value + "    ")
        # a comment behind the predecessor stays with it; those on lines of their own stay above what they are above
        if last:
            return broken(indent, here.first_line, *here.empty_lines), broken(here.last_line)
        return broken(indent, here.first_line), broken(here.last_line, None, *here.empty_lines)
    if last and isinstance(before, cst.ParenthesizedWhitespace):
        return broken(before.last_line), here
    return SPACE, here


def without_item(listing: Listing[Item], index: int) -> Listing[Item]:
    """Take an item out, with a comment behind it on its line."""
    items = list(listing.items)
    del items[index]
    before, after = listing.gaps[index : index + 2]
    last = index == len(listing.items) - 1
    comma = listing.items[index - 1].comma if index else None
    if last and not listing.trailing_comma and isinstance(comma, cst.Comma) and remarked(comma.whitespace_before):
        before = comma.whitespace_before  # the comma goes, the comment before it stays
    gap = _joined(before, after, first=index == 0, last=last)
    gaps = (*listing.gaps[:index], gap, *listing.gaps[index + 2 :])
    return Listing(tuple(items), gaps, listing.trailing_comma and bool(items))


def _joined(before: Gap, after: Gap, *, first: bool, last: bool) -> Gap:
    """Return what stands between the neighbours of an item that went."""
    own_lines = tuple(
        line for gap in (before, after) if isinstance(gap, cst.ParenthesizedWhitespace) for line in gap.empty_lines
    )
    if first and last:
        if not any(line.comment for line in own_lines):
            return NOTHING
        end = after if isinstance(after, cst.ParenthesizedWhitespace) else before
        return broken(end.last_line if isinstance(end, cst.ParenthesizedWhitespace) else NOTHING, None, *own_lines)
    if isinstance(before, cst.ParenthesizedWhitespace):
        if isinstance(after, cst.ParenthesizedWhitespace):
            return broken(after.last_line, before.first_line, *own_lines)
        return after if last and not remarked(before) else before
    if first and isinstance(after, cst.ParenthesizedWhitespace):
        return broken(after.last_line, None, *own_lines) if any(line.comment for line in own_lines) else before
    return before if first else after


def remark(gap: Gap) -> cst.Comment | None:
    """Return the comment that stands behind an item on its line."""
    return gap.first_line.comment if isinstance(gap, cst.ParenthesizedWhitespace) else None


def with_remark(gap: Gap, said: cst.Comment) -> Gap:
    """Put a comment behind an item on its line, behind the one that is there."""
    if not isinstance(gap, cst.ParenthesizedWhitespace):
        return gap
    before = gap.first_line.comment
    comment = said if before is None else cst.Comment(f"{before.value}  {said.value}")
    space = gap.first_line.whitespace.value or "  "
    line = gap.first_line.with_changes(comment=comment, whitespace=cst.SimpleWhitespace(space))
    return gap.with_changes(first_line=line)
