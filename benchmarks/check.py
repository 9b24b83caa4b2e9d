"""Time a check of all that a profile claims against an emulator that waits before each answer.

``python benchmarks/check.py`` starts the emulator. The measure is the longest chain of dependent requests: the first
probe, which goes alone, and after it the slowest of the others. Each is timed alone for that, so that what they cost
one another does not count as necessary. Exit code 1 if the goal is missed.
"""

from __future__ import annotations

import argparse
import contextlib
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence

from llm_codemods.profile import find
from llm_codemods.proof import Outcome
from llm_codemods.requirements import Requirement
from llm_migrate.commands.connecting import connect
from llm_migrate.live.claims import claimed
from llm_migrate.live.runner import Run, check
from llm_migrate.live.wire import Connection
from timing import BIN, Goal, judge, show

MOST_OF_CHAIN = 1.5
LATENCY = 0.3


@contextlib.contextmanager
def emulating(provider: str, latency: float) -> Iterator[str]:
    """Run the emulator in a process of its own; yields the base URL."""
    command = [str(BIN / "llm-migrate"), "emulate", provider, "--latency", f"{latency * 1000:.0f}ms"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        try:
            assert process.stdout is not None
            yield process.stdout.readline().strip()
        finally:
            process.terminate()


def timed(requirements: Sequence[Requirement], connection: Connection) -> tuple[float, Run]:
    """Return how long a check takes, and what came of it."""
    started = time.perf_counter()
    run = check(requirements, connection)
    return time.perf_counter() - started, run


def chain(requirements: Sequence[Requirement], connection: Connection) -> tuple[float, Requirement]:
    """Return how long the longest chain takes, and the requirement at its end."""
    seconds = {one: check([one], connection).proofs[0].seconds for one in requirements}
    first = next(one for one in requirements if one.feature == "chat")
    last = max((one for one in requirements if one != first), key=seconds.__getitem__)
    return seconds[first] + seconds[last], last


def main() -> int:
    """Measure, print, judge."""
    parser = argparse.ArgumentParser(description="Time a check against an emulator that waits before each answer.")
    parser.add_argument("--to", default="qwen", help="profile to check (default: qwen)")
    parser.add_argument("--runs", type=int, default=5, help="of which the best counts (default: 5)")
    given = parser.parse_args()
    profile = find(given.to)
    requirements = claimed(profile)
    with emulating(given.to, LATENCY) as url:
        connection = connect(profile, base_url=url, environ={})
        longest, last = chain(requirements, connection)
        costs = [timed(requirements, connection) for _ in range(given.runs)]
    best, run = min(costs, key=lambda cost: cost[0])
    if any(proof.outcome is Outcome.BROKEN for proof in run.proofs):
        sys.exit("the emulator broke down: the figures are worth nothing")
    print(f"{len(run.proofs)} probes, {run.spent.requests} requests, {LATENCY * 1000:.0f} ms of latency\n")
    rows = [("", "seconds"), (f"longest chain (chat, then {last.feature})", f"{longest:.2f}")]
    show([*rows, *((f"run {number}", f"{cost:.2f}") for number, (cost, _) in enumerate(costs, 1))])
    return judge([Goal("check / longest chain", best / longest, MOST_OF_CHAIN)])


if __name__ == "__main__":
    sys.exit(main())
