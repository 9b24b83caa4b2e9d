"""A profile of the user's own: what it takes from another, and how its errors point at their place."""

from __future__ import annotations

import datetime
from collections.abc import Mapping

import pytest

from llm_codemods import own_profile, profile
from llm_codemods.profile import Profile, ProfileError

TODAY = datetime.date(2026, 11, 21)
GATEWAY = """\
extends = "qwen"
id = "gateway"
name = "our gateway"

[regions]
gw = { base_url = "https://gw.example.com/v1", key_env = "GW_KEY", name = "inside" }

[models]
qwen-plus = { kind = "chat", context = 1000 }

[parameters."chat.completions"]
seed = { status = "rejected", action = "remove" }

[[mapping]]
openai = ["gpt-4o*"]
model = "qwen-plus"
reason = "house rule"
"""


def load(written: str, **others: str) -> Profile:
    """Load ``own.toml`` with this text; ``others`` are files beside it, by their stems."""
    files: Mapping[str, str] = {"own.toml": written, **{f"{stem}.toml": text for stem, text in others.items()}}
    return own_profile.load("own.toml", lambda path: files[path], TODAY)


def refusal(written: str, **others: str) -> str:
    with pytest.raises(ProfileError) as caught:
        load(written, **others)
    return str(caught.value.message)


def test_rows_replace_rows_and_the_rest_comes_from_the_base() -> None:
    own, base = load(GATEWAY), profile.find("qwen")
    assert own.id == "gateway"
    assert (own.name.en, own.name.zh) == ("our gateway", "our gateway")
    assert next(iter(own.regions)) == "gw"
    assert set(own.regions) == {"gw", *base.regions}
    assert (own.models["qwen-plus"].context, own.models["qwen-plus"].output) == (1000, None)
    assert own.models["qwen-flash"] == base.models["qwen-flash"]
    rows = own.parameters["chat.completions"]
    assert rows["seed"].action.value == "remove"
    assert rows["stop"] == base.parameters["chat.completions"]["stop"]
    assert own.thinking == base.thinking
    assert own.mapping[1:] == base.mapping
    found = own.map_model("gpt-4o-mini")
    assert found is not None
    assert found.reason.zh == "house rule"


def test_a_row_without_source_has_the_file_as_its_source() -> None:
    own = load(GATEWAY)
    row = own.regions["gw"]
    assert (row.source, row.checked, row.confidence.value) == ("own", TODAY, "reported")
    assert own.sources["own"].title == "own.toml"


def test_extends_another_file() -> None:
    own = load('extends = "team.toml"\nid = "mine"\n', team=GATEWAY)
    assert (own.id, next(iter(own.regions))) == ("mine", "gw")
    assert own.models["qwen-flash"] == profile.find("qwen").models["qwen-flash"]


def test_a_base_may_be_named_by_its_alias() -> None:
    assert load(GATEWAY.replace('"qwen"', '"DashScope"', 1)).thinking == profile.find("qwen").thinking


def test_all_errors_at_once_in_the_order_of_their_places() -> None:
    said = refusal(
        'extend = "qwen"\nextends = "qwen"\nid = 5\n\n[regions]\n'
        'gw = { base_ulr = "https://gw.example.com/v1", key_env = "GW_KEY", name = "网关", note = 1 }\n'
    )
    assert said.split("\n\n") == [
        "own.toml:1:1: unknown key 'extend'\n1 | extend = \"qwen\"\n  | ^^^^^^\n  = did you mean 'extends'?",
        "own.toml:3:6: expected str, found int\n3 | id = 5\n  |      ^",
        "own.toml:6:1: key 'base_url' is missing\n"
        '6 | gw = { base_ulr = "https://gw.example.com/v1", key_env = "GW_KEY", name = "网关", note = 1 }\n  | ^^',
        "own.toml:6:8: unknown key 'base_ulr'\n"
        '6 | gw = { base_ulr = "https://gw.example.com/v1", key_env = "GW_KEY", name = "网关", note = 1 }\n'
        "  |        ^^^^^^^^\n  = did you mean 'base_url'?",
        "own.toml:6:88: expected table, found int\n"
        '6 | gw = { base_ulr = "https://gw.example.com/v1", key_env = "GW_KEY", name = "网关", note = 1 }\n'
        "  |" + " " * 90 + "^",
    ]


@pytest.mark.parametrize(
    ("written", "place"),
    [
        ('extends = "qwne"\n', "own.toml:1:11: unknown provider 'qwne'"),
        ("extends = 5\n", "own.toml:1:11: expected str, found int"),
        ('id = "x"\n[regoins]\n', "own.toml:2:2: unknown key 'regoins'"),
        ('id = "x"\n', "own.toml:1:1: key 'name' is missing"),
        ("id = \n", "own.toml:1:6: not valid TOML: Invalid value"),
        ("", "own.toml:1:1: key 'id' is missing"),
        ('extends = "qwen"\n[[mapping]]\nmodel = "a"\n', "own.toml:2:3: key 'openai' is missing"),
        ('extends = "qwen"\nhosts = ["a", 1]\n', "own.toml:2:15: expected str, found int"),
        ('extends = "qwen"\nsources = 5\n', "own.toml:2:11: expected table, found int"),
        ('extends = "qwen"\nname = { en = "a" }\n', "own.toml:2:1: key 'zh' is missing"),
        ('extends = "qwen"\n[models.a]\nkind = "chat"\nthinking = "offf"\n', "own.toml:4:12: unknown value 'offf'"),
        (
            'extends = "qwen"\n[models]\na = { kind = "chat", source = "QC-chta" }\n',
            "own.toml:3:31: source 'QC-chta' is not listed in [sources]",
        ),
    ],
)
def test_an_error_names_its_place(written: str, place: str) -> None:
    assert refusal(written).splitlines()[0] == place


def test_an_error_in_the_base_is_told_there() -> None:
    said = refusal('extends = "team.toml"\nid = "mine"\n', team=GATEWAY.replace("kind = ", "knid = "))
    assert said.startswith("team.toml:9:1: key 'kind' is missing")
    assert "team.toml:9:15: unknown key 'knid'" in said


def test_files_that_extend_each_other() -> None:
    said = refusal('extends = "a.toml"\n', a='extends = "./own.toml"\n')
    assert said.splitlines()[0] == "a.toml:1:11: these profiles extend each other: own.toml → a.toml → own.toml"


def test_of_a_long_line_what_is_around_the_place_is_shown() -> None:
    said = refusal(f'extends = "qwen"\naliases = ["{"x" * 300}", 5]\n').splitlines()
    assert said[1].endswith('", 5]')
    assert len(said[1]) < 120
    assert said[1][said[2].index("^")] == "5"
