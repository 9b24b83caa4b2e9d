"""Files that are no Python: what is found in them, and where."""

from __future__ import annotations

import time
from collections.abc import Sequence

import pytest

from llm_codemods import engine
from llm_codemods.configuration import blocks, files, prefilter, tokens
from llm_codemods.configuration.forms import Form, form_by_name, form_of
from llm_codemods.configuration.sites import (
    DependencySite,
    KeyEntrySite,
    ModelEntrySite,
    Readers,
    Role,
    ShellRequestSite,
    VariableEntrySite,
    Word,
)
from llm_codemods.profile import find as profile
from llm_codemods.report import Finding, Verdict
from llm_codemods.rules import RULES
from llm_codemods.sites.kinds import Site
from llm_codemods.source import Source, encode
from llm_codemods.target import aim

SECRET = "sk-proj-" + "Q7rT2mW9xZ4pL8vN3bK6"


def sites(path: str, text: str | bytes) -> Sequence[Site]:
    data = text if isinstance(text, bytes) else text.encode()
    return files.sites(files.read(path, data), Readers(moving=True))


def words(path: str, text: str) -> list[str]:
    """Return the texts at the spans of the sites."""
    return [text[site.span.start : site.span.end] for site in sites(path, text)]


def findings(path: str, text: str) -> Sequence[Finding]:
    return engine.run(sites(path, text), RULES, aim(profile("qwen")))


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("env.example", Form.DOTENV), (".env_sample", Form.DOTENV), (".env-template", Form.DOTENV), ("env.py", None),
        (".env", Form.DOTENV), ("a/.env.local", Form.DOTENV), ("prod.env", Form.DOTENV), (".envrc", Form.SHELL),
        ("docker-compose.yml", Form.COMPOSE), ("x.yml", Form.YAML), ("_template_yaml", Form.YAML),
        ("pnpm-lock.yaml", Form.FOREIGN_LOCK),
        ("uv.lock", Form.LOCK), ("requirements-dev.txt", Form.REQUIREMENTS), ("a_requirements.txt", Form.REQUIREMENTS),
        ("requirements/base.txt", Form.REQUIREMENTS), ("a/requirements/dev.in", Form.REQUIREMENTS),
        ("requirements/notes.md", Form.DOCUMENT), ("env", Form.DOTENV), ("requirement.txt", Form.REQUIREMENTS),
        ("requirements-dev.lock", Form.LOCK), ("chat.prompty", Form.YAML), ("deploy.yml.j2", Form.YAML),
        ("a.qmd", Form.DOCUMENT), ("a.adoc", Form.DOCUMENT), ("chat.http", Form.DOCUMENT), ("chat.jinja2", None),
        ("a.ps1", Form.POWERSHELL), ("main.bicep", Form.BICEP), ("main.tf", Form.TERRAFORM),
        ("env_template.txt", Form.DOTENV),
        ("prompt_template.txt", None), ("notes.txt", None),
        ("Dockerfile.gpu", Form.DOCKERFILE), ("Makefile", Form.MAKEFILE), ("Pipfile", Form.TOML),
        ("OAI_CONFIG_LIST", Form.JSON), ("a.jsonl", None), ("setup.cfg", Form.INI), ("README.md", Form.DOCUMENT),
        ("a.tsx", Form.JAVASCRIPT), ("a.py", None), ("a.ipynb", None), ("Procfile", Form.PROCFILE),
    ],
)  # fmt: skip
def test_form_by_name(path: str, form: Form | None) -> None:
    assert form_by_name(path) is form
    assert prefilter.is_configuration(path) is (form is not None)


def test_form_by_first_line() -> None:
    assert form_of(Source("bin/run", "#!/usr/bin/env bash\n")) is Form.SHELL
    assert form_of(Source("bin/run", "#!/usr/bin/env python\n")) is None
    assert form_of(Source("LICENSE", "sh\n")) is None


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("a.yaml", '说明: "模型 😀"\nllm: {备注: é, model: "gpt-4o"}  # 好\n'),
        ("a.toml", '说明 = "模型 😀"\n[llm]\nmodel = "gpt-4o"  # 好\n'),
        ("a.json", '{"说明": "模型 😀",\n "llm": {"model": "gpt-4o"}}\n'),
        ("a.ini", "[说明]\n说明 = 模型 😀\nmodel = gpt-4o ; 好\n"),
        ("a.sh", "# 说明\necho 模型 😀\nMODEL=gpt-4o\n"),
        ("a.md", "# 说明 😀\n\n模型 `gpt-4o`。\n"),
        ("a.ts", '// 说明 😀\nconst 模型 = { model: "gpt-4o" };\n'),
    ],
)
def test_spans_count_characters(path: str, text: str, newline: str) -> None:
    text = text.replace("\n", newline)
    assert words(path, text) == ["gpt-4o"]
    (site,) = sites(path, b"\xef\xbb\xbf" + text.encode())
    assert text[site.span.start : site.span.end] == "gpt-4o"


def test_sites_hold_what_a_fix_needs() -> None:
    text = "env:\n  OPENAI_API_KEY: \"${OPENAI_API_KEY}\"\n  MODEL: 'openai/gpt-4o'\n"
    variable, model = sites("a.yaml", text)
    assert isinstance(variable, VariableEntrySite)
    assert (variable.name, variable.keys, variable.role) == ("OPENAI_API_KEY", ("env", "OPENAI_API_KEY"), Role.SET)
    assert isinstance(variable.value, Word)
    assert (variable.value.text, variable.value.quote) == ("${OPENAI_API_KEY}", '"')
    assert [(w.text, text[w.span.start : w.span.end]) for w in variable.again] == [("OPENAI_API_KEY", "OPENAI_API_KEY")]
    assert isinstance(model, ModelEntrySite)
    assert (model.name, model.prefix, model.quote, model.keys) == ("gpt-4o", "openai/", "'", ("env", "MODEL"))
    assert text[model.span.start : model.span.end] == "gpt-4o"


def test_request() -> None:
    (_, request, _) = sites(
        "a.sh",
        'curl -H "Authorization: Bearer $OPENAI_API_KEY" \\\n'
        '  https://api.openai.com/v1/chat/completions -d \'{"model": "gpt-4o"}\'\n',
    )
    assert isinstance(request, ShellRequestSite)
    assert (request.command, request.model, request.variable) == ("curl", "gpt-4o", "OPENAI_API_KEY")
    assert request.url == "https://api.openai.com/v1/chat/completions"


@pytest.mark.parametrize(
    ("text", "role"),
    [
        ("kind: Secret\ndata:\n  OPENAI_API_KEY: eA==\n", Role.SECRET),
        ("kind: ConfigMap\ndata:\n  OPENAI_API_KEY: x\n", Role.SET),
        ("env:\n- name: OPENAI_API_KEY\n  valueFrom:\n    secretKeyRef: {name: x, key: y}\n", Role.SECRET),
        ("env:\n- name: OPENAI_API_KEY\n  value: x\n", Role.SET),
        ("env:\n  KEY: ${{ secrets.OPENAI_API_KEY }}\n", Role.SECRET),
        ("key: ${OPENAI_API_KEY}\n", Role.USED),
        ("key: os.environ/OPENAI_API_KEY\n", Role.USED),
        ("- OPENAI_API_KEY\n", Role.SET),
        ("note: set OPENAI_API_KEY first\n", Role.NAMED),
    ],
)
def test_role_of_a_variable(text: str, role: Role) -> None:
    (site,) = sites("a.yaml", text)
    assert isinstance(site, VariableEntrySite)
    assert site.role is role


@pytest.mark.parametrize(
    ("requirement", "version", "legacy"),
    [
        ("openai", "", False), ("openai==0.28", "==0.28", True), ("openai<1", "<1", True),
        ("openai>=0.27,<1.0", ">=0.27,<1.0", True), ("openai>=0.27", ">=0.27", False),
        ("openai>=1,<2", ">=1,<2", False),
        ("openai ~= 0.28", "~= 0.28", True), ("openai[datalib]<1 ; python_version>'3'", "<1", True),
        ("openai @ https://example.com/x.whl", "@ https://example.com/x.whl", False),
    ],
)  # fmt: skip
def test_versions_asked_for(requirement: str, version: str, legacy: bool) -> None:
    (site,) = sites("requirements.txt", f"a==1\n{requirement}\n")
    assert isinstance(site, DependencySite)
    assert (site.name, site.version, site.legacy) == ("openai", version, legacy)


@pytest.mark.parametrize(
    ("path", "text", "verdict"),
    [
        ("requirements.txt", "openai>=1\n", Verdict.READY),
        ("requirements.txt", "openai<1\n", Verdict.FIX),
        ("requirements.txt", "tiktoken\n", Verdict.MANUAL),
        ("uv.lock", 'name = "openai"\nversion = "0.28"\n', Verdict.READY),
        ("a.yaml", "OPENAI_TIMEOUT: 3\n", Verdict.READY),
        ("a.yaml", "OPENAI_API_KEY: x\n", Verdict.FIX),
        ("a.yaml", "X: ${{ secrets.OPENAI_API_KEY }}\n", Verdict.MANUAL),
        ("a.yaml", "model: gpt-4o\n", Verdict.REVIEW),
        ("a.yaml", "model: sora-2\n", Verdict.MANUAL),
        ("a.js", 'require("openai")\n', Verdict.MANUAL),
        ("a.md", "gpt-4o\n", Verdict.MANUAL),
    ],
)
def test_verdicts(path: str, text: str, verdict: Verdict) -> None:
    assert [f.verdict for f in findings(path, text)] == [verdict]


def test_keys_are_masked() -> None:
    (finding,) = findings("a.yaml", f"token: {SECRET}\n")
    assert (finding.kind, finding.api) == ("secret", "sk-…")
    assert SECRET not in str(finding.message)
    assert [type(s) for s in sites("a.json", f'{{"a": "{SECRET}"}}')] == [KeyEntrySite]


@pytest.mark.parametrize(
    "key",
    ["sk-xxxxxxxxxxxxxxxxxxxx", "sk-your-openai-api-key-here", "sk-1234567890abcdef1234", "sk-abcdefghijklmnopqrst"],
)
def test_placeholders_are_no_keys(key: str) -> None:
    assert list(tokens.keys_in(f"a: {key}")) == []


def test_a_table_is_one_site() -> None:
    rows = ",\n".join('{"model": "gpt-4o", "text": "gpt-4o"}' for _ in range(21))
    (site,) = sites("a.json", f"[{rows}]")
    assert isinstance(site, ModelEntrySite)
    assert site.times == 21
    few = ",\n".join('{"model": "gpt-4o", "text": "gpt-4o"}' for _ in range(20))
    assert len(sites("a.json", f"[{few}]")) == 20


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("a.yaml", "a: [1\nb: {c\n  OPENAI_API_KEY: x\n: : :\n"),
        ("a.yaml", "\tOPENAI_API_KEY: x\n"),
        ("a.json", '{"a": [1, "OPENAI_API_KEY": "x"'),
        ("a.toml", '[a\nOPENAI_API_KEY = "x\n'),
        ("a.sh", "if [ ; then\n  export OPENAI_API_KEY=x '\n"),
        ("a.ini", "[a\nOPENAI_API_KEY=x\n"),
        ("a.ts", "const = ( { '\nprocess.env.OPENAI_API_KEY\n"),
    ],
)
def test_broken_files_are_read_as_far_as_possible(path: str, text: str) -> None:
    assert "OPENAI_API_KEY" in words(path, text)


def test_other_encodings() -> None:
    text = "模型: 好\nmodel: gpt-4o\n"
    for data in (text.encode("gbk"), text.encode("utf-16")):
        source = files.read("a.yaml", data)
        (site,) = files.sites(source, Readers(moving=True))
        assert source.text[site.span.start : site.span.end] == "gpt-4o"
        assert source.lines.line(site.span.start) == 2
    gbk = files.read("a.yaml", text.encode("gbk"))
    assert encode(gbk) == text.encode("gbk")


@pytest.mark.parametrize(
    ("data", "answer"),
    [
        (b"OPENAI_API_KEY", True), (b"open_ai_api_key", True), (b"model: o3\n", True), (b"model = o3", True),
        (b"x: gpt-4", True), (b"foo3 ", False), (b"open a door", False), ("openai".encode("utf-16"), True),
        ("door".encode("utf-16"), False), (b" " * prefilter.LARGEST + b"openai", False),
        (b'{\n"schema": 1,\n"target": "qwen",\n"findings": [\n  {"api": "OPENAI_API_KEY"}]\n}\n', False),
        (b'{\n  "schema": 1,\n  "target": null,\n  "findings": [\n    {"api": "gpt-4o"}]\n}\n', False),
        (b'{"schema": 1, "target": "qwen", "models": ["gpt-4o"]}', True),
    ],
)  # fmt: skip
def test_what_could_matter(data: bytes, answer: bool) -> None:
    assert prefilter.matters(data) is answer


def test_what_is_left_out() -> None:
    lines = b'a("gpt-4o");\n' * 3000
    assert prefilter.left_out("a.js", lines) is None
    assert prefilter.left_out("a.js", lines.replace(b"\n", b"")) is not None
    assert prefilter.left_out("a.json", lines.replace(b"\n", b"")) is None
    assert prefilter.left_out("a.json", b" " * (prefilter.LARGEST + 1)) is not None
    assert prefilter.left_out(".env", b" " * (prefilter.LARGEST + 1)) is None
    assert prefilter.left_out("video.ts", b"G\0openai") is not None


def test_data_cost_little() -> None:
    prose = "\n".join(f'{{"id": {i}, "text": "gpt-4 and gpt-4o said OpenAI"}},' for i in range(20_000))
    began = time.process_time()
    assert sites("a.json", f"[{prose}]") == ()
    assert time.process_time() - began < 10  # about one second; this catches what grows with the square


@pytest.mark.parametrize(
    ("url", "moved"),
    [
        ("https://api.openai.com/v1", "{base}"),
        ("https://api.openai.com/v1/", "{base}/"),
        ("https://api.openai.com/v1/chat/completions", "{base}/chat/completions"),
        ("https://api.openai.com", "{base}"),
        ("https://api.openai.com/v1/harbours", None),
        ("https://api.openai.com/v1/proxy/chat/completions", None),
        ("api.openai.com", None),
        ("https://harbour.openai.azure.com/", None),
    ],
)
def test_what_takes_the_place_of_a_url(url: str, moved: str | None) -> None:
    target = aim(profile("qwen"))
    base = target.base_url if "/v1" in url else target.base_url.removesuffix("/v1")
    assert blocks.moved_url(url, target) == (moved and moved.format(base=base))


def test_a_bare_host_moves_only_where_the_version_is_the_same() -> None:
    assert blocks.moved_url("https://api.openai.com", aim(profile("zhipu"))) is None


@pytest.mark.parametrize(
    ("path", "before", "after", "breaks"),
    [
        ("a.yaml", "a: 1\n", "a: [1\n", True),
        ("a.toml", "a = 1\n", "a = \n", True),
        ("a.json", '{"a": 1}', '{"a": 1', True),
        ("a.json", '{"a": 1}', '{"b": 2}', False),
        ("a.json", '{"a": 1', '{"a": ', False),
        ("a.sh", "a\n", "if\n", False),
    ],
)
def test_what_was_sound_must_stay_so(path: str, before: str, after: str, breaks: bool) -> None:
    assert files.breaks(Source(path, before), Source(path, after)) is breaks


@pytest.mark.parametrize(
    ("readers", "verdict"),
    [
        (Readers(), Verdict.MANUAL),
        (Readers(configured=True), Verdict.MANUAL),
        (Readers(moving=True), Verdict.FIX),
        (Readers(moving=True, staying=True), Verdict.FIX),
        (Readers(staying=True), Verdict.MANUAL),
    ],
)
def test_a_name_changes_only_where_its_reader_moves(readers: Readers, verdict: Verdict) -> None:
    source = files.read("a.yaml", b"env:\n  OPENAI_API_KEY: ${OPENAI_API_KEY}\n")
    (finding,) = engine.run(files.sites(source, readers), RULES, aim(profile("qwen")))
    assert finding.verdict is verdict
    assert (finding.fix is not None) is (verdict is Verdict.FIX)
