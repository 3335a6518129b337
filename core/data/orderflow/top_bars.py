"""How the top of the book leaned in each bar, weighted by time."""

import math

from core.data.market_events import BookTop
from core.data.orderflow.flow_columns import FlowColumns
from core.data.orderflow.id_order import IdOrder, Place
from core.data.orderflow.statistics import OrderFlowStatistics
from core.model.intervals import MINUTE_MS

_BPS = 10_000.0
# Far outside any market; within, no sum can overflow.
_MOST = 1e15


class TopBars:
    """
    The running bar of one symbol; ended ones are in the columns.

    A best bid and ask hold until the next are told, across bars too: the exchange sends only
    changes. After `interrupted` they hold no longer, and the time until the next counts for
    nothing.
    """

    def __init__(self, columns: FlowColumns, statistics: OrderFlowStatistics) -> None:
        self._columns = columns
        self._statistics = statistics
        self._order = IdOrder()
        self._open_ms = -MINUTE_MS
        self._since_ms = 0
        self._holds = False
        self._imbalance = self._spread_bps = math.nan
        self._weight_ms = 0
        self._imbalance_sum = self._spread_sum = 0.0

    def take(self, top: BookTop) -> None:
        """Let a best bid and ask hold from its event time on."""
        if not _sound(top):
            self._statistics.unsound += 1
            return
        if top.bid == 0.0 or top.ask == 0.0:
            # A side without orders: there is no middle to lean from.
            self.interrupted()
            return
        at_ms = top.event_time_ms
        place = self._order.place(top.update_id, at_ms, self._open_ms)
        if place is not Place.NEXT:
            if not self._renumbered(place):
                return
            self._open_ms, self._holds = -MINUTE_MS, False
        open_ms = at_ms - at_ms % MINUTE_MS
        if open_ms != self._open_ms:
            self._end(open_ms)
        # Events of one millisecond may be told in the wrong order of time.
        at_ms = max(at_ms, self._since_ms)
        self._hold_until(at_ms)
        self._since_ms, self._holds = at_ms, True
        bid, ask = top.bid_quantity, top.ask_quantity
        self._imbalance = (bid - ask) / (bid + ask)
        self._spread_bps = (top.ask - top.bid) / (top.ask + top.bid) * 2.0 * _BPS

    def interrupted(self) -> None:
        """Know nothing of the time until the next best bid and ask."""
        self._holds = False

    def flush(self) -> None:
        """Bring the columns up to date with the running bar."""
        if self._open_ms >= 0:
            self._write()

    def _renumbered(self, place: Place) -> bool:
        if place is Place.REPEATED:
            self._statistics.tops_repeated += 1
        else:
            self._statistics.unsound += 1
        if place is Place.RENUMBERED:
            self._statistics.restarts += 1
            self._columns.clear()
        return place is Place.RENUMBERED

    def _end(self, open_ms: int) -> None:
        """Close the running bar and those that passed without an event."""
        if self._open_ms >= 0:
            self._pass_to(self._open_ms + MINUTE_MS)
            if self._holds:
                earliest_ms = open_ms - self._columns.span_ms
                first_ms = max(self._open_ms + MINUTE_MS, earliest_ms)
                for quiet_ms in range(first_ms, open_ms, MINUTE_MS):
                    self._begin(quiet_ms)
                    self._pass_to(quiet_ms + MINUTE_MS)
        self._begin(open_ms)

    def _pass_to(self, end_ms: int) -> None:
        self._hold_until(end_ms)
        self._write()

    def _hold_until(self, until_ms: int) -> None:
        if self._holds:
            elapsed_ms = until_ms - self._since_ms
            self._weight_ms += elapsed_ms
            self._imbalance_sum += elapsed_ms * self._imbalance
            self._spread_sum += elapsed_ms * self._spread_bps

    def _begin(self, open_ms: int) -> None:
        self._open_ms = self._since_ms = open_ms
        self._weight_ms = 0
        self._imbalance_sum = self._spread_sum = 0.0

    def _write(self) -> None:
        weight_ms = self._weight_ms
        mean = self._imbalance_sum / weight_ms if weight_ms else self._imbalance
        spread = self._spread_sum / weight_ms if weight_ms else self._spread_bps
        self._columns.write_tops(self._open_ms, (mean, self._imbalance, spread))


def _sound(top: BookTop) -> bool:
    return (
        (0.0 <= top.bid < top.ask < _MOST or (top.ask == 0.0 and 0.0 <= top.bid < _MOST))
        and 0.0 <= top.bid_quantity < _MOST
        and 0.0 <= top.ask_quantity < _MOST
        and top.bid_quantity + top.ask_quantity > 0.0
    )
