"""Keep the message catalogue in step with the source.

``python scripts/texts.py`` collects every text from ``cli/`` and ``codemods/`` into the Chinese ``.po`` (translations
stay, texts that are gone go) and compiles the ``.mo``. ``--check`` writes nothing and fails when a text has no Chinese
twin, a twin has other places than its text, or a file is stale.

A text is the first argument of ``say("…")`` or ``text("…")``, which must be one string literal, or a paragraph of a
rule's page: the docstring of its module, as ``llm_codemods.pages`` cuts it.
"""

from __future__ import annotations

import argparse
import ast
import datetime
import io
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from string import Formatter

from babel.messages.catalog import Catalog
from babel.messages.mofile import read_mo, write_mo
from babel.messages.pofile import read_po, write_po

from llm_codemods import pages

ROOT = Path(__file__).resolve().parent.parent
PO = ROOT / "cli/llm_migrate/locale/zh_CN/LC_MESSAGES/llm_migrate.po"
RULES = ROOT / "codemods/llm_codemods/rules"
SPEAKERS = {"say": "language", "text": "text"}
"""Function -> the module by whose name it may be called."""
DATE = datetime.datetime(2026, 11, 1, tzinfo=datetime.timezone.utc)
"""Fixed, so that equal texts give equal files."""


@dataclass(frozen=True, slots=True)
class Found:
    """A text and where it stands."""

    template: str
    path: str
    line: int


class NotLiteralError(ValueError):
    """A text that no catalogue can have, because it is put together at run time."""


def extract(source: str, path: str) -> Iterator[Found]:
    """Yield the texts of one Python file in the order of its lines.

    Raises:
        NotLiteralError: ``text`` is called with anything but a literal, or ``say`` with a string built on the spot.
    """
    calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    for node in sorted(calls, key=lambda node: (node.lineno, node.col_offset)):
        speaker = _speaker(node.func)
        if speaker is None or not node.args:
            continue
        first = node.args[0]
        if isinstance(first, ast.Constant) and isinstance(first.value, str):
            yield Found(first.value, path, node.lineno)
        elif speaker == "text" or _is_built(first):
            raise NotLiteralError(f"{path}:{node.lineno}: the first argument of {speaker}() must be one string literal")


def extract_page(source: str, path: str) -> Iterator[Found]:
    """Yield the paragraphs of the page of one rule's module; a module without a docstring has none."""
    docstring = ast.get_docstring(ast.parse(source))
    if docstring is not None:
        page = pages.of_docstring(docstring)
        for paragraph in (page.title, *(paragraph for _, paragraph in page.sections)):
            yield Found(paragraph.template, path, 1)


def places(template: str) -> set[str]:
    """Return the names between the braces of a template."""
    return {name for _, name, _, _ in Formatter().parse(template) if name is not None}


def collect() -> list[Found]:
    """Return all texts of the program, ordered by file and line."""
    found: list[Found] = []
    for file in sorted(file for top in ("cli", "codemods") for file in (ROOT / top).rglob("*.py")):
        source, path = file.read_text("utf-8"), file.relative_to(ROOT).as_posix()
        if file.parent == RULES and file.name != "__init__.py":
            found += extract_page(source, path)
        found += extract(source, path)
    return found


def load() -> Catalog:
    """Return the catalogue as it stands in the ``.po``; an empty one where there is none."""
    if not PO.exists():
        return Catalog("zh_CN")
    with PO.open("rb") as file:
        return read_po(file, "zh_CN")


def updated(found: list[Found], old: Catalog) -> Catalog:
    """Return a catalogue of exactly these texts, with the translations that ``old`` has."""
    new = Catalog(
        "zh_CN",
        project="llm-migrate",
        version="-",
        header_comment="# What llm-migrate says, in Simplified Chinese. Edit the msgstr lines, then run `make texts`.",
        last_translator="llm-migrate contributors",
        language_team="llm-migrate contributors",
        creation_date=DATE,
        revision_date=DATE,
        fuzzy=False,
    )
    for text in found:
        known = old.get(text.template)
        new.add(text.template, known.string if known else "", locations=[(text.path, text.line)])
    return new


def problems(catalog: Catalog) -> Iterator[str]:
    """Say of every text whose Chinese twin is missing or has other places."""
    for message in catalog:
        if not message.id:
            continue
        try:
            wanted, given = places(str(message.id)), places(str(message.string))
        except ValueError as error:
            yield f"not a template: {message.id!r}: {error}"
            continue
        if not message.string:
            yield f"no Chinese twin: {message.id!r}" + "".join(f" ({path})" for path, _ in message.locations[:1])
        elif given != wanted:
            yield f"places differ: {message.id!r} has {sorted(wanted)}, its twin {sorted(given)}"


def as_po(catalog: Catalog) -> bytes:
    """Return the text of the ``.po``."""
    file = io.BytesIO()
    write_po(file, catalog, width=0, include_lineno=False)
    return file.getvalue()


def pairs(catalog: Catalog) -> dict[str, str]:
    """Return text -> twin, without the header and without texts that have no twin."""
    return {str(message.id): str(message.string) for message in catalog if message.id and message.string}


def check() -> list[str]:
    """Return what is wrong with the committed catalogue."""
    old = load()
    new = updated(collect(), old)
    wrong = list(problems(new))
    wrong += [f"said nowhere any more: {id!r}" for id in pairs(old).keys() - pairs(new).keys()]
    compiled = PO.with_suffix(".mo")
    if not compiled.exists():
        return [*wrong, "the .mo file is missing"]
    with compiled.open("rb") as file:
        if pairs(read_mo(file)) != pairs(old):
            wrong.append("the .mo file is older than the .po file")
    return wrong


def write() -> None:
    """Bring ``.po`` and ``.mo`` up to date."""
    new = updated(collect(), load())
    PO.parent.mkdir(parents=True, exist_ok=True)
    PO.write_bytes(as_po(new))
    with PO.with_suffix(".mo").open("wb") as file:
        write_mo(file, new)


def main() -> int:
    """Run the tool; 1 when the check fails or a text cannot be collected."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--check", action="store_true", help="write nothing, fail when something is to be done")
    try:
        if not parser.parse_args().check:
            write()
            print(f"{len(pairs(load()))} texts with a twin, {sum(1 for _ in problems(load()))} to do")
            return 0
        wrong = check()
    except NotLiteralError as error:
        wrong = [str(error)]
    for line in wrong:
        print(line, file=sys.stderr)
    if wrong:
        print("run `make texts`, then edit the .po file", file=sys.stderr)
    return 1 if wrong else 0


def _speaker(function: ast.expr) -> str | None:
    """Return ``say`` or ``text`` if that is what is called."""
    if isinstance(function, ast.Name) and function.id in SPEAKERS:
        return function.id
    if isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name):
        return function.attr if SPEAKERS.get(function.attr) == function.value.id else None
    return None


def _is_built(expression: ast.expr) -> bool:
    """Whether a string is put together here: f-string, ``+``, ``%``, a method of a string, a choice of literals."""
    built = ast.JoinedStr | ast.BinOp
    literal = (isinstance(node, ast.Constant) and isinstance(node.value, str) for node in _parts(expression))
    return isinstance(expression, built) or any(literal)


def _parts(expression: ast.expr) -> list[ast.expr]:
    match expression:
        case ast.IfExp():
            return [expression.body, expression.orelse]
        case ast.BoolOp():
            return expression.values
        case ast.Call(func=ast.Attribute(value=value)):
            return [value]
        case _:
            return []


if __name__ == "__main__":
    sys.exit(main())
