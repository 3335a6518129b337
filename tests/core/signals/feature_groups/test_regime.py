import math

import pytest

from core.indicators.regime import REGIMES
from core.signals.feature_groups.regime import REGIME
from tests.core.signals.shapes import ribbon, seen


def regime(codes):
    rows = ribbon("Regime", [r.value for r in REGIMES], codes)
    return REGIME.compute(seen({"market_regime": (rows,)}))


@pytest.mark.parametrize("code", range(len(REGIMES)))
def test_one_flag_is_set(code):
    found = regime([0] * 290 + [code] * 10)
    flags = [found[f"regime_{r.value}"] for r in REGIMES]
    assert flags == [float(i == code) for i in range(len(REGIMES))]


def test_its_age_counts_from_its_first_candle():
    assert regime([0] * 299 + [1])["regime_age_candles"] == 0.0
    assert regime([0] * 280 + [1] * 20)["regime_age_candles"] == 19.0
    assert regime([0] * 59 + [1] * 241)["regime_age_candles"] == 240.0
    assert regime([0] * 60 + [1] * 240)["regime_age_candles"] == 239.0
    assert math.isnan(regime([1] * 240)["regime_age_candles"])


def test_before_it_is_known_nothing_is_said_of_it():
    assert all(math.isnan(value) for value in regime([-1] * 300).values())
