"""What each chore does, step by step."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from core.config import Home, Settings
from core.journal.database import database_url
from core.journal.errors import EmptyJournalError, MissingJournalError
from core.journal.success_reader import SuccessReader
from ops.backup.checking import manifest_of
from ops.backup.drill import remember, restore_drill
from ops.backup.errors import BackupError
from ops.backup.places import backups
from ops.cache_manager import CacheManager, in_a_line
from ops.database.care import check, optimize
from ops.database.errors import DatabaseError
from ops.metric_reports import MetricReports
from ops.metric_windows import Calendar
from ops.processes import RunningError
from ops.schedule.due import Chore

_NOTHING_YET: Final = "nothing has been recorded yet"


@dataclass(frozen=True, slots=True)
class Step:
    """
    One thing that is done.

    Attributes:
        act: Does it, and returns in a line what came of it; raises when it cannot.
    """

    name: str
    act: Callable[[], str]


def steps_of(chore: Chore, home: Home, settings: Settings, *, latched: bool) -> tuple[Step, ...]:
    """
    Return what a chore does, in order.

    Args:
        chore: Which.
        home: Whose.
        settings: Of the home.
        latched: Whether the emergency latch is set: then it is only backed up, so that whoever
            looks into the emergency finds everything.
    """
    backup = Step("backup", lambda: _backup(home, settings))
    if latched:
        return (backup,)
    match chore:
        case Chore.DAILY:
            return (Step("backup and clean-up", lambda: _maintenance(home, settings)),)
        case Chore.WEEKLY:
            return (
                Step("database", lambda: _database(home)),
                backup,
                Step("restore drill", lambda: _drilled(home)),
            )
        case Chore.MONTHLY:
            return (Step("report of the month", lambda: _monthly_report(home, settings)),)


def _backup(home: Home, settings: Settings) -> str:
    made = asyncio.run(CacheManager(home, settings).create_backup())
    lacking = manifest_of(made).lacking
    return f"{made.name}; {lacking}" if lacking else made.name


def _drilled(home: Home) -> str:
    """Restore the newest backup beside the home, and compare."""
    if not home.database.exists():
        return _NOTHING_YET
    newest = next(iter(backups(home)), None)
    if newest is None:
        raise BackupError(f"{home.root}: there is no backup to try")
    drill = restore_drill(home, newest)
    remember(home, drill)
    words = "; ".join(drill.lines())
    if not drill.held:
        raise BackupError(words)
    return words


def _database(home: Home) -> str:
    """Check and optimize the journal; it is compacted only while no engine needs to write."""
    if not home.database.exists():
        return _NOTHING_YET
    found = check(home)
    if found.faults:
        raise DatabaseError(f"{home.database}: is damaged: {'; '.join(found.faults)}")
    try:
        done = optimize(home, compact=True)
    except RunningError:
        done = optimize(home)
    left = "" if done.compacted else f", {found.free_bytes:,} free: compacted without an engine"
    return f"sound, {done.before_bytes:,} -> {done.after_bytes:,} bytes{left}"


def _maintenance(home: Home, settings: Settings) -> str:
    return in_a_line(asyncio.run(CacheManager(home, settings).run_full_maintenance(counted=True)))


def _monthly_report(home: Home, settings: Settings) -> str:
    try:
        newest_ms = SuccessReader.open(database_url(home.database)).newest_ms()
    except (MissingJournalError, EmptyJournalError):
        newest_ms = None
    if newest_ms is None:
        return _NOTHING_YET
    MetricReports(
        lambda: SuccessReader.open(database_url(home.database)),
        home.reports,
        market_time_ms=lambda: newest_ms,
        starting_equity=settings.paper.starting_equity_usd,
    ).write_due(newest_ms)
    over = next(Calendar.MONTH.before(newest_ms))
    report = home.reports / f"metrics_{Calendar.MONTH}_{over.name}.txt"
    return report.name if report.exists() else f"nothing was recorded in {over.name}"
