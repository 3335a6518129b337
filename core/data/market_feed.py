"""
The live market of the configured symbols, whole or honest about not being so.

One connection carries the 1m candles and, once a second, the mark prices, which beat when
nobody trades. What it does not deliver is fetched by REST: after each connect, and whenever a
closed candle is overdue. Fetching never holds up the reading of frames.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from types import MappingProxyType

import numpy as np

from core.config import Settings
from core.data.backfill import Backfill
from core.data.bar_sequence import BarSequence
from core.data.binance_messages import MarkPrice, kline_stream, mark_price_stream
from core.data.binance_stream import Connected, Disconnected, StreamEvent
from core.data.data_store import DataStore
from core.data.errors import RestError, StreamRefusedError
from core.data.feed_status import FeedState, FeedStatus, Rest, Stream
from core.data.higher_history import HigherHistory
from core.data.market_time import MarketTime
from core.data.reconnect import reconnect_delays
from core.data.repair import Repair
from core.model.candles import CandleUpdate
from core.model.instrument import Instrument
from core.model.intervals import MINUTE_MS, Interval

__all__ = ["FeedState", "FeedStatus", "MarketFeed"]

logger = logging.getLogger(__name__)

# So many 1m candles back a series must have no hole to be called whole.
WHOLE_CANDLES = 1500
FLUSH_EVERY_S = 60.0
_RETRY_FIRST_S = 1.0
_RETRY_CEILING_S = 30.0
# A refusal (country, ban) does not pass within seconds, and asking often makes it worse.
_REFUSED_WAIT_S = 60.0


class MarketFeed:
    """
    Keeps the store current and tells listeners; `run` is its whole life.

    Attributes:
        instruments: Trading rules by symbol; empty until the exchange has told them.
        market_label: What a simulator calls its market; None on a real exchange.
    """

    def __init__(
        self,
        settings: Settings,
        store: DataStore,
        stream: Stream,
        rest: Rest,
        *,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.instruments: Mapping[str, Instrument] = MappingProxyType({})
        self.market_label: str | None = None
        self._symbols = settings.symbols
        self._store = store
        self._stream = stream
        self._rest = rest
        self._monotonic = monotonic
        self._sleep = sleep
        self._window = min(WHOLE_CANDLES, settings.data.hot_candles)
        self._backfill = Backfill(settings, store, rest, sleep=sleep)
        self._higher = HigherHistory(settings, store, self._backfill)
        self._sequences = {symbol: BarSequence() for symbol in self._symbols}
        self._repairs = {
            symbol: Repair(
                symbol,
                sequence,
                self._backfill,
                window_candles=self._window,
                market_ms=self.market_time_ms,
            )
            for symbol, sequence in self._sequences.items()
        }
        self._listeners: list[Callable[[CandleUpdate], None]] = []
        self._link = FeedState.STARTING
        self._reason = ""
        self._progress = ""
        self._time = MarketTime()
        self._heard_s: float | None = None

    async def run(self) -> None:
        """Stream until cancelled; what was received is saved when this ends."""
        try:
            for symbol in self._symbols:
                for interval in Interval:
                    await asyncio.to_thread(self._store.refresh, symbol, interval)
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._streaming())
                tasks.create_task(self._describing())
                tasks.create_task(self._deepening())
                tasks.create_task(self._saving())
                for symbol in self._symbols:
                    tasks.create_task(self._repairing(symbol))
        finally:
            self._link, self._reason = FeedState.STOPPED, ""
            await self._save()

    def listen(self, listener: Callable[[CandleUpdate], None]) -> None:
        """
        Tell ``listener`` of every 1m update once the store has it; it must not block.

        Closed candles come in order and without a hole, each once: a missing one is fetched
        first. What closed before the first connect of this run is history and not announced.
        """
        self._listeners.append(listener)

    def status(self) -> FeedStatus:
        """Return how the feed is now."""
        state, detail = self._state()
        statistics = self._stream.statistics
        return FeedStatus(
            state=state,
            age_s=None if self._heard_s is None else self._monotonic() - self._heard_s,
            detail=detail,
            frames=statistics.frames,
            malformed=statistics.malformed.total(),
            reconnects=max(0, statistics.connects - 1),
            differences=self._backfill.differences,
        )

    def whole(self, symbol: str) -> bool:
        """Whether the feed is live and the newest 1m candles have no hole."""
        sequence, repair = self._sequences.get(symbol), self._repairs.get(symbol)
        if sequence is None or repair is None or self._link is not FeedState.LIVE:
            return False
        last_ms, market_ms = sequence.last_ms, self._time.newest_ms
        if repair.pending or last_ms is None or market_ms is None or sequence.hole(market_ms):
            return False
        start_ms = max(last_ms - (self._window - 1) * MINUTE_MS, repair.begins_ms)
        times = self._store.open_times(symbol, Interval.M1, start_ms)
        due = (last_ms - start_ms) // MINUTE_MS + 1
        return int(np.count_nonzero(times <= last_ms)) == due

    def market_time_ms(self) -> int | None:
        """Return the newest exchange time that was told; None before the first."""
        return self._time.newest_ms

    async def ensure(self, symbol: str, interval: Interval) -> None:
        """
        Load the history of a higher interval, once.

        Raises:
            RestError: If the exchange fails.
        """
        if interval is not Interval.M1:
            await self._higher.ensure(symbol, interval)

    async def complete(self, symbol: str, start_ms: int, end_ms: int) -> None:
        """Fetch the 1m bars missing in a range; those absent afterwards never printed."""
        await self._backfill.complete(symbol, start_ms, end_ms)

    def _state(self) -> tuple[FeedState, str]:
        if self._link is not FeedState.LIVE:
            return self._link, self._reason
        for symbol, repair in self._repairs.items():
            if repair.trouble:
                return FeedState.BACKFILLING, repair.trouble
            if repair.pending:
                return FeedState.BACKFILLING, f"fetching the newest candles of {symbol}"
        return FeedState.LIVE, self._progress

    def _take(self, event: StreamEvent) -> None:
        match event:
            case Connected():
                # Live only with the first data: a wrong route accepts everything and stays silent.
                self._reason = "connected, no data yet; none at all hints at a wrong URL"
                self._time.connected()
                for repair in self._repairs.values():
                    repair.connected()
            case Disconnected():
                self._link = FeedState.SILENT if event.silent else FeedState.RECONNECTING
                self._reason = event.reason
            case CandleUpdate() | MarkPrice():
                sequence = self._sequences.get(event.symbol)
                if sequence is None:
                    return
                if self._time.told(event.event_time_ms):
                    self._heard_s = self._monotonic()
                    self._link, self._reason = FeedState.LIVE, ""
                    self._take_data(event, sequence)
                else:
                    self._stream.statistics.malformed["time"] += 1

    def _take_data(self, event: CandleUpdate | MarkPrice, sequence: BarSequence) -> None:
        if isinstance(event, CandleUpdate) and event.interval is Interval.M1:
            self._take_candle(event, sequence)
        # Of every symbol: one that has fallen silent alone cannot tell that its bars are overdue.
        for symbol, other in self._sequences.items():
            if other.hole(self._time.newest_ms or 0) is not None:
                self._repairs[symbol].wanted.set()

    def _take_candle(self, update: CandleUpdate, sequence: BarSequence) -> None:
        open_ms, last_ms = update.candle.open_time_ms, sequence.last_ms
        if update.closed and last_ms is not None and open_ms <= last_ms:
            if sequence.contradicts(update):
                self._repairs[update.symbol].doubt(open_ms)
            return
        if update.closed:
            self._store.append(update.symbol, update.candle)
        for announced in sequence.offer(update):
            self._announce(announced)

    def _announce(self, update: CandleUpdate) -> None:
        if not update.closed:
            self._store.set_running(update)
        for listener in self._listeners:
            listener(update)

    async def _streaming(self) -> None:
        streams = [kline_stream(symbol, Interval.M1) for symbol in self._symbols]
        streams += [mark_price_stream(symbol) for symbol in self._symbols]
        while True:
            try:
                await self._stream.run(streams, self._take)
            except StreamRefusedError as error:
                logger.error("WebSocket connection refused: reason=%s", error)  # noqa: TRY400 - the reason says it
                self._link, self._reason = FeedState.RECONNECTING, str(error)
                await self._sleep(max(_REFUSED_WAIT_S, error.retry_after_s or 0.0))

    async def _repairing(self, symbol: str) -> None:
        repair, delays = self._repairs[symbol], _retry_delays()
        while True:
            await repair.wanted.wait()
            repair.wanted.clear()
            try:
                pause_s = await repair.run_once(self._announce)
            except RestError as error:
                if repair.trouble != str(error):
                    logger.warning("candles not fetched, will retry: reason=%s", error)
                repair.trouble = str(error)
                repair.wanted.set()
                await self._sleep(next(delays))
            else:
                repair.trouble, delays = "", _retry_delays()
                if pause_s > 0.0:
                    repair.wanted.set()
                    await self._sleep(pause_s)

    async def _describing(self) -> None:
        async def describe() -> None:
            self.instruments = MappingProxyType(await self._rest.instruments())
            self.market_label = await self._rest.market_label()

        await self._insisting("trading rules", describe)
        for symbol in self._symbols:
            if symbol not in self.instruments:
                logger.warning("the exchange knows no rules of it: symbol=%s", symbol)

    async def _deepening(self) -> None:
        while self._state()[0] is not FeedState.LIVE:
            await self._sleep(_RETRY_FIRST_S)
        for symbol in self._symbols:

            def progress(done: float, symbol: str = symbol) -> None:
                self._progress = f"history of {symbol} {done:.0%}" if done < 1.0 else ""

            async def deepen(symbol: str = symbol) -> None:
                await self._backfill.deepen(symbol, progress, self._save)

            await self._insisting(f"history of {symbol}", deepen)

    async def _insisting(self, what: str, attempt: Callable[[], Awaitable[None]]) -> None:
        for delay_s in _retry_delays():
            try:
                return await attempt()
            except (RestError, OSError) as error:
                logger.warning("not fetched, will retry: what=%s reason=%s", what, error)
                await self._sleep(delay_s)
        return None

    async def _saving(self) -> None:
        while True:
            await self._sleep(FLUSH_EVERY_S)
            await self._save()

    async def _save(self) -> None:
        try:
            await asyncio.to_thread(self._store.flush)
        except OSError as error:
            logger.warning("candles not saved, will retry: reason=%s", error)


def _retry_delays() -> Iterator[float]:
    return reconnect_delays(_RETRY_FIRST_S, _RETRY_CEILING_S)
