"""Frames, tick by tick, without a network."""

import json
from itertools import pairwise

import pytest

from core.simulator.clock import MarketClock
from core.simulator.feeds import Books, KlineFeed, Sources
from core.simulator.generated import GeneratedMarket
from core.simulator.hub import Hub
from core.simulator.premium import Premium
from core.simulator.seconds import DAY_MS
from core.simulator.streams import Route, feed_of
from core.simulator.tape import Tape

START = 20_700 * DAY_MS + 10 * 3_600_000 + 30_250
SYMBOL = "BTCUSDT"
# Keys in the order of the captured frames (PROTOCOLS A4).
KLINE_KEYS = ["e", "E", "s", "k"]
CANDLE_KEYS = list("tTsifLochlvnxqVQB")
AGG_TRADE_KEYS = ["e", "E", "a", "s", "p", "q", "nq", "f", "l", "T", "m", "st"]
MARK_KEYS = ["e", "E", "s", "p", "ap", "P", "i", "r", "T", "st"]
MINI_KEYS = ["e", "E", "s", "c", "o", "h", "l", "v", "q", "ps", "st"]
BOOK_TICKER_KEYS = ["e", "u", "s", "ps", "b", "B", "a", "A", "T", "E", "st"]
DEPTH_KEYS = ["e", "E", "T", "s", "ps", "U", "u", "pu", "b", "a", "st"]


@pytest.fixture(scope="module")
def sources() -> Sources:
    market = GeneratedMarket([SYMBOL, "ETHUSDT"], 7)
    tape = Tape(market)
    return Sources(tape, Premium(market), Books(tape, START))


@pytest.mark.parametrize("step_ms", [250, 5_000, 60_000, 437_001])
def test_every_bar_closes_once_in_order_and_equals_rest(sources: Sources, step_ms: int):
    feed = KlineFeed(sources, SYMBOL, "1m", START)
    candles, times = [], range(START, START + max(4 * step_ms, 200_000), step_ms)
    for now_ms in times:
        candles += [json.loads(frame)["k"] for frame in feed.frames(now_ms)]
    opens = [k["t"] for k in candles]
    assert opens == sorted(opens)
    closed = [k for k in candles if k["x"]]
    first_ms, last_ms = START - START % 60_000, times[-1] - times[-1] % 60_000
    assert [k["t"] for k in closed] == list(range(first_ms, last_ms, 60_000))
    for k in candles:
        assert not any(c["t"] == k["t"] for c in candles[candles.index(k) + 1 :]) or not k["x"]
    bars = sources.tape.bars(SYMBOL, "1m", first_ms, last_ms - 1, times[-1], limit=1_000)
    listing = sources.listing(SYMBOL)
    for k, bar in zip(closed, bars, strict=True):
        assert k["h"] == listing.price_text(bar.high)
        assert k["q"] == listing.quote_text(bar.quote)
        assert k["L"] - k["f"] + 1 == k["n"] == bar.trades


def test_a_kline_frame_is_spelled_as_the_exchange_spells_it(sources: Sources):
    (frame,) = KlineFeed(sources, SYMBOL, "5m", START).frames(START)
    parsed = json.loads(frame)
    assert list(parsed) == KLINE_KEYS
    assert list(parsed["k"]) == CANDLE_KEYS
    assert parsed["E"] == START
    assert '{"e":"kline","E":' in frame
    assert ', "T":' in frame


@pytest.mark.parametrize(
    ("name", "route", "keys"),
    [
        ("btcusdt@aggTrade", Route.MARKET, AGG_TRADE_KEYS),
        ("btcusdt@markPrice", Route.MARKET, MARK_KEYS),
        ("btcusdt@markPrice@1s", Route.MARKET, MARK_KEYS),
        ("btcusdt@miniTicker", Route.MARKET, MINI_KEYS),
        ("btcusdt@bookTicker", Route.PUBLIC, BOOK_TICKER_KEYS),
        ("btcusdt@depth@100ms", Route.PUBLIC, DEPTH_KEYS),
        ("btcusdt@depth5@100ms", Route.LEGACY, DEPTH_KEYS),
        ("!bookTicker", Route.LEGACY, BOOK_TICKER_KEYS),
    ],
)
def test_each_stream_has_the_keys_of_its_kind(
    sources: Sources, name: str, route: Route, keys: list[str]
):
    sources.books.advance(START)
    feed = feed_of(name, route, sources, START)
    assert feed is not None
    sources.books.advance(START + 7_000)
    assert list(json.loads(feed.frames(START + 7_000)[0])) == keys


@pytest.mark.parametrize(
    "name", ["!markPrice@arr", "!markPrice@arr@1s", "!miniTicker@arr", "!ticker@arr"]
)
def test_streams_of_all_symbols_are_arrays(sources: Sources, name: str):
    feed = feed_of(name, Route.MARKET, sources, START)
    assert feed is not None
    rows = json.loads(feed.frames(START)[0])
    assert [row["s"] for row in rows] == [SYMBOL, "ETHUSDT"]


@pytest.mark.parametrize(
    ("name", "route"),
    [
        ("btcusdt@kline_1m", Route.LEGACY),
        ("btcusdt@kline_1m", Route.PUBLIC),
        ("btcusdt@depth", Route.MARKET),
        ("BTCUSDT@kline_1m", Route.MARKET),
        ("xyzusdt@kline_1m", Route.MARKET),
        ("btcusdt@kline_7m", Route.MARKET),
        ("btcusdt@kline", Route.MARKET),
        ("btcusdt@depth7", Route.PUBLIC),
        ("btcusdt@depth@200ms", Route.PUBLIC),
        ("btcusdt@forceOrder", Route.MARKET),
        ("nonsense", Route.MARKET),
        ("!forceOrder@arr", Route.MARKET),
        ("btcusdt@kline_1m", Route.PRIVATE),
        ("btcusdt@bookTicker", Route.PRIVATE),
    ],
)
def test_what_a_route_does_not_carry_is_silent(sources: Sources, name: str, route: Route):
    assert feed_of(name, route, sources, START) is None


@pytest.mark.parametrize("speed", ["@100ms", "", "@500ms"])
def test_applying_depth_events_to_a_snapshot_gives_the_book(sources: Sources, speed: str):
    sources.books.advance(START)
    feed = feed_of(f"btcusdt@depth{speed}", Route.PUBLIC, sources, START)
    assert feed is not None
    listing, events = sources.listing(SYMBOL), []
    for tick in range(1, 41):
        now_ms = START + tick * 2_500
        sources.books.advance(now_ms)
        if tick == 13:
            snapshot = sources.books.book(SYMBOL)
        events += [json.loads(frame) for frame in feed.frames(now_ms)]
    assert all(b["pu"] == a["u"] for a, b in pairwise(events))
    live = [e for e in events if e["u"] >= snapshot.update_id]
    assert live[0]["U"] <= snapshot.update_id <= live[0]["u"]
    final = sources.books.book(SYMBOL)
    for key, side, end in (("b", snapshot.bids, final.bids), ("a", snapshot.asks, final.asks)):
        book = {listing.price_text(p): listing.quantity_text(q) for p, q in side.items()}
        for event in live:
            book.update(event[key])
        kept = {p: q for p, q in book.items() if float(q)}
        assert kept == {listing.price_text(p): listing.quantity_text(q) for p, q in end.items()}


def test_minutes_since_are_the_bars_of_that_time(sources: Sources):
    tape = sources.tape
    for now_ms in range(START, START + 130_000, 7_300):
        bars = tape.bars(SYMBOL, "1m", START - 180_000, now_ms, now_ms, limit=1_000)
        assert tape.minutes_since(SYMBOL, int(bars.open_ms[0]), now_ms) == list(bars)
    assert tape.minutes_since(SYMBOL, START + 60_000, START) == []


def test_hundreds_of_symbols_begin_over_some_ticks_and_lose_no_minute():
    market = GeneratedMarket([f"S{number}USDT" for number in range(40)], 7)
    tape = Tape(market)
    now_s = [0.0]
    hub = Hub(
        Sources(tape, Premium(market), Books(tape, START)),
        MarketClock(START, 60.0, monotonic=lambda: now_s[0]),
    )
    ear = Ear()
    for symbol in market.listings:
        hub.join(ear, f"{symbol.lower()}@kline_1m", Route.MARKET)
    heard = [0]
    for _ in range(60):
        now_s[0] += 0.125
        hub.tick()
        heard.append(len({json.loads(text)["s"] for text in ear.heard}))
    assert 0 < heard[2] < heard[4] < heard[-1] == 40
    candles = [json.loads(text)["k"] for text in ear.heard]
    for symbol in market.listings:
        closed = [k["t"] for k in candles if k["s"] == symbol and k["x"]]
        first_ms = START - START % 60_000
        assert closed == list(range(first_ms, closed[-1] + 1, 60_000))
        assert len(closed) >= 6


class Ear:
    """A listener that keeps what it hears."""

    def __init__(self) -> None:
        self.heard: list[str] = []

    def push(self, payload: str, wrapped: str) -> None:
        self.heard.append(payload)


def test_a_frame_is_made_once_for_all_listeners(sources: Sources):
    now_s = [0.0]
    hub = Hub(sources, MarketClock(START, 10.0, monotonic=lambda: now_s[0]))
    one, other = Ear(), Ear()
    for ear in (one, other):
        hub.join(ear, "btcusdt@kline_1m", Route.MARKET)
    for _ in range(8):
        now_s[0] += 0.125
        hub.tick()
    assert one.heard
    assert all(a is b for a, b in zip(one.heard, other.heard, strict=True))
    hub.leave(one, "btcusdt@kline_1m", Route.MARKET)
    heard = len(one.heard)
    now_s[0] += 1.0
    hub.tick()
    hub.tick()
    assert len(one.heard) == heard < len(other.heard)
