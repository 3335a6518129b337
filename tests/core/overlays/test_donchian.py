import numpy as np
import pytest

from core.model.intervals import Interval
from core.model.market_view import MarketView
from core.overlays.donchian import OVERLAY, DonchianParams, donchian_shapes
from tests.builders import candles, random_walk


def test_the_channel_holds_the_latest_candles():
    band, middle = donchian_shapes(
        MarketView(candles([5.0, 9.0, 7.0, 1.0, 3.0])), DonchianParams(3)
    )
    assert (band.name, middle.name) == ("Donchian", "Donchian middle")
    np.testing.assert_array_equal(band.upper, [np.nan, np.nan, 9.0, 9.0, 7.0])
    np.testing.assert_array_equal(band.lower, [np.nan, np.nan, 5.0, 1.0, 1.0])
    np.testing.assert_array_equal(middle.y, [np.nan, np.nan, 7.0, 5.0, 4.0])


def test_price_never_leaves_the_channel():
    market = random_walk(300)
    band, _ = donchian_shapes(MarketView(market), OVERLAY.defaults)
    assert (band.upper[19:] >= market.high[19:]).all()
    assert (band.lower[19:] <= market.low[19:]).all()


def test_warm_up_is_what_the_window_lacks():
    assert OVERLAY.warm_up_candles(DonchianParams(7), Interval.H1) == 6


def test_impossible_periods_are_rejected():
    with pytest.raises(ValueError, match="period must be between 2 and 500, was 1"):
        DonchianParams(1)
