"""
The clients that are measured, each in a process of its own.

``python -m benchmarks.stream_clients NAME PORT [FRAMES]``. All but ``market`` read a burst and
print what it cost them: CPU seconds, of this process alone, for so many frames. ``market``
follows everything the exchange lists until it is killed, and tells every second what it has.
"""

import asyncio
import json
import sys
import tempfile
import time
import urllib.request
from collections.abc import Awaitable, Callable
from pathlib import Path

import yaml
from websockets.asyncio.client import connect

from core.config import REPOSITORY, Home, Settings, parse_settings
from core.data.binance_rest import BinanceRest
from core.data.binance_stream import BinanceStream, StreamState
from core.data.data_store import DataStore
from core.data.market_feed import FeedState, MarketFeed
from core.data.orderflow.order_flow import OrderFlow
from core.data.universe import Universe
from core.model.intervals import MINUTE_MS, Interval

_DEADLINE_S = 300.0
# History is fetched first of all; that is not what is measured.
_SETTLE_S = 4.0
_STREAMS = [
    f"{symbol}@{kind}"
    for symbol in ("btcusdt", "ethusdt", "solusdt")
    for kind in ("kline_1m", "aggTrade")
]


async def bare_websockets(port: int, frames: int) -> float:
    """Receive and do nothing: what any client on this library pays."""
    url = f"ws://127.0.0.1:{port}/market/stream?streams={'/'.join(_STREAMS)}"
    async with connect(url, compression=None, proxy=None, close_timeout=1) as socket:
        await socket.recv(decode=False)
        started_s = await _burst(port, frames)
        for _ in range(frames):
            await socket.recv(decode=False)
        return time.process_time() - started_s


async def python_binance(port: int, frames: int) -> float:
    """Receive and decode with its multiplexed socket; its queue is made as long as it takes."""
    # Here only, so that the other clients are not weighed with it.
    from binance.async_client import AsyncClient  # noqa: PLC0415
    from binance.ws.streams import BinanceSocketManager  # noqa: PLC0415

    client = AsyncClient()
    manager = BinanceSocketManager(client, max_queue_size=2 * frames)
    manager.FSTREAM_URL = f"ws://127.0.0.1:{port}/"
    try:
        async with manager.futures_multiplex_socket(_STREAMS) as socket:
            await socket.recv()
            started_s = await _burst(port, frames)
            for _ in range(frames):
                message = await socket.recv()
                if message.get("e") == "error":
                    raise RuntimeError(f"python-binance gave up: {message}")
            return time.process_time() - started_s
    finally:
        await client.close_connection()


async def ours(port: int, frames: int) -> float:
    """Receive, decode and store as the product does, in the configuration it comes with."""
    with tempfile.TemporaryDirectory() as folder:
        settings = _settings(port, {})
        stream = BinanceStream(settings)

        async def burst(_: MarketFeed, store: DataStore) -> float:
            await asyncio.sleep(_SETTLE_S)
            read = stream.statistics.frames
            started_s = await _burst(port, frames)
            while stream.statistics.frames - read < frames:
                await asyncio.sleep(0.005)
            taken_s = time.process_time() - started_s
            malformed = stream.statistics.malformed
            # A book by another socket may overtake the burst, and is then more than an hour ahead.
            _require_stored(store, frames, malformed.total() - malformed["time"])
            return taken_s

        return await _with_feed(settings, stream, Path(folder), burst)


async def market(port: int, _frames: int) -> float:
    """Follow the whole market, and tell every second how far that has got."""
    with tempfile.TemporaryDirectory() as folder:
        settings = _settings(port, {"universe": "all"})
        stream = BinanceStream(settings)

        async def report(feed: MarketFeed, _: DataStore) -> float:
            while True:
                streams = feed.streams()
                live = sum(health.state is StreamState.LIVE for health in streams)
                kept = {"frames": stream.statistics.frames, "live": live, "of": len(streams)}
                print(json.dumps(kept), flush=True)
                await asyncio.sleep(1.0)

        return await _with_feed(settings, stream, Path(folder), report)


async def _with_feed(
    settings: Settings,
    stream: BinanceStream,
    folder: Path,
    measured: Callable[[MarketFeed, DataStore], Awaitable[float]],
) -> float:
    """Run the feed, and measure once it is live."""
    home = Home(folder)
    home.create()
    store = DataStore(settings, home)
    async with BinanceRest(settings) as rest:
        universe = Universe(settings, rest, cache=home.cache / "universe.json")
        feed = MarketFeed(settings, store, stream, rest, universe, order_flow=OrderFlow(rest))
        running = asyncio.create_task(feed.run())
        deadline_s = time.monotonic() + _DEADLINE_S
        while feed.status().state is not FeedState.LIVE:
            if running.done() or time.monotonic() > deadline_s:
                running.cancel()
                raise RuntimeError(f"the feed does not get live: {feed.status()}")
            await asyncio.sleep(0.1)
        try:
            return await measured(feed, store)
        finally:
            running.cancel()
            await asyncio.wait([running])


def _require_stored(store: DataStore, frames: int, malformed: int) -> None:
    """Fail unless the candles of the burst are there: a figure for losing them is worth nothing."""
    if malformed:
        raise RuntimeError(f"{malformed} frames of the burst were called malformed")
    minutes = frames // (2 * 3) // 240
    for symbol in ("BTCUSDT", "ETHUSDT", "SOLUSDT"):
        series = store.candles(symbol, Interval.M1, limit=minutes - 1)
        span = int(series.open_time_ms[-1] - series.open_time_ms[0])
        running = store.running(symbol, Interval.M1)
        if span != (minutes - 2) * MINUTE_MS or running is None:
            raise RuntimeError(f"the burst of {symbol} was not stored")
        if series.open_time_ms[-1] + MINUTE_MS != running.open_time_ms:
            raise RuntimeError(f"the newest candles of {symbol} are missing")


async def _burst(port: int, frames: int) -> float:
    """Have the burst sent; returns the process time at which its first frame could come."""
    url = f"http://127.0.0.1:{port}/blast?frames={frames}"
    started_s = time.process_time()
    await asyncio.to_thread(lambda: urllib.request.urlopen(url, timeout=60).read())
    return started_s


def _settings(port: int, changes: dict[str, object]) -> Settings:
    text = (REPOSITORY / "config.yaml").read_text()
    local = {
        "BINANCE_FUTURES_REST_URL": f"http://127.0.0.1:{port}",
        "BINANCE_FUTURES_WS_URL": f"ws://127.0.0.1:{port}",
    }
    return parse_settings(yaml.safe_load(text) | changes, local)


CLIENTS = {client.__name__: client for client in (bare_websockets, python_binance, ours, market)}

if __name__ == "__main__":
    name, port, *frames = sys.argv[1:]
    count = int(frames[0]) if frames else 0
    print(json.dumps({"cpu_s": asyncio.run(CLIENTS[name](int(port), count))}))
