"""What a codemod on LibCST's metadata does with each file: parse all of it, visit every node, write all of it again.

``python benchmarks/transformer.py FILE...`` changes the names of models, and gives every client endpoint and key, as
``llm-migrate rewrite --to qwen --select LM101 --select LM201`` does; it prints how many places it changed.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

import libcst as cst
from libcst.metadata import MetadataWrapper, PositionProvider

from llm_codemods import profile as profiles
from llm_codemods.target import Target, aim

TO = "qwen"
MODELS = ("gpt-4o-mini", "text-embedding-3-small")


class Moves(cst.CSTTransformer):
    """Changes literals and clients; notes the lines where it did."""

    METADATA_DEPENDENCIES = (PositionProvider,)

    def __init__(self, models: Mapping[str, str], arguments: Mapping[str, str]) -> None:
        """Take the new names of models, and the code of a client's arguments."""
        super().__init__()
        self.models = models
        self.arguments = arguments
        self.lines: list[int] = []

    def leave_SimpleString(self, original_node: cst.SimpleString, updated_node: cst.SimpleString) -> cst.BaseExpression:
        """Change the name of a model."""
        model = self.models.get(str(updated_node.evaluated_value))
        if model is None:
            return updated_node
        self.note(original_node)
        return updated_node.with_changes(value=f'"{model}"')

    def leave_Call(self, original_node: cst.Call, updated_node: cst.Call) -> cst.BaseExpression:
        """Give a client its endpoint and key."""
        if not (isinstance(updated_node.func, cst.Name) and updated_node.func.value == "OpenAI"):
            return updated_node
        self.note(original_node)
        missing = dict(self.arguments)
        args: list[cst.Arg] = []
        for arg in updated_node.args:
            code = missing.pop(arg.keyword.value, None) if arg.keyword else None
            args.append(arg if code is None else arg.with_changes(value=cst.parse_expression(code)))
        equal = cst.AssignEqual(cst.SimpleWhitespace(""), cst.SimpleWhitespace(""))
        new = (cst.Arg(cst.parse_expression(c), keyword=cst.Name(name), equal=equal) for name, c in missing.items())
        return updated_node.with_changes(args=[*args, *new])

    def note(self, node: cst.CSTNode) -> None:
        """Remember the line of a node."""
        self.lines.append(self.get_metadata(PositionProvider, node).start.line)


def target() -> Target:
    """Return where the clients go."""
    return aim(profiles.find(TO))


def transformed(code: str, to: Target) -> tuple[str, list[int]]:
    """Return the text of a module with all changes made, and the lines in which they are."""
    models = {model: new for model in MODELS if (new := to.model_for(model)) is not None}
    moves = Moves(models, {"base_url": f'"{to.base_url}"', "api_key": f'os.environ["{to.key_env}"]'})
    return MetadataWrapper(cst.parse_module(code), unsafe_skip_copy=True).visit(moves).code, moves.lines


if __name__ == "__main__":
    to = target()
    print(sum(len(transformed(Path(name).read_text("utf-8"), to)[1]) for name in sys.argv[1:]))
