"""A small market that moves, and everybody else the page asks, written by hand."""

import asyncio
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from msgspec import structs

from core.data.errors import RestError
from core.data.feed_status import FeedState
from core.data.market_events import MarkPrice
from core.data.market_facts_history import (
    FactQuery,
    FactReading,
    FundingQuery,
    OpenInterestQuery,
)
from core.data.market_views import MarketViews
from core.data.sockets.health import StreamHealth, StreamState
from core.journal.errors import JournalError, MissingJournalError
from core.journal.overview import SignalRow
from core.journal.vitals_reader import VitalsReader
from core.model.candles import Candle, CandleSeries, CandleUpdate
from core.model.engine_state import EngineActivity, EngineState
from core.model.funding import Settlement
from core.model.gap import Gap
from core.model.instrument import Instrument
from core.model.intervals import MINUTE_MS, Interval
from core.model.open_interest import OpenInterest
from core.model.order_flow import BookPhase, BookState, FlowSeries, Footprint
from core.model.regime import RegimeChange
from core.model.signal import Direction, SignalKey, Strength
from core.model.trade import ExitReason, TradeStatus
from core.overlays import load_overlays
from ops.health.answer_times import AnswerTimes
from ops.health.journal_look import JournalLook
from ops.health.probes import Health
from ops.health.watch import HealthWatch
from tests import builders
from ui.services import Services

PRICES = {"BTCUSDT": 64_000.0, "ETHUSDT": 3_400.0, "SOLUSDT": 150.0}
TICKS = {"BTCUSDT": 0.1, "ETHUSDT": 0.01, "SOLUSDT": 0.001}
TICKS_PER_BAR = 240
NOON_MS = builders.START_MS + Interval.D1.duration_ms // 2


@dataclass(frozen=True, slots=True)
class FakeFeedStatus:
    state: str = "live"
    age_s: float | None = 0.2
    detail: str = ""
    frames: int = 0
    malformed: int = 0
    reconnects: int = 0
    gaps: int = 0
    differences: int = 0
    unreadable: Mapping[str, int] = field(default_factory=dict)


class FakeBooks:
    """Order books that are what they are set to."""

    def __init__(self) -> None:
        self.books: dict[str, BookState] = {}

    def book(self, symbol: str) -> BookState:
        return self.books.get(symbol) or BookState(symbol, BookPhase.NONE)

    def flow(self, symbol: str) -> FlowSeries:
        whole, amounts = np.empty(0, dtype=np.int64), [np.empty(0)] * 4
        told = np.empty(0, dtype=np.bool_)
        return FlowSeries(symbol, whole, *amounts, whole, *amounts[:3], told)

    def footprints(self, symbol: str) -> tuple[Footprint, ...]:
        return ()

    def book_phases(self) -> Mapping[BookPhase, int]:
        return dict(Counter(book.state for book in self.books.values()))


class FakeStore:
    """Closed candles per symbol and interval, and one running 1m candle per symbol."""

    def __init__(self) -> None:
        self.series: dict[tuple[str, Interval], CandleSeries] = {}
        self.moving: dict[tuple[str, Interval], Candle] = {}
        self.reads = 0
        self.alarm = ""

    def candles(
        self,
        symbol: str,
        interval: Interval,
        *,
        start_ms: int | None = None,
        end_ms: int | None = None,
        limit: int | None = None,
    ) -> CandleSeries:
        self.reads += 1
        found = self.series.get((symbol, interval)) or CandleSeries.empty(symbol, interval)
        found = found.between(start_ms, end_ms)
        return found if limit is None else found.tail(limit)

    def running(self, symbol: str, interval: Interval) -> Candle | None:
        return self.moving.get((symbol, interval))

    def get_cache_stats(self) -> dict[str, Any]:
        return {
            "hits": self.reads,
            "misses": 2,
            "hit_rate": self.reads / (self.reads + 2),
            "tiers": {
                "memory": {"hits": self.reads, "misses": 2},
                "parquet": {"hits": 1, "misses": 1},
                "rest": {"hits": 1, "misses": 0},
            },
            "alarm": self.alarm,
            "gaps": 0,
            "quarantined": 0,
            "memory_mb": 1.234,
            "files": len(self.series),
            "disk_mb": 6.5,
            "series": {
                f"{symbol} {interval.value}": {
                    "bars": len(series),
                    "gaps": 0,
                    "newest_ms": int(series.open_time_ms[-1]),
                    "newest": "",
                    "age_s": 12.0,
                }
                for (symbol, interval), series in sorted(self.series.items())
            },
        }


def stream(name: str, **changes: Any) -> StreamHealth:
    """A stream that delivers, altered by ``changes``."""
    values: dict[str, Any] = {
        "name": name,
        "route": "market",
        "state": StreamState.LIVE,
        "age_s": 0.2,
        "frames": 120,
        "expected_s": None,
    }
    return StreamHealth(**values | changes)


class FakeFeed:
    """A feed whose market moves when it is told to."""

    def __init__(self, store: FakeStore) -> None:
        self.store = store
        self.label: str | None = None
        self.followed = tuple(TICKS)
        self.listed: tuple[str, ...] = ()
        self.marks: dict[str, MarkPrice] = {}
        self.focused: list[frozenset[str]] = []
        self.now = FakeFeedStatus()
        self.time_ms: int | None = None
        self.failures: list[str] = []
        self.asked: list[tuple[str, Interval, int | None]] = []
        self.order_flow = FakeBooks()
        self.absent: dict[str, tuple[Gap, ...]] = {}
        self.healths: list[StreamHealth] = [stream(f"{s.lower()}@kline_1m") for s in TICKS]
        self.histories: dict[tuple[str, Interval], CandleSeries] = {}
        self._listeners: list[Callable[[CandleUpdate], None]] = []

    @property
    def instruments(self) -> Mapping[str, Instrument]:
        listed = (*self.followed, *self.listed)
        return {s: builders.instrument(s, tick=str(TICKS.get(s, 0.01))) for s in listed}

    @property
    def symbols(self) -> tuple[str, ...]:
        return self.followed

    def focus(self, symbols: Collection[str]) -> None:
        self.focused.append(frozenset(symbols))

    @property
    def market_label(self) -> str | None:
        return self.label

    def mark(self, symbol: str) -> MarkPrice | None:
        return self.marks.get(symbol)

    def listen(self, listener: Callable[[CandleUpdate], None]) -> None:
        self._listeners.append(listener)

    def status(self) -> FakeFeedStatus:
        return self.now

    def standing(self, symbol: str) -> tuple[FeedState | StreamState, str]:
        return FeedState(self.now.state.upper()), self.now.detail

    def streams(self) -> Sequence[StreamHealth]:
        return self.healths

    def gaps(self, symbol: str) -> Sequence[Gap]:
        return self.absent.get(symbol, ())

    def market_time_ms(self) -> int | None:
        return self.time_ms

    async def ensure(self, symbol: str, interval: Interval, candles: int | None = None) -> None:
        self.asked.append((symbol, interval, candles))
        if self.failures:
            raise RestError(self.failures.pop(0))
        await asyncio.sleep(0)
        if (symbol, interval) in self.histories:
            self.store.series.setdefault((symbol, interval), self.histories[symbol, interval])

    def tell(self, update: CandleUpdate) -> None:
        """Announce an update, as the real feed does after the store has it."""
        self.time_ms = max(self.time_ms or 0, update.event_time_ms)
        self.now = replace(self.now, frames=self.now.frames + 1)
        for listener in self._listeners:
            listener(update)


class FakeJournal:
    """Signals in memory; a fault makes reading fail."""

    def __init__(self, signals: Sequence[SignalRow] = ()) -> None:
        self.signals = tuple(signals)
        self.known_regimes: dict[tuple[str, Interval], RegimeChange] = {}
        self.fault: JournalError | None = None

    def recent_signals(self, limit: int) -> Sequence[SignalRow]:
        if self.fault is not None:
            raise self.fault
        return self.signals[:limit]

    def regimes(self) -> Mapping[tuple[str, Interval], RegimeChange]:
        if self.fault is not None:
            raise self.fault
        return self.known_regimes


class FakeEngine:
    """An engine that is what it is set to."""

    def __init__(self) -> None:
        self.now = EngineState(EngineActivity.RUNNING, "beating", "DeepSeek deepseek-flash")

    def state(self) -> EngineState:
        return self.now


class FakeFacts:
    """Funding and open interest that are what they are set to, whatever is asked."""

    def __init__(self) -> None:
        self.settled: FactReading[Settlement] = FactReading()
        self.held: FactReading[OpenInterest] = FactReading()
        self.wanted: list[FactQuery] = []
        self._listeners: list[Callable[[str], None]] = []

    def listen(self, listener: Callable[[str], None]) -> None:
        self._listeners.append(listener)

    def want(self, queries: Iterable[FactQuery]) -> None:
        self.wanted += queries

    def funding(self, query: FundingQuery) -> FactReading[Settlement]:
        return self.settled

    def open_interest(self, query: OpenInterestQuery) -> FactReading[OpenInterest]:
        return self.held

    def tell(self, symbol: str) -> None:
        """Announce that something else is known."""
        for listener in self._listeners:
            listener(symbol)


class FakeMarket:
    """Seeded prices of every symbol; each step is one tick, each 240th closes a bar."""

    def __init__(self, store: FakeStore, feed: FakeFeed, *, bars: int = 900, seed: int = 3) -> None:
        self._store, self._feed = store, feed
        self._rng = np.random.default_rng(seed)
        self._steps = 0
        for i, (symbol, price) in enumerate(PRICES.items()):
            for interval in Interval:
                series = history(symbol, interval, bars, price=price, seed=seed + i)
                if interval is Interval.M1:
                    store.series[symbol, interval] = series
                feed.histories[symbol, interval] = series

    def step(self, ticks: int = 1) -> None:
        """Let the market tick."""
        for _ in range(ticks):
            self._steps += 1
            for symbol in PRICES:
                self._tick(symbol, closes=self._steps % TICKS_PER_BAR == 0)

    def _tick(self, symbol: str, *, closes: bool) -> None:
        minutes = self._store.series[symbol, Interval.M1]
        open_ms = int(minutes.open_time_ms[-1]) + MINUTE_MS
        running = self._store.moving.get((symbol, Interval.M1))
        before = running.close if running else float(minutes.close[-1])
        price = before * (1.0 + float(self._rng.normal(0.0, 0.00008)))
        price = round(price / TICKS[symbol]) * TICKS[symbol]
        candle = _moved(running, open_ms, before, price, float(self._rng.lognormal(-3.0, 1.0)))
        event_ms = open_ms + (self._steps % TICKS_PER_BAR or TICKS_PER_BAR) * 250 - 1
        if closes:
            rows = [*minutes.tail(len(minutes) - 1), candle]
            series = CandleSeries.from_candles(symbol, Interval.M1, rows)
            self._store.series[symbol, Interval.M1] = series
            self._store.moving.pop((symbol, Interval.M1))
        else:
            self._store.moving[symbol, Interval.M1] = candle
        for interval in Interval:
            if interval is not Interval.M1:
                bar_ms = interval.open_time_ms(open_ms)
                self._store.moving[symbol, interval] = structs.replace(candle, open_time_ms=bar_ms)
        self._feed.tell(CandleUpdate(symbol, Interval.M1, candle, closes, event_ms))


def _moved(
    running: Candle | None, open_ms: int, before: float, price: float, volume: float
) -> Candle:
    if running is None:
        return builders.candle(
            open_ms,
            price,
            open=before,
            high=max(before, price),
            low=min(before, price),
            volume=volume,
            quote_volume=volume * price,
            taker_buy_volume=volume / 2,
            taker_buy_quote_volume=volume / 2 * price,
        )
    return structs.replace(
        running,
        high=max(running.high, price),
        low=min(running.low, price),
        close=price,
        volume=running.volume + volume,
        quote_volume=running.quote_volume + volume * price,
        trades=running.trades + 1,
    )


def history(symbol: str, interval: Interval, bars: int, *, price: float, seed: int) -> CandleSeries:
    """Closed candles that end where the running bar of noon begins."""
    end_ms = interval.open_time_ms(NOON_MS)
    return builders.random_walk(
        bars,
        seed=seed + interval.duration_ms % 97,
        price=price,
        symbol=symbol,
        interval=interval,
        start_ms=end_ms - bars * interval.duration_ms,
    )


def signal(number: int, **changes: Any) -> SignalRow:
    """A long of BTCUSDT that hit its target, altered by ``changes``."""
    open_ms = changes.pop("open_time_ms", NOON_MS - (5 + number) * MINUTE_MS)
    symbol = changes.pop("symbol", "BTCUSDT")
    values: dict[str, Any] = {
        "id": number,
        "created_at": "2025-06-15 12:00:00",
        "key": SignalKey(symbol, Interval.M1, open_ms, "0123456789ab"),
        "direction": Direction.LONG,
        "strength": Strength.BUY,
        "score": 0.62,
        "confidence": 71.0,
        "entry": 64_010.5,
        "stop": 63_800.0,
        "target": 64_500.0,
        "quantity": 0.1,
        "decided_ms": open_ms + MINUTE_MS,
        "reasons": ("Supertrend turned up", "volume 1.8 times its mean"),
        "status": TradeStatus.CLOSED,
        "entry_ms": open_ms + MINUTE_MS,
        "entry_price": 64_012.1,
        "exit_ms": open_ms + 9 * MINUTE_MS,
        "exit_price": 64_500.0,
        "exit_reason": ExitReason.TARGET,
        "pnl": 41.07,
        "r_multiple": 1.9,
    }
    return SignalRow(**values | changes)


@dataclass(frozen=True, slots=True)
class World:
    """The page's services with handles to everything fake in them."""

    services: Services
    store: FakeStore
    feed: FakeFeed
    journal: FakeJournal
    engine: FakeEngine
    market: FakeMarket
    facts: FakeFacts


def unwatched_health(feed: FakeFeed) -> Health:
    """Health of which nothing is known: there is no journal, and nobody looks."""
    path = Path("no such database")

    def absent() -> VitalsReader:
        raise MissingJournalError(f"{path}: there is none")

    look = JournalLook(path, absent, fresh_s=1.0)
    return Health(HealthWatch((), every_s=10.0), look, feed, AnswerTimes())


def world(*, monotonic: Callable[[], float] | None = None, **dashboard: Any) -> World:
    """A live market of three symbols, an engine that runs and no signals."""
    settings = builders.settings()
    if dashboard:
        changed = settings.dashboard.model_copy(update=dashboard)
        settings = settings.model_copy(update={"dashboard": changed})
    store, journal, engine = FakeStore(), FakeJournal(), FakeEngine()
    feed = FakeFeed(store)
    market = FakeMarket(store, feed)
    views = MarketViews(store, order_flow=feed.order_flow, gaps=feed.gaps)
    facts = FakeFacts()
    health = unwatched_health(feed)
    services = Services(
        settings, store, feed, journal, engine, views, load_overlays(), facts, health
    )
    if monotonic is not None:
        services = replace(services, monotonic=monotonic)
    return World(services, store, feed, journal, engine, market, facts)
