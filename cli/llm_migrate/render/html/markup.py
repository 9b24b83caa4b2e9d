"""HTML that cannot be broken by what it shows: elements are built as a tree, and the serializer escapes every text."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable
from functools import cache
from importlib import resources
from typing import TypeAlias
from xml.etree.ElementTree import Element, tostring

from llm_codemods.masking import masked
from llm_codemods.proof import Outcome
from llm_migrate import dates
from llm_migrate.language import chosen, say
from llm_migrate.render.verdicts import SYMBOLS, WORDS
from llm_migrate.version import version

Child: TypeAlias = "str | Element | Iterable[Child] | None"

UNSHOWN = re.compile("[\x00-\x08\x0b-\x1f\x7f\x80-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069]")
"""What a browser would not show, or would let other characters change their places."""
CODE = re.compile(r"(``.+?``|`[^`\n]+`)")


def el(tag: str, *children: Child, **attributes: str | int | bool | None) -> Element:
    """Return an element; ``class_`` is ``class``, ``data_rule`` is ``data-rule``, what is None or False is left out."""
    made = Element(tag)
    for name, value in attributes.items():
        if value is not None and value is not False:
            made.set(name.rstrip("_").replace("_", "-"), "" if value is True else _shown(str(value)))
    add(made, *children)
    return made


def add(parent: Element, *children: Child) -> None:
    """Put children behind those that an element has."""
    for child in children:
        if isinstance(child, str):
            last = parent[-1] if len(parent) else None
            if last is None:
                parent.text = (parent.text or "") + _shown(child)
            else:
                last.tail = (last.tail or "") + _shown(child)
        elif isinstance(child, Element):
            parent.append(child)
        elif child is not None:
            add(parent, *child)


def prose(said: str) -> list[Child]:
    """Return a sentence, what stands between backticks as code."""
    parts = CODE.split(said)
    return [el("code", part.strip("`")) if index % 2 else part for index, part in enumerate(parts)]


def document(title: str, *body: Child, style: str = "") -> str:
    """Return the page around ``body``, with its style (and some more of it) and its script, and nothing from elsewhere.

    Only that style and that script may run, whatever else should come to stand in the page.
    """
    css, script = asset("page.css") + style, asset("page.js")
    policy = (
        f"default-src 'none'; style-src '{_hash(css)}'; script-src '{_hash(script)}'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )
    page = el(
        "html",
        el(
            "head",
            el("meta", charset="utf-8"),
            el("meta", http_equiv="Content-Security-Policy", content=policy),
            el("meta", name="viewport", content="width=device-width, initial-scale=1"),
            el("meta", name="generator", content=f"llm-migrate {version()}"),
            el("link", rel="icon", href="data:,"),
            el("title", title),
            _verbatim("style", css),
        ),
        el("body", *body, _verbatim("script", script)),
        lang="zh-CN" if chosen() == "zh" else "en",
    )
    return "<!DOCTYPE html>\n" + tostring(page, encoding="unicode", method="html") + "\n"


def header(title: str, *lines: Child, sections: Iterable[tuple[str, str]]) -> Element:
    """Return the head of a page: what it is, and links to its sections, given as id and title."""
    return el(
        "header",
        el(
            "div",
            el("h1", title),
            el(
                "div",
                el("button", say("light / dark"), type="button", id="theme"),
                el("button", say("keyboard"), type="button", id="keys", aria_haspopup="dialog"),
                class_="tools",
            ),
            class_="bar",
        ),
        *(el("p", line) for line in lines),
        el("nav", (el("a", name, href=f"#{id}") for id, name in sections), aria_label=say("sections")),
    )


def footer() -> Element:
    """Return what made the page, and when."""
    said = say("made by llm-migrate {version} on {date}", version=version(), date=dates.today().isoformat())
    return el("footer", el("p", said))


def keys() -> Element:
    """Return the list of keys, which opens as a dialog."""
    rows = (
        ("j / k", say("next or previous entry")),
        ("Enter", say("open or close what belongs to an entry")),
        ("/", say("search")),
        ("Esc", say("clear the search and the filters")),
        ("d", say("light or dark")),
        ("?", say("this list")),
    )
    return el(
        "dialog",
        el("h2", say("keyboard")),
        el("dl", ((el("dt", el("kbd", key)), el("dd", what)) for key, what in rows)),
        el("form", el("button", say("close")), method="dialog"),
        id="help",
    )


def columns(*names: str, class_: str = "number") -> list[Element]:
    """Return heads of columns with numbers, or with cells of another class."""
    return [el("th", name, scope="col", class_=class_) for name in names]


def table(heads: Iterable[Child], rows: Iterable[Element], **attributes: str | None) -> Element:
    """Return a table that scrolls by itself where it is too wide; a head may be one that ``columns`` made."""
    cells = (one if isinstance(one, Element) and one.tag == "th" else el("th", one, scope="col") for one in heads)
    head = el("thead", el("tr", cells))
    return el("div", el("table", head, el("tbody", rows), **attributes), class_="wide", tabindex="0")


def outcome_badge(outcome: Outcome, *, narrow: bool = False) -> Element:
    """Return an outcome in words; ``narrow``: it is shown where there is no room for the columns alone."""
    said = f"{SYMBOLS[outcome]} {say(WORDS[outcome])}"
    return el("span", said, class_=f"badge {outcome.value}{' narrow' if narrow else ''}")


def select(name: str, every: str, options: Iterable[tuple[str, str]]) -> Element:
    """Return a choice among values of an entry's ``data-NAME``, given with their words; the first one lets all pass."""
    shown = (el("option", said, value=value) for value, said in [("", every), *options])
    return el("select", shown, data_filter=name, aria_label=every, autocomplete="off")


def filters(words: str, *selects: Element | None, verdicts: Iterable[tuple[str, str, bool]]) -> Element:
    """Return what filters the entries of a page: a search (called ``words``), ``select``s, and a box for each verdict,
    given with its word and whether it is shown at first."""
    boxes = (
        el("label", el("input", type="checkbox", data_verdict=value, checked=checked), " ", word, class_=value)
        for value, word, checked in verdicts
    )
    return el(
        "div",
        el("input", type="search", id="search", placeholder=words, aria_label=words),
        *selects,
        boxes,
        el("button", say("clear"), type="button", id="clear"),
        el(
            "span",
            id="shown",
            data_template=say("{shown} of {count} shown", shown="{shown}", count="{count}"),
            role="status",
            class_="soft",
        ),
        class_="filters",
        role="search",
    )


@cache
def asset(name: str) -> str:
    """Return a file that lies beside this module."""
    return resources.files(__package__).joinpath(name).read_text("utf-8")


def _verbatim(tag: str, content: str) -> Element:
    """Return an element whose text is not escaped; it holds text of ours only."""
    made = Element(tag)
    made.text = content
    return made


def _hash(content: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()


def _shown(text: str) -> str:
    """Return a text without secrets, and without what would not be seen."""
    text = masked(text)
    return UNSHOWN.sub("\N{REPLACEMENT CHARACTER}", text.replace("\r\n", "\n").replace("\r", "\n"))
