"""The one thing a replay asks the server besides figures: what is stored of a day."""

import asyncio
from datetime import date
from typing import Annotated

from fastapi import APIRouter, HTTPException, Query
from fastapi.responses import JSONResponse, Response

from core.model.instrument import is_symbol
from core.model.intervals import Interval
from ui.day_replay.stored_day import stored_day
from ui.services import Services


def replay_router(services: Services) -> APIRouter:
    """Return the route; it changes nothing."""
    router = APIRouter(include_in_schema=False)

    @router.get("/replay/day")
    async def day(
        symbol: Annotated[str, Query(max_length=40)], interval: Interval, day: date
    ) -> Response:
        if not is_symbol(symbol):
            raise HTTPException(400, "that is no symbol")
        found = await asyncio.to_thread(stored_day, services, symbol, interval, day)
        return JSONResponse(
            {
                "day_ms": found.day_ms,
                "candles": found.candles,
                "first_ms": found.first_ms,
                "last_ms": found.last_ms,
                "said": found.said,
            }
        )

    return router
