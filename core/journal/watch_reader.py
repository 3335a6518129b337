"""What the newest evaluation of each symbol says, for a list of many symbols."""

from dataclasses import dataclass

from sqlalchemy import URL, select

from core.journal.database import transaction
from core.journal.reading import Rows, open_for_reading
from core.journal.tables import DECISIONS
from core.model.intervals import Interval

MOST_AT_ONCE = 2_000
"""Evaluations looked through in one read: four bars of 500 symbols."""


@dataclass(frozen=True, slots=True)
class LatestEvaluation:
    """
    Attributes:
        score: Of the rules; None where they could not judge.
        alignment: Of each `Interval` in their order, -1 to 1; None where it is not known.
    """

    id: int
    symbol: str
    closed_ms: int
    score: float | None
    alignment: tuple[float | None, ...]


class WatchReader(Rows):
    """Read evaluations as they come; every method raises `JournalError`."""

    @classmethod
    def open(cls, url: str | URL) -> "WatchReader":
        """Open an existing journal; see `open_for_reading` for what it raises."""
        return cls(open_for_reading(url))

    def latest_since(self, number: int) -> tuple[LatestEvaluation, ...]:
        """Return the newest evaluation of each symbol that has any after one's number."""
        c = DECISIONS.c
        found = (
            select(c.id, c.symbol).where(c.id > number).order_by(c.id.desc()).limit(MOST_AT_ONCE)
        )
        sides = [c.features[f"alignment_{interval.value}"].as_float() for interval in Interval]
        with transaction(self._engine) as connection:
            newest: dict[str, int] = {}
            for row in connection.execute(found):
                newest.setdefault(row.symbol, row.id)
            if not newest:
                return ()
            statement = select(c.id, c.symbol, c.closed_ms, c.score, *sides).where(
                c.id.in_(newest.values())
            )
            rows = connection.execute(statement.order_by(c.id)).all()
        return tuple(
            LatestEvaluation(row[0], row[1], row[2], row[3], tuple(row[4:])) for row in rows
        )
