import logging
from dataclasses import replace

import numpy as np
import pytest

from core.model.intervals import Interval
from core.model.market_view import MarketView
from core.overlay_runner import OverlayRunner
from core.overlays import load_overlays
from core.overlays.supertrend import OVERLAY as SUPERTREND
from core.telemetry import Telemetry
from tests.builders import random_walk


def fails(view, params):
    raise ZeroDivisionError("flat")


def odd(view, params):
    raise LookupError(f"{len(view.candles)} candles")


OVERLAYS = {
    "bad": replace(SUPERTREND, key="bad", compute=fails),
    "odd": replace(SUPERTREND, key="odd", compute=odd),
    "supertrend": SUPERTREND,
}


def view(n=300):
    return MarketView(random_walk(n, interval=Interval.M5))


def test_all_overlays_are_drawn_as_they_draw_themselves():
    overlays = load_overlays()
    drawn = OverlayRunner(overlays, Telemetry()).run(view())
    assert list(drawn.shapes) == list(overlays)
    assert drawn.failed == {}
    line, *_ = SUPERTREND.compute(view(), SUPERTREND.defaults)
    np.testing.assert_array_equal(drawn.shapes["supertrend"][0].y, line.y)


def test_only_the_overlays_named_are_drawn_in_their_order():
    telemetry = Telemetry()
    runner = OverlayRunner(OVERLAYS | {"twin": SUPERTREND}, telemetry)
    assert list(runner.run(view(), ["twin", "supertrend"]).shapes) == ["twin", "supertrend"]
    assert [r.feature for r in telemetry.drain()] == ["twin", "supertrend"]


def test_an_unknown_key_is_the_callers_error():
    with pytest.raises(KeyError, match="nothing"):
        OverlayRunner(OVERLAYS, Telemetry()).run(view(), ["nothing"])


def test_one_that_raises_is_left_out_with_an_error_row_and_the_others_go_on():
    telemetry = Telemetry()
    drawn = OverlayRunner(OVERLAYS, telemetry).run(view())
    assert list(drawn.shapes) == ["supertrend"]
    assert drawn.failed == {"bad": "ZeroDivisionError: flat", "odd": "LookupError: 300 candles"}
    readings = {r.feature: r for r in telemetry.drain()}
    assert readings["bad"].error == "ZeroDivisionError: flat"
    assert readings["supertrend"].error == ""
    assert (readings["bad"].interval, readings["bad"].rows) == ("5m", 300)


def test_a_failure_is_logged_once_however_often_it_repeats(caplog):
    telemetry = Telemetry()
    runner = OverlayRunner(OVERLAYS, telemetry)
    with caplog.at_level(logging.ERROR):
        for n in (200, 201, 202):
            runner.run(view(n))
    assert [record.args[0] for record in caplog.records] == ["bad", "odd"]
    assert all(record.exc_info for record in caplog.records)
    assert sum(reading.error != "" for reading in telemetry.drain()) == 6


def test_another_kind_of_failure_of_the_same_overlay_is_logged_too(caplog):
    def worse(view, params):
        raise TypeError if len(view.candles) > 200 else ValueError

    runner = OverlayRunner({"bad": replace(SUPERTREND, compute=worse)}, Telemetry())
    with caplog.at_level(logging.ERROR):
        for n in (200, 201, 200):
            runner.run(view(n))
    assert len(caplog.records) == 2


def test_what_was_drawn_cannot_be_changed():
    drawn = OverlayRunner(OVERLAYS, Telemetry()).run(view())
    with pytest.raises(TypeError):
        drawn.shapes["supertrend"] = ()
