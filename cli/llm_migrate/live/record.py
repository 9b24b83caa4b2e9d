"""What a run that was broken off had proved, so that the next one need not ask it again.

``.llm-migrate/check.json`` holds verdicts by digests of endpoint, profile and requirement, for a day. It holds no key,
no request and no answer: of what the endpoint said only numbers and single words are kept.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from llm_codemods.proof import Outcome, Proof
from llm_codemods.request import is_word
from llm_codemods.requirements import Requirement
from llm_codemods.text import Text, text
from llm_migrate import workspace
from llm_migrate.language import say
from llm_migrate.live.claims import claim
from llm_migrate.live.wire import Connection
from llm_migrate.version import version

AGE = 24 * 3600
"""Seconds for which a verdict is not asked again."""
_FORMAT = 1
_FILE = "check.json"
_PROVED = (Outcome.WORKS, Outcome.DIFFERS, Outcome.IGNORED, Outcome.REFUSED)


@dataclass(frozen=True, slots=True)
class Entry:
    """A verdict, and when it was reached (seconds since 1970)."""

    outcome: Outcome
    evidence: str
    """In the language of that run."""
    trials: tuple[Outcome, ...]
    at: float
    listed: tuple[str, ...] | None = None
    emulated: bool = False


def digest(connection: Connection, requirement: Requirement, samples: int) -> str:
    """Return the name of a requirement at an endpoint; where it stands in the code does not matter."""
    asked = (
        connection.base_url,
        connection.profile,
        connection.chat_model,
        connection.embedding_model,
        requirement.key,
        samples,
    )
    return hashlib.sha256(repr(asked).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Record:
    """What is known, by digest."""

    entries: dict[str, Entry] = field(default_factory=dict)

    @staticmethod
    def load(root: Path, now: float | None = None) -> Record:
        """Return what is young enough; nothing where there is no file, or none of this version."""
        try:
            data = json.loads((root / workspace.FOLDER / _FILE).read_bytes())
            if (data["format"], data["version"]) != (_FORMAT, version()):
                return Record()
            entries = {name: _entry(row) for name, row in data["proofs"].items()}
        except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
            return Record()
        clock = time.time() if now is None else now
        return Record({name: entry for name, entry in entries.items() if 0 <= clock - entry.at < AGE})

    def store(self, root: Path) -> None:
        """Write the file, or remove it when nothing is known.

        Raises:
            UserError: it cannot be written.
        """
        if not self.entries:
            workspace.discard(root, _FILE)
            return
        proofs = {name: _row(entry) for name, entry in self.entries.items()}
        data = {"format": _FORMAT, "version": version(), "proofs": proofs}
        workspace.keep(root, _FILE, json.dumps(data, ensure_ascii=False, indent=1).encode())

    def recall(self, connection: Connection, requirements: Sequence[Requirement], samples: int) -> dict[int, Proof]:
        """Return proofs that need not be asked for again, by the place of their requirement."""
        found = {}
        for place, requirement in enumerate(requirements):
            entry = self.entries.get(digest(connection, requirement, samples))
            if entry is not None:
                found[place] = Proof(
                    requirement,
                    entry.outcome,
                    text("{said} (seen in the run before)", said=entry.evidence),
                    claim(connection.profile, requirement),
                    trials=entry.trials,
                    listed=entry.listed,
                    emulated=entry.emulated,
                )
        return found

    def add(self, connection: Connection, proofs: Sequence[Proof], samples: int, now: float | None = None) -> None:
        """Take in what proofs show; what proves nothing is left out."""
        clock = time.time() if now is None else now
        for proof in proofs:
            if proof.outcome in _PROVED:
                said = say(_harmless(proof.evidence))
                listed = None if proof.listed is None else tuple(name for name in proof.listed if is_word(name))
                name = digest(connection, proof.requirement, samples)
                self.entries[name] = Entry(proof.outcome, said, proof.trials, clock, listed, proof.emulated)

    def drop(self, connection: Connection, requirements: Sequence[Requirement], samples: int) -> None:
        """Forget requirements."""
        for requirement in requirements:
            self.entries.pop(digest(connection, requirement, samples), None)


def _harmless(said: Text) -> Text:
    """Leave out of a text what may quote an answer."""
    return said.mapped(lambda v: v if isinstance(v, int | float) or (isinstance(v, str) and is_word(v)) else "…")


def _row(entry: Entry) -> dict[str, Any]:
    trials = [outcome.value for outcome in entry.trials]
    return {**asdict(entry), "outcome": entry.outcome.value, "trials": trials}


def _entry(row: Mapping[str, Any]) -> Entry:
    shown = "".join(c for c in str(row["evidence"]) if c.isprintable())
    listed = None if row["listed"] is None else tuple(name for name in row["listed"] if is_word(name))
    trials = tuple(map(Outcome, row["trials"]))
    return Entry(Outcome(row["outcome"]), shown, trials, float(row["at"]), listed, row["emulated"] is True)
