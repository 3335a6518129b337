import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from itertools import pairwise

import pytest

from core.data.errors import RestError
from core.data.orderflow.book_keeper import BookKeeper
from core.data.orderflow.depth_snapshot import DepthSnapshot
from core.data.orderflow.statistics import OrderFlowStatistics
from core.model.order_flow import BookPhase
from tests.core.data.orderflow.events import depth, snapshot

NOBODY = "NOBODYUSDT"


class Rest:
    """Answers with the id that is current for the symbol, or fails."""

    def __init__(self, clock: "Clock") -> None:
        self.clock = clock
        self.last_ids: dict[str, int] = {}
        self.error: str = ""
        self.asked: list[tuple[float, str]] = []

    async def depth(self, symbol: str, limit: int = 1_000) -> DepthSnapshot:
        assert limit == 1_000
        self.asked.append((self.clock.now_s, symbol))
        if self.error:
            raise RestError(self.error)
        return snapshot(self.last_ids[symbol])


class Clock:
    """Time that passes only by sleeping; ``each`` happens after each sleep."""

    def __init__(self) -> None:
        self.now_s = 0.0
        self.each: Callable[[], None] = lambda: None

    async def sleep(self, for_s: float) -> None:
        self.now_s += for_s
        self.each()
        await asyncio.sleep(0)


def kept(symbols: tuple[str, ...]) -> tuple[BookKeeper, Rest, Clock, OrderFlowStatistics]:
    clock, statistics = Clock(), OrderFlowStatistics()
    rest = Rest(clock)
    keeper = BookKeeper(rest, statistics, monotonic=lambda: clock.now_s, sleep=clock.sleep)
    keeper.follow(symbols)
    return keeper, rest, clock, statistics


@asynccontextmanager
async def running(keeper: BookKeeper) -> AsyncIterator[Callable[[Callable[[], bool]], object]]:
    async def until(done: Callable[[], bool]) -> None:
        async with asyncio.timeout(60.0):
            while not done():
                await asyncio.sleep(0)

    task = asyncio.create_task(keeper.run())
    yield until
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


def run_until(keeper: BookKeeper, done: Callable[[], bool]) -> None:
    async def scenario() -> None:
        async with running(keeper) as until:
            await until(done)

    asyncio.run(scenario())


def test_a_book_becomes_live_once_its_stream_speaks():
    keeper, rest, clock, _ = kept(("BTCUSDT", "ETHUSDT"))
    keeper.take(depth(5, 10, symbol="BTCUSDT"))
    rest.last_ids = {"BTCUSDT": 8}
    run_until(keeper, lambda: keeper.state("BTCUSDT").state is BookPhase.LIVE)
    assert [symbol for _, symbol in rest.asked] == ["BTCUSDT"]
    clock.now_s += 3.0
    book = keeper.state("BTCUSDT")
    assert (book.best_bid, book.best_ask) == ((99.0, 1.0), (101.0, 1.0))
    assert book.age_s == clock.now_s
    assert keeper.state("ETHUSDT").state is BookPhase.NONE


def test_snapshots_are_asked_one_at_a_time_with_pauses_the_important_first():
    symbols = tuple(f"S{i}USDT" for i in range(20))
    keeper, rest, _, _ = kept(symbols)
    for symbol in reversed(symbols):
        keeper.take(depth(5, 10, symbol=symbol))
        rest.last_ids[symbol] = 10
    run_until(keeper, lambda: len(rest.asked) == len(symbols))
    assert tuple(symbol for _, symbol in rest.asked) == symbols
    times = [at for at, _ in rest.asked]
    assert all(later - at >= 2.0 for at, later in pairwise(times))


def test_a_book_that_breaks_again_and_again_is_asked_for_at_ever_longer_intervals():
    keeper, rest, _, statistics = kept(("BTCUSDT",))
    keeper.take(depth(50, 60))
    rest.last_ids = {"BTCUSDT": 10}  # always too old
    run_until(keeper, lambda: len(rest.asked) == 10)
    times = [at for at, _ in rest.asked]
    pauses = [later - at for at, later in pairwise(times)]
    assert pauses[0] >= 5.0
    assert pauses == sorted(pauses)
    assert 60.0 <= pauses[-1] <= 62.0
    assert statistics.snapshots_stale >= 9


def test_one_book_out_of_order_does_not_hold_up_the_others():
    keeper, rest, _, _ = kept(("BTCUSDT", "ETHUSDT"))
    keeper.take(depth(50, 60, symbol="BTCUSDT"))
    rest.last_ids = {"BTCUSDT": 10, "ETHUSDT": 10}

    async def scenario() -> None:
        async with running(keeper) as until:
            await until(lambda: len(rest.asked) >= 6)
            asked = len(rest.asked)
            keeper.take(depth(5, 10, symbol="ETHUSDT"))
            await until(lambda: keeper.state("ETHUSDT").state is BookPhase.LIVE)
            assert len(rest.asked) <= asked + 2

    asyncio.run(scenario())


def test_a_refusal_is_told_once_and_tried_again(caplog):
    keeper, rest, clock, _ = kept(("BTCUSDT",))
    keeper.take(depth(5, 10))
    rest.error, rest.last_ids = "depth BTCUSDT: HTTP 503", {"BTCUSDT": 10}

    def recover() -> None:
        if len(rest.asked) >= 3:
            rest.error = ""

    clock.each = recover
    with caplog.at_level(logging.WARNING):
        run_until(keeper, lambda: keeper.state("BTCUSDT").state is BookPhase.LIVE)
    assert len(caplog.records) == 1


def test_a_broken_chain_is_healed_by_a_new_snapshot():
    keeper, rest, _, statistics = kept(("BTCUSDT",))
    keeper.take(depth(5, 10))
    rest.last_ids = {"BTCUSDT": 10}

    async def scenario() -> None:
        async with running(keeper) as until:
            await until(lambda: keeper.state("BTCUSDT").state is BookPhase.LIVE)
            keeper.take(depth(15, 20))
            assert keeper.state("BTCUSDT").state is BookPhase.BROKEN
            rest.last_ids = {"BTCUSDT": 18}
            await until(lambda: keeper.state("BTCUSDT").state is BookPhase.LIVE)

    asyncio.run(scenario())
    assert (statistics.chains_broken, statistics.snapshots) == (1, 2)


def test_what_is_not_followed_is_neither_kept_nor_asked_for():
    keeper, _, _, _ = kept(("BTCUSDT",))
    keeper.take(depth(5, 10, symbol=NOBODY))
    keeper.restart([NOBODY])
    assert keeper.state(NOBODY).state is BookPhase.NONE
    keeper.take(depth(5, 10))
    keeper.follow(())
    assert keeper.state("BTCUSDT").age_s is None
