"""What a check asks and how it judges the answers.

A probe is a pure pair: ``requests`` makes the requests for a requirement, ``judge`` says what the answers show (see
``judges``). Budgets are small and fixed, and no text of the user's code is ever sent.
"""

from __future__ import annotations

from collections.abc import Mapping

from llm_migrate.live import prompts
from llm_migrate.live.judges.chat import (
    judge_chat,
    judge_long_context,
    judge_model,
    judge_models,
    judge_reaching,
    judge_thinking,
    judge_thinking_off,
    judge_usage,
    judge_vision,
)
from llm_migrate.live.judges.embeddings import (
    judge_batch,
    judge_dimensions,
    judge_embeddings,
    judge_embeddings_base64,
)
from llm_migrate.live.judges.errors import (
    judge_bad_key,
    judge_bad_request,
    judge_endpoint,
    judge_no_key,
    judge_unknown_model,
    judge_unknown_parameter,
)
from llm_migrate.live.judges.formats import judge_json_object, judge_json_schema
from llm_migrate.live.judges.parameters import (
    judge_limit,
    judge_logprobs,
    judge_n,
    judge_parameter,
    judge_replay,
    judge_seed,
    judge_stop,
    judge_temperature,
)
from llm_migrate.live.judges.streams import judge_cancel, judge_stream, judge_stream_timing, judge_stream_usage
from llm_migrate.live.judges.tools import (
    judge_forced_tool,
    judge_no_tool,
    judge_parallel_tools,
    judge_required_tool,
    judge_strict_tools,
    judge_tool_loop,
    judge_tools,
    judge_tools_stream,
)
from llm_migrate.live.probes import chat, embeddings, parameters, replay, tools
from llm_migrate.live.probes.asking import EMBEDDING, NO_MODEL_NEEDED, asks
from llm_migrate.live.probes.asking import Probe as Probe
from llm_migrate.live.probes.asking import model_for as model_for
from llm_migrate.live.probes.asking import most_tokens as most_tokens
from llm_migrate.live.probes.asking import thinking_entries as thinking_entries
from llm_migrate.live.probes.chat import WRONG_KEY as WRONG_KEY

PROBES: tuple[Probe, ...] = (
    Probe("chat", asks(prompts.HELLO, 64), judge_chat),
    Probe("usage", chat.usage_requests, judge_usage),
    Probe("role", chat.role_requests, judge_reaching, values=("system",)),
    Probe("content-parts", chat.parts_requests, judge_reaching),
    Probe("null-content", chat.null_content_requests, judge_reaching),
    Probe("several-system-messages", chat.several_system_requests, judge_reaching),
    Probe("late-system-message", chat.late_system_requests, judge_reaching),
    Probe("stream", asks(prompts.REPEAT, 64, stream=True), judge_stream),
    Probe(
        "stream-usage",
        asks(prompts.REPEAT, 64, stream=True, stream_options={"include_usage": True}),
        judge_stream_usage,
    ),
    Probe("stream-timing", asks("Count from one to fifty in words.", 128, stream=True), judge_stream_timing),
    Probe("cancel", chat.cancel_requests, judge_cancel, follow=chat.after_cancel),
    Probe("tools", tools.ask_for_call(), judge_tools, samples=True),
    Probe("tools-stream", tools.ask_for_call(stream=True), judge_tools_stream, samples=True),
    Probe(
        "forced-tool",
        asks("What is the weather in Paris?", 128, tools=[prompts.WEATHER, prompts.TIME], tool_choice=tools.FORCED),
        judge_forced_tool,
        samples=True,
    ),
    Probe(
        "required-tool",
        asks("Say hello to Paris.", 128, tools=[prompts.WEATHER, prompts.TIME], tool_choice="required"),
        judge_required_tool,
        samples=True,
    ),
    Probe("no-tool", tools.ask_for_none, judge_no_tool, samples=True),
    Probe("parallel-tools", tools.parallel_requests, judge_parallel_tools, samples=True, values=()),
    Probe("tool-loop", tools.ask_for_call(), judge_tool_loop, follow=tools.send_back(thoughts=True)),
    Probe(
        "turns-without-thoughts",
        tools.ask_for_call(),
        judge_tool_loop,
        follow=tools.send_back(thoughts=False),
        values=(),
    ),
    Probe("strict-tools", asks(prompts.AGAINST_STRICT, 128, tools=[prompts.STRICT]), judge_strict_tools, samples=True),
    Probe(
        "json-object",
        asks(
            'Answer in JSON: an object with the key "city" and the value "Paris".',
            64,
            response_format={"type": "json_object"},
        ),
        judge_json_object,
        samples=True,
    ),
    Probe(
        "json-schema",
        asks(
            prompts.AGAINST_SCHEMA,
            128,
            response_format={
                "type": "json_schema",
                "json_schema": {"name": "paint", "strict": True, "schema": prompts.SCHEMA},
            },
        ),
        judge_json_schema,
        samples=True,
    ),
    Probe("vision", chat.vision_requests, judge_vision),
    Probe("thinking-off", chat.thinking("off"), judge_thinking_off),
    Probe("thinking", chat.thinking("on"), judge_thinking, values=()),
    Probe("max_tokens", parameters.EFFECTS["max_tokens"], judge_limit),
    Probe("max_completion_tokens", parameters.EFFECTS["max_completion_tokens"], judge_limit, values=()),
    Probe("stop", parameters.EFFECTS["stop"], judge_stop, follow=parameters.stop_anywhere),
    Probe("n", parameters.EFFECTS["n"], judge_n),
    Probe("seed", parameters.EFFECTS["seed"], judge_seed),
    Probe("logprobs", parameters.EFFECTS["logprobs"], judge_logprobs),
    Probe("top_logprobs", parameters.EFFECTS["top_logprobs"], judge_logprobs, values=()),
    Probe("temperature", parameters.EFFECTS["temperature"], judge_temperature, values=()),
    Probe("long-context", chat.long_requests, judge_long_context, thorough=True),
    Probe("embeddings", embeddings.float_requests, judge_embeddings, EMBEDDING),
    Probe("embeddings-base64", embeddings.base64_requests, judge_embeddings_base64, EMBEDDING),
    Probe("embeddings-dimensions", embeddings.dimensions_requests, judge_dimensions, EMBEDDING),
    Probe("embeddings-batch", embeddings.batch_requests, judge_batch, EMBEDDING, values=()),
    Probe("endpoint", parameters.endpoint_requests, judge_endpoint, NO_MODEL_NEEDED, values=()),
    Probe("models", chat.list_requests, judge_models, NO_MODEL_NEEDED, follow=chat.listed_model),
    Probe("request", replay.replay_requests, judge_replay, values=()),
    Probe("model", chat.model_request, judge_model),
    Probe("bad-key", chat.with_key(WRONG_KEY), judge_bad_key, NO_MODEL_NEEDED),
    Probe("no-key", chat.with_key(""), judge_no_key, NO_MODEL_NEEDED),
    Probe("unknown-model", chat.unknown_model_request, judge_unknown_model, NO_MODEL_NEEDED),
    Probe("bad-request", parameters.bad_requests, judge_bad_request),
    Probe(
        "unknown-parameter",
        asks("Say hello.", 16, **{prompts.NO_PARAMETER: prompts.NONSENSE}),
        judge_unknown_parameter,
    ),
)
BY_NAME: Mapping[str, Probe] = {probe.name: probe for probe in PROBES}
EMBEDDING_FEATURES = tuple(probe.name for probe in PROBES if probe.asks == EMBEDDING)
# Not here, with the reason: rate limits (would need a flood; what comes by itself is judged); a blocked request (what
# is sure to be blocked would offend, and may cost the account; one that comes by itself is known by the profiles' error
# shapes); images by their address (they would have to lie where every provider can fetch them, in China too, and a
# provider that could not would be found wanting for the network's sake); sound (what a model makes of a made-up tone is
# its wit, and speech cannot be made here). A site that sends such is not provable, and the report says so.


def probe_for(feature: str) -> Probe | None:
    """Return the probe that a requirement's feature names; any other word without a hyphen is a parameter."""
    found = BY_NAME.get(feature)
    if found is None and feature.isidentifier():
        return Probe(feature, parameters.parameter_requests, judge_parameter, values=())
    return found
