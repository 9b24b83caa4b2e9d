"""Migrated code is run with the frameworks themselves: each case with ``framework``, against its target's emulator.

Not part of ``make test``: ``make test-frameworks`` runs it. ``uv`` installs each framework once, pinned, into a folder
of its own below ``build``. What arrives at the emulator must hold what the case's ``sends`` says; OpenAI's key, a
canary, must arrive nowhere, and no other machine may be reached.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import cases
from cases import Case
from llm_codemods.target import aim
from llm_migrate.live.emulator import Seen, running
from test_fixtures_run import CANARY, Job, prepare, run

pytestmark = pytest.mark.network

PINS = {
    "agno": ("agno==3.1.10", "openai==3.54.0"),
    "agents": ("openai-agents==0.24.0", "openai==3.54.0", "python-dotenv==1.2.1"),
    "autogen": ("autogen-ext[openai]==0.7.5", "autogen-agentchat==0.7.5"),
    "chroma": ("chromadb==1.5.9", "openai==3.54.0"),
    "dspy": ("dspy==3.4.1", "numpy==2.4.4"),
    "haystack": ("haystack-ai==3.4.0",),
    "instructor": ("instructor==1.17.0",),
    "langchain": ("langchain==1.4.7", "langchain-openai==1.7.3"),
    "litellm": ("litellm==1.106.2",),
    "llama-index": (
        *("llama-index-core==0.14.25", "llama-index-llms-openai-like==0.8.1"),
        *("llama-index-embeddings-openai-like==0.4.0", "llama-index-llms-openai==0.8.3"),
        "llama-index-embeddings-openai==0.6.0",
    ),
    "semantic-kernel": ("semantic-kernel==1.45.0",),
    "smolagents": ("smolagents[openai]==1.26.0",),
    "pydantic-ai": ("pydantic-ai-slim[openai]==2.68.0",),
}
"""The releases that were the newest when this was written."""
QUIET = {"LITELLM_LOCAL_MODEL_COST_MAP": "True"}
"""Has frameworks look nothing up on the network by themselves."""
RUNNABLE = [case for case in cases.every() if case.framework is not None]


@dataclass(frozen=True)
class Ran:
    """How a case ended, the keys that arrived at the emulator, and the bodies of the requests."""

    outcome: Mapping[str, Any]
    keys: frozenset[str]
    bodies: tuple[Mapping[str, Any], ...]


@pytest.fixture(scope="module", params=RUNNABLE, ids=lambda case: case.name)
def case(request: pytest.FixtureRequest) -> Case:
    found: Case = request.param
    return found


@pytest.fixture(scope="module")
def ran(case: Case, tmp_path_factory: pytest.TempPathFactory) -> Ran:
    return run_with_framework(case, {**case.before, **case.after}, tmp_path_factory.mktemp("run"))


def run_with_framework(case: Case, files: cases.Files, folder: Path, *, keyed: bool = True) -> Ran:
    """Run ``main.py`` of the files with the case's framework against the emulator of its target."""
    assert case.framework is not None
    keys: set[str] = set()
    bodies: list[Mapping[str, Any]] = []

    def seen(request: Seen, key: str) -> None:
        keys.add(key)
        if request.method == "POST":
            bodies.append(request.body)

    with running(case.profile, region=case.region, on_request=seen) as url:
        job = prepare(Job(case.name, files, case.profile, case.region), [url], folder, keyed=keyed)
        job["environment"] = {**job["environment"], **QUIET}
        outcome = run(installed(case.framework), [job])[case.name]
    return Ran(outcome, frozenset(keys), tuple(bodies))


def installed(framework: str) -> Path:
    """Return the folder with a framework and what it needs, installed by uv on first use."""
    pins = PINS[framework]
    tag = f"{sys.implementation.cache_tag}-{sysconfig.get_platform()}"
    digest = hashlib.sha256("\n".join(pins).encode()).hexdigest()[:8]
    folder = cases.ROOT / "build" / "frameworks" / f"{framework}-{digest}-{tag}"
    if not folder.is_dir():
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent) as half:
            target = Path(half) / "packages"
            uv = str(Path(sys.executable).with_name("uv"))
            command = [uv, "pip", "install", "--quiet", "--python", sys.executable, "--target", str(target), *pins]
            install = subprocess.run(command, capture_output=True, text=True, check=False)
            assert install.returncode == 0, install.stderr
            target.rename(folder)
    return folder


def test_every_framework_has_a_case() -> None:
    assert {case.framework for case in RUNNABLE} == PINS.keys()


def test_migrated_code_runs(ran: Ran) -> None:
    assert ran.outcome["reached"] == []
    assert ran.outcome["error"] is None, ran.outcome["error"] + ran.outcome["output"]


def test_requests_arrive_as_the_case_says(case: Case, ran: Ran) -> None:
    assert len(ran.bodies) == len(case.sends), ran.bodies
    for body, expected in zip(ran.bodies, case.sends, strict=True):
        assert {name: body.get(name) for name in expected} == dict(absent(expected)), body


def absent(expected: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield what is expected; an empty text means that it must not be there."""
    yield from ((name, None if value == "" else value) for name, value in expected.items())


def test_openais_key_arrives_nowhere(case: Case, ran: Ran) -> None:
    assert ran.keys == {Job(case.name, {}, case.profile, None).key}
    assert CANARY not in ran.outcome["output"]


def test_without_the_providers_key_openais_goes_nowhere(case: Case, tmp_path: Path) -> None:
    ran = run_with_framework(case, {**case.before, **case.after}, tmp_path, keyed=False)
    assert aim(case.profile, case.region).key_env in ran.outcome["error"]
    assert CANARY not in ran.keys
    assert ran.outcome["reached"] == []


def test_before_the_move_openai_is_asked(case: Case, tmp_path: Path) -> None:
    """The guard sees it, so that what the other tests do not see is not there."""
    ran = run_with_framework(case, case.before, tmp_path)
    assert set(ran.outcome["reached"]) & {"api.openai.com", "openaipublic.blob.core.windows.net"}
    assert ran.keys == set()
