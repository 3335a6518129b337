"""How the dashboard looks at the engine: by journal and PID file, never by asking it."""

import time
from collections.abc import Callable, Mapping
from pathlib import Path

from sqlalchemy import URL

from core.config import Home
from core.journal.errors import EmptyJournalError, JournalError, MissingJournalError
from core.journal.overview import JournalOverview, SignalRow
from core.journal.reader import JournalReader
from core.model.engine_report import EngineReport
from core.model.engine_state import EngineActivity, EngineState
from core.model.intervals import Interval
from core.model.regime import RegimeChange
from ops.database.damage import damage_told
from ops.processes import ProcessIdentity, Role, running

# A heartbeat comes every second; several may wait behind a slow disk.
SILENT_AFTER_S = 10.0
# Migrating and reading a large journal comes before the first one.
BEGUN_WITHIN_S = 60.0


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
        self._engine: ProcessIdentity | None = None
        self._beat: tuple[int | None, float] = (None, monotonic())
        self._begun = False

    def state(self) -> EngineState:
        """Return what can be known now."""
        engine = running(self._run, Role.ENGINE)
        if engine is None:
            self._engine = None
            damage = damage_told(Home(self._run.parent.parent))
            return EngineState(EngineActivity.STOPPED, damage or "start it with: make start")
        try:
            report = self._journal.report()
        except (JournalError, ValueError) as error:
            return EngineState(EngineActivity.UNKNOWN, f"its journal cannot be read: {error}")
        self._follow(engine, report)
        silent_s = self._monotonic() - self._beat[1]
        if report is None or not self._begun:
            return _beginning(silent_s)
        if silent_s > SILENT_AFTER_S:
            return _told(report, EngineActivity.STALE, f"no heartbeat for {silent_s:.0f} s")
        return _told(
            report,
            EngineActivity.RUNNING,
            f"feed {report.feed_state.lower()}, open trades {report.open_trades}, "
            f"paper equity {report.equity:,.2f}",
        )

    def _follow(self, engine: ProcessIdentity, report: EngineReport | None) -> None:
        """Note when the heartbeat last changed, and whether it is one of this engine at all."""
        beats = report.beats if report else None
        if engine != self._engine:
            self._engine = engine
            self._beat = (beats, self._monotonic())
            self._begun = report is not None and _is_of(report, engine)
        elif beats != self._beat[0]:
            self._beat = (beats, self._monotonic())
            self._begun = True  # whatever the clocks say, which somebody may have set
        elif report is not None and _is_of(report, engine):
            self._begun = True


def _is_of(report: EngineReport, engine: ProcessIdentity) -> bool:
    """Whether a report is this engine's, not one that an earlier engine left in the journal."""
    return report.told_ms == 0 or report.told_ms >= engine.started_s * 1000


def _beginning(silent_s: float) -> EngineState:
    if silent_s > BEGUN_WITHIN_S:
        words = f"it has not reported since it was started: {silent_s:.0f} s and more"
        return EngineState(EngineActivity.STALE, words)
    return EngineState(EngineActivity.UNKNOWN, "it has not reported yet")


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
