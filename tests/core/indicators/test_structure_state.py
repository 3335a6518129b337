import numpy as np
import pytest

from core.indicators.structure_state import (
    BLOCK_DOWN,
    BLOCK_UP,
    BREAK_UP,
    GAP_DOWN,
    GAP_UP,
    TURN_DOWN,
    LastBreak,
    StructureState,
    structure_state,
)
from core.model.events import NEVER_MS, Look, Markers, Zones
from core.model.shapes import Note
from tests.builders import START_MS, candles
from tests.core.indicators.price_bars import MINUTE_MS, bars

MARKET = candles(np.full(20, 100.0))
NOTHING = StructureState(None, None, None, None, None)


def at(row):
    return START_MS + row * MINUTE_MS


def breaks(name, side, *rows):
    times = np.array([at(row) for row in rows], dtype=np.int64)
    sides = np.full(times.size, side, dtype=np.int8)
    return Markers(
        name, Look.LEVEL, sides, times, times + MINUTE_MS - 1, np.full(times.size, 100.0)
    )


def zones(name, side, *ranges):
    """Zones of (low, high, whether it has ended)."""
    n = len(ranges)
    low, high, ended = (np.array(column) for column in zip(*ranges, strict=True))
    known = np.full(n, at(3), dtype=np.int64)
    return Zones(
        name,
        np.full(n, side, dtype=np.int8),
        known.copy(),
        known,
        np.where(ended, at(9), NEVER_MS),
        low.astype(float),
        high.astype(float),
        np.full(n, 0.5),
    )


def test_the_newest_break_of_any_kind_is_the_last_one():
    shapes = [breaks(BREAK_UP, 1, 4, 10), breaks(TURN_DOWN, -1, 2, 14), Note("note", "words", 0)]
    assert structure_state(shapes, MARKET, 400).last_break == LastBreak(-1, 5, turned=True)


def test_a_break_at_the_newest_candle_is_no_candles_ago():
    state = structure_state([breaks(BREAK_UP, 1, 19)], MARKET, 400)
    assert state.last_break == LastBreak(1, 0, turned=False)


@pytest.mark.parametrize(("memory", "remembered"), [(9, True), (8, False)])
def test_a_break_is_forgotten_after_its_memory(memory, remembered):
    state = structure_state([breaks(BREAK_UP, 1, 10)], MARKET, memory)
    assert (state.last_break is not None) is remembered


def test_a_break_before_a_hole_is_forgotten():
    holed = bars([(1.0, 1.0, 1.0, 1.0)] * 20, missing=(12,))
    assert structure_state([breaks(BREAK_UP, 1, 11)], holed, 400).last_break is None
    assert structure_state([breaks(BREAK_UP, 1, 13)], holed, 400).last_break is not None


def test_distances_are_to_the_nearest_living_zone_of_each_kind():
    shapes = [
        zones(GAP_UP, 1, (90.0, 92.0, False), (94.0, 96.0, False), (98.0, 99.0, True)),
        zones(GAP_DOWN, -1, (107.0, 108.0, False)),
        zones(BLOCK_UP, 1, (99.0, 101.0, False), (80.0, 90.0, False)),
        zones(BLOCK_DOWN, -1, (103.0, 104.0, True)),
    ]
    state = structure_state(shapes, MARKET, 400)
    assert (state.gap_below, state.gap_above) == (4.0, 7.0)
    assert (state.block_below, state.block_above) == (0.0, None)


def test_where_nothing_was_drawn_nothing_is_known():
    assert structure_state([], MARKET, 400) == NOTHING
    assert structure_state([breaks(BREAK_UP, 1)], MARKET, 400) == NOTHING
