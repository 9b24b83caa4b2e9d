"""What a check has seen, as a profile of the user's own that builds on the one that was checked.

Only what is news is written: rows that were contradicted, and those that were unknown. A row takes the place of the
old one, so what else stood there (names, ranges, notes) is carried along.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import MISSING, fields
from enum import Enum
from pathlib import Path
from typing import Any

import tomli
import tomli_w

from llm_codemods.profile import Action, Confidence, Note, Profile, Row, Status
from llm_codemods.proof import Outcome, Proof
from llm_codemods.text import text
from llm_migrate.errors import UserError
from llm_migrate.live.claims import Keys, rows_of

MARK = "# Written by llm-migrate check --learn"
"""What the first line of such a file begins with: only these are overwritten."""
SOURCE = "observed"
_STATUS = {
    Outcome.WORKS: Status.SAME,
    Outcome.DIFFERS: Status.LIMITED,
    Outcome.IGNORED: Status.IGNORED,
    Outcome.REFUSED: Status.REJECTED,
}
_ACTION = {
    Status.SAME: Action.KEEP,
    Status.LIMITED: Action.REVIEW,
    Status.IGNORED: Action.REMOVE,
    Status.REJECTED: Action.REMOVE,
}
"""What the rewriter does about a parameter that was seen to behave so."""


def news(profile: Profile, proofs: Iterable[Proof]) -> dict[Keys, Status]:
    """Return the rows to write, with what was seen: those that were contradicted, unknown or not there.

    A row of which proofs show different things is limited. Skipped and broken probes teach nothing, nor do refused
    keys and what an emulator says.
    """
    seen: dict[Keys, list[Proof]] = {}
    for proof in proofs:
        if proof.outcome in _STATUS and not proof.emulated:
            for keys in _learnable(profile, proof):
                seen.setdefault(keys, []).append(proof)
    found: dict[Keys, Status] = {}
    for keys, those in seen.items():
        if any(proof.disagrees or proof.claim in (None, Status.UNKNOWN) for proof in those):
            statuses = {_STATUS[proof.outcome] for proof in those}
            found[keys] = statuses.pop() if len(statuses) == 1 else Status.LIMITED
    return found


def _learnable(profile: Profile, proof: Proof) -> Iterator[Keys]:
    """Yield the rows that a proof says something about. Where a model's own row denies a feature, that is the row."""
    if proof.row[:1] == ("models",) and len(proof.row) == 3:
        yield from [proof.row] * (proof.row[2] != "batch")  # how many it takes is not seen
        return
    for keys in rows_of(proof.requirement):
        own = keys[0] in ("features", "parameters", "roles", "endpoints") and keys[-1] == _name(proof)
        if own or (keys[0] == "models" and keys[1] in profile.models):
            yield keys


def _name(proof: Proof) -> str:
    """Return what the rows about a requirement are called; those of what it is a part of are called otherwise."""
    need = proof.requirement
    if need.feature == "role" and need.value == "developer":
        return "developer"
    return str(need.value) if need.feature in ("role", "endpoint") else need.feature


def overlay(
    profile: Profile, extends: str, proofs: Sequence[Proof], base_url: str, today: datetime.date, before: str = ""
) -> str:
    """Return the TOML text of a profile that says what was seen.

    Args:
        profile: the one that was checked.
        extends: its id, or the path of its file from that of the overlay.
        proofs: with the rows that they were held against.
        base_url: the endpoint that was asked.
        today: the date of what is new.
        before: the text of the overlay that was checked and is to be replaced; what it says stays, unless it was
            contradicted.
    """
    old = tomli.loads(before)
    table: dict[str, Any] = {"extends": old.get("extends", extends)}
    told = {"title": f"llm-migrate check: {base_url}", "date": today.isoformat()}
    table["sources"] = {**old.get("sources", {}), SOURCE: told}
    table |= {name: value for name, value in old.items() if name not in table}
    for keys, status in news(profile, proofs).items():
        place = table
        for key in keys[: 2 if keys[0] == "models" else -1]:
            place = place.setdefault(key, {})
        row = _row(profile, keys, status, today)
        if keys[0] == "models":
            place |= {**_data(profile.models[keys[1]]), **place, **row}
            if status is Status.SAME:
                place.pop("retired", None)
        else:
            place[keys[-1]] = row
    return f"{MARK}: {base_url}, {today}\n\n{tomli_w.dumps(table)}"


def _row(profile: Profile, keys: Keys, status: Status, today: datetime.date) -> dict[str, Any]:
    said = {"source": SOURCE, "checked": today, "confidence": Confidence.OBSERVED.value}
    match keys:
        case ("models", _, field):
            return {field: status is not Status.REJECTED, **said}
        case ("models", _):
            return said if status is Status.SAME else {"retired": today, **said}
        case ("parameters", api, name):
            old = _data(profile.parameters.get(api, {}).get(name))
            lost = status in (Status.IGNORED, Status.REJECTED)
            return {
                **old,
                "status": status.value,
                "action": _ACTION[status].value,
                **({"review": True} if lost else {}),
                **said,
            }
        case ("roles", name):
            role = _data(profile.roles.get(name))
            action = Action.KEEP if status is Status.SAME else Action(role.get("action", Action.REVIEW.value))
            return {**role, "status": status.value, "action": action.value, **said}
        case ("endpoints", name):
            return {**_data(profile.endpoint(name)), "status": status.value, **said}
    return {**_data(profile.features.get(keys[1])), "status": status.value, **said}


def _data(row: Row | None) -> dict[str, Any]:
    """Return a row of a profile as the TOML data that it was read from."""
    if row is None:
        return {}
    found: dict[str, Any] = {}
    for field in fields(row):
        value = getattr(row, field.name)
        default = field.default if field.default_factory is MISSING else field.default_factory()
        if value is not None and (default is MISSING or value != default):
            found[field.name] = _plain(value)
    return found


def _plain(value: object) -> object:
    match value:
        case Enum():
            return value.value
        case Note(en=en, zh=zh):
            return {"en": en, "zh": zh}
        case tuple():
            return [_plain(one) for one in value]
        case Mapping():
            return {name: _plain(one) for name, one in value.items()}
    return value


def earlier(file: Path) -> str:
    """Return the text of a file that is to be written; "" where there is none.

    Raises:
        UserError: the file is there and was not written by a check, or cannot be read.
    """
    try:
        said = file.read_text("utf-8")
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise UserError(text("cannot read {path}: {reason}", path=str(file), reason=reason)) from None
    if not said.startswith(MARK):
        raise UserError(
            text("{path} is there already, and no check wrote it", path=str(file)), text("name another file")
        )
    return said


def refuse_emulated(proofs: Iterable[Proof]) -> None:
    """Refuse to learn from an emulator.

    Raises:
        UserError: an emulator answered.
    """
    if any(proof.emulated for proof in proofs):
        raise UserError(
            text("an emulator says what its profile says: there is nothing to learn from it"),
            text("ask the provider itself: leave out --base-url"),
        )
