"""The benchmarks' made projects and their floor do what the figures say; nothing is timed."""

from __future__ import annotations

import ast
from pathlib import Path

from floor import floor
from llm_codemods.transform import rewrite
from llm_migrate.settings import Settings
from made import long_modules, modules, write
from transformer import target, transformed


def test_made_modules_parse_and_import_one_another() -> None:
    made = dict(modules(80, 3))
    assert len(made) == 80 + 3 + 2
    for path, text in made.items():
        for node in ast.walk(ast.parse(text, path)):
            if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("package_"):
                imported = made[node.module.replace(".", "/") + ".py"]
                assert f"class {node.names[0].name}:" in imported


def test_modules_are_the_same_every_time() -> None:
    assert list(modules(5, 5)) == list(modules(5, 5))


def test_the_floor_parses_what_uses_openai(tmp_path: Path) -> None:
    write(tmp_path, 80, 4)
    (tmp_path / "talk.py").write_text('"""Not openai."""\n', "utf-8")
    files, held, matter = floor(str(tmp_path), 1)
    assert len(files) == 80 + 4 + 2 + 1
    assert sorted(Path(path).name for path in matter) == [f"using_{number}.py" for number in range(4)]
    assert set(held) == {*matter, str(tmp_path / "talk.py")}


def test_plain_modules_have_nothing_to_find(tmp_path: Path) -> None:
    write(tmp_path, 80, 2)
    assert {finding.path for finding in Settings(tmp_path).analyse().findings} == {
        "package_0/using_0.py",
        "package_0/using_1.py",
    }


def test_the_codemod_writes_what_the_fixes_write(tmp_path: Path) -> None:
    made = dict(long_modules(3))
    for path, code in made.items():
        (tmp_path / path).write_text(code, "utf-8")
    findings = Settings(tmp_path, profile=target().profile).analyse().findings
    for path, code in made.items():
        ours = (f for f in findings if f.path == path and f.code in ("LM101", "LM201"))
        made_anew = rewrite(code, [f.fix for f in ours if f.fix is not None]).text
        text, lines = transformed(code, target())
        assert (made_anew, len(lines)) == (text, 3)
