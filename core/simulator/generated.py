"""A market made from a seed: any instant of forty years, without living through the past."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from core.model.candles import FloatArray
from core.simulator.bars import Bars, minutes_of
from core.simulator.day_cache import DayCache
from core.simulator.errors import SimulatorError
from core.simulator.listings import Listing, listing
from core.simulator.market import Span, generator
from core.simulator.price_path import day_path
from core.simulator.seconds import DAY_MS, Seconds
from core.simulator.trade_flow import traded

EPOCH_DAY = 20_054  # 2024-11-27, 400 days before 2026-01-01
_LAST_DAY = EPOCH_DAY + 14_610
_DAILY_SIGMA = 0.033
_PULL = 0.004  # part of the way back to the typical price, each day
_HEAT_SIGMA, _HEAT_PULL = 0.16, 0.15
_LARGEST_BLOCK_BYTES = 24 << 20
_SECOND_DAYS_PER_SYMBOL, _MOST_SECOND_DAYS = 2, 48  # 2.8 MB each
_MINUTE_DAYS_PER_SYMBOL, _MOST_MINUTE_DAYS = 40, 1_500  # 0.13 MB each
_ROOM_TO_LIST = 4  # symbols that may be listed later


class GeneratedMarket:
    """
    A `Market` whose every instant follows from (seed, symbol, time).

    Raises:
        SimulatorError: If no symbol is given, one is named twice or cannot be a symbol.
    """

    def __init__(self, symbols: Sequence[str], seed: int) -> None:
        if not symbols or len(set(symbols)) != len(symbols):
            raise SimulatorError(f"symbols must be named once each, were {', '.join(symbols)!r}")
        _keep_freed_memory()
        self.label = "SIMULATED"
        self.seed = seed
        self._listings = {symbol: listing(symbol) for symbol in symbols}
        self.listings: Mapping[str, Listing] = MappingProxyType(self._listings)
        self._walks: dict[str, _Walks] = {}
        expected = len(symbols) + _ROOM_TO_LIST
        self._seconds: DayCache[Seconds] = DayCache(
            min(_SECOND_DAYS_PER_SYMBOL * expected, _MOST_SECOND_DAYS)
        )
        self._minutes: DayCache[Bars] = DayCache(
            min(_MINUTE_DAYS_PER_SYMBOL * expected, _MOST_MINUTE_DAYS)
        )

    def add(self, symbol: str) -> None:
        """
        List one more symbol.

        Raises:
            SimulatorError: If the text cannot be a symbol.
        """
        self._listings.setdefault(symbol, listing(symbol))

    def span(self, symbol: str) -> Span:
        """All generated markets exist for forty years from the epoch day on."""
        del symbol
        return Span(EPOCH_DAY * DAY_MS, _LAST_DAY * DAY_MS)

    def seconds(self, symbol: str, day: int) -> Seconds:
        """Return a day, second by second."""
        return self._seconds.fetch(symbol, day, self._draw)

    def minutes(self, symbol: str, day: int) -> Bars:
        """Return the 1,440 candles of a day."""
        return self._minutes.fetch(symbol, day, self._fold)

    def _fold(self, symbol: str, day: int) -> Bars:
        # Not into the cache of seconds: reading history would push today out of it.
        drawn = self._seconds.held(symbol, day)
        return minutes_of(self._draw(symbol, day) if drawn is None else drawn, day)

    def _draw(self, symbol: str, day: int) -> Seconds:
        random = generator(self.seed, symbol, day)
        walks, i = self._walks_of(symbol), day - EPOCH_DAY
        level, heat = walks.level, walks.heat
        middle = np.log(self.listings[symbol].typical_price)
        path = day_path(random, middle + level[i], middle + level[i + 1], (heat[i], heat[i + 1]))
        return traded(random, path, self.listings[symbol])

    def _walks_of(self, symbol: str) -> "_Walks":
        walks = self._walks.get(symbol)
        if walks is None:
            level, heat = (generator(self.seed, symbol, name) for name in ("level", "heat"))
            walks = self._walks[symbol] = _Walks(
                _slow_walk(level, _DAILY_SIGMA, _PULL), _slow_walk(heat, _HEAT_SIGMA, _HEAT_PULL)
            )
        return walks


@dataclass(frozen=True, slots=True, eq=False)
class _Walks:
    """Log price above the typical one and log volatility, one value for each day."""

    level: FloatArray
    heat: FloatArray


def _keep_freed_memory() -> None:
    """
    Teach malloc to reuse blocks of a day's size; a day then takes a third less time.

    Source: mallopt(3), M_MMAP_THRESHOLD: freeing one large block raises the threshold
    from which blocks go back to the system. Elsewhere than on glibc this does nothing.
    """
    np.empty(_LARGEST_BLOCK_BYTES, dtype=np.uint8)


def _slow_walk(random: np.random.Generator, sigma: float, pull: float) -> FloatArray:
    """Draw one value for each day, pulled towards zero; the same prefix for any length."""
    steps = sigma * random.standard_normal(_LAST_DAY - EPOCH_DAY + 1)
    walk, at = np.empty_like(steps), 0.0
    for i, step in enumerate(steps.tolist()):
        at += step - pull * at
        walk[i] = at
    return walk
