import numpy as np
import pytest

from core.model.intervals import Interval
from core.model.market_view import MarketView
from core.overlays.rsi import OVERLAY, RsiParams, rsi_shapes
from tests.builders import candles, random_walk
from tests.core.indicators.one_run import rsi
from tests.core.real_markets import needs_recordings, recorded


def line(market, params=OVERLAY.defaults):
    (only,) = rsi_shapes(MarketView(market), params)
    return only


@needs_recordings
def test_a_recorded_market_is_as_one_run_over_full_history_has_it():
    market = recorded("BTCUSDT", Interval.M1, 20_000)
    np.testing.assert_allclose(line(market).y, rsi(market.close), rtol=0.0, atol=1e-12)


def test_the_line_stays_within_the_bounds_of_its_pane():
    y = line(random_walk(500), RsiParams(2)).y[2:]
    low, high = OVERLAY.bounds
    assert ((low <= y) & (y <= high)).all()
    assert all(low < guide < high for guide in OVERLAY.guides)


def test_after_stillness_as_long_as_the_memory_neither_side_prevails():
    rise_then_rest = np.concatenate((np.linspace(1.0, 2.0, 240), np.full(1200, 2.0)))
    y = line(candles(rise_then_rest)).y
    assert y[300] == 100.0
    assert y[-1] == 50.0


def test_impossible_periods_are_rejected():
    with pytest.raises(ValueError, match="period must be between 2 and 100, was 101"):
        RsiParams(101)
