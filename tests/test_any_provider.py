"""Moves between any two providers, and models that have ended, as a user runs them."""

from __future__ import annotations

import datetime
import re
from pathlib import Path

import pytest

from llm_codemods import profile
from llm_codemods.origin import origin_of
from llm_codemods.profile import bundled_profile
from llm_codemods.retirement import SOON, retirements
from llm_codemods.sought import Sought, pattern, whole
from llm_codemods.target import aim
from terminal import in_both_languages, llm_migrate, put

DAY = datetime.date(2026, 11, 21)
AT_QWEN = """\
import os

from openai import OpenAI

client = OpenAI(
    base_url="https://dashscope.aliyuncs.com/compatible-mode/v1",
    api_key=os.environ["DASHSCOPE_API_KEY"],
)
client.chat.completions.create(model="qwen-plus", messages=[], extra_body={"enable_thinking": False})
"""
ENDED = """\
import os

from openai import OpenAI

client = OpenAI(base_url="https://api.moonshot.cn/v1", api_key=os.environ["MOONSHOT_API_KEY"])
client.chat.completions.create(model="moonshot-v1-8k", messages=[])
other = OpenAI()
other.chat.completions.create(model="gpt-5.6-sol", messages=[])
"""


@pytest.fixture
def _on_the_day(monkeypatch: pytest.MonkeyPatch) -> None:
    noon = datetime.datetime.combine(DAY, datetime.time(12), datetime.timezone.utc)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(int(noon.timestamp())))


def test_to_another_provider_and_back(tmp_path: Path) -> None:
    put(tmp_path, {"app.py": AT_QWEN})
    there = llm_migrate(tmp_path, "rewrite", "--from", "qwen", "--to", "deepseek", "--allow-dirty")
    assert there.code == 0, there
    moved = (tmp_path / "app.py").read_text("utf-8")
    assert "api.deepseek.com" in moved
    assert "DASHSCOPE" not in moved
    assert '{"thinking": {"type": "disabled"}}' in moved
    again = llm_migrate(tmp_path, "rewrite", "--from", "qwen", "--to", "deepseek", "--check")
    assert again.code == 0, again
    back = llm_migrate(tmp_path, "rewrite", "--from", "deepseek", "--to", "qwen", "--allow-dirty")
    assert back.code == 0, back
    returned = (tmp_path / "app.py").read_text("utf-8")
    assert '"enable_thinking": False' in returned
    assert 'os.environ["DASHSCOPE_API_KEY"]' in returned


def test_without_from_the_move_is_offered(tmp_path: Path) -> None:
    put(tmp_path, {"app.py": AT_QWEN})
    ended = llm_migrate(tmp_path, "scan", "--to", "deepseek")
    assert ended.code == 1
    assert "points to Alibaba Cloud Qwen; --from qwen moves it" in ended.out


def test_the_next_step_keeps_from(tmp_path: Path) -> None:
    put(tmp_path, {"app.py": AT_QWEN})
    ended = llm_migrate(tmp_path, "scan", "--from", "dashscope", "--to", "deepseek")
    assert "rewrite --to deepseek --from dashscope --diff" in ended.err


def test_from_is_a_setting_of_the_project(tmp_path: Path) -> None:
    put(tmp_path, {"app.py": AT_QWEN, "pyproject.toml": '[tool.llm-migrate]\nfrom = "qwen"\nto = "zhipu"\n'})
    assert "open.bigmodel.cn" in llm_migrate(tmp_path, "rewrite", "--diff").out


def test_an_unknown_provider_is_refused(tmp_path: Path) -> None:
    put(tmp_path, {"app.py": AT_QWEN})
    ended = in_both_languages(tmp_path, "scan", "--from", "qwne", "--to", "zhipu")
    assert (ended.code, ended.err.splitlines()) == (2, ["error: unknown provider 'qwne'", "hint: did you mean 'qwen'?"])


@pytest.mark.usefixtures("_on_the_day")
def test_without_to_only_models_that_have_ended_are_replaced(tmp_path: Path) -> None:
    put(tmp_path, {"app.py": ENDED})
    held = llm_migrate(tmp_path, "rewrite", "--check")
    assert (held.code, (tmp_path / "app.py").read_text("utf-8")) == (0, ENDED)
    assert "llm-migrate rewrite . --include review" in held.err
    assert "no provider is named: only models that end are replaced" in held.err
    ended = llm_migrate(tmp_path, "rewrite", "--allow-dirty", "--include", "review")
    assert (tmp_path / "app.py").read_text("utf-8") == ENDED.replace("moonshot-v1-8k", "kimi-k3.1-pro")
    assert ended.code == 0, ended
    assert "ended at Moonshot AI Kimi on 2026-08-31; kimi-k3.1-pro takes its place" in ended.out
    again = llm_migrate(tmp_path, "rewrite")
    assert (again.code, again.err.splitlines()[0]) == (
        2,
        "error: no provider to move to, and no model to replace that has ended",
    )


@pytest.mark.usefixtures("_on_the_day")
def test_scan_says_day_and_successor_without_a_target(tmp_path: Path) -> None:
    put(tmp_path, {"conf.yaml": "llm:\n  model: deepseek-chat\n"})
    ended = llm_migrate(tmp_path, "scan")
    assert ended.out.splitlines()[0] == (
        "conf.yaml:2:10 LM203 review model deepseek-chat ended at DeepSeek on 2026-07-24; "
        "deepseek-flash takes its place; it thinks by default, the old one may not have"
    )


@pytest.mark.parametrize("id", profile.bundled())
def test_the_quick_look_at_models_sees_what_the_profile_says(id: str) -> None:
    found = retirements(DAY)
    for name, model in bundled_profile(id).models.items():
        ended = model.retired is not None and model.retired <= DAY + SOON
        rows = [row for row in found.rows.get(name, ()) if row.provider == id]
        assert [row.day for row in rows] == ([model.retired] if ended else []), name
        assert not ended or (model.replaced_by is None) == (rows[0].successor is None), name


def test_names_that_are_searched_for_are_no_words() -> None:
    assert [name for name in retirements(DAY).sought.names if re.fullmatch(r"[A-Za-z]+", name)] == []


def test_successors_have_not_ended_themselves() -> None:
    found = retirements(DAY)
    for rows in found.rows.values():
        for row in rows:
            following = [end for end in found.rows.get(row.successor or "", ()) if end.provider == row.provider]
            assert all(end.successor is None for end in following), row


@pytest.mark.parametrize(
    ("data", "quoted", "answer"),
    [
        (b'model = "qwen-max"', True, True),
        (b"model = 'dashscope/qwen-max'", True, True),
        (b'model = "qwen-max-latest"', True, False),
        (b"model: qwen-max\n", True, False),
        (b"model: qwen-max\n", False, True),
        (b"model: qwen-max-latest\n", False, False),
        (b"model: qwen-max.png\n", False, False),
        (b"x.DASHSCOPE_API", True, True),
    ],
)
def test_sought_in_bytes(data: bytes, quoted: bool, answer: bool) -> None:
    sought = Sought(("qwen-max", "qwen-turbo"), ("DASHSCOPE_",))
    assert sought.stands_in(data, quoted=quoted) is answer
    assert bool(sought.ends(data, quoted=quoted)) is answer


def test_nothing_sought_is_nowhere() -> None:
    assert whole(Sought()).search("") is None
    assert pattern(Sought()).search("anything") is None


@pytest.mark.parametrize(
    ("model", "to", "stand_in"),
    [("qwen-flash", "deepseek", "deepseek-flash"), ("no-such-model", "deepseek", None), ("gpt-4o", "zhipu", None)],
)
def test_tier_decides_which_model_stands_in(model: str, to: str, stand_in: str | None) -> None:
    target = aim(bundled_profile(to), origin=origin_of(bundled_profile("qwen")))
    assert target.model_for(model) == stand_in
    assert aim(bundled_profile(to), models={model: "own"}, origin=target.origin).model_for(model) == "own"


@pytest.mark.parametrize("id", [id for id in profile.bundled() if id != "openai"])
def test_most_models_of_each_provider_have_one_at_each_other(id: str) -> None:
    origin = origin_of(bundled_profile(id))
    chat = [name for name, row in bundled_profile(id).models.items() if row.kind == "chat"]
    known = [
        name
        for name in chat
        if aim(bundled_profile("qwen" if id != "qwen" else "zhipu"), origin=origin).model_for(name)
    ]
    assert len(known) > 0.8 * len(chat), sorted(set(chat) - set(known))
