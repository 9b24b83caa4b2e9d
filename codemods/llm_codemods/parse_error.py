"""Why code does not parse: it is broken, or it is for a newer Python than the one that runs here."""

from __future__ import annotations

import re
import sys

from llm_codemods.text import Text, text

NEWER = (
    (re.compile(r"\s*except\s*\*"), (3, 11)),
    (re.compile(r"\s*(?:(?:async\s+)?def|class)\s+\w+\s*\[|\s*type\s+\w+\s*[\[=]"), (3, 12)),
    (re.compile(r".*[\s=(,\[{:+](?:t|rt|tr|T)[\"']|\s*except\s+[A-Z]\w*(?:\s*,\s*[A-Z]\w*)+\s*:"), (3, 14)),
)
"""Lines that only this Python and those after it read; in Python 2, what follows ``except X,`` was a variable."""
FREE_STRINGS = (3, 12)
"""Since then, what stands in the braces of an f-string may be any expression."""


def fault(error: SyntaxError, running: tuple[int, int] = sys.version_info[:2]) -> Text | str:
    """Return what is wrong with code that ``running`` cannot parse, and which Python may."""
    newer = next((one for line, one in NEWER if one > running and line.match(error.text or "")), None)
    if newer is None and running < FREE_STRINGS and _is_in_an_f_string(error):
        newer = FREE_STRINGS
    if newer is None:
        return error.msg or ""
    return text(
        "{reason}; it may be for Python {newer}: run llm-migrate with that, not with {running}",
        reason=error.msg or "",
        newer=".".join(map(str, newer)),
        running=".".join(map(str, running)),
    )


def _is_in_an_f_string(error: SyntaxError) -> bool:
    """Whether an f-string is cut short, as it seems to those who cannot read what is in its braces."""
    braces = re.search(r"\bf[rR]?[\"']", error.text or "", re.IGNORECASE)
    return (error.msg or "").startswith("f-string") or (braces is not None and "unterminated" in (error.msg or ""))
