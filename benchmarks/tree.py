"""Install the packages of packages.txt into a folder: a large tree of real Python files to scan.

``python benchmarks/tree.py DIR``. Nothing is run or built: wheels only, no dependencies. What is not text and large is
deleted. Fails if the tree is smaller than the goals of the scan benchmark ask for.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

PACKAGES = Path(__file__).with_name("packages.txt")
PYTHON = "3.11"
PLATFORM = "x86_64-manylinux_2_28"
"""Wheels for one platform, so that the tree is the same everywhere."""

FEWEST_FILES = 30_000
FEWEST_BYTES = 400_000_000

LARGE = 5_000_000
BINARIES = frozenset({".dll", ".dylib", ".node", ".pyd", ".so"})


def install(folder: Path) -> None:
    """Install into ``folder``, which must be empty or absent."""
    command = [sys.executable, "-m", "uv", "pip", "install", "--target", str(folder), "--requirements", str(PACKAGES)]
    command += ["--no-deps", "--only-binary", ":all:", "--python-version", PYTHON, "--python-platform", PLATFORM]
    subprocess.run([*command, "--quiet"], check=True)


def delete_bulk(folder: Path) -> None:
    """Delete shared libraries, and large files that are not Python."""
    for file in folder.rglob("*"):
        if file.is_file() and file.suffix != ".py":
            binary = file.suffix in BINARIES or ".so." in file.name
            if binary or file.stat().st_size > LARGE:
                file.unlink()


def main() -> int:
    """Make the tree; return 1 if it is too small."""
    parser = argparse.ArgumentParser(description="Install a large tree of Python packages to scan.")
    parser.add_argument("folder", type=Path, help="where to; must be empty or absent")
    folder: Path = parser.parse_args().folder
    if folder.exists() and any(folder.iterdir()):
        parser.error(f"{folder} is not empty")
    install(folder)
    delete_bulk(folder)
    sizes = [file.stat().st_size for file in folder.rglob("*.py") if file.is_file()]
    print(f"{folder}: {len(sizes):,} Python files, {sum(sizes) / 1e6:.0f} MB")
    return int(len(sizes) < FEWEST_FILES or sum(sizes) < FEWEST_BYTES)


if __name__ == "__main__":
    sys.exit(main())
