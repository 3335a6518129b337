from urllib.parse import unquote

import pytest

from core.model.engine_state import EngineActivity, EngineState
from core.model.telemetry import FeatureCost
from tests.ui.panels.component_text import found, texts
from ui.panels.telemetry import cost_text, telemetry_panel

RUNNING = EngineActivity.RUNNING


def cost(feature, share=0.1, **changes):
    values = {"count": 40, "errors": 0, "last_ms": 0.2, "median_ms": 0.2, "p95_ms": 0.4}
    values |= {"peak_kb": 512.0, "recent_ms": (0.2, 0.4)}
    return FeatureCost(feature=feature, share=share, **values | changes)


def panel(*costs, page=(), activity=RUNNING):
    engine = EngineState(activity, costs=costs)
    return telemetry_panel(engine, page, {"rsi": "RSI", "ema": "EMA"}, "15m")


def rows(component):
    bodies = found(component, "Tbody")
    return [texts(row) for body in bodies for row in body.children]


def test_a_feature_is_told_with_its_costs():
    (row,) = rows(panel(cost("rsi", p95_ms=12.34)))
    assert row == ["RSI", "0.20", "12.3", "0.50", "10 %"]


def test_the_dearest_comes_first():
    told = rows(panel(cost("rsi", 0.2), cost("ema", 0.5), cost("features.trend", 0.3)))
    assert [row[0] for row in told] == ["EMA", "trend features", "RSI"]


def costly(*costs):
    return [row.className for body in found(panel(*costs), "Tbody") for row in body.children]


def test_what_takes_long_stands_out():
    assert costly(cost("rsi", 0.2, p95_ms=5.1), cost("ema", 0.1)) == ["costly", ""]


def test_what_takes_much_of_the_time_stands_out_among_several():
    others = (cost("ema", 0.3), cost("features.trend", 0.2))
    assert costly(cost("rsi", 0.5), *others) == ["costly", "", ""]
    assert costly(cost("rsi", 0.5), others[0]) == ["", ""]


def test_failures_are_counted_with_the_newest_reason():
    told = rows(panel(cost("rsi", errors=2, error="ValueError: period")))
    assert told[1] == ["2 of 40 failed, now: ValueError: period"]


def test_an_unknown_peak_is_a_dash():
    assert rows(panel(cost("rsi", peak_kb=None)))[0][3] == "\u2013"


def test_a_stopped_engine_says_how_to_start_it_and_tells_nothing_of_old():
    told = panel(cost("rsi"), activity=EngineActivity.STOPPED)
    assert rows(told) == []
    assert "recorded when signals are generated" in "".join(texts(told))
    assert "make start" in texts(told)


def test_an_engine_that_has_not_evaluated_yet_is_waited_for():
    assert "the first with the next 15m candle" in "".join(texts(panel()))


def test_the_dashboards_own_costs_are_told_apart_and_open_while_the_engines_are_unknown():
    for costs, is_open in (((), True), ((cost("rsi"),), False)):
        (own,) = found(panel(*costs, page=(cost("ema"),)), "Details")
        assert own.open is is_open
        assert rows(own)[0][0] == "EMA"


def test_the_newest_latencies_are_drawn_from_zero():
    (image,) = found(panel(cost("rsi", recent_ms=(0.1, 0.2, 0.4))), "Img")
    kind, _, drawn = unquote(image.src).partition(",")
    assert kind == "data:image/svg+xml"
    heights = [float(part.split("M")[0].split("'")[0]) for part in drawn.split("v-")[1:]]
    assert heights == pytest.approx([3.5, 7.0, 14.0])
    assert drawn.count("M") == 3


def test_costs_of_nothing_draw_nothing_wrong():
    assert rows(panel(cost("rsi", p95_ms=0.0, median_ms=0.0, recent_ms=())))[0][1] == "0.00"


def test_the_picker_is_told_what_is_known():
    assert cost_text(None) == ""
    assert cost_text(cost("rsi", p95_ms=0.456)) == "0.46"
