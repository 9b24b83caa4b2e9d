"""Comments of the user that silence findings: ``# llm-migrate: ignore[LM101, model-name]``.

A comment behind code speaks of findings that begin or end on its line, one alone on its line of findings that begin on
the next line of code. In brackets stand codes, beginnings of codes (``LM1``) or names of rules; without brackets every
rule is meant. What silences nothing is a site of its own (``IgnoreSite``), so that it does not stay forever.
"""

from __future__ import annotations

import re
import tokenize
from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass, field, replace
from enum import Enum

from llm_codemods import engine
from llm_codemods.edits import Place, Span
from llm_codemods.lines import NEWLINE
from llm_codemods.report import Finding
from llm_codemods.rule import Rule
from llm_codemods.sites.kinds import Site
from llm_codemods.source import Source
from llm_codemods.target import Target

_DIRECTIVE = re.compile(
    r"(?:#|//|;|<!--)[ \t]*(?P<all>llm-migrate:[ \t]*ignore(?![\w-])"
    r"(?P<list>[ \t]*\[(?P<words>[^\]\r\n]*)(?P<end>\])?)?)"
)
_OURS = r"llm[-_ .]?migrat\w{0,3}"
_SAID = r"(?:ignor\w*|noqa|no-?lint|disabled?|skip|suppress)"
_MISTYPED = re.compile(
    r"(?:#|//|;|<!--)[ \t]*(?P<all>"
    rf"{_OURS}[ \t]*[:：=][ \t]*{_SAID}[\w-]*"
    rf"|{_OURS}[ \t_-]{_SAID}(?=[ \t]*(?:[\[(=:{{【（：#;]|-->|LM\d|\r|\n|\Z))"
    rf"|{_SAID}[ \t]*[:：=\[(][ \t]*{_OURS})",
    re.IGNORECASE,
)
"""What was meant for us and says it in another way; a sentence about us is none."""
_NAMED = re.compile(_OURS, re.IGNORECASE)
_WORD = re.compile(r"[^\s,]+")
_LOST_LIST = re.compile(r"[ \t]*(?:[=({【（［：]|:?[ \t]*LM\d)", re.IGNORECASE)
"""Behind ``ignore``: a list was meant, but stands without its brackets."""
_LOST_NAME = re.compile(r"[ \t:]*(?P<name>[a-z]+(?:-[a-z]+)+)(?![\w-])")
_COMMENT_LINE = re.compile(r"[ \t]*(?:(?:#|//|;|<!--)[^\r\n]*)?")


class Fault(str, Enum):
    """What is wrong with a comment, or a word in it."""

    UNKNOWN = "unknown"
    """No rule is called so."""
    UNUSED = "unused"
    """It silences nothing."""
    MALFORMED = "malformed"
    """It cannot be read, or its list."""


@dataclass(frozen=True, slots=True)
class IgnoreSite:
    """A comment, or a word of its list, that does nothing."""

    path: str
    span: Span
    word: str
    """As it is written; '' for a comment without a list."""
    fault: Fault
    names: tuple[str, ...]
    """Codes and names of all rules."""


@dataclass(frozen=True, slots=True)
class Ignore:
    """A comment as it is written. ``words`` with their places; None where it has no list."""

    span: Span
    starts: int
    """The line on which findings begin that it speaks of."""
    ends: int | None
    """The line on which they may end instead."""
    words: tuple[tuple[str, Span], ...] | None
    malformed: bool = False


@dataclass(frozen=True, slots=True)
class Judged:
    """What the rules say about files, told apart by the comments in them."""

    findings: tuple[Finding, ...]
    suppressed: tuple[Finding, ...] = field(default=())
    faults: tuple[Finding, ...] = field(default=())
    """Those of the findings that are about comments."""

    def kept_apart(self, later: Judged) -> Judged:
        """Return what is left of this while clients stay that comments keep. ``later`` is what is found then: what
        belongs to them is gone, silenced with them, and what their comments silenced, so that these look unused."""
        if later is self:
            return self
        found = tuple(f for f in later.findings if f not in later.faults)
        there = {(f.code, f.path, f.span, f.api) for f in (*found, *later.suppressed, *self.faults, *self.suppressed)}
        gone = (f for f in self.findings if f.open and (f.code, f.path, f.span, f.api) not in there)
        return Judged((*found, *self.faults), (*self.suppressed, *gone), self.faults)

    def held_back(self, later: Judged, clients: Set[Place]) -> Judged:
        """Return what is left of this while clients stay that the target has nothing for. ``later`` is what is found
        then: what is not offered any more belongs to them."""
        if not clients:
            return self
        told = tuple(f for f in self.findings if f.fix is None or f in self.faults)
        keys = {f.key for f in told}
        others = (f for f in later.findings if f not in later.faults and (f.path, f.span) not in clients)
        more = (f for f in others if f.key not in keys)
        return replace(self, findings=engine.ordered((*told, *more)))


def judge(
    source: Source,
    sites: Sequence[Site],
    rules: Sequence[Rule],
    known: Sequence[Rule],
    target: Target | None,
    *,
    is_python: bool,
) -> Judged:
    """Run ``rules`` over the sites of a file and take out what its comments silence.

    A comment, or a word of its list, is unused when no finding needs it although every rule that it names has run, and
    could have spoken: without a target many rules say nothing, so a comment on a line of theirs is let be. ``known``
    are all rules there are, run or not.
    """
    findings = engine.run(sites, rules, target)
    if not _NAMED.search(source.text):
        return Judged(findings)
    names = {rule.name for rule in known}
    comments = [
        replace(comment, malformed=comment.malformed or _lists_without_brackets(source, comment, names))
        for comment in read(source, is_python=is_python)
    ]
    used: set[tuple[Ignore, str]] = set()
    kept: list[Finding] = []
    suppressed: list[Finding] = []
    for finding in findings:
        hits = set(_silencing(source, finding, comments, rules))
        used |= hits
        (suppressed if hits else kept).append(finding)
    dead = [
        site
        for comment in comments
        for site in _faults(source, comment, {word for c, word in used if c == comment}, sites, rules, known, target)
    ]
    faults = engine.run(dead, rules, target)
    return Judged(engine.ordered((*kept, *faults)), tuple(suppressed), faults)


def joined(every: Sequence[Judged]) -> Judged:
    """Return what the rules say about the files of all."""
    return Judged(
        tuple(f for each in every for f in each.findings),
        tuple(f for each in every for f in each.suppressed),
        tuple(f for each in every for f in each.faults),
    )


def read(source: Source, *, is_python: bool) -> tuple[Ignore, ...]:
    """Return the comments of a file in their order, also those that are written in a way that is not ours.

    In Python only real comments count, not strings; elsewhere whatever looks like one at the end of a line.
    """
    if not _NAMED.search(source.text):
        return ()
    found = []
    for comment in _comments(source) if is_python else [Span(0, len(source.text))]:
        for match in _MISTYPED.finditer(source.text, comment.start, comment.end):
            if not _DIRECTIVE.match(source.text, match.start(), comment.end):
                line = source.lines.line(match.start())
                found.append(Ignore(Span(*match.span("all")), line, line, None, malformed=True))
        for match in _DIRECTIVE.finditer(source.text, comment.start, comment.end):
            line = source.lines.line(match.start())
            alone = _COMMENT_LINE.fullmatch(source.text, source.lines.starts[line - 1], match.start()) is not None
            words = tuple((m.group(), Span(*m.span())) for m in _WORD.finditer(source.text, *match.span("words")))
            listed = match["list"] is not None
            broken = not (match["end"] and words) if listed else _LOST_LIST.match(source.text, match.end()) is not None
            found.append(
                Ignore(
                    Span(*match.span("all")),
                    _next_line(source, line) if alone else line,
                    None if alone else line,
                    words if listed else None,
                    broken,
                )
            )
    return tuple(sorted(found, key=lambda one: one.span))


def _lists_without_brackets(source: Source, comment: Ignore, names: Set[str]) -> bool:
    """Whether the name of a rule follows a comment that has no list; a plain word may be a reason."""
    match = None if comment.words else _LOST_NAME.match(source.text, comment.span.end)
    return match is not None and match["name"] in names


def _comments(source: Source) -> Iterator[Span]:
    """Yield where the comments of Python code stand; a comment ends its line."""
    lines = NEWLINE.split(source.code)
    rows = iter(lines)
    try:
        for token in tokenize.generate_tokens(lambda: next(rows) + "\n"):
            if token.type == tokenize.COMMENT:
                row, column = token.start
                yield Span(source.lines.starts[row - 1] + column, source.lines.starts[row - 1] + len(lines[row - 1]))
    except (tokenize.TokenError, SyntaxError, ValueError):  # what ``ast`` takes and the tokenizer does not
        return


def _next_line(source: Source, line: int) -> int:
    """Return the first line of code after ``line``; in a notebook within the cell, else ``line`` itself."""
    start = source.lines.starts[line - 1]
    end = next((c.span.end for c in source.cells if c.span.start <= start <= c.span.end), len(source.text))
    for after, begin in enumerate(source.lines.starts[line:], line + 1):
        if begin > end:
            break
        content = NEWLINE.split(source.text[begin:end], maxsplit=1)[0]
        if not _COMMENT_LINE.fullmatch(content):
            return after
    return line


def _silencing(
    source: Source, finding: Finding, comments: Iterable[Ignore], rules: Iterable[Rule]
) -> Iterator[tuple[Ignore, str]]:
    """Yield the comments, with the word, that silence a finding."""
    first, last = _first_and_last(source, finding.span)
    for comment in comments:
        if comment.malformed or (comment.starts != first and comment.ends != last):
            continue
        if comment.words is None:
            yield comment, ""
        for word, _ in comment.words or ():
            if any(rule.code == finding.code and rule.is_called(word) for rule in rules):
                yield comment, word


def _faults(
    source: Source,
    comment: Ignore,
    used: set[str],
    sites: Sequence[Site],
    rules: Sequence[Rule],
    known: Sequence[Rule],
    target: Target | None,
) -> Iterator[IgnoreSite]:
    names = tuple(name for rule in known for name in (rule.code, rule.name))
    if comment.malformed:
        yield IgnoreSite(source.path, comment.span, "", Fault.MALFORMED, names)
        return
    near = {
        type(site)
        for site in sites
        for first, last in [_first_and_last(source, site.span)]
        if first <= comment.starts <= last
    }

    def silent(rule: Rule) -> bool:
        """Whether a rule has nothing to say on the comment's line, whatever the target."""
        return rule.site not in near or (rule in rules and target is not None and not target.at_openai)

    if comment.words is None:
        if not used and all(map(silent, known)):
            yield IgnoreSite(source.path, comment.span, "", Fault.UNUSED, names)
        return
    for word, span in comment.words:
        named = [rule for rule in known if rule.is_called(word)]
        if not named:
            yield IgnoreSite(source.path, span, word, Fault.UNKNOWN, names)
        elif word not in used and all(rule in rules and silent(rule) for rule in named):
            yield IgnoreSite(source.path, span, word, Fault.UNUSED, names)


def _first_and_last(source: Source, span: Span) -> tuple[int, int]:
    return source.lines.line(span.start), source.lines.line(max(span.start, span.end - 1))
