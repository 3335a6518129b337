"""
When a chore is due: pure, told the time and what was done last.

Only the newest slot counts, so that what was missed during sleep is made up for once. An hour of
the local clock may be missing (the slot is then as much later) or come twice (the first counts).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from enum import StrEnum
from typing import Final

from core.config import ScheduleSettings

BELIEVED_AHEAD_S: Final = 86_400.0
"""A stamp further in the future was made by a clock that was wrong: it counts as none."""
FIRST_RETRY_S: Final = 900.0
LONGEST_RETRY_S: Final = 21_600.0
_LONGEST_MONTH_DAYS: Final = 31
_DAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


class Chore(StrEnum):
    """What is done regularly, in the order in which it is done."""

    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"


@dataclass(frozen=True, slots=True)
class ChoreRecord:
    """
    What came of a chore, of late; times are seconds since the epoch.

    Attributes:
        succeeded_s: When it last was done whole; None for never.
        tried_s: When it last was begun.
        took_s: How long that lasted.
        failures: How often it failed since it last succeeded.
        told: What it did or what was wrong, for people.
    """

    succeeded_s: float | None = None
    tried_s: float | None = None
    took_s: float = 0.0
    failures: int = 0
    told: str = ""


NEVER: Final = ChoreRecord()


def newest_slot_s(
    chore: Chore, schedule: ScheduleSettings, now_s: float, zone: tzinfo | None = None
) -> float:
    """
    Return the last instant up to ``now_s`` at which a chore was to be done.

    Args:
        chore: Which.
        schedule: Says when.
        now_s: Seconds since the epoch.
        zone: Whose clock is meant; None for this machine's.
    """
    return next(slot for slot in _slots(chore, schedule, now_s, zone) if slot <= now_s)


def next_slot_s(
    chore: Chore, schedule: ScheduleSettings, now_s: float, zone: tzinfo | None = None
) -> float:
    """Return the first instant after ``now_s`` at which a chore is to be done."""
    return min(slot for slot in _slots(chore, schedule, now_s, zone, ahead=True) if slot > now_s)


def due(
    schedule: ScheduleSettings,
    records: Mapping[Chore, ChoreRecord],
    now_s: float,
    *,
    latched: bool,
    zone: tzinfo | None = None,
) -> tuple[Chore, ...]:
    """
    Return what is to be done now, in order.

    Args:
        schedule: Says when.
        records: What was done; a chore without one was never done.
        now_s: Seconds since the epoch.
        latched: Whether the emergency latch is set: only the daily chore is due then, which
            backs up and deletes nothing.
        zone: Whose clock is meant; None for this machine's.
    """
    chores = (Chore.DAILY,) if latched else tuple(Chore)
    return tuple(
        chore
        for chore in chores
        if _is_due(records.get(chore, NEVER), newest_slot_s(chore, schedule, now_s, zone), now_s)
    )


def _is_due(record: ChoreRecord, slot_s: float, now_s: float) -> bool:
    done = _believed(record.succeeded_s, now_s)
    if done is not None and done >= slot_s:
        return False
    tried = _believed(record.tried_s, now_s)
    if tried is None or record.failures == 0:
        return True
    # No power of a damaged file's number: 2 ** 5 already is the longest wait.
    wait_s = min(FIRST_RETRY_S * 2.0 ** min(record.failures - 1, 10), LONGEST_RETRY_S)
    return not tried <= now_s < tried + wait_s


def _believed(stamp_s: float | None, now_s: float) -> float | None:
    return None if stamp_s is None or stamp_s > now_s + BELIEVED_AHEAD_S else stamp_s


def _slots(
    chore: Chore,
    schedule: ScheduleSettings,
    now_s: float,
    zone: tzinfo | None,
    *,
    ahead: bool = False,
) -> Iterator[float]:
    """Yield slots around an instant: nearest first, of the past, or of the days to come."""
    today = datetime.fromtimestamp(now_s, UTC).astimezone(zone).date()
    at = time.fromisoformat(schedule.maintenance_at)
    # From tomorrow on: where a clock is set back over midnight, today may have its slot twice.
    for days in range(-1, 2 * _LONGEST_MONTH_DAYS):
        day = today + timedelta(days=days if ahead else -days)
        if _has(chore, schedule, day):
            yield datetime.combine(day, at, tzinfo=zone).timestamp()


def _has(chore: Chore, schedule: ScheduleSettings, day: date) -> bool:
    match chore:
        case Chore.DAILY:
            return True
        case Chore.WEEKLY:
            return _DAYS[day.weekday()] == schedule.weekly_on
        case Chore.MONTHLY:
            return day.day == schedule.monthly_on
