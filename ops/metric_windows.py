"""Stretches of feed time that success is measured over."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from core.model.intervals import Interval

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Window:
    """
    From ``start_ms`` until before ``end_ms``, in feed time.

    Attributes:
        name: What it is called: ``all``, ``week``, ``2026-W47``.
    """

    name: str
    start_ms: int
    end_ms: int


class Period(StrEnum):
    """How far back from the newest recorded instant."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    ALL = "all"

    def until(self, newest_ms: int) -> Window:
        """Return the window of 1, 7 or 30 days that ends with ``newest_ms``, or of everything."""
        end_ms = newest_ms + 1
        days = {Period.DAY: 1, Period.WEEK: 7, Period.MONTH: 30}.get(self)
        start_ms = 0 if days is None else max(0, end_ms - days * Interval.D1.duration_ms)
        return Window(self.value, start_ms, end_ms)


class Calendar(StrEnum):
    """Which stretches of the UTC calendar get a report of their own."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"

    @property
    def most_made_up(self) -> int:
        """How many missed reports a restart makes up at most."""
        return {Calendar.DAY: 31, Calendar.WEEK: 8, Calendar.MONTH: 12}[self]

    def before(self, at_ms: int) -> Iterator[Window]:
        """Yield the stretches that were over at ``at_ms``, newest first, without end."""
        start = self._start(datetime.fromtimestamp(at_ms / 1000, UTC))
        while True:
            end, start = start, self._start(start - _DAY)
            yield Window(self._name(start), _ms(start), _ms(end))

    def _start(self, at: datetime) -> datetime:
        midnight = at.replace(hour=0, minute=0, second=0, microsecond=0)
        if self is Calendar.WEEK:
            return midnight - midnight.weekday() * _DAY
        return midnight.replace(day=1) if self is Calendar.MONTH else midnight

    def _name(self, start: datetime) -> str:
        forms = {Calendar.DAY: "%Y-%m-%d", Calendar.WEEK: "%G-W%V", Calendar.MONTH: "%Y-%m"}
        return start.strftime(forms[self])


def _ms(at: datetime) -> int:
    return round(at.timestamp() * 1000)
