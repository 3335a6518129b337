import asyncio

import pytest

from core.companion_history import CompanionHistory
from core.data.errors import RestError
from core.model.intervals import Interval

INTERVALS = {Interval.M5: 11, Interval.H1: 12}


class FakeExchange:
    """Loads a series whenever it is let; notes how many are asked at once."""

    def __init__(self, failing=()):
        self.loaded = []
        self.at_once = self.most_at_once = 0
        self._failing = set(failing)

    async def ensure(self, symbol, interval, bars):
        assert bars == INTERVALS[interval]
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        await asyncio.sleep(0)
        self.at_once -= 1
        if (symbol, interval) in self._failing:
            raise RestError(f"{symbol}: unreachable")
        self.loaded.append((symbol, interval))


def play(exchange, *rounds):
    """Want the symbols of each round and wait until all is quiet."""

    async def run():
        history = CompanionHistory(exchange.ensure, INTERVALS)
        running = asyncio.ensure_future(history.run())
        for symbols in rounds:
            for symbol in symbols:
                history.want(symbol)
            for _ in range(50):
                await asyncio.sleep(0)
        assert not running.done()
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    asyncio.run(run())
    return exchange.loaded


def test_each_series_of_a_wanted_symbol_is_loaded_one_after_the_other():
    exchange = FakeExchange()
    loaded = play(exchange, ["BTCUSDT", "ETHUSDT", "BTCUSDT"])
    assert loaded == [(s, i) for s in ("BTCUSDT", "ETHUSDT") for i in INTERVALS]
    assert exchange.most_at_once == 1


def test_what_is_wanted_again_is_asked_for_again():
    assert len(play(FakeExchange(), ["BTCUSDT"], ["BTCUSDT"])) == 2 * len(INTERVALS)


def test_a_series_that_cannot_be_had_keeps_no_other_waiting_and_is_told_once(caplog):
    exchange = FakeExchange(failing={("BTCUSDT", Interval.M5)})
    loaded = play(exchange, ["BTCUSDT", "ETHUSDT"], ["BTCUSDT"])
    assert ("BTCUSDT", Interval.H1) in loaded
    assert ("ETHUSDT", Interval.M5) in loaded
    assert len(caplog.records) == 1


def test_any_other_failure_is_not_swallowed():
    class Broken:
        async def ensure(self, symbol, interval, bars):
            raise ZeroDivisionError

    async def run():
        history = CompanionHistory(Broken().ensure, INTERVALS)
        history.want("BTCUSDT")
        await history.run()

    with pytest.raises(ZeroDivisionError):
        asyncio.run(run())
