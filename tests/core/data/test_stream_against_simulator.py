"""The real stream against the real simulator: many symbols on several sockets."""

import asyncio
import urllib.request
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from core.data.binance_stream import (
    BinanceStream,
    Connected,
    Disconnected,
    StreamEvent,
    StreamState,
)
from core.model.candles import CandleUpdate
from core.model.intervals import MINUTE_MS
from core.simulator.run import SimulatorOptions, simulate
from tests.builders import settings
from tests.even_clock import EvenClock

pytestmark = pytest.mark.simulator

SPEED = 60.0
SYMBOLS = tuple(f"C{i:02}USDT" for i in range(24))
KLINES = [f"{symbol.lower()}@kline_1m" for symbol in SYMBOLS]


class Run:
    """A stream in a task, and what it told."""

    def __init__(self, port: int) -> None:
        base = settings(BINANCE_FUTURES_WS_URL=f"ws://127.0.0.1:{port}")
        feed = base.feed.model_copy(update={"streams_per_connection": 8})
        self.port = port
        self.stream = BinanceStream(base.model_copy(update={"feed": feed}))
        self.events: list[StreamEvent] = []

    def closed(self, symbol: str) -> list[int]:
        """Open times of the symbol's closed candles, in the order they were told."""
        return [
            event.candle.open_time_ms
            for event in self.events
            if isinstance(event, CandleUpdate) and event.closed and event.symbol == symbol
        ]

    def states(self) -> set[StreamState]:
        return {health.state for health in self.stream.health().values()}

    def connected(self) -> set[str]:
        """Streams that some connection was told to carry."""
        told = (event.streams for event in self.events if isinstance(event, Connected))
        return set().union(*told)

    def lost(self) -> list[StreamEvent]:
        return [event for event in self.events if isinstance(event, Disconnected)]

    async def until(self, condition, timeout_s: float = 300.0) -> None:
        async with asyncio.timeout(timeout_s):
            while not condition():
                await asyncio.sleep(0.02)

    async def post(self, path: str) -> None:
        def send() -> None:
            url = f"http://127.0.0.1:{self.port}{path}"
            request = urllib.request.Request(url, method="POST")
            urllib.request.urlopen(request, timeout=60).close()

        await asyncio.to_thread(send)


@asynccontextmanager
async def running(streams: list[str]) -> AsyncIterator[Run]:
    ready: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    options = SimulatorOptions(port=0, speed=SPEED, symbols=SYMBOLS)
    exchange = asyncio.create_task(
        simulate(options, on_ready=ready.set_result, monotonic=EvenClock())
    )
    try:
        run = Run(await asyncio.wait_for(ready, 60))
        reading = asyncio.create_task(run.stream.run(streams, run.events.append))
        yield run
        reading.cancel()
        await asyncio.wait({reading})
        assert reading.cancelled()
        assert run.states() == {StreamState.STOPPED}
    finally:
        exchange.cancel()
        await asyncio.gather(exchange, return_exceptions=True)


def assert_no_candle_lost(times: list[int]) -> None:
    distinct = sorted(set(times))
    assert distinct == list(range(distinct[0], distinct[-1] + 1, MINUTE_MS))


def test_a_restart_of_all_sockets_loses_no_closed_candle_of_any_symbol():
    async def scenario() -> None:
        tops = [f"{symbol.lower()}@bookTicker" for symbol in SYMBOLS]
        async with running([*KLINES, *tops]) as run:
            await run.until(lambda: run.states() == {StreamState.LIVE})
            sockets = run.stream.statistics.connects
            assert sockets == 4 + 3, "seven candles and a heartbeat each; eight book streams each"
            await run.until(lambda: all(len(run.closed(s)) >= 2 for s in SYMBOLS))
            run.stream.restart()
            await run.until(lambda: run.stream.statistics.rotations >= sockets)
            told = {symbol: len(run.closed(symbol)) for symbol in SYMBOLS}
            await run.until(lambda: all(len(run.closed(s)) >= told[s] + 3 for s in SYMBOLS))
            for symbol in SYMBOLS:
                assert_no_candle_lost(run.closed(symbol))
            assert not run.lost()

    asyncio.run(scenario())


def test_after_all_sockets_were_cut_every_stream_flows_again():
    async def scenario() -> None:
        async with running(KLINES) as run:
            await run.until(lambda: run.states() == {StreamState.LIVE})
            run.events.clear()
            await run.post("/sim/drop")
            await run.until(lambda: len(run.lost()) >= 4)
            await run.until(lambda: run.stream.statistics.reconnects >= 4)
            await run.until(lambda: run.connected() >= set(KLINES))
            await run.until(lambda: run.states() == {StreamState.LIVE})

    asyncio.run(scenario())


def test_symbols_are_subscribed_and_left_live():
    async def scenario() -> None:
        first, last = KLINES[:3], KLINES[3:20]
        async with running(first) as run:
            await run.until(lambda: run.states() == {StreamState.LIVE})
            run.stream.subscribe(last)
            await run.until(lambda: set(last) <= set(run.stream.health()))
            await run.until(lambda: run.states() == {StreamState.LIVE})
            assert run.stream.statistics.connects == 3
            run.stream.unsubscribe(last)
            await run.until(lambda: run.closed(SYMBOLS[0]) != [])
            assert set(run.stream.health()) == {*first, "c00usdt@markPrice@1s"}
            told = len(run.closed(SYMBOLS[0]))
            await run.until(lambda: len(run.closed(SYMBOLS[0])) >= told + 2)
            run.events.clear()  # and with it what was under way when they were left
            await run.until(lambda: len(run.closed(SYMBOLS[0])) >= 2)
            assert not run.closed(SYMBOLS[19])
            assert not run.lost()

    asyncio.run(scenario())


def test_a_symbol_the_exchange_acknowledges_but_does_not_have_is_named():
    async def scenario() -> None:
        async with running(["nosuchusdt@kline_1m", KLINES[0]]) as run:
            await run.until(lambda: run.states() >= {StreamState.LIVE})
            await run.until(lambda: len(run.closed(SYMBOLS[0])) >= 2)
            unknown = "nosuchusdt@kline_1m"
            words = "acknowledged, zero messages"
            await run.until(lambda: words in run.stream.health()[unknown].detail)
            # Silent where the machine is so slow that a market of minutes went by meanwhile.
            states = {StreamState.QUIET, StreamState.SILENT}
            assert run.stream.health()[unknown].state in states

    asyncio.run(scenario())


def test_the_one_liner_of_the_runbook_gets_closed_candles_in_order():
    class EnoughError(Exception):
        pass

    async def scenario() -> None:
        async with running(KLINES[:1]) as run:
            times: list[int] = []

            def handler(symbol: str, interval: str, kline: dict) -> None:
                if kline["x"]:
                    times.append(kline["t"])
                    if len(times) == 3:
                        raise EnoughError

            with pytest.raises(EnoughError):
                await asyncio.wait_for(run.stream.stream_klines("c01usdt", "1m", handler), 300)
            assert [t - times[0] for t in times] == [0, MINUTE_MS, 2 * MINUTE_MS]

    asyncio.run(scenario())
