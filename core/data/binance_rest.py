"""Binance USD-M REST: history and trading rules, politely and with bounded patience."""

import asyncio
import logging
import random
import time
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Any, Self

from core.config import Settings
from core.data.binance_client import BinanceClient, Client, Observe
from core.data.binance_messages import parse_kline_row
from core.data.errors import MalformedMessageError, RestError
from core.data.exchange_info import ExchangeInfo, parse_exchange_info, parse_quote_volumes
from core.data.funding_rates import parse_settlements
from core.data.open_interest import MAX_SNAPSHOTS, Period, parse_open_interest
from core.data.orderflow.depth_snapshot import DepthSnapshot, parse_depth_snapshot
from core.data.reconnect import reconnect_delays
from core.data.rest_faults import LONGEST_WAIT_S, HttpFault
from core.data.sockets.complaints import Complaints
from core.data.weight_budget import WeightBudget, depth_weight, klines_weight
from core.model.candles import Candle
from core.model.funding import Settlement
from core.model.intervals import Interval
from core.model.open_interest import OpenInterest

logger = logging.getLogger(__name__)

MAX_KLINES = 1500
MAX_LEVELS = 1000
MAX_SETTLEMENTS = 1000
# Of the 500 in five minutes that all who share our address may ask for.
_FUNDING_PER_MINUTE = 50
# Of the 1000 in five minutes; the exchange gives these requests no weight.
_OPEN_INTEREST_PER_MINUTE = 40
_TICKERS_WEIGHT = 40
_RETRIES = 4
_FIRST_DELAY_S = 0.5
_CEILING_DELAY_S = 8.0
_TELL_S = 1.0
_LONGEST_WEIGHT = 9


class BinanceRest:
    """
    Use as ``async with BinanceRest(settings) as rest``.

    Every method raises `RestError` when the exchange refuses, or when it stays unreachable
    through the retries.

    Attributes:
        malformed: Rows that were not candles and were left out.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        connect: Callable[[Settings, Observe], Client] = BinanceClient,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        monotonic: Callable[[], float] = time.monotonic,
        clock_ms: Callable[[], int] = lambda: time.time_ns() // 1_000_000,
        uniform: Callable[[float, float], float] = random.uniform,
    ) -> None:
        self.malformed = 0
        self._settings = settings
        self._connect = connect
        self._sleep = sleep
        self._monotonic = monotonic
        self._clock_ms = clock_ms
        self._uniform = uniform
        self._budget = WeightBudget(settings.exchange.weight_per_minute)
        self._funding_budget = WeightBudget(_FUNDING_PER_MINUTE)
        self._open_interest_budget = WeightBudget(_OPEN_INTEREST_PER_MINUTE)
        self._complaints = Complaints(monotonic)
        self._client: Client | None = None

    async def __aenter__(self) -> Self:
        self._client = self._connect(self._settings, self._observe)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        client, self._client = self._client, None
        if client is not None:
            await client.close()

    async def klines(
        self,
        symbol: str,
        interval: Interval,
        *,
        start_ms: int | None = None,
        end_ms: int | None = None,
        limit: int = MAX_KLINES,
    ) -> list[Candle]:
        """
        Return candles that open in the range, oldest first; the newest may be unclosed.

        Without bounds, the newest. Rows that are not candles are counted, logged and left out.
        """
        params = {
            "symbol": symbol,
            "interval": interval.value,
            "startTime": start_ms,
            "endTime": end_ms,
            "limit": limit,
        }
        present = {name: value for name, value in params.items() if value is not None}
        rows = await self._asked(
            f"klines {symbol} {interval}",
            klines_weight(limit),
            lambda client: client.klines(present),
        )
        if not isinstance(rows, list):
            raise RestError(f"klines {symbol} {interval}: not a list of rows")
        return self._sound(symbol, interval, rows)

    async def depth(self, symbol: str, limit: int = MAX_LEVELS) -> DepthSnapshot:
        """Return the best levels of the order book; a body that is none raises `RestError`."""
        body = await self._asked(
            f"depth {symbol}",
            depth_weight(limit),
            lambda client: client.depth({"symbol": symbol, "limit": limit}),
        )
        try:
            return parse_depth_snapshot(body, limit)
        except MalformedMessageError as error:
            raise RestError(f"depth {symbol}: {error}") from error

    async def server_time_ms(self) -> int:
        """Return the exchange's clock."""
        answer = await self._asked("time", 1, lambda client: client.time())
        value = answer.get("serverTime") if isinstance(answer, dict) else None
        if not isinstance(value, int):
            raise RestError(f"time: no serverTime in {str(answer)[:80]!r}")
        return value

    async def exchange_info(self) -> ExchangeInfo:
        """Return the trading rules of every symbol."""
        answer = await self._asked("exchangeInfo", 1, lambda client: client.exchange_info())
        try:
            return parse_exchange_info(answer)
        except MalformedMessageError as error:
            raise RestError(f"exchangeInfo: {error}") from error

    async def quote_volumes(self) -> dict[str, float]:
        """Return what was traded in 24 h by symbol, in quote currency."""
        answer = await self._asked("ticker/24hr", _TICKERS_WEIGHT, lambda client: client.tickers())
        try:
            return parse_quote_volumes(answer)
        except MalformedMessageError as error:
            raise RestError(f"ticker/24hr: {error}") from error

    async def settlements(self, symbol: str, start_ms: int, end_ms: int) -> tuple[Settlement, ...]:
        """
        Return the funding that took place in ``[start_ms, end_ms]``, oldest first.

        All of it: where one answer does not hold it, further ones are asked for. A row that is
        none raises `RestError`, as what is left out would never be paid.
        """
        found: list[Settlement] = []
        while start_ms <= end_ms:
            page = await self._settlement_page(symbol, start_ms, end_ms)
            found += page
            if len(page) < MAX_SETTLEMENTS:
                break
            start_ms = page[-1].at_ms + 1
        return tuple(found)

    async def open_interest(
        self, symbol: str, period: Period, *, end_ms: int | None = None
    ) -> tuple[OpenInterest, ...]:
        """Return the newest snapshots, up to ``end_ms`` if given; a bad row raises `RestError`."""
        endpoint = f"openInterestHist {symbol}"
        params = {"symbol": symbol, "period": period.value, "limit": MAX_SNAPSHOTS}
        params |= {} if end_ms is None else {"endTime": end_ms}
        await self._turn(endpoint, 1, self._open_interest_budget)
        rows = await self._asked(endpoint, 1, lambda client: client.open_interest(params))
        try:
            return parse_open_interest(symbol, rows)
        except MalformedMessageError as error:
            raise RestError(f"{endpoint}: {error}") from error

    async def _settlement_page(
        self, symbol: str, start_ms: int, end_ms: int
    ) -> tuple[Settlement, ...]:
        endpoint = f"fundingRate {symbol}"
        params = {
            "symbol": symbol,
            "startTime": start_ms,
            "endTime": end_ms,
            "limit": MAX_SETTLEMENTS,
        }
        await self._turn(endpoint, 1, self._funding_budget)
        rows = await self._asked(endpoint, 1, lambda client: client.funding_rates(params))
        try:
            page = parse_settlements(symbol, rows)
        except MalformedMessageError as error:
            raise RestError(f"{endpoint}: {error}") from error
        if page and not start_ms <= page[0].at_ms <= page[-1].at_ms <= end_ms:
            raise RestError(f"{endpoint}: rows outside of what was asked for")
        return page

    def _sound(self, symbol: str, interval: Interval, rows: list[object]) -> list[Candle]:
        candles: list[Candle] = []
        bad: list[MalformedMessageError] = []
        for row in rows:
            try:
                candles.append(parse_kline_row(interval, row))
            except MalformedMessageError as error:
                bad.append(error)
        if bad:
            self.malformed += len(bad)
            if self._complaints.due("malformed klines"):
                logger.warning(
                    "malformed klines left out: symbol=%s rows=%d of_all=%d first=%s",
                    symbol,
                    len(bad),
                    self.malformed,
                    bad[0],
                )
        distinct = {candle.open_time_ms: candle for candle in candles}
        return [distinct[time_ms] for time_ms in sorted(distinct)]

    async def _asked(
        self, endpoint: str, weight: int, request: Callable[[Client], Awaitable[Any]]
    ) -> Any:
        """Send a request until it succeeds, fails for good, or patience ends."""
        if self._client is None:
            raise RestError(f"{endpoint}: the connection is not open")
        delays = reconnect_delays(_FIRST_DELAY_S, _CEILING_DELAY_S, self._uniform)
        for attempt in range(_RETRIES + 1):
            await self._turn(endpoint, weight, self._budget)
            wait_s = next(delays)
            try:
                return await request(self._client)
            except HttpFault as fault:
                wait_s = max(wait_s, self._told(fault))
                if not fault.passing or attempt == _RETRIES or wait_s > LONGEST_WAIT_S:
                    raise RestError(f"{endpoint}: {fault}", fault.status) from fault
                reason = str(fault)
            except OSError as error:
                nameless = "timed out" if isinstance(error, TimeoutError) else type(error).__name__
                reason = str(error) or nameless
                if attempt == _RETRIES:
                    raise RestError(f"{endpoint}: unreachable: {reason}") from error
            self._tell(logging.WARNING, "retry", endpoint, wait_s, reason)
            await self._sleep(wait_s)
        raise AssertionError("the last attempt returns or raises")

    async def _turn(self, endpoint: str, weight: int, budget: WeightBudget) -> None:
        """Wait until the budget allows the request, then spend it."""
        while (wait_s := budget.wait_s(weight, self._monotonic())) > 0.0:
            if wait_s > LONGEST_WAIT_S:
                raise RestError(f"{endpoint}: the exchange told us to stay away {wait_s:.0f} s")
            if wait_s > _TELL_S:
                self._tell(logging.INFO, "waits", endpoint, wait_s, "the weight limit")
            await self._sleep(wait_s)
        budget.spend(weight, self._monotonic())

    def _tell(self, level: int, what: str, endpoint: str, wait_s: float, reason: str) -> None:
        # Hundreds of symbols may wait for the same reason.
        path = endpoint.partition(" ")[0]
        if self._complaints.due(f"{what} {path}"):
            logger.log(
                level, "rest %s: endpoint=%s wait_s=%.1f reason=%s", what, endpoint, wait_s, reason
            )

    def _told(self, fault: HttpFault) -> float:
        told_s = fault.told_wait_s(self._clock_ms())
        if told_s is not None and fault.closes_all:
            self._budget.close(told_s, self._monotonic())
        return told_s or 0.0

    def _observe(self, used: str) -> None:
        if used.isascii() and used.isdecimal() and len(used) <= _LONGEST_WEIGHT:
            self._budget.observe(int(used), self._monotonic())
