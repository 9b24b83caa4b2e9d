"""The loader of profiles: what it builds, and how it refuses what does not fit."""

from __future__ import annotations

import datetime

import pytest

from llm_codemods import profile
from llm_codemods.profile import Action, Confidence, Profile, ProfileError, Status

ROW = 'source = "docs", checked = 2026-11-21, confidence = "documented"'
HEAD = """
id = "acme"
name = { en = "Acme", zh = "阿克米" }

[sources]
docs = { title = "Acme: reference" }
"""
REGIONS = f"""
[regions]
cn = {{ base_url = "https://api.acme.cn/v1", key_env = "ACME_API_KEY", name = {{ en = "China", zh = "中国" }}, {ROW} }}
"""


def parse(more: str = "") -> Profile:
    """Parse a small valid profile with ``more`` at its end."""
    return profile.parse(HEAD + REGIONS + more, "acme.toml")


def refusal(toml: str) -> tuple[str, str]:
    """The message and the hint with which the loader refuses a text."""
    with pytest.raises(ProfileError) as caught:
        profile.parse(toml, "acme.toml")
    return str(caught.value.message), str(caught.value.hint or "")


def test_builds_typed_rows() -> None:
    acme = parse(
        f"""
        [models]
        "acme-1.5" = {{ kind = "embedding", dimensions = [1024, 512], price_in = 2, {ROW} }}
        [parameters."chat.completions"]
        temperature = {{ status = "limited", action = "clamp", minimum = 0, maximum = 1.5, {ROW} }}
        """
    )
    model = acme.models["acme-1.5"]
    assert model.dimensions == (1024, 512)
    assert model.price_in == 2.0
    assert isinstance(model.price_in, float)
    assert model.retired is None
    row = acme.parameters["chat.completions"]["temperature"]
    assert (row.status, row.action, row.maximum) == (Status.LIMITED, Action.CLAMP, 1.5)
    assert (row.checked, row.confidence) == (datetime.date(2026, 11, 21), Confidence.DOCUMENTED)


def test_regions_keep_their_order() -> None:
    second = REGIONS.replace("[regions]", "").replace("cn =", "ap =").replace("api.acme.cn", "api.acme.com")
    assert list(parse(second).regions) == ["cn", "ap"]


def test_not_toml() -> None:
    message, _ = refusal("id = ")
    assert message.startswith("acme.toml: not valid TOML: ")


@pytest.mark.parametrize(
    ("toml", "place", "nearest"),
    [
        ('alias = ["a"]\n' + HEAD + REGIONS, "acme.toml: unknown key 'alias'", "aliases"),
        (
            HEAD + REGIONS.replace("base_url", "base_ulr"),
            "acme.toml: regions.cn: unknown key 'base_ulr'",
            "base_url",
        ),
        (
            HEAD + REGIONS + f'[parameters.embeddings]\nn = {{ status = "same", acton = "keep", {ROW} }}',
            "acme.toml: parameters.embeddings.n: unknown key 'acton'",
            "action",
        ),
    ],
)
def test_unknown_key_with_the_nearest_known_one(toml: str, place: str, nearest: str) -> None:
    assert refusal(toml) == (place, f"did you mean '{nearest}'?")


def test_unknown_key_like_none_lists_the_known() -> None:
    message, hint = refusal("zzzzzz = 1\n" + HEAD + REGIONS)
    assert message == "acme.toml: unknown key 'zzzzzz'"
    assert hint.startswith("known keys: id, name, aliases")


@pytest.mark.parametrize(
    ("toml", "message"),
    [
        (HEAD, "acme.toml: key 'regions' is missing"),
        (
            HEAD + REGIONS.replace('key_env = "ACME_API_KEY", ', ""),
            "acme.toml: regions.cn: key 'key_env' is missing",
        ),
        (HEAD.replace(', zh = "阿克米"', "") + REGIONS, "acme.toml: name: key 'zh' is missing"),
        (
            HEAD + REGIONS.replace("checked = 2026-11-21, ", ""),
            "acme.toml: regions.cn: key 'checked' is missing",
        ),
    ],
)
def test_missing_key(toml: str, message: str) -> None:
    assert refusal(toml)[0] == message


@pytest.mark.parametrize(
    ("toml", "message"),
    [
        (HEAD.replace('"acme"', "5") + REGIONS, "acme.toml: id: expected str, found int"),
        ('hosts = "api.acme.cn"\n' + HEAD + REGIONS, "acme.toml: hosts: expected array, found str"),
        ("hosts = [1]\n" + HEAD + REGIONS, "acme.toml: hosts[0]: expected str, found int"),
        ("models = []\n" + HEAD + REGIONS, "acme.toml: models: expected table, found list"),
        ('partial = "no"\n' + HEAD + REGIONS, "acme.toml: partial: expected bool, found str"),
        (
            HEAD + REGIONS + f'[models]\na = {{ kind = "chat", context = true, {ROW} }}',
            "acme.toml: models.a: context: expected int, found bool",
        ),
        (
            HEAD + REGIONS.replace("2026-11-21", '"2026-11-21"'),
            "acme.toml: regions.cn: checked: expected date, found str",
        ),
        (
            HEAD + REGIONS.replace("2026-11-21", "2026-11-21T10:00:00"),
            "acme.toml: regions.cn: checked: expected date, found datetime",
        ),
    ],
)
def test_wrong_type(toml: str, message: str) -> None:
    assert refusal(toml)[0] == message


@pytest.mark.parametrize(
    ("value", "hint"),
    [
        ("rejcted", "did you mean 'rejected'?"),
        ("zzz", "one of: same, ignored, rejected, renamed, limited, unknown"),
    ],
)
def test_unknown_enum_value(value: str, hint: str) -> None:
    toml = HEAD + REGIONS + f'[features]\nchat = {{ status = "{value}", {ROW} }}'
    assert refusal(toml) == (f"acme.toml: features.chat: status: unknown value '{value}'", hint)


@pytest.mark.parametrize(
    ("more", "place"),
    [
        ('[features]\nchat = {{ status = "same", {row} }}', "features.chat"),
        ('[parameters.embeddings]\nn = {{ status = "same", action = "keep", {row} }}', "parameters.embeddings.n"),
    ],
)
def test_source_not_listed(more: str, place: str) -> None:
    toml = HEAD + REGIONS + more.format(row=ROW.replace('"docs"', '"blog"'))
    assert refusal(toml)[0] == f"acme.toml: {place}: source 'blog' is not listed in [sources]"


def test_source_of_a_mapping_row_not_listed() -> None:
    rows = "".join(
        f'\n[[mapping]]\nopenai = ["gpt-4*"]\nreason = {{ en = "a", zh = "甲" }}\nsource = "{source}"\n'
        'checked = 2026-11-21\nconfidence = "inferred"\n'
        for source in ("docs", "blog")
    )
    assert refusal(HEAD + REGIONS + rows)[0] == "acme.toml: mapping[1]: source 'blog' is not listed in [sources]"


def test_unknown_provider_with_the_nearest_name() -> None:
    with pytest.raises(ProfileError) as caught:
        profile.find("qwenn")
    assert str(caught.value) == "unknown provider 'qwenn'"
    assert str(caught.value.hint) == "did you mean 'qwen'?"


def test_unknown_provider_like_none_lists_the_known() -> None:
    with pytest.raises(ProfileError) as caught:
        profile.find("xxxxxxxx")
    assert str(caught.value.hint) == "known providers: " + ", ".join(profile.bundled())


def test_found_by_alias_and_in_any_case() -> None:
    assert profile.find("dashscope").id == "qwen"
    assert profile.find("DashScope") is profile.find("qwen")


def test_longest_known_prefix_of_a_path_counts() -> None:
    acme = parse(
        f"""
        [endpoints]
        images = {{ status = "same", path = "/images", {ROW} }}
        "images.edit" = {{ status = "rejected", {ROW} }}
        """
    )
    generate, edit = acme.endpoint("images.generate"), acme.endpoint("images.edit")
    assert generate is acme.endpoints["images"]
    assert edit is acme.endpoints["images.edit"]
    assert acme.endpoint("imagesque.edit") is None


def test_a_method_may_have_rows_beside_those_of_its_endpoint() -> None:
    acme = parse(
        f"""
        [parameters.images]
        size = {{ status = "limited", action = "review", {ROW} }}
        n = {{ status = "same", action = "keep", {ROW} }}
        [parameters."images.edit"]
        size = {{ status = "rejected", action = "remove", {ROW} }}
        """
    )
    assert acme.parameter("images.generate", "size") is acme.parameters["images"]["size"]
    assert acme.parameter("images.edit", "size") is acme.parameters["images.edit"]["size"]
    assert acme.parameter("images.edit", "n") is acme.parameters["images"]["n"]
    assert acme.parameter("imagesque.edit", "n") is None


def test_an_endpoint_that_is_missing_speaks_for_its_parameters() -> None:
    acme = parse(
        f"""
        [endpoints]
        images = {{ status = "limited", path = "/images", {ROW} }}
        "images.edit" = {{ status = "rejected", {ROW} }}
        [parameters.images]
        n = {{ status = "same", action = "keep", {ROW} }}
        """
    )
    assert acme.row_of("images.generate", "n") is acme.parameters["images"]["n"]
    assert acme.row_of("images.edit", "n") is acme.endpoints["images.edit"]
    assert acme.row_of("images.generate", "size") is None
    assert acme.row_of("videos.create", "size") is None


def test_parameter_row_speaks_of_its_models_only() -> None:
    acme = parse(
        f"""
        [parameters."chat.completions"]
        n = {{ status = "rejected", action = "remove", models = ["old-*"], {ROW} }}
        """
    )
    assert acme.parameter("chat.completions", "n", "old-1") is not None
    assert acme.parameter("chat.completions", "n") is not None
    assert acme.parameter("chat.completions", "n", "new-1") is None
    assert acme.parameter("embeddings", "n") is None


INSTRUCTED = (
    "gpt-3.5-turbo-instruct",
    "gpt-3.5-turbo-instruct-0914",
    "text-davinci-003",
    "text-curie-001",
    "gpt-4o-mini",
)
BASE = (
    *("davinci", "davinci-002", "babbage-002", "code-davinci-002", "text-davinci-003:ft-harbour-2023-05-04"),
    *("ft:davinci-002:harbour::1", "harbour-davinci"),
)


def test_base_models_follow_no_instructions() -> None:
    home = profile.find("openai")
    assert [name for name in (*INSTRUCTED, *BASE) if home.is_instructed(name)] == list(INSTRUCTED)


def test_first_matching_mapping_row_counts() -> None:
    rows = "".join(
        f'\n[[mapping]]\nopenai = ["{glob}"]\nmodel = "{model}"\nreason = {{ en = "a", zh = "甲" }}\nsource = "docs"\n'
        'checked = 2026-11-21\nconfidence = "inferred"\n'
        for glob, model in (("gpt-4o-mini*", "small"), ("gpt-4*", "large"))
    )
    acme = parse(rows)
    found = [acme.map_model(name) for name in ("gpt-4o-mini-2024-07-18", "gpt-4o", "o3")]
    assert [row and row.model for row in found] == ["small", "large", None]
