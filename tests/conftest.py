"""What holds for every test: a clean environment, English, and no network beyond this machine."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Callable, Iterator
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest

from llm_migrate import console, language

PREFIXES = ("LLM_MIGRATE_", "OPENAI_", "AZURE_OPENAI_")
SUFFIXES = ("_API_KEY", "_PROXY")
NAMES = ("NO_COLOR", "FORCE_COLOR", "COLUMNS", "LANGUAGE", "LC_ALL", "LC_MESSAGES")

OPTIONS = {"test_frameworks_run.py": "--frameworks", "test_live_servers.py": "--live"}
"""Tests that install other programs, and what includes them."""

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # a shell starts what is in the background so
    signal.signal(signal.SIGINT, signal.default_int_handler)


class NetworkBlockedError(RuntimeError):
    """A test wanted to reach another machine."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--frameworks", action="store_true", help="run migrated code with real frameworks, too")
    parser.addoption("--live", action="store_true", help="ask servers that others wrote, too")
    parser.addoption("--bless", action="store_true", help="write what the program does into the fixtures (never in CI)")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "network: may reach other machines (it installs packages, for instance)")
    if config.getoption("--bless") and os.environ.get("CI"):
        raise pytest.UsageError("--bless is for people: CI compares, it never rewrites fixtures")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave the tests that install other programs to make's targets for them."""
    option = OPTIONS.get(collection_path.name)
    return True if option is not None and not config.getoption(option) else None


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No key, proxy or setting of the developer reaches a test; texts are English."""
    for name in list(os.environ):
        if name.upper().startswith(PREFIXES) or name.upper().endswith(SUFFIXES) or name in NAMES:
            monkeypatch.delenv(name)
    monkeypatch.setenv("LLM_MIGRATE_LANG", "en")
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1767225600")  # 2026-01-01: few models have ended by then
    language.use(None)
    console.use_color(console.Color.AUTO)
    yield
    language.use(None)
    console.use_color(console.Color.AUTO)


@pytest.fixture(autouse=True)
def _only_loopback(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Refuse connections to other machines, unless the test is marked ``network``."""
    if request.node.get_closest_marker("network"):
        return

    def guarded(connect: Callable[..., Any]) -> Callable[..., Any]:
        def wrapper(self: socket.socket, address: Any) -> Any:
            if self.family in (socket.AF_INET, socket.AF_INET6) and not _is_loopback(str(address[0])):
                raise NetworkBlockedError(f"a test tried to reach {address[0]}")
            return connect(self, address)

        return wrapper

    monkeypatch.setattr(socket.socket, "connect", guarded(socket.socket.connect))
    monkeypatch.setattr(socket.socket, "connect_ex", guarded(socket.socket.connect_ex))


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
