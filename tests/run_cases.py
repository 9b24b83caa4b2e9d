"""Run scripts one after the other in this process, with the SDK of one folder only; started by ``test_fixtures_run``.

``python -I -S run_cases.py SDK_FOLDER`` reads a JSON list of jobs (``name``, ``folder``, ``script``, ``environment``)
from standard input and writes one JSON line a job: how the script of that folder ended, what it printed, which other
machines it tried to reach.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import io
import ipaddress
import json
import os
import runpy
import ssl
import sys
import traceback
from functools import cache
from pathlib import Path
from typing import Any


class ReachedOutError(RuntimeError):
    """A script tried to reach another machine."""


_reached: list[str] = []


def guard(event: str, arguments: tuple[Any, ...]) -> None:
    """Refuse connections and name look-ups that leave this machine; an audit hook, so nothing gets round it."""
    if event == "socket.connect" and isinstance(arguments[1], tuple):
        host = arguments[1][0]
    elif event == "socket.getaddrinfo":
        host = arguments[0]
    else:
        return
    name = host.decode() if isinstance(host, bytes) else str(host)
    if name != "localhost" and not is_loopback(name):
        _reached.append(name)
        raise ReachedOutError(f"tried to reach {name}")


def is_loopback(host: str) -> bool:
    """Whether an address is one of this machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def run(job: dict[str, Any]) -> dict[str, Any]:
    """Run a script of a job's folder and return how it ended."""
    _reached.clear()
    folder, error, said = job["folder"], None, io.StringIO()
    environment = dict(os.environ)
    os.environ.update(job["environment"])
    os.chdir(folder)
    sys.path.insert(0, folder)
    sys.argv = [job["script"]]
    module = importlib.import_module("openai")  # with the canaries: before 1.0 it reads the environment but once
    settings = dict(vars(module))
    try:
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
            runpy.run_path(job["script"], run_name="__main__")
    except SystemExit as end:
        error = None if end.code in (None, 0) else f"exit {end.code}"
    except BaseException:
        error = traceback.format_exc()
    finally:
        sys.path.remove(folder)
        os.environ.clear()
        os.environ.update(environment)
        vars(module).update(settings)  # a later script finds no endpoint, no key and no client of this one
        for name, module in list(sys.modules.items()):
            if Path(getattr(module, "__file__", None) or "/").is_relative_to(folder):
                del sys.modules[name]
        gc.collect()  # asynchronous clients end here, not in the event loop of a later script
        gc.freeze()  # what is left is the SDK: nobody needs to go through it again after the next script
    return {"name": job["name"], "error": error, "output": said.getvalue(), "reached": list(_reached)}


if __name__ == "__main__":
    sys.dont_write_bytecode = True
    sys.path.insert(0, sys.argv[1])
    sys.addaudithook(guard)
    ssl.create_default_context = cache(ssl.create_default_context)  # type: ignore[assignment]  # 20 ms for each client
    for each in json.load(sys.stdin):
        sys.stdout.write(json.dumps(run(each)) + "\n")
