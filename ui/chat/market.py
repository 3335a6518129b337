"""The newest closed bar of the market on screen, as the model is told of it."""

import asyncio
from collections.abc import Callable

from core.bar_window import unbroken
from core.config import Settings
from core.data.market_views import Heard
from core.model.instrument import Instrument
from core.model.intervals import Interval
from core.model.market_view import MarketView
from core.model.verdict import Facts
from core.trading.account import Account
from ops.market_facts import FactsReader
from ops.newest_bar import NewestBar
from ui.services import Services

AccountAt = Callable[[NewestBar], Account]


class NotKnownError(Exception):
    """Nothing can be told of the market; the message says why, for people."""


class ScreenFacts:
    """
    Reads facts from the candles that the page has, so that nothing is fetched twice.

    Args:
        services: Market and settings.
        account: What is held at a bar; called in a thread. Its `JournalError` passes through.
    """

    def __init__(self, services: Services, account: AccountAt) -> None:
        self._services = services
        self._account = account
        self._readers: dict[Interval, FactsReader] = {}
        self._one_at_a_time = asyncio.Lock()

    async def facts(self, symbol: str, interval: Interval) -> Facts:
        """
        Return what is known of the newest closed bar.

        Raises:
            NotKnownError: If there is no bar, or too few before it.
            DataError: If history is missing and cannot be fetched.
            JournalError: If the account cannot be read.
        """
        instrument = self._services.feed.instruments.get(symbol)
        if instrument is None:
            raise NotKnownError(f"the exchange has not yet told the trading rules of {symbol}")
        async with self._one_at_a_time:
            reader = await asyncio.to_thread(self._reader, interval)
            for each in {interval, *reader.generator.companions}:
                await self._services.feed.ensure(symbol, each)
            heard = self._services.views.heard(symbol)
            found = await asyncio.to_thread(self._read, reader, instrument, interval, heard)
        if isinstance(found, str):
            raise NotKnownError(found)
        return found

    def _reader(self, interval: Interval) -> FactsReader:
        if interval not in self._readers:
            self._readers[interval] = FactsReader(_deciding_on(self._services.settings, interval))
        return self._readers[interval]

    def _read(
        self, reader: FactsReader, instrument: Instrument, interval: Interval, heard: Heard
    ) -> Facts | str:
        """Compute the facts on a loop of this thread: they take a tenth of a second."""
        view = self._view(reader, instrument.symbol, interval, heard)
        now_ms = self._services.feed.market_time_ms() or view.known_ms
        whole = unbroken(view.candles)
        bar = NewestBar(view, instrument, view.known_ms, now_ms, whole)
        return asyncio.run(reader.facts(bar, self._account(bar)))

    def _view(
        self, reader: FactsReader, symbol: str, interval: Interval, heard: Heard
    ) -> MarketView:
        newest = self._services.store.candles(symbol, interval, limit=1)
        if len(newest) == 0:
            raise NotKnownError(f"no closed {interval} candle of {symbol} is known yet")
        bar_ms = int(newest.open_time_ms[-1])
        return self._services.views.closed(
            symbol,
            interval,
            start_ms=reader.generator.window_start_ms(interval, bar_ms),
            end_ms=bar_ms,
            companions={i: n for i, n in reader.generator.companions.items() if i is not interval},
            companion_rows=1,
            heard=heard,
        )


def _deciding_on(settings: Settings, interval: Interval) -> Settings:
    changed = settings.signals.model_copy(update={"interval": interval})
    return settings.model_copy(update={"signals": changed})
