"""The newest bars of order flow of one symbol in constant memory."""

import numpy as np

from core.model.intervals import MINUTE_MS
from core.model.order_flow import FlowSeries

TRADE_COLUMNS = ("buy_volume", "sell_volume", "buy_quote_volume", "sell_quote_volume")
TOP_COLUMNS = ("imbalance_mean", "imbalance_last", "spread_bps")
_FLOATS = TRADE_COLUMNS + TOP_COLUMNS
_TRADES_END = len(TRADE_COLUMNS)
_NEVER = -1


class FlowColumns:
    """
    One row for each of the newest ``capacity`` minutes, found by its time alone.

    Trades and tops of the book come by different sockets and are written independently.
    """

    def __init__(self, capacity: int) -> None:
        if capacity < 1:
            raise ValueError(f"capacity must be at least 1, was {capacity}")
        self._capacity = capacity
        self._open_ms = np.full(capacity, _NEVER, dtype=np.int64)
        self._floats = np.full((len(_FLOATS), capacity), np.nan)
        self._trades = np.zeros(capacity, dtype=np.int64)
        self._complete = np.zeros(capacity, dtype=np.bool_)

    @property
    def span_ms(self) -> int:
        """How far back rows are kept."""
        return self._capacity * MINUTE_MS

    @property
    def memory_bytes(self) -> int:
        """Size of its buffers."""
        columns = (self._open_ms, self._floats, self._trades, self._complete)
        return sum(column.nbytes for column in columns)

    def clear(self) -> None:
        """Forget all rows."""
        self._open_ms[:] = _NEVER

    def write_trades(
        self, open_ms: int, volumes: tuple[float, ...], trades: int, *, complete: bool
    ) -> None:
        """Set what takers did in a bar, in the order of ``TRADE_COLUMNS``."""
        row = self._row(open_ms)
        if row is not None:
            self._floats[:_TRADES_END, row] = volumes
            self._trades[row] = trades
            self._complete[row] = complete

    def write_tops(self, open_ms: int, values: tuple[float, ...]) -> None:
        """Set how the top of the book was in a bar, in the order of ``TOP_COLUMNS``."""
        row = self._row(open_ms)
        if row is not None:
            self._floats[_TRADES_END:, row] = values

    def doubt(self, open_ms: int) -> None:
        """Call a bar incomplete."""
        row = (open_ms // MINUTE_MS) % self._capacity
        if self._open_ms[row] == open_ms:
            self._complete[row] = False

    def series(self, symbol: str) -> FlowSeries:
        """Return a copy of the rows, oldest first."""
        newest_ms = int(self._open_ms.max())
        rows = np.flatnonzero(self._open_ms > max(newest_ms - self.span_ms, _NEVER))
        rows = rows[np.argsort(self._open_ms[rows])]
        return FlowSeries(
            symbol=symbol,
            open_time_ms=self._open_ms[rows],
            trades=self._trades[rows],
            complete=self._complete[rows],
            **{name: self._floats[i, rows] for i, name in enumerate(_FLOATS)},
        )

    def _row(self, open_ms: int) -> int | None:
        """Return the row of a bar, cleared if another had it; None if a newer one has it."""
        row = (open_ms // MINUTE_MS) % self._capacity
        known_ms = int(self._open_ms[row])
        if known_ms > open_ms:
            return None
        if known_ms < open_ms:
            self._open_ms[row] = open_ms
            self._floats[:, row] = np.nan
            self._trades[row] = 0
            self._complete[row] = False
        return row
