from itertools import pairwise

import numpy as np
import pytest

from core.indicators.regime import REGIMES, RegimeParams, regimes
from core.model.intervals import Interval
from core.model.market_view import MarketView
from core.model.overlay import LONGEST_WARM_UP
from core.model.parameters import parameters
from core.overlays.market_regime import OVERLAY, regime_shapes
from tests.builders import candles, random_walk

MARKET = random_walk(900)


def shapes(market=MARKET):
    return regime_shapes(MarketView(market), OVERLAY.defaults)


def test_the_ribbon_has_a_state_for_each_regime_in_its_order():
    ribbon, _ = shapes()
    assert [state.key for state in ribbon.states] == [regime.value for regime in REGIMES]
    found = regimes(MARKET.high, MARKET.low, MARKET.close, RegimeParams())
    np.testing.assert_array_equal(ribbon.code, found.code)


def test_the_note_speaks_of_the_newest_candle_and_counts_since_when():
    ribbon, _ = shapes()
    changes = np.flatnonzero(np.diff(ribbon.code[100:])) + 101
    start, stop = next((a, b) for a, b in pairwise(changes) if 9 < b - a < 64)
    label = ribbon.states[ribbon.code[start]].label
    for age in (1, 2, 9):
        view = MarketView(MARKET.head(int(start) + age))
        _, note = regime_shapes(view, OVERLAY.defaults)
        counted = "1 candle" if age == 1 else f"{age} candles"
        assert note.text.startswith(f"{label} for {counted}: ADX ")
        assert note.known_ms == view.known_ms
    assert stop - start > 9


def test_a_regime_that_has_long_stood_is_said_to_have_stood_at_least_so_long():
    _, note = shapes(candles(np.full(300, 5.0)))
    assert note.text.startswith("Quiet for 64 candles or more: ")


def test_the_note_recommends_what_serves_and_advises_against_what_misleads():
    _, note = shapes(candles(100.0 + 0.5 * np.arange(300)))
    assert note.text.startswith("Trend up for ")
    assert "Enable supertrend, chandelier exit" in note.text
    assert "Disable RSI." in note.text


@pytest.mark.parametrize("n", [0, 1, 60])
def test_without_candles_to_judge_by_the_note_says_so(n):
    ribbon, note = shapes(MARKET.head(n))
    assert (ribbon.code == -1).all()
    assert note.text == "Not known yet: too few candles to judge by."


def test_the_warm_up_is_never_too_long():
    assert OVERLAY.warm_up_candles(OVERLAY.defaults, Interval.M1) <= 480
    longest = RegimeParams(**{p.name: int(p.high) for p in parameters(OVERLAY.defaults)})
    assert OVERLAY.warm_up_candles(longest, Interval.M1) <= LONGEST_WARM_UP
