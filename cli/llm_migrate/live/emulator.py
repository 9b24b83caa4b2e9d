"""A local server that answers as a profile says the provider does (see ``emulation``).

Every answer carries the header ``x-llm-migrate-emulator``: nothing it says is evidence about the provider. Any key is
taken but an empty one and those that begin with ``sk-wrong``, ``invalid`` or ``sk-proj-`` (a key of OpenAI's).
"""

from __future__ import annotations

import contextlib
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from llm_codemods.profile import Profile, Status
from llm_codemods.text import text
from llm_migrate.live import emulation
from llm_migrate.live.emulation import RefusalError
from llm_migrate.live.errors import LiveError, MissingExtraError
from llm_migrate.live.wire import PATHS, endpoint_path, region_of

if TYPE_CHECKING:
    import uvicorn
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEADER = "x-llm-migrate-emulator"
_BODY_LIMIT = 16 * 1024 * 1024


def _need_extra() -> None:
    try:
        import starlette  # noqa: F401
        import uvicorn  # noqa: F401
    except ModuleNotFoundError:
        raise MissingExtraError(
            text("the emulator needs packages that are not installed"), text("pip install 'llm-migrate[emulator]'")
        ) from None


def prefix(profile: Profile, region: str | None = None) -> str:
    """Return the path under which the region's endpoint is served, such as ``/compatible-mode/v1``."""
    return urlsplit(profile.regions[region_of(profile, region)].base_url).path.rstrip("/")


def application(profile: Profile, *, region: str | None = None) -> ASGIApp:
    """Return the ASGI application that serves the profile at its region's path.

    Raises:
        MissingExtraError: Starlette is not installed.
        LiveError: the profile has no such region.
    """
    _need_extra()
    from starlette.applications import Starlette
    from starlette.requests import ClientDisconnect
    from starlette.responses import JSONResponse, StreamingResponse
    from starlette.routing import Route

    root = prefix(profile, region)

    def answered(answer: Callable[[Mapping[str, Any]], Response]) -> Callable[[Request], Any]:
        """Turn a function of the body into an endpoint that checks the key first and knows refusals."""

        async def endpoint(request: Request) -> Response:
            try:
                emulation.check_key(profile, request.headers.get("authorization"))
                return answer(await _body(request))
            except RefusalError as refused:
                return JSONResponse(refused.body, refused.status)
            except ClientDisconnect:  # nobody is left to answer
                return JSONResponse(None, 499)

        return endpoint

    async def _body(request: Request) -> Mapping[str, Any]:
        if request.method == "GET":
            return {"id": request.path_params.get("id", "")}
        raw = bytearray()
        async for piece in request.stream():
            raw += piece
            if len(raw) > _BODY_LIMIT:
                raise RefusalError(
                    413, {"error": {"message": "the request is too large", "type": "invalid_request_error"}}
                )
        try:
            body = json.loads(raw)
        except ValueError:
            body = None
        if not isinstance(body, dict):
            raise emulation.refusal(profile, "bad-parameter", parameter="body")
        return body

    def chat(body: Mapping[str, Any]) -> Response:
        if emulation.streams(profile, body):
            return StreamingResponse(emulation.chat_stream(profile, body), media_type="text/event-stream")
        return JSONResponse(emulation.chat(profile, body))

    def nothing(_: Mapping[str, Any]) -> Response:
        raise emulation.refusal(profile, "no-endpoint")

    async def elsewhere(_: Request) -> Response:
        refused = emulation.refusal(profile, "no-endpoint")
        return JSONResponse(refused.body, refused.status)

    served = {
        "chat.completions": ("POST", chat),
        "embeddings": ("POST", lambda body: JSONResponse(emulation.embeddings(profile, body))),
        "models": ("GET", lambda _: JSONResponse(emulation.models(profile))),
    }
    routes = []
    for api in PATHS:
        row = profile.endpoint(api)
        method, answer = served[api]
        refused = row is not None and row.status is Status.REJECTED
        path = root + endpoint_path(profile, api)
        routes.append(Route(path, answered(nothing if refused else answer), methods=[method]))
        if api == "models" and not refused:
            one = answered(lambda body: JSONResponse(emulation.model(profile, body["id"])))
            routes.append(Route(path + "/{id:path}", one, methods=["GET"]))
    everything = ["GET", "POST", "PUT", "PATCH", "DELETE"]
    routes.append(Route("/{rest:path}", elsewhere, methods=everything))
    return _marked(Starlette(routes=routes), profile.id)


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
    try:
        return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise LiveError(
            text("cannot listen on {host}:{port}: {reason}", host=host, port=port, reason=reason),
            text("choose another --port, or leave it out to get a free one"),
        ) from None


def _server(profile: Profile, region: str | None) -> uvicorn.Server:
    app = application(profile, region=region)
    import uvicorn

    config = uvicorn.Config(
        app, log_level="error", access_log=False, lifespan="off", ws="none", timeout_graceful_shutdown=1
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
    on_ready: Callable[[str], None] = lambda _: None,
) -> None:
    """Serve until interrupted; ``on_ready`` gets the base URL with the port that was chosen.

    Raises:
        MissingExtraError: the extra ``emulator`` is not installed.
        LiveError: no such region, or the address cannot be listened on.
    """
    server = _server(profile, region)
    with _listen(host, port) as listening:
        on_ready(_url(listening, profile, region))
        server.run(sockets=[listening])


@contextlib.contextmanager
def running(profile: Profile, *, region: str | None = None) -> Iterator[str]:
    """Serve on a free loopback port in a thread of this process; yields the base URL.

    Raises:
        MissingExtraError: the extra ``emulator`` is not installed.
        LiveError: no such region, or the server did not start.
    """
    server = _server(profile, region)
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
