import pytest

from core.model.regime import Regime
from core.model.regime_fit import FITS, Fit
from core.overlays import load_overlays
from core.signals.recommendation import recommendation

TITLES = {key: overlay.title for key, overlay in load_overlays().items()}
ALL_TITLES = {key: key.replace("_", " ").title() for key in FITS[Regime.RANGE]}
known = pytest.mark.parametrize("regime", [r for r in Regime if r is not Regime.UNKNOWN])


def test_a_range_asks_for_levels_and_oscillators_and_not_for_what_follows_trends():
    made = recommendation(Regime.RANGE, {}, ALL_TITLES)
    assert {"liquidity_zones", "vwap", "bollinger", "rsi"} <= set(made.enable)
    assert {"supertrend", "chandelier_exit", "ema"} <= set(made.disable)
    assert made.text.startswith("Range: enable ")
    assert "disable Supertrend, Chandelier Exit" in made.text


@pytest.mark.parametrize("regime", [Regime.TREND_UP, Regime.TREND_DOWN])
def test_a_trend_asks_for_what_follows_it(regime):
    made = recommendation(regime, {}, ALL_TITLES)
    assert {"supertrend", "chandelier_exit", "ema", "timeframe_alignment"} <= set(made.enable)
    assert "rsi" in made.disable


@known
def test_nothing_is_both_enabled_and_disabled_and_all_of_it_may_be_enabled(regime):
    costs = dict.fromkeys(ALL_TITLES, 6.0)
    made = recommendation(regime, costs, ALL_TITLES)
    assert not set(made.enable) & set(made.disable)
    assert set(made.enable) | set(made.disable) == set(ALL_TITLES), "at 6 ms all else is dear"
    part = {key: ALL_TITLES[key] for key in ("rsi", "ema")}
    few = recommendation(regime, costs, part)
    assert {*few.enable, *few.disable} <= set(part)


@known
def test_every_overlay_of_the_program_has_been_judged(regime):
    assert set(TITLES) <= set(FITS[regime])


def test_what_is_of_little_use_is_kept_while_it_is_cheap():
    assert FITS[Regime.RANGE]["smart_money"] is Fit.MARGINAL
    costs = {"smart_money": 1.0, "liquidity_zones": 1.5, "vwap": 1.0}
    made = recommendation(Regime.RANGE, costs, ALL_TITLES)
    assert "smart_money" not in {*made.enable, *made.disable}


def test_what_is_of_little_use_is_switched_off_when_it_takes_long():
    costs = {"smart_money": 5.5, "liquidity_zones": 30.0, "vwap": 1.0}
    made = recommendation(Regime.RANGE, costs, ALL_TITLES)
    assert "smart_money" in made.disable
    assert (
        "switch off Smart Money, of little use here for 5.5 ms (15% of all overlays)" in made.text
    )
    assert "liquidity_zones" in made.enable, "it serves, whatever it costs"


def test_what_is_of_little_use_is_switched_off_when_it_takes_more_than_its_share():
    costs = {"smart_money": 0.9, "liquidity_zones": 0.5, "vwap": 0.6}
    made = recommendation(Regime.RANGE, costs, ALL_TITLES)
    assert "smart_money" in made.disable
    assert "0.9 ms (45% of all overlays)" in made.text


def test_one_of_two_measured_is_not_dear_for_having_half_the_time():
    costs = {"smart_money": 0.5, "vwap": 0.5}
    assert "smart_money" not in recommendation(Regime.RANGE, costs, ALL_TITLES).disable


def test_an_overlay_that_nobody_has_judged_is_a_matter_of_taste_until_it_is_dear():
    titles = {"mine": "My Own"}
    cheap = recommendation(Regime.QUIET, {"mine": 0.0}, titles)
    assert (cheap.enable, cheap.disable, cheap.text) == ((), (), "Quiet.")
    assert recommendation(Regime.QUIET, {"mine": 9.0}, titles).disable == ("mine",)


def test_of_an_unknown_regime_there_is_nothing_to_recommend():
    made = recommendation(Regime.UNKNOWN, {"rsi": 99.0}, ALL_TITLES)
    assert (made.enable, made.disable) == ((), ())
    assert made.text == "Regime: not known yet."
