"""Time the pre-commit hook on one small changed file of a large repository that has nothing to report.

``python benchmarks/hook.py`` makes the repository. The measure is the start of ``python -c "import typer"`` in the same
run. Exit code 1 if the goal is missed.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

from made import write
from timing import PRODUCT, Goal, best, judge, run, show

MOST_OF_TYPER = 2.5

PLAIN, USING = 2_960, 40
CHANGED = "package_3/plain_123.py"
CALLING = "package_0/using_7.py"


def commit(folder: Path) -> None:
    """Make a git repository of the folder."""
    git = ["git", "-c", "user.name=Bench", "-c", "user.email=bench@example.org", "-c", "core.autocrlf=false"]
    for arguments in (["init", "--quiet"], ["add", "--all"], ["commit", "--quiet", "--no-verify", "-m", "All"]):
        subprocess.run([*git, *arguments], cwd=folder, check=True)


def main() -> int:
    """Measure, print, judge."""
    parser = argparse.ArgumentParser(description="Time the hook on one small file of a large repository.")
    parser.add_argument("--runs", type=int, default=15, help="of which the best counts (default: 15)")
    runs: int = parser.parse_args().runs
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        size = write(folder, PLAIN, USING)
        commit(folder)
        with (folder / CHANGED).open("a", encoding="utf-8") as file:
            file.write("\n\nCHANGED = True\n")
        commands = {
            'python -c "import typer"': [sys.executable, "-c", "import typer"],
            "hook, nothing to report": [*PRODUCT, "--hook", CHANGED],
        }
        # the hook must be right before it is quick
        run(commands["hook, nothing to report"], folder=folder, codes={0})
        run([*PRODUCT, "--hook", CALLING], folder=folder, codes={1})
        costs = best(commands, runs, folder=folder)
    typer = costs['python -c "import typer"']
    print(f"{PLAIN + USING:,} modules, {size / 1e6:.1f} MB, the best of {runs} runs\n")
    rows = [("", "milliseconds", "processor", "of typer's")]
    for name, cost in costs.items():
        share = f"{cost.seconds / typer.seconds:.2f} ×"
        rows.append((name, f"{cost.seconds * 1e3:.0f}", f"{cost.work * 1e3:.0f}", share))
    show(rows)
    return judge([Goal("hook / typer", costs["hook, nothing to report"].seconds / typer.seconds, MOST_OF_TYPER)])


if __name__ == "__main__":
    sys.exit(main())
