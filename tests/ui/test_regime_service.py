import asyncio

import numpy as np
import pytest

from core.indicators.regime import RegimeParams, regime_memory
from core.model.candles import CandleSeries
from core.model.intervals import MINUTE_MS, Interval
from core.model.market_view import MarketView
from core.model.regime import Regime
from core.model.shapes import Ribbon
from core.overlays import load_overlays
from core.signals.regime_reading import newest_regime
from tests import builders
from tests.ui.fakes import TICKS_PER_BAR, world
from ui.regime_service import RegimeService, regime_reading
from ui.view import View

PARAMS = RegimeParams()
NEEDED = regime_memory(PARAMS) + 1
BTC = View("BTCUSDT", Interval.M1)
WALK = builders.random_walk(1200, seed=11)


def test_it_says_what_the_overlay_on_the_chart_says():
    overlay = load_overlays()["market_regime"]
    for rows in range(NEEDED, len(WALK), 97):
        shapes = overlay.compute(MarketView(WALK.tail(rows)), overlay.defaults)
        reading = regime_reading(WALK.tail(rows), PARAMS)
        assert reading.regime is newest_regime({"market_regime": shapes})
        (ribbon,) = [shape for shape in shapes if isinstance(shape, Ribbon)]
        run = ribbon.code[-reading.candles :]
        assert (run == run[-1]).all()
        if not reading.is_older:
            assert ribbon.code[-reading.candles - 1] != run[-1]


@pytest.mark.parametrize("rows", [0, 1, 40])
def test_too_few_candles_are_no_regime(rows):
    reading = regime_reading(WALK.tail(rows), PARAMS)
    assert (reading.regime, reading.candles, reading.seen) == (Regime.UNKNOWN, 0, rows)
    assert reading.adx is None


def test_it_is_settled_from_the_candle_on_at_which_more_history_changes_nothing():
    assert not regime_reading(WALK.tail(NEEDED - 1), PARAMS).is_settled
    assert regime_reading(WALK.tail(NEEDED), PARAMS).is_settled


def test_a_market_that_stands_still_has_one_regime_all_along():
    still = builders.candles(np.full(NEEDED, 5.0))
    reading = regime_reading(still, PARAMS)
    assert reading.regime is not Regime.UNKNOWN
    assert reading.is_older


def test_a_market_is_judged_once_per_closed_candle():
    market = world()
    service = RegimeService(market.services)

    async def scenario():
        first = await service.reading(BTC)
        market.market.step(TICKS_PER_BAR - 1)
        again = await service.reading(BTC)
        market.market.step(1)
        return first, again, await service.reading(BTC)

    first, again, later = asyncio.run(scenario())
    assert again is first
    assert later.known_ms == first.known_ms + MINUTE_MS


def test_a_market_without_candles_is_unknown():
    market = world()
    market.store.series["BTCUSDT", Interval.M1] = CandleSeries.empty("BTCUSDT", Interval.M1)
    reading = asyncio.run(RegimeService(market.services).reading(BTC))
    assert (reading.regime, reading.known_ms) == (Regime.UNKNOWN, None)
