"""``rewrite --interactive``: ask about every change, as ``git add -p`` does."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from llm_codemods import staying
from llm_codemods.analysis import Analysis
from llm_codemods.migration import Analyse, Migration, is_offered, make, migrate
from llm_codemods.report import Finding, FindingKey
from llm_codemods.source import encode
from llm_codemods.staying import Choose
from llm_codemods.text import Text, text
from llm_migrate import console
from llm_migrate.language import say
from llm_migrate.render import diff, listing

ANSWERS: dict[str, Text] = {
    "y": text("make this change"),
    "n": text("leave it"),
    "a": text("make this change and all later ones in the file"),
    "d": text("leave it and all later ones in the file"),
    "q": text("leave it and all that are still to be asked about"),
    "?": text("say what the letters mean"),
}


def interview(before: Analysis, analyse: Analyse) -> Migration:
    """Ask about the changes and return what comes of it.

    Clients come first: what belongs to one that stays is not asked about.
    """
    offered = [f for f in before.findings if f.fix is not None]
    questions = Questions(before)
    clients = [f for f in offered if f.kind in ("client", "client-method")]
    accepted = {f.key for f in questions.ask(clients)}
    left = staying.clients(before, lambda f: f not in clients or f.key in accepted, before.idle)
    analysis = analyse(left=left) if left else before
    others = [f for f in analysis.findings if f.fix is not None and f not in clients]
    accepted |= {f.key for f in Questions(analysis, quitted=questions.quitted).ask(others)}
    declined = {(f.path, f.code, f.api) for f in offered if f.key not in accepted}
    return migrate(analyse, _accepts(accepted), before=before, again=_not_declined(declined))


def _accepts(accepted: set[FindingKey]) -> Choose:
    return lambda finding: finding.key in accepted


def _not_declined(declined: set[tuple[str, str, str]]) -> Choose:
    """Once the file has changed, places say nothing: what is like a declined change is no work left undone."""
    return lambda finding: is_offered(finding) and (finding.path, finding.code, finding.api) not in declined


class Questions:
    """Asks about findings one by one; ``quitted``: no more of them."""

    def __init__(self, analysis: Analysis, *, quitted: bool = False) -> None:
        """Take the analysis that the findings are of."""
        self.analysis = analysis
        self.quitted = quitted

    def ask(self, findings: Iterable[Finding]) -> list[Finding]:
        """Return the findings whose change is wanted."""
        by_path: dict[str, list[Finding]] = defaultdict(list)
        for finding in findings:
            by_path[finding.path].append(finding)
        return [f for those in by_path.values() for f in self._ask_about_a_file(those)]

    def _ask_about_a_file(self, findings: Sequence[Finding]) -> list[Finding]:
        wanted: list[Finding] = []
        for number, finding in enumerate(findings):
            answer = "q" if self.quitted else self._answer(finding, f"({number + 1}/{len(findings)})")
            if answer in ("d", "q"):
                self.quitted = answer == "q"
                return wanted
            if answer == "a":
                return [*wanted, *findings[number:]]
            if answer == "y":
                wanted.append(finding)
        return wanted

    def _answer(self, finding: Finding, count: str) -> str:
        for line in listing.lines(self.analysis, [finding]):
            console.err(line)
        for line in self._hunk(finding):
            console.err(line)
        question = say("{count} make this change [{letters}]?", count=count, letters=",".join(ANSWERS))
        while True:
            said = console.ask(console.style(question, "bold", err=True))
            answer = "q" if said is None else said.strip().lower()[:1]
            if answer in ANSWERS and answer != "?":
                return answer
            for letter, meaning in ANSWERS.items():
                console.err(f"{letter} - {say(meaning)}")

    def _hunk(self, finding: Finding) -> list[str]:
        """Return the lines of the diff that this change makes alone, keys masked."""
        source = self.analysis.sources[finding.path]
        changes = make(self.analysis, [finding]).changes
        before = {path: encode(source) for path in changes}
        lines = diff.of_changes(before, changes).decode("utf-8", "replace").splitlines()
        return [_colored(line) for line in lines if not line.startswith(("diff --git ", "--- ", "+++ "))]


def _colored(line: str) -> str:
    styles: dict[str, str] = {"+": "added", "-": "removed", "@": "code"}
    return console.style(line, styles[line[:1]], err=True) if line[:1] in styles else line
