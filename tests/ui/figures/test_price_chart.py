import numpy as np
import plotly.graph_objects as go
import pytest

from core.model.intervals import Interval
from core.model.overlay import Pane
from core.model.shapes import Line
from tests.builders import START_MS, candles, random_walk
from ui.figures.drawn_overlay import DrawnOverlay
from ui.figures.price_chart import price_chart
from ui.figures.signal_marks import SignalMark
from ui.theme import DARK

MINUTE_MS = Interval.M1.duration_ms


def chart(series, shapes=(), marks=()):
    overlay = DrawnOverlay("band", "Band", Pane.PRICE, tuple(shapes))
    return price_chart(series, [overlay], marks, decimals=2, palette=DARK)


def mark(at_ms, direction="LONG", **changes):
    values = {
        "interval": "1m",
        "strength": "STRONG_BUY",
        "score": 0.6,
        "confidence": 71.0,
        "entry": 100.0,
        "stop": 99.0,
        "target": 103.0,
        "reasons": ("trend up",),
        "outcome": "position open",
    }
    return SignalMark(open_time_ms=at_ms, direction=direction, **values | changes)


def traces(figure, kind):
    return [trace for trace in figure["data"] if trace["type"] == kind]


def test_candles_are_drawn_as_they_are():
    figure = chart(random_walk(5))
    (drawn,) = traces(figure, "candlestick")
    series = random_walk(5)
    assert drawn["x"] == series.open_time_ms.tolist()
    for column in ("open", "high", "low", "close"):
        assert drawn[column] == pytest.approx(getattr(series, column), abs=0.005)


def test_volume_has_its_own_pane_and_the_colour_of_its_candle():
    figure = chart(candles([100, 101]))
    (volume,) = traces(figure, "bar")
    assert volume["yaxis"] == "y2"
    assert volume["y"] == [10.0, 10.0]
    assert volume["marker"]["color"] == [DARK.up, DARK.up]
    assert figure["layout"]["yaxis2"]["domain"][1] < figure["layout"]["yaxis"]["domain"][0]


def test_longs_sit_below_their_candle_and_shorts_above():
    series = random_walk(10)
    times = series.open_time_ms.tolist()
    figure = chart(series, marks=[mark(times[3]), mark(times[6], "SHORT")])
    longs, shorts = (t for t in figure["data"] if t.get("name", "").startswith("Signals"))
    assert longs["x"] == [times[3]]
    assert longs["y"][0] < series.low[3]
    assert shorts["x"] == [times[6]]
    assert shorts["y"][0] > series.high[6]


def test_a_signal_of_another_interval_sits_on_the_bar_that_holds_it():
    series = random_walk(4, interval=Interval.M15)
    figure = chart(series, marks=[mark(int(series.open_time_ms[2]) + 3 * MINUTE_MS)])
    longs = next(t for t in figure["data"] if t.get("name") == "Signals LONG")
    assert longs["x"] == [int(series.open_time_ms[2])]


def test_a_signal_before_the_first_shown_candle_is_left_out():
    figure = chart(random_walk(4), marks=[mark(START_MS - MINUTE_MS)])
    assert next(t for t in figure["data"] if t.get("name") == "Signals LONG")["x"] == []


def test_text_of_a_signal_can_never_become_markup():
    figure = chart(
        random_walk(4), marks=[mark(START_MS, reasons=('<a href="//evil">x</a> & <img src=x>',))]
    )
    text = next(t for t in figure["data"] if t.get("name") == "Signals LONG")["text"][0]
    assert "<a" not in text
    assert "<img" not in text
    assert "&lt;a href" in text
    assert "strong buy" in text
    assert "entry 100.00 · stop 99.00 · target 103.00" in text


@pytest.mark.parametrize("n", [0, 1, 50])
def test_plotly_accepts_every_figure(n):
    series = random_walk(n)
    line = Line("Band", series.close, np.ones(n, dtype=np.int8))
    figure = chart(series, [line], [mark(START_MS)])
    go.Figure(figure)
    assert ("Band" in [trace["name"] for trace in figure["data"]]) == (n > 0)
    assert figure["layout"]["meta"]["bars"] == n


def test_a_figure_leaves_ranges_and_the_slider_to_the_page():
    layout = chart(random_walk(3))["layout"]
    assert layout["xaxis"]["rangeslider"] == {"visible": False}
    assert "range" not in layout["xaxis"]
    assert "range" not in layout["yaxis"]
    assert layout["uirevision"] == "BTCUSDT|1m"
