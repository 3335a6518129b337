"""
The live market, whole or honest about not being so.

Candles and, once a second, mark prices come by the stream; prices beat when nobody trades. What
the stream does not deliver is fetched by REST: after each loss, and whenever a closed candle is
overdue. Fetching never holds up the reading of frames.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Collection

from core.config import Settings
from core.data.backfill import Backfill, History
from core.data.candle_saver import CandleSaver
from core.data.data_store import DataStore
from core.data.deepening import Deepening
from core.data.event_intake import EventIntake
from core.data.feed_status import FeedState, FeedStatus, Stream, SymbolUniverse
from core.data.feed_view import FeedView
from core.data.followed_symbol import FollowedSymbol
from core.data.following import Following
from core.data.higher_history import HigherHistory
from core.data.orderflow.order_flow import OrderFlow
from core.data.pace import Pace
from core.data.repair_crew import RepairCrew
from core.data.sockets.health import StreamState
from core.data.universe_watch import UniverseWatch
from core.model.candles import CandleUpdate
from core.model.intervals import Interval

__all__ = ["FeedState", "FeedStatus", "MarketFeed"]

_TEND_EVERY_S = 1.0


class MarketFeed(FeedView):
    """
    Keeps the store current and tells listeners; `run` is its whole life.

    Args:
        settings: What to follow and how much of it to keep.
        store: Where candles go.
        stream: Where they come from.
        rest: Where those come from that the stream did not deliver.
        universe: Which symbols there are.
        order_flow: Given trades and books of what is in focus.
        monotonic, sleep: Time, for tests.

    Attributes:
        order_flow: Trades and books of what is in focus.
    """

    def __init__(
        self,
        settings: Settings,
        store: DataStore,
        stream: Stream,
        rest: History,
        universe: SymbolUniverse,
        *,
        order_flow: OrderFlow,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        following = Following(settings, universe, self._made)
        intake = EventIntake(
            following,
            store,
            order_flow,
            statistics=stream.statistics,
            want=self._want,
            monotonic=monotonic,
        )
        super().__init__(following, universe, stream, intake, monotonic=monotonic)
        self.order_flow = order_flow
        self._store = store
        self._sleep = sleep
        self._changed = asyncio.Event()
        self._backfill = Backfill(store, rest)
        self._saver = CandleSaver(store, self._lost, sleep=sleep)
        pace = Pace(settings.exchange.weight_per_minute, sleep=sleep)
        self._higher = HigherHistory(
            settings,
            store,
            self._backfill,
            newest_minute_ms=self._newest_minute_ms,
            save=self._saver.save,
            sleep=sleep,
            monotonic=monotonic,
        )
        self._deepening = Deepening(
            settings,
            store,
            self._backfill,
            ready=self._deepenable,
            save=self._saver.save,
            pace=pace,
            sleep=sleep,
        )
        self._crew = RepairCrew(self._find, intake.announce, pace, sleep=sleep, monotonic=monotonic)
        self._watch = UniverseWatch(universe, self._changed.set, sleep=sleep)

    async def run(self) -> None:
        """Stream until cancelled; what was received is saved when this ends."""
        try:
            await self._follow()
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(
                    self._stream.run(self._following.selection.names, self._intake.take)
                )
                tasks.create_task(self._watch.run())
                tasks.create_task(self._following_changes())
                tasks.create_task(self._crew.run())
                tasks.create_task(self._tending())
                tasks.create_task(self._deepening.run())
                tasks.create_task(self._saver.run())
                tasks.create_task(self.order_flow.run())
        finally:
            self._stopped = True
            await self._saver.save(everything=True)

    def listen(self, listener: Callable[[CandleUpdate], None]) -> None:
        """
        Tell ``listener`` of every 1m update once the store has it; it must not block.

        Closed candles come in order and without a hole, each once: a missing one is fetched
        first. What closed before the first connect of this run is history and not announced,
        nor is a bar that the exchange has only after it was given up.
        """
        self._intake.listen(listener)

    def focus(self, symbols: Collection[str]) -> None:
        """Care for what pages show, besides the engine's list, before all else."""
        if self._following.show(symbols):
            self._changed.set()

    def restart(self) -> None:
        """Replace every socket by a new one."""
        self._stream.restart()

    async def ensure(self, symbol: str, interval: Interval, candles: int | None = None) -> None:
        """
        Load the history of a higher interval, once: the newest ``candles`` of it, or all.

        Raises:
            RestError: If the exchange fails.
        """
        if interval is not Interval.M1:
            await self._higher.ensure(symbol, interval, candles)

    async def complete(self, symbol: str, start_ms: int, end_ms: int) -> None:
        """Fetch the 1m bars missing in a range; those absent afterwards never printed."""
        await self._backfill.complete(symbol, start_ms, end_ms)

    async def _follow(self) -> None:
        """Follow what should be followed by now; what is new is read from disk first."""
        before = set(self._following.focused)
        change = self._following.update()
        focused = self._following.focused
        self._store.focus(focused)
        for symbol in change.added:
            self._deepening.again(symbol)  # nobody knows what was missed while it was left alone
            await asyncio.to_thread(self._store.refresh, symbol, Interval.M1)
        for symbol in focused:
            if symbol not in before:
                for interval in Interval:
                    await asyncio.to_thread(self._store.refresh, symbol, interval)
        self.order_flow.follow(focused)
        self._stream.unsubscribe(change.unsubscribe)
        self._stream.subscribe(change.subscribe)
        for symbol in change.removed:
            self._crew.forget(symbol)
        for symbol, followed in self._following.members.items():
            if followed.repair.pending and followed.link is FeedState.LIVE:
                self._crew.want(symbol)  # those without a link are looked at once they have one

    async def _following_changes(self) -> None:
        while True:
            await self._changed.wait()
            self._changed.clear()
            await self._follow()

    async def _tending(self) -> None:
        """See to what no frame tells."""
        while True:
            await self._sleep(_TEND_EVERY_S)
            self._intake.look_for_overdue()
            health = self._stream.health()
            for name, symbol in self._following.selection.candles.items():
                followed = self._following.members.get(symbol)
                if followed is None:
                    continue
                told = health.get(name)
                if told is not None:
                    silent = told.state is StreamState.SILENT
                    followed.mute = f"{name}: {told.detail or 'silent'}" if silent else ""
                    if told.state in (StreamState.LIVE, StreamState.QUIET):
                        followed.heard()
                pending = followed.repair.pending and followed.link is FeedState.LIVE
                if pending or followed.repair.due():
                    self._crew.want(symbol)

    def _want(self, symbol: str) -> None:
        self._crew.want(symbol)

    def _find(self, symbol: str) -> FollowedSymbol | None:
        return self._following.members.get(symbol)

    def _made(self, symbol: str, window_candles: int) -> FollowedSymbol:
        return FollowedSymbol(
            symbol,
            self._backfill,
            window_candles=window_candles,
            market_ms=self.market_time_ms,
            monotonic=self._monotonic,
        )

    def _newest_minute_ms(self, symbol: str) -> int | None:
        followed = self._following.members.get(symbol)
        return followed.sequence.last_ms if followed is not None else None

    def _deepenable(self) -> tuple[str, ...]:
        return tuple(
            followed.symbol
            for followed in self._focused()
            if followed.link is FeedState.LIVE
            and not (followed.repair.pending or followed.trouble or followed.refused)
        )

    def _lost(self, symbol: str, interval: Interval) -> None:
        """Fetch anew what somebody has deleted, as far as memory does not hold it."""
        followed = self._following.members.get(symbol)
        if interval is not Interval.M1:
            self._higher.forget(symbol, interval)
        elif followed is not None:
            self._deepening.again(symbol)
            followed.repair.check()
            self._crew.want(symbol)

    def _differences(self) -> int:
        return self._backfill.differences

    def _doing(self) -> tuple[str, ...]:
        unsaved = f"candles are not saved: {self._saver.alarm}" if self._saver.alarm else ""
        return unsaved, self._watch.trouble, self._deepening.progress
