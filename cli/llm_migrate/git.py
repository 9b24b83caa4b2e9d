"""How git is asked: the settings of the user's repository must run no programs, and inside a hook variables point to
the repository that the hook is for."""

from __future__ import annotations

import os

COMMAND = ("git", "--no-optional-locks", "--literal-pathspecs", "-c", "core.fsmonitor=false")
_HOOK_VARIABLES = frozenset({"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_COMMON_DIR"})


def environment() -> dict[str, str]:
    """Return the environment to run it in."""
    return {k: v for k, v in os.environ.items() if k not in _HOOK_VARIABLES} | {"LC_ALL": "C"}
