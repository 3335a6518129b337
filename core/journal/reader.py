"""What the trading side reads back: decisions, regimes, trades, equity, calls and control."""

from collections.abc import Mapping

from sqlalchemy import URL, func, select

from core.journal.call_reader import CallReader
from core.journal.database import transaction
from core.journal.hand_reader import HandReader
from core.journal.reading import open_for_reading
from core.journal.records import decision_of, regime_of
from core.journal.tables import CONTROL, DECISIONS, REGIMES, SIGNALS
from core.journal.trade_reader import TradeReader
from core.model.intervals import Interval
from core.model.regime import RegimeChange
from core.model.signal import Decision


class JournalReader(TradeReader, CallReader, HandReader):
    """
    Read what was decided and what became of it; never blocks a writer, safe from any thread.

    Every method raises `JournalError` when the database cannot be read.
    """

    @classmethod
    def open(cls, url: str | URL) -> "JournalReader":
        """Open an existing journal; see `open_for_reading` for what it raises."""
        return cls(open_for_reading(url))

    def decisions(
        self, symbol: str, interval: Interval, start_ms: int, end_ms: int
    ) -> tuple[Decision, ...]:
        """Return decisions on bars that opened from ``start_ms`` until before ``end_ms``."""
        c = DECISIONS.c
        statement = (
            select(DECISIONS)
            .where(c.symbol == symbol, c.interval == interval.value)
            .where(c.open_time_ms >= start_ms, c.open_time_ms < end_ms)
            .order_by(c.open_time_ms, c.id)
        )
        with transaction(self._engine) as connection:
            return tuple(decision_of(row) for row in connection.execute(statement))

    def signal_count(self, since_ms: int = 0, symbol: str | None = None) -> int:
        """Return how many signals were decided from ``since_ms`` on, of one symbol or of all."""
        c = SIGNALS.c
        statement = select(func.count()).select_from(SIGNALS).where(c.decided_ms >= since_ms)
        if symbol is not None:
            statement = statement.where(c.symbol == symbol)
        with transaction(self._engine) as connection:
            return int(connection.execute(statement).scalar_one())

    def last_evaluated_ms(self, symbol: str, interval: Interval) -> int | None:
        """Return the open time of the newest bar any strategy has decided on; None before it."""
        c = DECISIONS.c
        statement = (
            select(c.open_time_ms)
            .where(c.symbol == symbol, c.interval == interval.value)
            .order_by(c.open_time_ms.desc())
            .limit(1)
        )
        with transaction(self._engine) as connection:
            found = connection.execute(statement).scalar()
        return None if found is None else int(found)

    def signal_times_since(self, since_ms: int) -> tuple[int, ...]:
        """Return when signals were decided, after ``since_ms``, oldest first."""
        decided_ms = SIGNALS.c.decided_ms
        statement = select(decided_ms).where(decided_ms > since_ms).order_by(decided_ms)
        with transaction(self._engine) as connection:
            return tuple(connection.execute(statement).scalars())

    def regimes(self) -> Mapping[tuple[str, Interval], RegimeChange]:
        """Return the newest change of regime of each symbol and interval: what stands now."""
        c = REGIMES.c
        # SQLite gives the other columns of the row that holds the maximum only as an
        # extension, so the newest is looked up by its key.
        newest = (
            select(c.symbol, c.interval, func.max(c.open_time_ms).label("open_time_ms"))
            .group_by(c.symbol, c.interval)
            .subquery()
        )
        same = (
            (c.symbol == newest.c.symbol)
            & (c.interval == newest.c.interval)
            & (c.open_time_ms == newest.c.open_time_ms)
        )
        with transaction(self._engine) as connection:
            rows = connection.execute(select(REGIMES).join(newest, same)).all()
        return {(row.symbol, Interval(row.interval)): regime_of(row) for row in rows}

    def regime_history(
        self, symbol: str, interval: Interval, limit: int = 100
    ) -> tuple[RegimeChange, ...]:
        """Return the newest changes of regime of a market, newest first."""
        c = REGIMES.c
        statement = (
            select(REGIMES)
            .where(c.symbol == symbol, c.interval == interval.value)
            .order_by(c.open_time_ms.desc())
            .limit(limit)
        )
        with transaction(self._engine) as connection:
            return tuple(regime_of(row) for row in connection.execute(statement))

    def control(self, key: str) -> str | None:
        """Return what another process last set under ``key``; None before the first time."""
        statement = select(CONTROL.c.value).where(CONTROL.c.key == key)
        with transaction(self._engine) as connection:
            found = connection.execute(statement).scalar()
        return None if found is None else str(found)
