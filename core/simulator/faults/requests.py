"""Faults of HTTP requests: refused, late, nonsense, with holes, or with a wrong clock."""

import asyncio
from collections.abc import Callable

from aiohttp import web

from core.simulator.faults.board import FaultBoard
from core.simulator.faults.kinds import (
    ClockSkew,
    Refuse,
    RestError,
    RestGap,
    RestGarbage,
    RestSlow,
)
from core.simulator.faults.replies import Reply, nonsense, refusal

_FORMS = 1 << 16


class RequestFaults:
    """
    The faults that requests meet.

    Args:
        board: What is active.
        now_ms: Market time, which bans are told in.
    """

    def __init__(self, board: FaultBoard, now_ms: Callable[[], int]) -> None:
        self._board = board
        self._now_ms = now_ms

    def handshake(self) -> Reply | None:
        """Return what a WebSocket handshake is refused with; None lets it in."""
        for refuse in self._board.of(Refuse):
            refuse.strike()
            fault = refuse.fault
            return refusal(fault.status, fault.retry_after, self._now_ms(), refuse.struck)
        return None

    async def before(self) -> Reply | None:
        """Keep a REST request waiting; return what it is refused with, None to answer it."""
        for slow in self._board.of(RestSlow):
            slow.strike()
            await asyncio.sleep(slow.fault.ms / 1_000)
        for error in self._board.of(RestError):
            if error.random.random() < error.fault.share:
                error.strike()
                fault = error.fault
                return refusal(fault.status, fault.retry_after, self._now_ms(), error.struck)
        return None

    def instead(self, body: object) -> Reply | None:
        """Return the nonsense that is sent in place of an answer; None sends the answer."""
        for garbage in self._board.of(RestGarbage):
            if garbage.random.random() < garbage.fault.share:
                garbage.strike()
                return nonsense(body, garbage.random.randrange(_FORMS))
        return None

    def is_missing(self, symbol: str, open_ms: int) -> bool:
        """Whether REST lacks a candle."""
        for gap in self._board.of(RestGap):
            fault = gap.fault
            if fault.from_ms <= open_ms < fault.to_ms and fault.symbol in (None, symbol):
                gap.strike()
                return True
        return False

    def most_missing(self, symbol: str, step_ms: int) -> int:
        """Return how many candles of an interval REST can lack for a symbol."""
        return sum(
            (gap.fault.to_ms - gap.fault.from_ms) // step_ms + 1
            for gap in self._board.of(RestGap)
            if gap.fault.symbol in (None, symbol)
        )

    def skew_ms(self) -> int:
        """Return how far ``serverTime`` is off."""
        shift_ms = 0
        for active in self._board.of(ClockSkew):
            active.strike()
            shift_ms += active.fault.ms
        return shift_ms


def as_response(reply: Reply, headers: dict[str, str] | None = None) -> web.Response:
    """Turn a reply into HTTP."""
    return web.Response(
        text=reply.text,
        status=reply.status,
        content_type=reply.content_type,
        headers={**(headers or {}), **reply.headers},
    )
