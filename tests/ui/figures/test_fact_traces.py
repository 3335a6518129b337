import plotly.graph_objects as go
import pytest

from core.model.funding import Settlement
from core.model.open_interest import OpenInterest
from tests.builders import START_MS, random_walk
from ui.figures.fact_traces import (
    FactNote,
    ShownFunding,
    ShownOpenInterest,
    fact_axis,
    fact_told,
    fact_traces,
    settled_hours,
)
from ui.figures.price_chart import price_chart
from ui.theme import DARK, LIGHT

HOUR_MS = 3_600_000
FIVE_MS = 300_000
SPAN_MS = (START_MS, START_MS + 20 * HOUR_MS)


def settlement(hours, rate):
    return Settlement(START_MS + hours * HOUR_MS, rate)


def held(i, contracts=100.0):
    return OpenInterest(START_MS + i * FIVE_MS, contracts)


def funding(*settlements, note=FactNote()):  # noqa: B008 - it is frozen
    return ShownFunding(settlements, note)


def values(traces, key):
    (found,) = (trace for trace in traces if trace.get("meta") == {"fact": key})
    return found


def test_a_rate_is_drawn_from_its_settlement_on_until_the_next():
    traces = fact_traces(
        funding(settlement(0, 0.0001), settlement(8, -0.00005)), "y4", SPAN_MS, DARK
    )
    drawn = values(traces, "funding")
    assert drawn["line"]["shape"] == "hv"
    assert drawn["x"] == [START_MS + h * HOUR_MS for h in (0, 8, 16)]
    assert drawn["y"] == [0.01, -0.005, -0.005]


def test_what_longs_pay_and_what_shorts_pay_have_their_own_colours():
    traces = fact_traces(
        funding(settlement(0, 0.0001), settlement(8, -0.00005)), "y4", SPAN_MS, DARK
    )
    longs, shorts = traces[:2]
    assert (longs["line"]["color"], shorts["line"]["color"]) == (DARK.up, DARK.down)
    assert longs["y"] == [0.01, 0.0, 0.0]
    assert shorts["y"] == [0.0, -0.005, -0.005]


def test_a_rate_is_not_drawn_beyond_the_time_of_the_settlement_that_must_have_followed():
    traces = fact_traces(funding(settlement(0, 0.0001), settlement(4, 0.0001)), "y4", SPAN_MS, DARK)
    assert values(traces, "funding")["x"][-1] == START_MS + 8 * HOUR_MS


def test_nothing_is_drawn_after_the_last_moment_of_the_chart():
    span_ms = (START_MS, START_MS + 2 * HOUR_MS)
    traces = fact_traces(funding(settlement(0, 0.0001)), "y4", span_ms, DARK)
    assert values(traces, "funding")["x"] == list(span_ms)


@pytest.mark.parametrize(
    ("hours", "expected"),
    [
        ((), []),
        ((0,), [None]),
        ((0, 8, 16), [8, 8, 8]),
        ((0, 8, 12, 16), [8, 8, 4, 4]),
        ((0, 8, 32), [8, 8, None]),
    ],
)
def test_how_long_a_rate_was_for_follows_from_its_neighbours(hours, expected):
    assert settled_hours([settlement(h, 0.0001) for h in hours]) == expected


def test_open_interest_holds_from_one_snapshot_to_the_next():
    fact = ShownOpenInterest((held(0, 100.0), held(1, 110.0)), FIVE_MS)
    span_ms = (START_MS, START_MS + 7 * 60_000)
    (drawn,) = fact_traces(fact, "y4", span_ms, DARK)
    assert drawn["line"]["shape"] == "hv"
    assert drawn["x"] == [START_MS, START_MS + FIVE_MS, span_ms[1]]
    assert drawn["y"] == [100.0, 110.0, 110.0]


def test_missing_snapshots_are_a_hole_and_so_is_the_end_of_what_is_known():
    fact = ShownOpenInterest((held(0), held(5)), FIVE_MS)
    (drawn,) = fact_traces(fact, "y4", SPAN_MS, DARK)
    assert drawn["y"] == [100.0, 100.0, None, 100.0, 100.0, None]
    assert drawn["x"][1] == START_MS + FIVE_MS
    assert drawn["x"][-1] == START_MS + 6 * FIVE_MS


@pytest.mark.parametrize("fact", [ShownFunding(), ShownOpenInterest()])
def test_what_is_not_known_is_no_number_and_has_no_scale(fact):
    (drawn,) = fact_traces(fact, "y4", SPAN_MS, DARK)
    assert drawn["y"] == [None]
    assert fact_axis(fact)["showticklabels"] is False


def test_the_range_of_funding_holds_zero_and_every_rate():
    low, high = fact_axis(funding(settlement(0, 0.0001), settlement(8, 0.0003)))["range"]
    assert low < 0.0
    assert high > 0.03


def test_a_pane_tells_what_is_missing_and_what_the_exchange_said():
    told = fact_told(ShownOpenInterest(note=FactNote("no answer", "HTTP 503")), "y5")
    assert told == {
        "key": "open-interest",
        "title": "Open interest",
        "axis": "y5",
        "note": "no answer",
        "detail": "HTTP 503",
    }


@pytest.mark.parametrize("palette", [DARK, LIGHT])
def test_a_chart_with_facts_is_a_figure_for_plotly(palette):
    series = random_walk(60)
    snapshots = tuple(held(i, 100.0 + i) for i in range(12))
    facts = [funding(settlement(0, 0.0001)), ShownOpenInterest(snapshots, FIVE_MS)]
    figure = price_chart(series, [], (), decimals=2, palette=palette, facts=facts)
    go.Figure(figure)
    meta = figure["layout"]["meta"]
    assert [kind for _, kind in meta["panes"]] == ["volume", "funding", "open-interest"]
    axes = {entry["key"]: entry["axis"] for entry in meta["facts"]}
    assert {values(figure["data"], key)["yaxis"] for key in axes} == set(axes.values())
    assert axes["open-interest"] in meta["follow"]
    assert axes["funding"] not in meta["follow"]
    last_ms = int(series.open_time_ms[-1]) + 60_000
    assert all(x < last_ms for key in axes for x in values(figure["data"], key)["x"])


def test_an_empty_chart_has_no_panes():
    facts = [funding(settlement(0, 0.0001))]
    figure = price_chart(random_walk(0), [], (), decimals=2, palette=DARK, facts=facts)
    assert figure["layout"]["meta"]["panes"] == []
    assert figure["layout"]["meta"]["facts"] == []
