"""The command line: which commands there are, each loaded when it is named, and help in the user's language.

A command is a module ``commands/<name>.py`` with ``HELP: Text`` and a function ``command`` that Typer can call; it
returns an exit code or nothing. Such a module imports at its top only what its signature needs.
"""

from __future__ import annotations

import dataclasses
import os
import re
from collections.abc import Sequence
from importlib import import_module
from typing import Annotated, Any

import typer
from typer.core import TyperArgument, TyperCommand, TyperGroup, TyperOption

from llm_codemods.text import Text, text
from llm_migrate import console, language
from llm_migrate.errors import ExitCode, UserError
from llm_migrate.language import say
from llm_migrate.version import version

COMMANDS = ("scan", "compare", "explain", "rewrite", "undo", "check", "emulate", "demo", "providers", "init", "schema")

NAME = "llm-migrate"
COMPLETE = "_LLM_MIGRATE_COMPLETE"
"""The variable by which a shell asks for completions."""

GLOBAL_OPTIONS = ("--lang", "--color")
"""Options with a value that may stand anywhere on the command line."""

COMPLETION = {
    "install_completion": text("complete commands and options in this shell from now on"),
    "show_completion": text("show the script that completes them, to be put where the shell looks"),
}
"""Typer's own options -> what we say of them."""

USAGE_ERRORS = (
    (r"No such option: (?P<name>\S+).*", text("unknown option '{name}'")),
    (r"Option '(?P<name>.+)' requires an argument\.", text("option '{name}' needs a value")),
    (r"Option '(?P<name>.+)' does not take a value\.", text("option '{name}' takes no value")),
    (r"Got unexpected extra argument\(s\) \((?P<words>.*)\)", text("unexpected argument: {words}")),
    (r"Missing argument '(?P<name>.+?)'\..*", text("argument {name} is missing")),
    (r"Missing option '(?P<name>.+?)'\..*", text("option '{name}' is missing")),
    (r"Missing command\.", text("no command given")),
    (
        r"Invalid value for '?(?P<name>.+?)'?: (?:Value error, )?'(?P<value>.*)' is not one of (?P<known>.+)\.",
        text("{name} cannot be '{value}'; it is one of {known}"),
    ),
    (
        r"Invalid value for '?(?P<name>.+?)'?: Input should be greater than or equal to (?P<bound>.+)",
        text("{name} must be at least {bound}"),
    ),
    (
        r"Invalid value for '?(?P<name>.+?)'?: Input should be less than or equal to (?P<bound>.+)",
        text("{name} must be at most {bound}"),
    ),
    (
        r"Invalid value for '?(?P<name>.+?)'?: Input should be a valid (?:integer|number).*",
        text("{name} must be a number"),
    ),
    (
        r"Invalid value for '?(?P<name>.+?)'?: (?:Value error, )?(?P<reason>.*)",
        text("invalid value for {name}: {reason}"),
    ),
)
"""What Typer says about wrong usage -> what we say. What is not listed stays English."""


def run(args: Sequence[str]) -> int:
    """Parse the arguments, run the command and return its exit code. Wrong usage is told and gives 2."""
    options, rest = _split(args)
    languages: dict[str, language.Language] = {"en": "en", "zh": "zh"}
    # Help texts are said when a command is loaded, so the language must be known before Typer parses.
    language.use(languages.get(options.get("--lang", "")))
    if not rest and COMPLETE in os.environ:
        # The shell asks what a word may become; Typer answers and ends the process.
        _group(completion=True)._main_shell_completion({}, NAME, COMPLETE)
    if not rest and options.keys() <= {"--lang"}:
        from llm_migrate import overview

        overview.show()
        return ExitCode.DONE
    try:
        group = _group(completion=rest[:1] == [] or rest[0] not in COMMANDS)
        with group.make_context(NAME, [f"{name}={value}" for name, value in options.items()] + rest) as context:
            code = group.invoke(context)
    except typer.Exit as end:
        return end.exit_code
    except typer.Abort:
        raise KeyboardInterrupt from None
    except typer.TyperException as error:
        raise _usage_error(error) from None
    return code if isinstance(code, int) else ExitCode.DONE


def _split(args: Sequence[str]) -> tuple[dict[str, str], list[str]]:
    """Take the global options out of the arguments, wherever they stand."""
    options: dict[str, str] = {}
    rest: list[str] = []
    words = iter(args)
    for word in words:
        if word == "--":
            return options, [*rest, word, *words]
        name, equals, value = word.partition("=")
        if name not in GLOBAL_OPTIONS:
            rest.append(word)
        elif equals:
            options[name] = value
        else:
            following = next(words, None)
            if following is None:
                return {}, [name]  # Typer then says that its value is missing.
            options[name] = following
    return options, rest


def _usage_error(error: typer.TyperException) -> UserError:
    context = getattr(error, "ctx", None)
    path = context.command_path if context is not None else "llm-migrate"
    close = getattr(error, "possibilities", None)
    return UserError(
        _in_our_words(error.format_message()),
        text("did you mean '{name}'?", name=close[0]) if close else text("see '{command} --help'", command=path),
    )


def _in_our_words(message: str) -> str | Text:
    for pattern, told in USAGE_ERRORS:
        match = re.fullmatch(pattern, message, re.DOTALL)
        if match:
            return dataclasses.replace(told, values=tuple(match.groupdict().items()))
    return message


class _Help:
    """What Typer itself says on a help page, in the user's language."""

    def get_help(self, ctx: Any) -> str:
        """Return the help page."""
        page: str = super().get_help(ctx)  # type: ignore[misc]
        page = page.replace("Usage:", say("Usage:"), 1)
        for heading, said in (
            ("Arguments:", say("Arguments:")),
            ("Options:", say("Options:")),
            ("Commands:", say("Commands:")),
        ):
            page = re.sub(rf"^{heading}$", said, page, count=1, flags=re.MULTILINE)
        page = page.replace("[required]", say("[required]"))
        return re.sub(r"\[default: ([^]]*)\]", lambda match: say("[default: {value}]", value=match[1]), page)

    def get_help_option(self, ctx: Any) -> TyperOption | None:
        """Return the option ``--help``."""
        option: TyperOption | None = super().get_help_option(ctx)  # type: ignore[misc]
        if option is not None:
            option.help = say("show this help and stop")
        return option


class _Command(_Help, TyperCommand):
    """One command."""


class _Group(_Help, TyperGroup):
    """The commands, loaded when asked for."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002  Typer's signature
        """Return their names, as help lists them."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> TyperCommand:  # noqa: ARG002  Typer's signature
        """Load a command."""
        if cmd_name not in COMMANDS:
            from llm_codemods.profile import nearest

            close = nearest(cmd_name, list(COMMANDS))
            raise UserError(
                text("unknown command '{name}'", name=cmd_name),
                text("did you mean '{name}'?", name=close)
                if close
                else text("the commands are: {names}", names=", ".join(COMMANDS)),
            )
        module = import_module(f"llm_migrate.commands.{cmd_name}")
        app = typer.Typer(add_completion=False, rich_markup_mode=None)
        help = say(module.HELP)
        # Typer would cut the first sentence at a space, of which Chinese has none.
        app.command(cmd_name, cls=_Command, help=help, short_help=help.partition("\n")[0])(module.command)
        command = typer.main.get_command(app)
        assert isinstance(command, TyperCommand)
        for parameter in command.params:
            if isinstance(parameter, TyperArgument | TyperOption) and parameter.help:
                parameter.help = say(parameter.help)
        return command


def _group(*, completion: bool) -> TyperGroup:
    """Return the commands; ``completion``: with Typer's options for shells, which take time to load."""
    app = typer.Typer(
        cls=_Group,
        add_completion=False,
        rich_markup_mode=None,
        context_settings={"help_option_names": ["--help", "-h"]},
        help=say("Move Python code from OpenAI to another provider: scan, rewrite, check."),
    )
    app.callback()(_options)
    group = typer.main.get_group(app)
    if completion:
        group.params += typer.main.get_install_completion_arguments()
    for option in group.params:
        if isinstance(option, TyperOption) and option.name in COMPLETION:
            option.help = say(COMPLETION[option.name])
    return group


def _show_version(wanted: bool) -> None:
    if wanted:
        console.out(f"llm-migrate {version()}")
        raise typer.Exit(ExitCode.DONE)


def _options(
    *,
    lang: Annotated[
        language.Language | None,
        typer.Option(
            help=say("language of all texts (default: that of LLM_MIGRATE_LANG, LC_ALL, LC_MESSAGES or LANG)")
        ),
    ] = None,
    color: Annotated[console.Color, typer.Option(help=say("when to colour the output"))] = console.Color.AUTO,
    _version: Annotated[
        bool,
        typer.Option("--version", is_eager=True, callback=_show_version, help=say("show the version and stop")),
    ] = False,
) -> None:
    language.use(lang)
    console.use_color(color)
