"""The packages that a ``setup.py`` asks for: strings in lists which are called so."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from llm_codemods.configuration import dependencies
from llm_codemods.configuration.sites import DependencySite, Readers, Word, upgraded
from llm_codemods.edits import Span
from llm_codemods.parsed import Module
from llm_codemods.source import Source

_CALLED = re.compile(r"req|depend|deps|extras", re.IGNORECASE)
"""``install_requires``, ``extras``, and what variables that hold such lists are called."""
_PLAIN = re.compile(r"""(?P<quote>["'])(?P<inside>[^"'\\\n]*)(?P=quote)""")


def sites(source: Source, readers: Readers) -> Iterator[DependencySite]:
    """Yield the packages that talk to OpenAI; none in a file that is no Python."""
    found = (dependencies.required(source.path, word) for word in words(source))
    return upgraded([site for site in found if site is not None], readers)


def words(source: Source) -> Iterator[Word]:
    """Yield the strings in lists of packages."""
    try:
        module = Module(source.text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return  # it is reported where it is read as Python
    seen: set[ast.AST] = set()
    for node in module.nodes:
        match node:
            case ast.keyword(arg=str(called), value=value):
                named = [called]
            case ast.Assign(targets=targets, value=value):
                named = [ast.unparse(target) for target in targets]
            case ast.AnnAssign(target=target, value=ast.expr() as value) | ast.AugAssign(target=target, value=value):
                named = [ast.unparse(target)]
            case _:
                continue
        if any(map(_CALLED.search, named)):
            for inner in ast.walk(value):
                for item in inner.elts if isinstance(inner, ast.List | ast.Tuple | ast.Set) else ():
                    span = module.span(item)
                    plain = _PLAIN.fullmatch(source.text, span.start, span.end)
                    if plain is not None and isinstance(item, ast.Constant) and item not in seen:
                        seen.add(item)
                        yield Word(plain["inside"], Span(*plain.span("inside")), plain["quote"])
