import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.config.decisions import VoteWeights
from core.signals.features import FEATURES
from core.signals.votes.catalogue import DIRECTIONAL, OPPOSING, VOTE_LAYERS
from core.signals.votes.opinion import fading, freshness, penalty, within
from tests.core.signals.feature_sets import RISING, any_values, upside_down

VOTES = {rule.name: rule for rule in DIRECTIONAL}
FILTERS = {rule.name: rule for rule in OPPOSING}


def vote(name, **values):
    return VOTES[name].judge(values)


def test_the_catalogue_and_the_configuration_name_the_same_votes_layer_by_layer():
    configured = {
        (layer, name)
        for layer, section in VoteWeights.model_fields.items()
        for name in section.annotation.model_fields
    }
    assert {(layer.value, name) for name, layer in VOTE_LAYERS.items()} == configured
    assert len(VOTE_LAYERS) == len(DIRECTIONAL) + len(OPPOSING)


def test_a_rising_market_is_told_from_features_that_there_are():
    assert set(RISING) <= set(FEATURES)


@pytest.mark.parametrize("rule", DIRECTIONAL, ids=lambda rule: rule.name)
def test_each_vote_is_for_a_rising_market_and_against_a_falling_one(rule):
    up, down = rule.judge(RISING), rule.judge(upside_down(RISING))
    assert up.value > 0.0
    assert down.value == pytest.approx(-up.value)


@pytest.mark.parametrize("rule", DIRECTIONAL, ids=lambda rule: rule.name)
def test_a_vote_that_knows_nothing_is_zero_and_says_so(rule):
    value, reason = rule.judge({})
    assert value == 0.0
    assert reason.endswith("unknown")


@pytest.mark.parametrize("rule", OPPOSING, ids=lambda rule: rule.name)
def test_a_filter_that_knows_nothing_penalises_nothing_and_says_so(rule):
    value, reason = rule.judge({}, 1)
    assert value == 0.0
    assert reason.endswith("unknown")


@settings(max_examples=40)
@given(any_values)
def test_any_features_give_values_within_bounds_and_a_reason(values):
    for rule in DIRECTIONAL:
        value, reason = rule.judge(values)
        assert -1.0 <= value <= 1.0
        assert reason
    for filter_ in OPPOSING:
        for side in (-1, 1):
            value, reason = filter_.judge(values, side)
            assert 0.0 <= value <= 1.0
            assert reason


@pytest.mark.parametrize(
    ("name", "state", "age"),
    [
        ("supertrend", {"supertrend_direction": 1.0}, "supertrend_age_candles"),
        ("structure", {"structure_direction": -1.0}, "structure_age_candles"),
        ("regime", {"regime_trend_down": 1.0}, "regime_age_candles"),
        ("liquidity", {}, "sweep_below_age_candles"),
        (
            "taker_flow",
            {"taker_buy_share": 0.5, "delta_ratio_20": 0.0, "absorption_side": -1.0},
            "absorption_age_candles",
        ),
    ],
)
def test_a_fresh_event_speaks_louder_than_an_old_one(name, state, age):
    sizes = [abs(vote(name, **state, **{age: candles}).value) for candles in (0.0, 3.0, 20.0, 90.0)]
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[0] > 1.5 * sizes[-1]


def test_an_event_is_told_with_its_age():
    one = vote("supertrend", supertrend_direction=-1.0, supertrend_age_candles=1.0)
    assert one.reason == "Supertrend turned down 1 candle ago"
    new = vote("structure", structure_direction=1.0, structure_age_candles=0.0)
    assert new.reason == "break of structure up on this candle"


def test_a_chandelier_without_a_stop_in_force_takes_no_side():
    assert vote("chandelier", chandelier_direction=0.0).value == 0.0


def test_moving_averages_of_a_young_market_do_without_the_slow_one():
    young = {"ema_50_distance_atr": 3.0, "ema_50_slope_atr": 0.6}
    assert vote("moving_averages", **young).value == 1.0


@pytest.mark.parametrize("regime", ["range", "volatile", "quiet"])
def test_a_regime_without_a_trend_takes_no_side(regime):
    assert vote("regime", **{f"regime_{regime}": 1.0}, regime_age_candles=0.0).value == 0.0


def test_a_quiet_candle_says_nothing_whatever_its_body():
    assert vote("volume", relative_volume_20=0.8, body_atr=2.0).value == 0.0


def test_a_book_that_was_hardly_heard_hardly_speaks():
    leaning = {"book_imbalance_mean": 0.5, "book_imbalance_last": 0.5}
    assert vote("book", **leaning, heard_share=0.1).value == pytest.approx(0.1)
    assert vote("book", **leaning, heard_share=1.0).value == 1.0
    assert vote("book", **leaning).value == 0.0


def test_zones_that_nobody_swept_are_known_to_say_nothing():
    assert vote("liquidity", liquidity_above_atr=3.0).reason == "no liquidity was swept lately"


def test_timeframes_that_are_not_known_count_as_undecided():
    assert vote("timeframes", alignment_1h=0.6).value == pytest.approx(0.1 / 0.6)


@pytest.mark.parametrize(
    ("values", "side", "expected"),
    [
        ({"atr_14_rank_240": 0.5}, 1, 0.0),
        ({"atr_14_rank_240": 1.0}, 1, 1.0),
        ({"atr_14_rank_240": 0.0}, -1, 1.0),
        ({"atr_14_rank_240": 0.5, "true_range_atr": 9.0}, 1, 1.0),
    ],
)
def test_extreme_and_dead_volatility_are_penalised(values, side, expected):
    assert FILTERS["volatility"].judge(values, side).value == expected


def test_a_stretched_price_is_penalised_only_the_way_it_is_stretched():
    high = {"ema_20_distance_atr": 4.0, "rsi_14": 60.0}
    assert FILTERS["stretch"].judge(high, 1).value == 1.0
    assert FILTERS["stretch"].judge(high, -1).value == 0.0


def test_costs_weigh_more_where_price_moves_less_and_the_spread_adds_to_them():
    judged = [
        FILTERS["costs"].judge(values, 1).value
        for values in (
            {"atr_14_pct": 1.0},
            {"atr_14_pct": 0.3},
            {"atr_14_pct": 0.3, "spread_bps": 10.0},
            {"atr_14_pct": 0.03},
        )
    ]
    assert judged == sorted(set(judged))
    assert (judged[0], judged[-1]) == (0.0, 1.0)
    assert FILTERS["costs"].judge({"atr_14_pct": 0.0}, 1).reason.endswith("unknown")


@given(st.floats(0, 1e6), st.floats(0.1, 100))
def test_what_fades_stays_between_its_rest_and_one(age, half_life):
    assert 0.0 <= freshness(age, half_life) <= 1.0
    assert 0.2 <= fading(age, half_life, 0.2) <= 1.0
    assert freshness(half_life, half_life) == 0.5


def test_shares_and_penalties_are_cut_at_their_ends():
    assert [within(v, 2.0) for v in (-9.0, 1.0, 9.0)] == [-1.0, 0.5, 1.0]
    assert [penalty(v, 2.0, 4.0) for v in (1.0, 3.0, 9.0)] == [0.0, 0.5, 1.0]
    assert [penalty(v, 0.1, 0.0) for v in (0.2, 0.05, 0.0)] == [0.0, 0.5, 1.0]
