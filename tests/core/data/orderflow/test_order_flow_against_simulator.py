"""Trades and books of the real simulator over loopback: nothing faked but the market."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import numpy as np
import pytest

from core.data.binance_messages import parse_stream_frame
from core.data.binance_rest import BinanceRest
from core.data.market_events import AggTrade, BookTop, DepthUpdate
from core.data.orderflow.order_flow import OrderFlow
from core.data.websocket import open_socket
from core.model.intervals import MINUTE_MS, Interval
from core.model.order_flow import BookPhase
from core.simulator.run import SimulatorOptions, simulate
from tests.builders import settings
from tests.even_clock import EvenClock

pytestmark = pytest.mark.simulator

START_MS = 1_781_222_400_000 + 7 * MINUTE_MS
STREAMS = {
    "market": ("btcusdt@aggTrade", "ethusdt@aggTrade"),
    "public": ("btcusdt@bookTicker", "ethusdt@bookTicker", "ethusdt@depth@500ms"),
}


@asynccontextmanager
async def exchange(speed: float) -> AsyncIterator[int]:
    ready: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    options = SimulatorOptions(port=0, speed=speed, start_ms=START_MS)
    task = asyncio.create_task(simulate(options, on_ready=ready.set_result, monotonic=EvenClock()))
    try:
        yield await asyncio.wait_for(ready, 60)
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def read(url: str, flow: OrderFlow) -> None:
    async with open_socket(url) as socket:
        while True:
            event = parse_stream_frame(await socket.receive())
            if isinstance(event, AggTrade | BookTop | DepthUpdate):
                flow.take(event)


async def until(condition) -> None:
    async with asyncio.timeout(300.0):
        while not condition():
            await asyncio.sleep(0.02)


def test_complete_bars_equal_the_exchange_s_candles_and_the_book_lives():
    async def scenario() -> None:
        async with exchange(speed=60.0) as port:
            configured = settings(BINANCE_FUTURES_REST_URL=f"http://127.0.0.1:{port}")
            async with BinanceRest(configured) as rest:
                flow = OrderFlow(rest)
                flow.follow(("BTCUSDT", "ETHUSDT"))
                tasks = [asyncio.create_task(flow.run())]
                for route, streams in STREAMS.items():
                    url = f"ws://127.0.0.1:{port}/{route}/stream?streams={'/'.join(streams)}"
                    tasks.append(asyncio.create_task(read(url, flow)))
                try:
                    await until(lambda: flow.book("ETHUSDT").state is BookPhase.LIVE)
                    await until(lambda: flow.flow("BTCUSDT").complete.sum() >= 3)
                finally:
                    for task in tasks:
                        task.cancel()
                    await asyncio.gather(*tasks, return_exceptions=True)
                told = {
                    candle.open_time_ms: candle
                    for candle in await rest.klines("BTCUSDT", Interval.M1, limit=1500)
                }
        series = flow.flow("BTCUSDT")
        for i in np.flatnonzero(series.complete):
            candle = told[int(series.open_time_ms[i])]
            volume = series.buy_volume[i] + series.sell_volume[i]
            assert series.buy_volume[i] == pytest.approx(candle.taker_buy_volume, rel=1e-9)
            assert volume == pytest.approx(candle.volume, rel=1e-9)
            assert series.trades[i] == candle.trades
            assert -1.0 < series.imbalance_mean[i] < 1.0
            assert series.spread_bps[i] > 0.0
        statistics = flow.statistics
        assert (statistics.trades_lost, statistics.unsound, statistics.chains_broken) == (0, 0, 0)

    asyncio.run(scenario())
