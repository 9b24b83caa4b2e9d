"""Image is sent by its address.

Why: not every provider fetches pictures from the web, and none of them everything from abroad; addresses may have to be
short or public.

Fix: none: send the picture itself, as base64.

Safety: ``manual``, where the profile says that web addresses are not taken as they are, or may not be.

Source: profile field ``features.image-urls``; gotcha G60.
"""

from __future__ import annotations

from collections.abc import Iterator

from llm_codemods.messages import addresses, conversation
from llm_codemods.profile import Status
from llm_codemods.report import Finding, Verdict
from llm_codemods.rule import Rule, about, moves
from llm_codemods.sites import CallSite
from llm_codemods.target import Target
from llm_codemods.text import text

FEATURE = "image-urls"


def find(site: CallSite, target: Target | None) -> Iterator[Finding]:
    """Report images that are sent by their address."""
    if target is None or not (site.known and site.images and moves(site.points, site.host, target)):
        return
    row = target.profile.features.get(FEATURE)
    if row is None or row.status is Status.SAME or row.note is None:
        return
    if any(a.startswith(("http://", "https://")) for m in conversation(site).messages for a in addresses(site, m)):
        message = target.noted(FEATURE, text("whether images are fetched from web addresses there is not sure"))
        message = text("{message}: send the image itself, as base64", message=message)
        yield about(site, "parameter", "messages", message, Verdict.MANUAL)


RULE = Rule("LM413", "image-address", CallSite, find)
