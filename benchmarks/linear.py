"""Show how the time of a scan grows: with the files that matter in proportion, with others hardly at all.

``python benchmarks/linear.py`` makes its own projects. A huge file and a huge line must cost what their bytes cost.
Exit code 1 if a goal is missed.
"""

from __future__ import annotations

import argparse
import ast
import sys
import tempfile
from pathlib import Path

from made import USING, text_of, write
from timing import PRODUCT, Goal, best, judge, show

MOST_GROWTH = 1.2
"""The second doubling of what matters may take at most twice this as much more as the first did."""

MOST_OF_MATTERING = 0.1
"""A megabyte of files that do not matter may take at most this much of one of files that do."""

MOST_OF_SMALL = 1.5
"""A megabyte in one file may take at most this much of a megabyte in small files."""

UNIT = 400
"""Files that matter in the smallest project, and a fifth of those that do not."""

PLAIN_FOR_ONE = 5
HUGE_FILE = 2_300_000
HUGE_LINE = 300_000


def huge_file(folder: Path) -> int:
    """Write one file of 2.3 MB: the classes of modules that matter below one head. Return its bytes."""
    parts: list[str] = []
    size = 0
    while size < HUGE_FILE:
        head, start, body = text_of(USING, len(parts)).partition("class ")
        parts.append(start + body if parts else head + start + body)
        size += len(parts[-1])
    return _write(folder / "huge.py", "\n\n".join(parts))


def bound_again(folder: Path) -> int:
    """Write one file of 300 kB in which the same names are bound over and over, as in a long notebook."""
    parts: list[str] = []
    size = 0
    while size < HUGE_LINE:
        text = text_of(USING, len(parts)).replace("from __future__ import annotations\n", "")
        parts.append(text + "\n\nclient = OpenAI()\n")
        size += len(parts[-1])
    return _write(folder / "again.py", "\n\n".join(parts))


def huge_line(folder: Path) -> int:
    """Write a file with a line of 300 kB that holds a call at its end; return its bytes."""
    call = 'client.chat.completions.create(model="gpt-4o", messages=[{"role": "user", "content": WORDS[0]}])'
    words = "".join(f"'word {number}', " for number in range(HUGE_LINE // 10))[:HUGE_LINE].rpartition(",")[0]
    return _write(folder / "line.py", f"from openai import OpenAI\n\nclient = OpenAI()\nWORDS = [{words}]; {call}\n")


def _write(file: Path, text: str) -> int:
    file.parent.mkdir()
    ast.parse(text)
    return file.write_bytes(text.encode())


def main() -> int:
    """Measure, print, judge."""
    parser = argparse.ArgumentParser(description="Show how the time of a scan grows with the bytes it is given.")
    parser.add_argument("--runs", type=int, default=5, help="of which the best counts (default: 5)")
    runs: int = parser.parse_args().runs
    with tempfile.TemporaryDirectory() as place:
        root = Path(place)
        (root / "nothing").mkdir()
        sizes = {"nothing": 0}
        for times in (1, 2, 4):
            sizes[f"{times}× that matter"] = write(root / f"{times}× that matter", 0, UNIT * times)
            sizes[f"{times}× that do not"] = write(root / f"{times}× that do not", UNIT * PLAIN_FOR_ONE * times, 0)
        sizes["a file of 2.3 MB"] = huge_file(root / "a file of 2.3 MB")
        sizes["a line of 300 kB"] = huge_line(root / "a line of 300 kB")
        sizes["names bound again"] = bound_again(root / "names bound again")
        commands = {name: [*PRODUCT, str(root / name), "--format", "json"] for name in sizes}
        costs = best(commands, runs)

    start = costs["nothing"].work
    took = {name: cost.work - start for name, cost in costs.items()}
    rows = [("", "MB", "seconds", "processor", "without start", "per MB")]
    for name, cost in costs.items():
        megabytes = sizes[name] / 1e6
        each = f"{took[name] / megabytes:.3f}" if megabytes else ""
        rows.append((name, f"{megabytes:.2f}", f"{cost.seconds:.2f}", f"{cost.work:.2f}", f"{took[name]:.2f}", each))
    show(rows)

    def per_byte(name: str) -> float:
        return took[name] / sizes[name]

    one, two, four = (took[f"{times}× that matter"] for times in (1, 2, 4))
    return judge(
        [
            Goal("growth, files that matter", (four - two) / (two - one) / 2, MOST_GROWTH),
            Goal(
                "a byte that does not matter",
                per_byte("4× that do not") / per_byte("4× that matter"),
                MOST_OF_MATTERING,
            ),
            Goal("a byte of a huge file", per_byte("a file of 2.3 MB") / per_byte("4× that matter"), MOST_OF_SMALL),
            Goal(
                "a byte where names are bound again",
                per_byte("names bound again") / per_byte("4× that matter"),
                MOST_OF_SMALL,
            ),
            Goal("a byte of a huge line", per_byte("a line of 300 kB") / per_byte("4× that matter"), MOST_OF_SMALL),
        ]
    )


if __name__ == "__main__":
    sys.exit(main())
