from dataclasses import replace

import numpy as np
import pytest

from core.data.market_facts_history import FactReading
from core.data.market_views import NOTHING_HEARD, Heard
from core.data.orderflow.flow_columns import FlowColumns
from core.model.funding import Settlement
from core.model.gap import Gap
from core.model.intervals import MINUTE_MS, Interval
from core.model.overlay import Overlay, Pane
from core.model.shapes import Line, Profile
from tests.ui.fakes import world
from tests.ui.figures.shapes_by_hand import profile
from ui.chart_service import ChartService
from ui.look import FactPane, Look
from ui.view import View

VIEW = View("BTCUSDT", Interval.M1)


def made(key, compute, **changes):
    """An overlay without parameters that needs no warm-up."""
    values = {
        "title": key.title(),
        "pane": Pane.PRICE,
        "explanation": "",
        "source": "",
        "defaults": None,
        "warm_up_candles": lambda params, interval: 0,
    }
    return Overlay(key=key, compute=compute, **values | changes)


def service(*overlays):
    market = world()
    by_key = {overlay.key: overlay for overlay in overlays}
    return market, ChartService(replace(market.services, overlays=by_key))


def meta(chart):
    return chart.figure["layout"]["meta"]


def close_line(view, params):
    return (Line("Close", view.candles.close.copy()),)


def broken(view, params):
    raise ValueError("no such thing")


def test_an_overlay_that_raises_is_named_and_the_others_are_drawn():
    _, charts = service(made("bad", broken), made("good", close_line))
    chart = charts.chart(replace(VIEW, overlays=("bad", "good")), ())
    assert meta(chart)["failed"] == [{"title": "Bad", "reason": "ValueError: no such thing"}]
    assert "Close" in [trace["name"] for trace in chart.figure["data"]]


def test_an_equal_stamp_draws_nothing():
    _, charts = service()
    first = charts.chart(VIEW, ())
    assert charts.chart(VIEW, (), known=first.stamp) is None


def test_a_fact_that_arrives_later_changes_the_stamp_and_is_drawn():
    market, charts = service()
    view = replace(VIEW, look=Look(facts=(FactPane.FUNDING,)))
    before = charts.chart(view, ())
    assert meta(before)["facts"][0]["note"] == "asking the exchange"
    settled_ms = int(market.store.series["BTCUSDT", Interval.M1].open_time_ms[-40])
    market.facts.settled = FactReading((Settlement(settled_ms, 0.0001),))
    after = charts.chart(view, (), known=before.stamp)
    assert meta(after)["facts"][0]["note"] == ""
    assert any(trace.get("meta") == {"fact": "funding"} for trace in after.figure["data"])
    assert charts.chart(view, (), known=after.stamp) is None


def test_a_companion_that_arrives_later_changes_the_stamp():
    overlay = made("all", close_line, companions={Interval.H1: 5})
    market, charts = service(overlay)
    view = replace(VIEW, overlays=("all",))
    assert set(charts.companions(view)) == {Interval.H1}
    before = charts.chart(view, ())
    hours = market.feed.histories["BTCUSDT", Interval.H1]
    market.store.series["BTCUSDT", Interval.H1] = hours
    after = charts.chart(view, (), known=before.stamp)
    assert after is not None


def test_minutes_of_trades_within_the_running_hour_draw_nothing_anew():
    market, charts = service(made("all", close_line))
    view = View("BTCUSDT", Interval.H1, ("all",))
    market.store.series["BTCUSDT", Interval.H1] = market.feed.histories["BTCUSDT", Interval.H1]
    newest_ms = int(market.store.series["BTCUSDT", Interval.H1].open_time_ms[-1])
    running_ms = newest_ms + Interval.H1.duration_ms

    def heard(minutes):
        columns = FlowColumns(100)
        for minute in range(minutes):
            columns.write_tops(running_ms + minute * MINUTE_MS, (0.0, 0.0, 1.0))
        return Heard(columns.series("BTCUSDT"))

    before = charts.chart(view, (), heard=heard(1))
    assert charts.chart(view, (), heard=heard(2), known=before.stamp) is None


def test_an_overlay_sees_other_intervals_closed_by_then():
    seen = []

    def look(view, params):
        seen.append(view.at(Interval.H1))
        return ()

    overlay = made("all", look, companions={Interval.H1: 3})
    market, charts = service(overlay)
    market.store.series["BTCUSDT", Interval.H1] = market.feed.histories["BTCUSDT", Interval.H1]
    charts.chart(replace(VIEW, overlays=("all",)), ())
    minutes = market.store.series["BTCUSDT", Interval.M1]
    shown = minutes.tail(500)
    hours = seen[0].open_time_ms
    assert hours[0] + 3 * Interval.H1.duration_ms <= shown.open_time_ms[0] + MINUTE_MS
    assert hours[-1] + Interval.H1.duration_ms <= minutes.open_time_ms[-1] + MINUTE_MS


@pytest.mark.parametrize(
    ("shown", "first", "last"),
    [
        (None, -500, -1),
        (40, -40, -1),
        (9_000, -500, -1),
        ((1, 2), 1, 2),
    ],
)
def test_what_is_visible_is_told_to_the_overlays(shown, first, last):
    seen = []

    def look(view, params):
        seen.append(view.shown_ms)
        return ()

    market, charts = service(made("ranged", look))
    charts.chart(replace(VIEW, overlays=("ranged",), shown=shown), ())
    times = market.store.series["BTCUSDT", Interval.M1].open_time_ms
    expected = shown if isinstance(shown, tuple) else (times[first], times[last])
    assert set(seen) == {expected}


def test_the_page_is_asked_for_the_visible_range_only_when_a_profile_is_drawn():
    def volume_profile(view, params):
        return (profile(view.candles),)

    _, charts = service(made("profile", volume_profile), made("line", close_line))
    assert meta(charts.chart(replace(VIEW, overlays=("profile",)), ()))["ranged"] is True
    assert meta(charts.chart(replace(VIEW, overlays=("line",)), ()))["ranged"] is False
    assert isinstance(volume_profile(_views(charts), None)[0], Profile)


def _views(charts):
    return world().services.views.closed("BTCUSDT", Interval.M1, limit=50)


def test_absent_candles_are_hatched_and_known_to_overlays():
    seen = []

    def look(view, params):
        seen.append(view.known_gaps())
        return ()

    market, charts = service(made("gaps", look))
    newest_ms = int(market.store.series["BTCUSDT", Interval.M1].open_time_ms[-1])
    gap = Gap(newest_ms - 9 * MINUTE_MS, newest_ms - 8 * MINUTE_MS)
    view = replace(VIEW, overlays=("gaps",))
    chart = charts.chart(view, (), heard=Heard(gaps=(gap,)))
    assert "Missing candles" in [trace["name"] for trace in chart.figure["data"]]
    assert set(seen) == {(gap,)}
    assert charts.chart(view, (), heard=NOTHING_HEARD, known=chart.stamp) is not None


def test_nothing_is_drawn_of_a_market_without_candles():
    market, charts = service(made("line", close_line))
    market.store.series.clear()
    chart = charts.chart(replace(VIEW, overlays=("line",)), ())
    assert meta(chart)["bars"] == 0
    assert np.isscalar(meta(chart)["decimals"])
