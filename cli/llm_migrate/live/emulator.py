"""A local server that answers as a profile says the provider does (see ``emulation``), with faults if asked for.

Every answer carries the header ``x-llm-migrate-emulator``: nothing it says is evidence about the provider. Any key is
taken but an empty one and those that begin with ``sk-wrong``, ``invalid`` or ``sk-proj-`` (a key of OpenAI's).
"""

from __future__ import annotations

import contextlib
import json
import socket
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from llm_codemods.profile import Profile
from llm_codemods.text import text
from llm_migrate.live.emulation.media import PICTURES, Content, Upload, picture
from llm_migrate.live.emulation.operations import OPERATIONS, Answer, Incoming, Operation, served
from llm_migrate.live.emulation.refusal import RefusalError, check_key, refusal
from llm_migrate.live.emulation.storage import Store
from llm_migrate.live.errors import LiveError, MissingExtraError
from llm_migrate.live.faults import Trouble, troubled
from llm_migrate.live.wire import region_of

if TYPE_CHECKING:
    import uvicorn
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEADER = "x-llm-migrate-emulator"
_BODY_LIMIT = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Seen:
    """A request that came. ``body``: what its JSON holds, None where there is none."""

    method: str
    path: str
    body: Any


def _need_extra() -> None:
    try:
        import python_multipart  # noqa: F401
        import starlette  # noqa: F401
        import uvicorn  # noqa: F401
    except ModuleNotFoundError:
        raise MissingExtraError(
            text("the emulator needs packages that are not installed"),
            text("in a clone of llm-migrate: pip install '.[{extra}]'", extra="emulator"),
        ) from None


def prefix(profile: Profile, region: str | None = None) -> str:
    """Return the path under which the region's endpoint is served, such as ``/compatible-mode/v1``."""
    return urlsplit(profile.regions[region_of(profile, region)].base_url).path.rstrip("/")


def application(
    profile: Profile,
    *,
    region: str | None = None,
    trouble: Trouble | None = None,
    on_request: Callable[[Seen, str], None] | None = None,
) -> ASGIApp:
    """Return the ASGI application that serves the profile at its region's path; it keeps its own files and batches.

    ``trouble`` is what it is to do wrong. ``on_request`` gets every request, and the key it came with, before it is
    answered.

    Raises:
        MissingExtraError: Starlette is not installed.
        LiveError: the profile has no such region.
    """
    _need_extra()
    from starlette.applications import Starlette
    from starlette.routing import Route

    root, store = prefix(profile, region), Store()

    async def elsewhere(request: Request) -> Response:
        try:
            check_key(profile, request.headers.get("authorization"))
        except RefusalError as error:
            return _refused(error)
        return _refused(refusal(profile, "no-endpoint"))

    async def shown(request: Request) -> Response:
        found = picture(request.path_params["name"])
        return _response(found) if found is not None else await elsewhere(request)

    operations = served(profile)
    routes = [Route(root + o.path(profile), _endpoint(o, profile, store, root), methods=[o.method]) for o in operations]
    routes.append(Route(f"{root}{PICTURES}/{{name}}", shown, methods=["GET"]))
    routes.append(Route("/{rest:path}", elsewhere, methods=["GET", "POST", "PUT", "PATCH", "DELETE"]))
    app: ASGIApp = Starlette(routes=routes)
    if trouble is not None:
        app = troubled(app, trouble, profile, partial(_endpoint_of, profile, root))
    if on_request is not None:
        app = _watched(app, on_request)
    return _marked(app, profile.id)


def _endpoint(
    operation: Operation, profile: Profile, store: Store, root: str
) -> Callable[[Request], Awaitable[Response]]:
    """Return what checks the key, reads the body and answers."""
    from starlette.requests import ClientDisconnect
    from starlette.responses import JSONResponse

    async def answered(request: Request) -> Response:
        try:
            check_key(profile, request.headers.get("authorization"))
            incoming = Incoming(
                profile=profile,
                store=store,
                root=f"{request.url.scheme}://{request.url.netloc}{root}",
                body=await _body(profile, request) if request.method == "POST" else {},
                id=request.path_params.get("id", ""),
                query=request.query_params,
            )
            return _response(operation.answer(incoming))
        except RefusalError as error:
            return _refused(error)
        except ClientDisconnect:  # nobody is left to answer
            return JSONResponse(None, 499)

    return answered


def _refused(error: RefusalError) -> Response:
    from starlette.responses import JSONResponse

    return JSONResponse(error.body, error.status)


def _endpoint_of(profile: Profile, root: str, path: str) -> str | None:
    """Return the prefix of the methods that a path belongs to."""
    bases = ((root + o.path(profile).removesuffix(o.below), o.prefix) for o in OPERATIONS)
    found = [(len(base), name) for base, name in bases if path == base or path.startswith(f"{base}/")]
    return max(found)[1] if found else None


def _response(answer: Answer) -> Response:
    from starlette.responses import JSONResponse, Response, StreamingResponse

    if isinstance(answer, Content):
        return Response(answer.data, media_type=answer.type)
    if isinstance(answer, Mapping):
        return JSONResponse(answer)
    return StreamingResponse(_events(answer), media_type="text/event-stream")


async def _events(events: Iterator[str]) -> AsyncIterator[str]:
    for event in events:
        yield event


async def _body(profile: Profile, request: Request) -> Mapping[str, Any]:
    """Return the JSON object or the form that a request holds."""
    raw = bytearray()
    async for piece in request.stream():
        raw += piece
        if len(raw) > _BODY_LIMIT:
            raise refusal(profile, "too-large")
    if request.headers.get("content-type", "").startswith("multipart/form-data"):
        return await _form(profile, request, bytes(raw))
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError):
        body = None
    if not raw and request.url.path.endswith("/cancel"):
        return {}
    if not isinstance(body, dict):
        raise refusal(profile, "bad-parameter", parameter="body")
    return body


async def _form(profile: Profile, request: Request, raw: bytes) -> Mapping[str, Any]:
    from starlette.datastructures import UploadFile
    from starlette.exceptions import HTTPException
    from starlette.requests import Request

    async def receive() -> Message:
        return {"type": "http.request", "body": raw, "more_body": False}

    fields: dict[str, Any] = {}
    try:
        async with Request(request.scope, receive).form() as form:
            for name, value in form.multi_items():
                sent: object = value
                if isinstance(value, UploadFile):
                    kind = value.content_type or "application/octet-stream"
                    sent = Upload(value.filename or "file", await value.read(), kind)
                fields[name.removesuffix("[]")] = sent
    except HTTPException:
        raise refusal(profile, "bad-parameter", parameter="body") from None
    return fields


def _watched(app: ASGIApp, on_request: Callable[[Seen, str], None]) -> ASGIApp:
    """Tell of each request when all of it has come, before it is answered."""

    async def watched(scope: Scope, receive: Receive, send: Send) -> None:
        messages: list[Message] = []
        while sum(len(m.get("body", b"")) for m in messages) <= _BODY_LIMIT:
            messages.append(await receive())
            if not messages[-1].get("more_body"):
                break
        try:
            body = json.loads(b"".join(m.get("body", b"") for m in messages))
        except (ValueError, RecursionError):
            body = None
        headers = {name.lower(): value for name, value in scope["headers"]}
        key = headers.get(b"authorization", b"").decode("latin-1").removeprefix("Bearer ")
        on_request(Seen(scope["method"], scope["path"], body), key)

        async def replay() -> Message:
            return messages.pop(0) if messages else await receive()

        await app(scope, replay, send)

    return watched


def _marked(app: ASGIApp, id: str) -> ASGIApp:
    """Put the emulator's header on every answer."""

    async def marked(scope: Scope, receive: Receive, send: Send) -> None:
        async def send_marked(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), (HEADER.encode(), id.encode())]
            await send(message)

        await app(scope, receive, send_marked)

    return marked


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        bound = socket.create_server((host, port), family=family)
        # asyncio turns Nagle's algorithm off only for sockets that say they are TCP; it costs 40 ms an answer.
        return socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP, bound.detach())
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise LiveError(
            text("cannot listen on {host}:{port}: {reason}", host=host, port=port, reason=reason),
            text("choose another --port, or leave it out to get a free one"),
        ) from None


def _server(app: ASGIApp, *, quiet: bool) -> uvicorn.Server:
    """``quiet``: connections are broken on purpose, so uvicorn's word of it is no news."""
    import uvicorn

    config = uvicorn.Config(
        app,
        log_level="critical" if quiet else "error",
        access_log=False,
        lifespan="off",
        ws="none",
        timeout_graceful_shutdown=1,
    )
    return uvicorn.Server(config)


def _url(listening: socket.socket, profile: Profile, region: str | None) -> str:
    host, port = listening.getsockname()[:2]
    return f"http://{f'[{host}]' if ':' in host else host}:{port}{prefix(profile, region)}"


def serve(
    profile: Profile,
    host: str = "127.0.0.1",
    port: int = 0,
    *,
    region: str | None = None,
    trouble: Trouble | None = None,
    on_ready: Callable[[str], None] = lambda _: None,
) -> None:
    """Serve until interrupted; ``on_ready`` gets the base URL with the port that was chosen.

    Raises:
        MissingExtraError: the extra ``emulator`` is not installed.
        LiveError: no such region, or the address cannot be listened on.
    """
    server = _server(application(profile, region=region, trouble=trouble), quiet=trouble is not None)
    with _listen(host, port) as listening:
        on_ready(_url(listening, profile, region))
        server.run(sockets=[listening])


@contextlib.contextmanager
def running(
    profile: Profile,
    *,
    region: str | None = None,
    trouble: Trouble | None = None,
    on_request: Callable[[Seen, str], None] | None = None,
) -> Iterator[str]:
    """Serve on a free loopback port in a thread of this process; yields the base URL.

    ``trouble`` and ``on_request`` are those of ``application``; the latter is called in that thread.

    Raises:
        MissingExtraError: the extra ``emulator`` is not installed.
        LiveError: no such region, or the server did not start.
    """
    app = application(profile, region=region, trouble=trouble, on_request=on_request)
    server = _server(app, quiet=trouble is not None)
    with _listen("127.0.0.1", 0) as listening:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        try:
            deadline = time.monotonic() + 10
            while not server.started:
                if not thread.is_alive() or time.monotonic() > deadline:
                    raise LiveError(text("the emulator did not start"))
                time.sleep(0.01)
            yield _url(listening, profile, region)
        finally:
            server.should_exit = True
            thread.join(10)
