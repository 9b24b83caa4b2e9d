"""The settings and the pre-commit hook that ``llm-migrate init`` writes, as text edits that leave the rest as it is."""

from __future__ import annotations

import json
import re

import tomli

from llm_codemods.configuration import files
from llm_codemods.source import decode
from llm_codemods.text import Text, text
from llm_migrate.config import FILE, TABLE
from llm_migrate.errors import UserError

HOOKS = ".pre-commit-config.yaml"
BASELINE = ".llm-migrate-baseline.json"
"""What the hook lets pass, in the project's root."""
HOOK = """\
- repo: local
  hooks:
    - id: llm-migrate-scan
      name: no new OpenAI calls (llm-migrate scan)
      entry: llm-migrate scan --hook{baseline}
      language: system
      types_or: [python, pyi, jupyter, yaml, dotenv]
      require_serial: true
"""
"""It runs the command that is installed, so that no address of a repository is needed."""
HEADER = re.compile(r"^[ \t]*\[[ \t]*tool[ \t]*\.[ \t]*llm-migrate[ \t]*\][^\n]*\n?", re.MULTILINE)
REPOS = re.compile(r"^repos:[ \t]*(\[[ \t]*\][ \t]*)?(#[^\n]*)?\n?", re.MULTILINE)
ITEM = re.compile(r"^([ ]*)- ", re.MULTILINE)
AFTER = re.compile(r"(?:^[ \t]*\n|^#[^\n]*\n?)*\Z", re.MULTILINE)
"""Free lines and comments at the left edge, behind the last item of a list."""
TOP_LEVEL = re.compile(r"^[^\s#-]", re.MULTILINE)


def with_settings(old: str | None, to: str) -> str:
    """Return a pyproject.toml in which the provider is set; ``old`` None: there is no such file.

    Raises:
        UserError: it is not TOML, or another provider is set in it.
    """
    line = f"to = {json.dumps(to)}\n"
    if old is None:
        return f"[{TABLE}]\n{line}"
    try:
        before = tomli.loads(old)
    except tomli.TOMLDecodeError as error:
        raise UserError(text("{file} is not valid TOML: {reason}", file=FILE, reason=str(error))) from None
    tool = before.get("tool", {})
    table = tool.get("llm-migrate") if isinstance(tool, dict) else None
    if isinstance(table, dict) and "to" in table:
        if table["to"] == to:
            return old
        raise UserError(
            text("{file} names another provider: {name}", file=FILE, name=str(table["to"])),
            text("change it there: {line}", line=line.strip()),
        )
    end = "" if not old or old.endswith("\n") else "\n"
    if HEADER.search(old) is None:
        new = f"{old}{end}\n[{TABLE}]\n{line}" if old.strip() else f"[{TABLE}]\n{line}"
    else:
        new = HEADER.sub(lambda found: found[0] + ("" if found[0].endswith("\n") else "\n") + line, old, count=1)
    if _settings(new) != {**(table or {}), "to": to}:
        raise UserError(text("cannot add to the settings in {file}", file=FILE), _by_hand(FILE, f"[{TABLE}] {line}"))
    return new


def _settings(document: str) -> object:
    try:
        return tomli.loads(document)["tool"]["llm-migrate"]
    except (tomli.TOMLDecodeError, KeyError, TypeError):
        return None


def has_hook(old: str | None) -> bool:
    """Whether a pre-commit configuration has the hook."""
    return old is not None and "llm-migrate-scan" in old


def with_hook(old: str | None, *, baseline: bool = False) -> str:
    """Return a pre-commit configuration with the hook; ``old`` None: there is no such file.

    ``baseline``: it lets the findings in ``BASELINE`` pass.

    Raises:
        UserError: it is written in a way that nothing can be added to.
    """
    hook = HOOK.format(baseline=f" --baseline {BASELINE}" if baseline else "")
    if old is None or not old.strip():
        return f"repos:\n{_indented(hook, '  ')}"
    if has_hook(old):
        return old
    found = REPOS.search(old)
    if found is None:
        raise UserError(text("cannot add a hook to {file}", file=HOOKS), _by_hand(HOOKS, hook))
    following = TOP_LEVEL.search(old, found.end())
    end = following.start() if following is not None else len(old)
    items = old[found.end() : end]
    first = ITEM.search(items)
    indent = first[1] if first is not None else "  "
    head = old[: found.start()] + "repos:" + (f" {found[2]}" if found[2] else "") + "\n"
    after = AFTER.search(items)
    cut = after.start() if after is not None else len(items)
    listed = items[:cut] + ("" if not items[:cut] or items[:cut].endswith("\n") else "\n")
    new = head + listed + _indented(hook, indent) + items[cut:] + old[end:]
    if files.breaks(decode(HOOKS, old.encode()), decode(HOOKS, new.encode())):
        raise UserError(text("cannot add a hook to {file}", file=HOOKS), _by_hand(HOOKS, hook))
    return new


def _indented(block: str, indent: str) -> str:
    return "".join(indent + line for line in block.splitlines(keepends=True))


def _by_hand(file: str, what: str) -> Text:
    return text("add this to {file} by hand:\n{what}", file=file, what=what)
