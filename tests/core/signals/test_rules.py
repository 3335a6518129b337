import math

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from core.config import REPOSITORY
from core.config.decisions import VoteWeights
from core.model.features import FeatureSet
from core.model.intervals import Interval
from core.model.signal import Direction, Layer, Strength
from core.signals.levels import LevelParams
from core.signals.rules import THRESHOLD_CONFIDENCE, RuleParams, judge_rules
from core.signals.votes.catalogue import VOTE_LAYERS
from tests.core.real_markets import needs_recordings, recorded
from tests.core.signals.feature_sets import RISING, any_values, upside_down
from tests.core.signals.markets import features_of

_GIVEN = yaml.safe_load((REPOSITORY / "config.yaml").read_text())["signals"]
WEIGHTS = {
    name: weight
    for layer in VoteWeights.model_validate(_GIVEN["weights"]).model_dump().values()
    for name, weight in layer.items()
}
PARAMS = RuleParams(_GIVEN["threshold"], WEIGHTS, LevelParams(3.0, 2.5))
ONES = dict.fromkeys(VOTE_LAYERS, 1.0)


def judge(values, params=PARAMS, close=100.0):
    return judge_rules(FeatureSet.of(values), close, Interval.M15, params)


def test_a_rising_market_is_a_long_with_levels_around_the_close():
    verdict = judge(RISING)
    assert verdict.direction is Direction.LONG
    assert verdict.score >= PARAMS.threshold
    assert verdict.stop < 100.0 < verdict.target
    assert verdict.reward_risk == pytest.approx(2.5)
    assert len(verdict.invalidation) == 1
    assert verdict.strength in {Strength.WEAK_BUY, Strength.BUY, Strength.STRONG_BUY}


def test_a_falling_market_is_its_mirror_image():
    up, down = judge(RISING), judge(upside_down(RISING))
    assert down.direction is Direction.SHORT
    assert down.score == pytest.approx(-up.score)
    assert down.stop == pytest.approx(200.0 - up.stop)
    assert down.target == pytest.approx(200.0 - up.target)
    assert down.invalidation[0].price == pytest.approx(200.0 - up.invalidation[0].price)


@settings(max_examples=30)
@given(any_values)
def test_a_market_upside_down_has_the_opposite_score(values):
    assert judge(upside_down(values)).score == pytest.approx(-judge(values).score, abs=1e-9)


weights = st.fixed_dictionaries(
    {name: st.one_of(st.just(0.0), st.floats(0.01, 10.0)) for name in VOTE_LAYERS}
).filter(lambda chosen: any(chosen.values()))


@settings(max_examples=40)
@given(any_values, weights, st.floats(0.01, 1.0), st.sampled_from([1e-8, 1e-3, 1.0, 100.0, 1e6]))
def test_any_features_give_an_exact_sum_and_a_consistent_verdict(values, chosen, threshold, close):
    verdict = judge(values, RuleParams(threshold, chosen), close)
    assert verdict.score == sum(vote.contribution for vote in verdict.votes)
    assert abs(verdict.score) <= 1.0 + 1e-12
    assert math.fsum(vote.weight for vote in verdict.votes) == pytest.approx(1.0)
    assert {vote.name: vote.layer for vote in verdict.votes} == dict(VOTE_LAYERS)
    assert 0.0 <= verdict.confidence <= 100.0
    sign = verdict.direction.sign
    if sign == 0:
        assert (verdict.stop, verdict.target, verdict.reward_risk) == (None, None, None)
        assert (verdict.strength, verdict.invalidation) == (Strength.HOLD, ())
    else:
        assert sign * verdict.score >= threshold
        assert sign * verdict.stop < sign * close < sign * verdict.target
        assert verdict.confidence >= THRESHOLD_CONFIDENCE
        assert verdict.invalidation


@settings(max_examples=30)
@given(any_values)
def test_filters_never_turn_what_the_others_lean_to(values):
    heavy = ONES | {name: 10.0 for name, layer in VOTE_LAYERS.items() if layer is Layer.FILTERS}
    votes = judge(values, RuleParams(0.3, heavy)).votes
    leaning = sum(vote.contribution for vote in votes if vote.layer is not Layer.FILTERS)
    score = sum(vote.contribution for vote in votes)
    assert score * leaning >= -1e-15
    assert abs(score) <= abs(leaning) + 1e-15
    for vote in votes:
        assert vote.layer is not Layer.FILTERS or vote.value * leaning <= 0.0


def test_a_filter_takes_from_the_score_of_either_side():
    wild = {"atr_14_rank_240": 1.0}
    for market in (RISING, upside_down(RISING)):
        assert abs(judge(market | wild).score) < abs(judge(market).score)


def test_only_the_ratios_of_the_weights_count():
    doubled = RuleParams(PARAMS.threshold, {name: 2.0 * w for name, w in WEIGHTS.items()})
    assert judge(RISING, doubled).score == judge(RISING).score


def test_nothing_known_is_nothing_proposed():
    verdict = judge({})
    assert (verdict.direction, verdict.score, verdict.confidence) == (Direction.FLAT, 0.0, 0.0)
    assert all(vote.reason.endswith("unknown") for vote in verdict.votes)


def test_a_score_without_room_for_levels_proposes_nothing():
    verdict = judge({name: v for name, v in RISING.items() if name != "atr_14"})
    assert verdict.confidence > THRESHOLD_CONFIDENCE
    assert (verdict.direction, verdict.strength) == (Direction.FLAT, Strength.HOLD)


def test_strength_and_confidence_grow_with_the_score():
    score = judge(RISING).score
    judged = [judge(RISING, RuleParams(score / part, WEIGHTS)) for part in (0.99, 1.0, 1.1, 1.2)]
    assert [verdict.strength for verdict in judged] == [
        Strength.HOLD,
        Strength.WEAK_BUY,
        Strength.BUY,
        Strength.STRONG_BUY,
    ]
    confidence = [verdict.confidence for verdict in judged]
    assert confidence == sorted(confidence)
    assert confidence[1] == pytest.approx(THRESHOLD_CONFIDENCE)
    sold = judge(upside_down(RISING), RuleParams(score / 1.2, WEIGHTS))
    assert sold.strength is Strength.STRONG_SELL


@pytest.mark.parametrize(
    ("threshold", "changes"),
    [
        (0.0, {}),
        (1.1, {}),
        (math.nan, {}),
        (0.5, {"rsi": -1.0}),
        (0.5, {"rsi": math.nan}),
        (0.5, {"no such vote": 1.0}),
        (0.5, dict.fromkeys(VOTE_LAYERS, 0.0)),
    ],
)
def test_rules_that_cannot_be_are_refused(threshold, changes):
    with pytest.raises(ValueError, match=r"threshold|weight"):
        RuleParams(threshold, ONES | changes)


def test_each_vote_needs_a_weight():
    with pytest.raises(ValueError, match="rsi"):
        RuleParams(0.5, {name: w for name, w in ONES.items() if name != "rsi"})


@needs_recordings
def test_a_recorded_market_is_judged_by_most_votes():
    verdict = judge_rules(
        features_of(recorded("BTCUSDT", Interval.M15, 1442)), 80_000.0, Interval.M15, PARAMS
    )
    unknown = {vote.name for vote in verdict.votes if vote.reason.endswith("unknown")}
    assert unknown <= {"book", "timeframes"}
    assert verdict.score != 0.0
