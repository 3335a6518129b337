"""Open interest asked of the real simulator over loopback."""

import asyncio
from itertools import pairwise

import pytest

from core.data.binance_rest import BinanceRest
from core.data.errors import RestError
from core.data.open_interest import KEPT_MS, MAX_SNAPSHOTS, Period
from tests.core.data.test_feed_against_simulator import START_MS, exchange, pointed_at

pytestmark = pytest.mark.simulator


def test_the_simulators_open_interest_is_read_up_to_the_end_that_was_asked_for():
    async def scenario():
        async with exchange() as port, BinanceRest(pointed_at(port)) as rest:
            with pytest.raises(RestError, match="endTime"):
                await rest.open_interest("BTCUSDT", Period.M5, end_ms=START_MS - 2 * KEPT_MS)
            return await rest.open_interest("BTCUSDT", Period.M5, end_ms=START_MS)

    found = asyncio.run(scenario())
    assert len(found) == MAX_SNAPSHOTS
    assert START_MS - Period.M5.duration_ms < found[-1].at_ms <= START_MS
    assert all(b.at_ms - a.at_ms == Period.M5.duration_ms for a, b in pairwise(found))
    assert all(each.contracts > 0.0 for each in found)
