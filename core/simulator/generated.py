"""A market made from a seed: any instant of forty years, without living through the past."""

from collections.abc import Mapping, Sequence
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
_SECOND_DAYS_PER_SYMBOL = 2
_MINUTE_DAYS_PER_SYMBOL = 40


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
        self.listings: Mapping[str, Listing] = MappingProxyType({s: listing(s) for s in symbols})
        self._levels = {
            s: _slow_walk(generator(seed, s, "level"), _DAILY_SIGMA, _PULL) for s in symbols
        }
        self._heat = {
            s: _slow_walk(generator(seed, s, "heat"), _HEAT_SIGMA, _HEAT_PULL) for s in symbols
        }
        self._seconds: DayCache[Seconds] = DayCache(_SECOND_DAYS_PER_SYMBOL * len(symbols))
        self._minutes: DayCache[Bars] = DayCache(_MINUTE_DAYS_PER_SYMBOL * len(symbols))

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
        # Not through the cache of seconds: reading history would push today out of it.
        return minutes_of(self._draw(symbol, day), day)

    def _draw(self, symbol: str, day: int) -> Seconds:
        random = generator(self.seed, symbol, day)
        level, heat, i = self._levels[symbol], self._heat[symbol], day - EPOCH_DAY
        middle = np.log(self.listings[symbol].typical_price)
        path = day_path(random, middle + level[i], middle + level[i + 1], (heat[i], heat[i + 1]))
        return traded(random, path, self.listings[symbol])


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
