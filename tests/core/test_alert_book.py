"""Alerts on prices and features, as the engine watches for them."""

import asyncio
from dataclasses import replace

import msgspec
import pytest

from core.alert_book import MOST_ALERTS, AlertBook
from core.journal.command_records import AlertRow
from core.model.alert import PRICE, Alert, Comparison
from core.model.intervals import Interval
from tests.builders import START_MS
from tests.core.hand_scene import running
from tests.core.journal.builders import decision, key
from tests.core.paper_scene import MINUTE, at_once

CROSSES = Alert("BTCUSDT", None, PRICE, Comparison.CROSSES, 100.0)
FEATURE = Alert("BTCUSDT", Interval.M15, "supertrend_direction", Comparison.ABOVE, 0.5)


class FakeJournal:
    """Keeps the newest state of each alert."""

    def __init__(self):
        self.saved = {}

    def alerts(self):
        return tuple(row for row in self.saved.values() if row.active)

    def save_alerts(self, rows):
        self.saved |= {row.id: row for row in rows}


def replace_event(update, at_ms):
    """The same candle, told at another time."""
    return msgspec.structs.replace(update, event_time_ms=at_ms)


def book_over(journal):
    made = AlertBook(
        journal,
        journal,
        write=at_once,
        interval=Interval.M15,
        followed=lambda: ("BTCUSDT",),
        evaluated=lambda: ("BTCUSDT",),
    )
    made.recover()
    return made


class Scene:
    def __init__(self, *alerts):
        self.journal = FakeJournal()
        self.book = book_over(self.journal)
        for number, alert in enumerate(alerts, start=1):
            self.book.add(AlertRow(number, alert, START_MS))

    def hear(self, seconds, close, **changes):
        self.book.hear(running(at_ms=START_MS + seconds * 1000, close=close, **changes))

    def written(self):
        async def a_while():
            running_book = asyncio.ensure_future(self.book.run())
            for _ in range(5):
                await asyncio.sleep(0)
            running_book.cancel()

        asyncio.run(a_while())
        return self.journal.saved


def test_a_price_that_crossed_and_came_back_between_two_updates_is_told_once():
    scene = Scene(CROSSES)
    scene.hear(1, 99.0, high=150.0)  # printed before anybody looked
    assert scene.book.knows(1)
    scene.hear(2, 99.0, high=150.0)
    assert scene.book.knows(1)
    scene.hear(62, 99.0, high=100.5)
    assert not scene.book.knows(1)
    fired = scene.written()[1]
    assert (fired.active, fired.fired_ms, fired.value) == (False, START_MS + 62_000, 99.0)


def test_an_alert_that_stays_rests_a_minute_after_each_time():
    scene = Scene(replace(CROSSES, once=False))
    for seconds, close in ((1, 99.0), (2, 101.0), (3, 99.0), (63, 101.0), (64, 99.0), (130, 99.0)):
        scene.hear(seconds, close)
    assert scene.written()[1].fired_ms == START_MS + 130_000
    assert scene.book.knows(1)


def test_a_crossing_that_was_missed_while_no_engine_ran_is_told_at_the_next_price():
    scene = Scene(CROSSES)
    scene.hear(1, 99.0)
    scene.written()
    scene.book = book_over(scene.journal)
    scene.hear(300, 101.0)
    assert scene.written()[1].fired_ms == START_MS + 300_000


def test_a_bar_that_is_told_late_counts_for_alerts_that_were_there():
    scene = Scene(CROSSES, replace(CROSSES, level=105.0))
    scene.hear(1, 99.0)
    scene.hear(121, 99.5)
    scene.book.add(AlertRow(3, CROSSES, START_MS + 2 * MINUTE))
    scene.hear(122, 99.5)
    late = running(at_ms=START_MS + 60_000, close=99.0, high=104.0)
    scene.book.hear(late)
    assert [scene.book.knows(number) for number in (1, 2, 3)] == [False, True, True]


def test_a_feature_is_looked_at_when_its_bar_is_evaluated():
    scene = Scene(replace(FEATURE, subject="a"), replace(FEATURE, symbol="ETHUSDT", subject="a"))
    bar = decision(key())
    for value in (0.1, 0.9):
        scene.book.judged(replace(bar, features={"a": value, "b": 1.0}))
    assert scene.written()[1].value == 0.9
    assert scene.book.knows(2)
    scene.book.judged(replace(decision(key(symbol="ETHUSDT")), features=None))
    assert scene.book.knows(2)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"subject": "luck"}, "no feature named luck"),
        ({"interval": Interval.H1}, "evaluated on 15m"),
        ({"symbol": "ETHUSDT"}, "does not evaluate ETHUSDT"),
        ({"symbol": "ETHUSDT", "subject": PRICE, "interval": None}, "does not follow ETHUSDT"),
        ({}, ""),
        ({"subject": PRICE, "interval": None}, ""),
    ],
)
def test_what_cannot_be_watched_for_is_refused(changes, words):
    refusal = Scene().book.refusal(replace(FEATURE, **changes))
    assert words in refusal
    assert bool(refusal) is bool(words)


def test_there_are_no_more_alerts_than_so_many():
    scene = Scene(*[CROSSES] * MOST_ALERTS)
    assert "already" in scene.book.refusal(CROSSES)


def test_a_close_that_is_told_late_tells_no_range_again_that_was_heard_before():
    scene = Scene(replace(CROSSES, once=False))
    scene.hear(1, 99.0, low=99.0)
    scene.hear(20, 101.0, low=99.0, high=101.0)
    fired = scene.written()[1]
    assert fired.fired_ms == START_MS + 20_000
    scene.hear(90, 101.0)
    closed = running(at_ms=START_MS, close=101.0, low=99.0, high=101.5)
    scene.book.hear(replace_event(closed, START_MS + 91_000))
    assert scene.written()[1] == fired
    deeper = running(at_ms=START_MS, close=101.0, low=98.0, high=101.5)
    scene.book.hear(replace_event(deeper, START_MS + 92_000))
    assert scene.written()[1].fired_ms == START_MS + 92_000
