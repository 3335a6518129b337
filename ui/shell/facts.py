"""What the header says of market and account besides the price, which comes with each tick."""

from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from core.model.engine_state import EngineActivity
from core.model.intervals import Interval
from ui.services import Services
from ui.shell.account import DAY_MS, Account, AccountReader
from ui.view import View

_GRIDS = ((Interval.M1, 1500), (Interval.M15, 100), (Interval.H1, 26))
"""Where the price of a day ago is looked for, and how many candles back that may be."""


@dataclass(frozen=True, slots=True)
class HeaderFacts:
    """
    Attributes:
        market: Symbol.
        price_24h: Price 24 hours ago; None where the candles do not reach back.
        mark, funding_rate: None before the exchange told them.
        funding_ms: When the coming funding is paid.
    """

    market: str
    price_24h: float | None = None
    mark: float | None = None
    funding_rate: float | None = None
    funding_ms: int | None = None
    account: Account = field(default_factory=Account)

    def told(self) -> dict[str, Any]:
        """Return it as the browser reads it."""
        market = asdict(self)
        account: dict[str, Any] = market.pop("account")
        return market | account


class FactsReader:
    """
    Read the header's facts for a view.

    Args:
        services: Where the market is known.
        account: None where there is no journal to read.
    """

    def __init__(self, services: Services, account: AccountReader | None = None) -> None:
        self._services = services
        self._account = account
        self._prices: dict[str, tuple[int, float | None]] = {}

    def facts(self, view: View) -> HeaderFacts:
        """Return what is known now; reads candles and the journal."""
        feed = self._services.feed
        now_ms, mark = feed.market_time_ms(), feed.mark(view.symbol)
        account = self._account_at(now_ms)
        base = None if now_ms is None else self._price_24h(view.symbol, now_ms)
        if mark is None:
            return HeaderFacts(view.symbol, base, account=account)
        funding_ms = mark.next_funding_ms or None
        return HeaderFacts(view.symbol, base, mark.price, mark.funding_rate, funding_ms, account)

    def _account_at(self, now_ms: int | None) -> Account:
        if self._account is None:
            return Account()
        is_told = self._services.engine.state().activity is not EngineActivity.STOPPED
        return self._account.account(now_ms, is_told=is_told)

    def _price_24h(self, symbol: str, now_ms: int) -> float | None:
        minute = Interval.M1.open_time_ms(now_ms)
        known = self._prices.get(symbol)
        if known is None or known[0] != minute or known[1] is None:
            known = self._prices[symbol] = (minute, self._looked_up(symbol, minute - DAY_MS))
        return known[1]

    def _looked_up(self, symbol: str, at_ms: int) -> float | None:
        for interval, most in _GRIDS:
            series = self._services.store.candles(symbol, interval, limit=most)
            opens = series.open_time_ms
            at = int(np.searchsorted(opens, interval.open_time_ms(at_ms)))
            if at < len(opens) and opens[at] == interval.open_time_ms(at_ms):
                return float(series.open[at])
        return None
