import plotly.graph_objects as go
import pytest

from core.model.candles import CandleSeries
from core.model.intervals import MINUTE_MS, Interval
from tests.builders import START_MS, random_walk
from ui.figures.missing_spans import MissingSpan, missing_traces
from ui.figures.price_chart import price_chart
from ui.theme import DARK

DAY_MS = Interval.D1.duration_ms


def at(minute):
    return START_MS + minute * MINUTE_MS


def hatched(spans, candles):
    (trace,) = missing_traces(spans, candles, palette=DARK)
    return trace


def extent(trace, row=0):
    return (
        trace["x"][row] - trace["width"][row] // 2,
        trace["x"][row] + trace["width"][row] // 2,
    )


def test_the_bars_that_are_missing_are_hatched_from_edge_to_edge():
    trace = hatched([MissingSpan(at(3), at(5), absent=True)], random_walk(9))
    assert extent(trace) == (at(3) - MINUTE_MS // 2, at(5) - MINUTE_MS // 2)
    assert trace["marker"]["pattern"]["shape"] == "/"


def test_a_hole_in_a_longer_bar_hatches_that_bar():
    candles = random_walk(9, interval=Interval.M15)
    trace = hatched([MissingSpan(at(17), at(19), absent=True)], candles)
    half_ms = Interval.M15.duration_ms // 2
    assert extent(trace) == (at(15) - half_ms, at(15) + half_ms)


def test_nothing_is_hatched_before_the_first_candle_shown():
    trace = hatched([MissingSpan(at(-10), at(2), absent=True)], random_walk(9))
    assert extent(trace)[0] == at(0) - MINUTE_MS // 2


@pytest.mark.parametrize(
    ("span", "words"),
    [
        (
            MissingSpan(at(3), at(5), absent=True),
            "no candles from 00:03 to 00:05 UTC (the exchange has none)",
        ),
        (
            MissingSpan(at(3), at(5), absent=False),
            "no candles from 00:03 to 00:05 UTC (not received)",
        ),
    ],
)
def test_the_span_is_told_in_words(span, words):
    assert hatched([span], random_walk(9))["text"] == [words]


def test_a_span_of_days_is_told_with_its_dates():
    candles = random_walk(9, interval=Interval.D1)
    told = hatched([MissingSpan(at(0), at(0) + DAY_MS, absent=True)], candles)["text"][0]
    assert told.count("-") == 4


def test_what_the_exchange_lacks_is_told_from_what_was_not_received_by_more_than_words():
    spans = [MissingSpan(at(1), at(2), absent=True), MissingSpan(at(5), at(6), absent=False)]
    colours = hatched(spans, random_walk(9))["marker"]["pattern"]["fgcolor"]
    assert colours == [DARK.warning, DARK.muted]


def test_without_a_hole_or_without_candles_there_is_nothing_to_hatch():
    assert missing_traces([], random_walk(9), palette=DARK) == []
    empty = CandleSeries.empty("BTCUSDT", Interval.M1)
    span = MissingSpan(at(1), at(2), absent=True)
    assert missing_traces([span], empty, palette=DARK) == []


def test_plotly_accepts_a_hatched_chart():
    spans = [MissingSpan(at(3), at(5), absent=True)]
    figure = price_chart(random_walk(9), [], (), spans, decimals=2, palette=DARK)
    go.Figure(figure)
    assert figure["layout"]["yaxis3"]["overlaying"] == "y"
