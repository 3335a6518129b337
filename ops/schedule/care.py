"""Doing chores: one process at a time, each result written down for whoever asks later."""

import logging
import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Protocol

from filelock import FileLock, Timeout

from core.attempts import FAILURES
from core.config import Home, ScheduleSettings
from core.emergency_latch import EmergencyLatch
from core.journal.errors import JournalError
from ops.backup.errors import BackupError
from ops.processes import RunningError
from ops.schedule.chores import Step
from ops.schedule.due import Chore, ChoreRecord, due
from ops.schedule.record import record, recorded

logger = logging.getLogger("ops.schedule")

PATIENCE_S: Final = 600.0
"""For how long maintenance waits for that of another process, whose work then counts."""
_EXPECTED = (BackupError, JournalError, RunningError, OSError, sqlite3.Error)


class BusyError(Exception):
    """Another process takes care of this home, for longer than anybody waits."""


class Steps(Protocol):
    """What a chore does now."""

    def __call__(self, chore: Chore, *, latched: bool) -> tuple[Step, ...]:
        """Return the steps of ``chore`` in order."""


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one step, for people."""

    chore: Chore
    step: str
    done: bool
    told: str
    took_s: float


class Care:
    """
    Take care of one home.

    Args:
        home: Which.
        steps: What each chore does.
        say: Is told of each result as it comes.
        clock: Seconds since the epoch.
    """

    def __init__(
        self,
        home: Home,
        steps: Steps,
        *,
        say: Callable[[Result], None] = lambda _: None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._home = home
        self._steps = steps
        self._say = say
        self._clock = clock
        self._latch = EmergencyLatch(home.emergency_latch)

    def do(self, chores: Sequence[Chore], *, patience_s: float = PATIENCE_S) -> bool:
        """
        Do chores in order; what another process did while this one waited for it is left out.

        Returns:
            Whether all of them were done whole.

        Raises:
            BusyError: If another process takes longer than ``patience_s``.
        """
        before = recorded(self._home)
        with alone(self._home, patience_s):
            return self._all_done(left_to_do(chores, before, recorded(self._home)))

    def do_due(self, schedule: ScheduleSettings) -> bool:
        """
        Do what is due; nothing when that is nothing by the time it is our turn.

        Raises:
            BusyError: If another process takes too long.
        """
        with alone(self._home, PATIENCE_S):
            latched = bool(self._latch())
            chores = due(schedule, recorded(self._home), self._clock(), latched=latched)
            return self._all_done(chores)

    def _all_done(self, chores: Sequence[Chore]) -> bool:
        results = [self._done(chore) for chore in chores]  # one that fails keeps none from its turn
        return all(results)

    def _done(self, chore: Chore) -> bool:
        before = recorded(self._home)[chore]
        begun_s = self._clock()
        results: list[Result] = []
        for step in self._steps(chore, latched=bool(self._latch())):
            results.append(self._taken(chore, step))
            self._say(results[-1])
            if not results[-1].done:
                break  # what follows builds on it
        whole = all(result.done for result in results)
        now = replace(
            before,
            tried_s=begun_s,
            took_s=max(self._clock() - begun_s, 0.0),
            told="; ".join(f"{result.step}: {result.told}" for result in results),
            failures=0 if whole else before.failures + 1,
            succeeded_s=begun_s if whole else before.succeeded_s,
        )
        return _recorded(self._home, chore, now) and whole

    def _taken(self, chore: Chore, step: Step) -> Result:
        logger.info("maintenance begins chore=%s step=%s", chore, step.name)
        begun_s = time.monotonic()
        told, done = "", False
        try:
            told, done = step.act(), True
        except _EXPECTED as error:
            told = str(error)
            logger.warning("maintenance failed chore=%s step=%s why=%s", chore, step.name, error)
        except FAILURES as error:
            told = f"{type(error).__name__}: {error}"
            logger.exception("maintenance failed chore=%s step=%s", chore, step.name)
        took_s = time.monotonic() - begun_s
        if done:
            logger.info(
                "maintenance done chore=%s step=%s took_s=%.1f %s", chore, step.name, took_s, told
            )
        return Result(chore, step.name, done, " ".join(told.split()), took_s)


def do_once(
    home: Home,
    chore: Chore,
    act: Callable[[], str],
    *,
    before: Mapping[Chore, ChoreRecord],
    clock: Callable[[], float] = time.time,
) -> bool:
    """
    Do a chore in the caller's own way, and count it for the schedule.

    Args:
        home: Whose.
        chore: That it counts as.
        act: Does it, and says what came of it; what it raises is the caller's, and not counted.
        before: What was recorded when somebody asked for it.
        clock: Seconds since the epoch.

    Returns:
        False when another process has done the chore since.

    Raises:
        BusyError: If another process takes longer than `PATIENCE_S`.
    """
    with alone(home, PATIENCE_S):
        if not left_to_do((chore,), before, recorded(home)):
            return False
        begun_s = clock()
        told = act()
        took_s = max(clock() - begun_s, 0.0)
        _recorded(home, chore, ChoreRecord(begun_s, begun_s, took_s, told=told))
    return True


def _recorded(home: Home, chore: Chore, entry: ChoreRecord) -> bool:
    try:
        record(home, {**recorded(home), chore: entry})
    except OSError as error:
        logger.warning("maintenance is not recorded chore=%s why=%s", chore, error)
        return False
    return True


def left_to_do(
    chores: Sequence[Chore],
    before: Mapping[Chore, ChoreRecord],
    now: Mapping[Chore, ChoreRecord],
) -> tuple[Chore, ...]:
    """Return the chores that nobody has done between two looks at the records."""
    return tuple(c for c in chores if now[c].succeeded_s == before[c].succeeded_s)


@contextmanager
def alone(home: Home, patience_s: float) -> Iterator[None]:
    """
    Hold the place of maintenance in a home while the block runs; a crash lets go of it.

    Raises:
        BusyError: If another process holds it for longer than ``patience_s``.
    """
    home.run.mkdir(parents=True, exist_ok=True)
    lock = FileLock(home.run / "maintenance.lock")
    try:
        lock.acquire(timeout=patience_s)
    except Timeout:
        raise BusyError(
            f"another process takes care of {home.root}: it holds {lock.lock_file}"
        ) from None
    try:
        yield
    finally:
        Path(lock.lock_file).unlink(missing_ok=True)
        lock.release()
