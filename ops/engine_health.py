"""The engine's own health endpoint: visible without the dashboard."""

import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import asdict

from aiohttp import web

from core.http_log import HttpLog
from core.model.engine_report import EngineReport
from ops.ports import LOOPBACK


@asynccontextmanager
async def serve_health(port: int, report: Callable[[], EngineReport]) -> AsyncIterator[None]:
    """
    Answer ``GET /health`` on loopback while the block runs.

    The answer is the engine's report as JSON; 503 when its feed does not deliver all there is,
    but for the first time after the start that this takes.

    Raises:
        OSError: If the port is taken.
    """

    async def health(_: web.Request) -> web.Response:
        said = report()
        return web.json_response(
            {"healthy": said.healthy, **asdict(said)}, status=200 if said.healthy else 503
        )

    app = web.Application()
    app.router.add_get("/health", health)
    runner = web.AppRunner(app, access_log=None, logger=HttpLog(logging.getLogger(__name__)))
    await runner.setup()
    try:
        await web.TCPSite(runner, LOOPBACK, port).start()
        yield
    finally:
        await runner.cleanup()
