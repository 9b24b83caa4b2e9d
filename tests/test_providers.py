"""``llm-migrate providers``: all that a profile says can be read, and profiles can be held side by side."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest

from llm_codemods import profile
from llm_codemods.profile import Parameter, Profile, Status
from llm_migrate.render import contract
from terminal import called

OWN = Path(__file__).parent / "data" / "gateway.toml"


def columns(line: str) -> int:
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in line)


def squeezed(text: str) -> str:
    """The text without what a table puts between its parts."""
    return "".join(text.split())


@pytest.mark.parametrize("width", [80, 200])
@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("id", profile.bundled())
def test_a_page_says_everything_within_its_columns(id: str, language: str, width: int, tmp_path: Path) -> None:
    ended = called(tmp_path, "providers", "show", id, "--lang", language, env={"COLUMNS": str(width)})
    assert (ended.code, ended.err) == (0, "")
    assert max(map(columns, ended.out.splitlines())) <= width
    assert all(line == line.rstrip() for line in ended.out.splitlines())
    known = profile.bundled_profile(id)
    if width == 80:  # in a table a long cell stands beside others, in pieces
        said = squeezed(ended.out)
        for endpoint, rows in known.parameters.items():
            assert f"{endpoint}" in said
            for name, row in rows.items():
                note = getattr(row.note, language) if row.note else ""
                assert squeezed(name) in said
                assert squeezed(note) in said, name
        for mapped in known.mapping:
            assert squeezed(getattr(mapped.reason, language)) in said
        for model in known.models:
            assert model in said
    for key, source in known.sources.items():
        assert squeezed(f"{key}: {source.title}") in squeezed(ended.out)


def test_a_row_of_a_page_carries_where_it_comes_from(tmp_path: Path) -> None:
    lines = called(tmp_path, "providers", "show", "qwen", env={"COLUMNS": "200"}).out.splitlines()
    row = next(line.split() for line in lines if line.split()[:1] == ["frequency_penalty"])
    assert row[:3] == ["frequency_penalty", "ignored", "remove"]
    assert row[-3:] == ["QC-compat,", "2026-11-21,", "documented"]


def test_an_error_names_the_class_that_the_sdk_raises(tmp_path: Path) -> None:
    lines = called(tmp_path, "providers", "show", "baidu", env={"COLUMNS": "200"}).out.splitlines()
    assert ["unknown-model", "401", "AuthenticationError"] in [line.split()[:3] for line in lines]


def test_a_profile_of_ones_own_can_be_shown(tmp_path: Path) -> None:
    ended = called(tmp_path, "providers", "show", str(OWN))
    assert ended.code == 0
    assert ended.out.startswith(profile.parse(OWN.read_text("utf-8"), "gateway.toml").id)


def test_a_page_as_json_is_the_profile(tmp_path: Path) -> None:
    document = called(tmp_path, "providers", "show", "zhipu", "--format", "json").json
    known = profile.bundled_profile("zhipu")
    told = document["provider"]
    assert document["schema"] == 1
    assert told["id"] == "zhipu"
    assert told["name"] == {"en": known.name.en, "zh": known.name.zh}
    assert told["models"].keys() == known.models.keys()
    assert {endpoint: rows.keys() for endpoint, rows in told["parameters"].items()} == {
        endpoint: rows.keys() for endpoint, rows in known.parameters.items()
    }
    assert told["models"]["glm-4.7-flash"]["price_in"] == 0, "what is free has a price"
    assert told["parameters"]["chat.completions"]["temperature"] == {
        "source": "chat",
        "checked": "2026-11-21",
        "confidence": "documented",
        "note": {
            "en": str(known.parameters["chat.completions"]["temperature"].note),
            "zh": known.parameters["chat.completions"]["temperature"].note.zh,  # type: ignore[union-attr]
        },
        "status": "limited",
        "action": "clamp",
        "minimum": 0,
        "maximum": 1,
        "exclusive_minimum": True,
        "low": 0.01,
        "high": 0.99,
    }


@pytest.mark.parametrize("width", [80, 200])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_all_providers_side_by_side_within_their_columns(language: str, width: int, tmp_path: Path) -> None:
    ids = profile.bundled()
    ended = called(tmp_path, "providers", "compare", *ids, "--lang", language, env={"COLUMNS": str(width)})
    assert (ended.code, ended.err) == (0, "")
    lines = ended.out.splitlines()
    assert max(map(columns, lines)) <= width
    assert set(ids) <= set(ended.out.split())


def test_what_differs_is_marked(tmp_path: Path) -> None:
    lines = called(tmp_path, "providers", "compare", "qwen", "zhipu", env={"COLUMNS": "80"}).out.splitlines()
    cells = [line.split() for line in lines]
    assert cells[0] == ["chat.completions", "qwen", "zhipu"]
    assert ["model", "same", "same"] in cells
    assert ["≠", "json-schema", "limited", "ignored"] in cells
    assert ["≠", "previous_response_id", "limited", "–"] in cells
    assert cells[-1][0] == "≠"


def test_a_comparison_as_json(tmp_path: Path) -> None:
    document = called(tmp_path, "providers", "compare", "qwen", "zhipu", "--format", "json").json
    assert document["providers"] == ["qwen", "zhipu"]
    rows = document["rows"]
    assert rows["chat.completions"]["n"] == {"differs": True, "status": {"qwen": "limited", "zhipu": "ignored"}}
    assert rows["responses"]["input"]["status"]["zhipu"] == "rejected"
    assert rows["endpoints"]["chat.completions"]["differs"] is False


def small(id: str, parameters: str) -> Profile:
    row = 'source = "docs", checked = 2026-01-01, confidence = "documented"'
    return profile.parse(
        f"""
        id = "{id}"
        name = {{ en = "{id}", zh = "{id}" }}
        [sources]
        docs = {{ title = "docs" }}
        [regions]
        cn = {{ base_url = "https://{id}.cn/v1", key_env = "KEY", name = {{ en = "cn", zh = "cn" }}, {row} }}
        {parameters.replace("ROW", row)}
        """,
        f"{id}.toml",
    )


def test_silence_is_told_from_a_missing_endpoint_and_a_method_of_its_own_counts() -> None:
    one = small(
        "one",
        """
        [parameters.images]
        n = { status = "same", action = "keep", ROW }
        size = { status = "same", action = "keep", ROW }
        [endpoints]
        images = { status = "same", path = "/images", ROW }
        "images.generate" = { status = "rejected", ROW }
        [roles]
        developer = { status = "rejected", action = "replace", to = "system", ROW }
        """,
    )
    two = small("two", '[endpoints]\nimages = { status = "rejected", ROW }')
    three = small("three", "")
    found = contract.comparison([one, two, three])
    n, size = found["images"]
    assert n.statuses == (Status.SAME, Status.REJECTED, None), "images.edit has it, too"
    assert n.lacking == (False, True, False)
    assert n.differs
    assert size.name == "size"
    (developer,) = found["roles"]
    assert developer.statuses == (Status.REJECTED, Status.SAME, Status.SAME)
    assert [line.name for line in found["endpoints"]] == ["images", "images.generate"]
    assert found["endpoints"][1].statuses == (Status.REJECTED, Status.REJECTED, None)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"minimum": 0, "maximum": 2}, "[0, 2]"),
        ({"minimum": 0, "maximum": 2, "exclusive_minimum": True, "exclusive_maximum": True}, "(0, 2)"),
        ({"minimum": 1}, "[1, …)"),
        ({"maximum": 0.5}, "(…, 0.5]"),
        ({"maximum": 2147483647}, "(…, 2147483647]"),
        ({"values": ("a", "b"), "replace": {"c": "a"}}, "a | b; c → a"),
        ({"most": 4}, "4 at most"),
        ({"default": "True"}, "= True"),
        ({}, ""),
    ],
)
def test_limits_in_short(given: dict[str, object], said: str) -> None:
    row = profile.bundled_profile("qwen").parameters["chat.completions"]["model"]
    plain = {"source": row.source, "checked": row.checked, "confidence": row.confidence}
    parameter = Parameter(status=Status.LIMITED, action=row.action, **plain, **given)  # type: ignore[arg-type]
    assert contract.limits(parameter) == said


@pytest.mark.parametrize(
    ("words", "message", "hint"),
    [
        (["show"], "argument ID is missing", "see 'llm-migrate providers --help'"),
        (["show", "qwn"], "unknown provider 'qwn'", "did you mean 'qwen'?"),
        (["show", "qwen", "-", "x"], "unexpected argument: - x", "see 'llm-migrate providers --help'"),
        (["compare"], "compare needs two providers or more", "see 'llm-migrate providers --help'"),
        (["compare", "qwen"], "compare needs two providers or more", "see 'llm-migrate providers --help'"),
        (["compare", "qwen", "nobody"], "unknown provider 'nobody'", "known providers: "),
        (["shwo", "qwen"], "unexpected argument: shwo qwen", "did you mean 'show'?"),
        (["qwen"], "unexpected argument: qwen", "did you mean 'show qwen'?"),
    ],
)
def test_wrong_words(words: list[str], message: str, hint: str, tmp_path: Path) -> None:
    ended = called(tmp_path, "providers", *words)
    assert (ended.code, ended.out) == (2, "")
    told, advice = ended.err.splitlines()
    assert told == f"error: {message}"
    assert advice.startswith(f"hint: {hint}")
