import numpy as np

from core.model.shapes import Ribbon
from tests.builders import random_walk
from tests.ui.figures.shapes_by_hand import STATES, signs
from ui.figures.ribbon_traces import backdrop, strip
from ui.figures.time_grid import TimeGrid
from ui.figures.tones import faded
from ui.theme import DARK

GRID = TimeGrid.of(random_walk(6))
CODE = signs(-1, -1, 0, 0, 2, 2)


def shade(trace, cell):
    """Colour that Plotly gives a cell."""
    share = (cell - trace["zmin"]) / (trace["zmax"] - trace["zmin"])
    return next(colour for at, colour in reversed(trace["colorscale"]) if at <= share)


def test_a_backdrop_is_faint_colour_over_the_pane_and_a_slim_bar_at_its_foot():
    behind, slim = backdrop(Ribbon("Regime", CODE, STATES), GRID, DARK)
    assert behind["z"] == slim["z"]
    (cells,) = behind["z"]
    assert cells[:2] == [None, None]
    faint, strong = shade(behind, cells[2]), shade(slim, cells[2])
    assert strong.rsplit(",", 1)[0] == faint.rsplit(",", 1)[0]
    assert strong.startswith(faded(DARK.down, 1.0).rsplit(",", 1)[0])
    assert float(faint[:-1].rsplit(",", 1)[1]) < 0.1 < float(strong[:-1].rsplit(",", 1)[1])
    assert behind["y"] == [0.0, 1.0]
    assert slim["y"][1] < 0.05


def test_a_strip_has_one_row_per_ribbon_the_first_on_top():
    ribbons = [Ribbon("1m", CODE, STATES), Ribbon("1h", np.full(6, 2, dtype=np.int8), STATES)]
    drawn, hairlines = strip("Strip", ribbons, GRID, "y4", DARK)
    assert hairlines["y"] == [0.5, 0.5, None]
    lower, upper = drawn["z"]
    assert None in upper
    assert {shade(drawn, cell)[:-1].rsplit(",", 1)[0] for cell in lower} == {
        faded(DARK.up, 1.0)[:-1].rsplit(",", 1)[0]
    }
    assert drawn["y"] == [0, 1]


def test_the_stronger_a_state_the_stronger_its_colour():
    strength = np.array([np.nan, np.nan, 0.1, 0.9, 0.1, 1.0])
    drawn, _ = strip("Strip", [Ribbon("1m", CODE, STATES, strength)], GRID, "y4", DARK)
    opacity = [float(shade(drawn, c)[:-1].rsplit(",", 1)[1]) for c in drawn["z"][0][2:]]
    assert opacity[0] < opacity[1]
    assert opacity[2] < opacity[3]


def test_a_state_without_strength_has_its_full_colour():
    plain, _ = strip("Strip", [Ribbon("1m", CODE, STATES)], GRID, "y4", DARK)
    strongest, _ = strip("Strip", [Ribbon("1m", CODE.copy(), STATES, np.ones(6))], GRID, "y4", DARK)
    assert plain["z"] == strongest["z"]
