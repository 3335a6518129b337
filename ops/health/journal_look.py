"""The database as health sees it: whether it answers, how fast, and what is in it."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from core.journal.errors import EmptyJournalError, JournalError, MissingJournalError
from core.journal.vitals_reader import SOUND, Vitals, VitalsReader
from core.model.engine_report import EngineReport
from core.model.health import Level
from ops.health.rule import Observation, not_known

_NONE_YET = "there is none yet: the engine makes it when it first starts"
_GONE = "it was there, and is gone: make stop, then make restore BACKUP=latest"
_SIDE_FILE = "-wal"
_OLD = 8.0
"""Times as old as is good enough: whoever asks for it again and again hangs."""


@dataclass(frozen=True, slots=True)
class DatabaseState:
    """
    What was found when the database was last asked.

    Attributes:
        fault: Why it cannot be read; empty when it can.
        is_absent: Whether that is only since nobody has made it.
        read_ms: What reading a few rows took.
        at_s: When, by the monotonic clock; None before it was asked at all.
    """

    fault: str = "not asked yet"
    is_absent: bool = False
    revision: str = ""
    read_ms: float | None = None
    size_bytes: int = 0
    wal_bytes: int = 0
    at_s: float | None = None


@dataclass(frozen=True, slots=True)
class IntegrityState:
    """
    What the last look through the whole database found.

    Attributes:
        result: ``ok``, or the fault; empty before the first.
        at_ms: When, UTC by this machine's clock.
        took_s: How long it took.
    """

    result: str = ""
    at_ms: int | None = None
    took_s: float | None = None


class JournalLook:
    """
    Read the database at most once a round, whoever asks; from one thread at a time.

    Args:
        path: Of the database.
        open_reader: Opens it, raises JournalError.
        set_aside: Says what was set aside as damaged and waits for a decision; empty for nothing.
        fresh_s: For how long what was read is good enough.

    Attributes:
        patience_s: A database that has not answered for so long does not answer.
    """

    def __init__(
        self,
        path: Path,
        open_reader: Callable[[], VitalsReader],
        *,
        fresh_s: float,
        set_aside: Callable[[], str] = lambda: "",
        monotonic: Callable[[], float] = time.monotonic,
        clock_ms: Callable[[], int] = lambda: time.time_ns() // 1_000_000,
    ) -> None:
        self._path = path
        self._open_reader = open_reader
        self._set_aside = set_aside
        self._fresh_s = fresh_s
        self._monotonic = monotonic
        self._clock_ms = clock_ms
        self._reader: VitalsReader | None = None
        self._vitals: Vitals | None = None
        self._has_answered = False
        self.patience_s = _OLD * fresh_s
        self.state = DatabaseState()
        self.integrity_state = IntegrityState()

    def database(self) -> Observation:
        """Say whether it answers."""
        self._read_again()
        state = self.state
        if state.is_absent:
            return not_known(state.fault)
        if state.fault:
            return Observation(state.fault, level=Level.CRITICAL)
        return Observation(f"answers in {state.read_ms or 0.0:.1f} ms", level=Level.OK)

    def fault(self) -> str:
        """Return why the database counts as not reachable; empty when it does. Never waits."""
        state = self.state
        if state.at_s is None or state.fault:
            return state.fault
        age_s = self._monotonic() - state.at_s
        return f"no answer for {age_s:.0f} s" if age_s > self.patience_s else ""

    def integrity(self) -> Observation:
        """Look through all of it, and say whether it is sound; takes long."""
        begun_s = self._monotonic()
        try:
            result = self._open_reader().quick_check()
        except (MissingJournalError, EmptyJournalError):
            return not_known(_NONE_YET)
        self.integrity_state = IntegrityState(result, self._clock_ms(), self._monotonic() - begun_s)
        if result == SOUND:
            return Observation("sound", level=Level.OK)
        return Observation(f"damaged: {result}", level=Level.CRITICAL)

    def vitals(self) -> Vitals:
        """
        Return what was read this round.

        Raises:
            JournalError: If it could not be read.
        """
        self._read_again()
        if self._vitals is None:
            raise JournalError(self.state.fault)
        return self._vitals

    def report(self) -> EngineReport | None:
        """
        Return the engine's last heartbeat, None before the first.

        Raises:
            JournalError: If it cannot be read.
            ValueError: If it is none.
        """
        text = self.vitals().report
        return None if text is None else EngineReport.from_json(text)

    def reader(self) -> VitalsReader:
        """Return an opened journal; for reads besides those of each round."""
        if self._reader is None:
            self._reader = self._open_reader()
        return self._reader

    def _read_again(self) -> None:
        begun_s = self._monotonic()
        if self.state.at_s is not None and begun_s - self.state.at_s < self._fresh_s:
            return
        try:
            self._vitals = self.reader().vitals()
        except JournalError as error:
            self._reader = self._vitals = None  # what replaces it is opened anew
            fault = self._set_aside() or self._fault_of(error)
            absent = fault == _NONE_YET
            self.state = DatabaseState(fault, is_absent=absent, at_s=self._monotonic())
            return
        now_s, self._has_answered = self._monotonic(), True
        wal = self._path.with_name(f"{self._path.name}{_SIDE_FILE}")
        self.state = DatabaseState(
            "",
            revision=self._vitals.revision,
            read_ms=(now_s - begun_s) * 1000.0,
            size_bytes=_size(self._path),
            wal_bytes=_size(wal),
            at_s=now_s,
        )

    def _fault_of(self, error: JournalError) -> str:
        if not isinstance(error, (MissingJournalError, EmptyJournalError)):
            return str(error)
        return _GONE if self._has_answered else _NONE_YET


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
