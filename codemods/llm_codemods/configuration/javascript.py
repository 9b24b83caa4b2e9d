"""JavaScript and TypeScript: uses of OpenAI are listed; nothing is rewritten."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from llm_codemods.configuration import grammar, tokens
from llm_codemods.configuration.entries import Entry
from llm_codemods.configuration.forms import Form
from llm_codemods.configuration.sites import KeyEntrySite, ScriptSite
from llm_codemods.edits import Span
from llm_codemods.sites.kinds import Site
from llm_codemods.vocabulary import WORDS

if TYPE_CHECKING:
    from tree_sitter import Node

PACKAGE = re.compile(
    r"openai(/[\w./-]+)?|openai-edge|@(ai-sdk|azure|langchain|llamaindex)/(openai|azure)|@openai/[\w./-]+"
)
"""Packages of npm whose purpose is OpenAI."""
_MADE = re.compile(r"\bnew\s+(?P<class>\w*OpenAI\w*)\s*\(|(?<![\w.])(?P<function>create(?:Azure|OpenAI))\s*\(")
_QUOTED = re.compile(r"""(?P<quote>["'`])(?P<inside>[\w@./:-]{2,80})(?P=quote)""")
_SCRIPT = re.compile(r"<script\b[^>]*>(?P<code>.*?)</script>", re.DOTALL | re.IGNORECASE)
_NAMES = frozenset({"identifier", "shorthand_property_identifier"})
"""A variable of the environment is a property or a string; these are the script's own."""
_IN_TEXT = frozenset({"comment", "html_comment", "jsx_text", "regex_pattern"})


def required(path: str, entry: Entry) -> Iterator[ScriptSite]:
    """Yield the packages that a ``package.json`` asks for."""
    below = entry.keys[-2:][0].lower() if entry.keys else ""
    if entry.key is not None and PACKAGE.fullmatch(entry.key.text) and below.endswith("dependencies"):
        yield ScriptSite(path, entry.key.span, entry.key.text, "dependency")


def sites(path: str, text: str) -> Iterator[Site]:
    """Yield the packages, clients, variables, URLs, models and keys of a script; of a component only its scripts."""
    suffix = PurePosixPath(path).suffix
    component = suffix in (".vue", ".svelte")
    regions = [m.span("code") for m in _SCRIPT.finditer(text)] if component else [(0, len(text))]
    for start, end in regions:
        language = "tsx" if suffix in (".js", ".jsx", ".mjs", ".cjs", ".tsx") else "typescript"
        root = grammar.parse(language, text[start:end])
        for at, until, name, kind in sorted(set(_uses(text[start:end], root))):
            yield ScriptSite(path, Span(start + at, start + until), name, kind)
        for at, until in tokens.keys_in(text[start:end]):
            yield KeyEntrySite(path, Span(start + at, start + until), Form.JAVASCRIPT)


def _uses(code: str, root: Node) -> Iterator[tuple[int, int, str, str]]:
    for found in tokens.find_near(_MADE, code):
        group = "class" if found["class"] else "function"
        if _is_code(root, *found.span(group)):
            yield *found.span(group), found[group], "dependency"
    for found in tokens.find_near(tokens.VARIABLE, code):
        node = grammar.at(root, *found.span())
        broken = node.parent is not None and node.parent.type == "ERROR"
        if node.type not in _IN_TEXT and (broken or node.type not in _NAMES):
            yield *found.span(), found[0], "env"
    for found in tokens.find_near(tokens.URL, code):
        if _is_code(root, *found.span()):
            yield found.start(), found.end(), found[0], "raw-http"
    for found in tokens.find_near(_QUOTED, code):
        written = found["inside"]
        model = tokens.split_model(written)
        if model is not None and (model[0] or model[1] not in WORDS):
            if _is_code(root, *found.span("inside")):
                yield found.start("inside") + len(model[0]), found.end("inside"), model[1], "model-literal"
        elif PACKAGE.fullmatch(written) and _is_module(grammar.at(root, *found.span())):
            yield *found.span("inside"), written, "dependency"


def _is_code(root: Node, start: int, end: int) -> bool:
    return grammar.at(root, start, end).type not in _IN_TEXT


def _is_module(node: Node) -> bool:
    """Whether a string names a module: in an import or export, or as the argument of ``require`` or ``import``."""
    around = [n for n, _ in zip(grammar.above(node), range(5), strict=False)]
    for n in around:
        if n.type in ("import_statement", "export_statement", "import_require_clause"):
            return True
        if n.type == "call_expression":
            function = n.child_by_field_name("function")
            called = (function.text or b"").decode("ascii") if function is not None else ""
            return called in ("require", "import", "require.resolve", "jest.mock", "vi.mock")
    return False
