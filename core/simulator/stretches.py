"""The seconds around now, for hundreds of symbols: half an hour each instead of days."""

import zlib
from dataclasses import dataclass

import numpy as np

from core.simulator.market import Market
from core.simulator.seconds import DAY_MS, DAY_S, MINUTE_S, SECOND_MS, IntArray

_STRETCH_S = 1_800
_KEPT = 3  # the one before, for whoever still looks back; the one of now; the next


@dataclass(frozen=True, slots=True, eq=False)
class Stretch:
    """Whole minutes of one day, second by second, in the units of the listing."""

    first_ms: int
    end_ms: int
    price: IntArray
    buy: IntArray
    sell: IntArray
    trades: IntArray

    def index(self, at_ms: int) -> int:
        """Return which second an instant lies in."""
        return (at_ms - self.first_ms) // SECOND_MS

    def last_quantity(self, at_ms: int) -> int | None:
        """Return the quantity of the newest trade up to an instant; None if there is none."""
        until = self.index(at_ms) + 1
        traded = np.flatnonzero(self.buy[:until] + self.sell[:until])
        if not traded.size:
            return None
        return int(self.sell[traded[-1]]) or int(self.buy[traded[-1]])


class Stretches:
    """
    Cuts days into stretches and keeps the newest of each symbol.

    A day must be drawn as a whole, which takes milliseconds: `spend` spreads that over
    ticks. Each symbol has its own boundaries, so that not all days are drawn at once.
    """

    def __init__(self, market: Market) -> None:
        self._market = market
        self._kept: dict[str, tuple[Stretch, ...]] = {}
        self._allowance: int | None = None

    def at(self, symbol: str, at_ms: int) -> Stretch:
        """Return the stretch that holds an instant, drawing its day if need be."""
        found = self._found(symbol, at_ms)
        return self._cut(symbol, at_ms) if found is None else found

    def allow(self, draws: int) -> None:
        """Set how many days `spend` may draw from now on."""
        self._allowance = draws

    def spend(self, symbol: str, at_ms: int) -> bool:
        """
        Return whether an instant can be read now, drawing its day while that is allowed.

        Without a call of `allow` everything is.
        """
        if self._found(symbol, at_ms) is not None or self._allowance is None:
            return True
        if self._allowance <= 0:
            return False
        self._allowance -= 1
        self._cut(symbol, at_ms)
        return True

    def _found(self, symbol: str, at_ms: int) -> Stretch | None:
        for stretch in self._kept.get(symbol, ()):
            if stretch.first_ms <= at_ms < stretch.end_ms:
                return stretch
        return None

    def _cut(self, symbol: str, at_ms: int) -> Stretch:
        day, second = at_ms // DAY_MS, at_ms % DAY_MS // SECOND_MS
        phase = zlib.crc32(symbol.encode()) % (_STRETCH_S // MINUTE_S) * MINUTE_S
        before = (second - phase) % _STRETCH_S
        start = max(second - before, 0)
        stop = min(second - before + _STRETCH_S, DAY_S)
        seconds = self._market.seconds(symbol, day)
        self._market.minutes(symbol, day)  # drawn from the same seconds while they are at hand
        columns = (seconds.price, seconds.buy, seconds.sell, seconds.trades)
        first_ms, end_ms = (day * DAY_MS + edge * SECOND_MS for edge in (start, stop))
        made = Stretch(first_ms, end_ms, *(column[start:stop].copy() for column in columns))
        self._kept[symbol] = (made, *self._kept.get(symbol, ()))[:_KEPT]
        return made
