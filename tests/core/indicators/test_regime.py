from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.indicators.regime import REGIMES, RegimeParams, regime_memory, regimes
from core.model.intervals import Interval
from core.model.overlay import LONGEST_WARM_UP
from core.model.parameters import parameters
from core.model.regime import Regime
from tests.builders import random_walk
from tests.core.indicators.published import needs_published, published, quotes
from tests.core.real_markets import needs_recordings, recorded

PARAMS = RegimeParams()
MEMORY = regime_memory(PARAMS)
WALK = random_walk(1500)
FIRST = 66  # a quarter of the lookback, and then as long as a regime must last


def of(market, params=PARAMS):
    return regimes(market.high, market.low, market.close, params)


def named(close, spread):
    """Regimes, by name, of candles that close there and reach ``spread`` beyond."""
    found = regimes(close + spread, close - spread, close, PARAMS)
    return [REGIMES[code].value if code >= 0 else "unknown" for code in found.code]


def columns(found):
    return [getattr(found, field.name) for field in fields(found)]


def wave(candles, height=1.0):
    return 100.0 + height * np.sin(np.arange(candles) * 0.9)


def test_codes_are_in_the_order_of_the_ribbon():
    assert (*REGIMES, Regime.UNKNOWN) == tuple(Regime)


@pytest.mark.parametrize(("step", "expected"), [(0.4, "trend_up"), (-0.4, "trend_down")])
def test_a_market_that_goes_one_way_is_a_trend(step, expected):
    close = 500.0 + step * np.arange(400) + 0.2 * wave(400)
    assert set(named(close, 0.3)[100:]) == {expected}


def test_a_market_that_swings_as_ever_is_a_range():
    assert set(named(wave(500), 0.3)[100:]) == {"range"}


def test_swings_that_become_wide_are_volatile_and_swings_that_die_down_quiet():
    height = np.repeat([1.0, 4.0, 0.2], [400, 60, 60])
    found = named(wave(520, height), 0.3 * height)
    assert set(found[100:400]) == {"range"}
    assert set(found[430:460]) == {"volatile"}
    assert set(found[500:]) == {"quiet"}


def test_a_market_that_stands_still_is_quiet():
    assert set(named(np.full(300, 7.0), 0.0)[FIRST:]) == {"quiet"}


@pytest.mark.parametrize("n", [0, 1, 30, FIRST])
def test_too_few_candles_have_no_regime(n):
    found = of(WALK.head(n))
    assert found.code.tolist() == [-1] * n
    assert all(column.shape == (n,) for column in columns(found))


def test_every_candle_has_a_regime_once_there_is_something_to_go_by():
    for n in (FIRST + 1, FIRST + 50, 1500):
        found = of(WALK.head(n))
        assert (found.code[:FIRST] == -1).all()
        assert ((found.code[FIRST:] >= 0) & (found.code[FIRST:] < len(REGIMES))).all()


@needs_published
def test_adx_is_wilders_but_for_weights_that_are_cut_off():
    data = quotes()
    ours = regimes(data["high"], data["low"], data["close"], PARAMS).adx
    theirs = published("adx")["adx"]
    # The weights cut off are 8e-5 of all, twice; before row 250 theirs remembers its seed.
    np.testing.assert_allclose(ours[250:], theirs[250:], atol=0.02)


def test_measures_stay_in_their_ranges():
    _, adx, efficiency, slope, volatility = (column[FIRST:] for column in columns(of(WALK)))
    assert ((adx >= 0.0) & (adx <= 100.0 * (1 + 1e-12))).all()
    assert ((efficiency >= -1.0) & (efficiency <= 1.0)).all()
    assert ((volatility >= 0.0) & (volatility <= 1.0)).all()
    assert (
        np.sign(slope[np.abs(efficiency) > 0.6]) == np.sign(efficiency[abs(efficiency) > 0.6])
    ).all()


@settings(max_examples=15)
@given(st.integers(1, 1500 - MEMORY - 1))
def test_where_a_series_begins_does_not_matter_to_the_bit(start):
    whole, part = of(WALK), of(WALK.rows(start, 1500))
    for then, now in zip(columns(part), columns(whole), strict=True):
        np.testing.assert_array_equal(then[MEMORY:], now[start + MEMORY :])


@settings(max_examples=15)
@given(st.integers(0, 1500))
def test_no_regime_is_revised(n):
    for then, now in zip(columns(of(WALK.head(n))), columns(of(WALK)), strict=True):
        if n > FIRST:
            np.testing.assert_array_equal(then, now[:n])


@pytest.mark.parametrize("factor", [2.0**-34, 2.0**17])
def test_the_unit_of_price_does_not_matter(factor):
    scaled = regimes(WALK.high * factor, WALK.low * factor, WALK.close * factor, PARAMS)
    np.testing.assert_array_equal(scaled.code, of(WALK).code)


def test_a_spike_is_forgotten_completely():
    spiked = WALK.high.copy()
    spiked[100] *= 50.0
    after = 101 + MEMORY
    found = regimes(spiked, WALK.low, WALK.close, PARAMS)
    assert not np.array_equal(found.adx[100:after], of(WALK).adx[100:after])
    for then, now in zip(columns(found), columns(of(WALK)), strict=True):
        np.testing.assert_array_equal(then[after:], now[after:])


def test_a_regime_must_hold_before_it_is_believed():
    quick, patient = of(WALK, RegimeParams(hold=1)).code, of(WALK, RegimeParams(hold=12)).code
    changes = [np.count_nonzero(np.diff(code[100:])) for code in (quick, patient)]
    assert changes[1] < changes[0] / 2


def test_what_is_not_a_number_is_survived_without_a_warning():
    absent = WALK.close.copy()
    absent[700:720] = np.nan
    found = regimes(absent, absent, absent, PARAMS)
    assert (found.code[FIRST:] >= 0).all()
    assert np.isfinite(found.adx[-1])


@needs_recordings
@pytest.mark.parametrize(
    ("symbol", "interval", "rows"),
    [
        ("BTCUSDT", Interval.M1, 40_000),
        ("ETHUSDT", Interval.M15, 3600),
        ("BTCUSDT", Interval.H1, 719),
    ],
)
def test_recorded_markets_know_every_regime_and_stay_in_it_for_a_while(symbol, interval, rows):
    code = of(recorded(symbol, interval, rows)).code[FIRST:]
    shares = np.bincount(code, minlength=len(REGIMES)) / code.size
    assert shares.min() > 0.03
    assert shares.max() < 0.60
    runs = np.diff(np.flatnonzero(np.diff(code)))
    assert np.median(runs) > 10


def test_no_choice_of_parameters_needs_more_candles_than_are_kept():
    longest = RegimeParams(**{p.name: int(p.high) for p in parameters(PARAMS)})
    assert regime_memory(longest) <= LONGEST_WARM_UP - 64
