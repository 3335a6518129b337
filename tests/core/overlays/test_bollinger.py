import numpy as np
import pytest

from core.indicators.channels import bollinger
from core.model.intervals import Interval
from core.model.market_view import MarketView
from core.overlays.bollinger import OVERLAY, BollingerParams, bollinger_shapes
from tests.builders import candles, random_walk


def test_the_band_is_around_its_basis():
    market = random_walk(200)
    band, basis = bollinger_shapes(MarketView(market), BollingerParams(10, 1.5))
    upper, middle, lower = bollinger(market.close, 10, 1.5)
    assert (band.name, basis.name) == ("Bollinger", "Bollinger basis")
    np.testing.assert_array_equal(band.upper, upper)
    np.testing.assert_array_equal(band.lower, lower)
    np.testing.assert_array_equal(basis.y, middle)


def test_the_band_of_a_still_market_is_its_price():
    band, basis = bollinger_shapes(MarketView(candles(np.full(40, 0.1))), OVERLAY.defaults)
    assert (band.upper[19:] == 0.1).all()
    assert (band.lower[19:] == 0.1).all()
    assert (basis.y[19:] == 0.1).all()


def test_warm_up_is_what_the_window_lacks():
    band, _ = bollinger_shapes(MarketView(random_walk(60)), OVERLAY.defaults)
    warm = OVERLAY.warm_up_candles(OVERLAY.defaults, Interval.M1)
    assert np.isnan(band.upper).tolist() == [True] * warm + [False] * (60 - warm)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"period": 201}, "period must be between 2 and 200, was 201"),
        ({"deviations": 0.0}, "deviations must be between 0.5 and 5, was 0"),
    ],
)
def test_impossible_parameters_are_rejected(changes, message):
    with pytest.raises(ValueError, match=message):
        BollingerParams(**changes)
