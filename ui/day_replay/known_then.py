"""Signals as they were known at an earlier moment: those decided by then, without what followed."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from core.journal.errors import JournalError
from core.journal.overview import SignalRow
from core.model.trade import TradeStatus
from ui.services import SignalJournal

_MOST_SIGNALS = 5_000
"""Of the journal: with five an hour, the limit of the whole system, those of six weeks."""
_READ_EVERY_S = 30.0


@dataclass(frozen=True, slots=True)
class _Read:
    at_s: float
    rows: Sequence[SignalRow]


class PastSignals:
    """
    Signals for a replay, which may begin long before the newest ones the page keeps.

    Args:
        journal: Where they are read.
        monotonic: Seconds that never jump.
    """

    def __init__(self, journal: SignalJournal, monotonic: Callable[[], float]) -> None:
        self._journal = journal
        self._monotonic = monotonic
        self._read: _Read | None = None

    def at(self, until_ms: int, newest: Iterable[SignalRow]) -> list[SignalRow]:
        """
        Return what was known at ``until_ms``; reads the database now and then.

        Args:
            until_ms: The last millisecond that is known.
            newest: What is taken where the journal cannot be read.
        """
        return known_signals(self._rows(newest), until_ms)

    def _rows(self, newest: Iterable[SignalRow]) -> Iterable[SignalRow]:
        now_s = self._monotonic()
        if self._read is None or now_s - self._read.at_s >= _READ_EVERY_S:
            try:
                rows = self._journal.recent_signals(_MOST_SIGNALS)
            except JournalError:
                return newest  # the notices above the chart tell of a journal that cannot be read
            self._read = _Read(now_s, rows)
        return self._read.rows


def known_signals(rows: Iterable[SignalRow], until_ms: int) -> list[SignalRow]:
    """Return signals of bars that had closed by then, each with its trade as it stood."""
    return [
        _as_it_stood(row, until_ms)
        for row in rows
        if row.key.interval.close_time_ms(row.key.open_time_ms) <= until_ms
    ]


def _as_it_stood(row: SignalRow, until_ms: int) -> SignalRow:
    if row.status is None or (row.exit_ms is not None and row.exit_ms <= until_ms):
        return row
    if row.status is TradeStatus.REFUSED and row.exit_ms is None:
        return row
    entered = row.entry_ms is not None and row.entry_ms <= until_ms
    return replace(
        row,
        status=TradeStatus.OPEN if entered else TradeStatus.PENDING,
        entry_ms=row.entry_ms if entered else None,
        entry_price=row.entry_price if entered else None,
        exit_ms=None,
        exit_price=None,
        exit_reason=None,
        pnl=None,
        r_multiple=None,
    )
