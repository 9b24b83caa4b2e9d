import ast
import json
import pickle
import random
import re
import warnings
from dataclasses import replace

import pytest

from llm_codemods.edits import Edit
from llm_codemods.lines import Lines
from llm_codemods.source import Cell, Position, Source, SourceError, decode, encode, position, rewrite, stored_line

PYTHON_FILES = {
    "empty": b"",
    "lf": b"a = 1\nb = f(a)\n",
    "crlf": b"a = 1\r\nb = f(a)\r\n",
    "cr": b"a = 1\rb = f(a)\rc = b",
    "mixed": b"a = 1\r\nb = f(a)\rc = b\nd = c\n\r\ne = d",
    "no final newline": b"a = 1\nb = f(a)",
    "only newline": b"\n",
    "bom": b"\xef\xbb\xbfa = 1\nb = f(a)\n",
    "bom and crlf": b"\xef\xbb\xbf# x\r\nb = f(a)\r\n",
    "bom alone": b"\xef\xbb\xbf",
    "bom and cookie": b"\xef\xbb\xbf# coding: utf-8\nb = f(a)\n",
    "latin-1": b"# -*- coding: latin-1 -*-\ns = '\xe9\xff'; t = f(s)\n",
    "latin-1 in line 2": b"#!/usr/bin/env python\r# vim: set fileencoding=latin-1 :\rs = '\xe9'; t = f(s)\n",
    "gbk": "# coding: gbk\ns = '你好'; t = f(s)\n".encode("gbk"),
    "shift-jis": "# coding: shift_jis\ns = 'ソ'; t = f(s)\n".encode("shift_jis"),
    "cp1252": b"# coding: cp1252\r\ns = '\x80'; t = f(s)\r\n",
    "form feed": b"a = 1\n\x0cb = f(a)\n\x0c\nclass C:\n    x = b\n",
    "vertical tab and separators": "s = 'a\x0bb\x1c\x1d\x85\u2028\u2029c'; t = f(s)\nu = t\n".encode(),
    "tabs": b"if a:\n\tb = f(a)\n\tif b:\n\t\tc = b\n",
    "multi-byte before the node": "名字 = '你好😀'; b = f(名字); é = 'e\u0301', b\n".encode(),
    "astral": "a = '😀😀'; b = ('𝒳', a, f(b))\nc = b\n".encode(),
    "triple quotes over lines": "a = f('''你\r\n好\r''', b); c = a\nd = c".encode(),
    "backslashes": b"a = b + \\\r\n    c\nd = \\\na\n",
    "escapes of surrogates": b"a = '\\ud800\\udc00'; b = f(a)\n",
    "comment only": "# 中文".encode(),
}


@pytest.mark.parametrize("data", PYTHON_FILES.values(), ids=PYTHON_FILES)
def test_bytes_come_back(data: bytes) -> None:
    source = decode("a.py", data)
    assert encode(source) == data
    assert "\ufeff" not in source.text
    assert pickle.loads(pickle.dumps(source)) == source


@pytest.mark.parametrize("data", PYTHON_FILES.values(), ids=PYTHON_FILES)
def test_names_stand_where_ast_says(data: bytes) -> None:
    source = decode("a.py", data)
    nodes = [node for node in ast.walk(ast.parse(source.code)) if isinstance(node, ast.expr)]
    assert nodes or not re.search(r"^\s*\w", source.text)
    for node in nodes:
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        start = source.lines.offset(node.lineno, node.col_offset)
        end = source.lines.offset(node.end_lineno, node.end_col_offset)
        if isinstance(node, ast.Name):
            assert source.text[start:end] == node.id
        else:
            assert ast.dump(ast.parse(f"({source.text[start:end]})", mode="eval").body) == ast.dump(node)


@pytest.mark.parametrize("data", PYTHON_FILES.values(), ids=PYTHON_FILES)
def test_lines_are_those_of_the_tokenizer(data: bytes) -> None:
    source = decode("a.py", data)
    unix = source.text.replace("\r\n", "\n").replace("\r", "\n")
    for offset in range(len(source.text) + 1):
        before = source.text[:offset].replace("\r\n", "\n").replace("\r", "\n")
        if source.text[offset - 1 : offset + 1] == "\r\n":  # inside of one newline
            continue
        expected = Position(before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1)
        assert position(source, offset) == expected
    assert len(source.lines.starts) == unix.count("\n") + 1


def test_random_bytes_come_back_or_are_refused() -> None:
    chosen = random.Random(7)
    pieces = [
        b"a",
        b"=",
        b"\r",
        b"\n",
        b"\xef\xbb\xbf",
        "é".encode(),
        "😀".encode(),
        b"\xff",
        b"\x0c",
        b"\t",
        b"\\",
        b"'",
    ]
    pieces += [
        b"# coding: latin-1\n",
        b"#coding=gbk\r\n",
        b"# coding: utf-7\n",
        b"# coding: utf-16\n",
        b"+AGE-",
        b"\xa3\xe6",
    ]
    read = refused = 0
    for _ in range(3000):
        data = b"".join(chosen.choices(pieces, k=chosen.randrange(9)))
        try:
            source = decode("a.py", data)
        except SourceError:
            refused += 1
        else:
            read += 1
            assert encode(source) == data
    assert read > 300
    assert refused > 300


def test_random_positions_agree_with_encoding() -> None:
    chosen = random.Random(11)
    for _ in range(400):
        text = "".join(chosen.choices("ab \r\n\x0c\x0b\u2028é你😀\t", k=chosen.randrange(40)))
        lines = Lines(text)
        for offset in range(len(text) + 1):
            line = lines.line(offset)
            start = lines.starts[line - 1]
            assert lines.offset(line, len(text[start:offset].encode())) == offset


def test_positions_beyond_the_text_are_its_end() -> None:
    for text in ("ab\ncd", "你\n好", ""):
        lines = Lines(text)
        assert lines.offset(99, 0) == len(text)
        assert lines.offset(len(lines.starts), 99) == len(text)


@pytest.mark.parametrize(
    ("path", "data", "said"),
    [
        ("a.py", b"a = 1\n\xff\n", "not valid utf-8: byte 0xff in line 2"),
        ("a.py", b"a = '\xe9'\r\r\n\n", "line 1"),
        ("a.py", b"\r\n\r\r'\xe9'", "line 4"),
        ("a.py", b"# coding: gbk\ns = '\x81'\n", "not valid gb"),
        ("a.py", b"\xff\xfea\0", "UTF-16"),
        ("a.env", b"\xfe\xff\0a", "UTF-16"),
        ("a.py", b"a\0b", "null bytes"),
        ("a.py", b"\x7fELF\0\0", "null bytes"),
        ("a.py", b"# coding: klingon\n", "klingon"),
        ("a.py", b"\xef\xbb\xbf# coding: latin-1\n", "unclear"),
        ("a.py", b"# coding: rot13\nn = 1\n", "rot13"),
        ("a.py", b"# coding: utf-16\nab = 1\n", "utf-16"),
        (".env", b"# coding: latin-1\nA=\xe9\n", "not valid utf-8"),
    ],
)
def test_what_is_no_text_is_refused(path: str, data: bytes, said: str) -> None:
    with pytest.raises(SourceError, match=re.escape(said)) as caught:
        decode(path, data)
    assert str(caught.value.message) == str(caught.value)


def test_encoding_comment_counts_only_where_python_looks() -> None:
    with pytest.raises(SourceError):
        decode("a.py", b"a = 1\n# coding: latin-1\ns = '\xe9'\n")
    with pytest.raises(SourceError):
        decode("a.py", b"\n\n# coding: latin-1\ns = '\xe9'\n")
    assert decode("script", b"#!/usr/bin/python\n# coding: latin-1\n'\xe9'").text.endswith("'é'")


def test_new_text_must_fit_the_encoding() -> None:
    source = decode("a.py", b"# coding: latin-1\ns = '\xe9'\n")
    assert encode(replace(source, text=source.text + "ü")) == b"# coding: latin-1\ns = '\xe9'\n\xfc"
    with pytest.raises(SourceError, match=r"iso-8859-1.*U\+4F60"):
        encode(replace(source, text=source.text + "你"))
    with pytest.raises(SourceError, match=r"utf-8.*U\+D800"):
        encode(Source("a.py", "'\ud800'"))


@pytest.mark.parametrize("style", [{"indent": 1}, {"indent": 2, "newline": "\r\n"}])
@pytest.mark.parametrize("whole", [True, False])
def test_cells_that_are_indented_as_a_whole(style: dict[str, object], whole: bool) -> None:
    """IPython takes the indentation away; the file keeps it."""
    lines = ["\n", "    def f():\n", "        return [\n", "    \n", "         1]  # ]\n", "\n", "    f()"]
    cell: Value = "".join(lines) if whole else lines
    source = decode("a.ipynb", dumped(notebook("x = 0", cell, "y"), **style))  # type: ignore[arg-type]
    assert source.broken == ()
    assert source.text == "x = 0\n\ndef f():\n    return [\n    \n     1]  # ]\n\nf()\ny"
    at = source.text.index("f()\n", 12)
    assert position(source, at) == Position(7, 5, 1)
    edits = [Edit(source.text.index("return"), source.text.index("return"), "global z\n\n    "), Edit(at, at + 1, "g")]
    lines[2:3] = ["        global z\n", "\n", lines[2]]
    lines[-1] = "    g()"
    after = rewrite(source, edits)
    assert encode(after) == dumped(notebook("x = 0", "".join(lines) if whole else lines, "y"), **style)  # type: ignore[arg-type]
    assert encode(rewrite(source, [])) == encode(source)
    stored = encode(source).decode().splitlines()[stored_line(source, at) - 1]
    assert stored.strip() == '"    f()"' or whole


def test_a_cell_with_lines_that_are_not_indented_is_taken_as_it_is() -> None:
    source = read("  x = 1\ny = 2", "  ", "\t")
    assert source.text == "  x = 1\ny = 2\n  \n\t"
    assert [b.index for b in source.broken] == [0]


def test_rewrite_keeps_bom_and_newlines() -> None:
    source = decode("a.py", b"\xef\xbb\xbfa = 1\r\nb = 2\r")
    new = rewrite(source, [Edit(4, 5, "10")])
    assert encode(new) == b"\xef\xbb\xbfa = 10\r\nb = 2\r"
    assert (source.newline, decode("a.py", b"a\rb\n").newline, decode("a.py", b"a").newline) == ("\r\n", "\r", "\n")


# Notebooks

Value = str | list[str]


def notebook(*sources: Value, kinds: str = "", **document: object) -> dict[str, object]:
    """Build a notebook; ``kinds`` has m for each cell in markdown."""
    cells = []
    for i, source in enumerate(sources):
        markdown = kinds[i : i + 1] == "m"
        cell: dict[str, object] = {
            "cell_type": "markdown" if markdown else "code",
            "metadata": {"tags": ["你"]},
            "source": source,
        }
        if not markdown:
            cell |= {"execution_count": None, "outputs": [{"output_type": "stream", "text": ['source: "x"\n', "é"]}]}
        cells.append(cell)
    return {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5} | document


def dumped(
    document: object, indent: int | None = 1, escape: bool = False, newline: str = "\n", end: str = "\n"
) -> bytes:
    return (json.dumps(document, indent=indent, ensure_ascii=escape).replace("\n", newline) + end).encode()


STYLES = [
    {"indent": 1},
    {"indent": None, "end": ""},
    {"indent": 4, "escape": True},
    {"indent": 2, "newline": "\r\n"},
    {"indent": 1, "escape": True, "end": " \n\n"},
]
SOURCES: list[Value] = [
    ["from openai import OpenAI\n", "client = OpenAI()"],
    ["# 标题 is markdown"],
    "print('é\\u4f60')\nx = 1\n",
    [],
    ["%pip install openai\n", "\n", "y = f('你')  # 😀"],
    "",
    ["z = 1\n"],
]


def read(*sources: Value, kinds: str = "") -> Source:
    return decode("a.ipynb", dumped(notebook(*sources, kinds=kinds)))


@pytest.mark.parametrize("style", STYLES)
def test_notebook_bytes_come_back(style: dict[str, object]) -> None:
    data = dumped(notebook(*SOURCES, kinds=" m"), **style)  # type: ignore[arg-type]
    for form in (data, b"\xef\xbb\xbf" + data):
        source = decode("dir/a.ipynb", form)
        assert encode(source) == form
        assert rewrite(source, []) == source
    assert [cell.index for cell in source.cells] == [0, 2, 3, 4, 5, 6]
    for cell in source.cells:
        value = SOURCES[cell.index]
        assert source.text[cell.span.start : cell.span.end] == "".join(value)


@pytest.mark.parametrize("style", STYLES)
def test_only_the_changed_cell_changes(style: dict[str, object]) -> None:
    def build(*sources: Value) -> bytes:
        return dumped(notebook(*sources, kinds=" m"), **style)  # type: ignore[arg-type]

    source = decode("a.ipynb", build(*SOURCES))
    changes: list[tuple[int, str, str, Value]] = [
        (
            0,
            "OpenAI()",
            "OpenAI(\n    base_url='b',\n)",
            ["from openai import OpenAI\n", "client = OpenAI(\n", "    base_url='b',\n", ")"],
        ),
        (2, "x = 1", "x = '好'", "print('é\\u4f60')\nx = '好'\n"),
        (4, "f('你')", "f('你', 2)", ["%pip install openai\n", "\n", "y = f('你', 2)  # 😀"]),
        (6, "z = 1\n", "z = 1", ["z = 1"]),
        (6, "z = 1\n", "z = 1\nz\n", ["z = 1\n", "z\n"]),
    ]
    for index, old, new, cell in changes:
        at = source.text.index(old)
        changed = [*SOURCES[:index], cell, *SOURCES[index + 1 :]]
        edit = Edit(at, at + len(old), new)
        expected = build(*changed)
        rewritten = rewrite(source, [edit])
        assert encode(rewritten) == expected
        assert rewritten == decode("a.ipynb", expected)


def test_lines_keep_their_own_escapes() -> None:
    raw = '{"cells": [{"cell_type": "code", "source": ["a = \'\\u4F60\'\\n",\n"b = \'<\\/p>\'\\n",\n"c = 1"]}]}'
    source = decode("a.ipynb", raw.encode())
    assert source.text == "a = '你'\nb = '</p>'\nc = 1"
    at = source.text.index("c = 1")
    new = rewrite(source, [Edit(0, 0, "x = '好'\n"), Edit(at, at + 5, "c = 2")])
    assert encode(new).decode() == raw.replace('["a', '["x = \'\\u597d\'\\n",\n"a').replace("c = 1", "c = 2")


def test_an_escaped_backslash_is_no_escape() -> None:
    raw = r'{"cells": [{"cell_type": "code", "source": ["a = \"\\u4f60\""]}]}'
    source = decode("a.ipynb", raw.encode())
    assert encode(rewrite(source, [Edit(0, 1, "啊")])).decode() == raw.replace("a =", "啊 =")


def test_surrogates_are_stored_as_escapes() -> None:
    raw = '{"cells": [{"cell_type": "code", "source": "a = \'\\ud800\'\\nb = f(\'é\')"}]}'
    source = decode("a.ipynb", raw.encode())
    ast.parse(source.code)
    at = source.text.index("f(")
    new = encode(rewrite(source, [Edit(at, at + 1, "g")]))
    assert json.loads(new)["cells"][0]["source"] == "a = '\ud800'\nb = g('é')"
    node = ast.parse(source.code).body[1]
    assert source.text[source.lines.offset(node.lineno, node.col_offset) :] == "b = f('é')"


def indented(code: str, cell: Cell) -> str:
    return re.sub(r"(?m)^(?=.*\S)", cell.indent, code)


def test_random_edits_of_notebooks() -> None:
    """Cells and edits at random: ``rewrite`` puts each edit into its cell."""
    chosen = random.Random(3)
    lines = ["a = 1\n", "b\n", "\n", "你 = '😀'\n", "%time f()\n", "x", "", "c = d\r\n", "    e\n"]
    for _ in range(600):
        cells: list[Value] = [chosen.choices(lines, k=chosen.randrange(4)) for _ in range(chosen.randrange(1, 5))]
        cells = ["".join(cell) if chosen.random() < 0.3 else cell for cell in cells]
        style = chosen.choice(STYLES)
        source = decode("a.ipynb", dumped(notebook(*cells), **style))  # type: ignore[arg-type]
        edits: list[Edit] = []
        texts = []
        for cell in source.cells:
            old = source.text[cell.span.start : cell.span.end]
            new = old
            if chosen.random() < 0.6:
                start = chosen.randint(0, len(old))
                end = chosen.randint(start, len(old))
                put = chosen.choice(["", "new", "new\nline\n", "名\n", "q"])
                new = old[:start] + put + old[end:]
                edits.append(Edit(cell.span.start + start, cell.span.start + end, put))
            texts.append(indented(new, cell))
        rewritten = rewrite(source, edits)
        data = encode(rewritten)
        document = json.loads(data)
        assert ["".join(c["source"]) for c in document["cells"]] == texts
        assert [indented(rewritten.text[c.span.start : c.span.end], c) for c in rewritten.cells] == texts
        expected = json.loads(dumped(notebook(*cells)))
        for now, before, value in zip(document["cells"], expected["cells"], cells, strict=True):
            assert isinstance(now["source"], list) == isinstance(value, list)
            now["source"] = before["source"] = None
        assert document == expected


def test_a_border_that_is_gone_is_refused() -> None:
    source = read("abc", "def", "ghi")
    with pytest.raises(SourceError, match="crosses the border"):
        rewrite(source, [Edit(2, 5, "x")])


def test_insertions_at_both_sides_of_a_border() -> None:
    source = read("a", "b")
    new = rewrite(source, [Edit(1, 1, "1"), Edit(2, 2, "2")])
    assert [new.text[c.span.start : c.span.end] for c in new.cells] == ["a1", "2b"]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"{", "not valid JSON: line 1, column 2"),
        (b"[1]", "no object"),
        (b"{}", "no list of cells"),
        (b'{"cells": 3}', "no list of cells"),
        (b'{"cells": [3]}', "cell 0 is no object"),
        (b'{"cells": [{"cell_type": "code", "source": [1]}]}', "source of cell 0"),
        (b'{"cells": [{"cell_type": "code", "source": null}]}', "source of cell 0"),
        (b'{"nbformat": 3, "worksheets": [{"cells": []}]}', "format 3"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"cells": ' + b"1" * 5000 + b"}", "too long"),
        (dumped(notebook("x", metadata={"language_info": {"name": "R"}})), "language is R"),
        (dumped(notebook("x", metadata={"kernelspec": {"language": "C#", "name": ".net-csharp"}})), "language is C#"),
        (b"\xff\xfe{\0", "UTF-16"),
        (b'{"cells": "\xff"}', "not valid utf-8"),
    ],
)
def test_what_is_no_notebook_is_refused(data: bytes, said: str) -> None:
    with pytest.raises(SourceError, match=re.escape(said)):
        decode("a.ipynb", data)


@pytest.mark.parametrize(
    "data", [b"", b"\n", b'{"cells": []}', b' {"cells":[{"cell_type":"markdown","source":"x"},{}]}\n']
)
def test_notebooks_without_code(data: bytes) -> None:
    source = decode("a.ipynb", data)
    assert (source.text, source.cells, source.code) == ("", (), "")
    assert encode(source) == data


def test_positions_count_within_the_cell() -> None:
    source = read("a\nb\r", "# text", "", "你c\nd", kinds=" m")
    assert source.text == "a\nb\r\n\n你c\nd"
    where = {c: position(source, source.text.index(c)) for c in "abcd"}
    assert where == {"a": Position(1, 1, 0), "b": Position(2, 1, 0), "c": Position(1, 2, 3), "d": Position(2, 1, 3)}
    assert position(source, 5) == Position(1, 1, 2)
    assert position(source, len(source.text)) == Position(2, 2, 3)


# Magics

MAGICS = [
    ("%matplotlib inline\nx = 1", "x = 1"),
    ("!pip install -q openai==0.28 \"httpx<1\"\nx = 1", "x = 1"),
    ("!echo \"it's ( open\nx = 1", "x = 1"),
    ("!pip install \\\n  openai \\\n  httpx\nx = 1", "x = 1"),
    ("!pip install \\\r\n  openai\r\nx = 1", "x = 1"),
    ("if a:\n    !ls\nelse:\n\t%cd ..\nx = 1", "if a: 0\nelse: 0\nx = 1"),
    ("files = !ls *.py\nx = 1", "files = 0\nx = 1"),
    ("a, b.c = %sql select '=\nx = 1", "a, b.c = 0\nx = 1"),
    ("a: str = !pwd", "a: str = 0"),
    ("os.environ['k'] =  %env K", "os.environ['k'] = 0"),
    ("pip install -q openai", ""),
    ("\npip install 'openai[datalib]' ;\n", ""),
    ("%%capture\npip install openai", ""),
    ("env OPENAI_API_KEY=sk-1", ""),
    ("pip = 1", "pip = 1"),
    ("ls", "ls"),
    ("?openai\nopenai?\nopenai.OpenAI??\nx = f(1)?  # help\nx = 1", "x = 1"),
    ("%%time\nx = f(1)\n%ls\ny = 2", "x = f(1)\ny = 2"),
    ("\n\n%%timeit -n 3 z = 1\nx = f(1)\n", "x = f(1)"),
    ("%%capture out\nx = f(1)\n!ls", "x = f(1)"),
    ("%%bash\necho $x (\n\n  if [ '\nfi", ""),
    ("%%writefile app.py\nimport openai\n", ""),
    ("%%!\nls", ""),
    ("%%", ""),
    ("%time x = f(1)\ny = 2", "0; x = f(1)\ny = 2"),
    ("%timeit -n 10 -r3 f(1)\ny = 2", "0; f(1)\ny = 2"),
    ("%time f(\ny = 2", "y = 2"),
    ("for i in j:\n    %time f(i)", "for i in j:\n    0; f(i)"),
    ("s = '''\n!important\n%d\nwhat?\n'''\n!ls\nx = s", "s = '''\n!important\n%d\nwhat?\n'''\nx = s"),
    ("x = (a\n  % b\n  )\n!ls", "x = (a % b)"),
    ("x = \"?\" # ok?\n!ls\ny = 'a=!b'", "x = '?'\ny = 'a=!b'"),
    ("x = a \\\n  % b\n%ls", "x = a % b"),
    ("print('a=!b', r'\\\\', \"\\\"\")\n!你 好\n名 = 1", "print('a=!b', r'\\\\', '\"')\n名 = 1"),
    ("!\nx = 1\n%", "x = 1"),
    ("/f 1\n,g a\n;h b\nx = 1", "x = 1"),
    ("await f(x)\n!ls", "await f(x)"),
    ("d = {'a': 1,\n # (\n 'b': [2]}\n!ls", "d = {'a': 1, 'b': [2]}"),
    ("    x = 1\n    if x:\n        y = 2\n", "x = 1\nif x:\n    y = 2"),
    ("\n  \n  # indented\n  x = f(1,\n   2)\n\n  !ls (\n  y = 3", "x = f(1, 2)\ny = 3"),
    ("  %pip install openai\n  x = 1", "x = 1"),
    ("  %%bash\n  ls (", ""),
]  # fmt: skip


def statements(code: str) -> list[str]:
    """The statements of ``code`` without those that are a bare 0."""
    return [ast.dump(s) for s in ast.parse(code).body if ast.dump(s) != ast.dump(ast.parse("0").body[0])]


@pytest.mark.parametrize(("cell", "plain"), MAGICS, ids=[cell for cell, _ in MAGICS])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_magics_are_masked_in_place(cell: str, plain: str, newline: str) -> None:
    cell = re.sub(r"\r?\n", newline, cell)
    source = read("before = 1", cell, "after = 名")
    code = source.code
    assert source.broken == ()
    assert len(code) == len(source.text)
    assert statements(code) == statements(f"before = 1\n{plain}\nafter = 名")
    newlines = [m.start() for m in re.finditer(r"[\r\n]", source.text)]
    assert [m.start() for m in re.finditer(r"[\r\n]", code)] == newlines
    names = [n for n in ast.walk(ast.parse(code)) if isinstance(n, ast.Name)]
    for name in names:
        start = source.lines.offset(name.lineno, name.col_offset)
        assert source.text[start : start + len(name.id)] == name.id


@pytest.mark.parametrize(
    "cell",
    [
        "x = (a\n% b\n, c)",
        "'''\n%magic\n?\n'''",
        'x = """\n!ls\n"""  # really?',
        "x = '\\d'  # a warning of Python\n",
        "a = b \\\n% c",
        "x = 1 #?",
        "f(**{'a': '!'})\n",
    ],
)
def test_python_is_left_alone(cell: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert read(cell, "!ls").code == cell + "\n0#s"


@pytest.mark.parametrize("cell", ["pip install openai\nx = 1", "pipe install openai", "x = 1\npip install openai"])
def test_a_magic_needs_its_sign_unless_it_stands_alone(cell: str) -> None:
    assert [b.index for b in read("x = 1", cell).broken] == [1]


def test_a_broken_cell_does_not_hide_the_others() -> None:
    source = read("x = 1", "print 'old'\n  (", "# text", "def f(:", "y = \0 2", "z = 3", kinds="  m")
    assert [b.index for b in source.broken] == [1, 3, 4]
    assert all(b.reason for b in source.broken)
    assert statements(source.code) == statements("x = 1\nz = 3")
    assert len(source.code) == len(source.text)


def test_random_cells_keep_every_offset() -> None:
    chosen = random.Random(5)
    pieces = ["!ls", "%time f(x)", "%%bash", "x?", "a = !b", "a = 1", "f(", ")", "'''", '"', "\\", "\n", "\n", "\r\n",
              "  ", "if a:\n  ", "# c", "你", "?", "%", "\ud800", "\0", "=", ";", "["]  # fmt: skip
    for _ in range(3000):
        cells = ["".join(chosen.choices(pieces, k=chosen.randrange(10))) for _ in range(chosen.randrange(1, 4))]
        source = decode("a.ipynb", dumped(notebook(*cells), escape=True))
        code = source.code
        assert len(code) == len(source.text)
        ast.parse(code)
        assert [c for c in code if c in "\r\n"] == [c for c in source.text if c in "\r\n"]


def test_plain_files_are_their_own_code() -> None:
    assert decode("a.py", b"!ls\n").code == "!ls\n"
