"""Whether a file that is no Python matters, by its name and bytes: nothing that reads one is loaded for that."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from llm_codemods.configuration.forms import Form, form_by_name
from llm_codemods.encodings import UTF_16
from llm_codemods.sought import NOTHING, Sought
from llm_codemods.text import Text, text
from llm_codemods.vocabulary import FIRST, KEY_VARIABLE

LARGEST = 2_000_000
LONGEST = 500
"""Characters a line, on average, of a script that a program made."""
REWRITTEN = (Form.DOTENV, Form.COMPOSE)
"""The forms that are changed in place, which must be UTF-8."""
_MATTERS = re.compile(
    rb"openai|o[pP][eE][nN]_?[aA][iI]|O[pP][eE][nN]_?[aA][iI]|gpt-[0-9i]|text-embedding-|(?:text|code)-davinci|dall-e"
    rb"|whisper-1|tts-1|tiktoken|s(?<![\w-]s)k-[A-Za-z0-9]|o[134](?<!\w..)(?:-(?:mini|pro|preview)|[\"'\s,]|$)|"
    + "|".join(name.replace("-", "[-_.]") for name in FIRST).encode()
)
"""Every branch begins with a plain letter: three times as fast."""
_KEY = re.compile(rb"(?<![A-Za-z0-9_])" + KEY_VARIABLE.pattern.encode() + rb"(?![A-Za-z0-9_])")
REPORT = "<!-- llm-migrate rewrite --report -->"
"""The first line of our own reports."""
SCHEMA = b'{\n  "$schema": "https://json-schema.org/draft/2020-12/schema",\n  "title": "llm-migrate '
"""The first lines of our own JSON Schemas."""
_FOUND = re.compile(rb'\{\s*"schema": \d+,\s*"target": (?:null|"[^"\n]*"),\s*"(?:findings|changed)": \[')
"""How our own baselines and reports of findings begin."""


def is_configuration(path: str) -> bool:
    """Whether a path is one of the files that this package reads, rather than Python."""
    return form_by_name(path) is not None


def is_setup(path: str) -> bool:
    """Whether a file describes a distribution in Python."""
    return PurePosixPath(path).name == "setup.py"


def matters(data: bytes, sought: Sought = NOTHING) -> bool:
    """Whether a file with these bytes could hold a site: it names OpenAI, its models, a key, or what is sought beside.

    What this program itself has written about them holds none.
    """
    if data.startswith((REPORT.encode(), SCHEMA)) or _FOUND.match(data):
        return False
    if data.startswith(UTF_16):
        data = data.decode("utf-16", "replace").encode("utf-8", "replace")
    return _MATTERS.search(data, 0, LARGEST) is not None or sought.stands_in(data[:LARGEST], quoted=False)


def left_out(path: str, data: bytes) -> Text | None:
    """Return why a file that could matter is not looked at, though nothing is wrong with it; None if it is."""
    form = form_by_name(path)
    if form in REWRITTEN:
        return None
    if len(data) > LARGEST:
        return text("larger than {size} MB: taken for data", size=LARGEST // 1_000_000)
    if b"\0" in data and not data.startswith(UTF_16):
        return text("not a text file: it holds null bytes")
    if form is Form.JAVASCRIPT and len(data) > 20_000 and data.count(b"\n") * LONGEST < len(data):
        return text("a script with such long lines is taken for the product of a build")
    return None


def reads_key(path: str, data: bytes) -> bool:
    """Whether a file is code of another language that names OpenAI's key."""
    return form_by_name(path) is Form.JAVASCRIPT and _KEY.search(data) is not None
