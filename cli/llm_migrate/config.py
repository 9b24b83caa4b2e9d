"""The project's settings: ``[tool.llm-migrate]`` in the pyproject.toml of the root."""

from __future__ import annotations

import re
import types
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

import tomli

from llm_codemods.sdk import Sdk
from llm_codemods.style import Style
from llm_codemods.text import Text, text
from llm_migrate.errors import UserError
from llm_migrate.roots import find_root

TABLE = "tool.llm-migrate"
FILE = "pyproject.toml"


@dataclass(frozen=True, slots=True)
class Config:
    """Settings by the names of the command line's options. Patterns are written as in .gitignore."""

    to: str | None = None
    from_: str | None = None
    region: str | None = None
    style: str | None = None
    """How the code comes to its endpoint, key and models: ``inline`` or another ``Style``."""
    embeddings: str | None = None
    """The provider that takes the embeddings."""
    models: Mapping[str, str] = field(default_factory=lambda: types.MappingProxyType({}))
    """Name in the code -> name at the provider; counts before the profile's mapping."""
    sdk: Sdk | None = None
    """What becomes of code for openai before 1.0."""
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    baseline: str | None = None
    """A file, its path relative to the folder in which the settings stand."""


def read(root: Path) -> Config:
    """Return the settings of the project at ``root``; the defaults where there is no file or no table.

    Raises:
        UserError: the file cannot be read or is not TOML, a key is unknown (the hint has the nearest one), a value has
            the wrong type, or the table is called in another way.
    """
    file = root / FILE
    try:
        content = file.read_bytes().decode("utf-8-sig")
        document = tomli.loads(content)
    except FileNotFoundError:
        return Config()
    except OSError as error:
        raise UserError(
            text("{file} cannot be read: {reason}", file=FILE, reason=error.strerror or str(error))
        ) from None
    except UnicodeDecodeError:
        raise UserError(text("{file} is not valid UTF-8", file=FILE)) from None
    except tomli.TOMLDecodeError as error:
        raise UserError(text("{file} is not valid TOML: {reason}", file=FILE, reason=str(error))) from None
    tool = document.get("tool", {})
    _no_other_name(document, tool)
    table = tool.get("llm-migrate", {}) if isinstance(tool, dict) else {}
    if not isinstance(table, dict):
        raise _ill_typed(TABLE, text("a table"))
    names = {f.name.rstrip("_").replace("_", "-"): f.name for f in fields(Config)}
    for key in table:
        if key not in names:
            raise _unknown(key, list(names))
    return Config(**{names[key]: _value(key, value) for key, value in table.items()})


def _no_other_name(document: Mapping[str, Any], tool: object) -> None:
    """Raise UserError if a table is meant for us and called something else, where nobody would read it."""
    tables = [f"tool.{name}" for name in tool if name != "llm-migrate"] if isinstance(tool, dict) else []
    for name in (*tables, *document):
        if re.sub(r"[-_ ]", "", name.removeprefix("tool.")).lower() == "llmmigrate":
            raise UserError(
                text("{file}: nothing reads the table [{table}]", file=FILE, table=name),
                text("did you mean '{name}'?", name=TABLE),
            )


def of_folder(root: Path) -> tuple[Path, Config]:
    """Return the settings that hold for a folder, and where they are written: in it, or in the project around it.

    Patterns come back relative to ``root``.

    Raises:
        UserError: as ``read``.
    """
    home = root if (root / FILE).is_file() else find_root([root])
    found = read(home)
    if home == root or not (found.include or found.exclude):
        return home, found
    from pathspec import GitIgnoreSpec

    below = root.relative_to(home).as_posix()
    try:
        inside = GitIgnoreSpec.from_lines(found.include).match_file(f"{below}/any")
    except (ValueError, re.error):  # discover says what is wrong with it
        inside = False
    return home, replace(
        found,
        include=() if inside else tuple(_seen_from(below, pattern) for pattern in found.include),
        exclude=tuple(_seen_from(below, pattern) for pattern in found.exclude),
    )


def _seen_from(below: str, pattern: str) -> str:
    """Return a pattern as it reads in the folder ``below``; only one with a slash before its end is tied to a place."""
    negated, body = ("!", pattern[1:]) if pattern.startswith("!") else ("", pattern)
    tied = "/" in body.rstrip("/") and not body.startswith("**/")
    inner = body.lstrip("/").removeprefix(f"{below}/")
    return f"{negated}/{inner}" if tied and inner != body.lstrip("/") else pattern


def _value(key: str, value: Any) -> Any:
    place = f"{TABLE}.{key}"
    if key == "style" and value not in list(Style):
        raise _ill_typed(place, text("one of {names}", names=", ".join(style.value for style in Style)))
    if key in ("to", "from", "region", "embeddings", "style", "baseline"):
        if not isinstance(value, str):
            raise _ill_typed(place, text("a string"))
        return value
    if key == "sdk":
        if value not in [choice.value for choice in Sdk]:
            raise _ill_typed(place, text("'current' or 'keep'"))
        return Sdk(value)
    if key == "models":
        if not isinstance(value, dict) or not all(isinstance(v, str) for v in value.values()):
            raise _ill_typed(place, text("a table of model names"))
        return types.MappingProxyType(value)
    if not isinstance(value, list) or not all(isinstance(v, str) for v in value):
        raise _ill_typed(place, text("a list of strings"))
    return tuple(value)


def _unknown(key: str, known: list[str]) -> UserError:
    from llm_codemods.profile import nearest

    close = nearest(key, known)
    return UserError(
        text("{file}: unknown key '{key}' in [{table}]", file=FILE, key=key, table=TABLE),
        text("did you mean '{name}'?", name=close) if close else text("known keys: {names}", names=", ".join(known)),
    )


def _ill_typed(place: str, wanted: Text) -> UserError:
    return UserError(text("{file}: {place} must be {wanted}", file=FILE, place=place, wanted=wanted))
