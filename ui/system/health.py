"""How each component does: state, age of what is known, and why."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeVar

import psutil

from core.config import Home
from core.emergency_latch import EmergencyLatch
from core.journal.errors import JournalError
from core.journal.overview import JournalOverview
from core.model.engine_state import EngineActivity, EngineState
from ui.figures.numbers import number
from ui.services import Services
from ui.shell.account import Opened
from ui.system.facts import Facts, Row, age_words, bytes_words
from ui.view import View

_DISK_CRITICAL: Final = 500e6
"""Bytes; a day of candles of many symbols, a backup and the logs."""
_DISK_WARNING: Final = 5e9
_CLOCK_OFF_S: Final = 5.0
"""Beyond Binance's own window of 5 s for a request's time."""
_BUDGET_WARNED_FROM: Final = 0.8
_STORE_EVERY_S: Final = 10.0
"""The store's report looks at files."""
_AGAIN: Final = 3
_FEED = {"live": "good", "degraded": "warning", "stale": "critical", "stopped": "critical"}
_ENGINE = {
    EngineActivity.RUNNING: "good",
    EngineActivity.STALE: "warning",
    EngineActivity.STOPPED: "critical",
    EngineActivity.UNKNOWN: "unknown",
}
_Told = TypeVar("_Told")


@dataclass(frozen=True, slots=True)
class _Disk:
    """What is known of the disk."""

    free: float
    total: float


class HealthReader:
    """
    Args:
        services: Feed, store and engine.
        home: Its disk and emergency latch.
        journal: Opens the journal.
        clock: Seconds since the epoch, of this machine.
    """

    def __init__(
        self,
        services: Services,
        home: Home,
        journal: Callable[[], JournalOverview],
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._services = services
        self._home = home
        self._opened = Opened(journal)
        self._latch = EmergencyLatch(home.emergency_latch)
        self._clock = clock
        self._alarm: tuple[float, str] | None = None
        self._beat: tuple[str, float] | None = None

    def health(self, _: View) -> Facts:
        """Read all of it."""
        engine = self._services.engine.state()
        journal, beat_s = self._journal()
        return Facts(
            (
                self._feed(),
                self._store(),
                journal,
                _engine(engine, beat_s),
                self._analyst(engine),
                _budget(engine),
                _entries(engine),
                self._emergency(),
                self._disk(),
                self._time(),
            )
        )

    def _feed(self) -> Row:
        status = told_whole(self._services.feed.status)
        if status is None:
            return Row(("Dashboard feed", "not known", "", "it changes too fast"), "unknown")
        state = status.state.lower()
        symbols = len(self._services.feed.symbols)
        detail = status.detail or f"{symbols} symbols, {number(status.frames, 0)} frames"
        age = age_words(status.age_s)
        return Row(("Dashboard feed", state, age, detail), _FEED.get(state, "warning"))

    def _store(self) -> Row:
        now_s = self._services.monotonic()
        if self._alarm is None or now_s - self._alarm[0] >= _STORE_EVERY_S:
            self._alarm = now_s, str(self._services.store.get_cache_stats().get("alarm") or "")
        alarm = self._alarm[1]
        state = ("not saving", "", alarm) if alarm else ("saves", "", "")
        return Row(("Candle store", *state), "critical" if alarm else "good")

    def _journal(self) -> tuple[Row, float | None]:
        """Return how it is, and for how long the engine's heartbeat in it has not changed."""
        try:
            journal = self._opened.journal()
            if journal is None:
                reason = "there is none yet: the engine makes it when it first starts"
                return Row(("Journal", "none yet", "", reason), "unknown"), None
            beat = journal.control("engine")
        except JournalError as error:
            return Row(("Journal", "not readable", "", str(error)), "critical"), None
        row = Row(("Journal", "readable", "", str(self._home.database)), "good")
        if beat is None:
            return row, None
        now_s = self._services.monotonic()
        if self._beat is None or self._beat[0] != beat.value:
            self._beat = beat.value, now_s
        return row, now_s - self._beat[1]

    def _analyst(self, engine: EngineState) -> Row:
        if self._services.settings.deepseek.api_key is None:
            reason = "the rules decide alone; put DEEPSEEK_API_KEY into .env"
            return Row(("Analyst", "no key", "", reason), "unknown")
        tone = "good" if engine.analyst else "unknown"
        return Row(
            ("Analyst", "asked" if engine.analyst else "not known", "", engine.analyst), tone
        )

    def _emergency(self) -> Row:
        latched = self._latch()
        if not latched:
            return Row(("Emergency stop", "off", "", ""), "good")
        return Row(("Emergency stop", "LATCHED", "", f"nothing is entered: {latched}"), "critical")

    def _disk(self) -> Row:
        try:
            usage = psutil.disk_usage(str(self._home.root))
        except OSError as error:
            return Row(("Disk", "not known", "", str(error)), "unknown")
        disk = _Disk(float(usage.free), float(usage.total))
        tone = "critical" if disk.free < _DISK_CRITICAL else "good"
        if _DISK_CRITICAL <= disk.free < _DISK_WARNING:
            tone = "warning"
        words = f"of {bytes_words(disk.total)}; {self._home.root}"
        return Row(("Disk", f"{bytes_words(disk.free)} free", "", words), tone)

    def _time(self) -> Row:
        market_ms = self._services.feed.market_time_ms()
        if market_ms is None or self._services.feed.market_label is not None:
            why = "the market's time is not known yet" if market_ms is None else "simulated market"
            return Row(("Clock", "not compared", "", why), "unknown")
        off_s = self._clock() - market_ms / 1000.0
        reason = "this machine's clock against the newest event of the exchange"
        tone = "good" if abs(off_s) <= _CLOCK_OFF_S else "warning"
        return Row(("Clock", f"{off_s:+.1f} s", "", reason), tone)


def told_whole(ask: Callable[[], _Told]) -> _Told | None:
    """
    Return what a part of the feed says; None if it changed each time while it was asked.

    The feed lives on the event loop and is read here from a thread; a dictionary that grows
    meanwhile is a RuntimeError.
    """
    for _ in range(_AGAIN):
        try:
            return ask()
        except RuntimeError:
            continue
    return None


def _engine(engine: EngineState, beat_s: float | None) -> Row:
    age = "" if engine.activity is EngineActivity.STOPPED else age_words(beat_s)
    return Row(("Engine", engine.activity.value, age, engine.detail), _ENGINE[engine.activity])


def _budget(engine: EngineState) -> Row:
    if engine.llm_usd_limit <= 0.0:
        return Row(
            ("LLM budget", "not known", "", "nobody is asked, or the engine has not said"),
            "unknown",
        )
    share = engine.llm_usd_today / engine.llm_usd_limit
    tone = "critical" if share >= 1.0 else "warning" if share >= _BUDGET_WARNED_FROM else "good"
    words = f"${engine.llm_usd_today:,.2f} of ${engine.llm_usd_limit:,.2f} today"
    return Row(("LLM budget", f"{share:.0%} used", "", words), tone)


def _entries(engine: EngineState) -> Row:
    if engine.activity is EngineActivity.STOPPED:
        return Row(("Entries", "none", "", "the engine does not run"), "unknown")
    if engine.halts:
        return Row(("Entries", "halted", "", "; ".join(engine.halts)), "warning")
    return Row(("Entries", "free", "", "no breaker has tripped"), "good")
