import math

import pytest

from core.model.candles import CandleSeries
from core.model.intervals import Interval
from core.signals.feature_groups.momentum import MOMENTUM
from tests.builders import START_MS, candle
from tests.core.signals.shapes import seen


def momentum(closes):
    return MOMENTUM.compute(seen({}, [float(close) for close in closes]))


@pytest.mark.parametrize(
    ("newest", "streak"),
    [
        ([5, 6, 7, 8], 3.0),
        ([8, 7, 6], -2.0),
        ([5, 6, 6], 0.0),
        ([9, 8, 9], 1.0),
        ([7], math.nan),
        (range(1, 100), 20.0),
    ],
)
def test_a_streak_counts_closes_in_a_row_that_went_one_way(newest, streak):
    assert momentum(newest)["streak_candles"] == pytest.approx(streak, nan_ok=True)


def test_a_candle_has_a_body_and_a_place_of_its_close():
    bar = candle(START_MS, 104.0, open=100.0, high=106.0, low=98.0)
    found = MOMENTUM.compute(seen({}, CandleSeries.from_candles("BTCUSDT", Interval.M1, [bar])))
    assert found["body_atr"] == 2.0
    assert found["close_position_1"] == 0.75
