from dataclasses import fields
from pathlib import Path

import pytest

from llm_codemods.sdk import Sdk
from llm_migrate.config import Config, of_folder, read
from llm_migrate.errors import UserError


def write(root: Path, content: str | bytes) -> Path:
    (root / "pyproject.toml").write_bytes(content if isinstance(content, bytes) else content.encode())
    return root


def test_every_key(tmp_path: Path) -> None:
    config = read(
        write(
            tmp_path,
            """\
[project]
name = "x"
[tool.llm-migrate]
to = "qwen"
from = "zhipu"
region = "cn"
style = "env"
embeddings = "qwen"
sdk = "keep"
include = ["src/"]
exclude = ["tests/", "!build/"]
select = ["LM1"]
ignore = ["LM205", "LM3"]
baseline = "known.json"
[tool.llm-migrate.models]
"gpt-4o" = "qwen-max"
[tool.other]
unknown = 1
""",
        )
    )
    assert config == Config(
        to="qwen",
        from_="zhipu",
        region="cn",
        style="env",
        embeddings="qwen",
        models={"gpt-4o": "qwen-max"},
        sdk=Sdk.KEEP,
        include=("src/",),
        exclude=("tests/", "!build/"),
        select=("LM1",),
        ignore=("LM205", "LM3"),
        baseline="known.json",
    )
    assert all(getattr(config, f.name) != getattr(Config(), f.name) for f in fields(Config))
    with pytest.raises(TypeError):
        config.models["gpt-4o"] = "x"  # type: ignore[index]


@pytest.mark.parametrize(
    "content", ["", "[project]\nname = 'x'\n", "[tool.llm-migrate]\n", "tool = 3\n", "\ufeff[tool.ruff]\r\nx = 1\r\n"]
)
def test_defaults(tmp_path: Path, content: str) -> None:
    assert read(tmp_path) == Config()
    assert read(write(tmp_path, content)) == Config()


@pytest.mark.parametrize(
    ("content", "said", "hint"),
    [
        ("exlude = []", "unknown key 'exlude' in [tool.llm-migrate]", "did you mean 'exclude'?"),
        ("TO = 'qwen'", "unknown key 'TO'", "known keys: to, from, region, style, embeddings, models"),
        ("zzz = 1", "unknown key 'zzz'", "known keys: to"),
        ("to = ['qwen']", "tool.llm-migrate.to must be a string", None),
        ("region = 1", "tool.llm-migrate.region must be a string", None),
        ("sdk = 'old'", "tool.llm-migrate.sdk must be 'current' or 'keep'", None),
        ("baseline = []", "tool.llm-migrate.baseline must be a string", None),
        ("include = 'src'", "tool.llm-migrate.include must be a list of strings", None),
        ("select = ['LM1', 2]", "tool.llm-migrate.select must be a list of strings", None),
        ("models = ['a']", "tool.llm-migrate.models must be a table of model names", None),
        ("models = {'gpt-4' = 1}", "tool.llm-migrate.models must be a table of model names", None),
        ("to = qwen", "not valid TOML", None),
    ],
)
def test_mistakes_are_told_with_the_file(tmp_path: Path, content: str, said: str, hint: str | None) -> None:
    with pytest.raises(UserError) as caught:
        read(write(tmp_path, f"[tool.llm-migrate]\n{content}\n"))
    assert said in str(caught.value.message)
    assert "pyproject.toml" in str(caught.value.message)
    assert (caught.value.hint is None) == (hint is None)
    assert str(caught.value.hint).startswith(str(hint))


@pytest.mark.parametrize("table", ["tool.llm_migrate", "tool.LLM-Migrate", "tool.llmmigrate", "llm-migrate"])
def test_a_table_of_another_name_is_not_passed_over(tmp_path: Path, table: str) -> None:
    with pytest.raises(UserError) as caught:
        read(write(tmp_path, f"[tool.llm-migrate]\nto = 'qwen'\n[{table}]\nto = 'zhipu'\n"))
    assert str(caught.value.message) == f"pyproject.toml: nothing reads the table [{table}]"
    assert str(caught.value.hint) == "did you mean 'tool.llm-migrate'?"


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"pyproject\.toml is not valid UTF-8"):
        read(write(tmp_path, b"# \xff\n"))
    with pytest.raises(UserError, match=r"pyproject\.toml: tool\.llm-migrate must be a table"):
        read(write(tmp_path, "[tool]\nllm-migrate = 3\n"))
    (tmp_path / "pyproject.toml").unlink()
    (tmp_path / "pyproject.toml").mkdir()
    with pytest.raises(UserError, match=r"pyproject\.toml cannot be read"):
        read(tmp_path)


def test_a_folder_in_a_project_has_its_settings(tmp_path: Path) -> None:
    root = write(tmp_path.resolve(), '[tool.llm-migrate]\nto = "qwen"\nexclude = ["old/", "src/gen/*.py", "!/src/a"]\n')
    (root / "src").mkdir()
    assert of_folder(root) == (root, read(root))
    assert of_folder(root / "src") == (root, Config(to="qwen", exclude=("old/", "/gen/*.py", "!/a")))


@pytest.mark.parametrize(
    ("include", "seen"),
    [("src/", ()), ("/src/", ()), ("src/**", ()), ("*.py", ("*.py",)), ("src/app/", ("/app/",)), ("**/x/", ("**/x/",))],
)
def test_a_folder_that_is_included_is_read_whole(include: str, seen: tuple[str, ...], tmp_path: Path) -> None:
    root = write(tmp_path.resolve(), f'[tool.llm-migrate]\ninclude = ["{include}"]\n')
    (root / "src").mkdir()
    assert of_folder(root / "src")[1].include == seen
