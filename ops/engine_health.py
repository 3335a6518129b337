"""The engine's own health endpoint: visible without the dashboard."""

import json
import logging
import math
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import asdict
from time import monotonic
from urllib.parse import urlsplit

from aiohttp import hdrs, web

from core.config.dashboard import LOOPBACK_NAMES
from core.http_log import HttpLog
from core.model.engine_report import EngineReport
from ops.health.answers import Answer, alive, database, detailed, ready
from ops.health.probes import Health
from ops.ports import LOOPBACK

_TOLD_AGAIN_S = 0.25
"""A report costs milliseconds: many who ask at once share one."""


def health_routes(health: Health) -> tuple[web.RouteDef, ...]:
    """Return the addresses below ``/health``; none of them waits for anything."""

    def route(path: str, told: Callable[[], Answer]) -> web.RouteDef:
        async def answer(_: web.Request) -> web.Response:
            found = told()
            return web.json_response(found.told, status=found.status)

        return web.get(path, answer)

    return (
        route("/health/live", alive),
        route("/health/ready", lambda: ready(health)),
        route("/health/database", lambda: database(health)),
        route("/health/detailed", lambda: detailed(health)),
    )


@asynccontextmanager
async def serve_health(
    port: int, report: Callable[[], EngineReport], routes: Iterable[web.AbstractRouteDef] = ()
) -> AsyncIterator[None]:
    """
    Answer ``GET /health`` on loopback, and what is given besides, while the block runs.

    Whoever calls by another name than this machine's own is refused: a page of the web whose name
    was made to lead here could read the account else.

    The answer is the engine's report as JSON; 503 when its feed does not deliver all there is,
    but for the first time after the start that this takes.

    Raises:
        OSError: If the port is taken.
    """
    told: tuple[float, int, str] = (-math.inf, 0, "")

    async def health(_: web.Request) -> web.Response:
        nonlocal told
        if monotonic() - told[0] >= _TOLD_AGAIN_S:
            said = report()
            text = json.dumps({"healthy": said.healthy, **asdict(said)})
            told = monotonic(), 200 if said.healthy else 503, text
        return web.json_response(text=told[2], status=told[1])

    app = web.Application(middlewares=[_called_by_name])
    app.router.add_get("/health", health)
    app.router.add_routes(routes)
    runner = web.AppRunner(app, access_log=None, logger=HttpLog(logging.getLogger(__name__)))
    await runner.setup()
    try:
        await web.TCPSite(runner, LOOPBACK, port).start()
        yield
    finally:
        await runner.cleanup()


@web.middleware
async def _called_by_name(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    host = request.headers.get(hdrs.HOST)
    if host is not None and _hostname(host) not in LOOPBACK_NAMES:
        raise web.HTTPForbidden(text="call it 127.0.0.1 or localhost")
    return await handler(request)


def _hostname(host: str) -> str | None:
    try:
        return urlsplit(f"//{host}").hostname
    except ValueError:
        return None
