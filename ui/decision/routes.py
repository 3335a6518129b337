"""One evaluation whole, for the drawer: read on demand, for it is large."""

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException
from fastapi import Path as InPath
from fastapi.concurrency import run_in_threadpool

from core.journal.decision_reader import Story
from core.journal.errors import JournalError
from ui.decision.reading import DecisionDesk
from ui.decision.telling import Told
from ui.decision.whole import whole_told

_Number = Annotated[int, InPath(ge=1, le=2**53)]


def decision_routes(desk: DecisionDesk) -> APIRouter:
    """Return the routes that read; nothing is changed by them."""
    router = APIRouter(prefix="/decision", include_in_schema=False)

    @router.get("/{decision_id}")
    async def decision(decision_id: _Number) -> dict[str, Any]:
        return await _told(desk, desk.story, decision_id)

    @router.get("/signal/{signal_id}")
    async def of_signal(signal_id: _Number) -> dict[str, Any]:
        return await _told(desk, desk.story_of_signal, signal_id)

    return router


async def _told(desk: DecisionDesk, read: Callable[[int], Story | None], number: int) -> Told:
    try:
        story = await run_in_threadpool(read, number)
    except JournalError as error:
        raise HTTPException(503, f"The journal cannot be read: {error}") from error
    if story is None:
        raise HTTPException(404, "This evaluation is not kept any more.")
    return whole_told(story, desk.threshold, desk.decimals(story))
