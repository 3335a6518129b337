import math
from dataclasses import replace

import numpy as np
import pytest

from core.model.intervals import MINUTE_MS
from core.model.order_flow import FlowSeries
from core.signals.feature_groups.flow import FLOW
from tests.builders import START_MS, candles
from tests.core.signals.shapes import line, marks, seen

N = 300
MARKET = candles([100.0] * N)


def flow(shapes=None, market=MARKET, heard=None):
    return FLOW.compute(seen({"order_flow": shapes or ()}, market, flow=heard))


def heard(minutes_ago, *, imbalance=0.5):
    opens = np.array([START_MS + (N - 1 - ago) * MINUTE_MS for ago in minutes_ago])
    n = opens.size
    lean = np.full((2, n), imbalance)
    return FlowSeries(
        "BTCUSDT",
        opens,
        np.full(n, 6.0),
        np.full(n, 2.0),
        np.full(n, 600.0),
        np.full(n, 200.0),
        np.full(n, 4, dtype=np.int64),
        lean[0],
        lean[1],
        np.full(n, 1.5),
        np.ones(n, dtype=np.bool_),
    )


def test_the_newest_of_two_kinds_of_event_counts():
    bought = marks("Buying absorbed", [60, 20], -1)
    sold = marks("Selling absorbed", [30], 1)
    found = flow((bought, sold))
    assert found["absorption_side"] == -1.0
    assert found["absorption_age_candles"] == 20.0


def test_an_event_of_two_hours_of_minutes_ago_is_forgotten():
    assert flow((marks("Bullish divergence", [119], 1),))["divergence_age_candles"] == 119.0
    assert math.isnan(flow((marks("Bullish divergence", [120], 1),))["divergence_age_candles"])


def test_cumulative_delta_is_told_as_a_share_of_the_days_volume():
    delta = line("Cumulative delta", 0.25 * 10.0 * N)
    assert flow((delta,))["day_delta_ratio"] == pytest.approx(0.25)
    unknown = line("Cumulative delta", math.nan)
    assert math.isnan(flow((unknown,))["day_delta_ratio"])


def test_one_candle_of_larger_trades_stands_out():
    volume = MARKET.volume.copy()
    volume[-1] = 30.0
    found = flow(market=replace(MARKET, volume=volume))
    assert found["relative_volume_20"] == pytest.approx(3.0)
    assert found["relative_trade_size_20"] == pytest.approx(3.0)


def test_what_was_heard_of_the_newest_candle_is_told():
    found = flow(heard=heard([2, 1, 0]))
    assert found["heard_share"] == 1.0
    assert found["book_imbalance_mean"] == found["book_imbalance_last"] == 0.5
    assert found["spread_bps"] == 1.5
    assert found["seen_trade_size"] == 2.0 * 100.0


def test_a_book_that_was_not_heard_is_not_balanced():
    found = flow(heard=heard([0], imbalance=math.nan))
    assert found["heard_share"] == 1.0
    assert math.isnan(found["book_imbalance_mean"])
    earlier = flow(heard=heard([2, 1]))
    assert math.isnan(earlier["heard_share"])
    assert math.isnan(earlier["seen_trade_size"])
