"""``llm-migrate rewrite`` as a user runs it, and the check it ends with."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from terminal import (
    CALL,
    COMMAND,
    LLM,
    USE,
    Ended,
    called,
    commit,
    emulator,
    git,
    in_both_languages,
    llm_migrate,
    notebook,
    put,
    repository,
    status,
)

KEY = "sk-proj-Zq8vTn3LxWm5RkPd2HsYb7Jc"
SHORT_KEY = "sk-test-12345"
TO = ("rewrite", "--to", "qwen")
PROJECT: dict[str, bytes | str] = {
    "llm.py": LLM,
    "jobs/use.py": USE,
    "crlf.py": CALL.replace("\n", "\r\n"),
    "mark.py": "\ufeff" + CALL.rstrip("\n"),
    "latin.py": ("# -*- coding: latin-1 -*-\n# caf\u00e9\n\n" + CALL).encode("latin-1"),
    "form.py": CALL.replace("\n\n", "\n\f\n"),
    "report.ipynb": notebook("x = 1\n", CALL, "%time x\n"),
    "compose.yaml": "services:\n  app:\n    environment:\n      - OPENAI_API_KEY\n",
    ".env.example": "OPENAI_API_KEY=\n",
    "plain.py": "print('nothing')\n",
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return repository(tmp_path / "my project", PROJECT)


def changed(folder: Path) -> set[str]:
    return {line[3:].strip('"') for line in status(folder).splitlines()}


def test_the_diff_is_a_patch(project: Path) -> None:
    ended = in_both_languages(project, *TO, "--diff")
    assert ended.code == 1
    assert status(project) == ""
    assert not (project / ".llm-migrate").exists()
    git(project, "apply", "--check", stdin=ended.raw)
    git(project, "apply", stdin=ended.raw)
    by_patch = {name: (project / name).read_bytes() for name in changed(project)}
    assert by_patch.keys() == PROJECT.keys() - {"plain.py"}
    git(project, "checkout", "--quiet", ".")
    assert llm_migrate(project, *TO).code == 0
    assert {name: (project / name).read_bytes() for name in changed(project)} == by_patch


def test_a_second_run_changes_nothing(project: Path) -> None:
    assert llm_migrate(project, *TO, "--check").code == 1
    first = llm_migrate(project, *TO)
    assert first.code == 0
    assert "take it back with: llm-migrate undo\n" in first.err
    commit(project)
    for arguments in (["--check"], ["--diff"], []):
        again = called(project, *TO, *arguments)
        assert (again.code, again.out) == (0, ""), again
    assert status(project) == ""
    assert llm_migrate(project, "scan").code == 0
    assert llm_migrate(project, "scan", "--to", "qwen").code == 0


def test_uncommitted_changes_refuse(project: Path) -> None:
    put(project, {"crlf.py": CALL + "# mine\n", "new.py": CALL, "plain.py": "mine\n"})
    before = {name: (project / name).read_bytes() for name in (*PROJECT, "new.py")}
    ended = in_both_languages(project, *TO)
    assert (ended.code, ended.out) == (2, "")
    assert ended.err == (
        "error: uncommitted changes in files to be rewritten: crlf.py, new.py\n"
        "hint: commit or stash them first; --allow-dirty rewrites them all the same\n"
    )
    assert {name: (project / name).read_bytes() for name in before} == before
    assert called(project, *TO, "llm.py").code == 0, "only what is to be rewritten counts"
    assert changed(project) == {"crlf.py", "new.py", "plain.py", "llm.py"}
    assert called(project, *TO, "--allow-dirty").code == 0
    assert (project / "crlf.py").read_text().endswith("# mine\n")
    assert "DASHSCOPE_API_KEY" in (project / "new.py").read_text()


def test_a_file_is_changed_alone(project: Path) -> None:
    ended = llm_migrate(project / "jobs", *TO, "use.py")
    assert ended.code == 0
    assert changed(project) == {"jobs/use.py"}
    assert "qwen-plus" in (project / "jobs/use.py").read_text()
    assert f"take it back with: llm-migrate undo {shlex.quote(str(project.resolve()))}\n" in ended.err
    undo = shlex.split(ended.err.partition("take it back with: ")[2].splitlines()[0])[1:]
    assert llm_migrate(project / "jobs", *undo).code == 0
    assert status(project) == ""


def test_choices_of_the_user(tmp_path: Path) -> None:
    put(tmp_path, {"app.py": CALL})
    arguments = ("--region", "intl", "--map", 'gpt-4o=my "own"', "--diff")
    ended = called(tmp_path, *TO, *arguments)
    assert "https://dashscope-intl.aliyuncs.com/compatible-mode/v1" in ended.out
    added = "".join(line[1:] for line in ended.out.splitlines() if line.startswith("+answer"))
    compile(added, "app.py", "exec")
    assert "model='my \"own\"'" in added or 'model="my \\"own\\""' in added
    put(
        tmp_path,
        {
            "pyproject.toml": '[tool.llm-migrate]\nto = "qwen"\nregion = "us"\nselect = ["LM1", "LM2"]\n'
            '[tool.llm-migrate.models]\n"gpt-4o" = "of-settings"\n'
        },
    )
    settings = called(tmp_path, "rewrite", "--diff")
    assert "https://dashscope-us.aliyuncs.com/compatible-mode/v1" in settings.out
    assert 'model="of-settings"' in settings.out
    option = called(tmp_path, "rewrite", "--diff", "--region", "hk", "--map", "gpt-4o=of-option")
    assert "https://cn-hongkong.dashscope.aliyuncs.com/compatible-mode/v1" in option.out
    assert 'model="of-option"' in option.out
    other = called(tmp_path, "rewrite", "--diff", "--to", "zhipu")
    assert other.code == 1
    assert "dashscope" not in other.out, "a region belongs to its provider"
    ignored = called(tmp_path, "rewrite", "--diff", "--ignore", "LM2")
    assert "model=" not in "".join(line for line in ignored.out.splitlines() if line.startswith("+answer"))


def test_what_is_left_fails(tmp_path: Path) -> None:
    put(tmp_path, {"app.py": CALL + 'client.audio.speech.create(model="tts-1", voice="alloy", input="x")\n'})
    ended = called(tmp_path, *TO)
    assert ended.code == 1
    done, left = ended.out.split("left for you:\n")
    assert "app.py:3:10 LM101 fix" in done
    assert re.search(r"^app\.py:7:\d+ LM\d{3} manual .+$", left, re.MULTILINE), "as the file is now"


def test_what_went_with_replaced_code_is_not_left(tmp_path: Path) -> None:
    code = (
        "import os\n\nfrom openai import AzureOpenAI\n\nclient = AzureOpenAI(\n"
        '    azure_endpoint=os.environ["AZURE_OPENAI_ENDPOINT"],\n    api_version="2024-06-01",\n'
        '    api_key=os.environ["AZURE_OPENAI_API_KEY"],\n)\n\nprint(os.environ.get("AZURE_OPENAI_ENDPOINT"))\n'
    )
    put(tmp_path, {"app.py": code})
    ended = called(tmp_path, *TO, "--include", "review")
    left = [line for line in ended.out.partition("left for you:\n")[2].splitlines() if "LM601" in line]
    assert [line.partition(" ")[0] for line in left] == ["app.py:10:22"], ended.out


def test_what_nobody_chose_is_left(tmp_path: Path) -> None:
    put(tmp_path, {"app.py": CALL.replace("messages=", 'user="me", messages=')})
    ended = called(tmp_path, *TO)
    settled, _, left = ended.out.partition("left for you:\n")
    assert "LM301" not in settled
    assert "LM301 review 'user'" in left
    assert ended.code == 1
    assert "1 left" in ended.err
    assert "1 more change needs a person's look" in ended.err


def test_what_is_left_in_many_places_is_told_once(tmp_path: Path) -> None:
    documents = {f"docs/{name}.md": "Needs gpt-4o.\n\nAsk gpt-4o.\n" for name in "abc"}
    put(tmp_path, {"app.py": CALL + 'client.audio.speech.create(model="tts-1", voice="a", input="x")\n', **documents})
    ended = called(tmp_path, *TO)
    left = ended.out.partition("left for you:\n")[2].splitlines()
    assert [line for line in left if "a document mentions gpt-4o" in line] == [
        "LM612 manual a document mentions gpt-4o; readers now need qwen-plus (llm-migrate explain LM612)"
    ]
    assert left[-1].split() == ["docs/a.md:1:7,", "3:5", "docs/b.md:1:7,", "3:5", "docs/c.md:1:7,", "3:5"]
    assert re.match(r"app\.py:7:\d+ LM\d{3} manual ", left[0]), "the code comes first"


def test_what_is_left_is_underlined_where_it_stands_now(tmp_path: Path) -> None:
    code = CALL.replace('model="gpt-4o", ', 'model="gpt-4o", temperature=2, user="gpt", ')
    put(tmp_path, {"app.py": code})
    lines = called(tmp_path, *TO).out.splitlines()
    at = next(i for i, line in enumerate(lines) if "LM301 review" in line)
    shown, mark = lines[at + 1 : at + 3]
    assert shown[mark.index("^") : len(mark)] == '"gpt"'
    line, column = map(int, lines[at].split()[0].split(":")[1:])
    assert (tmp_path / "app.py").read_text().splitlines()[line - 1][column - 1 :].startswith('"gpt"')


def test_places_in_a_sentence_are_few(tmp_path: Path) -> None:
    texts = [f"x{n}.py" for n in range(8)]
    embed = 'from openai import OpenAI\nOpenAI().embeddings.create(model="text-embedding-3-small", input=["a"])\n'
    put(tmp_path, dict.fromkeys(texts, embed))
    ended = called(tmp_path, *TO)
    assert "x5.py:4:1 and 2 more" in " ".join(ended.err.split())
    assert "x6.py" not in ended.err


def test_the_command_for_the_rest_chooses_what_this_one_did(tmp_path: Path) -> None:
    code = CALL.replace("messages=", 'user="a", messages=')
    put(
        tmp_path,
        {"app.py": code, "tests/app.py": code, "old.py": 'import openai\nopenai.ChatCompletion.create(user="a")\n'},
    )
    options = ("--sdk", "keep", "--ignore", "LM201", "--exclude", "/tests", "--no-ignore")
    printed = called(tmp_path, *TO, *options, "--check").err.splitlines()[-1].partition("look: ")[2]
    assert [word for word in options if word in printed.split()] == list(options), printed
    called(tmp_path, *printed.split()[1:])
    assert (tmp_path / "tests/app.py").read_text() == code
    assert "ChatCompletion" in (tmp_path / "old.py").read_text()


def test_what_the_rewrite_itself_sets_free_is_changed_at_once(tmp_path: Path) -> None:
    index = "from llama_index.core import VectorStoreIndex\n\nVectorStoreIndex.from_documents([])\n"
    put(tmp_path, {"app.py": CALL, "index.py": index, "run.sh": "python app.py --model_name gpt-4o\n"})
    alone = called(tmp_path, *TO, "--diff", "run.sh", "app.py")
    assert "qwen-plus" not in alone.out.partition("run.sh")[2], "the index goes on to ask OpenAI by itself"
    ended = called(tmp_path, *TO, "--include", "review")
    assert (tmp_path / "run.sh").read_text() == "python app.py --model_name qwen-plus\n", ended.out
    again = called(tmp_path, *TO, "--include", "review", "--check")
    assert "0 files would change" in again.err
    assert called(tmp_path, "undo").code == 0
    assert (tmp_path / "run.sh").read_text() == "python app.py --model_name gpt-4o\n"


def test_what_a_first_step_sets_free_in_the_same_file_is_changed_too(tmp_path: Path) -> None:
    code = (
        "from agents import Agent, Runner\n\n\ndef make(model='gpt-4o'):\n    return Agent(name='a', model=model)\n\n\n"
        "Runner.run_sync(make(), 'Which tram?')\n"
    )
    put(tmp_path, {"app.py": code})
    to = ("rewrite", "--to", "doubao", "--include", "review")
    called(tmp_path, *to)
    moved = (tmp_path / "app.py").read_text()
    assert moved.index("set_default_openai_client(") < moved.index("ModelSettings(extra_body=")
    assert "0 files would change" in called(tmp_path, *to, "--check").err
    assert called(tmp_path, "undo").code == 0
    assert (tmp_path / "app.py").read_text() == code


def test_what_is_said_of_a_call_is_left_though_its_model_changed(tmp_path: Path) -> None:
    code = (
        'from openai import OpenAI\n\nclient = OpenAI()\nOPTIONS = {"extra_body": {"user_id": "tug"}}\n'
        'client.chat.completions.create(model="gpt-4o", messages=[], **OPTIONS)\n'
    )
    put(tmp_path, {"app.py": code})
    ended = called(tmp_path, *TO[:-1], "deepseek")
    assert "deepseek-flash" in (tmp_path / "app.py").read_text()
    left = ended.out.partition("left for you:\n")[2]
    assert re.search(r"^app\.py:7:1 LM304 manual .*switch it in extra_body", left, re.MULTILINE), ended.out


def test_json(tmp_path: Path) -> None:
    put(tmp_path, {"app.py": CALL, "b.py": "import openai\ndef f(:\n"})
    check = in_both_languages(tmp_path, *TO, "--check", "--format", "json")
    assert check.json["changed"] == ["app.py"]
    assert (tmp_path / "app.py").read_text() == CALL
    ended = called(tmp_path, *TO, "--format", "json")
    document = ended.json
    assert document["schema"] == 1
    assert document["target"] == "qwen"
    assert document["changed"] == ["app.py"]
    assert {(f["code"], f["path"], f["line"]) for f in document["applied"]} >= {("LM101", "app.py", 3)}
    assert document["remaining"] == []
    assert [s["path"] for s in document["skipped"]] == ["b.py"]
    assert document["check"] is None, "there was no key"
    assert ended.code == 2


# Secrets


def test_a_dry_run_repeats_no_secret(tmp_path: Path) -> None:
    code = f'import openai\nfrom openai import OpenAI\n\nopenai.api_key = "{KEY}"\n'
    code += f'client = OpenAI(api_key="{SHORT_KEY}")\n'
    put(
        tmp_path,
        {
            "app.py": code + f'other = "{KEY}"\nclient.chat.completions.create(model="gpt-4o", messages=[])\n',
            ".env": f"A=1\nOPENAI_API_KEY={KEY}\n",
            ".env.example": f"OPENAI_API_KEY={KEY}\n",
            "n.ipynb": notebook(code),
        },
    )
    before = {file.name: file.read_bytes() for file in tmp_path.iterdir()}
    for arguments in (["--diff"], ["--check"], ["--check", "--format", "json"]):
        ended = called(tmp_path, *TO, *arguments)
        assert ended.code == 1
        for secret in (KEY, KEY[8:], SHORT_KEY):
            assert secret not in ended.out + ended.err
        if arguments == ["--diff"]:
            assert "sk-***" in ended.out
            assert "keys are masked in this diff" in ended.err
    assert {file.name: file.read_bytes() for file in tmp_path.iterdir()} == before, "and there is no journal"
    for arguments in ([], ["--format", "json"]):
        for name, data in before.items():
            (tmp_path / name).write_bytes(data)
        ended = called(tmp_path, *TO, *arguments)
        assert KEY not in ended.out + ended.err
        assert SHORT_KEY not in ended.out + ended.err
    assert "api_key=" not in (tmp_path / "app.py").read_text().replace('api_key=os.environ["DASHSCOPE_API_KEY"]', "")


# The check at the end


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    with emulator("qwen") as url:
        yield url


def printed_command(ended: Ended) -> tuple[str, list[str]]:
    """Return the variable and the words of the command that ``rewrite`` proposes."""
    match = re.search(
        r"^now prove it on the endpoint, with its key in (\w+): (llm-migrate .*)$", ended.err, re.MULTILINE
    )
    assert match is not None, ended
    return match[1], shlex.split(match[2])


def test_with_a_key_the_endpoint_is_asked_at_once(endpoint: str, tmp_path: Path) -> None:
    put(tmp_path, {"app.py": CALL})
    ended = llm_migrate(tmp_path, *TO, "--base-url", endpoint, env={"DASHSCOPE_API_KEY": "test"})
    assert ended.code == 0
    assert "✓ an emulator takes all of it: qwen (" in ended.out
    assert ended.out.endswith("coverage: 1 of 1 site proved\n")
    assert "probes: " in ended.err
    assert "now prove it" not in ended.err
    assert f'base_url="{endpoint}"' in (tmp_path / "app.py").read_text()


def test_the_check_can_be_left_out(endpoint: str, tmp_path: Path) -> None:
    put(tmp_path, {"app.py": CALL})
    ended = called(tmp_path, *TO, "--base-url", endpoint, "--no-check", env={"DASHSCOPE_API_KEY": "test"})
    assert ended.code == 0
    assert "probes: " not in ended.err
    assert "now prove it" not in ended.err


def test_json_holds_the_check(endpoint: str, tmp_path: Path) -> None:
    put(tmp_path, {"app.py": CALL})
    arguments = (*TO, "--base-url", endpoint, "--format", "json")
    document = llm_migrate(tmp_path, *arguments, env={"DASHSCOPE_API_KEY": "test"}).json
    assert document["changed"] == ["app.py"]
    assert {proof["outcome"] for proof in document["check"]["proofs"]} == {"works"}


def test_an_endpoint_that_is_down_does_not_hide_what_was_done(tmp_path: Path) -> None:
    for arguments in ([], ["--format", "json"]):
        put(tmp_path, {"app.py": CALL})
        ended = called(tmp_path, *TO, *arguments, "--base-url", "http://127.0.0.1:9", env={"DASHSCOPE_API_KEY": "test"})
        assert ended.code == 2
        assert "error: cannot reach http://127.0.0.1:9" in ended.err
        assert "1 file changed; take it back with: llm-migrate undo" in ended.err
        assert "LM101" in ended.out
        assert "http://127.0.0.1:9" in (tmp_path / "app.py").read_text()


def test_the_printed_command_works_when_copied(endpoint: str, tmp_path: Path) -> None:
    root = repository(tmp_path / "my project", {"llm.py": LLM, "jobs/use.py": USE, "unrelated.py": CALL})
    arguments = ("--base-url", endpoint, "--map", "gpt-4o=qwen-flash", "use.py", "../llm.py")
    ended = llm_migrate(root / "jobs", *TO, *arguments)
    variable, words = printed_command(ended)
    assert variable == "DASHSCOPE_API_KEY"
    assert words[0] == Path(COMMAND).stem
    asked = llm_migrate(root / "jobs", *words[1:], "--format", "json", env={variable: "test"})
    proofs = {proof["feature"]: proof for proof in asked.json["proofs"]}
    assert asked.json["base_url"] == endpoint
    assert proofs["chat"]["outcome"] == "works"
    assert proofs["chat"]["model"] == "qwen-flash"
    assert [place["path"] for place in proofs["chat"]["locations"]] == ["jobs/use.py"]


def test_the_printed_command_asks_for_what_the_code_needs(tmp_path: Path) -> None:
    put(tmp_path, {"app.py": CALL})
    ended = called(tmp_path, *TO, "--region", "intl")
    _, words = printed_command(ended)
    shown = called(tmp_path, *words[1:], "--list")
    assert shown.code == 0
    assert "https://dashscope-intl.aliyuncs.com/compatible-mode/v1" in shown.err
    assert re.search(r"^chat +qwen-plus +requests: 1 .*sites: 1$", shown.out, re.MULTILINE)


@pytest.mark.parametrize("style", ["inline", "env", "switch"])
def test_the_printed_command_is_one_for_every_style(tmp_path: Path, style: str) -> None:
    put(tmp_path, {"app.py": CALL})
    _, words = printed_command(called(tmp_path, *TO, "--style", style))
    shown = called(tmp_path, *words[1:], "--list")
    assert shown.code == 0
    assert re.search(r"^chat +qwen-plus +requests: 1 .*sites: 1$", shown.out, re.MULTILINE), shown


def test_a_key_is_not_sent_to_a_gateway_unasked(tmp_path: Path) -> None:
    put(tmp_path, {"app.py": CALL})
    ended = llm_migrate(
        tmp_path, *TO, "--base-url", "https://gateway.invalid/v1", env={"DASHSCOPE_API_KEY": "secret-key"}
    )
    assert ended.code == 0
    variable, words = printed_command(ended)
    assert words[-2:] == ["--api-key-env", variable]
    assert "secret-key" not in ended.out + ended.err


def test_nothing_to_prove(tmp_path: Path) -> None:
    put(tmp_path, {"llm.py": LLM})
    ended = called(tmp_path, *TO, env={"DASHSCOPE_API_KEY": "test"})
    assert ended.code == 0
    assert "now prove it" not in ended.err


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_a_diff_is_coloured_where_that_is_asked(tmp_path: Path, newline: str) -> None:
    (tmp_path / "app.py").write_text(CALL.replace("\n", newline), newline="")
    plain = called(tmp_path, *TO, "--diff").out
    coloured = called(tmp_path, "--color", "always", *TO, "--diff").out
    assert re.sub(r"\x1b\[[\d;]*m", "", coloured) == plain
    for line, seen in zip(plain.split("\n"), coloured.split("\n"), strict=True):
        style = {"+": "32", "-": "31", "@": "36", "d": "1"}.get(line[:1])
        style = "1" if line.startswith(("--- ", "+++ ")) else style
        content = line.rstrip("\r")
        end = line[len(content) :]
        assert seen == (line if style is None else f"\x1b[{style}m{content}\x1b[0m{end}")


def test_all_of_a_rewrite_is_told_in_the_users_language(tmp_path: Path) -> None:
    code = (
        "from openai import OpenAI\n\nclient = OpenAI()\n\n\ndef ask(messages, tools):\n"
        "    options = {'model': 'gpt-4o', 'messages': messages}\n    if tools:\n        options['tools'] = tools\n"
        "    return client.chat.completions.create(**options, **{'temperature': 0.5})\n"
    )
    put(tmp_path, {"main.py": code})
    done = called(tmp_path, "rewrite", "--to", "qwen", "--include", "review", "--lang", "zh")
    assert "OpenAI → 阿里云通义千问" in re.sub(r" +", " ", done.out)
    assert "“parallel_tool_calls”可能来自 **options" in done.err
    assert "Alibaba" not in done.out + done.err


def test_a_package_that_is_needed_is_told_of_unless_it_is_asked_for(tmp_path: Path) -> None:
    code = 'from llama_index.llms.openai import OpenAI\n\nllm = OpenAI(model="gpt-4o")\n'
    told = "llama-index-llms-openai-like"
    alone = llm_migrate(repository(tmp_path / "alone", {"main.py": code}), *TO)
    assert told in alone.err
    listed = repository(tmp_path / "listed", {"main.py": code, "requirements.txt": "llama-index\n"})
    ended = llm_migrate(listed, *TO)
    assert told not in ended.err
    assert (listed / "requirements.txt").read_text() == f"llama-index\n{told}\n"
