"""Captures of other programs are read, and played into the real stream, with nothing lost."""

import asyncio
import json
import urllib.request
from collections import Counter
from contextlib import asynccontextmanager
from typing import Any

import pytest

from core.config import REPOSITORY
from core.data.binance_stream import BinanceStream
from core.data.market_events import AggTrade, BookTop, DepthUpdate
from core.data.recording.reader import Recording
from core.model.candles import CandleUpdate
from core.simulator.frame_replay.contents import contents
from core.simulator.frame_replay.envelope import opened
from core.simulator.frame_replay.state import ReplayState
from core.simulator.run import SimulatorOptions, simulate
from tests.builders import settings

CAPTURES = REPOSITORY.parent / "shared" / "data" / "ws_raw"
CRYPTOFEED = CAPTURES / "cryptofeed_BINANCE_FUTURES.ws.1.0.txt.gz"
HFTBACKTEST = CAPTURES / "hftbacktest_usdm_btcusdt_20240808.txt.gz"
SYMBOLS = ("AKROUSDT", "CTKUSDT", "KEEPUSDT", "SUSHIUSDT")

pytestmark = pytest.mark.skipif(not CRYPTOFEED.exists(), reason="shared captures are not here")


def kinds(path):
    envelopes = (opened(frame.payload) for frame in Recording(path).frames())
    return Counter(e.stream.partition("@")[2] if e else None for e in envelopes)


def test_a_cryptofeed_capture_is_read_to_the_last_line():
    recording = Recording(CRYPTOFEED)
    assert kinds(CRYPTOFEED) == {
        "depth@100ms": 764,
        "bookTicker": 613,
        "aggTrade": 91,
        "kline_1m": 67,
    }
    assert not recording.faults
    assert tuple(listing.symbol for listing in contents(recording).listings) == SYMBOLS


class Told:
    """What the hftbacktest capture told, frame by frame, of trades and of the book."""

    def __init__(self) -> None:
        recording = Recording(HFTBACKTEST)
        held = contents(recording)
        self.state = ReplayState(["BTCUSDT"], held.streams, held.begins_ms)
        self.book_at_first = self.state.book("BTCUSDT", 1000)
        self.minutes: dict[int, list[tuple[float, float, bool]]] = {}
        self.last_id = 0
        self.books: list[tuple[int, dict[str, Any]]] = []
        self.kinds: Counter[str | None] = Counter()
        for frame in recording.frames():
            envelope = opened(frame.payload)
            self.state.play(frame, envelope)
            self.kinds[envelope.stream.partition("@")[2] if envelope else None] += 1
            if envelope is not None and envelope.stream.endswith("@trade"):
                self._hear_trade(json.loads(envelope.data))
            elif envelope is not None and envelope.stream.endswith("@depth@0ms"):
                self._hear_book(json.loads(envelope.data)["u"])

    def _hear_trade(self, trade: dict[str, Any]) -> None:
        self.minutes.setdefault(trade["T"] // 60_000 * 60_000, []).append(
            (float(trade["p"]), float(trade["q"]), not trade["m"])
        )

    def _hear_book(self, number: int) -> None:
        self.last_id = number
        body = self.state.book("BTCUSDT", 5) if number % 40 == 0 else None
        if body is not None:
            self.books.append((number, body))


@pytest.fixture(scope="module")
def told():
    """The whole capture, played once: it takes seconds."""
    return Told()


@pytest.mark.simulator
def test_an_hftbacktest_capture_is_read_to_the_last_line(told):
    assert told.kinds == {"bookTicker": 66_089, "trade": 21_313, "depth@0ms": 6_551, None: 1}


@pytest.mark.simulator
def test_where_only_trades_were_captured_rest_answers_candles_folded_from_them(told):
    state, minutes = told.state, told.minutes
    rows = state.candles.rows(
        "BTCUSDT", "1m", state.market_ms, start_ms=None, end_ms=None, limit=1500
    )
    assert [row[0] for row in rows] == sorted(minutes)
    for row in rows:
        prices = [price for price, _, _ in minutes[row[0]]]
        assert [float(text) for text in row[1:5]] == [
            prices[0],
            max(prices),
            min(prices),
            prices[-1],
        ]
        assert float(row[5]) == pytest.approx(sum(q for _, q, _ in minutes[row[0]]))
        assert row[8] == len(prices)
        assert float(row[9]) == pytest.approx(sum(q for _, q, buys in minutes[row[0]] if buys))
        assert row[6] == row[0] + 59_999


@pytest.mark.simulator
def test_the_order_book_follows_its_changes_from_the_captured_snapshot(told):
    assert told.book_at_first is None
    tops = [(float(body["bids"][0][0]), float(body["asks"][0][0])) for _, body in told.books]
    assert len(tops) > 100
    assert all(bid < ask for bid, ask in tops)
    assert all(body["lastUpdateId"] >= number for number, body in told.books)
    assert told.state.book("BTCUSDT", 5)["lastUpdateId"] == told.last_id


@asynccontextmanager
async def replayed(path, speed):
    ready = asyncio.get_running_loop().create_future()
    options = SimulatorOptions(port=0, speed=speed, symbols=(), replay=path)
    task = asyncio.create_task(simulate(options, on_ready=ready.set_result))
    try:
        await asyncio.wait({ready, task}, return_when=asyncio.FIRST_COMPLETED, timeout=60)
        yield await ready if ready.done() else await task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def ask(port, path):
    def fetch():
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}") as reply:
            return json.load(reply)

    return await asyncio.to_thread(fetch)


async def heard(port, streams, wanted):
    """What a real stream hands over until the recording has ended and all that is wanted came."""
    told = Counter()
    configured = settings(
        BINANCE_FUTURES_REST_URL=f"http://127.0.0.1:{port}",
        BINANCE_FUTURES_WS_URL=f"ws://127.0.0.1:{port}",
    )
    stream = BinanceStream(configured)
    task = asyncio.create_task(stream.run(streams, lambda event: told.update([type(event)])))
    try:
        async with asyncio.timeout(600):
            while (await ask(port, "/sim/state"))["replay"] != "ended" and not task.done():
                await asyncio.sleep(0.05)
            while not told >= wanted:
                await asyncio.sleep(0.05)
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    return Counter({kind: told[kind] for kind in wanted}), stream.statistics


@pytest.mark.simulator
def test_the_stream_hears_every_frame_of_a_cryptofeed_capture():
    streams = [
        f"{symbol.lower()}@{kind}"
        for symbol in SYMBOLS
        for kind in ("kline_1m", "aggTrade", "bookTicker", "depth@100ms")
    ]
    wanted = Counter({CandleUpdate: 67, AggTrade: 91, BookTop: 613, DepthUpdate: 764})

    async def play():
        async with replayed(CRYPTOFEED, 30.0) as port:
            heard_of = await heard(port, streams, wanted)
            info = await ask(port, "/fapi/v1/exchangeInfo")
            rows = await ask(port, "/fapi/v1/klines?symbol=SUSHIUSDT&interval=1m")
            return *heard_of, info, rows, await ask(port, "/sim/state")

    counts, statistics, info, rows, state = asyncio.run(play())
    assert counts == wanted
    assert not statistics.malformed
    assert [entry["symbol"] for entry in info["symbols"]] == list(SYMBOLS)
    newest = [
        json.loads(envelope.data)["k"]
        for frame in Recording(CRYPTOFEED).frames()
        if (envelope := opened(frame.payload)) and envelope.stream == "sushiusdt@kline_1m"
    ][-1]
    assert rows[-1][:5] == [newest[key] for key in "tohlc"]
    assert state["left_out"] == {}


@pytest.mark.simulator
def test_the_stream_hears_every_frame_of_an_hftbacktest_capture():
    wanted = Counter({BookTop: 66_089, DepthUpdate: 6_551})

    async def play():
        async with replayed(HFTBACKTEST, 60.0) as port:
            return await heard(port, ["btcusdt@bookTicker", "btcusdt@depth@0ms"], wanted)

    counts, statistics = asyncio.run(play())
    assert counts == wanted
    assert not statistics.malformed
