"""What looks like a secret is not repeated: not in a finding, an excerpt, a diff, a page or a report.

One function knows what a secret looks like. It keeps the length, so that places in a text stay where they are.
"""

from __future__ import annotations

import re
from dataclasses import replace

from llm_codemods.report import Finding
from llm_codemods.text import Text

_OPENAIS = re.compile(
    r"(?:(?<![A-Za-z0-9_-])|(?m:(?<=^[-+])))sk-"
    r"(?P<secret>(?:proj-|svcacct-|admin-)?[A-Za-z0-9_-]{16,}|(?=[A-Za-z_-]*[0-9])[A-Za-z0-9_-]{6,})"
)
"""A key of OpenAI's form, maybe behind the sign of a diff; a short one counts where it has a digit."""
_IN_URL = re.compile(r"://[^\s/:@\"']{1,200}:(?P<secret>[^\s/:@\"']{1,200})(?=@)")
"""What stands behind the user's name in a URL."""
_NAMED = re.compile(
    r"(?i:(?:key|secret|password|token)\w{0,40}(?:\\?[\"')\]]){0,4}[ \t]{0,20}[:=,][ \t]{0,80}"
    r"(?:(?:\r?\n|(?:\\r)?\\n)[-+ ]?[ \t]{0,80})?[rfb]?(?:\\?[\"'])?|bearer[ \t]{1,20})(?P<secret>[\w+/=.-]{16,})",
    re.ASCII,
)
"""The value of a name that says so, maybe on the next line, or of a header. It counts where it is opaque."""
_WORD = re.compile(r"[A-Za-z0-9]{8,}")


def masked(text: str) -> str:
    """Return a text of the same length without its secrets."""
    for pattern in (_OPENAIS, _IN_URL):
        text = pattern.sub(_hidden, text)
    return _NAMED.sub(lambda m: _hidden(m) if any(map(_is_opaque, _WORD.findall(m["secret"]))) else m[0], text)


def _hidden(found: re.Match[str]) -> str:
    return found[0].removesuffix(found["secret"]) + "*" * len(found["secret"])


def _is_opaque(word: str) -> bool:
    """Whether nobody would choose a word: letters and several digits. Names of models and variables hold none."""
    return not word.isdigit() and sum(c.isdigit() for c in word) > 1


def of_text(said: Text) -> Text:
    """Return a text with what it quotes masked."""
    return said.mapped(lambda value: masked(value) if isinstance(value, str) else value)


def of_finding(finding: Finding) -> Finding:
    """Return a finding whose words hold no secret."""
    fix = finding.fix
    return replace(
        finding,
        api=masked(finding.api),
        message=of_text(finding.message),
        fix=None if fix is None else replace(fix, title=of_text(fix.title)),
    )
