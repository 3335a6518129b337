"""What is stored of a day that somebody wants to replay, and how to get what is not."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from core.model.intervals import Interval
from ui.figures.numbers import number
from ui.services import Services

_DAY_MS = Interval.D1.duration_ms


@dataclass(frozen=True, slots=True)
class StoredDay:
    """
    Attributes:
        day_ms: Its first millisecond, UTC.
        candles: How many of its closed candles are stored.
        expected: How many have closed.
        first_ms: Open time of the oldest candle stored of any day; None where there is none.
        last_ms: The last millisecond that closed candles tell of; None likewise.
    """

    symbol: str
    interval: Interval
    day_ms: int
    candles: int
    expected: int
    first_ms: int | None
    last_ms: int | None

    @property
    def said(self) -> str:
        """What is missing, and how to get it; empty when that is nothing."""
        if self.expected == 0:
            return f"No {self.interval.value} candle of {_day(self.day_ms)} has closed yet."
        missing = self.expected - self.candles
        if missing <= 0:
            return ""
        if self.candles == 0:
            lacks = f"No {self.interval.value} candles of {self.symbol} are stored for"
        else:
            counts = f"{number(missing, 0)} of {number(self.expected, 0)}"
            lacks = f"{counts} {self.interval.value} candles of {self.symbol} are not stored for"
        return f"{lacks} {_day(self.day_ms)}. {self._stored()}To fetch them: {self._command()}"

    def _stored(self) -> str:
        if self.first_ms is None or self.last_ms is None:
            return ""
        return f"Stored: {_day(self.first_ms)} to {_day(self.last_ms)}. "

    def _command(self) -> str:
        newest_ms = self.day_ms if self.last_ms is None else max(self.last_ms, self.day_ms)
        days = (newest_ms - self.day_ms) // _DAY_MS + 2
        return (
            f"python scripts/backfill.py --symbol {self.symbol}"
            f" --interval {self.interval.value} --days {days}"
        )


def stored_day(services: Services, symbol: str, interval: Interval, day: date) -> StoredDay:
    """Look up a day; reads files, so never on the event loop."""
    day_ms = int(datetime.combine(day, time(), UTC).timestamp() * 1000)
    series = services.views.closed(symbol, interval).candles
    inside = series.between(day_ms, day_ms + _DAY_MS - 1)
    last_ms = None
    if len(series):
        last_ms = interval.close_time_ms(int(series.open_time_ms[-1]))
    now_ms = max(last_ms or 0, services.feed.market_time_ms() or 0)
    until_ms = min(day_ms + _DAY_MS, interval.open_time_ms(now_ms + 1))
    return StoredDay(
        symbol,
        interval,
        day_ms,
        len(inside),
        max(0, (until_ms - day_ms) // interval.duration_ms),
        int(series.open_time_ms[0]) if len(series) else None,
        last_ms,
    )


def _day(at_ms: int) -> str:
    return datetime.fromtimestamp(at_ms / 1000, UTC).date().isoformat()
