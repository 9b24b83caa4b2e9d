"""Ways of moving: what is safe alone, or what needs a person's look, too; nothing is moved by halves."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import pytest
from markdown_it import MarkdownIt

from terminal import (
    CALL,
    LLM,
    USE,
    called,
    commit,
    emulator,
    git,
    in_both_languages,
    in_terminal,
    notebook,
    put,
    repository,
    status,
)

TO = ("rewrite", "--to", "qwen", "--no-check")
BOTH = """\
from openai import AzureOpenAI, OpenAI

safe = OpenAI()
looked_at = AzureOpenAI(azure_endpoint="https://x.openai.azure.com", api_version="1")
safe.chat.completions.create(model="gpt-4o", messages=[], tool_choice="required", tools=[])
looked_at.chat.completions.create(model="gpt-4o", messages=[{"role": "developer", "content": "x"}])
"""
PROXY = """\
import os

import httpx
from openai import OpenAI

MODEL = os.environ.get("OPENAI_MODEL", "gpt-4o")
KEY = os.environ["OPENAI_API_KEY"]
client = OpenAI(api_key=KEY, http_client=httpx.Client(proxy="http://proxy:3128"))
answer = client.chat.completions.create(model=MODEL, messages=[{"role": "developer", "content": "x"}], seed=1)
"""
"""Its client needs a person's look."""


def test_what_needs_a_look_is_left_and_told_of(tmp_path: Path) -> None:
    put(tmp_path, {"app.py": BOTH})
    diff = in_both_languages(tmp_path, *TO, "--diff")
    assert "AzureOpenAI(azure_endpoint" not in "".join(li for li in diff.out.splitlines() if li[:1] in "+-")
    ended = called(tmp_path, *TO)
    assert ended.code == 1
    assert "2 more changes need a person's look: llm-migrate rewrite . --to qwen --include review\n" in ended.err
    code = (tmp_path / "app.py").read_text()
    assert 'safe = OpenAI(base_url="https://dashscope' in code
    assert 'tool_choice="required"' in code
    assert BOTH.splitlines()[3] in code
    assert BOTH.splitlines()[5] in code, "nor does the call of a client that stays"


def test_on_request_both_are_made(tmp_path: Path) -> None:
    put(tmp_path, {"app.py": BOTH})
    ended = called(tmp_path, *TO, "--include", "review")
    assert "more changes" not in ended.err
    code = (tmp_path / "app.py").read_text()
    assert code.count("OpenAI(base_url=") == 2
    assert 'tool_choice="auto"' in code
    assert "developer" not in code
    assert "gpt-4o" not in code


def test_the_second_step_comes_to_the_same_as_both_at_once(tmp_path: Path) -> None:
    at_once = put(tmp_path / "a", {"app.py": BOTH, "other.py": CALL})
    stepwise = repository(tmp_path / "b", {"app.py": BOTH, "other.py": CALL})
    called(at_once, *TO, "--include", "review")
    called(stepwise, *TO)
    first = (stepwise / "app.py").read_bytes()
    diff = called(stepwise, *TO, "--include", "review", "--diff")
    assert "other.py" not in diff.out, "it is as it will be"
    ended = called(stepwise, *TO, "--include", "review")
    assert "goes on from the last rewrite: its 2 files are unchanged since\n" in ended.err
    assert "1 file changed" in ended.err
    for name in ("app.py", "other.py"):
        assert (stepwise / name).read_bytes() == (at_once / name).read_bytes()
    assert called(stepwise, *TO, "--include", "review", "--check").err.startswith("goes on")
    assert called(stepwise, "undo").code == 0
    assert (stepwise / "app.py").read_bytes() == first
    assert called(stepwise, "undo").code == 0
    assert status(stepwise) == ""


def test_a_third_step_changes_nothing(tmp_path: Path) -> None:
    stored = """\
from langchain_openai import OpenAIEmbeddings
from langchain_community.vectorstores import FAISS
from openai import AzureOpenAI

looked_at = AzureOpenAI(azure_endpoint="https://x.openai.azure.com", api_version="1")
db = FAISS.load_local("index", OpenAIEmbeddings())
"""
    put(tmp_path, {"app.py": stored})
    called(tmp_path, *TO)
    called(tmp_path, *TO, "--include", "review")
    second = (tmp_path / "app.py").read_text()
    assert "dimensions=1536" in second, "the size of the old model, which no longer stands there"
    ended = called(tmp_path, *TO, "--include", "review")
    assert (tmp_path / "app.py").read_text() == second
    assert "changed" not in ended.err.replace("unchanged", "")


def test_files_that_a_person_has_changed_are_taken_as_they_are(tmp_path: Path) -> None:
    put(tmp_path, {"app.py": BOTH})
    called(tmp_path, *TO)
    mine = (tmp_path / "app.py").read_text() + "# mine\n"
    put(tmp_path, {"app.py": mine})
    ended = called(tmp_path, *TO, "--include", "review")
    assert "goes on" not in ended.err
    code = (tmp_path / "app.py").read_text()
    assert code.endswith("# mine\n")
    assert "AzureOpenAI(" not in code


@pytest.mark.parametrize(
    "options",
    [[], ["--ignore", "LM101"], ["--select", "LM2"], ["--select", "LM6", "--select", "LM301"]],
    ids=["a review", "rules left out", "models alone", "keys and parameters alone"],
)
def test_nothing_of_a_client_that_stays_is_moved(options: list[str], tmp_path: Path) -> None:
    files: dict[str, bytes | str] = {
        "app.py": PROXY,
        ".env.example": "OPENAI_API_KEY=\nOPENAI_MODEL=gpt-4o\n",
        "compose.yaml": "services:\n  app:\n    environment:\n      - OPENAI_API_KEY\n      - OPENAI_MODEL=gpt-4o\n",
    }
    put(tmp_path, files)
    ended = called(tmp_path, *TO, *options)
    assert ended.code == 1
    assert {name: (tmp_path / name).read_text() for name in files} == files, ended.err


def test_with_the_client_all_of_it_moves(tmp_path: Path) -> None:
    put(tmp_path, {"app.py": PROXY, ".env.example": "OPENAI_API_KEY=\nOPENAI_MODEL=gpt-4o\n"})
    called(tmp_path, *TO, "--include", "review")
    code = (tmp_path / "app.py").read_text()
    assert "gpt-4o" not in code
    assert "OPENAI_API_KEY" not in code
    assert (tmp_path / ".env.example").read_text() == "DASHSCOPE_API_KEY=\nOPENAI_MODEL=qwen-plus\n"


def test_clients_that_share_a_name_move_together(tmp_path: Path) -> None:
    shared = BOTH.replace("safe =", 'MODEL = "gpt-4o"\nsafe =').replace('model="gpt-4o"', "model=MODEL")
    put(tmp_path, {"app.py": shared})
    assert called(tmp_path, *TO).code == 1
    assert (tmp_path / "app.py").read_text() == shared
    called(tmp_path, *TO, "--include", "review")
    assert 'MODEL = "qwen-plus"' in (tmp_path / "app.py").read_text()


def test_the_client_of_the_module_moves_whole_or_not_at_all(tmp_path: Path) -> None:
    code = (
        "import openai\nfrom vault import secret\n\nopenai.api_key = secret()\n"
        'openai.base_url = "https://api.openai.com/v1/"\n'
        'openai.chat.completions.create(model="gpt-4o", messages=[])\n'
    )
    put(tmp_path, {"app.py": code})
    called(tmp_path, *TO)
    assert (tmp_path / "app.py").read_text() == code
    called(tmp_path, *TO, "--include", "review")
    moved = (tmp_path / "app.py").read_text()
    assert 'openai.api_key = os.environ["DASHSCOPE_API_KEY"]' in moved
    assert "qwen-plus" in moved


# What is told


def test_the_clients_are_shown_before_and_after(tmp_path: Path) -> None:
    put(tmp_path, {"llm.py": LLM, "jobs/use.py": USE, "azure.py": BOTH})
    ended = called(tmp_path, *TO, "--include", "review")
    table = ended.out.partition("clients, before and after:\n")[2].partition("left for you:")[0]
    assert "azure.py:3 OpenAI, llm.py:3 OpenAI\n" in table
    assert re.search(
        r"^llm|azure.py:4 OpenAI\n +provider +Azure OpenAI +→ Alibaba Cloud Qwen\n +endpoint +.*→ https://dashscope\S+\n"
        r" +key +AZURE_OPENAI_API_KEY +→ DASHSCOPE_API_KEY\n +models +gpt-4o +→ qwen-plus\n",
        table,
    )
    json = called(put(tmp_path / "j", {"a.py": LLM + USE.partition("\n")[2]}), *TO, "--format", "json").json
    assert json["clients"] == [
        {
            "place": "a.py:3",
            "kind": "OpenAI",
            "before": {
                "provider": "OpenAI",
                "endpoint": "https://api.openai.com/v1",
                "key": "OPENAI_API_KEY",
                "models": ["gpt-4o"],
            },
            "after": {
                "provider": "Alibaba Cloud Qwen",
                "endpoint": "https://dashscope.aliyuncs.com/compatible-mode/v1",
                "key": "DASHSCOPE_API_KEY",
                "models": ["qwen-plus"],
            },
        }
    ]


def test_a_class_that_takes_the_place_of_another_is_told_with_its_package(tmp_path: Path) -> None:
    code = (
        "from llama_index.llms.openai import OpenAI\n\n\n"
        'def make(key):\n    return OpenAI(model="gpt-4o", api_key=key)\n'
    )
    put(tmp_path, {"a.py": code})
    ended = called(tmp_path, *TO, "--include", "review")
    assert "OpenAILike takes its place, which needs the package llama-index-llms-openai-like" in ended.out
    assert re.search(r"a.py:5 OpenAI\n +provider +OpenAI +→ Alibaba Cloud Qwen\n", ended.out)
    assert "install it, and name it where the project names its packages: llama-index-llms-openai-like" in ended.err


def test_what_is_left_is_told_where_it_stands_now(tmp_path: Path) -> None:
    put(tmp_path, {"app.py": BOTH})
    ended = called(tmp_path, *TO)
    left = ended.out.partition("left for you:\n")[2].splitlines()
    code = (tmp_path / "app.py").read_text().splitlines()
    found = [
        match for line in left if (match := re.match(r"app\.py:(\d+):\d+ (LM\d+) .*\(llm-migrate explain \2\)$", line))
    ]
    assert found
    assert all("AzureOpenAI(" in code[int(m[1]) - 1] for m in found if m[2] == "LM102")
    assert all("tool_choice=" in code[int(m[1]) - 1] for m in found if m[2] == "LM301")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_report(language: str, tmp_path: Path) -> None:
    root = put(tmp_path / "app", {"app.py": BOTH, "odd|name.py": CALL, "broken.py": "import openai\ndef f(:\n"})
    command = [*TO, str(root), "--report", str(tmp_path / "notes" / "MIGRATION.md")]
    assert called(tmp_path, *command).code == 2, "before anything is written"
    assert (root / "app.py").read_text() == BOTH
    (tmp_path / "notes").mkdir()
    called(tmp_path, *command, env={"LLM_MIGRATE_LANG": language})
    written = (tmp_path / "notes" / "MIGRATION.md").read_text()
    tokens = MarkdownIt().enable("table").parse(written)
    cells = [t.content for t in tokens if t.type == "inline"]
    links = {child.attrs["href"] for t in tokens for child in t.children or () if child.type == "link_open"}
    assert "../app/app.py#L6" in links
    assert all((tmp_path / "notes" / unquote(str(link).partition("#")[0])).exists() for link in links)
    assert "`llm-migrate explain LM102`" in cells
    assert any("`broken.py`" in cell for cell in cells)
    assert ("Left for a person" in cells) == (language == "en")
    assert any("Qwen" in cell and "law of its place" in cell for cell in cells) == (language == "en")
    rows = [t for t in tokens if t.type == "tr_open"]
    lines = [line for line in written.splitlines() if line.startswith("|") and not line.startswith("| ---")]
    assert len(rows) == len(lines), "no text breaks a table"
    again = called(tmp_path, *command)
    assert "is not a report" not in again.err, "one of ours may be written anew"
    assert called(tmp_path, *command, "--allow-dirty").code in (1, 2), "a report of ours may be written anew"


def test_no_other_file_becomes_a_report(tmp_path: Path) -> None:
    put(tmp_path, {"app.py": CALL, "README.md": "# mine\n"})
    for arguments in (["--report", "README.md"], ["--report", "new.md", "--diff"]):
        ended = in_both_languages(tmp_path, *TO, *arguments)
        assert ended.code == 2
        assert "hint: " in ended.err
    assert (tmp_path / "README.md").read_text() == "# mine\n"
    assert (tmp_path / "app.py").read_text() == CALL
    assert not (tmp_path / "new.md").exists()


def test_a_report_is_no_finding(tmp_path: Path) -> None:
    put(tmp_path, {"app.py": CALL})
    called(tmp_path, *TO, "--report", str(tmp_path / "MIGRATION.md"))
    assert "gpt-4o" in (tmp_path / "MIGRATION.md").read_text()
    assert called(tmp_path, "scan", "--to", "qwen").code == 0


# One by one

QUESTION = re.compile(r"\(\d+/\d+\) make this change \[y,n,a,d,q,\?\]\? ")


@pytest.fixture
def two(tmp_path: Path) -> Path:
    """Two files with a client, a call and a model each."""
    return repository(tmp_path / "two", {"a.py": CALL, "b.py": CALL + 'print("b")\n'})


@pytest.mark.parametrize(
    ("typed", "moved", "questions"),
    [
        ("y\ny\ny\ny\n", {"a.py", "b.py"}, 4),
        ("y\nn\ny\n", {"a.py"}, 3),
        ("n\ny\ny\n", {"b.py"}, 3),
        ("a\nd\na\n", {"a.py"}, 3),
        ("y\nq\n", set(), 2),
        ("q\n", set(), 1),
        ("what?\nd\nd\n", set(), 3),
        ("\x04", set(), 1),
    ],
    ids=["all", "one client", "the other", "whole files", "quit", "quit at once", "help", "end of input"],
)
def test_every_change_is_asked_about(typed: str, moved: set[str], questions: int, two: Path) -> None:
    ended = in_terminal(two, *TO, "--interactive", typed=typed, env={"NO_COLOR": "1"})
    assert len(QUESTION.findall(ended.err)) == questions, ended.err
    changed = {line[3:] for line in status(two).splitlines()}
    if typed == "y\nq\n":
        assert 'base_url="https://dashscope' in (two / "a.py").read_text()
        assert "gpt-4o" in (two / "a.py").read_text(), "what was not asked about is not made"
        assert changed == {"a.py"}
        return
    assert changed == moved
    for name in moved:
        assert "gpt-4o" not in (two / name).read_text()
    if moved:
        assert called(two, "undo").code == 0
        assert status(two) == ""
    if typed.startswith("what"):
        assert "d - leave it and all later ones in the file\n" in ended.err


def test_the_change_is_shown_as_it_would_be(two: Path) -> None:
    put(two, {"a.py": CALL.replace("OpenAI()", 'OpenAI(api_key="sk-proj-Zq8vTn3LxWm5RkPd2HsYb7Jc")')})
    ended = in_terminal(two, *TO, "-i", "--allow-dirty", typed="q\n", env={"NO_COLOR": "1"})
    assert re.search(r'^-client = OpenAI\(api_key="sk-\*+"\)$', ended.err, re.MULTILINE)
    assert "+client = OpenAI(base_url=" in ended.err.replace('api_key=os.environ["DASHSCOPE_API_KEY"], ', "") or (
        '+client = OpenAI(api_key=os.environ["DASHSCOPE_API_KEY"], base_url=' in ended.err
    )
    assert "Zq8v" not in ended.err
    colored = in_terminal(two, *TO, "-i", "--allow-dirty", typed="q\n")
    assert "\x1b[32m+client = " in colored.err


def test_without_a_terminal_nobody_is_asked(two: Path) -> None:
    ended = in_both_languages(two, *TO, "--interactive")
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith("error: --interactive needs a terminal to ask on\nhint: ")
    assert status(two) == ""


# The environment decides

RUN = CALL + "print(answer.choices[0].message.content)\n"


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    with emulator("qwen") as url:
        yield url


def run(folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run ``main.py`` with the real SDK; nothing of OpenAI's is in its environment but what is given."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("OPENAI_", "AZURE_OPENAI_", "DASHSCOPE_"))}
    return subprocess.run(
        [sys.executable, "main.py"],
        cwd=folder,
        env={**kept, "NO_PROXY": "127.0.0.1,localhost", "PYTHONDONTWRITEBYTECODE": "1", **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_in_the_environment_only_models_and_parameters_change(endpoint: str, tmp_path: Path) -> None:
    put(
        tmp_path,
        {
            "main.py": RUN.replace("hello", "developer says"),
            ".env": "A=1\nOPENAI_API_KEY=sk-proj-Zq8vTn3LxWm5RkPd2HsYb7Jc\n",
            ".env.example": "OPENAI_BASE_URL=https://api.openai.com/v1\nOPENAI_API_KEY=\n",
        },
    )
    before = called(tmp_path, "scan", "--to", "qwen", "--style", "env")
    assert before.code == 1
    ended = called(tmp_path, *TO, "--style", "env", "--base-url", endpoint)
    assert ended.code == 0, ended.err
    assert "warning: OPENAI_API_KEY is to hold the key of Alibaba Cloud Qwen" in ended.err
    assert (tmp_path / "main.py").read_text() == RUN.replace("hello", "developer says").replace("gpt-4o", "qwen-plus")
    assert (tmp_path / ".env").read_text() == (
        f"A=1\nOPENAI_BASE_URL={endpoint}\nOPENAI_API_KEY=\n# OPENAI_API_KEY=sk-proj-Zq8vTn3LxWm5RkPd2HsYb7Jc\n"
    )
    assert (tmp_path / ".env.example").read_text() == f"OPENAI_BASE_URL={endpoint}\nOPENAI_API_KEY=\n"
    again = ("--style", "env", "--base-url", endpoint, "--check")
    assert called(tmp_path, *TO, *again).code == 0
    (tmp_path / ".env").write_text(f"OPENAI_BASE_URL={endpoint}\nOPENAI_API_KEY=sk-the-new-key-0123456789\n")
    assert called(tmp_path, *TO, *again).code == 0, "the provider's key is nobody's to take away"
    ran = run(tmp_path, OPENAI_BASE_URL=endpoint, OPENAI_API_KEY="test")
    assert "Hello from the emulator of qwen" in ran.stdout, ran.stderr
    alone = run(tmp_path, OPENAI_BASE_URL=endpoint)
    assert "OPENAI_API_KEY" in alone.stderr


def test_what_the_code_says_itself_gives_way_to_the_environment(tmp_path: Path) -> None:
    code = (
        "import os\n\nfrom openai import AzureOpenAI, OpenAI\n\n"
        'a = OpenAI(base_url="https://api.openai.com/v1", organization="org-1", timeout=3)\n'
        'b = OpenAI(api_key="sk-proj-Zq8vTn3LxWm5RkPd2HsYb7Jc")\n'
        'c = OpenAI(base_url=os.environ.get("OPENAI_BASE_URL"), api_key=os.environ["OPENAI_API_KEY"])\n'
        'd = AzureOpenAI(azure_endpoint="https://x.openai.azure.com", api_version="1", api_key=os.environ["X"])\n'
    )
    put(tmp_path, {"main.py": code})
    called(tmp_path, *TO, "--style", "env", "--include", "review")
    lines = (tmp_path / "main.py").read_text().splitlines()
    assert lines[4:] == [
        "a = OpenAI(timeout=3)",
        'b = OpenAI(api_key=os.environ["OPENAI_API_KEY"])',
        'c = OpenAI(base_url=os.environ.get("OPENAI_BASE_URL"), api_key=os.environ["OPENAI_API_KEY"])',
        "d = OpenAI()",
    ]


def test_in_the_environment_all_clients_move_or_none(tmp_path: Path) -> None:
    files: dict[str, bytes | str] = {"app.py": BOTH, ".env": "OPENAI_API_KEY=x\n"}
    put(tmp_path, files)
    ended = called(tmp_path, *TO, "--style", "env")
    assert ended.code == 1
    assert {name: (tmp_path / name).read_text() for name in files} == files
    assert called(tmp_path, *TO, "--style", "env", "--include", "review").code == 0


def test_what_would_send_the_new_key_to_openai_is_told(tmp_path: Path) -> None:
    put(
        tmp_path,
        {
            "main.py": RUN,
            "by_hand.py": "import os\nimport requests\n\nrequests.get('https://api.openai.com/v1/threads', "
            "headers={'Authorization': 'Bearer ' + os.environ['OPENAI_API_KEY']})\n",
            "pack.py": "from agents import Agent, Runner\n\nRunner.run_sync(Agent(name='a', model='gpt-4o'), 'x')\n",
        },
    )
    ended = called(tmp_path, *TO, "--style", "env")
    told = ended.err.partition("would send that key to OpenAI: ")[2].splitlines()[0]
    assert "by_hand.py:4" in told
    assert "pack.py" not in told, "its agents get a client, and their traces are off"
    assert "set_tracing_disabled(True)" in (tmp_path / "pack.py").read_text("utf-8")


def test_the_style_may_stand_in_the_settings(tmp_path: Path) -> None:
    put(tmp_path, {"main.py": RUN, "pyproject.toml": '[tool.llm-migrate]\nto = "qwen"\nstyle = "env"\n'})
    assert called(tmp_path, "rewrite", "--no-check").code == 0
    assert "base_url" not in (tmp_path / "main.py").read_text()
    assert called(tmp_path, "scan").code == 0
    put(tmp_path, {"pyproject.toml": '[tool.llm-migrate]\nstyle = "other"\n'})
    ended = in_both_languages(tmp_path, "scan")
    assert ended.code == 2
    assert "style must be one of inline, env" in ended.err


# A module chooses

SWITCH = ("--style", "switch", "--include", "review")
DESK: dict[str, bytes | str] = {
    "main.py": "import asyncio\n\nfrom desk.ask import answer, answer_later, vectors\n\n"
    'print(answer("hello"))\nprint(asyncio.run(answer_later("hello")))\nprint(len(vectors(["a"])[0]))\n',
    "desk/__init__.py": "",
    "desk/llm.py": "import os\n\nfrom openai import AsyncOpenAI, OpenAI\n\n"
    'KEY = os.environ["OPENAI_API_KEY"]\nMODEL = "gpt-4o"\n'
    'client = OpenAI(api_key=KEY, timeout=20)\nlater = AsyncOpenAI(organization="org-1")\n',
    "desk/ask.py": "from desk.llm import MODEL, client, later\n\n\n"
    "def answer(said):\n"
    "    found = client.chat.completions.create(\n"
    '        model=MODEL, messages=[{"role": "developer", "content": said}, {"role": "user", "content": "?"}],\n'
    '        max_completion_tokens=100,\n        frequency_penalty=0.1,  # spice\n        user="me",\n    )\n'
    "    return found.choices[0].message.content\n\n\n"
    "async def answer_later(said):\n"
    '    found = await later.chat.completions.create(model=MODEL, messages=[{"role": "user", "content": said}])\n'
    "    return found.choices[0].message.content\n\n\n"
    "def vectors(texts):\n"
    '    found = client.embeddings.create(model="text-embedding-3-small", input=texts)\n'
    "    return [row.embedding for row in found.data]\n",
    ".env.example": "OPENAI_API_KEY=\n",
}


@pytest.fixture(scope="module")
def openai_itself() -> Iterator[str]:
    with emulator("openai") as url:
        yield url


def test_the_switched_code_runs_with_both(endpoint: str, openai_itself: str, tmp_path: Path) -> None:
    put(tmp_path, DESK)
    before = run(tmp_path, OPENAI_API_KEY="test", OPENAI_BASE_URL=openai_itself)
    assert before.stdout.count("Hello from the emulator of openai") == 2, before.stderr
    ended = called(tmp_path, *TO, *SWITCH, "--base-url", endpoint)
    assert (tmp_path / "desk/llm_provider.py").exists(), ended.err
    assert "openai import" not in (tmp_path / "desk/llm.py").read_text(), "nothing needs it any more"
    moved = run(tmp_path, DASHSCOPE_API_KEY="test")
    assert moved.stdout.count("Hello from the emulator of qwen") == 2, moved.stderr
    back = run(tmp_path, LLM_PROVIDER="openai", OPENAI_API_KEY="test", OPENAI_BASE_URL=openai_itself)
    assert back.stdout == before.stdout, back.stderr
    assert "KeyError: 'DASHSCOPE_API_KEY'" in run(tmp_path, OPENAI_API_KEY="test").stderr, "no key goes to a stranger"
    unknown = run(tmp_path, LLM_PROVIDER="quen", DASHSCOPE_API_KEY="test")
    assert "LLM_PROVIDER is 'quen'; it can be: qwen, openai" in unknown.stderr
    assert (tmp_path / ".env.example").read_text() == "LLM_PROVIDER=qwen\nDASHSCOPE_API_KEY=\nOPENAI_API_KEY=\n"


COMPOSE = "services:\n  app:\n    environment:\n{lines}"
MAPPED = "      OPENAI_API_KEY: ${OPENAI_API_KEY}\n      OPENAI_MODEL: gpt-4o\n"
LISTED = "      - OPENAI_API_KEY=${OPENAI_API_KEY}\n      - OPENAI_MODEL=gpt-4o\n"
HANDED = "      OPENAI_API_KEY:\n      OPENAI_MODEL: gpt-4o\n"
URL = "https://dashscope.aliyuncs.com/compatible-mode/v1"


@pytest.mark.parametrize(
    ("style", "before", "added"),
    [
        ("env", MAPPED, f"      OPENAI_BASE_URL: {URL}\n"),
        ("env", LISTED, f"      - OPENAI_BASE_URL={URL}\n"),
        ("env", HANDED, f"      OPENAI_BASE_URL: {URL}\n"),
        ("switch", MAPPED, "      LLM_PROVIDER: qwen\n      DASHSCOPE_API_KEY: ${DASHSCOPE_API_KEY}\n"),
        ("switch", LISTED, "      - LLM_PROVIDER=qwen\n      - DASHSCOPE_API_KEY=${DASHSCOPE_API_KEY}\n"),
        ("switch", HANDED, "      LLM_PROVIDER: qwen\n      DASHSCOPE_API_KEY:\n"),
    ],
)
def test_a_container_gets_what_the_style_reads(style: str, before: str, added: str, tmp_path: Path) -> None:
    put(tmp_path, {"app.py": LLM, "compose.yaml": COMPOSE.format(lines=before)})
    called(tmp_path, *TO, "--style", style)
    moved = COMPOSE.format(lines=added + before.replace("gpt-4o", "qwen-plus"))
    assert (tmp_path / "compose.yaml").read_text() == moved
    again = called(tmp_path, *TO, "--style", style, "--allow-dirty")
    assert (tmp_path / "compose.yaml").read_text() == moved, again.out


def test_a_container_that_has_it_all_is_left_alone(tmp_path: Path) -> None:
    lines = f"      OPENAI_API_KEY: ${{OPENAI_API_KEY}}\n      OPENAI_BASE_URL: {URL}\n"
    put(tmp_path, {"app.py": LLM, "compose.yaml": COMPOSE.format(lines=lines)})
    called(tmp_path, *TO, "--style", "env")
    assert (tmp_path / "compose.yaml").read_text() == COMPOSE.format(lines=lines)


def test_a_document_may_go_on_naming_the_variable(tmp_path: Path) -> None:
    put(tmp_path, {"app.py": LLM, "README.md": "Set OPENAI_API_KEY.\n"})
    ended = called(tmp_path, *TO, "--style", "env")
    assert "OPENAI_API_KEY, which now holds the key of DASHSCOPE_API_KEY" in ended.out


def test_a_model_in_a_dotenv_file_is_that_of_the_choice(tmp_path: Path) -> None:
    put(tmp_path, {"app.py": PROXY.replace(', http_client=httpx.Client(proxy="http://proxy:3128")', "")})
    put(tmp_path, {".env.example": "OPENAI_API_KEY=\nOPENAI_MODEL=gpt-4o\n"})
    called(tmp_path, *TO, *SWITCH)
    settings = (tmp_path / ".env.example").read_text()
    assert settings == "LLM_PROVIDER=qwen\nDASHSCOPE_API_KEY=\nOPENAI_API_KEY=\nOPENAI_MODEL=qwen-plus\n"


def test_both_take_texts_in_batches(tmp_path: Path) -> None:
    put(tmp_path, DESK)
    called(tmp_path, *TO, *SWITCH)
    code = (tmp_path / "desk/ask.py").read_text()
    assert "embed_in_batches(" in code.partition("def vectors")[2]


def test_what_waits_for_a_client_is_told_once(tmp_path: Path) -> None:
    put(tmp_path, {"app.py": PROXY})
    told = called(tmp_path, *TO).err.splitlines()
    waiting = [line for line in told if "left where it is" in line]
    reasons = [line.partition(": not changed: ")[2] for line in waiting]
    assert waiting
    assert len(set(reasons)) == len(reasons)
    assert any(line.count("app.py:") > 1 for line in waiting)


def test_a_project_without_openai_has_nothing_to_settle(tmp_path: Path) -> None:
    put(tmp_path, {"app.py": "x = 1\n"})
    ended = called(tmp_path, *TO)
    assert (ended.code, ended.err) == (0, "no use of OpenAI found\n")


def test_what_differs_is_kept_for_each(tmp_path: Path) -> None:
    put(tmp_path, DESK)
    called(tmp_path, *TO, *SWITCH)
    llm, ask = ((tmp_path / "desk" / name).read_text() for name in ("llm.py", "ask.py"))
    assert "from desk import llm_provider\n" in llm
    assert "KEY = os.environ[llm_provider.KEY_VARIABLE]\n" in llm
    assert 'MODEL = llm_provider.model("gpt-4o")\n' in llm
    assert "client = llm_provider.client(timeout=20)\nlater = llm_provider.async_client()\n" in llm
    assert '        **llm_provider.only("openai", frequency_penalty=0.1),  # spice\n' in ask
    assert '        **llm_provider.only("openai", max_completion_tokens=100),\n' in ask
    assert '**llm_provider.only("qwen", max_tokens=100)' in ask
    for path in ("llm.py", "ask.py", "llm_provider.py"):
        compile((tmp_path / "desk" / path).read_text(), path, "exec")


def test_a_switched_project_is_moved(tmp_path: Path) -> None:
    cell = LLM + 'client.chat.completions.create(model="gpt-4o", messages=[])\n'
    root = repository(tmp_path / "app", {**DESK, "n.ipynb": notebook("x = 1\n", cell)})
    called(root, *TO, *SWITCH)
    commit(root)
    again = called(root, *TO, *SWITCH)
    assert status(root) == "", again.out
    assert "qwen-plus" not in called(root, *TO, "--diff").out  # nor do others touch what chooses between both
    scanned = called(root, "scan", "--to", "qwen", "--style", "switch", "--format", "json").json
    assert {f["code"] for f in scanned["findings"] if f["verdict"] == "fix"} == set()
    more = 'from desk.llm import client\n\nclient.chat.completions.create(model="gpt-4o-mini", messages=[])\n'
    put(root, {"desk/more.py": more.replace("desk.llm import client", "openai import OpenAI\n\nclient = OpenAI()")})
    commit(root)
    mine = (root / "desk/llm_provider.py").read_text().replace("PROVIDER = ", "# mine\nPROVIDER = ", 1)
    put(root, {"desk/llm_provider.py": mine})
    commit(root)
    called(root, *TO, *SWITCH)
    table = (root / "desk/llm_provider.py").read_text()
    assert "# mine\n" in table
    assert '    "gpt-4o": "qwen-plus",\n' in table
    assert '    "gpt-4o-mini": "qwen-flash",\n' in table
    assert 'llm_provider.model("gpt-4o-mini")' in (root / "desk/more.py").read_text()


def test_the_module_is_new_in_a_diff_and_gone_after_undo(tmp_path: Path) -> None:
    root = repository(tmp_path / "app", {"main.py": RUN, "llm_provider.py": "mine = 1\n"})
    ended = called(root, *TO, *SWITCH, "--diff")
    git(root, "apply", stdin=ended.raw)
    by_patch = {p.name: p.read_bytes() for p in root.glob("*.py")}
    assert by_patch["llm_provider.py"] == b"mine = 1\n"
    assert b"import llm_provider_2\n" in by_patch["main.py"]
    assert "llm_provider_2.py" in by_patch
    git(root, "checkout", "--quiet", ".")
    (root / "llm_provider_2.py").unlink()
    assert called(root, *TO, *SWITCH).code == 0
    assert {p.name: p.read_bytes() for p in root.glob("*.py")} == by_patch
    assert called(root, "undo").code == 0
    assert status(root) == ""


def test_what_cannot_be_switched_stays_with_openai(tmp_path: Path) -> None:
    code = "import openai\n\nopenai.chat.completions.create(model='gpt-4o', messages=[])\n"
    azure = "\n".join(BOTH.splitlines()[i] for i in (0, 3, 5)) + "\n"
    files: dict[str, bytes | str] = {"old.py": code, "azure.py": azure}
    put(tmp_path, files)
    assert called(tmp_path, *TO, *SWITCH).code == 1
    assert {name: (tmp_path / name).read_text() for name in files} == files
    assert not (tmp_path / "llm_provider.py").exists()


def test_code_before_1_0_is_switched(endpoint: str, openai_itself: str, tmp_path: Path) -> None:
    """It moves to the current SDK for both sides, and its functions become tools, which OpenAI takes, too."""
    code = (
        'import openai\n\nopenai.api_type = "openai"\nopenai.api_key = "sk-test"\n'
        'FUNCTIONS = [{"name": "departures", "parameters": {"type": "object", "properties": {}}}]\n'
        "found = openai.ChatCompletion.create(\n"
        '    engine="gpt-4o", messages=[{"role": "user", "content": "hello"}], functions=FUNCTIONS\n)\n'
        'message = found["choices"][0]["message"]\n'
        'print(message["function_call"]["name"] if message.get("function_call") else message["content"])\n'
    )
    put(tmp_path, {"main.py": code})
    ended = called(tmp_path, *TO, *SWITCH, "--base-url", endpoint)
    assert ended.code == 0, ended.err
    moved = (tmp_path / "main.py").read_text()
    assert "client = llm_provider.client()\n" in moved
    assert 'model=llm_provider.model("gpt-4o")' in moved
    there = run(tmp_path, DASHSCOPE_API_KEY="test")
    assert there.stdout == "departures\n", there.stderr
    back = run(tmp_path, LLM_PROVIDER="openai", OPENAI_API_KEY="test", OPENAI_BASE_URL=openai_itself)
    assert back.stdout == there.stdout, back.stderr
    assert called(tmp_path, *TO, *SWITCH, "--base-url", endpoint, "--check").code == 0


LATE = """\
import os

import openai


def connect():
    openai.api_base = "https://api.openai.com/v1"
    openai.api_key = os.environ["OPENAI_API_KEY"]


def ask(question):
    return openai.ChatCompletion.create(model="gpt-4", messages=[{"role": "user", "content": question}])


async def answer(question):
    return await openai.ChatCompletion.acreate(model="gpt-4", messages=[{"role": "user", "content": question}])
"""
"""Code before 1.0 that sets its key while it runs."""


@pytest.mark.parametrize("code", [LATE, LATE.partition("async")[0]])
def test_settings_made_while_it_runs_cannot_be_switched(code: str, tmp_path: Path) -> None:
    put(tmp_path, {"main.py": code})
    assert called(tmp_path, *TO, *SWITCH, "--include", "review").code == 1
    assert (tmp_path / "main.py").read_text() == code, "nor does a part of them move alone"


def test_settings_made_while_it_runs_read_the_environment(tmp_path: Path) -> None:
    """Today's module heeds another name than that of before."""
    put(tmp_path, {"main.py": LATE})
    assert called(tmp_path, *TO, "--style", "env").code == 0
    code = (tmp_path / "main.py").read_text()
    assert 'openai.base_url = os.environ["OPENAI_BASE_URL"].rstrip("/") + "/"\n' in code
    assert "api_base" not in code


def test_completions_before_1_0_stay_completions_where_both_are_kept(tmp_path: Path) -> None:
    code = 'import openai\n\nprint(openai.Completion.create(model="davinci-002", prompt="a")["choices"][0]["text"])\n'
    put(tmp_path, {"main.py": code})
    ended = called(tmp_path, *TO, *SWITCH)
    assert ended.code == 1
    assert "both sides cannot be kept" in ended.err
    assert "client.completions.create(" in (tmp_path / "main.py").read_text()


# A part of a project

SPLIT: dict[str, bytes | str] = {
    "config.py": 'import os\n\nMODEL = "gpt-4o"\n\n\nclass Settings:\n    def __init__(self):\n'
    '        self.key = os.getenv("OPENAI_API_KEY", "")\n\n\nsettings = Settings()\n',
    "llm.py": "from openai import OpenAI\n\nfrom config import settings\n\nclient = OpenAI(api_key=settings.key)\n",
    "use.py": "from config import MODEL\nfrom llm import client\n\n"
    'client.chat.completions.create(model=MODEL, messages=[{"role": "developer", "content": "x"}])\n',
}


def test_a_client_stays_with_a_key_that_is_read_elsewhere(tmp_path: Path) -> None:
    """Nothing of it moves by halves when the file that reads its key is not to be changed."""
    root = repository(tmp_path / "app", SPLIT)
    ended = called(root, *TO, "llm.py", "use.py")
    assert ended.code == 1
    assert status(root) == ""
    assert "llm.py:5:10: not changed: its key would still be OpenAI's" in ended.err
    assert "use.py:4:64: not changed: it belongs to a client that is left where it is" in ended.err


def test_models_that_other_files_name_are_told_of(tmp_path: Path) -> None:
    root = repository(tmp_path / "app", {**SPLIT, "llm.py": LLM})
    ended = called(root, *TO, "llm.py", "use.py")
    assert "clients that move ask for models which other files name: config.py (gpt-4o)" in ended.err
    whole = called(root, *TO, "--allow-dirty")
    assert "other files name" not in whole.err


def test_a_second_provider_is_named_in_the_table(tmp_path: Path) -> None:
    embed = LLM + 'client.embeddings.create(model="text-embedding-3-small", input="x", encoding_format="float")\n'
    put(tmp_path, {"app.py": embed})
    ended = called(tmp_path, "rewrite", "--no-check", "--to", "deepseek", "--embeddings", "qwen")
    assert re.search(rf"provider +OpenAI +→ Alibaba Cloud Qwen\n +endpoint .*→ {re.escape(URL)}\n", ended.out)


@pytest.mark.parametrize("style", ["inline", "env", "switch"])
def test_a_function_that_asks_several_times_is_put_in_once(style: str, tmp_path: Path) -> None:
    code = "from openai import OpenAI\n\nclient = OpenAI()\nSAID = [{'role': 'user', 'content': '?'}]\n"
    for name, model, number in (("many", "gpt-4o", "9"), ("some", "gpt-4o-mini", "number")):
        call = f"client.chat.completions.create(model='{model}', messages=SAID, n={number})"
        code += f"\n\ndef {name}(number):\n    return {call}\n"
    put(tmp_path, {"main.py": code})
    ended = called(tmp_path, *TO, "--style", style, "--include", "review")
    assert "second run" not in ended.err
    written = (tmp_path / "main.py").read_text()
    assert written.count("choices_by_4(client") == written.count("choices_one_by_one(client") == 1
    assert called(tmp_path, *TO, "--style", style, "--include", "review").code == 0
    assert (tmp_path / "main.py").read_text() == written
