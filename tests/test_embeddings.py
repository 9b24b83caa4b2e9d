"""Embeddings: a provider of their own, pieces that are short enough, and what must be built anew."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import cases
from llm_codemods import transform, vectors
from llm_codemods.edits import Span
from llm_codemods.operations import (
    CallThrough,
    Change,
    CopyBeside,
    DefaultArgument,
    Definition,
    DeriveClient,
    Fix,
    Operation,
    RemoveArgument,
    RenameClient,
    SetArgument,
)
from llm_codemods.profile import ProfileError, find
from llm_codemods.source import decode
from llm_codemods.target import aim, embedders, has_embeddings, with_embeddings
from llm_codemods.text import text
from terminal import llm_migrate

BOTH = b"""from openai import OpenAI

client = OpenAI()
answer = client.chat.completions.create(model="gpt-4o", messages=[])
vector = client.embeddings.create(model="text-embedding-3-small", input="tug")
"""
PATH = "embeddings.create"


def fixed(
    code: str, place: str, *operations: Operation, definitions: tuple[Definition, ...] = ()
) -> transform.Rewritten:
    """Return the code after the operations on the expression ``place``."""
    start = code.index(place)
    fix = Fix(text("it"), (Change(Span(start, start + len(place)), operations),), definitions=definitions)
    return transform.rewrite(code, [fix])


def test_second_provider() -> None:
    deepseek, qwen = aim(find("deepseek")), aim(find("qwen"))
    assert not has_embeddings(deepseek.profile)
    both = with_embeddings(deepseek, qwen)
    assert both.embeddings is not None
    assert (both.embeddings.key_env, both.embeddings.main) == ("DASHSCOPE_API_KEY", deepseek)
    assert with_embeddings(qwen, qwen) == with_embeddings(qwen, None) == qwen
    with pytest.raises(ProfileError) as raised:
        with_embeddings(qwen, deepseek)
    assert all(id in str(raised.value.hint) for id in embedders())
    assert all(has_embeddings(find(id)) for id in embedders(5))


@pytest.mark.parametrize(
    ("place", "new"),
    [
        ("client.embeddings.create(input=x)", "second.embeddings.create(input=x)"),
        ("self.client.embeddings.create(input=x)", "self.second.embeddings.create(input=x)"),
        ("client.embeddings.create", "second.embeddings.create"),
    ],
)
def test_another_client(place: str, new: str) -> None:
    assert fixed(f"y = {place}\n", place, RenameClient(PATH, "second")).text == f"y = {new}\n"


@pytest.mark.parametrize("place", ["create(input=x)", "resource.create(input=x)", "make().embeddings.create(input=x)"])
def test_client_without_a_name(place: str) -> None:
    assert fixed(f"y = {place}\n", place, RenameClient(PATH, "second")).refused


def test_derived_client() -> None:
    place = "(a or b).embeddings.create(input=x)"
    made = fixed(f"y = {place}\n", place, DeriveClient(PATH, (("base_url", "'u'"), ("api_key", "k"))))
    assert made.text == "y = (a or b).with_options(base_url='u', api_key=k).embeddings.create(input=x)\n"


@pytest.mark.parametrize(
    ("code", "new"),
    [
        ("client = OpenAI(project='p')  # ours\n", "second = OpenAI(base_url='u')"),
        (
            "class A:\n    def f(self):\n        self.client = OpenAI(project='p')\n",
            "        self.second = OpenAI(base_url='u')",
        ),
        ("client: OpenAI = OpenAI(project='p')\n", "second = OpenAI(base_url='u')"),
    ],
)
def test_copy_beside(code: str, new: str) -> None:
    copied = CopyBeside("second", (SetArgument("base_url", "'u'"), RemoveArgument("project")))
    assert fixed(code, "OpenAI(project='p')", copied).text == f"{code}{new}\n"


@pytest.mark.parametrize(
    "code",
    ["a, b = OpenAI(), 1\n", "a = b = OpenAI()\n", "use(OpenAI())\n", "a = OpenAI(); use(a)\n", "if x: a = OpenAI()\n"],
)
def test_no_place_for_a_copy(code: str) -> None:
    made = fixed(code, "OpenAI()", CopyBeside("second", ()))
    assert (made.text, len(made.refused)) == (code, 1)


HELPER = Definition("through", "def through(create, **options):\n    return create(**options)")


def test_function_is_put_in_once() -> None:
    head = "import os\n\nclient = OpenAI()\n\n\n# what calls\ndef f(x):\n"
    code = head + "    return client.embeddings.create(\n        input=x,\n    )\n"
    place = "client.embeddings.create(\n        input=x,\n    )"
    made = fixed(code, place, CallThrough("through"), definitions=(HELPER,))
    called = "through(\n        client.embeddings.create,\n        input=x,\n    )"
    assert made.text == code.replace("# what", HELPER.code + "\n\n\n# what").replace(place, called)
    again = fixed(made.text + f"y = {place}\n", place, CallThrough("through"), definitions=(HELPER,))
    assert again.text.count("def through") == 1
    assert not again.refused


def test_function_makes_the_call_once() -> None:
    code = "y = through(client.embeddings.create, input=x)\n"
    assert fixed(code, code[4:-1], CallThrough("through")).text == code


def test_name_of_the_function_is_taken() -> None:
    code = "through = 1\ny = client.embeddings.create(input=x)\n"
    made = fixed(code, "client.embeddings.create(input=x)", CallThrough("through"), definitions=(HELPER,))
    assert (made.text, len(made.refused)) == (code, 1)


@pytest.mark.parametrize(
    ("place", "new"),
    [
        ("f(a=1, **more)", 'f(a=1, **{"n": 1, **more})'),
        ("f(**(a or b))", 'f(**{"n": 1, **(a or b)})'),
        ("f(**{'b': 2})", "f(**{'n': 1, 'b': 2})"),
    ],
)
def test_default_behind_a_mapping(place: str, new: str) -> None:
    assert fixed(f"{place}\n", place, DefaultArgument("n", "1")).text == f"{new}\n"


@pytest.mark.parametrize("place", ["f(**a, **b)", "f(n=2, **a)", "f(a)"])
def test_no_default_behind_a_mapping(place: str) -> None:
    assert fixed(f"{place}\n", place, DefaultArgument("n", "1")).refused


@pytest.mark.parametrize(
    ("line", "size"),
    [
        ("EMBEDDING_DIM = 1536", 1536),
        ("vector_size: int = 3072", 3072),
        ('"dimension": 1536', 1536),
        ("create table t (v vector(1536))", 1536),
        ("Column(HALFVEC(3072))", 3072),
        ("faiss.IndexFlatL2(1536)", 1536),
        ("Chroma(persist_directory='db')", None),
        ("FAISS.load_local('x')", None),
        ("pickle.load(open('data/embeddings.pkl', 'rb'))", None),
    ],
)
def test_vectors_are_kept(line: str, size: int | None) -> None:
    data = f"first\n{line}\n".encode()
    (site,) = vectors.sites(decode("a.py", data))
    assert (site.size, site.span.start >= len("first\n")) == (size, True)
    assert vectors.may_keep(data)


@pytest.mark.parametrize(
    "line",
    [
        "width = 1536",
        "dim = 1537",
        "# dim = 1536",
        "x = 1  # dim = 1536",
        "c.embeddings.create(input=f(x), dimensions=1536)",
    ],
)
def test_nothing_is_kept(line: str) -> None:
    assert list(vectors.sites(decode("a.py", line.encode()))) == []


def test_option_and_setting(tmp_path: Path) -> None:
    cases.write(tmp_path, {"main.py": BOTH})
    assert "--embeddings qwen" in llm_migrate(tmp_path, "scan", "--to", "deepseek").out
    by_option = llm_migrate(tmp_path, "rewrite", "--to", "deepseek", "--embeddings", "qwen", "--diff")
    setting = b'[tool.llm-migrate]\nto = "deepseek"\nembeddings = "qwen"\n'
    cases.write(tmp_path, {"pyproject.toml": setting})
    by_setting = llm_migrate(tmp_path, "rewrite", "--diff")
    assert "+embeddings_client = OpenAI(base_url=" in by_option.out == by_setting.out


@pytest.mark.parametrize(
    ("name", "said"),
    [("moonshot", "error: provider 'moonshot' has no embeddings\n"), ("qwem", "did you mean 'qwen'?")],
)
def test_wrong_second_provider(name: str, said: str, tmp_path: Path) -> None:
    cases.write(tmp_path, {"main.py": BOTH})
    for command in ("scan", "rewrite"):
        ended = llm_migrate(tmp_path, command, "--to", "deepseek", "--embeddings", name)
        assert ended.code == 2
        assert said in ended.err
        assert "hint: " in ended.err


def test_rewrite_says_what_is_next(tmp_path: Path) -> None:
    cases.write(tmp_path, {"main.py": BOTH, "table.sql": b"create table t (v vector(1536));\n"})
    ended = llm_migrate(tmp_path, "rewrite", "--to", "deepseek", "--embeddings", "qwen")
    assert "rebuild every index" in ended.err
    assert ended.out.count("main.py:3 OpenAI") == 2, "the client and the one beside it"
    assert "table.sql:1" in ended.err
    assert "DEEPSEEK_API_KEY, DASHSCOPE_API_KEY: llm-migrate check . --to deepseek" in ended.err
    assert "--embeddings qwen" in ended.err.rpartition("llm-migrate check")[2]


def test_check_asks_both(tmp_path: Path) -> None:
    cases.write(tmp_path, {"main.py": BOTH})
    ended = llm_migrate(
        tmp_path, "check", ".", "--to", "deepseek", "--embeddings", "qwen", "--list", "--format", "json"
    )
    document = json.loads(ended.out)
    assert (document["provider"], document["embeddings"]["provider"]) == ("deepseek", "qwen")
    first, second = ({row["feature"] for row in part["requests"]} for part in (document, document["embeddings"]))
    assert "chat" in first
    assert "chat" not in second
    assert not any("embeddings" in feature for feature in first)
    assert "embeddings" in second
