"""What the feed says and does about candles that are missing, doubtful or late."""

import asyncio
import shutil

from core.data.absent_bars import ASK_AGAIN_S
from core.data.errors import RestError
from core.data.feed_status import FeedState
from core.data.repair import DOUBTS_EVERY_S
from core.data.sockets.events import Connected, Disconnected
from core.data.sockets.health import StreamState
from core.model.candles import Candle
from core.model.gap import Gap
from core.model.intervals import MINUTE_MS, Interval
from tests.builders import START_MS
from tests.core.data.feed_scene import HISTORY, M1, SYMBOL, WINDOW, FakeExchange, Scene, play


def at(minute: int) -> int:
    return START_MS + minute * MINUTE_MS


def altered(bar: Candle, trades: int = 1) -> Candle:
    values = {name: getattr(bar, name) for name in bar.__slots__}
    return Candle(**values | {"trades": bar.trades + trades})


def test_a_hole_that_rest_cannot_fill_stays_visible_and_blocks_until_it_is_out_of_sight(tmp_path):
    async def scenario(scene: Scene) -> None:
        await scene.live()
        assert scene.feed.whole(SYMBOL)
        scene.exchange.absent = {HISTORY + 1}
        scene.stream.emit(scene.closes(HISTORY), scene.closes(HISTORY + 2))
        await scene.until(lambda: len(scene.announced) == 2)
        assert scene.feed.gaps(SYMBOL) == (Gap(at(HISTORY + 1), at(HISTORY + 1)),)
        assert scene.feed.status().gaps == 1
        assert not scene.feed.whole(SYMBOL)
        assert not scene.feed.whole(SYMBOL, since_ms=at(HISTORY + 1))
        assert scene.feed.whole(SYMBOL, since_ms=at(HISTORY + 2)), "who looks not so far is fine"
        assert scene.feed.status().state is FeedState.LIVE, "a bar that never was is not waited for"

    play(tmp_path, scenario)


def test_what_rest_has_behind_a_hole_is_announced_though_no_frame_told_it(tmp_path):
    async def scenario(scene: Scene) -> None:
        await scene.live()
        scene.exchange.absent = {HISTORY + 1}
        scene.stream.emit(scene.price(HISTORY + 6, 2_000))
        expected = [HISTORY + i for i in (0, 2, 3, 4, 5)]
        await scene.until(lambda: scene.announced == expected)
        assert scene.feed.gaps(SYMBOL) == (Gap(at(HISTORY + 1), at(HISTORY + 1)),)

    play(tmp_path, scenario)


class RefusingExchange(FakeExchange):
    """Knows none of our symbols, as far as REST goes."""

    async def klines(self, symbol: str, *_: object, **__: object) -> list[Candle]:
        raise RestError(f"klines {symbol}: HTTP 400 code -1121 Invalid symbol.", 400)


def test_a_feed_whose_every_symbol_is_refused_is_not_live(tmp_path):
    async def scenario(scene: Scene) -> None:
        await scene.connect()
        await scene.until(lambda: "400" in scene.feed.status().detail)
        assert scene.feed.status().state is FeedState.BACKFILLING
        assert not scene.feed.whole(SYMBOL)

    play(tmp_path, scenario, exchange=RefusingExchange())


def test_bars_that_rest_has_late_heal_the_hole(tmp_path):
    async def scenario(scene: Scene) -> None:
        await scene.settled()
        scene.exchange.absent = {HISTORY + 1}
        scene.stream.emit(scene.closes(HISTORY), scene.closes(HISTORY + 2))
        await scene.until(lambda: scene.feed.status().gaps == 1)
        scene.exchange.absent = set()
        asked = len(scene.exchange.asked)
        await asyncio.sleep(0.02)  # many seconds of the feed's time, none of its clock's
        assert len(scene.exchange.asked) == asked, "not asked for before its time"
        scene.clock_s += ASK_AGAIN_S[0]
        await scene.until(lambda: scene.feed.status().gaps == 0)
        await scene.until(lambda: scene.feed.whole(SYMBOL))

    play(tmp_path, scenario).assert_store_equals_exchange(HISTORY + 2)


def test_a_frame_that_comes_after_its_bar_was_given_up_heals_the_hole(tmp_path):
    async def scenario(scene: Scene) -> None:
        await scene.live()
        scene.exchange.absent = {HISTORY + 1}
        scene.stream.emit(scene.closes(HISTORY), scene.closes(HISTORY + 2))
        await scene.until(lambda: scene.feed.status().gaps == 1)
        scene.stream.emit(scene.closes(HISTORY + 1))
        assert scene.feed.gaps(SYMBOL) == ()
        assert scene.feed.whole(SYMBOL)

    scene = play(tmp_path, scenario)
    scene.assert_store_equals_exchange(HISTORY + 2)
    assert scene.announced == [HISTORY, HISTORY + 2]


def test_a_hole_in_the_past_is_found_at_the_start(tmp_path):
    async def scenario(scene: Scene) -> None:
        scene.exchange.absent = {HISTORY - 10, HISTORY - WINDOW}
        await scene.live()
        await scene.until(lambda: scene.feed.status().gaps == 2)
        assert not scene.feed.whole(SYMBOL)

    play(tmp_path, scenario)


def test_a_storm_of_contradictions_costs_one_request_and_rest_is_right(tmp_path):
    async def scenario(scene: Scene) -> None:
        await scene.settled()
        minutes = range(HISTORY, HISTORY + 10)
        scene.stream.emit(*(scene.closes(m) for m in minutes), scene.runs(HISTORY + 10))
        asked = len(scene.exchange.asked)
        for round_ in range(1, 50):
            scene.stream.emit(
                *(scene.closes(m, altered(scene.exchange.market[m], round_)) for m in minutes)
            )
        await scene.until(lambda: len(scene.exchange.asked) > asked)
        await asyncio.sleep(0.02)
        assert len(scene.exchange.asked) <= asked + 1
        scene.clock_s += DOUBTS_EVERY_S
        await asyncio.sleep(0.02)
        assert len(scene.exchange.asked) <= asked + 2

    scene = play(tmp_path, scenario)
    scene.assert_store_equals_exchange(HISTORY + 9)


def test_a_socket_that_takes_over_without_a_gap_asks_nothing_of_rest(tmp_path):
    async def scenario(scene: Scene) -> None:
        await scene.settled()
        scene.stream.emit(scene.closes(HISTORY), scene.runs(HISTORY + 1))
        asked = len(scene.exchange.asked)
        scene.stream.emit(Connected(frozenset(scene.stream.streams)))
        scene.stream.emit(scene.closes(HISTORY), scene.closes(HISTORY + 1))
        await asyncio.sleep(0.02)
        assert len(scene.exchange.asked) == asked
        assert scene.feed.whole(SYMBOL)

    assert play(tmp_path, scenario).announced == [HISTORY, HISTORY + 1]


def test_a_bar_lost_in_the_change_of_sockets_is_fetched(tmp_path):
    async def scenario(scene: Scene) -> None:
        await scene.live()
        scene.stream.emit(scene.closes(HISTORY))
        scene.stream.emit(Connected(frozenset(scene.stream.streams)))
        scene.stream.emit(scene.closes(HISTORY + 2))
        assert not scene.feed.whole(SYMBOL)
        assert scene.feed.status().state is FeedState.BACKFILLING
        assert "lacks 1 closed candle" in scene.feed.status().detail
        await scene.until(lambda: len(scene.announced) == 3)

    play(tmp_path, scenario).assert_store_equals_exchange(HISTORY + 2)


def test_the_loss_of_a_socket_concerns_only_the_symbols_it_carried(tmp_path):
    other = "ETHUSDT"

    async def scenario(scene: Scene) -> None:
        await scene.connect()
        scene.stream.emit(scene.price(HISTORY, 1_000, other))
        await scene.until(lambda: scene.feed.whole(SYMBOL) and scene.feed.whole(other))
        lost = frozenset({"ethusdt@kline_1m"})
        scene.stream.emit(Disconnected("connection reset", streams=lost))
        assert scene.feed.whole(SYMBOL)
        assert not scene.feed.whole(other)
        assert scene.feed.status().state is FeedState.RECONNECTING
        assert scene.feed.status().detail.startswith("ETHUSDT: connection reset")
        scene.stream.emit(Connected(lost), scene.price(HISTORY, 2_000, other))
        await scene.until(lambda: scene.feed.whole(other))

    play(tmp_path, scenario, symbols=(SYMBOL, other))


def test_a_candle_stream_that_stays_silent_among_others_is_said_and_blocks(tmp_path):
    async def scenario(scene: Scene) -> None:
        await scene.live()
        scene.stream.connected = True
        scene.stream.states["btcusdt@kline_1m"] = StreamState.SILENT
        await scene.until(lambda: scene.feed.status().state is FeedState.SILENT)
        assert "btcusdt@kline_1m" in scene.feed.status().detail
        scene.stream.emit(scene.price(HISTORY, 2_000))
        assert not scene.feed.whole(SYMBOL)
        del scene.stream.states["btcusdt@kline_1m"]
        await scene.until(lambda: scene.feed.whole(SYMBOL))

    play(tmp_path, scenario)


def test_a_quiet_stream_is_live_as_long_as_its_socket_beats(tmp_path):
    async def scenario(scene: Scene) -> None:
        await scene.until(lambda: scene.stream.sink is not None)
        scene.stream.emit(Connected())
        assert scene.feed.status().state is FeedState.STARTING
        scene.stream.connected = True
        scene.stream.states["btcusdt@kline_1m"] = StreamState.QUIET
        await scene.until(lambda: scene.feed.status().state is FeedState.LIVE)

    play(tmp_path, scenario)


def test_a_bar_that_has_not_closed_is_not_taken_for_closed_when_the_clock_runs_ahead(tmp_path):
    async def scenario(scene: Scene) -> None:
        await scene.settled()
        scene.stream.emit(scene.closes(HISTORY), scene.runs(HISTORY + 1))
        ahead = scene.price(HISTORY + 2, 5_000)  # but REST has no such minute yet
        scene.exchange.minute = HISTORY + 1
        asked = len(scene.exchange.asked)
        scene.stream.emit(ahead)
        await scene.until(lambda: len(scene.exchange.asked) > asked + 3)
        assert scene.announced == [HISTORY]
        scene.stream.emit(scene.closes(HISTORY + 1))
        assert scene.announced == [HISTORY, HISTORY + 1]

    scene = play(tmp_path, scenario)
    assert not scene.heard[-1].from_rest


def test_a_deleted_cache_is_refilled_to_its_whole_depth(tmp_path):
    async def scenario(scene: Scene) -> None:
        await scene.live()
        await scene.until(lambda: len(scene.store.open_times(SYMBOL, M1)) == HISTORY)
        path = scene.store.log.path(SYMBOL, M1)
        await scene.until(path.exists)
        asked = len(scene.exchange.asked)
        path.unlink()
        await scene.until(lambda: len(scene.exchange.asked) > asked)
        await scene.until(lambda: len(scene.store.open_times(SYMBOL, M1)) == HISTORY)
        await scene.until(path.exists)

    play(tmp_path, scenario)


def test_a_full_disk_is_told_and_the_feed_goes_on(tmp_path):
    async def scenario(scene: Scene) -> None:
        def refuse(*, everything: bool = False) -> None:
            raise OSError(28, "No space left on device")

        await scene.live()
        works = scene.store.flush
        scene.store.flush = refuse
        await scene.until(lambda: "No space left" in scene.feed.status().detail)
        assert scene.feed.status().state is FeedState.LIVE
        scene.stream.emit(scene.closes(HISTORY))
        assert scene.announced == [HISTORY]
        scene.store.flush = works
        await scene.until(lambda: "No space left" not in scene.feed.status().detail)

    play(tmp_path, scenario)


def test_a_mark_price_by_another_socket_does_not_vouch_for_candles_that_are_cut_off(tmp_path):
    async def scenario(scene: Scene) -> None:
        await scene.live()
        candles = frozenset({"btcusdt@kline_1m"})
        scene.stream.emit(Disconnected("reset", streams=candles), scene.price(HISTORY, 3_000))
        assert scene.feed.status().state is FeedState.RECONNECTING
        assert not scene.feed.whole(SYMBOL)
        scene.stream.emit(Connected(candles), scene.price(HISTORY, 4_000))
        await scene.until(lambda: scene.feed.whole(SYMBOL))

    play(tmp_path, scenario)


def test_a_candle_in_progress_is_not_completed_as_if_it_had_closed(tmp_path):
    async def scenario(scene: Scene) -> None:
        await scene.settled()
        newest_ms = scene.exchange.market[scene.exchange.minute].open_time_ms
        await scene.feed.complete(SYMBOL, newest_ms - 10 * MINUTE_MS, newest_ms + 60 * MINUTE_MS)
        assert scene.store.open_times(SYMBOL, M1)[-1] == newest_ms - MINUTE_MS

    play(tmp_path, scenario)


def test_higher_history_is_loaded_though_no_lock_can_be_made(tmp_path):
    async def scenario(scene: Scene) -> None:
        await scene.settled()
        locks = scene.store.log.path(SYMBOL, M1).parent / ".locks"
        shutil.rmtree(locks)
        locks.write_text("")
        asked = len(scene.exchange.asked)
        await scene.feed.ensure(SYMBOL, Interval.M5)
        assert len(scene.exchange.asked) > asked

    play(tmp_path, scenario)
