import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from llm_codemods.kinds import KINDS, Kind
from llm_migrate.discover import DEFAULT_EXCLUDED, discover
from llm_migrate.errors import UserError
from llm_migrate.kinds import kind_of
from llm_migrate.roots import find_root


def make(root: Path, *files: str) -> None:
    """Create empty files."""
    for file in files:
        (root / file).parent.mkdir(parents=True, exist_ok=True)
        (root / file).write_bytes(b"")


def put(root: Path, file: str, content: str) -> None:
    (root / file).parent.mkdir(parents=True, exist_ok=True)
    (root / file).write_bytes(content.encode())


def git(root: Path, *arguments: str) -> str:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")}
    environment |= {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    return subprocess.run(
        ["git", *arguments], cwd=root, env=environment, capture_output=True, text=True, check=True
    ).stdout


def found(root: Path, *paths: Path, include: tuple[str, ...] = (), exclude: tuple[str, ...] = ()) -> list[str]:
    return list(discover(root, paths, include=include, exclude=exclude).files)


def test_kinds_by_name(tmp_path: Path) -> None:
    kinds = {
        "a.py": Kind.PYTHON, "a.pyi": Kind.PYTHON, "a.ipynb": Kind.NOTEBOOK, ".env": Kind.DOTENV,
        ".env.example": Kind.DOTENV, "prod.env": Kind.DOTENV, "docker-compose.yml": Kind.COMPOSE,
        "docker-compose.dev.yaml": Kind.COMPOSE, "compose.yaml": Kind.COMPOSE, "compose.override.yml": Kind.COMPOSE,
        "compose.json": Kind.OTHER, "x.yml": Kind.OTHER, "README.md": Kind.OTHER, ".envrc": Kind.OTHER,
        "Dockerfile": Kind.OTHER, "requirements.txt": Kind.OTHER, "OAI_CONFIG_LIST": Kind.OTHER, "web.tsx": Kind.OTHER,
        "a.pyc": None, "a.py.orig": None, "environment": None, "env": Kind.DOTENV, "notes.txt": None,
        "rows.jsonl": None, "py": None, "a.PY~": None,
    }  # fmt: skip
    make(tmp_path, *kinds)
    assert {name: kind_of(tmp_path / name) for name in kinds} == kinds
    assert found(tmp_path) == sorted(name for name, kind in kinds.items() if kind)
    assert set(KINDS) == set(Kind)


@pytest.mark.parametrize(
    ("first", "kind"),
    [
        ("#!/usr/bin/env python3\n", Kind.PYTHON),
        ("#!/usr/bin/python\n", Kind.PYTHON),
        ("#!/usr/bin/env -S uv run --script\n", Kind.PYTHON),
        ("#!/usr/bin/env pypy3", Kind.PYTHON),
        ("#!/bin/sh\n# python\n", Kind.OTHER),
        ("#!/usr/bin/env bash", Kind.OTHER),
        ("#!/usr/bin/env fish", None),
        ("# python", None),
        ("", None),
    ],
)
def test_scripts_are_known_by_their_first_line(tmp_path: Path, first: str, kind: Kind | None) -> None:
    put(tmp_path, "bin/run", first)
    put(tmp_path, "bin/run.txt", first)
    assert kind_of(tmp_path / "bin/run") is kind
    assert found(tmp_path) == (["bin/run"] if kind else [])


def test_what_git_tracks_is_not_ignored(tmp_path: Path) -> None:
    """Patterns of .gitignore mean nothing to git for a file that was added in spite of them."""
    put(tmp_path, ".gitignore", "*\n!*.py\n!/src\n")
    make(tmp_path, "src/a.py", "src/b.yml", "lib/deep/c.py", "lib/deep/d.py", "lib/e.png", "build/f.py", "node/g.py")
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", "-f", "src/b.yml", "lib/deep/c.py", "lib/e.png", "build/f.py", "node/g.py")
    (tmp_path / "node/g.py").unlink()
    assert found(tmp_path) == ["lib/deep/c.py", "src/a.py", "src/b.yml"]
    assert found(tmp_path, tmp_path / "src") == ["src/a.py", "src/b.yml"]
    assert found(tmp_path, exclude=("deep/",)) == ["src/a.py", "src/b.yml"]
    assert found(tmp_path, include=("*.yml",)) == ["src/b.yml"]
    (tmp_path / "inner").mkdir()
    git(tmp_path / "inner", "init", "-q")
    put(tmp_path, "inner/.gitignore", "h.py")
    make(tmp_path, "inner/h.py")
    git(tmp_path / "inner", "add", "-f", "h.py")
    assert found(tmp_path, tmp_path / "inner") == ["inner/h.py"]


def test_git_is_not_needed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(tmp_path, ".git/config", "a.py")
    assert found(tmp_path) == ["a.py"]
    monkeypatch.setenv("PATH", str(tmp_path))
    assert found(tmp_path) == ["a.py"]


def test_kind_of_nothing(tmp_path: Path) -> None:
    assert kind_of(tmp_path / "missing") is None
    assert kind_of(tmp_path) is None


def test_sorted_and_relative(tmp_path: Path) -> None:
    make(tmp_path, "b/z.py", "b.py", "a/x/y.py", "b/a.py", "中/文.py", "B.py")
    assert found(tmp_path) == sorted(found(tmp_path)) == ["B.py", "a/x/y.py", "b.py", "b/a.py", "b/z.py", "中/文.py"]
    assert found(tmp_path, tmp_path / "b", tmp_path / "b" / "a.py", tmp_path) == found(tmp_path)
    assert found(tmp_path, tmp_path / "b") == ["b/a.py", "b/z.py"]


def test_paths_count_from_the_current_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(tmp_path, "a/b/c.py", "a/d.py", "e.py")
    monkeypatch.chdir(tmp_path / "a")
    assert found(tmp_path, Path("b")) == ["a/b/c.py"]
    assert found(tmp_path, Path("../e.py"), Path()) == ["a/b/c.py", "a/d.py", "e.py"]


def test_default_exclusions(tmp_path: Path) -> None:
    make(tmp_path, "a.py", *(f"{folder}/in/b.py" for folder in DEFAULT_EXCLUDED), "src/build/c.py", "builds/d.py")
    assert found(tmp_path) == ["a.py", "builds/d.py"]
    assert found(tmp_path, tmp_path / "src" / "build") == ["src/build/c.py"]
    assert found(tmp_path, exclude=("!build/",)) == ["a.py", "build/in/b.py", "builds/d.py", "src/build/c.py"]
    assert list(discover(tmp_path, no_ignore=True).files) == ["a.py", "builds/d.py"]


def test_include_and_exclude(tmp_path: Path) -> None:
    make(tmp_path, "a.py", "tests/a.py", "tests/deep/b.py", "src/c.py", "src/d.ipynb")
    assert found(tmp_path, exclude=("tests/",)) == ["a.py", "src/c.py", "src/d.ipynb"]
    assert found(tmp_path, exclude=("tests/*", "!tests/a.py", "*.ipynb")) == ["a.py", "src/c.py", "tests/a.py"]
    assert found(tmp_path, include=("src/", "/a.py")) == ["a.py", "src/c.py", "src/d.ipynb"]
    assert found(tmp_path, include=("*.py",), exclude=("src",)) == ["a.py", "tests/a.py", "tests/deep/b.py"]
    assert found(tmp_path, tmp_path / "tests/a.py", exclude=("tests",)) == ["tests/a.py"]
    with pytest.raises(UserError, match="malformed"):
        discover(tmp_path, exclude=("!",))
    with pytest.raises(UserError, match="malformed"):
        discover(tmp_path, include=("[z-a].py",))


def test_ignore_files_of_every_level(tmp_path: Path) -> None:
    (tmp_path / ".git" / "info").mkdir(parents=True)
    put(tmp_path, ".git/info/exclude", "private.py\n")
    put(tmp_path, ".gitignore", "\ufeff*_gen.py\r\n/data/\r\n!keep_gen.py\n")
    put(tmp_path, "pkg/.gitignore", "!a_gen.py\nsub/\n*.pyi\n")
    put(tmp_path, "pkg/deep/.gitignore", "!x.pyi\n")
    make(
        tmp_path, "a_gen.py", "keep_gen.py", "private.py", "data/b.py", "pkg/data/b.py", "pkg/a_gen.py", "pkg/b_gen.py"
    )
    make(tmp_path, "pkg/sub/c.py", "sub/c.py", "pkg/d.pyi", "pkg/deep/x.pyi", "pkg/deep/y.pyi", "d.pyi")
    expected = ["d.pyi", "keep_gen.py", "pkg/a_gen.py", "pkg/data/b.py", "pkg/deep/x.pyi", "sub/c.py"]
    assert found(tmp_path) == expected
    assert found(tmp_path, tmp_path / "pkg") == [f for f in expected if f.startswith("pkg/")]
    assert found(tmp_path / "pkg") == ["a_gen.py", "data/b.py", "deep/x.pyi"]
    assert found(tmp_path / "pkg" / "deep") == ["x.pyi"]
    assert len(discover(tmp_path, no_ignore=True).files) == 13


def test_what_is_named_is_taken_though_ignored(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    put(tmp_path, ".gitignore", "out/\n*.gen.py\n")
    make(tmp_path, "out/a.py", "out/deep/b.py", "c.gen.py", "d.py")
    assert found(tmp_path) == ["d.py"]
    assert found(tmp_path, tmp_path / "c.gen.py", tmp_path / "out/a.py") == ["c.gen.py", "out/a.py"]
    assert found(tmp_path, tmp_path / "out") == ["out/a.py", "out/deep/b.py"]
    assert found(tmp_path, tmp_path / "out" / "deep") == ["out/deep/b.py"]


def test_dotenv_files_are_taken_though_ignored(tmp_path: Path) -> None:
    put(tmp_path, ".gitignore", ".env\n.env.*\nsecret/\nlocal.py\nOAI_CONFIG_LIST*\n")
    make(tmp_path, ".env", "app/.env.local", "secret/.env", "local.py", "OAI_CONFIG_LIST", "app/OAI_CONFIG_LIST.json")
    assert found(tmp_path) == [".env", "OAI_CONFIG_LIST", "app/.env.local", "app/OAI_CONFIG_LIST.json"]
    assert found(tmp_path, exclude=(".env",)) == ["OAI_CONFIG_LIST", "app/.env.local", "app/OAI_CONFIG_LIST.json"]


def test_a_repository_inside_begins_anew(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    put(tmp_path, ".gitignore", "*.py\n")
    make(tmp_path, "a.py", "inner/b.py", "inner/sub/c.py", "inner/sub/.env")
    (tmp_path / "inner" / ".git").mkdir()
    assert found(tmp_path) == ["inner/b.py", "inner/sub/.env", "inner/sub/c.py"]
    assert found(tmp_path, tmp_path / "inner" / "sub") == ["inner/sub/.env", "inner/sub/c.py"]


def test_worktrees_share_their_exclude_file(tmp_path: Path) -> None:
    main = tmp_path / "main"
    main.mkdir()
    git(main, "init", "-q")
    git(main, "-c", "user.name=n", "-c", "user.email=e", "commit", "-q", "--allow-empty", "-m", "m")
    git(main, "worktree", "add", "-q", "../tree")
    put(main, ".git/info/exclude", "private.py\n")
    make(tmp_path / "tree", "a.py", "private.py")
    assert found(tmp_path / "tree") == ["a.py"]


def test_bad_patterns_do_not_hide_good_ones(tmp_path: Path) -> None:
    put(tmp_path, ".gitignore", "!\n/\na.py\n\\\n[Title][AVC-8bit].csv\n*[[:digit:]].md\n")
    make(tmp_path, "a.py", "b.py")
    assert found(tmp_path) == ["b.py"]


def test_agrees_with_git(tmp_path: Path) -> None:
    """Random trees with random ignore files: the same files as ``git ls-files --exclude-standard``."""
    chosen = random.Random(2)
    names = ["a", "b", "c.py", "d.py"]
    patterns = ["a", "b/", "/a", "*.py", "!c.py", "a/*", "!a/c.py", "**/b", "b/**", "a/**/c.py", "!b/", "!*/", "*",
                "d.*", "[cd].py", "?.py", "# x", "", "/b/c.py", "a/b", "!/a", "!a/"]  # fmt: skip
    ignored = 0
    for i in range(40):
        root = tmp_path / str(i)
        root.mkdir()
        git(root, "init", "-q")
        places = ["", *(f"{x}/" for x in "ab"), *(f"{x}/{y}/" for x in "ab" for y in "ab")]
        files = [f"{place}{name}" for place in places for name in names if name.endswith(".py")]
        make(root, *files)
        for place in chosen.sample(places, k=chosen.randrange(1, 4)):
            put(root, f"{place}.gitignore", "\n".join(chosen.choices(patterns, k=chosen.randrange(1, 5))))
        put(root, ".git/info/exclude", chosen.choice(patterns))
        listed = git(root, "ls-files", "--others", "--exclude-standard").splitlines()
        expected = sorted(file for file in listed if file.endswith(".py"))
        rules = {p.relative_to(root).as_posix(): p.read_text() for p in root.rglob(".gitignore")}
        assert found(root) == expected, rules
        ignored += len(files) - len(expected)
    assert ignored > 200


def link(place: Path, target: Path | str) -> None:
    place.symlink_to(target, target_is_directory=Path(target).is_dir())


def test_links(tmp_path: Path) -> None:
    root, outside = tmp_path / "root", tmp_path / "outside"
    make(root, "real/a.py", "plain.txt")
    make(outside, "x.py", "folder/y.py")
    link(root / "out.py", outside / "x.py")
    link(root / "out", outside / "folder")
    link(root / "in.py", "real/a.py")
    link(root / "text.py", "plain.txt")
    link(root / "again", root / "real")
    link(root / "real" / "loop", root)
    link(root / "broken.py", "nowhere")
    link(root / "self.py", "self.py")
    answer = discover(root)
    assert answer.files == ("in.py", "real/a.py", "text.py")
    assert [s.path for s in answer.skipped] == ["out.py"]
    named = discover(root, [root / "out.py", root / "in.py", root / "again"])
    assert named.files == ("in.py", "real/a.py")
    assert [s.path for s in named.skipped] == ["out.py"]
    for place in ("broken.py", "self.py"):
        with pytest.raises(UserError, match="no such file"):
            discover(root, [root / place])
    with pytest.raises(UserError, match="outside the project"):
        discover(root, [root / "out"])


def test_a_root_reached_by_a_link(tmp_path: Path) -> None:
    make(tmp_path, "root/a.py")
    link(tmp_path / "link", tmp_path / "root")
    assert found(tmp_path / "link", tmp_path / "link" / "a.py") == ["a.py"]
    assert found(tmp_path / "link") == ["a.py"]
    assert find_root([tmp_path / "link" / "a.py"]) == (tmp_path / "root").resolve()


def test_what_cannot_be_taken(tmp_path: Path) -> None:
    make(tmp_path, "a.txt", "b.py")
    with pytest.raises(UserError, match=r"no such file.*c\.py"):
        discover(tmp_path, [tmp_path / "b.py", tmp_path / "c.py"])
    with pytest.raises(UserError, match="outside the project"):
        discover(tmp_path, [tmp_path.parent])
    skipped = discover(tmp_path, [tmp_path / "a.txt"]).skipped
    assert [(s.path, str(s.reason)) for s in skipped] == [("a.txt", "not a kind of file that is migrated")]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_pipes_are_not_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.py")
    os.mkfifo(tmp_path / "script")
    assert found(tmp_path) == []
    assert [s.path for s in discover(tmp_path, [tmp_path / "a.py"]).skipped] == ["a.py"]


def test_unreadable_folders_are_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(tmp_path, "a.py", "shut/b.py")
    scandir = os.scandir

    def refusing(path: str) -> object:
        if path.endswith("shut"):
            raise PermissionError(13, "Permission denied", path)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refusing)
    answer = discover(tmp_path)
    assert answer.files == ("a.py",)
    assert [(s.path, str(s.reason)) for s in answer.skipped] == [
        ("shut", "the folder cannot be read: Permission denied")
    ]


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="file names are Unicode there")
def test_names_that_are_no_unicode(tmp_path: Path) -> None:
    (Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xe9.py"))).write_bytes(b"")
    answer = discover(tmp_path)
    assert answer.files == ()
    assert [s.path for s in answer.skipped] == ["\ufffd.py"]


def test_deep_trees(tmp_path: Path) -> None:
    place = tmp_path
    for _ in range(300):
        place /= "d"
    place.mkdir(parents=True)
    put(place, "a.py", "")
    assert found(tmp_path) == ["d/" * 300 + "a.py"]


def test_find_root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(tmp_path, "repo/pkg/a/x.py", "repo/pkg/b/y.py", "repo/other/z.py", "loose/a/x.py", "loose/b/y.py")
    (tmp_path / "repo" / ".git").mkdir()
    put(tmp_path, "repo/pkg/pyproject.toml", "")
    repo, loose = tmp_path.resolve() / "repo", tmp_path.resolve() / "loose"
    assert find_root([repo / "pkg/a/x.py"]) == repo / "pkg"
    assert find_root([repo / "pkg"]) == repo / "pkg"
    assert find_root([repo / "pkg/a", repo / "other/z.py"]) == repo
    assert find_root([loose / "a/x.py", loose / "b"]) == loose
    assert find_root([loose / "a/x.py"]) == loose / "a"
    assert find_root([repo / "other/missing/file.py"]) == repo
    monkeypatch.chdir(repo / "other")
    assert find_root([]) == find_root([Path("z.py")]) == repo


def test_walking_is_fast(tmp_path: Path) -> None:
    put(tmp_path, ".gitignore", "*.log\n/out/\n!keep.log\n__pycache__/\n")
    make(
        tmp_path,
        *(f"p{i}/s{j}/m{k}.{'txt' if k % 3 else 'py'}" for i in range(20) for j in range(5) for k in range(30)),
    )
    began = time.process_time()
    assert len(found(tmp_path)) == 1000
    assert time.process_time() - began < 0.5  # 0.01 s on a slow machine; this catches work for every file
