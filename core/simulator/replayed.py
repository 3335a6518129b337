"""A market played back from recorded candles."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np

from core.simulator.bars import MINUTE_MS, Bars, minutes_of
from core.simulator.day_cache import DayCache
from core.simulator.errors import SimulatorError
from core.simulator.expansion import DayOfMinutes, expanded, invented_buys, invented_trades
from core.simulator.listings import Listing
from core.simulator.market import Span, generator
from core.simulator.replay_files import RecordedMinutes
from core.simulator.seconds import DAY_MINUTES, DAY_MS, IntArray, Seconds

_SECOND_DAYS_PER_SYMBOL = 2
_MINUTE_DAYS_PER_SYMBOL = 40


@dataclass(frozen=True, slots=True)
class _Window:
    """Which minutes of a day are recorded, and where: day[into] is recording[of]."""

    into: slice
    of: slice


class ReplayedMarket:
    """
    A `Market` that repeats recorded 1m candles exactly and fills in what lies between.

    Args:
        recordings: One per symbol.
        seed: What is filled in (seconds, and flow that was not recorded) follows from it.
    """

    def __init__(self, recordings: tuple[RecordedMinutes, ...], seed: int) -> None:
        whole = all(recording.whole_flow for recording in recordings)
        self.label = "SIMULATED" if whole else "SIMULATED, SYNTHETIC FLOW"
        self.seed = seed
        self._recordings = {r.listing.symbol: r for r in recordings}
        self.listings: Mapping[str, Listing] = MappingProxyType(
            {symbol: r.listing for symbol, r in self._recordings.items()}
        )
        self._seconds: DayCache[Seconds] = DayCache(_SECOND_DAYS_PER_SYMBOL * len(recordings))
        self._minutes: DayCache[Bars] = DayCache(_MINUTE_DAYS_PER_SYMBOL * len(recordings))

    def add(self, symbol: str) -> None:
        """Refuse: nothing else was recorded."""
        raise SimulatorError(f"the recording has no candles of {symbol}")

    def span(self, symbol: str) -> Span:
        """From the first to the end of the last recorded candle."""
        recording = self._recordings[symbol]
        return Span(recording.first_ms, recording.end_ms)

    def seconds(self, symbol: str, day: int) -> Seconds:
        """Return a day, second by second."""
        return self._seconds.fetch(symbol, day, self._expand)

    def minutes(self, symbol: str, day: int) -> Bars:
        """Return the 1,440 candles of a day."""
        return self._minutes.fetch(symbol, day, self._fold)

    def _fold(self, symbol: str, day: int) -> Bars:
        minutes = minutes_of(self._expand(symbol, day), day)
        recording, window = self._recordings[symbol], self._window(symbol, day)
        recorded: dict[str, IntArray] = {}
        if recording.quote is not None:
            recorded["quote"] = _padded(recording.quote, window)
        if recording.buy_quote is not None:
            recorded["buy_quote"] = _padded(recording.buy_quote, window)
        return replace(minutes, **recorded)

    def _expand(self, symbol: str, day: int) -> Seconds:
        random = generator(self.seed, symbol, day, "replay")
        recording, window = self._recordings[symbol], self._window(symbol, day)
        listing, nothing = recording.listing, np.zeros(DAY_MINUTES, dtype=np.int64)
        minutes = DayOfMinutes(
            open=_padded(recording.open, window, hold=True),
            high=_padded(recording.high, window, hold=True),
            low=_padded(recording.low, window, hold=True),
            close=_padded(recording.close, window, hold=True),
            volume=_padded(recording.volume, window),
            buy=nothing,
            trades=nothing,
        )
        buy, trades = invented_buys(random, minutes), invented_trades(random, minutes, listing)
        if recording.buy is not None:
            buy = _padded(recording.buy, window)
        if recording.trades is not None:
            trades = _padded(recording.trades, window)
        return expanded(random, replace(minutes, buy=buy, trades=trades), listing.tick_units)

    def _window(self, symbol: str, day: int) -> _Window:
        recording = self._recordings[symbol]
        offset = (day * DAY_MS - recording.first_ms) // MINUTE_MS
        start = min(max(offset, 0), recording.open.size)
        stop = min(max(offset + DAY_MINUTES, start), recording.open.size)
        return _Window(slice(start - offset, stop - offset), slice(start, stop))


def _padded(column: IntArray, window: _Window, *, hold: bool = False) -> IntArray:
    """Lay recorded minutes into a day; outside it nothing, or (``hold``) a flat price."""
    day = np.full(DAY_MINUTES, column[0] if hold else 0, dtype=np.int64)
    day[window.into] = column[window.of]
    return day
