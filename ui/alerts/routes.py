"""What the page may ask for: an alert, and that one be forgotten."""

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from core.model.alert import Alert, Comparison
from core.model.command import AddAlert, Command, CommandState, RemoveAlert
from ui.access.action_token import ActionToken
from ui.trading.orders import NotAskedError, Orders


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class Wish(_Body):
    """An alert; of a feature on the interval that the engine decides on."""

    symbol: str
    subject: str
    comparison: Annotated[Comparison, Field(strict=False)]
    level: float
    note: str = ""
    once: bool = True

    def command(self) -> AddAlert:
        """Return it as the engine takes it; raises `ValueError` for what cannot be."""
        told = self.model_dump()
        return AddAlert(Alert(interval=None, **told))


class Forgotten(_Body):
    """An alert that is not wanted any more."""

    alert_id: int


def alerts_router(orders: Orders, actions: ActionToken) -> APIRouter:
    """
    Return ``POST /alerts/add`` and ``/alerts/remove``.

    Args:
        orders: Asks the engine.
        actions: Guards them.
    """
    router = APIRouter(prefix="/alerts", dependencies=[Depends(actions.required)])

    @router.post("/add")
    async def add(body: Wish) -> JSONResponse:
        return await _asked(orders, body.command)

    @router.post("/remove")
    async def remove(body: Forgotten) -> JSONResponse:
        return await _asked(orders, lambda: RemoveAlert(body.alert_id))

    return router


async def _asked(orders: Orders, make: Callable[[], Command]) -> JSONResponse:
    try:
        found = await orders.ask(make())
    except ValueError as error:
        return JSONResponse({"detail": _sentence(str(error))}, 422)
    except NotAskedError as error:
        return JSONResponse({"detail": _sentence(str(error))}, 409)
    key = "refused" if found.state is CommandState.REFUSED else "said"
    told: dict[str, Any] = {key: _sentence(found.said)}
    return JSONResponse(told, 202 if found.state is CommandState.WAITING else 200)


def _sentence(words: str) -> str:
    text = words.strip()
    text = text[:1].upper() + text[1:]
    return text if not text or text.endswith((".", "?", "!")) else f"{text}."
