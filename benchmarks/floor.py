"""The least that a finder of OpenAI use can do: read all Python files, search their bytes, parse those that matter.

``python benchmarks/floor.py DIR --jobs N`` does that with nothing of llm-migrate's own;
``--no-parse`` leaves out the last.
"""

from __future__ import annotations

import argparse
import ast
import os
import re
import warnings
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial

NEEDLES = (b"openai", b"OpenAI", b"OPENAI", b"completions", b"gpt-")
"""One of them stands in each file that can matter. Looked for one after the other: twice as fast as an alternation."""

USES = re.compile(
    rb"^[ \t]*(?:from[ \t]+openai(?:\.[\w.]+)?[ \t]+import|import[ \t]+openai)\b"
    rb"|\.\s*(?:completions|embeddings|images|moderations|responses|speech|transcriptions|translations)"
    rb"\s*\.\s*(?:create|create_variation|edit|generate|parse|stream)\s*\(",
    re.MULTILINE,
)
"""A file that matters imports openai or a module of it, or calls a method by the path that it has in the SDK."""

BATCH = 64


def python_files(folder: str) -> Iterator[str]:
    """Yield every Python file below a folder."""
    waiting = [folder]
    while waiting:
        with os.scandir(waiting.pop()) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(entry.path)
                elif entry.name.endswith((".py", ".pyi")):
                    yield entry.path


def content(path: str) -> bytes:
    """Read a file with as few system calls as possible."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        return os.read(descriptor, os.fstat(descriptor).st_size)
    finally:
        os.close(descriptor)


def search(paths: list[str], *, parse: bool) -> tuple[list[str], list[str]]:
    """Return the files that hold a needle, and those of them that matter; the latter are parsed if asked."""
    warnings.simplefilter("ignore")  # invalid escapes in others' code
    held, matter = [], []
    for path in paths:
        data = content(path)
        if any(needle in data for needle in NEEDLES):
            held.append(path)
            if USES.search(data):
                matter.append(path)
                if parse:
                    try:
                        ast.parse(data)
                    except (SyntaxError, ValueError):
                        continue
    return held, matter


def floor(folder: str, jobs: int, *, parse: bool = True) -> tuple[list[str], list[str], list[str]]:
    """Return all files, those that hold a needle, and those that matter, each list in no particular order."""
    files = list(python_files(folder))
    batches = [files[start : start + BATCH] for start in range(0, len(files), BATCH)]
    held, matter = [], []
    with ProcessPoolExecutor(jobs) as pool:
        for some, fewer in pool.map(partial(search, parse=parse), batches):
            held += some
            matter += fewer
    return files, held, matter


def main() -> None:
    """Do it and print how many files there were."""
    parser = argparse.ArgumentParser(description="Search all Python files below a folder, parse those that matter.")
    parser.add_argument("folder")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--no-parse", action="store_true")
    asked = parser.parse_args()
    files, held, matter = floor(asked.folder, asked.jobs, parse=not asked.no_parse)
    print(f"{len(files)} files, {len(held)} with a needle, {len(matter)} matter")


if __name__ == "__main__":
    main()
