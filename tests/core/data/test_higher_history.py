import asyncio

from core.data.backfill import Backfill
from core.data.data_store import DataStore
from core.data.higher_history import ASK_AGAIN_S, HigherHistory
from core.model.candles import Candle
from core.model.intervals import Interval
from tests.builders import home, random_walk, settings

H1 = Interval.H1
BARS = 40


class FakeHistory:
    """Knows some hours, and leaves out what it is told to."""

    def __init__(self) -> None:
        self.market = list(random_walk(BARS, interval=H1))
        self.absent: set[int] = set()
        self.asked = 0

    async def klines(
        self,
        symbol: str,
        interval: Interval,
        *,
        start_ms: int | None = None,
        end_ms: int | None = None,
        limit: int = 1500,
    ) -> list[Candle]:
        self.asked += 1
        return [
            bar
            for i, bar in enumerate(self.market)
            if i not in self.absent and (start_ms or 0) <= bar.open_time_ms <= (end_ms or 10**15)
        ][-limit:]


def test_a_bar_that_was_left_out_is_asked_for_again_but_not_soon(tmp_path):
    async def scenario() -> None:
        exchange, now_s = FakeHistory(), [1_000.0]
        store = DataStore(settings(), home(tmp_path))

        async def save() -> None:
            store.flush()

        higher = HigherHistory(
            settings(),
            store,
            Backfill(store, exchange),
            newest_minute_ms=lambda _: exchange.market[-1].open_time_ms - 60_000,
            save=save,
            monotonic=lambda: now_s[0],
        )
        exchange.absent = {20}
        for _ in range(2):  # the first asks for all of it, the second for what did not come
            await higher.ensure("BTCUSDT", H1)
        assert len(store.candles("BTCUSDT", H1)) == BARS - 2
        asked = exchange.asked
        exchange.absent = set()
        await higher.ensure("BTCUSDT", H1)
        assert exchange.asked == asked, "the exchange was asked for it just now"
        now_s[0] += ASK_AGAIN_S
        await higher.ensure("BTCUSDT", H1)
        assert list(store.candles("BTCUSDT", H1)) == exchange.market[:-1]

    asyncio.run(scenario())


def test_a_few_bars_can_be_had_without_all_and_all_of_them_later(tmp_path):
    async def scenario() -> None:
        exchange = FakeHistory()
        exchange.market = exchange.market[10:]  # the market is younger than what is kept
        store = DataStore(settings(), home(tmp_path))

        async def save() -> None:
            store.flush()

        higher = HigherHistory(
            settings(),
            store,
            Backfill(store, exchange),
            newest_minute_ms=lambda _: exchange.market[-1].open_time_ms - 60_000,
            save=save,
        )
        await higher.ensure("BTCUSDT", H1, 7)
        assert list(store.candles("BTCUSDT", H1)) == exchange.market[-8:-1]
        await higher.ensure("BTCUSDT", H1)
        assert list(store.candles("BTCUSDT", H1)) == exchange.market[:-1]
        await higher.ensure("BTCUSDT", H1)  # what is older is not there, as is known from now on
        asked = exchange.asked
        for candles in (7, None, 7, None):
            await higher.ensure("BTCUSDT", H1, candles)
        assert exchange.asked == asked

    asyncio.run(scenario())
