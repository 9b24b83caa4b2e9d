"""What the SDK's responses look like, as far as code takes them apart: parts, elements, methods.

A part is known by the names that lead to it, ``[]`` for an element: ``choices [] message content``. Names that no
response has lead nowhere. In front of the parts of a piece of a stream stands one more ``[]``.
"""

from __future__ import annotations

import re
from dataclasses import replace

from llm_codemods.terms import Call, Literal
from llm_codemods.values import Response

ELEMENT = "[]"
LISTS = frozenset(
    {"annotations", "choices", "data", "embedding", "output", "results", "segments", "tool_calls", "words"},
)
_USAGE = "completion_tokens completion_tokens_details input_tokens input_tokens_details output_tokens prompt_tokens "
_USAGE += "output_tokens_details prompt_tokens_details total_tokens"
_MESSAGE = "annotations audio content function_call parsed reasoning_content refusal role tool_calls"
_HARMS = "harassment harassment/threatening harassment_threatening hate hate/threatening hate_threatening illicit "
_HARMS += (
    "illicit/violent illicit_violent self-harm self-harm/instructions self-harm/intent self_harm self_harm_intent "
)
_HARMS += "self_harm_instructions sexual sexual/minors sexual_minors violence violence/graphic violence_graphic"
_DETAILS = "audio_tokens cached_tokens reasoning_tokens"
INSIDE = {
    name: frozenset(inside.split())
    for name, inside in {
        "": "choices chunk created data delta error event id incomplete_details item model object output output_text "
        "response results segments service_tier snapshot status system_fingerprint text type usage words",
        "choices": "delta finish_reason index logprobs message text",
        "categories": _HARMS,
        "category_scores": _HARMS,
        "chunk": "choices created id model service_tier system_fingerprint usage",
        "completion_tokens_details": _DETAILS,
        "data": "b64_json created embedding id index object revised_prompt status url",
        "delta": _MESSAGE,
        "error": "code message param type",
        "function": "arguments name parsed_arguments",
        "function_call": "arguments name",
        "incomplete_details": "reason",
        "input_tokens_details": _DETAILS,
        "item": "arguments call_id content id name role status type",
        "logprobs": "content refusal text_offset token_logprobs tokens top_logprobs",
        "message": _MESSAGE,
        "output": "arguments call_id content id name role status summary type",
        "output_tokens_details": _DETAILS,
        "prompt_tokens_details": _DETAILS,
        "response": "error id incomplete_details model output output_text service_tier status usage",
        "results": "categories category_scores flagged",
        "snapshot": "choices created id model usage",
        "tool_calls": "function id index type",
        "usage": _USAGE,
    }.items()
}
"""The name that leads to a part, ``""`` for the whole -> what is inside of it, or of its elements."""
PARTS = frozenset().union(*INSIDE.values())
"""What a response, or a part of one, holds under its name."""
SAME = frozenset(
    {
        *("copy", "get_final_completion", "get_final_response", "model_copy", "parse", "until_done", "__enter__"),
        *("__aenter__", "__iter__", "__aiter__", "get_final_run", "get_final_messages"),
    }
)
"""Methods that give back the response itself, or what it is once complete."""
PLAIN = frozenset({"dict", "model_dump", "to_dict", "to_dict_recursive"})
"""Methods that turn a response into dictionaries and lists."""
LEGACY_ONLY = frozenset(
    {"openai_id", "organization", "response_ms", "to_dict_recursive", "construct_from", "refresh_from"}
)
"""What only the responses of 0.28 have."""
LEGACY_FAILURE = frozenset({"http_body", "http_status", "json_body", "user_message"})
"""What only the errors of 0.28 tell."""
UNSURE = frozenset(
    {
        *("annotations", "completion_tokens_details", "logprobs", "prompt_tokens_details", "refusal", "service_tier"),
        "system_fingerprint",
    }
)
"""What only OpenAI sends for certain."""
COMPARED = frozenset({"finish_reason", "reason", "stop_reason"})
"""What code branches on, by the names that it gives to it."""
ERROR_CODE = re.compile(
    r"^(insufficient_quota|context_length_exceeded|rate_limit_exceeded|invalid_api_key|model_not_found|"
    r"billing_hard_limit_reached|billing_not_active|content_policy_violation|string_above_max_length|"
    r"tokens_usage_based|server_overloaded|unsupported_country_region_territory)$|maximum context length"
)
"""What OpenAI calls its errors; words that others use as well are left out."""
EMPTY_LATER = frozenset({"id", "name"})
"""What the pieces of a tool call after the first need not repeat."""
DEEP = 12
"""No part lies deeper; ``node = node.message`` has no end."""


def part(response: Response, name: str) -> Response | None:
    """Return what stands under a name (or key) in a response; None: no response has it."""
    place = next((step for step in reversed(response.at) if step != ELEMENT), "")
    known = name in INSIDE.get(place, ()) or name in SAME or name in PLAIN or (name in LEGACY_ONLY and not place)
    if name == "error" and not place and response.api[:1].isupper():
        known = False  # 0.28 raises it
    return replace(response, at=(*response.at, name)) if known and len(response.at) < DEEP else None


def element(response: Response) -> Response:
    """Return what iterating over a response yields: pieces of a stream, members of a list; else what it is itself.

    The last is for generators: what they yield is what calling them gives.
    """
    last = response.at[-1] if response.at else None
    inner = last in LISTS if last is not None else streams(response) is not False
    return replace(response, at=(*response.at, ELEMENT)) if inner else response


def called(response: Response) -> Response | None:
    """Return what calling a part, a method of the response, gives; None: nothing that is known."""
    method = response.at[-1] if response.at else None
    if method in PLAIN:
        return replace(response, at=response.at[:-1], plain=True)
    return replace(response, at=response.at[:-1]) if method in SAME else None


def streams(response: Response) -> bool | None:
    """Tell whether a call gives a stream (or pages), by its method and its argument ``stream``; None: it may."""
    if response.api.endswith((".stream", ".list", "_stream")):
        return True
    if response.made is None:
        return None
    return _streaming(response.made[1])


def _streaming(call: Call) -> bool | None:
    given = {argument.name: argument.value for argument in call.arguments}
    if "stream" in given:
        value = given["stream"]
        return bool(value.value) if isinstance(value, Literal) else None
    return None if "**" in given or "*" in given else False
