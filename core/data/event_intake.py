"""Where each event of the streams goes; work for one is the same however many symbols there are."""

import time
from collections.abc import Callable
from typing import Any

from core.data.bar_sequence import CLOSE_GRACE_MS
from core.data.data_store import DataStore
from core.data.feed_status import FeedState, Flow
from core.data.followed_symbol import FollowedSymbol
from core.data.following import Following
from core.data.market_events import AggTrade, BookTop, DepthUpdate, MarkPrice, MarkPrices
from core.data.market_time import MarketTime
from core.data.sockets.events import Connected, Disconnected, StreamEvent, StreamStatistics
from core.model.candles import CandleUpdate
from core.model.intervals import MINUTE_MS, Interval

# Looked up for each frame; an attribute of an enumeration costs more than one of a module.
_M1 = Interval.M1
_LIVE = FeedState.LIVE


class EventIntake:
    """
    Takes events in, and announces candles in order.

    Args:
        following: Whose events matter.
        store: Has each candle before anybody hears of it.
        order_flow: Gets trades and books.
        statistics: Where events are counted whose time cannot be.
        want: Has a symbol looked at that lacks something.
        monotonic: Tells when something was heard.

    Attributes:
        time: What time it is at the exchange.
        heard_s: When the newest believable frame came, monotonic; None before the first.
    """

    def __init__(
        self,
        following: Following,
        store: DataStore,
        order_flow: Flow,
        *,
        statistics: StreamStatistics,
        want: Callable[[str], None],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.time = MarketTime()
        self.heard_s: float | None = None
        self._following = following
        self._store = store
        self._order_flow = order_flow
        self._statistics = statistics
        self._want = want
        self._monotonic = monotonic
        self._overdue_from_ms = 0
        self._listeners: list[Callable[[CandleUpdate], None]] = []
        self._takers: dict[type, Callable[[Any], None]] = {
            CandleUpdate: self._take_candle,
            MarkPrice: self._take_mark,
            MarkPrices: self._take_marks,
            AggTrade: self._take_flow,
            BookTop: self._take_flow,
            DepthUpdate: self._take_flow,
            Connected: self._take_connect,
            Disconnected: self._take_disconnect,
        }

    def listen(self, listener: Callable[[CandleUpdate], None]) -> None:
        """Tell ``listener`` of every candle once the store has it."""
        self._listeners.append(listener)

    def take(self, event: StreamEvent) -> None:
        """Take an event in; never blocks."""
        self._takers[type(event)](event)

    def announce(self, update: CandleUpdate) -> None:
        """Tell the listeners of a candle whose turn it is; the store has those of REST already."""
        if not update.closed:
            self._store.set_running(update)
        elif not update.from_rest:
            self._store.append(update.symbol, update.candle)
        for listener in self._listeners:
            listener(update)

    def look_for_overdue(self) -> None:
        """
        Have bars fetched that should be there, of all symbols.

        One that has fallen silent alone cannot tell that its bars are overdue. Happens once in
        each minute of the market, never for each frame.
        """
        told_ms = (self.time.newest_ms or 0) - CLOSE_GRACE_MS
        self._overdue_from_ms = Interval.M1.open_time_ms(told_ms) + MINUTE_MS + CLOSE_GRACE_MS
        for symbol, followed in self._following.members.items():
            if followed.repair.hole() is not None:
                self._want(symbol)

    def _take_candle(self, update: CandleUpdate) -> None:
        followed = self._following.members.get(update.symbol)
        if followed is None or update.interval is not _M1:
            return
        dated = self.time.told_by_candle(update)
        if dated is None:
            self._statistics.malformed["time"] += 1
            return
        self.heard_s = self._monotonic()
        if dated.event_time_ms >= self._overdue_from_ms:
            self.look_for_overdue()
        self._take_in(dated, followed)

    def _take_in(self, update: CandleUpdate, followed: FollowedSymbol) -> None:
        sequence = followed.sequence
        if followed.link is not _LIVE:
            followed.heard()
        if update.closed and sequence.passed(update.candle.open_time_ms):
            if followed.lateness(update):
                self._store.append(update.symbol, update.candle)
            return
        for released in sequence.offer(update):
            self.announce(released)
        if sequence.ahead:
            self._want(update.symbol)

    def _take_mark(self, mark: MarkPrice) -> None:
        followed = self._following.members.get(mark.symbol)
        if followed is not None and self._believed(mark.event_time_ms):
            followed.mark = mark
            # It may come through another socket than the candles.
            if followed.subscribed and followed.link is not FeedState.LIVE:
                followed.heard()

    def _take_marks(self, event: MarkPrices) -> None:
        if self._believed(event.event_time_ms):
            members = self._following.members
            for mark in event.marks:
                followed = members.get(mark.symbol)
                if followed is not None:
                    followed.mark = mark

    def _take_flow(self, event: AggTrade | BookTop | DepthUpdate) -> None:
        if self.time.near(event.event_time_ms):
            self._order_flow.take(event)
        else:
            self._statistics.malformed["time"] += 1

    def _take_connect(self, event: Connected) -> None:
        self.time.connected()
        for symbol in self._following.selection.symbols_of(event.streams):
            followed = self._following.members[symbol]
            followed.connected()
            if followed.repair.pending:
                self._want(symbol)

    def _take_disconnect(self, event: Disconnected) -> None:
        selection = self._following.selection
        for symbol in selection.symbols_of(event.streams):
            self._following.members[symbol].disconnected(event.reason, silent=event.silent)
        cut = selection.flow_of(event.streams)
        if cut:
            self._order_flow.disconnected(cut)

    def _believed(self, event_time_ms: int) -> bool:
        if not self.time.told(event_time_ms):
            self._statistics.malformed["time"] += 1
            return False
        self._heard(event_time_ms)
        return True

    def _heard(self, told_ms: int) -> None:
        self.heard_s = self._monotonic()
        if told_ms >= self._overdue_from_ms:
            self.look_for_overdue()
