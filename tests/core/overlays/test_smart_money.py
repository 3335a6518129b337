import numpy as np
import pytest

from core.indicators.structure_state import structure_state
from core.model.events import NEVER_MS, Look, Markers, Zones
from core.model.intervals import Interval
from core.model.market_view import MarketView
from core.model.overlay import LONGEST_WARM_UP, Group
from core.overlays.smart_money import OVERLAY, SmartMoneyParams, smart_money_shapes
from tests.builders import random_walk
from tests.core.indicators.price_bars import bars, rough_market
from tests.core.overlays.contract import assert_nothing_repaints, assert_the_start_does_not_matter

M1 = Interval.M1
SHORT = SmartMoneyParams(strength=2, level_candles=20, memory_candles=20, zone_candles=30)
FILTERED = SmartMoneyParams(
    strength=3, level_candles=40, memory_candles=60, join_gaps=3, smallest_gap_atr=0.2
)


def drawn(market, params=OVERLAY.defaults):
    return {shape.name: shape for shape in smart_money_shapes(MarketView(market), params)}


def rows_of(market, times):
    return np.searchsorted(market.open_time_ms, times)


def test_it_draws_swings_breaks_gaps_and_blocks():
    shapes = drawn(random_walk(1500))
    assert list(shapes) == [
        "Swing high",
        "Swing low",
        "BOS up",
        "BOS down",
        "CHoCH up",
        "CHoCH down",
        "Bullish FVG",
        "Bearish FVG",
        "Bullish order block",
        "Bearish order block",
    ]
    assert all(len(shape) > 5 for shape in shapes.values())
    assert OVERLAY.group is Group.STRUCTURE


def test_a_swing_is_drawn_at_its_candle_and_known_as_many_candles_later_as_it_is_strong():
    market = random_walk(600)
    for params in (OVERLAY.defaults, SmartMoneyParams(strength=9)):
        swings = drawn(market, params)["Swing high"]
        later = (swings.confirmed_ms + 1 - swings.at_ms) // M1.duration_ms - 1
        assert set(later) == {params.strength}
        assert swings.price.tolist() == market.high[rows_of(market, swings.at_ms)].tolist()


def test_a_break_is_a_level_from_its_swing_to_the_close_that_broke_it():
    market = random_walk(1500)
    shapes = drawn(market)
    for name, side, price in (("BOS up", 1, market.high), ("CHoCH down", -1, market.low)):
        breaks = shapes[name]
        assert breaks.look is Look.LEVEL
        assert set(breaks.side) == {side}
        assert breaks.price.tolist() == price[rows_of(market, breaks.from_ms)].tolist()
        close = market.close[rows_of(market, breaks.at_ms)]
        assert np.all(side * close > side * breaks.price)
        assert np.all(breaks.confirmed_ms == breaks.at_ms + M1.duration_ms - 1)


def test_a_gap_is_drawn_from_the_middle_candle_and_known_at_the_close_of_the_third():
    gaps = drawn(random_walk(600))["Bullish FVG"]
    assert set(gaps.confirmed_ms - gaps.from_ms) == {2 * M1.duration_ms - 1}


def test_a_gap_ends_when_price_comes_back_or_when_it_expires():
    market = random_walk(1500)
    gaps = drawn(market, SHORT)["Bearish FVG"]
    for gap in gaps:
        (first,) = rows_of(market, [gap.confirmed_ms + 1])
        back = np.flatnonzero(market.high[first : first + SHORT.zone_candles] >= gap.low)
        if back.size:
            ended = market.interval.close_time_ms(int(market.open_time_ms[first + back[0]]))
            assert (gap.ended_ms, gap.events) == (ended, {"mitigated": ended})
        elif first - 1 + SHORT.zone_candles < len(market):
            ended = gap.confirmed_ms + SHORT.zone_candles * M1.duration_ms
            assert (gap.ended_ms, gap.events) == (ended, {"expired": ended})
        else:
            assert (gap.ended_ms, gap.events) == (None, {})
    assert all(np.any(gaps.events[name] != NEVER_MS) for name in ("mitigated", "expired"))


def test_a_block_outlives_its_mitigation_but_not_a_close_through_it():
    shapes = drawn(random_walk(3000))
    blocks = [*shapes["Bullish order block"], *shapes["Bearish order block"]]
    broken = [block for block in blocks if "broken" in block.events]
    assert len(broken) > 10
    for block in broken:
        assert block.ended_ms == block.events["broken"] >= block.events["mitigated"]
    assert any(b.ended_ms is None and "mitigated" in b.events for b in blocks)


def test_small_gaps_can_be_left_out_and_successive_ones_joined():
    market = random_walk(2000)
    every = drawn(market)["Bullish FVG"]
    large = drawn(market, SmartMoneyParams(smallest_gap_atr=0.3))["Bullish FVG"]
    assert 0 < len(large) < len(every)
    assert set(large.confirmed_ms) < set(every.confirmed_ms)
    joined = drawn(market, SmartMoneyParams(join_gaps=12))["Bullish FVG"]
    assert np.any(joined.events["joined"] != NEVER_MS)
    assert np.all(every.events["joined"] == NEVER_MS)
    assert joined.from_ms.tolist() != every.from_ms.tolist()


@pytest.mark.parametrize("params", [SHORT, FILTERED], ids=["short", "filtered"])
@pytest.mark.parametrize("missing", [0.0, 0.01], ids=["whole", "holed"])
def test_with_other_parameters_nothing_repaints_and_the_start_does_not_matter(params, missing):
    warm = OVERLAY.warm_up_candles(params, M1)
    view = MarketView(rough_market(warm + 400, 5, tick=0.02, missing=missing))
    n = len(view.candles)
    assert_nothing_repaints(OVERLAY, view, range(1, n, 13), params)
    windows = [(start, n) for start in range(1, n - warm - 1, 13)]
    assert_the_start_does_not_matter(OVERLAY, view, windows, params)


def test_the_longest_warm_up_is_allowed():
    widest = SmartMoneyParams(20, 360, 500, 900, 12, 5.0)
    assert OVERLAY.warm_up_candles(widest, M1) <= LONGEST_WARM_UP


@pytest.mark.parametrize(
    "params",
    [
        SmartMoneyParams(strength=12, level_candles=20, memory_candles=60, zone_candles=20),
        SmartMoneyParams(strength=2, level_candles=20, memory_candles=20, zone_candles=90),
    ],
    ids=["long memory", "long lives"],
)
def test_structure_at_the_newest_candle_is_the_same_in_every_window_of_the_warm_up(params):
    warm = OVERLAY.warm_up_candles(params, M1)
    market = random_walk(1500, seed=3)
    remembered = 0
    for stop in range(warm + 1, len(market), 5):
        alone = state(market.rows(stop - warm - 1, stop), params)
        assert alone == state(market.head(stop), params)
        remembered += alone.last_break is not None
    assert remembered > 100


def state(market, params):
    shapes = smart_money_shapes(MarketView(market), params)
    return structure_state(shapes, market, params.memory_candles)


@pytest.mark.parametrize("price", [1e-8, 1e6])
def test_structure_is_the_same_at_any_price(price):
    """Scaled by the nearest power of two, which changes no comparison."""
    market = random_walk(500)
    scale = 2.0 ** round(np.log2(price / 100.0))
    prices = zip(market.open, market.high, market.low, market.close, strict=True)
    scaled = bars([(o * scale, h * scale, low * scale, c * scale) for o, h, low, c in prices])
    for ours, other in zip(drawn(market).values(), drawn(scaled).values(), strict=True):
        assert isinstance(ours, Markers | Zones)
        assert ours.confirmed_ms.tolist() == other.confirmed_ms.tolist()
        if isinstance(ours, Zones):
            assert ours.ended_ms.tolist() == other.ended_ms.tolist()
            assert ours.strength.tolist() == other.strength.tolist()
