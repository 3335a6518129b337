"""What a command by hand does to the paper trades, decided with their symbols locked."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from core.journal.commands import Effects
from core.live_prices import LivePrices
from core.model.command import Close, Enter, Flatten, MoveLevels
from core.model.instrument import Instrument
from core.model.source import BY_PEOPLE, SOURCE_WORDS, Source
from core.model.trade import Trade, TradeStatus
from core.paper_trades import PaperTrades
from core.trading.account import Account
from core.trading.changes import close_by_hand, movable, moved, split
from core.trading.hand import (
    entered_by_hand,
    level_fault,
    part_to_close,
    rule_by_hand,
    stop_fault,
)
from core.trading.limits import Limits
from core.trading.risk_gate import Refusal

Change: TypeAlias = tuple[Trade, Trade]
Order: TypeAlias = Enter | Close | MoveLevels | Flatten

_AT_NEXT_OPEN = "at the open of the next minute"


@dataclass(frozen=True, slots=True)
class Answer:
    """
    What comes of a command.

    Attributes:
        words: A sentence for people.
        refused: Whether nothing is done.
        effects: What the journal is told of it.
        changes: Trades as they were and as they become.
    """

    words: str
    refused: bool = False
    effects: Effects = Effects()  # noqa: RUF009 - frozen, and the same for all
    changes: tuple[Change, ...] = ()


def refuse(words: str) -> Answer:
    """Return the answer that nothing is done."""
    return Answer(words, refused=True)


class HandOrders:
    """
    Decide on what people order; writes nothing.

    Args:
        account: Returns a source's account at an instant of market time.
        market_time_ms: Returns the newest time of the exchange; None before the first.
        instruments: Returns trading rules by symbol.
        flowing: Whether a symbol's data is live just now.
        limits: Of the risk gate.
    """

    def __init__(
        self,
        trades: PaperTrades,
        prices: LivePrices,
        *,
        account: Callable[[Source, int], Account],
        market_time_ms: Callable[[], int | None],
        instruments: Callable[[], Mapping[str, Instrument]],
        flowing: Callable[[str, int], bool],
        limits: Limits,
    ) -> None:
        self._trades = trades
        self._prices = prices
        self._account = account
        self._market_time_ms = market_time_ms
        self._instruments = instruments
        self._flowing = flowing
        self._limits = limits

    def now_ms(self, symbols: frozenset[str]) -> int | None:
        """Return market time, by what was heard of symbols too; None where it is not known."""
        told = [self._market_time_ms() or 0, *map(self._prices.newest_ms, symbols)]
        return max(told) or None

    def symbols(self, order: Order) -> frozenset[str]:
        """Return the symbols whose trades an order is about; they are to be locked for it."""
        match order:
            case Enter():
                return frozenset({order.symbol})
            case Flatten():
                return frozenset(trade.symbol for trade in self._of(order.sources))
            case Close() | MoveLevels():
                live = self._trades.live()
                return frozenset(trade.symbol for trade in live if trade.id == order.trade_id)

    def answer(self, order: Order, locked: frozenset[str], at_ms: int) -> Answer:
        """
        Decide on an order.

        Args:
            order: What is wanted.
            locked: Symbols whose trades nobody else changes now.
            at_ms: Market time.
        """
        match order:
            case Enter():
                return self._enter(order, at_ms)
            case Flatten():
                live = [t for t in self._of(order.sources) if t.symbol in locked]
                return _all_closed(live, at_ms)
            case Close() | MoveLevels():
                trade = self._live(order.trade_id)
                if trade is None or trade.symbol not in locked:
                    return refuse(f"there is no pending or open trade {order.trade_id}")
                if trade.source not in BY_PEOPLE:
                    whose = SOURCE_WORDS[trade.source]
                    return refuse(f"trade {trade.id} is of the account {whose}, left to itself")
                if isinstance(order, Close):
                    return self._close(order, trade, at_ms)
                return self._move(order, trade, at_ms)

    def _enter(self, wish: Enter, at_ms: int) -> Answer:
        price = self._prices.price(wish.symbol)
        instrument = self._instruments().get(wish.symbol)
        if price is None or instrument is None or not self._flowing(wish.symbol, at_ms):
            return refuse(f"the engine has no live price or no trading rules of {wish.symbol}")
        account = self._account(Source.HAND, at_ms)
        ruling = rule_by_hand(wish, price, account, instrument, self._limits)
        if isinstance(ruling, Refusal):
            return refuse(f"{ruling.code}: {ruling.reason}")
        trade = entered_by_hand(wish, ruling, at_ms)
        words = (
            f"{wish.direction} {trade.quantity:.10g} {wish.symbol} enters {_AT_NEXT_OPEN}; "
            f"stop {trade.stop:.10g}, target {trade.target:.10g}, "
            f"reward/risk {ruling.reward_risk:.2f} after costs"
        )
        return Answer(words, effects=Effects(new_trades=(trade,)))

    def _close(self, order: Close, trade: Trade, at_ms: int) -> Answer:
        if trade.close_ms is not None:
            return refuse(f"trade {trade.id} is being closed already")
        if order.share == 1.0:
            after = close_by_hand(trade, at_ms)
            withdrawn = after.status is TradeStatus.REFUSED
            words = "is withdrawn" if withdrawn else f"is closed {_when(trade)}"
            return _changed([(trade, after)], f"trade {trade.id} {words}")
        instrument = self._instruments().get(trade.symbol)
        if trade.status is not TradeStatus.OPEN or instrument is None:
            return refuse(f"trade {trade.id} is not open yet, or its trading rules are not known")
        quantity = part_to_close(trade, order.share, instrument)
        if not quantity:
            return refuse(f"less than one step of {instrument.step_size:f} {trade.symbol}")
        stays, part = split(trade, quantity)
        words = f"{quantity:f} of trade {trade.id} are closed {_AT_NEXT_OPEN}, "
        words += f"{stays.quantity:.10g} stay"
        effects = Effects(changed=(stays,), new_trades=(close_by_hand(part, at_ms),))
        return Answer(words, effects=effects, changes=((trade, stays),))

    def _move(self, order: MoveLevels, trade: Trade, at_ms: int) -> Answer:
        price = self._prices.price(trade.symbol)
        instrument = self._instruments().get(trade.symbol)
        if price is None or instrument is None:
            return refuse(f"the engine has no live price or no trading rules of {trade.symbol}")
        if not movable(trade, at_ms):
            return refuse("an earlier move takes effect just now; try again in a minute")
        wish = _on_tick(order, instrument)
        if wish is None:
            return refuse(f"below one tick of {instrument.tick_size:f} {trade.symbol}")
        fault = level_fault(trade, wish, price)
        if not fault and wish.stop is not None:
            equity = self._account(trade.source, at_ms).equity
            fault = stop_fault(trade, wish.stop, price, equity, self._limits)
        if fault:
            return refuse(fault)
        after = moved(trade, wish.stop, wish.target, at_ms)
        words = (
            f"stop {after.moved_stop:.10g}, target {after.moved_target:.10g} of trade {trade.id}"
        )
        return _changed([(trade, after)], f"{words} {_AT_NEXT_OPEN}")

    def _live(self, trade_id: int) -> Trade | None:
        return next((trade for trade in self._trades.live() if trade.id == trade_id), None)

    def _of(self, sources: Iterable[Source]) -> list[Trade]:
        return [trade for source in sources for trade in self._trades.live(source=source)]


def _on_tick(order: MoveLevels, instrument: Instrument) -> MoveLevels | None:
    stop, target = (
        None if level is None else float(instrument.price_on_tick(level))
        for level in (order.stop, order.target)
    )
    if 0.0 in {stop, target}:
        return None
    return MoveLevels(order.trade_id, stop, target)


def _all_closed(live: Iterable[Trade], at_ms: int) -> Answer:
    changes = [(trade, close_by_hand(trade, at_ms)) for trade in live]
    changes = [(before, after) for before, after in changes if before != after]
    if not changes:
        return Answer("there was nothing to close")
    return _changed(changes, f"{len(changes)} trades are closed {_AT_NEXT_OPEN}, or withdrawn")


def _changed(changes: list[Change], words: str) -> Answer:
    effects = Effects(changed=tuple(after for _, after in changes))
    return Answer(words, effects=effects, changes=tuple(changes))


def _when(trade: Trade) -> str:
    return _AT_NEXT_OPEN if trade.status is TradeStatus.OPEN else "a minute after it has entered"
