from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.indicators.equal_levels import AVERAGED_CANDLES, LevelRules, equal_levels
from core.indicators.level_lives import STILL_LIVE, Ending
from core.indicators.mirrored_market import PriceRows
from core.indicators.swings import swing_highs
from core.indicators.volatility import true_range

RULES = LevelRules(strength=2, tolerance=0.4, height=0.1, lookback=60, life=40)


def market_of(seed, n, holes=0.0, volume=True):
    """Whole prices, so that equal ones are common, with some rows missing."""
    rng = np.random.default_rng(seed)
    close = 60.0 + np.cumsum(rng.integers(-2, 3, n))
    open_ = np.concatenate(([60.0], close[:-1]))
    kept = rng.random(n) >= holes
    return PriceRows(
        np.arange(1_000, 1_000 + n)[kept],
        (np.maximum(open_, close) + rng.integers(0, 3, n))[kept],
        (np.minimum(open_, close) - rng.integers(0, 3, n))[kept],
        close[kept],
        rng.integers(0, 9, kept.sum()).astype(float) if volume else np.zeros(kept.sum()),
    )


def upside_down(market):
    return PriceRows(market.bar, -market.low, -market.high, -market.close, market.volume)


def plainly(market, rules):
    """Levels above equal highs by the words of the docstrings, one swing at a time."""
    ranges = true_range(market.high, market.low, market.close)
    swings = [int(i) for i in swing_highs(market.high, rules.strength)]
    swings = [i for i in swings if i + rules.strength >= AVERAGED_CANDLES]
    found = []
    for newest in swings:
        known = newest + rules.strength
        usual = ranges[known - AVERAGED_CANDLES + 1 : known + 1].mean()
        equals = []
        for i in reversed([i for i in swings if newest - rules.lookback <= i < newest]):
            whole = known - (i - rules.strength)
            if market.bar[known] - market.bar[i - rules.strength] != whole:
                break
            if market.high[i] > market.high[newest] + rules.tolerance * usual:
                break
            if market.high[i] >= market.high[newest] - rules.tolerance * usual:
                equals.append(i)
        if equals:
            found.append((sorted([*equals, newest]), known, usual))
    return [(*level, *plain_end(market, rules, level, found)) for level in found]


def plain_end(market, rules, level, levels):
    touches, known, _ = level
    outer = max(market.high[i] for i in touches)
    for row in range(known + 1, len(market.bar)):
        if market.high[row] > outer:
            return row, Ending.MITIGATED if market.close[row] > outer else Ending.SWEPT
        if any(at == row and set(touches) & set(others) for others, at, _ in levels):
            return row, Ending.MERGED
        if market.bar[row] >= market.bar[known] + rules.life:
            return row, Ending.EXPIRED
    return STILL_LIVE, Ending.LIVE


def plain_strength(market, touches, rules):
    relative = []
    for i in touches:
        known = i + rules.strength
        usual = market.volume[known - AVERAGED_CANDLES + 1 : known + 1].mean()
        relative.append(market.volume[i] / usual if usual > 0 else 0.0)
    volume = np.mean(relative)
    return (1 - 0.5 ** (len(touches) - 1)) / 2 + volume / (1 + volume) / 2


@settings(max_examples=25, deadline=None)
@given(
    st.integers(0, 10_000),
    st.integers(52, 260),
    st.sampled_from([0.0, 0.02]),
    st.integers(1, 4),
    st.sampled_from([0.1, 0.5, 1.0]),
)
def test_levels_are_those_of_a_plain_search(seed, n, holes, strength, tolerance):
    rules = LevelRules(strength, tolerance, 0.1, 60, 40)
    market = market_of(seed, n, holes)
    above, below = equal_levels(market, rules)
    for levels, plain, sign in (
        (above, plainly(market, rules), 1.0),
        (below, plainly(upside_down(market), rules), -1.0),
    ):
        assert levels.first.tolist() == [touches[0] for touches, *_ in plain]
        assert levels.known.tolist() == [known for _, known, *_ in plain]
        assert levels.ended.tolist() == [ended for *_, ended, _ in plain]
        assert levels.ending.tolist() == [ending for *_, ending in plain]
        up = market if sign > 0 else upside_down(market)
        outer, inner = (levels.high, levels.low) if sign > 0 else (-levels.low, -levels.high)
        touched = [[up.high[i] for i in touches] for touches, *_ in plain]
        assert outer.tolist() == [max(prices) for prices in touched]
        assert inner.tolist() == [
            min(*prices, max(prices) - 0.1 * usual)
            for prices, (_, _, usual, *_) in zip(touched, plain, strict=True)
        ]
        strengths = [plain_strength(market, touches, rules) for touches, *_ in plain]
        np.testing.assert_allclose(levels.strength, strengths, rtol=1e-12)


def test_the_plain_search_has_found_levels_of_every_ending():
    endings = [ending for seed in range(4) for *_, ending in plainly(market_of(seed, 260), RULES)]
    assert set(endings) == set(Ending)


def test_no_candle_from_the_first_swing_to_the_confirmation_is_beyond_the_outer_edge():
    market = market_of(5, 3_000)
    above, below = equal_levels(market, RULES)
    assert min(above.first.size, below.first.size) > 50
    for first, known, high in zip(above.first, above.known, above.high, strict=True):
        assert market.high[first : known + 1].max() == high
    for first, known, low in zip(below.first, below.known, below.low, strict=True):
        assert market.low[first : known + 1].min() == low


def test_more_swings_and_more_volume_make_a_level_stronger():
    turns = [0.0, 10.0, 5.0, 10.0, 5.0, 10.0, 5.0]
    close = np.concatenate([np.linspace(-60.0, -1.0, 60), along(turns, 5)])
    market = PriceRows(np.arange(close.size), close, close, close, np.ones(close.size))
    two, three = equal_levels(market, RULES)[0].strength
    assert two == pytest.approx((1 / 2 + 1 / 2) / 2)
    assert three == pytest.approx((3 / 4 + 1 / 2) / 2)
    loud = np.where(close == 10.0, 3.0, 1.0)
    louder = PriceRows(market.bar, close, close, close, loud)
    assert np.all(equal_levels(louder, RULES)[0].strength > [two, three])


def along(turns, steps):
    """Prices on straight ways from each turn to the next."""
    ways = [np.linspace(a, b, steps, endpoint=False) for a, b in pairwise(turns)]
    return np.concatenate([*ways, turns[-1:]])


def test_without_volume_the_swings_alone_count():
    above, _ = equal_levels(market_of(7, 800, volume=False), RULES)
    assert above.strength.size > 10
    assert set(above.strength.tolist()) <= {(1 - 0.5**k) / 2 for k in range(1, 12)}


def test_a_hole_in_time_parts_swings_that_would_be_equal():
    turns = [0.0, 10.0, 0.0, 10.0, 0.0]
    close = np.concatenate([np.linspace(-60.0, -1.0, 60), along(turns, 10)])
    bar = np.arange(close.size)
    whole = PriceRows(bar, close, close, close, np.ones(close.size))
    assert equal_levels(whole, RULES)[0].first.size == 1
    parted = PriceRows(np.where(bar > 80, bar + 1, bar), close, close, close, whole.volume)
    assert equal_levels(parted, RULES)[0].first.size == 0


def test_prices_that_are_not_known_make_no_level():
    market = market_of(3, 400)
    unknown = np.full(400, np.nan)
    above, below = equal_levels(PriceRows(market.bar, *[unknown] * 4), RULES)
    assert (above.first.size, below.first.size) == (0, 0)


@pytest.mark.parametrize("n", [0, 1, 2, AVERAGED_CANDLES])
def test_too_few_candles_have_no_levels(n):
    above, below = equal_levels(market_of(1, n), RULES)
    assert (above.first.size, below.first.size) == (0, 0)
