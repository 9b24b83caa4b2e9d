"""A command run so that its traffic to OpenAI, and to the provider, passes the relay."""

from __future__ import annotations

import contextlib
import os
import shlex
import signal
import ssl
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import FrameType
from typing import IO, Any
from urllib.parse import urlsplit

from llm_codemods import frameworks
from llm_codemods.target import OPENAIS_VARIABLE
from llm_codemods.text import text
from llm_codemods.vocabulary import is_openais
from llm_migrate.live.errors import LiveError
from llm_migrate.live.relay import Relay, Upstream

BUNDLES = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
"""What OpenSSL, httpx, requests and curl read the certificates from that they trust."""
_OWN = ("localhost", "127.0.0.1", "::1")
_GRACE = ((signal.SIGINT, 5.0), (signal.SIGTERM, 3.0))
"""How an interrupted command is ended: the signal, and for how many seconds it may go on."""


def surroundings(
    environ: Mapping[str, str], relay: Relay, placeholder: str, upstreams: Sequence[Upstream], bundle: Path
) -> dict[str, str]:
    """Return the environment for the command.

    Endpoints, proxies and trusted certificates are the relay's. Keys are the placeholder, under whatever name a key of
    the provider stands. ``bundle`` holds the relay's certificate beside those that were trusted before.
    """
    found = {name: value for name, value in environ.items() if not name.lower().endswith("_proxy")}
    found |= {name: relay.url for name, value in environ.items() if _is_endpoint(value, upstreams)}
    found |= dict.fromkeys(endpoint_variables(upstreams), relay.url)
    always = (OPENAIS_VARIABLE, *map(_key_variable, upstreams))
    named = {*always, *(name for name in _keys_of_frameworks() if name in environ)}
    keys = {one.connection.key for one in upstreams} | {environ[name].strip() for name in named if environ.get(name)}
    found |= {name: placeholder for name, value in environ.items() if value.strip() in keys}
    found |= dict.fromkeys(named, placeholder)
    excepted = ",".join(_excepted(environ, upstreams))
    for name, value in (("http_proxy", relay.proxy), ("https_proxy", relay.proxy), ("no_proxy", excepted)):
        found |= {name: value, name.upper(): value}
    return found | dict.fromkeys(BUNDLES, str(bundle)) | {"NODE_EXTRA_CA_CERTS": str(bundle)}


def endpoint_variables(upstreams: Sequence[Upstream]) -> tuple[str, ...]:
    """Return the variables that take the endpoint: those that frameworks read for OpenAI, and the first provider's."""
    read = {name for row in frameworks.table().rows if not row.azure for name in row.reads_endpoint if "OPENAI" in name}
    own = _key_variable(upstreams[0]).removesuffix("_API_KEY")
    return (*sorted(read), f"{own}_BASE_URL", f"{own}_API_BASE")


def _key_variable(upstream: Upstream) -> str:
    return upstream.connection.profile.regions[upstream.connection.region].key_env


def _keys_of_frameworks() -> frozenset[str]:
    return frozenset(name for row in frameworks.table().rows if not row.azure for name in row.reads_key)


def _is_endpoint(value: str, upstreams: Sequence[Upstream]) -> bool:
    """Whether a variable holds the base URL of OpenAI, or of the first provider."""
    try:
        parts = urlsplit(value.strip())
        host = parts.hostname or ""
    except ValueError:
        return False
    first = upstreams[0]
    return parts.scheme in ("http", "https") and (
        (is_openais(host) and parts.path.rstrip("/") in ("", "/v1")) or first.hosts.get(host) == parts.path.rstrip("/")
    )


def _excepted(environ: Mapping[str, str], upstreams: Sequence[Upstream]) -> Iterator[str]:
    """Yield the hosts that are asked without a proxy: this machine, and the user's own but those to be seen."""
    yield from _OWN
    for name in ("no_proxy", "NO_PROXY"):
        for word in environ.get(name, "").split(","):
            host = word.strip().lstrip("*.").lower()
            watched = [h for one in upstreams for h in one.hosts] + ["api.openai.com"]
            if host and host not in _OWN and not any(h == host or h.endswith("." + host) for h in watched):
                yield word.strip()


def trusted(environ: Mapping[str, str]) -> str:
    """Return the certificates that a command trusts in this environment, as PEM.

    Raises:
        LiveError: the file that the environment names cannot be read.
    """
    named = next((environ[name] for name in BUNDLES if environ.get(name)), None)
    if named is None:
        import httpx

        known = httpx.create_ssl_context().get_ca_certs(binary_form=True)
        return "".join(map(ssl.DER_cert_to_PEM_cert, known))
    try:
        return Path(named).read_text("ascii", "replace")
    except OSError as error:
        raise LiveError(text("cannot read {path}: {reason}", path=named, reason=error.strerror or str(error))) from None


def run(command: str, environ: Mapping[str, str], stdout: IO[Any] | None = None) -> int:
    """Run a command to its end and return its exit code, negative for the signal that ended it.

    It gets our standard streams; ``stdout`` takes the place of its standard output. An interrupt, or SIGTERM, ends it
    and all that it started.

    Raises:
        LiveError: there is nothing to run, or it cannot be started.
        KeyboardInterrupt: it was interrupted, and has ended.
    """
    try:
        words = shlex.split(command) if os.name == "posix" else command
    except ValueError:
        words = []
    if not words:
        raise LiveError(text("'{command}' is not a command", command=command), text('write it as --run "pytest -q"'))
    if sys.stdout is not None:  # what is ours comes before what is the command's
        sys.stdout.flush()
    with _terminable():
        try:
            child = subprocess.Popen(  # noqa: S603 (the command is what the user asks to run)
                words, env=dict(environ), stdout=stdout, start_new_session=True
            )
        except OSError as error:
            raise LiveError(
                text("cannot run '{command}': {reason}", command=command, reason=error.strerror or str(error)),
                text("for what only a shell understands: --run \"sh -c '…'\""),
            ) from None
        try:
            return child.wait()
        except KeyboardInterrupt:
            _end(child)
            raise


@contextlib.contextmanager
def _terminable() -> Iterator[None]:
    """Let SIGTERM be an interrupt, so that nothing is left running behind."""

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    try:
        before = signal.signal(signal.SIGTERM, interrupt)
    except ValueError:  # not the main thread
        yield
        return
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _end(child: subprocess.Popen[Any]) -> None:
    """End a command and all that belongs to it: politely, then not."""
    for number, seconds in _GRACE:
        _signal(child, number)
        try:
            child.wait(seconds)
            break
        except subprocess.TimeoutExpired:
            continue
        except KeyboardInterrupt:
            break
    _signal(child, getattr(signal, "SIGKILL", signal.SIGTERM))
    child.wait()


def _signal(child: subprocess.Popen[Any], number: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        if os.name == "posix":
            os.killpg(child.pid, number)
        else:
            child.terminate()
