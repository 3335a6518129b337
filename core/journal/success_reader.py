"""What the success metrics of a stretch of time are made of, as it is read back."""

from sqlalchemy import URL, Column, func, select
from sqlalchemy.sql import Select

from core.journal.database import transaction
from core.journal.reading import open_for_reading
from core.journal.records import utc_text
from core.journal.tables import DECISIONS, EQUITY, LLM_CALLS, SIGNALS, TRADES
from core.journal.trade_reader import TradeReader
from core.model.source import Source
from core.model.verdict import Purpose


class SuccessReader(TradeReader):
    """
    Read what was earned, paid and decided between two instants of feed time.

    ``start_ms`` is inclusive, ``end_ms`` is not; ``symbol`` None means all of them. Every
    method raises `JournalError` when the database cannot be read.
    """

    @classmethod
    def open(cls, url: str | URL) -> "SuccessReader":
        """Open an existing journal; see `open_for_reading` for what it raises."""
        return cls(open_for_reading(url))

    def first_ms(self) -> int | None:
        """Return when the equity curve begins; None before it does."""
        return self._told(select(func.min(EQUITY.c.at_ms)))

    def newest_ms(self) -> int | None:
        """Return the newest instant that anything was recorded of; None in an empty journal."""
        columns = (EQUITY.c.at_ms, TRADES.c.exit_ms, TRADES.c.decided_ms, DECISIONS.c.open_time_ms)
        found = [self._told(select(func.max(column))) for column in columns]
        return max((at_ms for at_ms in found if at_ms is not None), default=None)

    def equity_at(self, at_ms: int, source: Source) -> float | None:
        """Return what an account was worth last, up to an instant; None before its first point."""
        c = EQUITY.c
        statement = (
            select(c.equity)
            .where(c.source == source.value, c.at_ms <= at_ms)
            .order_by(c.at_ms.desc())
            .limit(1)
        )
        with transaction(self._engine) as connection:
            found = connection.execute(statement).scalar()
        return None if found is None else float(found)

    def evaluations(self, start_ms: int, end_ms: int, symbol: str | None = None) -> int:
        """Return how many bars were judged, by their open time."""
        # By open time, since an index holds it: the rows themselves are large.
        return self._count(DECISIONS.c.open_time_ms, DECISIONS.c.symbol, start_ms, end_ms, symbol)

    def signals(self, source: Source, start_ms: int, end_ms: int, symbol: str | None = None) -> int:
        """Return how many signals an account was given; a shadow's are known by its trades."""
        c, s = TRADES.c, SIGNALS.c
        counted = _counted(c.decided_ms, c.symbol, start_ms, end_ms, symbol)
        entries = counted.where(c.source == source.value, c.part_of.is_(None))
        if source is not Source.POLICY:
            return self._told(entries) or 0
        # Of those that are in the archive the trade is left.
        archived = entries.where(c.signal_id.is_not(None), c.signal_id.not_in(select(s.id)))
        kept = self._count(s.decided_ms, s.symbol, start_ms, end_ms, symbol)
        return kept + (self._told(archived) or 0)

    def llm_usd(self, start_ms: int, end_ms: int, symbol: str | None = None) -> float:
        """Return what answers for decisions cost; instants count by the whole second."""
        c = LLM_CALLS.c
        statement = select(func.coalesce(func.sum(c.cost_usd), 0.0)).where(
            c.purpose == Purpose.DECISION.value,
            c.created_at >= utc_text(start_ms),
            c.created_at < utc_text(end_ms),
        )
        if symbol is not None:
            statement = statement.where(c.symbol == symbol)
        with transaction(self._engine) as connection:
            return float(connection.execute(statement).scalar_one())

    def _count(
        self, at_ms: Column[int], of: Column[str], start_ms: int, end_ms: int, symbol: str | None
    ) -> int:
        return self._told(_counted(at_ms, of, start_ms, end_ms, symbol)) or 0

    def _told(self, statement: Select[int | None]) -> int | None:
        with transaction(self._engine) as connection:
            found = connection.execute(statement).scalar()
        return None if found is None else int(found)


def _counted(
    at_ms: Column[int], of: Column[str], start_ms: int, end_ms: int, symbol: str | None
) -> Select[int | None]:
    statement = select(func.count()).where(at_ms >= start_ms, at_ms < end_ms)
    return statement if symbol is None else statement.where(of == symbol)
