"""Syntax trees of files that are no Python. Parsers are loaded where a file needs one.

They count bytes. They are given a twin of the text with an ASCII letter in the place of every other character, so that
their bytes are our characters; no form treats other characters as syntax.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tree_sitter import Node, Parser

_OTHER = re.compile(r"[^\x00-\x7f]")


@cache
def _parser(grammar: str) -> Parser:
    from tree_sitter import Language, Parser

    match grammar:
        case "yaml":
            import tree_sitter_yaml

            return Parser(Language(tree_sitter_yaml.language()))
        case "toml":
            import tree_sitter_toml

            return Parser(Language(tree_sitter_toml.language()))
        case "json":
            import tree_sitter_json

            return Parser(Language(tree_sitter_json.language()))
        case "bash":
            import tree_sitter_bash

            return Parser(Language(tree_sitter_bash.language()))
        case "tsx":
            import tree_sitter_typescript

            return Parser(Language(tree_sitter_typescript.language_tsx()))
        case _:
            import tree_sitter_typescript

            return Parser(Language(tree_sitter_typescript.language_typescript()))


def parse(grammar: str, text: str) -> Node:
    """Return the root of the tree of ``text`` (``yaml toml json bash tsx typescript``); its bytes are characters.

    Broken text gives a tree with nodes of type ``ERROR``.
    """
    return _parser(grammar).parse(_OTHER.sub("x", text).encode("ascii")).root_node


def at(root: Node, start: int, end: int) -> Node:
    """Return the smallest named node around a range."""
    return root.named_descendant_for_byte_range(start, end) or root


def below(node: Node) -> Iterator[Node]:
    """Yield the node and all named nodes in it."""
    yield node
    for child in node.named_children:
        yield from below(child)


def above(node: Node) -> Iterator[Node]:
    """Yield the node and all nodes around it, the innermost first."""
    walked: Node | None = node
    while walked is not None:
        yield walked
        walked = walked.parent
