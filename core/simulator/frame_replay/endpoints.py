"""The REST endpoints of a replay: what was recorded, as far as it has been played."""

from collections.abc import Sequence

from core.simulator.bars import KLINE_MINUTES, MINUTE_MS
from core.simulator.exchange_info import exchange_info
from core.simulator.faults.requests import RequestFaults
from core.simulator.frame_replay.state import ReplayState
from core.simulator.listings import Listing
from core.simulator.rest_endpoints import Endpoint, Resource
from core.simulator.rest_parameters import ApiError, Parameters
from core.simulator.weight import depth_weight, kline_weight

_DEPTHS = (5, 10, 20, 50, 100, 500, 1_000)
_MOST_KLINES = 1_500
_OTHERS = ("premiumIndex", "ticker/24hr", "fundingRate", "aggTrades", "markPriceKlines")


class ReplayEndpoints:
    """
    Answers as an exchange would that lists what was recorded.

    Args:
        state: How far the replay is.
        listings: The symbols, with precision for when no exchangeInfo was recorded.
        label: How people must be told that this is no live market.
        faults: What goes wrong with requests.
    """

    def __init__(
        self,
        state: ReplayState,
        listings: Sequence[Listing],
        label: str,
        faults: RequestFaults,
    ) -> None:
        self._faults = faults
        self._state = state
        self._listings = listings
        self._label = label

    def resources(self) -> dict[str, Resource]:
        """Return every path under the root of the server."""
        light = Resource(lambda _: {}, lambda _: 1)
        time = Resource(lambda _: {"serverTime": self._server_ms()}, lambda _: 1)
        others = {f"/fapi/v1/{name}": Resource(self._other(name), lambda _: 1) for name in _OTHERS}
        return others | {
            "/api/v3/ping": light,
            "/api/v3/time": time,
            "/fapi/v1/ping": light,
            "/fapi/v1/time": time,
            "/fapi/v1/exchangeInfo": Resource(self._exchange_info, lambda _: 1),
            "/fapi/v1/klines": Resource(
                self._klines, lambda given: kline_weight(given.limit(500, _MOST_KLINES))
            ),
            "/fapi/v1/depth": Resource(
                self._depth, lambda given: depth_weight(given.limit(500, 1_000))
            ),
        }

    def _server_ms(self) -> int:
        return self._state.market_ms + self._faults.skew_ms()

    def _exchange_info(self, given: Parameters) -> object:
        del given
        now_ms = self._server_ms()
        made = exchange_info(self._listings, self._label, now_ms)
        recorded = self._state.exchange_info
        entries = recorded.get("symbols") if recorded is not None else None
        if recorded is None or not isinstance(entries, list):
            return made
        listed = {listing.symbol for listing in self._listings}
        kept = [e for e in entries if isinstance(e, dict) and str(e.get("symbol")) in listed]
        own = {"serverTime": now_ms, "simulator": self._label}
        return {**recorded, **own, "symbols": kept}

    def _klines(self, given: Parameters) -> object:
        symbol, interval = given.symbol(), given.interval(KLINE_MINUTES)
        start_ms, end_ms = given.times()
        limit = given.limit(500, _MOST_KLINES)
        more = self._faults.most_missing(symbol, KLINE_MINUTES[interval] * MINUTE_MS)
        rows = self._state.candles.rows(
            symbol,
            interval,
            self._state.market_ms,
            start_ms=start_ms,
            end_ms=end_ms,
            limit=limit + more,
        )
        there = [row for row in rows if not self._faults.is_missing(symbol, row[0])]
        return there[-limit:] if start_ms is None else there[:limit]

    def _depth(self, given: Parameters) -> object:
        symbol, limit = given.symbol(), given.limit(500, 1_000)
        if limit not in _DEPTHS:
            raise ApiError(-4021, "Invalid depth limit.")
        body = self._state.book(symbol, limit)
        if body is None:
            raise _absent(f"depth of {symbol}")
        return body

    def _other(self, name: str) -> Endpoint:
        def answer(given: Parameters) -> object:
            symbol = given.optional_symbol() or ""
            body = self._state.other(name, symbol)
            if body is None:
                raise _absent(name)
            return body

        return answer


def _absent(what: str) -> ApiError:
    return ApiError(-1000, f"This recording holds no {what}.")
