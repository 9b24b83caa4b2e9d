"""Piece of a stream is taken to have a choice.

Why: a piece may come with an empty list of choices: the one with the usage, that which ends the stream, or one with the
verdict of a content filter. Some providers send such pieces unasked. ``chunk.choices[0]`` then raises ``IndexError``.

Fix: the loop goes on to the next piece where there are no choices, before the statement that takes them; a
comprehension leaves such a piece out. What the loop does with the piece above that statement, reading its ``usage``
say, stays above.

Safety: ``fix``, because without it the loop fails at such a piece. ``manual`` where the usage is read behind the
statement, and so would be lost with the piece, and where no loop over the stream is seen here. The first place of a
loop is reported; places behind a test of ``choices`` are left alone, and those where ``IndexError`` is caught inside of
the loop. What is read as a dictionary, and is none of the SDK's, is for rule ``response-subscript``.

Source: the SDK's own types; gotcha G28.
"""

from __future__ import annotations

from collections.abc import Iterator

from llm_codemods.operations import Change, Filter, Fix, InsertBefore
from llm_codemods.report import Finding, Verdict
from llm_codemods.rule import Rule, about, moves
from llm_codemods.sites import ResponseSite
from llm_codemods.target import Target
from llm_codemods.text import text


def find(site: ResponseSite, target: Target | None) -> Iterator[Finding]:
    """Report the first choice of a piece that is taken without asking whether there is one."""
    if not (site.chunk and site.first and "choices" in site.at) or site.guarded or site.repeated or site.against:
        return
    if not moves(site.points, site.host, target) or (site.keys and not site.legacy):
        return  # what is read as a dictionary may be another's; rule response-subscript reports it
    message = text("{written}: a piece of a stream may have no choices", written=site.written)
    if target is None:
        yield about(site, "response", site.api, message)
    elif site.skip is None:
        message = text("{message}: pass over such a piece where they are looped over", message=message)
        yield about(site, "response", site.api, message, Verdict.MANUAL)
    elif site.skip.usage:
        message = text(
            "{message}: pass over such a piece, but read its usage before; here that is read after the choices",
            message=message,
        )
        yield about(site, "response", site.api, message, Verdict.MANUAL)
    else:
        yield about(site, "response", site.api, message, Verdict.FIX, _fix(site))


def _fix(site: ResponseSite) -> Fix:
    assert site.skip is not None
    keyed = site.plain and site.written.startswith("[")
    choices = f'{site.skip.name}["choices"]' if keyed else f"{site.skip.name}.choices"
    skip = Filter(site.skip.name, choices) if site.skip.filters else InsertBefore((f"if not {choices}:", "\tcontinue"))
    return Fix(text("pass over pieces without choices"), (Change(site.skip.at, (skip,)),))


RULE = Rule("LM403", "empty-choices", ResponseSite, find)
