"""Exit codes, command by outcome: 0 nothing left to do, 1 something is, 2 it could not be done."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from terminal import CALL, LLM, called, emulator, llm_migrate, put, repository

MANUAL = CALL + 'client.audio.speech.create(model="tts-1", voice="alloy", input="x")\n'
BROKEN = "import openai\ndef f(:\n"
MOVED = CALL.replace("OpenAI()", 'OpenAI(base_url="{url}", api_key="test")').replace("gpt-4o", "qwen-plus")
REFUSED = MOVED.replace("qwen-plus", "no-such-model")
UNDOABLE = "(after a rewrite)"

TABLE: Mapping[str, tuple[str, Mapping[str, str], int]] = {
    "version": ("--version", {}, 0),
    "help": ("--help", {}, 0),
    "no command": ("", {}, 0),
    "unknown command": ("scna", {}, 2),
    "unknown option": ("scan --tow qwen", {}, 2),
    "providers": ("providers", {}, 0),
    "providers, one": ("providers show qwen", {}, 0),
    "providers, side by side": ("providers compare qwen zhipu", {}, 0),
    "providers, unknown one": ("providers show qwn", {}, 2),
    "providers, unknown format": ("providers --format xml", {}, 2),
    "scan, nothing": ("scan", {"a.py": "x = 1\n"}, 0),
    "scan, empty folder": ("scan", {}, 0),
    "scan, findings": ("scan", {"a.py": CALL}, 1),
    "scan, moved": ("scan", {"a.py": MOVED.replace("{url}", "https://dashscope.aliyuncs.com/v1")}, 0),
    "scan, findings elsewhere": ("scan b.py", {"a.py": CALL, "b.py": "", "pyproject.toml": ""}, 0),
    "scan, findings, json": ("scan --format json", {"a.py": CALL}, 1),
    "scan, unreadable": ("scan", {"a.py": BROKEN}, 2),
    "scan, unreadable and findings": ("scan", {"a.py": BROKEN, "b.py": CALL}, 1),
    "scan, no such path": ("scan nowhere", {}, 2),
    "scan, no such provider": ("scan --to x", {}, 2),
    "scan, settings": ("scan", {"pyproject.toml": "[tool.llm-migrate]\nx = 1\n"}, 2),
    "scan --hook, findings": ("scan --hook a.py", {"a.py": CALL}, 1),
    "scan --hook, nothing": ("scan --hook b.yaml", {"a.py": CALL, "b.yaml": "a: 1\n"}, 0),
    "scan --hook, unreadable": ("scan --hook a.py", {"a.py": BROKEN}, 2),
    "rewrite, no provider": ("rewrite", {"a.py": CALL}, 2),
    "rewrite, nothing": ("rewrite --to qwen", {"a.py": "x = 1\n"}, 0),
    "rewrite, all settled": ("rewrite --to qwen", {"a.py": CALL}, 0),
    "rewrite, something left": ("rewrite --to qwen", {"a.py": MANUAL}, 1),
    "rewrite, unreadable": ("rewrite --to qwen", {"a.py": BROKEN, "b.py": CALL}, 2),
    "rewrite, something left and unreadable": ("rewrite --to qwen", {"a.py": BROKEN, "b.py": MANUAL}, 1),
    "rewrite --diff, changes": ("rewrite --to qwen --diff", {"a.py": CALL}, 1),
    "rewrite --diff, none": ("rewrite --to qwen --diff", {"a.py": "x = 1\n"}, 0),
    "rewrite --check, changes": ("rewrite --to qwen --check", {"a.py": CALL}, 1),
    "rewrite --check, none": ("rewrite --to qwen --check", {"a.py": "x = 1\n"}, 0),
    "rewrite --check, unreadable": ("rewrite --to qwen --check", {"a.py": BROKEN}, 2),
    "rewrite --hook, changes": ("rewrite --to qwen --hook a.py", {"a.py": CALL}, 1),
    "rewrite --hook, none": ("rewrite --to qwen --hook b.py", {"a.py": CALL, "b.py": ""}, 0),
    "undo, nothing": ("undo", {}, 2),
    "undo": ("undo", {UNDOABLE: "", "a.py": CALL}, 0),
    "check, no provider": ("check", {}, 2),
    "check, no key": ("check --to qwen", {}, 2),
    "check, down": ("check --to qwen --base-url http://127.0.0.1:9", {}, 2),
    "check, only listed": ("check --to qwen --list", {}, 0),
    "check, works": ("check --to qwen --base-url {url} a.py", {"a.py": MOVED}, 0),
    "check, refused": ("check --to qwen --base-url {url} a.py", {"a.py": REFUSED}, 1),
    "check, unreadable": ("check --to qwen --base-url {url} a.py", {"a.py": BROKEN}, 2),
    "check, needs nothing": ("check --to qwen --base-url {url} a.py", {"a.py": LLM}, 0),
    "emulate, no such provider": ("emulate x", {}, 2),
    "demo, no such provider": ("demo --to x", {}, 2),
}


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with emulator("qwen") as served:
        yield served


@pytest.mark.parametrize(("command", "files", "code"), TABLE.values(), ids=TABLE)
def test_exit_code(command: str, files: Mapping[str, str], code: int, url: str, tmp_path: Path) -> None:
    put(tmp_path, {name: text.replace("{url}", url) for name, text in files.items() if name != UNDOABLE})
    if UNDOABLE in files:
        assert called(tmp_path, "rewrite", "--to", "qwen").code == 0
    ended = called(tmp_path, *command.format(url=url).split())
    assert ended.code == code, ended
    assert ("error: " in ended.err) <= (code == 2)
    if code == 2:
        assert ended.err or not command, "a failure is told"


@pytest.mark.parametrize(("content", "code"), [("", 0), (CALL, 1), (BROKEN, 2)])
def test_the_process_ends_with_that_code(content: str, code: int, tmp_path: Path) -> None:
    put(tmp_path, {"a.py": content})
    assert llm_migrate(tmp_path, "scan").code == code


def test_uncommitted_changes(tmp_path: Path) -> None:
    put(repository(tmp_path), {"a.py": CALL})
    assert called(tmp_path, "rewrite", "--to", "qwen").code == 2
    assert called(tmp_path, "rewrite", "--to", "qwen", "--allow-dirty").code == 0


def test_a_conflict_on_undo(tmp_path: Path) -> None:
    put(tmp_path, {"a.py": CALL})
    assert called(tmp_path, "rewrite", "--to", "qwen").code == 0
    put(tmp_path, {"a.py": "mine\n"})
    assert called(tmp_path, "undo").code == 2
    assert called(tmp_path, "undo", "--force").code == 0
