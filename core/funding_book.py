"""Funding of the paper trades, asked of the exchange beside everything that must not wait."""

import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import TypeAlias

from core.data.data_store import DataStore
from core.data.errors import RestError
from core.model.funding import Settlement
from core.model.intervals import Interval
from core.model.trade import Trade
from core.paper_trades import PaperTrades
from core.trading.funding import funded_until_ms, funding_due, settled

logger = logging.getLogger(__name__)

AskSettlements: TypeAlias = Callable[[str, int, int], Awaitable[tuple[Settlement, ...]]]


class FundingBook:
    """
    Settle what was due while a position was held, also while no engine ran.

    Args:
        ask: For what was settled of a symbol in a span of time, both ends included; raises
            `RestError`.
    """

    def __init__(self, trades: PaperTrades, store: DataStore, *, ask: AskSettlements) -> None:
        self._trades = trades
        self._store = store
        self._ask = ask

    @property
    def symbols(self) -> frozenset[str]:
        """Symbols with an open trade, or a closed one whose funding is not known yet."""
        return frozenset(trade.symbol for trade in self._trades.payers())

    async def settle(self, symbol: str, until_ms: int) -> None:
        """
        Bring the funding of a symbol's trades up to date, as far as they are walked.

        Cheap unless a whole hour went by. What cannot be learnt now is left for the next time.

        Args:
            symbol: Name of the perpetual.
            until_ms: Market time.
        """
        due = self._due(symbol, until_ms)
        if not due:
            return
        start_ms = min(funded_until_ms(trade) or 0 for trade in due) + 1
        try:
            told = await self._ask(symbol, start_ms, until_ms)
        except RestError as error:
            logger.warning("funding is asked for again later symbol=%s reason=%s", symbol, error)
            return
        settlements = [self._priced(symbol, settlement) for settlement in told]
        asked_for = {trade.id for trade in due}
        async with self._trades.lock(symbol):
            # They may have moved on while the exchange was asked.
            now = [trade for trade in self._trades.payers() if trade.id in asked_for]
            await self._trades.keep(
                [(trade, settled(trade, settlements, until_ms)) for trade in now]
            )

    def _due(self, symbol: str, until_ms: int) -> Sequence[Trade]:
        return [
            trade
            for trade in self._trades.payers()
            if trade.symbol == symbol and funding_due(trade, until_ms)
        ]

    def _priced(self, symbol: str, settlement: Settlement) -> Settlement:
        """Take the traded price of the instant for the mark price where that is not told."""
        if settlement.mark_price is not None:
            return settlement
        at_ms = Interval.M1.open_time_ms(settlement.at_ms)
        bars = self._store.candles(symbol, Interval.M1, start_ms=at_ms, end_ms=at_ms)
        return replace(settlement, mark_price=bars.candle(0).open) if len(bars) else settlement
