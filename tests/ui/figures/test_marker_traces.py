from core.model.events import Look
from core.model.intervals import Interval
from tests.builders import random_walk
from tests.ui.figures.shapes_by_hand import markers
from ui.figures.event_rows import shown_markers
from ui.figures.marker_traces import marker_traces
from ui.figures.time_grid import TimeGrid
from ui.theme import DARK

CANDLES = random_walk(60)
GRID = TimeGrid.of(CANDLES)
TIMES = CANDLES.open_time_ms.tolist()


def drawn(*made, grid=GRID):
    rows = [marker for table in made for marker in table]
    return marker_traces(rows, grid, decimals=2, palette=DARK)


def test_points_of_all_looks_share_a_trace_and_differ_by_symbol():
    (points,) = drawn(
        markers(CANDLES, [3], look=Look.DOT),
        markers(CANDLES, [4], look=Look.ARROW, side=-1),
        markers(CANDLES, [5], look=Look.DIAMOND),
    )
    assert points["marker"]["symbol"] == ["circle", "triangle-down", "diamond"]
    assert points["marker"]["line"]["color"] == [DARK.up, DARK.down, DARK.up]


def test_a_level_is_a_line_from_where_it_began_with_its_name_at_the_end():
    levels, names = drawn(markers(CANDLES, [9], look=Look.LEVEL, from_rows=[4], name="BOS up"))
    price = round(float(CANDLES.close[9]), 2)
    assert levels["x"] == [TIMES[4], TIMES[9], None]
    assert levels["y"] == [price, price, None]
    assert (names["x"], names["text"]) == ([TIMES[9]], ["BOS up"])


def test_the_names_of_only_the_newest_levels_are_written():
    rows = list(range(5, 55))
    levels, names = drawn(
        markers(CANDLES, rows, look=Look.LEVEL, from_rows=[row - 3 for row in rows])
    )
    assert len(levels["x"]) == 3 * 50
    assert len(names["x"]) < 50
    assert names["x"][-1] == TIMES[54]


def test_a_marker_tells_when_it_was_known():
    (prompt,) = drawn(markers(CANDLES, [3]))
    assert prompt["text"] == ["turns up<br>known at 00:04"]
    (late,) = drawn(markers(CANDLES, [3], late=5))
    assert late["text"] == ["turns up<br>drawn from 00:03, known at 00:09"]


def test_markers_of_long_bars_are_told_with_their_day():
    days = random_walk(9, interval=Interval.D1)
    (points,) = drawn(markers(days, [3]), grid=TimeGrid.of(days))
    assert points["text"][0].endswith("known at 2025-06-19 00:00")


def test_markers_before_the_first_shown_candle_are_left_out():
    later = TimeGrid.of(CANDLES.tail(10))
    assert shown_markers(markers(CANDLES, [3, 55]), later).at_ms.tolist() == [TIMES[55]]
