"""What the page may ask for: the emergency stop, the resumption, and how they go."""

import asyncio
from typing import Annotated

import psutil
from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from ops.emergency.latch import LatchError
from ui.access.action_token import ActionToken
from ui.emergency.desk import EmergencyDesk, StillStoppingError

_LONGEST_REASON = 300


class Stopping(BaseModel):
    """An emergency stop; the reason may be left out, nobody should have to look for words."""

    model_config = ConfigDict(extra="forbid", strict=True)
    reason: Annotated[str, Field(max_length=_LONGEST_REASON)] = ""


class Resuming(BaseModel):
    """A resumption."""

    model_config = ConfigDict(extra="forbid", strict=True)
    reason: Annotated[str, Field(max_length=_LONGEST_REASON)]


def emergency_router(desk: EmergencyDesk, actions: ActionToken) -> APIRouter:
    """
    Return the routes; those that change something need the page's token.

    Args:
        desk: Carries it out.
        actions: Guards them.
    """
    router = APIRouter(prefix="/emergency")
    account = psutil.Process().username()

    def who(request: Request) -> str:
        client = request.client.host if request.client else "?"
        return f"{account} (page, {client})"

    @router.get("/state")
    async def state() -> JSONResponse:
        # Here and not in a thread: a locked database may hold all of them.
        return JSONResponse(desk.state().told())

    @router.post("/stop", dependencies=[Depends(actions.required)])
    async def stop(body: Stopping, request: Request) -> JSONResponse:
        began = desk.begin(who(request), body.reason)
        said = "The emergency stop has begun." if began else "A stop is being carried out already."
        return JSONResponse({"said": said}, 202)

    @router.post("/resume", dependencies=[Depends(actions.required)])
    async def resume(body: Resuming, request: Request) -> JSONResponse:
        try:
            said = await asyncio.wrap_future(desk.resume(who(request), body.reason.strip()))
        except ValueError:
            return JSONResponse({"detail": "Resuming needs a reason: words on one line."}, 422)
        except (LatchError, StillStoppingError) as error:
            return JSONResponse({"detail": str(error)}, 409)
        return JSONResponse({"said": said})

    return router
