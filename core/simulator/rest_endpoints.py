"""The REST endpoints: checked parameters in, JSON values out; no HTTP in here."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from core.simulator.agg_trades import trades_before, trades_between, trades_from
from core.simulator.bars import KLINE_MINUTES, MINUTE_MS, Bars
from core.simulator.clock import MarketClock
from core.simulator.exchange_info import exchange_info
from core.simulator.faults.requests import RequestFaults
from core.simulator.feeds import Sources
from core.simulator.listed import ListedMarket
from core.simulator.open_interest import KEPT_MS, PERIOD_MINUTES, snapshots
from core.simulator.premium import FUNDING_MS, mark_bars
from core.simulator.rest_bodies import (
    agg_trade_rows,
    depth_body,
    funding_rows,
    funding_times,
    kline_rows,
    mark_rows,
    open_interest_rows,
    premium_rows,
    ticker_rows,
)
from core.simulator.rest_parameters import ApiError, Parameters
from core.simulator.weight import depth_weight, kline_weight

_DEPTHS = (5, 10, 20, 50, 100, 500, 1_000)
_MOST_KLINES = 1_500
_MOST_SNAPSHOTS = 500

Endpoint: TypeAlias = Callable[[Parameters], object]
Weigher: TypeAlias = Callable[[Parameters], int]


@dataclass(frozen=True, slots=True)
class Resource:
    """
    One path.

    Attributes:
        heavy: Whether it may have to compute many days and belongs in a thread.
    """

    answer: Endpoint
    weight: Weigher
    heavy: bool = False


class RestEndpoints:
    """Answers for a market at its clock's time, as far as faults let it."""

    def __init__(
        self, sources: Sources, clock: MarketClock, faults: RequestFaults, listed: ListedMarket
    ) -> None:
        self._faults = faults
        self._listed = listed
        self._sources = sources
        self._tape = sources.tape
        self._clock = clock

    def resources(self) -> dict[str, Resource]:
        """Return every path under the root of the server."""

        def weigh(one: int, every: int) -> Weigher:
            return lambda given: one if given.query.get("symbol") else every

        klines: Weigher = lambda given: kline_weight(given.limit(500, _MOST_KLINES))  # noqa: E731
        return {
            "/api/v3/ping": Resource(lambda _: {}, weigh(1, 1)),
            "/api/v3/time": Resource(self._time, weigh(1, 1)),
            "/fapi/v1/ping": Resource(lambda _: {}, weigh(1, 1)),
            "/fapi/v1/time": Resource(self._time, weigh(1, 1)),
            "/fapi/v1/exchangeInfo": Resource(self._exchange_info, weigh(1, 1)),
            "/fapi/v1/klines": Resource(self._klines, klines, heavy=True),
            "/fapi/v1/markPriceKlines": Resource(self._mark_klines, klines, heavy=True),
            "/fapi/v1/fundingRate": Resource(self._funding, weigh(1, 1), heavy=True),
            "/fapi/v1/depth": Resource(
                self._depth, lambda given: depth_weight(given.limit(500, 1_000))
            ),
            "/fapi/v1/premiumIndex": Resource(self._premium_index, weigh(1, 10), heavy=True),
            "/fapi/v1/ticker/24hr": Resource(self._ticker, weigh(1, 40), heavy=True),
            "/fapi/v1/aggTrades": Resource(self._agg_trades, weigh(20, 20), heavy=True),
            "/futures/data/openInterestHist": Resource(
                self._open_interest, weigh(0, 0), heavy=True
            ),
        }

    def _time(self, given: Parameters) -> object:
        del given
        return {"serverTime": self._clock.now_ms() + self._faults.skew_ms()}

    def _exchange_info(self, given: Parameters) -> object:
        del given
        market, now_ms = self._listed, self._clock.now_ms() + self._faults.skew_ms()
        return exchange_info(market.listings.values(), market.label, now_ms, market.terms)

    def _bars(self, given: Parameters, now_ms: int) -> tuple[str, str, Bars]:
        symbol, interval = given.symbol(), given.interval(KLINE_MINUTES)
        start_ms, end_ms = given.times()
        limit = given.limit(500, _MOST_KLINES)
        last_ms = now_ms if end_ms is None else end_ms
        more = limit + self._faults.most_missing(symbol, KLINE_MINUTES[interval] * MINUTE_MS)
        if start_ms is None:
            bars = self._tape.newest_bars(symbol, interval, last_ms, now_ms, limit=more)
        else:
            bars = self._tape.bars(symbol, interval, start_ms, last_ms, now_ms, limit=more)
        if more > limit:
            there = [not self._faults.is_missing(symbol, ms) for ms in bars.open_ms.tolist()]
            bars = bars.where(np.array(there, dtype=bool))
            cut = len(bars) - limit if start_ms is None else 0
            bars = bars.rows(max(cut, 0), max(cut, 0) + limit)
        return symbol, interval, bars

    def _klines(self, given: Parameters) -> object:
        symbol, interval, bars = self._bars(given, self._clock.now_ms())
        return kline_rows(self._sources.listing(symbol), interval, bars)

    def _mark_klines(self, given: Parameters) -> object:
        now_ms = self._clock.now_ms()
        symbol, interval, bars = self._bars(given, now_ms)
        marks = mark_bars(self._tape, self._sources.premium, symbol, interval, bars, now_ms)
        return mark_rows(interval, marks)

    def _funding(self, given: Parameters) -> object:
        symbol, limit, now_ms = (
            given.optional_symbol(),
            given.limit(100, 1_000),
            self._clock.now_ms(),
        )
        start_ms, end_ms = given.times()
        rows: list[dict[str, object]] = []
        for name in self._all_or(symbol):
            span = self._tape.market.span(name)
            last_ms = min(now_ms, span.end_ms, now_ms if end_ms is None else end_ms)
            first_ms = last_ms - limit * FUNDING_MS + 1 if start_ms is None else start_ms
            times = funding_times(max(first_ms, span.first_ms), last_ms)[:limit]
            rows += funding_rows(self._sources, name, times, now_ms)
        return rows[:limit]

    def _open_interest(self, given: Parameters) -> object:
        symbol, now_ms = given.symbol(), self._clock.now_ms()
        limit = given.limit(30, _MOST_SNAPSHOTS)
        period = given.one_of("period", PERIOD_MINUTES)
        start_ms, end_ms = given.times()
        for name, told_ms in (("startTime", start_ms), ("endTime", end_ms)):
            if told_ms is not None and told_ms < now_ms - KEPT_MS:
                raise ApiError(-1130, f"parameter '{name}' is invalid.")
        found = snapshots(
            self._tape,
            symbol,
            period,
            now_ms if end_ms is None else end_ms,
            now_ms,
            limit=limit,
        )
        rows = open_interest_rows(symbol, found)
        return [row for row in rows if start_ms is None or row["timestamp"] >= start_ms]

    def _depth(self, given: Parameters) -> object:
        symbol, limit = given.symbol(), given.limit(500, 1_000)
        if limit not in _DEPTHS:
            raise ApiError(-4021, "Invalid depth limit.")
        book = self._sources.books.book(symbol)
        return depth_body(self._sources.listing(symbol), book, limit)

    def _premium_index(self, given: Parameters) -> object:
        symbol = given.optional_symbol()
        rows = premium_rows(self._sources, self._all_or(symbol), self._clock.now_ms())
        return rows[0] if symbol and rows else rows

    def _ticker(self, given: Parameters) -> object:
        symbol = given.optional_symbol()
        rows = ticker_rows(self._sources, self._all_or(symbol), self._clock.now_ms())
        return rows[0] if symbol and rows else rows

    def _agg_trades(self, given: Parameters) -> object:
        symbol, limit, now_ms = given.symbol(), given.limit(500, 1_000), self._clock.now_ms()
        first_id, (start_ms, end_ms) = given.integer("fromId"), given.times()
        market = self._tape.market
        last_ms = now_ms if end_ms is None else min(end_ms, now_ms)
        if first_id is not None:
            trades = trades_from(market, symbol, first_id, now_ms, limit=limit)
        elif start_ms is not None:
            trades = trades_between(market, symbol, start_ms, last_ms, limit=limit)
        else:
            trades = trades_before(market, symbol, last_ms, limit=limit)
        return agg_trade_rows(self._sources.listing(symbol), trades)

    def _all_or(self, symbol: str | None) -> tuple[str, ...]:
        return self._sources.traded(self._clock.now_ms()) if symbol is None else (symbol,)
