"""What the page's server answers besides Dash: health, and the lease of a page."""

from itertools import islice
from typing import Annotated, Any

from fastapi import APIRouter, FastAPI
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, ConfigDict, Field

from ui.access.gate import ALIVE
from ui.live_payload import is_live
from ui.live_service import LiveService
from ui.pages import TooManyPagesError
from ui.services import Services
from ui.status_service import Status
from ui.view import ViewError

_TROUBLES_TOLD = 20


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

    @router.get("/health")
    async def health() -> Response:
        return _health(services, live, await live.status.current())

    @router.get(ALIVE)
    async def alive() -> Response:
        """Answer as long as the server runs, whatever becomes of the feed."""
        return JSONResponse({"status": "alive"})

    @router.post("/live/lease")
    async def lease(body: Lease) -> Response:
        return _lease(live, body)

    @router.post("/live/figure")
    async def figure(body: Lease) -> Response:
        return await _figure(live, body)

    server.include_router(router)


def _health(services: Services, live: LiveService, status: Status) -> Response:
    feed = services.feed.status()
    told = {
        "status": "ok" if is_live(feed) and not status.cache.alarm else "degraded",
        "feed": {
            "state": feed.state.upper(),
            "age_s": feed.age_s,
            "detail": feed.detail,
            "frames": feed.frames,
            "malformed": feed.malformed,
            "reconnects": feed.reconnects,
            "unreadable": dict(feed.unreadable),
            "gaps": feed.gaps,
            "differences": feed.differences,
            "streams": dict(status.feed.states),
            "troubled": len(status.feed.troubles),
            "troubles": dict(islice(status.feed.troubles.items(), _TROUBLES_TOLD)),
            "order_books": {str(phase): n for phase, n in status.feed.books.items()},
        },
        "store": {"alarm": status.cache.alarm, "gaps": status.cache.gaps},
        "engine": {"state": status.engine.activity.value, "detail": status.engine.detail},
        "market_time_ms": services.feed.market_time_ms(),
        "market_label": services.feed.market_label,
        "pages": live.pages.live,
    }
    return JSONResponse(told, status_code=200 if is_live(feed) else 503)


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
