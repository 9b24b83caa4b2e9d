"""Packages that talk to OpenAI: in requirements, in tables of dependencies, in lock files, behind ``pip install``."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from llm_codemods.configuration.sites import DependencySite, Word
from llm_codemods.edits import Span
from llm_codemods.vocabulary import FIRST

PACKAGE = re.compile(r"(?:[a-z0-9]+[-_.])*openai(?:[-_.][a-z0-9]+)*|tiktoken")
"""The SDK, what is built on it by its name, and its tokenizer."""
_LIST = re.compile(
    r"(additional|build|dev|optional|test)?[-_]?dependenc(y|ies)([-_]groups)?|requires|install_requires|extras_require"
    r"|(dev-)?packages|pip|options\.extras_require"
)
_NAMED = re.compile(r"dependencies|(dev[-_])?(dependencies|packages)|install_requires")
"""Lists whose keys are packages, rather than groups of them."""
LOCAL = frozenset({"openai-whisper", "openai-clip", "tiktoken-ext-openai-public"})
"""Packages of OpenAI's that run where they are installed, and ask nobody."""
_LOCKED = re.compile(
    r"""^name = "(?P<name>openai|tiktoken)"\r?\nversion = "(?P<version>[^"\n]+)"""
    r"""|^[ \t]+"(?P<piped>openai|tiktoken)": \{[^}]*?"version": "(?P<pinned>[^"\n]+)\""""
    r"""|^(?P<listed>openai|tiktoken)==(?P<exact>[\w.]+)""",
    re.MULTILINE,
)
_START = re.compile(r"\s*([A-Za-z0-9][\w.-]*)")
_MAJORS = ("1.0.0", "1.99.0", "2.99.0", "3.99.0", "99.0.0")


def is_package(name: str) -> bool:
    """Whether a package of this name may talk to OpenAI."""
    if re.sub(r"[-_.]+", "-", name) in LOCAL:
        return False
    return PACKAGE.fullmatch(name) is not None or name in FIRST


def is_list(keys: Sequence[str]) -> bool:
    """Whether what stands below these keys are dependencies."""
    return any(_LIST.fullmatch(key) for key in keys)


def is_table(keys: Sequence[str]) -> bool:
    """Whether the keys right below these keys are names of packages: ``[tool.poetry.dependencies]``."""
    return bool(keys) and _NAMED.fullmatch(keys[-1]) is not None


def required(path: str, word: Word, *, at: int = 0) -> DependencySite | None:
    """Return the site of a requirement such as ``openai[datalib]>=1,<2``, ``openai@^1`` or ``openai=1.2`` (conda)."""
    found = _START.match(word.text, at)
    if found is None or not is_package(found[1]):
        return None
    rest = re.split(r"[;#\s]*[;#]|\s--", word.text[found.end() :], maxsplit=1)[0].strip()
    start = word.span.start + found.start(1)
    version = re.sub(r"^\[[^\]]*\]", "", rest).strip()
    place = word.text.find(version, found.end()) + word.span.start
    pin = Span(place, place + len(version)) if version else None
    return _site(path, Span(start, start + len(found[1])), found[1], version, pin)


def pinned(path: str, key: Word, value: Word | None) -> DependencySite | None:
    """Return the site of ``openai = "^1.2"`` in a table of dependencies, or of conda's ``openai=1.2`` in a list."""
    if value is None or not re.match(r"[\^~<>=!\d*]", value.text):
        return _site(path, key.span, key.text, "")
    glued = value.span.start == key.span.end + 1  # nothing but the sign of equality between, which belongs to the pin
    pin = Span(key.span.end, value.span.end) if glued else value.span
    return _site(path, key.span, key.text, value.text, pin)


def _site(
    path: str, span: Span, name: str, version: str, pin: Span | None = None, *, locked: bool = False
) -> DependencySite | None:
    name = re.sub(r"[-_.]+", "-", name)
    first = FIRST.get(name)
    if first is not None and not _is_before(version, first):
        return None
    return DependencySite(path, span, name, version, name == "openai" and _is_legacy(version), locked, pin, first=first)


def _is_before(version: str, first: str) -> bool:
    """Whether a pin lets in only releases before another one; forms that say more than a pin do not count."""
    from packaging.version import InvalidVersion, Version

    pin = re.fullmatch(r"(?:={1,3}|\^)?\s*v?(\d[\w.]*)", version)
    try:
        return pin is not None and Version(pin[1]) < Version(first)
    except InvalidVersion:
        return False


def _is_legacy(version: str) -> bool:
    """Whether only releases before 1.0 fit; unknown forms do not count."""
    from packaging.specifiers import InvalidSpecifier, SpecifierSet

    plain = re.fullmatch(r"[\^~=]{0,2}\s*v?(\d+)\.\d[\w.]*", version)
    if plain is not None:
        return plain[1] == "0"
    try:
        asked = SpecifierSet(version)
    except InvalidSpecifier:
        return False
    if any(s.operator in (">=", ">", "~=", "==", "===") and re.match(r"[1-9]", s.version) for s in asked):
        return False  # a narrow range of a later major may have none of the releases below
    return bool(version) and not any(map(asked.contains, _MAJORS))


def in_requirements(path: str, text: str) -> Iterator[DependencySite]:
    """Yield the requirements of a ``requirements.txt`` or constraints file."""
    for line in re.finditer(r"^[^\r\n]+", text, re.MULTILINE):
        site = required(path, Word(line[0], Span(*line.span())))
        if site is not None:
            yield site


def in_lock(path: str, text: str) -> Iterator[DependencySite]:
    """Yield what a lock file fixes. It is written by a tool, always in the same way."""
    for found in _LOCKED.finditer(text):
        group = next(name for name in ("name", "piped", "listed") if found[name])
        version = (found["version"] or found["pinned"] or found["exact"]).lstrip("=")
        if (site := _site(path, Span(*found.span(group)), found[group], version, locked=True)) is not None:
            yield site
