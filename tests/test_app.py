from __future__ import annotations

import json
from typing import Annotated

import pytest
import typer

from llm_codemods import profile
from llm_codemods.text import text
from llm_migrate import app, console, group, language
from llm_migrate.commands import demo
from llm_migrate.errors import ExitCode, UserError


def stop_with(error: BaseException, monkeypatch: pytest.MonkeyPatch) -> None:
    def command(args: object) -> int:
        raise error

    monkeypatch.setattr(group, "run", command)


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    for args in (["--version"], ["--lang", "zh", "--version"]):
        assert app.main(args) == ExitCode.DONE
        name, number = capsys.readouterr().out.split()
        assert (name, number[0].isdigit()) == ("llm-migrate", True)


def test_help_lists_the_commands(capsys: pytest.CaptureFixture[str]) -> None:
    assert app.main(["--help"]) == ExitCode.DONE
    captured = capsys.readouterr()
    assert captured.err == ""
    for name in group.COMMANDS:
        assert f"\n  {name} " in captured.out


@pytest.mark.parametrize("name", group.COMMANDS)
def test_every_command_has_help(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert app.main([name, "-h"]) == ExitCode.DONE
    page = capsys.readouterr().out
    assert page.startswith(f"Usage: llm-migrate {name} ")
    assert len(page.split("\n\n")[1].strip()) > 10, "says what the command does"


def test_help_is_translated(capsys: pytest.CaptureFixture[str]) -> None:
    said: list[object] = []

    def twin(template: str) -> str:
        said.append(template)
        return "用法：" if template == "Usage:" else template

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(language, "_twin", twin)
        assert app.main(["providers", "--help"]) == ExitCode.DONE
    assert capsys.readouterr().out.startswith("用法： llm-migrate providers")
    assert {"Options:", "[default: {value}]", "show this help and stop"} <= set(said)


@pytest.mark.parametrize(
    ("args", "message", "hint"),
    [
        (["scna"], "unknown command 'scna'", "did you mean 'scan'?"),
        (["qqqq"], "unknown command 'qqqq'", "the commands are: scan, "),
        (["--color", "never"], "no command given", "see 'llm-migrate --help'"),
        (["providers", "--formt", "json"], "unknown option '--formt'", "did you mean '--format'?"),
        (["providers", "--zzz"], "unknown option '--zzz'", "see 'llm-migrate providers --help'"),
        (["providers", "--format"], "option '--format' needs a value", "see 'llm-migrate"),
        (["providers", "--format", "yaml"], "--format cannot be 'yaml'; it is one of 'text', 'json'", "see 'llm-"),
        (["providers", "more", "words"], "unexpected argument: more words", "see 'llm-migrate providers --help'"),
        (["providers", "--lang"], "option '--lang' needs a value", "see 'llm-migrate"),
        (["providers", "--color", "blue"], "--color cannot be 'blue'; it is one of 'auto', 'always', 'never'", "see"),
        (["--version=1"], "option '--version' takes no value", "see 'llm-migrate"),
        (["demo"], "argument name is missing", "see 'llm-migrate demo --help'"),
        (["demo", "x"], "option '--size' is missing", "see 'llm-migrate demo --help'"),
        (["demo", "x", "--size", "big"], "--size must be a number", "see 'llm-migrate demo --help'"),
    ],
)
def test_wrong_usage(
    args: list[str], message: str, hint: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def command(name: Annotated[str, typer.Argument()], size: Annotated[int, typer.Option()]) -> None:
        raise AssertionError

    monkeypatch.setattr(demo, "command", command)
    assert app.main(args) == ExitCode.ERROR
    captured = capsys.readouterr()
    assert captured.out == ""
    told, advice = captured.err.splitlines()
    assert told.startswith(f"error: {message}")
    assert advice.startswith(f"hint: {hint}")


def test_global_options_may_stand_anywhere(capsys: pytest.CaptureFixture[str]) -> None:
    assert app.main(["providers", "--color", "always", "--lang=zh"]) == ExitCode.DONE
    assert "\x1b[1mqwen\x1b[0m" in capsys.readouterr().out
    assert language.chosen() == "zh"


def test_what_follows_two_dashes_is_no_option(capsys: pytest.CaptureFixture[str]) -> None:
    assert app.main(["providers", "--", "--lang", "zh"]) == ExitCode.ERROR
    assert "unexpected argument: --lang zh" in capsys.readouterr().err


def test_a_user_error_is_a_sentence_and_a_hint(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    stop_with(UserError(text("no {thing}", thing="luck"), text("try again")), monkeypatch)
    assert app.main(["scan"]) == ExitCode.ERROR
    assert capsys.readouterr() == ("", "error: no luck\nhint: try again\n")


def test_an_unknown_provider_gets_the_nearest_name(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(group, "run", lambda args: profile.find("qwne"))
    assert app.main(["scan"]) == ExitCode.ERROR
    assert capsys.readouterr() == ("", "error: unknown provider 'qwne'\nhint: did you mean 'qwen'?\n")


def test_a_bug_is_ours_and_shows_no_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    stop_with(KeyError("sk-secret"), monkeypatch)
    assert app.main(["scan"]) == ExitCode.ERROR
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("error: this is a bug in llm-migrate ")
    assert "(KeyError)" in captured.err
    assert len(captured.err.splitlines()) == 2
    assert "sk-secret" not in captured.err


def test_a_developer_can_ask_for_the_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    stop_with(KeyError("here"), monkeypatch)
    monkeypatch.setenv("LLM_MIGRATE_DEBUG", "1")
    assert app.main(["scan"]) == ExitCode.ERROR
    assert capsys.readouterr().err.endswith("KeyError: 'here'\n")


def test_ctrl_c(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    stop_with(KeyboardInterrupt(), monkeypatch)
    assert app.main(["scan"]) == 130
    assert capsys.readouterr() == ("", "interrupted\n")


def test_a_broken_pipe_is_quiet(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    stop_with(BrokenPipeError(), monkeypatch)
    assert app.main(["scan"]) == ExitCode.ERROR
    assert capsys.readouterr() == ("", "")


def test_output_that_cannot_be_written_fails_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(group, "run", lambda args: ExitCode.DONE)
    monkeypatch.setattr(console, "finish", lambda: False)
    assert app.main(["scan"]) == ExitCode.ERROR


def test_providers(capsys: pytest.CaptureFixture[str]) -> None:
    assert app.main(["providers"]) == ExitCode.DONE
    paragraphs = capsys.readouterr().out.strip().split("\n\n")
    assert [paragraph.split()[0] for paragraph in paragraphs] == list(profile.bundled())
    assert app.main(["providers", "--format", "json"]) == ExitCode.DONE
    document = json.loads(capsys.readouterr().out)
    assert document["schema"] == 1
    listed = {provider["id"]: provider for provider in document["providers"]}
    assert tuple(listed) == profile.bundled()
    for id, provider in listed.items():
        known = profile.bundled_profile(id)
        assert provider["name"] == {"en": known.name.en, "zh": known.name.zh}
        assert tuple(provider["aliases"]) == known.aliases
        assert [(r["id"], r["base_url"], r["key_env"]) for r in provider["regions"]] == [
            (name, region.base_url, region.key_env) for name, region in known.regions.items()
        ]
