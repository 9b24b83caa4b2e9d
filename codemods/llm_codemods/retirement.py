"""Models that are no longer served, or soon will not be, by the profiles that come with the program.

All profiles are needed for every scan, and reading them whole takes longer than many a scan: here only the rows of
models are looked at, line by line.
"""

from __future__ import annotations

import datetime
import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache

from llm_codemods.providers import bundled, bundled_text
from llm_codemods.sought import Sought
from llm_codemods.vocabulary import MODEL

SOON = datetime.timedelta(days=90)
"""So long before its end a model is reported."""
_MODELS = re.compile(r"^\[models\]\s*?$(?P<rows>.*?)(?=^\[|\Z)", re.MULTILINE | re.DOTALL)
_ROW = re.compile(r"^(?P<quote>[\"']?)(?P<name>[^\"'\s=]+)(?P=quote)\s*=\s*\{(?P<fields>[^\n]*)", re.MULTILINE)
_RETIRED = re.compile(r"\bretired = (\d{4}-\d\d-\d\d)")
_SUCCESSOR = re.compile(r"\breplaced_by = \"([^\"]+)\"")


@dataclass(frozen=True, slots=True)
class Retirement:
    """The end of one model at one provider."""

    provider: str
    """The id of its profile."""
    name: str
    day: datetime.date
    successor: str | None
    past: bool


@dataclass(frozen=True, slots=True)
class Retirements:
    """What has ended, or soon will have, on a day. The default knows of nothing."""

    rows: Mapping[str, tuple[Retirement, ...]] = field(default_factory=dict)
    """Name of a model -> its end at each provider that has one."""
    alive: frozenset[str] = frozenset()
    """Those of these names that other providers go on serving."""

    @property
    def sought(self) -> Sought:
        """What files are searched for; the names of OpenAI's models are found anyway."""
        return Sought(tuple(sorted(name for name in self.rows if not MODEL.fullmatch(name))))

    def successors(self, provider: str) -> dict[str, str]:
        """Return the models of a provider for which another stands in."""
        ends = (row for rows in self.rows.values() for row in rows if row.provider == provider)
        return {row.name: row.successor for row in ends if row.successor is not None}

    def of(self, name: str, providers: frozenset[str]) -> tuple[Retirement, ...]:
        """Return the ends of a model that is asked for at these providers; none known: at any that has it."""
        rows = self.rows.get(name, ())
        if providers:
            return tuple(row for row in rows if row.provider in providers)
        return () if name in self.alive else rows


NONE = Retirements()


@cache
def retirements(today: datetime.date) -> Retirements:
    """Return what has ended on a day, or will within ``SOON``."""
    served: dict[str, set[str]] = defaultdict(set)
    found: dict[str, list[Retirement]] = defaultdict(list)
    for provider in bundled():
        rows = _rows(provider)
        for name, (day, _) in rows.items():
            if day is None or day > today + SOON:
                served[name].add(provider)
            else:
                successor = _following(name, rows, today)
                found[name].append(Retirement(provider, name, day, successor, day <= today))
    return Retirements({name: tuple(rows) for name, rows in found.items()}, frozenset(found.keys() & served.keys()))


def _following(
    name: str, rows: Mapping[str, tuple[datetime.date | None, str | None]], today: datetime.date
) -> str | None:
    """Return what stands in for a model in the end: successors end, too."""
    seen = {name}
    successor = rows[name][1]
    while successor is not None and successor in rows:
        day, following = rows[successor]
        if day is None or day > today + SOON or following is None or following in seen:
            break
        seen.add(successor)
        successor = following
    return successor


@cache
def _rows(provider: str) -> Mapping[str, tuple[datetime.date | None, str | None]]:
    """Return the models of a profile: name -> last day and successor."""
    found: dict[str, tuple[datetime.date | None, str | None]] = {}
    section = _MODELS.search(bundled_text(provider))
    for row in _ROW.finditer(section["rows"]) if section is not None else ():
        day, successor = _RETIRED.search(row["fields"]), _SUCCESSOR.search(row["fields"])
        found[row["name"]] = (datetime.date.fromisoformat(day[1]) if day else None, successor[1] if successor else None)
    return found
