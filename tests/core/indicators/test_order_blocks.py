import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.indicators.candle_ranges import CandleRanges
from core.indicators.market_structure import StructureRules, structure_breaks, whole_swings
from core.indicators.order_blocks import order_blocks
from tests.builders import candles
from tests.core.indicators.price_bars import bars, rough_market

RULES = StructureRules(2, level_candles=300, memory_candles=400)
RALLY = [
    (1.0, 2.0, 1.0, 2.0),
    (2.0, 3.0, 2.0, 3.0),
    (3.0, 6.0, 3.0, 5.0),  # the swing high
    (5.0, 5.5, 4.0, 4.5),
    (4.5, 4.8, 3.0, 3.5),  # the last falling candle
    (3.5, 4.0, 2.0, 3.8),  # the lowest low
    (3.8, 5.8, 3.5, 5.5),
    (5.5, 8.0, 5.0, 7.0),  # closes above the swing high
]


def blocks_of(market, rules=RULES):
    ranges = CandleRanges(market, rules.level_candles + rules.strength)
    breaks = structure_breaks(market, whole_swings(market, rules.strength), rules, ranges)
    return order_blocks(market, breaks, ranges), breaks


def upside_down(rows):
    return [(20.0 - o, 20.0 - low, 20.0 - h, 20.0 - c) for o, h, low, c in rows]


def test_the_block_is_the_last_falling_candle_before_the_low_from_which_price_broke_out():
    blocks, _ = blocks_of(bars(RALLY))
    assert (blocks.from_row.tolist(), blocks.confirmed_row.tolist()) == ([4], [7])
    assert (blocks.side.tolist(), blocks.low.tolist(), blocks.high.tolist()) == ([1], [3.0], [4.8])
    assert blocks.strength.tolist() == [(7.0 - 6.0) / (7.0 - 3.0)]


def test_a_fall_has_the_same_block_upside_down():
    blocks, _ = blocks_of(bars(upside_down(RALLY)))
    assert blocks.from_row.tolist() == [4]
    assert (blocks.side.tolist(), blocks.low.tolist(), blocks.high.tolist()) == (
        [-1],
        [15.2],
        [17.0],
    )


def test_without_a_candle_against_the_move_there_is_no_block():
    rows = [*RALLY[:3], (3.9, 5.5, 3.8, 4.0), (3.0, 4.8, 2.9, 3.5), *RALLY[5:]]
    blocks, breaks = blocks_of(bars(rows))
    assert breaks.row.tolist() == [7]
    assert len(blocks) == 0


def test_a_block_that_the_close_has_not_left_is_none():
    wick = [*RALLY[:5], (5.5, 9.0, 4.0, 4.5), (3.0, 5.8, 2.5, 5.5), RALLY[7]]
    blocks, breaks = blocks_of(bars(wick))
    assert breaks.row.tolist() == [7]
    assert len(blocks) == 0
    wick[5] = (5.5, 6.9, 4.0, 4.5)
    assert blocks_of(bars(wick))[0].from_row.tolist() == [5]


def slow_blocks(market, breaks):
    """The definition, one break after the other."""
    found = []
    for stop, swing, side in zip(breaks.row, breaks.swing_row, breaks.side, strict=True):
        price = market.low if side > 0 else -market.high
        begin = swing + 1 + int(np.argmin(price[swing + 1 : stop]))
        against = [r for r in range(swing, begin + 1) if side * (market.open - market.close)[r] > 0]
        if not against:
            continue
        block = against[-1]
        near = market.high[block] if side > 0 else market.low[block]
        if side * (market.close[stop] - near) <= 0:
            continue
        found.append((block, int(stop), int(side)))
    return found


@given(st.integers(0, 10_000), st.sampled_from([0.02, 0.2]), st.sampled_from([1, 2, 5]))
@settings(max_examples=12, deadline=None)
def test_blocks_are_those_of_the_definition(seed, tick, strength):
    market = rough_market(300, seed, tick=tick, missing=0.005)
    blocks, breaks = blocks_of(market, StructureRules(strength, 300, 400))
    columns = (blocks.from_row, blocks.confirmed_row, blocks.side)
    ours = list(zip(*(column.tolist() for column in columns), strict=True))
    assert ours == slow_blocks(market, breaks)
    assert np.all((blocks.strength > 0.0) & (blocks.strength <= 1.0))


@pytest.mark.parametrize("n", [0, 1, 60])
def test_short_and_flat_markets_have_no_blocks(n):
    assert len(blocks_of(candles(np.full(n, 5.0)))[0]) == 0
