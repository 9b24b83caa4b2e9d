"""Profiles are held against LiteLLM's opinion, and what differs is explained."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import tomli

from llm_codemods.profile import Profile, build, parse

SCRIPTS = Path(__file__).parent.parent / "scripts"


def load(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, SCRIPTS / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


crosscheck = load("crosscheck")
litellm_opinion = load("litellm_opinion")

ROW = 'source = "docs", checked = 2026-01-01, confidence = "documented"'
ACME = f"""
id = "acme"
name = {{ en = "Acme", zh = "艾可美" }}
[sources]
docs = {{ title = "docs" }}
[regions]
cn = {{ base_url = "https://acme.cn/v1", key_env = "ACME_API_KEY", name = {{ en = "cn", zh = "中国" }}, {ROW} }}
[models]
big = {{ kind = "chat", context = 131072, output = 8192, vision = false, tools = true, price_in = 7.0, price_out = 14.0,
currency = "CNY", {ROW} }}
quiet = {{ kind = "chat", {ROW} }}
gone = {{ kind = "chat", retired = 2026-05-01, {ROW} }}
vector = {{ kind = "embedding", dimensions = [1024, 512], price_in = 0.5, currency = "USD", {ROW} }}
[parameters."chat.completions"]
messages = {{ status = "same", action = "keep", {ROW} }}
n = {{ status = "ignored", action = "remove", {ROW} }}
seed = {{ status = "same", action = "keep", {ROW} }}
stop = {{ status = "limited", action = "review", models = ["big"], {ROW} }}
store = {{ status = "unknown", action = "remove", {ROW} }}
""".replace("price_out = 14.0,\n", "price_out = 14.0, ")


def acme() -> Profile:
    return parse(ACME, "acme.toml")


def told(**models: dict[str, Any]) -> dict[str, Any]:
    """A document in which LiteLLM knows these models of acme's."""
    return {"litellm_version": "0", "providers": {"acme": {"cost_map_models": models}}}


def differences(document: dict[str, Any]) -> list[tuple[str, str, str, str]]:
    found = crosscheck.compare(acme(), crosscheck.opinions(document, "acme"), 7.0)
    return [(each.model, each.field, each.ours, each.theirs) for each in found]


def test_what_is_stated_alike_is_no_disagreement() -> None:
    same = {
        "mode": "chat",
        "max_input_tokens": 131072,
        "max_output_tokens": 8192,
        "input_cost_per_token": 1e-6,
        "output_cost_per_token": 2e-6,
        "supports_vision": False,
        "supports_function_calling": True,
    }
    assert differences(told(big=same)) == []


def test_silence_of_either_side_is_no_disagreement() -> None:
    assert differences(told(big={"mode": "chat"}, quiet={"mode": "chat", "max_input_tokens": 9})) == []


@pytest.mark.parametrize(
    ("entry", "field", "ours", "theirs"),
    [
        ({"max_input_tokens": 128000}, "context", "131072", "128000"),
        ({"max_output_tokens": 4096}, "output", "8192", "4096"),
        ({"input_cost_per_token": 2e-6}, "price_in", "1", "2"),
        ({"tiered_pricing": [{"output_cost_per_token": 3e-6}, {"output_cost_per_token": 2e-6}]}, "price_out", "2", "3"),
        ({"supports_vision": True}, "vision", "False", "True"),
        ({"supports_function_calling": False}, "tools", "True", "False"),
        ({"deprecation_date": "2026-12-01"}, "retired", "offered", "2026-12-01"),
        ({"mode": "embedding"}, "kind", "chat", "embedding"),
    ],
)
def test_each_fact_is_compared(entry: dict[str, Any], field: str, ours: str, theirs: str) -> None:
    assert differences(told(big={"mode": "chat", **entry})) == [("big", field, ours, theirs)]


def test_models_that_one_side_lacks_or_has_retired() -> None:
    found = differences(
        told(
            gone={"mode": "chat", "litellm_provider": "acme"},
            new={"mode": "chat"},
            film={"mode": "video_generation"},
        )
    )
    assert found == [("gone", "retired", "2026-05-01", "offered"), ("new", "model", "unknown", "chat")]


def test_a_retirement_known_to_both_is_no_disagreement() -> None:
    assert differences(told(gone={"mode": "chat", "deprecation_date": "2026-05-01"})) == []


def test_an_entry_that_was_cut_says_nothing_of_retirement() -> None:
    assert differences(told(gone={"mode": "chat"})) == []


def test_sizes_of_vectors() -> None:
    assert (
        differences(told(vector={"mode": "embedding", "output_vector_size": 512, "output_cost_per_token": 0.0})) == []
    )
    found = differences(told(vector={"mode": "embedding", "output_vector_size": 1536}))
    assert found == [("vector", "dimensions", "1024, 512", "1536")]


def test_parameters_are_compared_for_each_model() -> None:
    models = {
        "big": {"supported_openai_params": ["n", "store", "stop"]},
        "quiet": {"supported_openai_params": ["seed", "store"]},
    }
    document = {"providers": {"acme": {"models": models, "cost_map_models": {n: {"mode": "chat"} for n in models}}}}
    # messages is in no list of theirs; the row of stop is of big alone; of store nobody here knows anything.
    assert differences(document) == [
        ("big", "parameter n", "ignored", "supported"),
        ("big", "parameter seed", "same", "not supported"),
    ]


def test_a_model_that_was_only_asked_for_its_parameters_is_not_taken_to_exist() -> None:
    asked = {"ghost": {"supported_openai_params": ["n"], "cost_map_flags": None}}
    assert differences({"providers": {"acme": {"models": asked}}}) == []


def test_what_the_other_rewrites_and_a_profile_keeps_as_it_is() -> None:
    def tried(asked: dict[str, Any], sent: dict[str, Any], verdict: str = "changed_or_dropped") -> dict[str, Any]:
        return {"asked": asked, "sent": {**sent, "stream": False}, "verdict": verdict}

    cases = {
        "number": tried({"seed": 7, "n": 2}, {"seed": 1, "n": 1}),
        "dropped": tried({"user": "u"}, {}),
        "raised": {"asked": {"seed": 1}, "verdict": "error_without_drop_params"},
        "as it is": tried({"seed": 1}, {"seed": 1}, "unchanged"),
    }
    # n is not kept as it is here either; user is left out of the comparison.
    found = differences({"providers": {"acme": {"models": {"ghost": {"mapping_cases": cases}}}}})
    assert found == [("ghost", "rewrite of seed", "same", '7 becomes {"seed": 1}')]
    renamed = {"renamed": tried({"seed": 7}, {"random_seed": 7})}
    found = differences({"providers": {"acme": {"models": {"ghost": {"mapping_cases": renamed}}}}})
    assert found == [("ghost", "rewrite of seed", "same", '7 becomes {"random_seed": 7}')]


def test_what_only_the_other_knows_is_told_apart() -> None:
    entry = {"mode": "chat", "max_input_tokens": 9, "max_output_tokens": 0, "supports_vision": True}
    document = told(quiet=entry, big=entry, gone=entry)
    found = list(crosscheck.silences(acme(), crosscheck.opinions(document, "acme")))
    assert found == [("acme", "quiet", "context", "9"), ("acme", "quiet", "vision", "True")]


def reason(**changes: Any) -> Any:
    return crosscheck.Reason(**{"field": "*", "side": "profile", "why": "so", "source": "docs", **changes})


def disagreement(**changes: str) -> Any:
    default = {"profile": "acme", "provider": "acme", "model": "big", "field": "context", "ours": "100", "theirs": "98"}
    return crosscheck.Disagreement(**{**default, **changes})


@pytest.mark.parametrize(
    ("changes", "holds"),
    [
        ({}, True),
        ({"profile": "ac*", "litellm": "acme", "model": "b?g", "field": "con*", "ours": "1*"}, True),
        ({"profile": "other"}, False),
        ({"litellm": "other"}, False),
        ({"model": "small"}, False),
        ({"field": "output"}, False),
        ({"ours": "2*"}, False),
        ({"within": 0.02}, True),
        ({"within": 0.01}, False),
    ],
)
def test_a_reason_explains_what_its_globs_and_its_distance_fit(changes: dict[str, Any], holds: bool) -> None:
    assert reason(**changes).explains(disagreement()) is holds


def test_words_are_never_near() -> None:
    assert not reason(within=0.9).explains(disagreement(ours="ignored", theirs="supported"))


def test_the_first_reason_counts_and_idle_ones_are_named() -> None:
    special, general, idle = reason(model="big"), reason(field="context"), reason(model="gone")
    found = [disagreement(), disagreement(model="small"), disagreement(model="small", field="output")]
    paired, unused = crosscheck.explain(found, [special, general, idle])
    assert [why for _, why in paired] == [special, general, None]
    assert unused == [idle]


def test_the_report_puts_together_what_is_alike_and_says_what_is_not_explained() -> None:
    alike = [(disagreement(model=name), reason()) for name in "abcd"]
    assert list(crosscheck.lines([*alike, (disagreement(field="output"), None)])) == [
        "acme · acme · context: 100 here, 98 there (a, b, c and 1 more)",
        "    profile: so [docs]",
        "acme · acme · output: 100 here, 98 there (big)",
        "    UNEXPLAINED",
    ]


def test_models_have_the_providers_own_names() -> None:
    prices = {
        "acme/big": {"litellm_provider": "acme"},
        "small": {"litellm_provider": "acme"},
        "other/big": {"litellm_provider": "other"},
    }
    assert list(litellm_opinion.own_models(prices, "acme")) == ["big", "small"]


def test_reasons_are_whole_and_take_a_side() -> None:
    table = build(crosscheck.Table, tomli.loads((SCRIPTS / "crosscheck.toml").read_text("utf-8")), "crosscheck.toml")
    assert {each.side for each in table.reason} <= {"profile", "both"}
    assert all(each.why.strip() and each.source.strip() for each in table.reason)
