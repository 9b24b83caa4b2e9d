"""Functions that a module gets so that what reaches a call from elsewhere fits its endpoint.

Where an argument comes out of a ``**mapping`` that others fill, or its value is not known, nothing is rewritten where
it comes from: the call itself passes it through one of these. ``seen`` looks through them, so that a second run sees
the arguments and knows that they fit.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from llm_codemods.operations import Definition
from llm_codemods.terms import Argument, Call, Literal, Name, Term

WITHOUT = Definition(
    "without_options",
    '''
def without_options(options, *names):
    """Return the options of a call without those that the endpoint does not take."""
    return {name: value for name, value in options.items() if name not in names}
''',
)
RENAME = Definition(
    "rename_options",
    '''
def rename_options(options, **names):
    """Return the options of a call under the names that the endpoint knows."""
    options = dict(options)
    for name, known in names.items():
        if name in options:
            value = options.pop(name)
            options[known] = options.get(known) or value
    return options
''',
)
LIMIT = Definition(
    "limit_options",
    '''
def limit_options(options, **limits):
    """Return the options of a call with numbers inside the limits of the endpoint."""
    options = dict(options)
    for name, (low, high) in limits.items():
        if isinstance(options.get(name), (int, float)):
            options[name] = max(low, min(options[name], high))
    return options
''',
)
REPLACE = Definition(
    "replace_options",
    '''
def replace_options(options, **known):
    """Return the options of a call with other values for those that the endpoint refuses."""
    options = dict(options)
    for name, words in known.items():
        value = options.get(name)
        word = value.get("type") if isinstance(value, dict) else value
        if isinstance(word, str) and word in words:
            options[name] = words[word]
    return options
''',
)
ALONGSIDE = Definition(
    "alongside",
    '''
def alongside(options, **more):
    """Return the options of a call with more of them, each where the one that it belongs to says something."""
    return {**{name: value for name, (other, value) in more.items() if options.get(other)}, **options}
''',
)
LIMITED = Definition(
    "limited",
    '''
def limited(value, low, high):
    """Return a number inside the limits of the endpoint; what is no number stays."""
    return max(low, min(value, high)) if isinstance(value, (int, float)) else value
''',
)
REPLACED = Definition(
    "replaced",
    '''
def replaced(value, words):
    """Return another value for one that the endpoint refuses."""
    word = value.get("type") if isinstance(value, dict) else value
    return words[word] if isinstance(word, str) and word in words else value
''',
)
TELL = Definition(
    "tell_schema",
    '''
def tell_schema(options):
    """Return the options of a call with the JSON schema of its answer told to the model, too."""
    form = options.get("text")
    form = form.get("format") if isinstance(form, dict) else None
    schema = form.get("schema") if isinstance(form, dict) else None
    if hasattr(options.get("text_format"), "model_json_schema"):
        schema = options["text_format"].model_json_schema()
    if schema is None:
        return options
    said = {"role": "system", "content": f"Answer in JSON that fits this schema: {json.dumps(schema)}"}
    asked = options["input"]
    asked = [{"role": "user", "content": asked}] if isinstance(asked, str) else asked
    return {**options, "input": [said, *asked]}
''',
)
WITH_SCHEMA = Definition(
    "with_schema",
    '''
def with_schema(create, *through, **options):
    """Make a call with the JSON schema of its answer told to the model, too."""
    return create(*through, **tell_schema(options))
''',
)
KNOWN_TOOLS = Definition(
    "known_tools",
    '''
def known_tools(tools, *kinds, **names):
    """Return the tools of the kinds that the endpoint has, under the names that it knows."""
    named = [{**tool, "type": names.get(tool["type"], tool["type"])} for tool in tools]
    return [tool for tool in named if tool["type"] in kinds]
''',
)
WITH_KNOWN_TOOLS = Definition(
    "with_known_tools",
    '''
def with_known_tools(options, *kinds, **names):
    """Return the options of a call with the tools that the endpoint has."""
    return {**options, "tools": known_tools(options["tools"], *kinds, **names)} if options.get("tools") else options
''',
)
ASKING = "Answer with nothing but a JSON object."
"""What a model is told where JSON is asked for in a way that it may not heed."""
TELL_FORMAT = Definition(
    "tell_format",
    '''
def tell_format(options):
    """Return the options of a chat with the JSON of its answer told to the model, too."""
    form = options.get("response_format")
    if not isinstance(form, dict) or form.get("type") not in ("json_object", "json_schema"):
        return options
    said = "Answer with nothing but a JSON object"
    if form["type"] == "json_schema":
        said += f" that fits this schema: {json.dumps(form['json_schema'].get('schema'))}"
    return {**options, "messages": [*options["messages"], {"role": "user", "content": f"{said}."}]}
''',
)
WITH_FORMAT = Definition(
    "with_format",
    '''
def with_format(create, *through, **options):
    """Make a call of chat with the JSON of its answer told to the model, too."""
    return create(*through, **tell_format(options))
''',
)
SCHEMAS = ("text", "text_format")
"""The options of the Responses API that hold one."""
TREATED = {
    TELL.name: SCHEMAS,
    TELL_FORMAT.name: ("response_format",),
    WITH_KNOWN_TOOLS.name: ("tools",),
}
"""Functions for certain options -> these."""
MAPPINGS = frozenset(d.name for d in (WITHOUT, RENAME, LIMIT, REPLACE, ALONGSIDE, TELL, TELL_FORMAT, WITH_KNOWN_TOOLS))
VALUES = frozenset(d.name for d in (LIMITED, REPLACED, KNOWN_TOOLS))


def seen(term: Term, names: frozenset[str]) -> tuple[str, Term, tuple[Argument, ...]] | None:
    """Return which of these functions a term passes something through, what, and the arguments behind it."""
    match term:
        case Call(func=Name(id=name), arguments=(first, *rest)) if name in names and first.name is None:
            return name, first.value, tuple(rest)
    return None


def told(function: str, rest: tuple[Argument, ...]) -> Mapping[str, str | None]:
    """Return the options that a function is told of, with the name that each has afterwards; None: it is gone."""
    if function == WITHOUT.name:
        return {str(a.value.value): None for a in rest if isinstance(a.value, Literal)}
    if function in TREATED:
        return {name: name for name in TREATED[function]}
    if function == RENAME.name:
        return {a.name: str(a.value.value) for a in rest if a.name and isinstance(a.value, Literal)}
    return {a.name: a.name for a in rest if a.name}


def added(function: str, rest: tuple[Argument, ...]) -> tuple[Argument, ...]:
    """Return the options that a function sees to, whether the mapping has them or not."""
    return tuple(a for a in rest if a.name) if function == ALONGSIDE.name else ()


def renamed(name: str, to: str | None) -> tuple[Definition, str]:
    """Return the function that gives an option another name, None: that takes it out, and what it is told."""
    return (WITHOUT, json.dumps(name)) if to is None else (RENAME, f'{name}="{to}"')


def limits(low: float | None, high: float | None, like: str = "{low}, {high}") -> str:
    """Return the source of two limits; None: there is none."""
    ends = ('float("-inf")' if low is None else _number(low), 'float("inf")' if high is None else _number(high))
    return like.format(low=ends[0], high=ends[1])


def _number(value: float) -> str:
    return repr(int(value)) if float(value).is_integer() else repr(value)


def words(name: str, known: Mapping[str, str]) -> str:
    """Return the source of the values that take the place of words; the form of an answer is a ``type``."""
    formed = name == "response_format" and any(old.startswith("json") for old in known)
    return json.dumps({old: {"type": new} if formed else new for old, new in known.items()})
