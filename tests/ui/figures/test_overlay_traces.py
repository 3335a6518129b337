import json

import numpy as np
import plotly.graph_objects as go
import pytest

from core.model.events import Look
from core.model.overlay import Pane
from core.model.shapes import Bars, Line, Note, Ribbon, RibbonState, Tone
from tests.builders import random_walk
from tests.ui.figures.shapes_by_hand import every_kind, markers, overlay, signs, zones
from ui.figures.price_chart import price_chart
from ui.theme import DARK


def chart(series, overlays):
    return price_chart(series, overlays, (), decimals=2, palette=DARK)


def names(figure):
    return {trace["name"] for trace in figure["data"]}


@pytest.mark.parametrize("n", [9, 60])
def test_every_shape_is_drawn_and_plotly_accepts_it(n):
    series = random_walk(n)
    figure = chart(series, every_kind(series))
    go.Figure(figure)
    json.dumps(figure, allow_nan=False)
    assert names(figure) >= {
        *("Trend", "Band", "Regime", "Zones", "Events", "Levels", "Names of levels"),
        *("Delta", "Sum", "Seen", "RSI", "Strip", "Score", "Volume profile"),
    }


def test_without_a_candle_no_overlay_is_drawn():
    series = random_walk(0)
    figure = chart(series, every_kind(series))
    assert names(figure) == {"BTCUSDT", "Volume"}


def test_without_a_candle_there_is_no_pane_either():
    layout = chart(random_walk(0), every_kind(random_walk(9)))["layout"]
    assert [name for name in layout if name.startswith("yaxis")] == ["yaxis"]
    assert layout["xaxis"]["anchor"] == "y"


def test_a_pane_in_which_nothing_is_known_is_drawn_all_the_same():
    nothing = np.full(30, np.nan)
    made = overlay(
        Bars("Bars", nothing), Line("Sum", nothing.copy(), own_scale=True), pane=Pane.OSCILLATOR
    )
    figure = chart(random_walk(30), [made])
    assert figure["layout"]["xaxis"]["anchor"] in {trace.get("yaxis") for trace in figure["data"]}


def test_only_the_shown_part_of_an_overlay_is_drawn():
    series = random_walk(60)
    figure = chart(series.tail(20), every_kind(series))
    trend = [trace for trace in figure["data"] if trace["name"] == "Trend"]
    assert {len(trace["y"]) for trace in trend} == {20}
    known = sum(value is not None for trace in trend for value in trace["y"])
    assert known == 20


def test_what_overlays_say_can_never_become_markup():
    series = random_walk(30)
    evil = "<img src=x>"
    states = (RibbonState("a", evil, Tone.UP),)
    overlays = [
        overlay(markers(series, [9], name=evil), markers(series, [12], look=Look.LEVEL, name=evil)),
        overlay(Ribbon(evil, np.zeros(30, dtype=np.int8), states), key="strip", pane=Pane.STRIP),
    ]
    figure = chart(series, overlays)
    layout = figure["layout"]
    drawn = [trace.get(part) for trace in figure["data"] for part in ("text", "hovertext")]
    axes = [axis.get("ticktext") for name, axis in layout.items() if name.startswith("yaxis")]
    assert "&lt;img" in json.dumps(drawn)
    assert "&lt;img" in json.dumps(axes)
    assert "<img" not in json.dumps([drawn, axes])


def test_alike_zones_and_markers_of_several_overlays_share_traces():
    series = random_walk(30)
    one = chart(series, [overlay(zones(series), markers(series, [9]), key="a")])
    two = chart(
        series,
        [overlay(zones(series), markers(series, [9, 11]), key=key) for key in ("a", "b", "c")],
    )
    assert len(two["data"]) == len(one["data"])
    (events,) = (trace for trace in two["data"] if trace["name"] == "Events")
    assert len(events["x"]) == 6
    assert len(two["layout"]["meta"]["zones"]) == 3


def test_the_page_is_told_what_it_needs_to_write_values_states_and_notes():
    series = random_walk(30)
    shapes = (
        Line("Trend", series.close.copy()),
        Ribbon("Regime", signs(*[-1] * 10, *[2] * 20), (*_states(),)),
        Note("Regime", "enable this", 1),
    )
    meta = chart(series, [overlay(*shapes, key="k", title="T")])["layout"]["meta"]
    (entry,) = meta["legend"]
    assert (entry["key"], entry["title"], entry["axis"]) == ("k", "T", "y")
    assert entry["curves"] == [{"name": "Trend", "kind": "line"}]
    (ribbon,) = entry["ribbons"]
    times = series.open_time_ms.tolist()
    assert (ribbon["from_ms"], ribbon["codes"]) == ([times[0], times[10]], [-1, 2])
    assert entry["note"] == "enable this"
    assert meta["axes"] == {"k": ["y", "y"]}


def _states():
    return (RibbonState(word, word, Tone.UP) for word in "abc")
