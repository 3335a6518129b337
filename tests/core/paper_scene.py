"""A paper desk over fakes: a market that is known in full, and a journal that can be cut off."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from core.data.errors import RestError
from core.model.candles import CandleSeries
from core.model.funding import Settlement
from core.model.intervals import Interval
from core.model.signal import Direction
from core.model.source import Source
from core.model.trade import Trade, TradeStatus
from core.paper_desk import PaperDesk
from tests.builders import START_MS, settings

MINUTE = 60_000
PAPER = settings().paper


class KilledError(Exception):
    """The process is gone."""


class FakeStore:
    """Has all candles at once; who may see which is the desk's business."""

    def __init__(self, *series: CandleSeries) -> None:
        self._series = {each.symbol: each for each in series}

    def candles(self, symbol, interval, *, start_ms=None, end_ms=None, limit=None):
        assert interval is Interval.M1
        found = self._series.get(symbol, CandleSeries.empty(symbol, interval))
        found = found.between(start_ms, end_ms)
        return found if limit is None else found.tail(limit)


class FakeJournal:
    """
    Journal and reader in one.

    Attributes:
        dies_at: Number of the write at which the process is killed.
        before: Whether it is killed before that write is done, or after it.
        deaths: How often it was.
    """

    def __init__(self, *trades: Trade) -> None:
        self.trades = {trade.id: trade for trade in trades}
        self.writes = 0
        self.dies_at: int | None = None
        self.before = False
        self.deaths = 0

    def save_trades(self, trades: Sequence[Trade]) -> None:
        self.writes += 1
        dies = self.writes == self.dies_at
        if dies and self.before:
            raise KilledError
        assert all(trade.id in self.trades for trade in trades)
        self.trades |= {trade.id: trade for trade in trades}
        if dies:
            raise KilledError

    def open_trades(self):
        live = {TradeStatus.PENDING, TradeStatus.OPEN}
        return tuple(trade for trade in self.trades.values() if trade.status in live)

    def closed_trades(self, source=None, *, since_ms=0, symbol=None):
        assert source is symbol is None
        return tuple(
            trade
            for trade in self.trades.values()
            if trade.status is TradeStatus.CLOSED and (trade.exit_ms or 0) >= since_ms
        )

    def trade(self, trade_id: int) -> Trade:
        return self.trades[trade_id]

    def realised(self):
        closed = self.closed_trades()
        return {s: sum(t.pnl or 0.0 for t in closed if t.source is s) for s in Source}

    def last_exits(self, source):
        exits: dict[str, int] = {}
        for trade in self.trades.values():
            if trade.source is source and trade.exit_ms is not None:
                exits[trade.symbol] = max(trade.exit_ms, exits.get(trade.symbol, 0))
        return exits


class FakeExchange:
    """
    Tells of settlements some minutes after they took place.

    Attributes:
        failures: So many questions fail first.
        asked: Each question.
    """

    def __init__(self, *settlements: Settlement, listed_after_ms: int = 0) -> None:
        self.settlements = settlements
        self.listed_after_ms = listed_after_ms
        self.failures = 0
        self.asked: list[tuple[str, int, int]] = []
        self.meanwhile: Callable[[], Any] | None = None

    async def __call__(self, symbol: str, start_ms: int, end_ms: int) -> tuple[Settlement, ...]:
        self.asked.append((symbol, start_ms, end_ms))
        if self.meanwhile is not None:
            await self.meanwhile()
        if self.failures > 0:
            self.failures -= 1
            raise RestError("fundingRate: unreachable")
        return tuple(
            each
            for each in self.settlements
            if start_ms <= each.at_ms and each.at_ms + self.listed_after_ms <= end_ms
        )


async def at_once(write, *arguments):
    """Write in this thread, with a turn for everybody else."""
    await asyncio.sleep(0)
    return write(*arguments)


def desk_over(journal, store, exchange=None) -> PaperDesk:
    """A desk that has recovered."""
    desk = PaperDesk(
        store,
        journal,
        journal,
        paper=PAPER,
        write=at_once,
        settlements=exchange or FakeExchange(),
    )
    desk.recover()
    return desk


def pending(trade_id=1, direction=Direction.LONG, *, symbol="BTCUSDT", **changes) -> Trade:
    """A trade of 2 that was decided a moment after the first candle opened."""
    sign = direction.sign
    trade = Trade(
        id=trade_id,
        symbol=symbol,
        direction=direction,
        status=TradeStatus.PENDING,
        quantity=2.0,
        decided_ms=START_MS + 1,
        stop=100.0 - sign * 5.0,
        target=100.0 + sign * 10.0,
        last_bar_ms=START_MS - MINUTE,
    )
    return replace(trade, **changes)
