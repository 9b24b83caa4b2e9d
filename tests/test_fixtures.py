"""What every case under ``fixtures/rules`` must prove; ``cases`` says what a case is."""

from __future__ import annotations

import ast
import datetime
import os
import random
import re
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

import cases
from cases import Case
from llm_codemods import profile as profiles
from llm_codemods.analysis import Analysis
from llm_codemods.edits import Span
from llm_codemods.migration import Plan, is_offered, is_safe, plan
from llm_codemods.operations import Change, CopyBeside, Fix, Import, InsertAfter, Operation, ReplaceStatement
from llm_codemods.parsed import Module
from llm_codemods.rule import Rule
from llm_codemods.rules import RULES
from llm_codemods.source import Source, decode
from llm_codemods.vocabulary import SECRET
from llm_migrate import app
from llm_migrate.settings import Settings

CASES = cases.every()


@dataclass(frozen=True)
class Outcome:
    """A case and what the program made of it."""

    case: Case
    analysis: Analysis
    plan: Plan

    @property
    def result(self) -> dict[str, bytes]:
        return {**self.case.before, **self.plan.changes}


def migrate(folder: Path, case: Case, files: cases.Files, rules: Sequence[Rule] = RULES) -> tuple[Analysis, Plan]:
    """Analyse the files as a project in ``folder`` and plan its changes."""
    cases.write(folder, files)
    again = settings_of(folder, case, rules).analyse
    analysis = again()
    return analysis, plan(analysis, again, is_offered if case.include else is_safe)


def settings_of(folder: Path, case: Case, rules: Sequence[Rule]) -> Settings:
    """Return what a case asks for, of the files in a folder."""
    return Settings(
        folder,
        profile=case.profile,
        region=case.region,
        models=case.models,
        rules=tuple(rules),
        sdk=case.sdk,
        embeddings=None if case.embeddings is None else profiles.find(case.embeddings),
        origin=None if case.origin is None else profiles.find(case.origin),
        today=case.today,
    )


@pytest.fixture(scope="module", params=CASES, ids=lambda case: case.name)
def outcome(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    case: Case = request.param
    analysis, planned = migrate(tmp_path_factory.mktemp("case"), case, case.before)
    if request.config.getoption("--bless"):
        case = cases.bless_marks(case, cases.reported(analysis.findings, analysis.sources))
        analysis, planned = migrate(tmp_path_factory.mktemp("case"), case, case.before)
        case = cases.bless_after(case, planned.changes)
    return Outcome(case, analysis, planned)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_case_lies_with_its_rule(case: Case) -> None:
    assert case.rule in {rule.name for rule in RULES}


def test_exact_bytes(outcome: Outcome) -> None:
    assert not outcome.plan.dropped
    assert dict(outcome.plan.changes) == dict(outcome.case.after)


def test_result_parses(outcome: Outcome) -> None:
    for path, data in outcome.plan.changes.items():
        if path.endswith((".py", ".ipynb")):
            ast.parse(decode(path, data).code)


def test_second_run_changes_nothing(outcome: Outcome, tmp_path: Path) -> None:
    _, again = migrate(tmp_path, outcome.case, outcome.result)
    assert not again.changes


def test_bytes_outside_of_fixes_stay(outcome: Outcome) -> None:
    for path, data in outcome.plan.changes.items():
        source = outcome.analysis.sources[path]
        fixes = [f.fix for f in outcome.plan.applied if f.path == path and f.fix is not None]
        changed = [touched(source, change) for fix in fixes for change in fix.changes] + list(import_spans(source))
        lines = {statement(i) for fix in fixes for i in fix.imports}
        every = without_inserted(decode(path, data).text, fixes)
        assert any(cases.is_untouched(source.text, after, changed, lines) for after in every)


def touched(source: Source, change: Change) -> Span:
    """Return what a change may alter: the line, too, where it takes a statement out."""
    if any(isinstance(operation, ReplaceStatement) and not operation.statements for operation in change.operations):
        found = re.compile(r"[^\r\n]*(?:\r\n|\r|\n|\Z)").match(source.text, change.span.end)
        assert found is not None
        return Span(source.lines.starts[source.lines.line(change.span.start) - 1], found.end())
    return change.span


def without_inserted(text: str, fixes: Sequence[Fix]) -> list[str]:
    """Return the text without the statements that the fixes put behind others: with the empty lines above a function,
    and without them, as it may have brought these along."""
    newline = r"(?:\r\n|\r|\n)"
    changes = [change for fix in fixes for change in fix.changes]
    operations = dict.fromkeys((c.span, operation) for c in changes for operation in c.operations)
    for name in dict.fromkeys(o.name for _, o in operations if isinstance(o, CopyBeside)):
        text = without_assignments(text, name)
    texts = [text]
    for code in dict.fromkeys(d.code.strip() for fix in fixes for d in fix.definitions):
        written = re.compile(newline.join(map(re.escape, code.split("\n"))) + newline * 3)
        assert all(len(written.findall(text)) == 1 for text in texts)
        alone = re.compile(newline * 2 + written.pattern)
        texts = [pattern.sub("", text) for pattern in (written, alone) for text in texts]
    return [without_statements(text, operations) for text in texts]


def without_statements(text: str, operations: Iterable[tuple[Span, Operation]]) -> str:
    """Return the text without the statements that are put behind others."""
    newline = r"(?:\r\n|\r|\n)"
    for _, operation in operations:
        if isinstance(operation, InsertAfter):
            blank = newline if operation.past_imports else ""
            lines = "".join(rf"{newline}[ \t]*{re.escape(line)}" for line in operation.statements)
            text, count = re.subn(blank + lines, "", text, count=1)
            assert count == 1
    return text


def without_assignments(text: str, name: str) -> str:
    """Return the text without the lines that give something of this name a value."""
    module = Module(text)
    for node in reversed([node for node in ast.walk(module.tree) if isinstance(node, ast.Assign)]):
        if ast.unparse(node.targets[0]).split(".")[-1] == name:
            span = module.span(node)
            before = re.search(r"(?:\r\n|\r|\n)[ \t]*\Z", text[: span.start])
            assert before is not None
            text = text[: before.start()] + text[span.end :]
    return text


def import_spans(source: Source) -> Iterator[Span]:
    """Yield where import statements stand: a fix may add a name to one."""
    if source.path.endswith((".py", ".ipynb")):
        module = Module(source.code)
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Import | ast.ImportFrom):
                yield module.span(node)


def statement(wanted: Import) -> str:
    return f"from {wanted.module} import {wanted.name}" if wanted.name else f"import {wanted.module}"


def test_findings_are_the_marks(outcome: Outcome) -> None:
    found = cases.reported(outcome.analysis.findings, outcome.analysis.sources)
    marked = outcome.case.marks
    noisy = [f"{path}:{line} {code}" for (path, line), code in sorted((found - marked).elements())]
    missing = [f"{path}:{line} {code}" for (path, line), code in sorted((marked - found).elements())]
    assert (noisy, missing) == ([], []), f"without a mark: {noisy}; marked but not found: {missing}"


def test_crlf_twin_gives_the_crlf_twin(outcome: Outcome, tmp_path: Path) -> None:
    if any(b"\r" in data for data in outcome.case.before.values()):
        pytest.skip("the case has carriage returns of its own")
    _, twin = migrate(tmp_path, outcome.case, cases.with_crlf(outcome.case.before))
    assert dict(twin.changes) == cases.with_crlf(outcome.plan.changes)


def test_order_of_rules_makes_no_difference(outcome: Outcome, tmp_path: Path) -> None:
    shuffled = random.Random(outcome.case.name).sample(RULES, len(RULES))
    for i, rules in enumerate((RULES[::-1], shuffled)):
        analysis, planned = migrate(tmp_path / str(i), outcome.case, outcome.case.before, rules)
        assert analysis.findings == outcome.analysis.findings
        assert planned.changes == outcome.plan.changes


def test_diff_is_taken_by_git_apply(
    outcome: Outcome, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    monkeypatch.chdir(cases.write(tmp_path, outcome.case.before))
    set_day(monkeypatch, outcome.case)
    state = snapshot(tmp_path)
    code = app.main(["rewrite", *outcome.case.arguments, "--diff"])
    patch, said = capfdbinary.readouterr()
    assert code == bool(outcome.plan.changes), said.decode()
    assert snapshot(tmp_path) == state, "--diff wrote"
    assert not any(key in patch + said for path in outcome.case.before for key in keys_of(outcome.case, path))
    if b"masked in this diff" in said:
        assert any(keys_of(outcome.case, path) for path in outcome.plan.changes)
        return  # what is masked cannot be applied
    if outcome.plan.changes:
        apply(patch, tmp_path)
    else:
        assert patch == b""
    assert cases.read(tmp_path) == outcome.result


def set_day(monkeypatch: pytest.MonkeyPatch, case: Case) -> None:
    """Let the program think that it is the day of the case; without one it is long ago."""
    noon = datetime.datetime.combine(case.today or datetime.date(2000, 1, 1), datetime.time(12), datetime.timezone.utc)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(int(noon.timestamp())))


def keys_of(case: Case, path: str) -> list[bytes]:
    """Return the keys that stand in a file."""
    return [found[0] for found in re.finditer(SECRET.pattern.encode(), case.before[path])]


def test_check_writes_nothing(
    outcome: Outcome, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    monkeypatch.chdir(cases.write(tmp_path, outcome.case.before))
    set_day(monkeypatch, outcome.case)
    state = snapshot(tmp_path)
    code = app.main(["rewrite", *outcome.case.arguments, "--check"])
    assert code == bool(outcome.plan.changes), capfdbinary.readouterr().err.decode()
    assert snapshot(tmp_path) == state


def snapshot(folder: Path) -> dict[str, tuple[int, int]]:
    """Return what a write would change: everything below the folder, with sizes and times."""
    found = {}
    for place in folder.rglob("*"):
        state = place.stat()
        found[place.relative_to(folder).as_posix()] = (state.st_size, state.st_mtime_ns)
    return found


def apply(patch: bytes, folder: Path) -> None:
    """Apply a patch with git, out of reach of any repository or settings."""
    nowhere = {
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CEILING_DIRECTORIES": str(folder.parent),
    }
    run = subprocess.run(
        ["git", "apply", "--whitespace=nowarn", "-"],
        input=patch,
        cwd=folder,
        env={**os.environ, **nowhere},
        capture_output=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr.decode()
