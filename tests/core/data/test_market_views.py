import asyncio
from types import MappingProxyType

import numpy as np
import pytest

from core.data.data_store import DataStore
from core.data.fold import fold
from core.data.market_events import AggTrade
from core.data.market_views import MarketViews
from core.data.orderflow.order_flow import OrderFlow
from core.model.gap import Gap
from core.model.intervals import MINUTE_MS, Interval
from tests.builders import START_MS, home, random_walk, settings

SYMBOL = "BTCUSDT"
BARS = 11
EVERY = MappingProxyType(dict.fromkeys(Interval, BARS))
MARKET = random_walk(3 * 1440 + 17)


@pytest.fixture
def store(tmp_path):
    made = DataStore(settings(), home(tmp_path))
    made.merge(MARKET)
    return made


def test_a_view_has_the_shown_candles_and_every_companion(store):
    view = MarketViews(store).closed(SYMBOL, Interval.M5, limit=100, companions=EVERY)
    assert (
        view.candles.open_time_ms.tolist() == fold(MARKET, Interval.M5).open_time_ms[-100:].tolist()
    )
    assert set(view.others) == set(Interval) - {Interval.M5}
    assert view.intervals == tuple(Interval)
    assert view.flow is None


@pytest.mark.parametrize("shown", [Interval.M1, Interval.M15, Interval.H1])
def test_companions_reach_as_far_before_the_first_candle_as_was_asked(store, shown):
    view = MarketViews(store).closed(SYMBOL, shown, limit=24, companions=EVERY)
    for interval in set(Interval) - {shown, Interval.D1}:
        first = view.head(1).at(interval)
        assert len(first) >= BARS
        assert len(first) <= BARS + 1
        np.testing.assert_array_equal(
            view.at(interval).close,
            fold(MARKET, interval)
            .between(
                int(first.open_time_ms[0]),
                view.known_ms + 1 - interval.duration_ms,
            )
            .close,
        )


def test_bars_that_close_later_than_the_last_candle_are_not_read(store):
    end_ms = START_MS + 2 * 1440 * MINUTE_MS + 7 * MINUTE_MS
    view = MarketViews(store).closed(SYMBOL, Interval.M1, end_ms=end_ms, limit=9, companions=EVERY)
    assert view.known_ms == end_ms + MINUTE_MS - 1
    for bars in view.others.values():
        newest_ms = int(bars.open_time_ms[-1])
        assert bars.interval.close_time_ms(newest_ms) <= view.known_ms
        assert bars.interval.close_time_ms(newest_ms) + bars.interval.duration_ms > view.known_ms


def test_companions_may_be_wanted_for_the_newest_candles_only(store):
    view = MarketViews(store).closed(SYMBOL, Interval.H1, companions=EVERY, companion_rows=1)
    assert len(view.candles) == 72
    assert BARS <= len(view.at(Interval.M1)) <= BARS + 1
    assert BARS <= len(view.at(Interval.M15)) <= BARS + 1


def test_finer_bars_that_were_never_fetched_are_folded_from_minutes(store, tmp_path):
    store.flush(everything=True)
    beside = DataStore(settings(), home(tmp_path))
    known = fold(MARKET, Interval.M5).tail(50)
    beside.merge(known)
    view = MarketViews(beside).closed(SYMBOL, Interval.H1, companions=EVERY)
    first_end_ms = START_MS + Interval.H1.duration_ms
    wanted_ms = first_end_ms - BARS * Interval.M5.duration_ms
    expected = fold(MARKET, Interval.M5).between(wanted_ms, view.known_ms - 299_999)
    np.testing.assert_array_equal(view.at(Interval.M5).close, expected.close)


def test_a_market_nobody_knows_has_empty_companions(tmp_path):
    views = MarketViews(DataStore(settings(), home(tmp_path)))
    view = views.closed(SYMBOL, Interval.M1, companions=EVERY)
    assert [len(bars) for bars in view.others.values()] == [0] * 5
    assert view.intervals == tuple(Interval)


def test_what_was_heard_and_what_is_missing_come_along(store):
    newest_ms = int(MARKET.open_time_ms[-1])

    class Nowhere:
        async def depth(self, symbol, limit):
            raise AssertionError

    async def heard():
        flow = OrderFlow(Nowhere())
        flow.follow([SYMBOL])
        for number, at_ms in enumerate((newest_ms + 1, newest_ms + MINUTE_MS + 5)):
            flow.take(trade(number + 1, at_ms))
        gap = Gap(START_MS, START_MS + MINUTE_MS)
        views = MarketViews(store, order_flow=flow, gaps=lambda symbol: (gap,))
        return views.closed(SYMBOL, Interval.M1, limit=5, heard=views.heard(SYMBOL)), gap

    view, gap = asyncio.run(heard())
    assert view.known_flow().open_time_ms.tolist() == [newest_ms]
    assert [f.open_time_ms for f in view.known_footprints()] == [newest_ms]
    assert view.known_gaps() == (gap,)


def trade(number, at_ms):
    return AggTrade(SYMBOL, number, 100.0, 1.0, 1, True, at_ms, at_ms)
