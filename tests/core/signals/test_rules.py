import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.model.events import Markers
from core.model.features import FeatureSet
from core.model.intervals import Interval
from core.model.market_view import MarketView
from core.model.signal import Direction, Strength
from core.overlays import load_overlays
from core.signals.features import candle_features
from core.signals.rules import RuleParams, judge_rules
from tests.builders import random_walk
from tests.core.real_markets import needs_recordings, recorded

PARAMS = RuleParams(threshold=0.5, stop_atr=3.0, reward_risk=2.5)
CONFIRMED_UP = {
    "supertrend_direction": 1.0,
    "supertrend_age_candles": 0.0,
    "supertrend_distance_atr": 2.0,
    "ema_50_distance_atr": 2.0,
    "ema_50_slope_atr": 0.3,
    "relative_volume_20": 2.5,
    "taker_buy_share": 0.7,
    "return_1_pct": 0.4,
    "atr_14": 2.0,
}
CONFIRMED_DOWN = CONFIRMED_UP | {
    "supertrend_direction": -1.0,
    "supertrend_distance_atr": -2.0,
    "ema_50_distance_atr": -2.0,
    "ema_50_slope_atr": -0.3,
    "taker_buy_share": 0.3,
    "return_1_pct": -0.4,
}
any_features = st.fixed_dictionaries(
    {},
    optional={
        "supertrend_direction": st.sampled_from([-1.0, 1.0]),
        "supertrend_age_candles": st.integers(0, 3).map(float),
        "supertrend_distance_atr": st.floats(-9, 9),
        "ema_50_distance_atr": st.floats(-1e6, 1e6),
        "ema_50_slope_atr": st.floats(-1e6, 1e6),
        "relative_volume_20": st.floats(0, 1e6),
        "taker_buy_share": st.floats(0, 1),
        "return_1_pct": st.floats(-50, 50),
        "atr_14": st.floats(0, 60),
    },
)


def judge(values, params=PARAMS, close=100.0):
    return judge_rules(FeatureSet.of(values), close, params)


def test_a_confirmed_flip_up_is_a_long_with_levels_around_the_close():
    verdict = judge(CONFIRMED_UP)
    assert verdict.direction is Direction.LONG
    assert verdict.stop == 94.0
    assert verdict.target == 115.0
    assert verdict.confidence == pytest.approx(100.0 * verdict.score)


def test_a_confirmed_flip_down_is_its_mirror_image():
    up, down = judge(CONFIRMED_UP), judge(CONFIRMED_DOWN)
    assert down.direction is Direction.SHORT
    assert down.score == pytest.approx(-up.score)
    assert (down.stop, down.target) == (106.0, 85.0)


def test_a_flip_without_any_confirmation_is_no_signal():
    verdict = judge({k: CONFIRMED_UP[k] for k in CONFIRMED_UP if k.startswith("supertrend")})
    assert (verdict.direction, verdict.strength) == (Direction.FLAT, Strength.HOLD)
    assert 0.0 < verdict.score < PARAMS.threshold


@pytest.mark.parametrize(
    "against",
    [
        {"ema_50_distance_atr": -2.0, "ema_50_slope_atr": -0.3},
        {"relative_volume_20": 0.3, "ema_50_slope_atr": -0.4},
    ],
    ids=["trend against", "no volume and a falling mean"],
)
def test_a_flip_against_trend_or_volume_is_no_signal(against):
    assert judge(CONFIRMED_UP | against).direction is Direction.FLAT


def test_the_stop_is_behind_the_supertrend_line_where_that_is_farther():
    verdict = judge(CONFIRMED_UP | {"supertrend_distance_atr": 3.5})
    assert verdict.stop == 93.0


def test_levels_below_zero_are_no_signal():
    assert judge(CONFIRMED_DOWN, close=14.0).direction is Direction.FLAT


@given(any_features, st.floats(1e-3, 1e6))
def test_the_score_is_the_sum_of_its_contributions(values, close):
    verdict = judge(values, close=close)
    assert verdict.score == sum(vote.contribution for vote in verdict.votes)
    assert -1.0 <= verdict.score <= 1.0
    assert sum(vote.weight for vote in verdict.votes) == pytest.approx(1.0)


@given(any_features)
def test_only_a_flip_can_reach_the_threshold(values):
    verdict = judge(values)
    flipped = values.get("supertrend_age_candles") == 0.0 and "supertrend_direction" in values
    if not flipped:
        assert abs(verdict.score) < PARAMS.threshold
        assert verdict.direction is Direction.FLAT


@given(any_features, st.floats(0.01, 1.0))
def test_a_direction_has_its_levels_on_the_right_sides(values, threshold):
    verdict = judge(values, RuleParams(threshold=threshold))
    sign = verdict.direction.sign
    if sign == 0:
        assert verdict.stop is None
        assert verdict.target is None
    else:
        assert sign * verdict.score >= threshold
        assert sign * verdict.stop < sign * 100.0 < sign * verdict.target
        assert min(verdict.stop, verdict.target) > 0.0


@pytest.mark.parametrize(
    ("changes", "strength"),
    [
        ({"relative_volume_20": 9.0, "taker_buy_share": 1.0}, Strength.STRONG_BUY),
        ({"relative_volume_20": 1.5}, Strength.BUY),
        ({"ema_50_slope_atr": 0.0, "taker_buy_share": 0.5}, Strength.WEAK_BUY),
    ],
)
def test_strength_follows_the_score(changes, strength):
    assert judge(CONFIRMED_UP | changes).strength is strength


def share_of_flips_that_pass(market):
    overlay = load_overlays()["supertrend"]
    shapes = overlay.compute(MarketView(market), overlay.defaults)
    rows = [
        int(row)
        for row in market.open_time_ms.searchsorted(
            sorted(turn.at_ms for shape in shapes if isinstance(shape, Markers) for turn in shape)
        )
        if row >= 479
    ]
    passed = 0
    for row in rows:
        window = market.rows(row - 479, row + 1)
        view = MarketView(window)
        drawn = {"supertrend": overlay.compute(view, overlay.defaults)}
        features = candle_features(view, drawn)
        assert features.values["supertrend_age_candles"] == 0.0
        passed += judge_rules(features, float(window.close[-1]), PARAMS).direction.sign != 0
    return passed / len(rows)


def test_some_but_not_all_flips_of_a_generated_market_pass():
    assert 0.05 < share_of_flips_that_pass(random_walk(6000, seed=3)) < 0.95


@needs_recordings
@pytest.mark.parametrize(
    ("symbol", "interval"),
    [("BTCUSDT", Interval.M1), ("SOLUSDT", Interval.M1), ("ETHUSDT", Interval.M15)],
)
def test_some_but_not_all_flips_of_a_recorded_market_pass(symbol, interval):
    assert 0.15 < share_of_flips_that_pass(recorded(symbol, interval, 6000)) < 0.75
