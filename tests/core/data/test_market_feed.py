import asyncio

import pytest

from core.data.data_store import DataStore
from core.data.feed_status import FeedState
from core.data.market_events import MarkPrice
from core.data.sockets.events import Connected, Disconnected
from core.model.candles import Candle, CandleSeries, CandleUpdate
from core.model.intervals import MINUTE_MS, Interval
from tests.builders import START_MS, home, random_walk
from tests.core.data.feed_scene import (
    HISTORY,
    M1,
    SYMBOL,
    WINDOW,
    FakeExchange,
    Scene,
    configured,
    play,
)


def test_a_connection_without_data_is_not_live(tmp_path):
    async def scenario(scene: Scene) -> None:
        await scene.until(lambda: scene.stream.sink is not None)
        scene.stream.emit(Connected())
        status = scene.feed.status()
        assert status.state is FeedState.STARTING
        assert "no data yet" in status.detail
        assert not scene.feed.whole(SYMBOL)
        scene.stream.emit(Disconnected("silent for 10 s", silent=True), Connected())
        assert scene.feed.status().state is FeedState.SILENT

    play(tmp_path, scenario)


def test_it_starts_connects_fills_and_is_live(tmp_path):
    async def scenario(scene: Scene) -> None:
        assert scene.feed.status().state is FeedState.STARTING
        assert scene.feed.status().age_s is None
        scene.exchange.hold = asyncio.Event()
        await scene.connect()
        assert scene.feed.status().state is FeedState.BACKFILLING
        scene.exchange.hold.set()
        await scene.until(lambda: scene.feed.status().state is FeedState.LIVE)
        scene.stream.emit(scene.runs(HISTORY))
        assert scene.feed.market_time_ms() == START_MS + HISTORY * MINUTE_MS + 30_000
        assert scene.feed.status().age_s is not None
        assert scene.feed.whole(SYMBOL)
        assert not scene.feed.whole("OTHER")
        scene.assert_store_equals_exchange(HISTORY - 1)
        assert scene.store.running(SYMBOL, M1) == scene.exchange.market[HISTORY]
        assert scene.feed.market_label == "SIMULATED"
        assert SYMBOL in scene.feed.instruments

    scene = play(tmp_path, scenario)
    assert scene.stream.streams == [
        "btcusdt@kline_1m",
        "btcusdt@markPrice@1s",
        "btcusdt@aggTrade",
        "btcusdt@bookTicker",
        "btcusdt@depth@500ms",
    ]
    assert scene.announced == [], "history is not announced"


def test_closed_candles_are_announced_once_and_in_order(tmp_path):
    async def scenario(scene: Scene) -> None:
        await scene.live()
        for minute in (HISTORY, HISTORY + 1):
            scene.stream.emit(scene.runs(minute), scene.closes(minute), scene.closes(minute))
        scene.stream.emit(scene.runs(HISTORY), scene.closes(HISTORY))

    scene = play(tmp_path, scenario)
    assert scene.announced == [HISTORY, HISTORY + 1]
    scene.assert_store_equals_exchange(HISTORY + 1)


def test_the_store_has_an_update_before_listeners_hear_of_it(tmp_path):
    async def scenario(scene: Scene) -> None:
        def check(update: CandleUpdate) -> None:
            if update.closed:
                assert scene.store.candles(SYMBOL, M1, limit=1).candle(-1) == update.candle
            else:
                assert scene.store.running(SYMBOL, M1) == update.candle

        scene.feed.listen(check)
        await scene.live()
        scene.stream.emit(scene.runs(HISTORY), scene.closes(HISTORY), scene.runs(HISTORY + 1))

    assert len(play(tmp_path, scenario).heard) == 3


def test_a_missing_closed_candle_is_fetched_when_a_later_bar_shows_up(tmp_path):
    async def scenario(scene: Scene) -> None:
        await scene.live()
        scene.stream.emit(scene.closes(HISTORY), scene.runs(HISTORY + 2, after_ms=200))
        await scene.until(lambda: scene.announced == [HISTORY, HISTORY + 1])
        assert scene.heard[-1].from_rest
        scene.stream.emit(scene.closes(HISTORY + 2))
        assert scene.feed.whole(SYMBOL)

    assert play(tmp_path, scenario).announced == [HISTORY, HISTORY + 1, HISTORY + 2]


def test_a_missing_closed_candle_of_a_quiet_market_is_fetched_when_it_is_overdue(tmp_path):
    async def scenario(scene: Scene) -> None:
        await scene.live()
        scene.stream.emit(scene.runs(HISTORY), scene.price(HISTORY + 1, 2_000))
        await scene.until(lambda: scene.announced == [HISTORY])
        known_ms = scene.heard[-1].event_time_ms
        closed_ms = scene.heard[-1].candle.open_time_ms + MINUTE_MS
        assert known_ms - closed_ms <= 3_000

    play(tmp_path, scenario)


def test_later_candles_wait_for_a_hole_and_frames_go_on_meanwhile(tmp_path):
    async def scenario(scene: Scene) -> None:
        await scene.live()
        scene.exchange.hold = asyncio.Event()
        scene.stream.emit(scene.closes(HISTORY + 1), scene.closes(HISTORY + 2))
        await asyncio.sleep(0.01)
        assert scene.announced == []
        assert not scene.feed.whole(SYMBOL)
        scene.stream.emit(scene.runs(HISTORY + 3))
        assert not scene.heard[-1].closed, "the price moves while REST is asked"
        scene.exchange.hold.set()
        await scene.until(lambda: len(scene.announced) == 3)

    assert play(tmp_path, scenario).announced == [HISTORY, HISTORY + 1, HISTORY + 2]


def test_after_a_reconnect_what_was_missed_is_announced_in_order_without_duplicates(tmp_path):
    async def scenario(scene: Scene) -> None:
        await scene.live()
        scene.stream.emit(scene.closes(HISTORY), scene.runs(HISTORY + 1))
        scene.stream.emit(Disconnected("reset"))
        assert scene.feed.status().state is FeedState.RECONNECTING
        assert scene.feed.status().detail == "reset"
        assert not scene.feed.whole(SYMBOL)
        scene.exchange.minute = HISTORY + 5
        scene.stream.emit(Connected(), scene.closes(HISTORY + 5))
        await scene.until(lambda: len(scene.announced) == 6)
        await scene.until(lambda: scene.feed.whole(SYMBOL))
        assert scene.feed.status().reconnects == 1

    scene = play(tmp_path, scenario)
    assert scene.announced == list(range(HISTORY, HISTORY + 6))
    scene.assert_store_equals_exchange(HISTORY + 5)


def test_a_drop_within_a_bar_announces_nothing_twice(tmp_path):
    async def scenario(scene: Scene) -> None:
        await scene.live()
        scene.stream.emit(scene.closes(HISTORY), scene.runs(HISTORY + 1))
        scene.stream.emit(Disconnected("reset"), Connected(), scene.closes(HISTORY + 1))
        await scene.until(lambda: scene.feed.status().state is FeedState.LIVE)

    scene = play(tmp_path, scenario)
    assert scene.announced == [HISTORY, HISTORY + 1]
    scene.assert_store_equals_exchange(HISTORY + 1)


def test_silence_is_told_apart_from_a_broken_connection(tmp_path):
    async def scenario(scene: Scene) -> None:
        await scene.live()
        scene.stream.emit(Disconnected("no data for 10 s", silent=True))
        assert scene.feed.status().state is FeedState.SILENT

    play(tmp_path, scenario)


def test_without_rest_the_stream_goes_on_and_the_feed_says_what_it_lacks(tmp_path):
    async def scenario(scene: Scene) -> None:
        scene.exchange.failing = 10**6
        await scene.connect()
        await scene.until(lambda: "HTTP 503" in scene.feed.status().detail)
        assert scene.feed.status().state is FeedState.BACKFILLING
        scene.stream.emit(scene.runs(HISTORY), scene.closes(HISTORY), scene.runs(HISTORY + 1))
        assert len(scene.heard) == 3
        assert not scene.feed.whole(SYMBOL)
        scene.exchange.failing = 0
        await scene.until(lambda: scene.feed.status().state is FeedState.LIVE)
        assert scene.feed.whole(SYMBOL)

    play(tmp_path, scenario).assert_store_equals_exchange(HISTORY)


def test_rest_wins_over_a_streamed_candle_that_differs(tmp_path):
    async def scenario(scene: Scene) -> None:
        await scene.live()
        true = scene.exchange.market[HISTORY]
        wrong = Candle(
            **{name: getattr(true, name) for name in true.__slots__} | {"trades": true.trades + 1}
        )
        scene.stream.emit(scene.closes(HISTORY, wrong), Disconnected("reset"), Connected())
        scene.stream.emit(scene.price(HISTORY + 1, 1_000))
        await scene.until(lambda: scene.feed.status().differences == 1)
        await scene.until(lambda: scene.feed.status().state is FeedState.LIVE)

    scene = play(tmp_path, scenario)
    assert scene.announced == [HISTORY]
    scene.assert_store_equals_exchange(HISTORY)


def test_two_versions_of_a_closed_candle_are_settled_by_rest(tmp_path):
    async def scenario(scene: Scene) -> None:
        await scene.live()
        true = scene.exchange.market[HISTORY]
        wrong = Candle(
            **{name: getattr(true, name) for name in true.__slots__} | {"trades": true.trades + 1}
        )
        scene.stream.emit(scene.closes(HISTORY, wrong), scene.closes(HISTORY))
        await scene.until(lambda: scene.feed.status().differences == 1)

    play(tmp_path, scenario).assert_store_equals_exchange(HISTORY)


def test_bars_the_exchange_never_printed_do_not_stop_the_feed(tmp_path):
    async def scenario(scene: Scene) -> None:
        await scene.live()
        scene.exchange.absent = {HISTORY + 1, HISTORY + 2}
        scene.stream.emit(scene.closes(HISTORY), scene.closes(HISTORY + 3))
        await scene.until(lambda: len(scene.announced) == 2)
        assert not scene.feed.whole(SYMBOL), "the hole stays a hole"

    assert play(tmp_path, scenario).announced == [HISTORY, HISTORY + 3]


def test_a_frame_from_the_far_future_changes_nothing(tmp_path):
    async def scenario(scene: Scene) -> None:
        await scene.live()
        scene.stream.emit(scene.runs(HISTORY))
        known_ms = scene.feed.market_time_ms()
        far = MarkPrice(SYMBOL, 100.0, 100.0, None, 0, 10**13)
        scene.stream.emit(far)
        assert scene.feed.market_time_ms() == known_ms
        assert scene.feed.status().malformed == 1
        scene.stream.emit(scene.closes(HISTORY))

    assert play(tmp_path, scenario).announced == [HISTORY]


def test_a_bar_that_rest_does_not_have_yet_is_waited_for(tmp_path):
    async def scenario(scene: Scene) -> None:
        await scene.live()
        scene.stream.emit(scene.runs(HISTORY), scene.price(HISTORY + 1, 2_000))
        scene.exchange.minute = HISTORY - 1  # REST lags far behind
        scene.exchange.absent = {HISTORY}
        asked = len(scene.exchange.asked)
        await scene.until(lambda: len(scene.exchange.asked) > asked + 12)
        assert scene.announced == []
        scene.exchange.absent = set()
        scene.exchange.minute = HISTORY + 1
        await scene.until(lambda: scene.announced == [HISTORY])

    play(tmp_path, scenario)


def test_a_young_market_is_whole_from_its_first_bar(tmp_path):
    async def scenario(scene: Scene) -> None:
        scene.exchange.absent = set(range(HISTORY - 50))
        await scene.live()
        scene.stream.emit(scene.runs(HISTORY))
        assert scene.feed.whole(SYMBOL)

    play(tmp_path, scenario)


def test_older_history_is_filled_in_the_background_and_saved(tmp_path):
    async def scenario(scene: Scene) -> None:
        await scene.live()
        await scene.until(lambda: len(scene.store.open_times(SYMBOL, M1)) == HISTORY)

    play(tmp_path, scenario)
    again = DataStore(configured(), home(tmp_path))
    assert len(again.candles(SYMBOL, M1)) == HISTORY


def test_a_restart_fetches_only_what_is_missing(tmp_path):
    async def first(scene: Scene) -> None:
        await scene.live()
        await scene.until(lambda: len(scene.store.open_times(SYMBOL, M1)) == HISTORY)

    async def second(scene: Scene) -> None:
        scene.exchange.minute = HISTORY + 7
        await scene.live()
        scene.assert_store_equals_exchange(HISTORY + 6)
        assert sum(limit for _, _, _, limit in scene.exchange.asked) <= 10

    play(tmp_path, first)
    play(tmp_path, second)


def test_a_fill_of_another_process_is_waited_for_and_then_read(tmp_path):
    async def scenario(scene: Scene) -> None:
        lock = scene.store.log.lock(SYMBOL, M1, "fill")
        lock.acquire()
        try:
            await scene.live()
            asked = len(scene.exchange.asked)
            other = DataStore(configured(), home(tmp_path))
            other.merge(CandleSeries.from_candles(SYMBOL, M1, scene.exchange.market[:HISTORY]))
            other.flush()
        finally:
            lock.release()
        await scene.until(lambda: len(scene.store.open_times(SYMBOL, M1)) == HISTORY)
        await asyncio.sleep(0.01)
        pages = [a for a in scene.exchange.asked[asked:] if a[1] is not None]
        assert all(a[1] is not None and a[1] < START_MS for a in pages)

    play(tmp_path, scenario)


def test_an_error_of_a_listener_is_not_swallowed(tmp_path):
    async def scenario(scene: Scene) -> None:
        def break_down(update: CandleUpdate) -> None:
            raise ZeroDivisionError

        await scene.live()
        scene.feed.listen(break_down)
        scene.stream.sink = scene.stream.sink
        with pytest.raises(ZeroDivisionError):
            scene.stream.emit(scene.runs(HISTORY))

    play(tmp_path, scenario)


def test_a_disk_that_cannot_be_written_does_not_stop_the_feed(tmp_path):
    async def scenario(scene: Scene) -> None:
        obstacle = home(tmp_path).cache / f".{SYMBOL}_1m_history.parquet.draft"
        obstacle.mkdir()
        await scene.live()
        scene.stream.emit(scene.closes(HISTORY))
        await asyncio.sleep(0.1)  # several saves fail meanwhile
        assert scene.feed.status().state is FeedState.LIVE
        obstacle.rmdir()

    play(tmp_path, scenario)
    assert len(DataStore(configured(), home(tmp_path)).candles(SYMBOL, M1)) > WINDOW


def test_higher_history_is_fetched_once(tmp_path):
    class HigherExchange(FakeExchange):
        async def klines(self, symbol, interval, **bounds):
            rows = await super().klines(symbol, interval, **bounds)
            if interval is M1:
                return rows
            bars = random_walk(100, interval=interval, start_ms=START_MS - 50 * 900_000)
            return list(bars.between(bounds.get("start_ms"), bounds.get("end_ms")))

    async def scenario(scene: Scene) -> None:
        await scene.live()
        await asyncio.gather(
            *(scene.feed.ensure(SYMBOL, Interval.M15) for _ in range(3)),
            scene.feed.ensure(SYMBOL, M1),
        )
        asked = len([a for a in scene.exchange.asked if a[0] is Interval.M15])
        assert asked >= 1
        await scene.feed.ensure(SYMBOL, Interval.M15)
        assert len([a for a in scene.exchange.asked if a[0] is Interval.M15]) == asked
        times = scene.store.open_times(SYMBOL, Interval.M15)
        assert times[0] == START_MS - 50 * 900_000

    play(tmp_path, scenario, exchange=HigherExchange())


def test_what_rest_tells_after_a_long_sleep_is_not_dated_as_if_it_had_just_closed(tmp_path):
    async def scenario(scene: Scene) -> None:
        await scene.live()
        scene.stream.emit(scene.closes(HISTORY))
        scene.stream.emit(Disconnected("asleep"))
        scene.exchange.minute = HISTORY + 60  # an hour passes, then no frame before REST answers
        await scene.live()
        await scene.until(lambda: scene.announced[-1] == HISTORY + 59)

    missed = [u for u in play(tmp_path, scenario).heard if u.closed and u.from_rest]
    now_ms = START_MS + (HISTORY + 60) * MINUTE_MS
    assert len(missed) == 59
    assert all(update.event_time_ms >= now_ms for update in missed)


def test_a_symbol_that_falls_silent_alone_is_kept_up_by_rest(tmp_path):
    other = "ETHUSDT"

    async def scenario(scene: Scene) -> None:
        await scene.connect()
        scene.stream.emit(scene.price(HISTORY, 1_000, other))
        await scene.until(lambda: scene.feed.status().state is FeedState.LIVE)
        scene.stream.emit(scene.closes(HISTORY))
        scene.stream.emit(scene.price(HISTORY + 2, 5_000, other))
        await scene.until(lambda: HISTORY + 1 in scene.announced)

    play(tmp_path, scenario, symbols=(SYMBOL, other))
