"""Pages of the rules, for people and for programs."""

from __future__ import annotations

from collections.abc import Sequence

from llm_codemods import gotchas, pages
from llm_codemods.gotchas import Gotcha
from llm_codemods.rule import Rule
from llm_codemods.text import Text, text
from llm_migrate import console
from llm_migrate.language import say
from llm_migrate.render.data import dump
from llm_migrate.render.listing import verdict_word

HEADINGS: dict[str, Text] = {
    "why": text("Why: "),
    "fix": text("Fix: "),
    "safety": text("Safety: "),
    "source": text("Source: "),
}
SCHEMA = 1


def heading(section: str, mark: str = "") -> str:
    """Return the heading of a section, set between two marks, and what parts it from the text behind it."""
    said = say(HEADINGS[section])
    word = said.rstrip()
    return f"{mark}{word}{mark}{said[len(word) :]}"


def as_text(rule: Rule) -> str:
    """Return a rule's page; a paragraph is one line."""
    page = pages.of_rule(rule)
    parts = [f"{console.style(rule.code, 'code')} {console.style(rule.name, 'bold')}: {plain(page.title)}"]
    last = None
    for section, paragraph in page.sections:
        head = "" if section == last else console.style(heading(section), "bold")
        parts.append(head + plain(paragraph))
        last = section
    return "\n\n".join(parts)


def as_list(rules: Sequence[Rule]) -> str:
    """Return one line a rule: code, name, title."""
    width = max((len(rule.name) for rule in rules), default=0)
    return "\n".join(
        f"{console.style(rule.code, 'code')}  {rule.name:<{width}}  {plain(pages.of_rule(rule).title)}"
        for rule in rules
    )


def of_gotcha(gotcha: Gotcha, rules: Sequence[Rule]) -> str:
    """Return what breaks, what is done about it, and the rules that do it."""
    parts = [f"{console.style(gotcha.id, 'code')}: {say(gotcha.title)}"]
    verdicts = say(", ").join(verdict_word(verdict) for verdict in gotcha.advised)
    parts.append(console.style(say("Advised:"), "bold") + " " + verdicts)
    if rules:
        parts.append(console.style(say("Rules:"), "bold") + "\n" + as_list(rules))
    if gotcha.covered is not None:
        parts.append(console.style(say("Covered otherwise:"), "bold") + " " + say(gotcha.covered).replace("``", "`"))
    return "\n\n".join(parts)


def gotchas_as_list(known: Sequence[Gotcha]) -> str:
    """Return one line a gotcha: its number and what it is."""
    return "\n".join(f"{console.style(gotcha.id, 'code')}  {say(gotcha.title)}" for gotcha in known)


def gotchas_as_json(known: Sequence[Gotcha], rules: Sequence[Rule]) -> str:
    """Return what breaks, with the codes of the rules for it, as a JSON document."""
    rows = [
        {
            "id": gotcha.id,
            "tier": gotcha.tier,
            "title": say(gotcha.title),
            "advised": [verdict.value for verdict in gotcha.advised],
            "covered": None if gotcha.covered is None else say(gotcha.covered),
            "rules": [rule.code for rule in gotchas.covering(gotcha, rules)],
        }
        for gotcha in known
    ]
    return dump({"schema": SCHEMA, "gotchas": rows})


def as_json(rules: Sequence[Rule]) -> str:
    """Return the pages as a JSON document."""
    return dump({"schema": SCHEMA, "rules": [_data(rule) for rule in rules]})


def _data(rule: Rule) -> dict[str, str]:
    page = pages.of_rule(rule)
    sections = {
        name: "\n\n".join(plain(paragraph) for section, paragraph in page.sections if section == name)
        for name in pages.SECTIONS
    }
    return {"code": rule.code, "name": rule.name, "title": plain(page.title), **sections}


def plain(paragraph: Text) -> str:
    """Say a paragraph as a terminal shows it."""
    return say(paragraph).replace("``", "`")
