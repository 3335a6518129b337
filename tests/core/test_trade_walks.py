import asyncio
from contextlib import suppress

from core.data.errors import RestError
from core.model.funding import Settlement
from core.model.trade import ExitReason, TradeStatus
from core.trade_walks import TradeWalks
from tests.builders import START_MS, candles
from tests.core.decision_scene import AtOnceWriter
from tests.core.paper_scene import FakeExchange, FakeJournal, FakeStore, desk_over, pending

MINUTE = 60_000
SYMBOL = "BTCUSDT"


def at(minute):
    return START_MS + minute * MINUTE


class FakeFeed:
    """Completes candles when it may."""

    def __init__(self, symbols=(SYMBOL,)):
        self.symbols = symbols
        self.now_ms = at(60)
        self.failing = False
        self.answers = asyncio.Event()
        self.answers.set()
        self.asked = []

    def market_time_ms(self):
        return self.now_ms

    async def complete(self, symbol, start_ms, end_ms):
        self.asked.append((symbol, start_ms, end_ms))
        await self.answers.wait()
        if self.failing:
            raise RestError("klines: unreachable")


class Scene:
    def __init__(self, *trades, exchange=None, symbols=(SYMBOL,)):
        self.journal = FakeJournal(*trades)
        market = candles([100.0] * 30 + [94.0] * 60)
        self.desk = desk_over(self.journal, FakeStore(market), exchange)
        self.feed = FakeFeed(symbols)
        self.writer = AtOnceWriter()

    def play(self, scenario):
        async def played():
            with suppress(asyncio.CancelledError):
                async with asyncio.timeout(60), asyncio.TaskGroup() as tasks:
                    walks = TradeWalks(self.feed, self.desk, writer=self.writer, tasks=tasks)
                    running = tasks.create_task(walks.run(lambda: (SYMBOL,)))
                    await scenario(walks)
                    self.ended = True
                    running.cancel()
                    raise asyncio.CancelledError

        asyncio.run(played())
        assert self.ended

    ended = False

    def exits(self):
        return [trade.exit_reason for trade in self.journal.trades.values()]


async def until(condition):
    while not condition():
        await asyncio.sleep(0)


def test_a_walk_goes_as_far_as_the_bar_whose_turn_it_is():
    scene = Scene(pending(1))

    async def scenario(walks):
        await walks.begin(SYMBOL, at(29))
        assert scene.desk.next_bar_ms(SYMBOL) == at(30)
        await walks.begin(SYMBOL, at(30))

    scene.play(scenario)
    assert scene.exits() == [ExitReason.STOP]


def test_a_trade_waits_where_candles_could_still_be_had():
    scene = Scene(pending(1))
    scene.feed.failing = True

    async def scenario(walks):
        await walks.begin(SYMBOL, at(40))
        assert scene.desk.next_bar_ms(SYMBOL) == at(0)
        scene.feed.failing = False
        await walks.begin(SYMBOL, at(40))

    scene.play(scenario)
    assert scene.exits() == [ExitReason.STOP]


def test_nobody_waits_for_a_walk_while_the_journal_cannot_be_written():
    scene = Scene(pending(1))
    scene.feed.answers.clear()

    async def scenario(walks):
        scene.writer.room.clear()
        await walks.begin(SYMBOL, at(40))
        await asyncio.sleep(0)
        await walks.begin(SYMBOL, at(41))
        assert len(scene.feed.asked) == 1, "the next one sees these candles too"
        scene.feed.answers.set()
        await until(lambda: scene.exits() == [ExitReason.STOP])

    scene.play(scenario)


def test_where_nothing_is_open_nothing_is_asked_for():
    scene = Scene()
    scene.play(lambda walks: walks.begin(SYMBOL, at(40)))
    assert scene.feed.asked == []


def test_a_trade_of_a_symbol_that_nobody_follows_is_walked_once_a_minute():
    scene = Scene(pending(1, stop=1.0, target=1000.0), symbols=())

    async def scenario(walks):
        await until(lambda: scene.desk.next_bar_ms(SYMBOL) == at(59))
        for _ in range(3):
            walks.minute_closed()
            await asyncio.sleep(0)
        assert len(scene.feed.asked) == 1
        scene.feed.now_ms += MINUTE
        walks.minute_closed()
        await until(lambda: scene.desk.next_bar_ms(SYMBOL) == at(60))

    scene.play(scenario)


def test_funding_that_hangs_keeps_no_stop_of_a_stray_waiting():
    hung = asyncio.Event()
    exchange = FakeExchange(Settlement(at(60), 0.001, 100.0))
    exchange.meanwhile = hung.wait
    stray = pending(
        1,
        symbol="GONEUSDT",
        status=TradeStatus.OPEN,
        entry_ms=at(0),
        entry_price=100.0,
        funding_ms=at(0),
    )
    scene = Scene(stray, pending(2), exchange=exchange)
    market = candles([100.0] * 90, symbol="GONEUSDT")
    scene.desk = desk_over(scene.journal, FakeStore(market), exchange)
    assert scene.desk.open_symbols == {"GONEUSDT", SYMBOL}

    async def scenario(walks):
        await until(lambda: scene.desk.next_bar_ms("GONEUSDT") == at(59))
        for minute in (70, 75, 80):
            scene.feed.now_ms = at(minute)
            walks.minute_closed()
            await until(lambda m=minute: scene.desk.next_bar_ms("GONEUSDT") == at(m - 1))
        assert len(exchange.asked) == 1, "it has not answered yet"
        hung.set()

    scene.play(scenario)
