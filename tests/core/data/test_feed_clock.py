"""An exchange whose clock is a day off, or leaps, while its candles are right."""

import asyncio

import pytest
from msgspec.structs import replace

from core.data.feed_status import FeedState
from core.data.market_events import MarkPrice
from core.data.sockets.events import Connected
from core.model.candles import CandleUpdate
from core.model.intervals import Interval
from tests.core.data.feed_scene import HISTORY, SYMBOL, Scene, play

DAY_MS = Interval.D1.duration_ms
OFF = pytest.mark.parametrize("off_ms", [DAY_MS, -DAY_MS], ids=["ahead", "behind"])


def skewed(event: CandleUpdate | MarkPrice, off_ms: int) -> CandleUpdate | MarkPrice:
    return replace(event, event_time_ms=event.event_time_ms + off_ms)


def minute_of(scene: Scene, minute: int, off_ms: int) -> None:
    events = [scene.price(minute, second * 1_000) for second in range(0, 50, 2)]
    scene.stream.emit(*(skewed(event, off_ms) for event in events))
    told = (scene.runs(minute), scene.runs(minute, 40_000), scene.closes(minute))
    scene.stream.emit(*(skewed(update, off_ms) for update in told))


@OFF
def test_candles_are_followed_and_live_while_the_clock_is_a_day_off_and_after(tmp_path, off_ms):
    async def scenario(scene: Scene) -> None:
        await scene.settled()
        minute_of(scene, HISTORY, 0)
        for minute in range(HISTORY + 1, HISTORY + 6):
            minute_of(scene, minute, off_ms)
            await asyncio.sleep(0.005)
            assert scene.feed.whole(SYMBOL)
            assert scene.feed.status().state is FeedState.LIVE
        for minute in range(HISTORY + 6, HISTORY + 9):
            minute_of(scene, minute, 0)
        await scene.until(lambda: scene.feed.whole(SYMBOL))
        scene.assert_store_equals_exchange(HISTORY + 8)

    scene = play(tmp_path, scenario)
    assert scene.announced == list(range(HISTORY, HISTORY + 9))
    closes = [u for u in scene.heard if u.closed]
    assert all(0 <= u.event_time_ms - u.candle.open_time_ms <= 61_000 for u in closes)


@OFF
def test_a_bar_lost_while_the_clock_is_a_day_off_is_missed_and_fetched(tmp_path, off_ms):
    async def scenario(scene: Scene) -> None:
        await scene.settled()
        minute_of(scene, HISTORY, 0)
        minute_of(scene, HISTORY + 1, off_ms)
        minute_of(scene, HISTORY + 3, off_ms)
        assert not scene.feed.whole(SYMBOL)
        await scene.until(lambda: scene.announced[-1] == HISTORY + 3)
        await scene.until(lambda: scene.feed.whole(SYMBOL))
        scene.assert_store_equals_exchange(HISTORY + 3)

    scene = play(tmp_path, scenario)
    assert scene.announced == list(range(HISTORY, HISTORY + 4))


@OFF
def test_a_feed_that_starts_while_the_clock_is_a_day_off_becomes_whole(tmp_path, off_ms):
    async def scenario(scene: Scene) -> None:
        await scene.until(lambda: scene.stream.sink is not None)
        scene.stream.connected = True
        scene.stream.emit(Connected())
        for minute in range(HISTORY, HISTORY + 4):
            minute_of(scene, minute, off_ms)
            await asyncio.sleep(0.005)
        await scene.until(lambda: scene.feed.whole(SYMBOL))
        assert scene.feed.status().state is FeedState.LIVE
        await scene.until(lambda: len(scene.store.open_times(SYMBOL, Interval.M1)) >= HISTORY + 4)

    play(tmp_path, scenario)
