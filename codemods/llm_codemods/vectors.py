"""Where vectors are kept: sizes of columns and indexes, and stores that outlive the program.

They are told by their words alone, in code, SQL and configuration alike: whatever keeps vectors of the old model must
be found, and nothing here is ever rewritten.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from llm_codemods.edits import Span

if TYPE_CHECKING:
    from llm_codemods.source import Source

SIZES = "1536|3072"
"""The sizes of OpenAI's embeddings."""
_SIZED = re.compile(
    rf"""\b\w*(?:dim|dims|dimension|dimensions|vector_?size|DIM|DIMS|DIMENSION|DIMENSIONS|VECTOR_?SIZE|Dimension)["']?"""
    rf"""\s*(?::\s*int\s*)?[=:]\s*["']?(?P<size>{SIZES})\b"""
    rf"|\b(?i:half|sparse)?(?i:vector|vec)\s*\(\s*(?P<column>{SIZES})\s*\)"
    rf"|\bVectorParams\s*\(\s*size\s*=\s*(?P<params>{SIZES})\b"
    rf"|\bIndex[A-Z]\w*\(\s*(?P<index>{SIZES})\b"
)
_STORE = re.compile(
    r"\b(?P<name>PersistentClient|load_index_from_storage)\s*\("
    r"|\b(?P<keyword>persist_directory|persist_dir)\s*="
    r"|\b(?P<method>FAISS\.load_local|faiss\.read_index)\s*\("
    r"""|["'](?P<file>[\w./-]*(?:embed|vector|faiss)[\w./-]*\.(?:pkl|pickle|npy|npz|faiss|index))["']""",
)
_WORDS = (b"1536", b"3072", b"PersistentClient", b"persist_dir", b"load_local", b"read_index", b"load_index_from")
_ENDINGS = (b".pkl", b".pickle", b".npy", b".npz", b".faiss", b".index")
"""Words are looked for first, which is ten times as fast as a pattern."""
_FILES = re.compile(rb"(?:embed|vector|faiss)[\w./-]*\.(?:pkl|pickle|npy|npz|faiss|index)[\"']")
_EMBEDS = re.compile(rb"text-embedding-(?:3-|ada)|text-(?:search|similarity)-|OpenAIEmbeddings?\(\)")
_CALL = re.compile(r"\bembeddings\s*\.\s*create\s*\(|\bEmbedding\s*\.\s*a?create\s*\(")
LARGEST = 1_000_000


@dataclass(frozen=True, slots=True, eq=False)
class VectorSite:
    """Vectors are kept here, or get their size."""

    path: str
    span: Span
    name: str
    """What says so, as it is written."""
    size: int | None
    """How many numbers a vector has; None for a store whose size is not seen."""


def may_keep(data: bytes) -> bool:
    """Whether a file with these bytes could hold a site."""
    if len(data) > LARGEST:
        return False
    kept = any(word in data for word in _ENDINGS) and _FILES.search(data) is not None
    return kept or any(word in data for word in _WORDS)


def embeds(data: bytes) -> bool:
    """Whether a file with these bytes names an embedding model of OpenAI, or takes it for granted."""
    return any(word in data for word in (b"text-", b"OpenAIEmbedding")) and _EMBEDS.search(data) is not None


def sites(source: Source) -> Iterator[VectorSite]:
    """Yield the first site of each line; comments hold none, nor do calls for embeddings, which have rules of their
    own."""
    text = source.text
    calls = list(_calls(text))
    lines: set[int] = set()
    found = [*_SIZED.finditer(text), *_STORE.finditer(text)]
    for match in sorted(found, key=lambda m: m.start()):
        start, line = match.start(), source.lines.line(match.start())
        before = text[source.lines.starts[line - 1] : start].lstrip()
        comment = before.startswith(("#", "--", "//", "*")) or " #" in before
        if line in lines or comment or any(start in call for call in calls):
            continue
        lines.add(line)
        number = next((n for n in match.groups() if n is not None and n.isdigit()), None)
        yield VectorSite(source.path, Span(*match.span()), match[0], int(number) if number else None)


def _calls(text: str) -> Iterator[range]:
    """Yield where the arguments of calls for embeddings stand."""
    for match in _CALL.finditer(text):
        depth, at = 1, match.end()
        while at < len(text) and depth:
            depth += (text[at] in "([{") - (text[at] in ")]}")
            at += 1
        yield range(match.start(), at)
