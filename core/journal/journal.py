"""What the engine writes: short transactions, each of which is whole or absent."""

import time
from collections.abc import Callable, Iterable
from typing import Any

from sqlalchemy import (
    URL,
    Connection,
    Engine,
    Table,
    and_,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite

from core.journal.database import Access, checkpoint, open_engine, transaction
from core.journal.migration import migrate as migrate_database
from core.journal.records import (
    call_values,
    decision_values,
    key_values,
    pending_trade,
    reading_values,
    regime_values,
    signal_values,
    trade_values,
    utc_text,
)
from core.journal.revisions import check_revision
from core.journal.tables import (
    CONTROL,
    DECISIONS,
    EQUITY,
    FEATURE_TELEMETRY,
    LLM_CALLS,
    REGIMES,
    SIGNALS,
    TRADES,
)
from core.model.intervals import Interval
from core.model.regime import RegimeChange
from core.model.signal import Decision, Signal, SignalKey
from core.model.telemetry import Reading
from core.model.trade import Trade
from core.model.verdict import LlmCall

# 117 bytes each with their indexes: 117 MB. Three symbols at 1m make 726,000 in seven days (24 of
# each bar); the whole market at 15m would make nine million.
_MOST_READINGS = 1_000_000
# ON CONFLICT is said alike by both, but SQLAlchemy has it per dialect.
_UPSERTS: dict[str, Callable[[Table], Any]] = {
    "sqlite": sqlite.insert,
    "postgresql": postgresql.insert,
}


class Journal:
    """
    Write the journal; any thread may call, one write happens at a time.

    Decisions, signals, trades, equity and control survive a power cut once a
    call has returned; telemetry survives a crash of the program.

    Args:
        durable: Connections for what must not be lost.
        light: Connections for telemetry.
        clock: Seconds since the epoch, for ``recorded_at`` only.
    """

    def __init__(
        self, durable: Engine, light: Engine, *, clock: Callable[[], float] = time.time
    ) -> None:
        self._durable = durable
        self._light = light
        self._clock = clock

    @classmethod
    def open(
        cls, url: str | URL, *, migrate: bool = True, clock: Callable[[], float] = time.time
    ) -> "Journal":
        """
        Open the database for writing; a SQLite file and its directory are made if absent.

        Args:
            url: For SQLite best made by `core.journal.database.database_url`.
            migrate: Bring a new or older schema up to date, after a copy of it;
                otherwise such a database is refused.
            clock: See the class.

        Raises:
            JournalError: If the database is newer than the code, damaged, or
                cannot be written.
        """
        durable = open_engine(url, Access.DURABLE)
        if migrate:
            migrate_database(durable)
        else:
            with transaction(durable) as connection:
                check_revision(connection)
        return cls(durable, open_engine(url, Access.LIGHT), clock=clock)

    def record_evaluation(
        self, decision: Decision, *, signal: Signal | None = None, call: LlmCall | None = None
    ) -> int | None:
        """
        Keep one evaluation: the decision, its signal with a pending trade, and the call.

        All rows or none. A key that is known already writes nothing, so repeating
        an evaluation after a crash is harmless.

        Returns:
            The id of the signal that is now recorded; None when there was no signal
            or the key was known.

        Raises:
            ValueError: If the signal belongs to another evaluation.
            JournalError: If the database refuses; then nothing was written.
        """
        if signal is not None and signal.key != decision.key:
            raise ValueError(f"signal of {signal.key} with a decision on {decision.key}")
        recorded_at = utc_text(int(self._clock() * 1000))
        with transaction(self._durable) as connection:
            if _known(connection, DECISIONS, decision.key):
                return None
            signal_id = None
            if signal is not None:
                signal_id = _insert_signal(connection, signal, recorded_at)
            row = decision_values(decision, signal_id) | {"recorded_at": recorded_at}
            connection.execute(insert(DECISIONS).values(row))
            if call is not None:
                connection.execute(insert(LLM_CALLS).values(call_values(decision, call)))
        return signal_id

    def save_trades(self, trades: Iterable[Trade]) -> None:
        """Keep trades as they are now, all or none."""
        self._upsert(TRADES, [trade_values(trade) for trade in trades])

    def add_equity(self, at_ms: int, equity: float, balance: float, open_pnl: float) -> None:
        """Keep the account's worth at an instant of feed time; a later word on it wins."""
        row = {"at_ms": at_ms, "equity": equity, "balance": balance, "open_pnl": open_pnl}
        self._upsert(EQUITY, [row])

    def set_control(self, key: str, value: str, updated_ms: int) -> None:
        """Set one value that other processes look at."""
        self._upsert(CONTROL, [{"key": key, "value": value, "updated_ms": updated_ms}])

    def add_readings(self, readings: Iterable[Reading]) -> None:
        """Keep a batch of measurements in one transaction."""
        rows = [reading_values(reading) for reading in readings]
        if rows:
            with transaction(self._light) as connection:
                connection.execute(insert(FEATURE_TELEMETRY), rows)

    def add_regime(self, change: RegimeChange) -> None:
        """Keep a change of regime; the first word on a bar stands, so a repeat is harmless."""
        row = regime_values(change) | {"recorded_at": utc_text(int(self._clock() * 1000))}
        statement = _UPSERTS[self._durable.dialect.name](REGIMES)
        with transaction(self._durable) as connection:
            connection.execute(statement.on_conflict_do_nothing(), row)

    def prune(
        self,
        now_ms: int,
        *,
        telemetry_days: int = 7,
        regime_days: int = 365,
        most_readings: int = _MOST_READINGS,
    ) -> int:
        """
        Forget measurements and changes of regime older than so many days of feed time.

        Of the measurements all but the newest ``most_readings`` go, too. The last regime of
        each symbol and interval is kept, however old: it still stands.

        Returns:
            How many rows were forgotten.
        """
        day_ms = Interval.D1.duration_ms
        c, later = REGIMES.c, REGIMES.alias()
        superseded = exists().where(
            later.c.symbol == c.symbol,
            later.c.interval == c.interval,
            later.c.open_time_ms > c.open_time_ms,
        )
        r = FEATURE_TELEMETRY.c
        too_many = r.id <= select(func.max(r.id)).scalar_subquery() - most_readings
        old_readings = or_(r.at_ms < now_ms - telemetry_days * day_ms, too_many)
        old_regimes = and_(c.known_ms < now_ms - regime_days * day_ms, superseded)
        with transaction(self._light) as connection:
            readings = connection.execute(delete(FEATURE_TELEMETRY).where(old_readings)).rowcount
            return readings + connection.execute(delete(REGIMES).where(old_regimes)).rowcount

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

    def _upsert(self, table: Table, rows: list[dict[str, Any]]) -> None:
        if not rows:
            return
        statement = _UPSERTS[self._durable.dialect.name](table)
        identity = [column.name for column in table.primary_key]
        # The first word on when a row was created stands.
        kept = {*identity, "created_at"}
        changes = {c.name: statement.excluded[c.name] for c in table.c if c.name not in kept}
        with transaction(self._durable) as connection:
            connection.execute(
                statement.on_conflict_do_update(index_elements=identity, set_=changes), rows
            )


def _known(connection: Connection, table: Table, key: SignalKey) -> bool:
    same = and_(*(table.c[name] == value for name, value in key_values(key).items()))
    return connection.execute(select(table.c.id).where(same)).first() is not None


def _insert_signal(connection: Connection, signal: Signal, recorded_at: str) -> int:
    row = signal_values(signal) | {"recorded_at": recorded_at}
    inserted = insert(SIGNALS).values(row).returning(SIGNALS.c.id)
    signal_id = int(connection.execute(inserted).scalar_one())
    trade = trade_values(pending_trade(signal_id, signal))
    connection.execute(insert(TRADES).values(trade))
    return signal_id
