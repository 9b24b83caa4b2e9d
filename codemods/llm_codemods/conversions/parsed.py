"""Answers parsed by the SDK as answers parsed by the code, for targets that take no JSON schema."""

from __future__ import annotations

from dataclasses import replace

from llm_codemods.conversions import looks
from llm_codemods.conversions.conversion import Conversion, ObstacleError, chosen
from llm_codemods.conversions.looks import INDEX, SAME, VALUE, Members, Shape
from llm_codemods.operations import Change, Import, RemoveArgument, ReplaceCallee, SetArgument, ToMessages, Wrap
from llm_codemods.profile import Status
from llm_codemods.sites import CallSite, Given
from llm_codemods.target import Target
from llm_codemods.terms import Name
from llm_codemods.text import text
from llm_codemods.values import Class

APIS = frozenset({"chat.completions.parse"})
JSON = '{"type": "json_object"}'


def takes_schema(target: Target) -> bool:
    """Whether the target is known to take a JSON schema, if only for some models."""
    return target.status("json-schema") in (Status.SAME, Status.LIMITED, Status.UNKNOWN)


def form(target: Target) -> SetArgument | RemoveArgument:
    """Return what asks the target for JSON; where it does not take that, the words of the prompt must do."""
    refused = target.status("json-object") in (Status.REJECTED, Status.IGNORED)
    return RemoveArgument("response_format") if refused else SetArgument("response_format", JSON)


def is_meant(site: CallSite, target: Target) -> bool:
    """Whether a call has the SDK make a schema of a class, which the target does not take."""
    return site.endpoint in APIS and "response_format" in site.given and not takes_schema(target)


def model_name(given: Given) -> str:
    """Return the name of the class that a call parses answers with.

    Raises:
        ObstacleError: it is not named in the call.
    """
    if not given.direct or not isinstance(given.term, Name) or not any(isinstance(v, Class) for v in given.values):
        raise ObstacleError(text("the class of its answer is not named in the call"))
    return given.term.id


def prompt(model: str) -> str:
    """Return Python source of what the model is told of the schema; needs ``json``."""
    return f'f"Answer with a JSON object of this JSON schema: {{json.dumps({model}.model_json_schema())}}"'


def has_one_system_message(target: Target) -> bool:
    """Whether the target takes one message of the system at most."""
    return target.status("several-system-messages") is Status.REJECTED


def told(model: str, target: Target) -> ToMessages:
    """Return what tells the schema to the model: in words of the system, or of the user where there may be one message
    of the system only and the code may have it already."""
    if has_one_system_message(target):
        return ToMessages("messages", is_list=True, user=prompt(model))
    return ToMessages("messages", is_list=True, system=prompt(model))


def shape(model: str) -> Shape:
    """Return how the looks at a parsed chat completion change."""
    return Shape(
        steps={
            "response": {".choices": (".choices", "choices"), SAME: (SAME, VALUE)},
            "choices": {INDEX: (INDEX, "choice")},
            "choice": {
                ".message": (".message", "message"),
                ".finish_reason": (".finish_reason", VALUE),
                ".index": (".index", VALUE),
            },
            "message": {
                ".parsed": (".content", "parsed"),
                ".content": (".content", VALUE),
                ".refusal": (".refusal", VALUE),
                ".role": (".role", VALUE),
                ".tool_calls": (".tool_calls", VALUE),
            },
        },
        members={"choices": (Members("choice"),)},
        around={"parsed": around(model)},
        free=frozenset({VALUE, "parsed", "put message"}),
    )


def around(model: str) -> Wrap:
    """Return what goes around the text of an answer to parse it."""
    return Wrap(f"{model}.model_validate_json(", ")")


def convert(site: CallSite, target: Target) -> Conversion:
    """Return what it takes to ask for JSON and to parse it in the code.

    Raises:
        ObstacleError: it cannot be done, or not without seeing more of the code.
    """
    result = site.result
    if result is None or not f".{result.method}".endswith(f".{site.api}"):
        raise ObstacleError(text("the call is made through another name"))
    if "messages" not in site.given or not site.given["messages"].direct:
        raise ObstacleError(text("some of its arguments come from elsewhere"))
    if "tools" in site.given:
        raise ObstacleError(text("the SDK parses what its tools are given, too"))
    given = site.given["response_format"]
    model = model_name(given)
    asking = form(target)
    operations = (
        ReplaceCallee(site.api, "chat.completions.create"),
        asking,
        told(model, target),
    )
    changes = tuple(looks.changes(shape(model), result.looks, "response"))
    after = {**site.given, "response_format": chosen(given, "response_format", "json_object")}
    if isinstance(asking, RemoveArgument):
        del after["response_format"]
    changed = replace(site, api="chat.completions.create", given=after)
    doubts = (text("the schema is only told to the model: what it writes may not fit"),)
    return Conversion(changed, (Change(site.span, operations), *changes), (Import("json"),), doubts)
