"""What the provider takes: models, parameters, messages. All else is refused, or dropped, as its profile says."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from llm_codemods.profile import Action, Model, Parameter, Profile, Status
from llm_migrate.live.claims import is_retired
from llm_migrate.live.emulation.refusal import refusal

HONOURED = (Status.SAME, Status.LIMITED, Status.UNKNOWN)
CORE = ("chat.completions", "embeddings", "models")
"""What is served unless the profile says that it is not there; other endpoints only if it says that they are."""

_KINDS = {
    "embeddings": "embedding",
    "images": "image",
    "audio.speech": "speech",
    "audio.transcriptions": "transcription",
    "audio.translations": "transcription",
}
_NUMBERS = ("temperature", "top_p", "presence_penalty", "frequency_penalty", "speed")
_COUNTS = ("max_tokens", "max_completion_tokens", "max_output_tokens", "n", "best_of", "dimensions")
_WHOLE = (*_COUNTS, "seed", "top_logprobs")
_FLAGS = ("stream", "parallel_tool_calls", "store", "echo", "background")
_LISTS = ("messages", "tools", "functions")
_TABLES = ("stream_options", "metadata", "text", "reasoning")
_OBJECTS = (
    *_TABLES,
    *("audio", "chunking_strategy", "conversation", "expires_after", "function_call", "logit_bias", "moderation"),
    *("output_expires_after", "prediction", "prompt", "prompt_cache_options", "response_format"),
    *("text_format", "thinking", "tool_choice", "voice", "web_search_options"),
)
"""Parameters that may be objects."""


def feature(profile: Profile, name: str) -> Status | None:
    """Return what the profile says of a feature, or None."""
    row = profile.features.get(name)
    return None if row is None else row.status


def is_served(profile: Profile, api: str) -> bool:
    """Whether the provider has this method (``files.create``), as far as the profile says."""
    row = profile.endpoint(api)
    if row is not None and row.status is not Status.UNKNOWN:
        return row.status is not Status.REJECTED
    return any(api == core or api.startswith(f"{core}.") for core in CORE)


def find_model(profile: Profile, api: str, name: Any, today: datetime.date | None = None) -> Model | None:
    """Return the model's row; None where the profile lists no models of the kind, or unknown ones are served.

    Raises:
        RefusalError: no model is named, or one that is unknown, retired or of another kind.
    """
    if not isinstance(name, str) or not name:
        raise refusal(profile, "bad-parameter", parameter="model")
    kind = next((k for prefix, k in _KINDS.items() if api.startswith(prefix)), "chat")
    row = profile.models.get(name)
    if row is None:
        listed = any(model.kind == kind for model in profile.models.values())
        if not listed or feature(profile, "unknown-model") is Status.IGNORED:
            return None
        raise refusal(profile, "unknown-model", model=name)
    if is_retired(profile, name, today):
        raise refusal(profile, "retired-model", model=name)
    if row.kind != kind:
        raise refusal(profile, "unknown-model", model=name)
    return row


def honoured(profile: Profile, api: str, body: Mapping[str, Any], *, typed: bool = True) -> dict[str, Any]:
    """Return the body without what has no effect. ``typed``: the values have types, as those of a form have not.

    Raises:
        RefusalError: a parameter, or its value, is one the provider refuses.
    """
    kept: dict[str, Any] = {}
    strict = feature(profile, "unknown-parameter") is Status.REJECTED
    for name, value in body.items():
        if value is None:
            continue
        row = profile.parameter(api, name, str(body.get("model")))
        if row is not None and row.status in (Status.IGNORED, Status.RENAMED):
            continue
        if api == "chat.completions":
            stated = _stated(profile, name, value)
            if stated is Status.IGNORED and name in _DROPPED:
                continue
        if typed and _is_mistyped(name, value, api, known=row is not None):
            raise refusal(profile, "bad-parameter", parameter=name)
        decided = api == "chat.completions" and _is_decided(profile, name, value)
        if row is not None and row.action is Action.REPEAT and row.beside in body:
            row = replace(row, maximum=1.0)
        if row is not None and _is_refused(row, name, value) and not decided:
            raise refusal(profile, "bad-parameter", parameter=name)
        if strict and row is None and not _is_known(profile, api, name):
            raise refusal(profile, "bad-parameter", parameter=name)
        most = row.most if row is not None and isinstance(value, list) else None
        if most is not None and len(value) > most and name not in _CUT:
            raise refusal(profile, "bad-parameter", parameter=name)
        kept[name] = value if most is None else value[:most]
    return kept


_CUT = ("stop",)
"""Lists of which so many items as the profile says are honoured; longer ones of other names are refused."""


def _is_known(profile: Profile, api: str, name: str) -> bool:
    switches = {key for entries in profile.thinking.values() for key in entries}
    renamed = {row.to for rows in profile.parameters.values() for row in rows.values()}
    return name in switches or name in renamed or profile.parameter(api, name) is not None


def _is_mistyped(name: str, value: Any, api: str, *, known: bool) -> bool:
    if name in _NUMBERS:
        return not _is_number(value)
    if name == "logit_bias":
        return not isinstance(value, Mapping) or not all(map(_is_number, value.values()))
    if name in _WHOLE:
        return type(value) is not int or (name in _COUNTS and value < 1) or (name == "top_logprobs" and value < 0)
    if name == "logprobs":
        return type(value) is not (int if api == "completions" else bool)
    if known and isinstance(value, Mapping) and name not in _OBJECTS:
        return True
    kinds = ((_FLAGS, bool), (_LISTS, list), (_TABLES, Mapping))
    return any(name in names and not isinstance(value, kind) for names, kind in kinds)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _spellings(name: str, value: Any) -> set[str]:
    """Return what a row's ``values`` may call this value: objects go by their type."""
    if name == "tool_choice" and isinstance(value, Mapping):
        return {"named", "function", str(value.get("type"))}
    if name == "text" and isinstance(value, Mapping):
        value = value.get("format") or {"type": "text"}
    if isinstance(value, Mapping):
        return {str(value.get("type"))}
    return {str(value), str(value).lower()}


def _is_refused(row: Parameter, name: str, value: Any) -> bool:
    listed = bool(row.values) and (
        all(_spellings(name, v) & set(row.values) for v in value)
        if isinstance(value, list)
        else bool(_spellings(name, value) & set(row.values))
    )
    if row.status is Status.REJECTED:
        return not listed
    if row.status is not Status.LIMITED:
        return False
    if row.values and not listed:
        return True
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return False
    return (row.minimum is not None and (value < row.minimum or (row.exclusive_minimum and value == row.minimum))) or (
        row.maximum is not None and (value > row.maximum or (row.exclusive_maximum and value == row.maximum))
    )


# --- features of chat -------------------------------------------------------------------------------------------------

_DROPPED = ("n", "seed", "stop", "logprobs", "top_logprobs", "parallel_tool_calls", "stream")
"""Parameters that are as if they were not sent where their feature is ignored."""
_BY_NAME = {
    "tools": "tools",
    "seed": "seed",
    "stop": "stop",
    "parallel_tool_calls": "parallel-tools",
    "dimensions": "embeddings-dimensions",
    "stream": "stream",
}


def feature_of(name: str, value: Any) -> str | None:
    """Return the feature that a parameter's value asks for."""
    match name, value:
        case "tool_choice", Mapping():
            return "forced-tool"
        case "tool_choice", "required":
            return "required-tool"
        case "response_format", Mapping():
            return {"json_object": "json-object", "json_schema": "json-schema"}.get(str(value.get("type")))
        case "encoding_format", "base64":
            return "embeddings-base64"
        case "n", _:
            return "n" if value != 1 else None
        case ("logprobs", True) | ("top_logprobs", _):
            return "logprobs"
        case "stream", False:
            return None
    return _BY_NAME.get(name)


def _stated(profile: Profile, name: str, value: Any) -> Status | None:
    found = feature_of(name, value)
    return None if found is None else feature(profile, found)


def is_ignored(profile: Profile, name: str, value: Any) -> bool:
    """Whether what a parameter asks for has no effect."""
    return _stated(profile, name, value) is Status.IGNORED


def _is_decided(profile: Profile, name: str, value: Any) -> bool:
    """Whether a feature's row speaks of this value, so that the parameter's list of literal strings does not."""
    stated = _stated(profile, name, value)
    return (isinstance(value, Mapping) and stated in (Status.SAME, Status.LIMITED)) or stated is Status.IGNORED


def check_features(profile: Profile, model: Model | None, asked: Mapping[str, Any]) -> None:
    """Refuse what the profile, or its row of the model, says is refused."""
    for name, value in asked.items():
        found = feature_of(name, value)
        if found is None:
            continue
        stated = feature(profile, found)
        if stated is Status.REJECTED or (lacks(model, name, value) and stated is not Status.IGNORED):
            raise refusal(profile, "bad-parameter", parameter=name)
    strict = any(function.get("strict") is True for function in functions(asked))
    if strict and feature(profile, "strict-tools") is Status.REJECTED:
        raise refusal(profile, "bad-parameter", parameter="tools.function.strict")


def lacks(model: Model | None, name: str, value: Any) -> bool:
    """Whether the model's row says that it cannot do what a parameter asks for."""
    return model is not None and (
        (feature_of(name, value) == "json-schema" and model.json_schema is False)
        or (name == "tools" and model.tools is False)
    )


def functions(asked: Mapping[str, Any]) -> tuple[Mapping[str, Any], ...]:
    """Return the functions among the tools of a chat request."""
    tools = asked.get("tools")
    return tuple(
        tool["function"]
        for tool in (tools if isinstance(tools, list) else ())
        if isinstance(tool, Mapping) and isinstance(tool.get("function"), Mapping)
    )


# --- messages ---------------------------------------------------------------------------------------------------------


def said(content: Any) -> str:
    """Return the text of a message's content: a string, or the texts of its parts."""
    if isinstance(content, list):
        return " ".join(str(part.get("text", "")) for part in content if isinstance(part, Mapping))
    return str(content or "")


def parts(content: Any) -> Iterator[tuple[str, Any]]:
    """Yield type and part of each part of a message's content."""
    for part in content if isinstance(content, list) else ():
        if isinstance(part, Mapping):
            yield str(part.get("type")), part


def pictures(content: Any) -> tuple[str, ...]:
    """Return the addresses of the pictures in a message's content, of chat and of responses."""
    found = []
    for kind, part in parts(content):
        if kind in ("image_url", "input_image"):
            place = part.get("image_url")
            found.append(str(place.get("url", "")) if isinstance(place, Mapping) else str(place or ""))
    return tuple(found)


def check_messages(profile: Profile, model: Model | None, messages: Any) -> None:
    """Refuse messages that are none, roles and shapes that the provider refuses, and what does not fit the window."""
    if not isinstance(messages, list) or not messages:
        raise refusal(profile, "bad-parameter", parameter="messages")
    for message in messages:
        if not isinstance(message, Mapping) or not isinstance(message.get("role"), str):
            raise refusal(profile, "bad-parameter", parameter="messages")
        content = message.get("content")
        if content is not None and not isinstance(content, (str, list)):
            raise refusal(profile, "bad-parameter", parameter="messages.content")
        check_role(profile, message["role"], "messages.role")
        check_pictures(profile, model, pictures(content), "messages.content (image_url)")
    _check_shapes(profile, messages)


def check_role(profile: Profile, role: str, place: str) -> None:
    """Refuse a role that the provider refuses."""
    row = profile.roles.get(role)
    if row is not None and row.status is Status.REJECTED:
        raise refusal(profile, "bad-parameter", parameter=f"{place} ({role})")


def check_pictures(profile: Profile, model: Model | None, addresses: Sequence[str], place: str) -> None:
    """Refuse pictures where the provider or the model cannot see, and addresses where only data is taken."""
    blind = feature(profile, "vision") is Status.REJECTED or (model is not None and model.vision is False)
    data_only = feature(profile, "image-urls") is Status.REJECTED
    if addresses and (blind or (data_only and not all(a.startswith("data:") for a in addresses))):
        raise refusal(profile, "bad-parameter", parameter=place)


def check_length(profile: Profile, model: Model | None, tokens: int) -> None:
    """Refuse input that does not fit the model's window."""
    if model is not None and model.context is not None and tokens > model.context:
        raise refusal(profile, "context-length")


def _check_shapes(profile: Profile, messages: Sequence[Mapping[str, Any]]) -> None:
    """Refuse shapes of messages that the profile says are refused."""
    roles = [message["role"] for message in messages]
    if feature(profile, "several-system-messages") is Status.REJECTED and roles.count("system") > 1:
        raise refusal(profile, "bad-parameter", parameter="messages.role (several times system)")
    if feature(profile, "late-system-message") is Status.REJECTED and "system" in roles[roles.count("system") :]:
        raise refusal(profile, "bad-parameter", parameter="messages.role (system behind others)")
    for message in messages:
        content = message.get("content", "")
        if content is None and feature(profile, "null-content") is Status.REJECTED:
            raise refusal(profile, "bad-parameter", parameter="messages.content (null)")
        if isinstance(content, list) and feature(profile, "content-parts") is Status.REJECTED:
            raise refusal(profile, "bad-parameter", parameter="messages.content (a list)")
        empty = content == "" and "content" in message and "tool_calls" not in message
        if empty and feature(profile, "empty-content") is Status.REJECTED:
            raise refusal(profile, "bad-parameter", parameter="messages.content (empty)")


def check_json(profile: Profile, asked: Mapping[str, Any]) -> None:
    """Refuse to answer in JSON where the messages do not speak of it and the profile says that they must."""
    wanted = feature_of("response_format", asked.get("response_format")) == "json-object"
    needed = wanted and feature(profile, "json-without-word") is Status.REJECTED
    if needed and "json" not in " ".join(said(m.get("content")) for m in asked["messages"]).lower():
        raise refusal(profile, "bad-parameter", parameter="messages (they must contain the word 'json')")


def check_thoughts(profile: Profile, messages: Sequence[Mapping[str, Any]]) -> None:
    """Refuse turns that called tools and come back without their thoughts, where the profile says that it is so."""
    row = profile.features.get("turns-without-thoughts")
    needed = row is not None and row.thinking == "off"
    if needed and any(m.get("tool_calls") and not m.get("reasoning_content") for m in messages):
        raise refusal(profile, "bad-parameter", parameter="messages (reasoning_content must be passed back)")


def check_while_thinking(profile: Profile, asked: Mapping[str, Any]) -> None:
    """Refuse what works only while the model does not think."""
    for name, value in asked.items():
        row = profile.features.get(feature_of(name, value) or "")
        if row is not None and row.thinking == "off":
            raise refusal(profile, "bad-parameter", parameter=name)


def is_dropped(profile: Profile, api: str, name: str) -> bool:
    """Whether a parameter is taken and has no effect, whatever its value: it differs there and is to be left out."""
    row = profile.parameter(api, name)
    return row is not None and row.status is Status.LIMITED and row.action is Action.REMOVE and not row.values
