import logging
from dataclasses import replace

from core.feature_runner import FeatureRunner
from core.model.candles import CandleSeries
from core.model.features import FeatureGroup
from core.model.intervals import Interval
from core.model.market_view import MarketView
from core.signals.features import FAMILIES, FEATURES, candle_features
from core.telemetry import Telemetry
from tests.builders import random_walk
from tests.core.signals.markets import shapes_of


def fails(seen):
    raise ZeroDivisionError("flat")


BROKEN = dict(FAMILIES) | {
    FeatureGroup.FLOW: replace(FAMILIES[FeatureGroup.FLOW], compute=fails),
}
VIEW = MarketView(random_walk(480))


def test_it_computes_the_features_and_measures_each_group():
    telemetry = Telemetry()
    features = FeatureRunner(telemetry).run(VIEW, shapes_of(VIEW))
    assert features == candle_features(VIEW, shapes_of(VIEW))
    readings = telemetry.drain()
    assert [r.feature for r in readings] == [f"features.{group}" for group in FeatureGroup]
    assert all(r.rows == 480 and r.error == "" for r in readings)


def test_a_group_that_raises_is_missing_by_name_and_the_others_go_on(caplog):
    telemetry = Telemetry()
    whole = candle_features(VIEW, shapes_of(VIEW))
    runner = FeatureRunner(telemetry, BROKEN)
    with caplog.at_level(logging.ERROR):
        features = [runner.run(VIEW, shapes_of(VIEW)) for _ in range(3)]
    flow = {spec.name for spec in FAMILIES[FeatureGroup.FLOW].specs}
    assert set(features[0].missing) == set(whole.missing) | flow
    assert all(features[0].values[name] == whole.values[name] for name in features[0].values)
    errors = [r.feature for r in telemetry.drain() if r.error == "ZeroDivisionError: flat"]
    assert errors == ["features.flow"] * 3
    assert len(caplog.records) == 1


def test_without_a_unit_of_distance_what_is_not_a_distance_is_still_there():
    absent = {**shapes_of(VIEW), "atr": ()}
    telemetry = Telemetry()
    features = FeatureRunner(telemetry).run(VIEW, absent)
    failed = {r.feature for r in telemetry.drain() if r.error}
    assert "features.volatility" in failed
    assert "taker_buy_share" in features.values
    assert "rsi_14" in features.missing


def test_without_candles_everything_is_missing():
    nothing = MarketView(CandleSeries.empty("BTCUSDT", Interval.M1))
    telemetry = Telemetry()
    features = FeatureRunner(telemetry).run(nothing, {})
    assert features.missing == tuple(FEATURES)
    assert telemetry.drain() == ()
