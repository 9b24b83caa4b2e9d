"""Which file an import means."""

from __future__ import annotations

import pytest

from llm_codemods.modules import Modules

FILES = [
    *("main.py", "app/__init__.py", "app/llm.py", "app/deep/__init__.py", "app/deep/x.py", "app/openai.py"),
    *(
        "src/lib/__init__.py",
        "src/lib/core.py",
        "tests/test_core.py",
        "tools/run.py",
        "tools/names.py",
        "loose/part.py",
    ),
    *("one/app2/__init__.py", "one/app2/a.py", "one/main.py", "two/app2/__init__.py", "two/app2/a.py", "two/main.py"),
    *("games/chess/agents.py", "games/chess/play.py", "course/lesson/agent.py"),
    *("packages/dspy/src/dspy/__init__.py", "packages/dspy/tests/test_dspy.py"),
]


@pytest.mark.parametrize(
    ("path", "module", "level", "found"),
    [
        ("main.py", "app", 0, "app/__init__.py"),
        ("main.py", "app.llm", 0, "app/llm.py"),
        ("app/deep/x.py", "app.llm", 0, "app/llm.py"),
        ("app/deep/x.py", "", 1, "app/deep/__init__.py"),
        ("app/deep/x.py", "llm", 2, "app/llm.py"),
        ("app/deep/__init__.py", "x", 1, "app/deep/x.py"),
        ("app/llm.py", "nothing", 1, None),
        ("tests/test_core.py", "lib.core", 0, "src/lib/core.py"),
        ("tools/run.py", "names", 0, "tools/names.py"),
        ("main.py", "loose.part", 0, "loose/part.py"),
        ("one/main.py", "app2.a", 0, "one/app2/a.py"),
        ("two/main.py", "app2.a", 0, "two/app2/a.py"),
        ("app/llm.py", "openai", 0, None),
        ("games/chess/play.py", "agents", 0, "games/chess/agents.py"),
        ("course/lesson/agent.py", "agents", 0, None),  # a framework, not the module of another program
        ("games/play.py", "chess.agents", 0, "games/chess/agents.py"),
        ("packages/dspy/tests/test_dspy.py", "dspy", 0, "packages/dspy/src/dspy/__init__.py"),
        ("course/lesson/agent.py", "dspy", 0, None),
        ("main.py", "deep.x", 0, None),
        ("main.py", "requests", 0, None),
    ],
)
def test_imports_are_found(path: str, module: str, level: int, found: str | None) -> None:
    assert Modules(FILES).find(path, module, level) == found


def test_modules_below_a_package() -> None:
    modules = Modules(FILES)
    assert modules.below("app/__init__.py", "llm") == "app/llm.py"
    assert modules.below("app/__init__.py", "deep") == "app/deep/__init__.py"
    assert modules.below("app/llm.py", "deep") is None
    assert "app/llm.py" in modules
    assert "app/nothing.py" not in modules


def test_the_root_may_be_a_package_itself() -> None:
    modules = Modules(["__init__.py", "llm.py", "deep/__init__.py", "deep/x.py"], "outer.pkg")
    assert modules.find("deep/x.py", "outer.pkg") == "__init__.py"
    assert modules.find("deep/x.py", "outer.pkg.llm") == "llm.py"
    assert modules.find("llm.py", "outer.pkg.deep") == "deep/__init__.py"
    assert modules.find("llm.py", "deep.x") == "deep/x.py"
    assert modules.find("llm.py", "outer.other") is None
    assert modules.find("llm.py", "outer") is None
    assert Modules(["__init__.py", "llm.py"], "a").find("llm.py", "a") == "__init__.py"
