import math
from dataclasses import replace

import numpy as np
import pytest

from core.model.features import FeatureGroup
from core.model.intervals import Interval
from core.model.market_view import MarketView
from core.model.overlay import LONGEST_WARM_UP
from core.overlays import load_overlays
from core.signals.feature_input import FeatureInput
from core.signals.features import FAMILIES, FEATURES, candle_features
from tests.builders import candles, random_walk
from tests.core.overlays.markets import generated, past, real
from tests.core.real_markets import needs_recordings
from tests.core.signals.markets import (
    features_of,
    heard_market,
    scaled,
    shapes_of,
    still,
    whole_view,
)

WINDOW = LONGEST_WARM_UP + 1
# What is needed whether or not anybody draws it, by the rules among others.
FROM_CANDLES = {"atr", "ema", "candles"}
LIVE = {name for name, spec in FEATURES.items() if spec.source == "heard live"}
# Fine candles of a file, the interval decided on, its candles.
FILES = [
    ("SOLUSDT", Interval.M1, 20_000, Interval.M1),
    ("BTCUSDT", Interval.M1, 40_000, Interval.M15),
    ("ETHUSDT", Interval.M15, 4_000, Interval.M15),
]
ODD = {
    "one bar": candles([100.0]),
    "two bars": random_walk(2),
    "not yet warm": random_walk(60),
    "still": still(volume=10.0),
    "still and untraded": still(),
    "tiny": scaled(price=1e-8, volume=1e9),
    "huge": scaled(price=1e6, volume=1e-6),
    "untraded": scaled(volume=0.0),
    "a day": random_walk(1441, interval=Interval.D1),
}


def flow_unknown(market):
    nothing = np.full(len(market), np.nan)
    return replace(market, taker_buy_volume=nothing, taker_buy_quote_volume=nothing.copy())


def assert_possible(features):
    assert set(features.values) | set(features.missing) == set(FEATURES)
    for name, value in features.values.items():
        spec = FEATURES[name]
        assert math.isfinite(value), name
        assert spec.allows(value), f"{name} is {value}, not {spec.low} to {spec.high}"


def assert_same(one, other, *, rounding=1e-9):
    assert one.missing == other.missing
    for name, value in one.values.items():
        assert value == pytest.approx(other.values[name], rel=rounding, abs=rounding), name


def window(view, n, rows):
    """The view when ``n`` of its candles had closed, from ``rows`` before on."""
    then = past(view, n)
    return replace(then, candles=then.candles.tail(rows))


def test_there_are_as_many_as_asked_for_each_with_all_there_is_to_know():
    assert len(FEATURES) >= 50
    for name, spec in FEATURES.items():
        assert spec.name == name
        assert spec.unit
        assert spec.meaning
        assert spec.source in {*load_overlays(), "candles", "heard live"}, name


def test_every_group_is_there_and_no_name_is_used_twice():
    assert set(FAMILIES) == set(FeatureGroup)
    assert sum(len(family.specs) for family in FAMILIES.values()) == len(FEATURES)
    for group, family in FAMILIES.items():
        assert {spec.group for spec in family.specs} == {group}


@pytest.mark.parametrize("market", ODD.values(), ids=ODD)
def test_a_group_computes_what_it_lists_and_nothing_else(market):
    view = MarketView(market)
    for family in FAMILIES.values():
        computed = family.compute(FeatureInput(view, shapes_of(view)))
        assert list(computed) == [spec.name for spec in family.specs]


def test_a_market_with_everything_has_every_feature_sooner_or_later():
    seen = set()
    for n in range(WINDOW, 1000, -40):
        features = features_of(past(heard_market(), n))
        assert_possible(features)
        seen |= set(features.values)
    # No takers of this market are ever so one-sided.
    assert set(FEATURES) - seen == {"absorption_side", "absorption_age_candles"}


@needs_recordings
@pytest.mark.parametrize(("symbol", "fine", "of_file", "interval"), FILES, ids=str)
def test_recorded_features_are_possible_and_the_same_from_any_longer_view(
    symbol, fine, of_file, interval
):
    view = whole_view(real(symbol, fine, of_file), interval, WINDOW + 700)
    for n in range(len(view.candles), WINDOW, -53):
        short, longer = window(view, n, WINDOW), window(view, n, WINDOW + n % 700)
        features = features_of(short)
        assert_possible(features)
        assert_same(features, features_of(longer))


def test_features_of_a_window_with_what_was_heard_are_those_of_any_longer_view():
    view = whole_view(generated(2), Interval.M1, WINDOW + 700)
    for n in range(len(view.candles), WINDOW + 400, -31):
        short, longer = window(view, n, WINDOW), past(view, n)
        features = features_of(short)
        assert LIVE & set(features.values)
        assert_same(features, features_of(longer))


def test_nothing_is_read_that_came_later():
    view = heard_market()
    for n in (1440, 1400, 1391, 700):
        assert features_of(view.head(n)) == features_of(past(view, n))


@pytest.mark.parametrize("market", ODD.values(), ids=ODD)
def test_an_odd_market_has_possible_values_or_none(market):
    assert_possible(features_of(market))
    assert_possible(features_of(flow_unknown(market)))


def test_a_still_market_without_volume_has_no_ratios():
    features = features_of(still())
    assert {"relative_volume_20", "taker_buy_share", "range_position_50"} <= set(features.missing)
    assert {"delta_ratio_20", "day_delta_ratio", "imbalance_z_50"} <= set(features.missing)
    assert not any(name.endswith("_atr") for name in features.values)
    assert features.values["atr_14"] == 0.0
    assert features.values["return_20_pct"] == 0.0


@pytest.mark.parametrize("n", [0, 1, 2, 3, 15, 49])
def test_short_history_names_what_is_missing(n):
    features = features_of(random_walk(480).head(n))
    assert_possible(features)
    assert {"ema_50_distance_atr", "return_60_pct", "atr_14_rank_240"} <= set(features.missing)


def test_where_nothing_was_heard_and_nothing_else_is_known_that_is_missing():
    features = features_of(MarketView(heard_market().candles))
    assert set(features.missing) >= LIVE
    others = {f"alignment_{i.value}" for i in Interval if i is not Interval.M1}
    assert {"alignment_score", *others} <= set(features.missing)


@pytest.mark.parametrize("key", load_overlays())
def test_an_absent_overlay_leaves_only_its_own_features_missing(key):
    view = heard_market()
    every = features_of(view)
    rest = candle_features(view, {k: s for k, s in shapes_of(view).items() if k != key})
    lost = set(rest.missing) - set(every.missing)
    known = {name for name in every.values if FEATURES[name].source == key}
    assert lost == (set() if key in FROM_CANDLES else known)
    assert all(rest.values[name] == every.values[name] for name in rest.values)


def test_age_counts_candles_since_the_last_turn():
    market = random_walk(1441)
    turns = [
        int(time)
        for table in shapes_of(MarketView(market))["supertrend"][1:]
        for time in table.at_ms
    ]
    row = int(np.searchsorted(market.open_time_ms, max(turns)))
    assert features_of(market).values["supertrend_age_candles"] == 1440 - row
    assert features_of(market.head(row + 1)).values["supertrend_age_candles"] == 0.0
    assert features_of(market.head(row)).values["supertrend_age_candles"] > 0.0


def test_returns_and_position_are_what_they_say():
    values = features_of(candles([100.0] * 60 + [110.0])).values
    assert values["return_1_pct"] == pytest.approx(10.0)
    assert values["return_60_pct"] == pytest.approx(10.0)
    assert values["range_position_50"] == 1.0
    assert values["relative_volume_20"] == 1.0
    assert values["relative_trade_size_20"] == 1.0
    assert values["taker_buy_share"] == 0.5
    assert values["delta_ratio_20"] == 0.0


@pytest.mark.parametrize("factor", [2.0**-20, 2.0**20])
def test_features_in_atr_do_not_depend_on_the_price_level(factor):
    plain = features_of(random_walk(480)).values
    scaled = features_of(random_walk(480, price=100.0 * factor)).values
    # The grid of the volume profile has round steps, which are others at another price.
    in_quote = {"atr_14", "point_of_control_distance_atr", "value_area_position"}
    assert set(plain) == set(scaled)
    for name in set(plain) - in_quote:
        assert scaled[name] == pytest.approx(plain[name], rel=1e-6, abs=1e-9), name
