"""What trading by hand reads back: commands, alerts, and the trades a person looks at."""

import logging
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any

from sqlalchemy import Row, literal_column, select

from core.journal.command_records import AlertRow, CommandRow, alert_row, command_row
from core.journal.database import place, transaction
from core.journal.errors import JournalError
from core.journal.reading import Rows
from core.journal.tables import ALERTS, COMMANDS, TRADES
from core.journal.trade_records import trade_of
from core.model.command import CommandState
from core.model.source import Source
from core.model.trade import Trade, TradeStatus

logger = logging.getLogger(__name__)

_LIVE = (TradeStatus.PENDING.value, TradeStatus.OPEN.value)
# With its value in the statement, as SQLite takes a partial index for no other.
_WAITING = (
    select(COMMANDS)
    .where(COMMANDS.c.state == literal_column(f"'{CommandState.WAITING.value}'"))
    .order_by(COMMANDS.c.id)
    .limit(100)
)


def _alerts(rows: Iterable[Row[Any]]) -> Iterator[AlertRow]:
    """Rebuild alerts; one that somebody has made impossible by hand stops none of the others."""
    for row in rows:
        try:
            yield alert_row(row)
        except ValueError as error:
            _tell_once(row.id, str(error))


@lru_cache(maxsize=256)  # they are read every second
def _tell_once(number: int, reason: str) -> None:
    logger.warning("alert left out: id=%d reason=%s", number, reason)


class HandReader(Rows):
    """Read what people asked for; every method is an indexed query."""

    def command(self, command_id: int) -> CommandRow:
        """
        Return a command with its answer.

        Raises:
            JournalError: If there is none of that number.
        """
        with transaction(self._engine) as connection:
            row = connection.execute(select(COMMANDS).where(COMMANDS.c.id == command_id)).first()
        if row is None:
            raise JournalError(f"{place(self._engine)}: no command {command_id}")
        return command_row(row)

    def recent_commands(self, limit: int = 100) -> tuple[CommandRow, ...]:
        """Return the newest commands, newest first."""
        statement = select(COMMANDS).order_by(COMMANDS.c.id.desc()).limit(limit)
        with transaction(self._engine) as connection:
            return tuple(command_row(row) for row in connection.execute(statement))

    def waiting_commands(self) -> tuple[CommandRow, ...]:
        """Return commands that nobody has answered, oldest first, at most a hundred."""
        with transaction(self._engine) as connection:
            return tuple(command_row(row) for row in connection.execute(_WAITING))

    def alerts(self) -> tuple[AlertRow, ...]:
        """Return the alerts that are watched for, oldest first."""
        statement = select(ALERTS).where(ALERTS.c.active).order_by(ALERTS.c.id)
        with transaction(self._engine) as connection:
            return tuple(_alerts(connection.execute(statement)))

    def fired_since(self, since_ms: int) -> tuple[AlertRow, ...]:
        """
        Return alerts that fired after an instant of feed time, in that order.

        Of one that fires again and again only the newest time is known. Retired ones are told too.
        """
        c = ALERTS.c
        statement = select(ALERTS).where(c.fired_ms > since_ms).order_by(c.fired_ms, c.id)
        with transaction(self._engine) as connection:
            return tuple(_alerts(connection.execute(statement)))

    def live_trades(self) -> tuple[Trade, ...]:
        """Return pending and open trades of every account, newest first."""
        c = TRADES.c
        statement = select(TRADES).where(c.status.in_(_LIVE)).order_by(c.id.desc())
        with transaction(self._engine) as connection:
            return tuple(trade_of(row) for row in connection.execute(statement))

    def recent_trades(self, limit: int = 100, source: Source | None = None) -> tuple[Trade, ...]:
        """
        Return trades that are over, the newest exit first; refused and withdrawn entries too.

        Args:
            limit: At most so many.
            source: Of this account only; None for all.
        """
        c = TRADES.c
        statement = select(TRADES).where(c.exit_ms.is_not(None))
        if source is not None:
            statement = statement.where(c.source == source.value)
        statement = statement.order_by(c.exit_ms.desc(), c.id.desc()).limit(limit)
        with transaction(self._engine) as connection:
            return tuple(trade_of(row) for row in connection.execute(statement))
