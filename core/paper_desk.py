"""Open paper trades and the account they belong to: the broker's state, kept in the journal."""

import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from core.config import PaperSettings
from core.data.data_store import DataStore
from core.journal.journal import Journal
from core.journal.reader import JournalReader
from core.model.intervals import MINUTE_MS, Interval
from core.model.trade import Trade, TradeStatus
from core.trading.paper_broker import Costs, open_pnl, walk

logger = logging.getLogger(__name__)

# How often the walk of an uneventful trade is saved; walking again gives the same result.
_SAVE_EVERY_MS = 60 * MINUTE_MS

Write = Callable[..., Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class Equity:
    """
    The paper account at one instant, in quote currency.

    Attributes:
        balance: Starting equity plus everything realised, entry fees included.
        open_pnl: What closing every open position now would add, after costs.
    """

    balance: float
    open_pnl: float

    @property
    def total(self) -> float:
        """Balance and open P&L together."""
        return self.balance + self.open_pnl


class PaperDesk:
    """
    Walk open trades over closed candles, and save each step of their lives.

    Args:
        write: Runs a journal method on the process's one writer thread.
    """

    def __init__(
        self,
        store: DataStore,
        journal: Journal,
        reader: JournalReader,
        *,
        paper: PaperSettings,
        write: Write,
    ) -> None:
        self._store = store
        self._journal = journal
        self._reader = reader
        self._write = write
        self._starting_equity = paper.starting_equity_usd
        self._costs = Costs(
            taker_fee=paper.taker_fee_bps / 1e4,
            slippage=paper.slippage_bps / 1e4,
        )
        self._trades: dict[int, Trade] = {}
        self._realised = 0.0

    @property
    def open_symbols(self) -> frozenset[str]:
        """Symbols with a pending or open trade."""
        return frozenset(trade.symbol for trade in self._trades.values())

    def recover(self) -> None:
        """Read what the journal knows: the trades still alive and all that was realised."""
        self._trades = {trade.signal_id: trade for trade in self._reader.open_trades()}
        self._realised = sum(trade.pnl or 0.0 for trade in self._reader.closed_trades())

    def adopt(self, signal_id: int) -> None:
        """Take over the pending trade that was recorded with a new signal."""
        trade = self._reader.trade(signal_id)
        self._trades[trade.signal_id] = trade

    def next_bar_ms(self, symbol: str) -> int | None:
        """Return the oldest 1m bar a live trade of ``symbol`` has not seen; None without one."""
        seen = [t.last_bar_ms for t in self._trades.values() if t.symbol == symbol]
        return min(seen) + MINUTE_MS if seen else None

    async def walk(self, symbol: str, until_ms: int) -> None:
        """Let every live trade of ``symbol`` see the 1m candles it has not, up to ``until_ms``."""
        for trade in [t for t in self._trades.values() if t.symbol == symbol]:
            moved = trade
            for bar in self._store.candles(
                symbol, Interval.M1, start_ms=trade.last_bar_ms + MINUTE_MS, end_ms=until_ms
            ):
                moved = walk(moved, bar, self._costs)
            await self._keep(trade, moved)

    async def _keep(self, before: Trade, after: Trade) -> None:
        changed = after.status is not before.status
        if changed or after.last_bar_ms // _SAVE_EVERY_MS != before.last_bar_ms // _SAVE_EVERY_MS:
            await self._write(self._journal.save_trades, [after])
        if changed:
            logger.info(
                "trade %s symbol=%s direction=%s signal_id=%s entry=%s exit=%s reason=%s pnl=%s",
                after.status.value,
                after.symbol,
                after.direction.value,
                after.signal_id,
                after.entry_price,
                after.exit_price,
                after.exit_reason,
                after.pnl,
            )
        if after.status in {TradeStatus.CLOSED, TradeStatus.REFUSED}:
            self._trades.pop(after.signal_id, None)
            self._realised += after.pnl or 0.0
        else:
            self._trades[after.signal_id] = after

    def equity(self, prices: Mapping[str, float]) -> Equity:
        """
        Value the account.

        Args:
            prices: Close of the newest candle by symbol; without one the entry price counts.
        """
        held = [t for t in self._trades.values() if t.entry_price is not None]
        return Equity(
            balance=self._starting_equity + self._realised,
            open_pnl=sum(
                open_pnl(t, prices.get(t.symbol, t.entry_price or 0.0), self._costs) for t in held
            ),
        )
