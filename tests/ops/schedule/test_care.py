import pytest

from core.config import Home, ScheduleSettings
from ops.backup.errors import BackupError
from ops.schedule.care import BusyError, Care, alone, left_to_do
from ops.schedule.chores import Step
from ops.schedule.due import Chore, ChoreRecord
from ops.schedule.record import record_file, recorded

NOON_S = 1_800_000_000.0


@pytest.fixture
def home(tmp_path):
    made = Home(tmp_path)
    made.create()
    return made


class Work:
    """Chores of one step each, which note that they were done, or fail as they are told."""

    def __init__(self, fault=None):
        self.fault = fault
        self.done = []

    def __call__(self, chore, *, latched):
        return (Step("work", lambda: self._work(chore, latched)),)

    def _work(self, chore, latched):
        if self.fault is not None and chore is Chore.DAILY:
            raise self.fault
        self.done.append((chore.value, latched))
        return "fine"


def care_of(home, work, now_s=NOON_S):
    return Care(home, work, clock=lambda: now_s)


def test_what_is_due_is_done_in_order_and_recorded(home):
    work = Work()
    assert care_of(home, work).do_due(ScheduleSettings())
    assert [chore for chore, _ in work.done] == ["daily", "weekly", "monthly"]
    assert recorded(home)[Chore.WEEKLY].succeeded_s == NOON_S
    assert care_of(home, work, NOON_S + 1).do_due(ScheduleSettings())
    assert len(work.done) == 3


def test_a_failure_is_told_counted_and_keeps_nothing_else_from_being_done(home):
    work, told = Work(BackupError("the disk is full")), []
    assert not Care(home, work, say=told.append, clock=lambda: NOON_S).do_due(ScheduleSettings())
    assert [result.told for result in told] == ["the disk is full", "fine", "fine"]
    entry = recorded(home)[Chore.DAILY]
    assert (entry.failures, entry.succeeded_s, entry.tried_s) == (1, None, NOON_S)
    work.fault = None
    assert care_of(home, work, NOON_S + 1).do((Chore.DAILY,))
    assert recorded(home)[Chore.DAILY].failures == 0


def test_a_surprise_is_a_failure_and_not_the_end(home):
    assert not care_of(home, Work(ZeroDivisionError("what"))).do((Chore.DAILY,))
    assert recorded(home)[Chore.DAILY].told == "work: ZeroDivisionError: what"


def test_while_latched_a_chore_is_told_so_and_only_the_daily_one_is_due(home):
    home.emergency_latch.touch()
    work = Work()
    assert care_of(home, work).do_due(ScheduleSettings())
    assert work.done == [("daily", True)]


def test_steps_after_one_that_failed_are_left_out(home):
    made = []

    def steps(chore, *, latched):
        return (
            Step("compact", lambda: Work(OSError("no room"))._work(Chore.DAILY, latched)),
            Step("try a restore", lambda: made.append(chore) or ""),
        )

    assert not care_of(home, steps).do((Chore.WEEKLY,))
    assert made == []


def test_what_cannot_be_recorded_has_not_succeeded(home):
    record_file(home).mkdir()
    assert not care_of(home, Work()).do((Chore.DAILY,))


def test_a_second_process_is_refused_after_its_patience(home):
    with alone(home, 0), pytest.raises(BusyError, match=r"maintenance\.lock"):
        care_of(home, Work()).do((Chore.DAILY,), patience_s=0)


def test_what_another_did_while_one_waited_is_not_repeated():
    before = dict.fromkeys(Chore, ChoreRecord(succeeded_s=1.0))
    now = before | {Chore.DAILY: ChoreRecord(succeeded_s=2.0)}
    assert left_to_do(tuple(Chore), before, now) == (Chore.WEEKLY, Chore.MONTHLY)


def test_by_hand_a_chore_is_done_whatever_the_record_says(home):
    work = Work()
    care_of(home, work, NOON_S * 2).do((Chore.DAILY,))
    care_of(home, work, NOON_S).do((Chore.DAILY,))
    assert len(work.done) == 2
