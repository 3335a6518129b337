import numpy as np
import pytest

from core.indicators.vwap import session_vwap, typical_price
from core.model.intervals import Interval
from core.model.market_view import MarketView
from core.model.shapes import Note
from core.overlays.vwap import OVERLAY
from tests.builders import START_MS, candle, random_walk
from tests.core.overlays.markets import without


def shapes(market):
    return OVERLAY.compute(MarketView(market), OVERLAY.defaults)


def test_each_day_is_a_session_of_its_own():
    market = random_walk(48, interval=Interval.H1)
    line, *_ = shapes(market)
    price = typical_price(market.high, market.low, market.close)
    for day in (slice(0, 24), slice(24, 48)):
        mean, _ = session_vwap(price[day], market.volume[day])
        np.testing.assert_allclose(line.y[day], mean, rtol=1e-14)


def test_bands_are_one_and_two_deviations_around_the_line():
    line, inner, outer = shapes(random_walk(300))
    np.testing.assert_allclose(inner.upper + inner.lower, 2.0 * line.y)
    np.testing.assert_allclose(outer.upper - line.y, 2.0 * (inner.upper - line.y), atol=1e-12)
    assert (inner.upper[1:] > inner.lower[1:]).all()


@pytest.mark.parametrize("price", [1e-8, 1e6])
def test_the_line_stays_within_the_prices_of_the_day(price):
    market = random_walk(1440, price=price)
    line, *_ = shapes(market)
    assert (line.y <= np.maximum.accumulate(market.high) * (1.0 + 1e-12)).all()
    assert (line.y >= np.minimum.accumulate(market.low) * (1.0 - 1e-12)).all()


def test_a_day_without_all_of_its_candles_says_so():
    market = random_walk(30, interval=Interval.H1)
    absent = np.zeros(30, dtype=bool)
    absent[26] = True
    *_, note = shapes(without(market, absent))
    assert isinstance(note, Note)
    assert "missing" in note.text
    assert note.known_ms == market.interval.close_time_ms(int(market.open_time_ms[-1]))


def test_a_day_without_trades_says_so():
    quiet = candle(
        START_MS, volume=0.0, quote_volume=0.0, taker_buy_volume=0.0, taker_buy_quote_volume=0.0
    )
    market = type(random_walk(1)).from_candles("BTCUSDT", Interval.M1, [quiet])
    line, *_, note = shapes(market)
    assert np.isnan(line.y).all()
    assert "traded" in note.text


def test_a_known_value_needs_no_words():
    assert not any(isinstance(shape, Note) for shape in shapes(random_walk(10)))
    assert not any(isinstance(shape, Note) for shape in shapes(random_walk(0)))


def test_a_day_is_the_warm_up():
    warm_up = [OVERLAY.warm_up_candles(OVERLAY.defaults, interval) for interval in Interval]
    assert warm_up == [1439, 287, 95, 23, 5, 0]
