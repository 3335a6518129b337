import asyncio
import logging
import threading
from dataclasses import replace

from core.config.health import Ceiling
from core.journal.errors import JournalError
from core.model.health import Level
from ops.health.rule import Observation, Rule
from ops.health.watch import HealthWatch, Lane, Probe

DEADLINE_S = 60.0


class Clock:
    def __init__(self):
        self.now_s = 100.0

    def __call__(self):
        return self.now_s


class Gauge:
    """Says what it is set to, and counts how often it was asked."""

    def __init__(self, value=1.0):
        self.value, self.asked = value, 0

    def __call__(self):
        self.asked += 1
        if isinstance(self.value, Exception):
            raise self.value
        return Observation(f"at {self.value}", self.value)


def probe(name, look, lane=Lane.LOOP, every_s=0.0):
    return Probe(Rule(name, name.title(), Ceiling(warning=5.0)), look, lane, every_s)


def watch(*probes, clock=None, every_s=10.0, **more):
    return HealthWatch(probes, every_s=every_s, monotonic=clock or Clock(), **more)


def levels(watched):
    return {finding.component: finding.level.value for finding in watched.findings()}


def test_before_the_first_round_nothing_is_found():
    watched = watch(probe("disk", Gauge()))
    assert (watched.findings(), watched.age_s()) == ((), None)


def test_a_look_that_fails_spares_the_others():
    watched = watch(
        probe("disk", Gauge(1.0), Lane.SYSTEM),
        probe("journal", Gauge(JournalError("no such table")), Lane.JOURNAL),
        probe("feed", Gauge(9.0)),
    )
    asyncio.run(watched.look())
    assert levels(watched) == {"disk": "ok", "journal": "unknown", "feed": "warning"}
    assert "no such table" in watched.findings()[1].reason


def test_what_is_looked_at_rarely_is_judged_again_each_round_and_ages():
    clock, dear = Clock(), Gauge(1.0)
    watched = watch(probe("sharpe", dear, every_s=3600.0), clock=clock)
    asyncio.run(watched.look())
    clock.now_s += 60.0
    asyncio.run(watched.look())
    assert (dear.asked, watched.findings()[0].age_s) == (1, 60.0)
    clock.now_s += 3600.0
    asyncio.run(watched.look())
    assert dear.asked == 2


def test_what_is_not_known_yet_is_not_left_for_an_hour():
    clock, dear = Clock(), Gauge(JournalError("none yet"))
    watched = watch(probe("sharpe", dear, every_s=3600.0), clock=clock)
    asyncio.run(watched.look())
    clock.now_s += 60.0
    asyncio.run(watched.look())
    assert dear.asked == 2


def test_one_that_hangs_is_unknown_and_holds_nobody_up():
    free = threading.Event()

    def hangs():
        assert free.wait(DEADLINE_S)
        return Observation("at last", 1.0)

    watched = watch(
        probe("locked", hangs, Lane.JOURNAL),
        probe("slow", hangs, Lane.RARE, 60.0),
        probe("disk", Gauge(1.0), Lane.SYSTEM),
        every_s=0.05,
    )

    async def scenario():
        await watched.look()
        first = levels(watched)
        free.set()
        while "unknown" in levels(watched).values():
            await watched.look()
        return first

    first = asyncio.run(scenario())
    assert first == {"locked": "unknown", "slow": "unknown", "disk": "ok"}
    assert levels(watched) == {"locked": "ok", "slow": "ok", "disk": "ok"}


def test_one_that_should_have_answered_long_ago_is_bad_of_itself():
    clock, free = Clock(), threading.Event()

    def hangs():
        assert free.wait(DEADLINE_S)
        return Observation("at last", 1.0)

    patient = replace(probe("database", hangs, Lane.JOURNAL), patience_s=40.0)
    watched = watch(patient, clock=clock, every_s=0.01)

    async def scenario():
        found = []
        for now_s in (100.0, 139.0, 140.0):
            clock.now_s = now_s
            await watched.look()
            found.append(levels(watched)["database"])
        free.set()
        while "critical" in levels(watched).values():
            await watched.look()
        return found

    assert asyncio.run(scenario()) == ["unknown", "unknown", "critical"]
    assert levels(watched) == {"database": "ok"}


def test_a_change_is_logged_once_and_a_healthy_line_never_says_error(caplog):
    gauge = Gauge(1.0)
    watched = watch(probe("disk", gauge))

    async def scenario():
        for value in (1.0, 1.0, 9.0, 9.0, OSError("gone"), 9.0, 1.0, 1.0):
            gauge.value = value
            await watched.look()

    with caplog.at_level(logging.DEBUG, "ops.health"):
        asyncio.run(scenario())
    told = [(r.levelname, r.getMessage()) for r in caplog.records]
    assert [level for level, _ in told] == ["WARNING", "INFO", "WARNING", "INFO"]
    assert "is ok" in told[-1][1]
    assert not [words for level, words in told if level == "INFO" and "error" in words.lower()]


def test_who_listens_is_told_of_each_round_and_cannot_end_it():
    heard = []
    watched = watch(probe("disk", Gauge(9.0)))
    watched.listen(lambda findings: {}["absent"])
    watched.listen(lambda findings: heard.append(findings[0].level))

    async def scenario():
        await watched.look()
        await watched.look()

    asyncio.run(scenario())
    assert heard == [Level.WARNING, Level.WARNING]


def test_it_looks_again_and_again_until_it_is_cancelled():
    gauge, rounds = Gauge(), []

    async def scenario():
        enough = asyncio.Event()

        async def sleep(seconds):
            rounds.append(seconds)
            if len(rounds) == 3:
                enough.set()
            await asyncio.sleep(0)

        watched = watch(probe("disk", gauge, Lane.SYSTEM), sleep=sleep)
        running = asyncio.create_task(watched.run())
        await asyncio.wait_for(enough.wait(), DEADLINE_S)
        running.cancel()
        await asyncio.wait({running})

    asyncio.run(scenario())
    assert gauge.asked >= 3
    assert set(rounds) == {10.0}


class StrangeError(Exception):
    """What nobody has thought of."""


def test_a_round_that_fails_in_a_way_nobody_thought_of_is_not_the_last(caplog):
    gauge = Gauge(StrangeError("so far unheard of"))

    async def scenario():
        found = asyncio.Event()

        async def sleep(_):
            gauge.value = 1.0
            await asyncio.sleep(0)

        watched = watch(probe("disk", gauge), sleep=sleep)
        watched.listen(lambda _: found.set())
        running = asyncio.create_task(watched.run())
        await asyncio.wait_for(found.wait(), DEADLINE_S)
        running.cancel()
        await asyncio.wait({running})
        return levels(watched)

    assert asyncio.run(scenario()) == {"disk": "ok"}
    assert "a round failed" in caplog.text
