"""
Funding and open interest of the past, asked for beside everything else and kept in memory.

Lives on the event loop; what is known may be read in any thread.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field, replace
from types import TracebackType
from typing import Generic, Protocol, Self, TypeAlias, TypeVar

from core.data.errors import DataError
from core.data.open_interest import Period
from core.model.funding import Settlement
from core.model.open_interest import OpenInterest

logger = logging.getLogger(__name__)

FRESH_S = 60.0
"""As old as an answer gets while somebody looks at it."""
RETRY_S = 30.0
LEASE_S = 150.0
"""After it was last wanted: charts say so at least with each minute that closes."""
MOST_KEPT = 32
"""Answers; each is up to 500 or some thousand rows, 0.1 MB."""
_DAY_MS = 86_400_000


@dataclass(frozen=True, slots=True)
class FundingQuery:
    """Settlements of a symbol in the last ``days``."""

    symbol: str
    days: int


@dataclass(frozen=True, slots=True)
class OpenInterestQuery:
    """
    The newest snapshots of a symbol.

    Attributes:
        end_ms: Up to when; None for now. What has an end is asked for once.
    """

    symbol: str
    period: Period
    end_ms: int | None = None


FactQuery: TypeAlias = FundingQuery | OpenInterestQuery
Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class FactReading(Generic[Row]):
    """
    What is known of a question.

    Attributes:
        rows: Oldest first; None before the first answer.
        trouble: Why the newest attempt failed; empty when it did not.
    """

    rows: tuple[Row, ...] | None = None
    trouble: str = ""


class FactRest(Protocol):
    """What is asked: `BinanceRest`, or a fake."""

    async def server_time_ms(self) -> int:
        """Return the exchange's clock."""

    async def settlements(self, symbol: str, start_ms: int, end_ms: int) -> tuple[Settlement, ...]:
        """Return the funding that took place in ``[start_ms, end_ms]``."""

    async def open_interest(
        self, symbol: str, period: Period, *, end_ms: int | None = None
    ) -> tuple[OpenInterest, ...]:
        """Return the newest snapshots, up to ``end_ms`` if given."""


@dataclass(slots=True)
class _Kept:
    funding: FactReading[Settlement] = field(default_factory=FactReading)
    open_interest: FactReading[OpenInterest] = field(default_factory=FactReading)
    wanted_until_s: float = 0.0
    is_final: bool = False
    task: "asyncio.Task[None] | None" = None


class MarketFactsHistory:
    """
    Asks for what charts want, again while they want it; use as ``async with``.

    Args:
        rest: Whom to ask.
        sleep: Between two attempts.
        monotonic: Seconds that never jump.
    """

    def __init__(
        self,
        rest: FactRest,
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._rest = rest
        self._sleep = sleep
        self._monotonic = monotonic
        self._kept: dict[FactQuery, _Kept] = {}
        self._listeners: list[Callable[[str], None]] = []

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        tasks = [kept.task for kept in self._kept.values() if kept.task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def listen(self, listener: Callable[[str], None]) -> None:
        """Call ``listener`` on the event loop with the symbol of which something else is known."""
        self._listeners.append(listener)

    def want(self, queries: Iterable[FactQuery]) -> None:
        """Ask for these now and, for a while, again; on the event loop."""
        for query in queries:
            kept = self._kept[query] = self._kept.pop(query, _Kept())
            kept.wanted_until_s = self._monotonic() + LEASE_S
            if kept.task is not None and kept.task.done():
                kept.task.result()  # what broke it is not to be passed over
                kept.task = None
            if kept.task is None and not kept.is_final:
                kept.task = asyncio.create_task(self._follow(query, kept))
        self._forget()

    def funding(self, query: FundingQuery) -> FactReading[Settlement]:
        """Return what is known of a question about funding."""
        kept = self._kept.get(query)
        return FactReading() if kept is None else kept.funding

    def open_interest(self, query: OpenInterestQuery) -> FactReading[OpenInterest]:
        """Return what is known of a question about open interest."""
        kept = self._kept.get(query)
        return FactReading() if kept is None else kept.open_interest

    async def _follow(self, query: FactQuery, kept: _Kept) -> None:
        """Ask again and again while it is wanted."""
        while self._monotonic() < kept.wanted_until_s and not kept.is_final:
            before = (kept.funding, kept.open_interest)
            try:
                await self._ask(query, kept)
                wait_s = FRESH_S
            except DataError as error:
                logger.warning("market facts not loaded: query=%s reason=%s", query, error)
                _note(query, kept, str(error))
                wait_s = RETRY_S
            if (kept.funding, kept.open_interest) != before:
                for listener in self._listeners:
                    listener(query.symbol)
            if not kept.is_final:
                await self._sleep(wait_s)

    async def _ask(self, query: FactQuery, kept: _Kept) -> None:
        match query:
            case FundingQuery(symbol, days):
                now_ms = await self._rest.server_time_ms()
                known = kept.funding.rows or ()
                start_ms = known[-1].at_ms + 1 if known else now_ms - days * _DAY_MS
                newer = await self._rest.settlements(symbol, start_ms, now_ms)
                kept.funding = FactReading(known + newer)
            case OpenInterestQuery(symbol, period, end_ms):
                found = await self._rest.open_interest(symbol, period, end_ms=end_ms)
                kept.open_interest = FactReading(found)
                kept.is_final = end_ms is not None

    def _forget(self) -> None:
        """Drop what nobody wanted for longest, but nothing that is being asked for."""
        idle = [
            query
            for query, kept in self._kept.items()
            if kept.task is None or kept.task.done() or kept.wanted_until_s < self._monotonic()
        ]
        for query in idle[: max(0, len(self._kept) - MOST_KEPT)]:
            dropped = self._kept.pop(query)
            if dropped.task is not None:
                dropped.task.cancel()


def _note(query: FactQuery, kept: _Kept, trouble: str) -> None:
    """Say why nothing newer is known; what is known stays."""
    match query:
        case FundingQuery():
            kept.funding = replace(kept.funding, trouble=trouble)
        case OpenInterestQuery():
            kept.open_interest = replace(kept.open_interest, trouble=trouble)
