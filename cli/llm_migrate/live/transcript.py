"""Requests and answers kept as files because the user asked for it: one JSON file each, for the owner only, no keys."""

from __future__ import annotations

import itertools
import json
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from llm_codemods.text import text
from llm_migrate.live.errors import LiveError
from llm_migrate.live.relay import Exchange
from llm_migrate.live.witness import without

_TOLD = ("content-type", "retry-after", "x-request-id", "x-llm-migrate-emulator")


def recorder(folder: Path, secrets: Sequence[str]) -> Callable[[Exchange], None]:
    """Return what writes an exchange into a folder, made if need be, as ``0001.json``, ``0002.json`` and so on.

    No headers of requests are kept, few of answers; ``secrets`` are taken out everywhere. A file that is there already
    is never written over.

    Raises:
        LiveError: the folder cannot be made, or (from the function) a file cannot be written.
    """
    numbers = itertools.count(1)
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise _failed(folder, error) from None

    def record(exchange: Exchange) -> None:
        content = json.dumps(_data(exchange, secrets), ensure_ascii=False, indent=2).encode()
        for number in numbers:
            path = folder / f"{number:04}.json"
            try:
                file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            except FileExistsError:
                continue
            except OSError as error:
                raise _failed(path, error) from None
            with os.fdopen(file, "wb") as opened:
                opened.write(content + b"\n")
            return

    return record


def _failed(path: Path, error: OSError) -> LiveError:
    return LiveError(text("cannot write {path}: {reason}", path=str(path), reason=error.strerror or str(error)))


def _data(exchange: Exchange, secrets: Sequence[str]) -> dict[str, Any]:
    answer = exchange.response
    return {
        "schema": 1,
        "request": {
            "method": exchange.method,
            "path": _shown(exchange.path.encode(), secrets),
            "body": _shown(exchange.body, secrets),
        },
        "response": None
        if answer is None
        else {
            "status": answer.status,
            "headers": {n: _shown(v.encode(), secrets) for n, v in answer.headers.items() if n in _TOLD},
            "body": _shown(answer.body, secrets),
            "whole": not (answer.cut or exchange.left or exchange.failure),
        },
        "seconds": exchange.seconds,
    }


def _shown(data: bytes, secrets: Sequence[str]) -> Any:
    """Return a body as JSON data where it is that, else as text."""
    data = without(data, secrets)
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        return data.decode("utf-8", "replace")
