"""What the engine writes: short transactions, each of which is whole or absent."""

import time
from collections.abc import Callable, Iterable

from sqlalchemy import URL, Engine, insert

from core.journal.alerts import Alerts
from core.journal.commands import Commands
from core.journal.conversations import Conversations
from core.journal.database import Access, checkpoint, open_engine, transaction
from core.journal.evaluations import Evaluations
from core.journal.migration import migrate as migrate_database
from core.journal.records import reading_values, regime_values
from core.journal.retention import Retention, forget
from core.journal.revisions import check_revision
from core.journal.tables import CONTROL, EQUITY, FEATURE_TELEMETRY, REGIMES, TRADES
from core.journal.trade_records import FIXED, equity_values, trade_values
from core.journal.upserts import insert_new, upsert
from core.model.equity import EquityPoint
from core.model.regime import RegimeChange
from core.model.telemetry import Reading
from core.model.trade import Trade

_RETENTION = Retention()
_NEW_READINGS = insert(FEATURE_TELEMETRY)


class Journal(Evaluations, Conversations, Commands, Alerts):
    """
    Write the journal; any thread may call, one write happens at a time.

    Decisions, signals, trades, equity, calls, messages and control survive a power cut once a
    call has returned; telemetry survives a crash of the program.

    Args:
        durable: Connections for what must not be lost.
        light: Connections for telemetry.
        clock: Seconds since the epoch, for ``recorded_at`` only.
    """

    def __init__(
        self, durable: Engine, light: Engine, *, clock: Callable[[], float] = time.time
    ) -> None:
        super().__init__(durable, clock)
        self._light = light

    @classmethod
    def open(
        cls,
        url: str | URL,
        *,
        migrate: bool = True,
        clock: Callable[[], float] = time.time,
        access: Access = Access.DURABLE,
        waited_s: Callable[[float], None] | None = None,
    ) -> "Journal":
        """
        Open the database for writing; a SQLite file and its directory are made if absent.

        Args:
            url: For SQLite best made by `core.journal.database.database_url`.
            migrate: Bring a new or older schema up to date, after a copy of it;
                otherwise such a database is refused.
            clock: See the class.
            access: ``LIGHT`` where a power cut may take the newest rows, as in a replay that
                is simply played again.
            waited_s: Told for how long each transaction waited for its lock.

        Raises:
            JournalError: If the database is newer than the code, damaged, or
                cannot be written.
        """
        durable = open_engine(url, access, waited_s=waited_s)
        if migrate:
            migrate_database(durable)
        else:
            with transaction(durable) as connection:
                check_revision(connection)
        return cls(durable, open_engine(url, Access.LIGHT, waited_s=waited_s), clock=clock)

    def save_trades(self, trades: Iterable[Trade]) -> None:
        """Keep trades as they are now, all or none."""
        rows = [trade_values(trade) for trade in trades]
        with transaction(self._durable) as connection:
            upsert(connection, TRADES, rows, fixed=FIXED)

    def add_equity(self, points: Iterable[EquityPoint]) -> None:
        """Keep what accounts are worth at instants of feed time; a later word on one wins."""
        rows = [equity_values(point) for point in points]
        with transaction(self._durable) as connection:
            upsert(connection, EQUITY, rows)

    def set_control(self, key: str, value: str, updated_ms: int) -> None:
        """Set one value that other processes look at."""
        with transaction(self._durable) as connection:
            upsert(connection, CONTROL, [{"key": key, "value": value, "updated_ms": updated_ms}])

    def add_readings(self, readings: Iterable[Reading]) -> None:
        """Keep a batch of measurements in one transaction."""
        rows = [reading_values(reading) for reading in readings]
        if rows:
            with transaction(self._light) as connection:
                connection.execute(_NEW_READINGS, rows)

    def add_regime(self, change: RegimeChange) -> None:
        """Keep a change of regime; the first word on a bar stands, so a repeat is harmless."""
        row = regime_values(change) | {"recorded_at": self._now_text()}
        with transaction(self._durable) as connection:
            insert_new(connection, REGIMES, [row])

    def prune(self, now_ms: int, kept: Retention = _RETENTION) -> int:
        """
        Forget what is older than so many days of feed time, batch by batch.

        Trades and equity are never forgotten; old signals go to the archive; see `Retention`.

        Returns:
            How many rows were deleted, emptied or archived.
        """
        return forget(self._light, now_ms, kept)

    def checkpoint_and_close(self) -> None:
        """Bring everything into the one database file and let go of it."""
        try:
            checkpoint(self._durable)
        finally:
            self.close()

    def close(self) -> None:
        """Let go of the database; for a process that wrote beside the engine."""
        self._light.dispose()
        self._durable.dispose()
