"""``llm-migrate providers``: which providers the program knows."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from llm_codemods import profile as profiles
from llm_codemods.profile import Profile
from llm_codemods.text import text
from llm_migrate import console
from llm_migrate.language import say

HELP = text("List the providers that come with this program: names, regions, and the variables that hold their keys.")


def command(
    *,
    format: Annotated[Literal["text", "json"], typer.Option("--format", help=say("how the list is written"))] = "text",
) -> None:
    """Write the list to standard output."""
    known = [profiles.bundled_profile(id) for id in profiles.bundled()]
    console.out(as_json(known) if format == "json" else "\n\n".join(map(as_text, known)))


def as_text(profile: Profile) -> str:
    """Return a paragraph about one provider: id and names, then a line for each region."""
    head = f"{console.style(profile.id, 'bold')}  {say(profile.name)}"
    if profile.aliases:
        head = say("{name}; also: {names}", name=head, names=", ".join(profile.aliases))
    widths = [max(map(len, cells)) for cells in ((*profile.regions,), [r.base_url for r in profile.regions.values()])]
    regions = (
        f"  {id:<{widths[0]}}  {region.base_url:<{widths[1]}}  {region.key_env}"
        for id, region in profile.regions.items()
    )
    return "\n".join((head, *regions))


def as_json(known: list[Profile]) -> str:
    """Return all of them as a JSON document."""
    import json

    return json.dumps(
        {
            "schema": 1,
            "providers": [
                {
                    "id": profile.id,
                    "name": {"en": profile.name.en, "zh": profile.name.zh},
                    "aliases": profile.aliases,
                    "partial": profile.partial,
                    "regions": [
                        {
                            "id": id,
                            "name": {"en": region.name.en, "zh": region.name.zh},
                            "base_url": region.base_url,
                            "key_env": region.key_env,
                        }
                        for id, region in profile.regions.items()
                    ],
                }
                for profile in known
            ],
        },
        ensure_ascii=False,
        indent=2,
    )
