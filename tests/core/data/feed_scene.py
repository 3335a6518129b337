"""A feed with everything around it, all of it in memory: for the tests of the feed."""

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.config import Settings
from core.data.data_store import DataStore
from core.data.errors import RestError
from core.data.feed_status import FeedState
from core.data.market_events import MarkPrice
from core.data.market_feed import MarketFeed
from core.data.orderflow.depth_snapshot import DepthSnapshot
from core.data.orderflow.order_flow import OrderFlow
from core.data.sockets.events import Connected, StreamEvent, StreamStatistics
from core.data.sockets.health import StreamHealth, StreamState
from core.model.candles import Candle, CandleUpdate
from core.model.intervals import MINUTE_MS, Interval
from tests.builders import START_MS, home, instrument, random_walk, settings

M1 = Interval.M1
SYMBOL = "BTCUSDT"
HISTORY = 700
WINDOW = 600
WATCHED = 60
# What tests wait for takes milliseconds; a machine under load may take longer.
DEADLINE_S = 60.0


def configured(symbols: tuple[str, ...] = (SYMBOL,)) -> Settings:
    base = settings()
    data = base.data.model_copy(
        update={
            "hot_candles": WINDOW,
            "higher_candles": WINDOW,
            "watched_candles": WATCHED,
            "history_days": 1,
        }
    )
    return base.model_copy(update={"data": data, "symbols": symbols})


async def brief_sleep(for_s: float) -> None:
    """A thousand times faster than life, but never faster than the loop."""
    await asyncio.sleep(min(for_s, 60.0) / 1000)


class FakeExchange:
    """A known market: `minute` is the index of the bar in progress."""

    def __init__(self, minute: int = HISTORY) -> None:
        self.market = list(random_walk(HISTORY + 100))
        self.minute = minute
        self.absent: set[int] = set()
        self.failing = 0
        self.asked: list[tuple[Interval, int | None, int | None, int]] = []
        self.hold: asyncio.Event | None = None

    async def klines(
        self,
        symbol: str,
        interval: Interval,
        *,
        start_ms: int | None = None,
        end_ms: int | None = None,
        limit: int = 1500,
    ) -> list[Candle]:
        self.asked.append((interval, start_ms, end_ms, limit))
        if self.hold is not None:
            await self.hold.wait()
        if self.failing:
            self.failing -= 1
            raise RestError(f"klines {symbol} {interval}: HTTP 503 Service Unavailable.", 503)
        rows = [
            bar
            for i, bar in enumerate(self.market[: self.minute + 1])
            if i not in self.absent
            and (start_ms is None or bar.open_time_ms >= start_ms)
            and (end_ms is None or bar.open_time_ms <= end_ms)
        ]
        return rows[:limit] if start_ms is not None else rows[-limit:]

    async def depth(self, symbol: str, limit: int = 1000) -> DepthSnapshot:
        return DepthSnapshot(1, (), (), START_MS, limit)


@dataclass(frozen=True)
class FakeChanges:
    notes: tuple[str, ...] = ()


class FakeUniverse:
    """The symbols a test wants."""

    def __init__(self, *symbols: str) -> None:
        self.symbols: tuple[str, ...] = symbols
        self.instruments = {symbol: instrument(symbol, min_notional="50") for symbol in symbols}
        self.market_label: str | None = "SIMULATED"
        self.unknown: dict[str, tuple[str, ...]] = {}
        self.closed: set[str] = set()
        self.failing = 0
        self.refreshed = 0

    def tradable(self, symbol: str) -> bool:
        return symbol not in self.closed

    async def refresh(self) -> FakeChanges:
        self.refreshed += 1
        if self.failing:
            self.failing -= 1
            raise RestError("exchangeInfo: HTTP 503 Service Unavailable.", 503)
        return FakeChanges()


class FakeStream:
    """Hands on what the test tells it to."""

    def __init__(self) -> None:
        self.statistics = StreamStatistics()
        self.sink: Callable[[StreamEvent], None] | None = None
        self.wanted: dict[str, None] = {}
        self.states: dict[str, StreamState] = {}
        self.restarts = 0
        self.connected = False

    @property
    def streams(self) -> list[str]:
        return list(self.wanted)

    async def run(self, streams: Sequence[str], sink: Callable[[StreamEvent], None]) -> None:
        self.subscribe(streams)
        self.sink = sink
        await asyncio.Event().wait()

    def subscribe(self, streams: Iterable[str]) -> None:
        self.wanted |= dict.fromkeys(streams)

    def unsubscribe(self, streams: Iterable[str]) -> None:
        for name in streams:
            self.wanted.pop(name)

    def restart(self) -> None:
        self.restarts += 1

    def health(self) -> dict[str, StreamHealth]:
        usual = StreamState.LIVE if self.connected else StreamState.RECONNECTING
        return {
            name: StreamHealth(name, "market", self.states.get(name, usual), 0.1, 1, None, "so")
            for name in self.wanted
        }

    def emit(self, *events: StreamEvent) -> None:
        assert self.sink is not None
        for event in events:
            if isinstance(event, Connected):
                self.statistics.reconnects += self.statistics.connects > 0
                self.statistics.connects += 1
            self.sink(event)


class Scene:
    """A feed under test with everything around it."""

    def __init__(
        self,
        path: Path,
        *,
        symbols: tuple[str, ...] = (SYMBOL,),
        universe: FakeUniverse | None = None,
        exchange: FakeExchange | None = None,
    ) -> None:
        settings_now = configured(symbols)
        self.clock_s = 1_000.0
        self.exchange = exchange or FakeExchange()
        self.stream = FakeStream()
        self.universe = universe or FakeUniverse(*symbols)
        self.store = DataStore(settings_now, home(path))
        self.feed = MarketFeed(
            settings_now,
            self.store,
            self.stream,
            self.exchange,
            self.universe,
            order_flow=OrderFlow(self.exchange, monotonic=self.now_s, sleep=brief_sleep),
            monotonic=self.now_s,
            sleep=brief_sleep,
        )
        self.heard: list[CandleUpdate] = []
        self.feed.listen(lambda u: self.heard.append(u) if u.symbol == SYMBOL else None)

    def now_s(self) -> float:
        return self.clock_s

    @property
    def announced(self) -> list[int]:
        return [(u.candle.open_time_ms - START_MS) // MINUTE_MS for u in self.heard if u.closed]

    def closes(
        self, minute: int, candle: Candle | None = None, symbol: str = SYMBOL
    ) -> CandleUpdate:
        bar = candle or self.exchange.market[minute]
        self.exchange.minute = max(self.exchange.minute, minute + 1)
        return CandleUpdate(symbol, M1, bar, True, bar.open_time_ms + MINUTE_MS + 300)

    def runs(self, minute: int, after_ms: int = 30_000) -> CandleUpdate:
        bar = self.exchange.market[minute]
        self.exchange.minute = max(self.exchange.minute, minute)
        return CandleUpdate(SYMBOL, M1, bar, False, bar.open_time_ms + after_ms)

    def price(self, minute: int, after_ms: int, symbol: str = SYMBOL) -> MarkPrice:
        self.exchange.minute = max(self.exchange.minute, minute)
        at_ms = START_MS + minute * MINUTE_MS + after_ms
        return MarkPrice(symbol, 100.0, 100.0, None, 0, at_ms)

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(DEADLINE_S):
            while not condition():
                await asyncio.sleep(0.001)

    async def connect(self) -> None:
        await self.until(lambda: self.stream.sink is not None)
        self.stream.emit(Connected(), self.price(self.exchange.minute, 1_000))

    async def live(self) -> None:
        await self.connect()
        await self.until(lambda: self.feed.status().state is FeedState.LIVE)

    async def settled(self) -> None:
        """Live, and the history behind the window is there too."""
        await self.live()
        await self.until(
            lambda: any((ask[1] or START_MS) < START_MS for ask in self.exchange.asked)
        )
        await self.until(lambda: self.feed.status().detail == "")

    def assert_store_equals_exchange(self, through: int) -> None:
        ours = self.store.candles(SYMBOL, M1, limit=WINDOW)
        expected = self.exchange.market[through + 1 - WINDOW : through + 1]
        assert list(ours) == expected


def play(
    path: Path, scenario: Callable[[Scene], Coroutine[None, None, None]], **scenery: Any
) -> Scene:
    """Run a feed through a scenario, then end it."""
    scene = Scene(path, **scenery)

    async def acted() -> None:
        task = asyncio.create_task(scene.feed.run())
        act = asyncio.create_task(scenario(scene))
        done, _ = await asyncio.wait({task, act}, return_when=asyncio.FIRST_COMPLETED)
        if task in done:
            act.cancel()
            task.result()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        act.result()
        assert task.cancelled()
        assert scene.feed.status().state is FeedState.STOPPED

    asyncio.run(acted())
    return scene
