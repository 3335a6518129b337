from core.model.intervals import MINUTE_MS, Interval
from core.model.regime import Regime, RegimeChange
from core.model.telemetry import FeatureCost
from core.overlays import load_overlays
from tests.builders import START_MS
from tests.ui.panels.component_text import found, texts
from ui.panels.regime import regime_panel, standing
from ui.regime_service import RegimeReading
from ui.view import View

OVERLAYS = load_overlays()
VIEW = View("BTCUSDT", Interval.M1)
CLOSE_MS = START_MS + 14 * 60 * MINUTE_MS - 1
SETTLED = RegimeReading(
    Regime.TREND_UP, 41, False, True, 900, 500, CLOSE_MS, 31.4, 0.42, 0.061, 0.64
)
GUESS = RegimeReading(Regime.RANGE, 3, True, False, 80, 500, CLOSE_MS, 12.0, 0.1, 0.0, 0.5)
NOTHING = RegimeReading(needed=500)


def change(regime, interval=Interval.M1, known_ms=CLOSE_MS):
    return RegimeChange("BTCUSDT", interval, regime, known_ms + 1 - interval.duration_ms, known_ms)


def known(*changes):
    return {(of.symbol, of.interval): of for of in changes}


def stands(reading, last=(), costs=None):
    return standing(reading, VIEW, known(*last), costs or {}, OVERLAYS)


def test_what_is_computed_is_told_with_its_age_and_what_it_is_judged_by():
    said = stands(SETTLED, [change(Regime.QUIET)])
    told = texts(regime_panel(said))
    assert said.regime is Regime.TREND_UP
    assert "Trend up · 41 candles" in told
    assert any("BTCUSDT 1m · as of" in text and "14:00 UTC" in text for text in told)
    assert {"31", "+0.42", "+0.06", "64 %"} <= set(told)


def test_one_candle_is_one_and_a_run_that_may_be_older_says_so():
    reading = RegimeReading(Regime.QUIET, 1, False, True, 900, 500, CLOSE_MS)
    assert stands(reading).headline == "Quiet · 1 candle"
    assert stands(GUESS).headline == "Range · 3 candles or more"


def test_while_warming_up_the_last_known_one_stands_before_any_guess():
    for reading in (GUESS, NOTHING):
        said = stands(reading, [change(Regime.TREND_DOWN)])
        assert (said.regime, said.headline) == (Regime.TREND_DOWN, "Trend down")
        assert "last known" in said.origin
        assert f"warming up: {reading.seen} of 500 candles" in said.origin


def test_without_a_last_known_one_a_guess_is_called_a_guess():
    said = stands(GUESS, [change(Regime.QUIET, Interval.H1)])
    assert said.regime is Regime.RANGE
    assert said.origin.startswith("first guess")


def test_before_a_guess_the_newest_of_the_symbols_other_intervals_stands():
    older = change(Regime.QUIET, Interval.H1, CLOSE_MS - 60 * MINUTE_MS)
    said = stands(NOTHING, [older, change(Regime.VOLATILE, Interval.M15)])
    assert said.regime is Regime.VOLATILE
    assert "on 15m candles" in said.origin


def test_it_is_unknown_only_before_there_is_anything():
    said = stands(NOTHING)
    assert said.regime is Regime.UNKNOWN
    assert (said.advice.enable, said.advice.disable) == ((), ())
    assert "once the regime is known" in texts(regime_panel(said))[-1]


def test_the_recommendation_is_of_the_regime_that_stands_and_weighs_what_was_measured():
    dear = FeatureCost("liquidity_zones", 50, 0, 30.0, 30.0, 30.0, None, 0.5, ())
    said = stands(SETTLED, costs={"liquidity_zones": dear})
    assert "supertrend" in said.advice.enable
    assert "liquidity_zones" in said.advice.disable
    text = texts(regime_panel(said))[-1]
    assert text.startswith("Enable ")
    assert "30.0 ms" in text


def test_what_is_no_overlay_is_not_weighed():
    group = FeatureCost("features.trend", 50, 0, 30.0, 30.0, 30.0, None, 0.9, ())
    assert stands(SETTLED, costs={"features.trend": group}) == stands(SETTLED)


def test_a_trend_has_its_colour():
    (headline, *_) = found(regime_panel(stands(SETTLED)), "P")
    assert headline.className == "headline up"
