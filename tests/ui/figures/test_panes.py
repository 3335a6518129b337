from itertools import pairwise

import numpy as np
import pytest

from core.model.overlay import Pane
from core.model.shapes import Line
from tests.builders import random_walk
from tests.ui.figures.shapes_by_hand import every_kind, overlay
from ui.figures.fact_traces import ShownFunding, ShownOpenInterest
from ui.figures.panes import layout_name, panes
from ui.look import FactPane
from ui.theme import DARK

N = 20


def arranged(overlays):
    return panes(overlays, decimals=2, palette=DARK)


def line(*, own_scale=False):
    return Line("Line", np.ones(N), own_scale=own_scale)


def oscillators(count):
    return [overlay(line(), key=f"o{i}", pane=Pane.OSCILLATOR) for i in range(count)]


def domains(layout):
    return [axis["domain"] for axis in layout.layout.values() if "domain" in axis]


@pytest.mark.parametrize("count", [0, 1, 4, 9])
def test_price_keeps_more_than_half_of_the_height_however_many_panes_there_are(count):
    layout = arranged([*oscillators(count), *every_kind(random_walk(N))])
    low, high = layout.layout["yaxis"]["domain"]
    assert high - low >= 0.55 - 1e-9
    assert high == 1.0


def test_panes_follow_each_other_downwards_without_touching():
    shares = domains(arranged(every_kind(random_walk(N))))
    assert len(shares) == 5  # price, volume, two oscillators, a strip
    for (low, _), (below_low, below_high) in pairwise(shares):
        assert 0.0 <= below_low < below_high < low


def test_facts_have_panes_below_all_others_and_the_time_under_the_last():
    facts = {fact.pane: fact for fact in (ShownFunding(), ShownOpenInterest())}
    drawn = every_kind(random_walk(N))
    layout = panes(drawn, facts, decimals=2, palette=DARK)
    shares = domains(layout)
    assert len(shares) == 7
    for (low, _), (below_low, below_high) in pairwise(shares):
        assert 0.0 <= below_low < below_high < low
    assert layout.lowest == layout.facts[FactPane.OPEN_INTEREST]
    assert layout.layout["yaxis"]["domain"][0] <= 0.45 + 1e-9


def test_the_panes_below_the_price_are_named_by_what_they_show_from_the_top():
    facts = {FactPane.FUNDING: ShownFunding()}
    layout = panes(oscillators(2), facts, decimals=2, palette=DARK)
    assert list(layout.below) == ["volume", "o0", "o1", "funding"]
    tops = [layout.layout[layout_name(axis)]["domain"][1] for axis in layout.below.values()]
    assert tops == sorted(tops, reverse=True)


def test_price_overlays_need_no_pane():
    layout = arranged([overlay(line())])
    assert layout.axes["made"].main == "y"
    assert layout.lowest == "y2"
    assert len(domains(layout)) == 2


def test_a_line_with_its_own_scale_has_a_hidden_axis_over_its_pane():
    layout = arranged([overlay(line(), line(own_scale=True), pane=Pane.OSCILLATOR)])
    axes = layout.axes["made"]
    assert axes.main != axes.own
    own = layout.layout[axes.own.replace("y", "yaxis")]
    assert own["overlaying"] == axes.main
    assert own["visible"] is False
    assert {axes.main, axes.own} <= set(layout.follow)


def test_a_pane_with_bounds_does_not_follow_its_values_and_shows_its_guides():
    made = overlay(line(), pane=Pane.OSCILLATOR, guides=(30.0, 70.0), bounds=(0.0, 100.0))
    layout = arranged([made])
    axis = layout.layout["yaxis4"]
    assert axis["range"] == [0.0, 100.0]
    assert axis["tickvals"] == [30.0, 70.0]
    assert layout.axes["made"].main not in layout.follow


def test_time_is_written_under_the_lowest_pane():
    strip = every_kind(random_walk(N))[3]
    layout = arranged([strip, *oscillators(2)])
    assert layout.lowest == layout.axes["strip"].main
    lowest = layout.layout[layout.lowest.replace("y", "yaxis")]["domain"]
    assert lowest[0] == min(low for low, _ in domains(layout))


def test_the_names_of_a_strips_rows_are_left_out_where_they_would_overlap():
    strip = every_kind(random_walk(N))[3]
    alone, crowded = (arranged([strip, *oscillators(count)]) for count in (0, 8))
    told = [
        layout.layout[layout.axes["strip"].main.replace("y", "yaxis")]["showticklabels"]
        for layout in (alone, crowded)
    ]
    assert told == [True, False]
