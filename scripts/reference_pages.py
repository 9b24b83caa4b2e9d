"""Write the reference of the documentation from the program itself, in English and in Chinese.

``python scripts/reference_pages.py`` writes ``docs/reference`` and ``docs/zh/reference``: the rules from their
docstrings with an example from their cases, the commands from their help, the JSON documents from runs on a small
project, the exit codes, and the keys of profiles and settings from their dataclasses. ``--check`` writes nothing and
fails when a page says something else.
"""

from __future__ import annotations

import argparse
import contextlib
import difflib
import io
import json
import os
import re
import sys
import tempfile
import types
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import MISSING, Field, dataclass, fields
from enum import Enum
from pathlib import Path
from typing import Any, Union, get_args, get_origin, get_type_hints

import tomli

from llm_codemods import pages as rule_pages
from llm_codemods import profile as profiles
from llm_codemods.rule import Rule
from llm_codemods.rules import RULES
from llm_migrate import group, language
from llm_migrate.app import main as run
from llm_migrate.config import Config
from llm_migrate.errors import ExitCode
from llm_migrate.language import say
from llm_migrate.render.page import heading, plain

ROOT = Path(__file__).resolve().parent.parent
FIXTURES = ROOT / "fixtures" / "rules"
FIELDS = Path(__file__).with_name("reference_fields.toml")
LONGEST = 14
"""Lines of an example."""

GROUPS = {
    "LM1": ("Clients", "客户端"),
    "LM2": ("Models", "模型"),
    "LM3": ("Parameters", "参数"),
    "LM4": ("Messages and responses", "消息与响应"),
    "LM5": ("Errors", "错误处理"),
    "LM6": ("Environment, configuration, dependencies", "环境变量、配置与依赖"),
    "LM7": ("Frameworks", "框架"),
    "LM8": ("Requests by hand", "手写的 HTTP 请求"),
    "LM9": ("What cannot be told", "无法判断的情况"),
}
"""Beginning of a code -> what its rules are about, in English and in Chinese."""

EXIT_CODES = {
    ExitCode.DONE: ("nothing is left to do", "没有遗留问题"),
    ExitCode.FINDINGS: (
        "findings remain, files would change, or a probe failed",
        "仍有待处理之处、有文件需要改动，或有探测未通过",
    ),
    ExitCode.ERROR: ("wrong usage, configuration or input, or a bug of ours", "用法、配置或输入有误，或本工具的缺陷"),
    ExitCode.INTERRUPTED: ("interrupted", "被中断"),
}

SAMPLE = {
    "app.py": """\
from openai import OpenAI

client = OpenAI()
answer = client.chat.completions.create(
    model="gpt-4o-mini",
    messages=[{"role": "user", "content": "hello"}],
    user="reader-1",
)
"""
}
"""The project that the JSON documents speak of."""

DOCUMENTS = (
    ("scan --to qwen --format json", "scan.json"),
    ("rewrite --to qwen --check --format json", "rewrite.json"),
    ("compare --to qwen --volume 100M/20M --format json", "compare.json"),
    ("check --to qwen --list --format json .", "check-list.json"),
    ("providers --format json", "providers.json"),
    ("providers show qwen --format json", "providers-show.json"),
    ("providers compare qwen zhipu --format json", "providers-compare.json"),
    ("explain LM203 --format json", "explain.json"),
    ("explain G19 --format json", "explain-gotcha.json"),
    ("scan --to qwen --write-baseline known.json", "known.json"),
)
"""Command -> the file that its document would be kept in; the last writes that file itself."""

TABLES = {
    "Profile": profiles.Profile,
    "Row": profiles.Row,
    "Source": profiles.Source,
    "Region": profiles.Region,
    "Model": profiles.Model,
    "ModelMapping": profiles.ModelMapping,
    "Parameter": profiles.Parameter,
    "Role": profiles.Role,
    "Endpoint": profiles.Endpoint,
    "Feature": profiles.Feature,
    "ResponseField": profiles.ResponseField,
    "ErrorShape": profiles.ErrorShape,
    "Config": Config,
}
HEADS = {
    "Profile": ("At the top", "顶层"),
    "Row": ("In every row", "每一行都有"),
    "Source": ("`[sources.KEY]`", "`[sources.键]`"),
    "Region": ("`[regions.ID]`", "`[regions.ID]`"),
    "Model": ("`[models.NAME]`", "`[models.名称]`"),
    "ModelMapping": ("`[[mapping]]`", "`[[mapping]]`"),
    "Parameter": ('`[parameters."chat.completions"]`', '`[parameters."chat.completions"]`'),
    "Role": ("`[roles]`", "`[roles]`"),
    "Endpoint": ("`[endpoints]`", "`[endpoints]`"),
    "Feature": ("`[features]`", "`[features]`"),
    "ResponseField": ("`[response]`", "`[response]`"),
    "ErrorShape": ("`[errors]`", "`[errors]`"),
}
KINDS = {
    str: ("string", "字符串"),
    int: ("integer", "整数"),
    float: ("number", "数字"),
    bool: ("boolean", "布尔值"),
    profiles.Note: ("text, or `{ en, zh }`", "文本，或 `{ en, zh }`"),
}
"""Types of Python -> what they are called in TOML."""


@dataclass(frozen=True, slots=True)
class Edition:
    """The pages in one language: where they lie, and what they say that no command says."""

    language: language.Language
    folder: Path
    other: str
    """The way from the folder to that of the other language."""
    other_name: str
    generated: str
    index: tuple[str, str]
    rules: tuple[str, str]
    example: str
    commands: tuple[str, str]
    everywhere: str
    exit_codes: tuple[str, str]
    documents: tuple[str, str]
    profile: tuple[str, str]
    settings: tuple[str, str]
    entry: str
    """A line about a key."""
    comma: str
    required: str
    list_of: str
    one_of: str
    table: str
    date: str

    @property
    def at(self) -> int:
        """Where this language stands in a pair of texts."""
        return 0 if self.language == "en" else 1


EDITIONS = (
    Edition(
        "en",
        ROOT / "docs" / "reference",
        "../zh/reference",
        "中文",
        "Generated by `make reference-pages`; change what it is made from instead.",
        ("Reference", "Generated from the program, so it says what this version does."),
        (
            "Rules",
            "A rule looks for one thing. `llm-migrate explain LM101` shows its page in the terminal; `--select` and "
            "`--ignore` take codes, beginnings of codes, and names.",
        ),
        "For example:",
        ("Commands", "Every command also takes `--lang` and `--color`."),
        "Anywhere on the command line:",
        ("Exit codes", "The same for all commands. Standard output carries the result, standard error the rest."),
        (
            "JSON",
            "What `--format json` writes, shown on a project of one file. Of each list, and of each table of rows, "
            "only one is shown. "
            "`schema` is the number of the form; it grows when a key changes its meaning or goes.\n\n"
            "`request` is what a call sends. A value that is no single number, boolean or word of the API is an "
            "object with a `type` (`variable`, `text`, `array`, `object`, `class`) and what is known of it: `values` "
            "that it may have, variables of the `environment` that it comes from, `length`, `entries`, `name`. `null` "
            "is what is not given or not known; `unknown` says that some arguments cannot be seen. Prompts, other "
            "texts of yours and keys never appear.\n\n[Schemas](../schemas.md) say the form exactly.",
        ),
        (
            "Profile",
            "The keys of a profile, which is a TOML file. [A provider of your own](../guides/own-provider.md) says how "
            "to write one; all that comes with the program is in "
            "[the pages of the providers](../providers/README.md).",
        ),
        (
            "Settings",
            "`[tool.llm-migrate]` in `pyproject.toml`. Options of the command line count before them.",
        ),
        "- {name} ({kind}): {said}",
        ", ",
        "required",
        "list of {kind}",
        "one of {values}",
        "table",
        "date",
    ),
    Edition(
        "zh",
        ROOT / "docs" / "zh" / "reference",
        "../../reference",
        "English",
        "由 `make reference-pages` 生成；请修改其来源。",
        ("参考", "由程序生成，与当前版本的行为一致。"),
        (
            "规则",
            "一条规则只找一种问题。`llm-migrate explain LM101` 在终端显示其说明；`--select` 和 `--ignore` "
            "可用规则编号、编号开头或名称。",
        ),
        "例如：",
        ("命令", "所有命令都支持 `--lang` 和 `--color`。"),
        "可写在命令行任意位置：",
        ("退出码", "所有命令相同。标准输出只有结果，其余写到标准错误。"),
        (
            "JSON",
            "`--format json` 的输出，以只有一个文件的项目为例。每个列表、每张表都只显示一项。`schema` 是格式编号，"
            "键的含义改变或键被删除时递增。\n\n"
            "`request` 是一个调用所发送的内容。不是单个数字、布尔值或接口用词的值写成对象，"
            "`type` 为 `variable`、`text`、`array`、`object` 或 `class`，并附上已知信息：可能的取值 `values`、"
            "来源环境变量 `environment`、`length`、`entries`、`name`。`null` 表示未给出或无从得知；"
            "`unknown` 表示有些参数看不到。提示词、代码中的其他文本和密钥都不会出现。\n\n"
            "确切的格式见 [JSON Schema](../schemas.md)。",
        ),
        (
            "服务商档案",
            "服务商档案（TOML 文件）的全部键。编写方法见[自定义服务商](../guides/own-provider.md)；"
            "随程序附带的内容见[服务商页面](../providers/README.md)。",
        ),
        ("配置", "`pyproject.toml` 中的 `[tool.llm-migrate]`。命令行选项优先。"),
        "- {name}（{kind}）：{said}",
        "，",
        "必填",
        "{kind}列表",
        "{values} 之一",
        "表",
        "日期",
    ),
)


def pages(edition: Edition) -> Iterator[tuple[str, Iterator[str]]]:
    """Yield every page of an edition by its path below the folder; the language must be in use."""
    yield "README.md", index(edition)
    yield "rules/README.md", rules_index(edition)
    for start in GROUPS:
        yield f"rules/{start.lower()}.md", rules_page(edition, start)
    yield "commands.md", commands_page(edition)
    yield "exit-codes.md", exit_codes_page(edition)
    yield "json.md", json_page(edition)
    yield "profile.md", profile_page(edition)
    yield "settings.md", settings_page(edition)


def head(edition: Edition, page: str, title: str, introduction: str) -> Iterator[str]:
    """Yield the lines at the top of a page."""
    up = "../" * page.count("/")
    yield f"# {title}"
    yield ""
    yield f"[{edition.other_name}]({up}{edition.other}/{page})"
    yield ""
    yield introduction
    yield ""
    yield f"*{edition.generated}*"
    yield ""


def index(edition: Edition) -> Iterator[str]:
    """Yield the lines of the overview."""
    yield from head(edition, "README.md", *edition.index)
    for file, (title, _) in (
        ("rules/README.md", edition.rules),
        ("commands.md", edition.commands),
        ("exit-codes.md", edition.exit_codes),
        ("json.md", edition.documents),
        ("profile.md", edition.profile),
        ("settings.md", edition.settings),
    ):
        yield f"- [{title}]({file})"


# Rules


def rules_index(edition: Edition) -> Iterator[str]:
    """Yield the lines of the list of all rules."""
    yield from head(edition, "rules/README.md", *edition.rules)
    for start, names in GROUPS.items():
        yield f"## {start}: {names[edition.at]}"
        yield ""
        for rule in of_group(start):
            title = prose(plain(rule_pages.of_rule(rule).title))
            yield f"- [{rule.code} {rule.name}]({start.lower()}.md#{anchor(rule)}): {title}"
        yield ""


def of_group(start: str) -> list[Rule]:
    """Return the rules whose codes begin so."""
    return sorted((rule for rule in RULES if rule.code.startswith(start)), key=lambda rule: rule.code)


def anchor(rule: Rule) -> str:
    """Return the anchor of a rule on the page of its group."""
    return f"{rule.code.lower()}-{rule.name}"


def rules_page(edition: Edition, start: str) -> Iterator[str]:
    """Yield the lines of the page of a group of rules."""
    name = GROUPS[start][edition.at]
    yield from head(edition, f"rules/{start.lower()}.md", f"{start}: {name}", edition.rules[1])
    for rule in of_group(start):
        page = rule_pages.of_rule(rule)
        yield f"## {rule.code} {rule.name}"
        yield ""
        yield prose(plain(page.title))
        last = None
        for section, paragraph in page.sections:
            yield ""
            mark = "" if section == last else heading(section, "**")
            yield mark + linked(prose(plain(paragraph)))
            last = section
        changed = example(rule)
        if changed:
            yield ""
            yield edition.example
            yield ""
            yield "```diff"
            yield from changed
            yield "```"
        yield ""


def prose(words: str) -> str:
    """Return words as Markdown that shows them as they are; what stands in backticks is left alone."""
    parts = words.split("`")
    parts[::2] = [re.sub(r"([*<])", r"\\\1", part) for part in parts[::2]]
    return "`".join(parts)


def linked(words: str) -> str:
    """Make links of the numbers of what breaks."""
    return re.sub(r"\bG\d\d\b", lambda found: f"[{found[0]}](../../gotchas.md#{found[0]})", words)


def example(rule: Rule) -> list[str]:
    """Return the changed lines of the plainest case of the rule in which a line that it marks changes; none if there is
    no short one."""
    found = []
    for before in sorted((FIXTURES / rule.name).glob("*/before.py")):
        after = before.with_name("after.py")
        if after.is_file():
            lines = changes(before.read_text("utf-8", "replace"), after.read_text("utf-8", "replace"))
            marks = [mark for line in lines if line.startswith("-") for mark in re.findall(r"LM\d{3}", line)]
            if rule.code in marks and len(lines) <= LONGEST:
                found.append((len(set(marks)), len(lines), lines))
    _, _, shortest = min(found, default=(0, 0, []))
    return [re.sub(r" *# finds: .*", "", line) for line in shortest]


def changes(old: str, new: str) -> list[str]:
    """Return the lines that differ, with an empty one where others stand between them."""
    lines = [*difflib.unified_diff(old.splitlines(), new.splitlines(), n=0, lineterm="")][3:]
    return ["" if line.startswith("@@") else line.rstrip() for line in lines]


# Commands


def commands_page(edition: Edition) -> Iterator[str]:
    """Yield the lines of the page of all commands."""
    yield from head(edition, "commands.md", *edition.commands)
    known = group._group(completion=True)
    with known.make_context(group.NAME, [], resilient_parsing=True) as context:
        yield edition.everywhere
        yield ""
        yield from options(known, context)
        for name in group.COMMANDS:
            command = known.get_command(context, name)
            assert command is not None
            with command.make_context(f"{group.NAME} {name}", [], resilient_parsing=True) as inner:
                usage = command.collect_usage_pieces(inner)
                yield ""
                yield f"## {name}"
                yield ""
                yield prose(command.help or "")
                yield ""
                yield "```text"
                yield " ".join([group.NAME, name, *usage])
                yield "```"
                yield ""
                yield from options(command, inner)


def options(command: Any, context: Any) -> Iterator[str]:
    """Yield a line for each argument and option of a command."""
    for parameter in command.get_params(context):
        record = parameter.get_help_record(context)
        if record is not None:
            name, said = record
            said = re.sub(r"\[default: ([^]]*)\]", lambda found: say("[default: {value}]", value=found[1]), said)
            yield f"- `{' '.join(name.split())}`: {prose(' '.join(said.split()))}"


# Exit codes, JSON


def exit_codes_page(edition: Edition) -> Iterator[str]:
    """Yield the lines of the page of exit codes."""
    yield from head(edition, "exit-codes.md", *edition.exit_codes)
    for code in ExitCode:
        yield f"- `{code.value}`: {EXIT_CODES[code][edition.at]}"


def json_page(edition: Edition) -> Iterator[str]:
    """Yield the lines of the page of JSON documents; their texts are English in both languages."""
    yield from head(edition, "json.md", *edition.documents)
    for command, document in documents():
        yield f"## {command.replace(' --format json', '')}"
        yield ""
        yield "```text"
        yield f"llm-migrate {command}"
        yield "```"
        yield ""
        yield "```json"
        yield json.dumps(shortened(document), ensure_ascii=False, indent=2)
        yield "```"
        yield ""


def documents() -> Iterator[tuple[str, Any]]:
    """Run the commands on the sample and yield what each says."""
    chosen, here = language.chosen(), Path.cwd()
    environment = dict(os.environ)
    language.use("en")
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        os.environ["SOURCE_DATE_EPOCH"] = "1767225600"  # the day decides which models have ended
        try:
            for file, source in SAMPLE.items():
                Path(file).write_text(source, "utf-8")
            for command, file in DOCUMENTS:
                said = io.StringIO()
                with contextlib.redirect_stdout(said), contextlib.redirect_stderr(io.StringIO()):
                    run(["--lang", "en", *command.split()])
                yield command, json.loads(Path(file).read_text("utf-8") if Path(file).exists() else said.getvalue())
        finally:
            os.chdir(here)
            os.environ.clear()
            os.environ.update(environment)
            language.use(chosen)


def shortened(value: Any) -> Any:
    """Return a document with the item of each list that says most, and the first row of each table of rows."""
    if isinstance(value, list):
        items = sorted(value, key=lambda item: -len(item) if isinstance(item, dict) else 0)
        return [shortened(item) for item in items[:1]]
    if isinstance(value, dict):
        rows = len(value) > 2 and all(isinstance(item, dict) for item in value.values())
        return {key: shortened(item) for key, item in list(value.items())[: 1 if rows else None]}
    return value


# Profiles and settings


def profile_page(edition: Edition) -> Iterator[str]:
    """Yield the lines of the page of a profile's keys."""
    yield from head(edition, "profile.md", *edition.profile)
    for name, titles in HEADS.items():
        yield f"## {titles[edition.at]}"
        yield ""
        yield from keys(edition, name)
        yield ""


def settings_page(edition: Edition) -> Iterator[str]:
    """Yield the lines of the page of settings."""
    yield from head(edition, "settings.md", *edition.settings)
    yield from keys(edition, "Config")


def keys(edition: Edition, name: str) -> Iterator[str]:
    """Yield a line for each key of a table, but those that every row has."""
    described = tomli.loads(FIELDS.read_text("utf-8"))[name]
    common = {f.name for f in fields(profiles.Row)} if name != "Row" and issubclass(TABLES[name], profiles.Row) else ()
    own = [f for f in fields(TABLES[name]) if f.name not in common]
    missing = {f.name for f in own} ^ set(described)
    if missing:
        raise SystemExit(f"{FIELDS.name}: [{name}] and the dataclass differ in {', '.join(sorted(missing))}")
    hints = get_type_hints(TABLES[name])
    for field in own:
        kind, said = called(edition, hints[field.name]), described[field.name][edition.language]
        need = [edition.required] if is_required(field) else []
        key = field.name.rstrip("_").replace("_", "-") if name == "Config" else field.name
        yield edition.entry.format(name=f"`{key}`", kind=edition.comma.join([kind, *need]), said=said)


def is_required(field: Field[Any]) -> bool:
    """Whether a field has no default."""
    return field.default is MISSING and field.default_factory is MISSING


def called(edition: Edition, kind: Any) -> str:
    """Say a type of Python as TOML has it."""
    origin = get_origin(kind)
    if origin in (Union, types.UnionType):
        return called(edition, next(each for each in get_args(kind) if each is not type(None)))
    if origin is tuple:
        return edition.list_of.format(kind=called(edition, get_args(kind)[0]))
    if kind in KINDS:
        return KINDS[kind][edition.at]
    if isinstance(kind, type) and issubclass(kind, Enum):
        return edition.one_of.format(values=edition.comma.join(f"`{member.value}`" for member in kind))
    return edition.date if getattr(kind, "__name__", "") == "date" else edition.table


def wanted(editions: Sequence[Edition] = EDITIONS) -> Mapping[Path, str]:
    """Return all pages, with their texts."""
    found: dict[Path, str] = {}
    for edition in editions:
        language.use(edition.language)
        for name, lines in pages(edition):
            found[edition.folder / name] = "\n".join(lines).rstrip() + "\n"
    language.use(None)
    return found


def main() -> int:
    """Write the pages, or say which are stale; return 1 if any is."""
    parser = argparse.ArgumentParser(description="Write the reference of the documentation.")
    parser.add_argument("--check", action="store_true", help="write nothing; fail if a page is stale")
    check: bool = parser.parse_args().check
    texts = wanted()
    there = {file for edition in EDITIONS for file in edition.folder.rglob("*.md")}
    stale = {f for f, said in texts.items() if not f.is_file() or f.read_text("utf-8") != said} | (there - set(texts))
    for file in sorted(stale):
        if check:
            print(f"stale: {file.relative_to(ROOT)}; run `make reference-pages`")
        elif file in texts:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(texts[file], "utf-8", newline="\n")
        else:
            file.unlink()
    return int(check and bool(stale))


if __name__ == "__main__":
    sys.exit(main())
