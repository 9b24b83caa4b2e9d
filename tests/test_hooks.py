"""The two hooks under the real pre-commit, which installs this working tree as it would a release.

pre-commit clones a repository of ours and installs it with pip. The repository is this working tree without its tests;
equal content is an equal commit, so that an environment in ``.cache/hooks`` serves until the program changes.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sysconfig
from pathlib import Path

import pytest

from terminal import CALL, IDENTITY, LLM, USE, commit, git, put, repository, status

pytestmark = pytest.mark.network
ROOT = Path(__file__).parents[1]
CACHE = ROOT / ".cache" / "hooks"
KEPT = 3
"""How many environments stay; the oldest go."""
PRE_COMMIT = Path(sysconfig.get_path("scripts")) / "pre-commit"
SCAN = "[{id: llm-migrate-scan}]"
REWRITE = "[{id: llm-migrate-rewrite, args: [--to, qwen]}]"


class Hooks:
    """Our repository as pre-commit sees it, and the home that its environment lies in."""

    def __init__(self, clone: Path, rev: str, home: Path) -> None:
        self.clone = clone
        self.rev = rev
        self.home = home

    def configuration(self, hooks: str) -> str:
        return f"repos:\n  - repo: '{self.clone.as_posix()}'\n    rev: {self.rev}\n    hooks: {hooks}\n"

    def run(self, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a command that may run the hooks: pre-commit itself, or git."""
        environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
        return subprocess.run(
            arguments,
            cwd=folder,
            env={**environment, **IDENTITY, "PRE_COMMIT_HOME": str(self.home), "PRE_COMMIT_COLOR": "never"},
            capture_output=True,
            encoding="utf-8",
            timeout=300,
            check=False,
        )

    def commit(self, folder: Path) -> subprocess.CompletedProcess[str]:
        return self.run(folder, "git", "commit", "--message", "m")


@pytest.fixture(scope="session")
def hooks(tmp_path_factory: pytest.TempPathFactory) -> Hooks:
    fresh = tmp_path_factory.mktemp("hooks") / "clone"
    listed = git(ROOT, "ls-files", "-z", "--cached", "--others", "--exclude-standard").decode().split("\0")
    for name in filter(None, listed):
        if not name.startswith(("tests/", "fixtures/")) and (ROOT / name).is_file():
            put(fresh, {name: (ROOT / name).read_bytes()})
    rev = git(repository(fresh), "rev-parse", "HEAD").decode().strip()
    place = CACHE / rev[:12]
    if not (place / "clone").exists():
        place.mkdir(parents=True, exist_ok=True)
        shutil.copytree(fresh, place / "clone", symlinks=True)
    os.utime(place)
    for old in sorted(CACHE.iterdir(), key=lambda folder: folder.stat().st_mtime)[:-KEPT]:
        shutil.rmtree(old, ignore_errors=True)
    found = Hooks(place / "clone", rev, place / "home")
    # before any test, while the developer's proxy and package index are still in the environment
    user = repository(tmp_path_factory.mktemp("user"), {".pre-commit-config.yaml": found.configuration(SCAN)})
    installed = found.run(user, str(PRE_COMMIT), "install", "--install-hooks")
    assert installed.returncode == 0, installed.stdout + installed.stderr
    return found


def project(folder: Path, hooks: Hooks, which: str, files: dict[str, bytes | str]) -> Path:
    """Make a repository with these files committed and the hooks installed."""
    root = repository(folder, {**files, ".pre-commit-config.yaml": hooks.configuration(which)})
    installed = hooks.run(root, str(PRE_COMMIT), "install")
    assert installed.returncode == 0, installed.stdout + installed.stderr
    return root


def test_a_commit_with_a_new_call_is_stopped(hooks: Hooks, tmp_path: Path) -> None:
    root = project(tmp_path, hooks, SCAN, {"app.py": "print('nothing')\n"})
    put(root, {"app.py": CALL})
    git(root, "add", "app.py")
    stopped = hooks.commit(root)
    assert stopped.returncode == 1
    assert "no new OpenAI calls (llm-migrate scan)" in stopped.stderr
    assert "exit code: 1" in stopped.stderr
    assert "app.py:3:10 LM101 OpenAI client" in stopped.stderr
    assert git(root, "log", "--oneline").count(b"\n") == 1
    put(root, {"app.py": "print('nothing at all')\n"})
    git(root, "add", "app.py")
    assert hooks.commit(root).returncode == 0
    assert git(root, "log", "--oneline").count(b"\n") == 2


def test_only_files_of_the_commit_are_reported_but_all_are_read(hooks: Hooks, tmp_path: Path) -> None:
    root = project(tmp_path, hooks, SCAN, {"pkg/llm.py": LLM, "old.py": CALL, "plain.py": ""})
    put(root, {"use.py": USE.replace("from llm", "from pkg.llm")})
    git(root, "add", "use.py")
    stopped = hooks.commit(root)
    assert stopped.returncode == 1
    assert "use.py:3:10 LM103 chat.completions.create" in stopped.stderr, "through the client of pkg/llm.py"
    assert "old.py" not in stopped.stderr
    assert "pkg/llm.py" not in stopped.stderr


def test_nothing_to_do_passes(hooks: Hooks, tmp_path: Path) -> None:
    root = project(tmp_path, hooks, SCAN, {"old.py": CALL})
    put(root, {"new.py": "print('nothing')\n", "values.yaml": "image: openai/whisper\n", "notes.txt": "openai"})
    git(root, "add", ".")
    passed = hooks.commit(root)
    assert passed.returncode == 0, passed.stderr
    assert "Passed" in passed.stderr
    verbose = hooks.run(root, str(PRE_COMMIT), "run", "--verbose", "--files", "new.py", "values.yaml")
    assert "warning" not in verbose.stdout, "files of other kinds are not worth a word here"


def test_a_file_that_cannot_be_read_is_not_let_through(hooks: Hooks, tmp_path: Path) -> None:
    root = project(tmp_path, hooks, SCAN, {})
    put(root, {"app.py": "import openai\ndef f(:\n"})
    git(root, "add", ".")
    stopped = hooks.commit(root)
    assert stopped.returncode == 1
    assert "exit code: 2" in stopped.stderr
    assert "skipped app.py: not valid Python: line 2" in stopped.stderr


def test_rewrite_fixes_and_fails_once(hooks: Hooks, tmp_path: Path) -> None:
    root = project(tmp_path, hooks, REWRITE, {"pkg/llm.py": LLM, "mine.py": "a = 1\n"})
    put(root, {"use.py": USE.replace("from llm", "from pkg.llm"), "mine.py": "a = 2  # not staged\n"})
    git(root, "add", "use.py")
    fixed = hooks.commit(root)
    assert fixed.returncode == 1
    assert "files were modified by this hook" in fixed.stderr
    assert "use.py:3:47 LM201 fix model gpt-4o becomes qwen-plus" in fixed.stderr
    assert 'model="qwen-plus"' in (root / "use.py").read_text()
    assert (root / "pkg/llm.py").read_text() == LLM, "it is not part of the commit"
    assert status(root).splitlines() == [" M mine.py", "AM use.py"], "and the journal keeps itself out"
    assert (root / "mine.py").read_text() == "a = 2  # not staged\n"
    git(root, "add", "use.py")
    passed = hooks.commit(root)
    assert passed.returncode == 0, passed.stderr
    assert status(root) == " M mine.py\n"


def test_rewrite_takes_its_provider_from_the_project(hooks: Hooks, tmp_path: Path) -> None:
    settings = {"pyproject.toml": '[tool.llm-migrate]\nto = "zhipu"\n'}
    root = project(tmp_path, hooks, "[{id: llm-migrate-rewrite}, {id: llm-migrate-scan}]", {**settings})
    put(root, {"app.py": CALL})
    git(root, "add", ".")
    assert hooks.commit(root).returncode == 1
    assert "bigmodel.cn" in (root / "app.py").read_text()
    git(root, "add", ".")
    passed = hooks.commit(root)
    assert passed.returncode == 0, passed.stderr
    assert passed.stderr.count("Passed") == 2, "what was moved is no new call of OpenAI"
    commit(root)
    put(root, {".pre-commit-config.yaml": hooks.configuration("[{id: llm-migrate-rewrite}]"), "pyproject.toml": ""})
    put(root, {"app.py": CALL})
    git(root, "add", ".")
    stopped = hooks.commit(root)
    assert stopped.returncode == 1
    assert "error: no provider to move to" in stopped.stderr
