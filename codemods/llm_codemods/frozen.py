"""Dataclasses with slots, whose fields nobody sets again, for what there are millions of.

mypy sees to it that they stay as they are, not the running program: to set a field of a dataclass with ``frozen=True``
takes five times as long.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from typing_extensions import dataclass_transform
else:

    def dataclass_transform(**_: bool):  # noqa: D103
        return lambda decorator: decorator


T = TypeVar("T")


@dataclass_transform(frozen_default=True, eq_default=False)
def frozen(cls: type[T]) -> type[T]:
    """Make a class such a dataclass; each of its values is equal to itself only."""
    return dataclass(slots=True, eq=False)(cls)


@dataclass_transform(frozen_default=True, order_default=True)
def ordered(cls: type[T]) -> type[T]:
    """Make a class such a dataclass; its values are compared by their fields."""
    return dataclass(slots=True, order=True, unsafe_hash=True)(cls)
