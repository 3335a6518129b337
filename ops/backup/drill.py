"""Tries a restore where nothing can be lost: in a home of its own that is deleted again."""

import json
import os
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from time import monotonic
from typing import Final

from core.config import Home
from core.data.atomic_file import replace_file
from core.journal.database import database_url
from core.journal.errors import EmptyJournalError, JournalError
from core.journal.success_reader import SuccessReader
from core.journal.tables import REVISION
from ops.backup.archive import sum_of
from ops.backup.contents import ARCHIVE
from ops.backup.create import UNFINISHED
from ops.backup.errors import BackupError
from ops.backup.manifest import Manifest
from ops.backup.places import backup_dir
from ops.backup.restore import restore_backup
from ops.backup.selection import Heard, unheard
from ops.backup.snapshot import rows_of
from ops.metric_windows import Period
from ops.processes import RunningError
from ops.success_report import success_report

REMEMBERED: Final = "restore_drill.json"
_EQUITY_USD: Final = 10_000.0  # any: a drill asks whether the figures can be computed
_WIDEST_NAME: Final = 16
_SHOWN: Final = ("decisions", "signals", "trades", "equity", "llm_calls")
_GROWING: Final = frozenset({"alembic_version", "audit"})
_EXPECTED = (BackupError, RunningError, JournalError, OSError, sqlite3.Error)


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that was tried, and what came of it."""

    name: str
    took_s: float
    held: bool
    result: str

    @property
    def line(self) -> str:
        """The step for people."""
        mark = "held" if self.held else "NOT HELD"
        return f"{self.name:<{_WIDEST_NAME}} {mark:<8} {self.took_s:8.2f} s  {self.result}"


@dataclass(frozen=True, slots=True)
class Drill:
    """
    A restore that was tried.

    Attributes:
        at_s: When, in seconds since the epoch.
        backup: Name of the backup.
    """

    at_s: float
    backup: str
    steps: tuple[Step, ...]

    @property
    def held(self) -> bool:
        """Whether all held."""
        return bool(self.steps) and all(step.held for step in self.steps)

    @property
    def took_s(self) -> float:
        """Of all steps together."""
        return sum(step.took_s for step in self.steps)

    def lines(self) -> Iterator[str]:
        """Tell it to people."""
        yield f"Restore drill of {self.backup}"
        for step in self.steps:
            yield step.line
        missed = ", ".join(step.name for step in self.steps if not step.held)
        verdict = f"NOT EVERYTHING HELD: {missed}" if missed else "Everything held"
        yield f"{verdict}; {self.took_s:.2f} s. Nothing of this home was touched."


def restore_drill(
    home: Home, backup: Path, *, clock: Callable[[], float] = time.time, heard: Heard = unheard
) -> Drill:
    """
    Restore a backup into a scratch home and compare what is there then.

    Args:
        home: Whose; nothing of it is touched. The scratch home is made beside its backups, so that
            the room on that disk is tried too.
        backup: A file or a folder.
        clock: Seconds since the epoch.
        heard: Told what is done next.
    """
    taken = _Steps(heard)
    at_s = clock()
    try:
        with _scratch(home) as scratch:
            name = _lent(backup, scratch)
            manifests: list[Manifest] = []
            taken.take("restore", lambda: _restored(scratch, name, manifests))
            taken.take("rows", lambda: _rows(scratch, manifests[0]))
            taken.take("reports", lambda: _sums(scratch, manifests[0]))
            taken.take("success metrics", lambda: _metrics(scratch))
    except OSError as error:
        taken.failed("scratch home", str(error))
    return Drill(at_s, backup.name, tuple(taken.steps))


def remember(home: Home, drill: Drill) -> None:
    """
    Write down how the newest drill went.

    Raises:
        OSError: If it cannot be written.
    """
    document = asdict(drill) | {"held": drill.held, "took_s": round(drill.took_s, 3)}
    text = json.dumps(document, indent=2) + "\n"
    replace_file(drill_file(home), lambda file: file.write(text.encode()))


def drill_file(home: Home) -> Path:
    """Return where the result of the newest drill is remembered."""
    return home.database.with_name(REMEMBERED)


@dataclass(slots=True)
class _Steps:
    """Takes steps until one fails, and keeps how they went."""

    heard: Heard
    steps: list[Step] = field(default_factory=list)

    def take(self, name: str, act: Callable[[], str]) -> None:
        """Take a step unless one before it failed."""
        if any(not step.held for step in self.steps):
            return
        self.heard(name)
        begun_s = monotonic()
        try:
            held, words = True, act()
        except _EXPECTED as error:
            held, words = False, " ".join(str(error).split()) or type(error).__name__
        self.steps.append(Step(name, monotonic() - begun_s, held, words))

    def failed(self, name: str, why: str) -> None:
        """Keep a failure of what surrounds the steps."""
        self.steps.append(Step(name, 0.0, False, why))


@contextmanager
def _scratch(home: Home) -> Iterator[Home]:
    directory = backup_dir(home)
    # The clean-up of backups knows the name: it deletes what a killed drill has left.
    place = Path(tempfile.mkdtemp(prefix=f"{UNFINISHED}{os.getpid()}-drill-", dir=directory))
    try:
        yield Home(place)
    finally:
        shutil.rmtree(place, ignore_errors=True)


def _lent(backup: Path, scratch: Home) -> str:
    """Let the scratch home have a backup; its name there."""
    directory = backup_dir(scratch)
    directory.mkdir()
    target = directory / backup.name
    if backup.is_dir():
        shutil.copytree(backup, target, symlinks=True)
    else:
        try:
            os.link(backup, target)
        except OSError:  # a file system without links
            shutil.copyfile(backup, target)
    return target.name


def _restored(scratch: Home, name: str, manifests: list[Manifest]) -> str:
    done = restore_backup(scratch, name)
    manifests.append(done.manifest)
    migrated = f", migrated from schema {done.manifest.schema}" if done.migrated else ""
    size, lacking = done.manifest.total_bytes, done.manifest.lacking
    return (
        f"of {done.manifest.made_at}: {len(done.manifest.members)} files, {size:,} bytes{migrated}"
        + (f"; {lacking}" if lacking else "")
    )


def _rows(scratch: Home, manifest: Manifest) -> str:
    schema, rows = rows_of(scratch.database)
    if schema != REVISION:
        raise BackupError(f"schema is {schema}, not {REVISION}")
    # A migration of ours adds tables and never takes one; the trail is caught up after a restore.
    for table in sorted(manifest.rows.keys() - _GROWING):
        if rows.get(table) != manifest.rows[table]:
            raise BackupError(
                f"{table} has {rows.get(table)} rows, of which the manifest tells "
                f"{manifest.rows[table]}"
            )
    shown = ", ".join(f"{rows[name]:,} {name}" for name in _SHOWN if name in rows)
    return f"integrity ok, schema {schema}; {shown}"


def _sums(scratch: Home, manifest: Manifest) -> str:
    kept = [path for path in manifest.members if path.startswith(("reports/", f"{ARCHIVE}/"))]
    for path in kept:
        with (scratch.root / path).open("rb") as file:
            if sum_of(file) != manifest.members[path]:
                raise BackupError(f"{path} is not what the manifest says")
    archived = sum(path.startswith(f"{ARCHIVE}/") for path in kept)
    told = f", {archived} months of old signals" if archived else ""
    return f"{len(kept) - archived} reports{told}, each with its sum"


def _metrics(scratch: Home) -> str:
    try:
        reader = SuccessReader.open(database_url(scratch.database))
    except EmptyJournalError:
        return "nothing has been recorded"
    newest_ms = reader.newest_ms()
    if newest_ms is None:
        return "nothing has been recorded"
    report = success_report(reader, Period.ALL.until(newest_ms), starting_equity=_EQUITY_USD)
    closed = sum(account.metrics.closed_trades for account in report.accounts.values())
    return f"computed: {report.evaluations:,} evaluations, {closed:,} closed trades"
