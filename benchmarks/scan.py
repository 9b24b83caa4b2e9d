"""Time ``llm-migrate scan`` on a large tree against the least that must be done, and against other finders.

``python benchmarks/scan.py DIR`` (see ``tree.py`` for a DIR). All use the same number of processes and take turns after
the files were read once; the best of several runs counts. Exit code 1 if a goal is missed.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from floor import floor
from timing import BIN, PRODUCT, Cost, Goal, best, judge, peak, show

MOST_OF_FLOOR = 1.5
MOST_OF_RUFF = 1.0
MOST_OF_AST_GREP = 1 / 5
MOST_OF_VISITOR = 1 / 50
MOST_MEMORY = 400.0

SAMPLE = 40
"""Files that the LibCST visitor, by far the slowest, is tried on."""

FLOOR = str(Path(__file__).with_name("floor.py"))
VISITOR = str(Path(__file__).with_name("visitor.py"))

BANNED = "lint.flake8-tidy-imports.banned-api.openai.msg = 'not here'"
PATTERN = "$C.chat.completions.create($$$)"


def scan(folder: str, jobs: int) -> list[str]:
    """Return the command that is measured."""
    command = [*PRODUCT, folder, "--format", "json"]
    return [*command, "--jobs", str(jobs)] if has_jobs() else command


def has_jobs() -> bool:
    """Whether the product can be told how many processes to use."""
    done = subprocess.run([*PRODUCT, "--help"], capture_output=True, text=True, check=True)
    return "--jobs" in done.stdout


def contestants(folder: str, jobs: int) -> dict[str, list[str]]:
    """Return the commands to time. Ruff and the others must be told their number of threads in their own way."""
    ruff = [str(BIN / "ruff"), "check", folder, "--isolated", "--no-cache", "--select", "TID251", "--config", BANNED]
    ast_grep = [str(BIN / "ast-grep"), "run", "--pattern", PATTERN, "--lang", "python", "--threads", str(jobs), folder]
    floor_command = [sys.executable, FLOOR, folder, "--jobs", str(jobs)]
    commands = {
        "llm-migrate scan": scan(folder, jobs),
        "floor: search all bytes": [*floor_command, "--no-parse"],
        "floor: search, parse what matters": floor_command,
        "ruff, one banned import": ["env", f"RAYON_NUM_THREADS={jobs}", *ruff, "--quiet"],
        "ast-grep, one pattern": [*ast_grep, "--json=stream"],
    }
    if rg := shutil.which("rg"):
        commands["rg openai"] = [rg, "openai", "--type", "py", "--threads", str(jobs), "--count", folder]
    return commands


def per_file(paths: list[str], runs: int) -> tuple[float, float]:
    """Return the seconds that the scan and the LibCST visitor take for a file, one process each.

    What a command takes without any file is not the file's.
    """
    with tempfile.TemporaryDirectory() as place:
        empty, full = Path(place, "empty"), Path(place, "full")
        empty.mkdir()
        full.mkdir()
        for number, path in enumerate(paths):
            shutil.copyfile(path, full / f"file_{number}.py")
        files = [str(file) for file in sorted(full.iterdir())]
        commands = {
            "scan nothing": scan(str(empty), 1),
            "scan": scan(str(full), 1),
            "visit nothing": [sys.executable, VISITOR],
            "visit": [sys.executable, VISITOR, *files],
        }
        took = {name: cost.work for name, cost in best(commands, runs).items()}
    share = 1 / len(paths)
    return (took["scan"] - took["scan nothing"]) * share, (took["visit"] - took["visit nothing"]) * share


def table(costs: dict[str, Cost], memory: dict[str, float]) -> None:
    """Print what each command took, and our times as a multiple of it."""
    ours = costs["llm-migrate scan"]
    rows = [("", "seconds", "processor", "scan is", "of processor", "peak MB")]
    for name, cost in costs.items():
        ratios = f"{ours.seconds / cost.seconds:.2f} ×", f"{ours.work / cost.work:.2f} ×"
        rows.append((name, f"{cost.seconds:.2f}", f"{cost.work:.2f}", *ratios, f"{memory[name]:.0f}"))
    show(rows)


def main() -> int:
    """Measure, print, judge."""
    parser = argparse.ArgumentParser(description="Time a scan against its floor and against other finders.")
    parser.add_argument("folder", help="a large tree of Python files; benchmarks/tree.py makes one")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes (default: all cores)")
    parser.add_argument("--runs", type=int, default=5, help="of which the best counts (default: 5)")
    parser.add_argument("--only-scan", action="store_true", help="leave out the other finders; no goal is judged")
    asked = parser.parse_args()

    files, held, matter = floor(asked.folder, asked.jobs, parse=False)
    megabytes = sum(Path(path).stat().st_size for path in files) / 1e6
    print(f"{len(files):,} Python files, {megabytes:.0f} MB; {len(held):,} hold a needle, {len(matter):,} matter")
    print(f"{asked.jobs} processes, the best of {asked.runs} runs; load of the machine {os.getloadavg()[0]:.1f}")
    if not has_jobs():
        print("this llm-migrate has no --jobs: it uses what it likes")
    print()

    commands = contestants(asked.folder, asked.jobs)
    if asked.only_scan:
        commands = {name: command for name, command in commands.items() if name.startswith(("llm", "floor"))}
    costs = best(commands, asked.runs)
    memory = {name: peak(command) for name, command in commands.items()}
    table(costs, memory)
    if asked.only_scan:
        return 0

    matter.sort()
    sample = matter[:: max(1, len(matter) // SAMPLE)][:SAMPLE]
    scanned, visited = per_file(sample, min(asked.runs, 3))
    print(
        f"\na file that matters, of {len(sample)}: scan {scanned * 1e3:.1f} ms, LibCST visitor {visited * 1e3:.1f} ms"
    )
    ours = costs["llm-migrate scan"].seconds
    return judge(
        [
            Goal("scan / floor", ours / costs["floor: search, parse what matters"].seconds, MOST_OF_FLOOR),
            Goal("scan / ruff", ours / costs["ruff, one banned import"].seconds, MOST_OF_RUFF),
            Goal("scan / ast-grep", ours / costs["ast-grep, one pattern"].seconds, MOST_OF_AST_GREP),
            Goal("a file: scan / LibCST visitor", scanned / visited, MOST_OF_VISITOR),
            Goal("peak memory of scan", memory["llm-migrate scan"], MOST_MEMORY, "MB"),
        ]
    )


if __name__ == "__main__":
    sys.exit(main())
