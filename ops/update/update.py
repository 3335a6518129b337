"""
Takes new code into use: what was checked out is tried on a journal that can be put back.

Nothing is stopped before the new program is known to load, a backup is there, and the doctor
has found no problem. What fails
after that is taken back: the journal as it was before the migration, and everything stopped, as
only the old code, which a person has to check out, can go on with it.
"""

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import NoReturn

from core.config import Home
from core.journal.database import Access, database_url, open_engine
from core.journal.errors import JournalError
from core.journal.migration import migrate
from core.journal.revisions import refuse_newer
from core.journal.schema_pin import pin_file
from core.journal.tables import REVISION
from ops.audit.account import this_account
from ops.audit.entry import Action
from ops.audit.trail import append_audit
from ops.backup.create import create_backup
from ops.backup.errors import BackupError
from ops.backup.swap import engine_kept_out, finish_restore
from ops.database.care import Checked, check
from ops.database.errors import DatabaseError
from ops.database.rollback import roll_back
from ops.doctor.diagnosis import Verdict
from ops.launch import Installation, LaunchError
from ops.ports import PortTakenError
from ops.processes import RunningError
from ops.update.last_good import remember_good, way_back
from ops.update.means import Means, Say

logger = logging.getLogger(__name__)

_FAILURES = (
    BackupError, DatabaseError, JournalError, LaunchError, OSError, PortTakenError, RunningError,
)  # fmt: skip


class UpdateError(Exception):
    """The new code is not in use; the message says why, and what became of everything."""


@dataclass(frozen=True, slots=True)
class Told:
    """What a step says, and the rows of each table where it counted them."""

    words: str
    rows: Mapping[str, int] = field(default_factory=dict)


class Update:
    """
    One update of a home.

    Args:
        home: Of the live system.
        say: Is told each step with its result.
        means: What it does to processes.
    """

    def __init__(self, home: Home, say: Say, means: Means) -> None:
        self._home = home
        self._say = say
        self._means = means
        self._stopped = False
        self._migrated_from: str | None = None

    def run(self) -> None:
        """
        Take the code that is checked out into use.

        Raises:
            UpdateError: If that failed; what had been changed is taken back.
            ConfigError: If the configuration cannot be used; nothing has changed.
        """
        ran = self._means.ran(self._home)
        commit = self._means.commit()
        try:
            self._step("program", self._load)
            before = self._step("backup", self._back_up)
            self._step("doctor", self._examine)
            self._step("stop", self._stop)
            self._step("migrate", self._migrate)
            self._step("check", lambda: self._check(before))
            self._step("start", lambda: self._start(ran))
            self._step("remember", lambda: self._remember(commit))
        except _FAILURES as error:
            self._take_back(error, commit)
        detail = f"code {commit[:12] or 'unknown'} in use, journal {self._schema_words()}"
        append_audit(self._home, Action.UPDATE, who=this_account(), detail=detail)

    def _step(self, name: str, act: Callable[[], Told]) -> Told:
        begun_s = time.monotonic()
        try:
            told = act()
        except _FAILURES as error:
            self._say(f"{name:<9} FAILED  {error}")
            logger.warning("update failed step=%s why=%s", name, error)
            raise
        took_s = time.monotonic() - begun_s
        self._say(f"{name:<9} ok  {took_s:5.1f} s  {told.words}")
        logger.info("update step=%s took_s=%.1f %s", name, took_s, told.words)
        return told

    def _load(self) -> Told:
        fault = self._means.loads()
        if fault:
            raise LaunchError(fault)
        return Told("it loads")

    def _back_up(self) -> Told:
        rows: Mapping[str, int] = {}
        if self._home.database.exists():
            found = check(self._home)
            self._refuse_unfit(found)
            rows = found.rows
        return Told(create_backup(self._home).name, rows)

    def _examine(self) -> Told:
        """Find what the new code cannot run on before anything is stopped."""
        found = list(self._means.examined(self._home))
        unwell = [it for it in found if it.verdict is not Verdict.OK]
        for diagnosis in unwell:
            self._say(f"{'':<9}     {diagnosis.line}")
        problems = [it.name for it in unwell if it.verdict is Verdict.PROBLEM]
        if problems:
            raise LaunchError(f"problems: {', '.join(problems)}; see also: make doctor")
        return Told(f"{len(found)} checks, warnings: {len(unwell)}")

    def _refuse_unfit(self, found: Checked) -> None:
        """Find before anything is stopped what would fail after it."""
        journal, pin = self._home.database, pin_file(self._home.database)
        if found.faults:
            raise DatabaseError(f"{journal}: {'; '.join(found.faults)}")
        refuse_newer(found.revision, str(journal))
        if pin.exists() and found.revision != REVISION:
            raise DatabaseError(
                f"{pin}: the journal was rolled back to schema {found.revision} and stays there; "
                "let it be migrated: python main.py db unpin"
            )

    def _stop(self) -> Told:
        self._stopped = True
        lines: list[str] = []
        self._means.stop(self._home, lines.append)
        return Told("; ".join(lines))

    def _migrate(self) -> Told:
        with engine_kept_out(self._home):
            finish_restore(self._home)
            if not self._home.database.exists():
                return Told("there is no journal yet")
            found = check(self._home)
            if found.revision == REVISION:
                return Told(f"nothing to do: the schema is {REVISION}")
            engine = open_engine(database_url(self._home.database), Access.DURABLE)
            try:
                migrate(engine)
            finally:
                engine.dispose()
            self._migrated_from = found.revision
        return Told(f"schema {found.revision} -> {REVISION}")

    def _check(self, before: Told) -> Told:
        if not self._home.database.exists():
            return Told("there is no journal yet")
        found = check(self._home)
        if found.faults:
            raise DatabaseError(f"{self._home.database}: {'; '.join(found.faults)}")
        if found.revision != REVISION:
            raise DatabaseError(f"{self._home.database}: schema {found.revision}, not {REVISION}")
        lost = [name for name, rows in before.rows.items() if found.rows.get(name, 0) < rows]
        if self._migrated_from is not None and lost:
            raise DatabaseError(f"{self._home.database}: rows are missing: {', '.join(lost)}")
        return Told(f"sound, {sum(found.rows.values()):,} rows")

    def _start(self, ran: Installation | None) -> Told:
        if ran is None:
            return Told("nothing was supervised; start with: make start")
        self._means.start(ran, lambda _: None)
        return Told(f"{'the demo' if ran.demo else 'engine and page'} at {ran.address}")

    def _remember(self, commit: str) -> Told:
        remember_good(self._home, commit=commit)
        return Told(f"commit {commit[:12]}" if commit else "no git checkout: no commit")

    def _take_back(self, error: Exception, commit: str) -> NoReturn:
        lines = [f"The update failed: {error}"]
        if not self._stopped:
            lines.append("Nothing has changed; what ran goes on.")
        else:
            lines += self._undone()
            back = way_back(self._home, commit)
            lines.append("Everything is stopped. Back to the code from before:")
            lines.append(f"  git checkout {back or '<commit>  (find it with: git log --oneline)'}")
            lines.append("  make setup && make start")
        append_audit(self._home, Action.UPDATE, who=this_account(), detail=" ".join(lines))
        raise UpdateError("\n".join(lines)) from error

    def _undone(self) -> list[str]:
        self._means.stop(self._home, lambda _: None)
        if self._migrated_from is None:
            return [f"The journal is as it was: {self._schema_words()}."]
        try:
            done = roll_back(self._home, who=this_account())
        except (DatabaseError, RunningError) as error:
            return [f"THE JOURNAL COULD NOT BE ROLLED BACK: {error}; try: main.py db rollback"]
        kept = f"; what it held since: {done.replaced}" if done.replaced else ""
        return [
            f"The journal is rolled back to schema {done.schema} and pinned there{kept}.",
            "Before the next update: python main.py db unpin",
        ]

    def _schema_words(self) -> str:
        before = self._migrated_from
        return f"schema {before} -> {REVISION}" if before else "not migrated"
