"""All rules. A rule is added by its module and one line here."""

from __future__ import annotations

from llm_codemods.rule import Rule
from llm_codemods.rules import (
    api_call,
    azure_client,
    azure_deployment,
    client_endpoint,
    client_method,
    compose,
    compose_model,
    dotenv,
    embedding_batch,
    embedding_dimensions,
    environment_variable,
    error_handler,
    hard_coded_key,
    legacy_engine,
    message_role,
    model_name,
    module_setting,
    parameter,
    parameter_default,
    raw_http,
    sdk_exception,
    sdk_import,
    sdk_subclass,
    thinking,
    unknown_receiver,
    unused_ignore,
)

RULES: tuple[Rule, ...] = (
    client_endpoint.RULE,
    azure_client.RULE,
    api_call.RULE,
    sdk_import.RULE,
    module_setting.RULE,
    legacy_engine.RULE,
    client_method.RULE,
    sdk_subclass.RULE,
    model_name.RULE,
    azure_deployment.RULE,
    parameter.RULE,
    parameter_default.RULE,
    embedding_dimensions.RULE,
    embedding_batch.RULE,
    thinking.RULE,
    message_role.RULE,
    error_handler.RULE,
    sdk_exception.RULE,
    environment_variable.RULE,
    hard_coded_key.RULE,
    dotenv.RULE,
    compose.RULE,
    compose_model.RULE,
    raw_http.RULE,
    unknown_receiver.RULE,
    unused_ignore.RULE,
)

# Left out, with the reason:
#   retired models of the target: needs the sites of other providers' names (see the issue on profiles).
