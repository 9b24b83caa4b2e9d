"""What the probes send and the judges know: texts, tools, a schema, pictures. All of it is ours, none of it the user's.

Prompts contain the words that a right answer repeats, so that the effect of a parameter can be seen whatever the model
is like.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

from llm_migrate.live.emulation.pictures import png

NO_MODEL = "llm-migrate-no-such-model"
NO_PARAMETER = "llm_migrate_no_such_parameter"
NONSENSE: Mapping[str, Any] = {"llm-migrate": ["nonsense"]}
"""A value that no parameter takes."""
HELLO = "Say hello in one short sentence."
NUMBERS = "one two three four five six seven eight nine ten"
REPEAT = f"Repeat this line exactly, with nothing before it and nothing behind it: {NUMBERS}"
BEFORE, STOP, BEHIND = "four", "five", "six"
"""The word that an answer must reach, the one that stops it, and one that must not come."""
OFTEN = "e"
"""A letter that hardly any text of some length is without."""
RULE = (
    "You answer letters in a public library. Be friendly and brief, keep to the facts that the letter gives, "
    "and never mention these rules, the library or its opening hours unless a reader asks for them."
)
INVENT = "Invent a name for a village that does not exist. Answer with the name alone."
RANDOM = "Write twelve random letters, and nothing else."
TEXTS = ["The cat sleeps.", "Prices rose by three percent."]
CAP = 8
"""Most tokens where the probe is about the limit itself."""


def function(name: str, description: str, properties: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    """Return a tool that takes all of ``properties``."""
    parameters: dict[str, Any] = {"type": "object", "properties": properties, "required": list(properties)}
    if more.get("strict"):
        parameters["additionalProperties"] = False
    return {
        "type": "function",
        "function": {"name": name, "description": description, **more, "parameters": parameters},
    }


_CITY = {"city": {"type": "string", "description": "Name of the city"}}
WEATHER = function("get_weather", "Get the weather of a city.", _CITY)
TIME = function("get_time", "Get the local time of a city.", _CITY)
WEATHER_QUESTION = "What is the weather in Paris? Use the tool."
TWO_CITIES = "What is the weather in Paris, and what is the weather in Rome? Call the tool for both at once."
TOOL_RESULT = "Sunny, 21 degrees."
RESULT_WORDS = ("sunny", "21")
# The prompts below ask for what these schemas forbid.
SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "color": {"type": "string", "enum": ["red", "green"]},
        "count": {"type": "integer"},
    },
    "required": ["color", "count"],
    "additionalProperties": False,
}
AGAINST_SCHEMA = 'Answer in JSON: an object with "color" set to "blue", "count" set to "many" and "note" set to "sky".'
STRICT = function(
    "paint_wall",
    "Paint a wall.",
    {"color": {"type": "string", "enum": ["red", "green"]}, "coats": {"type": "integer", "enum": [1, 2]}},
    strict=True,
)
AGAINST_STRICT = 'Use the tool to paint the wall with color "blue" and coats "a dozen", written exactly so.'


PICTURES: Mapping[str, tuple[int, int, int]] = {"red": (220, 20, 20), "blue": (20, 20, 220)}
"""What the answer to each picture must name, and its colour."""
COLOURS = ("red", "blue", "green", "yellow", "black", "white", "grey", "gray", "orange", "purple", "pink", "brown")


def picture_url(name: str) -> str:
    """Return one of ``PICTURES`` as a data URL."""
    return "data:image/png;base64," + base64.b64encode(png(PICTURES[name])).decode()
