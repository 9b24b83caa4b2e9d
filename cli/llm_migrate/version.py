"""The version of this program."""

from __future__ import annotations


def version() -> str:
    """Return the version that pyproject.toml gave the installed distribution."""
    from importlib import metadata

    return metadata.version("llm-migrate")
