"""What is recorded from an exchange is what a replay of it sends: frames, candles, books."""

import asyncio
import json
import time
import urllib.request
from contextlib import asynccontextmanager

import pytest

from core.data.binance_stream import BinanceStream
from core.data.recording.errors import RecordingError
from core.data.recording.folders import bundle, folder_name
from core.data.recording.lines import REST
from core.data.recording.plan import Plan
from core.data.recording.reader import Recording
from core.data.recording.session import Session
from core.simulator.frame_replay.envelope import is_answer
from core.simulator.run import SimulatorOptions, simulate
from tests.builders import settings
from tests.even_clock import EvenClock

START_MS = 1_781_222_400_000 + 7 * 60_000
SYMBOLS = ("BTCUSDT", "ETHUSDT")
PLAN = Plan(SYMBOLS, depth=True)
STREAMS = [name for names in PLAN.streams.values() for name in names]


@asynccontextmanager
async def exchange(**options):
    ready = asyncio.get_running_loop().create_future()
    # A replay has a pace of its own: it waits for whoever hears it.
    clock = time.monotonic if "replay" in options else EvenClock()
    task = asyncio.create_task(
        simulate(SimulatorOptions(port=0, **options), on_ready=ready.set_result, monotonic=clock)
    )
    try:
        await asyncio.wait({ready, task}, return_when=asyncio.FIRST_COMPLETED, timeout=60)
        if task.done():
            await task
        yield await ready
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def pointed_at(port):
    return settings(
        BINANCE_FUTURES_REST_URL=f"http://127.0.0.1:{port}",
        BINANCE_FUTURES_WS_URL=f"ws://127.0.0.1:{port}",
    )


async def ask(port, path):
    def fetch():
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}") as reply:
            return json.load(reply)

    return await asyncio.to_thread(fetch)


async def until(condition, timeout_s=300.0):
    async with asyncio.timeout(timeout_s):
        while not await condition():
            await asyncio.sleep(0.05)


async def recorded(port, folder, plan=PLAN, *, least_market=0):
    """Record until every answer has come and enough frames, then stop as Ctrl-C does."""
    session = Session(pointed_at(port), plan, folder)
    running = asyncio.create_task(session.run())

    async def enough():
        writer = session.progress.writer
        wanted = {"market": least_market, "public": 1, REST: 2 + 2 * 6 + 2}
        return running.done() or (
            writer is not None and all(writer.frames[r] >= n for r, n in wanted.items())
        )

    await until(enough)
    session.stop()
    await running
    return session


def of_route(recording, route):
    return [f.payload for f in recording.frames() if f.route == route and not is_answer(f.payload)]


async def candles(port, until_ms):
    bounds = f"&interval=1m&startTime={START_MS}&endTime={until_ms}"
    return {s: await ask(port, f"/fapi/v1/klines?symbol={s}{bounds}") for s in SYMBOLS}


async def replayed(port):
    """Every payload a stream gets of a replay, by route."""
    heard: dict[str, list[bytes]] = {"market": [], "public": []}
    stream = BinanceStream(
        pointed_at(port), tap=lambda route, payload, _: heard[route].append(payload)
    )
    task = asyncio.create_task(stream.run(STREAMS, lambda event: None))

    async def all_came():
        state = await ask(port, "/sim/state")
        return state["replay"] == "ended" and stream.statistics.frames >= state["frames"]

    await until(all_came)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    return {route: [p for p in came if not is_answer(p)] for route, came in heard.items()}


@pytest.mark.simulator
def test_a_replay_sends_what_was_recorded_byte_for_byte_and_ends_with_the_same_candles(tmp_path):
    async def run():
        async with exchange(speed=60.0, start_ms=START_MS, symbols=SYMBOLS) as port:
            session = await recorded(port, tmp_path / "new", least_market=300)
            assert session.progress.writer.dropped == 0
            until_ms = (await ask(port, "/fapi/v1/time"))["serverTime"]
            truth = await candles(port, until_ms)
        recording = Recording(bundle(tmp_path / "new"))
        async with exchange(speed=20.0, replay=recording.path, symbols=()) as port:
            heard = await replayed(port)
            info = await ask(port, "/fapi/v1/exchangeInfo")
            book = await ask(port, "/fapi/v1/depth?symbol=BTCUSDT&limit=5")
            tickers = await ask(port, "/fapi/v1/ticker/24hr")
            return recording, heard, truth, await candles(port, until_ms), (info, book, tickers)

    recording, heard, truth, told, (info, book, tickers) = asyncio.run(run())
    assert heard == {route: of_route(recording, route) for route in heard}
    klines = [json.loads(p)["data"] for p in heard["market"] if b'"kline"' in p]
    last_ms = max(kline["E"] for kline in klines) - 60_000
    for symbol in SYMBOLS:
        closed = [row for row in truth[symbol] if row[6] < last_ms]
        assert len(closed) >= 1
        assert told[symbol][: len(closed)] == closed
    assert info["simulator"].startswith("REPLAY")
    assert {entry["symbol"] for entry in info["symbols"]} >= set(SYMBOLS)
    assert float(book["bids"][0][0]) < float(book["asks"][0][0])
    assert {row["symbol"] for row in tickers} >= set(SYMBOLS)
    assert not recording.faults


@pytest.mark.simulator
def test_an_unknown_symbol_is_refused_with_the_nearest_and_leaves_no_files(tmp_path):
    async def run():
        async with exchange(speed=60.0, start_ms=START_MS, symbols=SYMBOLS) as port:
            await Session(pointed_at(port), Plan(("BTCUSD",)), tmp_path / "new").run()

    with pytest.raises(RecordingError, match="does not list BTCUSD; did you mean BTCUSDT"):
        asyncio.run(run())
    assert list(tmp_path.iterdir()) == []


def test_a_plan_has_one_heartbeat_for_each_symbol_and_one_for_all_when_they_are_many():
    assert Plan(("BTCUSDT",)).streams == {
        "market": ("btcusdt@markPrice@1s", "btcusdt@kline_1m", "btcusdt@aggTrade"),
        "public": ("btcusdt@bookTicker",),
    }
    many = Plan(tuple(f"S{n}USDT" for n in range(21)), depth=True).streams
    assert many["market"][0] == "!markPrice@arr@1s"
    assert sum("markPrice" in name for name in many["market"]) == 1
    assert "s0usdt@depth@500ms" in many["public"]


def test_a_plan_without_symbols_is_refused():
    with pytest.raises(RecordingError, match="--symbols"):
        Plan(())


def test_a_folder_is_named_by_the_start_in_utc():
    assert folder_name(1_795_244_373_410_396_242) == time.strftime(
        "%Y%m%dT%H%M%SZ", time.gmtime(1_795_244_373)
    )
