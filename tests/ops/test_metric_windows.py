"""Days, ISO weeks and months of feed time."""

from datetime import UTC, datetime
from itertools import islice

from ops.metric_windows import Calendar, Period, Window

DAY_MS = 86_400_000


def ms(text: str) -> int:
    return round(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000)


def before(kind: Calendar, text: str, count: int) -> list[Window]:
    return list(islice(kind.before(ms(text)), count))


def test_a_day_is_over_at_midnight():
    assert before(Calendar.DAY, "2026-11-22T00:00", 2) == [
        Window("2026-11-21", ms("2026-11-21"), ms("2026-11-22")),
        Window("2026-11-20", ms("2026-11-20"), ms("2026-11-21")),
    ]
    assert before(Calendar.DAY, "2026-11-21T23:59:59", 1)[0].name == "2026-11-20"


def test_a_week_is_an_iso_week_also_around_new_year():
    assert before(Calendar.WEEK, "2026-11-25", 1) == [
        Window("2026-W47", ms("2026-11-16"), ms("2026-11-23"))
    ]
    assert [w.name for w in before(Calendar.WEEK, "2027-01-11", 2)] == ["2027-W01", "2026-W53"]


def test_months_are_as_long_as_they_are():
    assert before(Calendar.MONTH, "2024-03-31", 3) == [
        Window("2024-02", ms("2024-02-01"), ms("2024-03-01")),
        Window("2024-01", ms("2024-01-01"), ms("2024-02-01")),
        Window("2023-12", ms("2023-12-01"), ms("2024-01-01")),
    ]


def test_a_period_ends_with_the_newest_instant():
    newest_ms = ms("2026-11-21T12:00")
    assert Period.DAY.until(newest_ms) == Window("day", newest_ms + 1 - DAY_MS, newest_ms + 1)
    assert Period.WEEK.until(newest_ms).start_ms == newest_ms + 1 - 7 * DAY_MS
    assert Period.MONTH.until(newest_ms).start_ms == newest_ms + 1 - 30 * DAY_MS
    assert Period.ALL.until(newest_ms) == Window("all", 0, newest_ms + 1)
