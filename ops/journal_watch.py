"""How the dashboard looks at the engine: by journal and PID file, never by asking it."""

import time
from collections.abc import Callable, Mapping
from pathlib import Path

from sqlalchemy import URL

from core.journal.errors import EmptyJournalError, JournalError, MissingJournalError
from core.journal.overview import JournalOverview, SignalRow
from core.journal.reader import JournalReader
from core.model.engine_report import EngineReport
from core.model.engine_state import EngineActivity, EngineState
from core.model.intervals import Interval
from core.model.regime import RegimeChange
from ops.processes import Role, running

# A heartbeat comes every second; several may wait behind a slow disk.
SILENT_AFTER_S = 10.0


class JournalWatch:
    """
    The journal as seen by a process that must live without it.

    The dashboard may start before the engine has ever run; then there is no
    database, which is no signals and not a failure.
    """

    def __init__(self, url: URL) -> None:
        self._url = url
        self._overview: JournalOverview | None = None
        self._reader: JournalReader | None = None

    def recent_signals(self, limit: int) -> tuple[SignalRow, ...]:
        """
        Return the newest signals, none while there is no journal yet.

        Raises:
            JournalError: If there is one and it cannot be read.
        """
        overview = self._opened()
        return overview.recent_signals(limit) if overview else ()

    def regimes(self) -> Mapping[tuple[str, Interval], RegimeChange]:
        """Return the last known regime of each market, none while there is no journal yet."""
        if self._reader is None:
            try:
                self._reader = JournalReader.open(self._url)
            except (MissingJournalError, EmptyJournalError):
                return {}
        return self._reader.regimes()

    def report(self) -> EngineReport | None:
        """Return the engine's last heartbeat, None before the first; raises `JournalError`."""
        overview = self._opened()
        control = overview.control("engine") if overview else None
        return EngineReport.from_json(control.value) if control else None

    def _opened(self) -> JournalOverview | None:
        if self._overview is None:
            try:
                self._overview = JournalOverview.open(self._url)
            except (MissingJournalError, EmptyJournalError):
                return None
        return self._overview


class EngineWatch:
    """
    Tell whether the engine of a home lives, and whether it still moves.

    Args:
        run: The home's directory of PID files.
        monotonic: Measures for how long the heartbeat has not changed.
    """

    def __init__(
        self, run: Path, journal: JournalWatch, *, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._run = run
        self._journal = journal
        self._monotonic = monotonic
        self._beat: tuple[int, float] = (-1, monotonic())

    def state(self) -> EngineState:
        """Return what can be known now."""
        if running(self._run, Role.ENGINE) is None:
            return EngineState(EngineActivity.STOPPED, "start it with: make start")
        try:
            report = self._journal.report()
        except (JournalError, ValueError) as error:
            return EngineState(EngineActivity.UNKNOWN, f"its journal cannot be read: {error}")
        if report is None:
            return EngineState(EngineActivity.UNKNOWN, "it has not reported yet")
        now_s = self._monotonic()
        if report.beats != self._beat[0]:
            self._beat = (report.beats, now_s)
        silent_s = now_s - self._beat[1]
        if silent_s > SILENT_AFTER_S:
            return _told(report, EngineActivity.STALE, f"no heartbeat for {silent_s:.0f} s")
        return _told(
            report,
            EngineActivity.RUNNING,
            f"feed {report.feed_state.lower()}, {report.open_trades} open trades, "
            f"paper equity {report.equity:,.2f}",
        )


def _told(report: EngineReport, activity: EngineActivity, detail: str) -> EngineState:
    return EngineState(
        activity,
        detail,
        report.analyst,
        report.telemetry,
        report.halts,
        report.llm_usd_today,
        report.llm_usd_limit,
    )
