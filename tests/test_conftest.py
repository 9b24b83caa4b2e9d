"""The guards that every other test relies on."""

from __future__ import annotations

import os
import socket

import pytest

from conftest import NetworkBlockedError
from llm_codemods import profile


def test_connections_to_other_machines_are_refused() -> None:
    with socket.socket() as connection, pytest.raises(NetworkBlockedError):
        connection.connect(("192.0.2.1", 80))
    with socket.socket() as connection, pytest.raises(NetworkBlockedError):
        connection.connect_ex(("example.com", 443))


def test_connections_to_this_machine_work() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname(), timeout=5).close()


def test_no_provider_key_reaches_a_test() -> None:
    keys = {region.key_env for id in profile.bundled() for region in profile.bundled_profile(id).regions.values()}
    assert keys
    assert not keys & os.environ.keys()
    assert all(key.endswith("_API_KEY") for key in keys), "conftest removes variables by that ending"
