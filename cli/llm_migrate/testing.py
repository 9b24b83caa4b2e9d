"""A provider for tests: an emulator in this process, with its URL, a key, the requests that came, and faults.

``pytest_plugins = ["llm_migrate.testing"]`` in a ``conftest.py`` gives the fixture ``llm_emulator``; without pytest
``emulated_provider`` does the same. The extra ``emulator`` must be installed.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from llm_migrate.live.emulator import Seen

KEY = "emulated-key"


@dataclass(frozen=True, slots=True)
class EmulatedProvider:
    """A provider that is emulated."""

    id: str
    base_url: str
    key: str
    key_env: str
    """The variable that migrated code takes its key from."""
    requests: list[Seen] = field(default_factory=list)
    """What came, in its order: ``method``, ``path`` and ``body`` (what its JSON holds, None where there is none)."""


@contextlib.contextmanager
def emulated_provider(
    provider: str,
    *,
    faults: Sequence[str] = (),
    latency: str = "0s",
    jitter: str = "0s",
    seed: int = 0,
    region: str | None = None,
) -> Iterator[EmulatedProvider]:
    """Emulate a provider, named by its id, an alias, or the path of a profile of your own.

    ``faults``, ``latency``, ``jitter`` and ``seed`` are those of ``llm-migrate emulate``.

    Raises:
        UserError: no such provider, region, fault or time, or the extra ``emulator`` is not installed.
    """
    from llm_migrate.live.emulator import running
    from llm_migrate.live.faults import trouble
    from llm_migrate.live.wire import region_of
    from llm_migrate.settings import load_profile

    profile = load_profile(provider)
    requests: list[Seen] = []
    asked = trouble(faults, latency, jitter, seed)
    key_env = profile.regions[region_of(profile, region)].key_env
    with running(profile, region=region, trouble=asked, on_request=lambda seen, _: requests.append(seen)) as url:
        yield EmulatedProvider(profile.id, url, KEY, key_env, requests)


class Emulate(Protocol):
    """What the fixture ``llm_emulator`` is: a call starts an emulator that runs to the end of the test."""

    def __call__(
        self,
        provider: str,
        *,
        faults: Sequence[str] = (),
        latency: str = "0s",
        jitter: str = "0s",
        seed: int = 0,
        region: str | None = None,
    ) -> EmulatedProvider:
        """Emulate a provider; see ``emulated_provider``."""


try:
    import pytest
except ModuleNotFoundError:  # then it is used without
    pass
else:

    @pytest.fixture
    def llm_emulator() -> Iterator[Emulate]:
        """Start emulators of providers: ``llm_emulator("qwen", faults=["429:x2"]).base_url``."""
        with contextlib.ExitStack() as stack:

            def emulate(
                provider: str,
                *,
                faults: Sequence[str] = (),
                latency: str = "0s",
                jitter: str = "0s",
                seed: int = 0,
                region: str | None = None,
            ) -> EmulatedProvider:
                return stack.enter_context(
                    emulated_provider(provider, faults=faults, latency=latency, jitter=jitter, seed=seed, region=region)
                )

            yield emulate
