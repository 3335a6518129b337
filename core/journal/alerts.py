"""What alerts have seen, as it is written."""

from collections.abc import Iterable

from sqlalchemy import bindparam, update

from core.journal.command_records import AlertRow
from core.journal.database import transaction
from core.journal.durable import DurableRows
from core.journal.tables import ALERTS

_SEEN = (
    update(ALERTS)
    # One that somebody has removed meanwhile stays removed.
    .where(ALERTS.c.id == bindparam("row"), ALERTS.c.active)
    .values(
        active=bindparam("goes_on"),
        above=bindparam("side"),
        fired_ms=bindparam("at_ms"),
        value=bindparam("seen"),
    )
)


class Alerts(DurableRows):
    """Write what became of alerts; commands are what adds and removes them."""

    def save_alerts(self, rows: Iterable[AlertRow]) -> None:
        """Keep alerts as they are now, all or none."""
        changes = [
            {
                "row": row.id,
                "goes_on": row.active,
                "side": row.above,
                "at_ms": row.fired_ms,
                "seen": row.value,
            }
            for row in rows
        ]
        if changes:
            with transaction(self._durable) as connection:
                connection.execute(_SEEN, changes)
