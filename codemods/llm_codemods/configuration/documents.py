"""Markdown and reStructuredText: what they tell their readers about OpenAI's variables, models and hosts.

A text means the same inside a code block and outside, so no parser is needed.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence

from llm_codemods.configuration import tokens
from llm_codemods.configuration.forms import Form
from llm_codemods.configuration.sites import DocumentSite, KeyEntrySite
from llm_codemods.edits import Span
from llm_codemods.lines import Lines
from llm_codemods.sites.kinds import Site

_LINK = re.compile(r"https?://[^\s<>\"'`)\x7f-\U0010ffff]+|\]\([^)\n]*\)|data:[\w/+;-]+,\S+")


def sites(path: str, text: str) -> Iterator[Site]:
    """Yield a site for each variable, model, host and key, once a line."""
    seen: set[tuple[int, str]] = set()
    links = [m.span() for m in tokens.find_near(_LINK, text)]
    lines = Lines(text)
    for start, end, name, kind in sorted(_mentions(text)):
        line = lines.line(start)
        if (line, name) in seen or (kind == "model-literal" and _inside(links, start)):
            continue
        seen.add((line, name))
        yield DocumentSite(path, Span(start, end), name, kind)
    for start, end in tokens.keys_in(text):
        yield KeyEntrySite(path, Span(start, end), Form.DOCUMENT)


def _inside(links: Sequence[tuple[int, int]], at: int) -> bool:
    i = bisect_right(links, (at, at + 1)) - 1
    return i >= 0 and links[i][0] <= at < links[i][1]


def _mentions(text: str) -> Iterator[tuple[int, int, str, str]]:
    for found in tokens.find_near(tokens.VARIABLE, text):
        yield *found.span(), found[0], "env"
    for found in tokens.find_near(tokens.URL, text):
        yield found.start(), found.start() + len(found[0].rstrip(".\\*")), found[0].rstrip(".\\*"), "raw-http"
    for start, _, name in tokens.models_in(text, anywhere=True):
        yield start, start + len(name), name, "model-literal"
