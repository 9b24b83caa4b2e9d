"""Measure ``scan`` against labels of real repositories.

Takes a folder of checkouts, a folder of labels (``NAME.json`` for the checkout ``NAME``) and the script that scores
findings. Prints the table and what was missed or found in vain; exits 1 below the goals.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import ModuleType
from typing import Any

from moves import parts

GOAL = 0.99
"""Of recall and precision for calls and clients, over all repositories."""
GOAL_EACH = 0.95
"""Of the same in every repository, and of the recall for every other kind."""

Row = dict[str, Any]


def arguments() -> argparse.Namespace:
    """Return what the command line says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="the folder with the checkouts")
    parser.add_argument("--labels", type=Path, required=True, help="the folder with the labels")
    parser.add_argument("--score", type=Path, required=True, help="the script that scores findings")
    parser.add_argument("--only", action="append", default=[], metavar="NAME", help="measure this checkout")
    parser.add_argument("--findings", type=Path, help="folder to keep the findings in, NAME.json each")
    parser.add_argument("--show", action="append", default=[], metavar="KIND", help="list misses and extras of a kind")
    return parser.parse_args()


def load(path: Path) -> ModuleType:
    """Import the script that scores."""
    spec = importlib.util.spec_from_file_location("score", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def scan(checkout: Path, part: str) -> list[Row]:
    """Return the findings in the Python files and notebooks of a checkout: labels speak of no others."""
    command = [sys.executable, "-m", "llm_migrate", "scan", str(checkout / part), "--format", "json"]
    done = subprocess.run(command, capture_output=True, check=False, env={**os.environ, "PYTHONUTF8": "1"})
    if done.returncode not in (0, 1) and not done.stdout:
        sys.exit(f"scan of {checkout} failed: {done.stderr.decode('utf-8', 'replace')}")
    found = [row for row in json.loads(done.stdout)["findings"] if Path(row["path"]).suffix in ("", ".ipynb", ".py")]
    return [{**row, "path": f"{part}/{row['path']}"} if part else row for row in found]


def shares(counts: Counter[str]) -> tuple[float, float]:
    """Return recall and precision; 1 where there is nothing to find, or nothing was found."""
    found = counts["found_true"] + counts["found_false"]
    recall = counts["met"] / counts["labels"] if counts["labels"] else 1.0
    return recall, counts["found_true"] / found if found else 1.0


def core(score: ModuleType, counts: dict[str, Counter[str]]) -> Counter[str]:
    """Return the counts of calls and clients together."""
    return sum((counts[kind] for kind in (*score.CORE, "any")), Counter())


def below(score: ModuleType, total: dict[str, Counter[str]], each: dict[str, dict[str, Counter[str]]]) -> Iterator[str]:
    """Yield what does not reach the goals."""
    rows = [("all repositories, core", core(score, total), GOAL, GOAL)]
    rows += [(f"{name}, core", core(score, counts), GOAL_EACH, GOAL_EACH) for name, counts in each.items()]
    rows += [(f"all repositories, {k}", c, GOAL_EACH, 0.0) for k, c in total.items() if k not in (*score.CORE, "any")]
    for name, counts, least_recall, least_precision in rows:
        recall, precision = shares(counts)
        if recall < least_recall:
            yield f"{name}: recall {recall:.1%} is below {least_recall:.0%}"
        if precision < least_precision:
            yield f"{name}: precision {precision:.1%} is below {least_precision:.0%}"


def show(what: str, name: str, rows: Sequence[Row], kinds: Sequence[str]) -> None:
    """Print the rows of some kinds."""
    for row in rows:
        if row.get("kind") in kinds:
            cell = f"[{row['cell']}]" if "cell" in row else ""
            print(f"{what} {name}/{row['path']}{cell}:{row['line']} {row['kind']} {row.get('api')}")


def main() -> int:
    """Measure, print, and return the exit code."""
    given = arguments()
    score = load(given.score)
    known = sorted(path.stem for path in given.labels.glob("*.json"))
    names = [n for n in known if (given.folder / n).is_dir() and (not given.only or n in given.only)]
    table = given.labels.parent / "corpus.toml"
    only = parts(table) if table.is_file() else {}
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        found = list(pool.map(lambda name: scan(given.folder / name, only.get(name, "")), names))
    total: dict[str, Counter[str]] = {kind: Counter() for kind in score.KINDS}
    each: dict[str, dict[str, Counter[str]]] = {}
    for name, findings in zip(names, found, strict=True):
        if given.findings is not None:
            given.findings.mkdir(parents=True, exist_ok=True)
            (given.findings / f"{name}.json").write_text(json.dumps(findings), "utf-8")
        labels = json.loads((given.labels / f"{name}.json").read_text("utf-8"))["labels"]
        each[name], misses, extras = score.score(labels, findings)
        for kind in score.KINDS:
            total[kind] += each[name][kind]
        show("missed", name, misses, (*score.CORE, *given.show))
        show("extra ", name, extras, (*score.CORE, *given.show))
    for name, counts in each.items():
        recall, precision = shares(core(score, counts))
        labels_there = core(score, counts)["labels"]
        print(f"{name:<36} core: {labels_there:4} labels, recall {recall:6.1%}, precision {precision:6.1%}")
    score.table(total)
    for name in (n for n in known if n not in names and not given.only):
        print(f"not measured: {name} is not in {given.folder}", file=sys.stderr)
    problems = list(below(score, total, each))
    for problem in problems:
        print(f"below the goal: {problem}", file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
