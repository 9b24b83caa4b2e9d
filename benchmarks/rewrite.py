"""Time how fixes are made against the same change by a codemod on LibCST's metadata, over the same files.

``python benchmarks/rewrite.py`` makes modules as long as those that use OpenAI commonly are. Both change the names of
models, and the endpoint and key of clients, and must write the same text. Measured is the processor time of the change
alone, where the places are known to the one and found on its way by the other; and that of whole commands, of which
ours reads what the names mean across files, and analyses the new text again to prove it. The least of several runs, in
which both take turns, counts. Exit code 1 if a goal is missed.
"""

from __future__ import annotations

import argparse
import math
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

from llm_codemods.operations import Fix
from llm_codemods.transform import rewrite
from llm_migrate.settings import Settings
from made import long_modules
from timing import BIN, Goal, best, judge, show
from transformer import TO, target, transformed

MOST_OF_TRANSFORMER = 1 / 10
MOST_OF_COMMAND = 1.0
"""A whole rewrite, which reads the project twice, may take at most what the codemod takes."""

CODES = ("LM101", "LM201")
FILES = 150
TRANSFORMER = str(Path(__file__).with_name("transformer.py"))


def fixes(folder: Path) -> dict[str, list[Fix]]:
    """Return what is to be done, by file."""
    found: dict[str, list[Fix]] = defaultdict(list)
    for finding in Settings(folder, profile=target().profile).analyse().findings:
        if finding.fix is not None and finding.code in CODES:
            found[finding.path].append(finding.fix)
    return found


def least(contestants: dict[str, Callable[[], object]], runs: int) -> dict[str, float]:
    """Return the least processor seconds that each took. They take turns."""
    took = dict.fromkeys(contestants, math.inf)
    for _ in range(runs):
        for name, run in contestants.items():
            started = time.process_time()
            run()
            took[name] = min(took[name], time.process_time() - started)
    return took


def commands(folder: Path, empty: Path) -> dict[str, list[str]]:
    """Return the commands to time, with and without files."""
    rewriting = [str(BIN / "llm-migrate"), "rewrite", "--to", TO, "--check", "--no-check"]
    rewriting += [word for code in CODES for word in ("--select", code)]
    transforming = [sys.executable, TRANSFORMER]
    return {
        "rewrite nothing": [*rewriting, str(empty)],
        "rewrite": [*rewriting, str(folder)],
        "transform nothing": transforming,
        "transform": [*transforming, *map(str, sorted(folder.iterdir()))],
    }


def main() -> int:
    """Measure, print, judge."""
    parser = argparse.ArgumentParser(description="Time how fixes are made against a codemod on LibCST's metadata.")
    parser.add_argument("--runs", type=int, default=5, help="of which the best counts (default: 5)")
    runs: int = parser.parse_args().runs
    made, to = dict(long_modules(FILES)), target()
    with tempfile.TemporaryDirectory() as place:
        folder, empty = Path(place, "full"), Path(place, "empty")
        folder.mkdir()
        empty.mkdir()
        for path, code in made.items():
            (folder / path).write_text(code, "utf-8")
        wanted = fixes(folder)
        differing = [p for p, code in made.items() if rewrite(code, wanted[p]).text != transformed(code, to)[0]]
        if differing:
            sys.exit(f"the two do not write the same: {differing[0]}")
        step = least(
            {
                "rewrite": lambda: [rewrite(code, wanted[path]) for path, code in made.items()],
                "transform": lambda: [transformed(code, to) for code in made.values()],
            },
            runs,
        )
        costs = best(commands(folder, empty), runs)
    whole = {name: costs[name].work - costs[f"{name} nothing"].work for name in ("rewrite", "transform")}
    megabytes = sum(map(len, made.values())) / 1e6
    print(f"{FILES} modules, {megabytes:.2f} MB, {sum(map(len, wanted.values()))} fixes, the best of {runs} runs\n")
    rows: list[tuple[str, ...]] = [("processor milliseconds a module", "rewrite", "transform", "transform / rewrite")]
    for label, took in (("the change alone", step), ("the whole command", whole)):
        each = (f"{took[side] / FILES * 1e3:.2f}" for side in ("rewrite", "transform"))
        rows.append((label, *each, f"{took['transform'] / took['rewrite']:.1f} ×"))
    show(rows)
    return judge(
        [
            Goal("rewrite / transform, the change", step["rewrite"] / step["transform"], MOST_OF_TRANSFORMER),
            Goal("rewrite / transform, the command", whole["rewrite"] / whole["transform"], MOST_OF_COMMAND),
        ]
    )


if __name__ == "__main__":
    sys.exit(main())
