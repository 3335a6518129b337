"""The address of the engine's metrics."""

from aiohttp import web

from ops.metrics_export.exposition import CONTENT_TYPE, Exposition


def metrics_route(exposition: Exposition) -> web.RouteDef:
    """Return ``GET /metrics``."""

    async def metrics(_: web.Request) -> web.Response:
        body = await exposition.text()
        return web.Response(body=body, headers={"Content-Type": CONTENT_TYPE})

    return web.get("/metrics", metrics)
