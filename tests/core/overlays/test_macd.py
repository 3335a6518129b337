import numpy as np
import pytest

from core.indicators.momentum import macd
from core.model.intervals import Interval
from core.model.market_view import MarketView
from core.overlays.macd import OVERLAY, MacdParams, macd_shapes
from tests.builders import random_walk
from tests.core.real_markets import needs_recordings, recorded


def shapes(market, params=OVERLAY.defaults):
    return macd_shapes(MarketView(market), params)


@needs_recordings
def test_a_recorded_market_is_as_one_run_over_full_history_has_it():
    market = recorded("BTCUSDT", Interval.M1, 20_000)
    line, signal, histogram = macd(market.close)
    bars, own_line, own_signal = shapes(market)
    # Rounding of averages near 1e5.
    for ours, expected in ((own_line, line), (own_signal, signal), (bars, histogram)):
        np.testing.assert_allclose(ours.y, expected, rtol=0.0, atol=1e-10)


def test_bars_are_coloured_by_their_side_of_zero():
    bars, line, signal = shapes(random_walk(400))
    assert [bars.name, line.name, signal.name] == ["Histogram", "MACD", "Signal"]
    assert {-1, 1} <= set(bars.direction.tolist())
    assert (bars.direction[:33] == 0).all()
    np.testing.assert_array_equal(bars.direction[33:], np.sign(bars.y[33:]))


def test_the_histogram_does_not_depend_on_where_a_window_begins_even_at_zero():
    market = random_walk(2000)
    warm = OVERLAY.warm_up_candles(OVERLAY.defaults, Interval.M1)
    whole, part = shapes(market)[0].y, shapes(market.rows(301, 2000))[0].y
    np.testing.assert_array_equal(part[warm:], whole[301 + warm :])


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"signal": 1}, "signal must be between 2 and 100, was 1"),
        ({"fast": 26}, "fast must be below slow, were 26 and 26"),
    ],
)
def test_impossible_periods_are_rejected(changes, message):
    with pytest.raises(ValueError, match=message):
        MacdParams(**changes)
