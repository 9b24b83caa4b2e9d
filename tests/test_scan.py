"""``llm-migrate scan`` as a user runs it."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from llm_codemods.rules import RULES
from terminal import CALL, LLM, USE, Ended, called, git, in_both_languages, llm_migrate, notebook, put, repository

KEY = "sk-proj-Zq8vTn3LxWm5RkPd2HsYb7Jc"
FINDING = [
    "code",
    "name",
    "path",
    "line",
    "column",
    "end_line",
    "end_column",
    "kind",
    "api",
    "verdict",
    "message",
    "fix",
]
KINDS = {
    "call", "ref", "client", "client-method", "subclass", "config", "import", "except", "exception", "framework", "env",
    "raw-http", "model-literal", "dependency", "secret", "parameter", "message", "surroundings",
}  # fmt: skip
REFUSES = """\
from openai import OpenAI

client = OpenAI()
client.chat.completions.create(model="gpt-4o", messages=[], logit_bias={"1": 2}, n=9, user="me")
client.audio.speech.create(model="tts-1", voice="alloy", input="x")
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return put(
        tmp_path / "project",
        {
            "llm.py": LLM,
            "jobs/use.py": "from llm import client\n\n\ndef run():\n    return client.embeddings.create(\n"
            "        model='text-embedding-3-small', input=[]\n    )\n",
            "report.ipynb": notebook("x = 1\n", f'import openai\nclient = openai.OpenAI(api_key="{KEY}")\n'),
            "compose.yaml": "services:\n  app:\n    environment:\n      - OPENAI_API_KEY\n",
            ".env": f"OPENAI_API_KEY={KEY}\n",
            "plain.py": "print('nothing')\n",
        },
    )


def paths(ended: Ended) -> set[str]:
    return {finding["path"] for finding in ended.json["findings"]}


def codes(ended: Ended) -> set[str]:
    return {finding["code"] for finding in ended.json["findings"]}


def text_at(root: Path, finding: dict[str, Any]) -> str:
    """Return what stands where a finding in a Python file is."""
    lines = (root / finding["path"]).read_text("utf-8").splitlines(keepends=True)
    starts = [sum(map(len, lines[:n])) for n in range(len(lines) + 1)]
    start = starts[finding["line"] - 1] + finding["column"] - 1
    return "".join(lines)[start : starts[finding["end_line"] - 1] + finding["end_column"] - 1]


def test_json(project: Path) -> None:
    ended = in_both_languages(project, "scan", "--format", "json")
    document = ended.json
    assert ended.code == 1
    assert document["schema"] == 1
    assert {"schema", "findings", "skipped", "summary"} <= document.keys()
    names = {rule.code: rule.name for rule in RULES}
    for finding in document["findings"]:
        assert [key for key in finding if key not in ("cell", "request")] == FINDING
        assert ("request" in finding) == (finding["kind"] == "call")
        assert ("cell" in finding) == finding["path"].endswith(".ipynb")
        assert names[finding["code"]] == finding["name"]
        assert finding["kind"] in KINDS
        assert finding["verdict"] is None
        assert finding["fix"] is None
        assert finding["message"]
        assert finding["api"]
    found = {(f["path"], f["line"], f["kind"], f["api"]) for f in document["findings"]}
    assert {
        ("llm.py", 3, "client", "OpenAI"),
        ("jobs/use.py", 5, "call", "embeddings.create"),
        ("jobs/use.py", 6, "model-literal", "text-embedding-3-small"),
        ("report.ipynb", 2, "client", "OpenAI"),
        ("compose.yaml", 4, "env", "OPENAI_API_KEY"),
        (".env", 1, "env", "OPENAI_API_KEY"),
    } <= found
    cells = {f["cell"] for f in document["findings"] if f["path"] == "report.ipynb"}
    assert cells == {2}, "0-based, among all cells: Markdown, x = 1, the client"
    assert document["skipped"] == []
    assert document["summary"]["findings"] == len(document["findings"])
    texts = {f["api"]: text_at(project, f) for f in document["findings"] if f["path"].endswith(".py")}
    assert texts["OpenAI"] == "OpenAI()"
    assert texts["embeddings.create"].startswith("client.embeddings.create(")
    assert texts["embeddings.create"].endswith("\n    )")
    assert texts["text-embedding-3-small"] == "'text-embedding-3-small'"


def test_positions_count_characters(tmp_path: Path) -> None:
    put(tmp_path, {"a.py": '\ufefffrom openai import OpenAI\nname = "漢字🙂"; client = OpenAI()\n'})
    scan = llm_migrate(tmp_path, "scan", "--format", "json")
    client = next(f for f in scan.json["findings"] if f["kind"] == "client")
    assert (client["line"], client["column"], client["end_column"]) == (2, 24, 32)


def test_text(project: Path) -> None:
    ended = in_both_languages(project, "scan")
    quiet = in_both_languages(project, "scan", "--quiet")
    assert quiet.err == ""
    lines = quiet.out.splitlines()
    assert set(lines) < set(ended.out.splitlines())
    assert "llm.py:3:10 LM101 OpenAI client" in lines
    assert "report.ipynb:cell 2:2:10 LM101 OpenAI client" in lines
    assert len(lines) == len(set(lines))
    *_, summary, following = ended.err.splitlines()
    assert summary == f"{len(lines)} findings in 5 files"
    assert following.startswith("next: llm-migrate scan --to PROVIDER ")
    elsewhere = llm_migrate(project.parent, "scan", "project")
    assert "project/llm.py:3:10 LM101 OpenAI client" in elsewhere.out.splitlines(), (
        "a path that can be opened from here"
    )


def test_a_target_adds_verdicts(tmp_path: Path) -> None:
    put(tmp_path, {"a.py": REFUSES, "b.py": CALL})
    document = in_both_languages(tmp_path, "scan", "--to", "qwen", "--format", "json").json
    verdicts = Counter(f["verdict"] for f in document["findings"])
    assert verdicts.keys() == {"ready", "fix", "review", "manual"}
    summary = document["summary"]
    assert {word: summary[word] for word in verdicts} == verdicts
    assert summary["open"] == len(document["findings"]) - verdicts["ready"]
    assert all(f["fix"] for f in document["findings"] if f["verdict"] == "fix")
    by_api = {f["api"]: f for f in document["findings"] if f["path"] == "a.py"}
    assert by_api["gpt-4o"]["verdict"] == "fix"
    assert "qwen-plus" in by_api["gpt-4o"]["fix"]
    assert by_api["audio.speech.create"]["verdict"] == "manual"
    text = called(tmp_path, "scan", "--to", "qwen")
    counted = ", ".join(f"{verdicts[word]} {word}" for word in ("fix", "review", "manual", "ready"))
    assert text.err.splitlines() == [
        f"{summary['open']} findings in 2 files: {counted}",
        "next: llm-migrate rewrite --to qwen --diff shows the changes",
    ]
    assert " ready " not in text.out
    assert " ready " in called(tmp_path, "scan", "--to", "qwen", "--all").out


def test_what_is_alike_is_told_once_with_its_places(tmp_path: Path) -> None:
    put(tmp_path, {"main.py": 'MODELS = ("gpt-4o", "gpt-4o-mini", "o1")\nOTHERS = ["gpt-4o"]\n'})
    put(tmp_path, {"read.md": "`gpt-4o`\n\n`gpt-4o`\n"})
    told = called(tmp_path, "scan", "--to", "qwen").out.splitlines()
    assert [line.partition(" ")[0] for line in told if " LM201 " in line] == ["main.py:1:11"]
    assert [line.strip() for line in told if "also at" in line] == ["also at 1:21, 1:36, 2:11", "also at 3:2"]
    assert called(tmp_path, "scan", "--to", "qwen", "--quiet").out.count(" LM201 ") == 4


def test_rules_are_chosen_by_code_prefix_or_name(project: Path) -> None:
    def run(*arguments: str) -> set[str]:
        return codes(called(project, "scan", "--format", "json", *arguments))

    every = run()
    assert {"LM101", "LM103", "LM201"} <= every
    assert run("--select", "LM101", "--select", "model-name") == {"LM101", "LM201"}
    assert run("--select", "LM101, model-name") == {"LM101", "LM201"}
    assert run("--ignore", "lm1") == {code for code in every if not code.startswith("LM1")}
    assert run("--select", "LM1", "--ignore", "client-endpoint") == every & {"LM102", "LM103", "LM104"}


def test_files_are_chosen_by_patterns(project: Path) -> None:
    put(project, {".gitignore": "jobs/\n", "build/made.py": CALL})

    def run(*arguments: str) -> set[str]:
        return paths(called(project, "scan", "--format", "json", *arguments))

    rest = {"llm.py", "report.ipynb", "compose.yaml", ".env"}
    assert run() == rest
    assert run("--no-ignore") == rest | {"jobs/use.py"}
    assert run("--exclude", "*.ipynb", "--exclude", "/llm.py") == {"compose.yaml", ".env"}
    assert run("--exclude", "!build/") == rest | {"build/made.py"}
    put(project, {"pyproject.toml": '[tool.llm-migrate]\ninclude = ["*.py", "*.ipynb"]\n'})
    assert run() == {"llm.py", "report.ipynb"}


def test_a_file_is_reported_alone_but_understood_with_the_others(tmp_path: Path) -> None:
    put(tmp_path, {"pyproject.toml": "", "llm.py": LLM, "use.py": USE, "pkg/deep.py": USE})
    alone = called(tmp_path, "scan", "use.py", "--format", "json")
    assert [(f["path"], f["line"], f["api"]) for f in alone.json["findings"] if f["kind"] == "call"] == [
        ("use.py", 3, "chat.completions.create")
    ]
    assert paths(alone) == {"use.py"}
    inside = called(tmp_path / "pkg", "scan", "deep.py", "../use.py", "--format", "json")
    assert paths(inside) == {"pkg/deep.py", "use.py"}, "relative to the root, which has the pyproject.toml"
    (tmp_path / "llm.py").write_text("client = None\n")
    lonely = called(tmp_path, "scan", "use.py", "--format", "json")
    assert "LM103" in codes(alone)
    assert codes(lonely) == {"LM201", "LM901"}, "now the client's maker is unknown"


def test_settings_of_the_project(project: Path) -> None:
    put(
        project,
        {
            "pyproject.toml": '[tool.llm-migrate]\nto = "wenxin"\nexclude = ["*.ipynb", "/jobs/use.py"]\n'
            'ignore = ["LM6"]\n'
            '[tool.llm-migrate.models]\n"gpt-4o" = "my-model"\n',
            "jobs/more.py": CALL,
        },
    )
    here = called(project, "scan", "--format", "json")
    assert here.json["target"] == "baidu"
    assert paths(here) == {"llm.py", "jobs/more.py"}
    below = called(project, "scan", "jobs", "--format", "json")
    assert (below.json["target"], paths(below)) == ("baidu", {"more.py"}), "the settings above hold in a folder too"
    assert any("my-model" in f["fix"] for f in below.json["findings"] if f["fix"])
    other = called(project, "scan", "--to", "qwen", "--map", "gpt-4o=x-1", "--format", "json")
    assert other.json["target"] == "qwen", "options win"
    assert any("x-1" in f["fix"] for f in other.json["findings"] if f["fix"])
    assert called(project, "scan").err.splitlines()[-1] == (
        "next: llm-migrate rewrite --to wenxin --diff shows the changes"
    )


def test_the_next_command_is_about_the_same(project: Path) -> None:
    ended = called(project, "scan", "jobs", "--to", "qwen", "--region", "intl", "--map", "gpt-4o=x")
    following = ended.err.splitlines()[-1]
    assert "rewrite --to qwen --region intl --map gpt-4o=x --include review jobs --diff" in following
    kept = called(project, "scan", "--to", "qwen", "--sdk", "keep", "--embeddings", "zhipu").err.splitlines()[-1]
    assert "rewrite --to qwen --sdk keep --embeddings zhipu " in kept


def test_where_a_person_must_look_first_the_next_command_says_so(tmp_path: Path) -> None:
    put(
        tmp_path,
        {"app.py": "def count(client):\n    return client.chat.completions.create(model='gpt-4o', messages=[])\n"},
    )
    ended = called(tmp_path, "scan", "--to", "qwen")
    following = ended.err.splitlines()[-1].removeprefix("next: ").removesuffix(" shows the changes")
    assert following == "llm-migrate rewrite --to qwen --include review --diff"
    assert called(tmp_path, *following.split()[1:]).err == "1 file would change\n"


def test_a_profile_of_the_project_is_found_from_everywhere(tmp_path: Path) -> None:
    bundled = (Path(__file__).parents[1] / "codemods/llm_codemods/providers/qwen.toml").read_bytes()
    put(
        tmp_path,
        {
            "gateway.toml": bundled.replace(b'id = "qwen"', b'id = "gateway"'),
            "pyproject.toml": '[tool.llm-migrate]\nto = "gateway.toml"\n',
            "src/app.py": CALL,
        },
    )
    for folder, arguments in (
        (tmp_path, []),
        (tmp_path, ["src"]),
        (tmp_path / "src", ["app.py"]),
        (tmp_path / "src", []),
    ):
        scan = called(folder, "scan", *arguments, "--format", "json")
        assert scan.json["target"] == "gateway", scan


def test_secrets_are_not_repeated(project: Path) -> None:
    put(
        project, {"key.py": f'import openai\nopenai.api_key = "{KEY}"\nHEADERS = {{"Authorization": "Bearer {KEY}"}}\n'}
    )
    for arguments in ([], ["--to", "qwen"], ["--to", "qwen", "--all", "--format", "json"], ["--format", "json"]):
        ended = called(project, "scan", *arguments)
        assert ended.code == 1
        assert "LM602" in ended.out
        assert KEY not in ended.out + ended.err
        assert KEY[8:] not in ended.out + ended.err


def test_source_text_is_not_read_as_markup(tmp_path: Path) -> None:
    put(tmp_path, {"[bold]a[/b].py": CALL.replace("gpt-4o", "gpt-4o[/red]")})
    ended = llm_migrate(tmp_path, "scan", "--color", "always")
    assert "[bold]a[/b].py:3:10\x1b[0m" in ended.out


def test_nothing_is_written(project: Path) -> None:
    repository(project)
    llm_migrate(project, "scan", "--to", "qwen")
    assert git(project, "status", "--porcelain", "--ignored") == b""


def test_a_package_scanned_by_itself_knows_its_own_name(tmp_path: Path) -> None:
    files = {
        "pkg/__init__.py": "",
        "pkg/llm/__init__.py": LLM,
        "pkg/jobs/use.py": "from pkg.llm import client\nprint(client.files.list())\n",
    }
    put(tmp_path, files)
    found = called(tmp_path, "scan", "pkg", "--format", "json").json["findings"]
    assert [(f["path"], f["api"]) for f in found if f["code"] == "LM103"] == [("jobs/use.py", "files.list")]
