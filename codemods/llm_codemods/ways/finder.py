"""What takes the place of a rule's ``find`` in a style."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from llm_codemods.report import Finding
from llm_codemods.target import Target

Finder = Callable[[Any, Target], Iterator[Finding]]
"""Takes a site of the rule's type and the target; yields findings by ``about``."""
