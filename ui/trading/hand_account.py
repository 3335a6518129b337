"""The account by hand as the risk gate will see it, as far as the journal tells."""

from collections.abc import Callable, Mapping
from typing import Protocol

from core.breaker_book import breakers_key
from core.model.source import Source
from core.model.trade import Trade
from core.trading.account import Account, Halt
from core.trading.breakers import Breakers, BreakerStateError
from core.trading.costs import Costs
from core.trading.position_value import open_pnl, positions_of

_HOUR_MS = 3_600_000


class HandJournal(Protocol):
    """What of the journal is looked at."""

    def realised(self) -> Mapping[Source, float]:
        """Return what closed trades left."""

    def live_trades(self) -> tuple[Trade, ...]:
        """Return what is pending or open."""

    def last_exits(self, source: Source) -> Mapping[str, int]:
        """Return when each symbol was left."""

    def entry_times(self, source: Source) -> tuple[int, ...]:
        """Return when trades were decided on."""

    def control(self, key: str) -> str | None:
        """Return what the engine keeps under a key."""


class HandAccount:
    """
    Put the account together; the engine, which knows more, has the last word.

    Args:
        starting_equity: Of each account, in quote currency.
        costs: Of each fill.
        price: Newest price of a symbol; None where it is not known.
        latch: Why nothing may be entered in any account; empty when it may.
    """

    def __init__(
        self,
        starting_equity: float,
        costs: Costs,
        *,
        price: Callable[[str], float | None],
        latch: Callable[[], str],
    ) -> None:
        self._starting_equity = starting_equity
        self._costs = costs
        self._price = price
        self._latch = latch

    def account(self, journal: HandJournal, at_ms: int) -> Account:
        """
        Return what is known at an instant of market time.

        Raises:
            JournalError: If the journal cannot be read.
        """
        live = [trade for trade in journal.live_trades() if trade.source is Source.HAND]
        worth = [(trade, self._price(trade.symbol) or trade.stop) for trade in live]
        open_money = sum(open_pnl(trade, price, self._costs) for trade, price in worth)
        times = journal.entry_times(Source.HAND)
        return Account(
            equity=self._starting_equity + journal.realised()[Source.HAND] + open_money,
            positions=positions_of(worth, self._costs),
            signals_last_hour=sum(each > at_ms - _HOUR_MS for each in times),
            at_ms=at_ms,
            last_exit_ms=journal.last_exits(Source.HAND),
            halts=self._halts(journal.control(breakers_key(Source.HAND)), at_ms),
        )

    def _halts(self, breakers: str | None, at_ms: int) -> tuple[Halt, ...]:
        latched = self._latch()
        found = [Halt("emergency", latched)] if latched else []
        if breakers is not None:
            try:
                found += Breakers.from_json(breakers).halts(at_ms)
            except BreakerStateError as error:
                found.append(Halt("breaker_state", str(error)))
        return tuple(found)
