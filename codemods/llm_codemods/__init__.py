"""What moves code from one provider to another: pure functions from texts to findings and new texts.

``scan`` and ``rewrite`` take a project as a dictionary of texts. What is named here is loaded when it is first asked
for.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from llm_codemods.api import Located, Rewrite, Scan, read_profile, rewrite, scan
    from llm_codemods.choice import ChoiceError
    from llm_codemods.profile import Profile, ProfileError
    from llm_codemods.report import Finding, Skipped, Verdict
    from llm_codemods.sdk import Sdk
    from llm_codemods.source import Position
    from llm_codemods.style import Style

__all__ = [
    "ChoiceError",
    "Finding",
    "Located",
    "Position",
    "Profile",
    "ProfileError",
    "Rewrite",
    "Scan",
    "Sdk",
    "Skipped",
    "Style",
    "Verdict",
    "read_profile",
    "rewrite",
    "scan",
]

_MODULES = {
    "api": ("Located", "Rewrite", "Scan", "read_profile", "rewrite", "scan"),
    "choice": ("ChoiceError",),
    "profile": ("Profile", "ProfileError"),
    "report": ("Finding", "Skipped", "Verdict"),
    "sdk": ("Sdk",),
    "source": ("Position",),
    "style": ("Style",),
}


def __getattr__(name: str) -> object:
    """Load what is asked for."""
    module = next((module for module, names in _MODULES.items() if name in names), None)
    if module is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{module}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
