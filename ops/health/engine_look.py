"""The engine as its heartbeat in the journal tells of it."""

import time
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Final

from core.model.engine_report import EngineReport
from core.model.health import Level
from core.model.intervals import MINUTE_MS
from core.model.regime import Regime
from ops.health.rule import Observation, not_known
from ops.journal_watch import BEGUN_WITHIN_S, SILENT_AFTER_S
from ops.processes import ProcessIdentity, Role, running

_WHOLE_PCT: Final = 100.0
_NOT_RUNNING: Final = "it does not run; start it with: make start"
_MOST_TOLD: Final = 100
"""Regimes that a heartbeat holds; of more symbols, one that is absent need not lack any."""
_SILENT: Final = "the engine has not reported yet"


class EngineLook:
    """
    Args:
        run: The home's directory of PID files.
        heartbeat: Reads it from the journal; raises JournalError or ValueError.
        report: What the engine says now: in its own process that needs no journal. None stands
            for the heartbeat of an engine that runs.
    """

    def __init__(
        self,
        run: Path,
        heartbeat: Callable[[], EngineReport | None],
        report: Callable[[], EngineReport | None] | None = None,
        *,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._run = run
        self._heartbeat = heartbeat
        self._report = report or self._of_a_running_engine
        self._monotonic = monotonic
        self._engine: ProcessIdentity | None = None
        self._beat: tuple[int | None, float] = (None, 0.0)
        self._has_begun = False

    def heartbeat(self) -> Observation:
        """Return the seconds since the heartbeat in the journal changed."""
        engine = running(self._run, Role.ENGINE)
        if engine is None:
            self._engine = None
            return Observation(_NOT_RUNNING, level=Level.CRITICAL)
        report, now_s = self._heartbeat(), self._monotonic()
        beats = report.beats if report else None
        if engine != self._engine:
            self._engine, self._beat = engine, (beats, now_s)
            self._has_begun = False
        elif beats != self._beat[0]:
            self._beat, self._has_begun = (beats, now_s), True
        # What an earlier engine left in the journal is no heartbeat of this one.
        self._has_begun |= report is not None and report.told_ms >= engine.started_s * 1000.0
        age_s = now_s - self._beat[1]
        if report is None or not self._has_begun:
            words = "it runs and has not reported yet"
            level = Level.UNKNOWN if age_s < BEGUN_WITHIN_S else None
            return Observation(words, age_s, level, age_s)
        silent = f"no heartbeat for {age_s:.0f} s; before that " if age_s > SILENT_AFTER_S else ""
        words = (
            f"{silent}feed {report.feed_state.lower()}, open trades {report.open_trades}, "
            f"paper equity {report.equity:,.2f}"
        )
        return Observation(words, age_s, age_s=age_s)

    def feed(self) -> Observation:
        """Say how the engine's own feed is, which need not be the dashboard's."""
        report = self._report()
        if report is None:
            return not_known(self._why_unheard())
        words = f"{report.feed_state.lower()}: {report.feed_detail or 'as it should'}"
        if report.healthy:
            return Observation(words, level=Level.OK if report.was_live else Level.UNKNOWN)
        return Observation(words, level=Level.WARNING)

    def entries(self) -> Observation:
        """Say whether anything may be entered."""
        report = self._report()
        if report is None:
            return not_known(self._why_unheard())
        if report.halts:
            return Observation("; ".join(report.halts), level=Level.WARNING)
        return Observation("no breaker has tripped", level=Level.OK)

    def saving(self) -> Observation:
        """Say whether the engine can save candles and journal."""
        report = self._report()
        if report is None:
            return not_known(self._why_unheard())
        if report.alarm:
            return Observation(report.alarm, level=Level.CRITICAL)
        return Observation("candles and journal are saved", level=Level.OK)

    def writes(self) -> Observation:
        """Return the milliseconds of the journal's slowest write in the last minute."""
        report = self._report()
        if report is None:
            return not_known(self._why_unheard())
        if report.journal_write_ms is None:
            return not_known("nothing was written within the last minute")
        slowest_ms = report.journal_write_ms
        return Observation(f"the slowest of a minute took {slowest_ms:,.1f} ms", slowest_ms)

    def budget(self) -> Observation:
        """Return the percentage of the day's budget for questions that is spent."""
        report = self._report()
        if report is None or report.llm_usd_limit <= 0.0:
            return not_known("nobody is asked" if report else self._why_unheard())
        share = _WHOLE_PCT * report.llm_usd_today / report.llm_usd_limit
        words = f"${report.llm_usd_today:,.2f} of ${report.llm_usd_limit:,.2f} today"
        return Observation(words, share)

    def _of_a_running_engine(self) -> EngineReport | None:
        """Read the heartbeat; an old one tells nothing of how things are now."""
        if running(self._run, Role.ENGINE) is None:
            return None
        report = self._heartbeat()
        return None if report and self._is_silent(report) else report

    def _is_silent(self, report: EngineReport) -> bool:
        beats, since_s = self._beat
        return report.beats == beats and self._monotonic() - since_s > SILENT_AFTER_S

    def _why_unheard(self) -> str:
        if running(self._run, Role.ENGINE) is None:
            return _NOT_RUNNING
        return "it runs, and has not reported of late"


class AnalystLook:
    """
    Args:
        report: Reads the heartbeat.
        model: Whom the engine asks; empty where it is to ask nobody.
    """

    def __init__(self, report: Callable[[], EngineReport | None], *, model: str) -> None:
        self._report = report
        self._model = model

    def analyst(self) -> Observation:
        """Say whether DeepSeek takes part, in the engine's own words."""
        report = self._report()
        if report is None:
            return not_known(_SILENT)
        if not self._model:
            return not_known(f"the rules decide alone; {report.analyst}")
        asked = report.analyst.startswith(f"DeepSeek {self._model},")
        return Observation(report.analyst, level=Level.OK if asked else Level.WARNING)


class RegimeLook:
    """
    Args:
        report: Reads the heartbeat.
        traded: Whose regime must be known; none leaves it to the engine.
        due_ms: How long a first judgement takes by rights: a bar of the interval.
    """

    def __init__(
        self,
        report: Callable[[], EngineReport | None],
        traded: Collection[str],
        *,
        due_ms: int,
    ) -> None:
        self._report = report
        self._traded = frozenset(traded)
        self._due_ms = due_ms
        self._unknown_ms: dict[str, int] = {}

    def regime(self) -> Observation:
        """Return the minutes of market time for which a traded symbol has had no known regime."""
        report = self._report()
        if report is None or report.market_time_ms is None:
            return not_known(_SILENT)
        now_ms = report.market_time_ms
        told = report.regimes
        known = {s for s, word in told.items() if word != Regime.UNKNOWN.value}
        expected = self._traded if len(self._traded) <= _MOST_TOLD else frozenset[str]()
        without = (expected | told.keys()) - known
        self._unknown_ms = {s: self._unknown_ms.get(s, now_ms) for s in without}
        if not without:
            return Observation(f"known of {len(known)} symbols", 0.0)
        symbol, since_ms = min(self._unknown_ms.items(), key=lambda one: one[1])
        minutes = max(now_ms - since_ms - self._due_ms, 0) / MINUTE_MS
        return Observation(f"not known of {len(without)} symbols, first {symbol}", minutes)
