"""Trades folded into bars that know whether one is missing."""

from core.data.market_events import AggTrade
from core.data.orderflow.flow_columns import FlowColumns
from core.data.orderflow.footprint_bars import FootprintBars
from core.data.orderflow.id_order import IdOrder, Place
from core.data.orderflow.statistics import OrderFlowStatistics
from core.model.intervals import MINUTE_MS

# Far outside any market; within, no sum and no bucket can overflow.
_LEAST_PRICE, _MOST = 1e-12, 1e15
_NOTHING = (0.0, 0.0, 0.0, 0.0)


class TradeBars:
    """
    The running bar of one symbol; ended ones are in the columns.

    A bar is complete once a trade of a later bar came and no id is missing from the last trade
    before it to the first after it. So a minute without trades is complete as well.
    """

    def __init__(
        self, columns: FlowColumns, footprints: FootprintBars, statistics: OrderFlowStatistics
    ) -> None:
        self._columns = columns
        self._footprints = footprints
        self._statistics = statistics
        self._order = IdOrder()
        self._open_ms = -MINUTE_MS
        self._whole = False
        self._trades = 0
        self._bought = self._sold = self._bought_quote = self._sold_quote = 0.0

    def take(self, trade: AggTrade) -> None:
        """Count a trade, once."""
        if not _sound(trade):
            # Its id is then missing, and so its bar incomplete.
            self._statistics.unsound += 1
            return
        at_ms, last_id = trade.trade_time_ms, self._order.last_id
        place = self._order.place(trade.trade_id, at_ms, self._open_ms)
        if place is not Place.NEXT:
            self._take_odd(trade, place)
            return
        open_ms = at_ms - at_ms % MINUTE_MS
        follows = last_id is not None and trade.trade_id == last_id + 1
        if last_id is not None and not follows:
            self._statistics.trades_lost += trade.trade_id - last_id - 1
        if open_ms != self._open_ms:
            self._end(open_ms, follows=follows)
        elif not follows:
            self._whole = False
        self._add(trade)

    def flush(self) -> None:
        """Bring the columns up to date with the running bar."""
        if self._order.last_id is not None:
            self._write(complete=False)

    def _add(self, trade: AggTrade) -> None:
        quantity = trade.quantity
        if quantity <= 0.0:
            return
        self._trades += trade.trades
        if trade.taker_buys:
            self._bought += quantity
            self._bought_quote += quantity * trade.price
        else:
            self._sold += quantity
            self._sold_quote += quantity * trade.price
        self._footprints.add(self._open_ms, trade.price, quantity, taker_buys=trade.taker_buys)

    def _take_odd(self, trade: AggTrade, place: Place) -> None:
        if place is Place.REPEATED:
            self._statistics.trades_repeated += 1
            return
        self._statistics.unsound += 1
        at_ms = trade.trade_time_ms
        self._columns.doubt(at_ms - at_ms % MINUTE_MS)
        if place is Place.RENUMBERED:
            self._statistics.restarts += 1
            self._columns.clear()
            self._footprints.clear()
            self._begin(at_ms - at_ms % MINUTE_MS, whole=False)
            self._add(trade)

    def _end(self, open_ms: int, *, follows: bool) -> None:
        if self._open_ms >= 0:
            self._write(complete=self._whole and follows)
            if follows:
                earliest_ms = open_ms - self._columns.span_ms
                for empty_ms in range(
                    max(self._open_ms + MINUTE_MS, earliest_ms), open_ms, MINUTE_MS
                ):
                    self._columns.write_trades(empty_ms, _NOTHING, 0, complete=True)
        self._begin(open_ms, whole=follows)

    def _begin(self, open_ms: int, *, whole: bool) -> None:
        self._open_ms, self._whole, self._trades = open_ms, whole, 0
        self._bought = self._sold = self._bought_quote = self._sold_quote = 0.0

    def _write(self, *, complete: bool) -> None:
        volumes = (self._bought, self._sold, self._bought_quote, self._sold_quote)
        self._columns.write_trades(self._open_ms, volumes, self._trades, complete=complete)


def _sound(trade: AggTrade) -> bool:
    # The exchange numbers some prints with price and quantity 0; nothing was traded in them.
    if trade.quantity == 0.0:
        return 0.0 <= trade.price < _MOST
    return 0.0 < trade.quantity < _MOST and _LEAST_PRICE < trade.price < _MOST
