"""The forms of files that are no Python, told apart by their names."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Mapping
from enum import Enum
from functools import lru_cache
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from llm_codemods.source import Source


class Form(str, Enum):
    """What a file is written in."""

    DOTENV = "dotenv"
    COMPOSE = "compose"
    LOCK = "lock"
    FOREIGN_LOCK = "foreign lock"
    REQUIREMENTS = "requirements"
    DOCKERFILE = "Dockerfile"
    MAKEFILE = "Makefile"
    PROCFILE = "Procfile"
    SHELL = "shell"
    YAML = "YAML"
    TOML = "TOML"
    JSON = "JSON"
    INI = "INI"
    DOCUMENT = "document"
    JAVASCRIPT = "JavaScript"
    POWERSHELL = "PowerShell"
    BICEP = "Bicep"
    TERRAFORM = "Terraform"
    SQL = "SQL"
    NOTEBOOK = "notebook"
    """IPython's commands in one; no file is called so."""


NAMES: Mapping[Form, tuple[str, ...]] = {
    Form.DOTENV: (".env", ".env.*", "*.env", "env"),
    Form.COMPOSE: ("docker-compose*.yml", "docker-compose*.yaml", "compose*.yml", "compose*.yaml"),
    Form.LOCK: ("uv.lock", "poetry.lock", "pdm.lock", "Pipfile.lock", "requirements*.lock"),
    Form.FOREIGN_LOCK: ("package-lock.json", "npm-shrinkwrap.json", "pnpm-lock.yaml"),
    # see ``told_by``
    Form.REQUIREMENTS: ("*requirements*.txt", "requirement.txt", "*requirements*.in", "constraints*.txt"),
    Form.DOCKERFILE: ("Dockerfile", "Dockerfile.*", "*.Dockerfile", "*.dockerfile", "Containerfile"),
    Form.MAKEFILE: ("Makefile", "makefile", "GNUmakefile", "*.mk"),
    Form.PROCFILE: ("Procfile", "Procfile.*"),
    Form.SHELL: ("*.sh", "*.bash", "*.zsh", ".envrc", ".bashrc", ".profile"),
    Form.YAML: ("*.yml", "*.yaml", "*_yaml", "*.prompty"),
    Form.TOML: ("*.toml", "Pipfile"),
    Form.JSON: ("*.json", "OAI_CONFIG_LIST", "OAI_CONFIG_LIST.*"),
    Form.INI: ("*.ini", "*.cfg", "*.properties"),
    Form.DOCUMENT: ("*.md", "*.mdx", "*.markdown", "*.qmd", "*.rst", "*.adoc", "*.http"),
    Form.JAVASCRIPT: ("*.js", "*.jsx", "*.ts", "*.tsx", "*.mjs", "*.cjs", "*.mts", "*.cts", "*.vue", "*.svelte"),
    Form.POWERSHELL: ("*.ps1", "*.psm1"),
    Form.BICEP: ("*.bicep", "*.bicepparam"),
    Form.TERRAFORM: ("*.tf", "*.tfvars"),
    Form.SQL: ("*.sql",),
}
"""Globs of file names; the first form that fits counts. What makes a template of a file may follow. A file without a
suffix is shell if its first line says so."""

_BY_NAME = re.compile(
    "|".join(f"(?P<{form.name}>{'|'.join(map(fnmatch.translate, globs))})" for form, globs in NAMES.items())
)
TEMPLATE = re.compile(r"[._-](?:dist|examples?|sample|template|tmpl|tpl|jinja2?|j2)(?:\.txt)?$")
"""What makes a template of a file: ``secrets.toml.example``, ``.env_sample``, ``env_template.txt``."""
_SHEBANG = re.compile(r"#![^\n]*\b(?:ba|da|k|z)?sh\b")


def told_by(path: str) -> str:
    """Return the part of a path that says what a file is: its name, and a folder for ``requirements/base.txt``."""
    folder, _, name = path.rpartition("/")
    listed = folder.endswith("requirements") and name.endswith((".in", ".txt"))
    return f"requirements/{name}" if listed else name


def form_by_name(path: str) -> Form | None:
    """Return the form that a path's last part says; None for Python, notebooks and what we do not read."""
    return _by_name(told_by(path))


@lru_cache(maxsize=4096)
def _by_name(name: str) -> Form | None:
    found = _BY_NAME.match(name)
    if not found and (template := TEMPLATE.search(name)):
        made = name[: template.start()]
        found = _BY_NAME.match(made) or _BY_NAME.match(f".{made}")  # ``env.example`` is one of ``.env``
    return Form[found.lastgroup] if found and found.lastgroup else None


def form_of(source: Source) -> Form | None:
    """Return the form of a file by its name, or by its first line where the name says nothing."""
    form = form_by_name(source.path)
    if form is None and not PurePosixPath(source.path).suffix and _SHEBANG.match(source.text):
        return Form.SHELL
    return form
