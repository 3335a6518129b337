"""The paper trades that are not over yet, and what the finished ones left: kept in the journal."""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from types import MappingProxyType
from typing import Any

from core.journal.journal import Journal
from core.journal.reader import JournalReader
from core.model.intervals import MINUTE_MS, Interval
from core.model.source import Source
from core.model.trade import ExitReason, Trade, TradeStatus
from core.trading.funding import funding_due
from core.trading.paper_broker import call_close

logger = logging.getLogger(__name__)

# How often the walk of an uneventful trade is saved; walking again gives the same result.
_SAVE_EVERY_MS = 60 * MINUTE_MS
# How long before the newest exit a trade may have ended whose funding is still being asked for.
_LATE_FUNDING_MS = 30 * Interval.D1.duration_ms
# What people see of a trade, or another process acts upon.
_eventful = attrgetter("status", "close_ms", "funding_ms", "funding", "stop", "target")
_LIVE = frozenset({TradeStatus.PENDING, TradeStatus.OPEN})

Write = Callable[..., Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class CloseCall:
    """A position is to be left at the first open from ``at_ms`` on."""

    reason: ExitReason
    at_ms: int


NO_CALLS: Mapping[Source, CloseCall] = MappingProxyType({})


class PaperTrades:
    """
    Trades by symbol, each change of which is in the journal before anybody sees it.

    Whoever changes trades of a symbol holds its `lock` from reading them to having them saved.

    Args:
        write: Runs a journal method on the process's one writer thread.
    """

    def __init__(self, journal: Journal, reader: JournalReader, *, write: Write) -> None:
        self._journal = journal
        self._reader = reader
        self._write = write
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        # Live ones, and closed ones that may have funding to pay. `adopt` runs in the writer's
        # thread: nothing but single steps that CPython does at once touch this.
        self._trades: dict[int, Trade] = {}
        self._realised: dict[Source, float] = {}
        self._exits: dict[Source, dict[str, int]] = {source: {} for source in Source}

    def recover(self) -> None:
        """Read what the journal knows: trades alive or unpaid, and what all others left."""
        self._realised = dict(self._reader.realised())
        self._exits = {source: dict(self._reader.last_exits(source)) for source in Source}
        newest_ms = max((ms for exits in self._exits.values() for ms in exits.values()), default=0)
        closed = self._reader.closed_trades(since_ms=max(newest_ms - _LATE_FUNDING_MS, 0))
        kept = (*self._reader.open_trades(), *filter(_unpaid, closed))
        self._trades = {trade.id: trade for trade in kept}

    def adopt(self, trade_ids: Sequence[int], calls: Mapping[Source, CloseCall] = NO_CALLS) -> None:
        """
        Take over pending trades that were recorded with a new evaluation; on the writer's thread.

        Args:
            trade_ids: Of one symbol.
            calls: Whose trade is to be left, as was decided before it had a row.
        """
        for trade_id in trade_ids:
            trade = self._reader.trade(trade_id)
            if trade.status not in _LIVE or trade.id in self._trades:
                continue
            call = calls.get(trade.source)
            if call is not None:
                trade = call_close(trade, call.reason, call.at_ms)
                self._journal.save_trades([trade])
            self._trades[trade.id] = trade

    def lock(self, symbol: str) -> asyncio.Lock:
        """Return what keeps two changes of a symbol's trades apart."""
        return self._locks[symbol]

    def live(self, *, symbol: str | None = None, source: Source | None = None) -> tuple[Trade, ...]:
        """Return pending and open trades, oldest first."""
        # Asked a dozen times a minute, and mostly there are none.
        if not self._trades:
            return ()
        return tuple(
            [
                trade
                for trade in tuple(self._trades.values())
                if trade.status in _LIVE
                and (symbol is None or symbol == trade.symbol)
                and (source is None or source == trade.source)
            ]
        )

    def payers(self) -> tuple[Trade, ...]:
        """Return trades that may have funding to pay: open ones and closed ones not yet paid up."""
        return tuple(
            trade
            for trade in tuple(self._trades.values())
            if trade.status is not TradeStatus.PENDING
        )

    def realised(self, source: Source) -> float:
        """Return the sum of what an account's closed trades left."""
        return self._realised.get(source, 0.0)

    def last_exits(self, source: Source) -> Mapping[str, int]:
        """Return when each symbol's newest trade of an account was closed, or refused."""
        return dict(self._exits[source])

    async def keep(self, changes: Sequence[tuple[Trade, Trade]]) -> None:
        """
        Take over trades as they became, all or none.

        Args:
            changes: Of one symbol; each as it was, and as it is now.
        """
        worth_saving = [after for before, after in changes if _is_worth_saving(before, after)]
        if worth_saving:
            await self._write(self._journal.save_trades, worth_saving)
        self.replaced(changes)

    def replaced(self, changes: Sequence[tuple[Trade, Trade]], added: Sequence[Trade] = ()) -> None:
        """
        Take over trades as they became, once somebody else has saved them.

        Args:
            changes: Each as it was, and as it is now.
            added: Parts that were split off, and new ones. All in one step: an account that is
                valued in between would lack what has left one and is not yet in the other.
        """
        for before, after in changes:
            self._take_over(before, after)
        self._trades.update({trade.id: trade for trade in added})

    def _take_over(self, before: Trade, after: Trade) -> None:
        if after.status is not before.status:
            _tell(after)
        gained = (after.pnl or 0.0) - (before.pnl or 0.0)
        self._realised[after.source] = self.realised(after.source) + gained
        if after.exit_ms is not None:
            exits = self._exits[after.source]
            exits[after.symbol] = max(after.exit_ms, exits.get(after.symbol, 0))
        if after.status in _LIVE or _unpaid(after):
            self._trades[after.id] = after
        else:
            self._trades.pop(after.id, None)


def _unpaid(closed: Trade) -> bool:
    return closed.exit_ms is not None and funding_due(closed, closed.exit_ms)


def _is_worth_saving(before: Trade, after: Trade) -> bool:
    if after.last_bar_ms // _SAVE_EVERY_MS != before.last_bar_ms // _SAVE_EVERY_MS:
        return True
    return _eventful(after) != _eventful(before)


def _tell(trade: Trade) -> None:
    logger.info(
        "trade %s symbol=%s source=%s direction=%s id=%s entry=%s exit=%s reason=%s pnl=%s",
        trade.status.value,
        trade.symbol,
        trade.source.value,
        trade.direction.value,
        trade.id,
        trade.entry_price,
        trade.exit_price,
        trade.exit_reason,
        trade.pnl,
    )
