"""Where the results of calls go: which uses are found, and when they get lost."""

from __future__ import annotations

import ast

import pytest

from llm_codemods.parsed import Module
from llm_codemods.results import Look, Result, may_change, results

CALL = "c.responses.create(input=i)"


def found(code: str) -> list[Result]:
    module = Module(code)
    calls = [node for node in ast.walk(module.tree) if isinstance(node, ast.Call) and may_change(node)]
    return sorted(results(module.tree, calls, module.span), key=lambda r: r.call)


def uses(code: str) -> list[str]:
    """Return the uses of the result of the first call, each as ``use steps``, ``lost`` where it gets lost."""
    return list(told(found(code)[0].looks))


def told(looks: tuple[Look, ...]) -> list[str]:
    lines: list[str] = []
    for look in looks:
        lines.append(" ".join(("lost" if look.lost else look.use, *look.steps)))
        lines += told(look.inner)
    return lines


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (f"print({CALL}.output_text)", ["show .output_text"]),
        (f"r = {CALL}\nr.a.b[0]['k'].c()", ["bind", 'read .a .b [0] ["k"] .c ()']),
        (f"async def f():\n    r = await {CALL}\n    return r.a", ["bind", "give .a"]),
        (f"for e in {CALL}:\n    e.type == 'x'", ["loop", "compare .type"]),
        (f"with {CALL} as s:\n    for e in s:\n        pass", ["enter", "loop"]),
        (f"r = {CALL}\nif r.a:\n    pass\nassert not r.b\nr.c is None", ["bind", "test .a", "test .b", "test .c"]),
        (f"r = {CALL}\nm.append(r.a)\nn = [r.b]", ["bind", "put .a", "put .b"]),
        (f"r = {CALL}\nlogger.info('%s', r)\nf'{{r}}'", ["bind", "show", "show"]),
        (
            f"r = {CALL}\nx = [i for i in r.o if i.t]\nx[0].n",
            ["bind", "loop .o", "collect", "bind", "read [0] .n", "test .t"],
        ),
        (f"def f():\n    return {CALL}", ["give"]),
        (f"g({CALL})", ["give"]),
        (f"if (r := {CALL}.m) is not None:\n    r.a", ["bind .m", "read .a", "test"]),
        # what is read under one name is the last that was bound to it
        (f"r = {CALL}\nr.a\nr = 1\nr.b", ["bind", "read .a"]),
        (f"r = None\nr = {CALL}\nr.a", ["bind", "read .a"]),
        (f"if x:\n    r = {CALL}\n    r.a\nelse:\n    r = 1\n    r.b", ["bind", "read .a"]),
        (f"for q in p:\n    r = {CALL}\n    r.a\n    r = 1", ["bind", "read .a"]),
        (f"r = {CALL}\ndef f():\n    return r.a", ["bind", "give .a"]),
        (f"r = {CALL}\ndef f(r):\n    return r.a", ["bind"]),
        (f"r = {CALL}\n[r.a for r in x]", ["bind"]),
        # or that of another call of the same method
        (f"if x:\n    r = {CALL}\nelse:\n    r = {CALL}\nr.b", ["bind", "read .b"]),
        (f"r = {CALL}\nwhile r.a:\n    r = {CALL}", ["bind", "test .a"]),
        (
            f"r = {CALL}\ngetattr(r, 'a', None).b\nhasattr(r, 'a')\nisinstance(r, A)",
            ["bind", "read .a .b", "give", "give"],
        ),
        # or nobody can tell
        (f"r = {CALL}\nif x:\n    r = 1\nr.b", ["lost"]),
        (f"if x:\n    r = {CALL}\nelse:\n    r = 1\nr.b", ["lost"]),
        (f"r = {CALL}\nwhile r.a:\n    r = 1", ["lost"]),
        (f"try:\n    r = {CALL}\nexcept E:\n    r = 1\nr.b", ["lost"]),
        (f"def f(r=1):\n    if x:\n        r = {CALL}\n    return r.a", ["lost"]),
        (f"def f():\n    global r\n    r = {CALL}", ["lost"]),
        (f"r = {CALL}\ndef f():\n    return r.a\nr = 1", ["lost"]),
        (f"class A:\n    r = {CALL}", ["lost"]),
        (f"self.r = {CALL}", ["give"]),
    ],
)
def test_uses(code: str, expected: list[str]) -> None:
    ast.parse(code)
    assert uses(code) == expected


def test_conditions_that_hold_where_a_look_stands() -> None:
    code = f"for e in {CALL}:\n    if e.type == 'x' and e.y:\n        e.delta\n    else:\n        e.other"
    looks = {look.steps: look for look in found(code)[0].looks[0].inner}
    compared = looks[".type",].around
    assert compared in looks[".delta",].tests
    assert compared in looks[".y",].tests
    assert compared not in looks[".other",].tests


def test_calls_whose_results_meet_know_of_each_other() -> None:
    first, second = found(f"if x:\n    r = {CALL}\nelse:\n    r = {CALL}\nr.b")
    assert first.beside == {second.call}
    assert second.beside == {first.call}


def test_what_is_said_of_arguments() -> None:
    code = "T = []\nU = []\nc.responses.create(input=f'{x}', tools=T, more=U, name=n.format())\nU.append(1)"
    (result,) = found(code)
    assert result.method == "c.responses.create"
    assert result.alone == {"tools"}
    assert result.texts == {"input", "name"}


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("r['a'][0].get('b').c", ["read .a [0] .b .c"]),
        ("r.get('a', [{}])[0]['b']", ["read .a [0] .b"]),
        ("r.get(k)", ["read .get (…)"]),
        ("if 'a' in r['b']:\n    pass", ["test .b .a"]),
        ("'a' not in r", ["test .a"]),
        ("print(r['a'])", ["show .a"]),
        ("r.keys()", ["read .keys ()"]),
    ],
)
@pytest.mark.parametrize("call", ["openai.Completion.create(prompt=p)", "Completion.create(prompt=p)"])
def test_dictionaries_of_0_28_are_followed_as_objects(call: str, code: str, expected: list[str]) -> None:
    assert uses(f"r = {call}\n{code}") == ["bind", *expected]


def test_chat_of_0_28_is_followed_where_it_has_functions() -> None:
    code = "o.ChatCompletion.create(messages=m)\no.ChatCompletion.acreate(functions=f)"
    assert [r.method for r in found(code)] == ["o.ChatCompletion.acreate"]


def test_chat_is_followed_only_where_it_has_functions() -> None:
    code = "c.chat.completions.create(messages=m)\nc.chat.completions.create(functions=f)"
    assert [code[r.call.start : r.call.end] for r in found(code)] == ["c.chat.completions.create(functions=f)"]


def test_messages_that_answer_a_call_belong_to_the_last_one_before_them() -> None:
    create = "c.chat.completions.create(functions=f)"
    reply = "{'role': 'function', 'name': n, 'content': x}"
    code = f"a = {create}\nm = {reply}\nb = {create}\nm = {{'role': 'function'}}\ndef g():\n    m = {reply}\n"
    first, second = found(code)
    assert [each.named for each in first.replies] == [True]
    assert [each.named for each in second.replies] == [False]
