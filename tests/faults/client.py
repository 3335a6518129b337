"""The client of a fault test: the real stream, REST, universe, feed and store, and a witness."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from fnmatch import fnmatchcase
from itertools import chain, repeat

from core.config import Home, Settings
from core.data.binance_rest import BinanceRest
from core.data.binance_stream import BinanceStream
from core.data.data_store import DataStore
from core.data.errors import RestError
from core.data.market_feed import FeedState, MarketFeed
from core.data.orderflow.order_flow import OrderFlow
from core.data.parquet_log import ParquetLog
from core.data.sockets.health import StreamState
from core.data.universe import Universe
from core.model.candles import CandleUpdate
from core.model.intervals import MINUTE_MS, Interval
from tests.builders import settings
from tests.faults.clock import MovableClock
from tests.faults.market import SYMBOLS

HIGHER = (Interval.M5, Interval.M15, Interval.H1)
WINDOW_CANDLES = 300


def pointed_at(port: int, **feed: float) -> Settings:
    """The committed configuration, on our exchange, with little history and quick reconnects."""
    base = settings(
        BINANCE_FUTURES_REST_URL=f"http://127.0.0.1:{port}",
        BINANCE_FUTURES_WS_URL=f"ws://127.0.0.1:{port}",
    )
    history = {"history_days": 1, "hot_candles": WINDOW_CANDLES, "higher_candles": 300}
    return base.model_copy(
        update={
            "symbols": SYMBOLS,
            "data": base.data.model_copy(update=history),
            "feed": base.feed.model_copy(update={"silence_s": 2.0} | feed),
            "exchange": base.exchange.model_copy(
                update={"request_timeout_s": 1.0, "weight_per_minute": 2400}
            ),
        }
    )


def waits() -> Iterator[float]:
    """Between connects: no jitter, so that a cut is seen, and never long."""
    return chain((0.2, 0.4), repeat(0.8))


def shortened(least_s: float, most_s: float) -> float:
    """Between retries of a request: quicker than in life, and always the same."""
    return least_s + (most_s - least_s) / 8.0


class Client:
    """Everything between the exchange and the page, and what it announced."""

    def __init__(
        self, configured: Settings, store: DataStore, rest: BinanceRest, clock: MovableClock
    ) -> None:
        self.symbols = configured.symbols
        self.clock = clock
        self.store = store
        self.stream = BinanceStream(
            configured, delays=waits, sleep=clock.sleep, monotonic=clock.monotonic
        )
        self.feed = MarketFeed(
            configured,
            self.store,
            self.stream,
            rest,
            Universe(configured, rest, cache=None),
            order_flow=OrderFlow(rest, monotonic=clock.monotonic, sleep=clock.sleep),
            monotonic=clock.monotonic,
            sleep=clock.sleep,
        )
        self.heard: dict[str, list[int]] = {symbol: [] for symbol in self.symbols}
        self.feed.listen(self._hear)

    def _hear(self, update: CandleUpdate) -> None:
        if update.closed:
            self.heard[update.symbol].append(update.candle.open_time_ms)

    @property
    def fine(self) -> bool:
        """Whether the page calls everything live and whole."""
        return self.feed.status().state is FeedState.LIVE and all(
            map(self.feed.whole, self.symbols)
        )

    def streams_are(self, names: str, state: StreamState) -> bool:
        told = [s for s in self.feed.streams() if fnmatchcase(s.name, names)]
        return bool(told) and all(stream.state is state for stream in told)

    @property
    def newest_close_ms(self) -> int:
        """When the newest bar ended that every symbol has."""
        return min(map(self.newest_ms, self.symbols)) + MINUTE_MS

    def newest_ms(self, symbol: str) -> int:
        """When the newest bar of a symbol opened; 0 without any. Of memory: it is asked often."""
        newest = self.store.candles(symbol, Interval.M1, limit=1)
        return int(newest.open_time_ms[-1]) if len(newest) else 0

    async def load_higher(self) -> None:
        """Load what charts show; a failing exchange is asked again, as a page would."""
        for symbol in self.symbols:
            for interval in HIGHER:
                await self._load(symbol, interval)

    async def _load(self, symbol: str, interval: Interval) -> None:
        async with asyncio.timeout(400):
            while True:
                try:
                    return await self.feed.ensure(symbol, interval)
                except RestError:
                    await asyncio.sleep(0.2)


@dataclass(frozen=True, slots=True)
class Lie:
    """A moment in which the page said that all is well while candles were missing."""

    market_ms: int
    newest_close_ms: int


class Witness:
    """
    Compares, many times a second, what the page is told with how things are.

    Where the machine has stopped this process for a while nobody in its loop can have known
    better; what is told then is judged once everybody has had as long to catch up. Nor can they
    in the turn of the loop in which a clock leaps: whom that wakes may come after the witness.

    Args:
        now_ms: Market time as the exchange itself knows it.
        lag_ms: How far a feed that is called whole may be behind.
    """

    EVERY_S = 0.01
    STALLED_S = 0.25

    def __init__(self, client: Client, now_ms: Callable[[], int], lag_ms: int) -> None:
        self._client = client
        self._now_ms = now_ms
        self._lag_ms = lag_ms
        self.lies: list[Lie] = []

    async def run(self) -> None:
        judging_from_s, ahead_s = time.monotonic(), self._client.clock.ahead_s
        while True:
            due_s = time.monotonic() + self.EVERY_S
            await asyncio.sleep(self.EVERY_S)
            now_s, told_s = time.monotonic(), self._client.clock.ahead_s
            if now_s - due_s > self.STALLED_S:
                judging_from_s = now_s + (now_s - due_s)
            leapt, ahead_s = told_s != ahead_s, told_s
            if now_s >= judging_from_s and not leapt and self._client.fine:
                market_ms, newest_ms = self._now_ms(), self._client.newest_close_ms
                if market_ms - newest_ms > MINUTE_MS + self._lag_ms:
                    self.lies.append(Lie(market_ms, newest_ms))


@asynccontextmanager
async def running(
    configured: Settings,
    at: Home,
    *,
    clock_ms: Callable[[], int] | None = None,
    log: ParquetLog | None = None,
) -> AsyncIterator[Client]:
    """A client whose feed runs; it must end when it is told to and not before."""
    clock = MovableClock()
    local = {} if clock_ms is None else {"clock_ms": clock_ms}
    store = DataStore(configured, at, log=log, **local)
    rest = BinanceRest(
        configured, sleep=clock.sleep, monotonic=clock.monotonic, uniform=shortened, **local
    )
    async with rest:
        client = Client(configured, store, rest, clock)
        task = asyncio.create_task(client.feed.run())
        try:
            yield client
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        assert task.cancelled(), task.exception()
        assert client.feed.status().state is FeedState.STOPPED
