"""Comments that silence findings; the cases under ``fixtures/rules/unused-ignore`` show what they do to a file."""

from __future__ import annotations

from pathlib import Path

import pytest

from llm_codemods import suppressions
from llm_codemods.source import decode
from terminal import CALL, Ended, called, in_both_languages, notebook, put

CLIENT = "from openai import OpenAI\n\nclient = OpenAI()"


def lines(content: str, *, path: str = "a.py") -> list[tuple[int, int | None, list[str] | None]]:
    """Return of each comment the lines that it speaks of, and its words."""
    source = decode(path, content.encode())
    return [
        (found.starts, found.ends, None if found.words is None else [word for word, _ in found.words])
        for found in suppressions.read(source, is_python=path.endswith((".py", ".ipynb")))
    ]


@pytest.mark.parametrize(
    ("comment", "words"),
    [
        ("# llm-migrate: ignore", None),
        ("#llm-migrate:ignore", None),
        ("# llm-migrate: ignore until March", None),
        ("# llm-migrate: ignore: they know", None),
        ("# llm-migrate: ignore[LM101]", ["LM101"]),
        ("# llm-migrate: ignore [LM1, model-name] for now", ["LM1", "model-name"]),
        ("# type: ignore  # llm-migrate: ignore[lm101,lm2]", ["lm101", "lm2"]),
    ],
)
def test_forms(comment: str, words: list[str] | None) -> None:
    assert lines(f"x = 1  {comment}\ny = 2\n") == [(1, 1, words)]
    assert lines(f"x = 1\r\ny = '漢'  {comment}\r\n") == [(2, 2, words)]


@pytest.mark.parametrize(
    "text",
    [
        "x = '# llm-migrate: ignore'\n",
        'x = """\n# llm-migrate: ignore\n"""\n',
        "x = 1  # my-llm-migrate: ignore\n",
        "x = 1  # llm-migrate: keep\n",
        "# use llm-migrate: ignore\n",
    ],
)
def test_what_is_no_such_comment(text: str) -> None:
    assert lines(text) == []


@pytest.mark.parametrize(
    "comment",
    [
        "# llm-migrate ignore",
        "# LLM_Migrate: ignored",
        "# llm-migrate: ignore-next",
        "# noqa: llmmigrate",
        "# llm-migrate：ignore",
    ],
)
def test_a_mistyped_comment_silences_nothing_and_is_told_of(comment: str, tmp_path: Path) -> None:
    ended = run(tmp_path, f"{CLIENT}  {comment}\n", "--to", "qwen")
    assert [code for code, _, _ in found(ended)] == ["LM101", "LM902"]
    assert "write it as llm-migrate: ignore[CODE]" in ended.out


@pytest.mark.parametrize(
    "comment", ["# moved by llm-migrate, ignore it", "# llm-migrate ignores this", "# llm-migrate: see #12"]
)
def test_a_sentence_about_us_is_no_such_comment(comment: str) -> None:
    assert lines(f"x = 1  {comment}\n") == []


def test_a_comment_of_its_own_speaks_of_the_next_line_of_code() -> None:
    assert lines("# llm-migrate: ignore\n# more\n\nx = 1\n") == [(4, None, None)]
    assert lines("def f():\n    # noqa  # llm-migrate: ignore\n    x = 1\n") == [(3, None, None)]
    assert lines("x = 1\n# llm-migrate: ignore\n# the end\n") == [(2, None, None)]
    cells = notebook("x = 1\n# llm-migrate: ignore", "y = 1\n")
    assert lines(cells, path="a.ipynb") == [(2, None, None)], "not of the next cell"


def test_other_files_have_comments_too() -> None:
    assert lines("A=1 # llm-migrate: ignore\n; llm-migrate: ignore\nB=2\n", path="x.ini") == [
        (1, 1, None),
        (3, None, None),
    ]
    assert lines("<!-- llm-migrate: ignore[LM8] -->\ntext\n", path="x.md") == [(2, None, ["LM8"])]


def run(folder: Path, code: str, *arguments: str) -> Ended:
    put(folder, {"a.py": code})
    return called(folder, "scan", "--format", "json", *arguments)


def found(ended: Ended) -> list[tuple[str, int, str]]:
    """Return what is reported, without the imports, which are always ready."""
    return [(f["code"], f["line"], f["api"]) for f in ended.json["findings"] if f["code"] != "LM104"]


def test_suppressed_findings_are_counted_and_not_shown(tmp_path: Path) -> None:
    put(tmp_path, {"a.py": f"{CLIENT}  # llm-migrate: ignore[LM101]\n"})
    ended = in_both_languages(tmp_path, "scan", "--format", "json")
    assert (ended.code, found(ended), ended.json["summary"]["suppressed"]) == (0, [], 1)
    text = in_both_languages(tmp_path, "scan")
    assert (text.code, text.out) == (0, "")
    assert text.err.splitlines() == ["nothing left to do", "left out: 1 by comments"]


@pytest.mark.parametrize("word", ["LM101", "lm1", "LM", "client-endpoint", "LM2, LM1"])
def test_rules_are_named_as_on_the_command_line(word: str, tmp_path: Path) -> None:
    ended = run(tmp_path, f"{CLIENT}  # llm-migrate: ignore[{word}]\n")
    assert "LM101" not in {code for code, _, _ in found(ended)}


def test_an_unused_comment_fails_the_scan(tmp_path: Path) -> None:
    ended = run(tmp_path, "x = 1  # llm-migrate: ignore[LM101]\n")
    assert ended.code == 1
    assert found(ended) == [("LM902", 1, "LM101")], "though nothing else in the file has to do with OpenAI"
    (finding,) = ended.json["findings"]
    assert (finding["column"], finding["end_column"], finding["kind"], finding["verdict"]) == (30, 35, "comment", None)
    (finding,) = run(tmp_path, "x = 1  # llm-migrate: ignore[LM101]\n", "--to", "qwen").json["findings"]
    assert finding["verdict"] == "manual"


def test_unknown_words_get_the_nearest(tmp_path: Path) -> None:
    put(tmp_path, {"a.py": "x = 1  # llm-migrate: ignore[client-endpiont, 漢字]\n"})
    ended = in_both_languages(tmp_path, "scan", "--quiet")
    assert ended.out.splitlines() == [
        "a.py:1:30 LM902 no rule is called 'client-endpiont'; did you mean 'client-endpoint'?",
        "a.py:1:47 LM902 no rule is called '漢字'",
    ]


def test_what_did_not_run_is_not_unused(tmp_path: Path) -> None:
    client = f"{CLIENT}  # llm-migrate: ignore[LM101]\n"
    assert found(run(tmp_path, client, "--ignore", "LM101")) == []
    assert found(run(tmp_path, client, "--select", "LM2")) == []
    assert found(run(tmp_path, client, "--select", "LM2", "--select", "LM902")) == []
    nothing = "x = 1  # llm-migrate: ignore[LM101]\ny = 1  # llm-migrate: ignore\n"
    assert len(found(run(tmp_path, nothing))) == 2
    assert found(run(tmp_path, nothing, "--ignore", "LM902")) == []
    assert found(run(tmp_path, nothing, "--ignore", "client-endpoint")) == [("LM902", 2, "ignore")]


def test_what_only_a_target_shows_is_not_unused_without_one(tmp_path: Path) -> None:
    call = 'client.chat.completions.create(model="gpt-4o", messages=[], logit_bias={})'
    code = f"{CLIENT}\n{call}  # llm-migrate: ignore[LM301]\n"
    assert "LM902" not in {c for c, _, _ in found(run(tmp_path, code))}
    moved = run(tmp_path, code, "--to", "qwen")
    assert moved.json["summary"]["suppressed"] == 1
    assert "LM902" not in {c for c, _, _ in found(moved)}
    fine = code.replace("logit_bias={}", "stop='x'")
    assert "LM902" not in {c for c, _, _ in found(run(tmp_path, fine))}, "it may be for another provider"
    assert ("LM902", 4, "LM301") in found(run(tmp_path, fine, "--to", "qwen"))


def test_the_rule_itself_is_not_silenced(tmp_path: Path) -> None:
    ended = run(tmp_path, "x = 1  # llm-migrate: ignore[LM902]  # llm-migrate: ignore\n")
    assert found(ended) == [("LM902", 1, "LM902"), ("LM902", 1, "ignore")]


def test_rewrite_obeys(tmp_path: Path) -> None:
    kept = CALL.replace("OpenAI()\n", "OpenAI()  # llm-migrate: ignore\n").replace(
        "}])\n", "}])  # llm-migrate: ignore\n"
    )
    put(tmp_path, {"a.py": kept})
    ended = called(tmp_path, "rewrite", "--to", "qwen", "--no-check")
    assert ended.code == 0
    assert (tmp_path / "a.py").read_text() == kept


def test_the_key_of_a_client_that_stays_is_not_taken_away(tmp_path: Path) -> None:
    code = (
        'import os\nfrom openai import OpenAI\n\nKEY = os.environ["OPENAI_API_KEY"]\n'
        "one = OpenAI(api_key=KEY)  # llm-migrate: ignore[LM101]\n"
    )
    put(tmp_path, {"a.py": code, ".env.example": "OPENAI_API_KEY=\n"})
    ended = called(tmp_path, "rewrite", "--to", "qwen", "--no-check")
    assert ended.code == 1
    assert (tmp_path / "a.py").read_text() == code
    assert (tmp_path / ".env.example").read_text() == "OPENAI_API_KEY=\n"
    assert "nothing that moves is seen to read it" in ended.out


def test_what_belongs_to_a_client_that_stays_is_silenced_with_it(tmp_path: Path) -> None:
    """In a scan, in a rewrite that has nothing left to do, and of no interest to the endpoint."""
    code = f"{CALL}other = OpenAI()\n".replace("OpenAI()\n", "OpenAI()  # llm-migrate: ignore\n", 1)
    put(tmp_path, {"a.py": code})
    scanned = called(tmp_path, "scan", "--to", "qwen", "--format", "json")
    assert [(f["code"], f["line"]) for f in scanned.json["findings"] if f["verdict"] != "ready"] == [("LM101", 5)]
    assert scanned.json["summary"]["suppressed"] == 1, "its call is fine where it is"
    assert called(tmp_path, "rewrite", "--to", "qwen", "--no-check").code == 0
    assert 'model="gpt-4o"' in (tmp_path / "a.py").read_text()
    assert called(tmp_path, "scan", "--to", "qwen").code == 0
    listed = called(tmp_path, "check", "--to", "qwen", "--list", "--format", "json", ".")
    assert "a.py" not in listed.out
