import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from core.indicators.heikin_ashi import HEIKIN_ASHI_WARM_UP_CANDLES, heikin_ashi
from core.model.candles import CandleSeries
from core.model.intervals import MINUTE_MS, Interval
from tests.builders import START_MS, candle, random_walk

COLUMNS = ("open", "high", "low", "close")


def test_three_candles_by_hand():
    prices = [(10.0, 14.0, 8.0, 12.0), (12.0, 13.0, 11.0, 12.5), (30.0, 31.0, 29.0, 30.0)]
    rows = [
        candle(START_MS + i * MINUTE_MS, c, open=o, high=h, low=low)
        for i, (o, h, low, c) in enumerate(prices)
    ]
    averaged = heikin_ashi(CandleSeries.from_candles("BTCUSDT", Interval.M1, rows))
    assert averaged.close.tolist() == [11.0, 12.125, 30.0]
    assert averaged.open.tolist() == [11.0, 11.0, 11.5625]
    assert averaged.high.tolist() == [14.0, 13.0, 31.0]
    assert averaged.low.tolist() == [8.0, 11.0, 11.5625]


@given(st.integers(0, 60), st.integers(0, 30))
def test_no_candle_depends_on_a_later_one(known, later):
    candles = random_walk(known + later)
    whole, head = heikin_ashi(candles), heikin_ashi(candles.head(known))
    for name in COLUMNS:
        np.testing.assert_array_equal(getattr(whole, name)[:known], getattr(head, name))


def test_the_warm_up_makes_a_candle_the_same_in_every_window():
    candles = random_walk(400)
    whole = heikin_ashi(candles)
    window = heikin_ashi(candles.tail(100 + HEIKIN_ASHI_WARM_UP_CANDLES)).tail(100)
    for name in COLUMNS:
        np.testing.assert_allclose(
            getattr(whole.tail(100), name), getattr(window, name), rtol=1e-15
        )


def test_nothing_is_averaged_of_no_candles():
    averaged = heikin_ashi(CandleSeries.empty("BTCUSDT", Interval.M1))
    assert [getattr(averaged, name).size for name in COLUMNS] == [0] * 4
