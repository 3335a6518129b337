"""What the page may ask for: a quote, an entry, closes, moves, pauses."""

import asyncio
from collections.abc import Callable
from dataclasses import asdict
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from core.journal.errors import JournalError
from core.model.command import (
    Close,
    Command,
    CommandState,
    Enter,
    Flatten,
    MoveLevels,
    PauseSymbol,
    ResumeSymbol,
)
from core.model.signal import Direction
from core.model.source import Source
from ui.access.action_token import ActionToken
from ui.trading.orders import Answered, NotAskedError, Orders
from ui.trading.quote import Quote


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class Entry(_Body):
    """An entry by hand, or one to be quoted."""

    symbol: str
    direction: Literal["LONG", "SHORT"]
    stop: float
    target: float
    risk_pct: float | None = None
    quantity: float | None = None

    def command(self) -> Enter:
        """Return it as the engine takes it; raises `ValueError` for what cannot be."""
        told = self.model_dump()
        return Enter(**told | {"direction": Direction(self.direction)})


class Closing(_Body):
    """A trade, or a share of it, to be closed."""

    trade_id: int
    share: float = 1.0


class Move(_Body):
    """Levels to be moved; None stays."""

    trade_id: int
    stop: float | None = None
    target: float | None = None


class Flattening(_Body):
    """Accounts to be left without a trade."""

    sources: list[Literal["hand", "policy"]] = ["hand"]


class OneSymbol(_Body):
    """A symbol."""

    symbol: str


class Asked(_Body):
    """A command that was waiting when it was last heard of."""

    number: Annotated[int, Field(ge=1, le=2**53)]


Quoter = Callable[[Enter], Quote]


class _Desk:
    """What the routes do."""

    def __init__(self, orders: Orders, quoter: Quoter) -> None:
        self._orders = orders
        self._quoter = quoter

    async def quote(self, body: Entry) -> JSONResponse:
        """Tell what an entry would cost and bring; what cannot be quoted is refused, too."""
        try:
            found = await asyncio.to_thread(self._quoter, body.command())
        except (ValueError, JournalError) as error:
            return JSONResponse({"refused": str(error)})
        return JSONResponse(asdict(found))

    async def enter(self, body: Entry) -> JSONResponse:
        """Open a position."""
        return await self._asked(body.command)

    async def close(self, body: Closing) -> JSONResponse:
        """Close a trade or a share of it."""
        return await self._asked(lambda: Close(body.trade_id, body.share))

    async def move(self, body: Move) -> JSONResponse:
        """Move stop or target."""
        return await self._asked(lambda: MoveLevels(body.trade_id, body.stop, body.target))

    async def flatten(self, body: Flattening) -> JSONResponse:
        """Close every trade of accounts."""
        return await self._asked(lambda: Flatten(tuple(map(Source, body.sources))))

    async def pause(self, body: OneSymbol) -> JSONResponse:
        """Let the policy enter nothing in a symbol."""
        return await self._asked(lambda: PauseSymbol(body.symbol))

    async def resume(self, body: OneSymbol) -> JSONResponse:
        """Let the policy enter a symbol again."""
        return await self._asked(lambda: ResumeSymbol(body.symbol))

    async def answer(self, body: Asked) -> JSONResponse:
        """Tell what has become of a command that was not answered at once."""
        try:
            return _reply(await self._orders.answer(body.number))
        except NotAskedError as error:
            return _fault(409, str(error))

    async def _asked(self, make: Callable[[], Command]) -> JSONResponse:
        try:
            return _reply(await self._orders.ask(make()))
        except ValueError as error:
            return _fault(422, str(error))
        except NotAskedError as error:
            return _fault(409, str(error))


def trading_router(orders: Orders, quoter: Quoter, actions: ActionToken) -> APIRouter:
    """
    Return the routes, all of which need the page's token.

    Args:
        orders: Asks the engine.
        quoter: Called in a thread; raises `ValueError` for what cannot be quoted, and
            `JournalError`.
        actions: Guards them.
    """
    router = APIRouter(prefix="/trading", dependencies=[Depends(actions.required)])
    desk = _Desk(orders, quoter)
    for endpoint in (
        desk.quote, desk.enter, desk.close, desk.move,
        desk.flatten, desk.pause, desk.resume, desk.answer,
    ):  # fmt: skip
        router.add_api_route(f"/{endpoint.__name__}", endpoint, methods=["POST"])
    return router


def _reply(found: Answered) -> JSONResponse:
    """A refusal of the engine is an answer, too: browsers log an error for other statuses."""
    key = "refused" if found.state is CommandState.REFUSED else "said"
    told: dict[str, Any] = {key: _sentence(found.said), "command": found.number}
    return JSONResponse(told, 202 if found.state is CommandState.WAITING else 200)


def _fault(status: int, words: str) -> JSONResponse:
    return JSONResponse({"detail": _sentence(words)}, status)


def _sentence(words: str) -> str:
    text = words.strip()
    return text if not text or text.endswith((".", "?", "!")) else f"{text}."
