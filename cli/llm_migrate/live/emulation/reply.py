"""What is answered: a small machine that reads the last message well enough to do what a model would.

It counts when told to, names the colour of a picture, takes a tool's arguments from the words of the question, and
makes JSON that satisfies a schema. It calls a tool whenever one is offered. The same task always gets the same reply.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from llm_codemods.profile import Profile
from llm_migrate.live.emulation.pictures import colour_of
from llm_migrate.live.emulation.refusal import refusal
from llm_migrate.live.schema import sample, violation

THOUGHT = "This is the emulator; it only pretends to think."
FENCE = '```json\n{"emulator": "takes no notice of response_format"}\n```'
ANY_JSON: Mapping[str, Any] = {}

_WORDS = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
_MOST = 1000
_REMARKS = ("All is well.", "Have a good day.", "That is all.", "So it is.", "Nothing more to say.")


@dataclass(frozen=True, slots=True)
class Call:
    """A call to a tool; ``arguments`` is JSON text."""

    id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer before it takes its shape on the wire."""

    content: str | None
    reasoning: str | None = None
    calls: tuple[Call, ...] = ()
    finish: str = "stop"


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """What is asked, whichever endpoint it came through. ``digest`` stands for the whole request."""

    digest: str
    role: str = "user"
    """Of the last message."""
    words: str = ""
    """Of the last message."""
    pictures: tuple[str, ...] = ()
    functions: tuple[Mapping[str, Any], ...] = ()
    choice: str = "auto"
    """``auto none required named``"""
    named: str | None = None
    eager: bool = True
    """A tool is called if any is offered; else only one whose name the words speak of."""
    parallel: bool = True
    careless: bool = False
    """Arguments of tools do not keep to the schema, though it is strict."""
    schema: Mapping[str, Any] | None = None
    """What the answer must satisfy; ``ANY_JSON``: any object."""
    fenced: bool = False
    """JSON is asked for in vain."""
    stops: tuple[str, ...] = ()
    limit: int | None = None
    seed: int | None = None
    reasoning: str | None = None
    apart: bool = True
    """Thoughts come beside the answer, not in it."""


def replies(profile: Profile, task: Task, count: int = 1) -> tuple[Reply, ...]:
    """Return so many replies; they differ in their words where nothing but words was asked for.

    Raises:
        RefusalError: a tool is to be called that was not offered.
    """
    return tuple(_cut(_reply(profile, task, index), task) for index in range(count))


def digest(asked: Mapping[str, Any]) -> str:
    """Return a text that stands for a request."""
    return hashlib.sha256(json.dumps(asked, sort_keys=True, default=str).encode()).hexdigest()


def tokens(content: str) -> list[str]:
    """Cut a text into what counts as tokens here: words with the blanks behind them, and Chinese characters."""
    return re.findall(r"[\u2e80-\u9fff\uff00-\uffef]\s*|[^\s\u2e80-\u9fff\uff00-\uffef]+\s*|\s+", content)


def spoken(reply: Reply) -> int:
    """Return how many tokens a reply has beside its thoughts."""
    return len(tokens(reply.content or "")) + sum(len(tokens(f"{c.name} {c.arguments}")) for c in reply.calls)


def logprobs(content: str, alternatives: int) -> list[dict[str, Any]]:
    """Return made-up logarithms of probabilities for each token, with so many alternatives."""

    def entry(token: str, rank: int) -> dict[str, Any]:
        return {"token": token, "logprob": round(-0.01 - 2.5 * rank, 4), "bytes": list(token.encode())}

    def others(token: str) -> list[dict[str, Any]]:
        return [entry(token if not rank else f"{token.strip()}{rank}", rank) for rank in range(alternatives)]

    return [{**entry(token, 0), "top_logprobs": others(token)} for token in tokens(content)]


def _reply(profile: Profile, task: Task, index: int) -> Reply:
    calls = _calls(profile, task)
    if calls:
        return Reply(None, task.reasoning, calls, "tool_calls")
    content = _content(profile, task, index)
    if task.reasoning is not None and not task.apart:
        return Reply(f"<think>{task.reasoning}</think>\n{content}")
    return Reply(content, task.reasoning)


def _cut(reply: Reply, task: Task) -> Reply:
    """Honour stop words and the limit, which counts thoughts, too."""
    if reply.content is None:
        return reply
    found = [at for at in (reply.content.find(stop) for stop in task.stops if stop) if at >= 0]
    content = reply.content[: min(found)] if found else reply.content
    thought, pieces = tokens(reply.reasoning or ""), tokens(content)
    if task.limit is None or len(thought) + len(pieces) <= task.limit:
        return replace(reply, content=content)
    left = max(0, task.limit - len(thought))
    reasoning = "".join(thought[: task.limit]) if reply.reasoning is not None else None
    return Reply("".join(pieces[:left]), reasoning, (), "length")


# --- tools ------------------------------------------------------------------------------------------------------------


def _calls(profile: Profile, task: Task) -> tuple[Call, ...]:
    """Return the calls: of the function that is named, else of the one whose name the words come nearest; one for each
    proper name in the words."""
    if not task.functions or task.choice == "none":
        return ()
    if task.choice == "named":
        chosen = next((f for f in task.functions if f.get("name") == task.named), None)
        if chosen is None:
            raise refusal(profile, "bad-parameter", parameter="tool_choice")
    elif task.choice != "required" and task.role != "user":
        return ()
    else:
        chosen = max(task.functions, key=lambda f: _shared(f, task.words))
        if not task.eager and not _shared(chosen, task.words):
            return ()
    names = _proper_names(task.words) or [None]
    several = task.parallel and task.choice != "named"
    return tuple(
        Call(f"call_{task.digest[:12]}{index or ''}", str(chosen.get("name")), _arguments(profile, chosen, name, task))
        for index, name in enumerate(names if several else names[:1])
    )


def _shared(function: Mapping[str, Any], words: str) -> int:
    """Return how many words of a function's name occur."""
    return len(set(re.findall(r"\w+", words.lower())) & set(str(function.get("name", "")).lower().split("_")))


def _proper_names(words: str) -> list[str | None]:
    """Return capitalised words that begin no sentence, each once."""
    found = re.findall(r"(?<=[a-z,;:] )[A-Z][a-z]+(?: [A-Z][a-z]+)*", words)
    return list(dict.fromkeys(found))[:8]


def _sample(profile: Profile, schema: Any, name: str | None = None) -> Any:
    """Return a value that satisfies a schema; the name stands in the first of its free texts that takes it.

    Raises:
        RefusalError: it is no schema.
    """
    try:
        made = sample(schema)
        texts = [key for key, value in made.items() if isinstance(value, str)] if isinstance(made, dict) else []
        filled = ({**made, key: name} for key in texts if name is not None)
        return next((value for value in filled if violation(value, schema) is None), made)
    except (TypeError, ValueError, LookupError, AttributeError, RecursionError):  # whatever else stands in its place
        raise refusal(profile, "bad-parameter", parameter="schema") from None


def _arguments(profile: Profile, function: Mapping[str, Any], name: str | None, task: Task) -> str:
    """Return arguments that satisfy the schema, unless strictness is asked for in vain."""
    if task.careless and function.get("strict") is True:
        return json.dumps({"emulator": "takes no notice of strict"})
    return json.dumps(_sample(profile, function.get("parameters") or {"type": "object"}, name), ensure_ascii=False)


# --- words ------------------------------------------------------------------------------------------------------------


def _content(profile: Profile, task: Task, index: int) -> str:
    if task.fenced:
        return FENCE
    if task.schema is not None:
        made = _sample(profile, task.schema) if task.schema else {"answer": "hello from the emulator"}
        return json.dumps(made, ensure_ascii=False)
    hello = f"Hello from the emulator of {profile.id}."
    if task.role == "tool":
        return f"{hello} The tool says: {task.words}"
    if task.pictures:
        seen = [colour_of(address) or "not one that the emulator can look at" for address in task.pictures]
        return f"{hello} " + " ".join(f"The picture is {colour}." for colour in seen)
    if counted := _counted(task.words):
        return f"{hello} {counted}"
    remark = _remark(task, index)
    return f"{hello} {f'{remark} ' if remark else ''}You said: {task.words}"


def _remark(task: Task, index: int) -> str:
    """Return what makes one of several replies, or that of one seed, differ from others."""
    if task.seed is None:
        return "" if not index else _REMARKS[(index - 1) % len(_REMARKS)]
    return _REMARKS[(task.seed + index) % len(_REMARKS)]


def _counted(words: str) -> str | None:
    """Return the numbers where the words ask to count from one to another, in the form they are written there."""
    told = re.search(r"\bcount\b(?:\D*?\bfrom (\w+))?.*?\b(?:to|through) (\w+)", words, re.IGNORECASE)
    if told is None:
        return None
    start, end = (_number(word) for word in (told[1] or "1", told[2]))
    if start is None or end is None or not 0 <= end - start <= _MOST:
        return None
    spelled = not told[2].isdigit() and start >= 1 and end <= len(_WORDS)
    return ", ".join(_WORDS[n - 1] if spelled else str(n) for n in range(start, end + 1))


def _number(word: str) -> int | None:
    if word.isdecimal() and len(word) < 9:
        return int(word)
    return _WORDS.index(word.lower()) + 1 if word.lower() in _WORDS else None
