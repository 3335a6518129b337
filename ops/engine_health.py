"""The engine's own health endpoint: visible without the dashboard."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import asdict

from aiohttp import web

from core.model.engine_report import EngineReport
from ops.ports import LOOPBACK

_HEALTHY_FEEDS = frozenset({"LIVE", "BACKFILLING", "STARTING"})


@asynccontextmanager
async def serve_health(port: int, report: Callable[[], EngineReport]) -> AsyncIterator[None]:
    """
    Answer ``GET /health`` on loopback while the block runs.

    The answer is the engine's report as JSON; 503 when its feed is not healthy.

    Raises:
        OSError: If the port is taken.
    """

    async def health(_: web.Request) -> web.Response:
        said = report()
        healthy = said.feed_state in _HEALTHY_FEEDS
        return web.json_response(
            {"healthy": healthy, **asdict(said)}, status=200 if healthy else 503
        )

    app = web.Application()
    app.router.add_get("/health", health)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, LOOPBACK, port).start()
        yield
    finally:
        await runner.cleanup()
