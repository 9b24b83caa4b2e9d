"""More texts may be embedded in one call than the target's model takes.

Why: OpenAI takes 2048 texts a call, others ten or sixteen; a longer list is refused as a whole, and only once there is
that much to embed.

Fix: a function is put into the module, once, and makes the call: it sends pieces that are short enough and joins what
comes back, with the numbers of the vectors and the sums of ``usage`` that one call would have given. Every argument is
passed on. A list that is cut already keeps its loop, and pieces that are too large are cut further.

Safety: ``review``, since one call becomes several; ``fix`` where the list is cut into pieces already, and there are
several calls. Where the method is not called by its own name, or the raw response is asked for, the length of the
pieces changes where it stands, for ``review``, or there is no fix. A single text, a list that is written out and short
enough, a call of whose vectors the first alone is read, and a list that is cut into pieces that are short enough are
not reported.

Source: profile field ``models.batch``; gotcha G15.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from llm_codemods.conversions.conversion import adapter
from llm_codemods.judgement import model_of
from llm_codemods.operations import CallThrough, Change, Fix, Replace
from llm_codemods.report import Finding, Verdict
from llm_codemods.results import Look
from llm_codemods.rule import Rule, about
from llm_codemods.sites import CallSite, Given, Pieces, Points
from llm_codemods.target import EMBEDDINGS, Target
from llm_codemods.terms import Items, count
from llm_codemods.text import text
from llm_codemods.values import Constant, Display

BATCHES = """
{prefix}def {name}(create, *, input, **options):
    \"\"\"Embed texts, at most {limit} a call, which is all that the model takes; the result is that of one call.\"\"\"
    texts = [input] if isinstance(input, str) else list(input)
    result = {wait}create(input=texts[:{limit}], **options)
    for start in range({limit}, len(texts), {limit}):
        part = {wait}create(input=texts[start : start + {limit}], **options)
        for vector in part.data:
            vector.index += start
        result.data.extend(part.data)
        if result.usage and part.usage:
            result.usage.prompt_tokens += part.usage.prompt_tokens
            result.usage.total_tokens += part.usage.total_tokens
    return result
"""
"""The function, by name; ``prefix`` and ``wait`` make it asynchronous."""


def find(site: CallSite, target: Target | None) -> Iterator[Finding]:
    """Report lists of texts that may be too long."""
    if target is None or site.endpoint != EMBEDDINGS or site.points not in (Points.OPENAI, Points.AZURE):
        return
    given, model = site.given.get("input"), target.model(model_of(site, target))
    if given is None or model is None or model.batch is None or length(given) <= model.batch:
        return
    if site.result is not None and _is_one(site.result.looks):
        return
    limit = model.batch
    span = given.span if given.direct else None
    large = too_large(given.pieces, limit) if given.pieces is not None else ()
    if given.pieces is not None and given.pieces.most and not large:
        return
    own = site.spelled or (site.legacy and site.api.endswith(".create"))
    fix = batched(site, limit) if own and site.called and (given.direct or site.unpacks) else None
    message = text("{limit:text|texts} a call at most: cut longer lists into pieces", limit=limit)
    if large:
        message = text("{limit:text|texts} a call at most, not {number}", limit=limit, number=large[0].literal.value)
    sure = fix is not None and given.pieces is not None  # there are several calls already
    if fix is None and given.pieces is not None and given.pieces.steps and all(c.path == site.path for c in large):
        fix = shortened(large, limit)  # the number may be for more than this
    yield about(site, "parameter", "input", message, Verdict.FIX if sure else Verdict.REVIEW, fix, span)


def too_large(pieces: Pieces, limit: int) -> tuple[Constant, ...]:
    """Return the numbers that cut pieces which are too large, each once: of what a piece holds, and of the steps."""
    each = {id(c.literal): c for c in (*pieces.most, *pieces.steps)}
    over = any(c.literal.value > limit for c in pieces.most)  # type: ignore[operator]
    return tuple(c for c in each.values() if c.literal.value > limit) if over else ()  # type: ignore[operator]


def batched(site: CallSite, limit: int) -> Fix:
    """Return the fix that has a function of the module make the call."""
    made = adapter("embed_in_batches", BATCHES, asynchronous=site.asynchronous, limit=str(limit))
    title = text("send pieces of {limit}, by a function {name}", limit=limit, name=made.name)
    return Fix(title, (Change(site.span, (CallThrough(made.name),)),), definitions=(made,))


def shortened(numbers: Sequence[Constant], limit: int) -> Fix | None:
    """Return the fix that has pieces cut shorter, where the numbers that say how long they are stand; None without."""
    changes = tuple(Change(c.literal.span, (Replace(str(limit)),)) for c in numbers)
    return Fix(text("cut pieces of {limit}", limit=limit), changes) if changes else None


def _is_one(looks: Sequence[Look]) -> bool:
    """Whether of all vectors the first alone is read: there is one text."""
    read = [steps for look in looks for steps in _read(look)]
    first = [steps for steps in read if steps[:2] == ("data", "0")]
    return bool(first) and all(steps in first or steps[:1] in (("usage",), ("model",)) for steps in read)


def _read(look: Look) -> Iterator[tuple[str, ...]]:
    """Yield what is taken out of a result, step by step; nothing for what is done with it as a whole."""
    steps = tuple(step.strip(".[]\"'") for step in look.steps if step not in (".model_dump", ".to_dict", "()"))
    if look.use == "bind" and not steps and not look.lost:
        for inner in look.inner:
            yield from _read(inner)
    else:
        yield steps


def length(given: Given) -> float:
    """Return how many texts an argument holds at most, as far as that is seen; 1 for a single text."""
    if given.most is not None:
        return given.most
    lists = any(isinstance(value, Display) for value in given.values)
    if (given.strings and not lists) or given.text:
        return 1
    written = count(given.term) if isinstance(given.term, Items) else None
    return float("inf") if written is None else written


RULE = Rule("LM305", "embedding-batch", CallSite, find)
