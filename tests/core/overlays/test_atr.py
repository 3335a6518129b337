import numpy as np
import pytest

from core.indicators.volatility import atr
from core.model.intervals import Interval
from core.model.market_view import MarketView
from core.overlays.atr import OVERLAY, AtrParams, atr_shapes
from tests.builders import candles
from tests.core.real_markets import needs_recordings, recorded


def line(market, params=OVERLAY.defaults):
    (only,) = atr_shapes(MarketView(market), params)
    return only


@needs_recordings
def test_a_recorded_market_is_as_one_run_over_full_history_has_it():
    market = recorded("SOLUSDT", Interval.M1, 20_000)
    expected = atr(market.high, market.low, market.close)
    np.testing.assert_allclose(line(market).y, expected, rtol=1e-13)


def test_a_still_market_has_no_range():
    y = line(candles(np.full(700, 3.0))).y
    assert np.isnan(y[:14]).all()
    assert (y[14:] == 0.0).all()


def test_warm_up_grows_with_the_period():
    periods = (5, 14, 30)
    warm = [OVERLAY.warm_up_candles(AtrParams(period), Interval.M1) for period in periods]
    assert warm == sorted(set(warm))


def test_impossible_periods_are_rejected():
    with pytest.raises(ValueError, match="period must be between 2 and 100, was 1"):
        AtrParams(1)
