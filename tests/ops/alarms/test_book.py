"""The rules of telling, one by one, and over random histories."""

import random

import pytest

from core.model.health import Finding, Level
from ops.alarms.alarm import EVERYTHING, Book, Kind, Orders
from ops.alarms.book import (
    HOUR_MS,
    LAPSES_AFTER_MS,
    MOST_AT_ONCE,
    MOST_MESSAGES,
    MOST_OF_COMPONENT,
    MOST_WARNINGS,
    look,
)
from ops.alarms.policy import Moment, Policy, QuietHours

MINUTE_MS = 60_000
OK, UNKNOWN, WARNING, CRITICAL = Level.OK, Level.UNKNOWN, Level.WARNING, Level.CRITICAL
NIGHT = QuietHours.parse("22:00-07:00")


class Scene:
    """A book, and a day that begins at noon."""

    def __init__(self, **policy):
        self.policy, self.book, self.orders = Policy(**policy), Book(), Orders()
        self.now_ms, self.noon_ms = 1_000_000_000_000, 1_000_000_000_000

    def at(self, minutes):
        self.now_ms = self.noon_ms + round(minutes * MINUTE_MS)
        return self

    def see(self, **levels):
        """Look at components of these levels; return what happened and what was told."""
        found = [Finding(name, level, f"{name} is {level}") for name, level in levels.items()]
        minute = (12 * 60 + (self.now_ms - self.noon_ms) // MINUTE_MS) % (24 * 60)
        looked = look(self.book, found, self.orders, self.policy, Moment(self.now_ms, minute))
        self.book = looked.book
        self.happened = [(e.kind, e.component) for e in looked.events]
        self.notices = looked.notices
        return [[(e.kind, e.component) for e in notice.events] for notice in looked.notices]

    def acknowledge(self, component):
        self.orders = Orders({component: self.book.alarms[component].risen_ms})


def test_what_is_bad_is_told_once_until_it_recovers_and_that_is_told_too():
    scene = Scene()
    assert scene.see(feed=OK) == []
    assert scene.see(feed=WARNING) == [[(Kind.RAISED, "feed")]]
    assert scene.at(1).see(feed=WARNING) == []
    assert scene.happened == []
    assert scene.at(2).see(feed=OK) == [[(Kind.RECOVERED, "feed")]]
    assert scene.book.alarms == {}
    assert scene.at(3).see(feed=OK) == []


def test_what_worsens_is_told_and_what_eases_only_logged():
    scene = Scene()
    scene.see(feed=WARNING)
    assert scene.at(1).see(feed=CRITICAL) == [[(Kind.WORSENED, "feed")]]
    assert scene.at(2).see(feed=WARNING) == []
    assert scene.happened == [(Kind.EASED, "feed")]
    assert scene.at(3).see(feed=CRITICAL) == [[(Kind.WORSENED, "feed")]]


def test_unknown_neither_raises_nor_recovers():
    scene = Scene()
    assert scene.see(feed=UNKNOWN) == []
    assert scene.book == Book()
    scene.see(feed=CRITICAL)
    assert scene.at(1).see(feed=UNKNOWN) == []
    assert scene.at(2).see() == []
    assert scene.book.alarms["feed"].level is CRITICAL
    assert scene.at(3).see(feed=CRITICAL) == []


def test_a_critical_one_is_repeated_until_somebody_has_seen_it():
    scene = Scene(repeat_ms=10 * MINUTE_MS)
    scene.see(feed=CRITICAL, cpu=WARNING)
    assert scene.at(9.9).see(feed=CRITICAL, cpu=WARNING) == []
    assert scene.at(10).see(feed=CRITICAL, cpu=WARNING) == [[(Kind.REPEATED, "feed")]]
    assert scene.happened == [(Kind.REPEATED, "feed")]
    assert scene.at(11).see() == []
    scene.acknowledge("feed")
    assert scene.at(40).see(feed=CRITICAL) == []
    assert scene.at(41).see(feed=OK) == [[(Kind.RECOVERED, "feed")]]
    assert scene.at(42).see(feed=CRITICAL) == [[(Kind.RAISED, "feed")]]
    assert scene.at(52).see(feed=CRITICAL) == [[(Kind.REPEATED, "feed")]]


def test_a_repeat_does_not_need_a_new_finding():
    scene = Scene(repeat_ms=10 * MINUTE_MS)
    scene.see(feed=CRITICAL)
    assert scene.at(10).see() == [[(Kind.REPEATED, "feed")]]


def test_an_acknowledged_warning_that_worsens_is_told_and_repeated():
    scene = Scene(repeat_ms=10 * MINUTE_MS)
    scene.see(feed=WARNING)
    scene.acknowledge("feed")
    assert scene.at(1).see(feed=CRITICAL) == [[(Kind.WORSENED, "feed")]]
    assert scene.at(11).see(feed=CRITICAL) == [[(Kind.REPEATED, "feed")]]


def test_what_somebody_has_seen_before_it_was_told_is_not_told():
    scene = Scene(quiet=NIGHT)
    scene.at(11 * 60).see(feed=WARNING)
    scene.acknowledge("feed")
    assert scene.at(20 * 60).see(feed=WARNING) == []
    assert scene.at(21 * 60).see(feed=OK) == [[(Kind.RECOVERED, "feed")]]


def test_a_clock_that_is_set_back_silences_no_repeat():
    scene = Scene(repeat_ms=10 * MINUTE_MS)
    scene.see(feed=CRITICAL)
    assert scene.at(-600).see(feed=CRITICAL) == [[(Kind.REPEATED, "feed")]]


def test_where_only_critical_ones_are_told_a_warning_is_logged_alone():
    scene = Scene(least=CRITICAL)
    assert scene.see(feed=WARNING) == []
    assert scene.happened == [(Kind.RAISED, "feed")]
    assert scene.at(1).see(feed=CRITICAL) == [[(Kind.RAISED, "feed")]]
    assert scene.at(2).see(feed=WARNING) == [[(Kind.EASED, "feed")]]
    assert scene.notices[0].events[0].level is WARNING
    assert scene.at(3).see(feed=OK) == []
    assert scene.book.alarms == {}


def test_in_quiet_hours_warnings_wait_and_are_told_together_if_they_are_still_true():
    scene = Scene(quiet=NIGHT)
    assert scene.at(10 * 60).see(cpu=WARNING) == []
    assert scene.happened == [(Kind.RAISED, "cpu")]
    assert scene.at(11 * 60).see(memory=WARNING, disk=WARNING) == []
    assert scene.at(12 * 60).see(disk=OK) == []
    assert scene.at(19 * 60 - 1).see() == []
    assert scene.at(19 * 60).see() == [[(Kind.RAISED, "cpu"), (Kind.RAISED, "memory")]]
    assert scene.at(19 * 60 + 1).see(cpu=WARNING, memory=WARNING) == []


@pytest.mark.parametrize("passes", [True, False])
def test_in_quiet_hours_critical_ones_and_their_recovery_pass_if_they_may(passes):
    scene = Scene(quiet=NIGHT, quiet_critical=passes)
    told = scene.at(10 * 60).see(feed=CRITICAL)
    assert told == ([[(Kind.RAISED, "feed")]] if passes else [])
    told = scene.at(11 * 60).see(feed=OK)
    assert told == ([[(Kind.RECOVERED, "feed")]] if passes else [])
    assert scene.at(20 * 60).see(feed=OK) == []


def test_a_recovery_in_quiet_hours_is_told_when_they_end():
    scene = Scene(quiet=NIGHT)
    scene.see(cpu=WARNING)
    assert scene.at(10 * 60).see(cpu=OK) == []
    assert scene.at(19 * 60).see() == [[(Kind.RECOVERED, "cpu")]]


def test_what_comes_back_before_its_recovery_was_told_is_no_news():
    scene = Scene(quiet=NIGHT)
    scene.see(cpu=WARNING)
    scene.at(10 * 60).see(cpu=OK)
    assert scene.at(11 * 60).see(cpu=WARNING) == []
    assert scene.at(20 * 60).see(cpu=WARNING) == []
    assert scene.at(21 * 60).see(cpu=OK) == [[(Kind.RECOVERED, "cpu")]]


@pytest.mark.parametrize("name", ["feed", EVERYTHING])
def test_a_silenced_component_is_logged_but_not_told(name):
    scene = Scene()
    scene.orders = Orders(silenced={name: scene.noon_ms + 60 * MINUTE_MS})
    assert scene.see(feed=CRITICAL) == []
    assert scene.happened == [(Kind.RAISED, "feed")]
    assert scene.at(59).see(feed=CRITICAL) == []
    assert scene.at(60).see(feed=CRITICAL) == [[(Kind.RAISED, "feed")]]


def test_what_recovers_while_it_is_silent_is_not_told_later():
    scene = Scene()
    scene.see(feed=CRITICAL)
    scene.orders = Orders(silenced={"feed": scene.noon_ms + 60 * MINUTE_MS})
    assert scene.at(1).see(feed=OK) == []
    assert scene.at(61).see(feed=OK) == []


def test_many_at_once_make_one_message():
    few = {f"c{i}": CRITICAL for i in range(MOST_AT_ONCE)}
    assert len(Scene().see(**few)) == MOST_AT_ONCE
    many = {f"c{i}": CRITICAL for i in range(MOST_AT_ONCE + 1)}
    assert [len(notice) for notice in Scene().see(**many)] == [MOST_AT_ONCE + 1]


def test_what_comes_and_goes_is_told_a_few_times_and_then_when_the_hour_is_over():
    scene = Scene()
    told = []
    for minute in range(59):
        told += scene.at(minute).see(cpu=WARNING if minute % 2 == 0 else OK, feed=OK)
    assert len(told) == MOST_OF_COMPONENT
    assert scene.at(59).see(cpu=WARNING, feed=CRITICAL) == [[(Kind.RAISED, "feed")]]
    assert scene.at(61).see(cpu=WARNING) == [[(Kind.RAISED, "cpu")]]
    assert scene.notices[0].events[0].changes == 1


def test_a_message_says_how_often_it_changed_meanwhile():
    scene = Scene(quiet=NIGHT)
    scene.see(cpu=WARNING)
    for minute in range(600, 607):
        scene.at(minute).see(cpu=OK if minute % 2 == 0 else WARNING)
    scene.at(19 * 60).see()
    assert scene.notices[0].events[0].changes == 7


def test_warnings_leave_room_for_what_is_critical():
    scene = Scene()
    told = []
    for i in range(MOST_WARNINGS + 3):
        told += scene.at(i / 10).see(**{f"w{i}": WARNING})
    assert len(told) == MOST_WARNINGS
    assert scene.notices == ()
    for i in range(MOST_MESSAGES - MOST_WARNINGS + 2):
        told += scene.at(5 + i / 10).see(**{f"c{i}": CRITICAL})
    assert len(told) == MOST_MESSAGES
    assert scene.at(59).see() == []
    late = scene.at(66).see()
    assert sorted(len(group) for group in late) == [2, 3]
    assert scene.at(67).see() == []


def test_the_last_message_within_the_limit_says_so():
    scene = Scene()
    marks = []
    for i in range(MOST_WARNINGS):
        scene.at(i / 10).see(**{f"w{i}": WARNING})
        marks.append(scene.notices[0].is_last)
    assert marks == [False] * (MOST_WARNINGS - 1) + [True]


def test_a_component_nobody_speaks_of_any_more_lapses_without_a_message():
    scene = Scene()
    scene.see(feed=WARNING)
    scene.now_ms += LAPSES_AFTER_MS
    assert scene.see(feed=UNKNOWN) == []
    assert "feed" in scene.book.alarms
    scene.now_ms += 1
    assert scene.see() == []
    assert scene.happened == [(Kind.LAPSED, "feed")]
    assert scene.book.alarms == {}


def test_an_alarm_is_as_old_as_the_finding_says_but_not_of_the_future():
    for since_ms, kept_ms in ((5, 5), (2_000, 1_000), (None, 1_000)):
        found = [Finding("feed", WARNING, "", since_ms=since_ms)]
        looked = look(Book(), found, Orders(), Policy(), Moment(1_000, 0))
        assert looked.book.alarms["feed"].since_ms == kept_ms


@pytest.mark.parametrize("seed", range(12))
def test_whatever_happens_people_know_in_the_end_and_are_never_told_the_same_twice(seed):
    rng = random.Random(seed)  # noqa: S311 - a history of a test
    scene = Scene(quiet=NIGHT if seed % 2 else None, repeat_ms=10**12)
    believed: dict[str, Level] = dict.fromkeys("abcdef", OK)
    told_ms = []
    minute = 0
    for _ in range(300):
        minute += rng.choice([0.2, 1, 5])
        seen = {name: rng.choice(list(Level)) for name in rng.sample("abcdef", rng.randint(0, 6))}
        scene.at(minute).see(**seen)
        for name, level in seen.items():
            if level is WARNING and believed[name] is CRITICAL:
                believed[name] = WARNING  # that it eased is logged, not told
        for notice in scene.notices:
            told_ms.append(scene.now_ms)
            assert len({event.component for event in notice.events}) == len(notice.events)
            for event in notice.events:
                assert event.level is not believed[event.component]
                assert (event.kind is Kind.RECOVERED) == (event.level is OK)
                believed[event.component] = event.level
        recent = [ms for ms in told_ms if scene.now_ms - HOUR_MS < ms]
        assert len(recent) <= MOST_MESSAGES
    scene.at(minute + 60)
    scene.noon_ms = scene.now_ms
    scene.see(**dict.fromkeys("abcdef", OK))
    for notice in scene.notices:
        believed |= {event.component: event.level for event in notice.events}
    assert set(believed.values()) == {OK}
    assert scene.book.alarms == {}
