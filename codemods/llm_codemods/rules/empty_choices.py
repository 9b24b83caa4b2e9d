"""Piece of a stream is taken to have a choice.

Why: a piece may come with an empty list of choices: the one with the usage, that which ends the stream, or one with the
verdict of a content filter. Some providers send such pieces unasked. ``chunk.choices[0]`` then raises ``IndexError``.

Fix: none yet: skip such a piece before its choices are taken, and keep what reads its ``usage`` above that.

Safety: ``review``: what else the loop does with the piece, a person must see. The first place of a loop is reported;
places behind a test of ``choices`` are left alone, and those where ``IndexError`` is caught inside of the loop.

Source: the SDK's own types; gotcha G28.
"""

from __future__ import annotations

from collections.abc import Iterator

from llm_codemods.report import Finding, Verdict
from llm_codemods.rule import Rule, about, moves
from llm_codemods.sites import ResponseSite
from llm_codemods.target import Target
from llm_codemods.text import text


def find(site: ResponseSite, target: Target | None) -> Iterator[Finding]:
    """Report the first choice of a piece that is taken without asking whether there is one."""
    if not (site.chunk and site.first and "choices" in site.at) or site.guarded or site.repeated or site.against:
        return
    if moves(site.points, site.host, target):
        message = text("{written}: a piece of a stream may have no choices", written=site.written)
        yield about(site, "response", site.api, message, Verdict.REVIEW if target is not None else None)


RULE = Rule("LM403", "empty-choices", ResponseSite, find)
