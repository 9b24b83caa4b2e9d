"""What a finder on LibCST's metadata does with each file: parse, visit every call with its position and its names.

``python benchmarks/visitor.py FILE...`` prints how many calls of ``openai`` it saw.
"""

from __future__ import annotations

import sys
from pathlib import Path

import libcst as cst
from libcst.metadata import MetadataWrapper, PositionProvider, QualifiedNameProvider


class Calls(cst.CSTVisitor):
    """Notes where a name of the SDK is called."""

    METADATA_DEPENDENCIES = (PositionProvider, QualifiedNameProvider)

    def __init__(self) -> None:
        """Start with no call seen."""
        super().__init__()
        self.lines: list[int] = []

    def visit_Call(self, node: cst.Call) -> None:
        """Ask for the names of what is called, and for its place if one is the SDK's."""
        names = self.get_metadata(QualifiedNameProvider, node.func, set())
        if any(name.name.startswith("openai.") for name in names):
            self.lines.append(self.get_metadata(PositionProvider, node).start.line)


def calls(data: bytes) -> int:
    """Return the number of calls; none in a file that LibCST cannot parse."""
    visitor = Calls()
    try:
        module = cst.parse_module(data)
    except cst.ParserSyntaxError:
        return 0
    MetadataWrapper(module, unsafe_skip_copy=True).visit(visitor)
    return len(visitor.lines)


if __name__ == "__main__":
    print(sum(calls(Path(name).read_bytes()) for name in sys.argv[1:]))
