"""A market and a client of it in one event loop, from the first bar to the last task."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from core.config import Settings
from core.model.intervals import MINUTE_MS, Interval
from tests.builders import home
from tests.faults.client import Client, Witness, pointed_at, running
from tests.faults.market import Exchange, Market
from tests.faults.verdict import assert_announced_each_once, assert_equal_to_the_exchange

# What is waited for takes seconds; on a machine with four times too much to do it took 71.
DEADLINE_S = 400.0
_DAY_CANDLES = Interval.D1.duration_ms // Interval.M1.duration_ms


async def until(
    condition: Callable[[], bool], what: str, *, deadline_s: float = DEADLINE_S
) -> float:
    """Poll until the condition holds; return how long that took, in seconds."""
    begun_s = time.monotonic()
    while not condition():
        if time.monotonic() - begun_s > deadline_s:
            raise AssertionError(f"not within {deadline_s:g} s: {what}")
        await asyncio.sleep(0.005)
    return time.monotonic() - begun_s


class Scene:
    """
    What a test of a fault needs to say, in its own words.

    Attributes:
        unheard_ms: Bars that nobody could announce, as the exchange did not have them in time.
    """

    def __init__(self, market: Exchange, client: Client, witness: Witness) -> None:
        self.market = market
        self.client = client
        self.witness = witness
        self.unheard_ms: set[int] = set()

    async def until(
        self, condition: Callable[[], bool], what: str, *, deadline_s: float = DEADLINE_S
    ) -> float:
        try:
            return await until(condition, what, deadline_s=deadline_s)
        except AssertionError as error:
            told = [(s.name, s.state.value, s.detail) for s in self.client.feed.streams()]
            raise AssertionError(f"{error}; {self.client.feed.status()}; {told}") from None

    async def market_passes(self, minutes: float) -> None:
        """Let the market trade for so many of its minutes."""
        due_ms = self.market.now_ms + int(minutes * 60_000)
        await self.until(lambda: self.market.now_ms >= due_ms, "market time passes")

    async def is_well(self, bars: int = 2) -> float:
        """Wait until all is live and whole and so many bars more are told; return the seconds."""
        begun_s = time.monotonic()
        await self.until(lambda: self.client.fine, "live and whole")
        healed_s = time.monotonic() - begun_s
        counts = {symbol: len(told) + bars for symbol, told in self.client.heard.items()}
        await self.until(
            lambda: all(len(self.client.heard[s]) >= n for s, n in counts.items()), "further bars"
        )
        await self.until(lambda: self.client.fine, "live and whole still")
        return healed_s

    def _has_a_day(self, symbol: str) -> bool:
        first_ms = self.client.newest_ms(symbol) - (_DAY_CANDLES - 1) * MINUTE_MS
        return len(self.client.store.open_times(symbol, Interval.M1, first_ms)) >= _DAY_CANDLES

    async def ends_equal(self) -> None:
        """Compare every candle with the exchange, once the background has filled its day."""
        client = self.client
        await client.load_higher()
        await self.until(
            lambda: all(map(self._has_a_day, client.symbols)), "a day of candles without a hole"
        )
        await self.is_well()
        assert_announced_each_once(client, self.unheard_ms)
        await assert_equal_to_the_exchange(client, self.market)
        assert client.feed.status().differences == 0
        assert not self.witness.lies, f"called whole while behind: {self.witness.lies[:3]}"


@asynccontextmanager
async def market_in(folder: Path, speed: float) -> AsyncIterator[Market]:
    """An exchange; when it has ended no task of anybody is left."""
    before = asyncio.all_tasks()
    market = Market(folder, speed)
    try:
        await market.open()
        yield market
    finally:
        await market.close()
    await until(
        lambda: asyncio.all_tasks() <= before, f"all tasks end: {asyncio.all_tasks() - before}"
    )


@asynccontextmanager
async def watched(
    market: Exchange, folder: Path, configured: Settings | None = None, **local: object
) -> AsyncIterator[Scene]:
    """A client of a market, well at the beginning, with a witness until its end."""
    configured = configured or pointed_at(market.port)
    async with running(configured, home(folder), **local) as client:
        patience_s = configured.feed.silence_s + 1.0
        witness = Witness(client, lambda: market.now_ms, int(patience_s * market.speed * 1_000))
        watching = asyncio.create_task(witness.run())
        try:
            yield Scene(market, client, witness)
        finally:
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)


@asynccontextmanager
async def scene(folder: Path, *, speed: float = 600.0, **feed: float) -> AsyncIterator[Scene]:
    """A market and its client, loaded and well."""
    async with (
        market_in(folder, speed) as market,
        watched(market, folder, pointed_at(market.port, **feed)) as found,
    ):
        await found.is_well()
        await found.client.load_higher()
        yield found
