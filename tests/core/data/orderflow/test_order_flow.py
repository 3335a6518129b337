import asyncio

import numpy as np
import pytest

from core.data.orderflow.depth_snapshot import DepthSnapshot
from core.data.orderflow.order_flow import OrderFlow
from core.model.intervals import MINUTE_MS
from core.model.order_flow import BookPhase
from tests.core.data.orderflow.events import depth, snapshot, top, trade


class Rest:
    """Knows one order book."""

    async def depth(self, symbol: str, limit: int = 1_000) -> DepthSnapshot:
        return snapshot(10, limit=limit)


def followed(*symbols: str, bars: int = 10) -> OrderFlow:
    flow = OrderFlow(Rest(), bars=bars)
    flow.follow(symbols)
    return flow


def test_trades_and_tops_of_a_bar_share_a_row():
    flow = followed("BTCUSDT")
    for event in (trade(1, 59_000), top(1, 61_000, 3, 1), trade(2, 62_000), trade(3, 120_000)):
        flow.take(event)
    series = flow.flow("BTCUSDT")
    assert series.symbol == "BTCUSDT"
    assert len(series) == 3
    assert series.complete.tolist() == [False, True, False]
    assert series.buy_volume[1] == 1.0
    assert series.imbalance_last[1] == 0.5
    assert len(flow.footprints("BTCUSDT")) == 3


def test_each_symbol_has_its_own_bars():
    flow = followed("BTCUSDT", "ETHUSDT")
    flow.take(trade(1, 0, quantity=5.0))
    flow.take(trade(77, 0, quantity=7.0, symbol="ETHUSDT"))
    assert flow.flow("BTCUSDT").buy_volume.tolist() == [5.0]
    assert flow.flow("ETHUSDT").buy_volume.tolist() == [7.0]
    assert flow.symbols == ("BTCUSDT", "ETHUSDT")


def test_what_is_not_followed_is_left_out_and_forgotten():
    flow = followed("BTCUSDT")
    for event in (trade(1, 0), top(1, 0), depth(5, 10)):
        flow.take(event)
    flow.take(trade(1, 0, symbol="ETHUSDT"))
    assert len(flow.flow("ETHUSDT")) == 0
    flow.follow(("ETHUSDT",))
    assert len(flow.flow("BTCUSDT")) == 0
    assert flow.footprints("BTCUSDT") == ()
    assert flow.book("BTCUSDT").state is BookPhase.NONE
    flow.follow(("ETHUSDT", "BTCUSDT"))
    assert len(flow.flow("BTCUSDT")) == 0


def test_following_more_keeps_what_is_known():
    flow = followed("BTCUSDT")
    flow.take(trade(1, 0))
    flow.follow(("ETHUSDT", "BTCUSDT"))
    assert flow.flow("BTCUSDT").buy_volume.tolist() == [1.0]


def test_the_book_is_fetched_and_given_up_after_a_disconnect():
    async def scenario() -> None:
        flow = followed("BTCUSDT")
        flow.take(depth(5, 10))
        running = asyncio.create_task(flow.run())
        async with asyncio.timeout(60.0):
            while flow.book("BTCUSDT").state is not BookPhase.LIVE:
                await asyncio.sleep(0)
        assert flow.book("BTCUSDT").imbalance() == 0.0
        flow.disconnected(["BTCUSDT", "NOBODYUSDT"])
        assert flow.book("BTCUSDT").state is BookPhase.NONE
        assert flow.statistics.snapshots == 1
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running

    asyncio.run(scenario())


def test_a_disconnect_ends_the_hold_of_the_best_prices_and_no_bar_of_trades():
    flow = followed("BTCUSDT", bars=20)
    for event in (trade(1, 0), trade(2, 60_000), top(1, 60_000)):
        flow.take(event)
    flow.disconnected(("BTCUSDT",))
    for event in (trade(3, 120_000), top(2, 10 * MINUTE_MS)):
        flow.take(event)
    series = flow.flow("BTCUSDT")
    assert series.complete.tolist() == [False, True, False, False]
    assert np.isnan(series.imbalance_mean).tolist() == [True, False, True, False]


def test_statistics_are_a_copy_of_the_moment():
    flow = followed("BTCUSDT")
    before = flow.statistics
    flow.take(trade(1, 0))
    flow.take(trade(1, 0))
    assert (before.trades_repeated, flow.statistics.trades_repeated) == (0, 1)


def test_books_are_counted_by_phase():
    flow = followed("BTCUSDT", "ETHUSDT")
    assert flow.book_phases() == {BookPhase.NONE: 2}
    flow.take(depth(1, 2))
    assert flow.book_phases() == {BookPhase.SYNCING: 1, BookPhase.NONE: 1}
