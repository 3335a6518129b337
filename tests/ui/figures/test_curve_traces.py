import numpy as np
import pytest

from core.model.candles import CandleSeries
from core.model.shapes import Band, Bars, Line, Tone
from tests.builders import random_walk
from tests.ui.figures.shapes_by_hand import signs
from ui.figures.curve_traces import curve_traces
from ui.figures.time_grid import TimeGrid
from ui.theme import DARK

NAN = float("nan")


def traces(curve, n=4, *, decimals=2, grid=None):
    grid = grid or TimeGrid.of(random_walk(n))
    return curve_traces(curve, grid, "y", decimals=decimals, palette=DARK)


def test_a_line_is_split_by_direction_and_cut_to_the_shown_candles():
    line = Line("Trend", np.array([NAN, 1.0, 2.0, 3.0, 4.0]), signs(0, 1, 1, -1, -1))
    up, down = traces(line)
    assert (up["line"]["color"], up["y"]) == (DARK.up, [1.0, 2.0, None, None])
    assert (down["line"]["color"], down["y"]) == (DARK.down, [None, None, 3.0, 4.0])


def test_where_a_line_is_not_in_force_it_is_dotted_and_quiet():
    up, rest = traces(Line("Stop", np.arange(4.0), signs(1, 1, 0, 0)))
    assert "dash" not in up["line"]
    assert (rest["line"]["dash"], rest["line"]["color"]) == ("dot", DARK.muted)
    assert rest["y"] == [None, None, 2.0, 3.0]


def test_a_line_without_direction_has_the_colour_of_its_tone():
    (drawn,) = traces(Line("EMA", np.arange(4.0), tone=Tone.SECOND))
    assert drawn["line"]["color"] == DARK.second


def test_nothing_crosses_a_hole():
    whole = random_walk(6)
    rows = [candle for i, candle in enumerate(whole) if i != 3]
    grid = TimeGrid.of(CandleSeries.from_candles(whole.symbol, whole.interval, rows))
    curve = np.arange(5.0)
    (line,) = traces(Line("Line", curve), grid=grid)
    assert line["y"] == [0.0, 1.0, 2.0, None, 3.0, 4.0]
    lower, upper = traces(Band("Band", curve + 1.0, curve.copy()), grid=grid)
    assert (lower["y"][3], upper["y"][3]) == (None, None)
    (bars,) = traces(Bars("Bars", curve + 1.0), grid=grid)
    assert bars["y"] == [1.0, 2.0, 3.0, 0.0, 4.0, 5.0]


def test_bars_are_one_path_per_colour_and_have_no_height_elsewhere():
    bars = Bars("Delta", np.array([2.0, -1.0, NAN, 3.0]), signs(1, -1, 0, 1))
    up, down = traces(bars)
    assert up["y"] == [2.0, 0.0, 0.0, 3.0]
    assert down["y"] == [0.0, -1.0, 0.0, 0.0]
    assert {up["fill"], up["line"]["shape"]} == {"tozeroy", "hvh"}


def test_quiet_bars_are_an_outline_with_gaps():
    (outline,) = traces(Bars("Seen", np.array([2.0, NAN, -1.0, 3.0]), tone=Tone.QUIET))
    assert outline["y"] == [2.0, None, -1.0, 3.0]
    assert "fill" not in outline


def test_a_band_is_filled_between_its_edges():
    lower, upper = traces(Band("Band", np.full(4, 2.0), np.full(4, 1.0)))
    assert (lower["y"], upper["y"]) == ([1.0] * 4, [2.0] * 4)
    assert "fill" not in lower
    assert upper["fill"] == "tonexty"


@pytest.mark.parametrize("scale", [1e-9, 1e-3, 1.0, 1e7])
def test_values_that_are_no_prices_keep_their_significant_digits(scale):
    y = np.array([1.234567, -0.5, 0.25, NAN]) * scale
    (drawn,) = traces(Line("MACD", y), decimals=None)
    assert drawn["y"][:3] == pytest.approx(y[:3], rel=1e-5)


def test_a_curve_of_nothing_known_draws_nothing_wrong():
    (line,) = traces(Line("Line", np.full(4, NAN)), decimals=None)
    assert line["y"] == [None] * 4
    assert traces(Line("Turn", np.full(4, NAN), signs(0, 0, 0, 0))) == []
    assert traces(Bars("Bars", np.full(4, NAN))) == []
