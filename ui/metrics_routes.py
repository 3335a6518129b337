"""The address of the dashboard's metrics; behind the gate where one stands."""

from fastapi import APIRouter
from fastapi.responses import Response

from ops.metrics_export.exposition import CONTENT_TYPE, Exposition


def metrics_router(exposition: Exposition) -> APIRouter:
    """Return ``GET /metrics``."""
    router = APIRouter(include_in_schema=False)

    @router.get("/metrics")
    async def metrics() -> Response:
        return Response(await exposition.text(), headers={"Content-Type": CONTENT_TYPE})

    return router
