"""Draw what the program says in a terminal, for the README.

``python scripts/terminal_picture.py`` runs ``llm-migrate scan`` and ``rewrite --diff`` on a small project and writes
``docs/terminal.svg`` in English and ``docs/zh/terminal.svg`` in Chinese. ``--check`` writes nothing and fails when a
picture shows something else.
"""

from __future__ import annotations

import argparse
import io
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from rich._export_format import CONSOLE_SVG_FORMAT
from rich.console import Console
from rich.text import Text

ROOT = Path(__file__).resolve().parent.parent
PICTURES = {"en": ROOT / "docs" / "terminal.svg", "zh": ROOT / "docs" / "zh" / "terminal.svg"}
COMMANDS = ("scan --to qwen", "rewrite --to qwen --diff")
WIDTH = 118
SAMPLE = """\
from openai import OpenAI

client = OpenAI()
answer = client.chat.completions.create(
    model="gpt-4o-mini",
    messages=[{"role": "developer", "content": "Be brief."}],
    temperature=2,
)
"""


def picture(language: str) -> str:
    """Return the picture in a language."""
    console = Console(record=True, width=WIDTH, file=io.StringIO(), force_terminal=True, legacy_windows=False)
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "app.py").write_text(SAMPLE, "utf-8")
        for command in COMMANDS:
            console.print(Text(f"$ llm-migrate {command}", "bold"))
            console.print(Text.from_ansi(said(command, Path(folder), language)), soft_wrap=False)
    form = re.sub(r"@font-face \{\{.*?\}\}\s*", "", CONSOLE_SVG_FORMAT, flags=re.DOTALL)  # fonts of another host
    drawn = console.export_svg(title="llm-migrate", unique_id="terminal", code_format=form)
    return re.sub(r' textLength="[^"]*"', "", drawn)  # it counts Chinese characters as narrow ones


def said(command: str, folder: Path, language: str) -> str:
    """Run a command as in a terminal with colours; return what it writes, as a terminal shows it."""
    ended = subprocess.run(
        [sys.executable, "-m", "llm_migrate", "--color", "always", *command.split()],
        cwd=folder,
        env={**os.environ, "LLM_MIGRATE_LANG": language, "COLUMNS": str(WIDTH), "SOURCE_DATE_EPOCH": "1767225600"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    return ended.stdout.decode("utf-8")


def main() -> int:
    """Write the pictures, or say which are stale; return 1 if any is."""
    parser = argparse.ArgumentParser(description="Draw what the program says in a terminal.")
    parser.add_argument("--check", action="store_true", help="write nothing; fail if a picture is stale")
    check: bool = parser.parse_args().check
    pictures = {file: picture(language) for language, file in PICTURES.items()}
    stale = {f: drawn for f, drawn in pictures.items() if not f.is_file() or f.read_text("utf-8") != drawn}
    for file, drawn in stale.items():
        if check:
            print(f"stale: {file.relative_to(ROOT)}; run `make terminal-picture`")
        else:
            file.write_text(drawn, "utf-8", newline="\n")
    return int(check and bool(stale))


if __name__ == "__main__":
    sys.exit(main())
