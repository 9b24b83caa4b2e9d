"""Whatever is put in, out comes a sentence, a hint where one helps, and the right exit code; no file is harmed."""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from llm_codemods.parse_error import fault
from terminal import CALL, COMMAND, Ended, called, in_both_languages, llm_migrate, notebook, put

posix = pytest.mark.skipif(sys.platform == "win32", reason="needs links, mode bits or a POSIX shell")
DROP = "-dac_override,-dac_read_search"


def state(folder: Path) -> dict[str, bytes]:
    """Every regular file below a folder."""
    return {
        str(file.relative_to(folder)): file.read_bytes()
        for file in folder.rglob("*")
        if file.is_file() and not file.is_symlink() and os.access(file, os.R_OK)
    }


def refused(ended: Ended, message: str, hint: str | None = None) -> None:
    """Assert that the run stopped with one sentence and perhaps a hint, and no data."""
    told = [line for line in ended.err.splitlines() if not line.startswith("warning: ")]
    assert (ended.code, ended.out) == (2, ""), ended
    assert told[0] == f"error: {message}"
    assert told[1:] == ([] if hint is None else [f"hint: {hint}"])


# Wrong usage and configuration


@pytest.mark.parametrize(
    ("arguments", "message", "hint"),
    [
        ("scan nowhere", "no such file or folder: nowhere", "check the spelling"),
        ("rewrite --to qwen app.py nowhere.py", "no such file or folder: nowhere.py", "check the spelling"),
        ("scan --to qwne", "unknown provider 'qwne'", "did you mean 'qwen'?"),
        ("rewrite --to hunyan", "unknown provider 'hunyan'", "did you mean 'hunyuan'?"),
        ("check --to ernei", "unknown provider 'ernei'", "did you mean 'ernie'?"),
        ("emulate zhipuu", "unknown provider 'zhipuu'", "did you mean 'zhipu'?"),
        ("demo --to qwne", "unknown provider 'qwne'", "did you mean 'qwen'?"),
        ("scan --to qwen --region int", "provider 'qwen' has no region 'int'", "did you mean 'intl'?"),
        (
            "rewrite --to qwen --region mars",
            "provider 'qwen' has no region 'mars'",
            "known regions: cn, intl, us, hk, finance",
        ),
        ("rewrite --to qwen --map gpt-4o", "--map gpt-4o: not a pair of models", "write it as --map gpt-4o=qwen-plus"),
        ("rewrite --to qwen --map =x", "--map =x: not a pair of models", "write it as --map gpt-4o=qwen-plus"),
        ("rewrite", "no provider to move to", "name one: --to qwen (llm-migrate providers lists them)"),
        ("check", "no provider to ask", "name one: --to qwen (llm-migrate providers lists them)"),
        ("scan --jobs 0", "--jobs must be at least 1", "see 'llm-migrate scan --help'"),
        ("emulate qwen --port 70000", "--port must be at most 65535", "see 'llm-migrate emulate --help'"),
        ("emulate qwen --port x", "--port must be a number", "see 'llm-migrate emulate --help'"),
        ("scan --select nonsense", "no rule is called 'nonsense'", None),
        ("scan --ignore client-endpont", "no rule is called 'client-endpont'", "did you mean 'client-endpoint'?"),
        (
            "rewrite --to qwen --diff --format json",
            "--diff is a form of its own, beside --format json",
            "--check --format json lists what would change",
        ),
        (
            "rewrite --to qwen --base-url gateway",
            "'gateway' is not a base URL",
            "give scheme, host and path, such as https://gateway.example.com/v1",
        ),
        ("scan --to missing.toml", "cannot read missing.toml: No such file or directory", "check the spelling"),
        (
            "scan --to gone.toml",
            "cannot read gone.toml: No such file",
            "check the spelling",
        ),
        ("scan --to folder.toml", "cannot read folder.toml: Is a directory", None),
        ("scan --to latin.toml", "cannot read latin.toml: ", None),
        (
            "check --to qwen",
            "no API key: the environment variable DASHSCOPE_API_KEY is not set",
            "export DASHSCOPE_API_KEY=… with a key from the provider's console (region cn: "
            "https://dashscope.aliyuncs.com/compatible-mode/v1)",
        ),
        (
            "check --to qwen --base-url https://gateway.example.com/v1",
            "will not send the key in DASHSCOPE_API_KEY to gateway.example.com, which is not a host of this provider",
            "name the variable that holds the key for it: --api-key-env NAME",
        ),
        (
            "check --to qwen --base-url http://127.0.0.1:9",
            "cannot reach http://127.0.0.1:9: the connection was refused",
            "is the server running, and is this its port?",
        ),
        ("undo nowhere", "no such folder: nowhere", "check the spelling"),
        (
            "undo",
            "there is nothing to undo in {folder}",
            "only 'llm-migrate rewrite' leaves something to undo, in the root it was run for",
        ),
    ],
)
def test_refused(arguments: str, message: str, hint: str | None, tmp_path: Path) -> None:
    put(
        tmp_path,
        {
            "app.py": CALL,
            "latin.toml": 'id = "caf\u00e9"\n'.encode("latin-1"),
            "folder.toml/x": "",
        },
    )
    before = state(tmp_path)
    ended = in_both_languages(tmp_path, *arguments.split())
    told = [line for line in ended.err.splitlines() if " requests to http" not in line]  # a check says its budget first
    assert (ended.code, ended.out) == (2, ""), ended
    assert told[0].startswith(f"error: {message.format(folder=tmp_path)}")
    assert told[1:] == ([] if hint is None else [f"hint: {hint}"])
    assert state(tmp_path) == before


def test_a_profile_is_refused_with_the_place_of_each_error(tmp_path: Path) -> None:
    put(tmp_path, {"app.py": CALL, "typo.toml": 'extends = "qwen"\n[regoins]\n[models]\nm = 1\n'})
    ended = in_both_languages(tmp_path, "scan", "--to", "typo.toml")
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.splitlines() == [
        "error: typo.toml:2:2: unknown key 'regoins'",
        "2 | [regoins]",
        "  |  ^^^^^^^",
        "  = did you mean 'regions'?",
        "",
        "typo.toml:4:5: expected table, found int",
        "4 | m = 1",
        "  |     ^",
    ]


@pytest.mark.parametrize(
    ("pyproject", "message", "hint"),
    [
        (b"[tool\n", "pyproject.toml is not valid TOML: Expected ']' at the end of a table declaration (at", None),
        (
            b'[tool.llm-migrate]\nexlude = ["x"]\n',
            "pyproject.toml: unknown key 'exlude' in [tool.llm-migrate]",
            "did you",
        ),
        (b"[tool.llm-migrate]\nto = 1\n", "pyproject.toml: tool.llm-migrate.to must be a string", None),
        (b'[tool.llm-migrate]\nto = "qwne"\n', "pyproject.toml: unknown provider 'qwne'", "did you mean 'qwen'?"),
        (b'[tool.llm-migrate]\nto = "gone.toml"\n', "pyproject.toml: cannot read ", "check the spelling"),
        (b'[tool.llm-migrate]\nselect = ["nonsense"]\n', "pyproject.toml: no rule is called 'nonsense'", None),
        (b"# caf\xe9\n", "pyproject.toml is not valid UTF-8", None),
    ],
)
def test_configuration_that_is_wrong(pyproject: bytes, message: str, hint: str | None, tmp_path: Path) -> None:
    put(tmp_path, {"app.py": CALL, "pyproject.toml": pyproject})
    ended = in_both_languages(tmp_path, "scan")
    told = ended.err.splitlines()
    assert (ended.code, ended.out) == (2, "")
    assert told[0].startswith(f"error: {message}")
    assert len(told) == (1 if hint is None else 2)
    assert told[-1].startswith("error: " if hint is None else f"hint: {hint}")


@pytest.mark.parametrize("key_env", ['X"]; print("owned") #', "X Y", ""])
def test_a_profile_cannot_smuggle_code(key_env: str, tmp_path: Path) -> None:
    put(
        tmp_path,
        {
            "app.py": CALL,
            "evil.toml": 'id = "evil"\nname = { en = "Evil", zh = "Evil" }\n'
            '[sources]\ns = { title = "t", date = "2026" }\n'
            f"[regions]\nx = {{ base_url = 'https://h/v1', key_env = '{key_env}', name = {{ en = \"X\", zh = \"X\" }}, "
            'source = "s", checked = 2026-01-01, confidence = "source" }\n',
        },
    )
    ended = called(tmp_path, "rewrite", "--to", "evil.toml")
    assert ended.code == 2
    assert ended.err.startswith("error: ")
    assert (tmp_path / "app.py").read_text() == CALL


# Files that cannot be read

NULLS = b"import openai\0\1\2"
DEEP = CALL + "x = " + "(" * 3000 + "1" + ")" * 3000 + "\n"
UNREADABLE: Mapping[str, tuple[str, bytes, str]] = {
    "syntax": ("a.py", b"import openai\ndef f(:\n", "not valid Python: line 2: "),
    "python-2": ("a.py", b"import openai\nprint 'hello'\n", "not valid Python: line 2: "),
    "not-utf-8": ("a.py", b"import openai\n# caf\xe9\n", "not valid utf-8: byte 0xe9 in line 2"),
    "utf-16": ("a.py", CALL.encode("utf-16"), "the file is UTF-16; save it as UTF-8"),
    "unknown-encoding": ("a.py", b"# coding: klingon\nimport openai\n", "the encoding of the file is unclear: "),
    "binary": ("a.py", NULLS, "not a text file: it holds null bytes"),
    "parentheses": ("a.py", DEEP.encode(), "not valid Python: line 5: too many nested parentheses"),
    "sum": ("a.py", (CALL + "x = " + "+".join("1" * 30000) + "\n").encode(), "nested too deeply to be read"),
    "attributes": ("a.py", (CALL + "client" + ".chat" * 5000 + "\n").encode(), "nested too deeply to be read"),
    "broken-json": ("a.ipynb", b'{"cells": ["import openai\\n"', "not valid JSON: line 1, column "),
    "no-notebook": ("a.ipynb", b'["import openai\\n"]', "not a notebook: its JSON is no object"),
    "broken-cell": ("a.ipynb", notebook("import openai\ndef f(:\n").encode(), "cell 1 is not valid Python: "),
    "broken-dotenv": (".env", b"OPENAI_API_KEY=\xff\xfe\n", "not valid utf-8: byte 0xff in line 1"),
}


def test_files_that_cannot_be_read_are_named_and_left_alone(tmp_path: Path) -> None:
    bad = {f"{name}/{path}": data for name, (path, data, _) in UNREADABLE.items()}
    put(tmp_path, bad)
    ended = in_both_languages(tmp_path, "scan")
    *warnings, summary, advice = ended.err.splitlines()
    reasons = {f"{name}/{path}": reason for name, (path, _, reason) in UNREADABLE.items()}
    for warning, path in zip(warnings, sorted(bad), strict=True):
        assert warning.startswith(f"warning: skipped {path}: {reasons[path]}")
    assert summary == f"nothing left to do in what could be read; {len(bad)} files could not"
    assert advice == "next: --exclude PATTERN leaves out what is not to be read"
    assert (ended.code, ended.out) == (2, "")
    assert llm_migrate(tmp_path, "rewrite", "--to", "qwen").code == 2
    assert state(tmp_path) == bad

    put(tmp_path, {"app.py": CALL})
    scan = llm_migrate(tmp_path, "scan", "--format", "json")
    assert scan.code == 1, "findings come before what could not be read"
    assert {f["path"] for f in scan.json["findings"]} == {"app.py"}
    assert [s["path"] for s in scan.json["skipped"]] == sorted(bad)
    rewrite = llm_migrate(tmp_path, "rewrite", "--to", "qwen")
    assert rewrite.code == 2, "all that could be read is settled"
    now = state(tmp_path)
    assert {path: now[path] for path in bad} == bad
    assert b"DASHSCOPE_API_KEY" in now["app.py"]


NEWER = [
    ("type Name = str\n", "3.12"),
    ("def first[T](xs: list[T]) -> T: ...\n", "3.12"),
    ("class Desk[T]: ...\n", "3.12"),
    ('x = f"{d["m"]}"\n', "3.12"),
    ("x = f'{\"\\n\".join(d)}'\n", "3.12"),
    ('x = f"{\n    d\n}"\n', "3.12"),
    ("try:\n    pass\nexcept* ValueError:\n    pass\n", "3.11"),
    ("try:\n    pass\nexcept ValueError, TypeError:\n    pass\n", "3.14"),
    ('x = t"hello {d}"\n', "3.14"),
]


@pytest.mark.parametrize(("code", "version"), NEWER)
def test_code_for_a_newer_python_is_told_from_broken_code(code: str, version: str) -> None:
    try:
        ast.parse(code)
    except SyntaxError as error:
        said = str(fault(error))
        assert f"it may be for Python {version}: run llm-migrate with that" in said, said
    else:
        assert sys.version_info[:2] >= tuple(map(int, version.split(".")))


@pytest.mark.parametrize("code", ["print 'isn\\'t'\n", "raise Error, 'x'\n", "def f(:\n", "x = (\n"])
def test_code_that_no_python_reads_is_called_broken(code: str) -> None:
    with pytest.raises(SyntaxError) as caught:
        ast.parse(code)
    assert fault(caught.value) == caught.value.msg


@pytest.mark.parametrize(
    "path", [f"{name}/{UNREADABLE[name][0]}" for name in ("syntax", "utf-16", "broken-json", "broken-dotenv")]
)
def test_a_named_file_that_cannot_be_read(path: str, tmp_path: Path) -> None:
    put(tmp_path, {path: UNREADABLE[path.partition("/")[0]][1], "app.py": CALL})
    ended = in_both_languages(tmp_path, "scan", path)
    name = Path(path).name  # the root is the folder of the file
    assert ended.err.startswith(f"warning: skipped {name}: ")
    assert (ended.code, ended.out) == (2, "")


# Files that are unusual

UNUSUAL: Mapping[str, tuple[bytes, bytes]] = {
    "cr": (CALL.replace("\n", "\r").encode(), b"\r"),
    "crlf": (CALL.replace("\n", "\r\n").encode(), b"\r\n"),
    "bom": (b"\xef\xbb\xbf" + CALL.encode(), b"\n"),
    "latin_1": (b"# -*- coding: latin-1 -*-\n# caf\xe9\n\n" + CALL.encode(), b"\n"),
    "no_last_newline": (CALL.rstrip("\n").encode(), b"\n"),
    "form_feed": (CALL.replace("\n", "\n\f\n").encode(), b"\n"),
    "two_megabytes": (CALL.encode() + b"# openai padding padding padding padding\n" * 52_000, b"\n"),
}
MOVED = b'OpenAI(base_url="https://dashscope.aliyuncs.com/compatible-mode/v1", api_key=os.environ["DASHSCOPE_API_KEY"])'


def test_unusual_files_keep_what_is_unusual(tmp_path: Path) -> None:
    before = {f"{name}.py": data for name, (data, _) in UNUSUAL.items()}
    put(tmp_path, before)
    scan = llm_migrate(tmp_path, "scan", "--format", "json")
    places = {(f["path"], f["line"]) for f in scan.json["findings"] if f["code"] == "LM101"}
    assert places == {
        (f"{name}.py", data[: data.index(b"OpenAI()")].count(newline) + 1) for name, (data, newline) in UNUSUAL.items()
    }
    rewrite = llm_migrate(tmp_path, "rewrite", "--to", "qwen")
    assert rewrite.code == 0, rewrite
    for name, (data, newline) in UNUSUAL.items():
        after = data.replace(b"from", b"import os" + 2 * newline + b"from").replace(b"OpenAI()", MOVED)
        assert (tmp_path / f"{name}.py").read_bytes() == after.replace(b"gpt-4o", b"qwen-plus"), name
    assert llm_migrate(tmp_path, "undo").code == 0
    assert state(tmp_path) == before


def test_empty_and_foreign_files_are_nothing_to_do(tmp_path: Path) -> None:
    put(tmp_path, {"empty.py": b"", "blank.py": b"\n \n", "mark.py": b"\xef\xbb\xbf", "e.ipynb": b"", ".env": b""})
    put(tmp_path, {"data.py": bytes(range(256)), "deep.py": "x = " + "(" * 3000 + ")" * 3000})
    ended = in_both_languages(tmp_path, "scan")
    assert (ended.code, ended.out, ended.err) == (0, "", "no use of OpenAI found\n")


def test_a_named_file_of_another_kind_is_mentioned(tmp_path: Path) -> None:
    put(tmp_path, {"notes.txt": "openai"})
    ended = in_both_languages(tmp_path, "scan", "notes.txt")
    assert ended.err == "warning: skipped notes.txt: not a kind of file that is migrated\nno use of OpenAI found\n"
    assert ended.code == 0


# Links and folders


@posix
def test_links(tmp_path: Path) -> None:
    root = put(tmp_path / "root", {"app.py": CALL, "sub/x.py": ""})
    outside = put(tmp_path / "outside", {"secret.py": CALL})
    (root / "loop.py").symlink_to("loop.py")
    (root / "dangling.py").symlink_to("nowhere.py")
    (root / "sub" / "up").symlink_to("..")
    (root / "out.py").symlink_to(outside / "secret.py")
    (root / "out").symlink_to(outside)
    (root / "folder.py").mkdir()
    scan = called(root, "scan", "--format", "json")
    assert {f["path"] for f in scan.json["findings"]} == {"app.py"}
    assert [s["path"] for s in scan.json["skipped"]] == ["out.py"]
    assert scan.code == 1
    assert called(root, "rewrite", "--to", "qwen").code == 0, "what lies outside is no business of ours"
    assert state(outside) == {"secret.py": CALL.encode()}
    for name in ("loop.py", "dangling.py"):
        refused(in_both_languages(root, "scan", name), f"no such file or folder: {name}")
    named = in_both_languages(root, "scan", "out.py")
    assert named.err == "warning: skipped out.py: a link to a file outside the project\nno use of OpenAI found\n"
    assert called(root, "scan", "folder.py").code == 0


@pytest.fixture(scope="session")
def bound() -> tuple[str, ...]:
    """What makes a command obey mode bits: for root, giving up the right not to."""
    if sys.platform == "win32":
        pytest.skip("Windows has no mode bits")
    if os.getuid() != 0:
        return ()
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        pytest.skip("root reads everything, and setpriv is not there")
    command = (setpriv, f"--bounding-set={DROP}", f"--inh-caps={DROP}")
    if subprocess.run([*command, "true"], capture_output=True, check=False).returncode != 0:
        pytest.skip("root reads everything, and may not give that up here")
    return command


@contextmanager
def mode(place: Path, bits: int) -> Iterator[None]:
    before = place.stat().st_mode
    place.chmod(bits)
    try:
        yield
    finally:
        place.chmod(before)


def test_a_file_without_permission(bound: tuple[str, ...], tmp_path: Path) -> None:
    put(tmp_path, {"a.py": CALL, "sub/b.py": CALL})
    with mode(tmp_path / "a.py", 0), mode(tmp_path / "sub", 0):
        ended = llm_migrate(tmp_path, "scan", through=bound)
        refused_profile = llm_migrate(tmp_path, "scan", "--to", "a.toml", through=bound)
    assert ended.err.splitlines() == [
        "warning: skipped a.py: cannot be read: Permission denied",
        "warning: skipped sub: the folder cannot be read: Permission denied",
        "nothing left to do in what could be read; 2 files could not",
        "next: --exclude PATTERN leaves out what is not to be read",
    ]
    assert ended.code == 2
    assert refused_profile.code == 2


def test_a_named_path_without_permission(bound: tuple[str, ...], tmp_path: Path) -> None:
    put(tmp_path, {"a.py": CALL, "sub/b.py": CALL})
    with mode(tmp_path / "a.py", 0), mode(tmp_path / "sub", 0):
        file, folder, inside = (
            llm_migrate(tmp_path, "scan", name, through=bound) for name in ("a.py", "sub", "sub/b.py")
        )
    assert file.err.startswith("warning: skipped a.py: cannot be read: Permission denied\n")
    assert file.code == 2
    refused(folder, "cannot read sub: Permission denied")
    refused(inside, "cannot read sub/b.py: Permission denied")


def test_a_folder_that_cannot_be_written(bound: tuple[str, ...], tmp_path: Path) -> None:
    put(tmp_path, {"a.py": CALL, "sub/b.py": CALL})
    before = state(tmp_path)
    with mode(tmp_path / "sub", 0o555):
        refused(
            llm_migrate(tmp_path, "rewrite", "--to", "qwen", through=bound),
            f"cannot write {tmp_path.resolve() / 'sub/b.py'}: Permission denied",
            "the files written before it were put back",
        )
    assert state(tmp_path) == before, "not even the journal is left"
    with mode(tmp_path, 0o555):
        refused(
            llm_migrate(tmp_path, "rewrite", "--to", "qwen", through=bound),
            f"cannot write {tmp_path.resolve() / '.llm-migrate'}: Permission denied",
            "no file was changed",
        )
    assert state(tmp_path) == before


def test_no_place_for_the_journal(tmp_path: Path) -> None:
    put(tmp_path, {"a.py": CALL, ".llm-migrate": "not a folder"})
    before = state(tmp_path)
    refused(
        in_both_languages(tmp_path, "rewrite", "--to", "qwen"),
        f"cannot write {tmp_path.resolve() / '.llm-migrate'}: File exists",
        "no file was changed",
    )
    assert state(tmp_path) == before


# Undo


def test_undo_after_a_change(tmp_path: Path) -> None:
    put(tmp_path, {"a.py": CALL, "b.py": CALL})
    assert called(tmp_path, "rewrite", "--to", "qwen").code == 0
    (tmp_path / "a.py").write_text("mine\n")
    before = state(tmp_path)
    refused(
        in_both_languages(tmp_path, "undo"),
        "changed since the rewrite, nothing was taken back: a.py",
        "--force takes them back all the same",
    )
    assert state(tmp_path) == before
    forced = called(tmp_path, "undo", "--force")
    assert (forced.code, forced.out) == (0, "a.py\nb.py\n")
    assert state(tmp_path) == {"a.py": CALL.encode(), "b.py": CALL.encode()}


def test_undo_with_a_damaged_journal(tmp_path: Path) -> None:
    put(tmp_path, {"a.py": CALL})
    assert called(tmp_path, "rewrite", "--to", "qwen").code == 0
    (tmp_path / ".llm-migrate/runs/1/journal.json").write_text("{")
    before = state(tmp_path)
    refused(
        in_both_languages(tmp_path, "undo"),
        "the journal .llm-migrate/runs/1 is damaged; nothing was changed",
        "the bytes that the files had lie in that folder, numbered",
    )
    assert state(tmp_path) == before


# Endpoints


@contextmanager
def server(status: int, kind: str, body: bytes) -> Iterator[str]:
    """Answer every request alike."""

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            self.rfile.read(int(self.headers.get("content-length") or 0))
            self.send_response(status)
            self.send_header("content-type", kind)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = answer  # noqa: N815 (names of http.server)

        def log_message(self, format: str, *args: object) -> None:
            pass

    listening = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.server_port}/v1"
    finally:
        listening.shutdown()
        thread.join()
        listening.server_close()


@pytest.mark.parametrize(
    ("status", "kind", "body", "told"),
    [
        (200, "text/html", b"<html><body>Welcome</body></html>", "web page"),
        (200, "application/json", b"{", "JSON"),
        (401, "application/json", b'{"error": {"message": "bad key", "code": "invalid_api_key"}}', "bad key"),
        (200, "text/plain", b"", ""),
    ],
    ids=["web-page", "half-json", "no-key", "nothing"],
)
def test_an_endpoint_that_is_none(status: int, kind: str, body: bytes, told: str, tmp_path: Path) -> None:
    put(tmp_path, {"a.py": CALL})
    with server(status, kind, body) as url:
        command = ("check", "a.py", "--to", "qwen", "--base-url", url)
        ended = llm_migrate(tmp_path, *command)
        chinese = llm_migrate(tmp_path, *command, env={"LLM_MIGRATE_LANG": "zh"})  # its report wraps at other places
    assert ended.code == chinese.code != 0, ended
    assert told in ended.out + ended.err


def test_a_key_that_is_none(tmp_path: Path) -> None:
    ended = in_both_languages(tmp_path, "check", "--to", "qwen", env={"DASHSCOPE_API_KEY": "sk-…"})
    refused(
        ended,
        "the API key holds characters that no HTTP header can carry",
        "look for line breaks, blanks or full-width characters around the key",
    )


# Standard output


@posix
def test_the_reader_goes_away(tmp_path: Path) -> None:
    put(tmp_path, {"a.py": CALL + "client.chat.completions.create(model='gpt-4o', messages=[])\n" * 4000})
    script = f'"{COMMAND}" scan | head -1; exit "${{PIPESTATUS[0]}}"'
    done = subprocess.run(["bash", "-c", script], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.stdout == "a.py:3:10 LM101 OpenAI client\n"
    assert done.returncode == 1
    assert done.stderr.splitlines()[0] == "8003 findings in 1 file"


@posix
def test_no_standard_output(tmp_path: Path) -> None:
    put(tmp_path, {"a.py": CALL})
    for arguments, code in ((["scan"], 1), (["rewrite", "--to", "qwen", "--diff"], 1), (["--version"], 0)):
        closed = llm_migrate(tmp_path, *arguments, through=("sh", "-c", 'exec "$@" >&-', "sh"))
        assert (closed.code, closed.out) == (code, "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk(tmp_path: Path) -> None:
    put(tmp_path, {"a.py": CALL})
    for arguments in (["scan"], ["rewrite", "--to", "qwen", "--diff"]):
        full = llm_migrate(tmp_path, *arguments, through=("sh", "-c", 'exec "$@" >/dev/full', "sh"))
        assert full.code == 2
        assert "error: cannot write to standard output: No space left on device\n" in full.err


@pytest.mark.parametrize("command", ["scan", "rewrite", "check", "compare"])
@pytest.mark.parametrize(("word", "hint"), [("qwen", "--to qwen"), ("dashscope", "--to qwen"), ("qwne", "spelling")])
def test_a_provider_that_is_given_as_a_path(tmp_path: Path, command: str, word: str, hint: str) -> None:
    ended = called(tmp_path, command, word)
    assert ended.code == 2
    assert f"no such file or folder: {word}" in ended.err
    assert hint in ended.err.partition("hint: ")[2]


def test_a_check_of_code_that_asks_another_provider_says_whom(tmp_path: Path) -> None:
    code = 'from openai import OpenAI\n\nclient = OpenAI(base_url="https://api.deepseek.com")\nclient.models.list()\n'
    put(tmp_path, {"a.py": code})
    ended = called(tmp_path, "check", ".", "--to", "qwen", "--list")
    assert ended.code == 1, "nothing is proved"
    assert ended.err.splitlines() == [
        "nothing in this code asks Alibaba Cloud Qwen, so nothing is proved: it asks api.deepseek.com",
        "next: llm-migrate check . --to deepseek asks there; "
        "llm-migrate rewrite . --from deepseek --to qwen --diff shows what moves it",
    ]
    put(tmp_path, {"a.py": code.replace("api.deepseek.com", "llm.example.com/v1")})
    ended = called(tmp_path, "check", ".", "--to", "qwen", "--list")
    assert (ended.code, len(ended.err.splitlines())) == (1, 1), "whose host it is nobody knows"
    put(tmp_path, {"a.py": "from openai import OpenAI\n"})
    ended = called(tmp_path, "check", ".", "--to", "qwen", "--list")
    assert (ended.code, ended.err.strip()) == (0, "nothing in this code needs an endpoint")


def test_a_model_that_is_mistyped_in_map_is_told_of(tmp_path: Path) -> None:
    put(tmp_path, {"a.py": CALL})
    for command in (["scan"], ["rewrite", "--diff"]):
        ended = called(tmp_path, *command, "--to", "qwen", "--map", "gpt4o=qwen-max", "--map", "gpt-4o=qwen-plsu")
        assert [line for line in ended.err.splitlines() if line.startswith("warning: --map")] == [
            "warning: --map gpt4o=qwen-max: nothing here names gpt4o",
            "warning: --map gpt-4o=qwen-plsu: qwen-plsu is no model that is known; did you mean 'qwen-plus'?",
        ]
        ended = called(tmp_path, *command, "--to", "qwen", "--map", "gpt-4o=my-own-deployment")
        assert "warning: --map" not in ended.err
