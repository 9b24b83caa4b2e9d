"""``llm-migrate compare``: the same code against several providers."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from unittest.mock import MagicMock

import pytest

from llm_codemods import profile as profiles
from llm_codemods import project as projects
from llm_codemods.fit import Total, cost, fit, total, uses
from llm_codemods.profile import Model
from llm_codemods.report import Verdict
from llm_codemods.style import Style
from llm_codemods.ways import switch
from llm_migrate.commands.compare import complete, parse_volume
from llm_migrate.errors import UserError
from llm_migrate.settings import Settings, settle

CODE = """\
from openai import OpenAI

client = OpenAI()


def ask(question):
    answer = client.chat.completions.create(model="gpt-4o-mini", messages=[{"role": "user", "content": question}])
    return answer.choices[0].message.content


def index(texts):
    return client.embeddings.create(model="text-embedding-3-small", input=["a", "b"])


def check(text):
    return client.moderations.create(model="omni-moderation-latest", input=text)
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with a call that moves everywhere, one that does not everywhere, and one that moves to nobody."""
    (tmp_path / "app.py").write_text(CODE)
    (tmp_path / "README.md").write_text("It asks gpt-4-turbo.\n")
    return tmp_path


def run(*args: str, lang: str = "en") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "llm_migrate", "--lang", lang, "compare", *args]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_counts_are_those_of_a_scan(project: Path) -> None:
    told = json.loads(run(str(project), "--format", "json").stdout)["providers"]
    assert [row["id"] for row in told] != []
    assert {row["id"] for row in told} == {profile.id for profile in complete()}
    for row in told:
        analysis = Settings(project, profile=profiles.find(row["id"])).analyse()
        verdicts = [use.verdict for use in uses(analysis.findings)]
        assert row["uses"] == {v.value: verdicts.count(v) for v in Verdict}
        assert sum(row["uses"].values()) == 3


def test_says_what_is_missing_and_puts_the_best_first(project: Path) -> None:
    told = json.loads(run(str(project), "--to", "deepseek", "--to", "qwen", "--format", "json").stdout)["providers"]
    assert [row["id"] for row in told] == ["qwen", "deepseek"]
    assert told[0]["missing"] == {"moderations.create": 1}
    assert told[1]["missing"] == {"embeddings.create": 1, "moderations.create": 1}


def test_a_second_provider_takes_the_embeddings(project: Path) -> None:
    args = (str(project), "--to", "deepseek", "--embeddings", "qwen", "--format", "json")
    (row,) = json.loads(run(*args).stdout)["providers"]
    assert row["missing"] == {"moderations.create": 1}
    embedding = next(model for model in row["models"] if model["for"] == "text-embedding-3-small")
    assert embedding["provider"] == "qwen"
    assert embedding["model"] == profiles.find("qwen").map_model("text-embedding-3-small").model  # type: ignore[union-attr]


def test_what_a_document_names_is_no_model_that_the_code_asks(project: Path) -> None:
    analysis = Settings(project, profile=profiles.find("qwen")).analyse()
    assert analysis.target is not None
    found = fit(analysis.findings, analysis.target)
    assert {model.old for model in found.models} == {"gpt-4o-mini", "text-embedding-3-small", "omni-moderation-latest"}


def test_costs_are_those_of_the_profile(project: Path) -> None:
    args = (str(project), "--to", "qwen", "--volume", "2M/0.5M", "--format", "json")
    (row,) = json.loads(run(*args).stdout)["providers"]
    model = next(model for model in row["models"] if model["for"] == "gpt-4o-mini")
    known = profiles.find("qwen").models[model["model"]]
    assert known.price_in is not None
    assert known.price_out is not None
    assert model["cost"] == pytest.approx(2 * known.price_in + 0.5 * known.price_out)
    assert model["before"]["cost"] == pytest.approx(2 * 0.15 + 0.5 * 0.6)


def test_an_unknown_price_is_no_price() -> None:
    row = profiles.find("openai").models["gpt-4o"]
    silent = Model(kind="chat", source=row.source, checked=row.checked, confidence=row.confidence)
    assert cost(silent, 1, 1) is None
    assert cost(None, 1, 1) is None


def test_text_and_markdown_say_the_same(project: Path) -> None:
    text = run(str(project), "--to", "qwen", "--to", "deepseek", "--rate", "7")
    markdown = run(str(project), "--to", "qwen", "--to", "deepseek", "--rate", "7", "--format", "markdown")
    assert text.returncode == markdown.returncode == 0
    rows = [line for line in markdown.stdout.splitlines() if line.startswith("| ") and "---" not in line]
    for row in rows:
        cells = [cell.strip() for cell in row.strip("|").split("|")]
        assert any(all(cell in line for cell in cells) for line in text.stdout.splitlines()), row
    assert "¥" not in text.stdout
    assert "rewrite --to qwen" in text.stderr
    assert markdown.stderr == ""


def test_speaks_chinese(project: Path) -> None:
    told = run(str(project), "--to", "qwen", lang="zh")
    assert "服务商" in told.stdout
    assert "tokens" not in told.stdout


@pytest.mark.parametrize("word", ["100M", "a/b", "1/2/3", "-1/2", "1e3/2"])
def test_a_volume_that_is_none(word: str) -> None:
    with pytest.raises(UserError):
        parse_volume(word)


def test_volumes() -> None:
    assert parse_volume("1.5k / 2G") == (1500, 2_000_000_000)


def test_nobody_to_compare_with(project: Path) -> None:
    told = run(str(project), "--to", "openai")
    assert told.returncode == 2
    assert "hint:" in told.stderr


def test_a_project_without_openai(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text("print('hello')\n")
    told = run(str(tmp_path), "--to", "qwen")
    assert told.returncode == 0
    assert "no use of OpenAI found" in told.stderr


def test_a_call_of_which_two_rules_speak_counts_once(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(
        'import openai\n\nopenai.api_key = "x"\nopenai.ChatCompletion.create(model="gpt-4", messages=[])\n'
    )
    analysis = Settings(tmp_path, profile=profiles.find("qwen")).analyse()
    assert len([f for f in analysis.findings if f.kind == "call"]) > 1
    assert len(list(uses(analysis.findings))) == 1


def test_of_equals_the_one_alone_is_first_and_then_the_one_whose_price_is_known(tmp_path: Path) -> None:
    embedding = 'client.embeddings.create(model="text-embedding-3-small", input=["a"])'
    (tmp_path / "app.py").write_text(f"from openai import OpenAI\n\nclient = OpenAI()\n{embedding}\n")
    args = (str(tmp_path), "--to", "deepseek", "--to", "baidu", "--to", "qwen", "--embeddings", "qwen")
    told = json.loads(run(*args, "--format", "json").stdout)["providers"]
    assert len({tuple(row["uses"].values()) for row in told}) == 1
    assert [row["id"] for row in told] == ["qwen", "baidu", "deepseek"]
    assert [row["models"][0]["price_in"] is None for row in told] == [False, True, False]


def test_that_an_index_must_be_built_anew_holds_back_nobody(tmp_path: Path) -> None:
    """What a person must decide is another thing where the old size cannot be had."""
    made = 'OpenAIEmbeddings(model="text-embedding-3-small", dimensions=1536)'
    (tmp_path / "app.py").write_text(f"from langchain_openai import OpenAIEmbeddings\n\nvectors = {made}\n")
    told = json.loads(run(str(tmp_path), "--to", "qwen", "--to", "zhipu", "--format", "json").stdout)["providers"]
    missing = {row["id"]: row["missing"] for row in told}
    assert missing == {"qwen": {}, "zhipu": {"dimensions=1536": 1}}


@pytest.mark.parametrize("style", [Style.INLINE, Style.SWITCH])
def test_a_run_for_all_targets_is_as_a_run_for_each_but_links_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, style: Style
) -> None:
    (tmp_path / "app.py").write_text(CODE + "\n\nINDEX = dict(dimension=1536)\n")
    (tmp_path / ".env").write_text("OPENAI_API_KEY=\nMODEL=gpt-4o\n")
    (tmp_path / "llm_provider.py").write_text(f"{switch.MARK.strip()}\nfrom openai import OpenAI\nclient = OpenAI()\n")
    (tmp_path / "other.py").write_text("from llm_provider import client\n\nclient.models.list()\n")
    settings = settle([tmp_path], style=style)
    chosen = [settings.target_at(profiles.find(id)) for id in ("qwen", "deepseek", "zhipu")]
    alone = [settings.analyse_each([target])[0] for target in chosen]
    link = MagicMock(side_effect=projects.link)
    monkeypatch.setattr(projects, "link", link)
    together = settings.analyse_each(chosen)
    assert link.call_count == 1
    assert [one.target for one in together] == chosen
    assert len({one.findings for one in together}) == len(chosen)
    assert any(f.path == ".env" for f in together[0].findings)
    for one, other in zip(alone, together, strict=True):
        assert (other.findings, other.suppressed, other.skipped) == (one.findings, one.suppressed, one.skipped)


def test_a_page_of_standard_input_compares_its_bytes(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    command = [sys.executable, "-m", "llm_migrate", "scan", "-", "--to", "qwen", "--html", str(page)]
    told = subprocess.run(command, input=CODE, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert told.returncode == 1
    assert "moderations.create" in page.read_text().partition('id="providers"')[2]


def priced(into: float | None, out: float | None, currency: str = "USD") -> Model:
    return replace(profiles.find("openai").models["gpt-4o"], price_in=into, price_out=out, currency=currency)


def test_a_total_is_spread_by_the_weights() -> None:
    models = [(priced(1, 10), 3.0), (priced(2, 20, "CNY"), 1.0)]
    assert total(models, 4_000_000, 400_000) == Total({"USD": 3 + 3, "CNY": 2 + 2}, complete=True)
    assert total([*models, (None, 4.0)], 8_000_000, 800_000) == Total({"USD": 6, "CNY": 4}, complete=False)
    assert not total([(priced(None, 1), 1.0)], 1, 1).complete
    assert total([], 1, 1) == Total({}, complete=False)


def test_totals_are_those_of_the_models(project: Path) -> None:
    again = 'client.chat.completions.create(model="gpt-4o", messages=[])\n'
    (project / "more.py").write_text("from openai import OpenAI\n\nclient = OpenAI()\n" + again * 3)
    args = (str(project), "--to", "qwen", "--to", "deepseek", "--volume", "4M/400k", "--rate", "7")
    told = json.loads(run(*args, "--format", "json").stdout)
    assert told["before"]["chat"]["amounts"]["USD"] == pytest.approx(0.15 + 3 * 2.5 + 0.1 * (0.6 + 3 * 10))
    assert told["before"]["embeddings"]["amounts"]["USD"] == pytest.approx(4 * 0.02)
    for row in told["providers"]:
        costs = {model["for"]: model["cost"] for model in row["models"]}
        weighed = (costs["gpt-4o-mini"] + 3 * costs["gpt-4o"]) / 4
        assert sum(row["total"]["chat"]["amounts"].values()) == pytest.approx(weighed)
        assert row["total"]["chat"]["complete"]
        assert row["total"]["embeddings"]["complete"] == (row["id"] == "qwen")
    seen = run(*args).stdout.partition("What the volume costs together")[2].partition("\n\n")[0]
    assert "4,000,000 tokens in, 400,000 out" in seen
    lines = {words[0]: words[1:] for words in map(str.split, seen.splitlines()[2:]) if words}
    assert lines["openai"] == ["$10.71", "100%", "$0.08", "100%"]
    assert lines["deepseek"][-1] == "-"
    assert "What the volume costs together" in run(*args, "--format", "markdown").stdout
    assert "together" not in run(*args[:-4]).stdout
    assert json.loads(run(*args[:-4], "--format", "json").stdout)["before"] is None
