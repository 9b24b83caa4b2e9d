"""``llm-migrate providers``: which providers the program knows, what it knows of one, and where they differ."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import Annotated, Any, Literal

import typer

from llm_codemods import profile as profiles
from llm_codemods.profile import Profile, nearest
from llm_codemods.text import text
from llm_migrate import console
from llm_migrate.errors import UserError
from llm_migrate.language import say
from llm_migrate.render.data import dump

HELP = text(
    "List the providers that come with this program: names, regions, and the variables that hold their keys.\n\n"
    "`show ID` says all that is known of one: models, what stands in for OpenAI's, and every parameter with its "
    "source. `compare ID ID…` puts several side by side."
)
CALL = "llm-migrate providers"


def command(
    words: Annotated[
        list[str] | None,
        typer.Argument(metavar="show ID|compare ID ID…", help=say("what to say; an ID may be a profile of your own")),
    ] = None,
    *,
    format: Annotated[Literal["text", "json"], typer.Option("--format", help=say("how the list is written"))] = "text",
) -> None:
    """Write the list, a profile or a comparison to standard output."""
    match words or []:
        case []:
            known = [profiles.bundled_profile(id) for id in profiles.bundled()]
            console.out(as_json(known) if format == "json" else "\n\n".join(map(as_text, known)))
        case ["show", name]:
            show(name, format)
        case ["compare", first, second, *more]:
            compare([first, second, *more], format)
        case ["show"]:
            raise UserError(text("argument {name} is missing", name="ID"), text("see '{command} --help'", command=CALL))
        case ["compare", *_]:
            raise UserError(text("compare needs two providers or more"), text("see '{command} --help'", command=CALL))
        case ["show", _, *more] | more:
            raise _unexpected(more)


def _unexpected(words: list[str]) -> UserError:
    close = nearest(words[0], ["show", "compare"])
    if close is None and len(words) == 1 and words[0] in profiles.bundled():
        close = f"show {words[0]}"
    return UserError(
        text("unexpected argument: {words}", words=" ".join(words)),
        text("did you mean '{name}'?", name=close) if close else text("see '{command} --help'", command=CALL),
    )


def show(name: str, format: str) -> None:
    """Write all that one profile says."""
    from llm_migrate.settings import load_profile

    profile = load_profile(name)
    if format == "json":
        console.out(dump({"schema": 1, "provider": as_data(profile)}))
        return
    from llm_migrate.render import columns

    console.out(columns.page(profile, console.width()))


def compare(names: list[str], format: str) -> None:
    """Write where some profiles agree and where they differ."""
    from llm_migrate.settings import load_profile

    known = [load_profile(name) for name in names]
    if format == "json":
        from llm_migrate.render import contract

        ids = [profile.id for profile in known]
        console.out(dump({"schema": 1, "providers": ids, "rows": contract.compared_data(known)}))
    else:
        from llm_migrate.render import columns

        console.out(columns.side_by_side(known, console.width()))


def as_data(value: object) -> Any:
    """Return a part of a profile as plain data; what it does not say is left out."""
    if is_dataclass(value):
        data = {f.name: as_data(getattr(value, f.name)) for f in fields(value)}
        return {name: each for name, each in data.items() if each is not False and each not in (None, {}, [])}
    if isinstance(value, Mapping):
        return {key: as_data(each) for key, each in value.items()}
    if isinstance(value, tuple):
        return [as_data(each) for each in value]
    if isinstance(value, Enum):
        return value.value
    return value.isoformat() if isinstance(value, datetime.date) else value


def as_text(profile: Profile) -> str:
    """Return a paragraph about one provider: id and names, then a line for each region."""
    head = f"{console.style(profile.id, 'bold')}  {say(profile.name)}"
    if profile.aliases:
        head = say("{name}; also: {names}", name=head, names=say(", ").join(profile.aliases))
    widths = [max(map(len, cells)) for cells in ((*profile.regions,), [r.base_url for r in profile.regions.values()])]
    regions = (
        f"  {id:<{widths[0]}}  {region.base_url:<{widths[1]}}  {region.key_env}"
        for id, region in profile.regions.items()
    )
    return "\n".join((head, *regions))


def as_json(known: list[Profile]) -> str:
    """Return all of them as a JSON document."""
    return dump(
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
        }
    )
