"""Read and write baseline files, and take what they hold out of a run."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path, PurePath

from llm_codemods import baseline as baselines
from llm_codemods.analysis import Analysis
from llm_codemods.baseline import Baseline, BaselineError, Entry
from llm_codemods.rules import RULES
from llm_codemods.text import text
from llm_migrate.errors import UserError
from llm_migrate.settings import Settings


def load(file: Path) -> Baseline:
    """Read a baseline.

    Raises:
        UserError: the file cannot be read, or is no baseline.
    """
    again = text("write it with: llm-migrate scan --write-baseline {path}", path=str(file))
    try:
        return baselines.parse(file.read_text("utf-8-sig"))
    except OSError as error:
        reason: object = error.strerror or str(error)
    except UnicodeDecodeError:
        reason = text("not valid UTF-8")
    except BaselineError as error:
        reason = error.message
    raise UserError(text("the baseline {path} cannot be read: {reason}", path=str(file), reason=reason), again)


def of_analysis(file: Path, analysis: Analysis) -> Baseline:
    """Return the open findings of a run as a baseline that is to stand in a file."""
    return baselines.of_findings(analysis.findings, analysis.sources, _prefix(file, analysis.root), _target(analysis))


def save(file: Path, analysis: Analysis) -> int:
    """Write the open findings of a run as a baseline and return how many they are.

    Raises:
        UserError: the file cannot be written.
    """
    made = of_analysis(file, analysis)
    try:
        file.write_text(baselines.dump(made), "utf-8", newline="\n")
    except OSError as error:
        reason = error.strerror or str(error)
        raise UserError(
            text("the baseline {path} cannot be written: {reason}", path=str(file), reason=reason)
        ) from None
    return sum(made.entries.values())


def hide(analysis: Analysis, file: Path, settings: Settings) -> tuple[Analysis, int]:
    """Take out the findings that a baseline holds; return also how many of its entries are gone.

    Only what this run looked at can be gone: of the asked files, of rules that ran, for the provider of the baseline;
    where everything was asked for, files that exist no more count too.

    Raises:
        UserError: as ``load``.
    """
    known = load(file)
    prefix = _prefix(file, analysis.root)
    divided = baselines.divide(known, analysis.findings, analysis.sources, prefix)
    ran = {rule.code for rule in settings.rules} | {e.code for e in divided.gone} - {rule.code for rule in RULES}
    unread = set(analysis.unread)

    def is_gone(entry: Entry) -> bool:
        place = Path(os.path.normpath(file.parent.resolve() / entry.path))
        if entry.code not in ran or not place.is_relative_to(analysis.root):
            return False
        path = PurePath(place.relative_to(analysis.root)).as_posix()
        return path not in unread and (path in analysis.asked or (settings.whole and not place.exists()))

    gone = sum(n for entry, n in divided.gone.items() if is_gone(entry)) if known.target == _target(analysis) else 0
    return replace(analysis, findings=divided.new, known=divided.known), gone


def _target(analysis: Analysis) -> str | None:
    return analysis.target.profile.id if analysis.target is not None else None


def _prefix(file: Path, root: PurePath) -> str:
    """Return the way from the folder of a baseline to the root: paths in it count from there, wherever we run."""
    try:
        return PurePath(os.path.relpath(root, file.parent.resolve())).as_posix()
    except ValueError:
        raise UserError(text("the baseline {path} lies on another drive than the project", path=str(file))) from None
