"""The module that chooses the provider, for style ``switch``: where it lies, and what it says."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable
from pathlib import PurePosixPath

from llm_codemods import switched
from llm_codemods.analysis import Analysis
from llm_codemods.operations import Import, Replace
from llm_codemods.report import Finding
from llm_codemods.tree import is_switch
from llm_codemods.ways import switch

NAME = "llm_provider"


Exists = Callable[[str], bool]
"""Says whether there is a file, by its path from the root."""


def place(analysis: Analysis, exists: Exists) -> tuple[str, str]:
    """Return the dotted name of the module, and its file."""
    file = _file(analysis, exists)
    return _dotted(exists, file), file


def _file(analysis: Analysis, exists: Exists) -> str:
    """Return where the module lies, or is to lie: in the one package that needs it, beside the files, or at the top."""
    existing = next((path for path, source in analysis.sources.items() if is_switch(source)), None)
    if existing is not None:
        return existing
    needing = {f.path for f in analysis.findings if f.fix is not None and _needs(f)}
    packages = {p for p in (_package(exists, path) for path in needing) if p is not None}
    folders = {str(PurePosixPath(path).parent) for path in needing}
    alone = folders.pop() if len(folders) == 1 and not packages else "."
    folder = packages.pop() if len(packages) == 1 else alone
    names = (NAME if number == 1 else f"{NAME}_{number}" for number in itertools.count(1))
    files = ((PurePosixPath(folder) / f"{name}.py").as_posix() for name in names)
    return next(file for file in files if not exists(file))


def _needs(finding: Finding) -> bool:
    """Whether a fix uses the module."""
    return finding.fix is not None and any(NAME in (i.name or i.module) for i in finding.fix.imports)


def _package(exists: Exists, path: str) -> str | None:
    """Return the folder of the outermost package that a file lies in."""
    inside = itertools.takewhile(lambda f: exists(f"{f}/__init__.py"), PurePosixPath(path).parents)
    return max((folder.as_posix() for folder in inside if folder.name), key=lambda f: -f.count("/"), default=None)


def _dotted(exists: Exists, file: str) -> str:
    """Return the name under which the module is imported."""
    path = PurePosixPath(file)
    packages = itertools.takewhile(lambda f: f.name and exists(f"{f}/__init__.py"), path.parents)
    return ".".join((*reversed([folder.name for folder in packages]), path.stem))


def written(analysis: Analysis, applied: Iterable[Finding]) -> dict[str, bytes]:
    """Return the module as it must be for these changes, by its path; nothing where it need not change."""
    target = analysis.target
    findings = [f for f in applied if f.fix is not None and _imports(f, switched.imported(target))] if target else []
    if target is None or not findings:
        return {}
    models: dict[str, str] = {}
    seeing: dict[str, str] = {}
    for finding in findings:
        code = (
            " ".join(o.code for c in finding.fix.changes for o in c.operations if isinstance(o, Replace))
            if finding.fix
            else ""
        )
        if finding.name == "model-name":
            vision = "vision=True" in code
            (seeing if vision else models)[finding.api] = str(target.model_for(finding.api, vision=vision))
    existing = analysis.sources.get(target.module_file)
    if existing is None:
        return {target.module_file: switch.module_text(target, models, seeing).encode()}
    text = switch.with_tables(existing.text, models, seeing)
    return {target.module_file: text.encode()} if text != existing.text else {}


def _imports(finding: Finding, module: Import) -> bool:
    return finding.fix is not None and module in finding.fix.imports
