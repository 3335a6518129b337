import numpy as np
import pytest

from core.model.candles import CandleSeries
from core.model.intervals import Interval
from core.model.market_view import MarketView
from core.model.overlay import LONGEST_WARM_UP
from core.overlays.liquidity_zones import OVERLAY, LiquidityZonesParams, liquidity_zones
from tests.builders import START_MS, candle, random_walk
from tests.core.real_markets import needs_recordings, recorded

MINUTE = 60_000
RAMP = 60
WAY = 10


def market(turns, wicks=()):
    """A long way up to 0 points, then straight ways of ten candles from turn to turn."""
    points = [*np.linspace(-30.0, -0.5, RAMP)]
    for start, end in zip([0.0, *turns], turns, strict=False):
        points += [*np.linspace(start, end, WAY, endpoint=False)]
    points.append(turns[-1])
    rows = [candle(START_MS + i * MINUTE, 100.0 + point) for i, point in enumerate(points)]
    for row, high in wicks:
        rows[row] = candle(START_MS + row * MINUTE, 100.0 + points[row], high=high)
    return CandleSeries.from_candles("BTCUSDT", Interval.M1, rows)


def drawn(series, params=OVERLAY.defaults):
    return liquidity_zones(MarketView(series), params)


def test_equal_highs_make_one_zone_known_when_the_second_swing_is():
    above, below = drawn(market([10.0, 5.0, 10.1, 4.0]))
    (zone,) = above
    assert len(below) == 0
    first, newest = RAMP + WAY, RAMP + 3 * WAY
    assert (zone.name, zone.side) == ("Buy-side liquidity", -1)
    assert zone.from_ms == START_MS + first * MINUTE
    assert zone.confirmed_ms == START_MS + (newest + 5 + 1) * MINUTE - 1
    assert (zone.low, zone.high) == (110.0, pytest.approx(110.1))
    assert zone.ended_ms is None
    assert zone.events == {}
    assert 0.0 < zone.strength < 1.0


def test_equal_lows_make_a_zone_that_holds_price_up():
    above, below = drawn(market([10.0, 5.0, 14.0, 5.1, 9.0]))
    (zone,) = below
    assert len(above) == 0
    assert (zone.name, zone.side) == ("Sell-side liquidity", 1)
    assert (zone.low, zone.high) == (105.0, pytest.approx(105.1))


def test_a_zone_of_one_price_has_some_height_on_the_side_of_price():
    above, _ = drawn(market([10.0, 5.0, 10.0, 4.0]))
    (zone,) = above
    assert zone.high == 110.0
    assert 109.9 < zone.low < 110.0


def test_a_wick_beyond_the_zone_sweeps_it():
    row = RAMP + 4 * WAY
    series = market([10.0, 5.0, 10.1, 4.0, 3.0], wicks=[(row, 115.0)])
    (zone,) = drawn(series)[0]
    assert zone.ended_ms == START_MS + (row + 1) * MINUTE - 1
    assert zone.events == {"swept": zone.ended_ms}


def test_a_close_beyond_the_zone_mitigates_it():
    series = market([10.0, 5.0, 10.1, 4.0, 14.0])
    (zone,) = drawn(series)[0]
    broke = np.flatnonzero(series.close > zone.high)[0]
    assert zone.ended_ms == START_MS + (broke + 1) * MINUTE - 1
    assert zone.events == {"mitigated": zone.ended_ms}


def test_a_third_equal_high_founds_a_stronger_zone_in_place_of_the_first():
    old, new = drawn(market([10.0, 5.0, 10.1, 4.0, 10.05, 4.0]))[0]
    assert old.events == {"merged": new.confirmed_ms}
    assert new.from_ms == old.from_ms
    assert new.strength > old.strength


def test_a_zone_that_nothing_touches_expires():
    series = market([10.0, 5.0, 10.1, -10.0, -20.0, -30.0, -40.0, -50.0, -60.0])
    (zone,) = drawn(series, LiquidityZonesParams(life_candles=50))[0]
    assert zone.ended_ms == zone.confirmed_ms + 50 * MINUTE
    assert zone.events == {"expired": zone.ended_ms}


def test_every_zone_has_one_end_at_most_and_it_is_that_of_its_event():
    for zones in drawn(random_walk(3_000)):
        assert len(zones) > 20
        for zone in zones:
            assert list(zone.events.values()) == ([] if zone.ended_ms is None else [zone.ended_ms])
            assert zone.low < zone.high
            assert 0.0 < zone.strength < 1.0


@needs_recordings
@pytest.mark.parametrize(("symbol", "interval"), [("BTCUSDT", "15m"), ("SOLUSDT", "5m")])
def test_a_chart_shows_a_handful_of_zones(symbol, interval):
    """Enough to be of use, few enough to be read: per 500 bars, a dozen or so, 1 to 6 alive."""
    series = recorded(symbol, Interval(interval), 3_600)
    zones = drawn(series)
    per_chart = sum(len(table) for table in zones) * 500 / len(series)
    assert 8 < per_chart < 20
    alive = [
        sum(np.count_nonzero(live_at(table, known_ms)) for table in zones)
        for known_ms in series.open_time_ms[1_200::50] - 1
    ]
    assert 1 <= np.median(alive) <= 6
    assert max(alive) <= 12


def live_at(zones, known_ms):
    ended = (zones.ended_ms >= 0) & (zones.ended_ms <= known_ms)
    return (zones.confirmed_ms <= known_ms) & ~ended


def test_the_longest_memory_fits_into_the_longest_warm_up():
    most = LiquidityZonesParams(20, 2.0, 480, 720)
    assert OVERLAY.warm_up_candles(most, Interval.M1) <= LONGEST_WARM_UP
    assert OVERLAY.warm_up_candles(OVERLAY.defaults, Interval.D1) < OVERLAY.warm_up_candles(
        most, Interval.D1
    )
