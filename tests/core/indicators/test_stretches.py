import numpy as np

from core.indicators.stretches import stretches
from tests.builders import candles
from tests.core.indicators.price_bars import bars

FLAT = (1.0, 1.0, 1.0, 1.0)


def test_candles_without_a_hole_are_one_stretch():
    assert np.unique(stretches(candles(np.full(50, 3.0)))).size == 1


def test_each_hole_begins_another_stretch():
    number = stretches(bars([FLAT] * 9, missing=(2, 5, 6)))
    assert number.tolist() == [0, 0, 1, 1, 2, 2]


def test_no_candles_have_no_stretches():
    assert stretches(candles([])).shape == (0,)
    assert stretches(candles([1.0])).shape == (1,)
