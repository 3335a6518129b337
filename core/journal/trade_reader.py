"""Trades and the worth of accounts, as they are read back."""

from collections.abc import Mapping, Sequence

from sqlalchemy import func, select

from core.journal.database import place, transaction
from core.journal.errors import JournalError
from core.journal.reading import Rows
from core.journal.tables import EQUITY, TRADES
from core.journal.trade_records import equity_of, trade_of
from core.model.equity import EquityPoint
from core.model.source import Source
from core.model.trade import Trade, TradeStatus


class TradeReader(Rows):
    """Read what decides about money."""

    def open_trades(self) -> tuple[Trade, ...]:
        """Return trades of all accounts that are pending or open, oldest first."""
        statuses = [TradeStatus.PENDING.value, TradeStatus.OPEN.value]
        statement = select(TRADES).where(TRADES.c.status.in_(statuses)).order_by(TRADES.c.id)
        with transaction(self._engine) as connection:
            return tuple(trade_of(row) for row in connection.execute(statement))

    def closed_trades(
        self, source: Source | None = None, *, since_ms: int = 0, symbol: str | None = None
    ) -> tuple[Trade, ...]:
        """
        Return finished trades in the order of their exits.

        Args:
            source: Of this account only; None for all.
            since_ms: Only what was closed from then on.
            symbol: Of this symbol only; None for all.
        """
        c = TRADES.c
        statement = select(TRADES).where(
            c.status == TradeStatus.CLOSED.value, c.exit_ms >= since_ms
        )
        if source is not None:
            statement = statement.where(c.source == source.value)
        if symbol is not None:
            statement = statement.where(c.symbol == symbol)
        with transaction(self._engine) as connection:
            rows = connection.execute(statement.order_by(c.exit_ms, c.id))
            return tuple(trade_of(row) for row in rows)

    def trade(self, trade_id: int) -> Trade:
        """
        Return one trade.

        Raises:
            JournalError: If there is none of that number.
        """
        return self.trades_of([trade_id])[0]

    def trades_of(self, trade_ids: Sequence[int]) -> tuple[Trade, ...]:
        """
        Return trades by their numbers, in the order asked.

        Raises:
            JournalError: If there is none of some number.
        """
        statement = select(TRADES).where(TRADES.c.id.in_(trade_ids))
        with transaction(self._engine) as connection:
            found = {row.id: trade_of(row) for row in connection.execute(statement)}
        for trade_id in trade_ids:
            if trade_id not in found:
                raise JournalError(f"{place(self._engine)}: no trade {trade_id}")
        return tuple(found[trade_id] for trade_id in trade_ids)

    def entry_times(self, source: Source) -> tuple[int, ...]:
        """Return when an account decided on each of its trades, refused fills too; oldest first."""
        c = TRADES.c
        mine = (c.source == source.value) & c.part_of.is_(None)
        statement = select(c.decided_ms).where(mine).order_by(c.decided_ms)
        with transaction(self._engine) as connection:
            return tuple(connection.execute(statement).scalars())

    def realised(self) -> Mapping[Source, float]:
        """Return the sum of the results of closed trades, after costs; 0.0 before the first."""
        c = TRADES.c
        # Added up here in the order of exits: a float sum of SQL has none that is promised.
        statement = (
            select(c.source, c.pnl)
            .where(c.status == TradeStatus.CLOSED.value, c.pnl.is_not(None))
            .order_by(c.exit_ms, c.id)
        )
        sums = dict.fromkeys(Source, 0.0)
        with transaction(self._engine) as connection:
            for source, pnl in connection.execute(statement):
                sums[Source(source)] += pnl
        return sums

    def last_exits(self, source: Source) -> Mapping[str, int]:
        """Return when an account last left each symbol, or was refused the entry."""
        c = TRADES.c
        statement = (
            select(c.symbol, func.max(c.exit_ms))
            .where(c.source == source.value, c.exit_ms.is_not(None))
            .group_by(c.symbol)
        )
        with transaction(self._engine) as connection:
            return {symbol: int(at_ms) for symbol, at_ms in connection.execute(statement)}

    def equity_curve(
        self, since_ms: int = 0, source: Source = Source.POLICY
    ) -> tuple[EquityPoint, ...]:
        """Return an account's worth from ``since_ms`` on, oldest first."""
        c = EQUITY.c
        statement = (
            select(EQUITY).where(c.source == source.value, c.at_ms >= since_ms).order_by(c.at_ms)
        )
        with transaction(self._engine) as connection:
            return tuple(equity_of(row) for row in connection.execute(statement))
