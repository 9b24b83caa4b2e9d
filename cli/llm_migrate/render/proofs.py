"""Proofs of a check as text and as JSON. Texts read the same without colour: each line has a symbol and a word."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from typing import Any

from llm_codemods.profile import Status
from llm_codemods.report import Outcome, Proof
from llm_codemods.requirements import Location
from llm_codemods.text import Text, text
from llm_migrate.language import say
from llm_migrate.live.claims import failed
from llm_migrate.live.probes import model_for, most_tokens, probe_for
from llm_migrate.live.probes.asking import NO_MODEL_NEEDED
from llm_migrate.live.wire import Connection
from llm_migrate.render.layout import aligned, padded, width

_SYMBOLS = {
    Outcome.WORKS: "✓",
    Outcome.DIFFERS: "≠",
    Outcome.IGNORED: "○",
    Outcome.REFUSED: "✗",
    Outcome.BROKEN: "!",
    Outcome.SKIPPED: "-",
}
WORDS: dict[Outcome, Text] = {
    Outcome.WORKS: text("works"),
    Outcome.DIFFERS: text("differs"),
    Outcome.IGNORED: text("ignored"),
    Outcome.REFUSED: text("refused"),
    Outcome.BROKEN: text("broken"),
    Outcome.SKIPPED: text("skipped"),
}
CLAIMS: dict[Status, Text] = {
    Status.SAME: text("works"),
    Status.RENAMED: text("works under another name"),
    Status.LIMITED: text("works within limits"),
    Status.IGNORED: text("ignored"),
    Status.REJECTED: text("refused"),
    Status.UNKNOWN: text("unknown"),
}


def as_text(proofs: Sequence[Proof]) -> str:
    """Return one line a proof, the places in the code beneath; disagreements with the profile first, then failures."""
    ordered = sorted(proofs, key=lambda proof: (not proof.disagrees, not failed(proof)))
    words = {outcome: say(word) for outcome, word in WORDS.items()}
    widths = (
        max((width(words[p.outcome]) for p in proofs), default=0),
        max((width(p.requirement.feature) for p in proofs), default=0),
        max((width(p.requirement.model or "") for p in proofs), default=0),
    )
    lines: list[str] = []
    for proof in ordered:
        cells = (words[proof.outcome], proof.requirement.feature, proof.requirement.model or "")
        words_of = "  ".join(map(padded, cells, widths))
        lines.append(f"{_SYMBOLS[proof.outcome]} {words_of}  {say(proof.evidence)}".rstrip())
        if proof.disagrees and proof.claim is not None:
            lines.append("    " + say("the profile says otherwise: {claim}", claim=CLAIMS[proof.claim]))
        lines += [f"    {_place(location)}" for location in proof.requirement.locations]
    return "\n".join(lines)


def summary(proofs: Sequence[Proof]) -> str:
    """Return counts in one line."""
    counts = Counter(proof.outcome for proof in proofs)
    parts = [say("{count} {word}", count=counts[o], word=WORDS[o]) for o in Outcome if counts[o]]
    disagreements = sum(proof.disagrees for proof in proofs)
    line = say("{count} probes: {parts}", count=len(proofs), parts=say(", ").join(parts))
    if not disagreements:
        return line
    return say("{line}; in {count} the endpoint is not as the profile says", line=line, count=disagreements)


def as_json(proofs: Sequence[Proof], connection: Connection) -> str:
    """Return the report for machines."""
    return dump(as_data(proofs, connection))


def joined(documents: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return the documents of the provider and of that of its embeddings as one."""
    first, *second = documents
    return {**first, "embeddings": second[0]} if second else first


def as_data(proofs: Sequence[Proof], connection: Connection) -> dict[str, Any]:
    """Return the report as JSON data; ``schema`` grows when its shape changes."""
    counts = Counter(proof.outcome.value for proof in proofs)
    return {
        **_head(connection),
        "proofs": [
            {
                "feature": proof.requirement.feature,
                "model": proof.requirement.model,
                "outcome": proof.outcome.value,
                "claim": proof.claim.value if proof.claim is not None else None,
                "disagrees": proof.disagrees,
                "evidence": say(proof.evidence),
                "seconds": proof.seconds,
                "locations": [
                    {"path": place.path, "line": place.line, "cell": place.cell}
                    for place in proof.requirement.locations
                ],
            }
            for proof in proofs
        ],
        "summary": {
            "total": len(proofs),
            **{outcome.value: counts[outcome.value] for outcome in Outcome},
            "failed": sum(map(failed, proofs)),
            "disagreements": sum(proof.disagrees for proof in proofs),
        },
    }


def plan_rows(connection: Connection, requirements: Sequence[Any]) -> list[dict[str, Any]]:
    """Return what a check would send: one row a request, with the most tokens it can cost."""
    return [
        {
            "feature": requirement.feature,
            "model": (request.body or {}).get("model"),
            "method": request.method,
            "path": request.path,
            "most_tokens": most_tokens(request),
        }
        for requirement in requirements
        if (probe := probe_for(requirement.feature)) is not None
        and (probe.asks == NO_MODEL_NEEDED or model_for(requirement, connection) is not None)
        for request in probe.requests(requirement, connection)
    ]


def plan_as_text(rows: Sequence[dict[str, Any]]) -> str:
    """Return the rows of ``plan_rows`` as aligned lines."""
    cells = [
        (
            row["method"],
            row["path"],
            row["feature"],
            row["model"] or "",
            say("at most {count} tokens", count=row["most_tokens"]),
        )
        for row in rows
    ]
    return "\n".join(aligned(cells))


def plan_as_data(rows: Sequence[dict[str, Any]], connection: Connection) -> dict[str, Any]:
    """Return the rows of ``plan_rows`` for machines."""
    total = sum(row["most_tokens"] for row in rows)
    return {**_head(connection), "requests": list(rows), "summary": {"requests": len(rows), "most_tokens": total}}


def _head(connection: Connection) -> dict[str, Any]:
    return {
        "schema": 1,
        "command": "check",
        "provider": connection.profile.id,
        "region": connection.region,
        "base_url": connection.base_url,
    }


def dump(value: object) -> str:
    """Return JSON data as text."""
    return json.dumps(value, ensure_ascii=False, indent=2)


def _place(location: Location) -> str:
    path = location.path
    if location.cell is not None:
        path = say("{path}:cell {cell}", path=path, cell=location.cell)
    return f"{path}:{location.line}"
