import numpy as np
import pytest

from core.model.events import NEVER_MS, Zones
from core.model.intervals import MINUTE_MS
from tests.builders import START_MS, random_walk
from tests.ui.figures.shapes_by_hand import zones
from ui.figures.event_rows import MOST_ROWS, shown_zones
from ui.figures.time_grid import TimeGrid
from ui.figures.zone_traces import zone_facts, zone_traces
from ui.theme import DARK

CANDLES = random_walk(30)
GRID = TimeGrid.of(CANDLES)
TIMES = CANDLES.open_time_ms.tolist()


def drawn(*made):
    rows = [zone for table in made for zone in table]
    return zone_traces(rows, GRID, decimals=2, palette=DARK)


def fills(traces):
    return [trace for trace in traces if trace.get("fill") == "toself"]


def test_a_zone_is_filled_from_when_it_was_known_and_outlined_before():
    filled, outlined = drawn(zones(CANDLES, from_row=2, known_row=5, ended_row=9))
    assert (min(filled["x"][:4]), max(filled["x"][:4])) == (TIMES[5], TIMES[9])
    assert (min(outlined["x"][:4]), max(outlined["x"][:4])) == (TIMES[2], TIMES[5])
    assert outlined["line"]["dash"] == "dot"
    assert "fill" not in outlined


def test_a_zone_that_lives_reaches_beyond_the_newest_candle():
    (filled, *_) = drawn(zones(CANDLES))
    assert max(filled["x"][:4]) > TIMES[-1] + 100 * MINUTE_MS


def test_a_zone_known_where_it_begins_has_no_outline():
    assert len(drawn(zones(CANDLES, from_row=5, known_row=5))) == 1


@pytest.mark.parametrize(("weak", "strong"), [(0.1, 0.5), (0.5, 1.0)])
def test_the_stronger_the_more_colour(weak, strong):
    opacities = [
        float(fills(drawn(zones(CANDLES, strength=s)))[0]["fillcolor"].rstrip(")").split(",")[-1])
        for s in (weak, strong)
    ]
    assert opacities[0] < opacities[1]


def test_a_zone_to_which_something_happened_is_fainter_than_any_other():
    swept = zones(CANDLES, strength=1.0, events=[("swept", TIMES[9])])
    untouched = zones(CANDLES, strength=0.0)
    faint, full = (fills(drawn(z))[0]["fillcolor"] for z in (swept, untouched))
    assert float(faint.rstrip(")").split(",")[-1]) < float(full.rstrip(")").split(",")[-1])


def test_zones_of_one_look_are_one_trace_and_sides_differ():
    held = [zones(CANDLES, from_row=i, known_row=i) for i in range(5)]
    assert len(drawn(*held)) == 1
    both = fills(drawn(*held, zones(CANDLES, from_row=2, known_row=2, side=-1)))
    assert len({trace["fillcolor"] for trace in both}) == 2


def test_a_pointer_may_ask_for_everything_a_zone_says():
    (fact,) = zone_facts(zones(CANDLES, events=[("swept", TIMES[9]), ("merged", NEVER_MS)]))
    name, from_ms, known_ms, ended_ms, low, high, events = fact
    assert (name, from_ms, known_ms) == ("Zone", TIMES[2], TIMES[6] - 1)
    assert ended_ms is None
    assert low < high
    assert events == {"swept": TIMES[9]}


def test_zones_that_ended_before_the_first_shown_candle_are_left_out():
    later = TimeGrid.of(CANDLES.tail(10))
    assert len(shown_zones(zones(CANDLES, ended_row=9), later)) == 0
    assert len(shown_zones(zones(CANDLES, ended_row=25), later)) == 1
    assert len(shown_zones(zones(CANDLES), later)) == 1


def test_of_very_many_zones_the_newest_are_drawn():
    n = MOST_ROWS + 20
    at_ms = START_MS + np.arange(n) * 1000
    many = Zones(
        "Zone",
        np.ones(n, dtype=np.int8),
        at_ms,
        at_ms + 60_000,
        np.full(n, NEVER_MS),
        np.ones(n),
        np.ones(n),
        np.ones(n),
    )
    left = shown_zones(many, GRID)
    assert len(left) == MOST_ROWS
    assert int(left.from_ms[-1]) == int(at_ms[-1])
