"""Move real repositories to providers and prove of each move what a user relies on.

``make moves CORPUS=FOLDER [TO="qwen deepseek"]``: every checkout below the folder is copied, rewritten with everything
that may be (``--include review``), looked at again, and taken back. For each repository and provider it prints how many
findings there were of each verdict, and what is wrong: a changed file that does not compile, a second run that changes
something, an undo that leaves something, a finding left that is not ``manual``. Then, for each provider, as what the
calls to chat, completions, responses and embeddings end. With ``--embeddings ID`` the embeddings go to that provider
where the one that code moves to has none.

Exit code 1 if anything is wrong, or a share is below the goals.
"""

from __future__ import annotations

import argparse
import ast
import json
import shutil
import sys
import tempfile
import traceback
import warnings
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from itertools import chain
from pathlib import Path

import tomli

from llm_codemods import profile as profiles
from llm_codemods.analysis import Analysis
from llm_codemods.edits import Place
from llm_codemods.fit import Use, uses
from llm_codemods.migration import is_offered, migrate, plan
from llm_codemods.report import Finding, Verdict
from llm_codemods.source import decode
from llm_codemods.target import Target
from llm_migrate import workspace
from llm_migrate.settings import Settings

TARGETS = ("qwen", "baidu", "zhipu", "tencent", "deepseek", "moonshot", "doubao", "minimax")
CALLS = ("chat.completions", "completions", "responses", "embeddings", "ChatCompletion", "Completion", "Embedding")
"""The parts of the API whose calls must move."""
READY_OR_FIX, MOVABLE = 0.85, 0.97
"""Least shares of calls for the first provider: what works or can be rewritten safely; the same and what a person must
look at."""


@dataclass
class Move:
    """What became of one repository with one provider."""

    name: str
    to: str
    findings: Counter[str] = field(default_factory=Counter)
    calls: Counter[str] = field(default_factory=Counter)
    changed: int = 0
    wrong: list[str] = field(default_factory=list)
    manual: list[str] = field(default_factory=list)
    """Calls that a person must decide about, with what is said of them."""


def moves(checkout: Path, targets: Sequence[str], embeddings: str | None) -> list[Move]:
    """Rewrite a copy of a checkout for each target, and take it back."""
    every = [Move(checkout.name, to) for to in targets]
    second = profiles.find(embeddings) if embeddings is not None else None
    with tempfile.TemporaryDirectory() as place:
        root = Path(place) / checkout.name
        settings = Settings(root, embeddings=second)
        _copy(checkout, root)
        aims = [settings.target_at(profiles.find(to)) for to in targets]
        try:
            # what does not depend on the target is found once for all
            analyses: Iterable[Analysis | None] = settings.analyse_each(aims)
        except Exception:  # a crash is what we look for: with whom, the analysis for each alone will tell
            analyses = [None] * len(every)
        for made, target, before in zip(every, aims, analyses, strict=True):
            try:
                _move(settings, target, made, before, on_disk=made is every[0])
            except Exception:  # the rest goes on
                made.wrong.append(f"crash: {traceback.format_exc(limit=-3)}")
            if made.wrong:  # who knows what was left behind
                shutil.rmtree(root)
                _copy(checkout, root)
    return every


def _copy(checkout: Path, root: Path) -> None:
    shutil.copytree(checkout, root, symlinks=True, ignore=shutil.ignore_patterns(".git", ".llm-migrate"))
    (root / ".git").mkdir()  # a project of its own, whatever lies around


def _move(settings: Settings, target: Target | None, made: Move, before: Analysis | None, *, on_disk: bool) -> None:
    """Rewrite, look again, and take back. ``on_disk``: analyse anew what was written; else what was analysed in memory
    before it was written counts, of which ``migrate`` has proved that a second run changes nothing."""
    root = settings.root

    def again(overlay: Mapping[str, bytes] | None = None, /, *, left: frozenset[Place] = frozenset()) -> Analysis:
        return settings.analyse_each([target], overlay, left=left)[0]

    before = again() if before is None else before
    made.findings = Counter(_verdict(f) for f in before.findings)
    for use in judged(before):
        made.calls[use.verdict.value] += 1
        if use.verdict is Verdict.MANUAL:
            made.manual.append(f"{use.finding.path} {use.finding.api}: {use.worst.message}")
    migration = migrate(again, is_offered, before=before)
    planned = migration.plan
    made.changed = len(planned.changes)
    made.wrong += [f"given up: {s.path}: {s.reason}" for s in planned.dropped]
    old = {path: (root / path).read_bytes() for path in planned.changes}
    broken = set(map(_without_reason, unparsed(root, planned.changes)))
    workspace.write(root, planned.changes)
    made.wrong += (wrong for wrong in unparsed(root, planned.changes) if _without_reason(wrong) not in broken)
    made.wrong += [f"not as planned: {p}" for p, data in planned.changes.items() if (root / p).read_bytes() != data]
    after = again() if on_disk else migration.after
    if on_disk:
        made.wrong += [f"changed again: {path}" for path in plan(after, again, is_offered).changes]
        made.wrong += ["what is found on the disk is not what was found in memory"] * (
            after.findings != migration.after.findings
        )
    left = [f for f in after.findings if f.open and f.verdict is not Verdict.MANUAL]
    made.wrong += [f"left, {f.verdict and f.verdict.value}: {f.path} {f.code}: {f.message}" for f in left]
    if planned.changes:
        workspace.undo(root)
    made.wrong += [f"not undone: {path}" for path, data in old.items() if (root / path).read_bytes() != data]


def judged(analysis: Analysis) -> Iterator[Use]:
    """Yield the calls that must move."""
    return (use for use in uses(analysis.findings, {"call"}) if use.finding.api.startswith(CALLS))


def _without_reason(wrong: str) -> str:
    """Cut what differs where lines move."""
    return ": ".join(wrong.split(": ")[:2])


def unparsed(root: Path, paths: Iterable[str]) -> Iterator[str]:
    """Yield what is wrong with changed files: Python that does not compile, a notebook or JSON that is none."""
    for path in paths:
        data = (root / path).read_bytes()
        try:
            if path.endswith((".py", ".pyi", ".ipynb")):
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    compile(decode(path, data).code, path, "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
            if path.endswith((".ipynb", ".json")):
                json.loads(data)
        except (SyntaxError, ValueError) as error:
            yield f"does not parse: {path}: {error}"


def parts(table: Path) -> dict[str, str]:
    """Return the folder to look at, for checkouts of which only a part counts."""
    rows = tomli.loads(table.read_text("utf-8"))["repo"]
    return {row["name"]: row["only"].strip("/") for row in rows if "only" in row}


def _verdict(finding: Finding) -> str:
    return "none" if finding.verdict is None else finding.verdict.value


def main() -> int:
    """Move, print, and return the exit code."""
    parser = argparse.ArgumentParser(description="Move real repositories to providers, in copies.")
    parser.add_argument("folder", type=Path, help="of checkouts")
    parser.add_argument("--to", nargs="+", default=TARGETS, metavar="ID", help="providers (default: the eight)")
    parser.add_argument("--only", nargs="+", metavar="NAME", help="checkouts (default: all)")
    parser.add_argument("--parts", type=Path, metavar="TOML", help="which part of each checkout: [[repo]] name, only")
    parser.add_argument("--jobs", type=int, default=2, help="how many at once (default: 2)")
    parser.add_argument("--embeddings", metavar="ID", help="who takes the embeddings of providers that have none")
    parser.add_argument("--verbose", action="store_true", help="list every call that is manual")
    given = parser.parse_args()
    checkouts = [f for f in sorted(given.folder.iterdir()) if f.is_dir() and (not given.only or f.name in given.only)]
    only = parts(given.parts) if given.parts else {}
    checkouts = [f / only.get(f.name, "") for f in checkouts]
    calls: dict[str, Counter[str]] = {to: Counter() for to in given.to}
    wrong = 0
    with ProcessPoolExecutor(given.jobs) as pool:
        each = partial(moves, targets=given.to, embeddings=given.embeddings)
        for made in chain.from_iterable(pool.map(each, checkouts)):
            counts = ", ".join(f"{made.findings[v.value]} {v.value}" for v in Verdict)
            print(f"{made.name:<36} {made.to:<9} {made.changed:4} files changed; {counts}", flush=True)
            for line in (*made.wrong, *(made.manual if given.verbose else ())):
                print(f"    {line}")
            wrong += len(made.wrong)
            calls[made.to] += made.calls
    missed = False
    for to, counted in calls.items():
        total = sum(counted.values()) or 1
        good = (counted["ready"] + counted["fix"]) / total
        movable = good + counted["review"] / total
        shown = ", ".join(f"{counted[v.value]} {v.value}" for v in Verdict)
        print(f"{to:<9} {total:5} calls: {shown}; ready or fix {good:.1%}, movable {movable:.1%}")
        missed = missed or (to == TARGETS[0] and (good < READY_OR_FIX or movable < MOVABLE))
    print(f"{wrong} things are wrong", file=sys.stderr)
    return 1 if wrong or missed else 0


if __name__ == "__main__":
    sys.exit(main())
