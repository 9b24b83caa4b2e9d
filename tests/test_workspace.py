import hashlib
import json
import os
import random
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from llm_migrate.errors import UserError
from llm_migrate.workspace import dirty, undo, write

posix = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no mode bits")


@pytest.fixture(autouse=True)
def _no_foreign_git_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")


def git(root: Path, *arguments: str) -> None:
    identity = ["-c", "user.name=n", "-c", "user.email=e", "-c", "core.autocrlf=false"]
    subprocess.run(["git", *identity, *arguments], cwd=root, capture_output=True, check=True)


def repository(root: Path, **files: str) -> Path:
    """Make a git repository with committed files; in the names ``__`` stands for ``/``."""
    root.mkdir(parents=True, exist_ok=True)
    git(root, "init", "-q")
    for name, content in files.items():
        put(root, name.replace("__", "/") + ".py", content)
    git(root, "add", ".")
    git(root, "commit", "-q", "--allow-empty", "-m", "m")
    return root


def put(root: Path, name: str, content: str | bytes) -> Path:
    file = root / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return file


def state(root: Path) -> dict[str, tuple[bytes | str, int]]:
    """Everything under ``root`` with contents (or the target of a link) and mode, but git's and our own folder."""
    found: dict[str, tuple[bytes | str, int]] = {}
    for place in sorted(root.rglob("*")):
        name = place.relative_to(root).as_posix()
        if name.split("/")[0] in (".git", ".llm-migrate"):
            continue
        mode = stat.S_IMODE(place.lstat().st_mode)
        if place.is_symlink():
            found[name] = (str(place.readlink()), mode)
        else:
            found[name] = (b"" if place.is_dir() else place.read_bytes(), mode)
    return found


# dirty


def test_dirty_is_what_git_says(tmp_path: Path) -> None:
    root = repository(tmp_path, clean="1", changed="1", staged="1", sub__deep="1", gone="1")
    put(root, "changed.py", "2")
    put(root, "staged.py", "2")
    git(root, "add", "staged.py")
    put(root, "new/untracked.py", "1")
    put(root, ".gitignore", ".env\n")
    put(root, ".env", "A=1")
    (root / "gone.py").unlink()
    files = ["clean.py", "changed.py", "staged.py", "sub/deep.py", "new/untracked.py", ".env", "gone.py"]
    assert dirty(root, files) == ("changed.py", "gone.py", "new/untracked.py", "staged.py")
    assert dirty(root, ["clean.py", "sub/deep.py"]) == ()
    assert dirty(root, []) == ()


def test_dirty_with_a_root_inside_the_repository(tmp_path: Path) -> None:
    root = repository(tmp_path, a="1", sub__a="1", sub__b="1") / "sub"
    put(root, "a.py", "2")
    assert dirty(root, ["a.py", "b.py"]) == ("a.py",)
    put(root, "a.py", "1")
    put(tmp_path, "a.py", "2")
    assert dirty(root, ["a.py", "b.py"]) == ()


def test_dirty_in_a_repository_inside_the_root(tmp_path: Path) -> None:
    repository(tmp_path, a="1")
    repository(tmp_path / "inner", b="1", c="1")
    put(tmp_path, "inner/b.py", "2")
    assert dirty(tmp_path, ["a.py", "inner/b.py", "inner/c.py"]) == ("inner/b.py",)


def test_dirty_with_odd_names(tmp_path: Path) -> None:
    names = ["a b.py", "*.py", "中文.py", '"q".py', "new\nline.py", "-x.py", ":(top)a.py", "[a].py"]
    if sys.platform == "win32":
        names = ["a b.py", "中文.py", "-x.py", "[a].py"]
    root = repository(tmp_path, a="1")
    for name in names:
        put(root, name, "1")
    git(root, "add", ".")
    git(root, "commit", "-q", "-m", "m")
    put(root, "a.py", "2")
    assert dirty(root, names) == ()
    for name in names:
        put(root, name, "2")
    assert dirty(root, names) == tuple(sorted(names))
    git(root, "mv", "a.py", "moved.py")
    assert dirty(root, ["moved.py"]) == ("moved.py",)


def test_dirty_asks_for_many_files(tmp_path: Path) -> None:
    root = repository(tmp_path)
    names = [f"{'x' * 100}{i}.py" for i in range(450)]
    for name in names:
        put(root, name, "1")
    git(root, "add", ".")
    git(root, "commit", "-q", "-m", "m")
    for name in names[::50]:
        put(root, name, "2")
    assert dirty(root, names) == tuple(sorted(names[::50]))


def test_dirty_without_repository_or_git(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path, "plain/a.py", "1")
    assert dirty(tmp_path / "plain", ["a.py"]) == ()
    root = repository(tmp_path / "repo", a="1")
    put(root, "a.py", "2")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert dirty(root, ["a.py"]) == ()


def test_dirty_inside_a_hook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = repository(tmp_path / "one", a="1")
    other = repository(tmp_path / "two", a="1")
    put(root, "a.py", "2")
    monkeypatch.setenv("GIT_DIR", str(other / ".git"))
    monkeypatch.setenv("GIT_WORK_TREE", str(other))
    assert dirty(root, ["a.py"]) == ("a.py",)


def test_a_git_that_refuses_is_not_taken_for_clean(tmp_path: Path) -> None:
    put(tmp_path, ".git/HEAD", "nonsense")
    put(tmp_path, "a.py", "1")
    with pytest.raises(UserError, match="git cannot tell") as caught:
        dirty(tmp_path, ["a.py"])
    assert "--allow-dirty" in str(caught.value.hint)


@posix
def test_dirty_runs_no_program_of_the_repository(tmp_path: Path) -> None:
    root = repository(tmp_path / "repo", a="1")
    monitor = put(tmp_path, "monitor", f"#!/bin/sh\ntouch {tmp_path}/ran\n")
    monitor.chmod(0o755)
    git(root, "config", "core.fsmonitor", str(monitor))
    put(root, "a.py", "2")
    assert dirty(root, ["a.py"]) == ("a.py",)
    assert not (tmp_path / "ran").exists()


# write and undo


@posix
def test_undo_brings_back_every_byte_and_mode(tmp_path: Path) -> None:
    put(tmp_path, "a.py", b"\xef\xbb\xbfold\r\n\xff").chmod(0o755)
    put(tmp_path, "sub/b.ipynb", b"").chmod(0o600)
    put(tmp_path, "sub/.env", b"KEY=sk-secret").chmod(0o640)
    put(tmp_path, "same.py", b"same").chmod(0o444)
    put(tmp_path, "other.py", b"other")
    before = state(tmp_path)
    changes = {"a.py": b"new", "sub/b.ipynb": b"{}", "sub/.env": b"", "same.py": b"same", "sub/new.py": b"created"}
    assert write(tmp_path, changes) == 1
    after = state(tmp_path)
    assert {name: after[name][0] for name in changes} == changes
    assert {name: mode for name, (_, mode) in after.items() if name in before} == {n: m for n, (_, m) in before.items()}
    result = undo(tmp_path)
    assert (result.run, result.conflicts) == (1, ())
    assert sorted(result.restored) == ["a.py", "sub/.env", "sub/b.ipynb", "sub/new.py"]
    assert state(tmp_path) == before
    assert not (tmp_path / ".llm-migrate").exists()


def test_nothing_to_write_writes_nothing(tmp_path: Path) -> None:
    put(tmp_path, "a.py", b"same")
    assert write(tmp_path, {"a.py": b"same"}) is None
    assert write(tmp_path, {}) is None
    assert [p.name for p in tmp_path.iterdir()] == ["a.py"]


@posix
def test_the_journal_is_private_and_out_of_git(tmp_path: Path) -> None:
    root = repository(tmp_path, a="import openai  # sk-secret")
    old = (root / "a.py").read_bytes()
    write(root, {"a.py": b"new"})
    assert not subprocess.run(
        ["git", "status", "--porcelain", "-uall", "--", ".llm-migrate"], cwd=root, capture_output=True, check=True
    ).stdout
    folder = root / ".llm-migrate"
    assert (folder / ".gitignore").read_bytes() == b"*\n"
    run = folder / "runs" / "1"
    assert [stat.S_IMODE(f.stat().st_mode) for f in (folder, folder / "runs", run)] == [0o700] * 3
    assert {f.name: stat.S_IMODE(f.stat().st_mode) for f in run.iterdir()} == {"journal.json": 0o600, "0": 0o600}
    assert (run / "0").read_bytes() == old
    text = (run / "journal.json").read_text()
    assert "sk-secret" not in text
    row = json.loads(text)["files"][0]
    assert row["path"] == "a.py"
    assert (row["before"], row["after"]) == (hashlib.sha256(old).hexdigest(), hashlib.sha256(b"new").hexdigest())


def test_each_undo_takes_back_one_run(tmp_path: Path) -> None:
    file = put(tmp_path, "a.py", "0")
    for i in range(1, 13):
        assert write(tmp_path, {"a.py": str(i).encode()}) == i
    for i in range(11, 5, -1):
        assert undo(tmp_path).run == i + 1
        assert file.read_text() == str(i)
    assert write(tmp_path, {"a.py": b"again"}) == 7
    for content in "6543210":
        undo(tmp_path)
        assert file.read_text() == content
    with pytest.raises(UserError, match="nothing to undo") as caught:
        undo(tmp_path)
    assert caught.value.hint


def test_conflicts_stop_the_whole_undo(tmp_path: Path) -> None:
    put(tmp_path, "a.py", "a0")
    put(tmp_path, "b.py", "b0")
    put(tmp_path, "c.py", "c0")
    write(tmp_path, {"a.py": b"a1", "b.py": b"b1", "c.py": b"c1", "d.py": b"d1"})
    put(tmp_path, "b.py", "mine")
    put(tmp_path, "d.py", "mine too")
    before = state(tmp_path)
    result = undo(tmp_path)
    assert (result.restored, result.conflicts) == ((), ("b.py", "d.py"))
    assert state(tmp_path) == before
    assert undo(tmp_path) == result
    forced = undo(tmp_path, force=True)
    assert (sorted(forced.restored), forced.conflicts) == (["a.py", "b.py", "c.py", "d.py"], ())
    assert {name: content for name, (content, _) in state(tmp_path).items()} == {
        "a.py": b"a0",
        "b.py": b"b0",
        "c.py": b"c0",
    }


@posix
def test_deleted_files_come_back(tmp_path: Path) -> None:
    put(tmp_path, "sub/deep/a.py", "a0").chmod(0o700)
    put(tmp_path, "b.py", "b0")
    before = state(tmp_path)
    write(tmp_path, {"sub/deep/a.py": b"a1", "b.py": b"b1", "new.py": b"new"})
    (tmp_path / "sub/deep/a.py").unlink()
    (tmp_path / "sub/deep").rmdir()
    (tmp_path / "new.py").unlink()
    put(tmp_path, "b.py", "b0")  # brought back by hand: no conflict
    assert undo(tmp_path).restored == ("sub/deep/a.py",)
    assert state(tmp_path) == before


def test_links_inside_the_root_stay_links(tmp_path: Path) -> None:
    put(tmp_path, "real.py", "0")
    (tmp_path / "link.py").symlink_to("real.py")
    before = state(tmp_path)
    write(tmp_path, {"link.py": b"1", "real.py": b"1"})
    assert (tmp_path / "real.py").read_bytes() == b"1"
    assert (tmp_path / "link.py").is_symlink()
    assert undo(tmp_path).restored == ("real.py",)
    assert state(tmp_path) == before
    with pytest.raises(UserError, match="changed differently"):
        write(tmp_path, {"link.py": b"1", "real.py": b"2"})
    assert state(tmp_path) == before


def test_nothing_is_written_outside_the_root(tmp_path: Path) -> None:
    root = tmp_path / "root"
    put(root, "a.py", "0")
    put(tmp_path, "outside/b.py", "0")
    (root / "file.py").symlink_to(tmp_path / "outside/b.py")
    (root / "folder").symlink_to(tmp_path / "outside", target_is_directory=True)
    before = state(tmp_path)
    for path in ("file.py", "folder/b.py", "../outside/b.py", str(tmp_path / "outside/b.py"), str(root / "a.py"), "."):
        with pytest.raises(UserError, match="leads out of the project"):
            write(root, {"a.py": b"1", path: b"1"})
    for path in (".git/hooks/pre-commit", ".llm-migrate/x", "sub/.GIT/config"):
        with pytest.raises(UserError, match="not written"):
            write(root, {"a.py": b"1", path: b"1"})
    assert state(tmp_path) == before


def test_the_journal_must_not_be_a_link(tmp_path: Path) -> None:
    root = tmp_path / "root"
    put(root, "a.py", "0")
    (tmp_path / "elsewhere").mkdir()
    (root / ".llm-migrate").symlink_to(tmp_path / "elsewhere", target_is_directory=True)
    with pytest.raises(UserError, match="is a link"):
        write(root, {"a.py": b"1"})
    assert (root / "a.py").read_bytes() == b"0"
    assert list((tmp_path / "elsewhere").iterdir()) == []


@pytest.mark.parametrize("error", [PermissionError(13, "Permission denied"), KeyboardInterrupt()])
@pytest.mark.parametrize("step", ["replace", "chmod"])
def test_a_failure_restores_what_was_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException, step: str
) -> None:
    for name in "abc":
        put(tmp_path, f"{name}.py", "0")
    write(tmp_path, {"a.py": b"earlier"})
    before = state(tmp_path)
    genuine = getattr(Path, step)
    calls = []

    def failing(self: Path, *arguments: object) -> object:
        if ".llm-migrate" not in self.parent.as_posix():
            calls.append(self)
            if len(calls) == 3:
                raise error
        return genuine(self, *arguments)

    monkeypatch.setattr(Path, step, failing)
    with pytest.raises((UserError, KeyboardInterrupt)) as caught:
        write(tmp_path, {"new.py": b"1", "a.py": b"1", "b.py": b"1", "c.py": b"1"})
    monkeypatch.undo()
    assert len(calls) > 3
    assert isinstance(caught.value, UserError) == isinstance(error, OSError)
    assert state(tmp_path) == before
    assert [p.name for p in (tmp_path / ".llm-migrate" / "runs").iterdir()] == ["1"]
    undo(tmp_path)
    assert (tmp_path / "a.py").read_bytes() == b"0"


def test_a_missing_folder_is_an_error(tmp_path: Path) -> None:
    put(tmp_path, "a.py", "0")
    with pytest.raises(UserError, match="cannot write") as caught:
        write(tmp_path, {"a.py": b"1", "missing/b.py": b"1"})
    assert caught.value.hint
    assert {name: content for name, (content, _) in state(tmp_path).items()} == {"a.py": b"0"}
    assert not (tmp_path / ".llm-migrate").exists()


@posix
@pytest.mark.skipif(hasattr(os, "geteuid") and os.geteuid() == 0, reason="nothing is read-only for root")
def test_a_folder_that_is_read_only(tmp_path: Path) -> None:
    put(tmp_path, "a.py", "0")
    put(tmp_path, "shut/b.py", "0")
    (tmp_path / "shut").chmod(0o555)
    before = state(tmp_path)
    try:
        with pytest.raises(UserError, match="Permission denied"):
            write(tmp_path, {"a.py": b"1", "shut/b.py": b"1"})
        assert state(tmp_path) == before
    finally:
        (tmp_path / "shut").chmod(0o755)


def test_an_undo_that_fails_can_go_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path, "a.py", "0")
    put(tmp_path, "b.py", "0")
    before = state(tmp_path)
    write(tmp_path, {"a.py": b"1", "b.py": b"1"})
    genuine = Path.replace

    def failing(self: Path, target: Path) -> Path:
        if target.name == "b.py":
            raise OSError(28, "No space left on device", str(target))
        return genuine(self, target)

    monkeypatch.setattr(Path, "replace", failing)
    with pytest.raises(UserError, match="No space left"):
        undo(tmp_path)
    monkeypatch.undo()
    assert (tmp_path / "b.py").read_bytes() == b"1"
    assert undo(tmp_path).restored == ("b.py",)
    assert state(tmp_path) == before


def test_a_run_cut_off_before_it_wrote_is_no_run(tmp_path: Path) -> None:
    put(tmp_path, "a.py", "0")
    write(tmp_path, {"a.py": b"1"})
    put(tmp_path, ".llm-migrate/runs/2/0", "half")
    assert undo(tmp_path).run == 1
    assert (tmp_path / "a.py").read_bytes() == b"0"
    assert write(tmp_path, {"a.py": b"1"}) == 1
    assert write(tmp_path, {"a.py": b"2"}) == 2
    assert undo(tmp_path).restored == ("a.py",)
    assert (tmp_path / "a.py").read_bytes() == b"1"


ROW = {
    "path": "a.py",
    "mode": 0o644,
    "before": hashlib.sha256(b"0").hexdigest(),
    "after": hashlib.sha256(b"1").hexdigest(),
}


@pytest.mark.parametrize(
    "journal",
    [
        "",
        "[]",
        "{}",
        '{"files": 3}',
        json.dumps({"files": [{}]}),
        json.dumps({"files": [ROW | {"path": 3}]}),
        json.dumps({"files": [ROW | {"mode": "x"}]}),
        json.dumps({"files": [ROW | {"mode": 1 << 80}]}),
        json.dumps({"files": [ROW, ROW]}),
        json.dumps({"files": [ROW | {"path": "../outside.py"}]}),
        json.dumps({"files": [ROW | {"path": ".git/hooks/pre-commit", "mode": 0o755}]}),
        json.dumps({"files": [ROW | {"before": "0" * 64}]}),
        json.dumps({"files": [ROW | {"before": 5}]}),
        json.dumps({"files": [ROW | {"path": "a\0b"}]}),
    ],
)
def test_a_damaged_or_hostile_journal_writes_nothing(tmp_path: Path, journal: str) -> None:
    root = tmp_path / "root"
    put(root, "a.py", "0")
    (root / ".git" / "hooks").mkdir(parents=True)
    write(root, {"a.py": b"1"})
    put(root, ".llm-migrate/runs/1/journal.json", journal)
    put(root, ".llm-migrate/runs/1/1", "0")
    before = state(tmp_path)
    with pytest.raises(UserError):
        undo(root)
    with pytest.raises(UserError):
        undo(root, force=True)
    assert state(tmp_path) == before
    assert list((root / ".git" / "hooks").iterdir()) == []


def test_random_runs_come_back(tmp_path: Path) -> None:
    """Runs at random, undone one by one: each undo gives exactly the state before its run."""
    chosen = random.Random(13)
    names = ["a.py", "b/c.py", "b/d.ipynb", ".env", "中.py"]
    (tmp_path / "b").mkdir()
    for name in names[:3]:
        put(tmp_path, name, chosen.randbytes(20))
    states = [state(tmp_path)]
    for _ in range(20):
        picked = chosen.sample(names, k=chosen.randrange(1, len(names)))
        if write(tmp_path, {name: chosen.choice([b"", b"x", chosen.randbytes(50)]) for name in picked}):
            states.append(state(tmp_path))
    while len(states) > 1:
        states.pop()
        assert undo(tmp_path).conflicts == ()
        assert state(tmp_path) == states[-1]
    assert not (tmp_path / ".llm-migrate").exists()
