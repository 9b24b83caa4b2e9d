"""Migrated code is run: each case with ``run``, and the sample of ``llm-migrate demo`` for every provider.

It runs with the real ``openai`` SDK of three major versions, what stays on 0.28 with that, against the emulator of its
target, whose URL takes the place of the provider's. Each job has a key of its own, so that the emulator sees which jobs
came; the variables of OpenAI hold a canary that must never arrive. ``uv`` installs the SDKs once, into ``.cache/sdk``.

A case with ``before_fails`` is run as well as all other rules leave it: that fails, so its rule was needed.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

import cases
import llm_migrate
from llm_codemods import profile as profiles
from llm_codemods.migration import is_offered, migrate, plan
from llm_codemods.profile import Profile
from llm_codemods.rules import RULES
from llm_codemods.sdk import Sdk
from llm_codemods.target import aim
from llm_migrate.live.emulator import running
from llm_migrate.settings import settle
from test_fixtures import settings_of

SDKS = ("1.109.1", "2.54.0", "3.52.0")
"""The last of 1.x, and the newest of 2.x and 3.x when this was written."""
LEGACY = "0.28.1"
"""What code runs on that is not to move to the current SDK."""
BESIDE = (
    *("aiohttp==3.12.15", "httpx==0.28.1", "requests==2.32.5"),
    *("pydantic-settings==2.12.0", "python-dotenv==1.2.1"),
)
"""Small packages that cases use beside it."""
CANARY = "sk-proj-canary"
RUNNER = Path(__file__).with_name("run_cases.py")
SAMPLE = Path(llm_migrate.__file__).parent / "sample" / "app"
PROVIDERS = [
    profile.id
    for profile in map(profiles.bundled_profile, profiles.bundled())
    if profile.id != "openai" and not profile.partial and aim(profile).model_for("text-embedding-3-small")
]
"""Those that have all that the sample needs."""


@dataclass(frozen=True)
class Job:
    """A migrated project to run."""

    name: str
    files: cases.Files
    profile: Profile
    region: str | None
    embeddings: Profile | None = None
    script: str = "main.py"
    environment: Mapping[str, str] = field(default_factory=dict)
    stays: bool = False
    """Whether it stays on 0.28."""

    def runs_on(self, sdk: str) -> bool:
        return self.stays == (sdk == LEGACY)

    @property
    def key(self) -> str:
        return "test-" + re.sub(r"\W", "-", self.name)


@dataclass(frozen=True)
class Ran:
    """How one SDK ran the jobs: name -> line of ``run_cases``; and the keys that arrived at the emulators."""

    outcomes: Mapping[str, Mapping[str, Any]]
    keys: frozenset[str]


RUNNABLE = [case for case in cases.every() if case.run]
NEEDED = [case for case in RUNNABLE if case.before_fails]


@pytest.fixture(scope="module")
def jobs(tmp_path_factory: pytest.TempPathFactory) -> list[Job]:
    found = [job_of(case, case.name, case.after) for case in RUNNABLE]
    for case in NEEDED:
        folder = cases.write(tmp_path_factory.mktemp("without"), case.before)
        again = settings_of(folder, case, [rule for rule in RULES if rule.name != case.rule]).analyse
        left = plan(again(), again, is_offered)
        found.append(job_of(case, f"without/{case.name}", left.changes))
    for id in PROVIDERS:
        folder = cases.write(tmp_path_factory.mktemp("sample"), sample())
        profile = profiles.bundled_profile(id)
        changes = migrate(settle([folder], to=id).analyse, is_offered).plan.changes
        found.append(Job(f"sample/{id}", {**sample(), **changes}, profile, None))
    return found


def job_of(case: cases.Case, name: str, changes: cases.Files) -> Job:
    """Return the job that runs a case with these changes."""
    assert case.run is not None
    second = profiles.find(case.embeddings) if case.embeddings is not None else None
    files = {**case.before, **changes}
    stays = case.sdk is Sdk.KEEP
    return Job(name, files, case.profile, case.region, second, case.run, case.environment, stays)


def sample() -> dict[str, bytes]:
    return {path: data for path, data in cases.read(SAMPLE).items() if "__pycache__" not in path}


@pytest.fixture(scope="module")
def ran(jobs: list[Job], tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Ran]:
    """Runs the jobs that an SDK is for, once."""

    @cache
    def ran_on(sdk: str) -> Ran:
        return run_all(installed(sdk), [job for job in jobs if job.runs_on(sdk)], tmp_path_factory)

    return ran_on


def run_all(sdk: Path, jobs: list[Job], tmp_path_factory: pytest.TempPathFactory, *, keyed: bool = True) -> Ran:
    """Run the jobs with this SDK, each against the emulator of its provider, with the provider's key or without."""
    keys: set[str] = set()
    with ExitStack() as stack:
        urls: dict[tuple[str, str | None], str] = {}
        prepared = []
        for job in jobs:
            asked: list[tuple[Profile, str | None]] = [(job.profile, job.region)]
            asked += [(job.embeddings, None)] if job.embeddings is not None else []
            for profile, region in asked:
                if (repr(profile), region) not in urls:
                    urls[repr(profile), region] = stack.enter_context(
                        running(profile, region=region, on_request=lambda _, key: keys.add(key))
                    )
            there = [urls[repr(profile), region] for profile, region in asked]
            prepared.append(prepare(job, there, tmp_path_factory.mktemp("run"), keyed=keyed))
        return Ran(run(sdk, prepared), frozenset(keys))


def prepare(job: Job, urls: Sequence[str], folder: Path, *, keyed: bool) -> dict[str, Any]:
    """Write a job's files with the emulators' URLs for the providers' and return what ``run_cases`` is told."""
    regions = [aim(job.profile, job.region).region]
    regions += [aim(job.embeddings).region] if job.embeddings is not None else []
    files = dict(job.files)
    for region, url in zip(regions, urls, strict=True):
        for theirs, ours in ((region.base_url, url), (_host(region.base_url), _host(url))):
            files = {path: data.replace(theirs.encode(), ours.encode()) for path, data in files.items()}
    cases.write(folder, files)
    openais = {"OPENAI_API_KEY", "OPENAI_ADMIN_KEY", "AZURE_OPENAI_API_KEY"} - {region.key_env for region in regions}
    canaries = dict.fromkeys(openais, CANARY)
    canaries["OPENAI_API_TYPE"] = "openai"  # with keys of both kinds the module-level client asks which it is
    own = {region.key_env: job.key for region in regions} if keyed else {}
    environment = {**canaries, **own, **job.environment}
    return {"name": job.name, "folder": str(folder), "script": job.script, "environment": environment}


def _host(url: str) -> str:
    """Return an address without its path."""
    return "{0.scheme}://{0.netloc}".format(urlsplit(url))


def run(sdk: Path, prepared: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Run the jobs in one process with this SDK; what the process did not come to is missing."""
    command = [sys.executable, "-I", "-S", "-X", "utf8", str(RUNNER), str(sdk)]
    foreign = re.compile(r"_API_KEY$|_PROXY$|^OPENAI_", re.IGNORECASE)
    process = subprocess.run(
        command,
        input=json.dumps(prepared),
        env={name: value for name, value in os.environ.items() if not foreign.search(name)},
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=False,
        start_new_session=True,  # no terminal to ask for a key
    )
    assert process.returncode == 0, process.stderr
    return {line["name"]: line for line in map(json.loads, process.stdout.splitlines())}


def installed(version: str) -> Path:
    """Return the folder with this version of the SDK and what cases use beside it, installed by uv on first use."""
    pins = (f"openai=={version}", *BESIDE)
    tag = f"{sys.implementation.cache_tag}-{sysconfig.get_platform()}"
    digest = hashlib.sha256("\n".join(pins).encode()).hexdigest()[:8]
    folder = cases.ROOT / ".cache" / "sdk" / f"openai-{version}-{digest}-{tag}"
    if folder.is_dir():
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as half:
        target = Path(half) / "sdk"
        uv = str(Path(sys.executable).with_name("uv"))
        command = [uv, "pip", "install", "--quiet", "--python", sys.executable, "--target", str(target), *pins]
        install = subprocess.run(command, capture_output=True, text=True, check=False)
        assert install.returncode == 0, install.stderr
        target.rename(folder)
    return folder


def each_sdk(found: Iterable[cases.Case], *more: str) -> pytest.MarkDecorator:
    """Have a test run for each SDK that runs a case, and each of the current ones for what else is named."""
    names = [(sdk, case.name) for case in found for sdk in ((LEGACY,) if case.sdk is Sdk.KEEP else SDKS)]
    names += [(sdk, name) for name in more for sdk in SDKS]
    return pytest.mark.parametrize(("sdk", "name"), names, ids=[f"{sdk}-{name}" for sdk, name in names])


@each_sdk(RUNNABLE, *(f"sample/{id}" for id in PROVIDERS))
def test_migrated_code_runs(ran: Callable[[str], Ran], sdk: str, name: str) -> None:
    outcome = ran(sdk).outcomes[name]
    assert outcome["reached"] == []
    assert outcome["error"] is None, outcome["error"]
    assert Job(name, {}, profiles.find("qwen"), None).key in ran(sdk).keys, "it ran, but no request came"


@each_sdk(NEEDED)
def test_without_its_rule_it_fails(ran: Callable[[str], Ran], sdk: str, name: str) -> None:
    (case,) = (case for case in NEEDED if case.name == name)
    outcome = ran(sdk).outcomes[f"without/{name}"]
    assert outcome["reached"] == []
    assert f"\n{case.before_fails}: " in (outcome["error"] or "")


def test_what_went_wrong_is_noticed(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Code that was not migrated, half migrated, or that sends nothing."""
    qwen = profiles.find("qwen")
    ask = ".models.list()\n"
    half = f'OpenAI(base_url="{aim(qwen).base_url}", max_retries=0)'
    scripts = {
        "not-moved": "from openai import OpenAI\nOpenAI(max_retries=0)" + ask,
        "half-moved": f"from openai import OpenAI\n{half}" + ask,
        "silent": "print('nothing')\n",
    }
    broken = [Job(name, {"main.py": code.encode()}, qwen, None) for name, code in scripts.items()]
    ran = run_all(installed(SDKS[-1]), broken, tmp_path_factory)
    assert ran.outcomes["not-moved"]["reached"] == ["api.openai.com"]
    assert "401" in ran.outcomes["half-moved"]["error"]
    assert ran.outcomes["silent"]["error"] is None
    assert ran.keys == {CANARY}


@pytest.mark.parametrize("sdk", [*SDKS, LEGACY])
def test_key_of_openai_never_arrives(ran: Callable[[str], Ran], sdk: str) -> None:
    assert ran(sdk).keys
    assert CANARY not in ran(sdk).keys
    assert not any(CANARY in outcome["output"] for outcome in ran(sdk).outcomes.values())


@pytest.mark.parametrize("sdk", [SDKS[-1], LEGACY])
def test_without_the_providers_key_openais_goes_nowhere(
    jobs: list[Job], tmp_path_factory: pytest.TempPathFactory, sdk: str
) -> None:
    found = [job for job in jobs if job.runs_on(sdk)]
    ran = run_all(installed(sdk), found, tmp_path_factory, keyed=False)
    assert ran.outcomes.keys() == {job.name for job in found}
    assert CANARY not in ran.keys
    assert not any(outcome["reached"] for outcome in ran.outcomes.values())
    assert any("KeyError" in (outcome["error"] or "") for outcome in ran.outcomes.values())


@pytest.mark.parametrize("sdk", SDKS)
@pytest.mark.parametrize("id", PROVIDERS)
def test_sample_tells_five_things(ran: Callable[[str], Ran], sdk: str, id: str) -> None:
    lines = ran(sdk).outcomes[f"sample/{id}"]["output"].splitlines()
    assert [line.split()[0] for line in lines] == ["answer", "triage", "order", "article", "draft"]
    assert all(len(line.split()) > 1 for line in lines)
