import math

import numpy as np
import pytest

from core.model.shapes import Band, Line
from core.signals.feature_groups.volatility import VOLATILITY
from tests.core.signals.shapes import seen


def ranked(values):
    line = Line("ATR", np.array(values, dtype=float))
    return VOLATILITY.compute(seen({"atr": (line,)}))["atr_14_rank_240"]


def test_the_rank_is_the_share_of_earlier_ranges_below():
    earlier = [2.0] * 60 + [1.0] * 60 + [9.0] * 120
    assert ranked([*earlier, 5.0]) == 0.5
    assert ranked([*earlier, 10.0]) == 1.0
    assert ranked([*earlier, 0.5]) == 0.0
    assert ranked([3.0] * 241) == 0.5
    assert math.isnan(ranked([3.0] * 240))
    assert math.isnan(ranked([math.nan] + [3.0] * 240))


def test_returns_of_one_size_have_that_volatility():
    closes = [100.0 * (1.01 if i % 2 else 1.0) for i in range(300)]
    found = VOLATILITY.compute(seen({}, closes))
    assert found["realized_volatility_20_pct"] == pytest.approx(100.0 * math.log(1.01))
    assert found["volatility_ratio_20_100"] == pytest.approx(1.0)


def test_the_close_has_a_place_between_the_bands():
    band = Band("Bollinger", np.full(300, 106.0), np.full(300, 98.0))
    found = VOLATILITY.compute(seen({"bollinger": (band,)}))
    assert found["bollinger_width_atr"] == 4.0
    assert found["bollinger_position_20"] == 0.25
