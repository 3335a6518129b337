"""The real feed against the real simulator over loopback: nothing faked but the market."""

import asyncio
import urllib.request
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from core.config import Home, Settings
from core.config.settings import UniverseSettings
from core.data.binance_rest import BinanceRest
from core.data.binance_stream import BinanceStream
from core.data.data_store import DataStore
from core.data.market_feed import FeedState, MarketFeed
from core.data.orderflow.order_flow import OrderFlow
from core.data.universe import Universe
from core.model.candles import Candle, CandleSeries, CandleUpdate
from core.model.intervals import MINUTE_MS, Interval
from core.simulator.run import SimulatorOptions, simulate
from tests.builders import home, settings
from tests.even_clock import EvenClock

pytestmark = pytest.mark.simulator

SPEED = 120.0
LISTED = ("BTCUSDT", "ETHUSDT", "SOLUSDT")
START_MS = 1_781_222_400_000 + 7 * MINUTE_MS


@asynccontextmanager
async def exchange(symbols: tuple[str, ...] = LISTED, speed: float = SPEED) -> AsyncIterator[int]:
    ready: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    options = SimulatorOptions(port=0, speed=speed, start_ms=START_MS, symbols=symbols)
    task = asyncio.create_task(simulate(options, on_ready=ready.set_result, monotonic=EvenClock()))
    try:
        yield await asyncio.wait_for(ready, 60)
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def pointed_at(port: int) -> Settings:
    base = settings(
        BINANCE_FUTURES_REST_URL=f"http://127.0.0.1:{port}",
        BINANCE_FUTURES_WS_URL=f"ws://127.0.0.1:{port}",
    )
    return base.model_copy(
        update={"data": base.data.model_copy(update={"history_days": 1, "higher_candles": 300})}
    )


class Run:
    """A feed in a task, and what it announced."""

    def __init__(self, configured: Settings, at: Home, rest: BinanceRest) -> None:
        self.store = DataStore(configured, at)
        self.stream = BinanceStream(configured)
        self.feed = MarketFeed(
            configured,
            self.store,
            self.stream,
            rest,
            Universe(configured, rest, cache=None),
            order_flow=OrderFlow(rest),
        )
        self.heard: list[CandleUpdate] = []
        self.feed.listen(self.heard.append)

    def closed(self, symbol: str) -> list[CandleUpdate]:
        return [u for u in self.heard if u.symbol == symbol and u.closed]

    async def until(self, condition, timeout_s: float = 300.0) -> None:
        async with asyncio.timeout(timeout_s):
            while not condition():
                await asyncio.sleep(0.02)


@asynccontextmanager
async def running(configured: Settings, at: Home) -> AsyncIterator[tuple[Run, BinanceRest]]:
    async with BinanceRest(configured) as rest:
        run = Run(configured, at, rest)
        task = asyncio.create_task(run.feed.run())
        try:
            yield run, rest
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        assert task.cancelled()


def assert_equal(ours: CandleSeries, theirs: CandleSeries) -> None:
    assert ours.open_time_ms.tolist() == theirs.open_time_ms.tolist()
    for mine, other in zip(ours, theirs, strict=True):
        for name in ("open", "high", "low", "close", "trades"):
            assert getattr(mine, name) == getattr(other, name), (name, mine, other)
        for name in ("volume", "quote_volume", "taker_buy_volume", "taker_buy_quote_volume"):
            assert getattr(mine, name) == pytest.approx(getattr(other, name), rel=1e-9)


async def assert_equals_rest(run: Run, rest: BinanceRest, symbol: str, interval: Interval) -> None:
    ours = run.store.candles(symbol, interval, limit=250)
    rows = await rest.klines(symbol, interval, end_ms=int(ours.open_time_ms[-1]), limit=len(ours))
    assert_equal(ours, CandleSeries.from_candles(symbol, interval, rows))


async def running_between(
    run: Run, rest: BinanceRest, symbol: str, interval: Interval
) -> tuple[Candle, Candle, Candle]:
    """The bar in progress as the exchange had it, then as we have it, then as the exchange has."""
    while True:
        before = (await rest.klines(symbol, interval, limit=1))[-1]

        def caught_up(before: Candle = before) -> bool:
            ours = run.store.running(symbol, interval)
            return ours is not None and (
                ours.open_time_ms > before.open_time_ms or ours.trades >= before.trades
            )

        await run.until(caught_up)
        ours = run.store.running(symbol, interval)
        after = (await rest.klines(symbol, interval, limit=1))[-1]
        if ours is not None and before.open_time_ms == ours.open_time_ms == after.open_time_ms:
            return before, ours, after  # else an hour has just ended: the next one will do


async def drop_everything(port: int) -> None:
    def post() -> None:
        request = urllib.request.Request(f"http://127.0.0.1:{port}/sim/drop", method="POST")
        urllib.request.urlopen(request, timeout=60).close()

    await asyncio.to_thread(post)


def test_after_a_drop_the_store_equals_the_exchange_bar_for_bar(tmp_path):
    async def scenario() -> None:
        async with exchange() as port:
            configured = pointed_at(port)
            async with running(configured, home(tmp_path)) as (run, rest):
                symbols = configured.symbols
                await run.until(lambda: run.feed.status().state is FeedState.LIVE)
                await run.until(lambda: all(len(run.closed(s)) >= 4 for s in symbols))
                await drop_everything(port)
                await run.until(lambda: run.feed.status().reconnects >= 1)
                already = len(run.closed(symbols[0]))
                await run.until(lambda: all(len(run.closed(s)) >= already + 6 for s in symbols))
                await run.until(lambda: all(run.feed.whole(s) for s in symbols))
                for symbol in symbols:
                    times = [u.candle.open_time_ms for u in run.closed(symbol)]
                    assert times == list(range(times[0], times[-1] + 1, MINUTE_MS))
                    await run.feed.ensure(symbol, Interval.M15)
                    for interval in (Interval.M1, Interval.M5, Interval.M15):
                        await assert_equals_rest(run, rest, symbol, interval)
                assert run.feed.market_label is not None
                assert set(symbols) <= set(run.feed.instruments)

    asyncio.run(scenario())


def test_a_restart_reads_parquet_and_fetches_only_what_is_missing(tmp_path):
    class Counting(BinanceRest):
        rows = 0

        async def klines(self, *arguments, **named):
            found = await super().klines(*arguments, **named)
            self.rows += len(found)
            return found

    async def live(configured: Settings, at: Home) -> tuple[int, int]:
        async with Counting(configured) as rest:
            run = Run(configured, at, rest)
            task = asyncio.create_task(run.feed.run())
            await run.until(lambda: all(map(run.feed.whole, configured.symbols)))
            rows = rest.rows
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            return rows, len(DataStore(configured, at).candles("BTCUSDT", Interval.M1))

    async def scenario() -> None:
        async with exchange(speed=20.0) as port:  # few minutes go by between the two
            configured, at = pointed_at(port), home(tmp_path)
            first, kept = await live(configured, at)
            again, _ = await live(configured, at)
            assert first >= 3 * 1440
            assert kept >= 1440
            assert again < first / 3  # not one of the three series anew

    asyncio.run(scenario())


def test_the_running_bar_equals_the_exchange_s_own_of_that_interval(tmp_path):
    async def scenario() -> None:
        async with exchange() as port:
            configured = pointed_at(port)
            async with running(configured, home(tmp_path)) as (run, rest):
                await run.until(lambda: run.feed.whole("BTCUSDT"))
                before, ours, after = await running_between(run, rest, "BTCUSDT", Interval.H1)
                assert before.open == ours.open == after.open
                assert after.low <= ours.low <= before.low
                assert before.high <= ours.high <= after.high
                assert before.volume * (1 - 1e-9) <= ours.volume <= after.volume * (1 + 1e-9)
                assert before.trades <= ours.trades <= after.trades

    asyncio.run(scenario())


def test_a_whole_universe_survives_a_drop_bar_for_bar(tmp_path):
    listed = ("BTCUSDT", "ETHUSDT", *(f"COIN{i}USDT" for i in range(28)))

    async def scenario() -> None:
        async with exchange(listed, speed=20.0) as port:
            base = pointed_at(port)
            configured = base.model_copy(
                update={
                    "symbols": ("BTCUSDT",),
                    "universe": UniverseSettings(quote="USDT"),
                    "feed": base.feed.model_copy(update={"streams_per_connection": 12}),
                    "exchange": base.exchange.model_copy(update={"weight_per_minute": 2400}),
                }
            )
            async with running(configured, home(tmp_path)) as (run, rest):
                run.feed.focus(["ETHUSDT"])
                await run.until(lambda: set(run.feed.symbols) == set(listed))
                await run.until(lambda: all(run.feed.whole(s) for s in listed))
                before = {symbol: len(run.closed(symbol)) for symbol in listed}
                await drop_everything(port)
                await run.until(lambda: all(len(run.closed(s)) >= before[s] + 4 for s in listed))
                await run.until(lambda: all(run.feed.whole(s) for s in listed))
                assert run.feed.status().gaps == 0
                await run.until(lambda: run.feed.mark("COIN9USDT") is not None)
                await run.until(lambda: len(run.feed.order_flow.flow("ETHUSDT").open_time_ms) > 0)
                assert set(run.feed.order_flow.symbols) == {"BTCUSDT", "ETHUSDT"}
                for symbol in listed[:4]:
                    times = [u.candle.open_time_ms for u in run.closed(symbol)]
                    assert times == list(range(times[0], times[-1] + 1, MINUTE_MS))
                    await assert_equals_rest(run, rest, symbol, Interval.M1)

    asyncio.run(scenario())


def test_a_restart_of_the_sockets_loses_and_doubles_no_candle(tmp_path):
    async def scenario() -> None:
        async with exchange() as port:
            configured = pointed_at(port)
            async with running(configured, home(tmp_path)) as (run, rest):
                await run.until(lambda: all(len(run.closed(s)) >= 2 for s in LISTED))
                connects = run.stream.statistics.connects
                run.feed.restart()
                await run.until(lambda: run.stream.statistics.connects >= connects + 2)
                already = len(run.closed("BTCUSDT"))
                await run.until(lambda: all(len(run.closed(s)) >= already + 4 for s in LISTED))
                assert run.feed.status().reconnects == 0
                for symbol in LISTED:
                    times = [u.candle.open_time_ms for u in run.closed(symbol)]
                    assert times == list(range(times[0], times[-1] + 1, MINUTE_MS))
                    await assert_equals_rest(run, rest, symbol, Interval.M1)

    asyncio.run(scenario())
