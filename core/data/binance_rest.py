"""Binance USD-M REST: history and trading rules, politely and with bounded patience."""

import asyncio
import logging
import random
import time
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Any, Protocol, Self

from core.config import Settings
from core.data.binance_client import BinanceClient, Observe
from core.data.binance_messages import parse_instruments, parse_kline_row, parse_market_label
from core.data.errors import MalformedMessageError, RestError
from core.data.reconnect import reconnect_delays
from core.data.rest_faults import LONGEST_WAIT_S, HttpFault
from core.data.weight_budget import WeightBudget, klines_weight
from core.model.candles import Candle
from core.model.instrument import Instrument
from core.model.intervals import Interval

logger = logging.getLogger(__name__)

MAX_KLINES = 1500
_RETRIES = 4
_FIRST_DELAY_S = 0.5
_CEILING_DELAY_S = 8.0
_TELL_S = 1.0


class Client(Protocol):
    """What sends single requests: `BinanceClient`, or a fake."""

    async def klines(self, params: dict[str, Any]) -> Any:
        """Return the answer of ``/fapi/v1/klines``."""

    async def time(self) -> Any:
        """Return the answer of ``/fapi/v1/time``."""

    async def exchange_info(self) -> Any:
        """Return the answer of ``/fapi/v1/exchangeInfo``."""

    async def close(self) -> None:
        """Give up the connections."""


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

    async def server_time_ms(self) -> int:
        """Return the exchange's clock."""
        answer = await self._asked("time", 1, lambda client: client.time())
        value = answer.get("serverTime") if isinstance(answer, dict) else None
        if not isinstance(value, int):
            raise RestError(f"time: no serverTime in {str(answer)[:80]!r}")
        return value

    async def instruments(self) -> dict[str, Instrument]:
        """Return the trading rules by symbol."""
        answer = await self._exchange_info()
        try:
            return parse_instruments(answer)
        except MalformedMessageError as error:
            raise RestError(f"exchangeInfo: {error}") from error

    async def market_label(self) -> str | None:
        """Return what a simulator calls its market; None for a real exchange."""
        return parse_market_label(await self._exchange_info())

    async def _exchange_info(self) -> object:
        return await self._asked("exchangeInfo", 1, lambda client: client.exchange_info())

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
            logger.warning(
                "malformed klines left out: symbol=%s rows=%d first=%s", symbol, len(bad), bad[0]
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
            await self._turn(endpoint, weight)
            wait_s = next(delays)
            try:
                return await request(self._client)
            except HttpFault as fault:
                wait_s = max(wait_s, self._told(fault))
                if not fault.passing or attempt == _RETRIES or wait_s > LONGEST_WAIT_S:
                    raise RestError(f"{endpoint}: {fault}", fault.status) from fault
                reason = str(fault)
            except OSError as error:
                reason = str(error) or type(error).__name__
                if attempt == _RETRIES:
                    raise RestError(f"{endpoint}: unreachable: {reason}") from error
            logger.info("rest retry: endpoint=%s wait_s=%.1f reason=%s", endpoint, wait_s, reason)
            await self._sleep(wait_s)
        raise AssertionError("the last attempt returns or raises")

    async def _turn(self, endpoint: str, weight: int) -> None:
        """Wait until the budget allows the request, then spend it."""
        while (wait_s := self._budget.wait_s(weight, self._monotonic())) > 0.0:
            if wait_s > LONGEST_WAIT_S:
                raise RestError(f"{endpoint}: the exchange told us to stay away {wait_s:.0f} s")
            if wait_s > _TELL_S:
                logger.info("rest waits: endpoint=%s wait_s=%.1f", endpoint, wait_s)
            await self._sleep(wait_s)
        self._budget.spend(weight, self._monotonic())

    def _told(self, fault: HttpFault) -> float:
        told_s = fault.told_wait_s(self._clock_ms())
        if told_s is not None and fault.closes_all:
            self._budget.close(told_s, self._monotonic())
        return told_s or 0.0

    def _observe(self, used: str) -> None:
        if used.isdecimal():
            self._budget.observe(int(used), self._monotonic())
