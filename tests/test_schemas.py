"""What the program prints and reads is as its JSON Schemas say, and nothing else is."""

from __future__ import annotations

import copy
import datetime
import json
import shlex
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import tomli
from jsonschema import Draft202012Validator

import cases
from cases import Case
from llm_codemods import read_profile, rewrite
from llm_codemods.profile import ProfileError, bundled, bundled_text, find
from llm_migrate import config, schemas
from llm_migrate.errors import UserError
from llm_migrate.live.emulator import running
from terminal import CALL, called, in_both_languages, llm_migrate, notebook, put

TODAY = datetime.date(2026, 1, 1)
MIXED = {
    "llm.py": "from openai import OpenAI\nclient = OpenAI()\n",
    "app.py": (
        "import os\nfrom llm import client\nname = os.environ['NAME']\n"
        "for part in client.chat.completions.create(model=name, messages=[], stream=True, stop=['a'], temperature=2,\n"
        "    logit_bias={}, tools=[{'type': 'function', 'function': {'name': 'f', 'strict': True}}],\n"
        "    response_format={'type': 'json_object'}, extra_body={'thinking': {'type': name}}): print(part)\n"
        "client.embeddings.create(model='text-embedding-3-small', input=['a', 'b'], dimensions=256)\n"
        "client.beta.assistants.create(model='gpt-4o')\n"
    ),
    "notes.ipynb": notebook(CALL),
    ".env": "OPENAI_API_KEY=\n",
    "broken.py": "import openai\nfoo(\n",
}
PROJECT = {"app.py": CALL}
OPTIONAL = {"embeddings"}
"""Keys of a report that are there only if they say something."""
PROVIDERS = ["qwen", "baidu", "deepseek"]


def errors(name: str, document: Any) -> list[str]:
    """Return what a schema has against a document, each with its place."""
    found = Draft202012Validator(schemas.load(name)).iter_errors(document)
    return [f"{'/'.join(map(str, error.absolute_path))}: {error.message[:300]}" for error in found]


def mutations(document: Any) -> Iterator[tuple[str, Any]]:
    """Yield the document with one thing wrong: an unknown key in an object, a value of another type, no key at all."""
    wrong: list[list[list[object]]] = [[[]]]
    for way, value in _places(document, ()):
        if isinstance(value, dict):
            yield f"{way}: unknown key", _with(document, (*way, "no such key"), wrong)
        if way:
            yield f"{way}: wrong type", _with(document, way, wrong)
    for key in document:
        if key not in OPTIONAL:
            yield f"{key}: missing", {name: value for name, value in document.items() if name != key}


def _places(value: Any, way: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    yield way, value
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _places(inner, (*way, key))
    elif isinstance(value, list) and value:
        yield from _places(value[0], (*way, 0))


def _with(document: Any, way: Sequence[str | int], value: Any) -> Any:
    changed = copy.deepcopy(document)
    inner = changed
    for step in way[:-1]:
        inner = inner[step]
    inner[way[-1]] = value
    return changed


def one_of_each_rule() -> list[Case]:
    """Return the first case of each rule in which something changes."""
    return list({case.rule: case for case in reversed(cases.every()) if case.after}.values())


@pytest.mark.parametrize("name", schemas.names())
def test_it_is_a_schema(name: str) -> None:
    Draft202012Validator.check_schema(schemas.load(name))


def test_they_are_what_the_types_say() -> None:
    script = [sys.executable, str(cases.ROOT / "scripts" / "schemas.py"), "--check"]
    done = subprocess.run(script, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr


@pytest.mark.parametrize("case", one_of_each_rule(), ids=lambda case: case.name)
def test_findings_of_every_rule_are_as_the_schemas_say(case: Case, tmp_path: Path) -> None:
    cases.write(tmp_path, case.before)
    words = [word for word in case.arguments if word not in ("--include", "review")]
    assert errors("scan", called(tmp_path, "scan", *words, "--format", "json").json) == []
    known = [*case.arguments, "--check", "--format", "json"]
    assert errors("rewrite", called(tmp_path, "rewrite", *known).json) == []


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("scan", "scan --format json"),
        ("scan", "scan --to qwen --format json"),
        ("rewrite", "rewrite --to qwen --check --format json"),
        ("rewrite", "rewrite --to qwen --style switch --check --format json"),
        ("rewrite", "rewrite --to deepseek --embeddings qwen --check --include review --format json"),
        ("check-list", "check --list --to qwen --format json ."),
        ("check-list", "check --list --to deepseek --embeddings qwen --format json ."),
        ("compare", "compare --format json"),
        ("compare", "compare --volume 1M/1M --to qwen --to deepseek --embeddings qwen --format json"),
        ("providers", "providers --format json"),
        ("provider", "providers show openai --format json"),
        ("providers-compare", "providers compare qwen deepseek zhipu --format json"),
        ("rules", "explain --format json"),
        ("rules", "explain LM101 --format json"),
        ("gotchas", "explain G --format json"),
        ("gotchas", "explain G19 --format json"),
    ],
)
def test_what_commands_print_is_as_the_schemas_say(name: str, arguments: str, tmp_path: Path) -> None:
    folder = put(tmp_path, MIXED)
    for language in ("en", "zh"):
        ended = called(folder, *arguments.split(), env={"LLM_MIGRATE_LANG": language})
        assert ended.json
        assert errors(name, ended.json) == []


@pytest.mark.parametrize("provider", PROVIDERS)
def test_the_report_of_a_check_is_as_its_schema_says(provider: str, tmp_path: Path) -> None:
    folder = put(tmp_path, MIXED)
    with running(find(provider)) as url:
        words = ["--to", provider, "--base-url", url, "--format", "json"]
        report = called(folder, "check", *words, ".", "--samples", "3").json
        assert errors("check", report) == []
        assert report["sites"]
        assert errors("check", called(folder, "check", *words).json) == []


def test_the_report_of_a_rewrite_with_its_check_is_as_its_schema_says(tmp_path: Path) -> None:
    folder = put(tmp_path, PROJECT)
    with running(find("qwen")) as url:
        words = ["rewrite", "--to", "qwen", "--base-url", url, "--allow-dirty", "--format", "json"]
        report = called(folder, *words, env={"DASHSCOPE_API_KEY": "of no use here"}).json
    assert report["check"]["conclusion"] == "proved"
    assert errors("rewrite", report) == []


def test_the_report_of_a_watched_command_is_as_its_schema_says(tmp_path: Path) -> None:
    folder = put(tmp_path, rewrite({**PROJECT, "more.py": CALL}, "qwen").texts)
    command = shlex.join([sys.executable, "app.py"])
    report = llm_migrate(folder, "check", "--to", "qwen", "--run", command, "--emulator", "--format", "json").json
    assert report["requests"]
    assert errors("check-run", report) == []
    assert [each for each, changed in mutations(report) if not errors("check-run", changed)] == []


def test_a_baseline_is_as_its_schema_says(tmp_path: Path) -> None:
    folder = put(tmp_path, MIXED)
    called(folder, "scan", "--to", "qwen", "--write-baseline", "known.json")
    written = json.loads((folder / "known.json").read_text("utf-8"))
    assert written["findings"]
    assert errors("baseline", written) == []


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("scan", "scan --to qwen --format json"),
        ("rewrite", "rewrite --to qwen --check --format json"),
        ("check-list", "check --list --to deepseek --embeddings qwen --format json ."),
        ("compare", "compare --to qwen --to deepseek --volume 1M/1M --format json"),
        ("providers", "providers --format json"),
        ("rules", "explain LM101 --format json"),
        ("gotchas", "explain G19 --format json"),
    ],
)
def test_what_is_wrong_is_no_such_document(name: str, arguments: str, tmp_path: Path) -> None:
    document = called(put(tmp_path, MIXED), *arguments.split()).json
    assert [each for each, changed in mutations(document) if not errors(name, changed)] == []


def test_what_is_wrong_is_no_report_of_a_check(tmp_path: Path) -> None:
    with running(find("qwen")) as url:
        words = ["check", "--to", "qwen", "--base-url", url, "--format", "json", "."]
        document = called(put(tmp_path, PROJECT), *words).json
    assert [each for each, changed in mutations(document) if not errors("check", changed)] == []


# --- profiles and settings --------------------------------------------------------------------------------------------


def as_json(table: Any) -> Any:
    """Return TOML data as an editor hands it to a schema."""
    return json.loads(json.dumps(table, default=lambda date: date.isoformat()))


@pytest.mark.parametrize("name", bundled())
def test_bundled_profiles_are_as_their_schemas_say(name: str, tmp_path: Path) -> None:
    assert errors("profile", as_json(tomli.loads(bundled_text(name)))) == []
    assert errors("provider", called(tmp_path, "providers", "show", name, "--format", "json").json) == []


OWN = """\
extends = "qwen"
id = "gateway"
name = "our gateway"

[regions]
inside = { base_url = "https://llm.example.com/v1", key_env = "GATEWAY_API_KEY", name = "inside" }

[models]
qwen-plus = { kind = "chat", context = 32000, thinking = "off", retired = 2027-01-01 }

[parameters."chat.completions"]
seed = { status = "rejected", action = "remove", maximum = 2, values = ["a"], replace = { a = "b" } }

[features]
tools = { status = "same", note = { en = "yes", zh = "是" } }

[[mapping]]
openai = ["gpt-4o*"]
model = "qwen-plus"
reason = "what the team agreed on"
"""


@pytest.mark.parametrize("file", ["gateway.toml", "llama.toml"])
def test_own_profiles_of_the_tests_are_as_the_schema_says(file: str) -> None:
    path = Path(__file__).with_name("data") / file
    if path.is_file():
        assert errors("profile", as_json(tomli.loads(path.read_text("utf-8")))) == []


def test_the_schema_of_profiles_and_the_loader_agree() -> None:
    """What a person writes wrong is wrong for both."""
    right = tomli.loads(OWN)
    assert errors("profile", as_json(right)) == []
    assert read_profile(OWN, today=TODAY).id == "gateway"
    import tomli_w

    checked = 0
    for each, changed in mutations(right):
        if each.endswith("missing"):
            continue  # the profile that it extends has it
        refused = False
        try:
            read_profile(tomli_w.dumps(changed), today=TODAY)
        except ProfileError:
            refused = True
        assert refused is bool(errors("profile", as_json(changed))), each
        checked += refused
    assert checked > 40


def test_a_profile_that_stands_alone_needs_more() -> None:
    alone = {name: value for name, value in tomli.loads(OWN).items() if name != "extends"}
    assert errors("profile", as_json(alone)) == []
    for name in ("id", "name", "regions"):
        assert errors("profile", as_json({key: value for key, value in alone.items() if key != name}))


SETTINGS = """\
[tool.other]
anything = 1

[tool.llm-migrate]
to = "qwen"
from = "deepseek"
region = "cn"
style = "switch"
embeddings = "zhipu"
sdk = "keep"
include = ["src"]
exclude = ["vendored/"]
select = ["LM1"]
ignore = ["LM301"]
baseline = "known.json"

[tool.llm-migrate.models]
"gpt-4o" = "qwen-plus"
"""


def test_the_schema_of_the_settings_and_the_reader_agree(tmp_path: Path) -> None:
    import tomli_w

    right = tomli.loads(SETTINGS)
    assert errors("settings", right) == []
    file = put(tmp_path, {"pyproject.toml": SETTINGS}) / "pyproject.toml"
    assert config.read(tmp_path).sdk is not None
    ours = right["tool"]["llm-migrate"]
    changes = [
        *mutations(ours),
        ("embeddings: missing", {name: value for name, value in ours.items() if name != "embeddings"}),
        ("style", ours | {"style": "sideways"}),
        ("sdk", ours | {"sdk": "new"}),
    ]
    refusals = 0
    for each, changed in changes:
        document = {"tool": {"llm-migrate": changed}}
        file.write_text(tomli_w.dumps(document), "utf-8")
        refused = False
        try:
            config.read(tmp_path)
        except UserError:
            refused = True
        assert refused is bool(errors("settings", document)), each
        refusals += refused
    assert refusals == len(changes) - len(ours), "every key may be missing"


# --- the command ------------------------------------------------------------------------------------------------------


def test_the_command_lists_and_prints_them(tmp_path: Path) -> None:
    listed = in_both_languages(tmp_path, "schema").out.splitlines()
    assert [line.split()[0] for line in listed] == schemas.names()
    assert "  llm-migrate scan --format json" in listed[-2]
    assert in_both_languages(tmp_path, "schema", "scan").json == schemas.load("scan")


def test_a_schema_in_a_project_is_no_use_of_openai(tmp_path: Path) -> None:
    put(tmp_path, {f"{name}.schema.json": schemas.source(name) for name in schemas.names()})
    assert called(tmp_path, "scan", "--to", "qwen", "--format", "json").json["findings"] == []


def test_the_command_offers_the_nearest(tmp_path: Path) -> None:
    wrong = in_both_languages(tmp_path, "schema", "scn")
    assert (wrong.code, wrong.out) == (2, "")
    assert (
        wrong.err == "error: there is no schema 'scn'\n\nhint: did you mean 'scan'?\n"
        or "did you mean 'scan'?" in wrong.err
    )
    assert "llm-migrate schema lists them" in called(tmp_path, "schema", "zzzzzz").err
