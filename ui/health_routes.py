"""The page's server on its health: always from what is known already, so it answers at once."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import replace
from itertools import islice
from typing import Any

from fastapi import APIRouter
from fastapi.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.model.engine_state import EngineActivity, EngineState
from ops.health.answer_times import AnswerTimes
from ops.health.answers import Answer, alive, database, detailed, ready
from ui.access.gate import ALIVE
from ui.live_payload import is_live
from ui.live_service import LiveService
from ui.services import Services
from ui.status_service import Status, StatusService

_TROUBLES_TOLD = 20
_WAITED_S = 0.02
"""For a fresh reading of journal and store, when there is an older one to tell instead."""
_FIRST_WAITED_S = 1.5
"""Less than the patience of our own commands; also when what is known is of long ago."""
_TOLD_FOR_S = 10.0
"""As long as the engine may be silent: an older reading says nothing of it."""
_UNMEASURED = ("/health", "/metrics")


def health_router(services: Services, live: LiveService) -> APIRouter:
    """Return the addresses at and below ``/health``."""
    router = APIRouter(include_in_schema=False)
    status = PromptStatus(live.status, monotonic=services.monotonic)
    health = services.health

    @router.get("/health")
    async def summary() -> Response:
        return _health(services, live, await status.newest())

    def route(path: str, told: Callable[[], Answer]) -> None:
        @router.get(path)
        async def answer() -> Response:
            found = told()
            return JSONResponse(found.told, status_code=found.status)

    route(ALIVE, alive)
    route("/health/ready", lambda: ready(health))
    route("/health/database", lambda: database(health))
    route("/health/detailed", lambda: detailed(health))
    return router


class TimedAnswers:
    """
    Measure how long the page's answers take, from the request to their last byte.

    Health and metrics are not the page, and a socket is no answer.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        times: AnswerTimes,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._app = app
        self._times = times
        self._monotonic = monotonic

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http" or scope["path"].startswith(_UNMEASURED):
            await self._app(scope, receive, send)
            return
        begun_s = self._monotonic()

        async def measured(message: Message) -> None:
            await send(message)
            if message["type"] == "http.response.body" and not message.get("more_body", False):
                self._times.add(self._monotonic() - begun_s)

        await self._app(scope, receive, measured)


class PromptStatus:
    """
    A fresh status if it comes in time, else the one before: a locked journal holds nobody up.

    Args:
        status: What is read, in a thread.
        monotonic: Measures how old a reading is.
        first_waited_s: For the first reading, and for one after a long while without any.
    """

    def __init__(
        self,
        status: StatusService,
        *,
        monotonic: Callable[[], float] = time.monotonic,
        first_waited_s: float = _FIRST_WAITED_S,
    ) -> None:
        self._status = status
        self._monotonic = monotonic
        self._first_waited_s = first_waited_s
        self._reading: asyncio.Task[Status] | None = None
        self._read_s: float | None = None

    async def newest(self) -> Status:
        """Return the newest reading that is there within a moment; of an old one no engine."""
        age_s = None if self._read_s is None else self._monotonic() - self._read_s
        waits = age_s is None
        if self._reading is None or self._reading.done():
            self._reading = asyncio.create_task(self._status.current())
            waits = age_s is None or age_s > _TOLD_FOR_S
        patience_s = self._first_waited_s if waits else _WAITED_S
        await asyncio.wait({self._reading}, timeout=patience_s)
        if self._reading.done():
            self._read_s = self._monotonic()
            return self._reading.result()
        known = self._status.known
        if age_s is None or age_s <= _TOLD_FOR_S:
            return known
        words = f"the journal has not answered for {age_s:.0f} s"
        return replace(known, engine=EngineState(EngineActivity.UNKNOWN, words))


def _health(services: Services, live: LiveService, status: Status) -> Response:
    feed = services.feed.status()
    told: dict[str, Any] = {
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
