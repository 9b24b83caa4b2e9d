"""Every text has its Chinese twin, and the tool that sees to it is right."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest
from babel.messages.catalog import Catalog

SCRIPT = Path(__file__).parent.parent / "scripts" / "texts.py"


def load() -> ModuleType:
    spec = importlib.util.spec_from_file_location("texts", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


texts = load()


def templates(source: str) -> list[str]:
    return [found.template for found in texts.extract(source, "cli/x.py")]


def test_the_catalogue_is_complete() -> None:
    assert texts.check() == []


def test_texts_are_collected_from_both_packages() -> None:
    paths = {found.path.partition("/")[0] for found in texts.collect()}
    assert paths == {"cli", "codemods"}


def test_literals_are_found() -> None:
    source = 'say("a {x}", x=text("b"))\nlanguage.say("c " "d")\ntext.text("e")\nother.say("f")\nsay()\n'
    assert templates(source) == ["a {x}", "b", "c d", "e"]


def test_variables_of_type_text_may_be_said() -> None:
    assert templates("say(message); say(finding.message); say(WORDS[x]); say(title(x))") == []


@pytest.mark.parametrize(
    "call",
    [
        'say(f"a {x}")',
        'say(f"a")',
        'text(f"a {x}")',
        'say("a" + x)',
        'say("a %s" % x)',
        'say("a {}".format(x))',
        'say(", ".join(x))',
        'say("a" if x else "b")',
        'say(x or "a")',
        "text(x)",
        'text("a" if x else "b")',
    ],
)
def test_texts_put_together_at_run_time_are_refused(call: str) -> None:
    with pytest.raises(texts.NotLiteralError, match=r"cli/x\.py:2: "):
        templates(f"x = 1\n{call}\n")


def test_pages_of_rules_are_texts() -> None:
    page = '"""Title.\n\nWhy: a {b}\n  c.\n\nFix: none.\n"""\n'
    found = [text.template for text in texts.extract_page(page, "rules/x.py")]
    assert found == ["Title.", "a {{b}} c.", "none."]
    assert list(texts.extract_page("x = 1\n", "rules/x.py")) == []
    pages = {
        text.path
        for text in texts.collect()
        if text.template == "Request is made by hand, or a URL of OpenAI stands in the code."
    }
    assert pages == {"codemods/llm_codemods/rules/raw_http.py"}


def test_a_missing_twin_is_named_with_its_file() -> None:
    made = texts.updated([texts.Found("new page.", "rules/x.py", 1)], catalogue())
    assert list(texts.problems(made)) == ["no Chinese twin: 'new page.' (rules/x.py)"]


def catalogue(**pairs: str) -> Catalog:
    made = Catalog("zh_CN")
    for template, twin in pairs.items():
        made.add(template, twin)
    return made


def test_translations_stay_and_what_is_gone_goes() -> None:
    found = [texts.Found("kept", "a.py", 1), texts.Found("new", "b.py", 2), texts.Found("kept", "c.py", 3)]
    updated = texts.updated(found, catalogue(kept="留", gone="去"))
    assert texts.pairs(updated) == {"kept": "留"}
    assert [message.id for message in updated if message.id] == ["kept", "new"]


def test_problems_are_named() -> None:
    made = catalogue(**{"good {x}": "好 {x}", "bad {x}": "坏 {y}", "missing": "", "broken {": "坏"})
    assert list(texts.problems(made)) == [
        "places differ: 'bad {x}' has ['x'], its twin ['y']",
        "no Chinese twin: 'missing'",
        "not a template: 'broken {': Single '{' encountered in format string",
    ]


def test_the_po_file_is_the_same_whenever_it_is_written() -> None:
    found = [texts.Found("kept {x}", "a.py", 1)]
    assert texts.as_po(texts.updated(found, catalogue())) == texts.as_po(texts.updated(found, catalogue()))


def test_a_missing_and_a_stale_mo_are_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(texts, "PO", tmp_path / "x.po")
    monkeypatch.setattr(texts, "collect", lambda: [texts.Found("a", "a.py", 1)])
    texts.PO.write_bytes(texts.as_po(catalogue(a="甲")))
    assert texts.check() == ["the .mo file is missing"]
    texts.write()
    assert texts.check() == []
    texts.PO.write_bytes(texts.PO.read_bytes().replace("甲".encode(), "乙".encode()))
    assert texts.check() == ["the .mo file is older than the .po file"]
    monkeypatch.setattr(texts, "collect", list)
    assert "said nowhere any more: 'a'" in texts.check()
