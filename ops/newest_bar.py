"""The newest closed bar of a market with all that it is judged by, fetched where it is missing."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from core.config import Settings
from core.data.backfill import Backfill
from core.data.binance_rest import BinanceRest
from core.data.data_store import DataStore
from core.data.errors import DataError
from core.data.higher_history import HigherHistory
from core.data.market_views import MarketViews
from core.data.symbol_names import nearest_symbols
from core.model.candles import CandleSeries
from core.model.instrument import Instrument
from core.model.intervals import Interval
from core.model.market_view import MarketView
from core.signal_generator import SignalGenerator


class UnknownSymbolError(Exception):
    """The exchange does not list it; the message names the nearest it does."""


class NoCandlesError(DataError):
    """The exchange lists the symbol but has no closed bar of it."""


@dataclass(frozen=True, slots=True)
class NewestBar:
    """
    A closed bar and what it is judged by.

    Attributes:
        closed_ms: When it closed.
        now_ms: Market time when it was fetched.
        whole: Whether no bar is missing.
    """

    view: MarketView
    instrument: Instrument
    closed_ms: int
    now_ms: int
    whole: bool

    @property
    def prices(self) -> dict[str, float]:
        """Its close by its symbol; nothing where the bar is not there."""
        candles = self.view.candles
        return {candles.symbol: float(candles.close[-1])} if len(candles) else {}


async def newest_bar(
    symbol: str,
    *,
    settings: Settings,
    generator: SignalGenerator,
    store: DataStore,
    say: Callable[[str], None],
) -> NewestBar:
    """
    Fetch what the newest closed bar of ``signals.interval`` is judged by.

    What was heard live (trades, order book) is not known to a process that has only begun.

    Args:
        symbol: Name of the perpetual.
        settings: Where the exchange is, and the interval.
        generator: Says how much is looked back on.
        store: The candles.
        say: Told what is fetched.

    Raises:
        UnknownSymbolError: If there is no such symbol.
        DataError: If the exchange fails, or has no candle of it.
    """
    interval = settings.signals.interval
    async with BinanceRest(settings) as rest:
        instrument = _listed(symbol, (await rest.exchange_info()).instruments)
        history = HigherHistory(
            settings,
            store,
            Backfill(store, rest),
            newest_minute_ms=lambda _: None,
            save=lambda: asyncio.to_thread(store.flush, everything=True),
        )
        bar_ms = await Backfill(store, rest).newest_closed_ms(symbol, interval)
        if bar_ms is None:
            raise NoCandlesError(f"{symbol}: the exchange has no candle of it yet")
        start_ms = generator.window_start_ms(interval, bar_ms)
        needed = {**generator.companions, interval: (bar_ms - start_ms) // interval.duration_ms + 1}
        for each, bars in needed.items():
            say(f"{symbol} {each}: {bars} bars")
            await history.ensure(symbol, each, bars)
        now_ms = await rest.server_time_ms()
    view = await asyncio.to_thread(
        MarketViews(store).closed,
        symbol,
        interval,
        start_ms=start_ms,
        end_ms=bar_ms,
        companions={i: n for i, n in generator.companions.items() if i is not interval},
        companion_rows=1,
    )
    closed_ms = interval.close_time_ms(bar_ms)
    return NewestBar(view, instrument, closed_ms, now_ms, _unbroken(view.candles, interval))


def _listed(symbol: str, known: Mapping[str, Instrument]) -> Instrument:
    if symbol not in known:
        near = ", ".join(nearest_symbols(symbol, known))
        hint = f"; did you mean {near}?" if near else ""
        raise UnknownSymbolError(f"{symbol}: the exchange does not list it{hint}")
    return known[symbol]


def _unbroken(candles: CandleSeries, interval: Interval) -> bool:
    return bool(np.all(np.diff(candles.open_time_ms) == interval.duration_ms))
