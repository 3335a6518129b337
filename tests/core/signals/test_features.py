import math

import numpy as np
import pytest

from core.model.candles import CandleSeries
from core.model.events import Markers
from core.model.features import FeatureSet
from core.model.intervals import Interval
from core.model.market_view import MarketView
from core.model.shapes import Line
from core.overlays import load_overlays
from core.signals.features import candle_features
from tests.builders import START_MS, candle, candles, random_walk

NAMES = {
    "supertrend_direction",
    "supertrend_distance_atr",
    "supertrend_age_candles",
    "ema_20_distance_atr",
    "ema_20_slope_atr",
    "ema_50_distance_atr",
    "ema_50_slope_atr",
    "atr_14",
    "atr_14_pct",
    "return_1_pct",
    "return_5_pct",
    "return_20_pct",
    "range_position_50",
    "relative_volume_20",
    "taker_buy_share",
    "delta_ratio_20",
}


def features_of(market):
    shapes = {
        key: overlay.compute(MarketView(market), overlay.defaults)
        for key, overlay in load_overlays().items()
    }
    return candle_features(market, shapes)


def test_a_long_market_has_every_feature():
    features = features_of(random_walk(480))
    assert set(features.values) == NAMES
    assert features.missing == ()


@pytest.mark.parametrize("n", [0, 1, 2, 3, 15, 49])
def test_short_history_names_what_is_missing(n):
    features = features_of(random_walk(480).head(n))
    assert set(features.values) | set(features.missing) == NAMES
    assert "ema_50_distance_atr" in features.missing
    assert all(math.isfinite(value) for value in features.values.values())


def test_a_flat_market_without_volume_has_no_ratios():
    quiet = {"volume": 0.0, "quote_volume": 0.0, "trades": 0}
    nothing = quiet | {"taker_buy_volume": 0.0, "taker_buy_quote_volume": 0.0}
    rows = [candle(START_MS + i * 60_000, 7.0, **nothing) for i in range(480)]
    features = features_of(CandleSeries.from_candles("BTCUSDT", Interval.M1, rows))
    assert {"relative_volume_20", "taker_buy_share", "range_position_50"} <= set(features.missing)
    assert features.values["atr_14"] == 0.0
    assert features.values["return_20_pct"] == 0.0


def test_an_absent_overlay_leaves_its_features_missing():
    features = candle_features(random_walk(480), {})
    assert set(features.missing) == {
        "supertrend_direction",
        "supertrend_distance_atr",
        "supertrend_age_candles",
    }


def test_age_counts_candles_since_the_last_flip():
    market = random_walk(480)
    supertrend = load_overlays()["supertrend"]
    line, *markers = supertrend.compute(MarketView(market), supertrend.defaults)
    assert isinstance(line, Line)
    assert all(isinstance(table, Markers) for table in markers)
    newest_ms = max(int(table.at_ms[-1]) for table in markers)
    row = int(np.searchsorted(market.open_time_ms, newest_ms))
    assert features_of(market).values["supertrend_age_candles"] == 479 - row
    assert features_of(market.head(row + 1)).values["supertrend_age_candles"] == 0.0
    assert features_of(market.head(row)).values["supertrend_age_candles"] > 0.0


def test_returns_and_position_are_what_they_say():
    values = features_of(candles([100.0] * 60 + [110.0])).values
    assert values["return_1_pct"] == pytest.approx(10.0)
    assert values["return_5_pct"] == pytest.approx(10.0)
    assert values["range_position_50"] == 1.0
    assert values["relative_volume_20"] == 1.0
    assert values["taker_buy_share"] == 0.5
    assert values["delta_ratio_20"] == 0.0


@pytest.mark.parametrize("factor", [2.0**-20, 2.0**20])
def test_features_in_atr_do_not_depend_on_the_price_level(factor):
    plain = features_of(random_walk(480)).values
    scaled = features_of(random_walk(480, price=100.0 * factor)).values
    for name in NAMES - {"atr_14"}:
        assert scaled[name] == pytest.approx(plain[name], rel=1e-6, abs=1e-9), name


def test_features_of_a_candle_do_not_look_ahead():
    market = random_walk(600)
    assert features_of(market.head(500)) == features_of(market.rows(0, 500))
    assert isinstance(features_of(market), FeatureSet)
