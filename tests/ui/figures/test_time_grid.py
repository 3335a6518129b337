import numpy as np

from core.model.candles import CandleSeries
from core.model.intervals import MINUTE_MS
from tests.builders import START_MS, random_walk
from ui.figures.time_grid import TimeGrid


def with_hole(n, missing):
    whole = random_walk(n)
    rows = [candle for i, candle in enumerate(whole) if i not in missing]
    return CandleSeries.from_candles(whole.symbol, whole.interval, rows)


def minutes(grid):
    return ((grid.open_time_ms - START_MS) // MINUTE_MS).tolist()


def test_candles_without_a_hole_are_told_by_the_first_and_the_step():
    grid = TimeGrid.of(random_walk(6))
    assert grid.x() == {"x0": START_MS, "dx": MINUTE_MS}
    assert grid.column(np.arange(10.0)).tolist() == [4.0, 5.0, 6.0, 7.0, 8.0, 9.0]


def test_a_hole_has_a_break_beside_each_of_its_edges():
    grid = TimeGrid.of(with_hole(10, {3, 4, 5, 6}))
    assert minutes(grid) == [0, 1, 2, 3, 6, 7, 8, 9]
    column = grid.column(np.arange(6.0))
    assert np.isnan(column).tolist() == [False] * 3 + [True] * 2 + [False] * 3
    assert grid.codes(np.ones(6, dtype=np.int8)).tolist() == [1, 1, 1, -1, -1, 1, 1, 1]
    assert grid.x() == {"x": grid.open_time_ms.tolist()}


def test_a_hole_of_one_candle_has_one_break():
    assert minutes(TimeGrid.of(with_hole(5, {2}))) == [0, 1, 2, 3, 4]
    assert TimeGrid.of(with_hole(5, {2})).rows.tolist() == [0, 1, -1, 2, 3]


def test_one_candle_is_a_grid():
    grid = TimeGrid.of(random_walk(1))
    assert (grid.first_ms, grid.last_ms) == (START_MS, START_MS)
