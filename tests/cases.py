"""Cases under ``fixtures/rules/<rule>/<case>/``: what the code was, what it becomes, which lines are reported.

A case is one file (``before.py``, ``after.py``; any suffix, in the project it is called ``main.py``) or a project
(folders ``before/`` and ``after/``, the latter with the files that change). No ``after``: nothing may change.
``case.toml`` says where to: ``to`` (a provider, or a profile file beside it), ``from``, ``region``, ``map``, ``sdk``,
``embeddings``, ``include``, ``today`` (the day on which models are judged; without it none has ended); ``run`` when
the result is to be executed (``true``: its ``main.py``, else the file that it names), ``environment`` the variables
that are set then, ``before_fails`` the exception that it ends with without the rule, ``not_run`` why Python that
changes is not executed; ``finds``: the lines to be reported of files in which no comment can stand behind a line,
``framework`` where it is to be executed with that framework, and ``sends``, what must arrive then: a list of parts of
the requests' bodies.
"""

from __future__ import annotations

import datetime
import json
import re
import shutil
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

import tomli

from llm_codemods import profile as profiles
from llm_codemods.edits import Edit, Span, apply
from llm_codemods.profile import Profile
from llm_codemods.report import Finding, Verdict
from llm_codemods.sdk import Sdk
from llm_codemods.source import Source, SourceError, decode, encode, rewrite

ROOT = Path(__file__).parents[1]
FIXTURES = ROOT / "fixtures" / "rules"
OPTIONS = {
    *("to", "from", "today", "region", "map", "sdk", "embeddings", "include"),
    *("run", "environment", "before_fails", "not_run", "finds", "framework", "sends"),
}
SLASHES = frozenset({".js", ".jsx", ".mjs", ".ts", ".tsx", ".vue"})
"""Suffixes of files whose comments begin with ``//``."""
UNMARKED = frozenset({".json", ".lock", ".md", ".rst", ".ipynb"})
"""Suffixes of files in which no comment can stand behind a line; nor can it in a Dockerfile or a file of no suffix."""

Files = Mapping[str, bytes]
"""A project: path, relative and posix, -> bytes."""
Line = tuple[str, int]
"""Path and 1-based line; in a notebook the line of all its code cells' text."""

_MARK = re.compile(r"[ \t]*(?:#|//) finds: (LM\d{3}(?:, LM\d{3})*)[ \t]*(?=\r|\n|\Z)")


@dataclass(frozen=True)
class Case:
    """One case. ``after`` holds only the files that change."""

    folder: Path
    before: Files
    after: Files
    to: str
    region: str | None
    models: Mapping[str, str]
    sdk: Sdk
    origin: str | None
    today: datetime.date | None
    include: Sequence[str]
    """``["review"]``: the changes that need a person's look are made, too."""
    run: str | None
    """The file to be executed."""
    before_fails: str | None
    embeddings: str | None
    finds: Mapping[str, Sequence[str]]
    """Path -> ``line codes``, as in ``"3 LM606, LM607"``."""
    framework: str | None = None
    sends: Sequence[Mapping[str, Any]] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    not_run: str | None = None

    @property
    def marks(self) -> Counter[tuple[Line, str]]:
        """Line and code of everything that is to be reported."""
        listed = ((path, *row.split(" ", 1)) for path, rows in self.finds.items() for row in rows)
        return marks(self.before) + Counter(
            ((path, int(line)), code) for path, line, codes in listed for code in codes.split(", ")
        )

    @property
    def rule(self) -> str:
        return self.folder.parent.name

    @property
    def name(self) -> str:
        return f"{self.rule}/{self.folder.name}"

    @property
    def profile(self) -> Profile:
        if self.to.endswith(".toml"):
            return profiles.parse((self.folder / self.to).read_text("utf-8"), self.to)
        return profiles.find(self.to)

    @property
    def arguments(self) -> list[str]:
        """The case's target as it is given on the command line."""
        to = str(self.folder / self.to) if self.to.endswith(".toml") else self.to
        region = [] if self.region is None else ["--region", self.region]
        sdk = [] if self.sdk is Sdk.CURRENT else ["--sdk", self.sdk.value]
        models = [word for pair in self.models.items() for word in ("--map", "=".join(pair))]
        region += [] if self.origin is None else ["--from", self.origin]
        more = [word for verdict in self.include for word in ("--include", verdict)]
        second = [] if self.embeddings is None else ["--embeddings", self.embeddings]
        return ["--to", to, *region, *sdk, *second, *models, *more]


def load(folder: Path) -> Case:
    """Read a case.

    Raises:
        ValueError: an unknown option, neither or both of the two forms, or an ``after`` without its ``before``.
    """
    options = tomli.loads((folder / "case.toml").read_text("utf-8"))
    unknown = options.keys() - OPTIONS
    if unknown:
        raise ValueError(f"{folder}: unknown options in case.toml: {', '.join(sorted(unknown))}")
    singles = {f.name: f.read_bytes() for f in folder.iterdir() if f.is_file() and f.stem in ("before", "after")}
    before = read(folder / "before") | {_project_name(n): b for n, b in singles.items() if n.startswith("before")}
    after = read(folder / "after") | {_project_name(n): b for n, b in singles.items() if n.startswith("after")}
    if not before or (singles and (folder / "before").is_dir()):
        raise ValueError(f"{folder}: give either one file before.* or a folder before/")
    if after.keys() - before.keys():
        raise ValueError(f"{folder}: after, but not before: {', '.join(sorted(after.keys() - before.keys()))}")
    same = sorted(path for path, data in after.items() if before[path] == data)
    if same:
        raise ValueError(f"{folder}: after holds only what changes: {', '.join(same)} does not")
    run = {True: "main.py", False: None}.get(options.get("run", False), options.get("run"))
    if run is not None and "not_run" in options:
        raise ValueError(f"{folder}: it is run, and not_run says why it is not")
    if run is not None and run not in before:
        raise ValueError(f"{folder}: there is no {run} to be run")
    return Case(
        folder,
        before,
        after,
        to=options["to"],
        region=options.get("region"),
        models=options.get("map", {}),
        origin=options.get("from"),
        today=options.get("today"),
        include=options.get("include", ()),
        sdk=Sdk(options.get("sdk", "current")),
        run=run,
        before_fails=options.get("before_fails"),
        embeddings=options.get("embeddings"),
        finds=options.get("finds", {}),
        framework=options.get("framework"),
        sends=options.get("sends", ()),
        environment=options.get("environment", {}),
        not_run=options.get("not_run"),
    )


def every() -> list[Case]:
    """Return all cases, by name."""
    return [load(file.parent) for file in sorted(FIXTURES.glob("*/*/case.toml"))]


def _project_name(file: str) -> str:
    return "main" + Path(file).suffix


def read(folder: Path) -> dict[str, bytes]:
    """Return all files below a folder; none if there is no such folder."""
    return {f.relative_to(folder).as_posix(): f.read_bytes() for f in sorted(folder.rglob("*")) if f.is_file()}


def write(folder: Path, files: Files) -> Path:
    """Put the files into a folder and return it."""
    for path, data in files.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
    return folder


def with_crlf(files: Files) -> dict[str, bytes]:
    """Return the files with carriage return and line feed at the end of every line."""
    return {path: data.replace(b"\n", b"\r\n") for path, data in files.items()}


# Marks


def marks(files: Files) -> Counter[tuple[Line, str]]:
    """Return place and code of every mark ``# finds: LM301, LM302``."""
    return Counter(
        ((source.path, source.lines.line(match.start())), code)
        for source in sources(files)
        for match in _MARK.finditer(source.text)
        for code in match[1].split(", ")
    )


def reported(findings: Iterable[Finding], read: Mapping[str, Source]) -> Counter[tuple[Line, str]]:
    """Return place and code of every finding that leaves something to do; a finding stands where its span begins."""
    return Counter(
        ((f.path, read[f.path].lines.line(f.span.start)), f.code) for f in findings if f.verdict is not Verdict.READY
    )


def sources(files: Files) -> list[Source]:
    """Return the files that can be read as text."""
    return [source for path, data in files.items() if (source := _decoded(path, data)) is not None]


def _decoded(path: str, data: bytes) -> Source | None:
    try:
        return decode(path, data)
    except SourceError:
        return None


# Untouched bytes


def is_untouched(before: str, after: str, changed: Iterable[Span], new_lines: Iterable[str]) -> bool:
    """Whether ``after`` is ``before`` but for what stands in ``changed`` and for lines equal to one of ``new_lines``.

    Up to one blank line before and two after the new lines count as theirs.
    """
    segments: list[str] = []
    done = 0
    for span in sorted(changed):
        if span.start >= done:
            segments.append(before[done : span.start])
        done = max(done, span.end)
    segments.append(before[done:])
    return any(_holds_in_order(text, segments) for text in _without(after, set(new_lines)))


def _holds_in_order(text: str, segments: list[str]) -> bool:
    """Whether ``text`` begins with the first segment, ends with the last, and has the others between them in order."""
    if len(segments) == 1:
        return text == segments[0]
    at, end = len(segments[0]), len(text) - len(segments[-1])
    if not text.startswith(segments[0]) or not text.endswith(segments[-1]) or end < at:
        return False
    for segment in segments[1:-1]:
        found = text.find(segment, at, end)
        if found < 0:
            return False
        at = found + len(segment)
    return True


def _without(text: str, lines: set[str]) -> Iterable[str]:
    kept: list[str] = []
    place: int | None = None
    for line in re.findall(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+\Z", text):
        if line.strip() in lines:
            place = len(kept) if place is None else place
        else:
            kept.append(line)
    yield text
    if place is None:
        return
    for above in (0, 1):
        for below in (0, 1, 2):
            gap = kept[place - above : place + below]
            if place >= above and not "".join(gap).strip():
                yield "".join(kept[: place - above] + kept[place + below :])


# Blessing


def bless_marks(case: Case, found: Counter[tuple[Line, str]]) -> Case:
    """Write the marks that the findings ask for into the case's ``before`` and return the case anew."""
    _write_finds(case, found)
    for source in sources(case.before):
        if not takes_marks(source.path):
            continue
        new = _marked(source, found)
        if new != source.text:
            marked = rewrite(source, _by_line(source.text, new))
            _file(case, "before", source.path).write_bytes(encode(marked))
    shutil.rmtree(case.folder / "after", ignore_errors=True)
    for path in case.after:
        _file(case, "after", path).unlink(missing_ok=True)
    return load(case.folder)


def _by_line(old: str, new: str) -> Iterator[Edit]:
    """Yield what makes the new text of the old one, which has as many lines."""
    at = 0
    for before, after in zip(old.splitlines(keepends=True), new.splitlines(keepends=True), strict=True):
        if before != after:
            yield Edit(at, at + len(before.rstrip("\r\n")), after.rstrip("\r\n"))
        at += len(before)


def takes_marks(path: str) -> bool:
    """Whether a comment can stand behind a line of a file."""
    place = PurePosixPath(path)
    named = place.suffix or place.name in ("Makefile", "Procfile") or place.name.startswith(".env")
    return bool(named) and place.suffix not in UNMARKED


def _write_finds(case: Case, found: Counter[tuple[Line, str]]) -> None:
    """Write into ``case.toml`` what is found in files that take no marks."""
    rows: dict[str, dict[int, list[str]]] = {}
    for (path, line), code in sorted(found.elements()):
        if path in case.before and not takes_marks(path):
            rows.setdefault(path, {}).setdefault(line, []).append(code)
    file = case.folder / "case.toml"
    options = file.read_text("utf-8").partition("\n[finds]\n")[0].rstrip("\n") + "\n"
    lines = [
        f"{json.dumps(path)} = {json.dumps([f'{line} {codes}' for line, codes in _joined(at)])}\n"
        for path, at in rows.items()
    ]
    file.write_text(options + ("\n[finds]\n" + "".join(lines) if lines else ""), "utf-8")


def _joined(at: Mapping[int, list[str]]) -> list[tuple[int, str]]:
    return [(line, ", ".join(codes)) for line, codes in at.items()]


def bless_after(case: Case, changes: Files) -> Case:
    """Write what the case becomes and return it anew."""
    for path, data in changes.items():
        file = _file(case, "after", path)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
    return load(case.folder)


def _file(case: Case, side: str, path: str) -> Path:
    if (case.folder / "before").is_dir():
        return case.folder / side / path
    return case.folder / (side + Path(path).suffix)


def _marked(source: Source, found: Counter[tuple[Line, str]]) -> str:
    have = {source.lines.line(m.start()): (m, m[1].split(", ")) for m in _MARK.finditer(source.text)}
    wanted: dict[int, list[str]] = {}
    for (path, line), code in sorted(found.elements()):
        if path == source.path:
            wanted.setdefault(line, []).append(code)
    edits = []
    for line in have.keys() | wanted.keys():
        codes = wanted.get(line, [])
        if line in have:
            match, marked = have[line]
            if sorted(marked) != codes:
                edits.append(Edit(match.start(), match.end(), _mark(codes, source.path)))
        else:
            end = re.compile(r"[^\r\n]*").match(source.text, source.lines.starts[line - 1])
            assert end is not None
            edits.append(Edit(end.end(), end.end(), _mark(codes, source.path)))
    return apply(source.text, edits)


def _mark(codes: list[str], path: str) -> str:
    comment = "//" if PurePosixPath(path).suffix in SLASHES else "#"
    return f"  {comment} finds: {', '.join(codes)}" if codes else ""
