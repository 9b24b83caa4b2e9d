"""Time commands, weigh their memory, compare the figures with goals."""

from __future__ import annotations

import math
import resource
import subprocess
import sys
import time
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

BIN = Path(sys.executable).parent
"""Where the commands of the environment lie."""

PRODUCT = (str(BIN / "llm-migrate"), "scan")

SAMPLED_EVERY = 0.02
"""Seconds between two looks at a command's memory."""


@dataclass(frozen=True, slots=True)
class Goal:
    """A figure and the most that it may be."""

    name: str
    figure: float
    most: float
    unit: str = "×"

    @property
    def met(self) -> bool:
        """Whether the figure is small enough."""
        return self.figure <= self.most


@dataclass(frozen=True, slots=True)
class Cost:
    """What a run took."""

    seconds: float
    """From start to end."""

    work: float
    """Processor seconds of the command and all that it started: less disturbed by what else the machine does."""


NOTHING_YET = Cost(math.inf, math.inf)


def run(command: Sequence[str], *, folder: Path | None = None, codes: Container[int] = (0, 1)) -> Cost:
    """Run a command and return what it took; what it prints is dropped.

    Raises:
        SystemExit: it ends with another exit code than ``codes``; its errors are shown.
    """
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.perf_counter()
    done = subprocess.run(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False)
    seconds = time.perf_counter() - started
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode not in codes:
        sys.exit(f"{' '.join(command)}: exit code {done.returncode}\n{done.stderr.decode(errors='replace')[-2000:]}")
    return Cost(seconds, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


def best(commands: Mapping[str, Sequence[str]], runs: int, *, folder: Path | None = None) -> dict[str, Cost]:
    """Return the least that each command took. They take turns, so that a noisy minute hurts all of them."""
    least = dict.fromkeys(commands, NOTHING_YET)
    for _ in range(runs):
        for name, command in commands.items():
            cost, known = run(command, folder=folder), least[name]
            least[name] = Cost(min(cost.seconds, known.seconds), min(cost.work, known.work))
    return least


def peak(command: Sequence[str]) -> float:
    """Run a command and return the most megabytes that it and the processes it started held at once.

    Memory that processes share counts once (the proportional set size), where the system tells it.
    """
    most = 0
    with psutil.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        while process.poll() is None:
            most = max(most, _held(process))
            time.sleep(SAMPLED_EVERY)
    return most / 1e6


def _held(process: psutil.Process) -> int:
    total = 0
    try:
        family = [process, *process.children(recursive=True)]
    except psutil.Error:
        return 0
    for member in family:
        try:
            memory = member.memory_full_info()
        except psutil.Error:  # it has ended meanwhile
            continue
        total += getattr(memory, "pss", memory.rss)
    return total


def show(rows: Iterable[Sequence[str]]) -> None:
    """Print a table; its first row is the head. All columns but the first are aligned to the right."""
    lines = [tuple(row) for row in rows]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for first, *others in lines:
        cells = (cell.rjust(width) for cell, width in zip(others, widths[1:], strict=True))
        print("  ".join((first.ljust(widths[0]), *cells)).rstrip())


def judge(goals: Sequence[Goal]) -> int:
    """Print which goals are met; return 1 if one is missed."""
    print()
    rows = [(g.name, f"{g.figure:.2f} {g.unit}", f"≤ {g.most:g} {g.unit}", "met" if g.met else "MISSED") for g in goals]
    show([("goal", "figure", "goal", ""), *rows])
    return int(not all(goal.met for goal in goals))
