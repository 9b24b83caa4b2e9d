"""A relay on loopback between a command and the endpoint: it passes requests on and shows each of them to a witness.

It is two things on one port. Asked for a path, it is the endpoint: the request goes to the provider. Asked as a proxy,
it opens connections to the provider's own hosts with a certificate of its own, so that endpoints written in the code
are seen, too; refuses those to OpenAI; and lets all others through unseen.

The key is put in here and nowhere else. The command has a placeholder, made for this run, and only a request that
carries it is passed on: other programs on the machine cannot spend the key, and no other key reaches the provider.
Answers go through as they come, byte for byte. A copy of each is bounded, and gone when the witness has seen it.
"""

from __future__ import annotations

import base64
import contextlib
import hmac
import json
import selectors
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from llm_codemods.target import Target, aim
from llm_codemods.text import Text, text
from llm_codemods.vocabulary import is_openais
from llm_migrate.live.errors import LiveError, MissingExtraError
from llm_migrate.live.sending import LIMITS, reason_of
from llm_migrate.live.wire import Connection, Response, is_loopback

if TYPE_CHECKING:
    import h11
    import httpx
    import trustme

BODY_LIMIT = 64 * 1024 * 1024
"""Longest request that is passed on; the API's own limits for files are lower."""
PATIENCE = 600.0
"""Longest silence of the endpoint in seconds: what the SDK waits, so that the command ends the wait, not the relay."""
IDLE = 300.0
LAST = 3.0
"""How long to wait for answers when the command has ended."""
_PIECE = 65_536
_HOP = frozenset(
    {
        *("connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection", "te"),
        *("trailer", "transfer-encoding", "upgrade"),
    }
)
"""Headers that belong to one connection."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request that the command sent to the provider, and what came of it."""

    method: str
    path: str
    """Below the origin, with its query."""
    body: bytes
    response: Response | None
    """What the endpoint answered, the start of it if that is long; None: the request was not passed on, or in vain."""
    failure: Text | None = None
    """Why there is no whole answer."""
    left: bool = False
    """The command hung up before the end of the answer."""
    encoded: bool = False
    """The answer is compressed, although that was not asked for."""
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Direct:
    """A connection that passes the relay by: where to, and why it was refused."""

    host: str
    why: Text


Seen = Callable[[Exchange | Direct], None]
"""Called from the threads of the connections."""


@dataclass(frozen=True, slots=True)
class Upstream:
    """Where requests are passed on to, and the hosts in the code that mean it, each with the path of its base URL."""

    connection: Connection
    hosts: Mapping[str, str]

    @property
    def origin(self) -> str:
        """Scheme and host of the endpoint."""
        parts = urlsplit(self.connection.base_url)
        return f"{parts.scheme}://{parts.netloc}"

    def url_of(self, host: str | None, path: str) -> str:
        """Return where a request goes that was sent to ``host``: a gateway may serve the API at another path."""
        base = self.hosts.get(host or "")
        if base is not None and path.startswith(f"{base}/"):
            return self.connection.base_url + path.removeprefix(base)
        return self.origin + path


@dataclass(frozen=True)
class Relay:
    """A running relay. ``url`` stands for the endpoint, ``proxy`` is for the proxy variables."""

    url: str
    proxy: str
    authority: str
    """The certificate of its own authority, as PEM."""


@dataclass(frozen=True)
class _Desk:
    """What all connections share."""

    upstreams: tuple[Upstream, ...]
    placeholder: str
    client: httpx.Client
    authority: trustme.CA
    seen: Seen
    place: str
    """Its own host and port."""
    certificates: dict[str, ssl.SSLContext] = field(default_factory=dict)
    under_way: set[object] = field(default_factory=set)
    changed: threading.Condition = field(default_factory=threading.Condition)

    def upstream_of(self, host: str) -> Upstream | None:
        return next((one for one in self.upstreams if host in one.hosts), None)

    def refusal_of(self, host: str) -> Text | None:
        """Return why no connection is made to a host; None: it is no matter of ours."""
        for one in self.upstreams:
            if _target(one).is_home(host):
                return text(
                    "another host of {id} than that of region {region}; name the region that the code is for: --region",
                    id=one.connection.profile.id,
                    region=one.connection.region,
                )
        if is_openais(host):
            return text("the code talks to OpenAI, past the provider")
        return None

    def context_for(self, host: str) -> ssl.SSLContext:
        with self.changed:
            if host not in self.certificates:
                context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
                self.authority.issue_cert(host).configure_cert(context)
                self.certificates[host] = context
            return self.certificates[host]

    @contextlib.contextmanager
    def passing(self) -> Iterator[None]:
        """Count what is under way."""
        mark = object()
        with self.changed:
            self.under_way.add(mark)
        try:
            yield
        finally:
            with self.changed:
                self.under_way.discard(mark)
                self.changed.notify_all()

    def settle(self) -> None:
        """Wait a little for what is under way: the command may have ended when it had all that it wanted."""
        with self.changed:
            self.changed.wait_for(lambda: not self.under_way, LAST)


def _target(upstream: Upstream) -> Target:
    return aim(upstream.connection.profile, upstream.connection.region)


def upstream(connection: Connection, instead: str | None = None) -> Upstream:
    """Return where a connection's requests go; ``instead``: the base URL of an emulator that takes its place."""
    profile = connection.profile
    urls = [urlsplit(url) for url in (profile.regions[connection.region].base_url, connection.base_url)]
    there = connection
    if instead is not None:
        there = Connection(
            profile,
            connection.region,
            instead,
            connection.key,
            connection.chat_model,
            connection.embedding_model,
        )
    hosts = {parts.hostname or "": parts.path.rstrip("/") for parts in urls}
    return Upstream(there, {host: path for host, path in hosts.items() if not is_loopback(host)})


@contextlib.contextmanager
def relaying(upstreams: Sequence[Upstream], placeholder: str, seen: Seen) -> Iterator[Relay]:
    """Relay on a free loopback port, in threads of this process, while the block runs.

    ``url`` stands for the first of ``upstreams``. ``seen`` gets every exchange when it is over.

    Raises:
        MissingExtraError: the extra ``relay`` is not installed.
        LiveError: no port can be listened on.
    """
    try:
        import h11  # noqa: F401
        import trustme
    except ModuleNotFoundError:
        raise MissingExtraError(
            text("watching a command needs packages that are not installed"),
            text("in a clone of llm-migrate: pip install '.[{extra}]'", extra="relay"),
        ) from None
    import httpx

    authority = trustme.CA()
    loopback = all(is_loopback(urlsplit(one.origin).hostname or "") for one in upstreams)
    try:
        listening = socket.create_server(("127.0.0.1", 0), backlog=128)
    except OSError as error:
        raise LiveError(text("cannot listen on this machine: {reason}", reason=error.strerror or str(error))) from None
    with (
        listening,
        httpx.Client(
            timeout=httpx.Timeout(PATIENCE, connect=LIMITS.connect, pool=None),
            limits=httpx.Limits(max_connections=None),
            follow_redirects=False,
            trust_env=not loopback,
        ) as client,
    ):
        host = f"127.0.0.1:{listening.getsockname()[1]}"
        desk = _Desk(tuple(upstreams), placeholder, client, authority, seen, host)
        threading.Thread(target=_accept, args=(listening, desk), daemon=True).start()
        path = urlsplit(upstreams[0].connection.base_url).path
        try:
            yield Relay(
                f"http://{host}{path}", f"http://relay:{placeholder}@{host}", authority.cert_pem.bytes().decode("ascii")
            )
        finally:
            desk.settle()
            with contextlib.suppress(OSError):  # wakes the thread that accepts
                listening.shutdown(socket.SHUT_RDWR)


def _accept(listening: socket.socket, desk: _Desk) -> None:
    while True:
        try:
            connected, _ = listening.accept()
        except OSError:
            return
        threading.Thread(target=_serve, args=(connected, desk), daemon=True).start()


def _serve(connected: socket.socket, desk: _Desk) -> None:
    """Serve one connection to its end."""
    connected.settimeout(IDLE)
    with contextlib.suppress(OSError):  # the command hung up, or trusts no authority of ours
        connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with _Line(connected, desk) as line:
            line.serve()


class _HungUpError(Exception):
    """The command went away while an answer was on its way."""


class _Line:
    """One connection of the command."""

    def __init__(self, connected: socket.socket, desk: _Desk, host: str | None = None) -> None:
        """``host``: of the provider, if the command believes to speak to that."""
        import h11

        self.socket = connected
        self.desk = desk
        self.host = host
        self.upstream = desk.upstreams[0] if host is None else desk.upstream_of(host) or desk.upstreams[0]
        self.http = h11.Connection(h11.SERVER, max_incomplete_event_size=_PIECE)

    def __enter__(self) -> _Line:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def serve(self) -> None:
        """Answer one request after the other."""
        import h11

        with contextlib.suppress(h11.ProtocolError):
            while isinstance(event := self._next(), h11.Request):
                if event.method == b"CONNECT" and self.host is None:
                    self._connect(event)
                    return
                self._request(event)
                if self.http.our_state is not h11.DONE or self.http.their_state is not h11.DONE:
                    return
                self.http.start_next_cycle()

    def _next(self) -> object:
        import h11

        while True:
            event = self.http.next_event()
            if event is not h11.NEED_DATA:
                return event
            if self.http.they_are_waiting_for_100_continue:
                self._send(h11.InformationalResponse(status_code=100, headers=[]))
            self.http.receive_data(self.socket.recv(_PIECE))

    def _send(self, event: h11.Event) -> None:
        data = self.http.send(event)
        if data:
            self.socket.sendall(data)

    def _answer(self, status: int, message: str) -> None:
        """Answer with an error of the relay's own, in OpenAI's form."""
        import h11

        error = {"message": message, "type": "llm_migrate_relay", "code": "llm_migrate_relay", "param": None}
        body = json.dumps({"error": error}).encode()
        headers = [
            ("content-type", "application/json"),
            ("content-length", str(len(body))),
            ("x-should-retry", "false"),
        ]
        self._send(h11.Response(status_code=status, headers=headers, reason=b"refused by llm-migrate"))
        self._send(h11.Data(data=body))
        self._send(h11.EndOfMessage())

    def _body(self) -> bytes | None:
        """Return the whole body of a request; None where it is too long."""
        import h11

        body = bytearray()
        while not isinstance(event := self._next(), h11.EndOfMessage):
            if not isinstance(event, h11.Data):
                raise ConnectionResetError
            body += event.data
            if len(body) > BODY_LIMIT:
                return None
        return bytes(body)

    # --- as an endpoint ---

    def _request(self, request: h11.Request) -> None:
        target = request.target.decode("latin-1")
        upstream = self.upstream
        ours = True
        # A client that proxies everything asks for the relay itself so.
        target = target.removeprefix(f"http://{self.desk.place}")
        if not target.startswith("/"):  # asked as a proxy, in the clear
            if not self._may_use_proxy(request):
                return
            host = urlsplit(target).hostname or ""
            why = self.desk.refusal_of(host)
            if self.desk.upstream_of(host) is not None:
                why = text("plain http to the provider, which would show its key to everybody on the way")
            if why is not None:
                self._refuse(Direct(host, why))
                return
            ours = False
        body = self._body()
        if body is None:
            self._answer(413, "the request is too large for the relay")
            return
        headers = [
            (name.decode("latin-1"), value.decode("latin-1"))
            for name, value in request.headers
            if name.decode("latin-1") not in _HOP | {"host", "content-length", "expect"}
        ]
        method = request.method.decode("latin-1")
        if not ours:
            self._pass(method, target, headers, body, None)
            return
        given = next((value for name, value in headers if name == "authorization"), None)
        headers = [(n, v) for n, v in headers if n not in ("authorization", "accept-encoding")]
        # The answer is to be read here as well.
        headers.append(("accept-encoding", "identity"))
        if given is not None:
            if not self._is_placeholder(given, upstream):
                why = text("carries a key of its own, not the one from the environment; not passed on")
                self._answer(401, str(why))
                self.desk.seen(Exchange(method, target, body, None, why))
                return
            headers.append(("authorization", f"Bearer {upstream.connection.key}"))
        self._pass(method, upstream.url_of(self.host, target), headers, body, target)

    def _is_placeholder(self, given: str, upstream: Upstream) -> bool:
        """Whether a request carries what the command was given; the provider's own key may come from a file."""
        key = given.removeprefix("Bearer ").strip().encode()
        return any(hmac.compare_digest(key, k.encode()) for k in (self.desk.placeholder, upstream.connection.key))

    def _pass(self, method: str, url: str, headers: Sequence[tuple[str, str]], body: bytes, path: str | None) -> None:
        """Pass a request on, and its answer back while it comes; ``path`` None: nobody is to be told."""
        with self.desk.passing():
            status, failure, left = self._pass_on(method, url, headers, body, path)
        if failure is not None and not status:
            self._answer(502, str(failure))
        elif failure is not None or left:
            raise ConnectionResetError

    def _pass_on(
        self, method: str, url: str, headers: Sequence[tuple[str, str]], body: bytes, path: str | None
    ) -> tuple[int, Text | None, bool]:
        import h11
        import httpx

        started = time.monotonic()
        kept = bytearray()
        told: dict[str, str] = {}
        status, failure, left = 0, None, False
        try:
            # A request of the client's own making would carry its headers, and cookies of others.
            request = httpx.Request(method, url, headers=list(headers), content=body)
            with contextlib.closing(self.desk.client.send(request, stream=True)) as answer:
                status, told = answer.status_code, {n.lower(): v for n, v in answer.headers.items()}
                back = [(n, v) for n, v in answer.headers.raw if n.decode("latin-1").lower() not in _HOP]
                self._send_back(h11.Response(status_code=status, headers=back, reason=answer.reason_phrase.encode()))
                for piece in answer.iter_raw():
                    if len(kept) <= LIMITS.size:
                        kept += piece
                    self._send_back(h11.Data(data=piece))
                self._send_back(h11.EndOfMessage())
        except _HungUpError:
            left = True
        except h11.LocalProtocolError:
            failure = text("the answer is no valid HTTP")
        except (httpx.HTTPError, httpx.InvalidURL, RuntimeError) as error:
            failure = reason_of(error, reached=bool(status)).why
        if path is not None:
            response = Response(status, bytes(kept), told, len(kept) > LIMITS.size) if status else None
            encoded = told.get("content-encoding", "identity") != "identity"
            seconds = round(time.monotonic() - started, 3)
            self.desk.seen(Exchange(method, path, body, response, failure, left, encoded, seconds))
        return status, failure, left

    def _send_back(self, event: h11.Event) -> None:
        try:
            self._send(event)
        except OSError:
            raise _HungUpError from None

    # --- as a proxy ---

    def _may_use_proxy(self, request: h11.Request) -> bool:
        given = next((v for n, v in request.headers if n == b"proxy-authorization"), b"")
        wanted = b"Basic " + base64.b64encode(f"relay:{self.desk.placeholder}".encode())
        if hmac.compare_digest(given, wanted):
            return True
        self._answer(407, "this proxy is for the watched command only")
        return False

    def _refuse(self, direct: Direct) -> None:
        self.desk.seen(direct)
        self._answer(403, f"llm-migrate: {direct.host}: {direct.why}")

    def _connect(self, request: h11.Request) -> None:
        import h11

        host, _, port = request.target.decode("latin-1").rpartition(":")
        host = host.strip("[]").lower()
        if not self._may_use_proxy(request):
            return
        upstream = self.desk.upstream_of(host)
        if upstream is None and (why := self.desk.refusal_of(host)) is not None:
            self._refuse(Direct(host, why))
            return
        there = None
        if upstream is None:
            try:
                there = _dial(host, int(port))
            except (OSError, ValueError):
                self._answer(502, f"cannot reach {host}:{port}")
                return
        self._send(h11.Response(status_code=200, headers=[]))
        if there is not None:
            with there:
                _join(self.socket, there, self.http.trailing_data[0])
            return
        try:
            secure = self.desk.context_for(host).wrap_socket(self.socket, server_side=True)
        except OSError:
            why = text("does not trust the relay's certificate, so its requests could not be seen")
            self.desk.seen(Direct(host, why))
            raise
        with _Line(secure, self.desk, host) as line:
            line.serve()


def _dial(host: str, port: int) -> socket.socket:
    """Connect to a host, through the proxy of the environment where there is one.

    Raises:
        OSError: it cannot be reached, or the proxy does not want to.
    """
    from urllib.request import getproxies, proxy_bypass

    proxy = None if proxy_bypass(f"{host}:{port}") else getproxies().get("https")
    if not proxy:
        return socket.create_connection((host, port), LIMITS.connect)
    parts = urlsplit(proxy if "://" in proxy else f"http://{proxy}")
    if parts.scheme != "http" or not parts.hostname:
        raise OSError("a proxy that is not understood")
    there = socket.create_connection((parts.hostname, parts.port or 80), LIMITS.connect)
    place = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    lines = [f"CONNECT {place} HTTP/1.1", f"Host: {place}"]
    if parts.username:
        from urllib.parse import unquote

        secret = f"{unquote(parts.username)}:{unquote(parts.password or '')}".encode()
        lines.append("Proxy-Authorization: Basic " + base64.b64encode(secret).decode("ascii"))
    there.sendall("\r\n".join([*lines, "", ""]).encode("latin-1"))
    head = b""
    while b"\r\n\r\n" not in head:
        piece = there.recv(1)
        head += piece
        if not piece or len(head) > _PIECE:
            break
    if head.split(b" ")[1:2] != [b"200"]:
        there.close()
        raise OSError("the proxy refused")
    return there


def _join(one: socket.socket, other: socket.socket, first: bytes) -> None:
    """Copy bytes both ways until one side ends."""
    if first:
        other.sendall(first)
    with selectors.DefaultSelector() as ready:
        ready.register(one, selectors.EVENT_READ, other)
        ready.register(other, selectors.EVENT_READ, one)
        while events := ready.select(IDLE):
            for key, _ in events:
                source, goal = key.fileobj, key.data
                assert isinstance(source, socket.socket)
                piece = source.recv(_PIECE)
                if not piece:
                    return
                goal.sendall(piece)
