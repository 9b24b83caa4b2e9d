"""The pages that ``--html`` writes: nothing can break out of them, no key is in them, and they need nothing else."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from llm_codemods.edits import Edit
from llm_codemods.observed import Caller
from llm_codemods.proof import Outcome, Speed, Spread
from llm_codemods.requirements import Location
from llm_codemods.source import decode
from llm_codemods.text import text
from llm_migrate import language, workspace
from llm_migrate.errors import UserError
from llm_migrate.live.relay import Direct
from llm_migrate.live.watch import Watched
from llm_migrate.live.witness import Observation
from llm_migrate.render.html import changes, markup, observed_page, proof_page
from llm_migrate.render.html.markup import el
from llm_migrate.render.html.treemap import Box, layout, squarified
from terminal import called, put
from test_check_live import connection
from test_check_reports import CHAT, HIDDEN, SEED, proof, report, site

KEY = "sk-proj-Zq8vTn3LxWm5RkPd2HsYb7Jc"
AZURE = "0a1b2c3d4e5f60718293a4b5c6d7e8f9"
HOSTILE = '</script><img src=x onerror="alert(1)"><!-- \' & {x}'
CODE = f"""\
from openai import OpenAI

client = OpenAI(api_key="{KEY}")
answer = client.chat.completions.create(model="gpt-4o", messages=[{{"role": "user", "content": '{HOSTILE[:-8]}'}}])
again = client.chat.completions.create(model="gpt-4o", messages=[], logit_bias={{"1": 2}}, user='</pre><script>')
spoken = client.audio.speech.create(model="tts-1", voice="alloy", input="\\u4f60\\u597d")
"""
FOLDER = "a<b>&c"
VOID = {"meta", "link", "br", "input"}


class Page(HTMLParser):
    """What a browser makes of a page: elements with attributes, all text, and whether each element is closed."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.open: list[str] = []
        self.text = ""
        self.feed(page)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] not in ("script", "style"):
            self.text += data

    def all(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.elements if name == tag]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    azure = (
        f'import openai\n\nllm = openai.AzureOpenAI(api_key="{AZURE}", azure_endpoint="https://x.openai.azure.com")\n'
    )
    return put(tmp_path / "project", {f"{FOLDER}/app.py": CODE, "azure.py": azure, ".env": f"OPENAI_API_KEY={KEY}\n"})


def page_of(project: Path, *arguments: str | Path, lang: str = "en") -> Page:
    file = project.parent / f"page-{lang}.html"
    ended = called(project, "--lang", lang, *arguments, "--html", file)
    assert ended.code == 1, ended.err
    return Page(file.read_text("utf-8"))


def alone(page: Page) -> None:
    """Assert that a page loads nothing, and that its own code alone may run."""
    assert Counter(tag for tag, _ in page.elements)["script"] == 1
    assert not {tag for tag, _ in page.elements} & {"img", "iframe", "object", "embed", "base"}
    for _, attributes in page.elements:
        assert not [name for name in attributes if name.startswith("on") or name == "style"]
        for name in ("src", "href", "action", "srcset"):
            assert attributes.get(name, "#").startswith(("#", "data:,"))
    (policy,) = (m["content"] for m in page.all("meta") if m.get("http-equiv") == "Content-Security-Policy")
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy
    assert page.elements[0] == ("html", {"lang": page.all("html")[0]["lang"]})
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert {a["href"][1:] for a in page.all("a")} <= set(ids)


# --- scan and rewrite -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", [("scan",), ("scan", "--to", "qwen"), ("rewrite", "--to", "qwen", "--diff")])
def test_a_page_stands_alone_whatever_the_source_says(project: Path, command: tuple[str, ...]) -> None:
    page = page_of(project, *command)
    alone(page)
    assert "onerror=" in page.text
    assert "</pre><script>" in page.text
    assert f"{FOLDER}/app.py" in page.text
    assert "openai_api" not in page.text


@pytest.mark.parametrize("command", [("scan", "--to", "qwen"), ("rewrite", "--to", "qwen", "--diff")])
def test_no_key_is_in_a_page(project: Path, command: tuple[str, ...]) -> None:
    page_of(project, *command)
    written = (project.parent / "page-en.html").read_text("utf-8")
    assert KEY[:12] not in written
    assert KEY[-12:] not in written
    assert AZURE not in written


def test_a_page_of_a_scan_has_every_finding_and_every_provider(project: Path) -> None:
    page = page_of(project, "scan", "--to", "qwen")
    told = called(project, "scan", "--to", "qwen", "--format", "json").json["findings"]
    entries = [a for a in page.all("article") if a["class"].startswith("entry")]
    assert Counter((e["data-path"], e["data-rule"], e["data-verdict"]) for e in entries) == Counter(
        (f["path"], f["code"], f["verdict"]) for f in told
    )
    from llm_migrate.commands.compare import complete

    totals = {a["data-total"] for a in page.all("td") if "data-total" in a}
    assert totals == {profile.id for profile in complete()}
    assert len({a["id"] for a in page.all("details") if "id" in a}) == len({f["code"] for f in told})
    assert [a for a in page.all("tr") if float(a.get("data-into", "0")) > 0]


def test_a_page_is_written_beside_the_normal_output(project: Path) -> None:
    plain = called(project, "scan", "--to", "qwen", "--format", "json")
    ended = called(project, "scan", "--to", "qwen", "--format", "json", "--html", "page.html")
    assert (ended.code, ended.raw) == (plain.code, plain.raw)
    own = called(project, "scan", "--to", "qwen", "--format", "html")
    assert own.raw == (project / "page.html").read_bytes()


def test_a_page_of_a_rewrite_has_what_was_done(project: Path) -> None:
    before = (project / FOLDER / "app.py").read_bytes()
    page = page_of(project, "rewrite", "--to", "qwen", "--allow-dirty", "--no-check")
    assert (project / FOLDER / "app.py").read_bytes() != before
    states = Counter(a.get("data-state") for a in page.all("article"))
    assert states["done"]
    assert states["left"]
    assert [a for a in page.all("span") if a.get("class") == "more"]
    assert "DASHSCOPE_API_KEY" in page.text


def test_a_page_in_chinese(project: Path) -> None:
    page = page_of(project, "scan", "--to", "qwen", lang="zh")
    alone(page)
    assert page.all("html") == [{"lang": "zh-CN"}]
    assert "人工" in page.text


def test_a_folder_without_openai_has_a_page(tmp_path: Path) -> None:
    ended = called(put(tmp_path / "project", {"x.py": "1\n"}), "scan", "--to", "qwen", "--html", tmp_path / "page.html")
    assert ended.code == 0
    page = Page((tmp_path / "page.html").read_text("utf-8"))
    alone(page)
    assert not page.all("article")


@pytest.mark.parametrize("name", ["nowhere/page.html", "."])
@pytest.mark.parametrize("command", ["scan", "rewrite", "check"])
def test_a_place_that_cannot_be_written_is_refused(project: Path, command: str, name: str) -> None:
    ended = called(project, command, "--to", "qwen", "--html", name, env={"DASHSCOPE_API_KEY": "x"})
    assert ended.code == 2
    assert "hint:" in ended.err
    assert not ended.raw


def test_a_page_is_written_in_one_step(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "page.html"
    workspace.save(file, b"old")

    def fail(_self: Path, _target: Path) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(UserError, match="No space left"):
        workspace.save(file, b"new")
    assert file.read_bytes() == b"old"
    assert [path.name for path in tmp_path.iterdir()] == ["page.html"]


def test_a_page_through_a_link_lands_where_the_link_leads(tmp_path: Path) -> None:
    (tmp_path / "real.html").write_bytes(b"")
    (tmp_path / "link.html").symlink_to("real.html")
    workspace.save(tmp_path / "link.html", b"page")
    assert (tmp_path / "real.html").read_bytes() == b"page"
    assert (tmp_path / "link.html").is_symlink()


# --- check ------------------------------------------------------------------------------------------------------------


def checked() -> str:
    found = report((site(CHAT, SEED), site(CHAT, unseen=(HIDDEN,))), proof(CHAT), proof(SEED, Outcome.REFUSED))
    (endpoint,) = found.endpoints
    sayings = [replace(p, evidence=text("said {x}", x=f"{HOSTILE} {KEY}")) for p in endpoint.proofs]
    speed = Speed("talk<b>", Spread(4, 0.25, 1.0, 0.5, None), None)
    endpoint = replace(endpoint, proofs=tuple(sayings), speeds=(speed,))
    return proof_page.render(replace(found, endpoints=(endpoint,)))


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_page_of_a_check_stands_alone(lang: language.Language) -> None:
    language.use(lang)
    written = checked()
    page = Page(written)
    alone(page)
    assert HOSTILE in page.text
    assert KEY[:12] not in written
    assert "talk<b>" in page.text
    order = [a["href"] for a in page.all("a")]
    assert order == ["#disagreements", "#sites", "#requirements", "#speeds"]
    assert [a["data-verdict"] for a in page.all("article")] == ["refused", "not-provable"]
    assert page.all("svg")
    assert Location("app/main.py", 7).path in page.text


def test_a_matrix_has_a_mark_where_the_outcome_is() -> None:
    marks = re.findall(r'<td class="cell (\w+)">([^<]+)</td>', checked())
    assert sorted(marks) == [("refused", "✗"), ("works", "✓")]


def test_several_tries_are_counted() -> None:
    one = replace(proof(CHAT, Outcome.REFUSED), trials=(Outcome.WORKS,) * 9 + (Outcome.REFUSED,))
    marks = dict(re.findall(r'<td class="cell (\w+)">([^<]+)</td>', proof_page.render(report((), one))))
    assert marks["refused"] == "✗ 1/10"
    assert marks["works"].startswith("9/10 (60% – 98%")


def test_without_probes_there_is_no_page(tmp_path: Path) -> None:
    ended = called(tmp_path, "check", "--to", "qwen", "--list", "--html", "page.html")
    assert ended.code == 2
    assert not (tmp_path / "page.html").exists()


# --- check --run ------------------------------------------------------------------------------------------------------


def watched() -> Watched:
    """Return what was seen of a command that sent odd things."""
    here, there = Location("app/main.py", 7), Location("app/main.py", 9)
    plain = Observation(
        "chat.completions.create", "POST", "/v1/chat/completions", "talk", ("messages(user)", "n=2"), 200,
        Outcome.WORKS, text("answers with finish_reason {finish}", finish="stop"), (here,),
    )  # fmt: skip
    odd = Observation(
        None, "POST", f"/v1/{HOSTILE}", f"<b>{HOSTILE}", ("input",), 400,
        Outcome.REFUSED, text("{status}: {message}", status=400, message=f"{HOSTILE} {KEY}"), (here, there),
    )  # fmt: skip
    unseen = Caller(Location("app/unused.py", 3), ("embeddings",), None)
    known = tuple(Caller(place, ("chat.completions",), None) for place in (here, there))
    direct = Direct("api.openai.com", text("the code talks to OpenAI, past the provider"))
    return Watched(((plain, 3), (odd, 1)), ((direct, 2),), 1, (*known, unseen))


def observed_at(emulated: bool = True) -> str:
    return observed_page.render(watched(), connection("https://gateway.example.com/v1"), emulated=emulated)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_page_of_a_command_stands_alone(lang: language.Language) -> None:
    language.use(lang)
    written = observed_at()
    page = Page(written)
    alone(page)
    assert HOSTILE in page.text
    assert KEY[:12] not in written
    assert [a["href"] for a in page.all("a")] == ["#direct", "#requests", "#unseen"]
    assert [a["data-verdict"] for a in page.all("article")] == ["refused", "works"]
    assert [a["data-api"] for a in page.all("article")] == [f"POST /v1/{HOSTILE}", "chat.completions.create"]
    assert "app/unused.py:3" in page.text
    assert "api.openai.com" in page.text


def test_a_page_of_a_command_warns_of_an_emulator_only_where_one_answered() -> None:
    said = "an emulator answered: this proves nothing about gateway"
    assert said in observed_at()
    assert said not in observed_at(emulated=False)


def test_a_command_that_sent_nothing_has_a_page() -> None:
    nothing = observed_page.render(Watched((), (), 0), connection("https://gateway.example.com/v1"), emulated=False)
    page = Page(nothing)
    alone(page)
    assert "no request came through the relay, so nothing is proved" in page.text
    assert not page.all("article")


# --- parts ------------------------------------------------------------------------------------------------------------


def test_what_a_browser_would_not_show_is_replaced() -> None:
    made = el("p", "a\x00b\ud800c\u202ed\r\ne")
    assert made.text == "a�b�c�d\ne"
    assert "a\ufffdb" in markup.document("t", made)


def test_sizes_are_areas_and_boxes_fill_the_space() -> None:
    boxes = squarified([6, 6, 4, 3, 2, 2, 1], Box(0, 0, 600, 400))
    assert [round(box.width * box.height / 10_000) for box in boxes] == [6, 6, 4, 3, 2, 2, 1]
    assert max(max(box.width / box.height, box.height / box.width) for box in boxes) < 3
    for one in boxes:
        others = [box for box in boxes if box is not one]
        assert not [
            b for b in others if _overlap(one.x, one.width, b.x, b.width) and _overlap(one.y, one.height, b.y, b.height)
        ]


def _overlap(a: float, width: float, b: float, other: float) -> bool:
    return a + width > b + 1e-6 and b + other > a + 1e-6


def test_folders_stand_around_what_is_in_them() -> None:
    tiles = {
        tile.path: tile for tile in layout({"a/b/x.py": 3, "a/b/y.py": 2, "z.py": 5, "small/s.py": 0.001}, 800, 400)
    }
    assert set(tiles) == {"a/b/", "a/b/x.py", "a/b/y.py", "z.py", "small/"}
    outer, inner = tiles["a/b/"].box, tiles["a/b/x.py"].box
    assert outer.x < inner.x
    assert inner.x + inner.width < outer.x + outer.width
    assert tiles["a/b/"].open
    assert not tiles["small/"].open
    assert list(layout({}, 800, 400)) == []


def test_what_fixes_change_is_shown_with_what_is_around_it() -> None:
    lines = [f"line_{n} = {n}" for n in range(1, 21)]
    source = decode("x.py", "\n".join(lines).encode())
    at = source.text.index("line_10")
    shown = changes.of_edits(source, [Edit(0, 0, "import os\n"), Edit(at, at + 7, "ten")])
    said = ["".join(line.itertext()) for line in shown]
    assert said == [
        *("@@ line 1", "+import os", " line_1 = 1", " line_2 = 2", " line_3 = 3"),
        *("@@ line 8", " line_8 = 8", " line_9 = 9", "-line_10 = 10", "+ten = 10", " line_11 = 11", " line_12 = 12"),
    ]
