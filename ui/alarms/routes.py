"""What the page may ask of health alarms: acknowledge, silence, and tell of one again."""

import asyncio
from collections.abc import Callable
from typing import Annotated

import psutil
from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from core.config import Home
from ops.alarms.order_file import LONGEST_SILENCE_H, OrderError
from ops.alarms.ordering import NoSuchAlarmError, acknowledge, silence, unsilence
from ui.access.action_token import ActionToken

_LONGEST_NAME = 80


class Named(BaseModel):
    """A component."""

    model_config = ConfigDict(extra="forbid", strict=True)
    component: Annotated[str, Field(min_length=1, max_length=_LONGEST_NAME)]


class Silence(Named):
    """A component that is not to be told outside for some hours."""

    hours: Annotated[float, Field(gt=0.0, le=LONGEST_SILENCE_H, strict=False)]


def alarms_router(home: Home, actions: ActionToken) -> APIRouter:
    """
    Return ``POST /alarms/acknowledge``, ``/alarms/silence`` and ``/alarms/unsilence``.

    Args:
        home: Whose alarms.
        actions: Guards them.
    """
    router = APIRouter(prefix="/alarms", dependencies=[Depends(actions.required)])
    account = psutil.Process().username()

    def who(request: Request) -> str:
        client = request.client.host if request.client else "?"
        return f"{account} (page, {client})"

    @router.post("/acknowledge")
    async def acknowledged(body: Named, request: Request) -> JSONResponse:
        return await _done(lambda: acknowledge(home, body.component, who(request)))

    @router.post("/silence")
    async def silenced(body: Silence, request: Request) -> JSONResponse:
        return await _done(lambda: silence(home, body.component, body.hours, who(request)))

    @router.post("/unsilence")
    async def unsilenced(body: Named, request: Request) -> JSONResponse:
        return await _done(lambda: unsilence(home, body.component, who(request)))

    return router


async def _done(act: Callable[[], str]) -> JSONResponse:
    try:
        return JSONResponse({"said": await asyncio.to_thread(act)})
    except NoSuchAlarmError as error:
        return JSONResponse({"detail": str(error)}, 409)
    except ValueError as error:
        return JSONResponse({"detail": str(error)}, 422)
    except OrderError as error:
        return JSONResponse({"detail": str(error)}, 503)
