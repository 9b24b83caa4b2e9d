"""Run a command behind a relay, and keep what it sends and what comes of that."""

from __future__ import annotations

import contextlib
import os
import secrets
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from llm_codemods.observed import Caller
from llm_migrate.live import child, witness
from llm_migrate.live.emulator import running
from llm_migrate.live.errors import LiveError
from llm_migrate.live.relay import Direct, Exchange, Upstream, relaying, upstream
from llm_migrate.live.transcript import recorder
from llm_migrate.live.wire import Connection
from llm_migrate.live.witness import Observation


@dataclass(frozen=True, slots=True)
class Watched:
    """What was seen of a command: how often each request was sent and each way past the relay was tried."""

    requests: tuple[tuple[Observation, int], ...]
    direct: tuple[tuple[Direct, int], ...]
    code: int | None
    """The command's exit code, negative for a signal; None: it was interrupted."""
    callers: tuple[Caller, ...] = ()
    """The places in the code that send requests."""


def watch(
    command: str,
    connections: Sequence[Connection],
    callers: Sequence[Caller] = (),
    *,
    emulate: bool = False,
    record: Path | None = None,
    aside: bool = False,
) -> Watched:
    """Run a command behind a relay and return what was seen; ``aside``: its standard output goes to standard error.

    Raises:
        LiveError: it cannot be run, or what was seen cannot be recorded.
    """
    placeholder = f"sk-relay-{secrets.token_hex(16)}"
    hidden = (placeholder, *(one.key for one in connections))
    keep = recorder(record, hidden) if record is not None else None
    requests: dict[Observation, tuple[Observation, int]] = {}
    direct: Counter[Direct] = Counter()
    lock = threading.Lock()
    failures: list[LiveError] = []

    def see(event: Exchange | Direct) -> None:
        if isinstance(event, Direct):
            with lock:
                direct[event] += 1
            return
        observation = witness.observe(event, callers, hidden)
        with lock:
            first, count = requests.get(witness.alike(observation), (observation, 0))
            requests[witness.alike(observation)] = first, count + 1
        try:
            if keep is not None:
                keep(event)
        except LiveError as error:
            failures.append(error)

    with contextlib.ExitStack() as stack:
        upstreams = [stack.enter_context(_upstream(one, emulate=emulate)) for one in connections]
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="llm-migrate-")))
        relay = stack.enter_context(relaying(upstreams, placeholder, see))
        bundle = folder / "trusted.pem"
        bundle.write_text(child.trusted(os.environ) + "\n" + relay.authority, "ascii", "replace")
        environment = child.surroundings(os.environ, relay, placeholder, upstreams, bundle)
        code: int | None
        try:
            code = child.run(command, environment, sys.stderr if aside else None)
        except KeyboardInterrupt:
            code = None
    if failures:
        raise failures[0]
    return Watched(tuple(requests.values()), tuple(direct.items()), code, tuple(callers))


@contextlib.contextmanager
def _upstream(connection: Connection, *, emulate: bool) -> Iterator[Upstream]:
    if not emulate:
        yield upstream(connection)
        return
    with running(connection.profile, region=connection.region) as url:
        yield upstream(connection, url)
