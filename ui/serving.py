"""The page on its port, on the event loop of whoever calls."""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import uvicorn
from fastapi import FastAPI

from core.config import DashboardSettings
from core.config.dashboard import LOOPBACK_NAMES
from ops.ports import PortTakenError
from ui.access.body_limit import LARGEST_BODY

# Open pages hold sockets for good: an end does not wait for them.
_GRACE_S = 1
_LOOPBACK = "127.0.0.1"
_EVERYWHERE = frozenset({"0.0.0.0", "::"})  # noqa: S104 - the operator's choice, with a password
_WAITING = 2048  # connections not accepted yet; uvicorn's own default


class _Server(uvicorn.Server):
    """A server that leaves signals to the program it is a part of."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def serve(app: FastAPI, settings: DashboardSettings) -> None:
    """Serve ``app`` until cancelled; sockets are closed when this ends."""
    server = _Server(config_of(app, settings))
    serving = asyncio.ensure_future(server.serve(sockets=_sockets(settings)))
    try:
        await asyncio.shield(serving)
    finally:
        server.should_exit = True
        await serving


def config_of(app: FastAPI, settings: DashboardSettings) -> uvicorn.Config:
    """Return how the page is served."""
    return uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        ws="websockets-sansio",
        ws_max_size=LARGEST_BODY,
        # Packing each push costs milliseconds of the loop, which only a network pays back.
        ws_per_message_deflate=settings.host not in LOOPBACK_NAMES,
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=_GRACE_S,
    )


def addresses(host: str) -> tuple[str, ...]:
    """Return where we listen: our own commands look for the page on loopback."""
    beyond = host not in LOOPBACK_NAMES | _EVERYWHERE
    return (host, _LOOPBACK) if beyond else (host,)


def _sockets(settings: DashboardSettings) -> list[socket.socket] | None:
    """Return the sockets of several addresses; None leaves one to the server."""
    places = addresses(settings.host)
    if len(places) == 1:
        return None
    with ExitStack() as opened:
        found = [opened.enter_context(_bound(place, settings.port)) for place in places]
        opened.pop_all()  # the server closes them
        return found


def _bound(place: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in place else socket.AF_INET
    try:
        return socket.create_server((place, port), family=family, backlog=_WAITING)
    except OSError as error:
        raise PortTakenError(
            f"{place} port {port} cannot be listened on: {error.strerror}; see dashboard.host"
        ) from error
