from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.config import ScheduleSettings
from ops.schedule.due import (
    FIRST_RETRY_S,
    LONGEST_RETRY_S,
    Chore,
    ChoreRecord,
    due,
    newest_slot_s,
    next_slot_s,
)

BERLIN = ZoneInfo("Europe/Berlin")
AT_THREE = ScheduleSettings()
DAY_S = 86_400.0
SPRING = "2026-03-29"  # Berlin: 02:00 is followed by 03:00
AUTUMN = "2026-10-25"  # Berlin: 02:59 is followed by 02:00


def s(text, zone=BERLIN, fold=0):
    return datetime.fromisoformat(text).replace(tzinfo=zone, fold=fold).timestamp()


def utc(text):
    return s(text, UTC)


def daily_due(now_s, *, schedule=AT_THREE, **record):
    records = {Chore.DAILY: ChoreRecord(**record)}
    return Chore.DAILY in due(schedule, records, now_s, latched=False, zone=BERLIN)


def test_the_slot_is_a_time_of_the_local_clock():
    assert newest_slot_s(Chore.DAILY, AT_THREE, s("2026-11-21 12:00"), BERLIN) == utc(
        "2026-11-21 02:00"
    )
    assert newest_slot_s(Chore.DAILY, AT_THREE, s("2026-11-21 02:59:59"), BERLIN) == utc(
        "2026-11-20 02:00"
    )


def test_the_week_and_the_month_have_a_slot_of_their_own():
    now_s = s("2026-11-21 12:00")  # a Saturday
    assert newest_slot_s(Chore.WEEKLY, AT_THREE, now_s, BERLIN) == s("2026-11-15 03:00")
    assert newest_slot_s(Chore.MONTHLY, AT_THREE, now_s, BERLIN) == s("2026-11-01 03:00")
    assert next_slot_s(Chore.WEEKLY, AT_THREE, now_s, BERLIN) == s("2026-11-22 03:00")
    assert next_slot_s(Chore.MONTHLY, AT_THREE, now_s, BERLIN) == s("2026-12-01 03:00")


def test_a_slot_in_the_hour_that_is_left_out_comes_an_hour_later():
    at_half_past = ScheduleSettings(maintenance_at="02:30")
    slot_s = newest_slot_s(Chore.DAILY, at_half_past, s(f"{SPRING} 12:00"), BERLIN)
    assert slot_s == utc(f"{SPRING} 01:30") == s(f"{SPRING} 03:30")


def test_a_slot_in_the_hour_that_comes_twice_is_done_once():
    at_half_past = ScheduleSettings(maintenance_at="02:30")
    first_s, second_s = s(f"{AUTUMN} 02:30"), s(f"{AUTUMN} 02:30", fold=1)
    assert second_s == first_s + 3600
    assert daily_due(first_s, schedule=at_half_past, succeeded_s=first_s - DAY_S)
    assert not daily_due(second_s, schedule=at_half_past, succeeded_s=first_s)
    assert not daily_due(s(f"{AUTUMN} 23:00"), schedule=at_half_past, succeeded_s=first_s)


def test_what_was_missed_for_weeks_is_due_once():
    now_s = s("2026-11-21 12:00")
    assert daily_due(now_s, succeeded_s=now_s - 30 * DAY_S)
    assert not daily_due(now_s + 60, succeeded_s=now_s)


def test_what_was_never_done_is_due():
    chores = due(AT_THREE, {}, s("2026-11-21 12:00"), latched=False, zone=BERLIN)
    assert chores == tuple(Chore)


def test_while_latched_only_the_daily_chore_is_due():
    assert due(AT_THREE, {}, s("2026-11-21 12:00"), latched=True) == (Chore.DAILY,)


def test_a_clock_set_back_a_little_repeats_nothing():
    done_s = s("2026-11-21 03:00:05")
    assert not daily_due(s("2026-11-21 02:59:30"), succeeded_s=done_s)
    assert not daily_due(s("2026-11-21 03:00:00"), succeeded_s=done_s)


def test_a_clock_that_was_years_ahead_does_not_stop_the_schedule():
    now_s = s("2026-11-21 12:00")
    years_s = 4 * 365 * DAY_S
    assert daily_due(now_s, succeeded_s=now_s + years_s)
    assert daily_due(now_s, tried_s=now_s + years_s, failures=3)


def test_failures_wait_longer_and_longer_and_not_for_ever():
    now_s = s("2026-11-21 12:00")

    def waits(failures, after_s):
        return not daily_due(now_s + after_s, tried_s=now_s, failures=failures)

    assert waits(1, FIRST_RETRY_S - 1)
    assert not waits(1, FIRST_RETRY_S)
    assert waits(2, FIRST_RETRY_S)
    assert not waits(2, 2 * FIRST_RETRY_S)
    assert waits(10**9, LONGEST_RETRY_S - 1)
    assert not waits(10**9, LONGEST_RETRY_S)


INSTANTS = st.floats(utc("2026-01-01 00:00"), utc("2027-12-31 00:00"))


@given(
    now_s=INSTANTS,
    chore=st.sampled_from(Chore),
    minutes=st.integers(0, 24 * 60 - 1),
    zone=st.sampled_from(["Europe/Berlin", "America/New_York", "Asia/Kathmandu", "UTC"]),
)
def test_slots_enclose_every_instant_and_meet(now_s, chore, minutes, zone):
    schedule = ScheduleSettings(maintenance_at=f"{minutes // 60:02}:{minutes % 60:02}")
    newest_s = newest_slot_s(chore, schedule, now_s, ZoneInfo(zone))
    next_s = next_slot_s(chore, schedule, now_s, ZoneInfo(zone))
    assert newest_s <= now_s < next_s
    assert newest_slot_s(chore, schedule, next_s - 1, ZoneInfo(zone)) == newest_s
    assert newest_slot_s(chore, schedule, next_s, ZoneInfo(zone)) == next_s


@pytest.mark.parametrize("chore", Chore)
def test_the_clock_of_this_machine_has_slots_too(chore):
    now_s = utc("2026-11-21 12:00")
    slot_s = newest_slot_s(chore, AT_THREE, now_s)
    local = datetime.fromtimestamp(slot_s, UTC).astimezone()
    assert (local.hour, local.minute) == (3, 0)
    assert slot_s <= now_s
