"""The entry point: run a command, turn whatever happens into a sentence and an exit code.

Only ``console`` is imported before it is known what to do, so that ``--version`` answers at once, and a hook that has
nothing to report before Typer is loaded.
"""

from __future__ import annotations

import os
import sys

from llm_migrate import console
from llm_migrate.errors import ExitCode, UserError
from llm_migrate.language import say
from llm_migrate.version import version


def main(args: list[str] | None = None) -> int:
    """Run ``llm-migrate`` with these arguments (default: the process's own) and return the exit code.

    No exception leaves it: an error is told in one sentence, a bug of ours without its traceback unless
    ``LLM_MIGRATE_DEBUG=1``.
    """
    console.prepare()
    code = _guarded(sys.argv[1:] if args is None else args)
    return code if console.finish() else ExitCode.ERROR


def _guarded(args: list[str]) -> int:
    try:
        return _run(args)
    except KeyboardInterrupt:
        console.err(say("interrupted"))
        return ExitCode.INTERRUPTED
    except BrokenPipeError:
        return ExitCode.ERROR
    except Exception as error:
        _tell(error)
        return ExitCode.ERROR


def _run(args: list[str]) -> int:
    if args == ["--version"]:
        console.out(f"llm-migrate {version()}")
        return ExitCode.DONE
    if "--hook" in args:
        from llm_migrate import hook

        if hook.has_nothing(args):
            console.err(say("no use of OpenAI found"))
            return ExitCode.DONE
    from llm_migrate import group

    return group.run(args)


def _tell(error: Exception) -> None:
    from llm_codemods.profile import ProfileError

    if isinstance(error, UserError | ProfileError):
        console.error(error.message, error.hint)
        return
    console.error(
        say("this is a bug in llm-migrate {version} ({kind})", version=version(), kind=type(error).__name__),
        say("run it again with LLM_MIGRATE_DEBUG=1 and report the traceback with the command you ran"),
    )
    if os.environ.get("LLM_MIGRATE_DEBUG") == "1":
        import traceback

        console.err("".join(traceback.format_exception(error)).rstrip())
