"""Settlements asked of the real simulator over loopback."""

import asyncio

import pytest

from core.data.binance_rest import BinanceRest
from core.model.intervals import Interval
from tests.core.data.test_feed_against_simulator import START_MS, exchange, pointed_at

pytestmark = pytest.mark.simulator

DAY_MS = Interval.D1.duration_ms


def test_the_simulators_funding_is_read_with_its_mark_prices():
    async def scenario():
        async with exchange() as port, BinanceRest(pointed_at(port)) as rest:
            return await rest.settlements("BTCUSDT", START_MS - DAY_MS, START_MS)

    found = asyncio.run(scenario())
    assert len(found) == 3
    assert all(each.at_ms % Interval.H4.duration_ms == 0 for each in found)
    assert all(each.mark_price is not None for each in found)
