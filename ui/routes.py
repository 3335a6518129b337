"""What the page's server answers besides Dash: health, figures, and the lease of a page."""

from typing import Annotated, Any

from fastapi import APIRouter, FastAPI
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, ConfigDict, Field

from ui.health_routes import health_router
from ui.live_service import LiveService
from ui.pages import TooManyPagesError
from ui.services import Services
from ui.view import ViewError


class Lease(BaseModel):
    """What a page says of itself every few seconds."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    page: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
    symbol: Annotated[str, Field(max_length=40)]
    interval: Annotated[str, Field(max_length=4)]
    overlays: Annotated[list[Annotated[str, Field(max_length=60)]], Field(max_length=100)]
    shown: int | list[int] | None = None
    seen: Annotated[int, Field(ge=0)]
    look: dict[str, Any] | None = None
    panels: Annotated[list[Annotated[str, Field(max_length=40)]], Field(max_length=60)] = []


def attach(server: FastAPI, services: Services, live: LiveService) -> None:
    """Add the routes to ``server``; before Dash, which may answer everything else."""
    router = APIRouter(include_in_schema=False)

    @router.post("/live/lease")
    async def lease(body: Lease) -> Response:
        return _lease(live, body)

    @router.post("/live/figure")
    async def figure(body: Lease) -> Response:
        return await _figure(live, body)

    server.include_router(health_router(services, live))
    server.include_router(router)


async def _figure(live: LiveService, body: Lease) -> Response:
    try:
        figure = await live.show(
            body.page, body.symbol, body.interval, body.overlays, body.shown, body.look
        )
    except ViewError as error:
        return JSONResponse({"error": str(error)}, status_code=400)
    except TooManyPagesError as error:
        return JSONResponse({"error": str(error)}, status_code=503)
    return Response(figure, media_type="application/json")


def _lease(live: LiveService, body: Lease) -> Response:
    try:
        view = live.choices.view(body.symbol, body.interval, body.overlays, body.shown, body.look)
        page = live.renew(body.page, view, body.seen)
        page.show(view, frozenset(body.panels))
    except ViewError as error:
        return JSONResponse({"error": str(error)}, status_code=400)
    except TooManyPagesError as error:
        return JSONResponse({"error": str(error)}, status_code=503)
    return JSONResponse({"live": page.is_live})
