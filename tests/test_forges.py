"""What continuous integration gets: Markdown, Code Quality, the GitHub Action and the GitLab template.

Their shell is run as the forges run it, with the program that is installed.
"""

from __future__ import annotations

import json
import os
import subprocess
import sysconfig
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from llm_migrate.render import markdown
from terminal import CALL, in_both_languages, llm_migrate, put, repository

ROOT = Path(__file__).parents[1]
ACTION = ROOT / "action.yml"
TEMPLATE = ROOT / "templates" / "llm-migrate.gitlab-ci.yml"
SCRIPTS = sysconfig.get_path("scripts")
BROKEN = "def f(:\n    from openai import OpenAI\n"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return repository(tmp_path / "project", {"app.py": CALL, "src/a b.py": CALL, "other/c.py": CALL})


def read(file: Path) -> Any:
    return YAML(typ="safe").load(file.read_text("utf-8"))


@pytest.mark.parametrize(("schema", "file"), [("vendor.github-actions", ACTION), ("vendor.gitlab-ci", TEMPLATE)])
def test_is_valid(schema: str, file: Path) -> None:
    command = [f"{SCRIPTS}/check-jsonschema", "--builtin-schema", schema, str(file)]
    checked = subprocess.run(command, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout


def test_markdown(project: Path) -> None:
    put(project, {"d.py": f"{CALL}client.moderations.create(input='x')\n"})
    ended = in_both_languages(project, "scan", "--to", "qwen", "--format", "markdown")
    assert ended.code == 1
    assert ended.out.startswith("### llm-migrate: ")
    assert "| LM101 client-endpoint | 4 |" in ended.out
    assert "- `app.py:3:10` LM101 **fix** OpenAI() talks to OpenAI → point it to" in ended.out
    assert ended.out.index("**manual**") < ended.out.index("**fix**")


def test_markdown_shows_source_as_it_is() -> None:
    assert markdown.escaped("a|b <img> `x` @me [l](u) *s*") == ("a\\|b \\<img\\> \\`x\\` @\u200bme \\[l\\](u) \\*s\\*")


def test_markdown_is_bounded(tmp_path: Path) -> None:
    put(tmp_path, {f"m{number}.py": CALL for number in range(400)})
    ended = llm_migrate(tmp_path, "scan", "--to", "qwen", "--format", "markdown")
    assert len(ended.out) < 65_536
    assert sum(line.startswith("- ") for line in ended.out.splitlines()) == markdown.MOST + 1


def test_code_quality(project: Path) -> None:
    rows = llm_migrate(project, "scan", "--to", "qwen", "--format", "gitlab").json
    assert len({row["fingerprint"] for row in rows}) == len(rows) > 0
    for row in rows:
        assert row.keys() == {"description", "check_name", "fingerprint", "severity", "location"}
        assert row["severity"] in {"info", "minor", "major", "critical", "blocker"}
        assert (project / row["location"]["path"]).is_file()
    before = {row["fingerprint"] for row in rows}
    put(project, {"app.py": "\n\n\n" + CALL})
    after = llm_migrate(project, "scan", "--to", "qwen", "--format", "gitlab").json
    assert {row["fingerprint"] for row in after} == before, "moved lines are no new findings"


def test_several_formats_in_one_run(project: Path, tmp_path: Path) -> None:
    sarif, text = tmp_path / "a.sarif", tmp_path / "b.md"
    ended = llm_migrate(project, "scan", "--write", f"sarif={sarif}", "--write", f"markdown={text}", "--format", "json")
    results = json.loads(sarif.read_text("utf-8"))["runs"][0]["results"]
    assert len(results) == ended.json["summary"]["open"] > 0
    assert text.read_text("utf-8") == llm_migrate(project, "scan", "--format", "markdown").out


@pytest.mark.parametrize("word", ["sarif", "sarif=", "pdf=a", "sarif=missing/a"])
def test_wrong_files(project: Path, word: str) -> None:
    ended = in_both_languages(project, "scan", "--write", word)
    assert ended.code == 2
    assert ended.out == ""


def shell(script: str, folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a step as a forge does, with the program that these tests are of."""
    environment = {**os.environ, "PATH": f"{SCRIPTS}{os.pathsep}{os.environ['PATH']}", **variables}
    command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


class Run:
    """The action's steps that are shell, in a project."""

    def __init__(self, project: Path, place: Path, **inputs: str) -> None:
        steps = {step.get("name"): step for step in read(ACTION)["runs"]["steps"]}
        output, summary = place / "output", place / "summary"
        files = {"RUNNER_TEMP": str(place), "GITHUB_OUTPUT": str(output), "GITHUB_STEP_SUMMARY": str(summary)}
        given = {"PATHS": ".", "TO": "", "OPTIONS": "", "LLM_MIGRATE_LANG": "en"} | inputs
        self.scan = shell(steps["scan"]["run"], project, **files, **given)
        self.outputs = dict(line.split("=", 1) for line in output.read_text().splitlines())
        self.summary = summary.read_text() if summary.exists() else ""
        judged = {"CODE": self.outputs["exit-code"], "FAIL": inputs.get("FAIL", "true")}
        self.judged = shell(steps["judge"]["run"], project, **judged).returncode


def test_the_action(project: Path, tmp_path: Path) -> None:
    run = Run(project, tmp_path, TO="qwen", PATHS="app.py\nsrc/a b.py\n", OPTIONS="--select=LM101\n")
    assert run.scan.returncode == 0, run.scan.stderr
    assert run.outputs["exit-code"] == "1"
    assert run.judged == 1
    lines = [line for line in run.scan.stdout.splitlines() if line.startswith("::")]
    assert len(lines) == 2
    assert "file=src/a b.py" in lines[1]
    assert "LM101 client-endpoint" in run.summary
    log = json.loads(Path(run.outputs["sarif-file"]).read_text("utf-8"))
    assert {result["ruleId"] for result in log["runs"][0]["results"]} == {"LM101"}


def test_the_action_need_not_fail(project: Path, tmp_path: Path) -> None:
    assert Run(project, tmp_path, FAIL="false").judged == 0


def test_the_action_fails_where_it_cannot_tell(project: Path, tmp_path: Path) -> None:
    run = Run(project, tmp_path, TO="nobody", FAIL="false")
    assert run.outputs["exit-code"] == "2"
    assert run.judged == 2


def test_the_action_passes_where_nothing_is_left(tmp_path: Path) -> None:
    project = repository(tmp_path / "project", {"app.py": "x = 1\n"})
    run = Run(project, tmp_path)
    assert (run.outputs["exit-code"], run.judged) == ("0", 0)
    assert "no use of OpenAI found" in run.summary


@pytest.mark.parametrize(
    ("to", "fail", "code"), [("", "true", 1), ("qwen", "true", 1), ("qwen", "false", 0), ("nobody", "false", 2)]
)
def test_the_template(project: Path, to: str, fail: str, code: int) -> None:
    job = read(TEMPLATE)["llm-migrate"]
    variables = {**job["variables"], "LLM_MIGRATE_TO": to, "LLM_MIGRATE_FAIL": fail, "LLM_MIGRATE_LANG": "en"}
    ran = shell("\n".join(job["script"]), project, **variables)
    assert ran.returncode == code, ran.stderr
    if code < 2:
        rows = json.loads((project / job["artifacts"]["reports"]["codequality"]).read_text("utf-8"))
        assert {row["location"]["path"] for row in rows} == {"app.py", "src/a b.py", "other/c.py"}
        assert (project / job["artifacts"]["paths"][0]).read_text("utf-8").startswith("### llm-migrate")
