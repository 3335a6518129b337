"""The paper broker's desk: accounts whose trades all see the same candles and pay the same."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.config import PaperSettings
from core.data.data_store import DataStore
from core.funding_book import AskSettlements, FundingBook
from core.journal.journal import Journal
from core.journal.reader import JournalReader
from core.model.candles import Candle
from core.model.equity import EquityPoint
from core.model.intervals import MINUTE_MS, Interval
from core.model.source import Source
from core.model.trade import ExitReason, Trade, TradeStatus
from core.paper_trades import NO_CALLS, CloseCall, PaperTrades, Write
from core.trading.account import Position
from core.trading.paper_broker import Costs, call_close, open_pnl, walk
from core.trading.position_value import positions_of


@dataclass(frozen=True, slots=True)
class Equity:
    """
    A paper account at one instant, in quote currency.

    Attributes:
        balance: Starting equity plus what closed trades left.
        open_pnl: What closing every open position now would add, after all costs: fees and
            funding of open trades are in here.
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
        settlements: Asks for the funding of a symbol in a span of time.

    Attributes:
        trades: Those that are not over; whoever changes some holds their lock.
        funding: Settles funding; a task of its own asks it, as exits must not wait for that.
    """

    def __init__(
        self,
        store: DataStore,
        journal: Journal,
        reader: JournalReader,
        *,
        paper: PaperSettings,
        write: Write,
        settlements: AskSettlements,
    ) -> None:
        self._store = store
        self._starting_equity = paper.starting_equity_usd
        self._costs = Costs(
            taker_fee=paper.taker_fee_bps / 1e4,
            maker_fee=paper.maker_fee_bps / 1e4,
            slippage=paper.slippage_bps / 1e4,
        )
        self.trades = PaperTrades(journal, reader, write=write)
        # Of the newest candle that each live trade has seen, by the trade's number.
        self._closes: dict[int, float] = {}
        self.funding = FundingBook(self.trades, store, ask=settlements)

    @property
    def open_symbols(self) -> frozenset[str]:
        """Symbols with a pending or open trade of any account."""
        return frozenset(trade.symbol for trade in self.trades.live())

    def recover(self) -> None:
        """Read what the journal knows: the trades still alive and all that was realised."""
        self.trades.recover()
        for trade in self.trades.live():
            seen = self._store.candles(trade.symbol, Interval.M1, end_ms=trade.last_bar_ms, limit=1)
            for bar in seen:
                self._closes[trade.id] = bar.close

    def adopt(self, trade_ids: Sequence[int], calls: Mapping[Source, CloseCall] = NO_CALLS) -> None:
        """Take over pending trades of a new evaluation; ``calls`` as in `PaperTrades.adopt`."""
        self.trades.adopt(trade_ids, calls)

    def next_bar_ms(self, symbol: str) -> int | None:
        """Return the oldest 1m bar a live trade of ``symbol`` has not seen; None without one."""
        seen = [trade.last_bar_ms for trade in self.trades.live(symbol=symbol)]
        return min(seen) + MINUTE_MS if seen else None

    async def walk(self, symbol: str, until_ms: int) -> None:
        """Let every live trade of ``symbol`` see the 1m candles it has not, up to ``until_ms``."""
        async with self.trades.lock(symbol):
            start_ms = self.next_bar_ms(symbol)
            if start_ms is None:
                return
            before = self.trades.live(symbol=symbol)
            after, newest = list(before), None
            for bar in self._store.candles(symbol, Interval.M1, start_ms=start_ms, end_ms=until_ms):
                after = [walk(trade, bar, self._costs) for trade in after]
                newest = bar
            await self.trades.keep(list(zip(before, after, strict=True)))
            if newest is not None:
                self._note(after, newest)

    async def close(self, symbol: str, source: Source, reason: ExitReason, at_ms: int) -> None:
        """Have an account's trade of ``symbol`` closed at the first open from ``at_ms`` on."""
        async with self.trades.lock(symbol):
            live = self.trades.live(symbol=symbol, source=source)
            await self.trades.keep([(trade, call_close(trade, reason, at_ms)) for trade in live])

    def positions(self, source: Source, prices: Mapping[str, float]) -> Mapping[str, Position]:
        """
        Return an account's pending and open trades by symbol.

        Args:
            source: Whose account.
            prices: Close of the newest candle by symbol: what pending trades are measured by. An
                open one is worth what the newest candle says that it has seen, for a later one
                may have ended it.
        """
        return positions_of(self._priced(source, prices), self._costs)

    def equity(self, source: Source, prices: Mapping[str, float]) -> Equity:
        """Value an account; prices as in `positions`."""
        return self._equity(source, self._priced(source, prices))

    def last_exits(self, source: Source) -> Mapping[str, int]:
        """Return when each symbol's newest trade of an account was closed, or refused."""
        return self.trades.last_exits(source)

    def points(self, at_ms: int, prices: Mapping[str, float]) -> tuple[EquityPoint, ...]:
        """Value every account; prices as in `positions`."""
        return tuple(self._point(source, at_ms, prices) for source in Source)

    def _point(self, source: Source, at_ms: int, prices: Mapping[str, float]) -> EquityPoint:
        live = self._priced(source, prices)
        worth = self._equity(source, live)
        notional = sum(t.quantity * price for t, price in live if t.status is TradeStatus.OPEN)
        return EquityPoint(
            at_ms=at_ms,
            equity=worth.total,
            balance=worth.balance,
            open_pnl=worth.open_pnl,
            # An account that has lost everything holds nothing that could be compared with it.
            exposure=notional / worth.total if worth.total > 0.0 else 0.0,
            source=source,
        )

    def _equity(self, source: Source, live: Sequence[tuple[Trade, float]]) -> Equity:
        return Equity(
            balance=self._starting_equity + self.trades.realised(source),
            open_pnl=sum(open_pnl(trade, price, self._costs) for trade, price in live),
        )

    def _priced(self, source: Source, prices: Mapping[str, float]) -> list[tuple[Trade, float]]:
        """Return an account's live trades, each with what it is valued by."""
        return [(t, self._price(t, prices)) for t in self.trades.live(source=source)]

    def _price(self, trade: Trade, prices: Mapping[str, float]) -> float:
        whole_id = trade.id if trade.part_of is None else trade.part_of
        seen = self._closes.get(trade.id) or self._closes.get(whole_id) or trade.entry_price
        if trade.status is TradeStatus.PENDING:
            seen = prices.get(trade.symbol) or seen
        # A pending trade without any price yet enters somewhere beside its stop.
        return seen or trade.stop

    def _note(self, walked: Sequence[Trade], newest: Candle) -> None:
        """Take note of what trades have seen, once that is saved."""
        for trade in walked:
            if trade.status not in {TradeStatus.PENDING, TradeStatus.OPEN}:
                self._closes.pop(trade.id, None)
            elif trade.last_bar_ms == newest.open_time_ms:
                self._closes[trade.id] = newest.close
