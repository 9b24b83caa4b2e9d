"""What must hold of every bundled profile, whatever its provider."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from fnmatch import fnmatchcase
from urllib.parse import urlsplit

import pytest

from llm_codemods import openai_api, profile
from llm_codemods.profile import Action, Note, Parameter, Profile, Status

API = (
    "chat.completions",
    "completions",
    "responses",
    "embeddings",
    "images",
    "audio",
    "moderations",
    "files",
    "batches",
    "fine_tuning",
)
"""The part of OpenAI's API of which a profile must know every parameter."""
TRANSPORT = {"extra_headers", "extra_query", "extra_body", "timeout"}
"""What the SDK takes to itself, in every method."""
LOCAL = {
    "files.wait_for_processing": {"max_wait_seconds", "poll_interval"},
    "responses.connect": {
        *("initial_delay", "max_delay", "max_queue_size", "max_retries", "on_reconnecting"),
        "websocket_connection_options",
    },
}
"""What it takes to itself in some: nothing of it is sent."""
FEATURES = {
    "models",
    "chat",
    "stream",
    "stream-usage",
    "tools",
    "forced-tool",
    "required-tool",
    "parallel-tools",
    "json-object",
    "json-schema",
    "embeddings",
    "embeddings-base64",
    "embeddings-dimensions",
    "vision",
    "developer-role",
    "logprobs",
    "n",
    "seed",
    "stop",
    "thinking-off",
    "several-system-messages",
    "late-system-message",
    "empty-content",
    "null-content",
    "content-parts",
    "json-without-word",
    "turns-without-thoughts",
    "image-urls",
    "strict-tools",
}
ERRORS = {
    "bad-key",
    "unknown-model",
    "bad-parameter",
    "context-length",
    "content-blocked",
    "no-balance",
    "rate-limit",
    "server",
}
ENDPOINTS = {
    "chat.completions",
    "completions",
    "responses",
    "embeddings",
    "models",
    "files",
    "batches",
    "images",
    "images.edit",
    "audio.speech",
    "audio.transcriptions",
    "audio.translations",
    "moderations",
    "fine_tuning",
    "beta.assistants",
    "beta.threads",
    "vector_stores",
    "uploads",
    "realtime",
    "beta.realtime",
    "conversations",
    "evals",
    "containers",
    "videos",
    "webhooks",
    "skills",
}
KINDS = {"chat", "embedding", "image", "speech", "transcription"}
CHINESE = re.compile("[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]")

pytestmark = pytest.mark.parametrize(
    "provider", [profile.bundled_profile(id) for id in profile.bundled()], ids=lambda p: p.id
)


def notes(value: object, where: str = "") -> Iterator[tuple[str, Note]]:
    """Every ``Note`` below ``value`` with its place."""
    if isinstance(value, Note):
        yield where, value
    elif is_dataclass(value):
        for f in fields(value):
            yield from notes(getattr(value, f.name), f"{where}.{f.name}")
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from notes(inner, f"{where}[{key}]")
    elif isinstance(value, tuple):
        for i, inner in enumerate(value):
            yield from notes(inner, f"{where}[{i}]")


def asked() -> Iterator[tuple[str, str]]:
    """Every method of ``API``, of any major and by its path of today, with each parameter that it can send."""
    for method in sorted(openai_api.methods()):
        api = openai_api.current(method)
        if api.startswith(tuple(f"{prefix}." for prefix in API)):
            for name in sorted(openai_api.parameters(method) - TRANSPORT - LOCAL.get(api, set())):
                yield api, name


def parameters(provider: Profile) -> Iterator[tuple[str, Parameter]]:
    """Every parameter row with its dotted name."""
    for endpoint, rows in provider.parameters.items():
        for name, row in rows.items():
            yield f"{endpoint}.{name}", row


def within(row: Parameter, value: float) -> bool:
    """Whether a value lies in the range of a row."""
    above = row.minimum is None or (value > row.minimum if row.exclusive_minimum else value >= row.minimum)
    below = row.maximum is None or (value < row.maximum if row.exclusive_maximum else value <= row.maximum)
    return above and below


def hosts(provider: Profile) -> list[str]:
    """The host names of a provider's endpoints."""
    return [urlsplit(region.base_url).hostname or "" for region in provider.regions.values()]


def others(provider: Profile) -> list[Profile]:
    """All bundled profiles but this one."""
    return [profile.bundled_profile(id) for id in profile.bundled() if id != provider.id]


def test_file_is_named_by_id(provider: Profile) -> None:
    assert profile.bundled_profile(provider.id) is provider


def test_base_urls(provider: Profile) -> None:
    for region in provider.regions.values():
        assert region.base_url.startswith("https://")
        assert not region.base_url.endswith("/")
        assert re.fullmatch("[A-Z][A-Z0-9_]+", region.key_env)


def test_only_openai_reads_its_key(provider: Profile) -> None:
    assert any(r.key_env == "OPENAI_API_KEY" for r in provider.regions.values()) == (provider.id == "openai")


def test_endpoints_lie_on_known_hosts(provider: Profile) -> None:
    for host in hosts(provider):
        assert any(fnmatchcase(host, glob) for glob in provider.hosts), host


def test_no_two_providers_share_a_name_or_host(provider: Profile) -> None:
    for other in others(provider):
        assert not {provider.id, *provider.aliases} & {other.id, *other.aliases}
        assert not set(provider.hosts) & set(other.hosts)
        for host in hosts(provider):
            assert not any(fnmatchcase(host, glob) for glob in other.hosts), (host, other.id)


def test_names_are_found_however_written(provider: Profile) -> None:
    for name in (provider.id, *provider.aliases):
        assert name == name.lower()
        assert profile.find(name.upper()) is provider


def test_notes_are_in_both_languages(provider: Profile) -> None:
    for where, note in notes(provider):
        assert note.en.strip(), where
        assert not CHINESE.search(note.en), where
        if where != ".name":  # a company's name may be the same in both
            assert CHINESE.search(note.zh), where


def test_every_parameter_of_the_sdk_has_a_row(provider: Profile) -> None:
    if provider.partial:
        pytest.skip("a partial profile says what is known")
    silent = [(api, name) for api, name in asked() if provider.row_of(api, name) is None]
    assert silent == []


def test_every_parameter_row_is_asked_for(provider: Profile) -> None:
    known = set(asked())
    for endpoint, rows in provider.parameters.items():
        below = {name for api, name in known if f"{api}.".startswith(f"{endpoint}.")}
        own = {name for name, row in rows.items() if row.action is Action.ADD and row.to == name}
        assert not set(rows) - below - own, endpoint
        assert not own & below, f"{endpoint}: the SDK can send it"


def test_parameter_rows_have_what_their_action_needs(provider: Profile) -> None:
    for name, row in parameters(provider):
        if row.status is Status.SAME:
            assert row.action is Action.KEEP, name
        if row.status in (Status.REJECTED, Status.RENAMED):
            assert row.action is not Action.KEEP, name
        if row.action in (Action.RENAME, Action.BODY):
            assert row.to, name
        if row.action is Action.ADD:
            assert row.default is not None, name
            ast.literal_eval(row.default)


def test_clamped_values_lie_in_the_range(provider: Profile) -> None:
    for name, row in parameters(provider):
        if row.action is not Action.CLAMP:
            continue
        low, high = (row.minimum if row.low is None else row.low), (row.maximum if row.high is None else row.high)
        assert low is not None or high is not None, name
        for value in (low, high):
            assert value is None or within(row, value), (name, value)


def test_replacements_are_accepted_values(provider: Profile) -> None:
    for name, row in parameters(provider):
        if row.replace:
            assert set(row.replace.values()) <= set(row.values), name
            assert not set(row.replace) & set(row.values), name
        if row.action is Action.REPLACE:
            assert row.values, name


def test_model_globs_of_parameters_match_something(provider: Profile) -> None:
    for name, row in parameters(provider):
        for glob in row.models:
            assert any(fnmatchcase(model, glob) for model in provider.models), (name, glob)


def test_replaced_roles_name_another(provider: Profile) -> None:
    for role, row in provider.roles.items():
        if row.action is Action.REPLACE:
            assert row.to, role
            assert row.to != role


def test_models(provider: Profile) -> None:
    for name, model in provider.models.items():
        assert not set("*?[]") & set(name), name
        assert model.kind in KINDS, name
        assert (model.price_in is None and model.price_out is None) or model.currency in ("CNY", "USD"), name
        assert not model.dimensions or model.kind == "embedding", name


def test_replacements_of_models_live(provider: Profile) -> None:
    for name, model in provider.models.items():
        if model.replaced_by is not None:
            assert model.replaced_by in provider.models, name
            assert provider.models[model.replaced_by].retired is None, name


def test_mapping_leads_to_living_models(provider: Profile) -> None:
    for row in provider.mapping:
        for target in (row.model, row.vision):
            if target is not None:
                assert target in provider.models, row.openai
                assert provider.models[target].retired is None, row.openai
        if row.vision is not None:
            assert provider.models[row.vision].vision is True, row.openai
        if row.thinking is not None:
            assert row.thinking in provider.thinking, row.openai


def test_mapped_embeddings_offer_the_size(provider: Profile) -> None:
    for row in provider.mapping:
        sizes = provider.models[row.model].dimensions if row.model is not None else ()
        if row.dimensions is not None or len(sizes) > 1:
            assert row.dimensions in sizes, row.openai


def test_no_mapping_row_is_hidden_by_an_earlier_one(provider: Profile) -> None:
    for row in provider.mapping:
        for glob in row.openai:
            name = re.sub(r"\[(.)[^]]*\]", r"\1", glob).replace("*", "").replace("?", "0")
            assert provider.map_model(name) is row, glob


def test_mapping_answers_every_openai_model(provider: Profile) -> None:
    if provider.id == "openai":
        pytest.skip("its mapping leads from the other providers back")
    names = [n for n, m in profile.bundled_profile("openai").models.items() if m.kind in ("chat", "embedding")]
    assert [name for name in names if provider.map_model(name) is None] == []


def test_mapping_back_answers_every_chat_and_embedding_model(provider: Profile) -> None:
    if provider.id == "openai":
        pytest.skip("there is no way back to itself")
    back = profile.bundled_profile("openai")
    for name, model in provider.models.items():
        if model.kind in ("chat", "embedding") and "/" not in name:
            assert back.map_model(name) is not None, name


def test_mapping_leaves_strangers_and_its_own_models_alone(provider: Profile) -> None:
    strangers = (
        "claude-sonnet-4",
        "gemini-2.5-flash",
        "gemini-2.5-flash-tts",
        "llama-3-8b",
        "my-model",
        "o365",
        "adam",
    )
    for name in (*strangers, *provider.models):
        assert provider.map_model(name) is None, name


def test_tables_are_complete(provider: Profile) -> None:
    assert set(provider.features) == FEATURES
    assert set(provider.errors) == ERRORS
    assert not ENDPOINTS - set(provider.endpoints)


def test_endpoints_have_a_path_exactly_where_they_answer(provider: Profile) -> None:
    for name, row in provider.endpoints.items():
        if row.status is Status.REJECTED:
            assert row.path is None, name
        if row.path is not None:
            assert row.path.startswith("/"), name
            assert not row.path.endswith("/"), name
    assert provider.endpoints["chat.completions"].path


def test_errors_fill_no_places_but_the_known(provider: Profile) -> None:
    for name, shape in provider.errors.items():
        assert 400 <= shape.status <= 599, name
        assert set(re.findall(r"\{(\w+)\}", str(shape.body))) <= {"model", "parameter"}, name


def test_no_source_is_idle(provider: Profile) -> None:
    used = set(re.findall(r"source='([^']*)'", repr(provider)))
    assert set(provider.sources) == used
