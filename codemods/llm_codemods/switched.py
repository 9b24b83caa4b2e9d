"""The module that chooses the provider, for style ``switch``: how code names it."""

from __future__ import annotations

from llm_codemods.operations import Import
from llm_codemods.target import Target

CLASSES = {"OpenAI": "client", "AsyncOpenAI": "async_client"}
"""Class of the SDK -> the function of the module that makes such a client."""


def name_of(target: Target) -> str:
    """Return what the module is called where it is imported."""
    return target.module.rpartition(".")[2]


def imported(target: Target) -> Import:
    """Return the import of the module."""
    package, _, name = target.module.rpartition(".")
    return Import(package, name) if package else Import(name)
