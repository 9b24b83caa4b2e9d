"""Fixes on text: before and after. In a `before`, «…» marks the expressions that change, numbered as they open."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence

import pytest

from llm_codemods.edits import Span, apply
from llm_codemods.operations import (
    Change,
    DefaultArgument,
    DefaultBody,
    Definition,
    ExtendBody,
    FallBack,
    Fix,
    Import,
    JoinArguments,
    MoveToBody,
    NamePositional,
    Operation,
    PassThrough,
    ReadAttribute,
    RemoveArgument,
    RemoveEntry,
    RenameArgument,
    RenameEntry,
    RenameFunction,
    Replace,
    ReplaceCallee,
    ReplaceStatement,
    ReplaceString,
    ReplaceTail,
    ReplaceText,
    SetArgument,
    SetEntry,
    Switch,
    TakeEntry,
    ToMessages,
    Wrap,
    WrapEntry,
)
from llm_codemods.text import text
from llm_codemods.transform import Rewritten, TransformError, rewrite

NEWLINES = pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"], ids=["lf", "crlf", "cr"])
TITLE = text("a fix")

add = SetArgument("new", "1")
url = SetArgument("base_url", '"u"')
no_think = ExtendBody((("think", "False"),))
drop_b = RemoveArgument("b")
openai = Import("openai", "OpenAI")
os = Import("os")

Wanted = Sequence[tuple[int, Operation]]


def marked(before: str) -> tuple[str, list[Span]]:
    """Return the text without marks, and what they mark."""
    code = ""
    starts: list[int] = []
    ends: dict[int, int] = {}
    unclosed: list[int] = []
    for character in before:
        if character == "«":
            unclosed.append(len(starts))
            starts.append(len(code))
        elif character == "»":
            ends[unclosed.pop()] = len(code)
        else:
            code += character
    return code, [Span(start, ends[i]) for i, start in enumerate(starts)]


def fix(spans: Sequence[Span], wanted: Wanted, *imports: Import) -> Fix:
    return Fix(TITLE, tuple(Change(spans[i], (operation,)) for i, operation in wanted), imports)


def run(before: str, *fixes: Wanted, imports: Sequence[Import] = ()) -> Rewritten:
    code, spans = marked(before)
    return rewrite(code, [fix(spans, wanted, *imports) for wanted in fixes])


def reasons(result: Rewritten) -> list[str]:
    return [str(reason) for _, reason in result.refused]


ARGUMENTS: list[tuple[str, Operation, str]] = [
    # entries of a dictionary that a call unpacks
    ('s = «{"a": 1}»', add, 's = {"a": 1, "new": 1}'),
    ("s = «{'new': 0, **x}»", SetArgument("b", "1"), "s = {'new': 0, **x, 'b': 1}"),
    ("s = «{}»", add, 's = {"new": 1}'),
    ("s = «{\n    'a': 1,\n    'b': 2,  # two\n}»", drop_b, "s = {\n    'a': 1,\n}"),
    ("s = «{\n    'b': 1,\n    # two\n    'c': 2,\n}»", drop_b, "s = {\n    # two\n    'c': 2,\n}"),
    ("s = «{'b': 1}»", drop_b, "s = {}"),
    ("s = «{'a': 1}»", drop_b, "s = {'a': 1}"),
    ("s = «{ 'b' : 1 , 'c': 2}»", RenameArgument("b", "d"), "s = { 'd' : 1 , 'c': 2}"),
    ("s = «{'c': 2}»", RenameArgument("b", "d"), "s = {'c': 2}"),
    ("s = «{'a': 1, 'b': 2}»", MoveToBody("b", "d"), "s = {'a': 1, 'extra_body': {\"d\": 2}}"),
    ("s = «{'extra_body': {'x': 1}, 'b': 2}»", MoveToBody("b", "d"), "s = {'extra_body': {'x': 1, 'd': 2}}"),
    ("s = «{'a': 1}»", no_think, "s = {'a': 1, 'extra_body': {\"think\": False}}"),
    # SetArgument: there already
    ("«f(new=0)»", add, "f(new=1)"),
    ("«f(a, new = 0 , b=2)»", add, "f(a, new = 1 , b=2)"),
    ("«f(\n    new=0,  # why\n    b=2,\n)»", add, "f(\n    new=1,  # why\n    b=2,\n)"),
    ("«f(new=g(\n  x,\n), **kw)»", add, "f(new=1, **kw)"),
    # FallBack
    ("«f(new=a)»", FallBack("new", "b"), "f(new=a or b)"),
    ("«f(\n    new=a.b,  # why\n    c=2,\n)»", FallBack("new", "b"), "f(\n    new=a.b or b,  # why\n    c=2,\n)"),
    ("«f(new=a if c else d)»", FallBack("new", "b"), "f(new=(a if c else d) or b)"),
    # JoinArguments
    ("«f(a=1, b=x, c=y)»", JoinArguments("b", "c"), "f(a=1, c=y or x)"),
    (
        "«f(\n    c=y if z else None,\n    b=None if z else y,\n)»",
        JoinArguments("b", "c"),
        "f(\n    c=(y if z else None) or (None if z else y),\n)",
    ),
    ("«f(new=(a if c else d), **kw)»", FallBack("new", "b"), "f(new=(a if c else d) or b, **kw)"),
    # SetArgument: added, one line
    ("«f()»", add, "f(new=1)"),
    ("«f( )»", add, "f(new=1)"),
    ("«f(\n)»", add, "f(new=1)"),
    ("«f(a)»", add, "f(a, new=1)"),
    ("«f(a, b=2,)»", add, "f(a, b=2, new=1,)"),
    ("«f( a, b=2 )»", add, "f( a, b=2, new=1 )"),
    ("«f(a=1, **kw)»", add, "f(a=1, new=1, **kw)"),
    ("«f(a=1, **kw, c=3)»", add, "f(a=1, new=1, **kw, c=3)"),
    ("«f(*args)»", add, "f(*args, new=1)"),
    ("«f(x for x in y)»", add, "f((x for x in y), new=1)"),
    ("«f(**{'a': 1})»", add, "f(new=1, **{'a': 1})"),
    ("«f(messages=[\n    1,\n])»", add, "f(messages=[\n    1,\n], new=1)"),
    ("«f(a=1, \\\n  b=2)»", add, "f(a=1, \\\n  b=2, new=1)"),
    ("x = «f(a)(b)»", add, "x = f(a)(b, new=1)"),
    # SetArgument: added, one argument a line
    ("«f(\n    a=1,\n    b=2,\n)»", add, "f(\n    a=1,\n    b=2,\n    new=1,\n)"),
    ("«f(\n    a=1,\n    b=2\n)»", add, "f(\n    a=1,\n    b=2,\n    new=1\n)"),
    ("«f(\n    a=1\n)»", add, "f(\n    a=1,\n    new=1\n)"),
    ("«f(\n    a=1)»", add, "f(\n    a=1,\n    new=1)"),
    ("«f(\n    a=1,  # one\n)»", add, "f(\n    a=1,  # one\n    new=1,\n)"),
    ("«f(\n    a=1  # one\n)»", add, "f(\n    a=1,  # one\n    new=1\n)"),
    ("«f(\n    a=1,\n    # b=2,\n)»", add, "f(\n    a=1,\n    # b=2,\n    new=1,\n)"),
    ("«f(a=1,\n  b=2)»", add, "f(a=1,\n  b=2,\n  new=1)"),
    ("«f(\n\ta=1,\n\tb=2,\n)»", add, "f(\n\ta=1,\n\tb=2,\n\tnew=1,\n)"),
    ("«f(\n    a=1, b=2\n)»", add, "f(\n    a=1, b=2, new=1\n)"),
    ("«f(\n    a=1, b=2,  # two\n)»", add, "f(\n    a=1, b=2,  # two\n    new=1,\n)"),
    ("«f(\n    a=1,  # one\n    **kw,\n)»", add, "f(\n    a=1,  # one\n    new=1,\n    **kw,\n)"),
    ("«f(\n    a=1,\n    # rest\n    **kw,\n)»", add, "f(\n    a=1,\n    new=1,\n    # rest\n    **kw,\n)"),
    ("«f(\n    a=1, **kw\n)»", add, "f(\n    a=1, new=1, **kw\n)"),
    ("«f(\n    **{'a': 1},\n)»", add, "f(\n    new=1,\n    **{'a': 1},\n)"),
    ("«f(\n    # none yet\n)»", add, "f(\n    # none yet\n    new=1\n)"),
    ("«f(\n    a=1\n    , b=2  # two\n)»", add, "f(\n    a=1\n    , b=2,  # two\n    new=1\n)"),
    ("«f(\n    a=1,\n\n    b=2,\n)»", add, "f(\n    a=1,\n\n    b=2,\n    new=1,\n)"),
    # RemoveArgument
    ("«f(b=2)»", drop_b, "f()"),
    ("«f( b=2, )»", drop_b, "f()"),
    ("«f(\n    b=2,  # two\n)»", drop_b, "f()"),
    ("«f(\n    # why\n    b=2,\n)»", drop_b, "f(\n    # why\n)"),
    ("«f(b=2, c=3)»", drop_b, "f(c=3)"),
    ("«f(a=1, b=2, c=3)»", drop_b, "f(a=1, c=3)"),
    ("«f(a=1, b=2)»", drop_b, "f(a=1)"),
    ("«f( a=1, b=2 )»", drop_b, "f( a=1 )"),
    ("«f(a=1, b=2,)»", drop_b, "f(a=1,)"),
    ("«f(a=1, b=2, **kw)»", drop_b, "f(a=1, **kw)"),
    ("«f(a=1)»", drop_b, "f(a=1)"),
    ("«f(\n    a=1,\n    b=2,\n)»", drop_b, "f(\n    a=1,\n)"),
    ("«f(\n    a=1,\n    b=2\n)»", drop_b, "f(\n    a=1\n)"),
    ("«f(\n    a=1,\n    b=2,\n    c=3\n)»", drop_b, "f(\n    a=1,\n    c=3\n)"),
    ("«f(\n    b=2,  # two\n    c=3,\n)»", drop_b, "f(\n    c=3,\n)"),
    (
        "«f(\n    a=1,  # one\n    b=2,  # two\n    c=3,  # three\n)»",
        drop_b,
        "f(\n    a=1,  # one\n    c=3,  # three\n)",
    ),
    ("«f(\n    a=1,  # one\n    b=2  # two\n)»", drop_b, "f(\n    a=1  # one\n)"),
    ("«f(\n    a=1,\n    # above\n    b=2,\n    c=3,\n)»", drop_b, "f(\n    a=1,\n    # above\n    c=3,\n)"),
    ("«f(\n    a=1, b=2,  # both\n    c=3,\n)»", drop_b, "f(\n    a=1,  # both\n    c=3,\n)"),
    ("«f(a=1,\n  b=2)»", drop_b, "f(a=1)"),
    ("«f(a=1,  # one\n  b=2)»", drop_b, "f(a=1  # one\n  )"),
    ("«f(b=2,\n  c=3)»", drop_b, "f(c=3)"),
    ("«f(b=2,\n  # above\n  c=3)»", drop_b, "f(\n  # above\n  c=3)"),
    ("«f(a=1,\n  b=2, c=3)»", drop_b, "f(a=1,\n  c=3)"),
    ("«f(\n    a=1  # one\n    , b=2\n)»", drop_b, "f(\n    a=1  # one\n)"),
    ("«f(\n    a=1\n    , b=2\n    , c=3\n)»", drop_b, "f(\n    a=1\n    , c=3\n)"),
    ("«f(b=g(\n    1,\n), c=3)»", drop_b, "f(c=3)"),
    # RenameArgument
    ("«f(a=1, b = 2)»", RenameArgument("b", "c"), "f(a=1, c = 2)"),
    ("«f(\n    b=2,  # two\n    **kw,\n)»", RenameArgument("b", "c"), "f(\n    c=2,  # two\n    **kw,\n)"),
    # ExtendBody
    ("«f()»", no_think, 'f(extra_body={"think": False})'),
    ("«f(a=1, **kw)»", no_think, 'f(a=1, extra_body={"think": False}, **kw)'),
    ("«f(\n    a=1,\n)»", no_think, 'f(\n    a=1,\n    extra_body={"think": False},\n)'),
    ("«f(extra_body=None)»", no_think, 'f(extra_body={"think": False})'),
    ("«f(extra_body={})»", no_think, 'f(extra_body={"think": False})'),
    ("«f(extra_body={ })»", no_think, 'f(extra_body={"think": False})'),
    ("«f(extra_body={'a': 1})»", no_think, "f(extra_body={'a': 1, 'think': False})"),
    ('«f(extra_body={"a": 1,}, b=2)»', no_think, 'f(extra_body={"a": 1, "think": False,}, b=2)'),
    ('«f(extra_body={"think": True, "a": 1})»', no_think, 'f(extra_body={"think": False, "a": 1})'),
    ("«f(extra_body={1: 2})»", no_think, 'f(extra_body={1: 2, "think": False})'),
    ("«f(extra_body={**a})»", no_think, 'f(extra_body={**a, "think": False})'),
    ('«f(extra_body={"think": 1, **a})»', no_think, 'f(extra_body={"think": 1, **a, "think": False})'),
    (
        '«f(\n    extra_body={\n        "a": 1,  # one\n    },\n)»',
        no_think,
        'f(\n    extra_body={\n        "a": 1,  # one\n        "think": False,\n    },\n)',
    ),
    (
        '«f(extra_body={\n    "a": 1  # one\n    # end\n})»',
        no_think,
        'f(extra_body={\n    "a": 1,  # one\n    # end\n    "think": False\n})',
    ),
    ("«f(extra_body=body)»", no_think, 'f(extra_body={"think": False, **(body or {})})'),
    ("«f(extra_body=a if b else c)»", no_think, 'f(extra_body={"think": False, **((a if b else c) or {})})'),
    # DefaultBody
    ("«f(**kw)»", DefaultBody((("think", "False"),)), 'f(**{"extra_body": {"think": False}, **kw})'),
    (
        '«f(**{"extra_body": {"a": 1}, **kw})»',
        DefaultBody((("think", "False"),)),
        'f(**{"extra_body": {"a": 1, "think": False}, **kw})',
    ),
    # PassThrough
    ("«f(a=1, **kw)»", PassThrough("g"), "f(a=1, **g(kw))"),
    ("«f(**(a or b))»", PassThrough("g", "n=(1, 2)"), "f(**g(a or b, n=(1, 2)))"),
    ("«f(**g(kw, n=(1, 2)))»", PassThrough("g", "n=(1, 2)"), "f(**g(kw, n=(1, 2)))"),
    (
        '«f(**limit_options(without_options(kw, "a"), n=(1, 2)))»',
        PassThrough("without_options", '"b"'),
        'f(**limit_options(without_options(kw, "a", "b"), n=(1, 2)))',
    ),
    (
        '«f(**without_options(kw, "a"))»',
        DefaultArgument("b", "1"),
        'f(**without_options({"b": 1, **kw}, "a"))',
    ),
    (
        "«f()»",
        ExtendBody((("thinking", '{"type": "disabled"}'), ("top_k", "1"))),
        'f(extra_body={"thinking": {"type": "disabled"}, "top_k": 1})',
    ),
    # RenameFunction
    ("«openai.AzureOpenAI(a=1)»", RenameFunction("OpenAI"), "openai.OpenAI(a=1)"),
    ("«AzureOpenAI (a=1)»", RenameFunction("OpenAI"), "OpenAI (a=1)"),
    ("partial(«AzureOpenAI», a=1)", RenameFunction("OpenAI"), "partial(OpenAI, a=1)"),
    ("«c.chat.completions\\\n.parse()»", RenameFunction("create"), "c.chat.completions\\\n.create()"),
    # places
    ("@«wrap(a=1)»\ndef f(): ...", add, "@wrap(a=1, new=1)\ndef f(): ..."),
    ("g = lambda c: «c.f()»", add, "g = lambda c: c.f(new=1)"),
    ("x = [«f(y)» for y in z]", add, "x = [f(y, new=1) for y in z]"),
    ("async def g():\n    return await «f()»", add, "async def g():\n    return await f(new=1)"),
    ("async def g():\n\treturn «await f()» # é", Replace("h()"), "async def g():\n\treturn h() # é"),
    ("名 = '😀'; «f(名='值')»  # 注", add, "名 = '😀'; f(名='值', new=1)  # 注"),
    (
        "x = (\n    «client\n    .chat  # hm\n    .create(a=1)»\n)",
        add,
        "x = (\n    client\n    .chat  # hm\n    .create(a=1, new=1)\n)",
    ),
    (
        "def g():\n\tif a:\n\t\t«f(\n\t\t\ta=1,\n\t\t)»",
        add,
        "def g():\n\tif a:\n\t\tf(\n\t\t\ta=1,\n\t\t\tnew=1,\n\t\t)",
    ),
    ('s = """a\nb"""; «f("""c\nd""")»', add, 's = """a\nb"""; f("""c\nd""", new=1)'),
    # Replace
    ("x = «'k'»", Replace("os.environ['K']"), "x = os.environ['K']"),
    ("x = «'k'»", Replace("a or b"), "x = a or b"),
    ("f(x=«'k'»)", Replace("a or b"), "f(x=a or b)"),
    ("f(\n    «'k'»,\n)", Replace("a or b"), "f(\n    a or b,\n)"),
    ("x: str = «'k'»", Replace("a or b"), "x: str = a or b"),
    ("x = {1: «'k'»}", Replace("a or b"), "x = {1: a or b}"),
    ("x = «'k'».upper()", Replace("a or b"), "x = (a or b).upper()"),
    ("x = 'a' + «'k'»", Replace("a or b"), "x = 'a' + (a or b)"),
    ("x = (\n    «'k'»\n    .upper()\n)", Replace("a or b"), "x = (\n    (a or b)\n    .upper()\n)"),
    ("x = «'k'»", Replace("a, b"), "x = (a, b)"),
    ("x = 1 if y else«'k'»", Replace("z"), "x = 1 if y else z"),
    ("x = «'k'»if y else z", Replace("w"), "x = w if y else z"),
    ("x = «'k'»\n", Replace("f(\r\n    a,\r    b,\n)"), "x = f(\n    a,\n    b,\n)\n"),
    # ReplaceString
    ("x = «'gpt'»", ReplaceString("qwen"), "x = 'qwen'"),
    ('x = «"gpt"»', ReplaceString('it\'s "so"\\\n\t\x07名'), r'''x = "it's \"so\"\\\n\t\x07名"'''),
    ("x = «'gpt'»", ReplaceString("it's"), r"x = 'it\'s'"),
    ("x = «R'gpt'»", ReplaceString("\\d"), "x = R'\\d'"),
    ("x = «b'gpt'»", ReplaceString("qwen"), "x = b'qwen'"),
    ("x = «u'gpt'»", ReplaceString("通义"), "x = u'通义'"),
    ('x = «"""a\nb"""»', ReplaceString('c\n"d"""e"'), 'x = """c\n"d\\"""e\\""""'),
    ('x = «"""\\\n  A: $A\\tb\\\n"""»', ReplaceString("  B: $B\tb"), 'x = """\\\n  B: $B\\tb\\\n"""'),
    (r"x = «'\x1b[1mA\u00e9 A\n'»", ReplaceString("\x1b[1mB\u00e9 A\n"), r"x = '\x1b[1mB\u00e9 A\n'"),
    (r"x = «'\\A'»", ReplaceString("\\AA"), r"x = '\\AA'"),
    (r"x = «'it\'s A'»", ReplaceString("A"), "x = 'A'"),
    ("x = f(«'gpt'», 'gpt')", ReplaceString("qwen"), "x = f('qwen', 'gpt')"),
]


@NEWLINES
@pytest.mark.parametrize(("before", "operation", "after"), ARGUMENTS)
def test_one_operation(before: str, operation: Operation, after: str, newline: str) -> None:
    before, after = before.replace("\r\n", "\n"), after.replace("\n", newline)
    code, spans = marked(before.replace("\n", newline))
    ast.parse(code)
    result = rewrite(code, [fix(spans, [(0, operation)])])
    assert (result.text, reasons(result)) == (after, [])
    assert apply(code, result.edits) == after
    assert all(Span(edit.start, edit.end) in spans[0] for edit in result.edits)
    if isinstance(operation, (SetArgument, RemoveArgument, ExtendBody, ReplaceString)):
        grown = Span(spans[0].start, spans[0].end + len(after) - len(code))
        again = rewrite(after, [fix([grown], [(0, operation)])])
        assert (again.text, again.edits) == (after, ())


REFUSED: list[tuple[str, Operation, str]] = [
    ("«f(**kw)»", add, "'new' may come from **kw"),
    ("«f(a, **{'new': 2})»", add, "'new' may come from **{'new': 2}"),
    ("«f(a=1, **{**b})»", add, "'new' may come from **{**b}"),
    ("«f(**kw)»", no_think, "'extra_body' may come from **kw"),
    ("«f(a=1, **kw)»", drop_b, "'b' may come from **kw"),
    ("«f(a=1, **kw)»", RenameArgument("b", "c"), "'b' may come from **kw"),
    ("«f(a=1)»", RenameArgument("b", "c"), "the call has no argument 'b'"),
    ("«f(b=1, c=2)»", RenameArgument("b", "c"), "the call already has an argument 'c'"),
    ("«f(**a, **b)»", PassThrough("g"), "the call does not unpack one mapping"),
    ("«f(extra_body=body, **kw)»", DefaultBody((("think", "False"),)), "the call already has an argument 'extra_body'"),
    ("«x.f»", add, "it is not a call"),
    ("s = «{'b': 1, **x}»", RenameArgument("b", "c"), "what 'b' is in the dictionary is not sure"),
    ("s = «{'b': 1, 'a': 2, 'b': 3}»", RenameArgument("b", "c"), "what 'b' is in the dictionary is not sure"),
    ("s = «{'b': 1, 'c': 2}»", RenameArgument("b", "c"), "the dictionary already has an entry 'c'"),
    ("s = «{'extra_body': body}»", no_think, "extra_body is not written out here: body"),
    ("s = «{'b': 1}»", FallBack("b", "2"), "it is not a call"),
    ("«f()»", SetArgument("a", "1, b=2"), "'1, b=2' is not a value"),
    ("«f()»", SetArgument("a", "1)(2"), "'1)(2' is not a value"),
    ("«f()»", ExtendBody((("a", "1 +"),)), "'1 +' is not a value"),
    ("f(«a)(b»)", add, "it is not an expression"),
    ("«f()()»", RenameFunction("g"), "what is called here has no name"),
    ("«f(a, »b)", add, "it is not an expression"),
    ("f(«»)", add, "there is no expression at this place"),
    ("x = «1»", Replace("import os"), "it is not an expression"),
    ("x = «'a' 'b'»", ReplaceString("c"), "it is not a plain string literal"),
    ("x = «f'a{b}'»", ReplaceString("c"), "it is not a plain string literal"),
    ("x = f'a{«f(b)»}'", add, "it stands inside an f-string"),
    ("x = «r'a'»", ReplaceString("it's"), "the literal r'a' cannot hold 'it's'"),
    ("x = «r'a'»", ReplaceString("a\\"), "the literal r'a' cannot hold 'a\\'"),
    ("x = «b'a'»", ReplaceString("名"), "the literal b'a' cannot hold '名'"),
]


@pytest.mark.parametrize(("before", "operation", "reason"), REFUSED)
def test_refused(before: str, operation: Operation, reason: str) -> None:
    result = run(before, [(0, operation)])
    assert (result.text, reasons(result)) == (marked(before)[0], [reason])
    assert (result.applied, result.edits) == ((), ())


NESTED: list[tuple[str, list[Wanted], str]] = [
    # a string in a call that gets an argument, in one fix and in two
    ("«f(model=«'gpt'»)»", [[(0, add), (1, ReplaceString("qwen"))]], "f(model='qwen', new=1)"),
    ("«f(model=«'gpt'»)»", [[(1, ReplaceString("qwen"))], [(0, add)]], "f(model='qwen', new=1)"),
    # two keywords for one call, in the order of the fixes
    ("«f()»", [[(0, add)], [(0, url)]], 'f(new=1, base_url="u")'),
    ("«f()»", [[(0, url)], [(0, add)]], 'f(base_url="u", new=1)'),
    ("«f(\n    a,\n)»", [[(0, no_think)], [(0, add)]], 'f(\n    a,\n    extra_body={"think": False},\n    new=1,\n)'),
    ("«f()»", [[(0, no_think)], [(0, ExtendBody((("k", "1"),)))]], 'f(extra_body={"think": False, "k": 1})'),
    (
        "«f(extra_body=body)»",
        [[(0, no_think)], [(0, ExtendBody((("k", "1"),)))]],
        'f(extra_body={"think": False, "k": 1, **(body or {})})',
    ),
    ("«f(b=2)»", [[(0, add)], [(0, drop_b)]], "f(new=1)"),
    ("«f(b=2)»", [[(0, RenameArgument("b", "c")), (0, SetArgument("c", "3"))]], "f(c=3)"),
    # two entries of one dictionary: what stands behind its last comma stays
    (
        "«{\n    'a': 1,\n    'b': 2,\n    'c': 3,  # c\n}»",
        [[(0, RemoveEntry("a")), (0, RemoveEntry("b"))]],
        "{\n    'c': 3,  # c\n}",
    ),
    # the constructor and the call of one chain start at the same place
    (
        "««OpenAI(a=1)».chat.completions.create(\n    model=«'gpt'»,\n)»",
        [[(1, url)], [(0, add), (2, ReplaceString("qwen"))]],
        "OpenAI(a=1, base_url=\"u\").chat.completions.create(\n    model='qwen',\n    new=1,\n)",
    ),
    # a call in the messages of another
    (
        "x = «f(\n    messages=[\n        {'content': «g(b=1)»},\n        «h()»,\n    ],\n)»\ny = «f(x)»",
        [[(0, add)], [(1, drop_b), (2, url)], [(3, url)]],
        "x = f(\n    messages=[\n        {'content': g()},\n        h(base_url=\"u\"),\n    ],\n    new=1,\n)\n"
        'y = f(x, base_url="u")',
    ),
    ("f(«'a'», «'b'»)", [[(0, ReplaceString("c")), (1, ReplaceString("d"))]], "f('c', 'd')"),
]


@NEWLINES
@pytest.mark.parametrize(("before", "fixes", "after"), NESTED)
def test_nested_and_composed(before: str, fixes: list[Wanted], after: str, newline: str) -> None:
    result = run(before.replace("\n", newline), *fixes)
    assert (result.text, reasons(result)) == (after.replace("\n", newline), [])
    assert len(result.applied) == len(fixes)


RESHAPED: list[tuple[str, Operation, str]] = [
    # around an expression, once
    ("f(«x»)", Wrap("[", "]"), "f([x])"),
    ("f(«[x]»)", Wrap("[", "]"), "f([x])"),
    ("f(«g.h», 1)", Wrap("", " or 0"), "f(g.h or 0, 1)"),
    ("«g.h».i", Wrap("", " or 0"), "(g.h or 0).i"),
    ("for x in «g.h»: pass", Wrap("", " or []"), "for x in g.h or []: pass"),
    ("[x for x in «g.h» if x]", Wrap("", " or []"), "[x for x in g.h or [] if x]"),
    # the end of a chain
    ("«r.output_text».strip()", ReplaceTail(".output_text", ".choices[0].text"), "r.choices[0].text.strip()"),
    ("«r.choices[0].text»", ReplaceTail(".output_text", ".choices[0].text"), "r.choices[0].text"),
    ("«f(a).output[0]  .b»", ReplaceTail(".output[0].b", ".c"), "f(a).c"),
    ("«(await f(a)).b»", ReplaceTail(".b", ".c"), "(await f(a)).c"),
    ("«x[0].text»", ReplaceTail("[0].text", ""), "x"),
    ("a = «x.text or ''»", ReplaceTail(".text", ".a.b"), "a = x.a.b or ''"),
    ("a = «x.call is not None»", ReplaceTail(".call", ".calls"), "a = x.calls is not None"),
    ("«a.b.create(x=1)»", ReplaceCallee("b.create", "c.d"), "a.c.d(x=1)"),
    # inside an f-string
    ("f'{«r.b»} and {«r.b»:>3}'", ReplaceTail(".b", ".c[0]"), "f'{r.c[0]} and {r.c[0]:>3}'"),
    # parts of texts, whatever their form
    ("«'https://a.b/v1/c'»", ReplaceText("https://a.b/v1", "https://d"), "'https://d/c'"),
    ("«f'https://a.b/{c}/d'»", ReplaceText("https://a.b", "https://e"), "f'https://e/{c}/d'"),
    ("«f'{a}/v1/c'»", ReplaceText("/v1/c", "/c"), "f'{a}/c'"),
    ("f(«'https://a.b' # x\n '/v1' '/c'»)", ReplaceText("https://a.b/v1", "https://d"), "f('https://d' # x\n '' '/c')"),
    ("«'a' f'{b}c'»", ReplaceText("a", "d"), "'d' f'{b}c'"),
    ('«\'{"m": "a"}\'»', ReplaceText('"a"', '"b"'), '\'{"m": "b"}\''),
    ("«'a b'»", ReplaceText("c", "b"), "'a b'"),
    # entries of dictionaries
    ("«{'a': 1, 'b': 2}»", RemoveEntry("a"), "{'b': 2}"),
    ("«{'a': 1}»", RemoveEntry("a"), "{}"),
    ("«{\n    'a': 1,\n    'b': 2,\n}»", RemoveEntry("b"), "{\n    'a': 1,\n}"),
    ("«{\n    'a': 1,\n    'b': 2\n}»", RemoveEntry("a"), "{\n    'b': 2\n}"),
    ("«{'a': 1}»", RemoveEntry("z"), "{'a': 1}"),
    ("«{'a': 1, **c}»", RenameEntry("a", "b"), "{'b': 1, **c}"),
    ("«{'a': 1}»", SetEntry("a", '"x"'), "{'a': \"x\"}"),
    ("«{'a': x}»", WrapEntry("a", "[", "]"), "{'a': [x]}"),
    # arguments
    ("«f(a={'b': {'c': 1}})»", TakeEntry("a", ("b", "c"), "d"), "f(a={'b': {'c': 1}}, d=1)"),
    ("«f(a={'b': 1})»", TakeEntry("a", ("b",), "a"), "f(a=1)"),
    ("«f(i=x)»", ToMessages("i", is_list=False), 'f(messages=[{"role": "user", "content": x}])'),
    ("«f(i=x)»", ToMessages("i", is_list=True), "f(messages=x)"),
    (
        "«f(i=x or y)»",
        ToMessages("i", is_list=True, system="s"),
        'f(messages=[{"role": "system", "content": s}, *(x or y)])',
    ),
    (
        "«f(s=1, i=[x])»",
        ToMessages("i", is_list=True, instructions="s"),
        'f(messages=[{"role": "system", "content": 1}, x])',
    ),
    (
        "«f(\n  i=x,\n  s='S',\n)»",
        ToMessages("i", is_list=False, instructions="s"),
        'f(\n  messages=[\n      {"role": "system", "content": \'S\'},\n      {"role": "user", "content": x},\n  ],\n)',
    ),
    (
        "«f(\n  i=[\n    x,\n  ],\n)»",
        ToMessages("i", is_list=True, system="s"),
        'f(\n  messages=[\n    {"role": "system", "content": s},\n    x,\n  ],\n)',
    ),
]


@pytest.mark.parametrize(("before", "operation", "after"), RESHAPED)
def test_from_one_form_to_another(before: str, operation: Operation, after: str) -> None:
    code, spans = marked(before)
    made = rewrite(code, [fix(spans, [(i, operation) for i in range(len(spans))])])
    assert [str(reason) for _, reason in made.refused] == []
    assert made.text == after


MISFITS: list[tuple[str, Operation, str]] = [
    ("«r.b»", ReplaceTail(".c", ".d"), "'.c' does not stand here"),
    ("«r»", ReplaceCallee("b", "c"), "it is not a call"),
    ("«r»", RemoveEntry("a"), "it is no dictionary that is written out"),
    ("«f(a=b)»", TakeEntry("a", ("c",), "d"), "'a' is not written out here"),
    ("«f()»", TakeEntry("a", ("c",), "d"), "the call has no argument 'a'"),
    ("«f(a=1)»", ToMessages("a", is_list=False, instructions="b"), "the call has no argument 'b'"),
    ("f'{«r.b»}'", ReplaceTail(".b", "['c']"), "it stands inside an f-string"),
    ("«'a/a'»", ReplaceText("a", "b"), "'a' does not stand once in 'a/a'"),
    ("«f'{a}b'»", ReplaceText("ab", "c"), "'ab' does not stand once in f'{a}b'"),
    ("«a + 'b'»", ReplaceText("b", "c"), "it is not a plain string literal"),
    ("f'{«r.b»}'", Wrap("(", ")"), "it stands inside an f-string"),
]


@pytest.mark.parametrize(("before", "operation", "reason"), MISFITS)
def test_forms_that_do_not_fit(before: str, operation: Operation, reason: str) -> None:
    code, spans = marked(before)
    made = rewrite(code, [fix(spans, [(0, operation)])])
    assert made.text == code
    assert [str(why) for _, why in made.refused] == [reason]


def test_a_call_that_keeps_both_sides_cannot_put_a_mapping_before_an_iterable() -> None:
    code, [span] = marked("«f(a=1, *b)»")
    switched = Fix(text("t"), (Change(span, (RenameArgument("a", "c"),), Switch("ends", "qwen")),))
    made = rewrite(code, [switched])
    assert (made.text, [str(why) for _, why in made.refused]) == (code, ["some arguments are unpacked"])


def test_a_fix_is_made_as_a_whole_or_not_at_all() -> None:
    before = "«f(a=1)»; «g(**kw)»; «h()»"
    result = run(before, [(0, drop_b), (0, url), (1, add)], [(2, add)], [(0, add)])
    assert result.text == "f(a=1, new=1); g(**kw); h(new=1)"
    assert [f.changes[0].operations for f in result.applied] == [(add,), (add,)]
    assert reasons(result) == ["'new' may come from **kw"]


def test_a_refusal_that_shows_only_after_another_fix_was_refused() -> None:
    # the second builds on the first, which cannot be made
    result = run("«f(b=1)»; «g(**kw)»", [(0, RenameArgument("b", "c")), (1, add)], [(0, RenameArgument("c", "d"))])
    assert result.text == "f(b=1); g(**kw)"
    assert reasons(result) == ["'new' may come from **kw", "the call has no argument 'c'"]


def test_of_two_crossing_changes_the_later_is_refused() -> None:
    code = "f(a, g(b))"
    fixes = [fix([Span(0, 10)], [(0, add)]), fix([Span(2, 6)], [(0, add)]), fix([Span(5, 9)], [(0, url)])]
    result = rewrite(code, [fixes[0], fixes[2], fixes[1]])
    assert result.text == 'f(a, g(b, base_url="u"), new=1)'
    assert [(f, str(r)) for f, r in result.refused] == [(fixes[1], "it overlaps another change")]


def test_mixed_newlines_stay_outside_and_the_most_frequent_wins_inside() -> None:
    code, spans = marked("a = 1\r\nb = 2\r«f(\r\n    a=1,\r\n    b=2\n)»\nc = 3\r\n")
    result = rewrite(code, [fix(spans, [(0, add)])])
    assert result.text == "a = 1\r\nb = 2\rf(\r\n    a=1,\r\n    b=2,\r\n    new=1\r\n)\nc = 3\r\n"


def test_nothing_to_do_is_no_edit() -> None:
    result = run("«f(new=1)»\r\n", [(0, add)])
    assert (result.text, result.edits, len(result.applied)) == ("f(new=1)\r\n", (), 1)
    assert rewrite("x = 1\n", []) == Rewritten("x = 1\n")


def test_text_that_does_not_parse_gets_no_imports() -> None:
    code, spans = marked("print 'a'\n«f()»\n")
    result = rewrite(code, [fix(spans, [(0, add)]), fix(spans, [(0, url)], os)])
    assert result.text == "print 'a'\nf(new=1)\n"
    assert run("print 'a'\nx = «'k'»\n", [(0, Replace("a or b"))]).text == "print 'a'\nx = (a or b)\n"
    assert reasons(result) == ["the file does not parse, so its imports are unknown"]


def test_a_result_that_does_not_parse_is_our_bug() -> None:
    code, spans = marked("«f()» = 1")  # not Python: no claim about the result
    assert rewrite(code, [fix(spans, [(0, add)])]).text == "f(new=1) = 1"
    code, spans = marked("for «x» in y: pass")
    with pytest.raises(TransformError):
        rewrite(code, [fix(spans, [(0, Replace("1"))])])


def test_the_masked_text_must_be_as_long() -> None:
    with pytest.raises(ValueError, match="as long"):
        rewrite("abc", [], python="ab")


# Imports


IMPORTS: list[tuple[str, Sequence[Import], str]] = [
    # where there is no import
    ("«x»\n", [os], "import os\n\n{}\n"),
    ("«x»", [os], "import os\n\n{}"),
    ("\n«x»\n", [os], "import os\n\n{}\n"),
    ('"""Doc."""\n\n«x»\n', [os], '"""Doc."""\n\nimport os\n\n{}\n'),
    ('"""Doc."""\n«x»\n', [os], '"""Doc."""\n\nimport os\n\n{}\n'),
    ("#!/usr/bin/env python\n# by me\n\n«x»\n", [os], "#!/usr/bin/env python\n# by me\n\nimport os\n\n{}\n"),
    ("from __future__ import annotations\n«x»\n", [os], "from __future__ import annotations\n\nimport os\n\n{}\n"),
    (
        '"""Doc."""\nfrom __future__ import annotations\n\n«x»\n',
        [os, openai],
        '"""Doc."""\nfrom __future__ import annotations\n\nimport os\nfrom openai import OpenAI\n\n{}\n',
    ),
    # where there is a block of imports
    ("import sys\n«x»\n", [os], "import os\nimport sys\n{}\n"),
    ("import json\nimport sys\n\n«x»\n", [os], "import json\nimport os\nimport sys\n\n{}\n"),
    ("import json  # why\n\nimport openai\n«x»\n", [os], "import json  # why\nimport os\n\nimport openai\n{}\n"),
    ("from json import load\n«x»\n", [os], "import os\nfrom json import load\n{}\n"),
    ("import openai\n\n«x»\n", [os], "import os\n\nimport openai\n\n{}\n"),
    ("# clients\nimport openai\n\n«x»\n", [os], "# clients\nimport openai\nimport os\n\n{}\n"),
    ("import json; import openai\n«x»\n", [os], "import json; import openai\nimport os\n{}\n"),
    ("import json\n\n«x»\n", [openai], "import json\n\nfrom openai import OpenAI\n\n{}\n"),
    ("import httpx\n«x»\n", [openai], "import httpx\nfrom openai import OpenAI\n{}\n"),
    (
        "import json\ntry:\n    import y\nexcept ImportError:\n    y = 0\n«x»\n",
        [os],
        "import json\nimport os\ntry:\n    import y\nexcept ImportError:\n    y = 0\n{}\n",
    ),
    # there already
    ("import os\n«x»\n", [os], "import os\n{}\n"),
    ("import json, os\n«x»\n", [os], "import json, os\n{}\n"),
    ("import os.path\n«x»\n", [os], "import os.path\n{}\n"),
    ("import os as os\n«x»\n", [os], "import os as os\n{}\n"),
    ("def f():\n    import os\n    «x»\n", [os], "def f():\n    import os\n    {}\n"),
    ("def f():\n    «x»\n\nimport os\n", [os], "def f():\n    {}\n\nimport os\n"),
    (
        "try:\n    from openai import OpenAI\nexcept ImportError:\n    OpenAI = None\n«x»\n",
        [openai],
        "try:\n    from openai import OpenAI\nexcept ImportError:\n    OpenAI = None\n{}\n",
    ),
    # there, but not for this
    ("import os as o\n«x»\n", [os], "import os\nimport os as o\n{}\n"),
    ("from openai import OpenAI as O\n«x»\n", [openai], "from openai import OpenAI as O, OpenAI\n{}\n"),
    ("«x»\nimport os\n", [os], "import os\n\n{}\nimport os\n"),
    ("if TYPE_CHECKING:\n    import os\n«x»\n", [os], "import os\n\nif TYPE_CHECKING:\n    import os\n{}\n"),
    ("def g():\n    import os\n\n«x»\n", [os], "import os\n\ndef g():\n    import os\n\n{}\n"),
    (
        "class C:\n    os = 1\n\n    def f(self):\n        «x»\n",
        [os],
        "import os\n\nclass C:\n    os = 1\n\n    def f(self):\n        {}\n",
    ),
    (
        "def f():\n    global os\n    os = 1\n    return [«x» for y in z]\n",
        [openai],
        "from openai import OpenAI\n\ndef f():\n    global os\n    os = 1\n    return [{} for y in z]\n",
    ),
    # into a statement that is there
    ("from openai import APIError\n«x»\n", [openai], "from openai import APIError, OpenAI\n{}\n"),
    ("from openai import Stream\n«x»\n", [openai], "from openai import OpenAI, Stream\n{}\n"),
    ("from openai import Stream, APIError\n«x»\n", [openai], "from openai import Stream, APIError, OpenAI\n{}\n"),
    ("from openai import (APIError,)\n«x»\n", [openai], "from openai import (APIError, OpenAI,)\n{}\n"),
    (
        "from openai import APIError, \\\n    BadRequestError\n«x»\n",
        [openai],
        "from openai import APIError, \\\n    BadRequestError, OpenAI\n{}\n",
    ),
    (
        "from openai import (\n    APIError,\n    Stream,\n)\n«x»\n",
        [openai],
        "from openai import (\n    APIError,\n    OpenAI,\n    Stream,\n)\n{}\n",
    ),
    (
        "from openai import (\n    APIError,  # one\n)\n«x»\n",
        [openai],
        "from openai import (\n    APIError,  # one\n    OpenAI,\n)\n{}\n",
    ),
    (
        "from openai import (\n    APIError  # one\n)\n«x»\n",
        [openai],
        "from openai import (\n    APIError,  # one\n    OpenAI\n)\n{}\n",
    ),
    (
        "from openai import (\n    APIError,\n    BadRequestError)\n«x»\n",
        [openai],
        "from openai import (\n    APIError,\n    BadRequestError,\n    OpenAI)\n{}\n",
    ),
    ("from openai import *\n«x»\n", [openai], "from openai import *\nfrom openai import OpenAI\n{}\n"),
    (
        "try:\n    from openai import APIError\nexcept ImportError:\n    pass\n«x»\n",
        [openai],
        "try:\n    from openai import APIError, OpenAI\nexcept ImportError:\n    pass\n{}\n",
    ),
    ("«x»\nfrom openai import APIError\n", [openai], "from openai import OpenAI\n\n{}\nfrom openai import APIError\n"),
    ("名 = 1\nfrom 库 import 甲  # 注\n«x»\n", [Import("库", "乙")], "名 = 1\nfrom 库 import 乙, 甲  # 注\n{}\n"),
    # a function that imports it only in some cases, or too late, does so at once
    (
        'def f():\n    """Do."""\n    if y:\n        import os\n    return «x»\n',
        [os],
        'def f():\n    """Do."""\n    import os\n    if y:\n        import os\n    return {}\n',
    ),
    ("def f():\n    «x»\n    import os\n", [os], "def f():\n    import os\n    {}\n    import os\n"),
]


@NEWLINES
@pytest.mark.parametrize(("before", "imports", "after"), IMPORTS)
def test_imports(before: str, imports: Sequence[Import], after: str, newline: str) -> None:
    before, after = before.replace("\n", newline), after.replace("\n", newline)
    operation = Replace(" + ".join(i.name or i.module for i in imports))
    result = run(before, [(0, operation)], imports=imports)
    # a text without a newline does not tell which one it wants
    after = after if newline in before else after.replace(newline, "\n")
    assert (result.text, reasons(result)) == (after.format(operation.code), [])
    place = Span(after.index("{}"), after.index("{}") + len(operation.code))
    again = rewrite(result.text, [fix([place], [(0, operation)], *imports)])
    assert (again.text, again.edits) == (result.text, ())


BOUND: list[tuple[str, Import, str]] = [
    ("os = 1\n«x»\n", os, "'os' means something else here"),
    ("import posix as os\n«x»\n", os, "'os' means something else here"),
    ("from x import os\n«x»\n", os, "'os' means something else here"),
    ("def os(): ...\n«x»\n", os, "'os' means something else here"),
    ("for os in y: pass\n«x»\n", os, "'os' means something else here"),
    ("with y as (a, os): pass\n«x»\n", os, "'os' means something else here"),
    ("try: pass\nexcept E as os: pass\n«x»\n", os, "'os' means something else here"),
    ("if (os := 1): pass\n«x»\n", os, "'os' means something else here"),
    ("match y:\n    case {'a': 1, **os}: pass\n«x»\n", os, "'os' means something else here"),
    ("def f(*, os):\n    «x»\n", os, "'os' means something else here"),
    ("f = lambda os: «x»\n", os, "'os' means something else here"),
    ("y = [«x» for os in z]\n", os, "'os' means something else here"),
    ("class C:\n    os = 1\n    y = «x»\n", os, "'os' means something else here"),
    ("from langfuse.openai import OpenAI\n«x»\n", openai, "'OpenAI' means something else here"),
    ("class C:\n    if y:\n        import os\n    z = «x»\n", os, "'os' is imported only in some cases here"),
    ("def f(): y; «x»; import os\n", os, "'os' is imported only in some cases here"),
]


@pytest.mark.parametrize(("before", "wanted", "reason"), BOUND)
def test_names_that_mean_something_else(before: str, wanted: Import, reason: str) -> None:
    result = run(before, [(0, Replace(wanted.name or wanted.module))], imports=[wanted])
    assert (result.text, reasons(result)) == (marked(before)[0], [reason])


def test_two_fixes_that_want_one_name_for_different_things() -> None:
    code, spans = marked("import y\n«f()»; «g()»; «h()»\n")
    wrapped = Import("langfuse.openai", "OpenAI")
    named = RenameFunction("OpenAI")
    fixes = [fix(spans, [(i, named)], wanted) for i, wanted in enumerate([openai, wrapped, openai])]
    result = rewrite(code, fixes)
    assert result.text == "import y\nfrom openai import OpenAI\nOpenAI(); g(); OpenAI()\n"
    assert [(f, str(r)) for f, r in result.refused] == [(fixes[1], "'OpenAI' means something else here")]


AZURE: list[tuple[str, str]] = [
    ("from openai import AzureOpenAI\nc = «AzureOpenAI()»\n", "from openai import OpenAI\nc = OpenAI()\n"),
    ("from openai import AzureOpenAI as A\nc = «A()»\n", "from openai import OpenAI\nc = OpenAI()\n"),
    (
        "from openai import (\n    AzureOpenAI,  # why\n    Stream,\n)\nc = «AzureOpenAI()»\nd = «AzureOpenAI()»\n",
        "from openai import (\n    OpenAI,  # why\n    Stream,\n)\nc = OpenAI()\nd = OpenAI()\n",
    ),
    # used elsewhere: in code, in __all__, in a quoted annotation
    (
        "from openai import AzureOpenAI\nc: AzureOpenAI = «AzureOpenAI()»\n",
        "from openai import AzureOpenAI, OpenAI\nc: AzureOpenAI = OpenAI()\n",
    ),
    (
        "from openai import AzureOpenAI\n__all__ = ['AzureOpenAI']\nc = «AzureOpenAI()»\n",
        "from openai import AzureOpenAI, OpenAI\n__all__ = ['AzureOpenAI']\nc = OpenAI()\n",
    ),
    (
        "from openai import AzureOpenAI\nc: 'list[AzureOpenAI]' = «AzureOpenAI()»\n",
        "from openai import AzureOpenAI, OpenAI\nc: 'list[AzureOpenAI]' = OpenAI()\n",
    ),
    # a sentence is no use, an annotation that changes too is none either
    (
        "from openai import AzureOpenAI\n'''An AzureOpenAI client.'''\nc: «AzureOpenAI» = «AzureOpenAI()»\n",
        "from openai import OpenAI\n'''An AzureOpenAI client.'''\nc: OpenAI = OpenAI()\n",
    ),
    # the new name is there
    ("from openai import AzureOpenAI, OpenAI\nc = «AzureOpenAI()»\n", "from openai import OpenAI\nc = OpenAI()\n"),
    ("from openai import OpenAI, AzureOpenAI\nc = «AzureOpenAI()»\n", "from openai import OpenAI\nc = OpenAI()\n"),
    (
        "from openai import AzureOpenAI\nfrom openai import OpenAI\nc = «AzureOpenAI()»\n",
        "from openai import OpenAI\nc = OpenAI()\n",
    ),
    # imported in functions, and where it may be missing
    (
        "def f():\n    from openai import AzureOpenAI\n    return «AzureOpenAI()»\n",
        "def f():\n    from openai import OpenAI\n    return OpenAI()\n",
    ),
    (
        "def f():\n    from openai import AzureOpenAI\n    return «AzureOpenAI()» or AzureOpenAI\n",
        "def f():\n    from openai import AzureOpenAI, OpenAI\n    return OpenAI() or AzureOpenAI\n",
    ),
    (
        "try:\n    from openai import AzureOpenAI\nexcept ImportError:\n    AzureOpenAI = None\nc = «AzureOpenAI()»\n",
        "try:\n    from openai import AzureOpenAI, OpenAI\nexcept ImportError:\n    AzureOpenAI = None\nc = OpenAI()\n",
    ),
    # by attribute: nothing to import
    ("import openai\nc = «openai.AzureOpenAI()»\n", "import openai\nc = openai.OpenAI()\n"),
    # the name that changes is not the one that was imported
    (
        "from openai import AzureOpenAI\nc = «AzureOpenAI().azure()»\n",
        "from openai import AzureOpenAI\nc = AzureOpenAI().OpenAI()\n",
    ),
]


@NEWLINES
@pytest.mark.parametrize("named", [True, False], ids=["named", "implied"])
@pytest.mark.parametrize(("before", "after"), AZURE)
def test_a_renamed_function_is_imported_by_its_new_name(before: str, after: str, named: bool, newline: str) -> None:
    code, spans = marked(before.replace("\n", newline))
    needs = named and "openai." not in after and ")." not in after
    renames = [(i, RenameFunction("OpenAI")) for i in range(len(spans))]
    result = rewrite(code, [fix(spans, renames, *[openai] * needs)])
    assert (result.text, reasons(result)) == (after.replace("\n", newline), [])


def test_several_renamed_names_leave_one_import() -> None:
    code, spans = marked(
        "from openai import AsyncAzureOpenAI, AsyncOpenAI, OpenAI, AzureOpenAI, APIError, lib\n"
        "a, b = «AzureOpenAI()», «AsyncAzureOpenAI()»\n"
    )
    fixes = [fix(spans, [(0, RenameFunction("OpenAI"))]), fix(spans, [(1, RenameFunction("AsyncOpenAI"))])]
    assert rewrite(code, fixes).text == (
        "from openai import AsyncOpenAI, OpenAI, APIError, lib\na, b = OpenAI(), AsyncOpenAI()\n"
    )
    code, spans = marked("from openai import OpenAI, AzureOpenAI, AzureOpenAI as A\na, b = «AzureOpenAI()», «A()»\n")
    fixes = [fix(spans, [(i, RenameFunction("OpenAI"))]) for i in (0, 1)]
    assert rewrite(code, fixes).text == "from openai import OpenAI\na, b = OpenAI(), OpenAI()\n"


def test_a_project_module_may_lack_the_new_name() -> None:
    result = run("from .llm import AzureOpenAI\nc = «AzureOpenAI()»\n", [(0, RenameFunction("OpenAI"))])
    assert reasons(result) == ["'OpenAI' may be missing from the module .llm"]
    result = run(
        "from .llm import AzureOpenAI\nc = «AzureOpenAI()»\n", [(0, RenameFunction("OpenAI"))], imports=[openai]
    )
    assert result.text == "from .llm import AzureOpenAI\nfrom openai import OpenAI\nc = OpenAI()\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("import os\n\nc = «A(os.environ)»\n", "\nc = B()\n"),
        ("import os\nimport re\n\nc = «A(os.environ)»\n", "import re\n\nc = B()\n"),
        ("from openai import A, C\nc = «A()», C\n", "from openai import C\nc = B(), C\n"),
        # still needed, needed by nothing before, known to do more, said to stay
        ("import os\n\nc = «A(os.environ)», os\n", "import os\n\nc = B(), os\n"),
        ("import os\n\nc = «A()»\n", "import os\n\nc = B()\n"),
        ("import config\n\nc = «A(config)»\n", "import config\n\nc = B()\n"),
        ("import os  # for a\n\nc = «A(os.environ)»\n", "import os  # for a\n\nc = B()\n"),
        ("import os\n\nc = «A(os.environ)»\n__all__ = ['os']\n", "import os\n\nc = B()\n__all__ = ['os']\n"),
    ],
)
def test_an_import_that_nothing_needs_any_more_goes(before: str, after: str) -> None:
    result = run(before, [(0, Replace("B()"))])
    assert (result.text, result.refused) == (after, ())
    assert run(before, [(0, Replace("B()"))], imports=[Import("sys")]).text == after, "none comes for nothing"


def test_imports_of_many_fixes_are_made_once() -> None:
    code, spans = marked("import openai\na = «x»\nb = «x»\n")
    fixes = [fix(spans, [(i, Replace("os.environ['K']"))], os) for i in (0, 1)]
    after = "import os\n\nimport openai\na = os.environ['K']\nb = os.environ['K']\n"
    assert rewrite(code, fixes).text == after
    assert rewrite(code, fixes[::-1]).text == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", "import os\n"),
        ("# by me", "# by me\n\nimport os\n"),
        ('"""Doc."""\n', '"""Doc."""\n\nimport os\n'),
        ("import os\n", "import os\n"),
    ],
)
def test_imports_without_a_change(before: str, after: str) -> None:
    assert rewrite(before, [Fix(TITLE, (), (os,))]).text == after


def test_only_changes_that_speak_of_a_name_must_see_it() -> None:
    code, spans = marked("import y\ndef g(os):\n    «f()»\n«f()»\n")
    body = ExtendBody((("key", "os.environ['K']"),))
    assert rewrite(code, [fix(spans, [(0, add), (1, body)], os)]).text == (
        "import os\n\nimport y\ndef g(os):\n    f(new=1)\nf(extra_body={\"key\": os.environ['K']})\n"
    )
    assert reasons(rewrite(code, [fix(spans, [(0, body), (1, add)], os)])) == ["'os' means something else here"]


def test_a_refused_fix_imports_nothing() -> None:
    code, spans = marked("import openai\n«f(**kw)»\n")
    assert rewrite(code, [fix(spans, [(0, add)], os)]).text == code


MAGIC = re.compile(r"^[%!].*", re.MULTILINE)

NOTEBOOKS: list[tuple[str, str]] = [
    (
        "%pip install openai\nimport json\nimport openai\n«f(key=«'k'»)»\n!ls",
        "%pip install openai\nimport json\nimport os\nimport openai\nf(key=os.environ['K'], new=1)\n!ls",
    ),
    ("%pip x\nimport openai\n«f(«'k'»)»", "%pip x\nimport os\n\nimport openai\nf(os.environ['K'], new=1)"),
    # no import above: right above the statement, never above a magic
    ("%%time\nx = 1\n«f(«'k'»)»\nimport json", "%%time\nx = 1\nimport os\nf(os.environ['K'], new=1)\nimport json"),
    ("%%time\n@«f(«'k'»)»\ndef g(): ...", "%%time\nimport os\n@f(os.environ['K'], new=1)\ndef g(): ..."),
    ("%%time\ndef g():\n    «f(«'k'»)»", "%%time\nimport os\ndef g():\n    f(os.environ['K'], new=1)"),
    ("x = 1\n\nimport os\n«f(«'k'»)»", "x = 1\n\nimport os\nf(os.environ['K'], new=1)"),
]


@NEWLINES
@pytest.mark.parametrize(("before", "after"), NOTEBOOKS)
def test_notebook(before: str, after: str, newline: str) -> None:
    code, spans = marked(before)
    python = MAGIC.sub(lambda found: "0" + "#" * (len(found.group()) - 1), code)
    python, code = python.replace("\n", newline), code.replace("\n", newline)
    _, spans = marked(before.replace("\n", newline))
    wanted = fix(spans, [(0, add), (1, Replace("os.environ['K']"))], os)
    result = rewrite(code, [wanted], python=python, imports_at=0)
    assert (result.text, reasons(result)) == (after.replace("\n", newline), [])
    assert apply(code, result.edits) == result.text


# What code of the 0.28 API becomes


@pytest.mark.parametrize(
    ("before", "place", "after"),
    [
        ('x = r["a"]', 'r["a"]', "x = r.a"),
        ('x = r.get("a").b', 'r.get("a")', "x = r.a.b"),
        ('x = r.get("a", "").b', 'r.get("a", "")', 'x = (r.a or "").b'),
        ('x = r.get("a", y if z else "")', 'r.get("a", y if z else "")', 'x = r.a or (y if z else "")'),
        ('x = r.get("a", None)', 'r.get("a", None)', "x = r.a"),
        ('if "a" in r: pass', '"a" in r', "if r.a is not None: pass"),
        ('x = not "a" not in r', '"a" not in r', "x = not (r.a is None)"),
        ('x = not hasattr(r, "a")', 'hasattr(r, "a")', "x = not (r.a is not None)"),
        ("x = f\"{r['a']!r:>9} {y}\"", "r['a']", 'x = f"{r.a!r:>9} {y}"'),
        ('x = f"""\n{r["a"]}\n"""', 'r["a"]', 'x = f"""\n{r.a}\n"""'),
        ('x = r["self-harm/intent"]', 'r["self-harm/intent"]', "x = r.self_harm_intent"),
    ],
)
def test_read_attribute(before: str, place: str, after: str) -> None:
    start = before.index(place)
    fix = Fix(text("x"), (Change(Span(start, start + len(place)), (ReadAttribute(),)),))
    made = rewrite(before, [fix])
    assert (made.text, made.refused) == (after, ())


@pytest.mark.parametrize(
    ("before", "place", "statements", "after"),
    [
        ("a = 1\nb = 2\nc = 3\n", "b = 2", (), "a = 1\nc = 3\n"),
        ("a = 1\nb = 2  # two\n", "b = 2", (), "a = 1\n# two\n"),
        ("if a:\n    b = 2\n", "b = 2", (), "if a:\n    pass\n"),
        ("if a:\n    b = 2\n", "b = 2", ("c = 3", "d = 4"), "if a:\n    c = 3\n    d = 4\n"),
        ("b = 2", "b = 2", (), ""),
    ],
)
def test_replace_statement(before: str, place: str, statements: tuple[str, ...], after: str) -> None:
    start = before.index(place)
    fix = Fix(text("x"), (Change(Span(start, start + len(place)), (ReplaceStatement(statements),)),))
    assert rewrite(before, [fix]).text == after


def test_statement_beside_another_stays() -> None:
    fix = Fix(text("x"), (Change(Span(0, 5), (ReplaceStatement(),)),))
    made = rewrite("a = 1; b = 2\n", [fix])
    assert made.text == "a = 1; b = 2\n"
    assert [str(reason) for _, reason in made.refused] == ["it is no statement with lines of its own"]


def test_name_positional() -> None:
    code = 'f("a", b, c=1)'
    fix = Fix(text("x"), (Change(Span(0, len(code)), (NamePositional(("model", "file")),)),))
    assert rewrite(code, [fix]).text == 'f(model="a", file=b, c=1)'
    short = Fix(text("x"), (Change(Span(0, len(code)), (NamePositional(("model",)),)),))
    assert rewrite(code, [short]).refused


def test_functions_for_one_statement_stand_two_lines_apart() -> None:
    code, spans = marked("a = 1\nb = «f(**c)»\n")
    functions = [Definition(name, f"\ndef {name}(options):\n    return options\n") for name in ("one", "two")]
    change = Change(spans[0], (PassThrough("one"), PassThrough("two")))
    made = rewrite(code, [Fix(TITLE, (change,), (), tuple(functions))])
    written = "\n\n\n".join(f"def {name}(options):\n    return options" for name in ("one", "two"))
    assert apply(code, made.edits) == f"a = 1\n\n\n{written}\n\n\nb = f(**two(one(c)))\n"
