import asyncio
from collections import Counter

import pytest

from core.data.errors import RestError
from core.data.market_facts_history import (
    FRESH_S,
    LEASE_S,
    MOST_KEPT,
    RETRY_S,
    FactReading,
    FundingQuery,
    MarketFactsHistory,
    OpenInterestQuery,
)
from core.data.open_interest import Period
from core.model.funding import Settlement
from core.model.open_interest import OpenInterest
from tests.builders import START_MS

HOUR_MS = 3_600_000
HELD = OpenInterestQuery("BTCUSDT", Period.M5)
FUNDING = FundingQuery("BTCUSDT", 30)
NOW_MS = START_MS + 100 * HOUR_MS


class FakeRest:
    """Settles every eight hours; fails as often as it is told to."""

    def __init__(self):
        self.now_ms = NOW_MS
        self.failures = []
        self.asked = []

    async def server_time_ms(self):
        return self.now_ms

    async def settlements(self, symbol, start_ms, end_ms):
        self._ask((start_ms, end_ms))
        first = -(-max(start_ms, START_MS) // (8 * HOUR_MS))
        times = (i * 8 * HOUR_MS for i in range(first, end_ms // (8 * HOUR_MS) + 1))
        return tuple(Settlement(at_ms, 0.0001) for at_ms in times)

    async def open_interest(self, symbol, period, *, end_ms=None):
        self._ask((symbol, period, end_ms))
        return (OpenInterest(START_MS, float(len(self.asked))),)

    def _ask(self, what):
        self.asked.append(what)
        if self.failures:
            raise RestError(self.failures.pop(0))


class Scene:
    """Facts whose time passes only by `pass_s`."""

    def __init__(self):
        self.rest = FakeRest()
        self.now_s = 0.0
        self.told = Counter()
        self._sleepers = []
        self.facts = MarketFactsHistory(self.rest, sleep=self._sleep, monotonic=lambda: self.now_s)
        self.facts.listen(lambda symbol: self.told.update([symbol]))

    async def _sleep(self, for_s):
        woken = asyncio.get_running_loop().create_future()
        self._sleepers.append((self.now_s + for_s, woken))
        await woken

    async def want(self, *queries):
        self.facts.want(queries)
        await self.settle()

    async def settle(self):
        for _ in range(20):  # more turns of the loop than a question takes
            await asyncio.sleep(0)

    async def pass_s(self, for_s):
        self.now_s += for_s
        due = [woken for at_s, woken in self._sleepers if at_s <= self.now_s]
        self._sleepers = [(at_s, w) for at_s, w in self._sleepers if at_s > self.now_s]
        for woken in due:
            if not woken.done():
                woken.set_result(None)
        await self.settle()


def played(play):
    async def run():
        scene = Scene()
        async with scene.facts:
            await play(scene)

    asyncio.run(run())


def test_nothing_is_known_before_it_is_asked_for():
    async def play(scene):
        assert scene.facts.open_interest(HELD) == FactReading(None, "")
        assert scene.facts.funding(FUNDING).rows is None

    played(play)


def test_what_is_wanted_is_asked_for_once_and_told():
    async def play(scene):
        await scene.want(HELD)
        await scene.want(HELD)
        assert scene.facts.open_interest(HELD).rows == (OpenInterest(START_MS, 1.0),)
        assert scene.rest.asked == [("BTCUSDT", Period.M5, None)]
        assert scene.told == {"BTCUSDT": 1}

    played(play)


def test_an_answer_is_asked_for_again_while_somebody_looks_and_then_no_more():
    async def play(scene):
        await scene.want(HELD)
        await scene.pass_s(FRESH_S)
        assert len(scene.rest.asked) == 2
        await scene.pass_s(LEASE_S)
        assert len(scene.rest.asked) == 2
        assert scene.facts.open_interest(HELD).rows == (OpenInterest(START_MS, 2.0),)
        await scene.want(HELD)
        assert len(scene.rest.asked) == 3

    played(play)


def test_a_failure_is_told_and_tried_again_and_what_was_known_stays():
    async def play(scene):
        await scene.want(HELD)
        scene.rest.failures = ["HTTP 503"]
        await scene.pass_s(FRESH_S)
        known = (OpenInterest(START_MS, 1.0),)
        assert scene.facts.open_interest(HELD) == FactReading(known, "HTTP 503")
        assert scene.told["BTCUSDT"] == 2
        await scene.pass_s(RETRY_S)
        assert scene.facts.open_interest(HELD).trouble == ""

    played(play)


def test_before_the_first_answer_a_failure_leaves_nothing_known():
    async def play(scene):
        scene.rest.failures = ["unreachable"]
        await scene.want(FUNDING)
        assert scene.facts.funding(FUNDING) == FactReading(None, "unreachable")

    played(play)


def test_only_settlements_since_the_last_known_are_asked_for_again():
    async def play(scene):
        await scene.want(FUNDING)
        before = scene.facts.funding(FUNDING).rows
        scene.rest.now_ms += 8 * HOUR_MS
        await scene.pass_s(FRESH_S)
        after = scene.facts.funding(FUNDING).rows
        assert after[:-1] == before
        assert scene.rest.asked[1][0] == before[-1].at_ms + 1

    played(play)


def test_what_has_an_end_is_asked_for_once():
    async def play(scene):
        ended = OpenInterestQuery("BTCUSDT", Period.H1, NOW_MS)
        await scene.want(ended)
        await scene.pass_s(FRESH_S)
        await scene.want(ended)
        assert scene.rest.asked == [("BTCUSDT", Period.H1, NOW_MS)]

    played(play)


def test_only_so_many_answers_are_kept_and_those_on_screen_are():
    async def play(scene):
        await scene.want(HELD)
        past = [OpenInterestQuery(f"S{i}USDT", Period.H1, NOW_MS) for i in range(2 * MOST_KEPT)]
        for query in past:
            await scene.want(query)
        known = [query for query in past if scene.facts.open_interest(query).rows]
        assert len(known) < MOST_KEPT
        assert past[-1] in known
        assert scene.facts.open_interest(HELD).rows

    played(play)


def test_an_error_nobody_foresaw_is_not_passed_over():
    async def play(scene):
        async def broken():
            raise ZeroDivisionError

        scene.rest.server_time_ms = broken
        await scene.want(FUNDING)
        with pytest.raises(ZeroDivisionError):
            scene.facts.want([FUNDING])

    played(play)
