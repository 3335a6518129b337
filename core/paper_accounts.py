"""What the paper accounts are worth, and what the risk gate and the breakers see of them."""

import math
from collections.abc import Awaitable, Callable

from core.breaker_book import BreakerBook
from core.decision_book import DecisionBook
from core.journal.journal import Journal
from core.model.intervals import MINUTE_MS
from core.model.source import Source
from core.paper_desk import PaperDesk
from core.trading.account import Account

_EQUITY_EVERY_MS = 5 * MINUTE_MS


class PaperAccounts:
    """
    Value each account by what its trades have seen: never at a close that may lie behind a stop.

    Args:
        offer: Runs a journal method on the process's one writer thread, if that can be done now.
    """

    def __init__(
        self,
        desk: PaperDesk,
        book: DecisionBook,
        breakers: BreakerBook,
        *,
        journal: Journal,
        offer: Callable[..., Awaitable[None]],
    ) -> None:
        self._desk = desk
        self._book = book
        self._breakers = breakers
        self._journal = journal
        self._offer = offer
        self._prices: dict[str, float] = {}

    def price(self, symbol: str, close: float) -> None:
        """Take note of the close of a symbol's newest candle."""
        self._prices[symbol] = close

    def account(self, source: Source, at_ms: int) -> Account:
        """Return what the risk gate looks at, at an instant of market time."""
        return self._book.account(
            source,
            at_ms,
            equity=self._desk.equity(source, self._prices).total,
            positions=self._desk.positions(source, self._prices),
            last_exits=self._desk.last_exits(source),
            halts=self._breakers.halts(source, at_ms),
        )

    def standing(self) -> tuple[float, int]:
        """Return the equity and the number of trades of the account that people mean."""
        equity = self._desk.equity(Source.POLICY, self._prices).total
        return equity, len(self._desk.positions(Source.POLICY, self._prices))

    async def value(self, end_ms: int) -> None:
        """Let the breakers see each account when a minute has ended; keep it once in a while."""
        points = self._desk.points(end_ms, self._prices)
        for point in points:
            await self._breakers.observe(point.source, end_ms, point.equity)
        if end_ms % _EQUITY_EVERY_MS == 0:
            finite = [point for point in points if math.isfinite(point.equity + point.exposure)]
            await self._offer(self._journal.add_equity, finite)
