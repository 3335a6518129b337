"""What the trading side reads back: trades, equity, regimes, and how far evaluation has come."""

from collections.abc import Mapping

from sqlalchemy import URL, Engine, func, select

from core.journal.database import Access, open_engine, place, transaction
from core.journal.errors import JournalError
from core.journal.records import regime_of, trade_of
from core.journal.revisions import check_revision
from core.journal.tables import CONTROL, DECISIONS, EQUITY, REGIMES, SIGNALS, TRADES
from core.model.equity import EquityPoint
from core.model.intervals import Interval
from core.model.regime import RegimeChange
from core.model.trade import Trade, TradeStatus


def open_for_reading(url: str | URL) -> Engine:
    """
    Prepare connections that write nothing, to a database this program understands.

    Raises:
        MissingJournalError: If there is no database.
        EmptyJournalError: If it holds no table.
        JournalError: If it is damaged, or older or newer than the code.
    """
    engine = open_engine(url, Access.READ)
    with transaction(engine) as connection:
        check_revision(connection)
    return engine


class JournalReader:
    """
    Read what decides about money; never blocks a writer, safe from any thread.

    Every method raises `JournalError` when the database cannot be read.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @classmethod
    def open(cls, url: str | URL) -> "JournalReader":
        """Open an existing journal; see `open_for_reading` for what it raises."""
        return cls(open_for_reading(url))

    def open_trades(self) -> tuple[Trade, ...]:
        """Return trades that are pending or open, oldest first."""
        return self._trades(TradeStatus.PENDING, TradeStatus.OPEN)

    def closed_trades(self) -> tuple[Trade, ...]:
        """Return finished trades in the order of their exits."""
        closed = self._trades(TradeStatus.CLOSED)
        return tuple(sorted(closed, key=lambda trade: trade.exit_ms or 0))

    def trade(self, signal_id: int) -> Trade:
        """
        Return the trade of a signal.

        Raises:
            JournalError: If there is none.
        """
        with transaction(self._engine) as connection:
            statement = select(TRADES).where(TRADES.c.signal_id == signal_id)
            row = connection.execute(statement).first()
        if row is None:
            raise JournalError(f"{place(self._engine)}: no trade of signal {signal_id}")
        return trade_of(row)

    def equity_curve(self, since_ms: int = 0) -> tuple[EquityPoint, ...]:
        """Return the account's worth from ``since_ms`` on, oldest first."""
        statement = select(EQUITY).where(EQUITY.c.at_ms >= since_ms).order_by(EQUITY.c.at_ms)
        with transaction(self._engine) as connection:
            rows = connection.execute(statement).all()
        return tuple(EquityPoint(r.at_ms, r.equity, r.balance, r.open_pnl) for r in rows)

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

    def _trades(self, *statuses: TradeStatus) -> tuple[Trade, ...]:
        statement = (
            select(TRADES)
            .where(TRADES.c.status.in_([status.value for status in statuses]))
            .order_by(TRADES.c.signal_id)
        )
        with transaction(self._engine) as connection:
            return tuple(trade_of(row) for row in connection.execute(statement))
