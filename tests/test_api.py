"""The program as a library: it says and writes what the commands do, and its documentation runs."""

from __future__ import annotations

import contextlib
import datetime
import io
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

import cases
import llm_codemods
from cases import Case
from llm_codemods import ChoiceError, ProfileError, Scan, Style, Verdict, read_profile, rewrite, scan
from llm_codemods import profile as profiles
from llm_codemods.profile import Profile
from llm_codemods.source import declared
from llm_migrate.settings import Settings

DOCS = [cases.ROOT / "docs" / "python-api.md", cases.ROOT / "docs" / "zh" / "python-api.md"]
EXAMPLE = re.compile(r"^```python\n(.*?)^```\n(?:\n```text\n(.*?)^```\n)?", re.M | re.S)
CODE = (
    "from openai import OpenAI\n"
    "client = OpenAI()\n"
    'client.chat.completions.create(model="gpt-4o", messages=[], user="me")\n'
)


def one_of_each_rule() -> list[Case]:
    """Return the first case of each rule in which something changes."""
    return list({case.rule: case for case in reversed(cases.every()) if case.after}.values())


def texts_of(files: cases.Files) -> dict[str, str]:
    return {path: data.decode(declared(path, data)) for path, data in files.items()}


def provider(name: str | None) -> Profile | None:
    return None if name is None else profiles.find(name)


def found(result: Scan) -> list[tuple[str, int, int, str, Verdict | None]]:
    return [(one.path, one.finding.span.start, one.finding.span.end, one.code, one.verdict) for one in result.findings]


@pytest.mark.parametrize("case", one_of_each_rule(), ids=lambda case: case.name)
def test_the_library_does_what_the_commands_do(case: Case, tmp_path: Path) -> None:
    cases.write(tmp_path, case.before)
    texts = texts_of(case.before)
    result = scan(
        texts,
        case.profile,
        region=case.region,
        models=case.models,
        sdk=case.sdk,
        embeddings=case.embeddings,
        origin=case.origin,
        today=case.today,
    )
    on_disk = Settings(
        tmp_path,
        profile=case.profile,
        region=case.region,
        models=case.models,
        sdk=case.sdk,
        embeddings=provider(case.embeddings),
        origin=provider(case.origin),
        today=case.today,
    ).analyse()
    assert found(result) == [(f.path, f.span.start, f.span.end, f.code, f.verdict) for f in on_disk.findings]
    assert result.analysis.suppressed == on_disk.suppressed
    moved = rewrite(
        texts,
        case.profile,
        review=bool(case.include),
        region=case.region,
        models=case.models,
        sdk=case.sdk,
        embeddings=case.embeddings,
        origin=case.origin,
        today=case.today,
    )
    assert moved.texts == texts | texts_of(case.after)
    assert moved.changed == tuple(sorted(case.after))


def test_places_are_told_where_they_stand() -> None:
    result = rewrite({"app.py": CODE}, "qwen")
    assert [(one.code, one.line, one.column) for one in result.applied] == [("LM101", 2, 10), ("LM201", 3, 38)]
    (left,) = result.left
    assert (left.code, left.name, left.verdict, left.path) == ("LM301", "parameter", Verdict.REVIEW, "app.py")
    assert result.texts["app.py"].splitlines()[left.line - 1].startswith("client.chat")
    assert left.line == 5, "an import was put before it"
    assert [one.finding for one in result.held] == [f.finding for f in scan({"app.py": CODE}, "qwen").findings[-1:]]
    assert rewrite({"app.py": CODE}, "qwen", review=True).left == ()


def test_cells_of_a_notebook_are_told() -> None:
    sources = ["import os", "from openai import OpenAI\n", "x = 1\nclient = OpenAI()"]
    cell: dict[str, object] = {"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": []}
    cells = [{**cell, "source": source.splitlines(keepends=True)} for source in sources]
    notebook = json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})
    (client,) = [one for one in scan({"a.ipynb": notebook}, "qwen").findings if one.code == "LM101"]
    assert (client.start.cell, client.line, client.column) == (2, 2, 10)


def test_paths_say_what_is_reported_and_changed() -> None:
    texts = {"llm.py": "from openai import OpenAI\nclient = OpenAI()\n", "app.py": "from llm import client\n"}
    texts["app.py"] += 'client.responses.create(model="gpt-4o", input="")\n'
    every = {one.path for one in scan(texts, "qwen").findings}
    assert every == {"llm.py", "app.py"}
    assert {one.path for one in scan(texts, "qwen", paths=["app.py"]).findings} == {"app.py"}
    assert rewrite(texts, "qwen", paths=["llm.py"]).changed == ("llm.py",)


def test_a_switch_comes_as_a_new_text() -> None:
    result = rewrite({"pkg/__init__.py": "", "pkg/app.py": CODE}, "qwen", style="switch")
    assert result.changed == ("pkg/app.py", "pkg/llm_provider.py")
    assert "from pkg import llm_provider" in result.texts["pkg/app.py"]
    again = rewrite(result.texts, "qwen", style=Style.SWITCH)
    assert again.changed == ()


def test_line_ends_and_encodings_stay() -> None:
    code = "# coding: latin-1\r\n" + CODE.replace("\n", "\r\n").replace("messages=[]", 'messages=["\xe9"]')
    result = rewrite({"app.py": code}, "qwen").texts["app.py"]
    assert "\xe9" in result
    assert "qwen-plus" in result
    assert result.count("\n") == result.count("\r\n") == code.count("\n") + 1


def test_ended_models_are_judged_on_the_day_that_is_given() -> None:
    case = next(case for case in cases.every() if case.name == "retired-model/successor")
    texts = texts_of(case.before)
    assert case.today is not None
    assert "LM203" not in {one.code for one in scan(texts).findings}
    assert "LM203" in {one.code for one in scan(texts, today=case.today).findings}
    assert rewrite(texts).changed == ()
    assert rewrite(texts, today=case.today, review=True).changed == ("main.py",)


def test_an_own_profile_is_read_from_a_text() -> None:
    own = read_profile(
        'extends = "qwen"\nid = "gateway"\nname = "gateway"\n[regions]\n'
        'here = { base_url = "https://llm.example.com/v1", key_env = "GATEWAY_KEY", name = "here" }\n',
        today=datetime.date(2026, 1, 1),
    )
    new = rewrite({"app.py": CODE}, own).texts["app.py"]
    assert 'OpenAI(base_url="https://llm.example.com/v1", api_key=os.environ["GATEWAY_KEY"])' in new


def test_what_is_no_kind_of_ours_is_said() -> None:
    result = scan({"a.txt": "openai", "run": "#!/bin/sh\nOPENAI_API_KEY=x\n", "LICENSE": "text"}, "qwen")
    assert [(s.path, str(s.reason), s.by_choice) for s in result.skipped] == [
        (path, "not a kind of file that is migrated", True) for path in ("LICENSE", "a.txt")
    ]
    assert {one.path for one in result.open} == {"run"}


def test_a_file_that_cannot_be_read_is_skipped() -> None:
    (skipped,) = rewrite({"a.py": "import openai\nfoo(\n"}, "qwen").skipped
    assert skipped.path == "a.py"
    assert "not valid Python" in str(skipped.reason)


@pytest.mark.parametrize("path", ["/a.py", "../a.py", "a/../b.py", "a\\b.py", "./a.py", "a//b.py"])
def test_paths_that_are_none_of_a_project_are_refused(path: str) -> None:
    with pytest.raises(ValueError, match="is no path below the root"):
        scan({path: ""})


def test_bad_input_is_refused() -> None:
    with pytest.raises(ProfileError, match="unknown provider 'qwn'"):
        scan({}, "qwn")
    with pytest.raises(ProfileError, match="no region 'mars'"):
        scan({}, "qwen", region="mars")
    with pytest.raises(ChoiceError, match="no rule is called 'LM999'"):
        scan({}, select=["LM999"])
    with pytest.raises(ValueError, match="'sideways' is not a valid Style"):
        rewrite({}, "qwen", style="sideways")
    with pytest.raises(ValueError, match="no text is given for b"):
        scan({"a.py": ""}, paths=["b.py"])
    with pytest.raises(ValueError, match="cannot be encoded"):
        scan({"a.py": "x = '\udce9'\n"})
    with pytest.raises(ProfileError, match="only a bundled profile can be extended here"):
        read_profile('extends = "other.toml"\n', today=datetime.date(2026, 1, 1))


def test_names_are_there_and_come_lazily() -> None:
    for name in llm_codemods.__all__:
        assert getattr(llm_codemods, name).__name__ == name
        assert name in dir(llm_codemods)
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        llm_codemods.nothing  # noqa: B018
    code = "import sys, llm_codemods; print(*[m for m in sys.modules if m.startswith('llm_') or m == 'libcst'])"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert said.split() == ["llm_codemods"]


@pytest.mark.parametrize("page", DOCS, ids=lambda page: page.parent.name)
def test_examples_of_the_documentation_run(page: Path) -> None:
    examples = EXAMPLE.findall(page.read_text("utf-8"))
    assert len(examples) >= 4
    names: dict[str, object] = {}
    for code, expected in examples:
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            exec(compile(code, str(page), "exec"), names)
        assert out.getvalue() == expected


def test_both_documentations_show_the_same() -> None:
    english, chinese = ([code for code, _ in EXAMPLE.findall(page.read_text("utf-8"))] for page in DOCS)
    assert [re.sub(r"#.*", "", code) for code in english] == [re.sub(r"#.*", "", code) for code in chinese]


def test_both_packages_are_typed() -> None:
    for package in ("cli/llm_migrate", "codemods/llm_codemods"):
        assert (cases.ROOT / package / "py.typed").is_file()
