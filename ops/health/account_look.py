"""What trading brings, as the journal and the engine's heartbeat have it."""

from collections.abc import Callable
from typing import Final

from core.journal.vitals_reader import Vitals, VitalsReader
from core.model.engine_report import EngineReport
from core.model.intervals import MINUTE_MS, Interval
from core.model.source import Source
from core.signals.metrics import daily_returns, sharpe
from ops.health.rule import Observation, not_known

_DAY_MS: Final = Interval.D1.duration_ms
_HOUR_MS: Final = 60 * MINUTE_MS
_WHOLE_PCT: Final = 100.0
_SILENT: Final = "the engine has not reported yet"
_UNWORTH: Final = "the account has not been valued yet"


class AccountLook:
    """
    Args:
        vitals: What is read each round; raises JournalError.
        report: The engine's heartbeat; raises JournalError or ValueError.
        reader: For reads besides; raises JournalError.
        due_ms: How often by rights something is measured or decided: a bar of the interval.
        starting_equity: Of an account younger than the day, in quote currency.
    """

    def __init__(
        self,
        vitals: Callable[[], Vitals],
        report: Callable[[], EngineReport | None],
        reader: Callable[[], VitalsReader],
        *,
        due_ms: int,
        starting_equity: float,
    ) -> None:
        self._starting_equity = starting_equity
        self._vitals = vitals
        self._report = report
        self._reader = reader
        self._due_ms = due_ms
        self._day_start: tuple[int, float | None] | None = None

    def signal_rate(self) -> Observation:
        """Return how many signals were decided within the last hour of market time."""
        now_ms = self._market_ms()
        if now_ms is None:
            return not_known(_SILENT)
        count = self._reader().signals(Source.POLICY, now_ms - _HOUR_MS, now_ms + 1)
        return Observation(f"{count} in the last hour", count)

    def without_signal(self) -> Observation:
        """Return the hours of market time since the last signal, or the engine's start."""
        report = self._report()
        if report is None or report.market_time_ms is None or report.began_ms is None:
            return not_known(_SILENT)
        since_ms = max(self._vitals().newest_signal_ms or 0, report.began_ms)
        hours = max(report.market_time_ms - since_ms, 0) / _HOUR_MS
        return Observation(f"none for {hours:.1f} h", hours)

    def telemetry(self) -> Observation:
        """Return the minutes of market time by which a measurement of features is overdue."""
        report = self._report()
        if report is None or report.market_time_ms is None or report.began_ms is None:
            return not_known(_SILENT)
        measured_ms = self._vitals().newest_measured_ms
        since_ms = max(measured_ms or 0, report.began_ms)
        overdue = max(report.market_time_ms - since_ms - self._due_ms, 0) / MINUTE_MS
        if measured_ms is None:
            return Observation("nothing has been measured yet", overdue)
        minutes = max(report.market_time_ms - measured_ms, 0) / MINUTE_MS
        return Observation(f"measured {minutes:,.0f} min ago", overdue)

    def daily_loss(self) -> Observation:
        """Return the loss since 00:00 UTC of the market, in percent of the equity then."""
        report = self._report()
        if report is None or report.market_time_ms is None:
            return not_known(_SILENT)
        day_ms = report.market_time_ms // _DAY_MS * _DAY_MS
        if self._day_start is None or self._day_start[0] != day_ms or self._day_start[1] is None:
            self._day_start = day_ms, self._reader().equity_at(day_ms, Source.POLICY)
        start = self._day_start[1]
        if start is None:
            start = self._starting_equity
        if start <= 0.0:
            return not_known("nothing was left at 00:00 UTC")
        return _fall(start, report.equity, "since 00:00 UTC")

    def drawdown(self) -> Observation:
        """Return by how many percent the account is below the most it was ever worth."""
        report = self._report()
        peak = self._reader().peak_equity(Source.POLICY)
        if report is None:
            return not_known(_SILENT)
        if peak is None or peak <= 0.0:
            return not_known(_UNWORTH)
        return _fall(max(peak, report.equity), report.equity, "from the peak")

    def _market_ms(self) -> int | None:
        report = self._report()
        return None if report is None else report.market_time_ms


class SharpeLook:
    """
    Args:
        reader: Opens a journal of its own: this takes long.
        days_least: Fewer days say nothing.
    """

    def __init__(
        self,
        reader: Callable[[], VitalsReader],
        *,
        days_least: int,
    ) -> None:
        self._reader = reader
        self._days_least = days_least

    def sharpe(self) -> Observation:
        """Return the annual Sharpe ratio of the newest days, today not counted."""
        reader = self._reader()
        newest_ms = reader.newest_ms()
        if newest_ms is None:
            return not_known(_UNWORTH)
        end_ms = newest_ms // _DAY_MS * _DAY_MS
        start_ms = end_ms - self._days_least * _DAY_MS
        start = reader.equity_at(start_ms, Source.POLICY)
        if start is None or start <= 0.0:
            return not_known(f"the account is younger than {self._days_least} days")
        points = reader.equity_curve(start_ms + 1)  # a day's last point is that of midnight
        returns = daily_returns([point for point in points if point.at_ms <= end_ms], start)
        if len(returns) < self._days_least:
            return not_known(f"{len(returns)} days; {self._days_least} are needed")
        ratio = sharpe(returns)
        if ratio is None:
            return not_known("every day was like the others")
        return Observation(f"{ratio:.2f} over {len(returns)} days", ratio)


def _fall(start: float, now: float, words: str) -> Observation:
    fall = _WHOLE_PCT * (start - now) / start
    if fall <= 0.0:
        return Observation(f"none {words}: {abs(fall):.2f} % up", 0.0)
    return Observation(f"{fall:.2f} % {words}", fall)
